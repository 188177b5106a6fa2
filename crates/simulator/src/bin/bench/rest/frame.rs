//! WebSockets as far as a load generator needs them: the handshake, and frames as they are.
//!
//! A library would copy each message, check its text and hold buffers for each socket; here thousands of sockets share what is
//! left of two processors by the server that is measured.

use std::io::{Read, Write};

use anyhow::Context as _;

/// Opcode of a text.
pub(crate) const TEXT: u8 = 1;
/// Opcode of the last frame.
pub(crate) const CLOSE: u8 = 8;
/// Opcode of a ping.
pub(crate) const PING: u8 = 9;
/// Opcode of its answer.
pub(crate) const PONG: u8 = 10;

/// Largest head of the answer to a handshake.
const MAX_HEAD: usize = 8 << 10;
/// Largest message of the server that is understood.
const MAX_PAYLOAD: u64 = 1 << 20;

/// A frame at the begin of some input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    /// Where the payload stands.
    pub(crate) payload: std::ops::Range<usize>,
}

/// The first frame, when all of it is there. The server's messages are of one frame, and not masked.
pub(crate) fn read(input: &[u8]) -> anyhow::Result<Option<Frame>> {
    let [first, second, rest @ ..] = input else { return Ok(None) };
    anyhow::ensure!(first & 0xf0 == 0x80, "a frame is part of a message, or compressed");
    anyhow::ensure!(second & 0x80 == 0, "a frame of the server is masked");
    let (head, length) = match (second & 0x7f, rest) {
        (126, [a, b, ..]) => (4, u64::from(u16::from_be_bytes([*a, *b]))),
        (127, [a, b, c, d, e, f, g, h, ..]) => (10, u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h])),
        (126 | 127, _) => return Ok(None),
        (length, _) => (2, u64::from(length)),
    };
    anyhow::ensure!(length <= MAX_PAYLOAD, "a message of {length} bytes is longer than expected");
    let payload = head..head + usize::try_from(length)?;
    Ok((input.len() >= payload.end).then_some(Frame { opcode: first & 0x0f, payload }))
}

/// Appends a frame. Its mask is zero: legal, and no work.
pub(crate) fn write(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => out.push(0x80 | length),
        (_, Ok(length)) => {
            out.push(0x80 | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// Makes a connection a WebSocket; gives what has come after the handshake already.
pub(crate) fn open(stream: &mut (impl Read + Write), path: &str) -> anyhow::Result<Vec<u8>> {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )?;
    let (mut input, mut some) = (Vec::new(), [0; 1_024]);
    loop {
        let count = stream.read(&mut some).context("no answer to a handshake")?;
        anyhow::ensure!(count > 0 && input.len() < MAX_HEAD, "the server does not answer a handshake");
        input.extend_from_slice(some.get(..count).unwrap_or_default());
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut response = httparse::Response::new(&mut fields);
        if let httparse::Status::Complete(head) = response.parse(&input)? {
            let text = String::from_utf8_lossy(&input);
            anyhow::ensure!(response.code == Some(101), "the server refuses {path}: {text}");
            return Ok(input.split_off(head));
        }
    }
}

/// Sends a text and waits for the next one; `input` is what has come already, and what remains.
pub(crate) fn ask(stream: &mut (impl Read + Write), text: &str, input: &mut Vec<u8>) -> anyhow::Result<String> {
    let mut out = Vec::new();
    write(TEXT, text.as_bytes(), &mut out);
    stream.write_all(&out)?;
    let mut some = [0; 1_024];
    loop {
        while let Some(frame) = read(input)? {
            let rest = input.split_off(frame.payload.end);
            let all = std::mem::replace(input, rest);
            if frame.opcode == TEXT {
                return Ok(String::from_utf8_lossy(all.get(frame.payload).unwrap_or_default()).into_owned());
            }
        }
        let count = stream.read(&mut some).context("no answer on a WebSocket")?;
        anyhow::ensure!(count > 0, "the server closed a WebSocket");
        input.extend_from_slice(some.get(..count).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, PING, TEXT, read, write};

    /// The server's own frames are those of [`write`] without the mask.
    fn of_server(opcode: u8, length: usize) -> Vec<u8> {
        let mut masked = Vec::new();
        write(opcode, &vec![b'x'; length], &mut masked);
        let mask = masked.len() - length - 4;
        masked.drain(mask..mask + 4);
        masked[1] &= 0x7f;
        masked
    }

    #[test]
    fn frames_of_every_length_are_read_with_their_last_byte() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536] {
            let mut input = of_server(TEXT, length);
            for end in (0..input.len()).rev().take(20) {
                assert_eq!(read(&input[..end]).unwrap(), None, "{length}");
            }
            let whole = input.len();
            input.extend_from_slice(&of_server(PING, 3));
            let frame = read(&input).unwrap().unwrap();
            assert_eq!(frame, Frame { opcode: TEXT, payload: whole - length..whole });
            let next = read(&input[frame.payload.end..]).unwrap().unwrap();
            assert_eq!(next, Frame { opcode: PING, payload: 2..5 });
        }
    }

    #[test]
    fn what_this_program_does_not_understand_is_an_error() {
        assert!(read(&[0x01, 0x00]).is_err(), "part of a message");
        assert!(read(&[0xc1, 0x00]).is_err(), "compressed");
        assert!(read(&[0x81, 0x80, 0, 0, 0, 0]).is_err(), "masked");
        assert!(read(&[0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]).is_err(), "too long");
    }
}
