//! The flash1 workload: about two million messages of one symbol, with the reports that a right engine gives.
//!
//! File: 16-byte header `[u64 magic][u32 version][u32 count]`, then `count` little-endian records of 40 bytes
//! `[u8 type][u8 side][u8 ioc][u8 pad][u32 quantity][u64 sequence][u64 order_id][i64 price_ticks][i64 reserved]`.
//! A modify is cancel and insert under the same id.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use model::{
    AccountId, ClientOrderId, Command, Envelope, Event, OrderId, Place, Price, Quantity, Reject, Side, Symbol, Target,
    TimeInForce,
};

use crate::Error;
use crate::setup::{FIRST_ACCOUNT, MARKET, setup};

const MAGIC: u64 = 0x4D45_4257_5F30_3031;
const VERSION: u32 = 1;
const RECORD: usize = 40;
/// More messages than this are refused: a file that says so is not one of the workload's.
const MAX_MESSAGES: u32 = 100_000_000;

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// New limit order; immediate-or-cancel when set.
    New {
        /// Whether the rest is cancelled rather than put into the book.
        ioc: bool,
    },
    /// Cancel.
    Cancel,
    /// Cancel and insert with a new price and quantity.
    Modify,
}

/// One message of the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// What it asks for.
    pub kind: Kind,
    /// Side of the order.
    pub side: Side,
    /// Quantity in lots.
    pub quantity: u32,
    /// The message's own number, which the reports bear.
    pub sequence: u64,
    /// The workload's order id.
    pub order_id: u64,
    /// Price in ticks.
    pub price: i64,
}

/// The whole workload in memory.
#[derive(Debug)]
pub struct Stream {
    /// Messages in order.
    pub messages: Vec<Message>,
    /// Workload id of the engine's n-th order, from 1 (index 0 is unused).
    names: Vec<u64>,
}

impl Stream {
    /// Reads a compressed file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::read(path))?;
        let mut input = zstd::stream::read::Decoder::new(file).map_err(Error::read(path))?;
        let mut header = [0u8; 16];
        input.read_exact(&mut header).map_err(Error::read(path))?;
        let magic = u64::from_le_bytes(header[..8].try_into().unwrap_or_default());
        let version = u32::from_le_bytes(header[8..12].try_into().unwrap_or_default());
        let count = u32::from_le_bytes(header[12..].try_into().unwrap_or_default());
        if magic != MAGIC || version != VERSION || count > MAX_MESSAGES {
            return Err(Error::format(path, "this is not a flash1 file of version 1"));
        }
        let mut messages = Vec::with_capacity(count as usize);
        let mut record = [0u8; RECORD];
        for number in 0..count {
            input.read_exact(&mut record).map_err(Error::read(path))?;
            let message = parse(&record).ok_or_else(|| Error::format(path, format!("message {number} is damaged")))?;
            messages.push(message);
        }
        Ok(Self::new(messages))
    }

    /// A workload from messages.
    pub fn new(messages: Vec<Message>) -> Self {
        let mut names = vec![0];
        names.extend(messages.iter().filter(|m| matches!(m.kind, Kind::New { .. })).map(|m| m.order_id));
        Self { messages, names }
    }

    /// Market, accounts and funds for this workload.
    pub fn setup(accounts: u32) -> Vec<Envelope> {
        let symbols = ["LOT", "TICK", "LOTTICK"].map(|text| Symbol::new(text).expect("these are symbols"));
        setup(symbols, [4, 4], 0, 0, accounts)
    }

    /// One command a message. Order `n` of the workload gets the engine's n-th id, because every new order is accepted.
    pub fn commands(&self, accounts: u32) -> Vec<Command> {
        let mut engine_ids: HashMap<u64, OrderId> = HashMap::new();
        let mut last = 0;
        let mut convert = |message: &Message| {
            let owner = u32::try_from(message.order_id % u64::from(accounts.max(1))).unwrap_or_default();
            let account = AccountId(FIRST_ACCOUNT.0 + owner);
            if let Kind::New { ioc } = message.kind {
                last += 1;
                engine_ids.insert(message.order_id, OrderId(last));
                return Command::Place(place(message, account, ioc));
            }
            let order = engine_ids.get(&message.order_id).copied().unwrap_or(OrderId(u64::MAX));
            let quantity = Quantity(i64::from(message.quantity));
            match message.kind {
                Kind::Modify => {
                    Command::Modify { account, market: MARKET, order, price: Price(message.price), quantity }
                }
                _ => Command::Cancel {
                    account,
                    market: MARKET,
                    target: Target::Order(order),
                    client_id: ClientOrderId::EMPTY,
                },
            }
        };
        self.messages.iter().map(&mut convert).collect()
    }

    /// Appends the reports of one message, a line each, sorted by type as the expected file has them.
    pub fn reports(&self, message: &Message, events: &[Event], lines: &mut String) {
        let mut reports: Vec<(u8, String)> = events.iter().filter_map(|event| self.report(message, event)).collect();
        reports.sort_by_key(|(kind, _)| *kind);
        for (_, line) in reports {
            lines.push_str(&line);
            lines.push('\n');
        }
    }

    fn name(&self, order: OrderId) -> u64 {
        usize::try_from(order.0).ok().and_then(|at| self.names.get(at)).copied().unwrap_or(u64::MAX)
    }

    fn report(&self, message: &Message, event: &Event) -> Option<(u8, String)> {
        let seq = message.sequence;
        Some(match event {
            Event::Accepted(e) => {
                (0, format!("0,{seq},{},{},{},{}", e.side as u8, self.name(e.order), e.price.0, e.quantity.0))
            }
            Event::Trade(e) => {
                let (maker, taker) = (self.name(e.maker_order), self.name(e.taker_order));
                (1, format!("1,{seq},{},{},{maker},{taker}", e.price.0, e.quantity.0))
            }
            Event::Closed(e) => (2, format!("2,{seq},{},{},{}", e.side as u8, self.name(e.order), e.price.0)),
            Event::Modified { order, side, price, quantity, .. } => {
                (3, format!("3,{seq},{},{},{},{}", *side as u8, self.name(*order), price.0, quantity.0))
            }
            Event::Rejected { reason: Reject::UnknownOrder, .. } => match message.kind {
                Kind::Modify => (5, format!("5,{seq},{}", message.order_id)),
                _ => (4, format!("4,{seq},{}", message.order_id)),
            },
            Event::Rejected { reason, .. } => (9, format!("9,{seq},{},{reason:?}", message.order_id)),
            _ => return None,
        })
    }
}

fn place(message: &Message, account: AccountId, ioc: bool) -> Place {
    Place {
        account,
        market: MARKET,
        side: message.side,
        time_in_force: if ioc { TimeInForce::Ioc } else { TimeInForce::Gtc },
        price: Price(message.price),
        quantity: Quantity(i64::from(message.quantity)),
        ..Place::BLANK
    }
}

fn parse(record: &[u8; RECORD]) -> Option<Message> {
    let word = |at: usize| Some(u64::from_le_bytes(record.get(at..at + 8)?.try_into().ok()?));
    let kind = match record[0] {
        0 => Kind::New { ioc: record[2] != 0 },
        1 => Kind::Cancel,
        2 => Kind::Modify,
        _ => return None,
    };
    Some(Message {
        kind,
        side: Side::from_code(record[1])?,
        quantity: u32::from_le_bytes(record.get(4..8)?.try_into().ok()?),
        sequence: word(8)?,
        order_id: word(16)?,
        price: word(24)?.cast_signed(),
    })
}

/// The expected reports, read alongside and compared message by message.
pub struct Expected {
    path: PathBuf,
    lines: std::io::Lines<BufReader<zstd::stream::read::Decoder<'static, BufReader<File>>>>,
    ahead: Option<String>,
    /// Messages whose reports differ.
    pub mismatches: u64,
    /// What the first few differences were.
    pub examples: Vec<String>,
}

impl std::fmt::Debug for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expected")
            .field("path", &self.path)
            .field("mismatches", &self.mismatches)
            .finish_non_exhaustive()
    }
}

impl Expected {
    /// Opens a compressed file of reports.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::read(path))?;
        let input = zstd::stream::read::Decoder::new(file).map_err(Error::read(path))?;
        let mut expected = Self {
            path: path.to_owned(),
            lines: BufReader::new(input).lines(),
            ahead: None,
            mismatches: 0,
            examples: Vec::new(),
        };
        expected.ahead = expected.line()?;
        Ok(expected)
    }

    fn line(&mut self) -> Result<Option<String>, Error> {
        self.lines.next().transpose().map_err(Error::read(&self.path))
    }

    /// Compares the reports of the message with this sequence; `actual` is what [`Stream::reports`] wrote.
    pub fn compare(&mut self, sequence: u64, actual: &str) -> Result<(), Error> {
        let mut wanted = String::new();
        while let Some(line) = &self.ahead {
            let of: Option<u64> = line.split(',').nth(1).and_then(|text| text.parse().ok());
            if of != Some(sequence) {
                break;
            }
            wanted.push_str(line);
            wanted.push('\n');
            self.ahead = self.line()?;
        }
        if wanted != actual {
            self.mismatches += 1;
            if self.examples.len() < 5 {
                self.examples.push(format!("message {sequence}: expected\n{wanted}got\n{actual}"));
            }
        }
        Ok(())
    }

    /// Ends the comparison: reports that nothing matched are mismatches too.
    pub fn finish(&mut self) -> Result<u64, Error> {
        while let Some(line) = self.ahead.take() {
            self.mismatches += 1;
            if self.examples.len() < 5 {
                self.examples.push(format!("expected but never given: {line}"));
            }
            self.ahead = self.line()?;
        }
        Ok(self.mismatches)
    }
}
