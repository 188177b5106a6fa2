//! One connection: a request out, its answer in, the next request.

use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Instant;

use anyhow::Context as _;
use mio::net::TcpStream;

use super::frame;
use super::orders::Script;

/// Largest answer that is understood; the answers here have less than a kilobyte.
const MAX_ANSWER: usize = 64 << 10;
/// Most fields of an answer's head.
const MAX_FIELDS: usize = 32;

/// An answer, in full.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// When its request was begun.
    pub(crate) sent: Instant,
    /// Whether the request placed an order.
    pub(crate) places: bool,
    /// Where the body stands in [`Connection::input`].
    pub(super) body: std::ops::Range<usize>,
}

/// A connection with one request outstanding.
pub(crate) struct Connection {
    socket: TcpStream,
    script: Script,
    output: Vec<u8>,
    written: usize,
    input: Vec<u8>,
    filled: usize,
    /// Where the last answer ends in the input. Behind that of a WebSocket a ping may stand.
    used: usize,
    sent: Instant,
    places: bool,
}

impl Connection {
    /// A connection that sends nothing yet.
    pub(super) fn new(socket: TcpStream, script: Script, now: Instant) -> Self {
        let (output, input) = (Vec::with_capacity(1_024), vec![0; 4_096]);
        Self { socket, script, output, written: 0, input, filled: 0, used: 0, sent: now, places: false }
    }

    /// Begins the next request.
    pub(crate) fn send(&mut self, now: Instant, now_us: u64) -> anyhow::Result<()> {
        self.output.clear();
        (self.written, self.sent) = (0, now);
        self.input.copy_within(self.used..self.filled, 0);
        (self.filled, self.used) = (self.filled - self.used, 0);
        self.places = self.script.next(now_us, &mut self.output);
        self.flush()
    }

    /// Goes on with a request that the socket did not take at once.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        while self.written < self.output.len() {
            match self.socket.write(&self.output[self.written..]) {
                Ok(0) => anyhow::bail!("the server closed a connection"),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("the server broke a connection"),
            }
        }
        Ok(())
    }

    /// Reads what is there; the answer when it is complete. A connection sends no second request before.
    pub(crate) fn receive(&mut self) -> anyhow::Result<Option<Answer>> {
        loop {
            if self.filled == self.input.len() {
                anyhow::ensure!(self.filled < MAX_ANSWER, "an answer is longer than {MAX_ANSWER} bytes");
                self.input.resize(self.filled * 2, 0);
            }
            match self.socket.read(&mut self.input[self.filled..]) {
                Ok(0) => anyhow::bail!("the server closed a connection"),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error).context("the server broke a connection"),
            }
            let parsed = if self.script.has_frames() { self.message()? } else { parse(&self.input[..self.filled])? };
            if let Some((status, body)) = parsed {
                self.used = body.end;
                return Ok(Some(Answer { status, sent: self.sent, places: self.places, body }));
            }
        }
    }

    /// The answer of a WebSocket, when it is complete; pings in front of it are answered.
    fn message(&mut self) -> anyhow::Result<Option<(u16, std::ops::Range<usize>)>> {
        while let Some(frame) = frame::read(&self.input[..self.filled])? {
            let payload = &self.input[frame.payload.clone()];
            match frame.opcode {
                frame::TEXT => return Ok(Some((status(payload)?, frame.payload))),
                frame::PING => {
                    frame::write(frame::PONG, payload, &mut self.output);
                    self.flush()?;
                }
                opcode => anyhow::bail!("the server sent a frame of kind {opcode} instead of an answer"),
            }
            self.input.copy_within(frame.payload.end..self.filled, 0);
            self.filled -= frame.payload.end;
        }
        Ok(None)
    }

    /// The text of an answer's body.
    pub(crate) fn text(&self, answer: &Answer) -> String {
        String::from_utf8_lossy(self.input.get(answer.body.clone()).unwrap_or_default()).into_owned()
    }
}

/// Status and place of the body of an answer, when all of it is there.
fn parse(input: &[u8]) -> anyhow::Result<Option<(u16, std::ops::Range<usize>)>> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(head) = response.parse(input)? else { return Ok(None) };
    let length = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some(field) => std::str::from_utf8(field.value)?.trim().parse()?,
        None => anyhow::bail!("an answer does not say how long it is"),
    };
    let status = response.code.context("an answer has no status")?;
    Ok((input.len() >= head + length).then_some((status, head..head + length)))
}

/// Status of an answer of the WebSocket API, which stands behind its id.
fn status(answer: &[u8]) -> anyhow::Result<u16> {
    const FIELD: &[u8] = b"\"status\":";
    let place = answer.windows(FIELD.len()).position(|window| window == FIELD).map(|place| place + FIELD.len());
    let digits = place.and_then(|place| answer.get(place..place + 3)).context("an answer has no status")?;
    Ok(std::str::from_utf8(digits)?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::{parse, status};

    #[test]
    fn the_status_of_a_socket_s_answer_is_read() {
        assert_eq!(status(br#"{"id":"c0-1-2","status":200,"result":{"status":"NEW"}}"#).unwrap(), 200);
        assert_eq!(status(br#"{"id":null,"status":400,"error":{}}"#).unwrap(), 400);
        assert!(status(b"{}").is_err());
    }

    #[test]
    fn an_answer_is_complete_with_its_last_byte() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        for end in 0..text.len() {
            assert_eq!(parse(&text[..end]).unwrap(), None, "{end}");
        }
        let (status, body) = parse(text).unwrap().unwrap();
        assert_eq!((status, &text[body]), (200, b"hello".as_slice()));
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
