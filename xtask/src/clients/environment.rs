//! Virtual environments, one per client, kept below cargo's target directory until the requirements change.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::machine;

/// Marks an environment whose installation came to its end.
const COMPLETE: &str = "complete";

/// Makes the environment of `client`, or finds the one that stands, and returns its Python.
pub(crate) fn prepare(client: &Path, target: &Path) -> Result<PathBuf> {
    let name = client.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let requirements = client.join("requirements.txt");
    let text =
        std::fs::read_to_string(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let key = key(&text, &version()?);
    let all = target.join("clients");
    let place = all.join(format!("{name}-{key}"));
    let python = place.join("bin").join("python");
    if place.join(COMPLETE).is_file() && python.exists() {
        return Ok(python);
    }
    remove_old(&all, &name)?;
    println!("clients: making the virtual environment of {name}");
    machine::execute("python3", &["-m".as_ref(), "venv".as_ref(), place.as_os_str()])
        .context("cannot make a virtual environment; run `cargo xtask setup`")?;
    let pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "5", "-r"];
    let mut arguments: Vec<_> = pip.iter().map(AsRef::as_ref).collect();
    arguments.push(requirements.as_os_str());
    machine::execute(&python, &arguments).with_context(|| format!("cannot install {name} from PyPI"))?;
    std::fs::write(place.join(COMPLETE), "").context("cannot mark the environment as complete")?;
    Ok(python)
}

/// An environment is valid for one list of requirements and one Python.
fn key(requirements: &str, version: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(version.as_bytes());
    hasher.update([0]);
    hasher.update(requirements.as_bytes());
    hex::encode(hasher.finalize()).chars().take(12).collect()
}

fn version() -> Result<String> {
    let script = "import sys; print(sys.version, sys.base_prefix)";
    let output = Command::new("python3").args(["-c", script]).stdin(Stdio::null()).output();
    let output = output.context("cannot run python3; run `cargo xtask setup`")?;
    if !output.status.success() {
        bail!("python3 does not run: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Removes what older requirements, or an installation that was broken off, left behind.
fn remove_old(all: &Path, name: &str) -> Result<()> {
    std::fs::create_dir_all(all).with_context(|| format!("cannot make {}", all.display()))?;
    let key_length = key("", "").len();
    for entry in std::fs::read_dir(all)?.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let own = file.rsplit_once('-').is_some_and(|(client, key)| client == name && key.len() == key_length);
        if own {
            std::fs::remove_dir_all(entry.path()).with_context(|| format!("cannot remove {file}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{key, remove_old};

    #[test]
    fn a_key_depends_on_the_requirements_and_on_python() {
        assert_eq!(key("a==1", "3.11"), key("a==1", "3.11"));
        assert_ne!(key("a==1", "3.11"), key("a==2", "3.11"));
        assert_ne!(key("a==1", "3.11"), key("a==1", "3.12"));
    }

    #[test]
    fn only_environments_of_the_same_client_are_removed() {
        let all = tempfile::tempdir().unwrap();
        let (old, other) = (format!("ccxt-{}", key("1", "")), format!("ccxt-pro-{}", key("1", "")));
        for name in [&old, &other] {
            std::fs::create_dir(all.path().join(name)).unwrap();
        }
        remove_old(all.path(), "ccxt").unwrap();
        assert!(!all.path().join(old).exists());
        assert!(all.path().join(other).exists());
    }
}
