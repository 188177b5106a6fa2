//! Where a client is installed, one environment per client, kept below cargo's target directory until its pins change.

mod npm;
pub(crate) mod python;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// Marks an environment whose installation came to its end.
const COMPLETE: &str = "complete";
/// What the scripts of one language share: a directory beside the clients.
const SHARED: &str = "shared";

/// What the scripts of a client are written in, and so where the client comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// `requirements.txt`, PyPI, `*.py`
    Python,
    /// `package.json` and `package-lock.json`, npm, `*.mjs`
    JavaScript,
}

impl Language {
    /// Read from the files that pin the client; nothing when the directory is no client.
    pub(crate) fn of(client: &Path) -> Option<Self> {
        [Self::Python, Self::JavaScript].into_iter().find(|language| client.join(language.pins()).is_file())
    }

    /// The file that names every package with its version.
    const fn pins(self) -> &'static str {
        match self {
            Self::Python => "requirements.txt",
            Self::JavaScript => "package-lock.json",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::JavaScript => "mjs",
        }
    }
}

/// An installed client.
pub(crate) struct Environment {
    language: Language,
    place: PathBuf,
}

impl Environment {
    /// Installs `client` below `target`, or finds the installation that stands.
    pub(crate) fn prepare(client: &Path, language: Language, target: &Path) -> Result<Self> {
        let name = client.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let pins = client.join(language.pins());
        let pinned = std::fs::read_to_string(&pins).with_context(|| format!("cannot read {}", pins.display()))?;
        let version = match language {
            Language::Python => python::version()?,
            Language::JavaScript => npm::version()?,
        };
        let all = target.join("clients");
        let place = all.join(format!("{name}-{}", key(&pinned, &version)));
        let environment = Self { language, place };
        if environment.place.join(COMPLETE).is_file() {
            return Ok(environment);
        }
        remove_old(&all, &name)?;
        println!("clients: installing {name}");
        match language {
            Language::Python => python::install(&environment.place, &pins),
            Language::JavaScript => npm::install(&environment.place, client),
        }
        .with_context(|| format!("cannot install {name}"))?;
        std::fs::write(environment.place.join(COMPLETE), "").context("cannot mark the environment as complete")?;
        Ok(environment)
    }

    /// The command that runs a script with this client.
    pub(crate) fn command(&self, script: &Path) -> Result<Command> {
        let shared = script.parent().and_then(Path::parent).map(|clients| clients.join(SHARED)).unwrap_or_default();
        match self.language {
            Language::Python => Ok(python::command(&self.place, &shared, script)),
            Language::JavaScript => npm::command(&self.place, &shared, script),
        }
    }
}

/// The scripts of a directory, in the order of their names.
pub(crate) fn scripts(directory: &Path, language: Language) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut scripts: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    scripts.retain(|path| path.extension() == Some(OsStr::new(language.extension())));
    scripts.sort();
    if scripts.is_empty() {
        bail!("{} holds no script", directory.display());
    }
    Ok(scripts)
}

/// An environment is valid for one list of pins and one version of the language.
fn key(pins: &str, version: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(version.as_bytes());
    hasher.update([0]);
    hasher.update(pins.as_bytes());
    hex::encode(hasher.finalize()).chars().take(12).collect()
}

/// Removes what older pins, or an installation that was broken off, left behind.
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
    use super::{Language, key, remove_old};

    #[test]
    fn a_client_is_known_by_what_pins_it() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Language::of(directory.path()), None);
        std::fs::write(directory.path().join("package-lock.json"), "{}").unwrap();
        assert_eq!(Language::of(directory.path()), Some(Language::JavaScript));
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("requirements.txt"), "").unwrap();
        assert_eq!(Language::of(directory.path()), Some(Language::Python));
    }

    #[test]
    fn a_key_depends_on_the_pins_and_on_the_version() {
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
