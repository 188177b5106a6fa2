//! Bytes of each version as they were first written. A journal of that day must be read for ever, so a file is never written
//! anew: `UPDATE_EXPECT=1` makes it only where there is none. A new version gets a file of its own beside the others.

mod first;
mod second;

use model::codec;
use model::{ClientOrderId, Command, Envelope, Sequence, SourceId, SourceSeq, Stamped, Symbol, Timestamp};

const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/commands-v1.bin");
const SECOND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/commands-v2.bin");

fn name(text: &str) -> ClientOrderId {
    ClientOrderId::new(text).expect("a legal name")
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a legal symbol")
}

/// Commands as the sequencer stamps them, those that `has_source` names with the operator as their source.
fn stamped(commands: impl IntoIterator<Item = Command>, has_source: impl Fn(u64) -> bool) -> Vec<Stamped> {
    let stamp = |(command, number): (Command, u64)| Stamped {
        sequence: Sequence(number),
        time: Timestamp(1_430_438_400_000_000 + number),
        envelope: if has_source(number) {
            Envelope { source: SourceId::OPERATOR, source_seq: SourceSeq(number), command }
        } else {
            Envelope::client(command)
        },
    };
    commands.into_iter().zip(1..).map(stamp).collect()
}

/// Commands of every kind.
pub(crate) fn commands() -> Vec<Stamped> {
    second::commands()
}

/// Each record after its length.
fn written(commands: &[Stamped]) -> Vec<u8> {
    let mut file = Vec::new();
    for stamped in commands {
        let mut record = Vec::new();
        codec::encode(&mut record, stamped.time, &stamped.envelope);
        let length = u32::try_from(record.len()).expect("records are short");
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&record);
    }
    file
}

/// The records of a file, each with the version that it names.
fn read(path: &str) -> (Vec<u8>, Vec<Stamped>) {
    let file = std::fs::read(path).expect("the golden file is part of the project");
    let mut rest = &file[..];
    let (mut versions, mut found) = (Vec::new(), Vec::new());
    while let Some((length, tail)) = rest.split_first_chunk() {
        let (record, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        versions.push(record[0]);
        let sequence = Sequence(versions.len() as u64);
        found.push(codec::decode(sequence, record).expect("a record of a version that was written once"));
        rest = tail;
    }
    (versions, found)
}

#[test]
fn version_1_stays_readable() {
    let (versions, found) = read(FIRST);
    assert!(versions.iter().all(|&version| version == 1), "{versions:?}");
    assert_eq!(found, first::commands());
}

#[test]
fn version_2_stays_readable() {
    if std::env::var_os("UPDATE_EXPECT").is_some() && !std::path::Path::new(SECOND).exists() {
        std::fs::write(SECOND, written(&second::commands())).expect("the folder can be written to");
    }
    let (versions, found) = read(SECOND);
    assert!(versions.iter().all(|&version| version == 2), "{versions:?}");
    assert_eq!(found, second::commands());
}

/// As long as version 2 is what is written, its bytes are the golden ones.
#[test]
fn version_2_is_written_as_ever() {
    assert_eq!(codec::VERSION, 2, "a new version needs a golden file of its own, and this test goes");
    let file = std::fs::read(SECOND).expect("the golden file is part of the project");
    assert!(file == written(&second::commands()), "the bytes of version 2 changed: give them a new version");
}
