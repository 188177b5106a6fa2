//! Order lists: pairs on both sides of the price, orders that others wait for, and what may be wrong with them.

use model::{
    AccountId, ClientOrderId, Command, ListId, ListKind, ListTarget, MarketId, OrderType, Place, PlaceList, Price,
    Quantity, Side,
};

use super::{Workload, scene};

impl Workload {
    pub(super) fn place_list(&mut self) -> Command {
        let (account, market) = (self.account(), self.market());
        let kind =
            self.random.weighted(&[(400, ListKind::Oco), (300, ListKind::Oto), (300, ListKind::Otoco)], ListKind::Oco);
        let side = self.side();
        let mut orders = [Place::BLANK; 3];
        match kind {
            ListKind::Oco => [orders[0], orders[1]] = self.pair(side, market),
            ListKind::Oto => {
                orders[0] = self.working(side, market);
                let pending = [
                    OrderType::Limit,
                    OrderType::LimitMaker,
                    OrderType::Market,
                    OrderType::StopLoss,
                    OrderType::StopLossLimit,
                    OrderType::TakeProfit,
                    OrderType::TakeProfitLimit,
                ];
                let order_type = self.random.pick(&pending).copied().unwrap_or(OrderType::Limit);
                let side = if self.random.chance(750) { side.opposite() } else { side };
                orders[1] = Place { market, ..self.place_of(order_type, side) };
                self.price_it(&mut orders[1]);
                if orders[1].quote_quantity.0 != 0 && self.random.chance(900) {
                    (orders[1].quote_quantity, orders[1].quantity) = (model::Amount(0), self.quantity(market));
                }
            }
            ListKind::Otoco => {
                orders[0] = self.working(side, market);
                let side = if self.random.chance(750) { side.opposite() } else { side };
                [orders[1], orders[2]] = self.pair(side, market);
            }
        }
        for place in orders.iter_mut().take(kind.orders()) {
            (place.account, place.market) = (account, market);
        }
        let client_id = if self.random.chance(400) { self.client_id() } else { ClientOrderId::EMPTY };
        let mut list = PlaceList { kind, client_id, orders };
        if self.random.chance(130) {
            self.spoil_list(&mut list);
        }
        Command::PlaceList(Box::new(list))
    }

    /// An order near the middle, that is filled soon.
    fn working(&mut self, side: Side, market: MarketId) -> Place {
        let order_type = if self.random.chance(700) { OrderType::Limit } else { OrderType::LimitMaker };
        let mut place = Place { market, ..self.place_of(order_type, side) };
        self.price_it(&mut place);
        let steps = if order_type == OrderType::Limit { self.random.between(-3, 4) } else { self.random.between(1, 4) };
        let middle = self.middle(market);
        place.price = Price(if side == Side::Buy { middle - steps * 5 } else { middle + steps * 5 }.max(5));
        place
    }

    /// Two orders of one side: one takes profit beyond the price, the other stops a loss.
    fn pair(&mut self, side: Side, market: MarketId) -> [Place; 2] {
        let profits = [OrderType::LimitMaker, OrderType::LimitMaker, OrderType::TakeProfit, OrderType::TakeProfitLimit];
        let profit = self.random.pick(&profits).copied().unwrap_or(OrderType::LimitMaker);
        let stop = if self.random.chance(500) { OrderType::StopLoss } else { OrderType::StopLossLimit };
        let [mut profit, mut stop] = [profit, stop].map(|order_type| self.place_of(order_type, side));
        for place in [&mut profit, &mut stop] {
            place.market = market;
            self.price_it(place);
        }
        if profit.order_type == OrderType::LimitMaker {
            let away = self.random.between(1, 6) * 5;
            let middle = self.middle(market);
            profit.price = Price(if side == Side::Sell { middle + away } else { middle - away }.max(5));
        }
        stop.quantity = profit.quantity;
        if self.random.chance(250) { [stop, profit] } else { [profit, stop] }
    }

    fn spoil_list(&mut self, list: &mut PlaceList) {
        let orders = list.kind.orders();
        let at = usize::try_from(self.random.below(orders as u64)).unwrap_or(0);
        match self.random.below(8) {
            0 => list.orders[at].side = list.orders[at].side.opposite(),
            1 => list.orders[at].quantity = Quantity(list.orders[at].quantity.0 + 10),
            2 => list.orders[at].account = self.account(),
            3 => list.orders[at].market = self.random.pick(&scene::MARKETS).copied().unwrap_or_default(),
            4 => list.orders[at].client_id = list.orders[0].client_id,
            5 => list.orders.swap(0, 1),
            6 => list.orders[at].price = Price(self.middle(list.orders[at].market)),
            _ => {
                let mut place = list.orders[at];
                self.spoil(&mut place);
                list.orders[at] = place;
            }
        }
    }

    /// A list that is or was open, most often with its own account and market.
    pub(super) fn cancel_list(&mut self) -> Command {
        let unknown = (ListId(self.random.below(20)), self.account(), self.market(), self.client_id());
        let (list, mut account, mut market, client_id) = self.random.pick(&self.lists).copied().unwrap_or(unknown);
        if self.random.chance(60) {
            account = self.account();
        }
        if self.random.chance(60) {
            market = self.market();
        }
        let by_name = self.random.chance(400) && !client_id.is_empty() || self.random.chance(30);
        let target = if by_name { ListTarget::Client(client_id) } else { ListTarget::List(list) };
        Command::CancelList { account, market, target, client_id: self.client_id() }
    }
}

/// A list that was open: its id, owner, market and name.
pub(super) type KnownList = (ListId, AccountId, MarketId, ClientOrderId);
