//! A connection that sends what it is told, right or wrong, and reads answers.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::terms::PATIENCE;

/// Largest answer that is understood.
const MAX_ANSWER: usize = 8 << 20;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Retry-After`
    pub(crate) retry_after: Option<u64>,
    /// `X-MBX-USED-WEIGHT-1M`
    pub(crate) weight: Option<u64>,
    /// `X-Rialto-Lag`
    pub(crate) lag: Option<u64>,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_str(&self.body).with_context(|| format!("no JSON in the answer {} {}", self.status, self.body))
    }

    /// The number of a refusal; zero when there is none.
    pub(crate) fn code(&self) -> i64 {
        self.json().ok().and_then(|body| body["code"].as_i64()).unwrap_or(0)
    }

    /// Fails unless it has this status and this code.
    pub(crate) fn expect(&self, what: &str, status: u16, code: i64) -> anyhow::Result<()> {
        ensure!(
            (self.status, self.code()) == (status, code),
            "{what}: {status} with code {code} is documented, the answer was {} {}",
            self.status,
            self.body.chars().take(300).collect::<String>()
        );
        Ok(())
    }
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In good order.
    Closed,
    /// It broke.
    Reset,
}

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
    filled: usize,
}

impl Connection {
    /// Connects from an address of one's own.
    pub(crate) async fn open(to: SocketAddr, from: Ipv4Addr) -> anyhow::Result<Self> {
        Self::open_with(to, from, None).await
    }

    /// The same with a small buffer for what comes.
    pub(crate) async fn open_with(to: SocketAddr, from: Ipv4Addr, receive: Option<u32>) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if let Some(size) = receive {
            socket.set_recv_buffer_size(size)?;
        }
        socket.bind(SocketAddr::from((from, 0)))?;
        let stream = timeout(PATIENCE, socket.connect(to)).await.context("no connection was accepted in time")??;
        stream.set_nodelay(true)?;
        Ok(Self { stream, input: vec![0; 4_096], filled: 0 })
    }

    /// Sends all of it.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.map_err(|_| Error::from(ErrorKind::TimedOut))?
    }

    /// Says that nothing more will be sent.
    pub(crate) async fn finish(&mut self) -> std::io::Result<()> {
        self.stream.shutdown().await
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.send(request).await.context("the server took no request")?;
        self.answer().await
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> anyhow::Result<Answer> {
        self.answer_within(PATIENCE).await
    }

    /// The next answer, for which the server may take so long.
    pub(crate) async fn answer_within(&mut self, limit: Duration) -> anyhow::Result<Answer> {
        loop {
            if let Some((answer, length)) = parse(&self.input[..self.filled])? {
                self.skip(length);
                return Ok(answer);
            }
            match timeout(limit, self.fill()).await {
                Err(_) => bail!("there was no answer within {} s", limit.as_secs()),
                Ok(Err(error)) => return Err(error).context("the connection broke before an answer"),
                Ok(Ok(0)) => bail!("the server closed the connection without an answer"),
                Ok(Ok(_)) => {}
            }
        }
    }

    /// Reads some; what is there by now.
    pub(crate) async fn more(&mut self, limit: Duration) -> std::io::Result<usize> {
        timeout(limit, self.fill()).await.map_err(|_| Error::from(ErrorKind::TimedOut))?
    }

    /// What was read and is not used yet.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.input[..self.filled]
    }

    /// Forgets the first bytes of what was read.
    pub(crate) fn skip(&mut self, length: usize) {
        self.input.copy_within(length..self.filled, 0);
        self.filled -= length;
    }

    /// Reads to the end, which must come within this time, and says how it came.
    pub(crate) async fn end(&mut self, limit: Duration) -> anyhow::Result<End> {
        let end = async {
            loop {
                self.filled = 0;
                match self.fill().await {
                    Ok(0) => return End::Closed,
                    Ok(_) => {}
                    Err(_) => return End::Reset,
                }
            }
        };
        timeout(limit, end).await.with_context(|| format!("the connection was not closed within {} s", limit.as_secs()))
    }

    /// Where this end of it is.
    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    /// Breaks the connection.
    pub(crate) fn reset(self) {
        // Whoever cannot break it closes it.
        let _ = self.stream.set_zero_linger();
    }

    /// The bare stream.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    async fn fill(&mut self) -> std::io::Result<usize> {
        if self.filled == self.input.len() {
            if self.filled >= MAX_ANSWER {
                return Err(Error::other("an answer is longer than is understood"));
            }
            self.input.resize(self.filled * 2, 0);
        }
        let count = self.stream.read(&mut self.input[self.filled..]).await?;
        self.filled += count;
        Ok(count)
    }
}

/// The answer at the beginning of what was read, and its length, when all of it is there.
fn parse(input: &[u8]) -> anyhow::Result<Option<(Answer, usize)>> {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(head) = response.parse(input)? else { return Ok(None) };
    let number = |name: &str| {
        let field = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(field.value).ok()?.trim().parse::<u64>().ok()
    };
    let status = response.code.context("an answer has no status")?;
    let length = match (number("content-length"), status) {
        (Some(length), _) => usize::try_from(length)?,
        (None, 101) => 0,
        (None, _) => bail!("the answer {status} does not say how long it is"),
    };
    let Some(body) = input.get(head..head + length) else { return Ok(None) };
    let answer = Answer {
        status,
        retry_after: number("retry-after"),
        weight: number("x-mbx-used-weight-1m"),
        lag: number("x-rialto-lag"),
        body: String::from_utf8_lossy(body).into_owned(),
    };
    Ok(Some((answer, head + length)))
}

/// A `GET`, without a signature.
pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: soak\r\n\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_answer_is_complete_with_its_last_byte() {
        let text = b"HTTP/1.1 429 Too Many\r\nContent-Length: 5\r\nRetry-After: 7\r\n\r\nhello";
        for end in 0..text.len() {
            assert!(parse(&text[..end]).unwrap().is_none(), "{end}");
        }
        let (answer, length) = parse(text).unwrap().unwrap();
        assert_eq!((answer.status, answer.retry_after, answer.body.as_str()), (429, Some(7), "hello"));
        assert_eq!(length, text.len());
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
