//! `GET /api/v3/myPreventedMatches`: the matches that self-trade prevention kept from happening.

use marketdata::MarketView;
use model::PreventedId;
use projections::PreventedMatch;
use serde::Serialize;

use crate::binance::orders::{price, quantity};
use crate::binance::terms::self_trade_name;
use crate::binance::{Params, TimeUnit};
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Market and match, or market and order, first match, number of matches.
pub const PARAMETERS: &[&str] = &["symbol", "preventedMatchId", "orderId", "fromPreventedMatchId", "limit"];
/// Those of an order weigh more.
pub const COST: Cost = Cost::of(weight);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape<'a> {
    symbol: &'a str,
    prevented_match_id: u64,
    taker_order_id: u64,
    maker_symbol: &'a str,
    maker_order_id: u64,
    trade_group_id: u32,
    self_trade_prevention_mode: &'static str,
    price: Decimal,
    /// What the orders lost; of one that lost nothing it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    taker_prevented_quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maker_prevented_quantity: Option<Decimal>,
    transact_time: u64,
}

fn weight(params: &Params) -> u32 {
    if params.get("orderId").is_some() { 20 } else { 2 }
}

/// Answers with matches, oldest first; 500 by default, at most 1000. When SQL lies behind, the header `X-Rialto-Lag` says by how
/// many positions of the journal.
///
/// # Errors
/// [`Error::MandatoryOneOf`] when neither match nor order is named, [`Error::InvalidCombination`] for both; those of the
/// parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let (history, account, market) = (&call.app.history, call.caller.account, view.market.id);
    let one = call.params.integer("preventedMatchId")?.map(PreventedId);
    let order = call.params.order_id("orderId")?;
    let from = PreventedId(call.params.integer("fromPreventedMatchId")?.unwrap_or(0));
    let limit = u32::try_from(call.params.limit(500, 1_000)?).unwrap_or(1_000);
    let lag = call.app.history_lag().await;
    let found = match (one, order) {
        (Some(one), None) => history.prevented_match(account, market, one).await.map(|one| one.into_iter().collect()),
        (None, Some(order)) => history.prevented_matches(account, market, order, from, limit).await,
        (Some(_), Some(_)) => return Err(Error::InvalidCombination),
        (None, None) => return Err(Error::MandatoryOneOf("preventedMatchId", "orderId")),
    };
    let found: Vec<PreventedMatch> = found.map_err(Error::store)?;
    let group = call.app.live.parent(account).unwrap_or(account).0;
    let shapes: Vec<Shape<'_>> = found.iter().map(|found| shape(found, &view, group, call.units)).collect();
    Ok(Reply::json(json::to_string(&shapes)?).behind(lag))
}

fn shape<'a>(found: &PreventedMatch, view: &'a MarketView, group: u32, units: TimeUnit) -> Shape<'a> {
    let lost = |lost: model::Quantity| lost.is_positive().then(|| quantity(view, lost));
    Shape {
        symbol: view.symbol(),
        prevented_match_id: found.prevented.0,
        taker_order_id: found.taker_order.0,
        maker_symbol: view.symbol(),
        maker_order_id: found.maker_order.0,
        trade_group_id: group,
        self_trade_prevention_mode: self_trade_name(found.mode),
        price: price(view, found.price),
        taker_prevented_quantity: lost(found.taker_quantity),
        maker_prevented_quantity: lost(found.maker_quantity),
        transact_time: units.show(found.time),
    }
}
