//! Random commands.

use model::{
    AccountId, Amount, AssetId, Batch, ClientOrderId, Event, HoldId, ListKind, MarketId, OpenOrder, OrderId, OrderType,
    Reject, SelfTrade, Side, TimeInForce, Wait, system,
};

use super::{Exchange, Want};

impl Exchange {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound.max(1)
    }

    /// A batch of random commands.
    pub(crate) fn batch(&mut self, commands: usize) -> Batch {
        for _ in 0..commands {
            self.command();
        }
        self.take()
    }

    fn someone(&mut self) -> AccountId {
        let accounts = u64::from(self.accounts);
        AccountId(1_000 + self.below(accounts) as u32)
    }

    /// Some open order of which this holds.
    fn some_order(&mut self, fits: impl Fn(&OpenOrder) -> bool) -> Option<OrderId> {
        let fitting: Vec<OrderId> = self.orders.values().filter(|(_, o)| fits(o)).map(|(_, o)| o.order).collect();
        let at = self.below(fitting.len() as u64) as usize;
        fitting.get(at).copied()
    }

    /// One random command.
    pub(crate) fn command(&mut self) {
        let crowded = self.orders.len() > self.most_open;
        match self.below(100) {
            0..49 if !crowded => {
                let want = self.some_want();
                self.place(&want);
            }
            49..53 if !crowded => self.some_list(),
            53..57 => {
                // What is triggered while its market does not trade would have to wait.
                let auctions = self.auctions.clone();
                let waits = |o: &OpenOrder| o.wait == Wait::Stop && !auctions.contains(&o.market);
                if let Some(order) = self.some_order(waits) {
                    self.trigger(order);
                }
            }
            0..72 => match self.some_order(|_| true) {
                Some(order) => self.cancel(order, ClientOrderId::new("cancel").unwrap()),
                None => self.emit(Event::Rejected { account: AccountId(1_000), reason: Reject::UnknownOrder }),
            },
            72..76 => {
                if let Some(order) = self.some_order(|o| o.list.0 == 0 && o.remaining.0 > 1) {
                    let remaining = self.orders[&order].1.remaining.0;
                    let less = 1 + self.below(remaining as u64 - 1) as i64;
                    self.next_name += 1;
                    let name = if less % 2 == 0 { format!("a-{}", self.next_name) } else { String::new() };
                    self.amend(order, less, ClientOrderId::new(&name).unwrap());
                }
            }
            76..81 => {
                if let Some(order) = self.some_order(|o| o.list.0 == 0 && o.wait == Wait::Nothing) {
                    let (price, quantity) = (9_900 + self.below(200) as i64, 1 + self.below(3_000) as i64);
                    self.modify(order, price, quantity);
                }
            }
            81..84 => self.some_replacement(),
            84..86 => {
                let account = self.someone();
                let mine: Vec<_> =
                    self.orders.values().filter(|(_, o)| o.account == account).map(|o| o.1.order).collect();
                for &order in &mine {
                    // One of a list may be gone with another.
                    if self.orders.contains_key(&order) {
                        self.cancel(order, ClientOrderId::EMPTY);
                    }
                }
                self.emit(Event::AllCancelled { account, count: mine.len() as u32 });
            }
            86..88 => self.some_state(),
            88..94 => {
                let (from, to, amount) = (self.someone(), self.someone(), 1 + self.below(1_000) as i64);
                let asset = AssetId(1 + self.below(3) as u16);
                if from != to {
                    self.transfer(from, to, asset, amount);
                }
            }
            94..97 => {
                let (account, asset) = (self.someone(), AssetId(1 + self.below(3) as u16));
                let amount = 2 + self.below(1_000) as i64;
                let hold = HoldId(self.next_hold);
                self.next_hold += 1;
                self.pay(account, asset, -amount, amount);
                self.holds.insert(hold, (account, asset, amount));
                self.emit(Event::Held { hold, account, asset, amount: Amount(amount) });
            }
            _ => self.end_hold(),
        }
        if self.events.is_empty() {
            self.emit(Event::Rejected { account: AccountId(1_000), reason: Reject::InvalidOrder });
        }
        self.step();
    }

    fn some_replacement(&mut self) {
        if let Some(order) = self.some_order(|o| o.list.0 == 0) {
            let mut want = self.some_want();
            want.account = self.orders[&order].1.account;
            want.market = self.orders[&order].1.market;
            self.cancel(order, ClientOrderId::new("replace").unwrap());
            self.place(&want);
        } else {
            self.emit(Event::CancelRejected { account: AccountId(1_000), reason: Reject::UnknownOrder });
        }
    }

    /// A market begins an auction, or goes on with it, or ends it.
    fn some_state(&mut self) {
        let market = MarketId(1 + self.below(2) as u16);
        match (self.auctions.contains(&market), self.below(3)) {
            (false, _) => self.begin_auction(market),
            (true, 0) => self.indicate(market),
            (true, _) => self.end_auction(market),
        }
    }

    fn end_hold(&mut self) {
        let Some((&hold, &(account, asset, amount))) = self.holds.first_key_value() else { return };
        self.holds.remove(&hold);
        if self.below(2) == 0 {
            self.pay(account, asset, amount, -amount);
            self.emit(Event::Released { hold, account, asset, amount: Amount(amount) });
            return;
        }
        let (paid, remaining) = (Amount(amount / 2), Amount(amount - amount / 2));
        self.pay(account, asset, 0, -paid.0);
        self.pay(system::ESCROW, asset, paid.0, 0);
        self.holds.insert(hold, (account, asset, remaining.0));
        self.emit(Event::Captured { hold, account, to: system::ESCROW, asset, amount: paid, remaining });
    }

    fn some_want(&mut self) -> Want {
        let kind = self.below(24);
        let side = if self.below(2) == 0 { Side::Buy } else { Side::Sell };
        let (order_type, time_in_force) = match kind {
            0..2 => (OrderType::Market, TimeInForce::Ioc),
            2..4 => (OrderType::Limit, TimeInForce::Ioc),
            4 => (OrderType::StopLoss, TimeInForce::Gtc),
            5 => (OrderType::TakeProfitLimit, TimeInForce::Ioc),
            6 => (OrderType::StopLossLimit, TimeInForce::Gtc),
            _ => (OrderType::Limit, TimeInForce::Gtc),
        };
        // Mostly beside the middle, sometimes across.
        let away = self.below(60) as i64 - 10;
        let price = if side == Side::Buy { 10_000 - away } else { 10_000 + away };
        let by_quote = kind == 0;
        let quantity = 1 + self.below(3_000) as i64;
        self.next_name += 1;
        // Every tenth order has no name.
        let name = if self.next_name.is_multiple_of(10) { String::new() } else { format!("c-{}", self.next_name) };
        let modes = [
            SelfTrade::None,
            SelfTrade::None,
            SelfTrade::ExpireTaker,
            SelfTrade::ExpireMaker,
            SelfTrade::ExpireBoth,
            SelfTrade::Decrement,
        ];
        let want = Want {
            account: self.someone(),
            market: MarketId(1 + self.below(2) as u16),
            side,
            order_type,
            time_in_force,
            self_trade: modes[self.below(6) as usize],
            price: if order_type.has_limit() { price } else { 0 },
            quantity: if by_quote { 0 } else { quantity },
            quote_quantity: if by_quote { quantity * 10_000_000 } else { 0 },
            stop_price: if order_type.is_contingent() { 9_900 + self.below(200) as i64 } else { 0 },
            iceberg: if kind > 18 { 1 + quantity / 4 } else { 0 },
            client_id: ClientOrderId::new(&name).unwrap(),
        };
        if !self.auctions.contains(&want.market) || order_type.is_contingent() {
            return want;
        }
        // An auction collects nothing else.
        let (order_type, time_in_force) = (OrderType::Limit, TimeInForce::Gtc);
        Want { order_type, time_in_force, price, quantity, quote_quantity: 0, ..want }
    }

    fn some_list(&mut self) {
        let mut first = self.some_want();
        first = Want {
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            price: if first.side == Side::Buy { 9_900 } else { 10_100 } + self.below(80) as i64,
            quantity: 1 + self.below(3_000) as i64,
            quote_quantity: 0,
            stop_price: 0,
            iceberg: 0,
            ..first
        };
        let nameless = |want: Want| Want { client_id: ClientOrderId::EMPTY, ..want };
        let stop = |want: Want| Want {
            order_type: OrderType::StopLossLimit,
            price: if want.side == Side::Buy { 10_150 } else { 9_850 },
            stop_price: if want.side == Side::Buy { 10_120 } else { 9_880 },
            ..nameless(want)
        };
        // Away from the middle, so that nothing trades that must not.
        let maker = |want: Want| Want {
            order_type: OrderType::LimitMaker,
            price: if want.side == Side::Buy { 9_500 } else { 10_500 },
            ..nameless(want)
        };
        let back = Want { side: first.side.opposite(), ..first };
        match self.below(3) {
            0 => self.place_list(ListKind::Oco, &[maker(first), stop(first)], "oco"),
            1 => self.place_list(ListKind::Oto, &[first, maker(back)], ""),
            _ => self.place_list(ListKind::Otoco, &[first, maker(back), stop(back)], "otoco"),
        };
    }
}
