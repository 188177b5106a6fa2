//! Engines with a deliberate fault: a few seeds are enough to find each of them.

use engine::Fault;
use simulator::{Failure, run_prepared};

/// The first finding among so many seeds.
fn found(fault: Option<Fault>, seeds: u64) -> Option<Failure> {
    (1..=seeds).find_map(|seed| {
        let mut prepare = |fast: &mut engine::Engine<engine::Levels>, naive: &mut engine::Engine<engine::Naive>| {
            if let Some(fault) = fault {
                fast.inject(fault);
                naive.inject(fault);
            }
        };
        run_prepared(seed, 1_000, &mut prepare).err()
    })
}

/// Each fault with words of the first line that is told about it.
const FAULTS: [(Fault, &str); 13] = [
    (Fault::LostFee, "the engine stopped"),
    (Fault::WrongPriority, "Priority"),
    (Fault::RepeatsAreNew, "expected Duplicate"),
    (Fault::NewestCancelledFirst, "expected Closed"),
    (Fault::StopsEnterLate, "expected Entered"),
    (Fault::FirstPriceMissed, "Trigger"),
    (Fault::RefillKeepsPriority, "Priority"),
    (Fault::SnapshotMissesHold, "snapshot"),
    (Fault::PartnerSurvives, "List:"),
    (Fault::RebateRoundedUp, "Fee"),
    (Fault::PreventedUntold, "SelfTrade"),
    (Fault::ExpiresLate, "Deadline"),
    (Fault::AuctionForgetsLastPrice, "Auction"),
];

#[test]
fn each_fault_of_an_engine_is_found() {
    assert_eq!(FAULTS.map(|(fault, _)| fault)[..], *Fault::ALL, "each fault is tried");
    for (fault, words) in FAULTS {
        let failure = found(Some(fault), 10).unwrap_or_else(|| panic!("{fault:?} is not found"));
        let line = failure.message.lines().next().unwrap_or_default();
        println!("{fault:?}: seed {}: {line}", failure.seed);
        assert!(line.contains(words), "{fault:?}: {failure}");
    }
}

#[test]
fn engines_without_a_fault_are_not_blamed() {
    assert_eq!(found(None, 3), None);
}
