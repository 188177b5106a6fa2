//! Names of secrets, and secrets of the environment.

use super::Secret;
use crate::Error;

/// Most bytes of a secret.
pub const MAX_SECRET_BYTES: usize = 64 << 10;

/// Longest name.
const MAX_NAME: usize = 64;

/// Whether a secret can be called so: 1 to 64 lower-case letters, digits and `-`, a letter first.
///
/// # Errors
/// [`Error::SecretName`], with no more of the name than a name may have.
pub fn check_name(name: &str) -> Result<(), Error> {
    let letters = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if letters && first && name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(Error::SecretName(name.chars().take(MAX_NAME).flat_map(char::escape_default).collect()))
}

/// The secret `name` from the variable `RIALTO_SECRET_<NAME>`, where `-` is written `_`.
///
/// # Errors
/// [`Error::SecretName`], and [`Error::SecretVariable`] for one that is empty, no text, or larger than [`MAX_SECRET_BYTES`].
pub fn from_environment(name: &str) -> Result<Option<Secret<String>>, Error> {
    check_name(name)?;
    let variable = format!("RIALTO_SECRET_{}", name.to_ascii_uppercase().replace('-', "_"));
    let Some(value) = std::env::var_os(&variable) else { return Ok(None) };
    let refuse = |reason| Err(Error::SecretVariable { variable: variable.clone(), reason });
    match value.into_string().map(Secret::new) {
        Err(_) => refuse("is not UTF-8"),
        Ok(value) if value.expose().is_empty() => refuse("is empty"),
        Ok(value) if value.expose().len() > MAX_SECRET_BYTES => refuse("is larger than a secret may be"),
        Ok(value) => Ok(Some(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names_are_short_and_plain() {
        for good in ["a", "smtp-password", "oidc-2"] {
            check_name(good).unwrap();
        }
        let long = "a".repeat(65);
        for bad in ["", "-a", "1a", "A", "a_b", "a/b", "..", "a b", "ä", &long] {
            let error = check_name(bad).unwrap_err().to_string();
            assert!(error.contains("is no name of a secret"), "{error}");
        }
    }
}
