//! The body of an answer: ends streams when the server stops, and tells the connection when the call is over.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::http::HeaderMap;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use projections::End;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Status;
use tonic::body::Body;

use super::status;

/// The calls of one connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicUsize,
    begun: AtomicU64,
}

/// A call that is not over.
#[derive(Debug)]
pub(super) struct Open(Arc<Counts>);

impl Calls {
    /// A call begins.
    pub(super) fn begin(&self) -> Open {
        self.0.open.fetch_add(1, Ordering::AcqRel);
        self.0.begun.fetch_add(1, Ordering::AcqRel);
        Open(Arc::clone(&self.0))
    }

    /// How many have begun, when none is open; `None` while one is.
    pub(super) fn idle(&self) -> Option<u64> {
        (self.0.open.load(Ordering::Acquire) == 0).then(|| self.0.begun.load(Ordering::Acquire))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The body of an answer.
pub(super) struct Answer {
    body: Body,
    stop: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    is_over: bool,
    _open: Open,
}

impl Answer {
    /// With `stop`, the answer is a stream, which ends when that is cancelled.
    pub(super) fn new(body: Body, open: Open, stop: Option<CancellationToken>) -> Self {
        let stop = stop.map(|stop| Box::pin(stop.cancelled_owned()));
        Self { body, stop, is_over: false, _open: open }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let stops = self.stop.as_mut().is_some_and(|stop| stop.as_mut().poll(cx).is_ready());
        if stops && !self.body.is_end_stream() {
            self.is_over = true;
            self.body = Body::empty();
            let mut trailers = HeaderMap::new();
            status::of_end(End::Stopped).add_header(&mut trailers)?;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.stop.is_some() { SizeHint::default() } else { self.body.size_hint() }
    }
}
