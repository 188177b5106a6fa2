//! Tokens that letters bring: each is good for one thing, once, for a while.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use runtime::entropy::Random;
use runtime::secrets::Secret;
use sea_orm::ConnectionTrait;

use crate::store::token as store;
use crate::user::UserId;
use crate::{Error, Refusal};

/// Tokens of one purpose that a user may have at the same time; a further one voids the oldest.
pub const MAX_LIVE_TOKENS: u64 = 3;

/// Bytes of a token, and of a refresh token: nobody guesses 256 bits, so a plain hash guards them at rest.
const TOKEN_BYTES: usize = 32;
/// The same in base64 without padding.
const TOKEN_CHARS: usize = 43;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    VerifyEmail,
    ResetPassword,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
        }
    }
}

/// A token that was presented and is good.
#[derive(Debug)]
pub(crate) struct Presented {
    pub(crate) user: UserId,
    /// The password that was chosen with it.
    pub(crate) password_hash: Option<String>,
}

/// A new secret token: 43 characters of base64url.
pub(crate) fn secret_token(random: &dyn Random) -> Secret<String> {
    let mut bytes = Secret::new([0; TOKEN_BYTES]);
    random.fill(bytes.expose_mut());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.expose()))
}

/// What is stored of a token. `None`: it cannot be one.
pub(crate) fn token_hash(token: &str) -> Option<String> {
    (token.len() == TOKEN_CHARS).then(|| hex::encode(digest(&SHA256, token.as_bytes())))
}

/// Makes a token in the caller's transaction.
pub(crate) async fn issue(
    write: &impl ConnectionTrait,
    random: &dyn Random,
    user: UserId,
    purpose: Purpose,
    password_hash: Option<&str>,
    (now_us, expires_at_us): (u64, u64),
) -> Result<Secret<String>, Error> {
    let token = secret_token(random);
    let hash = hex::encode(digest(&SHA256, token.expose().as_bytes()));
    let new = store::New { user, purpose: purpose.name(), hash, password_hash, now_us, expires_at_us };
    store::insert(write, new).await?;
    store::trim(write, user, purpose.name(), MAX_LIVE_TOKENS).await?;
    Ok(token)
}

/// Whose token this is, if it is good; it stays so.
pub(crate) async fn peek(
    read: &impl ConnectionTrait,
    purpose: Purpose,
    token: &Secret<String>,
    now_us: u64,
) -> Result<UserId, Error> {
    let hash = token_hash(token.expose()).ok_or(Refusal::Token)?;
    let live = store::live(read, purpose.name(), &hash, now_us).await?.ok_or(Refusal::Token)?;
    Ok(UserId(live.user_id))
}

/// Uses a token up, in the caller's transaction; the user's other tokens of the purpose are void with it.
pub(crate) async fn take(
    write: &impl ConnectionTrait,
    purpose: Purpose,
    token: &Secret<String>,
    now_us: u64,
) -> Result<Presented, Error> {
    let hash = token_hash(token.expose()).ok_or(Refusal::Token)?;
    let live = store::live(write, purpose.name(), &hash, now_us).await?.ok_or(Refusal::Token)?;
    // Another request may have read the same row: only one of them changes it.
    if !store::take(write, purpose.name(), &hash, now_us).await? {
        return Err(Refusal::Token.into());
    }
    let user = UserId(live.user_id);
    store::trim(write, user, purpose.name(), 0).await?;
    Ok(Presented { user, password_hash: live.password_hash })
}

/// Voids a user's tokens of a purpose.
pub(crate) async fn void(write: &impl ConnectionTrait, user: UserId, purpose: Purpose) -> Result<(), Error> {
    Ok(store::trim(write, user, purpose.name(), 0).await?)
}

/// Deletes what expired a day ago.
pub(crate) async fn purge(write: &impl ConnectionTrait, now_us: u64) -> Result<u64, Error> {
    Ok(store::purge(write, now_us.saturating_sub(24 * 3_600 * 1_000_000)).await?)
}
