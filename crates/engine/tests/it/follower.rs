//! What a view makes of the events alone, compared with the engine's own image after every command: balances, open orders
//! and what the book shows of them, lists and countdowns.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AccountId, Amount, AssetId, ClientOrderId, Event, Image, ListId, Market, MarketId, MarketState, OpenOrder, OrderId,
    Prevented, Price, Quantity, SelfTrade, Side, Timestamp, Trade, Wait, system,
};

/// An open order as its events tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    account: AccountId,
    market: MarketId,
    side: Side,
    price: Price,
    remaining: Quantity,
    visible: Quantity,
    list: ListId,
    client_id: ClientOrderId,
}

/// Everything that it knows.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    markets: BTreeMap<MarketId, Market>,
    /// Available and held.
    balances: BTreeMap<(AccountId, AssetId), (i64, i64)>,
    orders: BTreeMap<OrderId, Known>,
    /// The market order by quote amount that came last: it goes on though nothing is said to remain of it.
    by_quote: Option<OrderId>,
    lists: BTreeSet<ListId>,
    countdowns: BTreeMap<(AccountId, Option<MarketId>), Timestamp>,
}

impl Follower {
    fn post(&mut self, account: AccountId, asset: AssetId, available: i64, held: i64) {
        let balance = self.balances.entry((account, asset)).or_default();
        (balance.0, balance.1) = (balance.0 + available, balance.1 + held);
    }

    /// Moves from available to held, or back when negative.
    fn hold(&mut self, account: AccountId, market: MarketId, side: Side, amount: i64) {
        let market = self.markets[&market];
        let asset = if side == Side::Buy { market.quote } else { market.base };
        self.post(account, asset, -amount, amount);
    }

    fn order(&mut self, id: OrderId) -> &mut Known {
        self.orders.get_mut(&id).expect("an order that is open")
    }

    pub(crate) fn take(&mut self, event: &Event) {
        match event {
            Event::MarketAdded(market) | Event::MarketSet(market) => {
                self.markets.insert(market.id, *market);
            }
            &Event::Transferred { from, to, asset, amount } => {
                self.post(from, asset, -amount.0, 0);
                self.post(to, asset, amount.0, 0);
            }
            &Event::Held { account, asset, amount, .. } => self.post(account, asset, -amount.0, amount.0),
            &Event::Released { account, asset, amount, .. } => self.post(account, asset, amount.0, -amount.0),
            &Event::Captured { account, to, asset, amount, .. } => {
                self.post(account, asset, 0, -amount.0);
                self.post(to, asset, amount.0, 0);
            }
            &Event::ListPlaced { list, .. } => assert!(self.lists.insert(list)),
            &Event::ListDone { list, .. } => {
                assert!(self.lists.remove(&list));
                assert!(self.orders.values().all(|order| order.list != list), "L{list} has open orders");
            }
            &Event::CountdownSet { account, market, deadline } => {
                self.countdowns.remove(&(account, market));
                if deadline != Timestamp::NEVER {
                    self.countdowns.insert((account, market), deadline);
                }
            }
            &Event::CountdownFired { account, market } => {
                assert!(self.countdowns.remove(&(account, market)).is_some());
            }
            other => self.take_order(other),
        }
    }

    fn take_order(&mut self, event: &Event) {
        match event {
            Event::Accepted(e) => {
                let known = Known {
                    account: e.account,
                    market: e.market,
                    side: e.side,
                    price: e.price,
                    remaining: e.quantity,
                    visible: Quantity(0),
                    list: e.list,
                    client_id: e.client_id,
                };
                assert_eq!(self.orders.insert(e.order, known), None);
                self.by_quote = (e.quote_quantity.0 > 0).then_some(e.order);
            }
            &Event::Armed { account, market, side, held, .. }
            | &Event::Triggered { account, market, side, held, .. } => {
                self.hold(account, market, side, held.0);
            }
            &Event::Entered { account, market, side, released, .. } => self.hold(account, market, side, -released.0),
            &Event::Rested { order, account, market, side, price, remaining, visible, held } => {
                self.hold(account, market, side, held.0);
                let known = self.order(order);
                assert_eq!((known.price, known.remaining, known.visible.0), (price, remaining, 0), "#{order} rests");
                known.visible = visible;
            }
            &Event::Refilled { order, visible, .. } => {
                let known = self.order(order);
                assert_eq!(known.visible.0, 0, "#{order} still shows something");
                known.visible = visible;
            }
            &Event::Modified {
                order,
                account,
                market,
                side,
                old_price,
                old_remaining,
                old_visible,
                price,
                quantity,
                released,
            } => {
                self.hold(account, market, side, -released.0);
                let known = self.order(order);
                let old = (known.price, known.remaining, known.visible);
                assert_eq!(old, (old_price, old_remaining, old_visible), "#{order} before");
                (known.price, known.remaining, known.visible) = (price, quantity, Quantity(0));
            }
            Event::Amended(e) => {
                self.hold(e.account, e.market, e.side, -e.released.0);
                let known = self.order(e.order);
                assert_eq!(known.price, e.price, "#{} is amended", e.order);
                known.visible.0 -= e.visible.0;
                (known.remaining, known.client_id) = (e.remaining, e.client_id);
            }
            Event::Closed(e) => {
                self.hold(e.account, e.market, e.side, -e.released.0);
                let known = self.orders.remove(&e.order).expect("an open order");
                let told = (e.price, e.remaining, e.visible);
                assert_eq!((known.price, known.remaining, known.visible), told, "#{} ends", e.order);
            }
            Event::Trade(e) => self.take_trade(e),
            Event::Prevented(e) => self.take_prevented(e),
            _ => {}
        }
    }

    fn take_trade(&mut self, e: &Trade) {
        let market = self.markets[&e.market];
        let base = e.quantity.0 * market.base_unit(3);
        let taker_buys = e.taker_side == Side::Buy;
        let (pays, gets) = if taker_buys {
            ((market.quote, e.quote.0), (market.base, base))
        } else {
            ((market.base, base), (market.quote, e.quote.0))
        };
        // What the taker pays the maker gets, and the other way round.
        if e.auction {
            self.post(e.taker_account, pays.0, 0, -pays.1);
            let buyer = if taker_buys { e.taker_account } else { e.maker_account };
            self.post(buyer, market.quote, e.released.0, -e.released.0);
        } else {
            self.post(e.taker_account, pays.0, -pays.1, 0);
        }
        self.post(e.maker_account, gets.0, 0, -gets.1);
        self.post(e.taker_account, gets.0, gets.1 - e.taker_fee.0, 0);
        self.post(e.maker_account, pays.0, pays.1 - e.maker_fee.0, 0);
        for (asset, fee, unit) in
            [(gets.0, e.taker_fee.0, e.rounding[1].into()), (pays.0, e.maker_fee.0, e.rounding[0].into())]
        {
            self.post(system::FEES, asset, fee - unit, 0);
            self.post(system::ROUNDING, asset, unit, 0);
        }
        for (order, remaining, rested) in
            [(e.maker_order, e.maker_remaining, true), (e.taker_order, e.taker_remaining, e.auction)]
        {
            let known = self.order(order);
            if known.remaining.0 > 0 {
                assert_eq!(known.remaining.0 - e.quantity.0, remaining.0, "#{order} trades");
            }
            known.remaining = remaining;
            known.visible.0 -= if rested { e.quantity.0 } else { 0 };
            if remaining.0 == 0 && self.by_quote != Some(order) {
                self.orders.remove(&order);
            }
        }
    }

    fn take_prevented(&mut self, e: &Prevented) {
        if e.mode == SelfTrade::Decrement {
            self.hold(e.maker_account, e.market, e.taker_side.opposite(), -e.released.0);
            let maker = self.order(e.maker_order);
            assert_eq!(maker.remaining.0 - e.maker_quantity.0, e.maker_remaining.0);
            maker.remaining = e.maker_remaining;
            maker.visible.0 -= e.maker_visible.0;
            let taker = self.order(e.taker_order);
            taker.remaining.0 -= e.taker_quantity.0;
        } else {
            assert_eq!((e.maker_visible, e.released), (Quantity(0), Amount(0)));
        }
    }

    /// Ends a command: an order by quote amount is gone now. Compares with the image.
    pub(crate) fn check(&mut self, image: &Image) {
        self.by_quote.take().and_then(|order| self.orders.remove(&order));
        let orders: BTreeMap<OrderId, Known> = image
            .orders
            .iter()
            .map(|order| {
                let known = Known {
                    account: order.account,
                    market: order.market,
                    side: order.side,
                    price: order.price,
                    remaining: order.remaining,
                    visible: order.visible,
                    list: order.list,
                    client_id: order.client_id,
                };
                (order.order, known)
            })
            .collect();
        assert_eq!(orders, self.orders, "open orders");
        self.balances.retain(|_, balance| *balance != (0, 0));
        let balances = image.balances.iter();
        let balances: BTreeMap<_, _> =
            balances.map(|found| ((found.account, found.asset), (found.available.0, found.held.0))).collect();
        assert_eq!(balances, self.balances, "balances");
        assert_eq!(image.lists.iter().map(|list| list.list).collect::<BTreeSet<_>>(), self.lists, "lists");
        let countdowns = image.countdowns.iter();
        let countdowns: BTreeMap<_, _> =
            countdowns.map(|found| ((found.account, found.market), found.deadline)).collect();
        assert_eq!(countdowns, self.countdowns, "countdowns");
        self.check_held(image);
        check_uncrossed(image);
    }

    /// What each account holds of an asset is what its open orders say, and its holds, which the image does not show.
    fn check_held(&self, image: &Image) {
        let mut needed: BTreeMap<(AccountId, AssetId), i64> = BTreeMap::new();
        for order in &image.orders {
            let market = self.markets[&order.market];
            let asset = if order.side == Side::Buy { market.quote } else { market.base };
            *needed.entry((order.account, asset)).or_default() += order.held.0;
        }
        for ((account, asset), needed) in needed {
            let held = self.balances.get(&(account, asset)).map_or(0, |balance| balance.1);
            assert!(needed <= held, "account {account}: orders hold {needed} of asset {asset}, of {held}");
        }
    }
}

/// Where a book is shown and may be traded with, no bid reaches an ask.
fn check_uncrossed(image: &Image) {
    let open = [MarketState::Trading, MarketState::PostOnly];
    for market in image.markets.iter().filter(|found| open.contains(&found.state)) {
        let prices = |side| {
            let is_here = move |order: &&OpenOrder| order.market == market.market.id && order.side == side;
            image.orders.iter().filter(is_here).filter(|order| order.wait == Wait::Nothing).map(|order| order.price)
        };
        if let (Some(bid), Some(ask)) = (prices(Side::Buy).max(), prices(Side::Sell).min()) {
            assert!(bid < ask, "{} stands crossed", market.market.symbol);
        }
    }
}
