//! `GET /api/v3/myTrades`: the account's trades in a market.

use marketdata::MarketView;
use model::Side;
use projections::{AccountTrade, TradesQuery};
use serde::Serialize;

use crate::binance::{Params, TimeUnit, orders};
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Market, order, first trade, span of time, number of trades.
pub const PARAMETERS: &[&str] = &["symbol", "orderId", "startTime", "endTime", "fromId", "limit"];
/// Those of one order weigh less.
pub const COST: Cost = Cost::of(weight);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Trade<'a> {
    symbol: &'a str,
    id: u64,
    order_id: u64,
    order_list_id: i64,
    price: Decimal,
    qty: Decimal,
    quote_qty: Decimal,
    commission: Decimal,
    commission_asset: &'a str,
    time: u64,
    is_buyer: bool,
    is_maker: bool,
    is_best_match: bool,
}

fn weight(params: &Params) -> u32 {
    if params.get("orderId").is_some() { 5 } else { 20 }
}

/// Answers with trades, oldest first: from `fromId` or `startTime` on, else the newest; 500 by default, at most 1000. When SQL lies
/// behind, the header `X-Rialto-Lag` says by how many positions of the journal.
///
/// # Errors
/// [`Error::InvalidCombination`] for a time with `fromId` or `orderId`, [`Error::IntervalTooLong`] above 24 hours, those of the
/// parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let (order, from) = (call.params.order_id("orderId")?, call.params.trade_id("fromId")?);
    let (start, end) = call.params.day()?;
    let limit = call.params.limit(500, 1_000)?;
    if (order.is_some() || from.is_some()) && (start.is_some() || end.is_some()) {
        return Err(Error::InvalidCombination);
    }
    let query = TradesQuery { order, from, start, end, limit: u32::try_from(limit).unwrap_or(1_000) };
    let lag = call.app.history_lag().await;
    let found = call.app.history.trades(call.caller.account, view.market.id, &query).await.map_err(Error::store)?;
    let shapes: Vec<Trade<'_>> = found.iter().map(|trade| shape(&view, trade, call.units)).collect();
    Ok(Reply::json(json::to_string(&shapes)?).behind(lag))
}

fn shape<'a>(view: &'a MarketView, trade: &AccountTrade, units: TimeUnit) -> Trade<'a> {
    let fill = &trade.fill;
    let asset = orders::commission_asset(view, fill);
    Trade {
        symbol: view.symbol(),
        id: fill.trade.0,
        order_id: trade.order.0,
        order_list_id: orders::list_number(trade.list),
        price: orders::price(view, fill.price),
        qty: orders::quantity(view, fill.quantity),
        quote_qty: orders::quote(view, fill.quote),
        commission: Decimal::new(fill.commission.0, asset.scale),
        commission_asset: asset.symbol.as_str(),
        time: units.show(trade.time),
        is_buyer: trade.side == Side::Buy,
        is_maker: fill.is_maker,
        is_best_match: true,
    }
}
