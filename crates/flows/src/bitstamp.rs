//! A recorded day of Bitstamp's BTC/USD level-3 feed, replayed as orders, cancels and executions.
//!
//! `orders.csv.xz`: `id,timestamp,exchange.timestamp,price,volume,action,direction`, volume in 10^-8 BTC. A change carries
//! the volume that remains; a delete with volume 0 was filled.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use model::{
    AccountId, ClientOrderId, Command, Envelope, Event, OrderId, Place, Price, Quantity, Side, Symbol, Target,
    TimeInForce, decimal,
};

use crate::Error;
use crate::setup::{FIRST_ACCOUNT, MARKET, setup};

/// Decimals of the feed's prices and volumes.
const PRICE_DECIMALS: u8 = 2;
const QUANTITY_DECIMALS: u8 = 8;

/// What the feed says of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It came in.
    Created,
    /// A part of it traded.
    Changed,
    /// It was filled (volume 0) or cancelled.
    Deleted,
}

/// One line of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedEvent {
    /// The feed's order id.
    pub id: u64,
    /// Receipt time, milliseconds since 1970.
    pub time_ms: u64,
    /// Limit.
    pub price: Price,
    /// Volume that remains.
    pub volume: Quantity,
    /// What happened.
    pub action: Action,
    /// Side.
    pub side: Side,
}

/// A recorded day.
#[derive(Debug)]
pub struct Day {
    /// Its events in order of receipt.
    pub events: Vec<FeedEvent>,
}

impl Day {
    /// Reads `orders.csv.xz` in a folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("orders.csv.xz");
        let file = File::open(&path).map_err(Error::read(&path))?;
        let mut text = Vec::new();
        lzma_rs::xz_decompress(&mut BufReader::new(file), &mut text)
            .map_err(|cause| Error::format(&path, format!("cannot be decompressed: {cause:?}")))?;
        let mut events = Vec::new();
        for (number, line) in csv::Reader::from_reader(text.as_slice()).records().enumerate() {
            let event = line.ok().as_ref().and_then(parse);
            events.push(event.ok_or_else(|| Error::format(&path, format!("line {} is damaged", number + 2)))?);
        }
        Ok(Self { events })
    }
}

fn parse(line: &csv::StringRecord) -> Option<FeedEvent> {
    Some(FeedEvent {
        id: line.get(0)?.parse().ok()?,
        time_ms: line.get(1)?.parse().ok()?,
        price: Price(decimal::parse(line.get(3)?, PRICE_DECIMALS).ok()?),
        volume: Quantity(line.get(4)?.parse().ok()?),
        action: match line.get(5)? {
            "created" => Action::Created,
            "changed" => Action::Changed,
            "deleted" => Action::Deleted,
            _ => return None,
        },
        side: match line.get(6)? {
            "bid" => Side::Buy,
            "ask" => Side::Sell,
            _ => return None,
        },
    })
}

/// Turns feed events into commands. It follows the engine's answers to know what is still open.
///
/// - created: a limit order of account `id mod accounts`; it may trade, as it did that day.
/// - changed, or deleted with volume 0: what the engine has not traded of it by itself is executed by an IOC order of one
///   more account, the counterparty whose own order the feed does not show.
/// - deleted with a volume: a cancel.
#[derive(Debug)]
pub struct Replayer {
    accounts: u32,
    open: HashMap<u64, Live>,
    feed_ids: HashMap<OrderId, u64>,
    placing: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Live {
    order: OrderId,
    account: AccountId,
    remaining: i64,
}

impl Replayer {
    /// A replayer over this many accounts, plus the counterparty.
    pub fn new(accounts: u32) -> Self {
        Self { accounts: accounts.max(1), open: HashMap::new(), feed_ids: HashMap::new(), placing: None }
    }

    /// Market, accounts and funds.
    pub fn setup(&self) -> Vec<Envelope> {
        let symbols = ["BTC", "USD", "BTCUSD"].map(|text| Symbol::new(text).expect("these are symbols"));
        setup(symbols, [8, 10], PRICE_DECIMALS, QUANTITY_DECIMALS, self.accounts + 1)
    }

    /// The commands for one feed event, as far as is known before the first is answered: call again with the same event
    /// after [`Replayer::observe`] until it gives none.
    pub fn next(&mut self, event: &FeedEvent, round: u8) -> Option<Command> {
        match (event.action, round) {
            (Action::Created, 0) => {
                self.placing = Some(event.id);
                let account = AccountId(FIRST_ACCOUNT.0 + u32::try_from(event.id % u64::from(self.accounts)).ok()?);
                Some(limit(account, event.side, event.price, event.volume, TimeInForce::Gtc))
            }
            (Action::Changed, 0) => self.execute(event),
            (Action::Deleted, 0) if event.volume.0 == 0 => self.execute(event),
            (Action::Deleted, 0 | 1) => {
                let live = self.open.get(&event.id)?;
                Some(Command::Cancel {
                    account: live.account,
                    market: MARKET,
                    target: Target::Order(live.order),
                    client_id: ClientOrderId::EMPTY,
                })
            }
            _ => None,
        }
    }

    /// Executes what the feed says has traded and the engine still has open.
    fn execute(&self, event: &FeedEvent) -> Option<Command> {
        let live = self.open.get(&event.id)?;
        let traded = live.remaining - event.volume.0;
        let counterparty = AccountId(FIRST_ACCOUNT.0 + self.accounts);
        let side = event.side.opposite();
        (traded > 0).then(|| limit(counterparty, side, event.price, Quantity(traded), TimeInForce::Ioc))
    }

    /// Takes note of the engine's answer to the last command.
    pub fn observe(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Rested { order, account, remaining, .. } => {
                    let Some(id) = self.placing else { continue };
                    self.open.insert(id, Live { order: *order, account: *account, remaining: remaining.0 });
                    self.feed_ids.insert(*order, id);
                }
                Event::Trade(trade) => {
                    let Some(&id) = self.feed_ids.get(&trade.maker_order) else { continue };
                    if let Some(live) = self.open.get_mut(&id) {
                        live.remaining = trade.maker_remaining.0;
                    }
                    if trade.maker_remaining == Quantity::ZERO {
                        self.forget(trade.maker_order);
                    }
                }
                Event::Closed(closed) => self.forget(closed.order),
                _ => {}
            }
        }
        self.placing = None;
    }

    fn forget(&mut self, order: OrderId) {
        if let Some(id) = self.feed_ids.remove(&order) {
            self.open.remove(&id);
        }
    }
}

fn limit(account: AccountId, side: Side, price: Price, quantity: Quantity, time_in_force: TimeInForce) -> Command {
    Command::Place(Place { account, market: MARKET, side, time_in_force, price, quantity, ..Place::BLANK })
}
