//! The engine and its one entry: apply a stamped command.

use std::collections::BTreeMap;

use model::{
    AccountId, AssetId, Command, Event, HoldId, ListId, MarketId, Mixer, OrderId, Reject, Sequence, SourceId,
    SourceSeq, Stamped, Timestamp,
};

use crate::accounts::Accounts;
use crate::book::{Book, Levels};
use crate::command::Countdowns;
use crate::faults::Fault;
use crate::hash::hash_event;
use crate::ledger::Ledger;
use crate::lists::Lists;
use crate::markets::Markets;
use crate::orders::Orders;
use crate::schedule::Schedule;
use crate::seats::{NONE, Seat, Seats};

/// Money set aside by the first phase of a two-phase transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) account: AccountId,
    pub(crate) asset: AssetId,
    pub(crate) remaining: i64,
}

/// The state machine. `B` is the kind of order book; every kind gives the same events.
#[derive(Debug)]
pub struct Engine<B: Book = Levels> {
    pub(crate) sequence: Sequence,
    pub(crate) time: Timestamp,
    pub(crate) events_hash: Mixer,
    pub(crate) sources: BTreeMap<SourceId, SourceSeq>,
    pub(crate) accounts: Accounts,
    pub(crate) schedule: Schedule,
    pub(crate) holds: BTreeMap<HoldId, Hold>,
    pub(crate) last_hold: HoldId,
    pub(crate) last_order: OrderId,
    pub(crate) last_list: ListId,
    pub(crate) markets: Markets<B>,
    pub(crate) ledger: Ledger,
    pub(crate) seats: Seats,
    pub(crate) orders: Orders,
    pub(crate) lists: Lists,
    pub(crate) countdowns: Countdowns,
    /// Nothing happens by itself before this time; `u64::MAX` when nothing does.
    pub(crate) next_due: u64,
    /// Room to work in; empty between commands.
    pub(crate) parts: Vec<(u32, i64)>,
    pub(crate) turned: Vec<(u64, u32)>,
    #[cfg(feature = "faults")]
    pub(crate) fault: Option<Fault>,
}

impl<B: Book> Default for Engine<B> {
    fn default() -> Self {
        Self {
            sequence: Sequence(0),
            time: Timestamp(0),
            events_hash: Mixer::new(),
            sources: BTreeMap::new(),
            accounts: Accounts::default(),
            schedule: Schedule::default(),
            holds: BTreeMap::new(),
            last_hold: HoldId(0),
            last_order: OrderId(0),
            last_list: ListId(0),
            markets: Markets::default(),
            ledger: Ledger::default(),
            seats: Seats::default(),
            orders: Orders::default(),
            lists: Lists::default(),
            countdowns: Countdowns::default(),
            next_due: u64::MAX,
            parts: Vec::new(),
            turned: Vec::new(),
            #[cfg(feature = "faults")]
            fault: None,
        }
    }
}

impl<B: Book> Engine<B> {
    /// An engine that knows nothing: the state before the first command.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last command applied.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Time of the last command; the sequencer never stamps an earlier one.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Rolling hash of every event since the first command: equal on every machine that applied the same commands.
    pub fn events_hash(&self) -> u64 {
        self.events_hash.value()
    }

    /// Number of open orders in all markets.
    pub fn open_orders(&self) -> usize {
        self.orders.len()
    }

    /// Last position of a source that was applied; zero before the first.
    pub fn source_position(&self, source: SourceId) -> SourceSeq {
        self.sources.get(&source).copied().unwrap_or_default()
    }

    /// Last position of every source that has sent something, by source.
    pub fn source_positions(&self) -> BTreeMap<SourceId, SourceSeq> {
        self.sources.clone()
    }

    /// Applies one command and appends its events, at least one.
    ///
    /// A command that breaks a rule gives [`Event::Rejected`] and changes nothing but the counters. Panics when the input
    /// is not the next in sequence, or when an invariant of money is broken: the host must stop then.
    pub fn apply(&mut self, input: &Stamped, events: &mut Vec<Event>) {
        assert!(
            input.sequence.0 == self.sequence.0 + 1,
            "command {} after {}: the journal has no gaps",
            input.sequence,
            self.sequence
        );
        self.sequence = input.sequence;
        self.time = self.time.max(input.time);
        let first = events.len();
        if self.time.0 >= self.next_due && !self.has_fault(Fault::ExpiresLate) {
            self.catch_up(events);
        }
        match self.admit(input) {
            Ok(true) => {
                if let Err((account, reason)) = self.execute(&input.envelope.command, events) {
                    events.push(Event::Rejected { account, reason });
                }
            }
            Ok(false) => {
                let (source, source_seq) = (input.envelope.source, input.envelope.source_seq);
                events.push(Event::Duplicate { source, source_seq });
            }
            Err(reason) => events.push(Event::Rejected { account: AccountId(0), reason }),
        }
        // The command may have made an auction's price another that has not been told for long enough.
        if self.time.0 >= self.next_due {
            self.catch_up(events);
        }
        for event in &events[first..] {
            hash_event(&mut self.events_hash, event);
        }
    }

    /// Whether the command is new (`true`) or a repeat of its source (`false`). A refused command uses its position too,
    /// so that a repeat of it cannot succeed later by surprise.
    fn admit(&mut self, input: &Stamped) -> Result<bool, Reject> {
        let envelope = &input.envelope;
        if envelope.source == SourceId::NONE {
            return if envelope.command.moves_money() { Err(Reject::SourceRequired) } else { Ok(true) };
        }
        let last = self.source_position(envelope.source);
        // Positions count from 1: zero was never applied, so it is no repeat.
        let Some(before) = envelope.source_seq.0.checked_sub(1) else { return Err(Reject::SourceGap) };
        if before < last.0 && !self.has_fault(Fault::RepeatsAreNew) {
            return Ok(false);
        }
        if before > last.0 {
            return Err(Reject::SourceGap);
        }
        self.sources.insert(envelope.source, envelope.source_seq);
        Ok(true)
    }

    fn execute(&mut self, command: &Command, events: &mut Vec<Event>) -> Result<(), (AccountId, Reject)> {
        match *command {
            Command::Place(ref place) => self.place(place, events).map_err(|reason| (place.account, reason)),
            Command::Cancel { account, market, target, client_id } => {
                self.cancel(account, market, target, client_id, events).map_err(|reason| (account, reason))
            }
            Command::Modify { account, market, order, price, quantity } => {
                self.modify(account, market, order, price, quantity, events).map_err(|reason| (account, reason))
            }
            Command::CancelReplace(ref replace) => {
                self.cancel_replace(replace, events).map_err(|reason| (replace.place.account, reason))
            }
            Command::Amend(ref amend) => self.amend(amend, events).map_err(|reason| (amend.account, reason)),
            Command::PlaceList(ref list) => {
                self.place_list(list, events).map_err(|reason| (list.orders[0].account, reason))
            }
            Command::CancelList { account, market, target, client_id } => {
                self.cancel_list(account, market, target, client_id, events).map_err(|reason| (account, reason))
            }
            Command::CancelAll { account, market } => {
                self.cancel_all(account, market, events).map_err(|reason| (account, reason))
            }
            Command::SetCountdown { account, market, timeout_us } => {
                self.set_countdown(account, market, timeout_us, events).map_err(|reason| (account, reason))
            }
            Command::Transfer { from, to, asset, amount } => {
                self.transfer(from, to, asset, amount, events).map_err(|reason| (from, reason))
            }
            Command::Hold { account, asset, amount } => {
                self.hold(account, asset, amount, events).map_err(|reason| (account, reason))
            }
            Command::Capture { hold, to, amount } => {
                self.capture(hold, to, amount, events).map_err(|reason| (to, reason))
            }
            ref other => self.administer(other, events),
        }
    }

    /// What is not done on behalf of an account.
    #[cold]
    fn administer(&mut self, command: &Command, events: &mut Vec<Event>) -> Result<(), (AccountId, Reject)> {
        let outcome = match *command {
            Command::Release { hold } => self.release(hold, events),
            Command::AddAsset(asset) => self.add_asset(asset, events),
            Command::AddMarket(ref market) => self.add_market(**market, events),
            Command::SetMarket(ref market) => self.set_market(**market, events),
            Command::SetMarketState { market, state, until } => self.set_market_state(market, state, until, events),
            Command::SetFees { tier, market, fees } => self.set_fees(tier, market, fees, events),
            Command::CancelMarket { market } => self.cancel_market(market, events),
            Command::OpenAccount { account, parent } => {
                return self.open_account(account, parent, events).map_err(|reason| (account, reason));
            }
            Command::SetTier { account, tier } => {
                return self.set_tier(account, tier, events).map_err(|reason| (account, reason));
            }
            // The others are carried out by `execute`, whose match ends here.
            _ => {
                debug_assert_eq!(*command, Command::Tick);
                events.push(Event::Ticked);
                Ok(())
            }
        };
        outcome.map_err(|reason| (AccountId(0), reason))
    }

    /// Whether the account may own money: one of the exchange's own, or an opened one.
    pub(crate) fn knows(&self, account: AccountId) -> bool {
        model::system::ALL.contains(&account) || self.accounts.contains(account)
    }

    /// The account's seat in the market at this position, its fees up to date; made when the account is known and has none.
    #[inline]
    pub(crate) fn seat(&mut self, account: AccountId, position: usize) -> Result<u32, Reject> {
        let market = self.markets.get(position).market.id;
        let seat = match self.seats.find(account, market) {
            Some(seat) => seat,
            None => self.add_seat(account, market, position)?,
        };
        if self.seats.get(seat).fees_version != self.schedule.version {
            self.look_up_fees(seat, position);
        }
        Ok(seat)
    }

    #[cold]
    fn add_seat(&mut self, account: AccountId, market: MarketId, position: usize) -> Result<u32, Reject> {
        let found = *self.accounts.get(account).ok_or(Reject::UnknownAccount)?;
        let settings = &self.markets.get(position).market;
        let seat = self.seats.add(Seat {
            account,
            group: found.group(),
            base: self.ledger.slot(account, settings.base),
            quote: self.ledger.slot(account, settings.quote),
            open_orders: 0,
            algo_orders: 0,
            first: NONE,
            last: NONE,
            fees: self.schedule.rates(found.tier, settings),
            fees_version: self.schedule.version,
            market,
        });
        Ok(seat)
    }

    #[cold]
    fn look_up_fees(&mut self, seat: u32, position: usize) {
        let found = self.seats.get_mut(seat);
        let tier = self.accounts.get(found.account).map_or_else(Default::default, |account| account.tier);
        found.fees = self.schedule.rates(tier, &self.markets.get(position).market);
        found.fees_version = self.schedule.version;
    }
}
