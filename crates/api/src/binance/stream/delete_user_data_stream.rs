//! `DELETE /api/v3/userDataStream`: ends a listen key.

use crate::openapi::{Docs, Nothing};
use crate::{Call, Cost, Error, KeyHolder, Reply};

/// The listen key.
pub const PARAMETERS: &[&str] = &["listenKey"];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Nothing>("Ends a listen key", &["listenKey"]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

/// Answers when the key is void. Who listens under it is told.
///
/// # Errors
/// [`Error::UnknownListenKey`] when the account has no such key, or no longer; [`Error::Mandatory`].
pub async fn handle(call: Call<KeyHolder>) -> Result<Reply, Error> {
    let (app, key) = (&call.app, call.params.required("listenKey")?);
    app.listen_keys.close(call.caller.account, key, app.clock.monotonic_us())?;
    Ok(Reply::json("{}".to_owned()))
}
