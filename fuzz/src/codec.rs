//! The journal's command codec: bytes are refused or read, never the end of the program, and what is read is written the
//! same.

use model::codec::{self, DecodeError};
use model::{Sequence, Stamped};

fn encoded(stamped: &Stamped) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(&mut bytes, stamped.time, &stamped.envelope);
    bytes
}

/// Any bytes.
pub fn run(data: &[u8]) {
    let stamped = match codec::decode(Sequence(7), data) {
        Ok(stamped) => stamped,
        Err(error) => return refused(data, error),
    };
    assert_eq!(stamped.sequence, Sequence(7));
    let bytes = encoded(&stamped);
    // One form only. An older version is written in the newest, and read from it as the same command.
    if data[0] == codec::VERSION {
        assert_eq!(bytes, data, "{stamped:?}");
    } else {
        assert_eq!(codec::decode(Sequence(7), &bytes), Ok(stamped));
    }
    // Nothing can be left out, nothing can follow.
    assert_eq!(codec::decode(Sequence(7), &data[..data.len() - 1]), Err(DecodeError::Short));
    let longer = [data, &[0]].concat();
    assert_eq!(codec::decode(Sequence(7), &longer), Err(DecodeError::Trailing(1)));
}

/// A refusal names what it is about.
fn refused(data: &[u8], error: DecodeError) {
    assert!(!error.to_string().is_empty());
    match error {
        DecodeError::Version(version) => {
            assert!(data[0] == version && !(1..=codec::VERSION).contains(&version));
        }
        DecodeError::Trailing(bytes) => {
            // Without them it is a command.
            assert!(codec::decode(Sequence(7), &data[..data.len() - bytes]).is_ok());
        }
        DecodeError::Short | DecodeError::Value { .. } => {}
    }
}
