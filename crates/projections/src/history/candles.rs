use marketdata::{Candle, Frame, Interval, fold_candles};
use model::{MarketId, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Boundary, History, MOST};
use crate::{
    Error,
    projector::{STORED, seconds},
    store::{candle_of, entity::candle},
};

/// What market data takes into memory for each market at a start.
const TRADES: u64 = 10_000;
const MINUTES: u64 = 50_000;
const HOURS: u64 = 17_568;
const DAYS: u64 = 4_096;

/// The longest month.
const MONTH_US: u64 = 31 * 86_400_000_000;

/// Stored candles that are read for one answer.
const MOST_PARTS: u64 = 50_000;

/// The longest stored interval that candles of another, by whatever clock, are a whole number of, and how many of them each has
/// at most.
fn base(frame: Frame) -> (Interval, u64) {
    let length = frame.interval.length().unwrap_or(MONTH_US);
    let offset = u64::from(frame.offset.minutes().unsigned_abs()) * 60_000_000;
    let parts = |stored: &Interval| (*stored, length / stored.length().unwrap_or(length));
    let fits = |(stored, parts): &(Interval, u64)| {
        stored.length().is_some_and(|part| part * parts == length && offset.is_multiple_of(part))
    };
    STORED.iter().rev().map(parts).find(fits).unwrap_or((Interval::S1, length / 1_000_000))
}

impl History {
    /// A market's candles that open at `start` or later and at `end` or earlier, ascending: with `start` the first ones,
    /// otherwise the latest. Only intervals with a trade. `limit` is 1 to 1,000; fewer are found when days of an odd time zone
    /// would be joined from more than 50,000 minutes.
    ///
    /// # Errors
    /// What the database said.
    pub async fn candles(
        &self,
        market: MarketId,
        frame: impl Into<Frame>,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Candle>, Error> {
        let frame = frame.into();
        let (stored, parts) = base(frame);
        let limit = limit.clamp(1, MOST);
        let from = start.map(|start| {
            let open = frame.open_time(start);
            if open < start { frame.next(open) } else { open }
        });
        let before = end.map(|end| frame.next(frame.open_time(end)));
        let wanted = u64::from(limit) * parts;
        let most = wanted.min(MOST_PARTS);
        let rows = self.stored_candles(market, stored, from, before, most).await?;
        let is_cut = most < wanted && u64::try_from(rows.len()).is_ok_and(|found| found == most);
        let mut candles = fold_candles(frame, &rows);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if is_cut {
            // The one that was cut is not whole.
            candles.remove(if start.is_some() { candles.len() - 1 } else { 0 });
        }
        if start.is_some() {
            candles.truncate(limit);
        } else {
            // What is dropped may be joined from too few parts; what stays is whole.
            candles.drain(..candles.len().saturating_sub(limit));
        }
        Ok(candles)
    }

    /// Stored candles with `from <= open < before`, ascending; the first ones if `from` is given, otherwise the latest.
    async fn stored_candles(
        &self,
        market: MarketId,
        interval: Interval,
        from: Option<Timestamp>,
        before: Option<Timestamp>,
        most: u64,
    ) -> Result<Vec<Candle>, Error> {
        let select = stored(market, interval, from, before, most);
        let rows = select.all(self.db.read()).await?;
        let mut candles: Vec<Candle> = rows.iter().map(candle_of).collect();
        if from.is_none() {
            candles.reverse();
        }
        Ok(candles)
    }

    /// What market data wants to know of a market after a start: the trades and candles up to and including the trade
    /// `boundary`, which [`marketdata::MarketView::history_boundary`] gives. The projections must contain that trade
    /// already; candles that go on after it are recomputed from the trades up to it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn market_history(&self, market: MarketId, boundary: Boundary) -> Result<marketdata::History, Error> {
        let trades = self.trades_until(market, boundary, TRADES).await?;
        let Some(last) = trades.last() else { return Ok(marketdata::History::default()) };
        let mut history = marketdata::History { trades: Vec::new(), ..marketdata::History::default() };
        let (last_time, last_id) = (last.time, last.id);
        for (interval, most, into) in [
            (Interval::M1, MINUTES, &mut history.minutes),
            (Interval::H1, HOURS, &mut history.hours),
            (Interval::D1, DAYS, &mut history.days),
        ] {
            let before = interval.next(interval.open_time(last_time));
            *into = self.stored_candles(market, interval, None, Some(before), most).await?;
            let Some(newest) = into.last_mut() else { continue };
            if newest.first_trade.0 + newest.trades > last_id.0 + 1 {
                *newest = self.candle_until(market, interval, newest, boundary).await?;
            }
        }
        history.trades = trades;
        Ok(history)
    }

    /// A stored candle without the trades after one.
    async fn candle_until(
        &self,
        market: MarketId,
        interval: Interval,
        stored: &Candle,
        until: Boundary,
    ) -> Result<Candle, Error> {
        let mut candle = Candle::empty(stored.open_time, stored.open);
        let mut from = stored.first_trade;
        while from <= until {
            let query = super::PublicQuery { from: Some(from), start: None, end: None, limit: MOST };
            let trades = self.public_trades(market, &query).await?;
            let Some(last) = trades.last() else { break };
            from = model::TradeId(last.id.0 + 1);
            for trade in trades.iter().filter(|trade| trade.id <= until) {
                debug_assert_eq!(interval.open_time(trade.time), candle.open_time);
                candle.add(trade);
            }
        }
        Ok(candle)
    }
}

/// Stored candles with `from <= open < before`; the first ones if `from` is given, otherwise the latest, newest first.
pub(super) fn stored(
    market: MarketId,
    interval: Interval,
    from: Option<Timestamp>,
    before: Option<Timestamp>,
    most: u64,
) -> Select<candle::Entity> {
    let key = |time: Timestamp| i64::try_from(time.0).unwrap_or(i64::MAX);
    let order = if from.is_some() { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
    let mut select = candle::Entity::find()
        .filter(candle::Column::MarketId.eq(i64::from(market.0)))
        .filter(candle::Column::Seconds.eq(seconds(interval)))
        .order_by(candle::Column::OpenTime, order)
        .limit(most);
    if let Some(from) = from {
        select = select.filter(candle::Column::OpenTime.gte(key(from)));
    }
    if let Some(before) = before {
        select = select.filter(candle::Column::OpenTime.lt(key(before)));
    }
    select
}

#[cfg(test)]
mod tests {
    use marketdata::{Interval, UtcOffset};

    use super::base;
    use crate::projector::STORED;

    #[test]
    fn every_interval_is_joined_from_few_stored_ones() {
        use Interval::{D1, D3, H1, H2, H4, H6, H8, H12, M1, M3, M5, M15, M30, Mo1, S1, W1};
        for (interval, want) in [
            (S1, (S1, 1)),
            (M1, (M1, 1)),
            (M3, (M1, 3)),
            (M5, (M1, 5)),
            (M15, (M15, 1)),
            (M30, (M15, 2)),
            (H1, (H1, 1)),
            (H2, (H1, 2)),
            (H4, (H4, 1)),
            (H6, (H1, 6)),
            (H8, (H4, 2)),
            (H12, (H4, 3)),
            (D1, (D1, 1)),
            (D3, (D1, 3)),
            (W1, (D1, 7)),
            (Mo1, (D1, 31)),
        ] {
            assert_eq!(base(interval.into()), want, "{interval:?}");
        }
        let zone = |text: &str| UtcOffset::parse(text).unwrap();
        assert_eq!(base(D1.at(zone("8"))), (H4, 6));
        assert_eq!(base(W1.at(zone("-3"))), (H1, 168));
        assert_eq!(base(H12.at(zone("5:45"))), (M15, 48));
        assert_eq!(base(D1.at(zone("0:01"))), (M1, 1_440));
        assert!(STORED.is_sorted(), "the longest is looked for from the end");
    }
}
