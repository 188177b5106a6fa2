//! The events of accounts on connections to the market streams, by listen key.

use std::collections::BTreeMap;
use std::sync::Arc;

use projections::Subscription;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::control::Refusal;
use crate::binance::listen_keys::ListenKey;
use crate::binance::signature;
use crate::binance::ws::close::CloseReason;
use crate::binance::ws::event;
use crate::binance::ws::outbox::Outbox;
use crate::{App, Error};

/// The listen keys of one connection. Dropping it ends them.
pub(crate) struct AccountStreams {
    app: App,
    outbox: Arc<Outbox>,
    open: BTreeMap<String, AbortOnDropHandle<()>>,
}

impl AccountStreams {
    /// A connection that listens to no account.
    pub(crate) const fn new(app: App, outbox: Arc<Outbox>) -> Self {
        Self { app, outbox, open: BTreeMap::new() }
    }

    /// Listens to the accounts whose listen keys are among the names; other names mean nothing here.
    ///
    /// # Errors
    /// When an account has as many listeners as it may have: then to none of them.
    pub(crate) fn listen<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        let mut added = BTreeMap::new();
        for name in names {
            let Some(key) = self.app.listen_keys.find(name, self.app.clock.monotonic_us()) else { continue };
            let capacity = self.app.http.ws.send_buffer_messages;
            let events = self
                .app
                .live
                .subscribe(key.account(), capacity)
                .map_err(|_| Refusal::too_many_listeners(Subscription::MAX_PER_ACCOUNT))?;
            let forwarder = Forwarder { app: self.app.clone(), outbox: Arc::clone(&self.outbox), key };
            added.insert(name.to_owned(), AbortOnDropHandle::new(tokio::spawn(forwarder.run(events))));
        }
        self.open.append(&mut added);
        Ok(())
    }

    /// Stops listening under a name.
    pub(crate) fn leave(&mut self, name: &str) {
        self.open.remove(name);
    }
}

/// Carries the events of one account to one connection, for as long as its listen key is good.
struct Forwarder {
    app: App,
    outbox: Arc<Outbox>,
    key: Arc<ListenKey>,
}

impl Forwarder {
    async fn run(self, mut events: Subscription) {
        while let Some(left) = self.key.time_left(self.app.clock.monotonic_us()) {
            let event = tokio::select! {
                biased;
                () = self.key.ended() => break,
                event = events.recv() => event,
                // The key may have been kept alive meanwhile.
                () = sleep(left) => continue,
            };
            // An event that comes as the key expires is not told any more.
            if self.key.time_left(self.app.clock.monotonic_us()).is_none() {
                break;
            }
            match self.still_reads().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    error.log();
                    return self.outbox.fail(CloseReason::Resync);
                }
            }
            match event.map(|event| self.write(&event)) {
                Ok(Ok(text)) => self.send(&text),
                Ok(Err(error)) => {
                    // An event cannot be left out: whoever listens must learn that something is missing.
                    error.log();
                    return self.outbox.fail(CloseReason::Resync);
                }
                Err(end) => return self.outbox.fail(CloseReason::of(end)),
            }
        }
        let units = self.outbox.form().units;
        self.send(&event::listen_key_expired(self.key.name(), self.app.now(), units));
    }

    /// Whether all API keys that have used the listen key are good; if not, it ends for everybody.
    async fn still_reads(&self) -> Result<bool, Error> {
        for api_key in self.key.api_keys() {
            match signature::still_reads(&self.app, &api_key, None).await {
                Ok(()) => {}
                Err(Error::InvalidKey) => {
                    let now_us = self.app.clock.monotonic_us();
                    // Another listener may have ended it just now.
                    let _ = self.app.listen_keys.close(self.key.account(), self.key.name(), now_us);
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn write(&self, event: &projections::UserEvent) -> Result<String, Error> {
        event::write(&self.app.market_data, event, self.app.now(), self.outbox.form().units)
    }

    fn send(&self, event: &str) {
        if self.outbox.form().combined {
            self.outbox.send(format!("{{\"stream\":\"{}\",\"data\":{event}}}", self.key.name()));
        } else {
            self.outbox.send(event.to_owned());
        }
    }
}
