//! A WebSocket client that can break the protocol (RFC 6455).

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use crate::http::Connection;
use crate::terms::PATIENCE;

/// Opcodes.
pub(crate) const TEXT: u8 = 1;
/// See [`TEXT`].
pub(crate) const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
/// See [`TEXT`].
pub(crate) const PONG: u8 = 10;
/// Last frame of a message.
const FIN: u8 = 0x80;
/// Sent without the mask that a client owes: zeros leave the bytes as they are, and are as good as any other.
const MASK: [u8; 4] = [0; 4];

/// A frame from the server.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

/// A WebSocket.
pub(crate) struct Socket(Connection);

impl Socket {
    /// Connects and shakes hands.
    pub(crate) async fn open(to: SocketAddr, from: Ipv4Addr, path: &str) -> anyhow::Result<Self> {
        Self::over(Connection::open(to, from).await?, path).await
    }

    /// Shakes hands over a connection.
    pub(crate) async fn over(mut connection: Connection, path: &str) -> anyhow::Result<Self> {
        let answer = connection.ask(&upgrade(path)).await?;
        ensure!(answer.status == 101, "no WebSocket was opened: {} {}", answer.status, answer.body);
        Ok(Self(connection))
    }

    /// Sends a text.
    pub(crate) async fn text(&mut self, text: &str) -> std::io::Result<()> {
        self.send(TEXT, text.as_bytes()).await
    }

    /// Sends a whole message of any kind.
    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) -> std::io::Result<()> {
        self.0.send(&frame(opcode, payload)).await
    }

    /// Sends any bytes.
    pub(crate) async fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.send(bytes).await
    }

    /// The next frame, pings included; the server may take so long.
    pub(crate) async fn frame(&mut self, limit: Duration) -> anyhow::Result<Frame> {
        loop {
            if let Some((frame, length)) = parse(self.0.unread()) {
                self.0.skip(length);
                return Ok(frame);
            }
            let count = self.0.more(limit).await.context("the WebSocket broke")?;
            ensure!(count > 0, "the server ended the WebSocket without a close frame");
        }
    }

    /// The next text; pings are answered.
    pub(crate) async fn next(&mut self, limit: Duration) -> anyhow::Result<String> {
        loop {
            let frame = self.frame(limit).await?;
            match frame.opcode {
                TEXT => return Ok(String::from_utf8(frame.payload)?),
                PING => self.send(PONG, &frame.payload).await?,
                CLOSE => bail!("the server closed the WebSocket: {}", reason(&frame.payload)),
                _ => {}
            }
        }
    }

    /// Sends a JSON request and gives the answer.
    pub(crate) async fn ask(&mut self, text: &str) -> anyhow::Result<serde_json::Value> {
        self.text(text).await?;
        Ok(serde_json::from_str(&self.next(PATIENCE).await?)?)
    }

    /// Reads until the server closes, which must be within this time and with this code.
    pub(crate) async fn closes(&mut self, what: &str, code: u16, limit: Duration) -> anyhow::Result<()> {
        let closing = async {
            loop {
                let frame = self.frame(limit).await?;
                if frame.opcode == CLOSE {
                    return anyhow::Ok(frame.payload);
                }
            }
        };
        let payload = tokio::time::timeout(limit, closing)
            .await
            .with_context(|| format!("{what}: was not closed within {} s", limit.as_secs()))?
            .with_context(|| format!("{what}: code {code} is documented"))?;
        let said = payload.first_chunk().map_or(0, |code| u16::from_be_bytes(*code));
        ensure!(said == code, "{what}: code {code} is documented, the server closed with {}", reason(&payload));
        // As the protocol wants it; the server then ends the connection.
        let _ = self.send(CLOSE, &payload).await;
        self.0.end(PATIENCE).await.with_context(|| what.to_owned())?;
        Ok(())
    }

    /// Says goodbye and waits for the answer.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        self.send(CLOSE, &1_000u16.to_be_bytes()).await?;
        self.0.end(PATIENCE).await.context("after a close frame of the client")?;
        Ok(())
    }

    /// Breaks the connection.
    pub(crate) fn reset(self) {
        self.0.reset();
    }

    /// The connection underneath.
    pub(crate) fn into_connection(self) -> Connection {
        self.0
    }
}

/// Code and words of a close frame.
fn reason(payload: &[u8]) -> String {
    match payload.split_first_chunk() {
        Some((code, words)) => format!("{} {:?}", u16::from_be_bytes(*code), String::from_utf8_lossy(words)),
        None => "no code".to_owned(),
    }
}

/// The request that opens a WebSocket. The key is the example of RFC 6455: nothing here depends on its answer.
pub(crate) fn upgrade(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: soak\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

/// A whole message in one frame.
pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(FIN | opcode, payload.len());
    frame.extend_from_slice(payload);
    frame
}

/// The beginning of a frame that announces so many bytes.
pub(crate) fn head(first: u8, length: usize) -> Vec<u8> {
    let mut head = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => head.push(0x80 | short),
        (_, Ok(middle)) => {
            head.push(0x80 | 126);
            head.extend_from_slice(&middle.to_be_bytes());
        }
        _ => {
            head.push(0x80 | 127);
            head.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    head.extend_from_slice(&MASK);
    head
}

/// The frame at the beginning, and its length. The server masks nothing.
fn parse(input: &[u8]) -> Option<(Frame, usize)> {
    let (&[first, second], rest) = input.split_first_chunk()?;
    let (length, rest) = match second & 0x7f {
        126 => rest.split_first_chunk().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
        127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
        short => (u64::from(short), rest),
    };
    let payload = rest.get(..usize::try_from(length).ok()?)?;
    let used = input.len() - rest.len() + payload.len();
    Some((Frame { opcode: first & 0x0f, payload: payload.to_vec() }, used))
}

#[cfg(test)]
mod tests {
    use super::{TEXT, frame, parse};

    #[test]
    fn frames_of_every_length_are_read() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![7; length];
            // What a server sends is what a client sends without the four bytes of the mask.
            let mut bytes = frame(TEXT, &payload);
            let mask = bytes.len() - length - 4;
            bytes.drain(mask..mask + 4);
            bytes[1] &= 0x7f;
            let (read, used) = parse(&bytes).unwrap();
            assert_eq!((read.opcode, read.payload.len(), used), (TEXT, length, bytes.len()));
            assert!(parse(&bytes[..bytes.len() - 1]).is_none());
        }
    }
}
