//! How far the journal is durable, for everybody who waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// The durable position, and whether it will ever move again.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    durable: AtomicU64,
    stopped: AtomicBool,
    lock: Mutex<()>,
    moved: Condvar,
    /// Wakes tasks that wait for the end.
    end: tokio::sync::Notify,
}

impl Progress {
    pub(crate) fn new(durable: u64) -> Self {
        Self { durable: AtomicU64::new(durable), ..Self::default() }
    }

    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(crate) fn advance(&self, durable: u64) {
        self.durable.store(durable, Ordering::Release);
        let _guard = self.lock.lock();
        self.moved.notify_all();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        let _guard = self.lock.lock();
        self.moved.notify_all();
        self.end.notify_waiters();
    }

    /// Waits until the durable position is above `position`, the node stops, or the time is over.
    pub(crate) fn wait_above(&self, position: u64, timeout: Duration) {
        let mut guard = self.lock.lock();
        if self.durable() <= position && !self.is_stopped() {
            self.moved.wait_for(&mut guard, timeout);
        }
    }

    /// Resolves when the node has stopped.
    pub(crate) async fn stopped(&self) {
        let notified = self.end.notified();
        let mut notified = std::pin::pin!(notified);
        notified.as_mut().enable();
        if !self.is_stopped() {
            notified.await;
        }
    }
}
