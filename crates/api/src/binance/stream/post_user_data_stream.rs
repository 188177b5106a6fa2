//! `POST /api/v3/userDataStream`: the account's listen key, a new one when it has none.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json;
use crate::openapi::Docs;
use crate::{Call, Cost, Error, KeyHolder, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<ListenKey<'static>>("Opens a listen key, or says which is open", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListenKey<'a> {
    listen_key: &'a str,
}

/// Answers with the key, good for another hour.
///
/// # Errors
/// [`Error::Busy`] when there are as many keys as there may be.
pub async fn handle(call: Call<KeyHolder>) -> Result<Reply, Error> {
    let (app, holder) = (&call.app, &call.caller);
    let key = app.listen_keys.open(holder.account, holder.key.key(), &*app.random, app.clock.monotonic_us())?;
    json::to_string(&ListenKey { listen_key: key.name() }).map(Reply::json)
}
