//! The name of a role.

use std::fmt;

/// Longest name of a role.
pub const MAX_ROLE_BYTES: usize = 32;

/// The name of a role: 1 to [`MAX_ROLE_BYTES`] of `a` to `z`, `0` to `9`, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Role(String);

impl Role {
    /// May do everything, and give roles away.
    pub const SUPERADMIN: &str = "superadmin";
    /// Runs the exchange.
    pub const ADMIN: &str = "admin";
    /// Reviews people and freezes them.
    pub const COMPLIANCE: &str = "compliance";
    /// Looks things up for people.
    pub const SUPPORT: &str = "support";
    /// Has no rights over others.
    pub const MEMBER: &str = "member";

    /// Reads a name. `None`: it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        let valid = (1..=MAX_ROLE_BYTES).contains(&text.len()) && text.bytes().all(letter);
        valid.then(|| Self(text.to_owned()))
    }

    /// The role of everybody.
    pub fn member() -> Self {
        Self(Self::MEMBER.to_owned())
    }

    /// The role that may do everything.
    pub fn superadmin() -> Self {
        Self(Self::SUPERADMIN.to_owned())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded() {
        for good in ["a", "support-2", "a_b", &"a".repeat(32)] {
            assert_eq!(Role::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "Admin", "a b", "ä", "*", &"a".repeat(33)] {
            assert_eq!(Role::parse(bad), None, "{bad}");
        }
    }
}
