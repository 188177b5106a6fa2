//! One connection to the market streams.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use model::Timestamp;
use runtime::clock::Clock;

use super::account::AccountStreams;
use super::control::{self, Refusal, Request};
use super::hub::Hub;
use super::message::Form;
use super::name::{self, Channel};
use crate::binance::ws::close::CloseReason;
use crate::binance::ws::connection::{Reaction, Session};
use crate::binance::ws::outbox::Outbox;

/// What one connection listens to.
pub(crate) struct MarketSession {
    hub: Hub,
    outbox: Arc<Outbox>,
    clock: Arc<dyn Clock>,
    limit: usize,
    /// By name; the channel is `None` where nothing is ever published.
    subscriptions: BTreeMap<String, Option<Channel>>,
    /// Of the names without a channel, those that are listen keys.
    accounts: AccountStreams,
}

impl MarketSession {
    /// A connection that listens to at most `limit` streams, now to none.
    pub(crate) const fn new(
        hub: Hub,
        outbox: Arc<Outbox>,
        clock: Arc<dyn Clock>,
        limit: usize,
        accounts: AccountStreams,
    ) -> Self {
        Self { hub, outbox, clock, limit, subscriptions: BTreeMap::new(), accounts }
    }

    /// Listens to these streams too: to all of them, or on an error to none.
    pub(crate) fn subscribe(&mut self, names: Vec<String>) -> Result<(), Refusal> {
        let added = self.check(names)?;
        self.add(added);
        Ok(())
    }

    /// Those of the streams that are not listened to yet, if all may be. The events of accounts begin here.
    fn check(&mut self, names: Vec<String>) -> Result<BTreeMap<String, Option<Channel>>, Refusal> {
        let mut added = BTreeMap::new();
        for name in names {
            let channel = name::parse(&name).map_err(|_| Refusal::invalid_stream())?;
            if !self.subscriptions.contains_key(&name) {
                added.insert(name, channel);
            }
        }
        if self.subscriptions.len() + added.len() > self.limit {
            return Err(Refusal::too_many_streams(self.limit));
        }
        let unnamed = added.iter().filter(|(_, channel)| channel.is_none()).map(|(name, _)| name.as_str());
        self.accounts.listen(unnamed)?;
        Ok(added)
    }

    fn add(&mut self, mut added: BTreeMap<String, Option<Channel>>) {
        for channel in added.values().flatten() {
            self.hub.subscribe(*channel, &self.outbox);
        }
        self.subscriptions.append(&mut added);
    }

    fn unsubscribe(&mut self, names: &[String]) -> Result<(), Refusal> {
        if names.iter().any(|name| name::parse(name).is_err()) {
            return Err(Refusal::invalid_stream());
        }
        for name in names {
            self.accounts.leave(name);
            if let Some(Some(channel)) = self.subscriptions.remove(name) {
                self.hub.unsubscribe(channel, &self.outbox);
            }
        }
        Ok(())
    }

    /// Carries a subscription out. Its answer is queued first: no message of a stream comes before it.
    fn answer_and_subscribe(&mut self, id: &str, names: Vec<String>) -> Reaction {
        match self.check(names) {
            Ok(added) => {
                self.outbox.send(control::done("null", id));
                self.add(added);
                Reaction::Answered
            }
            Err(refusal) => Reaction::Answer(refusal.answer(Some(id))),
        }
    }

    /// Carries another request out; the result as JSON text.
    fn carry_out(&mut self, request: Request) -> Result<String, Refusal> {
        match request {
            Request::Subscribe(names) => self.subscribe(names).map(|()| "null".to_owned()),
            Request::Unsubscribe(names) => self.unsubscribe(&names).map(|()| "null".to_owned()),
            Request::List => {
                // No name has a character that JSON would escape.
                let names: Vec<String> = self.subscriptions.keys().map(|name| format!("\"{name}\"")).collect();
                Ok(format!("[{}]", names.join(",")))
            }
            Request::SetCombined(combined) => {
                self.outbox.set_form(Form { combined, ..self.outbox.form() });
                Ok("null".to_owned())
            }
            Request::GetCombined => Ok(self.outbox.form().combined.to_string()),
        }
    }
}

impl Session for MarketSession {
    const DOOR: &'static str = "streams";
    const COUNTS_TEXT: bool = true;

    fn text(&mut self, text: Utf8Bytes) -> Reaction {
        Reaction::Answer(match control::parse(&text) {
            Ok((id, Request::Subscribe(names))) => return self.answer_and_subscribe(id, names),
            Ok((id, request)) => match self.carry_out(request) {
                Ok(result) => control::done(&result, id),
                Err(refusal) => refusal.answer(Some(id)),
            },
            Err((id, refusal)) => refusal.answer(id),
        })
    }

    fn last_words(&mut self, reason: CloseReason) -> Vec<Utf8Bytes> {
        if reason != CloseReason::Shutdown {
            return Vec::new();
        }
        let form = self.outbox.form();
        let time = form.units.show(Timestamp(self.clock.now_us()));
        let event = format!("{{\"e\":\"serverShutdown\",\"E\":{time}}}");
        vec![if form.combined {
            format!("{{\"stream\":\"!serverShutdown\",\"data\":{event}}}").into()
        } else {
            event.into()
        }]
    }
}

impl Drop for MarketSession {
    fn drop(&mut self) {
        for channel in self.subscriptions.values().flatten() {
            self.hub.unsubscribe(*channel, &self.outbox);
        }
    }
}
