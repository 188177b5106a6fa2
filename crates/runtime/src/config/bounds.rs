//! Checks of single values. Their messages say what is allowed; the loader adds which setting it was.

use tracing_subscriber::EnvFilter;

use super::references::or_reference;
use crate::secrets::{Secret, check_name};

/// Accepts `MIN` to `MAX`, both included. The setting's doc comment says the same, and a test compares them.
pub(super) fn between<const MIN: u64, const MAX: u64, T>(value: &T) -> Result<(), String>
where
    T: Copy + TryInto<u64>,
{
    match (*value).try_into() {
        Ok(value) if (MIN..=MAX).contains(&value) => Ok(()),
        Ok(value) => Err(format!("must be between {MIN} and {MAX}, but is {value}")),
        Err(_) => Err(format!("must be between {MIN} and {MAX}")),
    }
}

/// Accepts a filter that `tracing-subscriber` understands.
#[allow(clippy::ptr_arg, reason = "the settings library hands over the field's own type")]
pub(super) fn log_filter(filter: &String) -> Result<(), String> {
    if filter.trim().is_empty() {
        return Err("must not be empty: give a level such as \"info\"".into());
    }
    EnvFilter::try_new(filter).map(drop).map_err(|error| format!("is not a log filter: {error}"))
}

/// Accepts the addresses of the two databases that the program works with.
pub(super) fn database_url(url: &Secret<String>) -> Result<(), String> {
    // The address may hold a password, so it is not repeated in the message.
    let known = ["sqlite://", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| url.expose().starts_with(scheme)) {
        return Ok(());
    }
    Err(format!("must begin with one of {}", known.join(", ")))
}

/// Accepts the address of a Redis.
pub(super) fn redis_url(url: &Secret<String>) -> Result<(), String> {
    // It may hold a password, too.
    if url.expose().starts_with("redis://") { Ok(()) } else { Err("must begin with redis://".to_owned()) }
}

/// Accepts 1 to 64 characters in one line.
#[allow(clippy::ptr_arg, reason = "the settings library hands over the field's own type")]
pub(super) fn short_text(text: &String) -> Result<(), String> {
    let right = (1..=64).contains(&text.chars().count()) && !text.contains(char::is_control) && text.trim() == text;
    if right {
        Ok(())
    } else {
        Err("must have 1 to 64 characters, in one line and without spaces around them".to_owned())
    }
}

/// Accepts the origin of a site as browsers write it: `https://host[:port]`, or `http://` of this machine alone.
#[allow(clippy::ptr_arg, reason = "the settings library hands over the field's own type")]
pub(super) fn origin(text: &String) -> Result<(), String> {
    let no_origin =
        || "must be an origin such as https://exchange.example: scheme, host in small letters, and no path".to_owned();
    let (scheme, domain) = text.split_once("://").ok_or_else(no_origin)?;
    let (host, port) = match domain.split_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| no_origin())?)),
        None => (domain, None),
    };
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if host.is_empty() || !host.bytes().all(letters) {
        return Err(no_origin());
    }
    match (scheme, port) {
        ("https", Some(443)) | ("http", Some(80)) => {
            Err("must not name the usual port: browsers leave it out".to_owned())
        }
        ("https", _) => Ok(()),
        ("http", _) if host == "localhost" || host == "127.0.0.1" => Ok(()),
        ("http", _) => Err("must begin with https:// unless the host is localhost".to_owned()),
        _ => Err(no_origin()),
    }
}

/// Accepts `HOST:PORT`.
#[allow(clippy::ptr_arg, reason = "the settings library hands over the field's own type")]
pub(super) fn host_and_port(text: &String) -> Result<(), String> {
    let wrong = || "must be HOST:PORT, such as smtp.example.org:587".to_owned();
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let plain = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if plain && port.parse::<u16>().is_ok_and(|port| port > 0) { Ok(()) } else { Err(wrong()) }
}

/// Accepts the address of a database, or the name of a secret that holds it.
pub(super) fn database_url_or_name(url: &Secret<String>) -> Result<(), String> {
    or_reference(url, database_url)
}

/// Accepts the address of a Redis, or the name of a secret that holds it.
pub(super) fn redis_url_or_name(url: &Secret<String>) -> Result<(), String> {
    or_reference(url, redis_url)
}

/// Accepts anything, but not a name that no secret has.
pub(super) fn any_or_name(value: &Secret<String>) -> Result<(), String> {
    or_reference(value, |_| Ok(()))
}

/// Accepts names as parts of a path: `secret`, or `team/secret`.
#[allow(clippy::ptr_arg, reason = "the settings library hands over the field's own type")]
pub(super) fn path_of_names(path: &String) -> Result<(), String> {
    let part = |part: &str| check_name(&part.to_lowercase().replace('_', "-")).is_ok();
    if path.split('/').all(part) {
        Ok(())
    } else {
        Err("must be names of letters, digits, - and _, between slashes".to_owned())
    }
}
