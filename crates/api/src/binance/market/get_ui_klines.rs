//! `GET /api/v3/uiKlines`: candles for charts. Binance leaves open what it changes of them; here nothing is.

use super::get_klines;
use crate::{Call, Cost, Error, Reply};

/// Those of `klines`.
pub const PARAMETERS: &[&str] = get_klines::PARAMETERS;
/// What a request costs.
pub const COST: Cost = get_klines::COST;

/// Answers as `klines` does.
///
/// # Errors
/// As [`get_klines::handle`].
pub async fn handle(call: Call) -> Result<Reply, Error> {
    get_klines::handle(call).await
}
