//! Schedules: jobs that are enqueued again and again, at the times of a cron expression.
//!
//! A schedule's row says when it is carried out next. Any number of processes may look; one of them moves the row on and enqueues
//! the job, in one transaction. Occurrences that were missed, because nothing ran or because a clock was set forward, are carried
//! out once together; a clock that is set back makes none come twice, because the row keeps the time that comes next.

use serde::Serialize;
use serde_json::Value;

use crate::calendar::Calendar;
use crate::job::check_name;
use crate::jobs::retry_text;
use crate::store::{self, from_time, schedule};
use crate::{Enqueued, Error, Jobs, NewJob, claim};

/// Schedules that there may be.
pub const MOST_SCHEDULES: u64 = 1_000;
/// Schedules that one look carries out, at most.
const AT_ONCE: u64 = 100;

/// A schedule to be set.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSchedule {
    /// Its name; setting another of the same name replaces it.
    pub name: String,
    /// Five fields of cron, or six with seconds in front.
    pub cron: String,
    /// The time zone, such as `UTC` or `Europe/Zurich`.
    pub zone: String,
    /// What is enqueued. Its time is not looked at. Give it a unique key if one that still runs must not meet the next.
    pub job: NewJob,
}

/// A schedule as administrators see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// The cron expression.
    pub cron: String,
    /// The time zone.
    pub zone: String,
    /// The queue of its jobs.
    pub queue: String,
    /// Their kind.
    pub kind: String,
    /// Their payload.
    pub payload: Value,
    /// When it is carried out next, in microseconds since 1970.
    pub next_us: u64,
    /// Which occurrence was carried out last.
    pub last_us: Option<u64>,
}

impl Jobs {
    /// Sets a schedule. One that is there with the same times keeps the time that comes next, so that setting it at every start
    /// misses nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`], or the database's.
    pub async fn set_schedule(&self, new: &NewSchedule) -> Result<(), Error> {
        check_name("schedule", &new.name)?;
        let calendar = Calendar::parse(&new.cron, &new.zone)?;
        let (payload, retry) = (new.job.check()?, retry_text(&new.job)?);
        let write = self.db().begin().await?;
        let known = schedule::find(&write, &new.name).await?;
        if known.is_none() && schedule::count(&write).await? >= MOST_SCHEDULES {
            return Err(Error::Invalid { what: "schedule", why: format!("there may be {MOST_SCHEDULES}") });
        }
        let same = known.filter(|known| known.cron == new.cron && known.zone == new.zone);
        let next_us = match &same {
            Some(known) => known.next_us,
            None => store::time(calendar.after(self.now_us())?),
        };
        let row = schedule::Model {
            name: new.name.clone(),
            cron: new.cron.clone(),
            zone: new.zone.clone(),
            queue: new.job.queue.clone(),
            kind: new.job.kind.clone(),
            payload,
            priority: new.job.priority.into(),
            unique_key: new.job.unique_key.clone(),
            retry,
            next_us,
            last_us: None,
        };
        schedule::put(&write, row).await?;
        write.commit().await?;
        Ok(())
    }

    /// Takes a schedule away; jobs that it has enqueued stay. `false`: there was none.
    ///
    /// # Errors
    /// The database's.
    pub async fn remove_schedule(&self, name: &str) -> Result<bool, Error> {
        let write = self.db().begin().await?;
        let removed = schedule::remove(&write, name).await?;
        write.commit().await?;
        Ok(removed)
    }

    /// The schedules by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn schedules(&self) -> Result<Vec<Schedule>, Error> {
        let rows = schedule::all(self.db().read(), MOST_SCHEDULES).await?;
        Ok(rows.into_iter().map(shown).collect())
    }

    /// Enqueues a schedule's job now, beside its times.
    ///
    /// # Errors
    /// [`Error::NoSchedule`], or as [`Jobs::enqueue`].
    pub async fn run_schedule(&self, name: &str) -> Result<Enqueued, Error> {
        let write = self.db().begin().await?;
        let row = schedule::find(&write, name).await?.ok_or_else(|| Error::NoSchedule { name: name.to_owned() })?;
        let enqueued = self.enqueue(&write, job(&row)?).await?;
        write.commit().await?;
        self.wake(&row.queue);
        Ok(enqueued)
    }

    /// Carries out the schedules whose time has come. Gives how many jobs were enqueued. Every worker does this each second.
    ///
    /// # Errors
    /// The database's. A schedule that cannot be carried out is logged and does not keep the others.
    pub async fn carry_out(&self) -> Result<u32, Error> {
        let now = self.now_us();
        let mut enqueued = 0;
        for row in schedule::due(self.db().read(), store::time(now), AT_ONCE).await? {
            match self.fire(&row, now).await {
                Ok(true) => enqueued += 1,
                Ok(false) => {}
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => tracing::error!(schedule = row.name, %error, "a schedule cannot be carried out"),
            }
        }
        Ok(enqueued)
    }

    /// `false`: somebody else carried it out.
    async fn fire(&self, row: &schedule::Model, now_us: u64) -> Result<bool, Error> {
        let next = Calendar::parse(&row.cron, &row.zone)?.after(now_us)?;
        let write = self.db().begin().await?;
        if !schedule::advance(&write, &row.name, row.next_us, store::time(next), true).await? {
            return Ok(false);
        }
        self.enqueue(&write, job(row)?).await?;
        write.commit().await?;
        self.wake(&row.queue);
        Ok(true)
    }
}

fn job(row: &schedule::Model) -> Result<NewJob, Error> {
    let payload = serde_json::from_str(&row.payload);
    Ok(NewJob {
        queue: row.queue.clone(),
        kind: row.kind.clone(),
        payload: payload
            .map_err(|_| Error::Unreadable { what: format!("the payload of the schedule {}", row.name) })?,
        priority: i16::try_from(row.priority).unwrap_or(0),
        run_at_us: None,
        unique_key: row.unique_key.clone(),
        retry: claim::retry(&row.retry),
    })
}

fn shown(row: schedule::Model) -> Schedule {
    Schedule {
        payload: serde_json::from_str(&row.payload).unwrap_or(Value::Null),
        name: row.name,
        cron: row.cron,
        zone: row.zone,
        queue: row.queue,
        kind: row.kind,
        next_us: from_time(row.next_us),
        last_us: row.last_us.map(from_time),
    }
}
