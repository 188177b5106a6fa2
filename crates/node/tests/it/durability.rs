//! Nothing gets out before it is durable, and a disk that fails stops the node.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::Sequence;
use node::{Config, FeedEnd, Node, SubmitError};
use runtime::clock::ManualClock;

use crate::disks::{Mood, MoodyDisk};
use crate::support::{
    NOON_US, Waiting, enqueue, entries, eventually, is_waiting, journal_after, start, submit, submit_groups, tiny,
    within,
};
use crate::workload::{Traffic, scene};

pub(crate) fn start_on(config: Config, disk: &MoodyDisk) -> Node {
    let disk = Arc::new(disk.clone());
    Node::start_on(config, Arc::new(ManualClock::at(NOON_US)), disk).unwrap().0
}

/// A node in whose disk one batch waits for its sync, with a queue behind.
async fn held<'a>(node: &'a Node, disk: &MoodyDisk, traffic: &mut Traffic) -> Vec<Waiting<'a>> {
    disk.set(Mood::Held);
    let mut waiting = vec![enqueue(node.submit(traffic.next()))];
    eventually("the first batch waits for its sync", || disk.held() == 1).await;
    waiting.extend((0..4).map(|_| enqueue(node.submit(traffic.next()))));
    waiting.extend((0..3).map(|_| enqueue(node.submit_together(traffic.take(2)))));
    waiting
}

fn small_batches(directory: &Path) -> Config {
    Config { batch_commands: 4, queue_commands: 100, ..tiny(directory) }
}

#[tokio::test]
async fn nothing_gets_out_before_the_sync_has_returned() {
    let directory = tempfile::tempdir().unwrap();
    let disk = MoodyDisk::new();
    let node = start_on(small_batches(directory.path()), &disk);
    submit_groups(&node, &scene(), 10).await;
    let durable = node.durable();
    let (mut feed, mut follower) = (node.subscribe(), node.follow(durable).unwrap());
    let mut traffic = Traffic::new(1, "t");
    let mut waiting = held(&node, &disk, &mut traffic).await;

    assert!(tokio::time::timeout(Duration::from_millis(100), feed.recv()).await.is_err(), "published before the sync");
    assert!(waiting.iter_mut().all(is_waiting), "answered before the sync");
    assert_eq!(node.durable(), durable);
    assert_eq!(node.queued(), 10);
    assert!(follower.take(100).unwrap().steps.is_empty());
    assert_eq!(node.image().unwrap().sequence, durable);

    disk.set(Mood::Good);
    let mut next = durable.0 + 1;
    for (answer, commands) in waiting.into_iter().zip([1, 1, 1, 1, 1, 2, 2, 2]) {
        let receipt = within(answer).await.unwrap();
        assert_eq!(receipt.step().unwrap().sequence, Sequence(next));
        assert_eq!(receipt.batch.steps[receipt.index + commands - 1].sequence.0, next + commands as u64 - 1);
        assert!(node.durable() >= receipt.batch.last_sequence().unwrap());
        next += commands as u64;
    }
    let mut published = Vec::new();
    while published.len() < 11 {
        let batch = within(feed.recv()).await.unwrap();
        assert!(batch.steps.len() <= 5, "a batch ends when it is full; only a group may go over");
        published.extend(entries(&batch));
    }
    assert_eq!(follower.take(100).unwrap().steps.len(), 11);
    node.stop();
    assert_eq!(published, journal_after(directory.path(), durable.0));
}

/// Each receipt is there only after one more sync than before the command.
#[tokio::test]
async fn each_receipt_costs_a_sync() {
    let directory = tempfile::tempdir().unwrap();
    let disk = MoodyDisk::new();
    let node = start_on(tiny(directory.path()), &disk);
    for command in scene() {
        let before = disk.synced();
        submit(&node, command).await;
        assert_eq!(disk.synced(), before + 1);
    }
    node.stop();
}

async fn a_failure_stops_the_node(mood: Mood, may_survive: usize) {
    let directory = tempfile::tempdir().unwrap();
    let disk = MoodyDisk::new();
    let node = start_on(small_batches(directory.path()), &disk);
    let mut feed = node.subscribe();
    submit_groups(&node, &scene(), 28).await;
    let acknowledged = node.durable().0;
    let mut traffic = Traffic::new(2, "t");
    // A write fails only while nothing is in the disk, so the first batch passes then.
    let waiting = held(&node, &disk, &mut traffic).await;
    let stopped = tokio::spawn({
        let node = node.clone();
        async move { node.stopped().await }
    });
    assert!(!node.is_stopped());
    disk.set(mood);

    let mut answers = Vec::new();
    for answer in waiting {
        answers.push(within(answer).await.map(|receipt| receipt.step().unwrap().sequence.0));
    }
    within(stopped).await.unwrap();
    assert!(node.is_stopped());
    let passed = usize::from(mood == Mood::WriteFails);
    assert!(answers[..passed].iter().all(Result::is_ok), "{answers:?}");
    assert!(answers[passed..].iter().all(|answer| *answer == Err(SubmitError::Stopped)), "{answers:?}");
    let acknowledged = acknowledged + passed as u64;
    assert_eq!(node.durable().0, acknowledged);

    let mut published = 0;
    let end = loop {
        match within(feed.recv()).await {
            Ok(batch) => published = batch.last_sequence().unwrap().0,
            Err(end) => break end,
        }
    };
    assert_eq!((published, end), (acknowledged, FeedEnd::Stopped));
    assert_eq!(within(node.subscribe().recv()).await.unwrap_err(), FeedEnd::Stopped);
    // More often than the queue is long, and more than has room beside what stood there at the failure: nobody takes it out.
    for _ in 0..200 {
        assert_eq!(within(node.submit(traffic.next())).await.unwrap_err(), SubmitError::Stopped);
    }
    assert_eq!(within(node.submit_together(traffic.take(98))).await.unwrap_err(), SubmitError::Stopped);
    assert_eq!(node.queued(), 0);
    node.stop();

    let (again, report) = start(tiny(directory.path()));
    let last = report.image.sequence.0;
    assert!((acknowledged..=acknowledged + may_survive as u64).contains(&last), "{acknowledged} {last}");
    assert_eq!(report.journal.torn.is_some(), mood == Mood::WriteFails);
    assert_eq!(submit(&again, traffic.next()).await.step().unwrap().sequence.0, last + 1);
    again.stop();
}

#[tokio::test]
async fn a_failed_sync_stops_the_node() {
    // The batch was written, so it may be there although its sync failed.
    a_failure_stops_the_node(Mood::SyncFails, 1).await;
}

#[tokio::test]
async fn a_failed_write_stops_the_node() {
    a_failure_stops_the_node(Mood::WriteFails, 0).await;
}

#[tokio::test]
async fn a_panic_of_the_disk_thread_stops_the_node() {
    a_failure_stops_the_node(Mood::Panics, 1).await;
}
