//! `GET /api/v3/uiKlines`: candles for charts. Binance leaves open what it changes of them; here nothing is.

use super::get_klines::{self, Shape};
use crate::openapi::Docs;
use crate::{Call, Cost, Error, Reply};

/// Those of `klines`.
pub const PARAMETERS: &[&str] = get_klines::PARAMETERS;
/// What the API reference says of it.
pub const DOCS: Docs = Docs::json::<Vec<Shape>>("Candles of a market, for charts", &["symbol", "interval"]);
/// What a request costs.
pub const COST: Cost = get_klines::COST;

/// Answers as `klines` does.
///
/// # Errors
/// As [`get_klines::handle`].
pub async fn handle(call: Call) -> Result<Reply, Error> {
    get_klines::handle(call).await
}
