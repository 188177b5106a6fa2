//! The shadow writes snapshots; starts use them, and pass over what is damaged.

use std::path::{Path, PathBuf};

use journal::snapshot;
use model::{Image, Sequence};
use node::{Config, Error, Follower, Node, StartReport};

use crate::support::{eventually, start, submit_groups, tiny};
use crate::workload::{Traffic, scene};

fn config(directory: &Path) -> Config {
    Config { snapshot_every_commands: 500, ..tiny(directory) }
}

fn positions(directory: &Path) -> Vec<u64> {
    snapshot::list(directory).unwrap().iter().map(|file| file.sequence).collect()
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    let mut segments: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "seg")).collect();
    segments.sort();
    segments
}

/// Loads a node until it has so many snapshots, and stops it. The last position and the state there.
async fn fill(config: Config, snapshots: usize) -> (u64, Image) {
    let (directory, every) = (config.directory.clone(), config.snapshot_every_commands);
    let (node, _) = start(config);
    submit_groups(&node, &scene(), 28).await;
    let mut traffic = Traffic::new(13, "t");
    for wanted in 1..=snapshots {
        submit_groups(&node, &traffic.take(usize::try_from(every).unwrap()), 50).await;
        let reached = || positions(&directory).first().is_some_and(|at| *at >= every * wanted as u64);
        eventually("a snapshot", reached).await;
    }
    submit_groups(&node, &traffic.take(40), 10).await;
    node.stop();
    let image = node.image().unwrap();
    (image.sequence.0, image)
}

/// Starts without a shadow, which might write one more snapshot.
fn restart(config: Config) -> StartReport {
    let (node, report) = start(Config { snapshot_every_commands: 0, ..config });
    node.stop();
    report
}

fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    *bytes.last_mut().unwrap() = 0xEE;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_start_uses_the_newest_snapshot() {
    let directory = tempfile::tempdir().unwrap();
    let (last, image) = fill(config(directory.path()), 4).await;
    let found = positions(directory.path());
    assert_eq!(found.len(), 3, "three are kept");
    // The first batch that ends at or after the mark, counted from the snapshot before.
    assert!(found.windows(2).all(|pair| (500..560).contains(&(pair[0] - pair[1]))), "{found:?}");
    let report = restart(config(directory.path()));
    assert_eq!((report.snapshot, report.replayed), (Some(found[0]), last - found[0]));
    assert_eq!(report.image, image);
    assert!(report.passed_over.is_empty());
    // The snapshots give the state that the journal alone gives.
    let mut from_the_start = Follower::open(directory.path(), Sequence(0)).unwrap();
    from_the_start.take(usize::MAX).unwrap();
    assert_eq!(from_the_start.image(), image);
    for at in found {
        let file = snapshot::load(directory.path(), at).unwrap();
        let mut follower = Follower::open(directory.path(), Sequence(0)).unwrap();
        follower.take(usize::try_from(at).unwrap()).unwrap();
        assert_eq!(follower.replica().state_hash(), file.state_hash);
    }
}

#[tokio::test]
async fn damaged_snapshots_are_passed_over_and_reported() {
    let directory = tempfile::tempdir().unwrap();
    let (last, image) = fill(config(directory.path()), 3).await;
    let files = snapshot::list(directory.path()).unwrap();
    // Sound as a file, but not the state that its hash says.
    let wrong = snapshot::load(directory.path(), files[0].sequence).unwrap();
    snapshot::write(directory.path(), wrong.sequence, wrong.state_hash ^ 1, |out| out.write_all(&wrong.bytes)).unwrap();
    // Sound as a file, but no state.
    let junk = snapshot::load(directory.path(), files[1].sequence).unwrap();
    let cut = &junk.bytes[..junk.bytes.len() / 2];
    snapshot::write(directory.path(), junk.sequence, junk.state_hash, |out| out.write_all(cut)).unwrap();
    let report = restart(config(directory.path()));
    assert_eq!(report.snapshot, Some(files[2].sequence));
    assert_eq!(report.passed_over.len(), 2);
    assert!(report.passed_over[0].contains("state hash"), "{:?}", report.passed_over);
    assert!(report.passed_over[1].contains(&format!("snapshot {}", junk.sequence)), "{:?}", report.passed_over);
    assert_eq!(report.image, image);

    for file in snapshot::list(directory.path()).unwrap() {
        damage(&file.path);
    }
    let report = restart(config(directory.path()));
    assert_eq!((report.snapshot, report.replayed), (None, last));
    let name = files[2].path.file_name().unwrap().to_str().unwrap();
    assert!(report.passed_over.iter().any(|cause| cause.contains(name)), "{:?}", report.passed_over);
    assert_eq!(report.image, image);
}

#[tokio::test]
async fn a_snapshot_of_a_newer_program_is_not_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    fill(config(directory.path()), 2).await;
    let newest = positions(directory.path())[0];
    let mut file = snapshot::load(directory.path(), newest).unwrap();
    file.bytes[0] = 99;
    snapshot::write(directory.path(), newest, file.state_hash, |out| out.write_all(&file.bytes)).unwrap();
    let clock = std::sync::Arc::new(runtime::clock::ManualClock::default());
    let error = Node::start(config(directory.path()), clock).unwrap_err();
    assert!(matches!(error, Error::SnapshotVersion { sequence, .. } if sequence == newest), "{error}");
    assert!(error.to_string().contains("version 99"), "{error}");
}

#[tokio::test]
async fn retention_keeps_what_the_kept_snapshots_need() {
    let directory = tempfile::tempdir().unwrap();
    // A segment holds about 2,500 commands, so each of the two snapshots needs another one.
    let base = config(directory.path());
    let config =
        || Config { snapshot_every_commands: 4_000, keep_snapshots: 2, retain_segments: false, ..base.clone() };
    let (last, image) = fill(config(), 4).await;
    let found = positions(directory.path());
    assert_eq!(found.len(), 2);
    // The segment with the command behind the oldest snapshot is the oldest that is left.
    let firsts: Vec<u64> = segments(directory.path())
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().trim_start_matches("journal-").parse().unwrap())
        .collect();
    assert!(firsts[0] > 1 && firsts[0] <= found[1] + 1, "{firsts:?} {found:?}");
    assert!(firsts.get(1).is_none_or(|second| *second > found[1] + 1), "{firsts:?} {found:?}");
    let report = restart(config());
    assert_eq!((report.snapshot, &report.image), (Some(found[0]), &image));

    let files = snapshot::list(directory.path()).unwrap();
    damage(&files[0].path);
    let report = restart(config());
    assert_eq!((report.snapshot, report.replayed), (Some(found[1]), last - found[1]));
    assert_eq!(report.image, image);

    damage(&files[1].path);
    let clock = || std::sync::Arc::new(runtime::clock::ManualClock::default());
    let error = Node::start(config(), clock()).unwrap_err();
    let Error::NoState { first, needed, passed_over } = &error else { panic!("{error}") };
    assert_eq!((*first, *needed, passed_over.len()), (firsts[0], firsts[0] - 1, 2));
    assert!(error.to_string().contains("restore the older segments or a snapshot from a backup"), "{error}");
    assert!(error.to_string().contains("(passed over: "), "{error}");
    for file in snapshot::list(directory.path()).unwrap() {
        std::fs::remove_file(&file.path).unwrap();
    }
    let error = Node::start(config(), clock()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the journal starts at command {first}, and no valid snapshot at {needed} or later exists; \
             restore the older segments or a snapshot from a backup"
        )
    );
}

#[tokio::test]
async fn a_start_with_much_to_replay_writes_a_snapshot() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(tiny(directory.path()));
    submit_groups(&node, &scene(), 28).await;
    submit_groups(&node, &Traffic::new(14, "t").take(600), 100).await;
    node.stop();
    assert!(positions(directory.path()).is_empty());
    let (node, report) = start(config(directory.path()));
    let last = report.image.sequence.0;
    eventually("a snapshot", || positions(directory.path()) == [last]).await;
    node.stop();
    assert_eq!(restart(config(directory.path())).replayed, 0);
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_written_disturbs_nobody() {
    let directory = tempfile::tempdir().unwrap();
    // A directory in the way of the unfinished file.
    let obstacle = directory.path().join("snapshot-next.tmp");
    std::fs::create_dir(&obstacle).unwrap();
    let (node, _) = start(config(directory.path()));
    submit_groups(&node, &scene(), 28).await;
    let mut traffic = Traffic::new(15, "t");
    submit_groups(&node, &traffic.take(1_200), 50).await;
    assert!(positions(directory.path()).is_empty());
    std::fs::remove_dir(&obstacle).unwrap();
    submit_groups(&node, &traffic.take(1_000), 50).await;
    eventually("a snapshot", || !positions(directory.path()).is_empty()).await;
    node.stop();
    assert!(restart(config(directory.path())).snapshot.is_some());
}
