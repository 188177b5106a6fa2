//! An independent model of the exchange that checks every answer of the engine.
//!
//! It carries out each command by itself, as `docs/guides/orders.md` says, and compares the events. It is made for reading,
//! not for speed: it looks through all orders for the next one, and recounts everything after each command.

mod amends;
mod auction;
mod book;
mod cancels;
mod deadlines;
mod effects;
mod fees;
mod holds;
mod image;
mod lists;
mod matching;
mod orders;
mod registry;
mod rules;
mod state;
mod stops;
mod stp;
mod verdict;
mod volatility;

use std::collections::BTreeMap;

use model::{
    AccountId, Amount, Asset, AssetId, Command, Event, HoldId, ListId, MarketId, OrderId, Price, Quantity, Reject,
    Sequence, SourceId, Stamped, Timestamp,
};

use state::{Account, Balance, Hold, List, Order, Schedule, Venue};
use verdict::{Checked, compare, ensure};
pub use verdict::{Discrepancy, Rule};

/// The most that an amount of ledger units may be.
const MOST: i128 = i64::MAX as i128;

/// The model. Feed it every command with its events, from the first on.
#[derive(Debug, Clone, Default)]
pub struct Auditor {
    sequence: Sequence,
    time: Timestamp,
    sources: BTreeMap<SourceId, u64>,
    assets: BTreeMap<AssetId, Asset>,
    venues: BTreeMap<MarketId, Venue>,
    accounts: BTreeMap<AccountId, Account>,
    schedule: Schedule,
    balances: BTreeMap<(AccountId, AssetId), Balance>,
    holds: BTreeMap<HoldId, Hold>,
    orders: BTreeMap<OrderId, Order>,
    lists: BTreeMap<ListId, List>,
    /// Dead-man's switches, each with its time.
    countdowns: BTreeMap<(AccountId, Option<MarketId>), u64>,
    last_hold: u64,
    last_order: u64,
    last_list: u64,
    arrivals: u64,
    /// What the command at hand must be answered.
    wanted: Vec<Event>,
}

impl Auditor {
    /// A model that knows nothing: the state before the first command.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks the answer to the next command and follows it. After a discrepancy the model is of no use any more.
    pub fn check(&mut self, input: &Stamped, events: &[Event]) -> Result<(), Discrepancy> {
        let sequence = input.sequence;
        self.follow(input, events).map_err(|(rule, detail)| Discrepancy { sequence, rule, detail })
    }

    fn follow(&mut self, input: &Stamped, events: &[Event]) -> Checked {
        ensure!(input.sequence.0 == self.sequence.0 + 1, Rule::Sequence, "it follows {}", self.sequence);
        ensure!(!events.is_empty(), Rule::Sequence, "it has no answer");
        self.sequence = input.sequence;
        self.time = self.time.max(input.time);
        self.wanted.clear();
        self.pass_time();
        if self.admit(input) {
            self.execute(&input.envelope.command);
        }
        self.note_changed_auctions();
        self.pass_time();
        compare(&self.wanted, events)?;
        self.recount()
    }

    /// Whether the command is to be carried out: it is neither a repeat nor out of order.
    fn admit(&mut self, input: &Stamped) -> bool {
        let envelope = &input.envelope;
        let (source, source_seq) = (envelope.source, envelope.source_seq);
        if source == SourceId::NONE {
            let moves_money = matches!(
                envelope.command,
                Command::Transfer { .. } | Command::Hold { .. } | Command::Capture { .. } | Command::Release { .. }
            );
            if moves_money {
                self.refuse(AccountId(0), Reject::SourceRequired);
            }
            return !moves_money;
        }
        let last = self.sources.get(&source).copied().unwrap_or_default();
        if source_seq.0 == last + 1 {
            self.sources.insert(source, source_seq.0);
            return true;
        }
        if (1..=last).contains(&source_seq.0) {
            self.emit(Event::Duplicate { source, source_seq });
        } else {
            self.refuse(AccountId(0), Reject::SourceGap);
        }
        false
    }

    fn execute(&mut self, command: &Command) {
        match *command {
            Command::Tick => self.emit(Event::Ticked),
            Command::AddAsset(asset) => self.add_asset(asset),
            Command::AddMarket(ref market) => self.add_market(market),
            Command::SetMarket(ref market) => self.set_market(market),
            Command::SetMarketState { market, state, until } => self.set_state(market, state, until),
            Command::OpenAccount { account, parent } => self.open_account(account, parent),
            Command::SetTier { account, tier } => self.set_tier(account, tier),
            Command::SetFees { tier, market, fees } => self.set_fees(tier, market, fees),
            Command::Transfer { from, to, asset, amount } => {
                let broken = self.transfer_rules(from, to, asset, amount);
                self.emit_unless(&broken, from, Event::Transferred { from, to, asset, amount });
            }
            Command::Hold { account, asset, amount } => self.hold(account, asset, amount),
            Command::Capture { hold, to, amount } => self.capture(hold, to, amount),
            Command::Release { hold } => self.release(hold),
            Command::Place(ref place) => self.place(place),
            Command::PlaceList(ref list) => self.place_list(list),
            Command::Cancel { account, market, target, client_id } => {
                if let Err(reason) = self.cancel(account, market, &target, client_id) {
                    self.refuse(account, reason);
                }
            }
            Command::CancelAll { account, market } => self.cancel_all(account, market),
            Command::CancelList { account, market, target, client_id } => {
                self.cancel_list(account, market, &target, client_id);
            }
            Command::CancelMarket { market } => self.cancel_market(market),
            Command::SetCountdown { account, market, timeout_us } => self.set_countdown(account, market, timeout_us),
            Command::Amend(ref amend) => self.amend(amend),
            Command::Modify { account, market, order, price, quantity } => {
                self.modify(account, market, order, price, quantity);
            }
            Command::CancelReplace(ref replace) => self.cancel_replace(replace),
        }
    }

    /// Wants this event next, and follows its effect on balances.
    fn emit(&mut self, event: Event) {
        if let Some(market) = market_of(&event) {
            self.venue_mut(market).touched = true;
        }
        self.post(&event);
        self.wanted.push(event);
    }

    fn refuse(&mut self, account: AccountId, reason: Reject) {
        self.emit(Event::Rejected { account, reason });
    }

    /// Wants a rejection for the lowest of the broken rules, or this event when none is broken; gives whether none is.
    fn emit_unless(&mut self, broken: &[Reject], account: AccountId, event: Event) {
        match broken.iter().min() {
            Some(reason) => self.refuse(account, *reason),
            None => self.emit(event),
        }
    }

    /// An open order. The model only asks for those that it has put there itself.
    fn order(&self, id: OrderId) -> &Order {
        self.orders.get(&id).expect("the model asks for open orders only")
    }

    fn order_mut(&mut self, id: OrderId) -> &mut Order {
        self.orders.get_mut(&id).expect("the model asks for open orders only")
    }

    /// A market that is known: every open order's is.
    fn venue(&self, market: MarketId) -> &Venue {
        self.venues.get(&market).expect("an order's market is known")
    }

    fn venue_mut(&mut self, market: MarketId) -> &mut Venue {
        self.venues.get_mut(&market).expect("an order's market is known")
    }

    fn next_arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }
}

/// The market whose orders the event is about.
const fn market_of(event: &Event) -> Option<MarketId> {
    match *event {
        Event::Armed { market, .. }
        | Event::Tracking { market, .. }
        | Event::Triggered { market, .. }
        | Event::Entered { market, .. }
        | Event::Refilled { market, .. }
        | Event::Rested { market, .. }
        | Event::Modified { market, .. }
        | Event::MarketStateSet { market, .. } => Some(market),
        Event::Trade(ref trade) => Some(trade.market),
        Event::Prevented(ref prevented) => Some(prevented.market),
        Event::Closed(ref closed) => Some(closed.market),
        Event::Amended(ref amended) => Some(amended.market),
        _ => None,
    }
}

/// What one unit in the place of `scale` decimals is in ledger units.
fn power_of_ten(exponent: u8) -> i128 {
    (0..exponent).fold(1, |power, _| power * 10)
}

/// As events carry it. What does not fit becomes a number that no answer has.
fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(i64::MIN)
}

fn amount(value: i128) -> Amount {
    Amount(narrow(value))
}

fn price(value: i128) -> Price {
    Price(narrow(value))
}

fn quantity(value: i128) -> Quantity {
    Quantity(narrow(value))
}
