//! The volatility halt: prices must stay near the one at which the window began.

use model::{MarketId, MarketState, StateCause, Timestamp};

use super::Auditor;
use super::state::Window;

impl Auditor {
    /// The lowest and the highest price of a trade now.
    pub(super) fn band(&self, market: MarketId) -> Option<(i128, i128)> {
        let venue = self.venue(market);
        let volatility = &venue.market.volatility;
        let reference = match venue.window {
            Some(window) if self.time.0 < window.ends => window.reference,
            _ => venue.last_price,
        };
        if volatility.move_ppm == 0 || reference == 0 {
            return None;
        }
        let moved = i128::from(volatility.move_ppm);
        let low = (reference * (1_000_000 - moved) + 999_999).div_euclid(1_000_000);
        let high = (reference * (1_000_000 + moved)).div_euclid(1_000_000);
        Some((low, high))
    }

    /// The first order that meets the book after a window ended begins the next.
    pub(super) fn begin_window(&mut self, market: MarketId) {
        let now = self.time.0;
        let venue = self.venue_mut(market);
        let volatility = venue.market.volatility;
        if volatility.move_ppm != 0 && venue.window.is_none_or(|window| now >= window.ends) {
            let ends = now.saturating_add(u64::from(volatility.window_ms) * 1_000);
            venue.window = Some(Window { reference: venue.last_price, ends });
        }
    }

    /// Whether a trade at this price must not be made.
    pub(super) fn is_too_far(&self, market: MarketId, price: i128) -> bool {
        self.band(market).is_some_and(|(low, high)| price < low || price > high)
    }

    pub(super) fn halt_for_volatility(&mut self, market: MarketId) {
        let length = u64::from(self.venue(market).market.volatility.auction_ms) * 1_000;
        let until = Timestamp(self.time.0.saturating_add(length));
        self.go_to(market, MarketState::Auction, until, StateCause::Volatility);
    }
}
