//! A user: a person, a service account, or a part of another user.

use std::fmt;

use runtime::entropy::Random;

use crate::access::Role;

/// Highest level.
pub const MAX_LEVEL: u8 = 3;
/// The engine's accounts of users begin above this number; the ones below are the operator's and the demonstration's.
pub const ACCOUNT_BASE: u32 = 10_000;

/// Letters of a uid: base32 of RFC 4648.
const UID_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const UID_PREFIX: &str = "ID";
const UID_RANDOM: usize = 12;

/// The number of a user's row; it never leaves the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// A user's public name: `ID` and twelve of `A` to `Z` and `2` to `7`, 60 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uid(String);

impl Uid {
    /// A new one.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; UID_RANDOM];
        random.fill(&mut bytes);
        // 256 is a multiple of 32, so each letter is equally likely.
        let letters = bytes.iter().map(|byte| char::from(UID_LETTERS[usize::from(byte % 32)]));
        Self(UID_PREFIX.chars().chain(letters).collect())
    }

    /// Reads one. `None`: it cannot be a uid.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix(UID_PREFIX)?;
        let valid = letters.len() == UID_RANDOM && letters.bytes().all(|byte| UID_LETTERS.contains(&byte));
        valid.then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// Signed up; the e-mail address is not verified yet.
    Pending,
    /// May sign in.
    Active,
    /// Stopped by the exchange, or until the owner comes back.
    Frozen,
    /// Closed for ever.
    Deleted,
}

impl UserState {
    const ALL: [Self; 4] = [Self::Pending, Self::Active, Self::Frozen, Self::Deleted];

    /// The name in the database and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Deleted => "deleted",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What stands behind a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    /// A person who signs in.
    Person,
    /// A part of another user, with an account of its own; it does not sign in.
    SubAccount,
    /// A program of another user: it acts by API keys and does not sign in.
    Service,
}

impl UserKind {
    const ALL: [Self; 3] = [Self::Person, Self::SubAccount, Self::Service];

    /// The name in the database and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::SubAccount => "sub-account",
            Self::Service => "service",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A user as this crate hands it out: no secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The number of its row.
    pub id: UserId,
    /// The public name.
    pub uid: Uid,
    /// The e-mail address, as it was written, with its domain in ASCII; who came by a wallet may have none.
    pub email: Option<String>,
    /// Where it stands.
    pub state: UserState,
    /// What it may do beside its own affairs.
    pub role: Role,
    /// 0 to [`MAX_LEVEL`], raised by labels.
    pub level: u8,
    /// The language of its letters, as BCP 47 has it: `en`, `pt-BR`.
    pub locale: String,
    /// The account in the engine.
    pub account: u32,
    /// What stands behind it.
    pub kind: UserKind,
    /// Whose part it is, if it is one.
    pub parent: Option<UserId>,
    /// When it was made, in microseconds since 1970.
    pub created_at_us: u64,
}

/// The longest text of a locale.
pub const MAX_LOCALE_BYTES: usize = 16;

/// The locale if it can be one; else English.
pub(crate) fn locale_or_english(locale: &str) -> &str {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let valid = (2..=MAX_LOCALE_BYTES).contains(&locale.len()) && locale.bytes().all(letters);
    if valid { locale } else { "en" }
}

#[cfg(test)]
mod tests {
    use runtime::entropy::SeededRandom;

    use super::*;

    #[test]
    fn a_uid_reads_back_and_uses_all_letters() {
        let random = SeededRandom::new(1);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let uid = Uid::generate(&random);
            assert_eq!(Uid::parse(uid.as_str()), Some(uid.clone()));
            assert_eq!(uid.as_str().len(), 14);
            seen.extend(uid.as_str()[2..].chars());
        }
        assert_eq!(seen.len(), 32);
    }

    #[test]
    fn what_is_no_uid_is_refused() {
        for text in [
            "",
            "ID",
            "IDAAAAAAAAAAA",
            "IDAAAAAAAAAAAAA",
            "IDAAAAAAAAAAA1",
            "idAAAAAAAAAAAA",
            "IDaaaaaaaaaaaa",
            "XXAAAAAAAAAAAA",
        ] {
            assert_eq!(Uid::parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_read_back() {
        for state in UserState::ALL {
            assert_eq!(UserState::from_name(state.name()), Some(state));
        }
        for kind in UserKind::ALL {
            assert_eq!(UserKind::from_name(kind.name()), Some(kind));
        }
    }

    #[test]
    fn an_odd_locale_is_english() {
        for (locale, taken) in [
            ("de", "de"),
            ("pt-BR", "pt-BR"),
            ("", "en"),
            ("d", "en"),
            ("../../etc", "en"),
            ("de\n", "en"),
            ("a-very-long-locale", "en"),
        ] {
            assert_eq!(locale_or_english(locale), taken);
        }
    }
}
