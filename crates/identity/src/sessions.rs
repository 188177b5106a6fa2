//! Sessions: what a sign-in begins, and how it goes on and ends.

use std::time::Duration;

use moka::sync::Cache;
use runtime::entropy::alphanumeric;
use runtime::secrets::Secret;
use sea_orm::DatabaseTransaction;

use crate::base::Base;
use crate::lockouts::network;
use crate::one_time::{secret_token, token_hash};
use crate::ports::{Device, News};
use crate::store::session::{self as store, Alive, Model};
use crate::store::{from_sql, refresh_token, user as user_store};
use crate::user::{User, UserId, UserState};
use crate::{Error, Refusal};

/// How long a session found in SQL is believed: another process's end of it takes so long to reach this one.
pub const SESSION_CACHE_SECONDS: u64 = 5;
/// How often one session may be refreshed; after that it ends.
pub const MAX_ROTATIONS: i64 = 10_000;

/// Sessions kept in memory, and ended ones, some hundred bytes each.
const CACHED: u64 = 100_000;
/// An ended session is remembered for longer than any access token of it lives.
const ENDED_SECONDS: u64 = 2 * 3_600;
const SID_CHARS: usize = 24;
/// How long an ended session stays on record: devices are known again by it.
const KEPT_US: u64 = 90 * 24 * 3_600 * 1_000_000;
const PURGED_AT_ONCE: u64 = 1_000;

/// How somebody proved who he is (RFC 8176).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amr {
    /// A password.
    Password,
    /// A code of an authenticator.
    Otp,
    /// A recovery code.
    Recovery,
    /// A passkey.
    Passkey,
    /// A signature of a wallet.
    Wallet,
    /// The word of another site.
    Federated,
}

impl Amr {
    /// The name in the claim `amr`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Otp => "otp",
            Self::Recovery => "kba",
            Self::Passkey => "hwk",
            Self::Wallet => "swk",
            Self::Federated => "fed",
        }
    }
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Its public name, which is also the claim `sid`.
    pub sid: String,
    /// Whose it is.
    pub user: UserId,
    /// From where it was used last.
    pub ip: String,
    /// What the client said of itself when it began.
    pub user_agent: String,
    /// The country where it began, if that is known.
    pub country: Option<String>,
    /// How its owner proved who he is.
    pub amr: Vec<String>,
    /// When it began, in microseconds since 1970.
    pub created_at_us: u64,
    /// When it was refreshed last.
    pub last_used_at_us: u64,
    /// When it ends at the latest.
    pub expires_at_us: u64,
}

/// A session that was just begun or refreshed.
#[derive(Debug)]
pub struct Opened {
    /// The session.
    pub session: SessionInfo,
    /// What refreshes it, once.
    pub refresh: Secret<String>,
}

/// All sessions: in SQL, the live ones in memory for a few seconds.
#[derive(Debug)]
pub struct Sessions {
    base: Base,
    /// What was found in SQL; `None`: no such live session.
    known: Cache<String, Option<UserId>>,
    /// What this process ended: it is refused here whatever [`Self::known`] says.
    ended: Cache<String, ()>,
}

impl Sessions {
    pub(crate) fn new(base: Base) -> Self {
        Self { base, known: cache(SESSION_CACHE_SECONDS), ended: cache(ENDED_SECONDS) }
    }

    /// Begins a session in the caller's transaction, under a new name always: whoever knew a name before the sign-in knows nothing
    /// afterwards. A device that was not seen before is told to the user. The sessions that had to end for it are given to
    /// [`forget`](Self::forget) after the commit.
    pub(crate) async fn open(
        &self,
        write: &DatabaseTransaction,
        user: &User,
        amr: &[Amr],
        device: &Device,
        now_us: u64,
    ) -> Result<(Opened, Vec<String>), Error> {
        let settings = &self.base.settings;
        let place = network(device.ip, 24, 48).to_string();
        let (any, same) = store::known(write, user.id, &device.user_agent, &place).await?;
        if any && !same {
            self.base.notify(write, user, News::NewDevice { device: device.clone() }, now_us).await?;
        }
        let live = store::lock_all(write, user.id, None).await?;
        let mut oldest: Vec<&Model> = live.iter().collect();
        oldest.sort_by_key(|row| row.last_used_at_us);
        let room = usize::try_from(settings.sessions_per_user).unwrap_or(usize::MAX);
        let too_many = (live.len() + 1).saturating_sub(room);
        let mut ended = Vec::new();
        for row in oldest.into_iter().take(too_many) {
            store::end(write, row.id, "too many", now_us).await?;
            ended.push(row.sid.clone());
        }
        let sid = alphanumeric(&*self.base.random, SID_CHARS).expose().clone();
        let amr: Vec<&str> = amr.iter().map(|one| one.name()).collect();
        let new = store::New {
            sid: &sid,
            user: user.id,
            device,
            network: place,
            amr: amr.join(" "),
            now_us,
            expires_at_us: now_us + settings.session_lifetime_us(),
        };
        let row = store::insert(write, new).await?;
        let refresh = self.add_token(write, row.id, now_us).await?;
        Ok((Opened { session: info(row), refresh }, ended))
    }

    /// Trades a refresh token for a new one. A token that was used before ends its session, because then two hold it: who lost the
    /// answer of an honest refresh signs in again.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`] whatever is wrong with the token, its session or its user.
    pub async fn refresh(&self, token: &Secret<String>, device: &Device, now_us: u64) -> Result<(User, Opened), Error> {
        let refused = || Error::Refused(Refusal::SessionEnded);
        let hash = token_hash(token.expose()).ok_or_else(refused)?;
        let write = self.base.db.begin().await?;
        let row = refresh_token::by_hash(&write, &hash).await?.ok_or_else(refused)?;
        let session = store::by_id(&write, row.session_id).await?.ok_or_else(refused)?;
        let user = user_store::by_id(&write, UserId(session.user_id)).await?.ok_or_else(refused)?;
        if !refresh_token::take(&write, row.id, now_us).await? {
            // `take` is the only judge: of two requests at the same moment with one token, the second ends the session as well.
            if store::end(&write, session.id, "refresh token used twice", now_us).await? {
                self.base.notify(&write, &user, News::SessionStolen, now_us).await?;
            }
            write.commit().await?;
            self.forget([session.sid]);
            self.base.db.make_durable().await?;
            return Err(refused());
        }
        let alive = session.ended_at_us.is_none()
            && from_sql(session.expires_at_us) > now_us
            && from_sql(session.last_used_at_us) + self.base.settings.session_idle_us() > now_us
            && session.rotations < MAX_ROTATIONS
            && user.state == UserState::Active;
        if !alive || !store::set_used(&write, session.id, device, now_us).await? {
            return Err(refused());
        }
        let refresh = self.add_token(&write, session.id, now_us).await?;
        write.commit().await?;
        // What is not durable may be undone by a loss of power: the client then holds a token that nobody knows, and signs in again.
        self.base.db.make_durable().await?;
        let mut session = info(session);
        session.last_used_at_us = now_us;
        session.ip = device.ip.to_string();
        Ok((user, Opened { session, refresh }))
    }

    /// Whose live session this is: from memory for a few seconds. What this process ended is refused at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn owner(&self, sid: &str, now_us: u64) -> Result<Option<UserId>, Error> {
        if sid.len() != SID_CHARS || self.ended.contains_key(sid) {
            return Ok(None);
        }
        if let Some(known) = self.known.get(sid) {
            return Ok(known);
        }
        let row = store::by_sid(self.base.db.read(), sid).await?;
        let idle_us = self.base.settings.session_idle_us();
        let alive = row.filter(|row| {
            row.ended_at_us.is_none()
                && from_sql(row.expires_at_us) > now_us
                && from_sql(row.last_used_at_us) + idle_us > now_us
        });
        let owner = alive.map(|row| UserId(row.user_id));
        self.known.insert(sid.to_owned(), owner);
        // Looked at again, because it may have been ended while SQL was read.
        Ok(owner.filter(|_| !self.ended.contains_key(sid)))
    }

    /// The user's live sessions, the one used last first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, user: UserId, now_us: u64) -> Result<Vec<SessionInfo>, Error> {
        let alive = Alive { now_us, used_after_us: now_us.saturating_sub(self.base.settings.session_idle_us()) };
        let limit = self.base.settings.sessions_per_user;
        let rows = store::live(self.base.db.read(), user, alive, limit).await?;
        Ok(rows.into_iter().map(info).collect())
    }

    /// Ends one of the user's sessions. `false`: the user has no such live session.
    ///
    /// # Errors
    /// The database's.
    pub async fn end(&self, user: UserId, sid: &str, now_us: u64) -> Result<bool, Error> {
        let write = self.base.db.begin().await?;
        let row = store::by_sid(&write, sid).await?.filter(|row| row.user_id == user.0);
        let Some(row) = row else { return Ok(false) };
        let ended = store::end(&write, row.id, "signed out", now_us).await?;
        write.commit().await?;
        self.forget([row.sid]);
        self.base.db.make_durable().await?;
        Ok(ended)
    }

    /// Ends the user's sessions, or all but one, and says how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_all(&self, user: UserId, except: Option<&str>, now_us: u64) -> Result<usize, Error> {
        let write = self.base.db.begin().await?;
        let ended = self.end_all_in(&write, user, except, "ended by the user", now_us).await?;
        write.commit().await?;
        let count = ended.len();
        self.forget(ended);
        self.base.db.make_durable().await?;
        Ok(count)
    }

    /// Ends the user's sessions, or all but one, in the caller's transaction; what it gives is for [`forget`](Self::forget), after the
    /// commit.
    pub(crate) async fn end_all_in(
        &self,
        write: &DatabaseTransaction,
        user: UserId,
        except: Option<&str>,
        reason: &str,
        now_us: u64,
    ) -> Result<Vec<String>, Error> {
        let rows = store::lock_all(write, user, except).await?;
        let mut ended = Vec::with_capacity(rows.len());
        for row in rows {
            store::end(write, row.id, reason, now_us).await?;
            ended.push(row.sid);
        }
        Ok(ended)
    }

    /// Refuses these sessions from now on in this process.
    pub(crate) fn forget(&self, sids: impl IntoIterator<Item = String>) {
        for sid in sids {
            self.ended.insert(sid.clone(), ());
            self.known.invalidate(&sid);
        }
    }

    /// Deletes what ended 90 days ago, at most a thousand, and says how many. Call it about every hour.
    ///
    /// # Errors
    /// The database's.
    pub async fn purge(&self, now_us: u64) -> Result<u64, Error> {
        let old = store::old(self.base.db.read(), now_us.saturating_sub(KEPT_US), PURGED_AT_ONCE).await?;
        if old.is_empty() {
            return Ok(0);
        }
        let write = self.base.db.begin().await?;
        refresh_token::delete_of(&write, &old).await?;
        let deleted = store::delete(&write, &old).await?;
        write.commit().await?;
        Ok(deleted)
    }

    async fn add_token(&self, write: &DatabaseTransaction, session: i64, now_us: u64) -> Result<Secret<String>, Error> {
        let token = secret_token(&*self.base.random);
        let hash = token_hash(token.expose()).ok_or_else(|| Error::Internal("a new token is none".to_owned()))?;
        refresh_token::insert(write, session, hash, now_us).await?;
        Ok(token)
    }
}

fn info(row: Model) -> SessionInfo {
    SessionInfo {
        user: UserId(row.user_id),
        amr: row.amr.split(' ').map(str::to_owned).collect(),
        created_at_us: from_sql(row.created_at_us),
        last_used_at_us: from_sql(row.last_used_at_us),
        expires_at_us: from_sql(row.expires_at_us),
        sid: row.sid,
        ip: row.ip,
        user_agent: row.user_agent,
        country: row.country,
    }
}

fn cache<V: Clone + Send + Sync + 'static>(seconds: u64) -> Cache<String, V> {
    Cache::builder().max_capacity(CACHED).time_to_live(Duration::from_secs(seconds)).build()
}
