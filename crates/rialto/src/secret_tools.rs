//! `rialto secrets`: the operator's tools for the sealed file of secrets.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use runtime::config::Settings;
use runtime::secrets::{MAX_SECRET_BYTES, Secret, check_name};
use secrets::{Contents, SealedFile};

/// Looks after the file of secrets that is sealed with a passphrase (settings secrets.file and secrets.passphrase_file). A
/// running exchange reads it at its next start.
#[derive(Debug, Args)]
pub(crate) struct Secrets {
    #[command(subcommand)]
    action: Action,
    /// Folder of the embedded store (setting store.data_dir)
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Settings file
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the names
    List,
    /// Puts a secret in, read from standard input without the line end at its end; makes the file if there is none
    Set {
        /// Its name
        name: String,
    },
    /// Takes a secret out
    Remove {
        /// Its name
        name: String,
    },
}

/// Runs the tool. `false` when there was no such secret to take out.
pub(crate) fn run(args: &Secrets) -> anyhow::Result<bool> {
    let mut settings = Settings::load(args.config.as_deref())?;
    if let Some(data) = &args.data {
        settings.store.data_dir.clone_from(data);
    }
    let data = &settings.store.data_dir;
    let file = SealedFile::at(&settings.secrets.file(data));
    let Some(passphrase) = SealedFile::passphrase(&settings.secrets)? else {
        bail!("set secrets.passphrase_file, or RIALTO_SECRETS_PASSPHRASE: the file is sealed with a passphrase");
    };
    match &args.action {
        Action::List => {
            for name in file.open(&passphrase)?.names() {
                println!("{name}");
            }
            Ok(true)
        }
        Action::Set { name } => {
            check_name(name)?;
            let mut contents = if file.exists() { file.open(&passphrase)? } else { Contents::new() };
            contents.set(name, value()?)?;
            if let Some(folder) = file.path().parent() {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
            }
            file.seal(&contents, &passphrase)?;
            Ok(true)
        }
        Action::Remove { name } => {
            let mut contents = file.open(&passphrase)?;
            let found = contents.remove(name);
            if found {
                file.seal(&contents, &passphrase)?;
            } else {
                println!("there is no secret of this name");
            }
            Ok(found)
        }
    }
}

/// The secret on standard input; a little more than one may have, so that one that is too large is told so.
fn value() -> anyhow::Result<Secret<String>> {
    let mut text = Secret::new(String::new());
    let limit = MAX_SECRET_BYTES as u64 + 1;
    std::io::stdin().lock().take(limit).read_to_string(text.expose_mut()).context("the secret on standard input")?;
    let end = text.expose().trim_end_matches(['\r', '\n']).len();
    text.expose_mut().truncate(end);
    Ok(text)
}
