//! Virtual environments, each with the packages of one `requirements.txt`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::machine;

fn python(place: &Path) -> PathBuf {
    place.join("bin").join("python")
}

/// Makes a virtual environment at `place` and installs what `requirements` names.
pub(crate) fn install(place: &Path, requirements: &Path) -> Result<()> {
    machine::execute("python3", &["-m".as_ref(), "venv".as_ref(), place.as_os_str()])
        .context("cannot make a virtual environment; run `cargo xtask setup`")?;
    let pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "5", "-r"];
    let mut arguments: Vec<_> = pip.iter().map(AsRef::as_ref).collect();
    arguments.push(requirements.as_os_str());
    machine::execute(python(place), &arguments)
}

/// The command that runs a script, which may import what is in `shared`.
pub(super) fn command(place: &Path, shared: &Path, script: &Path) -> Command {
    let mut command = Command::new(python(place));
    command.arg("-u").arg(script).env("PYTHONPATH", shared);
    // A message about somebody else's deprecation does not belong into the result.
    command.env("PYTHONWARNINGS", "ignore").env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The Python that environments are made of.
pub(crate) fn version() -> Result<String> {
    let script = "import sys; print(sys.version, sys.base_prefix)";
    let output = Command::new("python3").args(["-c", script]).stdin(Stdio::null()).output();
    let output = output.context("cannot run python3; run `cargo xtask setup`")?;
    if !output.status.success() {
        bail!("python3 does not run: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
