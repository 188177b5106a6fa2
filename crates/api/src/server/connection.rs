//! One connection: HTTP/1 with its time limits, and the headers that every answer bears.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::proxy::{Proxies, client};

/// Largest head of a request, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// How long a connection may be in each state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Without a request.
    pub(super) idle: Duration,
    /// From the first byte of a head to its last.
    pub(super) head: Duration,
    /// Without taking anything of an answer.
    pub(super) write: Duration,
}

/// An accepted connection.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) proxies: Proxies,
    pub(super) router: Router,
    pub(super) limits: Limits,
    /// Whether browsers reach the site by https.
    pub(super) https: bool,
    pub(super) stop: CancellationToken,
    pub(super) abandon: CancellationToken,
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn run(self) {
        // Looks at the byte without taking it. Waiting for readiness alone would not do: it may be told too early.
        let mut byte = [0];
        let peeked = tokio::select! {
            () = self.stop.cancelled() => return,
            peeked = timeout(self.limits.idle, self.stream.peek(&mut byte)) => peeked,
        };
        if matches!(peeked, Ok(Ok(1))) {
            // A silent connection pays neither for buffers nor for the state of a request: thousands of them must be cheap.
            Box::pin(self.serve()).await;
        }
    }

    async fn serve(self) {
        let Self { stream, peer, proxies, router, limits, https, stop, abandon } = self;
        let phase = Arc::new(Phase::default());
        let watched = phase.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            phase.request_begins();
            let peer = client(peer, &proxies, request.headers());
            request.extensions_mut().insert(peer);
            let answer = router.clone().oneshot(request.map(Body::new));
            let phase = phase.clone();
            async move {
                let mut response: Response<Body> = answer.await?;
                phase.request_ends(response.status() == StatusCode::SWITCHING_PROTOCOLS);
                secure(&mut response, https);
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        let io = TokioIo::new(Guarded::new(stream, limits, watched));
        let connection = http1::Builder::new()
            .header_read_timeout(None)
            .max_buf_size(MAX_HEAD)
            .serve_connection(io, service)
            .with_upgrades();
        let mut connection = pin!(connection);
        // A connection's own fault, such as a client that went away, concerns nobody else.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = connection => {}
            () = abandon.cancelled() => {}
        }
    }
}

/// Adds the headers that keep browsers from misusing an answer; of a site behind https, from asking it in the clear for a year.
fn secure(response: &mut Response<Body>, https: bool) {
    const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    const DENY: HeaderValue = HeaderValue::from_static("DENY");
    const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
    const A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    headers.insert(header::X_FRAME_OPTIONS, DENY);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, A_YEAR);
    }
}

/// What a connection is doing: the lowest two bits; above them, how many requests it has had.
#[derive(Debug, Default)]
struct Phase(AtomicU32);

const IDLE: u32 = 0;
const HEAD: u32 = 1;
const BUSY: u32 = 2;
const UPGRADED: u32 = 3;
const MASK: u32 = 3;

impl Phase {
    fn load(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    fn first_byte(&self) {
        let now = self.load();
        if now & MASK == IDLE {
            self.0.store(now | HEAD, Ordering::Release);
        }
    }

    fn request_begins(&self) {
        self.0.store((self.load() & !MASK) | BUSY, Ordering::Release);
    }

    fn request_ends(&self, upgraded: bool) {
        let next = (self.load() & !MASK).wrapping_add(MASK + 1);
        self.0.store(next | if upgraded { UPGRADED } else { IDLE }, Ordering::Release);
    }
}

/// A stream that ends with an error when a phase takes longer than it may.
struct Guarded {
    stream: TcpStream,
    limits: Limits,
    phase: Arc<Phase>,
    /// The phase that the last wait for bytes was in, and since when.
    noted: u32,
    since: Instant,
    read_timer: Pin<Box<Sleep>>,
    /// Runs while the client takes nothing.
    write_timer: Option<Pin<Box<Sleep>>>,
}

impl Guarded {
    fn new(stream: TcpStream, limits: Limits, phase: Arc<Phase>) -> Self {
        let now = Instant::now();
        let read_timer = Box::pin(sleep_until(now + limits.idle));
        Self { stream, limits, noted: phase.load(), phase, since: now, read_timer, write_timer: None }
    }

    /// Called when there is nothing to read: ready with an error when the phase has lasted too long.
    ///
    /// The timer is moved only when it would ring too late, or has rung: an idle phase that begins anew with every request
    /// costs no more than looking at the clock.
    fn poll_read_limit(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let phase = self.phase.load();
        let limit = match phase & MASK {
            IDLE => self.limits.idle,
            HEAD => self.limits.head,
            _ => return Poll::Pending,
        };
        if phase != self.noted {
            self.noted = phase;
            self.since = Instant::now();
        }
        let end = self.since + limit;
        if end < self.read_timer.deadline() {
            self.read_timer.as_mut().reset(end);
        }
        loop {
            ready!(self.read_timer.as_mut().poll(cx));
            if Instant::now() >= end {
                return Poll::Ready(io::Error::from(io::ErrorKind::TimedOut));
            }
            self.read_timer.as_mut().reset(end);
        }
    }

    fn poll_write_limit<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if self.phase.load() & MASK == UPGRADED {
            return Poll::Pending;
        }
        let limit = self.limits.write;
        let timer = self.write_timer.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::from(io::ErrorKind::TimedOut)))
    }
}

impl AsyncRead for Guarded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(result) => {
                if buffer.filled().len() > before {
                    self.phase.first_byte();
                }
                Poll::Ready(result)
            }
            Poll::Pending => self.poll_read_limit(cx).map(Err),
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Ready(result) => {
                self.write_timer = None;
                Poll::Ready(result)
            }
            Poll::Pending => self.poll_write_limit(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, slices) {
            Poll::Ready(result) => {
                self.write_timer = None;
                Poll::Ready(result)
            }
            Poll::Pending => self.poll_write_limit(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
