//! The binary form of commands in the journal. Little-endian, one version byte first.
//!
//! `version u8, time u64, source u16, source_seq u64, tag u8, fields`. The sequence is the journal record's own. A symbol or
//! client id is `length u8, bytes`; what may be absent stands behind a flag, and a command has one form only.
//!
//! Version 2 added contingent and iceberg orders, deadlines, lists, market states, sub-accounts and the fee schedule. In
//! version 1 an account has no parent, a place ends at its client id, and a market at its fees.

use crate::{ClientOrderId, Envelope, Sequence, SourceId, SourceSeq, Stamped, Symbol, Timestamp};

mod command;
mod market;
mod place;

pub use market::{put_asset, put_market, take_asset, take_market};

/// The version that is written.
pub const VERSION: u8 = 2;

/// Why bytes are not a command. The journal's checksum held, so this is a version mismatch or a defect, not a torn write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A version that this program does not know; a newer program wrote it.
    #[error("record version {0} is not known to this program; it was written by a newer one")]
    Version(u8),
    /// The bytes end inside a field.
    #[error("the record is too short")]
    Short,
    /// Bytes are left over.
    #[error("the record has {0} bytes too many")]
    Trailing(usize),
    /// A number that stands for nothing.
    #[error("{value} is no valid {field}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What it says.
        value: u64,
    },
}

/// Appends fields to a byte buffer.
#[derive(Debug)]
pub struct Writer<'a>(pub &'a mut Vec<u8>);

macro_rules! put {
    ($($name:ident: $type:ty),+) => {
        impl Writer<'_> {
            $(
                /// Appends the number, little-endian.
                #[inline]
                pub fn $name(&mut self, value: $type) {
                    self.0.extend_from_slice(&value.to_le_bytes());
                }
            )+
        }
    };
}
put!(u8: u8, u16: u16, u32: u32, u64: u64, i32: i32, i64: i64);

impl Writer<'_> {
    /// Appends a short text: its length in one byte, then its bytes.
    #[inline]
    pub fn short(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len() <= 255);
        self.u8(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
        self.0.extend_from_slice(bytes);
    }
}

/// Takes fields off a byte slice.
#[derive(Debug)]
pub struct Reader<'a>(pub &'a [u8]);

macro_rules! take {
    ($($name:ident: $type:ty),+) => {
        impl Reader<'_> {
            $(
                /// Takes the number, little-endian.
                #[inline]
                pub fn $name(&mut self) -> Result<$type, DecodeError> {
                    let (head, tail) = self.0.split_first_chunk().ok_or(DecodeError::Short)?;
                    self.0 = tail;
                    Ok(<$type>::from_le_bytes(*head))
                }
            )+
        }
    };
}
take!(u8: u8, u16: u16, u32: u32, u64: u64, i32: i32, i64: i64);

impl<'a> Reader<'a> {
    /// Takes a short text.
    #[inline]
    pub fn short(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = usize::from(self.u8()?);
        let (head, tail) = self.0.split_at_checked(len).ok_or(DecodeError::Short)?;
        self.0 = tail;
        Ok(head)
    }

    /// Ends the reading; bytes left over are an error.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::Trailing(self.0.len())) }
    }

    /// Takes a code byte and turns it into its enum.
    #[inline]
    pub fn code<T>(&mut self, field: &'static str, from: impl FnOnce(u8) -> Option<T>) -> Result<T, DecodeError> {
        let code = self.u8()?;
        from(code).ok_or(DecodeError::Value { field, value: u64::from(code) })
    }

    /// Takes a client order id.
    #[inline]
    pub fn client_id(&mut self) -> Result<ClientOrderId, DecodeError> {
        let bytes = self.short()?;
        if bytes.is_empty() {
            return Ok(ClientOrderId::EMPTY);
        }
        let bad = DecodeError::Value { field: "client order id", value: bytes.len() as u64 };
        std::str::from_utf8(bytes).ok().and_then(|text| ClientOrderId::new(text).ok()).ok_or(bad)
    }

    /// Takes the flag before something that may be absent.
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        self.code("flag", |code| (code <= 1).then_some(code == 1))
    }

    /// Takes something that may be absent.
    pub fn optional<T>(
        &mut self,
        take: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.flag()? { take(self).map(Some) } else { Ok(None) }
    }

    fn symbol(&mut self) -> Result<Symbol, DecodeError> {
        let bytes = self.short()?;
        let bad = DecodeError::Value { field: "symbol", value: bytes.len() as u64 };
        std::str::from_utf8(bytes).ok().and_then(Symbol::new).ok_or(bad)
    }
}

/// Appends a command without its sequence.
pub fn encode(out: &mut Vec<u8>, time: Timestamp, envelope: &Envelope) {
    let mut w = Writer(out);
    w.u8(VERSION);
    w.u64(time.0);
    w.u16(envelope.source.0);
    w.u64(envelope.source_seq.0);
    command::encode_command(&mut w, &envelope.command);
}

/// Reads a command that [`encode`] wrote, in any version that was ever written.
pub fn decode(sequence: Sequence, bytes: &[u8]) -> Result<Stamped, DecodeError> {
    let mut r = Reader(bytes);
    let version = r.u8()?;
    if version == 0 || version > VERSION {
        return Err(DecodeError::Version(version));
    }
    let time = Timestamp(r.u64()?);
    let source = SourceId(r.u16()?);
    let source_seq = SourceSeq(r.u64()?);
    let command = command::decode_command(&mut r, version)?;
    r.end()?;
    Ok(Stamped { sequence, time, envelope: Envelope { source, source_seq, command } })
}
