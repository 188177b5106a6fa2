//! A process with a node under load is killed without warning, again and again; all that it acknowledged is there.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use journal::Reader;
use model::{Event, Receipt, Sequence, SourceId, codec};
use node::{Config, Follower, Node, Replica};
use runtime::clock::SystemClock;

use crate::support::{digest, drain, start, tiny};
use crate::workload::{GIFT, RECEIVER, Seeded, Traffic, gift, scene};

const ROUNDS: u64 = 100;
const SOURCES: [SourceId; 4] = [SourceId(11), SourceId(12), SourceId(13), SourceId(14)];
const DIRECTORY: &str = "NODE_TEST_DIRECTORY";
const ROUND: &str = "NODE_TEST_ROUND";
const POSITIONS: &str = "NODE_TEST_POSITIONS";
const SIGKILL: i32 = 9;

fn config(directory: &Path) -> Config {
    Config { snapshot_every_commands: 400, keep_snapshots: 2, batch_commands: 512, ..tiny(directory) }
}

/// When the process is killed.
enum Moment {
    /// This long after it was started; that can be before it is ready.
    After(Duration),
    /// At this acknowledgement.
    At(u64),
}

/// What a process said before its death.
#[derive(Default)]
struct Said {
    /// Its state when it was ready, if it came so far.
    ready: Option<(u64, u64)>,
    /// Digest of each acknowledged command with its events.
    acknowledged: BTreeMap<u64, u64>,
    /// Last acknowledged position of each source.
    positions: BTreeMap<SourceId, u64>,
}

/// Follows the journal from its first record on, without snapshots and across all processes.
struct Truth {
    replica: Replica,
    reader: Option<Reader>,
    /// Digest of each command with its events, from sequence 1 on.
    digests: Vec<u64>,
    /// Position of each source that was applied, each exactly once.
    applied: BTreeMap<SourceId, u64>,
    repeats: u64,
}

impl Truth {
    fn new() -> Self {
        let applied = SOURCES.map(|source| (source, 0)).into();
        Self { replica: Replica::new(), reader: None, digests: Vec::new(), applied, repeats: 0 }
    }

    /// Applies what processes wrote since the last call.
    fn read(&mut self, directory: &Path) {
        if self.reader.is_none() {
            // A process that was killed early may have made no journal yet.
            self.reader = Reader::open(directory, 1).ok();
        }
        let Some(reader) = &mut self.reader else { return };
        let mut events = Vec::new();
        while let Some(record) = reader.next().unwrap() {
            let input = codec::decode(Sequence(record.sequence), record.payload).unwrap();
            events.clear();
            self.replica.apply_stamped(&input, &mut events);
            let (source, seq) = (input.envelope.source, input.envelope.source_seq.0);
            self.digests.push(digest(&(source, seq, input.time, &events)));
            if let Some(applied) = self.applied.get_mut(&source) {
                match events[..] {
                    [Event::Transferred { .. }] => assert_eq!((seq, *applied), (*applied + 1, seq - 1)),
                    [Event::Duplicate { .. }] => {
                        assert!(seq <= *applied);
                        self.repeats += 1;
                    }
                    _ => panic!("{source} {seq}: {events:?}"),
                }
                *applied = seq.max(*applied);
            }
        }
    }

    /// Everything acknowledged is in the journal and has the same events.
    fn check(&self, round: u64, said: &Said) {
        for (sequence, digest) in &said.acknowledged {
            let found = self.digests.get(usize::try_from(*sequence).unwrap() - 1);
            assert_eq!(found, Some(digest), "round {round}: command {sequence} was acknowledged");
        }
    }

    fn check_follower(&self, directory: &Path, after: u64) {
        let mut follower = Follower::open(directory, Sequence(after)).unwrap();
        let followed = drain(&mut follower, 777);
        let digests: Vec<_> = followed
            .iter()
            .map(|(step, events)| digest(&(step.source, step.source_seq.0, step.time, events)))
            .collect();
        assert_eq!(digests, self.digests[usize::try_from(after).unwrap()..]);
        assert_eq!(follower.replica().events_hash(), self.replica.events_hash());
        assert_eq!(follower.replica().state_hash(), self.replica.state_hash());
    }
}

#[test]
fn a_killed_node_keeps_every_acknowledged_command() {
    let directory = tempfile::tempdir().unwrap();
    let (mut truth, mut seeded) = (Truth::new(), Seeded(2026));
    let (mut commands, mut loaded_rounds) = (0, 0);
    let mut positions: BTreeMap<SourceId, u64> = SOURCES.map(|source| (source, 0)).into();
    for round in 0..ROUNDS {
        let moment = match round % 4 {
            0 => Moment::After(Duration::from_micros(seeded.below(150_000))),
            _ => Moment::At(1 + seeded.below(1_500)),
        };
        let before = (truth.replica.sequence().0, digest(&truth.replica.image()));
        let said = run_and_kill(directory.path(), round, &positions, &moment);
        if let Some(ready) = said.ready {
            assert_eq!(ready, before, "round {round}: the process started from another state");
        }
        truth.read(directory.path());
        truth.check(round, &said);
        // The next process goes on behind what was acknowledged, so it repeats what this one was not told of.
        positions.extend(&said.positions);
        if round % 10 == 9 {
            truth.check_follower(directory.path(), seeded.below(truth.replica.sequence().0 + 1));
        }
        commands += said.acknowledged.len();
        loaded_rounds += u64::from(!said.acknowledged.is_empty());
    }
    truth.check_follower(directory.path(), 0);
    assert!(loaded_rounds >= ROUNDS * 3 / 4 && commands > 10_000, "{loaded_rounds} rounds, {commands} commands");
    assert!(truth.repeats > 0, "no process had to repeat anything");

    let (node, report) = start(config(directory.path()));
    assert_eq!(report.image, truth.replica.image());
    assert!(report.snapshot.is_some() && report.journal.segments > 3, "{:?} {:?}", report.snapshot, report.journal);
    let gifts = report.image.balances.iter().find(|balance| (balance.account, balance.asset) == (RECEIVER, GIFT));
    let applied: u64 = truth.applied.values().sum();
    assert_eq!(gifts.map(|balance| balance.available.0.cast_unsigned()), Some(applied));
    node.stop();
}

/// Runs the test below in a process of its own and kills it.
fn run_and_kill(directory: &Path, round: u64, positions: &BTreeMap<SourceId, u64>, moment: &Moment) -> Said {
    let positions: Vec<_> = SOURCES.iter().map(|source| positions[source].to_string()).collect();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::node_to_be_killed", "--ignored", "--nocapture"])
        .envs([(DIRECTORY, directory.as_os_str())])
        .envs([(ROUND, round.to_string()), (POSITIONS, positions.join(","))])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let child = Arc::new(Mutex::new(child));
    let limit = match moment {
        Moment::After(delay) => {
            let (child, delay) = (Arc::clone(&child), *delay);
            std::thread::spawn(move || {
                std::thread::sleep(delay);
                kill(&child);
            });
            u64::MAX
        }
        Moment::At(limit) => *limit,
    };
    let said = listen(out, limit, &child);
    let status = child.lock().unwrap().wait().unwrap();
    assert_eq!(status.signal(), Some(SIGKILL), "round {round}: the process ended by itself");
    said
}

fn kill(child: &Mutex<Child>) {
    child.lock().unwrap().kill().unwrap();
}

/// Reads to the end, as what the process wrote before its death counts, and kills it at its `limit`th acknowledgement.
fn listen(mut out: impl BufRead, limit: u64, child: &Mutex<Child>) -> Said {
    let (mut said, mut count, mut line) = (Said::default(), 0, String::new());
    loop {
        line.clear();
        // A line that was cut by the death has no end and says nothing.
        if out.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            return said;
        }
        let words: Vec<_> = line.split_whitespace().collect();
        let number = |word: &str| word.parse::<u64>().unwrap();
        match words[..] {
            ["ready", sequence, image] => said.ready = Some((number(sequence), number(image))),
            ["acknowledged", sequence, digest, source, position] => {
                said.acknowledged.insert(number(sequence), number(digest));
                let source = SourceId(source.parse().unwrap());
                if SOURCES.contains(&source) {
                    said.positions.insert(source, number(position));
                }
                count += 1;
                if count == limit {
                    kill(child);
                }
            }
            // What the test harness writes.
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the test above kills"]
#[allow(clippy::disallowed_methods, reason = "the parent test says where and what")]
async fn node_to_be_killed() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let round: u64 = std::env::var(ROUND).unwrap().parse().unwrap();
    let positions = std::env::var(POSITIONS).unwrap();
    let clock = Arc::new(SystemClock::new());
    let (node, report) = Node::start(config(directory.as_ref()), clock).unwrap();
    println!("\nready {} {}", report.image.sequence, digest(&report.image));
    let set_up = node.submit_together(scene()).await.unwrap();
    acknowledge(&set_up, scene().len());
    let mut tasks = Vec::new();
    for ((source, position), at_once) in SOURCES.into_iter().zip(positions.split(',')).zip([1, 1, 2, 7]) {
        tasks.push(tokio::spawn(give(node.clone(), source, position.parse().unwrap(), at_once)));
    }
    for task in 0..12 {
        let traffic = Traffic::new(round * 100 + task, format!("{round}-{task}"));
        tasks.push(tokio::spawn(trade(node.clone(), traffic, task < 9)));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// Sends gifts in the order of the source, some at once, and goes on when they are acknowledged.
async fn give(node: Node, source: SourceId, position: u64, at_once: usize) {
    for first in (position + 1..).step_by(at_once) {
        let gifts: Vec<_> = (first..).take(at_once).map(|seq| gift(source, seq)).collect();
        let receipt =
            if at_once == 1 { node.submit(gifts[0].clone()).await } else { node.submit_together(gifts).await };
        acknowledge(&receipt.unwrap(), at_once);
    }
}

async fn trade(node: Node, mut traffic: Traffic, one_by_one: bool) {
    loop {
        if one_by_one {
            acknowledge(&node.submit(traffic.next()).await.unwrap(), 1);
        } else {
            let commands = 1 + usize::try_from(traffic.seeded.below(30)).unwrap();
            let receipt = node.submit_together(traffic.take(commands)).await.unwrap();
            acknowledge(&receipt, commands);
        }
    }
}

/// Tells the parent of the receipt's step and those after it that were submitted together.
fn acknowledge(receipt: &Receipt, commands: usize) {
    let mut lines = String::new();
    for index in receipt.index..receipt.index + commands {
        let (step, events) = (receipt.batch.steps[index], receipt.batch.events_of(index));
        let digest = digest(&(step.source, step.source_seq.0, step.time, events));
        lines += &format!("acknowledged {} {digest} {} {}\n", step.sequence, step.source, step.source_seq);
    }
    // The pipe breaks when the parent has ended: then this ends too.
    std::io::stdout().lock().write_all(lines.as_bytes()).unwrap();
}
