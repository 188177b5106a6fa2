//! The Cucumber files of exchange-core (Apache-2.0), played on this engine with both books.
//!
//! They are not part of the project. They are looked for in `exchange-core-features` under the folder that
//! `RIALTO_SHARED_DATA` names, or else under `../shared/data` beside the workspace; without them these tests say so and pass.

mod step;
mod world;

use std::path::PathBuf;

use engine::{Book, Levels, Naive};
use expect_test::{Expect, expect};
use gherkin::{Feature, GherkinEnv, Scenario, Step};

use step::Note;
use world::World;

/// The text of a feature file; `None` when it is not there.
fn text(name: &str) -> Option<String> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let folder = std::env::var_os("RIALTO_SHARED_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("exchange-core-features").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            eprintln!("SKIPPED: {} cannot be read ({error}); set RIALTO_SHARED_DATA", path.display());
            None
        }
    }
}

/// The values of an outline's examples: for each row, the columns with their names. A plain scenario has one empty row.
fn examples(scenario: &Scenario) -> Vec<Vec<(String, String)>> {
    let tables = scenario.examples.iter().filter_map(|examples| examples.table.as_ref());
    let mut rows = Vec::new();
    for table in tables {
        let Some((names, values)) = table.rows.split_first() else { continue };
        rows.extend(values.iter().map(|row| names.iter().cloned().zip(row.iter().cloned()).collect()));
    }
    if rows.is_empty() { vec![Vec::new()] } else { rows }
}

/// What was done with every step: how many were played, and what was not, or not as it stands.
struct Played {
    steps: u32,
    notes: Vec<String>,
}

fn play<B: Book>(feature: &Feature) -> Played {
    let background: &[Step] = feature.background.as_ref().map_or(&[], |background| &background.steps);
    let mut played = Played { steps: 0, notes: Vec::new() };
    for scenario in &feature.scenarios {
        for example in examples(scenario) {
            let mut world: World<B> = World::new();
            for step in background.iter().chain(&scenario.steps) {
                let filled = example
                    .iter()
                    .fold(step.value.clone(), |text, (name, value)| text.replace(&format!("<{name}>"), value));
                let note = step::play(&mut world, &filled, step.table.as_ref());
                let line = step.position.line;
                let note = note.unwrap_or_else(|error| panic!("line {line}, {filled}: {error}"));
                played.steps += 1;
                let told = match note {
                    Note::AsItStands => continue,
                    Note::Adapted(reason) => format!("line {line}, adapted, {filled} -- {reason}"),
                    Note::Skipped(reason) => format!("line {line}, SKIPPED, {filled} -- {reason}"),
                };
                if !played.notes.contains(&told) {
                    played.notes.push(told);
                }
            }
        }
    }
    played
}

fn check(name: &str, steps: u32, notes: &Expect) {
    let Some(text) = text(name) else { return };
    let feature = Feature::parse(&text, GherkinEnv::default()).expect("the file is in the Gherkin language");
    let played = play::<Levels>(&feature);
    assert_eq!(play::<Naive>(&feature).notes, played.notes);
    let list: String = played.notes.iter().map(|note| format!("{note}\n")).collect();
    println!("{name}: {} steps, of which\n{list}", played.steps);
    assert_eq!(played.steps, steps, "a step was lost");
    notes.assert_eq(&list);
}

#[test]
fn basic() {
    check(
        "basic.feature",
        42,
        &expect![[r#"
        line 4, adapted, New client Alice has a balance: -- EUR_USD is a futures symbol there and a spot market here, so each client is given 1000000 EUR
        line 8, adapted, New client Bob has a balance: -- EUR_USD is a futures symbol there and a spot market here, so each client is given 1000000 EUR
        line 23, adapted, A client Alice orders: -- the column reservePrice is not compared
        line 64, adapted, A client Charlie orders: -- the column reservePrice is not compared
    "#]],
    );
}

#[test]
fn risk() {
    check(
        "risk.feature",
        62,
        &expect![[r#"
        line 24, adapted, A client Alice orders: -- the column reservePrice is not compared
        line 59, adapted, A client Alice orders: -- the column reservePrice is not compared
        line 66, adapted, A client Alice orders: -- the column reservePrice is not compared
        line 73, adapted, A client Alice orders: -- the column reservePrice is not compared
        line 81, SKIPPED, A client Bob could not place an BID order 203 at 18000@500 (type: GTC, symbol: ETH_XBT, reservePrice: 19000) due to RISK_NSF -- it is refused for its reservePrice alone, which this engine does not have
        line 91, adapted, A balance of a client Bob: -- exchange-core holds a bid's reservePrice x size, this engine its price x size; the difference is added
        line 93, adapted, A client Bob orders: -- the column reservePrice is not compared
        line 97, SKIPPED, A client Bob could not move a price to 18501 of the order 203 due to MATCHING_MOVE_FAILED_PRICE_OVER_RISK_LIMIT -- it is refused for its reservePrice alone, which this engine does not have
        line 98, adapted, A balance of a client Bob: -- exchange-core holds a bid's reservePrice x size, this engine its price x size; the difference is added
        line 100, adapted, A client Bob orders: -- the column reservePrice is not compared
        line 115, adapted, A balance of a client Bob: -- exchange-core holds a bid's reservePrice x size, this engine its price x size; the difference is added
        line 122, adapted, The order 203 is fully matched. LastPx: 17500, LastQty: 500, bidderHoldPrice: 18500 -- bidderHoldPrice is not compared
        line 126, adapted, A client Alice orders: -- the column reservePrice is not compared
    "#]],
    );
}
