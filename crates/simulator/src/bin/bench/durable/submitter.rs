//! Tasks that send commands and wait for each to be durable.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use flows::flash1::Stream;
use flows::{FIRST_ACCOUNT, MARKET};
use model::{AccountId, ClientOrderId, Command, Envelope, Event, OrderId, Place, Price, Quantity, Side, Target};
use node::{Node, SubmitError};
use simulator::Random;

use crate::figures::latency;

/// Accounts that the commands come from.
const ACCOUNTS: u32 = 1_000;
/// Open orders that all submitters together keep at most, about.
const OPEN_ORDERS: usize = 8_192;

/// How the commands are sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// Tasks that send at the same time, each waiting for its receipt before it sends again.
    pub(super) submitters: usize,
    /// Commands that a task sends together.
    pub(super) together: usize,
}

/// What is measured at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing yet.
    WarmUp,
    /// The usual run of things.
    Usual,
    /// While something else happens.
    Meanwhile,
    /// Nothing any more: the submitters end.
    Over,
}

/// Tells the submitters what is measured.
#[derive(Debug, Clone)]
pub(super) struct Phases(Arc<AtomicU8>);

impl Phases {
    /// Starts with the warm-up.
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(Phase::WarmUp as u8)))
    }

    /// From now on this is measured.
    pub(super) fn enter(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Relaxed);
    }

    fn is(&self, phase: Phase) -> bool {
        self.0.load(Ordering::Relaxed) == phase as u8
    }
}

/// What a submitter saw.
pub(super) struct Done {
    /// In nanoseconds, one after another: 256 histograms would not fit into the cache while the node is measured.
    pub(super) usual: Vec<u64>,
    /// The same of [`Phase::Meanwhile`].
    pub(super) meanwhile: Vec<u64>,
    /// Answers that the queue was full.
    pub(super) busy: u64,
}

/// Market, accounts and funds.
pub(super) fn setup() -> Vec<Envelope> {
    Stream::setup(ACCOUNTS)
}

impl Load {
    /// What it is called in tables.
    pub(super) fn name(self) -> String {
        match self.together {
            1 => format!("{}, one command outstanding each", self.submitters),
            together => format!("{}, {together} commands together", self.submitters),
        }
    }

    /// Sends until told to stop.
    pub(super) async fn submit(self, number: usize, node: Node, phases: Phases) -> anyhow::Result<Done> {
        let mut trader = Trader::new(number, (OPEN_ORDERS / self.submitters).max(self.together));
        let mut done = Done { usual: Vec::with_capacity(1 << 12), meanwhile: Vec::new(), busy: 0 };
        loop {
            let mut group: Vec<Envelope> = (1..self.together).map(|_| trader.next()).collect();
            let last = trader.next();
            let before = Instant::now();
            let sent = if group.is_empty() {
                node.submit(last).await
            } else {
                group.push(last);
                node.submit_together(group).await
            };
            let now = Instant::now();
            if phases.is(Phase::Over) {
                return Ok(done);
            } else if phases.is(Phase::Usual) {
                done.usual.push(latency::nanos(before, now));
            } else if phases.is(Phase::Meanwhile) {
                done.meanwhile.push(latency::nanos(before, now));
            }
            match sent {
                Ok(receipt) => {
                    for step in receipt.index..receipt.index + self.together {
                        trader.observe(receipt.batch.events_of(step));
                    }
                }
                Err(SubmitError::Busy) => done.busy += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Makes orders around a price, half of which may trade, and cancels its oldest ones.
struct Trader {
    random: Random,
    open: VecDeque<(OrderId, AccountId)>,
    most_open: usize,
}

impl Trader {
    fn new(number: usize, most_open: usize) -> Self {
        Self { random: Random::new(number as u64 + 1), open: VecDeque::new(), most_open }
    }

    fn next(&mut self) -> Envelope {
        let cancels = self.open.len() >= self.most_open || self.random.chance(450);
        let oldest = if cancels { self.open.pop_front() } else { None };
        if let Some((order, account)) = oldest {
            let (target, client_id) = (Target::Order(order), ClientOrderId::EMPTY);
            return Envelope::client(Command::Cancel { account, market: MARKET, target, client_id });
        }
        let owner = u32::try_from(self.random.below(u64::from(ACCOUNTS))).unwrap_or(0);
        let side = if self.random.chance(500) { Side::Buy } else { Side::Sell };
        // Mostly behind the mid, one time in eight across it.
        let away = if self.random.chance(125) { self.random.between(0, 10) } else { -self.random.between(1, 200) };
        let price = Price(if side == Side::Buy { 34_000 + away } else { 34_000 - away });
        Envelope::client(Command::Place(Place {
            account: AccountId(FIRST_ACCOUNT.0 + owner),
            market: MARKET,
            side,
            price,
            quantity: Quantity(self.random.between(1, 100)),
            ..Place::BLANK
        }))
    }

    fn observe(&mut self, events: &[Event]) {
        for event in events {
            if let Event::Rested { order, account, .. } = event {
                self.open.push_back((*order, *account));
            }
        }
    }
}
