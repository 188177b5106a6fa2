//! A follower makes the same events as the live feed, from any position.

use std::time::Duration;

use model::Sequence;
use node::{Config, Error, Follower, Node};

use crate::support::{Entry, PATIENCE, drain, entries, eventually, start, submit_groups, tiny, within};
use crate::workload::{Seeded, Traffic, scene};

/// Takes pieces of changing size until the node has stopped, as the projections do.
fn follow_to_the_end(node: &Node, after: u64) -> (u64, Vec<Entry>) {
    let mut follower = node.follow(Sequence(after)).unwrap();
    let (mut all, mut sizes) = (Vec::new(), Seeded(after));
    loop {
        let ended = follower.is_at_end();
        let most = 1 + usize::try_from(sizes.below(300)).unwrap();
        let batch = follower.take(most).unwrap();
        assert!(batch.steps.len() <= most && follower.sequence() <= node.durable());
        if !batch.steps.is_empty() {
            all.extend(entries(&batch));
        } else if ended {
            return (after, all);
        } else {
            follower.wait(PATIENCE);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_from_anywhere_give_what_the_feed_gave() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { snapshot_every_commands: 700, fan_out_batches: 1 << 14, ..tiny(directory.path()) };
    let (node, _) = start(config);
    let mut feed = node.subscribe();
    let (mut traffic, mut seeded) = (Traffic::new(10, "t"), Seeded(11));
    let mut followers = Vec::new();
    let mut submitted = 0;
    submit_groups(&node, &scene(), 28).await;
    while submitted < 6_000 {
        let commands = 1 + usize::try_from(seeded.below(60)).unwrap();
        submit_groups(&node, &traffic.take(commands), 17).await;
        submitted += commands;
        if followers.len() * 300 < submitted {
            // Behind something that is there, at the end, and ahead of what is there.
            let after =
                [0, seeded.below(node.durable().0), node.durable().0, node.durable().0 + 50][followers.len() % 4];
            let node = node.clone();
            followers.push(tokio::task::spawn_blocking(move || follow_to_the_end(&node, after)));
        }
    }
    eventually("snapshots", || journal::snapshot::list(directory.path()).unwrap().len() == 3).await;
    tokio::task::spawn_blocking({
        let node = node.clone();
        move || node.stop()
    })
    .await
    .unwrap();
    let mut live = Vec::new();
    while let Ok(batch) = within(feed.recv()).await {
        live.extend(entries(&batch));
    }
    assert_eq!(live.len(), submitted + scene().len());
    assert!(followers.len() > 10);
    for follower in followers {
        let (after, followed) = within(follower).await.unwrap();
        assert!(followed == live[usize::try_from(after).unwrap()..], "behind {after}");
    }
    // Without the node, from around snapshots, and at and beyond the end.
    let last = live.len() as u64;
    let newest = journal::snapshot::list(directory.path()).unwrap()[0].sequence;
    for after in [0, 1, 699, newest - 1, newest, newest + 1, last - 1, last, last + 1_000] {
        let mut follower = Follower::open(directory.path(), Sequence(after)).unwrap();
        let followed = drain(&mut follower, 64);
        assert!(followed == live[usize::try_from(after.min(last)).unwrap()..], "behind {after}");
        assert!(follower.is_at_end() && follower.sequence().0 == last);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_follower_is_woken() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(tiny(directory.path()));
    for command in scene() {
        let mut follower = node.follow(node.durable()).unwrap();
        let woken = tokio::task::spawn_blocking(move || {
            loop {
                let steps = follower.take(10).unwrap().steps.len();
                if steps > 0 {
                    return steps;
                }
                // A missed wake-up would last longer than the test's patience.
                follower.wait(Duration::from_secs(600));
            }
        });
        within(node.submit(command)).await.unwrap();
        assert_eq!(within(woken).await.unwrap(), 1);
    }
    let mut follower = node.follow(node.durable()).unwrap();
    assert!(follower.take(1).unwrap().steps.is_empty());
    let woken = tokio::task::spawn_blocking(move || {
        follower.wait(Duration::from_secs(600));
        follower.is_at_end()
    });
    node.stop();
    assert!(within(woken).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_behind_the_retention_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let config =
        Config { snapshot_every_commands: 1_000, keep_snapshots: 2, retain_segments: false, ..tiny(directory.path()) };
    let (node, _) = start(config);
    submit_groups(&node, &scene(), 28).await;
    let mut overtaken = node.follow(Sequence(3)).unwrap();
    assert_eq!(overtaken.take(5).unwrap().steps.len(), 5);
    let mut traffic = Traffic::new(12, "t");
    let error = loop {
        submit_groups(&node, &traffic.take(1_000), 100).await;
        assert!(node.durable().0 < 100_000, "retention removes nothing");
        // More than one segment must be gone: the follower above can still read the one that it has open.
        if let Err(error @ Error::Behind { first: 10_000.., .. }) = Follower::open(directory.path(), Sequence(3)) {
            break error;
        }
    };
    assert!(error.is_behind(), "{error}");
    assert!(error.to_string().starts_with("the events after command 3 cannot be made any more: the journal starts at"));
    assert!(node.follow(Sequence(3)).unwrap_err().is_behind());

    let mut given = 8;
    let error = loop {
        match overtaken.take(1_000) {
            Ok(batch) => {
                assert_eq!(batch.steps[0].sequence.0, given + 1, "a gap");
                given = batch.last_sequence().unwrap().0;
            }
            Err(error) => break error,
        }
    };
    assert!(error.is_behind() && overtaken.take(1).unwrap_err().is_behind(), "{error}");
    // Whoever is told so can load an image, at any time.
    for _ in 0..20 {
        submit_groups(&node, &traffic.take(200), 200).await;
        let node = node.clone();
        let at_least = node.durable();
        let image = tokio::task::spawn_blocking(move || node.image()).await.unwrap().unwrap();
        assert!(image.sequence >= at_least);
    }
    node.stop();
}
