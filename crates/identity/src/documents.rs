//! Documents by which users show who they are: uploaded, reviewed, kept sealed.

mod content;
mod document;
mod error;
mod settings;
mod vault;

use std::sync::Arc;

use db::Db;
use db::page::{Keyset, Page};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use runtime::entropy::Random;
use runtime::secrets::{SealingKey, Secret};
use sea_orm::ConnectionTrait;
use tokio::sync::Semaphore;

use crate::Error;
use crate::store::document as store;

pub use content::{MAX_PIXELS, MediaType};
pub use document::{Document, DocumentKind, DocumentState, NewDocument, Verdict};
pub use error::DocumentError;
pub use settings::{DocumentStore, S3Store, open_store};
use vault::Vault;

/// Largest file. It is sealed in one piece.
pub const MAX_DOCUMENT_BYTES: usize = 10 << 20;
/// Documents that one user may have.
pub const MAX_DOCUMENTS: u64 = 20;
/// How long a file may be under way to the store before [`Documents::sweep`] takes it for lost.
pub const LOST_AFTER_SECONDS: u64 = 3_600;

/// Files that are decoded at the same time, up to 50 MB each; further ones wait.
const DECODED_AT_ONCE: usize = 2;
/// Rows that one sweep looks at.
const SWEPT_ROWS: u64 = 100;

/// A file, opened for a reviewer. Serve it as an attachment and with `X-Content-Type-Options: nosniff`.
#[derive(Debug)]
pub struct DocumentContent {
    /// What it is.
    pub media_type: MediaType,
    /// Its bytes.
    pub bytes: Secret<Vec<u8>>,
}

/// The documents of all users.
#[derive(Debug)]
pub struct Documents {
    db: Db,
    random: Arc<dyn Random>,
    vault: Vault,
    decoding: Semaphore,
}

impl Documents {
    /// The documents in `db`, whose files lie in `store`, sealed with `sealing`.
    pub fn new(db: Db, store: DocumentStore, sealing: SealingKey, random: Arc<dyn Random>) -> Self {
        let vault = Vault::new(store, sealing, random.clone());
        Self { db, random, vault, decoding: Semaphore::new(DECODED_AT_ONCE) }
    }

    /// Takes a file in. What it is, its bytes say: a JPEG, PNG or PDF to its last byte, whatever its name. When this returns, it survives a
    /// loss of power.
    ///
    /// # Errors
    /// [`DocumentError::Size`], [`DocumentError::Content`], [`DocumentError::Field`], [`DocumentError::TooMany`], or those of the store and
    /// the database.
    pub async fn upload(
        &self,
        user_id: i64,
        new: NewDocument<'_>,
        bytes: Vec<u8>,
        now_us: u64,
    ) -> Result<Document, Error> {
        if bytes.is_empty() || bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(DocumentError::Size.into());
        }
        new.check(today(now_us)?)?;
        let (media_type, bytes) = self.told(bytes).await?;
        let name = vault::name(&*self.random);
        let number = new.number.map(str::trim).map(|number| self.vault.seal_number(user_id, &name, number));
        let row = store::New {
            user_id,
            kind: new.kind.name(),
            sealed_number: number,
            country: new.country,
            expires_on: new.expires_on.map(|day| day.to_string()),
            file_name: new.label(),
            media_type: media_type.name(),
            bytes: bytes.len() as u64,
            object: name.clone(),
            uploaded_at_us: now_us.cast_signed(),
        };
        // The row comes first, so that no file lies in the store that nothing names: what stays behind when this process dies is found by it.
        let write = self.db.begin().await?;
        // Two that come at the same moment on PostgreSQL may both pass: the bound keeps lists short, it guards nothing.
        if store::count(&write, user_id).await? >= MAX_DOCUMENTS {
            return Err(DocumentError::TooMany.into());
        }
        let id = store::insert(&write, row).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        self.vault.put(user_id, &name, &bytes).await?;
        let write = self.db.begin().await?;
        store::arrived(&write, id).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        self.get(id).await
    }

    /// What a file is. Decoding takes a while, so a thread of its own does it.
    async fn told(&self, bytes: Vec<u8>) -> Result<(MediaType, Vec<u8>), Error> {
        let _turn = self.decoding.acquire().await;
        let told = tokio::task::spawn_blocking(move || (MediaType::of(&bytes), bytes)).await;
        // A decoder that gave up in the middle of a file has shown that it is none.
        let (media_type, bytes) = told.map_err(|_| DocumentError::Content("it cannot be read"))?;
        Ok((media_type?, bytes))
    }

    /// The document of this number.
    ///
    /// # Errors
    /// [`DocumentError::Unknown`], or the database's.
    pub async fn get(&self, id: i64) -> Result<Document, Error> {
        let row = store::find(self.db.read(), id).await?.ok_or(DocumentError::Unknown)?;
        self.document(row)
    }

    /// The user's documents, the newest first; at most [`MAX_DOCUMENTS`].
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, user_id: i64) -> Result<Vec<Document>, Error> {
        let rows = store::list(self.db.read(), user_id).await?;
        rows.into_iter().map(|row| self.document(row)).collect()
    }

    /// A page of all documents in a state, or of all, for reviewers; by the numbers of their rows.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(&self, state: Option<DocumentState>, keyset: &Keyset<i64>) -> Result<Page<Document, i64>, Error> {
        let rows = store::page(self.db.read(), state.map(DocumentState::name), keyset).await?;
        let documents = rows.into_iter().map(|row| self.document(row)).collect::<Result<Vec<_>, _>>()?;
        Ok(keyset.page(documents, |document| document.id))
    }

    /// Opens a file. For reviewers only: the door lets nobody else call it.
    ///
    /// # Errors
    /// [`DocumentError::Unknown`], [`DocumentError::Tampered`] when it is not what was put there, or those of the store and the database.
    pub async fn open(&self, id: i64) -> Result<DocumentContent, Error> {
        let row = store::find(self.db.read(), id).await?.ok_or(DocumentError::Unknown)?;
        let media_type = MediaType::from_name(&row.media_type).ok_or(DocumentError::Unusable(id))?;
        let bytes = self.vault.get(row.user_id, &row.object).await?.ok_or(DocumentError::Tampered(id))?;
        Ok(DocumentContent { media_type, bytes })
    }

    /// A reviewer judges a document that waits, in a transaction of the caller's, who may give the user a label in it. Of two who judge
    /// at the same moment, one is told [`DocumentError::Judged`].
    ///
    /// # Errors
    /// [`DocumentError::Unknown`], [`DocumentError::Judged`], [`DocumentError::OwnDocument`], [`DocumentError::Field`], or the database's.
    pub async fn review_in(
        &self,
        write: &impl ConnectionTrait,
        id: i64,
        reviewer_id: i64,
        verdict: Verdict<'_>,
        now_us: u64,
    ) -> Result<Document, Error> {
        let reason = verdict.reason()?;
        let row = store::find(write, id).await?.ok_or(DocumentError::Unknown)?;
        if row.user_id == reviewer_id {
            return Err(DocumentError::OwnDocument.into());
        }
        let judged = store::Judged { state: verdict.state().name(), reviewer_id, reason, at_us: now_us.cast_signed() };
        if !store::judge(write, id, &judged).await? {
            return Err(DocumentError::Judged.into());
        }
        let row = store::find(write, id).await?.ok_or(DocumentError::Unknown)?;
        self.document(row)
    }

    /// [`review_in`](Self::review_in) in a transaction of its own. When this returns, the verdict survives a loss of power.
    ///
    /// # Errors
    /// As [`review_in`](Self::review_in).
    pub async fn review(
        &self,
        id: i64,
        reviewer_id: i64,
        verdict: Verdict<'_>,
        now_us: u64,
    ) -> Result<Document, Error> {
        let write = self.db.begin().await?;
        let document = self.review_in(&write, id, reviewer_id, verdict, now_us).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(document)
    }

    /// Deletes a document of the user, file and all, unless it was approved.
    ///
    /// # Errors
    /// [`DocumentError::Unknown`], [`DocumentError::Kept`], or those of the store and the database.
    pub async fn delete(&self, user_id: i64, id: i64) -> Result<(), Error> {
        let row = store::find(self.db.read(), id).await?.filter(|row| row.user_id == user_id);
        let row = row.ok_or(DocumentError::Unknown)?;
        let write = self.db.begin().await?;
        let kept = [DocumentState::Approved.name(), DocumentState::Expired.name()];
        if !store::leave(&write, id, &kept).await? {
            return Err(DocumentError::Kept.into());
        }
        write.commit().await?;
        self.remove(row).await
    }

    /// Deletes all documents of a user, approved ones too, as when the account is deleted. Says how many there were.
    ///
    /// # Errors
    /// Those of the store and the database; the next call, or a sweep, goes on.
    pub async fn delete_all(&self, user_id: i64) -> Result<usize, Error> {
        let rows = store::list(self.db.read(), user_id).await?;
        let count = rows.len();
        for row in rows {
            let write = self.db.begin().await?;
            store::leave(&write, row.id, &[]).await?;
            write.commit().await?;
            self.remove(row).await?;
        }
        Ok(count)
    }

    /// Deletes the file, then the row that leads to it.
    async fn remove(&self, row: store::Model) -> Result<(), Error> {
        self.vault.delete(&row.object).await?;
        let write = self.db.begin().await?;
        store::delete(&write, row.id).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(())
    }

    /// Makes approved documents whose last day is over expired, and removes what uploads and deletions left behind that did not end.
    /// Says how many rows changed, at most some hundreds; call it again, once an hour.
    ///
    /// # Errors
    /// Those of the store and the database.
    pub async fn sweep(&self, now_us: u64) -> Result<u64, Error> {
        let write = self.db.begin().await?;
        let expired = store::expire(&write, &today(now_us)?.to_string(), SWEPT_ROWS).await?;
        write.commit().await?;
        let before_us = now_us.saturating_sub(LOST_AFTER_SECONDS * 1_000_000).cast_signed();
        let lost = store::lost(self.db.read(), before_us, SWEPT_ROWS).await?;
        let removed = lost.len() as u64;
        for row in lost {
            self.remove(row).await?;
        }
        Ok(expired + removed)
    }

    fn document(&self, row: store::Model) -> Result<Document, Error> {
        let unusable = || DocumentError::Unusable(row.id);
        let number = row.sealed_number.as_deref();
        let number = number.map(|sealed| self.vault.open_number(row.user_id, &row.object, sealed));
        let day = row.expires_on.as_deref().map(str::parse::<Date>).transpose().map_err(|_| unusable())?;
        Ok(Document {
            id: row.id,
            user_id: row.user_id,
            kind: DocumentKind::from_name(&row.kind).ok_or_else(unusable)?,
            number: number.transpose().map_err(|_| DocumentError::Tampered(row.id))?,
            country: row.country,
            expires_on: day,
            file_name: row.file_name,
            media_type: MediaType::from_name(&row.media_type).ok_or_else(unusable)?,
            bytes: row.bytes.cast_unsigned(),
            state: DocumentState::from_name(&row.state).ok_or_else(unusable)?,
            uploaded_at_us: row.uploaded_at_us.cast_unsigned(),
            reviewer_id: row.reviewer_id,
            reason: row.reason,
            reviewed_at_us: row.reviewed_at_us.map(i64::cast_unsigned),
        })
    }
}

/// The date of UTC.
fn today(now_us: u64) -> Result<Date, DocumentError> {
    let time = Timestamp::from_microsecond(now_us.cast_signed());
    let time = time.map_err(|_| DocumentError::Field("the clock shows a time that no calendar has"))?;
    Ok(TimeZone::UTC.to_datetime(time).date())
}
