//! Call auctions.

use model::{Event, MarketId, MarketState, Price, Quantity, Side, StateCause, Timestamp};

use super::{Exchange, matching::Meeting};

impl Exchange {
    /// Emits that a market collects orders from now on.
    pub(crate) fn begin_auction(&mut self, market: MarketId) {
        self.auctions.insert(market);
        self.set_state(market, MarketState::Auction);
    }

    fn set_state(&mut self, market: MarketId, state: MarketState) {
        self.emit(Event::MarketStateSet { market, state, until: Timestamp::NEVER, cause: StateCause::Operator });
    }

    /// The price of most volume, the lowest of several; with the volume and what is left over.
    fn auction_price(&self, market: MarketId) -> (i64, i64, i64) {
        let volume = |price: i64| {
            let buys = self.resting(market, Side::Buy).filter(|(_, order)| order.price.0 >= price);
            let sells = self.resting(market, Side::Sell).filter(|(_, order)| order.price.0 <= price);
            let sum = |orders: &mut dyn Iterator<Item = &(u64, model::OpenOrder)>| -> i64 {
                orders.map(|(_, order)| order.remaining.0).sum()
            };
            let (buys, sells) = (sum(&mut { buys }), sum(&mut { sells }));
            (buys.min(sells), buys - sells)
        };
        let orders = [Side::Buy, Side::Sell].into_iter().flat_map(|side| self.resting(market, side));
        let best = orders.map(|(_, order)| order.price.0).max_by_key(|&price| (volume(price).0, -price));
        best.map_or((0, 0, 0), |price| (price, volume(price).0, volume(price).1))
    }

    /// Emits what the auction would trade now.
    pub(crate) fn indicate(&mut self, market: MarketId) {
        let (price, volume, imbalance) = self.auction_price(market);
        let price = Price(if volume == 0 { 0 } else { price });
        self.emit(Event::Indicative { market, price, volume: Quantity(volume), imbalance: Quantity(imbalance) });
    }

    /// Emits the trades of an auction, and that the market trades again.
    pub(crate) fn end_auction(&mut self, market: MarketId) {
        let (price, mut left, _) = self.auction_price(market);
        if left > 0 {
            self.emit(Event::Uncrossed { market, price: Price(price), volume: Quantity(left) });
        }
        while left > 0 {
            let (buy, sell) = (self.first(market, Side::Buy).unwrap(), self.first(market, Side::Sell).unwrap());
            let quantity = left.min(buy.visible.0).min(sell.visible.0);
            let (maker, mut taker) = if buy.order < sell.order { (buy, sell) } else { (sell, buy) };
            self.trade(&mut taker, maker.order, &Meeting { quantity, price, auction: true });
            left -= quantity;
        }
        self.auctions.remove(&market);
        self.set_state(market, MarketState::Trading);
        self.run_queue();
    }
}
