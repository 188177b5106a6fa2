//! What the events of one command mean for books, trades and states.

use model::{Event, MarketId, MarketState, Price, Side, Step, Trade};
use parking_lot::RwLockWriteGuard;

use crate::{
    BookTicker, Changes, Indicative, MarketData, MarketView, PublicTrade, Status, book::Book, market_data::Registry,
};

/// The one market that a step is changing. Its lock is held until the step is through, so that nobody sees half of it.
struct Touch<'a> {
    view: &'a MarketView,
    book: RwLockWriteGuard<'a, Book>,
    top: BookTicker,
    changed: bool,
}

impl<'a> Touch<'a> {
    fn new(view: &'a MarketView) -> Self {
        let book = view.book.write();
        let top = book.top();
        Self { view, book, top, changed: false }
    }

    fn change(&mut self, side: Side, price: Price, delta: i64) -> Result<(), &'static str> {
        if delta == 0 {
            return Ok(());
        }
        self.changed = true;
        if self.book.change(side, price, delta) { Ok(()) } else { Err("the price level does not hold the quantity") }
    }

    /// An incoming order takes from the maker's level. In an auction the best bid and the best ask meet, which is all that
    /// says at which prices the two orders stood.
    fn trade(&mut self, trade: &Trade) -> Result<(), &'static str> {
        if !trade.auction {
            return self.change(trade.taker_side.opposite(), trade.price, -trade.quantity.0);
        }
        for side in [Side::Buy, Side::Sell] {
            let price = self.book.best(side).ok_or("an auction trades more than there is")?;
            let fits = if side == Side::Buy { price >= trade.price } else { price <= trade.price };
            if !fits {
                return Err("the auction's price is outside of the best orders");
            }
            self.change(side, price, -trade.quantity.0)?;
        }
        Ok(())
    }

    fn finish(mut self, step: &Step, changes: &mut Changes) {
        if !self.changed {
            return;
        }
        self.book.stamp(step.sequence.0, step.time);
        let now = self.book.top();
        let market = self.view.market.id;
        if changes.books.last() != Some(&market) {
            changes.books.push(market);
        }
        if (now.bid, now.ask) != (self.top.bid, self.top.ask) && changes.tops.last() != Some(&market) {
            changes.tops.push(market);
        }
    }
}

/// A step that is being applied.
struct Progress<'a, 'c> {
    registry: &'a Registry,
    step: &'a Step,
    changes: &'c mut Changes,
    touch: Option<Touch<'a>>,
}

impl<'a> Progress<'a, '_> {
    fn view(&self, market: MarketId) -> Result<&'a MarketView, &'static str> {
        self.registry.market(market).map(AsRef::as_ref).ok_or("the market is not known")
    }

    fn book(&mut self, market: MarketId) -> Result<&mut Touch<'a>, &'static str> {
        if self.touch.as_ref().is_none_or(|touch| touch.view.market.id != market) {
            self.finish();
            self.touch = Some(Touch::new(self.view(market)?));
        }
        self.touch.as_mut().ok_or("the market is not known")
    }

    fn finish(&mut self) {
        if let Some(done) = self.touch.take() {
            done.finish(self.step, self.changes);
        }
    }

    fn change(&mut self, market: MarketId, side: Side, price: Price, delta: i64) -> Result<(), &'static str> {
        // What was not in the book has no level to change, and perhaps no price.
        if delta == 0 { Ok(()) } else { self.book(market)?.change(side, price, delta) }
    }

    fn trade(&mut self, trade: &Trade) -> Result<(), &'static str> {
        let public = PublicTrade::new(trade, self.step.time);
        let touch = self.book(trade.market)?;
        touch.trade(trade)?;
        if !touch.view.tape.write().add(&public) {
            return Err("the trade does not follow the last one");
        }
        self.changes.trades.push(public);
        Ok(())
    }

    fn status(&mut self, market: MarketId, change: impl FnOnce(&mut Status)) -> Result<(), &'static str> {
        change(&mut self.view(market)?.status.write());
        self.changes.states.push(market);
        Ok(())
    }

    /// What an event means for books, trades and states; [`apply_step`] sees to new assets and markets.
    fn event(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::Trade(trade) => self.trade(trade),
            Event::Rested { market, side, price, visible, .. }
            | Event::Refilled { market, side, price, visible, .. } => self.change(*market, *side, *price, visible.0),
            Event::Prevented(prevented) => {
                let side = prevented.taker_side.opposite();
                self.change(prevented.market, side, prevented.price, -prevented.maker_visible.0)
            }
            Event::Amended(amended) => self.change(amended.market, amended.side, amended.price, -amended.visible.0),
            Event::Closed(closed) => self.change(closed.market, closed.side, closed.price, -closed.visible.0),
            Event::Modified { market, side, old_price, old_visible, .. } => {
                self.change(*market, *side, *old_price, -old_visible.0)
            }
            Event::MarketStateSet { market, state, until, cause } => {
                let (state, until, cause) = (*state, *until, Some(*cause));
                self.status(*market, |status| {
                    let indicative = status.indicative.filter(|_| state == MarketState::Auction);
                    *status = Status { state, until, cause, indicative };
                })
            }
            Event::Indicative { market, price, volume, imbalance } => {
                let time = self.step.time;
                let told = Indicative { price: *price, volume: *volume, imbalance: *imbalance, time };
                self.status(*market, |status| status.indicative = Some(told))
            }
            Event::Accepted(_)
            | Event::AccountOpened { .. }
            | Event::AllCancelled { .. }
            | Event::Armed { .. }
            | Event::AssetAdded(_)
            | Event::CancelRejected { .. }
            | Event::Captured { .. }
            | Event::CountdownFired { .. }
            | Event::CountdownSet { .. }
            | Event::Duplicate { .. }
            | Event::Entered { .. }
            | Event::FeesSet { .. }
            | Event::Held { .. }
            | Event::ListDone { .. }
            | Event::ListPlaced { .. }
            | Event::MarketAdded(_)
            | Event::MarketSet(_)
            | Event::Rejected { .. }
            | Event::Released { .. }
            | Event::Ticked
            | Event::TierSet { .. }
            | Event::Tracking { .. }
            | Event::Transferred { .. }
            | Event::Triggered { .. }
            | Event::Uncrossed { .. } => Ok(()),
        }
    }
}

/// Carries out one command's events. Gives whether assets or markets were added or changed: the registry is another then.
pub(crate) fn apply_step(
    data: &MarketData,
    registry: &Registry,
    step: &Step,
    events: &[Event],
    changes: &mut Changes,
) -> Result<bool, &'static str> {
    let mut progress = Progress { registry, step, changes, touch: None };
    let mut registered = false;
    for event in events {
        match event {
            Event::AssetAdded(asset) => data.update(|registry| registry.add_asset(*asset)),
            Event::MarketAdded(market) => {
                data.list(*market, step.sequence)?;
                progress.changes.listed.push(market.id);
            }
            Event::MarketSet(market) => {
                data.set(market.id, |old| *old = *market)?;
                progress.changes.states.push(market.id);
            }
            // The schedule's entry for a market alone is the market's own setting.
            Event::FeesSet { tier: None, market: Some(market), fees } => {
                data.set(*market, |old| old.fees = *fees)?;
                progress.changes.states.push(*market);
            }
            _ => {
                progress.event(event)?;
                continue;
            }
        }
        registered = true;
    }
    progress.finish();
    Ok(registered)
}
