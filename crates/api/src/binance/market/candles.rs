//! Candles of any time since the first trade: from memory as far as it reaches, from SQL before that.

use std::iter::Peekable;

use marketdata::{Candle, Frame, MarketView};
use model::{Price, Timestamp};

use crate::{App, Error};

/// Which candles are asked for: with a start the first ones from there, without it the newest; none that opens after the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) frame: Frame,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    /// 1 to 1,000.
    pub(super) limit: usize,
}

impl Wanted {
    /// The candles, ascending and without a gap, and by how many positions of the journal what came from SQL may lie behind.
    ///
    /// # Errors
    /// [`Error::Internal`] when the store fails.
    pub(super) async fn find(self, app: &App, view: &MarketView) -> Result<(Vec<Candle>, Option<u64>), Error> {
        let (frame, now) = (self.frame, app.now());
        let in_memory = || view.candles(frame, self.start, self.end, self.limit, now);
        let oldest = view.candles(frame, Some(Timestamp(0)), None, 1, now).pop();
        let knows_all = oldest.map_or(view.last_trade().0 == 0, |candle| candle.first_trade.0 == 1);
        if knows_all {
            return Ok((in_memory(), None));
        }
        // The oldest candle in memory may have lost its first trades; those after it are whole.
        let boundary = oldest.map_or(Timestamp(u64::MAX), |candle| candle.open_time);
        let newest = view.candle_now(frame, now).map_or(frame.open_time(now), |candle| candle.open_time);
        let last = self.end.map_or(newest, |end| newest.min(frame.open_time(end)));
        let from = self.first_open(last);
        if from > boundary {
            return Ok((in_memory(), None));
        }
        let lag = app.history_lag().await;
        let Some(first) = self.stored(app, view, Some(Timestamp(0)), None, 1).await?.pop() else {
            return Ok((in_memory(), lag));
        };
        let span = Span::new(frame, from.max(first.open_time), last, self.limit);
        let mut candles = Vec::new();
        if span.from <= span.to {
            candles = self.stored(app, view, Some(span.from), Some(span.to.min(boundary)), self.limit).await?;
            if span.to > boundary {
                let newer = view.candles(frame, Some(frame.next(boundary)), Some(span.to), self.limit, now);
                candles.extend(newer.into_iter().filter(|candle| candle.trades > 0));
            }
        }
        let begins = candles.first().is_some_and(|candle| candle.open_time == span.from);
        let close = if begins {
            Price::ZERO
        } else {
            let before = Some(Timestamp(span.from.0.saturating_sub(1)));
            self.stored(app, view, None, before, 1).await?.pop().map_or(first.open, |candle| candle.close)
        };
        Ok((span.fill(close, &candles), lag))
    }

    /// When the first of the wanted candles opens, if there were trades at all times; the last opens at `last`.
    fn first_open(self, last: Timestamp) -> Timestamp {
        match self.start {
            Some(start) => {
                let open = self.frame.open_time(start);
                if open < start { self.frame.next(open) } else { open }
            }
            None => self.frame.back(last, u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_sub(1)),
        }
    }

    async fn stored(
        self,
        app: &App,
        view: &MarketView,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Candle>, Error> {
        let limit = u32::try_from(limit).unwrap_or(1_000);
        app.history.candles(view.market.id, self.frame, start, end, limit).await.map_err(Error::store)
    }
}

/// Consecutive intervals: those that open from `from` to `to`, both included. None when `to` lies before `from`.
#[derive(Debug, Clone, Copy)]
struct Span {
    frame: Frame,
    from: Timestamp,
    to: Timestamp,
}

impl Span {
    /// The first `limit` intervals from one on, none after `last`.
    fn new(frame: Frame, from: Timestamp, last: Timestamp, limit: usize) -> Self {
        let mut to = from;
        for _ in 1..limit {
            if to >= last {
                break;
            }
            to = frame.next(to);
        }
        Self { frame, from, to: to.min(last) }
    }

    /// A candle for each interval: the given ones, which ascend, and for others the close before them without volume.
    fn fill(self, mut close: Price, candles: &[Candle]) -> Vec<Candle> {
        let mut given: Peekable<_> = candles.iter().peekable();
        let mut whole = Vec::new();
        let mut open = self.from;
        while open <= self.to {
            let candle = given.next_if(|candle| candle.open_time <= open).copied();
            let candle = candle.unwrap_or_else(|| Candle::empty(open, close));
            close = candle.close;
            whole.push(candle);
            open = self.frame.next(open);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::Span;
    use marketdata::{Candle, Interval};
    use model::{Price, Timestamp};

    const MINUTE_US: u64 = 60_000_000;

    #[test]
    fn each_interval_has_a_candle_with_the_close_before_it_where_nothing_traded() {
        let candle = |minute: u64, close: i64| Candle::empty(Timestamp(minute * MINUTE_US), Price(close));
        let sparse = [candle(2, 10), candle(5, 20), candle(6, 30)];
        let shown = |from: u64, last: u64, limit: usize| -> Vec<(u64, i64)> {
            let span = Span::new(Interval::M1.into(), Timestamp(from * MINUTE_US), Timestamp(last * MINUTE_US), limit);
            let within: Vec<Candle> =
                sparse.iter().filter(|c| c.open_time >= span.from && c.open_time <= span.to).copied().collect();
            span.fill(Price(7), &within).iter().map(|c| (c.open_time.0 / MINUTE_US, c.close.0)).collect()
        };
        assert_eq!(shown(1, 7, 9), [(1, 7), (2, 10), (3, 10), (4, 10), (5, 20), (6, 30), (7, 30)]);
        assert_eq!(shown(1, 7, 3), [(1, 7), (2, 10), (3, 10)]);
        assert_eq!(shown(3, 4, 9), [(3, 7), (4, 7)], "nothing traded in the whole span");
        assert_eq!(shown(2, 2, 1), [(2, 10)]);
        assert_eq!(shown(4, 3, 5), [], "the end lies before the start");
    }
}
