//! Beginning, finishing and repeating requests.

use std::sync::Arc;

use db::Db;
use runtime::entropy::{Random, alphanumeric};
use runtime::secrets::SealingKey;

use crate::store::{self, Row};
use crate::{Answer, Error, Fingerprint, Key, Scope};

/// How long an answer is kept.
const KEPT_US: u64 = 24 * 3_600 * 1_000_000;
/// Old answers that one call of [`Answers::purge`] deletes at most.
const PURGED_AT_ONCE: u64 = 1_000;
/// Characters of the name of a claim.
const CLAIM_CHARS: usize = 22;

/// All answers.
#[derive(Debug, Clone)]
pub struct Answers {
    db: Db,
    sealing: SealingKey,
    random: Arc<dyn Random>,
    /// A request without an answer that began longer ago is not under way any more.
    longest_us: u64,
}

/// What became of the wish to begin.
#[derive(Debug)]
pub enum Begun {
    /// Go on, and finish it or release it.
    Fresh(Claim),
    /// It was done before, and this was the answer.
    Replay(Answer),
    /// The key was used for another request.
    Mismatch,
    /// The first request with this key is not answered yet.
    UnderWay,
    /// The first request with this key was never answered: nobody knows whether it happened.
    Unknown,
}

/// The right, and the duty, to answer a request.
#[derive(Debug)]
#[must_use = "a claim that is neither finished nor released makes its key useless"]
pub struct Claim {
    scope: Scope,
    key: Key,
    /// Its own name: a claim that was given up on does not finish another's.
    name: String,
}

impl Answers {
    /// Answers in this database. `longest_us` is how long a request may take at most.
    pub fn new(db: Db, sealing: SealingKey, random: Arc<dyn Random>, longest_us: u64) -> Self {
        Self { db, sealing, random, longest_us }
    }

    /// Begins a request, if it has not begun before.
    ///
    /// # Errors
    /// The database's, and [`Error::Unusable`] for a row that was changed by hand.
    pub async fn begin(&self, scope: Scope, key: Key, fingerprint: Fingerprint, now_us: u64) -> Result<Begun, Error> {
        let name = alphanumeric(&*self.random, CLAIM_CHARS).expose().clone();
        let claim = Claim { scope, key, name };
        let write = self.db.begin().await?;
        // An answer that is too old gives its key back here, whether or not it was purged yet.
        store::delete_expired(&write, claim.scope.as_str(), claim.key.as_str(), now_us).await?;
        let row = Row {
            scope: claim.scope.as_str().to_owned(),
            key: claim.key.as_str().to_owned(),
            claim: claim.name.clone(),
            fingerprint: self.seal(&claim.scope, &claim.key, b"fingerprint", &fingerprint.0),
            answer: None,
            begun_at_us: now_us.cast_signed(),
            expires_at_us: now_us.saturating_add(KEPT_US).cast_signed(),
        };
        if store::insert(&write, row).await? {
            write.commit().await?;
            return Ok(Begun::Fresh(claim));
        }
        let Some(row) = store::find(&write, claim.scope.as_str(), claim.key.as_str()).await? else {
            // It was released between the two statements: the client may simply ask again.
            return Ok(Begun::UnderWay);
        };
        let first = self.open(&claim.scope, &claim.key, b"fingerprint", &row.fingerprint)?;
        if first != fingerprint.0 {
            return Ok(Begun::Mismatch);
        }
        match row.answer {
            Some(sealed) => {
                let bytes = self.open(&claim.scope, &claim.key, b"answer", &sealed)?;
                Answer::from_bytes(&bytes).map(Begun::Replay).ok_or(Error::Unusable("it is cut"))
            }
            None if now_us.saturating_sub(row.begun_at_us.cast_unsigned()) > self.longest_us => Ok(Begun::Unknown),
            None => Ok(Begun::UnderWay),
        }
    }

    /// Stores the answer. One that is too long to be stored leaves the key unanswered.
    ///
    /// # Errors
    /// The database's: the request was done all the same, and the key stays unanswered.
    pub async fn finish(&self, claim: Claim, answer: &Answer) -> Result<(), Error> {
        let Some(bytes) = answer.to_bytes() else { return Ok(()) };
        let sealed = self.seal(&claim.scope, &claim.key, b"answer", &bytes);
        let write = self.db.begin().await?;
        store::set_answer(&write, claim.scope.as_str(), claim.key.as_str(), &claim.name, sealed).await?;
        Ok(write.commit().await?)
    }

    /// Gives the key back: nothing happened, and the request may be sent again under it.
    ///
    /// # Errors
    /// The database's: the key then stays unanswered.
    pub async fn release(&self, claim: Claim) -> Result<(), Error> {
        let write = self.db.begin().await?;
        store::delete(&write, claim.scope.as_str(), claim.key.as_str(), &claim.name).await?;
        Ok(write.commit().await?)
    }

    /// Deletes answers that are too old, a bounded number of them, and says how many. Call it about every minute.
    ///
    /// # Errors
    /// The database's; the next call goes on.
    pub async fn purge(&self, now_us: u64) -> Result<u64, Error> {
        let write = self.db.begin().await?;
        let deleted = store::purge(&write, now_us, PURGED_AT_ONCE).await?;
        write.commit().await?;
        Ok(deleted)
    }

    fn seal(&self, scope: &Scope, key: &Key, what: &[u8], plain: &[u8]) -> Vec<u8> {
        self.sealing.seal(&*self.random, &bound_to(scope, key, what), plain)
    }

    fn open(&self, scope: &Scope, key: &Key, what: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let opened = self.sealing.open(&bound_to(scope, key, what), sealed);
        opened.map(|plain| plain.expose().clone()).map_err(|_| Error::Unusable("it does not open"))
    }
}

/// What sealed bytes are bound to. Neither a scope's parts nor a key have a line feed.
fn bound_to(scope: &Scope, key: &Key, what: &[u8]) -> Vec<u8> {
    [b"idempotency\n", what, b"\n", scope.as_str().as_bytes(), b"\n", key.as_str().as_bytes()].concat()
}
