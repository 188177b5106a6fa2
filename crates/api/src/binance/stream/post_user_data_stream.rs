//! `POST /api/v3/userDataStream`: the account's listen key, a new one when it has none.

use crate::{Call, Error, KeyHolder, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];

/// Answers with the key, good for another hour.
///
/// # Errors
/// [`Error::Busy`] when there are as many keys as there may be.
pub async fn handle(call: Call<KeyHolder>) -> Result<Reply, Error> {
    let (app, holder) = (&call.app, &call.caller);
    let key = app.listen_keys.open(holder.account, holder.key.key(), &*app.random, app.clock.monotonic_us())?;
    // Letters and digits need no escaping.
    Ok(Reply::json(format!("{{\"listenKey\":\"{}\"}}", key.name())))
}
