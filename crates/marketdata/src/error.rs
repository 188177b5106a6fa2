use model::Sequence;

/// Why a batch could not be applied. In both cases the caller loads a fresh image and goes on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Steps are missing between what is held and the batch.
    #[error("market data stands before sequence {expected}, but the feed goes on at {found}")]
    Gap {
        /// The step that should have come.
        expected: Sequence,
        /// The step that came.
        found: Sequence,
    },
    /// An event does not fit what is held: a defect, here or in what made the event.
    #[error("market data does not fit the event at sequence {sequence}: {what}")]
    Diverged {
        /// The step of the event.
        sequence: Sequence,
        /// What did not fit.
        what: &'static str,
    },
}
