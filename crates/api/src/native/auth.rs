//! Getting in: addresses and passwords, sessions, passkeys, wallets, other sites.

pub(super) mod keys;
pub(super) mod oidc;
pub(super) mod passkey;
pub(super) mod password;
pub(super) mod session;
pub(super) mod sign_in;
pub(super) mod sign_up;
pub(super) mod wallet;
