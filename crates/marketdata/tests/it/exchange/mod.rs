//! A naive exchange that makes random but consistent event streams. It keeps its own books and balances, in the plainest
//! way, so that views can be compared with them.

mod matching;

use std::collections::BTreeMap;

use model::{
    Accepted, AccountId, Amount, Asset, AssetId, Batch, ClientOrderId, CloseReason, Closed, Event, Fees, Filters,
    HoldId, Image, Market, MarketId, MarketImage, OpenOrder, OrderId, OrderType, Price, Quantity, Range, Reject,
    SelfTrade, Sequence, Side, SourceId, SourceSeq, Step, Symbol, TimeInForce, Timestamp, TradeId, system,
};

/// 2024-02-10 13:47:59 UTC.
pub(crate) const START: u64 = 1_707_572_879_000_000;
pub(crate) const SCALES: [(u16, &str, u8); 3] = [(1, "BTC", 8), (2, "USDT", 8), (3, "ETH", 9)];
const MAKER_PPM: i64 = 800;
const TAKER_PPM: i64 = 1_000;

pub(crate) fn asset(id: u16) -> Asset {
    let (id, symbol, scale) = SCALES[usize::from(id - 1)];
    Asset { id: AssetId(id), symbol: Symbol::new(symbol).unwrap(), scale }
}

pub(crate) fn market(id: u16) -> Market {
    let (symbol, base, price_decimals, quantity_decimals) =
        if id == 1 { ("BTCUSDT", 1, 2, 5) } else { ("ETHBTC", 3, 4, 4) };
    let any = Range { min: 1, max: i64::MAX, step: 1 };
    Market {
        id: MarketId(id),
        symbol: Symbol::new(symbol).unwrap(),
        base: AssetId(base),
        quote: AssetId(if id == 1 { 2 } else { 1 }),
        price_decimals,
        quantity_decimals,
        filters: Filters {
            price: any,
            lot: any,
            market_lot: any,
            min_notional: Amount(0),
            max_notional: Amount(i64::MAX),
            max_open_orders: 1_000,
        },
        fees: Fees { maker_ppm: MAKER_PPM as u32, taker_ppm: TAKER_PPM as u32 },
    }
}

fn scale(asset: AssetId) -> u8 {
    SCALES[usize::from(asset.0 - 1)].2
}

/// How the next order is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    pub(crate) account: AccountId,
    pub(crate) market: MarketId,
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) self_trade: SelfTrade,
    pub(crate) price: i64,
    pub(crate) quantity: i64,
    pub(crate) quote_quantity: i64,
    pub(crate) client_id: ClientOrderId,
}

#[derive(Debug)]
pub(crate) struct Exchange {
    random: u64,
    pub(crate) accounts: u32,
    /// Microseconds between two commands, at most.
    pub(crate) pace: u64,
    pub(crate) most_open: usize,
    sequence: u64,
    time: u64,
    next_order: u64,
    next_hold: u64,
    next_name: u64,
    priority: u64,
    last_trades: BTreeMap<MarketId, (TradeId, Price)>,
    /// With the time priority.
    pub(crate) orders: BTreeMap<OrderId, (u64, OpenOrder)>,
    pub(crate) balances: BTreeMap<(AccountId, AssetId), (i64, i64)>,
    holds: BTreeMap<HoldId, (AccountId, AssetId, i64)>,
    events: Vec<Event>,
    batch: Batch,
}

impl Exchange {
    /// An exchange before its first command.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            accounts: 6,
            pace: 400_000,
            most_open: 60,
            sequence: 0,
            time: START,
            next_order: 1,
            next_hold: 1,
            next_name: 1,
            priority: 0,
            last_trades: BTreeMap::new(),
            orders: BTreeMap::new(),
            balances: BTreeMap::new(),
            holds: BTreeMap::new(),
            events: Vec::new(),
            batch: Batch::default(),
        }
    }

    /// The same with assets, markets and funded accounts: the first batch.
    pub(crate) fn open(seed: u64, accounts: u32) -> (Self, Batch) {
        let mut exchange = Self::new(seed);
        exchange.accounts = accounts;
        for id in 1..=3 {
            exchange.emit(Event::AssetAdded(asset(id)));
            exchange.step();
        }
        for id in 1..=2 {
            exchange.emit(Event::MarketAdded(market(id)));
            exchange.last_trades.insert(MarketId(id), (TradeId(0), Price(0)));
            exchange.step();
        }
        for index in 0..accounts {
            let account = AccountId(1_000 + index);
            exchange.emit(Event::AccountOpened { account });
            exchange.step();
            for id in 1..=3 {
                exchange.transfer(system::CUSTODY, account, AssetId(id), 10i64.pow(14));
                exchange.step();
            }
        }
        let batch = exchange.take();
        (exchange, batch)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound.max(1)
    }

    fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    fn pay(&mut self, account: AccountId, asset: AssetId, available: i64, held: i64) {
        let balance = self.balances.entry((account, asset)).or_default();
        balance.0 += available;
        balance.1 += held;
    }

    /// Ends the command: its events become a step.
    pub(crate) fn step(&mut self) {
        self.time += 1 + self.below(self.pace);
        self.sequence += 1;
        let events = std::mem::take(&mut self.events);
        self.batch.steps.push(Step {
            sequence: Sequence(self.sequence),
            time: Timestamp(self.time),
            source: SourceId::NONE,
            source_seq: SourceSeq(0),
            first_event: self.batch.events.len() as u32,
            event_count: events.len() as u32,
        });
        self.batch.events.extend(events);
    }

    /// The steps since the last call.
    pub(crate) fn take(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    /// A batch of random commands.
    pub(crate) fn batch(&mut self, commands: usize) -> Batch {
        for _ in 0..commands {
            self.command();
        }
        self.take()
    }

    pub(crate) fn now(&self) -> Timestamp {
        // Orders are changed before their step is stamped; the stamp of the step is at most this far away.
        Timestamp(self.time)
    }

    fn someone(&mut self) -> AccountId {
        let accounts = u64::from(self.accounts);
        AccountId(1_000 + self.below(accounts) as u32)
    }

    fn some_order(&mut self) -> Option<OrderId> {
        let at = self.below(self.orders.len() as u64) as usize;
        self.orders.keys().nth(at).copied()
    }

    /// One random command.
    pub(crate) fn command(&mut self) {
        let crowded = self.orders.len() > self.most_open;
        match self.below(100) {
            0..55 if !crowded => {
                let want = self.some_want();
                self.place(&want);
            }
            0..75 => match self.some_order() {
                Some(order) => self.cancel(order, ClientOrderId::new("cancel").unwrap()),
                None => self.emit(Event::Rejected { account: AccountId(1_000), reason: Reject::UnknownOrder }),
            },
            75..82 => {
                if let Some(order) = self.some_order() {
                    let (price, quantity) = (9_900 + self.below(200) as i64, 1 + self.below(3_000) as i64);
                    self.modify(order, price, quantity);
                }
            }
            82..86 => {
                if let Some(order) = self.some_order() {
                    let mut want = self.some_want();
                    want.account = self.orders[&order].1.account;
                    want.market = self.orders[&order].1.market;
                    self.cancel(order, ClientOrderId::new("replace").unwrap());
                    self.place(&want);
                } else {
                    self.emit(Event::CancelRejected { account: AccountId(1_000), reason: Reject::UnknownOrder });
                }
            }
            86..88 => {
                let account = self.someone();
                let mine: Vec<_> =
                    self.orders.values().filter(|(_, o)| o.account == account).map(|o| o.1.order).collect();
                for &order in &mine {
                    self.cancel(order, ClientOrderId::EMPTY);
                }
                self.emit(Event::AllCancelled { account, count: mine.len() as u32 });
            }
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

    pub(crate) fn transfer(&mut self, from: AccountId, to: AccountId, asset: AssetId, amount: i64) {
        self.pay(from, asset, -amount, 0);
        self.pay(to, asset, amount, 0);
        self.emit(Event::Transferred { from, to, asset, amount: Amount(amount) });
    }

    fn some_want(&mut self) -> Want {
        let kind = self.below(20);
        let side = if self.below(2) == 0 { Side::Buy } else { Side::Sell };
        let (order_type, time_in_force) = match kind {
            0..2 => (OrderType::Market, TimeInForce::Ioc),
            2..4 => (OrderType::Limit, TimeInForce::Ioc),
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
        Want {
            account: self.someone(),
            market: MarketId(1 + self.below(2) as u16),
            side,
            order_type,
            time_in_force,
            self_trade: if self.below(3) == 0 { SelfTrade::ExpireTaker } else { SelfTrade::None },
            price: if order_type == OrderType::Market { 0 } else { price },
            quantity: if by_quote { 0 } else { quantity },
            quote_quantity: if by_quote { quantity * 10_000_000 } else { 0 },
            client_id: ClientOrderId::new(&name).unwrap(),
        }
    }

    /// A plain order good till cancelled, as a command of its own.
    pub(crate) fn limit(&mut self, account: u32, side: Side, price: i64, quantity: i64, name: &str) -> OrderId {
        let want = Want {
            account: AccountId(account),
            market: MarketId(1),
            side,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            self_trade: SelfTrade::None,
            price,
            quantity,
            quote_quantity: 0,
            client_id: ClientOrderId::new(name).unwrap(),
        };
        self.send(&want)
    }

    /// An order as a command of its own.
    pub(crate) fn send(&mut self, want: &Want) -> OrderId {
        let order = self.place(want);
        self.step();
        order
    }

    /// Emits the events of an order.
    pub(crate) fn place(&mut self, want: &Want) -> OrderId {
        let order = OrderId(self.next_order);
        self.next_order += 1;
        self.emit(Event::Accepted(Accepted {
            order,
            account: want.account,
            market: want.market,
            side: want.side,
            order_type: want.order_type,
            time_in_force: want.time_in_force,
            self_trade: want.self_trade,
            price: Price(want.price),
            quantity: Quantity(want.quantity),
            quote_quantity: Amount(want.quote_quantity),
            client_id: want.client_id,
        }));
        let open = OpenOrder {
            order,
            account: want.account,
            market: want.market,
            side: want.side,
            order_type: want.order_type,
            time_in_force: want.time_in_force,
            self_trade: want.self_trade,
            price: Price(want.price),
            quantity: Quantity(want.quantity),
            remaining: Quantity(want.quantity),
            filled_quote: Amount(0),
            client_id: want.client_id,
            placed: Timestamp(0),
            updated: Timestamp(0),
        };
        self.enter(open, want.quote_quantity);
        order
    }

    /// Emits the end of an open order.
    pub(crate) fn cancel(&mut self, order: OrderId, request_id: ClientOrderId) {
        let (_, open) = self.orders.remove(&order).unwrap();
        let (asset, held) = Self::held(&open);
        self.pay(open.account, asset, held, -held);
        self.emit(Event::Closed(Closed {
            order,
            account: open.account,
            market: open.market,
            side: open.side,
            reason: CloseReason::Cancelled,
            price: open.price,
            remaining: open.remaining,
            released: Amount(held),
            request_id,
        }));
    }

    /// Emits the modification of an open order, and what follows from it.
    pub(crate) fn modify(&mut self, order: OrderId, price: i64, quantity: i64) {
        let (_, open) = self.orders.remove(&order).unwrap();
        let (asset, held) = Self::held(&open);
        self.pay(open.account, asset, held, -held);
        self.emit(Event::Modified {
            order,
            account: open.account,
            market: open.market,
            side: open.side,
            old_price: open.price,
            old_remaining: open.remaining,
            price: Price(price),
            quantity: Quantity(quantity),
            released: Amount(held),
        });
        let executed = open.quantity.0 - open.remaining.0;
        let anew = OpenOrder {
            price: Price(price),
            quantity: Quantity(executed + quantity),
            remaining: Quantity(quantity),
            ..open
        };
        self.enter(anew, 0);
    }

    /// Everything after the last step. Times of orders are not kept, so they are zero.
    pub(crate) fn image(&self) -> Image {
        let mut orders: Vec<(u64, OpenOrder)> = self.orders.values().copied().collect();
        orders.sort_by_key(|(priority, o)| {
            let worth = if o.side == Side::Buy { -o.price.0 } else { o.price.0 };
            (o.market, o.side as u8, worth, *priority)
        });
        Image {
            sequence: Sequence(self.sequence),
            time: Timestamp(self.time),
            assets: (1..=3).map(asset).collect(),
            markets: self
                .last_trades
                .iter()
                .map(|(id, &(last_trade, last_price))| MarketImage { market: market(id.0), last_trade, last_price })
                .collect(),
            accounts: (0..self.accounts).map(|index| AccountId(1_000 + index)).collect(),
            balances: self
                .balances
                .iter()
                .map(|(&(account, asset), &(available, held))| model::BalanceImage {
                    account,
                    asset,
                    available: Amount(available),
                    held: Amount(held),
                })
                .collect(),
            orders: orders.into_iter().map(|(_, order)| order).collect(),
        }
    }
}
