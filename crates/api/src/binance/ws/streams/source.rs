//! What one stream has shown so far, and what it has to show at a tick.
//!
//! A stream that shows a state is published when the state differs from what was shown last, and once more when somebody has begun
//! to listen, so that nobody waits for a change to see what there is. Candles and figures pause while a market waits for its trades
//! from before a restart: they would be wrong.

use std::sync::Arc;

use marketdata::{Average, BookTicker, DiffCursor, Frame, Interval, Lost, MarketView, Ticker};
use model::{Timestamp, TradeId};

use super::name::{Kind, Window};
use super::payload::Content;
use super::shapes::average_decimals;

/// How long after its end a candle is shown as closed at the latest. It is earlier when the journal has gone on to a later time:
/// then nothing can be added any more.
const GRACE_US: u64 = 300_000;
/// Ended candles that one tick shows at most, the newest ones: after a pause of the machine those of a second come in a crowd.
const MAX_CLOSED: u64 = 60;
/// Span of the average price.
const AVERAGE_MINUTES: u32 = 5;

/// A moment at which streams are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tick {
    /// Counted from the start, every 100 ms.
    pub(crate) number: u64,
    /// The time.
    pub(crate) now: Timestamp,
    /// No trade that is not known yet is older.
    pub(crate) settled: Timestamp,
}

impl Tick {
    /// A tick, with the time up to which the journal is known.
    pub(crate) fn new(number: u64, now: Timestamp, known: Timestamp) -> Self {
        Self { number, now, settled: known.max(Timestamp(now.0.saturating_sub(GRACE_US))) }
    }

    /// Whether something is due that comes every so many ticks.
    pub(crate) const fn is_due(&self, ticks: u64) -> bool {
        self.number.is_multiple_of(ticks)
    }
}

/// What a stream of one market remembers.
#[derive(Debug)]
pub(crate) struct Source {
    kind: Kind,
    memory: Memory,
    /// Somebody new listens.
    fresh: bool,
}

#[derive(Debug)]
enum Memory {
    /// The stream is told by what happens.
    Nothing,
    Diffs(DiffCursor),
    Levels(Option<u64>),
    Candles(Candles),
    Figures(Shown),
    Average(Option<(TradeId, Timestamp, Average)>),
}

impl Source {
    /// A source that has shown nothing yet.
    pub(crate) fn new(kind: Kind, view: &Arc<MarketView>) -> Self {
        let memory = match kind {
            Kind::Trade | Kind::AggTrade | Kind::BookTicker => Memory::Nothing,
            Kind::Depth(_) => Memory::Diffs(view.diffs()),
            Kind::Levels(..) => Memory::Levels(None),
            Kind::Kline(interval, offset) => Memory::Candles(Candles::new(Kind::frame(interval, offset))),
            Kind::MiniTicker | Kind::Ticker | Kind::Window(_) => Memory::Figures(Shown::default()),
            Kind::AvgPrice => Memory::Average(None),
        };
        Self { kind, memory, fresh: true }
    }

    /// Somebody new listens.
    pub(crate) const fn greet(&mut self) {
        self.fresh = true;
    }

    /// The reader of the book's changes, if the stream has one.
    pub(crate) const fn cursor(&self) -> Option<&DiffCursor> {
        match &self.memory {
            Memory::Diffs(cursor) => Some(cursor),
            _ => None,
        }
    }

    /// Whether anything may be due at a tick.
    pub(crate) fn is_due(&self, tick: &Tick) -> bool {
        // A candle ends at any tick.
        let ended = matches!(&self.memory, Memory::Candles(candles) if candles.is_over(tick));
        ended || self.kind.ticks().is_some_and(|ticks| tick.is_due(ticks))
    }

    /// Appends what is to be published at a tick for which [`Source::is_due`].
    ///
    /// # Errors
    /// [`Lost`] when changes of the book were lost.
    pub(crate) fn poll(&mut self, view: &Arc<MarketView>, tick: &Tick, out: &mut Vec<Content>) -> Result<(), Lost> {
        let fresh = self.fresh;
        if matches!(self.memory, Memory::Candles(_) | Memory::Figures(_) | Memory::Average(_)) && !view.is_whole() {
            return Ok(());
        }
        match &mut self.memory {
            Memory::Nothing => {}
            Memory::Diffs(cursor) => out.extend(cursor.take()?.map(Content::Depth)),
            Memory::Levels(shown) => {
                if let Kind::Levels(count, _) = self.kind
                    && (fresh || *shown != Some(view.book_ticker().update_id))
                {
                    let depth = view.depth(usize::from(count));
                    *shown = Some(depth.last_update_id);
                    out.push(Content::Levels(depth));
                }
            }
            Memory::Candles(candles) => {
                candles.end(view, tick, out);
                if !self.kind.ticks().is_some_and(|ticks| tick.is_due(ticks)) {
                    return Ok(());
                }
                candles.run(view, tick.now, fresh, out);
            }
            Memory::Figures(shown) => out.extend(match self.kind {
                Kind::Ticker => shown.day(view, tick.now, fresh),
                Kind::Window(window) => shown.window(window, view, tick.now, fresh),
                _ => shown.short_day(view, tick.now, fresh),
            }),
            Memory::Average(shown) => {
                let key = (view.last_trade(), Interval::M1.open_time(tick.now));
                if fresh || shown.is_none_or(|(trade, minute, _)| (trade, minute) != key) {
                    let average = view.average_price(tick.now, AVERAGE_MINUTES, average_decimals(view));
                    let same = |(trade, _, old): (TradeId, _, Average)| trade == key.0 && old.price == average.price;
                    if fresh || !shown.is_some_and(same) {
                        out.push(Content::AvgPrice(average));
                    }
                    *shown = Some((key.0, key.1, average));
                }
            }
        }
        self.fresh = false;
        Ok(())
    }
}

/// The candles of one market and frame.
#[derive(Debug)]
struct Candles {
    frame: Frame,
    /// When the candle opens that has not been shown as closed.
    open: Option<Timestamp>,
    /// Which state of it was shown: when it opens, and the last trade at that time.
    shown: Option<(Timestamp, TradeId)>,
}

impl Candles {
    const fn new(frame: Frame) -> Self {
        Self { frame, open: None, shown: None }
    }

    /// Whether the one that runs, as far as it was shown, is over.
    fn is_over(&self, tick: &Tick) -> bool {
        self.open.is_none_or(|open| self.frame.next(open) <= tick.settled)
    }

    /// The candles that are over by now, each once.
    fn end(&mut self, view: &MarketView, tick: &Tick, out: &mut Vec<Content>) {
        let frame = self.frame;
        let current = frame.open_time(tick.settled);
        let oldest = frame.back(current, MAX_CLOSED);
        let mut open = self.open.unwrap_or(current).max(oldest);
        while open < current {
            out.extend(self.candle(view, open, tick.now, true));
            open = frame.next(open);
        }
        self.open = Some(open);
    }

    /// The candle that runs, if it is not as it was shown.
    fn run(&mut self, view: &MarketView, now: Timestamp, fresh: bool, out: &mut Vec<Content>) {
        let Some(open) = self.open else { return };
        let state = Some((open, view.last_trade()));
        if fresh || self.shown != state {
            out.extend(self.candle(view, open, now, false));
            self.shown = state;
        }
    }

    /// A candle; none before the first trade.
    fn candle(&self, view: &MarketView, open: Timestamp, now: Timestamp, closed: bool) -> Option<Content> {
        let candle = view.candles(self.frame, Some(open), Some(open), 1, now).pop()?;
        Some(Content::Kline { candle, frame: self.frame, closed })
    }
}

/// What was shown of a market's figures.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// When they cannot have changed: the last trade, the running minute, and where they are shown the best bid and ask.
    key: Option<(TradeId, Timestamp, Option<BookTicker>)>,
    figures: Option<Ticker>,
}

impl Shown {
    /// The last 24 hours, when they or the best bid or ask are not as they were shown.
    pub(crate) fn day(&mut self, view: &MarketView, now: Timestamp, fresh: bool) -> Option<Content> {
        let book = view.book_ticker();
        let figures = self.changed(view, now, fresh, Some(book), || view.ticker(now))?;
        Some(Content::Ticker(figures, book))
    }

    /// The last 24 hours in short, when they are not as they were shown.
    pub(crate) fn short_day(&mut self, view: &MarketView, now: Timestamp, fresh: bool) -> Option<Content> {
        self.changed(view, now, fresh, None, || view.ticker(now)).map(Content::MiniTicker)
    }

    /// A rolling window, when it is not as it was shown.
    pub(crate) fn window(&mut self, window: Window, view: &MarketView, now: Timestamp, fresh: bool) -> Option<Content> {
        let figures = self.changed(view, now, fresh, None, || view.window(now, window.minutes()))?;
        Some(Content::Window(window, figures))
    }

    fn changed(
        &mut self,
        view: &MarketView,
        now: Timestamp,
        fresh: bool,
        book: Option<BookTicker>,
        figures: impl FnOnce() -> Ticker,
    ) -> Option<Ticker> {
        // An order behind the best ones changes the update id, but nothing that is shown.
        let book = book.map(|book| BookTicker { update_id: 0, ..book });
        let key = Some((view.last_trade(), Interval::M1.open_time(now), book));
        if !fresh && self.key == key {
            return None;
        }
        let figures = figures();
        let timeless = Ticker { open_time: Timestamp(0), close_time: Timestamp(0), ..figures };
        let book_changed = self.key.is_none_or(|(_, _, shown)| shown != book);
        let changed = fresh || book_changed || self.figures != Some(timeless);
        self.key = key;
        self.figures = Some(timeless);
        changed.then_some(figures)
    }
}
