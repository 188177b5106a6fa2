//! `GET /api/v3/avgPrice`: the average price of the last minutes, weighted by volume.

use serde::Serialize;

use crate::json::{self, Decimal, MIN_DECIMALS};
use crate::{Call, Cost, Error, Reply};

/// The market.
pub const PARAMETERS: &[&str] = &["symbol"];
/// What a request costs.
pub const COST: Cost = Cost::weight(2);

const MINUTES: u32 = 5;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AveragePrice {
    mins: u32,
    price: Decimal,
    close_time: u64,
}

/// Answers with the average of five minutes.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    call.app.caught_up().await?;
    let decimals = view.market.price_decimals.max(MIN_DECIMALS);
    let average = view.average_price(call.app.now(), MINUTES, decimals);
    let shape = AveragePrice {
        mins: MINUTES,
        price: Decimal::wide(average.price.0, decimals),
        close_time: call.units.show(average.close_time),
    };
    json::to_string(&shape).map(Reply::json)
}
