//! Checks of single values. Their messages say what is allowed; the loader adds which setting it was.

use tracing_subscriber::EnvFilter;

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
pub(super) fn database_url(url: &crate::secrets::Secret<String>) -> Result<(), String> {
    // The address may hold a password, so it is not repeated in the message.
    let known = ["sqlite://", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| url.expose().starts_with(scheme)) {
        return Ok(());
    }
    Err(format!("must begin with one of {}", known.join(", ")))
}

/// Accepts the address of a Redis.
pub(super) fn redis_url(url: &crate::secrets::Secret<String>) -> Result<(), String> {
    // It may hold a password, too.
    if url.expose().starts_with("redis://") { Ok(()) } else { Err("must begin with redis://".to_owned()) }
}
