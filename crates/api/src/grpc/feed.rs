//! One call's share of the publication of market data, with the bounded buffer that all doors use.
//!
//! The transport takes a message only when there is room for it, so a reader that does not keep up leaves its messages in the
//! buffer; when that is full, the hub lets go of it and the call ends with the reason.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use marketdata::MarketView;
use tonic::Status;

use super::status;
use crate::binance::TimeUnit;
use crate::binance::ws::{Channel, Form, Hub, Kind, Outbox, Outgoing, Published};
use crate::{App, Error};

/// Most markets that one call may listen to.
pub(super) const MAX_MARKETS: usize = 100;

/// The messages of a stream.
pub(super) type Messages<T> = BoxStream<'static, Result<T, Status>>;

/// Subscriptions to streams of the hub; they end with it.
pub(super) struct Feed {
    hub: Hub,
    outbox: Arc<Outbox>,
    channels: Vec<Channel>,
    /// Taken out of the buffer and not given yet, the next one last.
    taken: Vec<Outgoing>,
}

impl Feed {
    /// Listens to streams of this kind from now on; at most `capacity` messages wait.
    ///
    /// # Errors
    /// [`Error::TooManySubscriptions`] for more than [`MAX_MARKETS`].
    pub(super) fn open(app: &App, kind: Kind, markets: &[Arc<MarketView>], capacity: usize) -> Result<Self, Error> {
        if markets.len() > MAX_MARKETS {
            return Err(Error::TooManySubscriptions(MAX_MARKETS));
        }
        // The form is that of texts, which this door does not send.
        let form = Form { combined: false, units: TimeUnit::Microsecond };
        let outbox = Outbox::new(app.hub.next_connection(), capacity, form);
        let channels: Vec<_> = markets.iter().map(|view| Channel::Market(view.market.symbol, kind)).collect();
        for channel in &channels {
            app.hub.subscribe(*channel, &outbox);
        }
        Ok(Self { hub: app.hub.clone(), outbox, channels, taken: Vec::new() })
    }

    /// The next message.
    ///
    /// # Errors
    /// Why there will be none: the reader was too slow, or the hub lost the thread.
    pub(super) async fn next(&mut self) -> Result<Arc<Published>, Status> {
        loop {
            // What was taken is void once the buffer has overflowed: the reader learns of it at once.
            if self.outbox.is_broken() {
                return Err(status::of_close(self.outbox.failed().await));
            }
            match self.taken.pop() {
                Some(Outgoing::Shared(published)) => return Ok(published),
                Some(_) => continue,
                None => {}
            }
            tokio::select! {
                biased;
                close = self.outbox.failed() => return Err(status::of_close(close)),
                () = self.outbox.take(&mut self.taken) => self.taken.reverse(),
            }
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        for channel in &self.channels {
            self.hub.unsubscribe(*channel, &self.outbox);
        }
    }
}

/// A stream of what `next` gives, in turn; an error is the last.
pub(super) fn messages<S, T, F>(state: S, mut next: impl FnMut(S) -> F + Send + 'static) -> Messages<T>
where
    S: Send + 'static,
    T: Send + 'static,
    F: Future<Output = Result<(T, S), Status>> + Send + 'static,
{
    let endless = stream::try_unfold(state, move |state| {
        let step = next(state);
        async move { step.await.map(Some) }
    });
    boxed(endless)
}

fn boxed<T>(stream: impl Stream<Item = Result<T, Status>> + Send + 'static) -> Messages<T> {
    stream.boxed()
}
