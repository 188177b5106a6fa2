//! Directories with the packages of one `package-lock.json`.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Language, scripts};
use crate::machine;

/// Installs what the lock file of `client` names at `place`.
pub(super) fn install(place: &Path, client: &Path) -> Result<()> {
    std::fs::create_dir_all(place).with_context(|| format!("cannot make {}", place.display()))?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(client.join(file), place.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    // The scripts of packages are not needed, and would run with our rights.
    let words =
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=5", "--prefix"];
    let mut arguments: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    arguments.push(place.as_os_str());
    machine::execute("npm", &arguments).context("run `cargo xtask setup` if npm is missing")
}

/// The command that runs a script. Node looks for packages beside the script, so it runs from a copy beside them, together with
/// what is in `shared`.
pub(super) fn command(place: &Path, shared: &Path, script: &Path) -> Result<Command> {
    let mut files = scripts(shared, Language::JavaScript)?;
    files.push(script.to_path_buf());
    let mut copy = place.to_path_buf();
    for file in files {
        copy = place.join(file.file_name().unwrap_or_default());
        std::fs::copy(&file, &copy).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    let mut command = Command::new("node");
    command.arg(copy);
    Ok(command)
}

/// The Node that scripts run on.
pub(super) fn version() -> Result<String> {
    let output = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let output = output.context("cannot run node; run `cargo xtask setup`")?;
    if !output.status.success() {
        bail!("node does not run: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
