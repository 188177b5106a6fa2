//! `Account.ListTrades`: the account's trades in a market.

use model::{OrderId, TradeId};
use projections::TradesQuery;

use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Trades that are told at most.
const MAX_TRADES: usize = 1_000;
/// Longest span of time.
const DAY_US: u64 = 24 * 3_600 * 1_000_000;

/// Answers with trades, oldest first.
///
/// # Errors
/// [`Error::InvalidCombination`] for a time with an id, [`Error::InvalidData`] for an end before the start,
/// [`Error::IntervalTooLong`], those of the market; [`Error::Internal`] when the store fails.
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::ListTradesRequest,
) -> Result<proto::ListTradesResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let query = query(&request)?;
    let lag = app.history_lag().await;
    let found = app.history.trades(caller.account, view.market.id, &query).await.map_err(Error::store)?;
    let trade = |trade: &projections::AccountTrade| proto::AccountTrade {
        order_id: trade.order.0,
        order_list_id: trade.list.0,
        side: shape::side(trade.side).into(),
        fill: Some(shape::fill(&trade.fill, &view)),
        time_us: trade.time.0,
    };
    Ok(proto::ListTradesResponse { trades: found.iter().map(trade).collect(), lag: lag.unwrap_or(0) })
}

fn query(request: &proto::ListTradesRequest) -> Result<TradesQuery, Error> {
    let order = Some(OrderId(request.order_id)).filter(|order| order.0 != 0);
    let from = Some(TradeId(request.from_trade_id)).filter(|trade| trade.0 != 0);
    let (start, end) = (value::time("start_us", request.start_us)?, value::time("end_us", request.end_us)?);
    if (order.is_some() || from.is_some()) && (start.is_some() || end.is_some()) {
        return Err(Error::InvalidCombination);
    }
    match (start, end) {
        (Some(start), Some(end)) if end < start => return Err(Error::InvalidData("end_us")),
        (Some(start), Some(end)) if end.0 - start.0 > DAY_US => return Err(Error::IntervalTooLong),
        _ => {}
    }
    let limit = value::limit(request.limit, 500, MAX_TRADES);
    Ok(TradesQuery { order, from, start, end, limit: u32::try_from(limit).unwrap_or(1_000) })
}
