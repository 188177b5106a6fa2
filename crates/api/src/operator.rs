//! What an operator's tools ask of a process.

pub mod get_healthz;
pub mod get_metrics;
pub mod get_readyz;
