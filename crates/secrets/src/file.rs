//! Secrets in a file that is sealed with a passphrase, in the format of age (<https://age-encryption.org/v1>).

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::iter;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use runtime::secrets::{MAX_SECRET_BYTES, Secret, check_name};

use crate::Error;

/// Most bytes of the file.
const MAX_FILE: u64 = 4 << 20;
/// Most secrets in it.
const MAX_SECRETS: usize = 200;
/// Most bytes of a passphrase.
const MAX_PASSPHRASE: u64 = 1_024;
/// Fewest characters of a passphrase that a file is sealed with.
const MIN_PASSPHRASE: usize = 12;
/// What a guess at the passphrase costs: 2^16 rounds of scrypt, 64 MiB and some tenths of a second.
const WORK: u8 = 16;
/// Most that a file may make us work: 16 times as much, for files that other tools sealed.
const MAX_WORK: u8 = 20;

/// Secrets by name.
#[derive(Clone, Default)]
pub struct Contents(BTreeMap<String, Secret<String>>);

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Contents {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// From lines of TOML, `name = "value"`.
    ///
    /// # Errors
    /// A line that is none, a name that is none, and the bounds.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        // What the parser says repeats the line.
        let parsed: BTreeMap<String, Secret<String>> = toml::from_str(text).map_err(|error: toml::de::Error| {
            let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count());
            Error::Settings(format!("the secrets are not lines of `name = \"value\"` (about line {line})"))
        })?;
        let mut contents = Self::new();
        for (name, value) in parsed {
            contents.set(&name, value)?;
        }
        Ok(contents)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A secret.
    pub fn get(&self, name: &str) -> Option<&Secret<String>> {
        self.0.get(name)
    }

    /// Puts a secret in, in the place of the one that had its name.
    ///
    /// # Errors
    /// A name that is none, a value that is empty or larger than a secret may be, and more secrets than there may be.
    pub fn set(&mut self, name: &str, value: Secret<String>) -> Result<(), Error> {
        check_name(name)?;
        let refuse = |reason| Err(Error::Value { name: name.to_owned(), reason });
        match value.expose().len() {
            0 => refuse("is empty"),
            length if length > MAX_SECRET_BYTES => refuse("is larger than a secret may be"),
            _ if self.0.len() >= MAX_SECRETS && !self.0.contains_key(name) => {
                refuse("is one more than a file may hold")
            }
            _ => {
                self.0.insert(name.to_owned(), value);
                Ok(())
            }
        }
    }

    /// Takes a secret out; whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }
}

/// A file of secrets.
#[derive(Debug, Clone)]
pub struct SealedFile {
    path: PathBuf,
}

impl SealedFile {
    /// The file at `path`, which need not exist yet.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is one.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Opens it. Takes some tenths of a second of one core and 64 MiB for that time.
    ///
    /// # Errors
    /// [`Error::File`] for a wrong passphrase, and a file that is missing, too large, damaged, or asks for too much work.
    pub fn open(&self, passphrase: &Secret<String>) -> Result<Contents, Error> {
        let failed = |reason: String| Error::file(&self.path, reason);
        let sealed = bounded(&self.path, MAX_FILE)?;
        let decryptor = Decryptor::new(sealed.expose().as_slice())
            .map_err(|error| failed(format!("is no file of age: {error}")))?;
        let mut identity = scrypt::Identity::new(SecretString::from(passphrase.expose().clone()));
        identity.set_max_work_factor(MAX_WORK);
        let mut plain = Secret::new(Vec::new());
        let reader = decryptor.decrypt(iter::once(&identity as _)).map_err(|error| failed(told(&error)))?;
        reader
            .take(MAX_FILE)
            .read_to_end(plain.expose_mut())
            .map_err(|_| failed("is damaged: restore it from the backup".to_owned()))?;
        let parsed: BTreeMap<String, Secret<String>> = serde_json::from_slice(plain.expose()).map_err(|_| {
            failed("opens, but does not hold a map of secrets; make it with `rialto secrets`".to_owned())
        })?;
        let mut contents = Contents::new();
        for (name, value) in parsed {
            contents.set(&name, value)?;
        }
        Ok(contents)
    }

    /// Seals secrets into it, in the place of what it held: at any moment there is the old file or the new one, whole.
    ///
    /// # Errors
    /// [`Error::Settings`] for a passphrase that is too short, [`Error::File`] if it cannot be written.
    pub fn seal(&self, contents: &Contents, passphrase: &Secret<String>) -> Result<(), Error> {
        if passphrase.expose().chars().count() < MIN_PASSPHRASE {
            return Err(Error::Settings(format!("a passphrase has {MIN_PASSPHRASE} characters or more")));
        }
        let failed = |error: io::Error| Error::file(&self.path, format!("cannot be written: {error}"));
        let values: BTreeMap<&str, &str> =
            contents.0.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        let plain = Secret::new(serde_json::to_vec(&values).expect("a map of texts is always JSON"));
        let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.expose().clone()));
        recipient.set_work_factor(WORK);
        let encryptor = Encryptor::with_recipients(iter::once(&recipient as _))
            .map_err(|error| Error::file(&self.path, format!("cannot be sealed: {error}")))?;
        let mut sealed = Vec::new();
        let mut writer = encryptor.wrap_output(&mut sealed).map_err(failed)?;
        writer.write_all(plain.expose()).and_then(|()| writer.finish().map(drop)).map_err(failed)?;
        replace(&self.path, &sealed).map_err(failed)
    }
}

/// The passphrase in a file that only its owner can read; a line end at its end is not part of it.
pub(crate) fn passphrase(path: &Path) -> Result<Secret<String>, Error> {
    secret_text(path, MAX_PASSPHRASE)
}

/// A short secret in a file that only its owner can read.
pub(crate) fn secret_text(path: &Path, limit: u64) -> Result<Secret<String>, Error> {
    let mode = std::fs::metadata(path).map_err(|error| Error::file(path, format!("cannot be read: {error}")))?.mode();
    if mode & 0o077 != 0 {
        let reason =
            format!("may be read or written by others than its owner (mode {:o}): run chmod 600 on it", mode & 0o777);
        return Err(Error::file(path, reason));
    }
    let bytes = bounded(path, limit)?;
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| Error::file(path, "is not UTF-8"))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err(Error::file(path, "is empty")) } else { Ok(Secret::new(text.to_owned())) }
}

fn told(error: &DecryptError) -> String {
    match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
            "does not open: the passphrase is another one, or the file was changed".to_owned()
        }
        DecryptError::NoMatchingKeys => "is sealed for a key and not with a passphrase".to_owned(),
        DecryptError::ExcessiveWork { .. } => {
            "asks for more work than any file of ours: it was not made here".to_owned()
        }
        other => format!("does not open: {other}"),
    }
}

fn bounded(path: &Path, limit: u64) -> Result<Secret<Vec<u8>>, Error> {
    let failed = |error: io::Error| Error::file(path, format!("cannot be read: {error}"));
    let mut bytes = Secret::new(Vec::new());
    File::open(path).map_err(failed)?.take(limit + 1).read_to_end(bytes.expose_mut()).map_err(failed)?;
    if bytes.expose().len() as u64 > limit {
        return Err(Error::file(path, format!("has more than {limit} bytes")));
    }
    Ok(bytes)
}

/// Writes a new file beside the old one, makes it durable, and lets it take its place.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let draft = path.with_file_name(name);
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // One was left by a tool that was ended in the middle.
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
