//! `DELETE /api/v3/userDataStream`: ends a listen key.

use crate::{Call, Error, KeyHolder, Reply};

/// The listen key.
pub const PARAMETERS: &[&str] = &["listenKey"];

/// Answers when the key is void. Who listens under it is told.
///
/// # Errors
/// [`Error::UnknownListenKey`] when the account has no such key, or no longer; [`Error::Mandatory`].
pub async fn handle(call: Call<KeyHolder>) -> Result<Reply, Error> {
    let (app, key) = (&call.app, call.params.required("listenKey")?);
    app.listen_keys.close(call.caller.account, key, app.clock.monotonic_us())?;
    Ok(Reply::json("{}".to_owned()))
}
