//! Tests of the simulation, of its auditor, and of the engine through both.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "feature files stop at a step that does not hold, and the steps that do not apply are printed"
)]

mod allocations;
mod contract_faults;
mod corpora;
mod day;
mod faults;
mod features;
mod market;
mod mutations;
mod properties;
mod runs;
mod switches;
mod system;
mod views;
