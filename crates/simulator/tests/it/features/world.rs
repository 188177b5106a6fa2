//! The exchange of the feature files: their symbols, clients and order numbers on this engine.

use std::collections::BTreeMap;

use engine::{Book, Engine};
use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Event, Filters, Market, MarketId, OpenOrder, OrderId, Range,
    Sequence, SourceId, SourceSeq, Stamped, Symbol, Timestamp, Volatility, system,
};

/// Assets with their scales. ETH_XBT has a base lot of 100,000 and a quote step of 10: five decimals and one, while prices
/// and quantities are whole numbers. EUR_USD has lots and steps of one.
const ASSETS: [(&str, u8); 4] = [("ETH", 5), ("XBT", 1), ("EUR", 0), ("USD", 0)];
const MARKETS: [(&str, &str, &str); 2] = [("ETH_XBT", "ETH", "XBT"), ("EUR_USD", "EUR", "USD")];

pub(crate) struct World<B: Book> {
    engine: Engine<B>,
    clients: Vec<String>,
    /// The feature's order numbers, with our ids and the reserve prices that they were placed with.
    pub(crate) orders: BTreeMap<u64, (OrderId, i64)>,
    /// The answer to the last command.
    pub(crate) last: Vec<Event>,
}

pub(crate) fn asset(name: &str) -> Result<AssetId, String> {
    let at = ASSETS.iter().position(|(known, _)| *known == name).ok_or(format!("no asset {name}"))?;
    u16::try_from(at + 1).map(AssetId).map_err(|error| error.to_string())
}

pub(crate) fn market(name: &str) -> Result<MarketId, String> {
    let at = MARKETS.iter().position(|(known, ..)| *known == name).ok_or(format!("no market {name}"))?;
    u16::try_from(at + 1).map(MarketId).map_err(|error| error.to_string())
}

impl<B: Book> World<B> {
    pub(crate) fn new() -> Self {
        let (orders, last) = (BTreeMap::new(), Vec::new());
        let mut world = Self { engine: Engine::new(), clients: Vec::new(), orders, last };
        for (name, scale) in ASSETS {
            let symbol = Symbol::new(name).expect("a legal symbol");
            world.send(Command::AddAsset(Asset { id: asset(name).expect("it is listed"), symbol, scale }));
        }
        let any = Range { min: 1, max: 1_000_000_000, step: 1 };
        for (name, base, quote) in MARKETS {
            world.send(Command::AddMarket(Box::new(Market {
                id: market(name).expect("it is listed"),
                symbol: Symbol::new(&name.replace('_', "")).expect("a legal symbol"),
                base: asset(base).expect("it is listed"),
                quote: asset(quote).expect("it is listed"),
                price_decimals: 0,
                quantity_decimals: 0,
                filters: Filters { price: any, lot: any, market_lot: any, max_open_orders: 100, ..Filters::WIDE },
                fees: None,
                volatility: Volatility::OFF,
            })));
        }
        world
    }

    /// Applies a command; its answer stays in `last`.
    pub(crate) fn send(&mut self, command: Command) {
        let number = self.engine.sequence().0 + 1;
        let envelope = Envelope { source: SourceId::OPERATOR, source_seq: SourceSeq(number), command };
        self.last.clear();
        self.engine.apply(&Stamped { sequence: Sequence(number), time: Timestamp(number), envelope }, &mut self.last);
    }

    pub(crate) fn open_client(&mut self, name: &str) -> Result<AccountId, String> {
        self.clients.push(name.to_owned());
        let account = self.client(name)?;
        self.send(Command::OpenAccount { account, parent: AccountId(0) });
        Ok(account)
    }

    pub(crate) fn client(&self, name: &str) -> Result<AccountId, String> {
        let at = self.clients.iter().position(|known| known == name).ok_or(format!("no client {name}"))?;
        u32::try_from(at).map(|at| AccountId(1_000 + at)).map_err(|error| error.to_string())
    }

    pub(crate) fn fund(&mut self, to: AccountId, asset: AssetId, amount: i64) -> Result<(), String> {
        self.send(Command::Transfer { from: system::CUSTODY, to, asset, amount: Amount(amount) });
        match self.last[..] {
            [Event::Transferred { .. }] => Ok(()),
            _ => Err(format!("{:?}", self.last)),
        }
    }

    pub(crate) fn available(&self, account: AccountId, asset: AssetId) -> i64 {
        let balances = self.engine.image().balances;
        let found = balances.iter().find(|balance| balance.account == account && balance.asset == asset);
        found.map_or(0, |balance| balance.available.0)
    }

    /// All open orders: by market, bids then asks, in their turn.
    pub(crate) fn open_orders(&self) -> Vec<OpenOrder> {
        self.engine.image().orders
    }

    /// The id of a feature's order.
    pub(crate) fn order(&self, number: u64) -> Result<OrderId, String> {
        self.orders.get(&number).map(|(id, _)| *id).ok_or(format!("no order {number}"))
    }

    /// What exchange-core holds more than this engine for the client's open bids: it holds the reserve price.
    pub(crate) fn held_more(&self, account: AccountId, asset_id: AssetId) -> i64 {
        let reserve = |id| self.orders.values().find(|(known, _)| *known == id).map_or(0, |(_, reserve)| *reserve);
        let bids = self.open_orders().into_iter().filter(|order| {
            order.account == account && order.side == model::Side::Buy && self.quote_of(order.market) == asset_id
        });
        let step = if asset("XBT") == Ok(asset_id) { 10 } else { 1 };
        bids.map(|order| (reserve(order.order) - order.price.0) * order.remaining.0 * step).sum()
    }

    fn quote_of(&self, id: MarketId) -> AssetId {
        let markets = self.engine.image().markets;
        markets.iter().find(|image| image.market.id == id).expect("orders are in markets").market.quote
    }
}
