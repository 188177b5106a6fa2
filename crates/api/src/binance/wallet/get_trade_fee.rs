//! `GET /sapi/v1/asset/tradeFee`: what a trade costs the account, by market; a rebate is negative.

use serde::Serialize;

use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Error, Reply};

/// One market, or all.
pub const PARAMETERS: &[&str] = &["symbol"];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TradeFee<'a> {
    symbol: &'a str,
    maker_commission: Decimal,
    taker_commission: Decimal,
}

/// Fees are parts per million: six decimals.
const PPM_DECIMALS: u8 = 6;

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
                maker_commission: Decimal::new(i64::from(fees.maker_ppm), PPM_DECIMALS),
                taker_commission: Decimal::new(i64::from(fees.taker_ppm), PPM_DECIMALS),
            }
        })
        .collect();
    json::to_string(&fees).map(Reply::json)
}
