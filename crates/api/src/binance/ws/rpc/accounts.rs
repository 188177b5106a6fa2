//! What one connection is: whose key it is logged on with, and which accounts it listens to.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Weak};

use axum::extract::ws::Utf8Bytes;
use model::AccountId;
use parking_lot::Mutex;
use projections::Subscription;
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

use super::session::Session;
use crate::binance::ws::close::CloseReason;
use crate::binance::ws::event;
use crate::binance::ws::outbox::Outbox;
use crate::binance::{TimeUnit, signature};
use crate::{App, Error};

/// Most accounts that one connection may listen to at a time (page "WebSocket API").
const MAX_OPEN: usize = 1_000;
/// Most subscriptions of one connection in its life (same page).
const MAX_EVER: u32 = 65_535;

/// What the requests of one connection share.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) app: App,
    pub(super) outbox: Arc<Outbox>,
    /// Where the client is.
    pub(super) address: Option<IpAddr>,
    /// Whose key it is logged on with.
    pub(super) session: Session,
    subscriptions: Mutex<Subscriptions>,
}

#[derive(Debug, Default)]
struct Subscriptions {
    next_id: u32,
    open: BTreeMap<u32, Open>,
}

/// One subscription; dropping it ends it.
#[derive(Debug)]
struct Open {
    account: AccountId,
    /// Whether it ends with the logon that it came from.
    by_logon: bool,
    _forwarder: AbortOnDropHandle<()>,
}

impl Connection {
    /// A connection that acts for nobody and listens to no account. `shows_limits` is what its URL says of `returnRateLimits`.
    pub(super) fn new(app: App, outbox: Arc<Outbox>, address: Option<IpAddr>, shows_limits: bool) -> Arc<Self> {
        let session = Session::new(app.now(), shows_limits);
        Arc::new(Self { app, outbox, address, session, subscriptions: Mutex::default() })
    }

    /// The unit of times.
    pub(super) fn units(&self) -> TimeUnit {
        self.outbox.form().units
    }

    /// Forgets the key that the connection is logged on with, and ends the subscription that was made with it.
    pub(super) fn log_out(&self) {
        self.session.log_out();
        self.end(|subscriptions| {
            subscriptions.open.extract_if(.., |_, open| open.by_logon).map(|(id, _)| id).collect()
        });
    }

    /// The answer of `session.status`, as JSON.
    pub(super) fn status(&self) -> String {
        let listens = !self.subscriptions.lock().open.is_empty();
        self.session.status(listens, self.app.now(), self.units())
    }

    /// Listens to an account for as long as the key is good, or until the log-out when it is `by_logon`: gives the number of the
    /// subscription, and what has to be told when events may begin to flow.
    ///
    /// # Errors
    /// [`Error::SubscriptionActive`], [`Error::TooManySubscriptions`], [`Error::SubscriptionIdsUsedUp`].
    pub(super) fn subscribe(
        self: &Arc<Self>,
        account: AccountId,
        key: &str,
        by_logon: bool,
    ) -> Result<(u32, oneshot::Sender<()>), Error> {
        let mut subscriptions = self.subscriptions.lock();
        if subscriptions.open.values().any(|open| open.account == account) {
            return Err(Error::SubscriptionActive);
        }
        if subscriptions.open.len() >= MAX_OPEN {
            return Err(Error::TooManySubscriptions(MAX_OPEN));
        }
        let id = subscriptions.next_id;
        if id >= MAX_EVER {
            return Err(Error::SubscriptionIdsUsedUp);
        }
        let events = self
            .app
            .live
            .subscribe(account, self.app.http.ws.send_buffer_messages)
            .map_err(|_| Error::TooManySubscriptions(Subscription::MAX_PER_ACCOUNT))?;
        subscriptions.next_id += 1;
        let (start, started) = oneshot::channel();
        let (app, connection, outbox) = (self.app.clone(), Arc::downgrade(self), Arc::clone(&self.outbox));
        let (key, address, units) = (key.to_owned(), self.address, self.units());
        let forwarder = Forwarder { app, connection, outbox, id, key, address, units };
        let task = tokio::spawn(async move {
            // The sender is gone when the connection ended before its answer was queued.
            if started.await.is_ok() {
                forwarder.run(events).await;
            }
        });
        subscriptions.open.insert(id, Open { account, by_logon, _forwarder: AbortOnDropHandle::new(task) });
        Ok((id, start))
    }

    /// Ends one subscription, or all; each is told its end.
    ///
    /// # Errors
    /// [`Error::SubscriptionInactive`] when there is none with this number.
    pub(super) fn unsubscribe(&self, id: Option<u32>) -> Result<(), Error> {
        if let Some(id) = id {
            let one = self.subscriptions.lock().open.remove(&id);
            one.ok_or(Error::SubscriptionInactive)?;
            self.tell_end(id);
        } else {
            self.end(|subscriptions| std::mem::take(&mut subscriptions.open).into_keys().collect());
        }
        Ok(())
    }

    fn end(&self, take: impl FnOnce(&mut Subscriptions) -> Vec<u32>) {
        let ended = take(&mut self.subscriptions.lock());
        for id in ended {
            self.tell_end(id);
        }
    }

    fn tell_end(&self, id: u32) {
        self.outbox.send(event::subscribed(id, &event::terminated(self.app.now(), self.units())));
    }

    /// The numbers of the open subscriptions.
    pub(super) fn subscription_ids(&self) -> Vec<u32> {
        self.subscriptions.lock().open.keys().copied().collect()
    }

    /// Ends all subscriptions; the events that say so.
    pub(super) fn farewell(&self, reason: CloseReason) -> Vec<Utf8Bytes> {
        let (now, units) = (self.app.now(), self.units());
        let mut words: Vec<Utf8Bytes> = std::mem::take(&mut self.subscriptions.lock().open)
            .into_keys()
            .map(|id| event::subscribed(id, &event::terminated(now, units)).into())
            .collect();
        if reason == CloseReason::Shutdown {
            words.push(event::server_shutdown(now, units).into());
        }
        words
    }
}

/// Carries the events of one account to one connection.
struct Forwarder {
    app: App,
    /// Which holds this forwarder.
    connection: Weak<Connection>,
    outbox: Arc<Outbox>,
    id: u32,
    /// The API key that subscribed.
    key: String,
    address: Option<IpAddr>,
    units: TimeUnit,
}

impl Forwarder {
    async fn run(self, mut events: Subscription) {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                Err(end) => {
                    self.outbox.fail(CloseReason::of(end));
                    return;
                }
            };
            match signature::still_reads(&self.app, &self.key, self.address).await {
                Ok(()) => {}
                Err(Error::InvalidKey) => {
                    if let Some(connection) = self.connection.upgrade() {
                        // It is not there when the client has ended it meanwhile.
                        let _ = connection.unsubscribe(Some(self.id));
                    }
                    return;
                }
                Err(error) => {
                    error.log();
                    self.outbox.fail(CloseReason::Resync);
                    return;
                }
            }
            match event::write(&self.app.market_data, &event, self.app.now(), self.units) {
                Ok(text) => self.outbox.send(event::subscribed(self.id, &text)),
                Err(error) => {
                    // An event cannot be left out: whoever listens must learn that something is missing.
                    error.log();
                    self.outbox.fail(CloseReason::Resync);
                    return;
                }
            }
        }
    }
}
