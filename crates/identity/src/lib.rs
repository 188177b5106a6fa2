#![doc = include_str!("../README.md")]

mod access;
mod access_tokens;
mod activity;
mod api_key;
mod api_keys;
mod base;
mod captcha;
mod deletions;
mod documents;
mod email;
mod entrance;
mod error;
mod federations;
mod freezes;
mod geoip;
mod key_info;
mod key_terms;
mod kind;
mod lockouts;
mod migrations;
mod one_time;
mod passkeys;
mod passwords;
mod people;
mod phones;
pub mod ports;
mod profiles;
mod public_key;
mod refusal;
mod resets;
mod services;
mod sessions;
mod sign_in;
mod sign_up;
mod signing_keys;
mod store;
mod sub_accounts;
mod text;
mod totp;
mod user;
mod users;
mod verifier;
mod wallets;

pub use db::page;

pub use access::{
    Label, LabelScope, Labels, LevelRule, MAX_LABELS, MAX_PERMISSIONS, MAX_ROLE_BYTES, OperationPattern, Role, Roles,
};
pub use access_tokens::{AccessToken, AccessTokens, Claims, MAX_ACCESS_TOKEN_BYTES};
pub use activity::{Activity, ActivityInfo, Entry, Filter, Outcome};
pub use api_key::ApiKey;
pub use api_keys::{ApiKeys, CACHE_SECONDS, Created, MAX_LISTED, MAX_LIVE_KEYS};
pub use captcha::Captcha;
pub use deletions::Deletions;
pub use documents::{
    Document, DocumentContent, DocumentError, DocumentKind, DocumentState, DocumentStore, Documents,
    LOST_AFTER_SECONDS, MAX_DOCUMENT_BYTES, MAX_DOCUMENTS, MAX_PIXELS, MediaType, NewDocument, S3Store, Verdict,
    open_store,
};
pub use email::{Email, MAX_EMAIL_BYTES};
pub use error::Error;
pub use federations::{
    Departure, FEDERATION_SECONDS, Federation, FederationError, FederationProvider, FederationPurpose, Federations,
    Known, MAX_FEDERATIONS, Return,
};
pub use freezes::Freezes;
pub use geoip::GeoIp;
pub use key_info::ApiKeyInfo;
pub use key_terms::{KeyChange, KeyTerms, MAX_ADDRESSES, MAX_LABEL_CHARS, Permissions};
pub use kind::KeyKind;
pub use lockouts::Lockouts;
pub use migrations::migrations;
pub use one_time::MAX_LIVE_TOKENS;
pub use passwords::{PASSWORD_CHARS, Passwords};
pub use people::{People, Ports};
pub use ports::Device;
pub use refusal::Refusal;
pub use resets::Resets;
pub use services::{MAX_SCOPES, MAX_SERVICE_KEYS, NewServiceKey, ServiceKeyInfo, ServiceKeys};
pub use sessions::{Amr, MAX_ROTATIONS, Opened, SESSION_CACHE_SECONDS, SessionInfo, Sessions};
pub use sign_in::{Caller, Credentials, SignIn, SignedIn};
pub use sign_up::SignUp;
pub use signing_keys::SigningKeys;
pub use sub_accounts::{MAX_SUB_ACCOUNTS, SubAccounts};
pub use totp::{Enrolment, RECOVERY_CODES, Totp};
pub use user::{ACCOUNT_BASE, MAX_LEVEL, MAX_LOCALE_BYTES, Uid, User, UserId, UserKind, UserState};
pub use users::{NewUser, USER_CACHE_SECONDS, Users};

pub use passkeys::{
    MAX_ANSWER_BYTES, MAX_CEREMONIES, MAX_PASSKEYS, PASSKEY_CEREMONY_SECONDS, PasskeyError, PasskeyInfo,
    PasskeyOptions, Passkeys, ProvenPasskey,
};
pub use phones::{MAX_PHONES, Phone, Phones};
pub use profiles::{Profile, Profiles};
pub use public_key::{MAX_PEM_BYTES, PublicKey};
pub use wallets::{
    MAX_MESSAGE_BYTES, MAX_MESSAGES, MAX_MESSAGES_PER_ADDRESS, MAX_WALLETS, ProvenWallet, SignInSite, SigningMessage,
    WALLET_MESSAGE_SECONDS, Wallet, WalletError, WalletKind, WalletPurpose, WalletRequest, Wallets,
};

use text::bounded;
