//! What a node does not start from, and does not go over.

use std::sync::Arc;

use journal::{Batch, Journal};
use model::{Command, Event, Reject, Sequence, SourceId, system};
use node::{Config, Error, Follower, Node};
use runtime::clock::ManualClock;

use crate::support::{NOON_US, start, submit, submit_groups, tiny};
use crate::workload::{Traffic, from_source, gift, scene};

fn refusal(config: Config) -> Error {
    Node::start(config, Arc::new(ManualClock::at(NOON_US))).unwrap_err()
}

#[tokio::test]
async fn damage_in_the_middle_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(tiny(directory.path()));
    submit_groups(&node, &scene(), 28).await;
    submit_groups(&node, &Traffic::new(20, "t").take(6_000), 200).await;
    node.stop();
    let first = directory.path().join("journal-00000000000000000001.seg");
    let sound = std::fs::read(&first).unwrap();
    let mut damaged = sound.clone();
    damaged[sound.len() / 2] ^= 4;
    std::fs::write(&first, &damaged).unwrap();
    let error = refusal(tiny(directory.path()));
    let Error::Journal(journal::Error::Damaged { segment, offset, .. }) = &error else { panic!("{error}") };
    assert_eq!(segment, &first);
    assert!((1..sound.len() as u64 / 2 + 1).contains(offset), "{error}");
    assert!(error.to_string().contains("journal-00000000000000000001.seg is damaged at offset"), "{error}");
    assert_eq!(std::fs::read(&first).unwrap(), damaged, "a refusal changes nothing");

    std::fs::write(&first, &sound).unwrap();
    let (node, report) = start(tiny(directory.path()));
    assert_eq!(report.replayed, 6_000 + scene().len() as u64);
    node.stop();
}

#[tokio::test]
async fn a_record_of_another_version_is_refused_by_its_sequence() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(tiny(directory.path()));
    submit_groups(&node, &scene(), 28).await;
    node.stop();
    let last = node.durable().0;
    let (mut journal, _) = Journal::open(directory.path(), tiny(directory.path()).journal).unwrap();
    let mut batch = Batch::new();
    batch.push(last + 1, |out| out.extend_from_slice(&[99, 1, 2, 3]));
    journal.append(&mut batch).unwrap();
    drop(journal);
    let error = refusal(tiny(directory.path()));
    assert!(matches!(error, Error::Decode { sequence, .. } if sequence == last + 1), "{error}");
    assert!(error.to_string().contains("another version of this program"), "{error}");

    // A follower first gives all that stands before it, and then never goes on.
    let mut follower = Follower::open(directory.path(), Sequence(last - 5)).unwrap();
    assert_eq!(follower.take(100).unwrap().steps.len(), 5);
    for _ in 0..3 {
        let error = follower.take(100).unwrap_err();
        assert!(matches!(error, Error::Decode { sequence, .. } if sequence == last + 1), "{error}");
    }
    assert_eq!(follower.sequence(), Sequence(last));
}

#[tokio::test]
async fn a_file_in_place_of_the_folder_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = refusal(tiny(&file.join("journal")));
    assert!(matches!(error, Error::Journal(journal::Error::Io { .. })), "{error}");
    assert!(error.to_string().contains("file/journal"), "{error}");
    // Folders that are not there are made.
    let (node, report) = start(tiny(&directory.path().join("a/b/c")));
    assert!(report.journal.created);
    node.stop();
    let error = refusal(Config { batch_commands: 0, ..tiny(directory.path()) });
    assert!(matches!(error, Error::Setting { name: "batch_commands", .. }), "{error}");
}

/// Sources: a gap, position zero, a repeat, and a movement of money without one.
#[tokio::test]
async fn misnumbered_commands_are_answered_not_applied() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(tiny(directory.path()));
    submit_groups(&node, &scene(), 28).await;
    let source = SourceId(40);
    let given = [Event::Transferred {
        from: system::CUSTODY,
        to: crate::workload::RECEIVER,
        asset: crate::workload::GIFT,
        amount: model::Amount(1),
    }];
    let gap = [Event::Rejected { account: model::AccountId(0), reason: Reject::SourceGap }];
    assert_eq!(submit(&node, gift(source, 2)).await.events(), gap);
    assert_eq!(submit(&node, gift(source, 0)).await.events(), gap);
    assert_eq!(submit(&node, gift(source, 1)).await.events(), given);
    let repeat = submit(&node, gift(source, 1)).await;
    assert_eq!(repeat.events(), [Event::Duplicate { source, source_seq: model::SourceSeq(1) }]);
    assert_eq!(submit(&node, gift(source, 2)).await.events(), given);
    let Command::Transfer { .. } = gift(source, 3).command else { panic!("a gift is a transfer") };
    let anonymous = from_source(SourceId::NONE, 0, gift(source, 3).command);
    let refused = [Event::Rejected { account: model::AccountId(0), reason: Reject::SourceRequired }];
    assert_eq!(submit(&node, anonymous).await.events(), refused);
    node.stop();
    let (again, _) = start(tiny(directory.path()));
    assert!(matches!(submit(&again, gift(source, 2)).await.events(), [Event::Duplicate { .. }]));
    again.stop();
}
