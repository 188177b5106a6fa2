//! The same commands give the same state, however they were grouped; and time never falls.

use std::sync::Arc;

use model::{Envelope, Sequence, Timestamp};
use node::{Config, Follower, Node, Replica};
use runtime::clock::ManualClock;

use crate::support::{NOON_US, enqueue, start, submit, submit_groups, tiny, within};
use crate::workload::{commands, scene};

/// Hashes of the state and of all events, as the journal gives them, and where the batches ended.
async fn run(config: Config, commands: &[Envelope], group: Option<usize>) -> (u64, u64, Vec<u64>) {
    let directory = config.directory.clone();
    let (node, _) = start(Config { fan_out_batches: 1 << 13, ..config });
    let mut feed = node.subscribe();
    match group {
        Some(size) => submit_groups(&node, commands, size).await,
        None => {
            let waiting: Vec<_> = commands.iter().map(|command| enqueue(node.submit(command.clone()))).collect();
            for answer in waiting {
                within(answer).await.unwrap();
            }
        }
    }
    node.stop();
    let mut ends = Vec::new();
    while let Ok(batch) = within(feed.recv()).await {
        ends.push(batch.last_sequence().unwrap().0);
    }
    let mut follower = Follower::open(&directory, Sequence(u64::MAX / 2)).unwrap();
    follower.take(1).unwrap();
    (follower.replica().state_hash(), follower.replica().events_hash(), ends)
}

#[tokio::test]
async fn grouping_and_timing_do_not_show_in_the_state() {
    let commands = commands(16, 3_000);
    let mut replica = Replica::new();
    let mut events = Vec::new();
    for command in &commands {
        events.clear();
        replica.apply(Timestamp(NOON_US), command.clone(), &mut events);
    }
    assert!(replica.open_orders() > 10);
    let hashes = (replica.state_hash(), replica.events_hash());
    let mut groupings = Vec::new();
    let ways: [(usize, u64, Option<usize>); 6] = [
        (4_096, 0, Some(1)),
        (4_096, 700, Some(Node::MOST_TOGETHER)),
        (4_096, 300, Some(37)),
        (4_096, 300, None),
        (1, 0, None),
        (50, 1_000, None),
    ];
    for (batch_commands, snapshot_every_commands, group) in ways {
        let directory = tempfile::tempdir().unwrap();
        let config = Config { batch_commands, snapshot_every_commands, ..tiny(directory.path()) };
        let (state, events, ends) = run(config, &commands, group).await;
        assert_eq!((state, events), hashes, "{batch_commands} {snapshot_every_commands} {group:?}");
        groupings.push(ends);
    }
    assert_eq!(groupings[0].len(), commands.len());
    assert_eq!(groupings[1].len(), 3);
    assert_eq!(groupings[4].len(), commands.len(), "a batch has one command where only one is allowed");
    assert!(groupings[5].len() > commands.len() / 51);
}

#[tokio::test]
async fn time_never_falls() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOON_US));
    let mut commands = scene().into_iter();
    let mut times = Vec::new();
    let (node, _) = Node::start(tiny(directory.path()), Arc::<ManualClock>::clone(&clock)).unwrap();
    for now in [NOON_US, NOON_US + 50, NOON_US - 1_000_000, 0, NOON_US + 49, NOON_US + 60] {
        clock.set_us(now);
        let receipt = submit(&node, commands.next().unwrap()).await;
        times.push(receipt.step().unwrap().time.0 - NOON_US);
    }
    node.stop();
    assert_eq!(times, [0, 50, 50, 50, 50, 60]);

    // A restart on a machine whose clock was set back.
    for with_snapshot in [false, true] {
        clock.set_us(7);
        let config = Config { snapshot_every_commands: u64::from(with_snapshot), ..tiny(directory.path()) };
        let (node, report) = Node::start(config, Arc::<ManualClock>::clone(&clock)).unwrap();
        assert_eq!(report.image.time, Timestamp(NOON_US + 60));
        let receipt = submit(&node, commands.next().unwrap()).await;
        assert_eq!(receipt.step().unwrap().time, Timestamp(NOON_US + 60));
        node.stop();
    }
}
