//! How people sign up and sign in.

#![allow(clippy::ptr_arg, reason = "the settings library hands a field over as its own type")]

use std::path::PathBuf;

use confique::Config;

use super::bounds::between;

const MINUTE_US: u64 = 60_000_000;
const HOUR_US: u64 = 60 * MINUTE_US;
const DAY_US: u64 = 24 * HOUR_US;

/// How people sign up and sign in.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Identity {
    /// Who issues access tokens: their claim `iss`.
    #[config(env = "RIALTO_IDENTITY_ISSUER", default = "rialto", validate = claim)]
    pub issuer: String,
    /// Whom access tokens are for: their claim `aud`.
    #[config(env = "RIALTO_IDENTITY_AUDIENCE", default = "rialto", validate = claim)]
    pub audience: String,
    /// How long an access token is good. Between 60 and 3600.
    #[config(env = "RIALTO_IDENTITY_ACCESS_TOKEN_SECONDS", default = 600, validate = between::<60, 3_600, _>)]
    pub access_token_seconds: u64,
    /// A session that was not used for so long ends. Between 1 and 8760.
    #[config(env = "RIALTO_IDENTITY_SESSION_IDLE_HOURS", default = 72, validate = between::<1, 8_760, _>)]
    pub session_idle_hours: u64,
    /// A session ends after so long however much it is used. Between 1 and 8760.
    #[config(env = "RIALTO_IDENTITY_SESSION_LIFETIME_HOURS", default = 720, validate = between::<1, 8_760, _>)]
    pub session_lifetime_hours: u64,
    /// Sessions that one user may have at the same time; a further one ends the one that was quiet the longest. Between 1 and 1000.
    #[config(env = "RIALTO_IDENTITY_SESSIONS_PER_USER", default = 20, validate = between::<1, 1_000, _>)]
    pub sessions_per_user: u64,
    /// How long a key signs access tokens before the next one takes over. Between 1 and 365.
    #[config(env = "RIALTO_IDENTITY_SIGNING_KEY_DAYS", default = 30, validate = between::<1, 365, _>)]
    pub signing_key_days: u64,
    /// Bits of a new signing key. Between 2048 and 4096.
    #[config(env = "RIALTO_IDENTITY_SIGNING_KEY_BITS", default = 2048, validate = between::<2_048, 4_096, _>)]
    pub signing_key_bits: usize,
    /// How long the token in a letter that verifies an address is good. Between 1 and 720.
    #[config(env = "RIALTO_IDENTITY_VERIFY_EMAIL_HOURS", default = 24, validate = between::<1, 720, _>)]
    pub verify_email_hours: u64,
    /// How long the token in a letter that sets a new password is good. Between 5 and 1440.
    #[config(env = "RIALTO_IDENTITY_RESET_PASSWORD_MINUTES", default = 30, validate = between::<5, 1_440, _>)]
    pub reset_password_minutes: u64,
    /// How long the activity of users is kept. Between 1 and 3650.
    #[config(env = "RIALTO_IDENTITY_ACTIVITY_DAYS", default = 365, validate = between::<1, 3_650, _>)]
    pub activity_days: u64,
    /// How long the personal data of a closed user is kept. Between 0 and 3650.
    #[config(env = "RIALTO_IDENTITY_ERASE_AFTER_DAYS", default = 30, validate = between::<0, 3_650, _>)]
    pub erase_after_days: u64,
    /// A file of MaxMind's format (GeoLite2-Country and the like) that tells the country of an address, for the log and letters. Without
    /// it, no country is told.
    #[config(env = "RIALTO_IDENTITY_GEOIP_FILE")]
    pub geoip_file: Option<PathBuf>,
    /// Passwords.
    #[config(nested)]
    pub passwords: Passwords,
    /// What happens to whoever guesses.
    #[config(nested)]
    pub lockout: Lockout,
}

impl Identity {
    /// `session_idle_hours` in microseconds.
    pub fn session_idle_us(&self) -> u64 {
        self.session_idle_hours * HOUR_US
    }

    /// `session_lifetime_hours` in microseconds.
    pub fn session_lifetime_us(&self) -> u64 {
        self.session_lifetime_hours * HOUR_US
    }

    /// `signing_key_days` in microseconds.
    pub fn signing_key_us(&self) -> u64 {
        self.signing_key_days * DAY_US
    }

    /// `verify_email_hours` in microseconds.
    pub fn verify_email_us(&self) -> u64 {
        self.verify_email_hours * HOUR_US
    }

    /// `reset_password_minutes` in microseconds.
    pub fn reset_password_us(&self) -> u64 {
        self.reset_password_minutes * MINUTE_US
    }

    /// `activity_days` in microseconds.
    pub fn activity_us(&self) -> u64 {
        self.activity_days * DAY_US
    }

    /// `erase_after_days` in microseconds.
    pub fn erase_after_us(&self) -> u64 {
        self.erase_after_days * DAY_US
    }
}

/// Passwords: how they are hashed (Argon2id) and which are taken.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Passwords {
    /// Memory of one hash. The defaults of these three are the OWASP's. Between 8192 and 1048576.
    #[config(env = "RIALTO_IDENTITY_PASSWORDS_MEMORY_KIB", default = 19456, validate = between::<8_192, 1_048_576, _>)]
    pub memory_kib: u32,
    /// Passes over the memory. Between 1 and 100.
    #[config(env = "RIALTO_IDENTITY_PASSWORDS_PASSES", default = 2, validate = between::<1, 100, _>)]
    pub passes: u32,
    /// Lanes of the memory. Between 1 and 16.
    #[config(env = "RIALTO_IDENTITY_PASSWORDS_LANES", default = 1, validate = between::<1, 16, _>)]
    pub lanes: u32,
    /// Hashes that are computed at the same time. Between 1 and 256.
    #[config(env = "RIALTO_IDENTITY_PASSWORDS_AT_ONCE", default = 2, validate = between::<1, 256, _>)]
    pub at_once: usize,
    /// Further ones that wait; beyond them requests are refused. Between 0 and 10000.
    #[config(env = "RIALTO_IDENTITY_PASSWORDS_WAITING", default = 64, validate = between::<0, 10_000, _>)]
    pub waiting: usize,
    /// The least strength of a new password, as zxcvbn estimates it: 0, risky, to 4, hard to guess. Between 0 and 4.
    #[config(env = "RIALTO_IDENTITY_PASSWORDS_MIN_SCORE", default = 3, validate = between::<0, 4, _>)]
    pub min_score: u8,
    /// A file of SHA-1 hashes of passwords that were stolen elsewhere, one a line, ordered by hash, as Have I Been Pwned has it
    /// (`HASH:COUNT`); passwords in it are refused. Without it, none is looked up.
    #[config(env = "RIALTO_IDENTITY_PASSWORDS_BREACHED_FILE")]
    pub breached_file: Option<PathBuf>,
}

/// What happens to whoever guesses.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Lockout {
    /// How often one user's password, or code, may be wrong in the window. Between 3 and 1000.
    #[config(env = "RIALTO_IDENTITY_LOCKOUT_ATTEMPTS", default = 5, validate = between::<3, 1_000, _>)]
    pub attempts: u32,
    /// How often sign-in may fail from one address (of IPv6: one network of 64 bits) in the window, whoever it is. Between 3 and 100000.
    #[config(env = "RIALTO_IDENTITY_LOCKOUT_ATTEMPTS_PER_ADDRESS", default = 50, validate = between::<3, 100_000, _>)]
    pub attempts_per_address: u32,
    /// The window, which slides. Between 1 and 1440.
    #[config(env = "RIALTO_IDENTITY_LOCKOUT_WINDOW_MINUTES", default = 15, validate = between::<1, 1_440, _>)]
    pub window_minutes: u64,
    /// How long the first lock lasts; each further one within a day lasts twice as long. Between 1 and 86400.
    #[config(env = "RIALTO_IDENTITY_LOCKOUT_FIRST_SECONDS", default = 60, validate = between::<1, 86_400, _>)]
    pub first_seconds: u64,
    /// How long a lock lasts at most. Between 1 and 604800.
    #[config(env = "RIALTO_IDENTITY_LOCKOUT_LONGEST_SECONDS", default = 3600, validate = between::<1, 604_800, _>)]
    pub longest_seconds: u64,
}

fn claim(text: &String) -> Result<(), String> {
    let valid = (1..=255).contains(&text.len()) && !text.chars().any(char::is_control);
    if valid { Ok(()) } else { Err("must have 1 to 255 bytes and no control characters".to_owned()) }
}
