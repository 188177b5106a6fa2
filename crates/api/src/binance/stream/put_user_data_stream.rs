//! `PUT /api/v3/userDataStream`: keeps a listen key alive.

use crate::openapi::{Docs, Nothing};
use crate::{Call, Cost, Error, KeyHolder, Reply};

/// The listen key.
pub const PARAMETERS: &[&str] = &["listenKey"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Nothing>("Keeps a listen key alive for another hour", &["listenKey"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

/// Answers when the key is good for another hour.
///
/// # Errors
/// [`Error::UnknownListenKey`] when the account has no such key, or no longer; [`Error::Mandatory`].
pub async fn handle(call: Call<KeyHolder>) -> Result<Reply, Error> {
    let (app, holder, key) = (&call.app, &call.caller, call.params.required("listenKey")?);
    app.listen_keys.keep_alive(holder.account, key, holder.key.key(), app.clock.monotonic_us())?;
    Ok(Reply::json("{}".to_owned()))
}
