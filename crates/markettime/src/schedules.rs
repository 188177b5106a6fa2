//! Schedules in SQL, and the record of the changes that they brought about.

use db::Db;
use model::{MarketState, SourceSeq, Timestamp};

use crate::store::{change, schedule};
use crate::{Error, Last, MAX_SCHEDULES, Rules, Schedule, Standing};

/// Changes that are read in one go.
const PAGE: u64 = 1_000;

/// A schedule as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its rules.
    pub rules: Rules,
    /// The rules, ready to be asked.
    pub schedule: Schedule,
    /// When it came into force.
    pub imported: Timestamp,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// It was written down, and perhaps sent.
    Pending = 0,
    /// The engine has applied it.
    Applied = 1,
    /// The market was in this state already.
    Already = 2,
    /// Somebody had set the market's state by hand.
    ByHand = 3,
    /// The engine refused it.
    Refused = 4,
    /// It was too late for it after a stop.
    Missed = 5,
}

impl Outcome {
    /// Those after which the change is not tried again.
    const SETTLED: [Self; 3] = [Self::Applied, Self::Already, Self::ByHand];

    const fn code(self) -> i64 {
        // Widening; `From` is not const.
        self as u8 as i64
    }
}

/// A change that was written down and perhaps sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The market.
    pub symbol: String,
    /// Its position among the commands of the source.
    pub source_seq: SourceSeq,
    /// When it was due.
    pub due: Timestamp,
    /// The state that it sets.
    pub standing: Standing,
}

/// The tables `markettime_*`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Schedules {
    db: Db,
}

impl Schedules {
    /// Those in this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Puts schedules into force, each over the one that its market has; all or none. They survive a loss of power.
    ///
    /// # Errors
    /// [`Error::Rule`], [`Error::TooManySchedules`], or the database's.
    pub async fn import(&self, rules: &[Rules], now: Timestamp) -> Result<(), Error> {
        let write = self.db.begin().await?;
        for rules in rules {
            Schedule::new(rules)?;
            let text = serde_json::to_string(rules)
                .map_err(|error| Error::Unusable { symbol: rules.symbol.clone(), what: error.to_string() })?;
            // It comes into force after all that was dealt with, whatever the clock says.
            let newest = change::newest(&write, &rules.symbol, &Outcome::ALL).await?;
            let imported = newest.map_or(0, |row| row.due_us + 1).max(to_sql(now));
            schedule::put(&write, &rules.symbol, text, imported).await?;
        }
        if schedule::count(&write).await? > MAX_SCHEDULES as u64 {
            return Err(Error::TooManySchedules);
        }
        write.commit().await?;
        Ok(self.db.make_durable().await?)
    }

    /// Takes a market's schedule away; the market keeps the state that it is in. `false`: it had none.
    ///
    /// # Errors
    /// The database's.
    pub async fn remove(&self, symbol: &str) -> Result<bool, Error> {
        let write = self.db.begin().await?;
        let removed = schedule::remove(&write, symbol).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(removed)
    }

    /// All schedules, by symbol.
    ///
    /// # Errors
    /// [`Error::Unusable`] for a row that cannot be read, or the database's.
    pub async fn list(&self) -> Result<Vec<Stored>, Error> {
        schedule::all(self.db.read(), MAX_SCHEDULES as u64).await?.into_iter().map(stored).collect()
    }

    /// A market's schedule.
    ///
    /// # Errors
    /// As [`Schedules::list`].
    pub async fn find(&self, symbol: &str) -> Result<Option<Stored>, Error> {
        schedule::find(self.db.read(), symbol).await?.map(stored).transpose()
    }

    /// The last change of a market that was dealt with.
    ///
    /// # Errors
    /// The database's.
    pub async fn last(&self, symbol: &str) -> Result<Option<Last>, Error> {
        let row = change::newest(self.db.read(), symbol, &Outcome::SETTLED.map(Outcome::code)).await?;
        Ok(row.map(|row| Last { due: from_sql(row.due_us), by_hand: row.outcome == Outcome::ByHand.code() }))
    }

    /// Writes down that a change is about to be sent, and gives its position among the commands of the source, which is
    /// behind `reached`, what the engine has seen of the source. `None`: the change is known already. Survives a loss of power.
    ///
    /// # Errors
    /// The database's; of two processes that begin a change at the same moment, one gets an error.
    pub async fn begin(
        &self,
        symbol: &str,
        due: Timestamp,
        standing: Standing,
        reached: SourceSeq,
    ) -> Result<Option<SourceSeq>, Error> {
        let write = self.db.begin().await?;
        if change::find(&write, symbol, to_sql(due)).await?.is_some() {
            return Ok(None);
        }
        let seq = change::last_seq(&write).await?.max(reached.0.cast_signed()) + 1;
        change::insert(&write, row(symbol, due, standing, Some(seq), Outcome::Pending)).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(Some(SourceSeq(seq.cast_unsigned())))
    }

    /// Writes down a change for which nothing is sent. `false`: it is known already.
    ///
    /// # Errors
    /// The database's.
    pub async fn note(
        &self,
        symbol: &str,
        due: Timestamp,
        standing: Standing,
        outcome: Outcome,
    ) -> Result<bool, Error> {
        let write = self.db.begin().await?;
        if change::find(&write, symbol, to_sql(due)).await?.is_some() {
            return Ok(false);
        }
        change::insert(&write, row(symbol, due, standing, None, outcome)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Writes down what became of a change that was sent.
    ///
    /// # Errors
    /// The database's; the change stays pending, and is sent again at the next start, where the engine knows it.
    pub async fn finish(&self, source_seq: SourceSeq, outcome: Outcome) -> Result<(), Error> {
        let write = self.db.begin().await?;
        change::set_outcome(&write, source_seq.0.cast_signed(), outcome.code()).await?;
        Ok(write.commit().await?)
    }

    /// Changes of which it is not known what became, in the order of the source; at most 1,000.
    ///
    /// # Errors
    /// [`Error::Unusable`] for a row that cannot be read, or the database's.
    pub async fn pending(&self) -> Result<Vec<Pending>, Error> {
        let rows = change::with_outcome(self.db.read(), Outcome::Pending.code(), PAGE).await?;
        rows.into_iter().map(pending).collect()
    }
}

impl Outcome {
    /// The codes of all.
    const ALL: [i64; 6] = [0, 1, 2, 3, 4, 5];
}

fn row(symbol: &str, due: Timestamp, standing: Standing, source_seq: Option<i64>, outcome: Outcome) -> change::Model {
    change::Model {
        symbol: symbol.to_owned(),
        due_us: to_sql(due),
        source_seq,
        state: i64::from(standing.state as u8),
        until_us: to_sql(standing.until),
        outcome: outcome.code(),
    }
}

fn pending(row: change::Model) -> Result<Pending, Error> {
    let state = u8::try_from(row.state).ok().and_then(MarketState::from_code);
    let (Some(state), Some(seq)) = (state, row.source_seq) else {
        return Err(Error::Unusable { symbol: row.symbol, what: "a change has no state".to_owned() });
    };
    let standing = Standing { state, until: from_sql(row.until_us) };
    let source_seq = SourceSeq(seq.cast_unsigned());
    Ok(Pending { symbol: row.symbol, source_seq, due: from_sql(row.due_us), standing })
}

fn stored(row: schedule::Model) -> Result<Stored, Error> {
    let unusable = |what: String| Error::Unusable { symbol: row.symbol.clone(), what };
    let rules: Rules = serde_json::from_str(&row.rules).map_err(|error| unusable(error.to_string()))?;
    let schedule = Schedule::new(&rules).map_err(|error| unusable(error.to_string()))?;
    Ok(Stored { rules, schedule, imported: from_sql(row.imported_us) })
}

/// SQL has no unsigned integers; the largest signed one is in the year 294,247.
fn to_sql(time: Timestamp) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

fn from_sql(us: i64) -> Timestamp {
    Timestamp(u64::try_from(us).unwrap_or(0))
}
