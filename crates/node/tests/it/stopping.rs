//! How a node ends: asked to, dropped, or by a defect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::Sequence;
use node::{Error, FeedEnd, Node, SubmitError};
use runtime::clock::{Clock, ManualClock};

use crate::disks::{Mood, MoodyDisk};
use crate::durability::start_on;
use crate::support::{
    NOON_US, enqueue, eventually, is_waiting, journal_after, start, submit, submit_groups, tiny, within,
};
use crate::workload::{Traffic, scene};

#[tokio::test]
async fn a_stop_makes_durable_what_was_taken() {
    let directory = tempfile::tempdir().unwrap();
    let disk = MoodyDisk::new();
    let node = start_on(tiny(directory.path()), &disk);
    submit_groups(&node, &scene(), 28).await;
    let before = node.durable().0;
    let mut traffic = Traffic::new(17, "t");
    disk.set(Mood::Held);
    let waiting: Vec<_> = (0..300).map(|_| enqueue(node.submit(traffic.next()))).collect();
    // Two at once: both return when all is done.
    let stops: Vec<_> =
        [node.clone(), node.clone()].map(|node| tokio::task::spawn_blocking(move || node.stop())).into();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(stops.iter().all(|stop| !stop.is_finished()) && !node.is_stopped());
    disk.set(Mood::Good);
    for (answer, sequence) in waiting.into_iter().zip(before + 1..) {
        assert_eq!(within(answer).await.unwrap().step().unwrap().sequence.0, sequence);
    }
    for stop in stops {
        within(stop).await.unwrap();
    }
    within(node.stopped()).await;
    node.stop();
    assert_eq!(node.submit(traffic.next()).await.unwrap_err(), SubmitError::Stopped);
    // The folder is free at once, and what can be read still can.
    let (again, report) = start(tiny(directory.path()));
    assert_eq!(report.image, node.image().unwrap());
    assert_eq!(report.image.sequence.0, before + 300);
    again.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_among_submissions_answers_each() {
    for round in 0..20 {
        let directory = tempfile::tempdir().unwrap();
        let (node, _) = start(tiny(directory.path()));
        submit_groups(&node, &scene(), 28).await;
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let node = node.clone();
                let mut traffic = Traffic::new(round * 10 + task, format!("t{task}"));
                tokio::spawn(async move {
                    let mut last = 0;
                    loop {
                        match node.submit(traffic.next()).await {
                            Ok(receipt) => last = receipt.step().unwrap().sequence.0,
                            Err(SubmitError::Busy) => panic!("the queue is long enough"),
                            Err(SubmitError::Stopped) => return last,
                        }
                    }
                })
            })
            .collect();
        let stopping = tokio::task::spawn_blocking({
            let node = node.clone();
            move || {
                std::thread::sleep(Duration::from_micros(round * 1_000));
                node.stop();
            }
        });
        within(stopping).await.unwrap();
        let mut last = 0;
        for task in tasks {
            last = last.max(within(task).await.unwrap());
        }
        assert!(last <= node.durable().0);
        assert_eq!(node.durable().0, journal_after(directory.path(), 0).len() as u64);
    }
}

#[tokio::test]
async fn a_node_that_is_dropped_ends() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(node::Config { snapshot_every_commands: 10, ..tiny(directory.path()) });
    submit_groups(&node, &scene(), 28).await;
    let clock = || Arc::new(ManualClock::at(NOON_US));
    let error = Node::start(tiny(directory.path()), clock()).unwrap_err();
    assert!(matches!(&error, Error::Journal(cause) if cause.is_locked()), "{error}");

    let last = node.durable();
    let (mut feed, follower) = (node.subscribe(), node.follow(Sequence(0)).unwrap());
    let mut queued = enqueue(node.submit(Traffic::new(18, "t").next()));
    if is_waiting(&mut queued) {
        within(queued).await.unwrap();
    } else {
        drop(queued);
    }
    drop(node.clone());
    assert!(!node.is_stopped());
    drop(node);
    while let Ok(batch) = within(feed.recv()).await {
        assert_eq!(batch.last_sequence().unwrap().0, last.0 + 1);
    }
    eventually("the folder is free", || match Node::start(tiny(directory.path()), clock()) {
        Ok((node, report)) => {
            assert_eq!(report.image.sequence.0, last.0 + 1);
            node.stop();
            true
        }
        Err(Error::Journal(cause)) if cause.is_locked() => false,
        Err(error) => panic!("{error}"),
    })
    .await;
    drop(follower);
}

/// A clock that breaks on the engine's thread, as a broken invariant of the engine would.
#[derive(Debug, Default)]
struct BrittleClock(AtomicBool);

impl Clock for BrittleClock {
    fn now_us(&self) -> u64 {
        assert!(!self.0.load(Ordering::SeqCst), "the test's clock breaks");
        NOON_US
    }

    fn monotonic_us(&self) -> u64 {
        0
    }
}

#[tokio::test]
async fn a_panic_of_the_engine_thread_stops_the_node() {
    let directory = tempfile::tempdir().unwrap();
    let (disk, clock) = (MoodyDisk::new(), Arc::new(BrittleClock::default()));
    let config = node::Config { batch_commands: 10, ..tiny(directory.path()) };
    let (node, _) = Node::start_on(config, Arc::<BrittleClock>::clone(&clock), Arc::new(disk.clone())).unwrap();
    submit_groups(&node, &scene(), 28).await;
    let mut feed = node.subscribe();
    let mut traffic = Traffic::new(19, "t");
    disk.set(Mood::Held);
    let in_the_disk = enqueue(node.submit(traffic.next()));
    eventually("the first batch waits for its sync", || disk.held() == 1).await;
    let in_the_queue: Vec<_> = (0..4).map(|_| enqueue(node.submit(traffic.next()))).collect();
    clock.0.store(true, Ordering::SeqCst);
    disk.set(Mood::Good);
    for answer in in_the_queue {
        assert_eq!(within(answer).await.unwrap_err(), SubmitError::Stopped);
    }
    assert_eq!(within(node.submit(traffic.next())).await.unwrap_err(), SubmitError::Stopped);
    // What was with the disk already came to its end.
    let receipt = within(in_the_disk).await.unwrap();
    within(node.stopped()).await;
    assert_eq!(within(feed.recv()).await.unwrap().last_sequence(), Some(receipt.step().unwrap().sequence));
    assert_eq!(within(feed.recv()).await.unwrap_err(), FeedEnd::Stopped);
    node.stop();

    let (again, report) = start(tiny(directory.path()));
    assert_eq!(Some(report.image.sequence), receipt.step().map(|step| step.sequence));
    submit(&again, traffic.next()).await;
    again.stop();
}
