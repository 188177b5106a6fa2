//! `POST /api/v3/order/test`: checks an order without placing it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::binance::Params;
use crate::binance::commission::{Discount, Rates};
use crate::binance::order_request::{OrderRequest, order_parameters};
use crate::call::Caller;
use crate::json;
use crate::openapi::{Docs, Either, Nothing};
use crate::{Call, Cost, Error, Reply};

/// Those of a new order, and whether the answer tells what it would cost.
pub const PARAMETERS: &[&str] = order_parameters!("computeCommissionRates");
/// What the API reference says of it.
pub const DOCS: Docs =
    Docs::json::<Either<Nothing, CommissionRates>>("Checks an order without placing it", &["symbol", "side", "type"]);
/// Commission rates weigh more.
pub const COST: Cost = Cost::of(weight);

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderCommission")]
struct CommissionRates {
    standard_commission_for_order: Rates,
    special_commission_for_order: Rates,
    tax_commission_for_order: Rates,
    discount: Discount,
}

fn weight(params: &Params) -> u32 {
    if params.flag("computeCommissionRates").is_ok_and(|wanted| wanted == Some(true)) { 20 } else { 1 }
}

/// Answers `{}`, or with the rates that the order would pay, when the parameters and filters let the order through. Balances and the
/// book are not asked.
///
/// # Errors
/// Those of the parameters, [`Error::Place`] with the filter that fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let account = call.caller.account;
    let request = OrderRequest::read(&call.app, account, &call.params)?;
    let tells_rates = call.params.flag("computeCommissionRates")?.unwrap_or(false);
    request.check_filters()?;
    if !tells_rates {
        return Ok(Reply::json("{}".to_owned()));
    }
    let rates = CommissionRates {
        standard_commission_for_order: Rates::of(call.app.live.fees(account, request.view.market.id)),
        special_commission_for_order: Rates::NONE,
        tax_commission_for_order: Rates::NONE,
        discount: Discount::NONE,
    };
    json::to_string(&rates).map(Reply::json)
}
