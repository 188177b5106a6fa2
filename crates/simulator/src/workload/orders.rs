//! Orders around a moving price, and what may be wrong with them.

use model::{
    Amount, CancelReplace, ClientOrderId, Command, MarketId, OrderType, Place, Price, Quantity, ReplaceMode, SelfTrade,
    Side, TimeInForce,
};

use super::{Workload, scene};

impl Workload {
    pub(super) fn place(&mut self) -> Place {
        let market = self.market();
        let side = if self.random.chance(500) { Side::Buy } else { Side::Sell };
        let order_type = self.random.weighted(
            &[(700, OrderType::Limit), (180, OrderType::Market), (120, OrderType::LimitMaker)],
            OrderType::Limit,
        );
        let time_in_force = match order_type {
            OrderType::Market => TimeInForce::Ioc,
            OrderType::LimitMaker => TimeInForce::Gtc,
            OrderType::Limit => self.random.weighted(
                &[(750, TimeInForce::Gtc), (150, TimeInForce::Ioc), (100, TimeInForce::Fok)],
                TimeInForce::Gtc,
            ),
        };
        let by_quote = order_type == OrderType::Market && self.random.chance(500);
        let mut place = Place {
            account: self.account(),
            market,
            side,
            order_type,
            time_in_force,
            self_trade: if self.random.chance(400) { SelfTrade::ExpireTaker } else { SelfTrade::None },
            price: if order_type == OrderType::Market { Price(0) } else { self.price(side) },
            quantity: if by_quote { Quantity(0) } else { self.quantity(market) },
            quote_quantity: if by_quote { self.quote() } else { Amount(0) },
            client_id: if self.random.chance(350) { self.client_id() } else { ClientOrderId::EMPTY },
        };
        if self.random.chance(80) {
            self.spoil(&mut place);
        }
        place
    }

    pub(super) fn modify(&mut self) -> Command {
        let (account, market, target) = self.target();
        let order = match target {
            model::Target::Order(id) | model::Target::Both(id, _) => id,
            model::Target::Client(_) => self.random.pick(&self.orders).map_or(model::OrderId(0), |known| known.order),
        };
        let side = if self.random.chance(500) { Side::Buy } else { Side::Sell };
        let quantity = match self.random.below(40) {
            0 => Quantity(0),
            1 => Quantity(i64::MAX),
            _ => self.quantity(market),
        };
        let price = if self.random.chance(30) { Price(self.random.between(-5, 5)) } else { self.price(side) };
        Command::Modify { account, market, order, price, quantity }
    }

    pub(super) fn cancel_replace(&mut self) -> Command {
        let (account, market, target) = self.target();
        let mode = if self.random.chance(500) { ReplaceMode::StopOnFailure } else { ReplaceMode::AllowFailure };
        let place = Place { account, market, ..self.place() };
        Command::CancelReplace(CancelReplace { mode, target, cancel_id: self.client_id(), place })
    }

    /// A name out of few, so that names meet.
    pub(super) fn client_id(&mut self) -> ClientOrderId {
        match self.random.below(12) {
            0 => ClientOrderId::EMPTY,
            number => ClientOrderId::new(&format!("c-{number}")).unwrap_or_default(),
        }
    }

    /// A price near the middle, bids a little lower than asks, so that orders rest on many levels and often cross.
    fn price(&mut self, side: Side) -> Price {
        let away = self.random.between(-6, 10);
        let ticks = if side == Side::Buy { -away } else { away };
        Price(scene::MIDDLE + ticks * 5)
    }

    fn quantity(&mut self, market: MarketId) -> Quantity {
        if market == MarketId(3) {
            return Quantity(self.random.between(1, 3));
        }
        let lots = if self.random.chance(100) { self.random.between(100, 400) } else { self.random.between(1, 40) };
        Quantity(lots * 10)
    }

    fn quote(&mut self) -> Amount {
        Amount(self.random.between(1_500_000, 40_000_000))
    }

    /// Makes one thing about an order wrong, or at least unusual.
    fn spoil(&mut self, place: &mut Place) {
        let sizes = [0, -1, 1, 3, 7, 12, 100_010, 1_000_000_000_000, i64::MAX, i64::MIN];
        let size = self.random.pick(&sizes).copied().unwrap_or_default();
        match self.random.below(12) {
            0 | 1 => place.price = Price(size),
            2..=4 => place.quantity = Quantity(size),
            5 | 6 => place.quote_quantity = Amount(size),
            7 => place.time_in_force = TimeInForce::Fok,
            8 => place.order_type = OrderType::Market,
            9 => place.order_type = OrderType::LimitMaker,
            10 => {
                // Dear, and far from the middle: what it costs is seldom there.
                (place.price, place.quantity) = (Price(900_000), Quantity(100_000));
            }
            _ => {
                place.market = MarketId(3);
                place.quantity = Quantity(self.random.between(9, 12));
            }
        }
    }
}
