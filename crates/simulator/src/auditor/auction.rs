//! States of markets, and the auction: its price by trying them all, its trades, and what is told of it beforehand.

use std::collections::BTreeSet;

use model::{AccountId, Event, MarketId, MarketState, Reject, Side, StateCause, Timestamp};

use super::matching::Match;
use super::state::{Order, Told};
use super::{Auditor, price, quantity};

/// Between two tellings of one auction.
const PAUSE_US: u64 = 500_000;
/// So many ticks are tried one by one.
const MOST_TICKS: i128 = 2_000;

/// How the orders would meet at a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meeting {
    pub(super) price: i128,
    pub(super) volume: i128,
    /// Buys less sells.
    pub(super) imbalance: i128,
}

impl Auditor {
    pub(super) fn set_state(&mut self, market: MarketId, state: MarketState, until: Timestamp) {
        let mut broken = Vec::new();
        if !self.venues.contains_key(&market) {
            broken.push(Reject::UnknownMarket);
        }
        if until != Timestamp::NEVER && (state != MarketState::Auction || until <= self.time) {
            broken.push(Reject::InvalidTime);
        }
        match broken.into_iter().min() {
            Some(reason) => self.refuse(AccountId(0), reason),
            None => self.go_to(market, state, until, StateCause::Operator),
        }
    }

    pub(super) fn go_to(&mut self, market: MarketId, state: MarketState, until: Timestamp, cause: StateCause) {
        let before = self.venue(market).state;
        let opens = matches!(state, MarketState::Trading | MarketState::PostOnly) && state != before;
        let uncrossed_at = if opens { self.uncross(market) } else { None };
        let venue = self.venue_mut(market);
        (venue.state, venue.until) = (state, until);
        if state != before {
            venue.told = Told::default();
            if before == MarketState::Auction {
                venue.window = None;
            }
        }
        self.emit(Event::MarketStateSet { market, state, until, cause });
        if let Some(price) = uncrossed_at {
            self.look_at(market, price);
        }
        if opens {
            self.take_queue(market);
        }
    }

    /// The price of the auction, if orders cross: among all that are on the tick and can be traded at.
    pub(super) fn meeting(&self, market: MarketId) -> Option<Meeting> {
        let (bids, asks) = (self.queue(market, Side::Buy), self.queue(market, Side::Sell));
        let (lowest, highest) = (asks.first()?.price, bids.first()?.price);
        if lowest > highest {
            return None;
        }
        let venue = self.venue(market);
        let tick = i128::from(venue.market.filters.price.step);
        let at = |price: i128| {
            let buys: i128 = bids.iter().filter(|bid| bid.price >= price).map(|bid| bid.remaining).sum();
            let sells: i128 = asks.iter().filter(|ask| ask.price <= price).map(|ask| ask.remaining).sum();
            Meeting { price, volume: buys.min(sells), imbalance: buys - sells }
        };
        let last = venue.last_price;
        let worth = |meeting: &Meeting| {
            let away = if last == 0 { 0 } else { (meeting.price - last).abs() };
            (-meeting.volume, meeting.imbalance.abs(), away, meeting.price)
        };
        // Orders may be off the tick when it has changed since; they are candidates all the same.
        let own = bids.iter().chain(&asks).map(|order| order.price).filter(|price| (lowest..=highest).contains(price));
        let candidates = candidates(lowest, highest, tick, last, bids.iter().chain(&asks));
        candidates.into_iter().chain(own).map(at).min_by_key(worth)
    }

    /// Lets crossed orders trade at one price; gives it.
    fn uncross(&mut self, market: MarketId) -> Option<i128> {
        let meeting = self.meeting(market)?;
        let (at, mut left) = (meeting.price, meeting.volume);
        self.emit(Event::Uncrossed { market, price: price(at), volume: quantity(left) });
        while left > 0 {
            let (Some(bid), Some(ask)) = (self.best(market, Side::Buy), self.best(market, Side::Sell)) else { break };
            let traded = bid.shown.min(ask.shown).min(left);
            let (maker, taker) = if bid.id < ask.id { (bid.id, ask.id) } else { (ask.id, bid.id) };
            self.trade(&Match { maker, taker, price: at, quantity: traded, auction: true });
            left -= traded;
        }
        Some(at)
    }

    /// An auction whose orders changed is told of as soon as it may be: after the command, or by itself.
    pub(super) fn note_changed_auctions(&mut self) {
        for venue in self.venues.values_mut() {
            let touched = std::mem::take(&mut venue.touched);
            venue.told.is_due |= touched && venue.state == MarketState::Auction;
        }
    }

    /// Tells what an auction would trade now, if it is something else than what was told last.
    pub(super) fn tell(&mut self, market: MarketId) {
        let nothing = Meeting { price: 0, volume: 0, imbalance: 0 };
        let meeting = self.meeting(market).unwrap_or(nothing);
        let values = (meeting.price, meeting.volume, meeting.imbalance);
        let now = self.time.0;
        let venue = self.venue_mut(market);
        venue.told.is_due = false;
        if venue.told.values == values {
            return;
        }
        venue.told = Told { values, not_before: now.saturating_add(PAUSE_US), is_due: false };
        self.emit(Event::Indicative {
            market,
            price: price(values.0),
            volume: quantity(values.1),
            imbalance: quantity(values.2),
        });
    }
}

/// All prices on the tick between two. When they are too many, those around each price at which anything changes.
fn candidates<'a>(
    lowest: i128,
    highest: i128,
    tick: i128,
    last: i128,
    orders: impl Iterator<Item = &'a Order>,
) -> BTreeSet<i128> {
    let first = (lowest + tick - 1).div_euclid(tick) * tick;
    if (highest - first) / tick <= MOST_TICKS {
        return (0..).map(|step| first + step * tick).take_while(|price| *price <= highest).collect();
    }
    let near = |price: i128| {
        let below = price.div_euclid(tick) * tick;
        [below - tick, below, below + tick]
    };
    let changes = orders.map(|order| order.price).chain([lowest, highest, last]);
    changes.flat_map(near).filter(|price| (first..=highest).contains(price)).collect()
}
