//! `cargo xtask soak`: builds the exchange and the soak, and lets the one drive the other.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::machine;

/// Runs the soak for so many minutes with release binaries; without a number its short form with debug ones. `binary` is used instead of
/// building the exchange.
pub(crate) fn run(minutes: Option<u64>, binary: Option<PathBuf>) -> Result<()> {
    let (profile, folder) = if minutes.is_some() { ("release", "release") } else { ("dev", "debug") };
    let folder = machine::target_directory()?.join(folder);
    let build = |package: &str| {
        let arguments = ["build", "--locked", "--profile", profile, "--package", package, "--bin", package];
        machine::execute(machine::cargo(), &arguments)
    };
    build("soak")?;
    let exchange = match binary {
        Some(binary) => std::path::absolute(binary)?,
        None => {
            build("rialto")?;
            folder.join("rialto")
        }
    };
    let mut command = Command::new(folder.join("soak"));
    command.arg("--rialto").arg(exchange).arg("--out").arg(machine::target_directory()?.join("soak"));
    match minutes {
        Some(minutes) => command.arg("--minutes").arg(minutes.to_string()),
        None => command.arg("--short"),
    };
    // How long it takes it knows itself: every wait in it has a limit.
    let status = command.status().context("cannot run the soak")?;
    ensure!(status.success(), "the soak ended with {status}; what is wrong stands above");
    Ok(())
}
