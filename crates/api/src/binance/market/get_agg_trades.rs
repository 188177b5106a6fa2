//! `GET /api/v3/aggTrades`: trades of one taker order at one price as one.
//!
//! An aggregate's id is that of its first trade: it needs no counter of its own, is the same from memory, from SQL and after a
//! rebuild, and rises with time. Ids of neighbours therefore differ by the number of trades in the first of them.

use marketdata::{AggTrade, MarketView, PublicTrade, aggregate};
use model::{Side, TradeId};
use projections::PublicQuery;
use serde::Serialize;

use crate::binance::{TimeUnit, orders};
use crate::json::{self, Decimal};
use crate::{App, Call, Cost, Error, Reply};

/// Market, first aggregate, span of time, number of aggregates.
pub const PARAMETERS: &[&str] = &["symbol", "fromId", "startTime", "endTime", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(4);

/// Trades read at a time.
const PAGE: u32 = 1_000;
/// Pages read at most for one answer: an aggregate rarely has many trades.
const MAX_PAGES: usize = 16;

#[derive(Debug, Serialize)]
struct Shape {
    a: u64,
    p: Decimal,
    q: Decimal,
    f: u64,
    l: u64,
    #[serde(rename = "T")]
    time: u64,
    m: bool,
    #[serde(rename = "M")]
    best_match: bool,
}

/// Answers with aggregates, oldest first: 500 by default, at most 1000.
///
/// # Errors
/// [`Error::InvalidCombination`] for `fromId` with a time, those of the parameters; [`Error::Internal`] when the store fails.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    let limit = call.params.limit(500, 1_000)?;
    let from = call.params.trade_id("fromId")?;
    let (start, end) = call.params.times()?;
    if from.is_some() && (start.is_some() || end.is_some()) {
        return Err(Error::InvalidCombination);
    }
    call.app.caught_up().await?;
    if from.is_none() && start.is_none() && end.is_none() {
        return answer(&view, &view.agg_trades(limit), call.units);
    }
    let lag = call.app.history_lag().await;
    let mut source = Source { app: &call.app, view: &view };
    let first = match (from, start) {
        (Some(from), _) => source.group_start(from).await?,
        (None, None) => None,
        // A group has one time, so that a span of time never begins inside one.
        (None, Some(_)) => source.page(PublicQuery { from: None, start, end, limit: 1 }).await?.first().map(|t| t.id),
    };
    let mut aggregates = match (first, end) {
        (Some(first), _) => source.from(first, limit).await?,
        (None, Some(_)) if start.is_none() && from.is_none() => source.newest_until(end, limit).await?,
        (None, _) => Vec::new(),
    };
    if let Some(end) = end {
        aggregates.retain(|aggregate| aggregate.time <= end);
    }
    Ok(answer(&view, &aggregates, call.units)?.behind(lag))
}

fn answer(view: &MarketView, aggregates: &[AggTrade], units: TimeUnit) -> Result<Reply, Error> {
    let shapes: Vec<Shape> = aggregates.iter().map(|aggregate| shape(view, aggregate, units)).collect();
    json::to_string(&shapes).map(Reply::json)
}

fn shape(view: &MarketView, aggregate: &AggTrade, units: TimeUnit) -> Shape {
    Shape {
        a: aggregate.id.0,
        p: orders::price(view, aggregate.price),
        q: orders::quantity(view, aggregate.quantity),
        f: aggregate.first.0,
        l: aggregate.last.0,
        time: units.show(aggregate.time),
        m: aggregate.taker_side == Side::Sell,
        best_match: true,
    }
}

/// The trades of a market: from memory where it reaches, else from SQL.
struct Source<'a> {
    app: &'a App,
    view: &'a MarketView,
}

impl Source<'_> {
    async fn page(&mut self, query: PublicQuery) -> Result<Vec<PublicTrade>, Error> {
        self.app.history.public_trades(self.view.market.id, &query).await.map_err(Error::store)
    }

    async fn page_from(&mut self, from: TradeId) -> Result<Vec<PublicTrade>, Error> {
        if let Some(trades) = self.view.trades_from(from, PAGE as usize) {
            return Ok(trades);
        }
        self.page(PublicQuery { from: Some(from), start: None, end: None, limit: PAGE }).await
    }

    /// The first trade from `from` on that begins an aggregate: what is left of one that began before is not shown.
    async fn group_start(&mut self, from: TradeId) -> Result<Option<TradeId>, Error> {
        if from.0 <= 1 {
            return Ok(Some(from));
        }
        let trades = self.page_from(TradeId(from.0 - 1)).await?;
        let groups = aggregate(&trades);
        Ok(groups.iter().map(|group| group.id).find(|id| *id >= from))
    }

    /// Whole aggregates from one that begins at `first`.
    async fn from(&mut self, first: TradeId, limit: usize) -> Result<Vec<AggTrade>, Error> {
        let mut trades: Vec<PublicTrade> = Vec::new();
        let mut next = first;
        for _ in 0..MAX_PAGES {
            let page = self.page_from(next).await?;
            let (full, last) = (page.len() == PAGE as usize, page.last().map(|trade| trade.id));
            trades.extend(page);
            let groups = aggregate(&trades);
            // While there may be more trades, the last group may be cut.
            if !full || groups.len() > limit {
                return Ok(groups.into_iter().take(limit).collect());
            }
            let Some(last) = last else { break };
            next = TradeId(last.0 + 1);
        }
        let mut groups = aggregate(&trades);
        groups.pop();
        Ok(groups.into_iter().take(limit).collect())
    }

    /// The newest whole aggregates up to a time.
    async fn newest_until(&mut self, end: Option<model::Timestamp>, limit: usize) -> Result<Vec<AggTrade>, Error> {
        let trades = self.page(PublicQuery { from: None, start: None, end, limit: PAGE }).await?;
        let mut groups = aggregate(&trades);
        // The page may begin inside a group.
        if trades.first().is_some_and(|trade| trade.id.0 > 1) && trades.len() == PAGE as usize {
            groups.remove(0);
        }
        let cut = groups.len().saturating_sub(limit);
        Ok(groups.split_off(cut))
    }
}
