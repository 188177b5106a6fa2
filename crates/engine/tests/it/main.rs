//! Tests of the engine: tables of commands and answers, each played on the fast book, on the naive book, and on an engine
//! that is restored from its snapshot before every command.
//!
//! `exchange` tells the language of the tables. `traps` has one test for each defect that a survey of 160 engines found.
#![allow(clippy::panic, reason = "what plays a table stops at one that it cannot read")]

mod accounts;
mod amend;
mod auction;
mod auction_trades;
mod cancel;
mod deadlines;
mod deep;
mod exchange;
mod fees;
mod filters;
mod filters_special;
mod follower;
mod icebergs;
mod immediate;
mod language;
mod lists_oco;
mod lists_oco_rules;
mod lists_oto;
mod lists_oto_rules;
mod market_orders;
mod modify;
mod money;
mod precedence;
mod rebates;
mod restore;
mod restore_orders;
mod self_trade;
mod self_trade_walks;
mod sources;
mod states;
mod stops;
mod streams;
mod trailing;
mod trailing_scenarios;
mod trailing_several;
mod traps;
mod traps_orders;
mod triggers;
mod volatility;

use engine::{Levels, Naive};
use exchange::play;
use expect_test::Expect;

/// Plays the unindented lines of a table as commands and compares the whole with its text.
///
/// `UPDATE_EXPECT=1 cargo test -p engine --test it` rewrites the tables; nextest would do it from many processes at once.
#[track_caller]
fn check(table: &Expect) {
    let script = exchange::commands(table.data());
    let fast = play::<Levels>(&script, false);
    assert_eq!(fast, play::<Naive>(&script, false), "the naive book answers otherwise");
    assert_eq!(fast, play::<Levels>(&script, true), "an engine that restarts answers otherwise");
    table.assert_eq(&fast);
}
