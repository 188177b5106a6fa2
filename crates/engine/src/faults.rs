//! Deliberate faults, by which tests show that the simulator finds such faults. They can be injected only with the feature
//! `faults`, which nothing but tests switches on; without it the questions for them compile to nothing.

use crate::{Book, Engine};

/// Something that an engine does wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Fees are taken and credited to nobody.
    LostFee,
    /// The youngest order of a price trades first.
    WrongPriority,
    /// A repeat of a source's position is applied again.
    RepeatsAreNew,
    /// A cancel of all orders begins with the newest.
    NewestCancelledFirst,
    /// Orders that are triggered enter with the next command.
    StopsEnterLate,
    /// Only the last price of a sweep triggers.
    FirstPriceMissed,
    /// The next part of an iceberg stands where the last one stood.
    RefillKeepsPriority,
    /// A snapshot leaves out the newest hold.
    SnapshotMissesHold,
    /// The other order of a pair stays open.
    PartnerSurvives,
    /// A rebate is rounded up.
    RebateRoundedUp,
    /// A prevented match is not told.
    PreventedUntold,
    /// Orders that expire may trade once more.
    ExpiresLate,
    /// An auction forgets the last price.
    AuctionForgetsLastPrice,
}

impl Fault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[
        Self::LostFee,
        Self::WrongPriority,
        Self::RepeatsAreNew,
        Self::NewestCancelledFirst,
        Self::StopsEnterLate,
        Self::FirstPriceMissed,
        Self::RefillKeepsPriority,
        Self::SnapshotMissesHold,
        Self::PartnerSurvives,
        Self::RebateRoundedUp,
        Self::PreventedUntold,
        Self::ExpiresLate,
        Self::AuctionForgetsLastPrice,
    ];
}

impl<B: Book> Engine<B> {
    /// Makes the engine do this wrong from now on. A restored engine does nothing wrong.
    #[cfg(feature = "faults")]
    pub fn inject(&mut self, fault: Fault) {
        self.fault = Some(fault);
    }

    #[cfg(feature = "faults")]
    pub(crate) fn has_fault(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Nothing is done wrong without the feature.
    #[cfg(not(feature = "faults"))]
    #[inline(always)]
    #[allow(clippy::unused_self, reason = "with the feature it looks at the engine")]
    pub(crate) const fn has_fault(&self, _fault: Fault) -> bool {
        false
    }
}
