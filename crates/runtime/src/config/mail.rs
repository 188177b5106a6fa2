//! How letters leave.

#![allow(clippy::ptr_arg, reason = "the settings library hands a field over as its own type")]

use std::path::PathBuf;
use std::time::Duration;

use confique::Config;

use super::bounds::{any_or_name, between, host_and_port};
use crate::Error;
use crate::secrets::Secret;

/// E-mail.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Mail {
    /// Mail server that takes our letters, as `HOST:PORT`; port 587 for `starttls`, 465 for `tls`. Without one, letters are kept in
    /// the mailbox of `--demo`, or wait in the queue.
    #[config(env = "RIALTO_MAIL_SERVER", validate = host_and_port)]
    pub server: Option<String>,
    /// How the connection is protected: `starttls` (a server without it is not used), `tls` from the first byte, or `none`.
    #[config(env = "RIALTO_MAIL_TLS", default = "starttls")]
    pub tls: MailTls,
    /// PEM file of certificates that are trusted besides the public ones, for a server with one of your own.
    #[config(env = "RIALTO_MAIL_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// User that signs in to the mail server; with a password.
    #[config(env = "RIALTO_MAIL_USER")]
    pub user: Option<String>,
    /// Its password, or the name of the secret: `secret:NAME`. Only over TLS, or to this machine.
    #[config(env = "RIALTO_MAIL_PASSWORD", validate = any_or_name)]
    pub password: Option<Secret<String>>,
    /// Sender of all letters: `NAME <ADDRESS>`. Required with a server.
    #[config(env = "RIALTO_MAIL_FROM")]
    pub from: Option<String>,
    /// Where answers go: `NAME <ADDRESS>`. Without it, to the sender.
    #[config(env = "RIALTO_MAIL_REPLY_TO")]
    pub reply_to: Option<String>,
    /// Name of the exchange in letters.
    #[config(env = "RIALTO_MAIL_SITE_NAME", default = "Rialto", validate(!site_name.trim().is_empty(), "must not be empty"))]
    pub site_name: String,
    /// Folder of templates that stand in the place of the program's own, file by file: `<template>/<language>.<subject, txt or html>`.
    #[config(env = "RIALTO_MAIL_TEMPLATES_DIR")]
    pub templates_dir: Option<PathBuf>,
    /// Connections to the mail server at the same time; further letters wait. Between 1 and 64.
    #[config(env = "RIALTO_MAIL_MAX_CONNECTIONS", default = 4, validate = between::<1, 64, _>)]
    pub max_connections: u32,
    /// How long the mail server may take to open a session, TLS and sign-in included. Between 100 and 600000.
    #[config(env = "RIALTO_MAIL_TIMEOUT_MS", default = 30000, validate = between::<100, 600_000, _>)]
    pub timeout_ms: u64,
    /// How long one letter may take in all, the wait for a connection included. Between 100 and 3600000.
    #[config(env = "RIALTO_MAIL_LETTER_TIMEOUT_MS", default = 120000, validate = between::<100, 3_600_000, _>)]
    pub letter_timeout_ms: u64,
    /// Letters that the mailbox of `--demo` keeps; the oldest go. Between 1 and 10000.
    #[config(env = "RIALTO_MAIL_MAILBOX_LETTERS", default = 500, validate = between::<1, 10_000, _>)]
    pub mailbox_letters: u32,
}

impl Mail {
    /// Host and port of the mail server, when there is one.
    pub fn host_and_port(&self) -> Option<(&str, u16)> {
        let (host, port) = self.server.as_ref()?.rsplit_once(':')?;
        Some((host, port.parse().ok()?))
    }

    /// `timeout_ms` as a duration.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// `letter_timeout_ms` as a duration.
    pub fn letter_timeout(&self) -> Duration {
        Duration::from_millis(self.letter_timeout_ms)
    }

    /// The rules between these settings.
    pub(super) fn check(&self) -> Result<(), Error> {
        let disagree = |text: &str| Err(Error::Settings(text.to_owned()));
        let Some((host, _)) = self.host_and_port() else { return Ok(()) };
        if self.from.is_none() {
            return disagree("mail.server needs mail.from, the sender of all letters");
        }
        if self.user.is_some() != self.password.is_some() {
            return disagree("mail.user and mail.password belong together: set both or none");
        }
        let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if self.tls == MailTls::None && self.password.is_some() && !here {
            return disagree("mail.password would cross the network in the clear: set mail.tls to starttls or tls");
        }
        Ok(())
    }
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Not at all.
    None,
    /// By the command STARTTLS, without which nothing is sent.
    Starttls,
    /// From the first byte.
    Tls,
}
