//! The one source of the program's secrets.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runtime::clock::Clock;
use runtime::config::{SecretsSource, Settings, SourceKind};
use runtime::secrets::{SealingKey, Secret, check_name, from_environment};

use crate::{Contents, Error, SealedFile, Vault, file};

/// The name of the key that seals secrets in the database.
const SEALING_KEY: &str = "sealing-key";

/// Where the program's secrets come from. Share it in an `Arc`.
#[derive(Debug)]
pub struct Secrets(Kind);

#[derive(Debug)]
enum Kind {
    Environment,
    File { contents: Contents, path: String },
    Vault(Box<Vault>),
}

impl Secrets {
    /// Opens the source that the settings name: reads the sealed file, or signs in to Vault. `data_dir` is where the sealed file is
    /// unless the settings say otherwise.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Vault`] and [`Error::Settings`], with what to do.
    pub async fn open(settings: &SecretsSource, data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Ok(Self(match settings.source {
            SourceKind::Environment => Kind::Environment,
            SourceKind::File => {
                let sealed = SealedFile::at(&settings.file(data_dir));
                let passphrase = passphrase(settings)?.ok_or_else(|| {
                    Error::Settings(
                        "secrets.source = \"file\" needs secrets.passphrase or secrets.passphrase_file".to_owned(),
                    )
                })?;
                let path = sealed.path().display().to_string();
                // The work that a guess costs would hold up everything else on this thread.
                let opened = tokio::task::spawn_blocking(move || sealed.open(&passphrase)).await;
                let contents =
                    opened.map_err(|_| Error::Settings("the sealed file could not be opened".to_owned()))??;
                Kind::File { contents, path }
            }
            SourceKind::Vault => Kind::Vault(Box::new(Vault::sign_in(&settings.vault, clock).await?)),
        }))
    }

    /// A secret, or nothing when the source has none of this name. From Vault it is asked for each time.
    ///
    /// # Errors
    /// A name that is none, a secret that is empty or too large, and Vault's.
    pub async fn get(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>, Error> {
        Ok(self.text(name).await?.map(|text| Secret::new(text.expose().as_bytes().to_vec())))
    }

    /// The same as text.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub async fn text(&self, name: &str) -> Result<Option<Secret<String>>, Error> {
        check_name(name)?;
        match &self.0 {
            Kind::Environment => Ok(from_environment(name)?),
            Kind::File { contents, .. } => Ok(contents.get(name).cloned()),
            Kind::Vault(vault) => vault.get(name).await,
        }
    }

    /// The key that seals secrets in the database: the secret `sealing-key`, 32 bytes as 64 hexadecimal digits or in base64.
    ///
    /// # Errors
    /// [`Error::Value`] for anything else, and those of [`get`](Self::get).
    pub async fn sealing_key(&self) -> Result<Option<SealingKey>, Error> {
        let Some(text) = self.text(SEALING_KEY).await? else { return Ok(None) };
        let text = text.expose().trim();
        let bytes = if text.len() == 64 { hex::decode(text).ok() } else { STANDARD.decode(text).ok() };
        let bytes = Secret::new(bytes.unwrap_or_default());
        let key = <&[u8; 32]>::try_from(bytes.expose().as_slice()).map_err(|_| Error::Value {
            name: SEALING_KEY.to_owned(),
            reason: "is not 32 bytes as 64 hexadecimal digits or in base64",
        })?;
        Ok(Some(SealingKey::from_bytes(key)))
    }

    /// Puts the secrets that settings name (`secret:NAME`) in the place of their names.
    ///
    /// # Errors
    /// [`Error::Missing`] for one that the source does not have; those of [`get`](Self::get); and of a setting that does not take
    /// what it is given.
    pub async fn resolve(&self, settings: &mut Settings) -> Result<(), Error> {
        for reference in settings.references() {
            let Some(value) = self.text(&reference.name).await? else {
                let (setting, name, source_name) = (reference.setting, reference.name.clone(), self.name());
                return Err(Error::Missing { setting, name, source_name });
            };
            reference.resolve(value)?;
        }
        Ok(settings.check()?)
    }

    /// Vault, when it is the source: for its transit engine.
    pub fn vault(&self) -> Option<&Vault> {
        match &self.0 {
            Kind::Vault(vault) => Some(vault),
            Kind::Environment | Kind::File { .. } => None,
        }
    }

    /// Keeps Vault's token alive; with another source there is nothing to do. Never ends: race it against the shutdown.
    pub async fn keep(&self) {
        match &self.0 {
            Kind::Vault(vault) => vault.keep().await,
            Kind::Environment | Kind::File { .. } => std::future::pending().await,
        }
    }

    /// What messages call it.
    fn name(&self) -> String {
        match &self.0 {
            Kind::Environment => "the environment (RIALTO_SECRET_<NAME>)".to_owned(),
            Kind::File { path, .. } => path.clone(),
            Kind::Vault(vault) => vault.place(),
        }
    }
}

/// The passphrase of the settings, when there is one.
///
/// # Errors
/// [`Error::File`] for a file that others can read, that is empty, or that is not there.
pub(crate) fn passphrase(settings: &SecretsSource) -> Result<Option<Secret<String>>, Error> {
    match (&settings.passphrase, &settings.passphrase_file) {
        (Some(passphrase), _) => Ok(Some(passphrase.clone())),
        (None, Some(path)) => file::passphrase(path).map(Some),
        (None, None) => Ok(None),
    }
}

impl SealedFile {
    /// The passphrase that the settings give for it.
    ///
    /// # Errors
    /// [`Error::File`] for a file that others can read, that is empty, or that is not there.
    pub fn passphrase(settings: &SecretsSource) -> Result<Option<Secret<String>>, Error> {
        passphrase(settings)
    }
}
