//! Nodes on temporary folders, and waiting that ends.

use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use model::{Batch, Envelope, Event, Receipt, Sequence, Step};
use node::{Config, Follower, Node, StartReport, SubmitError};
use runtime::clock::ManualClock;

/// The time at which the tests' clocks stand.
pub(crate) const NOON_US: u64 = 1_800_000_000_000_000;
/// Longer than anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Small segments, so that a few thousand commands fill one, and no snapshots.
pub(crate) fn tiny(directory: &Path) -> Config {
    Config {
        journal: journal::Config { segment_bytes: 528 << 10, ..journal::Config::default() },
        snapshot_every_commands: 0,
        ..Config::new(directory)
    }
}

/// Starts with a clock that stands still.
pub(crate) fn start(config: Config) -> (Node, StartReport) {
    Node::start(config, Arc::new(ManualClock::at(NOON_US))).unwrap()
}

/// Submits a command or fails the test.
pub(crate) async fn submit(node: &Node, envelope: Envelope) -> Receipt {
    within(node.submit(envelope)).await.unwrap()
}

/// Submits commands in groups of this size.
pub(crate) async fn submit_groups(node: &Node, commands: &[Envelope], size: usize) {
    for group in commands.chunks(size) {
        within(node.submit_together(group.to_vec())).await.unwrap();
    }
}

/// The future's value; a test that waits in vain fails.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing came")
}

/// Waits until something holds.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "in vain: {what}");
}

/// What a submission comes to.
pub(crate) type Answer = Result<Receipt, SubmitError>;

/// A submission that was polled once, so that it stands in the queue.
pub(crate) type Waiting<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Polls once, which puts a submission into the queue. Panics when it has its answer at once.
pub(crate) fn enqueue<'a>(submission: impl Future<Output = Answer> + Send + 'a) -> Waiting<'a> {
    let mut waiting: Waiting<'a> = Box::pin(submission);
    assert!(is_waiting(&mut waiting), "answered at once");
    waiting
}

/// Whether there is no answer yet.
pub(crate) fn is_waiting(waiting: &mut Waiting<'_>) -> bool {
    matches!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
}

/// One command with all that came of it.
pub(crate) type Entry = (Step, Vec<Event>);

/// The entries of a batch. Where the events stand in the batch follows from the grouping and does not count.
pub(crate) fn entries(batch: &Batch) -> Vec<Entry> {
    batch.iter().map(|(step, events)| (Step { first_event: 0, ..*step }, events.to_vec())).collect()
}

/// All that a follower gives now, in pieces.
pub(crate) fn drain(follower: &mut Follower, piece: usize) -> Vec<Entry> {
    let mut all = Vec::new();
    loop {
        let batch = follower.take(piece).unwrap();
        assert!(batch.steps.len() <= piece);
        if batch.steps.is_empty() {
            return all;
        }
        all.extend(entries(&batch));
    }
}

/// What the journal of a stopped node holds after a position.
pub(crate) fn journal_after(directory: &Path, after: u64) -> Vec<Entry> {
    drain(&mut Follower::open(directory, Sequence(after)).unwrap(), 1000)
}

/// A number for anything that can be shown, equal in every process of this program.
pub(crate) fn digest(what: &impl std::fmt::Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{what:?}").hash(&mut hasher);
    hasher.finish()
}
