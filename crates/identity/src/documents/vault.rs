//! Files in the store: each sealed, and bound to its owner and its name.

use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};
use runtime::entropy::Random;
use runtime::secrets::{SealingKey, Secret};

use super::{DocumentError, DocumentStore, MAX_DOCUMENT_BYTES};

/// 128 random bits.
const NAME_BYTES: usize = 16;
/// Version, nonce and tag of what is sealed.
const SEALING_BYTES: u64 = 64;

#[derive(Debug)]
pub(super) struct Vault {
    store: DocumentStore,
    sealing: SealingKey,
    random: Arc<dyn Random>,
}

/// A new name: 32 hexadecimal digits, so that nothing of the client's is part of a path.
pub(super) fn name(random: &dyn Random) -> String {
    let mut bytes = [0; NAME_BYTES];
    random.fill(&mut bytes);
    hex::encode(bytes)
}

impl Vault {
    pub(super) fn new(store: DocumentStore, sealing: SealingKey, random: Arc<dyn Random>) -> Self {
        Self { store, sealing, random }
    }

    pub(super) async fn put(&self, user_id: i64, name: &str, bytes: &[u8]) -> Result<(), DocumentError> {
        let sealed = self.sealing.seal(&*self.random, &file_of(user_id, name), bytes);
        self.store.0.put(&place(name), PutPayload::from(sealed)).await?;
        Ok(())
    }

    /// `None`: it is gone, or is not what was put there.
    pub(super) async fn get(&self, user_id: i64, name: &str) -> Result<Option<Secret<Vec<u8>>>, DocumentError> {
        let found = match self.store.0.get(&place(name)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found?,
        };
        // Nothing that large was put there.
        if found.meta.size > MAX_DOCUMENT_BYTES as u64 + SEALING_BYTES {
            return Ok(None);
        }
        let sealed = found.bytes().await?;
        Ok(self.sealing.open(&file_of(user_id, name), &sealed).ok())
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), DocumentError> {
        match self.store.0.delete(&place(name)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            deleted => Ok(deleted?),
        }
    }

    pub(super) fn seal_number(&self, user_id: i64, name: &str, number: &str) -> Vec<u8> {
        self.sealing.seal(&*self.random, &number_of(user_id, name), number.as_bytes())
    }

    pub(super) fn open_number(&self, user_id: i64, name: &str, sealed: &[u8]) -> Result<String, runtime::Error> {
        let opened = self.sealing.open(&number_of(user_id, name), sealed)?;
        Ok(String::from_utf8_lossy(opened.expose()).into_owned())
    }
}

fn place(name: &str) -> Path {
    Path::from_iter(["documents", &name[..2.min(name.len())], name])
}

fn file_of(user_id: i64, name: &str) -> Vec<u8> {
    format!("document:{user_id}:{name}").into_bytes()
}

fn number_of(user_id: i64, name: &str) -> Vec<u8> {
    format!("document number:{user_id}:{name}").into_bytes()
}
