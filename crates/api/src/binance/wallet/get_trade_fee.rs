//! `GET /sapi/v1/asset/tradeFee`: what a trade costs the account, by market; a rebate is negative.

use serde::Serialize;

use crate::binance::commission::rate;
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// One market, or all.
pub const PARAMETERS: &[&str] = &["symbol"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TradeFee<'a> {
    symbol: &'a str,
    maker_commission: Decimal,
    taker_commission: Decimal,
}

/// Answers with a list, whether one market was named or none.
///
/// # Errors
/// [`Error::InvalidSymbol`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let markets = match call.params.optional_market(&call.app)? {
        Some(view) => vec![view],
        None => call.app.market_data.markets(),
    };
    let fees: Vec<TradeFee<'_>> = markets
        .iter()
        .map(|view| {
            let fees = call.app.live.fees(call.caller.account, view.market.id);
            TradeFee {
                symbol: view.symbol(),
                maker_commission: rate(fees.maker_ppm),
                taker_commission: rate(fees.taker_ppm),
            }
        })
        .collect();
    json::to_string(&fees).map(Reply::json)
}
