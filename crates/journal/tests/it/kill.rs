//! A process that writes is killed without warning, again and again; what it acknowledged is there.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use journal::Journal;

use crate::support::{Seeded, append, expect_records, tiny};

const ROUNDS: u64 = 40;
const DIRECTORY: &str = "JOURNAL_TEST_DIRECTORY";

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut seeded = Seeded(11);
    let mut total = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::writer_to_be_killed", "--ignored", "--nocapture"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = total;
        let mut left = 1 + seeded.below(60);
        let mut killed = false;
        // What the child wrote to the pipe before its death counts, so all of it is read.
        while let Some(Ok(line)) = lines.next() {
            let Some(sequence) = line.strip_prefix("durable ") else { continue };
            acknowledged = sequence.parse().unwrap();
            left = left.saturating_sub(1);
            if left == 0 && !killed {
                child.kill().unwrap();
                killed = true;
            }
        }
        child.wait().unwrap();
        assert!(killed && acknowledged > total, "round {round}: the writer did not write");
        let (journal, report) = Journal::open(directory.path(), tiny()).unwrap();
        assert!(report.last_sequence >= acknowledged, "round {round}: {report:?}, {acknowledged} were acknowledged");
        drop(journal);
        total = report.last_sequence;
    }
    expect_records(directory.path(), 1, total);
}

#[test]
#[ignore = "the process that the test above kills"]
#[allow(clippy::disallowed_methods, reason = "the parent test says where to write")]
fn writer_to_be_killed() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let (mut journal, _) = Journal::open(directory.as_ref(), tiny()).unwrap();
    let mut out = std::io::stdout().lock();
    for round in 0.. {
        append(&mut journal, 1 + round % 9).unwrap();
        writeln!(out, "durable {}", journal.next_sequence() - 1).unwrap();
    }
}
