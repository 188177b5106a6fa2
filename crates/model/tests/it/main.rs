//! Tests of the codec: every command comes back from its bytes, old bytes stay readable, and other bytes are refused.

mod forms;
mod golden;
mod random;

use model::codec::{self, DecodeError};
use model::{Command, Envelope, Sequence, Stamped, Timestamp};
use proptest::prelude::*;

fn encoded(stamped: &Stamped) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(&mut bytes, stamped.time, &stamped.envelope);
    bytes
}

/// The same cases on every machine and in every run.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2_015),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_command_comes_back_from_its_bytes(stamped in random::stamped()) {
        let bytes = encoded(&stamped);
        let decoded = codec::decode(stamped.sequence, &bytes);
        prop_assert_eq!(decoded.as_ref(), Ok(&stamped));
        // One form only: what was read is written the same.
        prop_assert_eq!(encoded(&stamped), bytes);
    }

    #[test]
    fn a_record_cut_anywhere_is_too_short(stamped in random::stamped()) {
        let bytes = encoded(&stamped);
        for length in 0..bytes.len() {
            prop_assert_eq!(codec::decode(stamped.sequence, &bytes[..length]), Err(DecodeError::Short), "{} bytes", length);
        }
    }

    #[test]
    fn bytes_after_a_record_are_counted(stamped in random::stamped(), more in 1usize..40) {
        let mut bytes = encoded(&stamped);
        bytes.resize(bytes.len() + more, 0);
        prop_assert_eq!(codec::decode(stamped.sequence, &bytes), Err(DecodeError::Trailing(more)));
    }

    /// A flipped byte is refused or read as another command; it never stops the program.
    #[test]
    fn damaged_bytes_never_panic(stamped in random::stamped(), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut bytes = encoded(&stamped);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        match codec::decode(stamped.sequence, &bytes) {
            Ok(other) => prop_assert_ne!(other, stamped),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = codec::decode(Sequence(1), &bytes);
        // Behind a right start, so that the fields are reached.
        let mut bytes = bytes;
        if bytes.len() > 20 {
            bytes[0] = codec::VERSION;
            bytes[19] %= 24;
        }
        if let Ok(stamped) = codec::decode(Sequence(1), &bytes) {
            prop_assert_eq!(codec::decode(Sequence(1), &encoded(&stamped)), Ok(stamped));
        }
    }
}

#[test]
fn a_newer_version_is_refused_by_its_number() {
    let envelope = Envelope::client(Command::Tick);
    let mut bytes = Vec::new();
    codec::encode(&mut bytes, Timestamp(1), &envelope);
    for version in [0, codec::VERSION + 1, 255] {
        bytes[0] = version;
        assert_eq!(codec::decode(Sequence(1), &bytes), Err(DecodeError::Version(version)));
    }
    assert_eq!(codec::decode(Sequence(1), &[]), Err(DecodeError::Short));
}

#[test]
fn what_stands_for_nothing_is_named() {
    let listed = golden::commands();
    let place = listed.iter().find(|stamped| matches!(stamped.envelope.command, Command::Place(_)));
    let bytes = encoded(place.expect("the golden file has an order"));
    // After version, time, source, position and tag come the account and the market, then one byte each.
    for (at, field) in
        [(19, "command tag"), (26, "side"), (27, "order type"), (28, "time in force"), (29, "self-trade mode")]
    {
        let mut bytes = bytes.clone();
        bytes[at] = 99;
        assert_eq!(codec::decode(Sequence(1), &bytes), Err(DecodeError::Value { field, value: 99 }));
    }
}

#[test]
fn text_that_is_no_name_is_refused() {
    let listed = golden::commands();
    for stamped in &listed {
        let bytes = encoded(stamped);
        // Replace the first letter of each text by one that no name may have.
        for (at, _) in bytes.iter().enumerate().skip(20).filter(|(_, byte)| byte.is_ascii_alphabetic()) {
            let mut bytes = bytes.clone();
            bytes[at] = b' ';
            if let Ok(other) = codec::decode(stamped.sequence, &bytes) {
                // It was part of a number then, and is another number now.
                assert_ne!(other, *stamped);
            }
        }
    }
    let cancel = "cancel with a blank in its name";
    let mut bytes = Vec::new();
    let mut writer = codec::Writer(&mut bytes);
    writer.short(cancel.as_bytes());
    assert!(codec::Reader(&bytes).client_id().is_err());
}
