//! Carries out the schedules of markets: waits for the next change, and sends it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use api::App;
use marketdata::{MarketData, MarketView};
use markettime::{Actual, Decision, Outcome, Pending, Schedules, Stored, decide};
use model::{Command, Envelope, Event, MarketId, Receipt, Sequence, SourceId, SourceSeq, Timestamp};
use node::{Node, StartReport};
use runtime::clock::Clock;
use runtime::shutdown::Shutdown;

/// How often the schedules are looked at, so that an import by another process is noticed.
const POLL: Duration = Duration::from_secs(5);
/// How long the views may take to show what was sent.
const VIEWS_WAIT: Duration = Duration::from_secs(2);
const VIEWS_PAUSE: Duration = Duration::from_millis(1);

/// The task that keeps market hours.
pub(super) struct Task {
    node: Node,
    data: MarketData,
    schedules: Schedules,
    clock: Arc<dyn Clock>,
    /// How far the engine is with the commands of market hours.
    reached: SourceSeq,
    /// The last command that was sent.
    sent: Sequence,
    /// Markets with a schedule that do not exist, which was said once.
    unknown: BTreeSet<String>,
}

impl Task {
    pub(super) fn new(app: &App, node: Node, report: &StartReport) -> Self {
        let (data, schedules) = (app.market_data.clone(), app.schedules.clone());
        Self::over(node, data, schedules, Arc::clone(&app.clock), report)
    }

    fn over(node: Node, data: MarketData, schedules: Schedules, clock: Arc<dyn Clock>, report: &StartReport) -> Self {
        let reached = report.sources.get(&SourceId::MARKET_HOURS).copied().unwrap_or_default();
        Self { node, data, schedules, clock, reached, sent: Sequence(0), unknown: BTreeSet::new() }
    }

    /// Runs until the shutdown.
    pub(super) async fn run(mut self, shutdown: Shutdown) {
        loop {
            let pause = match self.pass().await {
                Ok(next) => self.pause_until(next),
                Err(_) if self.node.is_stopped() => return,
                Err(error) => {
                    tracing::warn!(%error, "the schedules of markets were not carried out; they are tried again");
                    POLL
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.requested() => return,
            }
        }
    }

    fn pause_until(&self, next: Option<Timestamp>) -> Duration {
        let left = next.map(|next| Duration::from_micros(next.0.saturating_sub(self.clock.now_us())));
        left.map_or(POLL, |left| left.clamp(VIEWS_PAUSE, POLL))
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_us())
    }

    /// Does what is due for every market; says when something is due next.
    async fn pass(&mut self) -> anyhow::Result<Option<Timestamp>> {
        let stored = self.schedules.list().await?;
        for pending in self.schedules.pending().await? {
            self.send(&pending, stored.iter().find(|stored| stored.rules.symbol == pending.symbol)).await?;
        }
        let mut next = None;
        for stored in &stored {
            let of_market = self.keep(stored).await?;
            next = [next, of_market].into_iter().flatten().min();
        }
        Ok(next)
    }

    /// Does what is due for one market.
    async fn keep(&mut self, stored: &Stored) -> anyhow::Result<Option<Timestamp>> {
        let symbol = &stored.rules.symbol;
        let Some(view) = self.data.market(symbol) else {
            if self.unknown.insert(symbol.clone()) {
                tracing::warn!(symbol, "there is a schedule for a market that does not exist");
            }
            return Ok(None);
        };
        let actual = self.actual(&view).await?;
        let (last, now) = (self.schedules.last(symbol).await?, self.now());
        match decide(&stored.schedule, stored.imported, last, now, actual) {
            Decision::Wait(next) => return Ok(next),
            Decision::Set { due, standing } => {
                if let Some(source_seq) = self.schedules.begin(symbol, due, standing, self.reached).await? {
                    let pending = Pending { symbol: symbol.clone(), source_seq, due, standing };
                    self.send(&pending, Some(stored)).await?;
                }
            }
            Decision::Note { due, standing, by_hand } => {
                let outcome = if by_hand { Outcome::ByHand } else { Outcome::Already };
                if self.schedules.note(symbol, due, standing, outcome).await? && by_hand {
                    let (is, says) = (actual.state.name(), standing.state.name());
                    tracing::warn!(symbol, is, says, "the market's state was set by hand: its schedule is passed over");
                }
            }
        }
        Ok(stored.schedule.next_change(now))
    }

    /// The market's state once the views hold what was sent before.
    async fn actual(&self, view: &MarketView) -> anyhow::Result<Actual> {
        let mut waited = Duration::ZERO;
        while self.data.sequence() < self.sent {
            anyhow::ensure!(waited <= VIEWS_WAIT, "the views do not follow the engine");
            tokio::time::sleep(VIEWS_PAUSE).await;
            waited += VIEWS_PAUSE;
        }
        let status = view.status();
        Ok(Actual { state: status.state, until: status.until })
    }

    /// Sends a change that was written down. One for which it is too late by now only takes its place among the commands of
    /// the source, which has no gaps; if it was applied before a crash, the engine says so.
    async fn send(&mut self, pending: &Pending, stored: Option<&Stored>) -> anyhow::Result<()> {
        let market = self.data.market(&pending.symbol).map(|view| view.market.id);
        let is_timely = stored.is_some_and(|stored| stored.schedule.at(self.now()) == pending.standing);
        let market = market.filter(|_| is_timely);
        let envelope = Envelope {
            source: SourceId::MARKET_HOURS,
            source_seq: pending.source_seq,
            command: market.map_or(Command::Tick, |market| set_state(market, pending)),
        };
        let receipt = self.node.submit(envelope).await?;
        self.reached = self.reached.max(pending.source_seq);
        self.sent = receipt.step().map_or(self.sent, |step| step.sequence);
        let outcome = outcome(&receipt, market.is_some());
        let (symbol, state) = (&pending.symbol, pending.standing.state.name());
        match outcome {
            Outcome::Refused => tracing::error!(symbol, state, "the engine refused a scheduled change of state"),
            Outcome::Missed => tracing::warn!(symbol, state, "a scheduled change of state came too late after a stop"),
            _ => tracing::info!(symbol, state, "market state set by its schedule"),
        }
        Ok(self.schedules.finish(pending.source_seq, outcome).await?)
    }
}

const fn set_state(market: MarketId, pending: &Pending) -> Command {
    Command::SetMarketState { market, state: pending.standing.state, until: pending.standing.until }
}

fn outcome(receipt: &Receipt, was_sent: bool) -> Outcome {
    let says = |what: fn(&Event) -> bool| receipt.events().iter().any(what);
    if says(|event| matches!(event, Event::Duplicate { .. })) {
        return Outcome::Applied;
    }
    if says(|event| matches!(event, Event::Rejected { .. })) {
        return Outcome::Refused;
    }
    if was_sent { Outcome::Applied } else { Outcome::Missed }
}
