//! Argon2id (RFC 9106) with the parameters of the settings.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use runtime::config;

use super::Checked;
use crate::Error;

#[derive(Debug)]
pub(crate) struct Hasher {
    params: Params,
}

impl Hasher {
    pub(crate) fn new(settings: &config::Passwords) -> Result<Self, Error> {
        let params = Params::new(settings.memory_kib, settings.passes, settings.lanes, None)
            .map_err(|error| Error::Settings(format!("identity.passwords: {error}")))?;
        Ok(Self { params })
    }

    pub(crate) fn hash(&self, password: &str, salt: &[u8]) -> Result<String, Error> {
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        let hash: PasswordHash = argon
            .hash_password_with_salt(password.as_bytes(), salt)
            .map_err(|error| Error::Internal(format!("hashing a password: {error}")))?;
        Ok(hash.to_string())
    }

    /// Checks with the parameters in `hash`.
    pub(crate) fn check(&self, password: &str, hash: &str) -> Result<Checked, Error> {
        let unusable = |error: &dyn std::fmt::Display| Error::Internal(format!("a stored password: {error}"));
        let hash = PasswordHash::new(hash).map_err(|error| unusable(&error))?;
        // The parameters come from the hash, not from here.
        match Argon2::default().verify_password(password.as_bytes(), &hash) {
            Ok(()) => {}
            Err(argon2::password_hash::Error::PasswordInvalid) => return Ok(Checked::Wrong),
            Err(error) => return Err(unusable(&error)),
        }
        let used = Params::try_from(&hash).map_err(|error| unusable(&error))?;
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        let usual = hash.algorithm == Algorithm::Argon2id.ident() && costs(&used) == costs(&self.params);
        Ok(if usual { Checked::Right } else { Checked::Outdated })
    }
}
