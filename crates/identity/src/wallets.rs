//! Signing in with a wallet: whoever holds the key of an address signs a message that was made for it here.

mod error;
mod evm;
mod message;
mod solana;

use std::sync::Arc;

use db::Db;
use ring::digest::{SHA256, digest};
use runtime::entropy::{Random, alphanumeric};
use sea_orm::ConnectionTrait;

use crate::Error;
use crate::store::{wallet as store, wallet_message as messages};

pub use error::WalletError;
pub use message::{SignInSite, WalletKind};

/// How long a message may be signed and handed in.
pub const WALLET_MESSAGE_SECONDS: u64 = 300;
/// Messages for one address that are alive at the same time; one more ends the oldest.
pub const MAX_MESSAGES_PER_ADDRESS: u64 = 8;
/// Messages that may be made within [`WALLET_MESSAGE_SECONDS`], for all addresses together.
pub const MAX_MESSAGES: u64 = 100_000;
/// Wallets that one user may link.
pub const MAX_WALLETS: u64 = 10;
/// Longest message that is looked at: more than any that is made here.
pub const MAX_MESSAGE_BYTES: usize = 2_048;

/// 62^24 possibilities; EIP-4361 asks for at least eight letters or digits.
const NONCE_CHARS: usize = 24;

/// What the holder of a wallet wants to do with the signature. A message that was made for one purpose serves no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalletPurpose {
    /// Sign in, or sign up.
    SignIn,
    /// Add the wallet to the user of this row, who is signed in.
    Link(i64),
}

impl WalletPurpose {
    const fn user_id(self) -> Option<i64> {
        match self {
            Self::SignIn => None,
            Self::Link(user_id) => Some(user_id),
        }
    }
}

/// For whom a message is asked.
#[derive(Debug, Clone, Copy)]
pub struct WalletRequest<'a> {
    /// The kind of wallet.
    pub kind: WalletKind,
    /// Its address, as the client writes it.
    pub address: &'a str,
    /// The chain: a number (EVM) or a name (Solana); `None` for the first that the site knows.
    pub chain: Option<&'a str>,
    /// What for.
    pub purpose: WalletPurpose,
}

/// A message to be signed as it stands, to the last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningMessage {
    /// The text.
    pub message: String,
    /// The nonce in it.
    pub nonce: String,
    /// From when on it is refused, in microseconds since 1970.
    pub expires_at_us: u64,
}

/// Somebody proved a moment ago that a wallet is theirs. Only [`Wallets::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenWallet {
    kind: WalletKind,
    address: String,
    purpose: WalletPurpose,
}

impl ProvenWallet {
    /// The kind.
    pub fn kind(&self) -> WalletKind {
        self.kind
    }

    /// The address in its one form: with the checksum of EIP-55, or base58.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What the signature was asked for.
    pub fn purpose(&self) -> WalletPurpose {
        self.purpose
    }
}

/// A wallet that belongs to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// The number of its row.
    pub id: i64,
    /// The user's row.
    pub user_id: i64,
    /// The kind.
    pub kind: WalletKind,
    /// The address in its one form.
    pub address: String,
    /// When it was linked, in microseconds since 1970.
    pub linked_at_us: u64,
}

/// The wallets of all users, and the messages that are waiting to be signed.
#[derive(Debug)]
pub struct Wallets {
    db: Db,
    random: Arc<dyn Random>,
    site: SignInSite,
}

impl Wallets {
    /// The wallets in `db`; `site` is what the messages name.
    pub fn new(db: Db, random: Arc<dyn Random>, site: SignInSite) -> Self {
        Self { db, random, site }
    }

    /// Makes a message for an address and remembers its hash. It may be signed for five minutes, and serves once.
    ///
    /// # Errors
    /// [`WalletError::Address`], [`WalletError::Chain`], [`WalletError::Busy`], or the database's.
    pub async fn signing_message(&self, request: WalletRequest<'_>, now_us: u64) -> Result<SigningMessage, Error> {
        let address = request.kind.address(request.address).ok_or(WalletError::Address)?;
        let chain = self.site.chain(request.kind, request.chain).ok_or(WalletError::Chain)?;
        let nonce = alphanumeric(&*self.random, NONCE_CHARS).expose().clone();
        let expires_at_us = now_us.saturating_add(WALLET_MESSAGE_SECONDS * 1_000_000);
        let message = message::Message {
            kind: request.kind,
            address: &address,
            chain: &chain,
            nonce: &nonce,
            links: request.purpose.user_id().is_some(),
            issued_at_us: now_us,
            expires_at_us,
        };
        let message = message.text(&self.site).ok_or(WalletError::Address)?;
        let row = messages::New {
            hash: hash(&message),
            kind: request.kind.name(),
            address: &address,
            user_id: request.purpose.user_id(),
            expires_at_us: expires_at_us.cast_signed(),
        };
        let write = self.db.begin().await?;
        messages::delete_expired(&write, now_us.cast_signed()).await?;
        if messages::span(&write).await? >= MAX_MESSAGES {
            return Err(WalletError::Busy.into());
        }
        messages::keep_newest(&write, request.kind.name(), &address, MAX_MESSAGES_PER_ADDRESS - 1).await?;
        messages::insert(&write, row).await?;
        write.commit().await?;
        Ok(SigningMessage { message, nonce, expires_at_us })
    }

    /// Checks a signed message. It is used up by this, whether the signature is right or not. What was signed must be what was made
    /// here to the last byte, so domain, address, chain, nonce and times need no second look. When this returns, the message stays
    /// used up after a loss of power.
    ///
    /// # Errors
    /// [`WalletError::Message`], [`WalletError::Expired`], [`WalletError::Signature`], or the database's.
    pub async fn verify(
        &self,
        kind: WalletKind,
        purpose: WalletPurpose,
        message: &str,
        signature: &str,
        now_us: u64,
    ) -> Result<ProvenWallet, Error> {
        if message.len() > MAX_MESSAGE_BYTES {
            return Err(WalletError::Message.into());
        }
        let write = self.db.begin().await?;
        let Some(row) = messages::take(&write, &hash(message)).await? else {
            return Err(WalletError::Message.into());
        };
        write.commit().await?;
        self.db.make_durable().await?;
        if row.kind != kind.name() || row.user_id != purpose.user_id() {
            return Err(WalletError::Message.into());
        }
        if row.expires_at_us.cast_unsigned() <= now_us {
            return Err(WalletError::Expired.into());
        }
        let signed = match kind {
            WalletKind::Evm => evm::signed(&row.address, message, signature),
            WalletKind::Solana => solana::signed(&row.address, message, signature),
        };
        if !signed {
            return Err(WalletError::Signature.into());
        }
        Ok(ProvenWallet { kind, address: row.address, purpose })
    }

    /// Links a wallet to a user, in a transaction of its own. When this returns, it stays linked after a loss of power.
    ///
    /// # Errors
    /// As [`link_in`](Self::link_in).
    pub async fn link(&self, user_id: i64, wallet: &ProvenWallet, now_us: u64) -> Result<Wallet, Error> {
        let write = self.db.begin().await?;
        let linked = self.link_in(&write, user_id, wallet, now_us).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(linked)
    }

    /// Links a wallet to a user within the caller's transaction, as when the user is made with it. Linking it again to the same user
    /// changes nothing. A signature that was given for signing in may make a new user only; the link to one who was there before asks
    /// for a message of [`WalletPurpose::Link`].
    ///
    /// # Errors
    /// [`WalletError::Taken`], [`WalletError::TooMany`], [`WalletError::Message`] when the signature was given for another user, or the
    /// database's.
    pub async fn link_in(
        &self,
        write: &impl ConnectionTrait,
        user_id: i64,
        wallet: &ProvenWallet,
        now_us: u64,
    ) -> Result<Wallet, Error> {
        if wallet.purpose.user_id().is_some_and(|meant| meant != user_id) {
            return Err(WalletError::Message.into());
        }
        if let Some(row) = store::find(write, wallet.kind.name(), &wallet.address).await? {
            let there = linked(row)?;
            return if there.user_id == user_id { Ok(there) } else { Err(WalletError::Taken.into()) };
        }
        if store::count(write, user_id).await? >= MAX_WALLETS {
            return Err(WalletError::TooMany.into());
        }
        let row = store::insert(write, user_id, wallet.kind.name(), &wallet.address, now_us.cast_signed()).await;
        match row.map_err(db::Error::from) {
            Ok(row) => linked(row),
            // Somebody else linked it at the same moment.
            Err(error) if error.is_unique_violation() => Err(WalletError::Taken.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a wallet of the user away. `false`: the user has none of this number.
    ///
    /// # Errors
    /// The database's.
    pub async fn unlink(&self, user_id: i64, id: i64) -> Result<bool, Error> {
        let write = self.db.begin().await?;
        let gone = store::delete(&write, user_id, id).await?;
        write.commit().await?;
        self.db.make_durable().await?;
        Ok(gone)
    }

    /// The user's wallets, the oldest first; at most [`MAX_WALLETS`].
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, user_id: i64) -> Result<Vec<Wallet>, Error> {
        store::list(self.db.read(), user_id).await?.into_iter().map(linked).collect()
    }

    /// Whose the wallet is.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(&self, wallet: &ProvenWallet) -> Result<Option<Wallet>, Error> {
        store::find(self.db.read(), wallet.kind.name(), &wallet.address).await?.map(linked).transpose()
    }
}

fn hash(message: &str) -> Vec<u8> {
    digest(&SHA256, message.as_bytes()).as_ref().to_vec()
}

fn linked(row: store::Model) -> Result<Wallet, Error> {
    let kind = WalletKind::from_name(&row.kind).ok_or(WalletError::Unusable(row.id))?;
    let linked_at_us = row.linked_at_us.cast_unsigned();
    Ok(Wallet { id: row.id, user_id: row.user_id, kind, address: row.address, linked_at_us })
}
