//! Where the program's own secrets come from.

#![allow(clippy::ptr_arg, reason = "the settings library hands a field over as its own type")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use confique::Config;

use super::bounds::{between, path_of_names};
use crate::Error;
use crate::secrets::Secret;

/// The program's own secrets: passwords and keys, which settings name as `secret:NAME`. docs/guides/secrets.md shows each way.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct SecretsSource {
    /// Where they come from: `environment` (variables `RIALTO_SECRET_<NAME>`), `file` (sealed with a passphrase), or `vault`.
    #[config(env = "RIALTO_SECRETS_SOURCE", default = "environment")]
    pub source: SourceKind,
    /// The sealed file; `rialto secrets` makes and changes it. Without it, `secrets.age` in the data directory.
    #[config(env = "RIALTO_SECRETS_FILE")]
    pub file: Option<PathBuf>,
    /// File with the passphrase of the sealed file, readable by its owner only.
    #[config(env = "RIALTO_SECRETS_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// The passphrase itself; better given by its variable than written here.
    #[config(env = "RIALTO_SECRETS_PASSPHRASE")]
    pub passphrase: Option<Secret<String>>,
    /// HashiCorp Vault, or OpenBao.
    #[config(nested)]
    pub vault: Vault,
}

/// HashiCorp Vault, or OpenBao.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Vault {
    /// Its address: `https://HOST[:PORT]`, or `http://` on this machine.
    #[config(env = "RIALTO_SECRETS_VAULT_ADDRESS")]
    pub address: Option<String>,
    /// PEM file of certificates that are trusted besides the public ones.
    #[config(env = "RIALTO_SECRETS_VAULT_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// Namespace, where there are several.
    #[config(env = "RIALTO_SECRETS_VAULT_NAMESPACE", validate = path_of_names)]
    pub namespace: Option<String>,
    /// Mount of the key-value engine, version 2.
    #[config(env = "RIALTO_SECRETS_VAULT_MOUNT", default = "secret", validate = path_of_names)]
    pub mount: String,
    /// Path in it below which each secret has an entry of its name, with the value under `value`.
    #[config(env = "RIALTO_SECRETS_VAULT_PATH", default = "rialto", validate = path_of_names)]
    pub path: String,
    /// Token to sign in with.
    #[config(env = "RIALTO_SECRETS_VAULT_TOKEN")]
    pub token: Option<Secret<String>>,
    /// File with the token.
    #[config(env = "RIALTO_SECRETS_VAULT_TOKEN_FILE")]
    pub token_file: Option<PathBuf>,
    /// Role to sign in with by AppRole, in place of a token.
    #[config(env = "RIALTO_SECRETS_VAULT_ROLE_ID")]
    pub role_id: Option<String>,
    /// Secret of the role.
    #[config(env = "RIALTO_SECRETS_VAULT_SECRET_ID")]
    pub secret_id: Option<Secret<String>>,
    /// File with the secret of the role.
    #[config(env = "RIALTO_SECRETS_VAULT_SECRET_ID_FILE")]
    pub secret_id_file: Option<PathBuf>,
    /// Mount of AppRole.
    #[config(env = "RIALTO_SECRETS_VAULT_APPROLE_MOUNT", default = "approle", validate = path_of_names)]
    pub approle_mount: String,
    /// Mount of the transit engine.
    #[config(env = "RIALTO_SECRETS_VAULT_TRANSIT_MOUNT", default = "transit", validate = path_of_names)]
    pub transit_mount: String,
    /// Key of the transit engine that seals and opens for us.
    #[config(env = "RIALTO_SECRETS_VAULT_TRANSIT_KEY", validate = path_of_names)]
    pub transit_key: Option<String>,
    /// How long an answer may take. Between 100 and 60000.
    #[config(env = "RIALTO_SECRETS_VAULT_TIMEOUT_MS", default = 5000, validate = between::<100, 60_000, _>)]
    pub timeout_ms: u64,
}

/// The kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Variables of the environment.
    Environment,
    /// A file sealed with a passphrase.
    File,
    /// HashiCorp Vault or OpenBao.
    Vault,
}

impl SecretsSource {
    /// Where the sealed file is: as set, else in the data directory.
    pub fn file(&self, data_dir: &Path) -> PathBuf {
        self.file.clone().unwrap_or_else(|| data_dir.join("secrets.age"))
    }

    /// The rules between these settings.
    pub(super) fn check(&self) -> Result<(), Error> {
        let disagree = |text: &str| Err(Error::Settings(text.to_owned()));
        if self.passphrase.is_some() && self.passphrase_file.is_some() {
            return disagree("set one of secrets.passphrase and secrets.passphrase_file");
        }
        let vault = &self.vault;
        if vault.token.is_some() && vault.token_file.is_some() {
            return disagree("set one of secrets.vault.token and secrets.vault.token_file");
        }
        if vault.secret_id.is_some() && vault.secret_id_file.is_some() {
            return disagree("set one of secrets.vault.secret_id and secrets.vault.secret_id_file");
        }
        if self.source != SourceKind::Vault {
            return Ok(());
        }
        let Some(address) = &vault.address else {
            return disagree("secrets.source = \"vault\" needs secrets.vault.address");
        };
        if !address.starts_with("https://") && !is_here(address) {
            return disagree("secrets.vault.address must begin with https://, or be http:// on this machine");
        }
        let token = vault.token.is_some() || vault.token_file.is_some();
        if token == vault.role_id.is_some() {
            return disagree("secrets.vault needs a token or a role_id, and not both");
        }
        let secret_id = vault.secret_id.is_some() || vault.secret_id_file.is_some();
        if vault.role_id.is_some() && !secret_id {
            return disagree("secrets.vault.role_id needs secrets.vault.secret_id or secrets.vault.secret_id_file");
        }
        Ok(())
    }
}

impl Vault {
    /// `timeout_ms` as a duration.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

/// Whether an address in the clear stays on this machine.
fn is_here(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    // A name before an `@` would hide the host.
    !rest.contains('@')
        && (host == "localhost"
            || rest.starts_with("[::1]")
            || host.parse::<std::net::Ipv4Addr>().is_ok_and(|host| host.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for here in ["http://127.0.0.1:8200", "http://localhost:8200/", "http://[::1]:8200", "http://127.9.9.9"] {
            assert!(is_here(here), "{here}");
        }
        for there in [
            "http://10.0.0.1:8200",
            "http://localhost.example",
            "http://localhost@10.0.0.1",
            "ftp://localhost",
            "http://",
        ] {
            assert!(!is_here(there), "{there}");
        }
    }
}
