//! Ceremonies under way: begun, and waiting for the answer of an authenticator.

use db::Db;
use sea_orm::ConnectionTrait;
use webauthn_rp::request::TimedCeremony;
use webauthn_rp::response::SentChallenge;

use super::{MAX_CEREMONIES, PASSKEY_CEREMONY_SECONDS, PasskeyError};
use crate::Error;
use crate::store::passkey_ceremony as store;

pub(super) fn challenge(state: &impl TimedCeremony) -> SentChallenge {
    state.sent_challenge()
}

/// `user_id` is the one who makes a passkey; of signing in there is none.
pub(super) fn new(challenge: SentChallenge, user_id: Option<i64>, state: Vec<u8>, now_us: u64) -> store::New {
    let expires_at_us = now_us.saturating_add(PASSKEY_CEREMONY_SECONDS * 1_000_000).cast_signed();
    store::New { challenge: bytes(challenge), user_id, state, expires_at_us }
}

pub(super) async fn begin(write: &impl ConnectionTrait, new: &store::New, now_us: u64) -> Result<(), Error> {
    store::delete_expired(write, now_us.cast_signed()).await?;
    if store::span(write).await? >= MAX_CEREMONIES {
        return Err(PasskeyError::Busy.into());
    }
    if let Some(user_id) = new.user_id {
        store::delete_of_user(write, user_id).await?;
    }
    Ok(store::insert(write, new).await?)
}

/// Takes the state of the ceremony out, for good, and makes sure of that.
pub(super) async fn take(
    db: &Db,
    challenge: SentChallenge,
    user_id: Option<i64>,
    now_us: u64,
) -> Result<Vec<u8>, Error> {
    let write = db.begin().await?;
    let Some(row) = store::take(&write, &bytes(challenge)).await? else {
        return Err(PasskeyError::Ceremony.into());
    };
    write.commit().await?;
    db.make_durable().await?;
    if row.user_id != user_id {
        return Err(PasskeyError::Ceremony.into());
    }
    if row.expires_at_us.cast_unsigned() <= now_us {
        return Err(PasskeyError::Expired.into());
    }
    Ok(row.state)
}

fn bytes(challenge: SentChallenge) -> Vec<u8> {
    challenge.0.to_be_bytes().to_vec()
}
