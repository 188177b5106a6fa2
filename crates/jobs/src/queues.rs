//! What limits a queue: a pause, how many jobs run at once, and how many begin in a span of time. All of it holds across processes,
//! because it is kept in the queue's row and every claim locks that.

use std::time::Duration;

use serde::Serialize;

use crate::job::check_name;
use crate::jobs::MOST_QUEUES;
use crate::store::{from_time, queue};
use crate::{Error, Jobs};

/// The most that a limit can be set to.
const MOST: u32 = 1_000_000;
/// The shortest and the longest window of a rate.
const WINDOWS: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(31 * 86_400)];

/// How many jobs may begin in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// So many attempts.
    pub jobs: u32,
    /// In each window of this length. A window begins with the first attempt after the last window's end, so that around that
    /// end up to twice as many may begin in a short time.
    pub per: Duration,
}

/// The limits of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Limits {
    /// Jobs that run at once in all processes.
    pub concurrency: Option<u32>,
    /// Jobs that begin.
    pub rate: Option<Rate>,
}

/// A queue as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Whether no job is given out.
    pub paused: bool,
    /// Its limits.
    pub limits: Limits,
}

impl Jobs {
    /// Sets what limits a queue, in place of what did. Jobs that run go on.
    ///
    /// # Errors
    /// [`Error::Invalid`], or the database's.
    pub async fn set_limits(&self, name: &str, limits: Limits) -> Result<(), Error> {
        check_name("queue", name)?;
        check(&limits)?;
        let rate = limits.rate.map(|rate| (i64::from(rate.jobs), micros(rate.per)));
        let write = self.db().begin().await?;
        queue::ensure(&write, name).await?;
        queue::set_limits(&write, name, limits.concurrency.map(i64::from), rate).await?;
        write.commit().await?;
        self.set_limited(name, limits != Limits::default())?;
        self.wake(name);
        Ok(())
    }

    /// Pauses a queue: when this returns, no job of it is given out in any process until it is resumed. Jobs that run go on, and
    /// jobs can be enqueued.
    ///
    /// # Errors
    /// [`Error::Invalid`], or the database's.
    pub async fn pause(&self, name: &str) -> Result<(), Error> {
        self.set_paused(name, true).await
    }

    /// Lets a paused queue go on.
    ///
    /// # Errors
    /// As [`Jobs::pause`].
    pub async fn resume(&self, name: &str) -> Result<(), Error> {
        self.set_paused(name, false).await
    }

    async fn set_paused(&self, name: &str, paused: bool) -> Result<(), Error> {
        check_name("queue", name)?;
        let write = self.db().begin().await?;
        queue::ensure(&write, name).await?;
        queue::set_paused(&write, name, paused).await?;
        write.commit().await?;
        self.wake(name);
        Ok(())
    }

    /// The queues that a worker has looked into, or that somebody has set, by name; at most 1,000.
    ///
    /// # Errors
    /// The database's.
    pub async fn queues(&self) -> Result<Vec<Queue>, Error> {
        let rows = queue::all(self.db().read(), MOST_QUEUES as u64).await?;
        Ok(rows.into_iter().map(read).collect())
    }
}

fn check(limits: &Limits) -> Result<(), Error> {
    let counts = [limits.concurrency, limits.rate.map(|rate| rate.jobs)];
    if counts.into_iter().flatten().any(|count| !(1..=MOST).contains(&count)) {
        let why = format!("a limit is 1 to {MOST}; to stop a queue, pause it");
        return Err(Error::Invalid { what: "limits", why });
    }
    if limits.rate.is_some_and(|rate| rate.per < WINDOWS[0] || rate.per > WINDOWS[1]) {
        return Err(Error::Invalid { what: "limits", why: "a rate is over 10 ms to 31 days".to_owned() });
    }
    Ok(())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn read(row: queue::Model) -> Queue {
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let rate = row.rate_jobs.zip(row.rate_us);
    let rate = rate.map(|(jobs, us)| Rate { jobs: count(jobs), per: Duration::from_micros(from_time(us)) });
    Queue { name: row.name, paused: row.paused != 0, limits: Limits { concurrency: row.concurrency.map(count), rate } }
}

/// A window of a queue's rate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) begins_us: i64,
    /// Jobs that began in it.
    pub(crate) used: i64,
    /// Jobs that may still begin in it.
    pub(crate) left: i64,
    /// When the next one may begin, in microseconds from now.
    pub(crate) again_us: u64,
}

/// The window at this time; `None` if the queue has no rate. A clock that was set back before its window, like one that has passed
/// its end, begins a new one: a jump costs at most one window's worth of jobs too many, and never holds them up.
pub(crate) fn window(row: &queue::Model, now_us: i64) -> Option<Window> {
    let (jobs, per_us) = row.rate_jobs.zip(row.rate_us)?;
    let end_us = row.window_us.saturating_add(per_us);
    let (begins_us, used) =
        if (row.window_us..end_us).contains(&now_us) { (row.window_us, row.window_jobs) } else { (now_us, 0) };
    let again_us = from_time(begins_us.saturating_add(per_us).saturating_sub(now_us));
    Some(Window { begins_us, used, left: (jobs - used).max(0), again_us })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_the_clock_wherever_it_jumps() {
        let row = queue::Model {
            name: "mail".to_owned(),
            paused: 0,
            concurrency: None,
            rate_jobs: Some(10),
            rate_us: Some(100),
            window_us: 1_000,
            window_jobs: 7,
        };
        let at = |now_us| window(&row, now_us).map(|window| (window.begins_us, window.left, window.again_us));
        assert_eq!(at(1_000), Some((1_000, 3, 100)));
        assert_eq!(at(1_099), Some((1_000, 3, 1)));
        assert_eq!(at(1_100), Some((1_100, 10, 100)));
        assert_eq!(at(999), Some((999, 10, 100)), "set back");
        assert_eq!(at(9_000_000), Some((9_000_000, 10, 100)), "set forward");
        assert_eq!(window(&queue::Model { rate_jobs: None, ..row }, 1_000), None);
    }
}
