//! `GET /api/v3/account/commission`: what a trade in a market costs the account.

use serde::Serialize;

use crate::binance::commission::{Discount, Rates, rate};
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// The market.
pub const PARAMETERS: &[&str] = &["symbol"];
/// What a request costs.
pub const COST: Cost = Cost::weight(20);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Commission<'a> {
    symbol: &'a str,
    standard_commission: Sides,
    special_commission: Sides,
    tax_commission: Sides,
    discount: Discount,
}

/// Buyers and sellers pay nothing on top.
#[derive(Debug, Serialize)]
struct Sides {
    #[serde(flatten)]
    rates: Rates,
    buyer: Decimal,
    seller: Decimal,
}

impl Sides {
    const fn new(rates: Rates) -> Self {
        Self { rates, buyer: rate(0), seller: rate(0) }
    }
}

/// Answers with the rates of a new order; there are no special ones, no taxes and no discount.
///
/// # Errors
/// Those of the parameters, [`Error::Behind`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    call.app.caught_up().await?;
    let shape = Commission {
        symbol: view.symbol(),
        standard_commission: Sides::new(Rates::of(call.app.live.fees(call.caller.account, view.market.id))),
        special_commission: Sides::new(Rates::NONE),
        tax_commission: Sides::new(Rates::NONE),
        discount: Discount::NONE,
    };
    json::to_string(&shape).map(Reply::json)
}
