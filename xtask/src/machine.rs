//! The machine under the tools: where the workspace lies, which programs exist, and how they are run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the workspace: the directory above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds, whatever the configuration or environment says.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let output = Command::new(cargo())
        .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed; is Cargo.lock up to date?");
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?;
    Ok(PathBuf::from(target))
}

/// The cargo that runs this tool.
pub(crate) fn cargo() -> String {
    variable("CARGO").unwrap_or_else(|| "cargo".to_owned())
}

/// An environment variable, when it is set and not empty.
#[allow(clippy::disallowed_methods, reason = "these tools have no settings file; the environment is their input")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The first directory of `PATH`, or of `further`, that holds `program`.
pub(crate) fn find(program: &str, further: &[PathBuf]) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    places.extend_from_slice(further);
    places.into_iter().map(|place| place.join(program)).find(|file| file.is_file())
}

/// Runs a program from the root of the workspace with its output on this terminal, and fails when it does.
pub(crate) fn execute<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: &[A]) -> Result<()> {
    let shown: Vec<String> =
        arguments.iter().map(|argument| argument.as_ref().to_string_lossy().into_owned()).collect();
    let name = program.as_ref().to_string_lossy().into_owned();
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    if status.success() { Ok(()) } else { bail!("`{name} {}` ended with {status}", shown.join(" ")) }
}

/// Runs a program quietly and says whether it succeeded; one that is missing did not.
pub(crate) fn succeeds(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    let quiet = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}
