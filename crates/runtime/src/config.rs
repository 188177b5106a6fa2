//! All settings of the program: one documented tree.
//!
//! A value comes from the environment (`RIALTO_<SECTION>_<KEY>`), else from the settings file, else from its default. The
//! reference and the example file are made from the doc comments of [`Settings`]' fields, so they cannot disagree with it.

#![allow(unused_qualifications, reason = "the derive of the settings library writes paths in full")]

mod bounds;
mod captcha;
mod documents;
mod environment;
mod identity;
mod limits;
mod mail;
mod oidc;
mod reference;
mod references;
mod secrets;
mod sections;
mod site;
mod texts;
mod wallets;

use std::path::Path;

use confique::{Config, File, FileFormat};

pub use captcha::{Captcha, CaptchaProvider};
pub use documents::Documents;
pub use identity::{Identity, Lockout, Passwords};
pub use limits::Limits;
pub use mail::{Mail, MailTls};
pub use oidc::{Oidc, OidcProvider};
pub use reference::{reference_markdown, template_toml};
pub use references::Reference;
pub use secrets::{SecretsSource, SourceKind, Vault};
pub use sections::{Grpc, Http, Journal, Log, LogFormat, Node, OptionalAddress, Projections, Store, Ws};
pub use site::Site;
pub use texts::Texts;
pub use wallets::Wallets;

use crate::Error;

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "rialto.toml";

/// Settings of Rialto.
///
/// Every value may also be given by the environment variable named beside it; the environment wins over this file.
/// Lines that begin with a number sign are the defaults: remove the sign to change one.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Settings {
    /// The HTTP and WebSocket server.
    #[config(nested)]
    pub http: Http,
    /// How much clients may ask for.
    #[config(nested)]
    pub limits: Limits,
    /// The gRPC server.
    #[config(nested)]
    pub grpc: Grpc,
    /// Where data lives.
    #[config(nested)]
    pub store: Store,
    /// The durable log of commands.
    #[config(nested)]
    pub journal: Journal,
    /// The engine's queues.
    #[config(nested)]
    pub node: Node,
    /// The SQL read models.
    #[config(nested)]
    pub projections: Projections,
    /// How people sign up and sign in.
    #[config(nested)]
    pub identity: Identity,
    /// The CAPTCHA that sign-up, sign-in and letters ask for.
    #[config(nested)]
    pub captcha: Captcha,
    /// KYC documents: sealed files in a folder, or in a bucket of S3 or of what speaks like it.
    #[config(nested)]
    pub documents: Documents,
    /// E-mail.
    #[config(nested)]
    pub mail: Mail,
    /// Signing in with the word of another site (OpenID Connect), such as Google's or a company's own.
    #[config(nested)]
    pub oidc: Oidc,
    /// Text messages to phones.
    #[config(nested)]
    pub texts: Texts,
    /// The program's own secrets: passwords and keys, which settings name as `secret:NAME`. docs/guides/secrets.md shows each way.
    #[config(nested)]
    pub secrets: SecretsSource,
    /// What is logged to standard output.
    #[config(nested)]
    pub log: Log,
    /// What the exchange is called and where its users find it.
    #[config(nested)]
    pub site: Site,
    /// Signing in with a wallet.
    #[config(nested)]
    pub wallets: Wallets,
}

impl Settings {
    /// Reads the settings: the environment over `file`, or over `rialto.toml` in the working directory if `file` is `None` and it
    /// exists, over the defaults.
    ///
    /// # Errors
    /// [`Error::Settings`] for a named file that is missing, a key or variable that is unknown, and a value out of its bounds.
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        environment::refuse_unknown(&Self::META, std::env::vars_os())?;
        let source = match file {
            Some(file) => File::with_format(file, FileFormat::Toml).required(),
            None => File::with_format(DEFAULT_FILE, FileFormat::Toml),
        };
        let from_file = source.load().map_err(refused)?;
        let settings = Self::builder().env().preloaded(from_file).load().map_err(refused)?;
        settings.check()?;
        Ok(settings)
    }

    /// The defaults alone: neither file nor environment.
    pub fn defaults() -> Self {
        Self::builder().load().expect("every setting has a valid default; a test loads them")
    }

    /// Checks the rules between settings, which no single value can break. Call it again after changing a field.
    ///
    /// # Errors
    /// [`Error::Settings`] with the names of the settings that disagree.
    pub fn check(&self) -> Result<(), Error> {
        let disagree = |text: String| Err(Error::Settings(text));
        let ws = &self.http.ws;
        if ws.pong_timeout_ms <= ws.ping_interval_ms {
            return disagree(format!(
                "http.ws.pong_timeout_ms ({}) must be greater than http.ws.ping_interval_ms ({})",
                ws.pong_timeout_ms, ws.ping_interval_ms
            ));
        }
        if self.node.batch_commands > self.node.queue_commands {
            return disagree(format!(
                "node.batch_commands ({}) must not be greater than node.queue_commands ({})",
                self.node.batch_commands, self.node.queue_commands
            ));
        }
        self.captcha.check()?;
        self.documents.check()?;
        self.mail.check()?;
        self.oidc.check()?;
        self.secrets.check()
    }
}

fn refused(error: confique::Error) -> Error {
    // The alternate form carries the cause: for a file, the line and the key.
    Error::Settings(format!("{error:#}"))
}
