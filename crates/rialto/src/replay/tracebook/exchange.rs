//! The tester's events as commands of the engine, and its events as the tester's trades and orders.
//!
//! A symbol becomes a market with assets of its own, an owner an account that is given money when it first comes. The
//! tester's ids are client order ids.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Context as _;
use model::{
    AccountId, Amend, Amount, Asset, AssetId, ClientOrderId, Command, Envelope, Event, Fees, Filters, Market, MarketId,
    OpenOrder, OrderId, OrderType, Place, Price, Quantity, Range, Reject, SelfTrade, Side, SourceId, SourceSeq, Symbol,
    Target, TimeInForce, Trade, Volatility, system,
};
use node::Replica;
use serde::{Deserialize, Serialize};

use crate::replay::host::TIME;

use super::number::{Number, text};
use super::state::{Book, Resting, State};

/// Finer quantities are refused: with more decimals the ledger would hold too little of the quote.
const MOST_QUANTITY_DECIMALS: u8 = 8;
/// Each owner gets this part of all that the ledger can hold of an asset, so many can come.
const OWNERS: i64 = 1_024;
/// The owner of orders that belong to nobody: self-trade prevention leaves them alone.
const NOBODY: i64 = -1;

/// How the tester wants orders to match.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    matching_algorithm: String,
    tick_size: String,
    self_trade_policy: String,
    quantity_decimal_places: u8,
}

/// One event of the tester.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    op: String,
    symbol: String,
    order_id: Option<u64>,
    side: Option<String>,
    order_type: Option<String>,
    price: Option<serde_json::Number>,
    quantity: Option<serde_json::Number>,
    #[serde(default = "nobody")]
    owner: i64,
}

const fn nobody() -> i64 {
    NOBODY
}

/// A trade as the tester wants it.
#[derive(Debug, Serialize)]
pub(super) struct Fill {
    symbol: String,
    buy_order_id: u64,
    sell_order_id: u64,
    price: String,
    quantity: String,
}

/// Why an event was not applied.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Refusal {
    fn not_active(id: u64) -> Self {
        Self { reason: "ORDER_NOT_ACTIVE", message: format!("order {id} is not active") }
    }

    /// The tester's word for a rule of the engine.
    fn of(reason: Reject, op: &str) -> Self {
        let word = match (reason, op) {
            (Reject::UnknownOrder, _) => "ORDER_NOT_ACTIVE",
            (Reject::DuplicateClientId, _) => "DUPLICATE_ORDER_ID",
            (_, "replace") => "INVALID_REPLACEMENT",
            _ => "INVALID_ORDER",
        };
        Self { reason: word, message: reason.rule().to_owned() }
    }
}

/// An engine with what the tester knows by other names.
pub(super) struct Exchange {
    replica: Replica,
    self_trade: SelfTrade,
    price_decimals: u8,
    quantity_decimals: u8,
    /// In units of the price's decimals.
    tick: i64,
    markets: BTreeMap<String, MarketId>,
    owners: Vec<i64>,
    /// Where an owner has money.
    funded: HashSet<(AccountId, MarketId)>,
    /// Who placed an order last, by the tester's id.
    placed_by: HashMap<(MarketId, u64), AccountId>,
    /// The tester's ids of all orders.
    ids: HashMap<OrderId, u64>,
    positions: u64,
}

impl Exchange {
    /// An exchange without markets.
    ///
    /// # Errors
    /// Settings that this exchange does not have.
    pub(super) fn new(config: &Config) -> anyhow::Result<Self> {
        let known = config.matching_algorithm == "fifo";
        anyhow::ensure!(known, "orders match by price, then time; there is no {} here", config.matching_algorithm);
        let self_trade = match config.self_trade_policy.as_str() {
            "NONE" => SelfTrade::None,
            "CANCEL_RESTING" => SelfTrade::ExpireMaker,
            "CANCEL_INCOMING" => SelfTrade::ExpireTaker,
            other => anyhow::bail!("there is no self-trade policy {other}"),
        };
        let decimals = config.tick_size.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let price_decimals = u8::try_from(decimals)?;
        let tick = Number::parse(&config.tick_size).and_then(|tick| tick.units(price_decimals));
        Ok(Self {
            replica: Replica::new(),
            self_trade,
            price_decimals,
            quantity_decimals: config.quantity_decimal_places.min(MOST_QUANTITY_DECIMALS),
            tick: tick.filter(|tick| *tick > 0).context("a tick must be above zero")?,
            markets: BTreeMap::new(),
            owners: Vec::new(),
            funded: HashSet::new(),
            placed_by: HashMap::new(),
            ids: HashMap::new(),
            positions: 0,
        })
    }

    /// Carries out one event: how it ended, and its trades.
    ///
    /// # Errors
    /// An event that cannot be said here at all.
    pub(super) fn apply(&mut self, request: &Request) -> anyhow::Result<(Result<(), Refusal>, Vec<Fill>)> {
        let market = match (self.markets.get(&request.symbol), request.op.as_str()) {
            (Some(&market), _) => market,
            (None, "new" | "clear") => self.open_market(&request.symbol)?,
            (None, "cancel" | "reduce" | "replace") => {
                return Ok((Err(Refusal::not_active(request.order_id.unwrap_or(0))), Vec::new()));
            }
            (None, other) => anyhow::bail!("an operation {other} is not known"),
        };
        let command = match request.op.as_str() {
            "clear" => Ok(Command::CancelMarket { market }),
            "new" => self.place(market, request)?,
            "cancel" => self.cancel(market, request),
            "reduce" => self.reduce(market, request),
            "replace" => self.replace(market, request),
            other => anyhow::bail!("an operation {other} is not known"),
        };
        let command = match command {
            Ok(command) => command,
            Err(refusal) => return Ok((Err(refusal), Vec::new())),
        };
        let events = self.send(Envelope::client(command));
        if let Some(Event::Rejected { reason, .. }) = events.first() {
            return Ok((Err(Refusal::of(*reason, &request.op)), Vec::new()));
        }
        Ok((Ok(()), self.observe(market, request, &events)))
    }

    fn send(&mut self, envelope: Envelope) -> Vec<Event> {
        let mut events = Vec::new();
        self.replica.apply(TIME, envelope, &mut events);
        events
    }

    /// Sends what the exchange itself does; it must succeed.
    fn administer(&mut self, command: Command) -> anyhow::Result<()> {
        self.positions += 1;
        let envelope = Envelope { source: SourceId::BOOTSTRAP, source_seq: SourceSeq(self.positions), command };
        match self.send(envelope).first() {
            Some(Event::Rejected { reason, .. }) => anyhow::bail!("{}", reason.rule()),
            _ => Ok(()),
        }
    }

    /// Opens a market for a symbol. Names of our own, because the tester's may be longer than ours may be.
    fn open_market(&mut self, symbol: &str) -> anyhow::Result<MarketId> {
        let number = u16::try_from(self.markets.len() + 1)?;
        let name = |prefix: &str| Symbol::new(&format!("{prefix}{number}")).context("a name of letters and digits");
        let (base, quote) = (AssetId(2 * number - 1), AssetId(2 * number));
        let scale = self.price_decimals + self.quantity_decimals;
        self.administer(Command::AddAsset(Asset { id: base, symbol: name("BASE")?, scale: self.quantity_decimals }))?;
        self.administer(Command::AddAsset(Asset { id: quote, symbol: name("QUOTE")?, scale }))?;
        let market = Market {
            id: MarketId(number),
            symbol: name("MARKET")?,
            base,
            quote,
            price_decimals: self.price_decimals,
            quantity_decimals: self.quantity_decimals,
            filters: Filters { price: Range { min: self.tick, max: i64::MAX, step: self.tick }, ..Filters::WIDE },
            fees: Some(Fees { maker_ppm: 0, taker_ppm: 0 }),
            volatility: Volatility::OFF,
        };
        self.administer(Command::AddMarket(Box::new(market)))?;
        self.markets.insert(symbol.to_owned(), market.id);
        Ok(market.id)
    }

    /// The account of an owner, with money in this market.
    fn account(&mut self, owner: i64, market: MarketId) -> anyhow::Result<AccountId> {
        let known = self.owners.iter().position(|known| *known == owner);
        let account = AccountId(system::FIRST_USER.0 + u32::try_from(known.unwrap_or(self.owners.len()))?);
        if known.is_none() {
            self.administer(Command::OpenAccount { account, parent: AccountId(0) })?;
            self.owners.push(owner);
        }
        if self.funded.insert((account, market)) {
            for asset in [AssetId(2 * market.0 - 1), AssetId(2 * market.0)] {
                let amount = Amount(i64::MAX / OWNERS);
                self.administer(Command::Transfer { from: system::CUSTODY, to: account, asset, amount })?;
            }
        }
        Ok(account)
    }

    /// The open order of a tester's id.
    fn open(&self, market: MarketId, id: u64) -> Option<OpenOrder> {
        let name = name(market, id);
        self.replica.image().orders.into_iter().find(|order| order.market == market && order.client_id == name)
    }

    fn place(&mut self, market: MarketId, request: &Request) -> anyhow::Result<Result<Command, Refusal>> {
        let id = request.order_id.context("an order has an id")?;
        let account = self.account(request.owner, market)?;
        let others = self.placed_by.get(&(market, id)).is_some_and(|owner| *owner != account);
        if others && self.open(market, id).is_some() {
            // The engine lets two accounts use one id.
            return Ok(Err(Refusal::of(Reject::DuplicateClientId, "new")));
        }
        let (order_type, time_in_force) = match request.order_type.as_deref() {
            None | Some("LIMIT") => (OrderType::Limit, TimeInForce::Gtc),
            Some("IOC") => (OrderType::Limit, TimeInForce::Ioc),
            Some("FOK") => (OrderType::Limit, TimeInForce::Fok),
            Some("MARKET") => (OrderType::Market, TimeInForce::Ioc),
            Some(other) => anyhow::bail!("an order type {other} is not known"),
        };
        let price = if order_type == OrderType::Market { Price(0) } else { self.price(request.price.as_ref()) };
        Ok(Ok(Command::Place(Place {
            account,
            market,
            side: match request.side.as_deref() {
                Some("BUY") => Side::Buy,
                Some("SELL") => Side::Sell,
                other => anyhow::bail!("a side {other:?} is not known"),
            },
            order_type,
            time_in_force,
            self_trade: if request.owner == NOBODY { SelfTrade::None } else { self.self_trade },
            price,
            quantity: self.quantity(request.quantity.as_ref()),
            client_id: name(market, id),
            ..Place::BLANK
        })))
    }

    /// On the tick; zero, which the engine refuses, for what cannot be one.
    fn price(&self, number: Option<&serde_json::Number>) -> Price {
        let price = number.and_then(|number| Number::parse(&number.to_string()));
        Price(price.and_then(|price| price.snapped(self.price_decimals, self.tick)).unwrap_or(0))
    }

    /// In lots; zero, which the engine refuses, for what cannot be one.
    fn quantity(&self, number: Option<&serde_json::Number>) -> Quantity {
        let quantity = number.and_then(|number| Number::parse(&number.to_string()));
        Quantity(quantity.and_then(|quantity| quantity.units(self.quantity_decimals)).unwrap_or(0))
    }

    fn cancel(&self, market: MarketId, request: &Request) -> Result<Command, Refusal> {
        let id = request.order_id.unwrap_or(0);
        let Some(&account) = self.placed_by.get(&(market, id)) else { return Err(Refusal::not_active(id)) };
        let target = Target::Client(name(market, id));
        Ok(Command::Cancel { account, market, target, client_id: ClientOrderId::EMPTY })
    }

    /// Takes a quantity off; all that is open ends the order.
    fn reduce(&self, market: MarketId, request: &Request) -> Result<Command, Refusal> {
        let id = request.order_id.unwrap_or(0);
        let Some(order) = self.open(market, id) else { return Err(Refusal::not_active(id)) };
        let reduction = self.quantity(request.quantity.as_ref());
        if reduction == order.remaining {
            return self.cancel(market, request);
        }
        Ok(Command::Amend(Amend {
            account: order.account,
            market,
            target: Target::Order(order.order),
            quantity: Quantity(order.quantity.0 - reduction.0),
            client_id: ClientOrderId::EMPTY,
        }))
    }

    fn replace(&self, market: MarketId, request: &Request) -> Result<Command, Refusal> {
        let id = request.order_id.unwrap_or(0);
        let Some(order) = self.open(market, id) else { return Err(Refusal::not_active(id)) };
        let (price, quantity) = (request.price.as_ref(), request.quantity.as_ref());
        Ok(Command::Modify {
            account: order.account,
            market,
            order: order.order,
            price: price.map_or(order.price, |price| self.price(Some(price))),
            quantity: quantity.map_or(order.remaining, |quantity| self.quantity(Some(quantity))),
        })
    }

    /// Learns the engine's ids and gives the trades.
    fn observe(&mut self, market: MarketId, request: &Request, events: &[Event]) -> Vec<Fill> {
        let mut fills = Vec::new();
        for event in events {
            match event {
                Event::Accepted(accepted) => {
                    let id = request.order_id.unwrap_or(0);
                    self.ids.insert(accepted.order, id);
                    self.placed_by.insert((market, id), accepted.account);
                }
                Event::Trade(trade) => fills.push(self.fill(&request.symbol, trade)),
                _ => {}
            }
        }
        fills
    }

    fn fill(&self, symbol: &str, trade: &Trade) -> Fill {
        let id = |order: &OrderId| self.ids.get(order).copied().unwrap_or(0);
        let (maker, taker) = (id(&trade.maker_order), id(&trade.taker_order));
        let (buy_order_id, sell_order_id) = if trade.taker_side == Side::Buy { (taker, maker) } else { (maker, taker) };
        Fill {
            symbol: symbol.to_owned(),
            buy_order_id,
            sell_order_id,
            price: text(trade.price.0, self.price_decimals),
            quantity: text(trade.quantity.0, self.quantity_decimals),
        }
    }

    /// All resting orders; the engine's image has them in the order in which they trade.
    pub(super) fn state(&self) -> State {
        let orders = self.replica.image().orders;
        let side = |market: MarketId, side: Side| {
            let here = orders.iter().filter(|order| order.market == market && order.side == side);
            here.map(|order| self.resting(order)).collect()
        };
        let books = self.markets.iter().map(|(symbol, &market)| Book {
            asks: side(market, Side::Sell),
            bids: side(market, Side::Buy),
            symbol: symbol.clone(),
        });
        State { books: books.collect() }
    }

    fn resting(&self, order: &OpenOrder) -> Resting {
        let owner = (order.account.0 - system::FIRST_USER.0) as usize;
        Resting {
            order_id: self.ids.get(&order.order).copied().unwrap_or(0),
            order_type: "LIMIT",
            owner: self.owners.get(owner).copied().unwrap_or(NOBODY),
            price: text(order.price.0, self.price_decimals),
            remaining_quantity: text(order.remaining.0, self.quantity_decimals),
        }
    }
}

/// The tester's id as a client order id, which is unique over all markets.
fn name(market: MarketId, id: u64) -> ClientOrderId {
    ClientOrderId::new(&format!("{market}:{id}")).unwrap_or_default()
}
