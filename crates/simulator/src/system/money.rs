//! A plain model of the money that relays move: what each command must do, told without the engine.

use std::collections::BTreeMap;

use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Event, HoldId, Image, Reject, SourceId, SourceSeq, Symbol,
    system,
};

/// What the relays move. Nobody else has any of it.
pub(crate) const GRAIN: AssetId = AssetId(60);
/// Between whom.
pub(crate) const OWNERS: [AccountId; 5] =
    [AccountId(5_001), AccountId(5_002), AccountId(5_003), AccountId(5_004), AccountId(5_005)];
/// The first relay, which also opens the accounts.
pub(crate) const FIRST_RELAY: u16 = 21;
/// How many relays there are.
pub(crate) const RELAYS: u16 = 3;

/// The commands that make asset and accounts known.
pub(crate) fn opening() -> Vec<Command> {
    let symbol = Symbol::new("GRAIN").expect("a legal symbol");
    let mut commands = vec![Command::AddAsset(Asset { id: GRAIN, symbol, scale: 3 })];
    commands.extend(OWNERS.map(|account| Command::OpenAccount { account, parent: AccountId(0) }));
    commands
}

/// Balances, holds and positions as they must be.
#[derive(Debug, Default)]
pub(crate) struct Money {
    positions: BTreeMap<SourceId, u64>,
    available: BTreeMap<AccountId, i64>,
    held: BTreeMap<AccountId, i64>,
    pub(crate) holds: BTreeMap<HoldId, (AccountId, i64)>,
    /// Commands that were carried out.
    pub(crate) applied: u64,
    /// Commands that came again.
    pub(crate) repeated: u64,
    /// Commands that came too early.
    pub(crate) early: u64,
}

/// Whether a source is a relay.
pub(crate) fn is_relay(source: SourceId) -> bool {
    (FIRST_RELAY..FIRST_RELAY + RELAYS).contains(&source.0)
}

impl Money {
    pub(crate) fn position(&self, source: SourceId) -> u64 {
        self.positions.get(&source).copied().unwrap_or(0)
    }

    pub(crate) fn available(&self, account: AccountId) -> i64 {
        self.available.get(&account).copied().unwrap_or(0)
    }

    /// Compares an answer to a relay's command with the model, and follows it.
    pub(crate) fn check(&mut self, envelope: &Envelope, events: &[Event]) -> Result<(), String> {
        let (source, position) = (envelope.source, envelope.source_seq.0);
        // A market's indication may follow any command.
        let answer = events.iter().rfind(|event| !matches!(event, Event::Indicative { .. }));
        let Some(answer) = answer else { return Err(format!("no answer to {envelope:?}")) };
        let next = self.position(source) + 1;
        let expected = if position < next {
            self.repeated += 1;
            *answer == Event::Duplicate { source, source_seq: SourceSeq(position) }
        } else if position > next {
            self.early += 1;
            matches!(answer, Event::Rejected { reason: Reject::SourceGap, .. })
        } else {
            self.positions.insert(source, position);
            self.applied += 1;
            self.apply(&envelope.command, answer)
        };
        if expected {
            return Ok(());
        }
        let place = if position < next { "again" } else { "now" };
        Err(format!("the money is wrong: position {position} of source {source} came {place}, answered {answer:?}"))
    }

    /// Follows what others do to the relays' holds, whose numbers they may guess.
    pub(crate) fn witness(&mut self, command: &Command, events: &[Event]) -> Result<(), String> {
        let grain = |event: &&Event| {
            matches!(event, Event::Captured { asset: GRAIN, .. } | Event::Released { asset: GRAIN, .. })
        };
        match events.iter().find(grain) {
            Some(answer) if !self.apply(command, answer) => {
                Err(format!("the money is wrong: {command:?} gave {answer:?}"))
            }
            _ => Ok(()),
        }
    }

    fn apply(&mut self, command: &Command, answer: &Event) -> bool {
        let refused = matches!(answer, Event::Rejected { .. });
        match *command {
            Command::Transfer { from, to, amount, .. } => {
                if from != system::CUSTODY && self.available(from) < amount.0 {
                    return refused;
                }
                self.add(from, -amount.0);
                self.add(to, amount.0);
                *answer == Event::Transferred { from, to, asset: GRAIN, amount }
            }
            Command::Hold { account, amount, .. } => {
                if self.available(account) < amount.0 {
                    return refused;
                }
                let Event::Held { hold, .. } = *answer else { return false };
                self.add(account, -amount.0);
                *self.held.entry(account).or_default() += amount.0;
                self.holds.insert(hold, (account, amount.0)).is_none()
                    && *answer == Event::Held { hold, account, asset: GRAIN, amount }
            }
            Command::Capture { hold, to, amount } => {
                let Some((account, left)) = self.holds.get(&hold).copied() else { return refused };
                if amount.0 > left {
                    return refused;
                }
                self.lower(hold, account, amount.0);
                self.add(to, amount.0);
                let remaining = Amount(left - amount.0);
                *answer == Event::Captured { hold, account, to, asset: GRAIN, amount, remaining }
            }
            Command::Release { hold } => {
                let Some((account, left)) = self.holds.get(&hold).copied() else { return refused };
                self.lower(hold, account, left);
                self.add(account, left);
                *answer == Event::Released { hold, account, asset: GRAIN, amount: Amount(left) }
            }
            _ => !refused,
        }
    }

    fn add(&mut self, account: AccountId, amount: i64) {
        *self.available.entry(account).or_default() += amount;
    }

    fn lower(&mut self, hold: HoldId, account: AccountId, amount: i64) {
        *self.held.entry(account).or_default() -= amount;
        let left = self.holds.get(&hold).map_or(0, |hold| hold.1) - amount;
        if left == 0 {
            self.holds.remove(&hold);
        } else {
            self.holds.insert(hold, (account, left));
        }
    }

    /// Compares what the owners have.
    pub(crate) fn compare(&self, image: &Image) -> Result<(), String> {
        let of = |account| image.balances.iter().find(|found| found.account == account && found.asset == GRAIN);
        for account in OWNERS.into_iter().chain([system::CUSTODY]) {
            let found = of(account).map_or((0, 0), |found| (found.available.0, found.held.0));
            let held = self.held.get(&account).copied().unwrap_or(0);
            let expected = (self.available(account), held);
            if found != expected {
                return Err(format!("the money is wrong: account {account} has {found:?}, not {expected:?}"));
            }
        }
        Ok(())
    }
}
