//! One way to stop: SIGTERM, SIGINT or a fatal error trigger a token, tasks end, and the wait for them is bounded.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

pub use tokio_util::sync::CancellationToken;

use crate::Error;

/// The shutdown of a process: who may ask for it, who must know of it, and who is waited for. Clones are the same shutdown.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    requested: CancellationToken,
    /// A second signal: stop waiting.
    forced: CancellationToken,
    tasks: TaskTracker,
    names: Arc<Mutex<BTreeMap<&'static str, usize>>>,
}

impl Shutdown {
    /// Nothing requested, no task yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes SIGTERM and SIGINT trigger this shutdown; a second one ends the wait for tasks at once.
    ///
    /// # Errors
    /// [`Error::Signals`] if the handlers cannot be installed. Must be called within a tokio runtime.
    pub fn listen_for_signals(&self) -> Result<(), Error> {
        let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                if shutdown.is_triggered() {
                    tracing::warn!(signal = name, "second signal: not waiting any longer");
                    shutdown.forced.cancel();
                    return;
                }
                shutdown.trigger(name);
            }
        });
        Ok(())
    }

    /// A token that is cancelled when the shutdown begins.
    pub fn token(&self) -> CancellationToken {
        self.requested.clone()
    }

    /// Begins the shutdown; `reason` goes to the log. Later calls do nothing.
    pub fn trigger(&self, reason: &str) {
        if !self.requested.is_cancelled() {
            tracing::info!(reason, "shutting down");
            self.requested.cancel();
        }
    }

    /// Whether the shutdown has begun.
    pub fn is_triggered(&self) -> bool {
        self.requested.is_cancelled()
    }

    /// Waits until the shutdown begins.
    pub async fn requested(&self) {
        self.requested.cancelled().await;
    }

    /// Runs a task that [`drain`](Self::drain) waits for, and names it there if it does not end. The task itself must
    /// watch [`token`](Self::token).
    pub fn spawn<F>(&self, name: &'static str, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let running = Running::enter(name, self.names.clone());
        self.tasks.spawn(async move {
            let _running = running;
            task.await
        })
    }

    /// Waits until every task has ended, but no longer than `limit` and not past a second signal. Begins the shutdown if
    /// nobody has.
    ///
    /// # Errors
    /// [`Error::DrainTimeout`] with the names of the tasks that still run; they are left running.
    pub async fn drain(&self, limit: Duration) -> Result<(), Error> {
        self.trigger("drain");
        self.tasks.close();
        tokio::select! {
            biased;
            () = self.tasks.wait() => return Ok(()),
            () = self.forced.cancelled() => {}
            () = tokio::time::sleep(limit) => {}
        }
        Err(Error::DrainTimeout { names: self.names.lock().keys().copied().collect() })
    }
}

/// Counts a running task under its name until dropped: also when the task panics or is aborted.
struct Running {
    name: &'static str,
    names: Arc<Mutex<BTreeMap<&'static str, usize>>>,
}

impl Running {
    fn enter(name: &'static str, names: Arc<Mutex<BTreeMap<&'static str, usize>>>) -> Self {
        *names.lock().entry(name).or_default() += 1;
        Self { name, names }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut names = self.names.lock();
        if let Some(count) = names.get_mut(self.name) {
            *count -= 1;
            if *count == 0 {
                names.remove(self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn drain_waits_for_tasks_that_watch_the_token() {
        let shutdown = Shutdown::new();
        let token = shutdown.token();
        let task = shutdown.spawn("polite", async move {
            token.cancelled().await;
            42
        });
        assert!(!shutdown.is_triggered());
        shutdown.drain(Duration::from_secs(10)).await.unwrap();
        assert!(shutdown.is_triggered());
        assert_eq!(task.await.unwrap(), 42);
    }

    #[tokio::test]
    async fn drain_names_the_tasks_that_do_not_end() {
        let shutdown = Shutdown::new();
        shutdown.spawn("stuck", std::future::pending::<()>());
        shutdown.spawn("panicked", async { panic!("as tests do") });
        let error = shutdown.drain(Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.to_string(), "not ended in time: stuck");
    }
}
