//! Whole runs of the node on a disk that fails: they hold, they repeat, they reach everything, and they fail when they
//! should.

use simulator::system::{Failure, Fault, Options, Summary, run, run_with, shrink};

const COMMANDS: u64 = 600;

fn in_a_folder(seed: u64, options: Options, fault: Option<Fault>) -> Result<Summary, Failure> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    run_with(seed, options, folder.path(), fault)
}

#[test]
fn runs_hold_and_reach_everything() {
    let mut all = Summary::default();
    for seed in 1..=30 {
        match in_a_folder(seed, Options::new(COMMANDS), None) {
            Ok(summary) => all.add(&summary),
            Err(failure) => panic!("{failure}\n{}", failure.arguments()),
        }
    }
    for (what, count) in all.counts() {
        assert!(count > 0, "never: {what}");
    }
}

#[test]
fn a_seed_gives_the_same_run_again_and_another_seed_another() {
    let first = in_a_folder(42, Options::new(COMMANDS), None);
    assert_eq!(in_a_folder(42, Options::new(COMMANDS), None), first);
    assert_ne!(in_a_folder(43, Options::new(COMMANDS), None), first);
}

/// The first seed whose run with this fault fails.
fn caught(fault: Fault) -> Failure {
    let failures = (1..=20).filter_map(|seed| in_a_folder(seed, Options::new(COMMANDS), Some(fault)).err());
    failures.into_iter().next().unwrap_or_else(|| panic!("{fault:?} is not found"))
}

#[test]
fn every_deliberate_fault_is_found() {
    let faults: [(Fault, &[&str]); 7] = [
        (Fault::SkippedSync, &["acknowledged commands are lost", "does not start", "a torn tail"]),
        (Fault::EarlyReceipt, &["acknowledged commands are lost"]),
        (Fault::ForgottenSource, &["the money is wrong"]),
        (Fault::MissingHold, &["the money is wrong", "image", "state"]),
        (Fault::SkippedStep, &["a follower was given command"]),
        (Fault::CutTooMuch, &["acknowledged commands are lost"]),
        (Fault::HiddenDamage, &["damaged snapshots were passed over, 0 were named"]),
    ];
    for (fault, findings) in faults {
        let failure = caught(fault);
        let found = findings.iter().any(|finding| failure.message.contains(finding));
        assert!(found, "{fault:?} is found by something else: {failure}");
    }
}

#[test]
fn a_failure_is_made_small_and_says_how_to_repeat_it() {
    let failure = caught(Fault::SkippedStep);
    let seed = failure.seed;
    let least = shrink(failure, &mut |seed, options| in_a_folder(seed, options, Some(Fault::SkippedStep)));
    assert!(least.options.readers && !least.options.kills && !least.options.damage, "{least:?}");
    assert!(least.options.commands < COMMANDS, "{least:?}");
    let told = least.arguments();
    assert!(told.contains(&format!("--first-seed {seed} ")) && told.contains("--without power-cuts,kills"), "{told}");
}

#[test]
fn a_run_in_a_folder_that_cannot_be_made_is_a_failure() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").expect("a file");
    assert!(run(1, Options::new(10), &file).is_err());
}
