#![doc = include_str!("../README.md")]

pub mod clock;
pub mod config;
pub mod cpu;
pub mod entropy;
mod error;
pub mod health;
pub mod http;
pub mod secrets;
pub mod shutdown;
pub mod telemetry;

pub use error::Error;
