//! Servers from PyPI that the Rust tests start: `tests/servers` pins them, and they lie in `servers/` below cargo's target directory.

use anyhow::{Context, Result};

use crate::clients::python;
use crate::machine;

/// Holds what the installation was made from, once it came to its end.
const MARK: &str = "complete";

/// Installs them, unless they stand there with the same pins and for the same Python.
pub(crate) fn install() -> Result<()> {
    let pins = machine::root().join("tests/servers/requirements.txt");
    let pinned = std::fs::read_to_string(&pins).with_context(|| format!("cannot read {}", pins.display()))?;
    let wanted = format!("{}\n{pinned}", python::version()?);
    let place = machine::target_directory()?.join("servers");
    if std::fs::read_to_string(place.join(MARK)).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    println!("xtask: installing the servers of the tests (80 MB)");
    if place.exists() {
        std::fs::remove_dir_all(&place).with_context(|| format!("cannot remove {}", place.display()))?;
    }
    python::install(&place, &pins).context("cannot install the servers of the tests")?;
    std::fs::write(place.join(MARK), wanted).context("cannot mark the installation as complete")
}
