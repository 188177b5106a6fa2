//! A full queue answers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use node::{Config, Node, SubmitError};

use crate::disks::{Mood, MoodyDisk};
use crate::durability::start_on;
use crate::support::{enqueue, eventually, is_waiting, journal_after, start, submit, submit_groups, tiny, within};
use crate::workload::{Traffic, commands, scene};

/// Counts the commands that were refused, on this thread.
#[derive(Debug, Default)]
struct Refused(Arc<AtomicU64>);

impl Recorder for Refused {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        assert_eq!(key.name(), "rialto_commands_refused_busy_total");
        Counter::from_arc(Arc::clone(&self.0))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn a_full_queue_answers_busy_at_once_and_nothing_has_happened() {
    let refused = Refused::default();
    let count = Arc::clone(&refused.0);
    let _recording = metrics::set_default_local_recorder(&refused);
    let directory = tempfile::tempdir().unwrap();
    let disk = MoodyDisk::new();
    let config = Config { batch_commands: 5, queue_commands: 30, ..tiny(directory.path()) };
    let node = start_on(config, &disk);
    submit_groups(&node, &scene(), 28).await;
    let before = node.durable().0;
    let mut traffic = Traffic::new(3, "t");

    disk.set(Mood::Held);
    let mut waiting = vec![enqueue(node.submit(traffic.next()))];
    eventually("the first batch waits for its sync", || disk.held() == 1).await;
    waiting.extend((0..20).map(|_| enqueue(node.submit(traffic.next()))));
    waiting.push(enqueue(node.submit_together(traffic.take(8))));
    assert_eq!(node.queued(), 28);
    // A group goes in whole or not at all; a smaller one may still find room.
    assert_eq!(at_once(node.submit_together(traffic.take(3))).await, SubmitError::Busy);
    waiting.push(enqueue(node.submit_together(traffic.take(2))));
    assert_eq!(node.queued(), 30);
    for _ in 0..1000 {
        assert_eq!(at_once(node.submit(traffic.next())).await, SubmitError::Busy);
    }
    assert_eq!(at_once(node.submit_together(traffic.take(30))).await, SubmitError::Busy);
    assert_eq!((node.queued(), node.durable().0, count.load(Ordering::SeqCst)), (30, before, 1033));
    assert!(waiting.iter_mut().all(is_waiting));

    disk.set(Mood::Good);
    for answer in waiting {
        within(answer).await.unwrap();
    }
    assert_eq!(node.queued(), 0);
    let receipt = submit(&node, traffic.next()).await;
    assert_eq!(receipt.step().unwrap().sequence.0, before + 31 + 1, "a refused command happened");
    node.stop();
    assert_eq!(journal_after(directory.path(), before).len(), 32);
}

async fn at_once(answer: impl Future<Output = crate::support::Answer>) -> SubmitError {
    tokio::time::timeout(Duration::ZERO, answer).await.expect("it waits").unwrap_err()
}

#[tokio::test]
async fn a_group_has_bounds() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(tiny(directory.path()));
    let most = commands(4, Node::MOST_TOGETHER);
    assert_eq!(at_once(node.submit_together(Vec::new())).await, SubmitError::Busy);
    assert_eq!(at_once(node.submit_together(most[..=Node::MOST_TOGETHER].to_vec())).await, SubmitError::Busy);
    let receipt = within(node.submit_together(most[..Node::MOST_TOGETHER].to_vec())).await.unwrap();
    assert_eq!((receipt.index, receipt.batch.steps.len()), (0, Node::MOST_TOGETHER));
    node.stop();
}

/// A batch ends before it outgrows the journal's smallest segment, however many commands it may have.
#[tokio::test]
async fn a_batch_never_outgrows_a_segment() {
    let directory = tempfile::tempdir().unwrap();
    let disk = MoodyDisk::new();
    let node = start_on(Config { batch_commands: 1 << 20, ..tiny(directory.path()) }, &disk);
    submit_groups(&node, &scene(), 28).await;
    let before = node.durable().0;
    let mut traffic = Traffic::new(5, "a-name-that-makes-long-ids");
    disk.set(Mood::Held);
    let mut waiting = vec![enqueue(node.submit(traffic.next()))];
    eventually("the first batch waits for its sync", || disk.held() == 1).await;
    // About 3 MB in all, where a segment has 0.27.
    waiting.extend((0..30).map(|_| enqueue(node.submit_together(traffic.take(Node::MOST_TOGETHER)))));
    disk.set(Mood::Good);
    for answer in waiting {
        within(answer).await.unwrap();
    }
    node.stop();
    assert_eq!(journal_after(directory.path(), before).len(), 1 + 30 * Node::MOST_TOGETHER);
}
