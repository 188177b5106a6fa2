use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use hashbrown::HashMap;
use model::AccountId;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::mpsc::{self, error::TryRecvError, error::TrySendError};

use super::UserEvent;

/// Why a subscription ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[repr(u8)]
pub enum End {
    /// The views are gone: the process stops.
    #[error("the exchange is stopping")]
    Stopped = 0,
    /// Events were not taken in time.
    #[error("the reader was too slow")]
    SlowReader = 1,
    /// The views were loaded anew, so events are missing.
    #[error("events were lost; query the state anew")]
    Resync = 2,
}

/// The account has as many subscriptions as it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account has at most {} subscriptions", Subscription::MAX_PER_ACCOUNT)]
pub struct TooManySubscriptions;

#[derive(Debug)]
struct Sink {
    id: u64,
    events: mpsc::Sender<Arc<UserEvent>>,
    end: Arc<AtomicU8>,
}

#[derive(Debug, Default)]
struct Subscribers {
    next_id: u64,
    by_account: HashMap<AccountId, Vec<Sink>>,
}

impl Subscribers {
    fn remove(&mut self, account: AccountId, id: u64) {
        if let Some(sinks) = self.by_account.get_mut(&account) {
            sinks.retain(|sink| sink.id != id);
            if sinks.is_empty() {
                self.by_account.remove(&account);
            }
        }
    }
}

/// Who listens to which account.
#[derive(Debug, Default)]
pub(crate) struct Hub(Mutex<Subscribers>);

impl Hub {
    /// The listeners, for as long as steps are applied.
    pub(crate) fn sinks(&self) -> Sinks<'_> {
        Sinks(self.0.lock())
    }

    pub(crate) fn end_all(&self, end: End) {
        let mut subscribers = self.0.lock();
        for (_, sinks) in subscribers.by_account.drain() {
            for sink in sinks {
                sink.end.store(end as u8, Ordering::Release);
            }
        }
    }

    pub(crate) fn subscribe(
        hub: &Arc<Self>,
        account: AccountId,
        capacity: usize,
    ) -> Result<Subscription, TooManySubscriptions> {
        let mut subscribers = hub.0.lock();
        subscribers.next_id += 1;
        let id = subscribers.next_id;
        let sinks = subscribers.by_account.entry(account).or_default();
        if sinks.len() >= Subscription::MAX_PER_ACCOUNT {
            return Err(TooManySubscriptions);
        }
        let (sender, events) = mpsc::channel(capacity.max(1));
        let end = Arc::new(AtomicU8::new(End::Stopped as u8));
        sinks.push(Sink { id, events: sender, end: Arc::clone(&end) });
        Ok(Subscription { hub: Arc::clone(hub), account, id, events, end })
    }
}

/// The listeners, locked.
pub(crate) struct Sinks<'a>(MutexGuard<'a, Subscribers>);

impl Sinks<'_> {
    /// Whether nobody listens to anything: the way without any allocation.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.by_account.is_empty()
    }

    #[inline]
    pub(crate) fn wants(&self, account: AccountId) -> bool {
        !self.is_empty() && self.0.by_account.contains_key(&account)
    }

    /// Hands an event to everybody who listens to its account. Who is too slow is let go.
    pub(crate) fn send(&mut self, event: UserEvent) {
        let account = event.account();
        let Some(sinks) = self.0.by_account.get_mut(&account) else { return };
        let event = Arc::new(event);
        sinks.retain(|sink| match sink.events.try_send(Arc::clone(&event)) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                sink.end.store(End::SlowReader as u8, Ordering::Release);
                false
            }
            Err(TrySendError::Closed(_)) => false,
        });
        if sinks.is_empty() {
            self.0.by_account.remove(&account);
        }
    }
}

/// The events of one account, in order. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    hub: Arc<Hub>,
    account: AccountId,
    id: u64,
    events: mpsc::Receiver<Arc<UserEvent>>,
    end: Arc<AtomicU8>,
}

impl Subscription {
    /// Most subscriptions of one account.
    pub const MAX_PER_ACCOUNT: usize = 100;

    /// Whose events they are.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The next event, as soon as there is one.
    ///
    /// # Errors
    /// [`End`] when no event will follow; those that waited were given before.
    pub async fn recv(&mut self) -> Result<Arc<UserEvent>, End> {
        self.events.recv().await.ok_or_else(|| self.end())
    }

    /// The next event if it is here already.
    ///
    /// # Errors
    /// As [`Subscription::recv`].
    pub fn try_recv(&mut self) -> Result<Option<Arc<UserEvent>>, End> {
        match self.events.try_recv() {
            Ok(event) => Ok(Some(event)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(self.end()),
        }
    }

    fn end(&self) -> End {
        match self.end.load(Ordering::Acquire) {
            1 => End::SlowReader,
            2 => End::Resync,
            _ => End::Stopped,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.0.lock().remove(self.account, self.id);
    }
}
