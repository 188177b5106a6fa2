//! Orders around a moving price, and what may be wrong with them.

use model::{
    Amend, Amount, CancelReplace, ClientOrderId, Command, MarketId, OrderType, Place, Price, Quantity, ReplaceMode,
    SelfTrade, Side, TimeInForce, Timestamp,
};

use super::{Workload, scene};

const TYPES: [(u64, OrderType); 7] = [
    (430, OrderType::Limit),
    (130, OrderType::Market),
    (100, OrderType::LimitMaker),
    (90, OrderType::StopLoss),
    (90, OrderType::StopLossLimit),
    (80, OrderType::TakeProfit),
    (80, OrderType::TakeProfitLimit),
];

const MODES: [(u64, SelfTrade); 5] = [
    (500, SelfTrade::None),
    (100, SelfTrade::ExpireTaker),
    (120, SelfTrade::ExpireMaker),
    (80, SelfTrade::ExpireBoth),
    (200, SelfTrade::Decrement),
];

impl Workload {
    pub(super) fn place(&mut self) -> Place {
        let (account, market) = (self.account(), self.market());
        let order_type = self.random.weighted(&TYPES, OrderType::Limit);
        let side = self.side();
        let mut place = self.place_of(order_type, side);
        (place.account, place.market) = (account, market);
        self.price_it(&mut place);
        if self.random.chance(70) {
            self.spoil(&mut place);
        }
        place
    }

    pub(super) fn side(&mut self) -> Side {
        if self.random.chance(500) { Side::Buy } else { Side::Sell }
    }

    /// An order of a kind, without account, market, prices and sizes.
    pub(super) fn place_of(&mut self, order_type: OrderType, side: Side) -> Place {
        let waits = [(800, TimeInForce::Gtc), (200, TimeInForce::Gtd)];
        let any = [(640, TimeInForce::Gtc), (140, TimeInForce::Ioc), (90, TimeInForce::Fok), (130, TimeInForce::Gtd)];
        let time_in_force = match order_type {
            OrderType::Market => TimeInForce::Ioc,
            OrderType::LimitMaker | OrderType::StopLoss | OrderType::TakeProfit => {
                self.random.weighted(&waits, TimeInForce::Gtc)
            }
            _ => self.random.weighted(&any, TimeInForce::Gtc),
        };
        Place {
            side,
            order_type,
            time_in_force,
            self_trade: self.random.weighted(&MODES, SelfTrade::None),
            expire_at: if time_in_force == TimeInForce::Gtd { self.later() } else { Timestamp::NEVER },
            client_id: if self.random.chance(350) { self.client_id() } else { ClientOrderId::EMPTY },
            ..Place::BLANK
        }
    }

    /// Gives an order of a known kind, side and market its prices and sizes.
    pub(super) fn price_it(&mut self, place: &mut Place) {
        let by_quote = place.order_type == OrderType::Market && self.random.chance(450);
        if by_quote {
            place.quote_quantity = self.quote();
        } else {
            place.quantity = self.quantity(place.market);
        }
        if place.order_type.has_limit() {
            place.price = self.price(place.market, place.side);
        }
        if place.order_type.is_contingent() {
            self.give_trigger(place);
        }
        if place.order_type.has_limit() && place.time_in_force.may_rest() && self.random.chance(280) {
            let parts = self.random.between(1, 7);
            let step = if place.market == scene::COARSE { 1 } else { 10 };
            place.iceberg = Quantity((place.quantity.0 / parts / step).max(1) * step);
        }
    }

    /// A stop price a little beyond the middle, a trailing delta, or both.
    fn give_trigger(&mut self, place: &mut Place) {
        let middle = self.middle(place.market);
        let rises =
            matches!(place.order_type, OrderType::StopLoss | OrderType::StopLossLimit) == (place.side == Side::Buy);
        let nearest = if self.random.chance(60) { -3 } else { 1 };
        let ticks = self.random.between(nearest, 9) * 5;
        let kind = self.random.below(10);
        if kind < 8 {
            place.stop_price = Price(if rises { middle + ticks } else { middle - ticks }.max(5));
        }
        if kind > 5 {
            let delta = self.random.between(5, 60);
            place.trailing_delta = u16::try_from(delta).unwrap_or(10);
        }
        if place.order_type.has_limit() && place.stop_price.0 != 0 {
            // Most limits take what the trigger finds.
            let room = self.random.between(-3, 12) * 5;
            let away = if place.side == Side::Buy { room } else { -room };
            place.price = Price(place.stop_price.0.saturating_add(away).max(5));
        }
    }

    pub(super) fn modify(&mut self) -> Command {
        let (account, market, target) = self.target();
        let order = match target {
            model::Target::Order(id) | model::Target::Both(id, _) => id,
            model::Target::Client(_) => self.random.pick(&self.orders).map_or(model::OrderId(0), |known| known.order),
        };
        let side = self.side();
        let quantity = match self.random.below(40) {
            0 => Quantity(0),
            1 => Quantity(i64::MAX),
            _ => self.quantity(market),
        };
        let odd = self.random.chance(30);
        let price = if odd { Price(self.random.between(-5, 5)) } else { self.price(market, side) };
        Command::Modify { account, market, order, price, quantity }
    }

    pub(super) fn amend(&mut self) -> Command {
        let (account, market, target) = self.target();
        let client_id = if self.random.chance(300) { self.client_id() } else { ClientOrderId::EMPTY };
        let quantity = match self.random.below(20) {
            0 => Quantity(self.random.between(-1, 9)),
            _ if market == scene::COARSE => Quantity(1),
            _ => Quantity(self.random.between(1, 20) * 10),
        };
        Command::Amend(Amend { account, market, target, quantity, client_id })
    }

    pub(super) fn cancel_replace(&mut self) -> Command {
        let (account, market, target) = self.target();
        let mode = if self.random.chance(500) { ReplaceMode::StopOnFailure } else { ReplaceMode::AllowFailure };
        let mut place = self.place();
        if place.market != market && scene::MARKETS.contains(&market) {
            place.market = market;
            self.price_it(&mut place);
        }
        let place = Place { account, market, ..place };
        Command::CancelReplace(CancelReplace { mode, target, cancel_id: self.client_id(), place })
    }

    /// A name out of few, so that names meet.
    pub(super) fn client_id(&mut self) -> ClientOrderId {
        match self.random.below(40) {
            0 => ClientOrderId::EMPTY,
            number => ClientOrderId::new(&format!("c-{number}")).unwrap_or_default(),
        }
    }

    /// A price near the middle, bids a little lower than asks, so that orders rest on many levels and often cross.
    pub(super) fn price(&mut self, market: MarketId, side: Side) -> Price {
        let away = self.random.between(-7, 9) * 5;
        let middle = self.middle(market);
        Price(if side == Side::Buy { middle - away } else { middle + away }.max(5))
    }

    pub(super) fn quantity(&mut self, market: MarketId) -> Quantity {
        if market == scene::COARSE {
            return Quantity(self.random.between(1, 3));
        }
        let lots = if self.random.chance(100) { self.random.between(100, 400) } else { self.random.between(1, 20) * 2 };
        Quantity(lots * 10)
    }

    fn quote(&mut self) -> Amount {
        Amount(self.random.between(1_500_000, 40_000_000))
    }

    /// Makes one thing about an order wrong, or at least unusual.
    pub(super) fn spoil(&mut self, place: &mut Place) {
        let sizes = [0, -1, 1, 3, 7, 12, 100_010, 1_000_000_000_000, i64::MAX, i64::MIN];
        let size = self.random.pick(&sizes).copied().unwrap_or_default();
        match self.random.below(20) {
            0 | 1 => place.price = Price(size),
            2 | 3 => place.quantity = Quantity(size),
            4 => place.quote_quantity = Amount(size),
            5 => place.time_in_force = TimeInForce::Fok,
            6 => place.order_type = OrderType::Market,
            7 => place.order_type = OrderType::LimitMaker,
            8 => {
                // Dear, and far from the middle: what it costs is seldom there.
                (place.price, place.quantity) = (Price(900_000), Quantity(100_000));
            }
            9 => {
                place.market = scene::COARSE;
                place.quantity = Quantity(self.random.between(9, 12));
            }
            10 => place.stop_price = Price(size),
            11 => place.trailing_delta = self.random.pick(&[0, 1, 501, 10_000, u16::MAX]).copied().unwrap_or(0),
            12 | 13 => place.iceberg = Quantity(self.random.pick(&[-1, 7, 10, 20, i64::MAX]).copied().unwrap_or(0)),
            14 => place.expire_at = Timestamp(self.now.saturating_sub(self.random.below(2))),
            15 => place.time_in_force = TimeInForce::Gtd,
            16 => place.price = Price(place.price.0 + 700),
            17 => place.price = Price((place.price.0 - 700).max(5)),
            18 => place.stop_price = Price(self.middle(place.market)),
            _ => (place.quantity, place.iceberg) = (Quantity(5_000), Quantity(10)),
        }
    }
}
