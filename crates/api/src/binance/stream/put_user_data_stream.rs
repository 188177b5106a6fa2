//! `PUT /api/v3/userDataStream`: keeps a listen key alive.

use crate::{Call, Error, KeyHolder, Reply};

/// The listen key.
pub const PARAMETERS: &[&str] = &["listenKey"];

/// Answers when the key is good for another hour.
///
/// # Errors
/// [`Error::UnknownListenKey`] when the account has no such key, or no longer; [`Error::Mandatory`].
pub async fn handle(call: Call<KeyHolder>) -> Result<Reply, Error> {
    let (app, holder, key) = (&call.app, &call.caller, call.params.required("listenKey")?);
    app.listen_keys.keep_alive(holder.account, key, holder.key.key(), app.clock.monotonic_us())?;
    Ok(Reply::json("{}".to_owned()))
}
