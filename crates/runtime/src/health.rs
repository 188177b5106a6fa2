//! Whether this process can do its work: named checks, asked by `/readyz`.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::RwLock;

/// How long one check may take before it counts as failed.
const CHECK_LIMIT: Duration = Duration::from_secs(2);

type Outcome = Result<(), String>;
type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// The readiness checks of a process. Clones share them.
#[derive(Clone, Default)]
pub struct Health {
    states: Arc<RwLock<BTreeMap<&'static str, Outcome>>>,
    checks: Arc<RwLock<BTreeMap<&'static str, Check>>>,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").field("states", &*self.states.read()).finish_non_exhaustive()
    }
}

/// What `/readyz` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether every component is ready.
    pub ready: bool,
    /// Each component by name, with the reason if it is not ready. Reasons are for operators: they name no secret.
    pub components: Vec<(&'static str, Result<(), String>)>,
}

/// One part of the process, which says itself whether it is ready.
#[derive(Debug, Clone)]
pub struct Component {
    name: &'static str,
    health: Health,
}

impl Component {
    /// This part works.
    pub fn ready(&self) {
        self.health.states.write().insert(self.name, Ok(()));
    }

    /// This part does not work, and why.
    pub fn not_ready(&self, reason: impl Into<String>) {
        self.health.states.write().insert(self.name, Err(reason.into()));
    }
}

impl Health {
    /// No component yet: ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a component that reports its own state; until it does, it is "starting" and the process not ready.
    pub fn component(&self, name: &'static str) -> Component {
        let component = Component { name, health: self.clone() };
        component.not_ready("starting");
        component
    }

    /// Adds a check that is asked at every report, for at most two seconds. A check of the same name is replaced.
    pub fn check<F, R>(&self, name: &'static str, check: F)
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.write().insert(name, Arc::new(move || Box::pin(check())));
    }

    /// Asks every check at once and gives the state of all components, by name.
    pub async fn report(&self) -> Report {
        let checks: Vec<(&'static str, Check)> =
            self.checks.read().iter().map(|(name, check)| (*name, check.clone())).collect();
        let asked = join_all(checks.into_iter().map(|(name, check)| async move {
            let outcome = tokio::time::timeout(CHECK_LIMIT, check()).await;
            (name, outcome.unwrap_or_else(|_| Err(format!("no answer within {} s", CHECK_LIMIT.as_secs()))))
        }));
        let mut components = self.states.read().clone();
        components.extend(asked.await);
        Report { ready: components.values().all(Result::is_ok), components: components.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_ready_when_all_of_it_is() {
        let health = Health::new();
        assert!(health.report().await.ready);
        let journal = health.component("journal");
        health.check("database", || async { Ok(()) });
        assert_eq!(
            health.report().await,
            Report { ready: false, components: vec![("database", Ok(())), ("journal", Err("starting".into()))] }
        );
        journal.ready();
        assert!(health.report().await.ready);
        journal.not_ready("disk full");
        assert!(!health.report().await.ready);
    }

    #[tokio::test]
    async fn a_check_that_hangs_counts_as_failed() {
        let health = Health::new();
        health.check("database", std::future::pending);
        let report = health.report().await;
        assert_eq!(report.components, vec![("database", Err("no answer within 2 s".into()))]);
    }
}
