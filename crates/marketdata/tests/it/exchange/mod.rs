//! A naive exchange that makes random but consistent event streams. It keeps its own books and balances, in the plainest
//! way, so that views can be compared with them.

mod auction;
mod lists;
mod matching;
mod random;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Accepted, AccountId, AccountImage, Amended, Amount, Asset, AssetId, Batch, ClientOrderId, CloseReason, Closed,
    Event, Fees, Filters, HoldId, Image, ListId, ListImage, Market, MarketId, MarketImage, MarketState, OpenOrder,
    OrderId, OrderType, PreventedId, Price, Quantity, SelfTrade, Sequence, Side, SourceId, SourceSeq, Step, Symbol,
    TierId, TimeInForce, Timestamp, TradeId, Volatility, Wait, system,
};

/// 2024-02-10 13:47:59 UTC.
pub(crate) const START: u64 = 1_707_572_879_000_000;
pub(crate) const SCALES: [(u16, &str, u8); 3] = [(1, "BTC", 8), (2, "USDT", 8), (3, "ETH", 9)];

pub(crate) fn asset(id: u16) -> Asset {
    let (id, symbol, scale) = SCALES[usize::from(id - 1)];
    Asset { id: AssetId(id), symbol: Symbol::new(symbol).unwrap(), scale }
}

pub(crate) fn market(id: u16) -> Market {
    let (symbol, base, price_decimals, quantity_decimals) =
        if id == 1 { ("BTCUSDT", 1, 2, 5) } else { ("ETHBTC", 3, 4, 4) };
    Market {
        id: MarketId(id),
        symbol: Symbol::new(symbol).unwrap(),
        base: AssetId(base),
        quote: AssetId(if id == 1 { 2 } else { 1 }),
        price_decimals,
        quantity_decimals,
        filters: Filters { max_open_orders: 1_000, ..Filters::WIDE },
        // Makers of the second market get a rebate.
        fees: Some(Fees { maker_ppm: if id == 1 { 800 } else { -300 }, taker_ppm: 1_000 }),
        volatility: Volatility::OFF,
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
    pub(crate) stop_price: i64,
    pub(crate) iceberg: i64,
    pub(crate) client_id: ClientOrderId,
}

impl Want {
    /// A limit good till cancelled of nobody: the base of orders that name what differs.
    pub(crate) const BLANK: Self = Self {
        account: AccountId(0),
        market: MarketId(1),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        self_trade: SelfTrade::None,
        price: 0,
        quantity: 0,
        quote_quantity: 0,
        stop_price: 0,
        iceberg: 0,
        client_id: ClientOrderId::EMPTY,
    };
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
    next_list: u64,
    next_hold: u64,
    next_name: u64,
    priority: u64,
    last_trades: BTreeMap<MarketId, (TradeId, Price)>,
    last_prevented: BTreeMap<MarketId, PreventedId>,
    auctions: BTreeSet<MarketId>,
    /// Those in the book and those that wait, with the time priority.
    pub(crate) orders: BTreeMap<OrderId, (u64, OpenOrder)>,
    pub(crate) lists: BTreeMap<ListId, ListImage>,
    /// Pending orders whose working order is filled.
    queue: Vec<OrderId>,
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
            next_list: 1,
            next_hold: 1,
            next_name: 1,
            priority: 0,
            last_trades: BTreeMap::new(),
            last_prevented: BTreeMap::new(),
            auctions: BTreeSet::new(),
            orders: BTreeMap::new(),
            lists: BTreeMap::new(),
            queue: Vec::new(),
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
            exchange.emit(Event::AccountOpened { account, parent: AccountId(0) });
            exchange.step();
            for id in 1..=3 {
                exchange.transfer(system::CUSTODY, account, AssetId(id), 10i64.pow(14));
                exchange.step();
            }
        }
        let batch = exchange.take();
        (exchange, batch)
    }

    pub(crate) fn emit(&mut self, event: Event) {
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

    pub(crate) fn now(&self) -> Timestamp {
        // Orders are changed before their step is stamped; the stamp of the step is at most this far away.
        Timestamp(self.time)
    }

    /// Passes time without a command: the next one is stamped after this.
    pub(crate) fn skip_to(&mut self, time: u64) {
        self.time = self.time.max(time);
    }

    pub(crate) fn transfer(&mut self, from: AccountId, to: AccountId, asset: AssetId, amount: i64) {
        self.pay(from, asset, -amount, 0);
        self.pay(to, asset, amount, 0);
        self.emit(Event::Transferred { from, to, asset, amount: Amount(amount) });
    }

    /// A plain order good till cancelled, as a command of its own.
    pub(crate) fn limit(&mut self, account: u32, side: Side, price: i64, quantity: i64, name: &str) -> OrderId {
        let client_id = ClientOrderId::new(name).unwrap();
        self.send(&Want { account: AccountId(account), side, price, quantity, client_id, ..Want::BLANK })
    }

    /// An order as a command of its own.
    pub(crate) fn send(&mut self, want: &Want) -> OrderId {
        let order = self.place(want);
        self.step();
        order
    }

    /// Emits the events of an order.
    pub(crate) fn place(&mut self, want: &Want) -> OrderId {
        let open = self.accept(want, ListId(0));
        self.begin(open, want.quote_quantity);
        self.run_queue();
        open.order
    }

    fn accept(&mut self, want: &Want, list: ListId) -> OpenOrder {
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
            stop_price: Price(want.stop_price),
            trailing_delta: 0,
            iceberg: Quantity(want.iceberg),
            expire_at: Timestamp::NEVER,
            list,
            client_id: want.client_id,
        }));
        OpenOrder {
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
            visible: Quantity(0),
            prevented: Quantity(0),
            stop_price: Price(want.stop_price),
            trailing_delta: 0,
            iceberg: Quantity(want.iceberg),
            expire_at: Timestamp::NEVER,
            list,
            wait: Wait::Nothing,
            tracked: Price(0),
            held: Amount(0),
            filled_quote: Amount(0),
            client_id: want.client_id,
            placed: Timestamp(0),
            updated: Timestamp(0),
        }
    }

    /// An order whose turn it is waits for its trigger, or meets the book.
    fn begin(&mut self, open: OpenOrder, budget: i64) {
        if open.order_type.is_contingent() {
            let need = Self::need(&open);
            self.arm(open, Wait::Stop, need);
        } else {
            self.enter(open, budget);
        }
    }

    /// Emits the end of an open order, and of its list.
    pub(crate) fn cancel(&mut self, order: OrderId, request_id: ClientOrderId) {
        self.close(order, CloseReason::Cancelled, request_id);
    }

    fn close(&mut self, order: OrderId, reason: CloseReason, request_id: ClientOrderId) {
        let (_, open) = self.orders.remove(&order).unwrap();
        self.release(&open, open.held.0);
        self.emit(Event::Closed(Closed {
            order,
            account: open.account,
            market: open.market,
            side: open.side,
            reason,
            price: open.price,
            remaining: open.remaining,
            visible: open.visible,
            released: open.held,
            request_id,
        }));
        self.ended(&open, reason, request_id);
    }

    /// Makes held money of an order available, or the other way round when negative.
    fn release(&mut self, open: &OpenOrder, amount: i64) {
        let market = market(open.market.0);
        let asset = if open.side == Side::Buy { market.quote } else { market.base };
        self.pay(open.account, asset, amount, -amount);
    }

    /// Emits the modification of an open order, and what follows from it.
    pub(crate) fn modify(&mut self, order: OrderId, price: i64, quantity: i64) {
        let (_, open) = self.orders.remove(&order).unwrap();
        self.release(&open, open.held.0);
        self.emit(Event::Modified {
            order,
            account: open.account,
            market: open.market,
            side: open.side,
            old_price: open.price,
            old_remaining: open.remaining,
            old_visible: open.visible,
            price: Price(price),
            quantity: Quantity(quantity),
            released: open.held,
        });
        let gone = open.quantity.0 - open.remaining.0;
        let anew = OpenOrder {
            price: Price(price),
            quantity: Quantity(gone + quantity),
            remaining: Quantity(quantity),
            visible: Quantity(0),
            held: Amount(0),
            ..open
        };
        self.enter(anew, 0);
        self.run_queue();
    }

    /// Emits the reduction of an open order by so much of its quantity; hidden parts go first.
    pub(crate) fn amend(&mut self, order: OrderId, less: i64, client_id: ClientOrderId) {
        let (_, open) = self.orders.get_mut(&order).unwrap();
        let hidden = open.remaining.0 - open.visible.0;
        let visible = if open.visible.0 == 0 { 0 } else { (less - hidden).max(0) };
        let before = Self::need(open);
        open.quantity.0 -= less;
        open.remaining.0 -= less;
        open.visible.0 -= visible;
        open.client_id = client_id;
        let released = if open.held.0 == 0 { 0 } else { before - Self::need(open) };
        open.held.0 -= released;
        let open = *open;
        self.release(&open, released);
        self.emit(Event::Amended(Amended {
            order,
            account: open.account,
            market: open.market,
            side: open.side,
            price: open.price,
            quantity: open.quantity,
            remaining: open.remaining,
            visible: Quantity(visible),
            released: Amount(released),
            client_id,
        }));
    }

    /// Everything after the last step. Times of orders are not kept, so they are zero.
    pub(crate) fn image(&self) -> Image {
        let mut orders: Vec<(u64, OpenOrder)> = self.orders.values().copied().collect();
        orders.sort_by_key(|(priority, o)| {
            let worth = if o.side == Side::Buy { -o.price.0 } else { o.price.0 };
            (o.market, o.wait != Wait::Nothing, o.side as u8, worth, *priority)
        });
        let balance = |(&(account, asset), &(available, held)): (&(AccountId, AssetId), &(i64, i64))| {
            model::BalanceImage { account, asset, available: Amount(available), held: Amount(held) }
        };
        let market_image = |(id, &(last_trade, last_price)): (&MarketId, &(TradeId, Price))| MarketImage {
            market: market(id.0),
            last_trade,
            last_price,
            last_prevented: self.last_prevented.get(id).copied().unwrap_or_default(),
            state: self.state(*id),
            until: Timestamp::NEVER,
        };
        let account = |index| AccountImage { account: AccountId(1_000 + index), parent: AccountId(0), tier: TierId(0) };
        Image {
            sequence: Sequence(self.sequence),
            time: Timestamp(self.time),
            assets: (1..=3).map(asset).collect(),
            markets: self.last_trades.iter().map(market_image).collect(),
            accounts: (0..self.accounts).map(account).collect(),
            balances: self.balances.iter().map(balance).collect(),
            orders: orders.into_iter().map(|(_, order)| order).collect(),
            lists: self.lists.values().copied().collect(),
            ..Image::default()
        }
    }

    pub(crate) fn state(&self, market: MarketId) -> MarketState {
        if self.auctions.contains(&market) { MarketState::Auction } else { MarketState::Trading }
    }
}
