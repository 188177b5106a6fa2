#![doc = include_str!("../README.md")]

mod auditor;
mod coverage;
mod random;
mod run;
mod shrink;
pub mod system;
mod traffic;
mod workload;

pub use auditor::{Auditor, Discrepancy, Rule};
pub use coverage::Coverage;
pub use random::Random;
pub use run::{Failure, Fault, Prepare, Restarts, Summary, run, run_prepared, run_with};
pub use shrink::{OwnedFault, Recorded, replay, shrink, shrink_with};
pub use traffic::Traffic;
pub use workload::Workload;
