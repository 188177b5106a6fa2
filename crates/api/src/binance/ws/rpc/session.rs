//! The API key that a connection is logged on with, and the order of requests around a log-on.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use model::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::binance::{Params, TimeUnit};
use crate::json;

/// Whose key a connection is logged on with.
#[derive(Debug)]
pub(super) struct Session {
    since: Timestamp,
    shows_limits: bool,
    logon: Mutex<Option<Logon>>,
    turns: Arc<RwLock<()>>,
}

/// A key that signed `session.logon`.
#[derive(Debug, Clone)]
struct Logon {
    key: String,
    since: Timestamp,
}

/// The right of a request to be worked on.
#[derive(Debug)]
pub(super) enum Turn {
    /// Together with others.
    Shared { _turn: OwnedRwLockReadGuard<()> },
    /// After all that came before it, and before all that come after it.
    Alone { _turn: OwnedRwLockWriteGuard<()> },
}

impl Session {
    /// Of a connection that was made at `since`; `shows_limits` is what its URL says of `returnRateLimits`.
    pub(super) fn new(since: Timestamp, shows_limits: bool) -> Self {
        Self { since, shows_limits, logon: Mutex::default(), turns: Arc::default() }
    }

    /// The turn of a request, in the order of the calls. Requests run together and may overtake each other, but those that were sent
    /// behind a log-on, without waiting for its answer, count on it.
    pub(super) fn turn(&self, alone: bool) -> BoxFuture<'static, Turn> {
        let turns = Arc::clone(&self.turns);
        let mut turn = if alone {
            turns.write_owned().map(|turn| Turn::Alone { _turn: turn }).boxed()
        } else {
            turns.read_owned().map(|turn| Turn::Shared { _turn: turn }).boxed()
        };
        // The first look joins the queue, which is fair.
        match (&mut turn).now_or_never() {
            Some(turn) => std::future::ready(turn).boxed(),
            None => turn,
        }
    }

    /// Whether the answer to a request tells what is used of the limits: as the request says, else as the URL does.
    pub(super) fn shows_limits(&self, params: &Params) -> bool {
        params.flag("returnRateLimits").ok().flatten().unwrap_or(self.shows_limits)
    }

    /// Logs on with a key, in place of any other.
    pub(super) fn log_on(&self, key: &str, since: Timestamp) {
        *self.logon.lock() = Some(Logon { key: key.to_owned(), since });
    }

    /// Forgets the key.
    pub(super) fn log_out(&self) {
        *self.logon.lock() = None;
    }

    /// The key.
    pub(super) fn key(&self) -> Option<String> {
        self.logon.lock().as_ref().map(|logon| logon.key.clone())
    }

    /// The answer of `session.status`, as JSON.
    pub(super) fn status(&self, listens: bool, now: Timestamp, units: TimeUnit) -> String {
        let logon = self.logon.lock().clone();
        let (key, since) = match logon {
            Some(logon) => (json::quoted(&logon.key), units.show(logon.since).to_string()),
            None => ("null".to_owned(), "null".to_owned()),
        };
        let (connected, limits, time) = (units.show(self.since), self.shows_limits, units.show(now));
        format!(
            "{{\"apiKey\":{key},\"authorizedSince\":{since},\"connectedSince\":{connected},\"returnRateLimits\":{limits},\
             \"serverTime\":{time},\"userDataStream\":{listens}}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Session, TimeUnit, Timestamp, Turn};
    use expect_test::expect;
    use futures_util::FutureExt;

    #[test]
    fn the_status_before_and_after_a_log_on() {
        let session = Session::new(Timestamp(1_000), true);
        expect![[r#"{"apiKey":null,"authorizedSince":null,"connectedSince":1,"returnRateLimits":true,"serverTime":3,"userDataStream":false}"#]]
            .assert_eq(&session.status(false, Timestamp(3_000), TimeUnit::Millisecond));
        session.log_on("key", Timestamp(2_000));
        assert_eq!(session.key().as_deref(), Some("key"));
        expect![[r#"{"apiKey":"key","authorizedSince":2000,"connectedSince":1000,"returnRateLimits":true,"serverTime":3000,"userDataStream":true}"#]]
            .assert_eq(&session.status(true, Timestamp(3_000), TimeUnit::Microsecond));
        session.log_out();
        assert_eq!(session.key(), None);
    }

    #[tokio::test]
    async fn a_log_on_waits_for_what_came_before_and_is_waited_for() {
        let session = Session::new(Timestamp(0), true);
        let (first, second) = (session.turn(false).await, session.turn(false).await);
        let mut logon = session.turn(true);
        let mut third = session.turn(false);
        assert!((&mut logon).now_or_never().is_none() && (&mut third).now_or_never().is_none());
        drop((first, second));
        assert!((&mut third).now_or_never().is_none(), "the log-on was first");
        let turn = logon.await;
        assert!(matches!(turn, Turn::Alone { .. }));
        assert!((&mut third).now_or_never().is_none());
        drop(turn);
        third.await;
    }
}
