//! An independent model of the exchange that checks every answer of the engine.
//!
//! It is made for reading, not for speed: maps in order, 128-bit numbers, and a recount of everything after each command.

mod effects;
mod image;
mod matching;
mod orders;
mod registry;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, Command, Event, HoldId, Market, MarketId, OrderId, OrderType,
    Reject, SelfTrade, Sequence, Side, SourceId, Stamped, Timestamp,
};

/// Which rule an answer breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Commands come without gaps, and each has an answer.
    Sequence,
    /// A command is refused when, and only when, it breaks a rule, and the lowest number is told.
    Rejection,
    /// The events that the command calls for come in their order, and no other.
    Event,
    /// A trade is with the best price, and of that price with the oldest order.
    Priority,
    /// A trade is at the maker's price, within the taker's limit.
    Price,
    /// Quantities and quote amounts add up.
    Quantity,
    /// Fees are the market's parts per million, rounded up, and their rounding is told.
    Fee,
    /// Money neither appears nor vanishes, and nobody has less than nothing.
    Conservation,
    /// What is held is what open orders and holds need.
    Held,
    /// The best bid is below the best ask.
    Crossed,
    /// The engine's image shows what the events said.
    Image,
}

/// An answer that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("command {sequence}, {rule:?}: {detail}")]
pub struct Discrepancy {
    /// The command.
    pub sequence: Sequence,
    /// The rule.
    pub rule: Rule,
    /// What is wrong, for people.
    pub detail: String,
}

/// A broken rule, before the command is named.
type Checked<T = ()> = Result<T, (Rule, String)>;

/// Fails the check with this rule and message unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $rule:expr, $($message:tt)+) => {
        if !$condition {
            return Err(($rule, format!($($message)+)));
        }
    };
}
use ensure;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Balance {
    available: i128,
    held: i128,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    account: AccountId,
    asset: AssetId,
    remaining: i128,
}

#[derive(Debug, Clone, Copy)]
struct Order {
    id: OrderId,
    account: AccountId,
    market: MarketId,
    side: Side,
    order_type: OrderType,
    self_trade: SelfTrade,
    price: i128,
    quantity: i128,
    remaining: i128,
    filled_quote: i128,
    maker_ppm: u32,
    client_id: ClientOrderId,
    placed: Timestamp,
    updated: Timestamp,
    /// Place in the queue: the later, the higher.
    arrival: u64,
}

#[derive(Debug, Clone)]
struct Venue {
    market: Market,
    /// Ledger units in one quantity unit, and in one unit of price x quantity.
    base_unit: i128,
    quote_unit: i128,
    last_trade: u64,
    last_price: i128,
    /// Bids and asks by rank of price, best first, then by arrival.
    queues: [BTreeMap<(i128, u64), OrderId>; 2],
}

/// The model. Feed it every command with its events, from the first on.
#[derive(Debug, Clone, Default)]
pub struct Auditor {
    sequence: Sequence,
    time: Timestamp,
    sources: BTreeMap<SourceId, u64>,
    assets: BTreeMap<AssetId, Asset>,
    venues: BTreeMap<MarketId, Venue>,
    accounts: BTreeSet<AccountId>,
    balances: BTreeMap<(AccountId, AssetId), Balance>,
    holds: BTreeMap<HoldId, Hold>,
    orders: BTreeMap<OrderId, Order>,
    last_hold: u64,
    last_order: u64,
    arrivals: u64,
}

/// The events of one command, read one by one.
#[derive(Debug)]
struct Answer<'a> {
    events: &'a [Event],
}

impl<'a> Answer<'a> {
    fn next(&mut self) -> Option<&'a Event> {
        let (first, rest) = self.events.split_first()?;
        self.events = rest;
        Some(first)
    }
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
        let mut answer = Answer { events };
        if self.admit(input, &mut answer)? {
            self.execute(&input.envelope.command, &mut answer)?;
        }
        ensure!(answer.events.is_empty(), Rule::Event, "events that nothing calls for: {:?}", answer.events);
        if events.iter().any(|event| !matches!(event, Event::Rejected { .. } | Event::Duplicate { .. })) {
            self.recount()?;
        }
        Ok(())
    }

    /// Whether the command is to be carried out: it is neither a repeat nor out of order.
    fn admit(&mut self, input: &Stamped, answer: &mut Answer<'_>) -> Checked<bool> {
        let envelope = &input.envelope;
        let (source, source_seq) = (envelope.source, envelope.source_seq);
        if source == SourceId::NONE {
            let moves_money = matches!(
                envelope.command,
                Command::Transfer { .. } | Command::Hold { .. } | Command::Capture { .. } | Command::Release { .. }
            );
            if moves_money {
                self.refused(answer, AccountId(0), Reject::SourceRequired)?;
            }
            return Ok(!moves_money);
        }
        let last = self.sources.get(&source).copied().unwrap_or_default();
        if source_seq.0 == last + 1 {
            self.sources.insert(source, source_seq.0);
            return Ok(true);
        }
        if (1..=last).contains(&source_seq.0) {
            self.expect(answer, Event::Duplicate { source, source_seq })?;
        } else {
            self.refused(answer, AccountId(0), Reject::SourceGap)?;
        }
        Ok(false)
    }

    fn execute(&mut self, command: &Command, answer: &mut Answer<'_>) -> Checked {
        match *command {
            Command::AddAsset(asset) => self.add_asset(asset, answer),
            Command::AddMarket(market) => self.add_market(market, answer),
            Command::OpenAccount { account } => self.open_account(account, answer),
            Command::Transfer { from, to, asset, amount } => {
                let broken = self.transfer_rules(from, to, asset, amount);
                self.follow_one(answer, from, broken, Event::Transferred { from, to, asset, amount })
            }
            Command::Hold { account, asset, amount } => self.hold(account, asset, amount, answer),
            Command::Capture { hold, to, amount } => self.capture(hold, to, amount, answer),
            Command::Release { hold } => self.release(hold, answer),
            Command::Place(ref place) => self.place(place, answer),
            Command::Cancel { account, market, target, client_id } => {
                match self.cancel(account, market, &target, client_id, answer)? {
                    Some(reason) => self.refused(answer, account, reason),
                    None => Ok(()),
                }
            }
            Command::CancelAll { account, market } => self.cancel_all(account, market, answer),
            Command::Modify { account, market, order, price, quantity } => {
                self.modify(account, market, order, price, quantity, answer)
            }
            Command::CancelReplace(ref replace) => self.cancel_replace(replace, answer),
        }
    }

    /// Takes the next event, which must be this one, and follows its effect on balances.
    fn expect(&mut self, answer: &mut Answer<'_>, wanted: Event) -> Checked {
        let found = answer.next();
        if found == Some(&wanted) {
            return self.post(&wanted);
        }
        let found = found.ok_or_else(|| (rule_of(&wanted, None), format!("expected {wanted:?}, found nothing")))?;
        Err((rule_of(&wanted, Some(found)), format!("expected {wanted:?}, found {found:?}")))
    }

    /// Expects a rejection.
    fn refused(&mut self, answer: &mut Answer<'_>, account: AccountId, reason: Reject) -> Checked {
        self.expect(answer, Event::Rejected { account, reason })
    }

    /// Expects a rejection for the lowest of the broken rules, or this event when none is broken.
    fn follow_one(&mut self, answer: &mut Answer<'_>, owner: AccountId, broken: Vec<Reject>, event: Event) -> Checked {
        match broken.into_iter().min() {
            Some(reason) => self.refused(answer, owner, reason),
            None => self.expect(answer, event),
        }
    }
}

/// Which rule is broken by an event that stands where another was expected.
fn rule_of(wanted: &Event, found: Option<&Event>) -> Rule {
    let is_refusal = |event: &Event| matches!(event, Event::Rejected { .. } | Event::CancelRejected { .. });
    match (wanted, found) {
        (wanted, _) if is_refusal(wanted) => Rule::Rejection,
        (_, Some(found)) if is_refusal(found) => Rule::Rejection,
        (Event::Rested { held, .. }, Some(Event::Rested { held: other, .. })) if held != other => Rule::Held,
        (Event::Closed(closed), Some(Event::Closed(other))) if closed.released != other.released => Rule::Held,
        (Event::Modified { released, .. }, Some(Event::Modified { released: other, .. })) if released != other => {
            Rule::Held
        }
        (Event::Transferred { amount, .. }, Some(Event::Transferred { amount: other, .. }))
        | (Event::Captured { amount, .. }, Some(Event::Captured { amount: other, .. }))
            if amount != other =>
        {
            Rule::Conservation
        }
        _ => Rule::Event,
    }
}

/// What one unit in the place of `scale` decimals is in ledger units.
fn power_of_ten(exponent: u8) -> i128 {
    (0..exponent).fold(1, |power, _| power * 10)
}

/// An amount that must fit what events carry.
fn amount(value: i128) -> Checked<Amount> {
    i64::try_from(value).map(Amount).map_err(|_| (Rule::Quantity, format!("{value} does not fit an amount")))
}
