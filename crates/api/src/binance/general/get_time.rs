//! `GET /api/v3/time`: the time of day, for clients to set their clocks by.

use schemars::JsonSchema;
use serde::Serialize;

use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply, json};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<ServerTime>("The exchange's time", &[]);
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServerTime {
    server_time: u64,
}

/// Answers `{"serverTime":…}`.
///
/// # Errors
/// None.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    json::to_string(&ServerTime { server_time: call.units.show(call.app.now()) }).map(Reply::json)
}
