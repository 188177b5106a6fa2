//! What a handler says when it could not do a job.

use std::fmt;

/// Characters of a failure's text that are kept.
pub const MAX_ERROR_CHARS: usize = 2_000;

/// Why an attempt at a job failed, and whether another one makes sense.
///
/// The text is stored with the job and shown to administrators: put no secret and no personal data into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    text: String,
    again: Again,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// After the wait of the job's policy, but not before this many microseconds.
    After(u64),
    Never,
}

impl Failure {
    /// It may work another time: the job is tried again after the wait of its policy, as long as it has attempts left.
    pub fn transient(text: impl fmt::Display) -> Self {
        Self { text: bounded(&text.to_string()), again: Again::After(0) }
    }

    /// As [`Failure::transient`], but not before `wait_us` microseconds, for instance because the other side said so.
    pub fn later(text: impl fmt::Display, wait_us: u64) -> Self {
        Self { text: bounded(&text.to_string()), again: Again::After(wait_us) }
    }

    /// It will never work: the job becomes a dead letter at once.
    pub fn last(text: impl fmt::Display) -> Self {
        Self { text: bounded(&text.to_string()), again: Again::Never }
    }

    /// The text that is kept, at most [`MAX_ERROR_CHARS`] characters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether no other attempt is made.
    pub fn is_last(&self) -> bool {
        self.again == Again::Never
    }

    /// The shortest wait before the next attempt, in microseconds.
    pub(crate) fn at_least_us(&self) -> u64 {
        match self.again {
            Again::After(wait_us) => wait_us,
            Again::Never => 0,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

impl From<crate::Error> for Failure {
    fn from(error: crate::Error) -> Self {
        match error {
            // Its text may hold what a statement was about.
            crate::Error::Database(error) => error.into(),
            error if error.is_transient() => Self::transient(error),
            // Who lost the job has no say any more, so it does not matter what becomes of this.
            error @ crate::Error::LeaseLost { .. } => Self::transient(error),
            error => Self::last(error),
        }
    }
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        tracing::warn!(%error, "a handler's statement failed");
        Self::transient("the database failed; the log has more")
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        db::Error::from(error).into()
    }
}

/// The beginning of a text, without characters that neither a table nor a terminal should get. PostgreSQL takes no zero byte.
fn bounded(text: &str) -> String {
    let clean = |letter: char| if letter.is_control() && letter != '\n' { ' ' } else { letter };
    text.chars().take(MAX_ERROR_CHARS).map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_clean() {
        let failure = Failure::transient(format!("a\0b\n{}", "ü".repeat(3_000)));
        assert_eq!(failure.text().chars().count(), MAX_ERROR_CHARS);
        assert!(failure.text().starts_with("a b\nü"));
        assert!(Failure::last("no").is_last() && !Failure::later("no", 5).is_last());
        assert_eq!(Failure::later("no", 5).at_least_us(), 5);
    }
}
