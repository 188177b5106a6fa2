//! Whole runs: they hold, they repeat, they reach everything, and they fail when they should.

use std::process::Command;

use model::{Amount, CloseReason, Event};
use simulator::{Coverage, OwnedFault, run, run_with, shrink_with};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=30;

#[test]
fn runs_hold_and_reach_everything() {
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
    assert!(coverage.trades() > 5_000, "only {} trades", coverage.trades());
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

/// A fault: a stop that is triggered stays asleep.
fn forgetful() -> OwnedFault {
    Box::new(|_, events| {
        if let Some(at) = events.iter().position(|event| matches!(event, Event::Triggered { .. })) {
            events.truncate(at);
        }
    })
}

#[test]
fn a_failing_run_is_shrunk_to_the_commands_that_matter() {
    let mut failure = None;
    for seed in 1..20 {
        failure = failure.or_else(|| run_with(seed, 2_000, &mut forgetful()).err());
    }
    let failure = failure.expect("a stop is triggered");
    let whole = failure.recorded.len();
    let least = shrink_with(failure, 3_000, &mut forgetful);
    // Two assets, a market, accounts with money, the stop, two orders that trade.
    assert!(least.recorded.len() <= 18 && least.recorded.len() < whole, "{} of {whole}", least.recorded.len());
    assert!(least.message.contains("Trigger"), "{least}");
}

/// An event is lost, doubled, or comes before the one before it: whichever it is of the kind that is meant.
type Spoil = fn(&mut Vec<Event>) -> bool;

fn lose(events: &mut Vec<Event>, is_it: fn(&Event) -> bool) -> bool {
    let found = events.iter().position(is_it);
    found.is_some_and(|at| {
        events.remove(at);
        true
    })
}

#[test]
fn faults_are_found_in_random_runs() {
    let faults: [(&str, Spoil); 8] = [
        ("a prevented match that is not recorded", |events| lose(events, |event| matches!(event, Event::Prevented(_)))),
        ("a stop that does not fire", |events| lose(events, |event| matches!(event, Event::Triggered { .. }))),
        ("an iceberg that is not refilled", |events| lose(events, |event| matches!(event, Event::Refilled { .. }))),
        ("a partner that survives", |events| {
            lose(events, |event| matches!(event, Event::Closed(it) if it.reason == CloseReason::ListDone))
        }),
        ("an order that outlives its time", |events| {
            lose(events, |event| matches!(event, Event::Closed(it) if it.reason == CloseReason::Deadline))
        }),
        ("an auction at another price", |events| {
            let found = events.iter_mut().find_map(|event| match event {
                Event::Uncrossed { price, .. } => Some(price),
                _ => None,
            });
            found.map(|price| price.0 += 1).is_some()
        }),
        ("a transfer that is applied twice", |events| {
            let found = events.iter().find(|event| matches!(event, Event::Transferred { .. })).copied();
            found.map(|event| events.push(event)).is_some()
        }),
        ("orders that are cancelled in another order", |events| {
            let is_many = events.len() > 2 && matches!(events.last(), Some(Event::AllCancelled { .. }));
            let two = is_many && matches!(events[..2], [Event::Closed(_), Event::Closed(_)]);
            if two {
                events.swap(0, 1);
            }
            two
        }),
    ];
    for (what, spoil) in faults {
        let mut spoilt = None;
        let failure = run_with(3, 4_000, &mut |step, events| {
            if spoilt.is_none() && spoil(events) {
                spoilt = Some(step);
            }
        });
        let failure = failure.expect_err(what);
        assert_eq!(Some(failure.step), spoilt, "{what}: {failure}");
    }
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
