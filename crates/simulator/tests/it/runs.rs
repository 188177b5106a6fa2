//! Whole runs: they hold, they repeat, they reach everything, and they fail when they should.

use std::process::Command;

use model::{Amount, Event};
use simulator::{Coverage, run, run_with};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;

#[test]
fn runs_hold_and_reach_every_event_and_every_reason_of_rejection() {
    let mut coverage = Coverage::default();
    for seed in SEEDS {
        match run(seed, 2_000) {
            Ok(summary) => {
                assert!(summary.restarts > 0, "seed {seed} never restarted");
                coverage.add(&summary.coverage);
            }
            Err(failure) => panic!("{failure}"),
        }
    }
    assert_eq!(coverage.missing(), Vec::<String>::new());
    assert!(coverage.trades() > 1_000, "only {} trades", coverage.trades());
}

#[test]
fn a_seed_gives_the_same_run_again_and_another_seed_another() {
    assert_eq!(run(42, 600), run(42, 600));
    assert_ne!(run(42, 600).map(|summary| summary.state_hash), run(43, 600).map(|summary| summary.state_hash));
}

#[test]
fn a_run_names_the_seed_and_the_command_of_a_fault() {
    let mut broken_at = None;
    let failure = run_with(7, 2_000, &mut |step, events| {
        for event in events {
            if let Event::Trade(trade) = event
                && step > 500
                && broken_at.is_none()
            {
                trade.quote = Amount(trade.quote.0 + 1);
                broken_at = Some(step);
            }
        }
    });
    let failure = failure.expect_err("a trade for a unit too much");
    assert_eq!((failure.seed, Some(failure.step)), (7, broken_at));
    assert!(failure.message.contains("Quantity"), "{failure}");
}

#[test]
fn a_stop_in_the_middle_of_a_run_is_a_failure_with_its_message() {
    let failure = run_with(7, 100, &mut |step, _| assert!(step < 50, "the sum is not zero"));
    let failure = failure.expect_err("it stops");
    assert_eq!((failure.step, failure.message.as_str()), (50, "the engine stopped: the sum is not zero"));
}

#[test]
fn the_tool_tells_how_many_seeds_hold() {
    let tool = Command::new(env!("CARGO_BIN_EXE_sim"))
        .args(["--seeds", "3", "--first-seed", "11", "--commands", "200"])
        .output()
        .expect("the tool starts");
    let told = String::from_utf8_lossy(&tool.stdout);
    assert!(tool.status.success(), "{told}");
    assert!(told.contains("3 seeds hold"), "{told}");
}
