//! `rialto keys`: the operator's tools for API keys.

use std::fs::File;
use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use identity::{ApiKeyInfo, ApiKeys, KeyTerms, Permissions, PublicKey};
use ipnet::IpNet;
use jiff::Timestamp;

use crate::desk::{Desk, Place};

/// Looks after API keys. A running exchange learns of a new key within seconds, and of a revoked one within a minute.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes a key: with a secret that is shown once, or for an Ed25519 or RSA public key
    Add {
        /// Number of the account that it acts for
        #[arg(long)]
        account: u32,
        /// The owner's name for it
        #[arg(long)]
        label: String,
        /// PEM file of the public key (`openssl pkey -pubout`); without it the key signs with HMAC
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        /// Lets it look and not trade
        #[arg(long, conflicts_with = "withdraw")]
        read_only: bool,
        /// Lets it ask for withdrawals, too
        #[arg(long)]
        withdraw: bool,
        /// From when on it is refused, such as 2027-01-31T12:00:00Z; without it the key does not expire
        #[arg(long, value_name = "TIME")]
        expires: Option<Timestamp>,
        /// An address or network that it may be used from, such as 192.0.2.7 or 192.0.2.0/24; may be given several times
        #[arg(long, value_name = "ADDRESS", value_parser = network)]
        ip: Vec<IpNet>,
    },
    /// Lists the newest keys of an account, revoked ones too
    List {
        /// Number of the account
        #[arg(long)]
        account: u32,
    },
    /// Revokes a key for ever
    Revoke {
        /// Number of the account
        #[arg(long)]
        account: u32,
        /// The key
        #[arg(long)]
        key: String,
    },
}

/// Runs the tool. `false` when there was no such key to revoke.
pub(crate) fn run(keys: &Keys) -> anyhow::Result<bool> {
    keys.place.work(async |desk| act(desk, &keys.action).await)
}

async fn act(desk: &Desk, action: &Action) -> anyhow::Result<bool> {
    let keys = ApiKeys::new(desk.db.clone(), desk.sealing.clone(), desk.random.clone());
    let now_us = desk.now_us;
    Ok(match action {
        Action::Add { account, label, public_key, read_only, withdraw, expires, ip } => {
            let terms = KeyTerms {
                permissions: Permissions { read: true, trade: !read_only, withdraw: *withdraw },
                addresses: ip.clone(),
                expires_at_us: expires.map(|time| u64::try_from(time.as_microsecond()).unwrap_or(0)),
            };
            let account = i64::from(*account);
            if let Some(file) = public_key {
                let public_key = PublicKey::from_pem(&read(file)?).with_context(|| file.display().to_string())?;
                let key = keys.register(account, label, terms, &public_key, now_us).await?;
                println!("key={key} kind={}", public_key.kind().name());
            } else {
                let made = keys.create(account, label, terms, now_us).await?;
                println!("key={} secret={}", made.key, made.secret.expose());
            }
            true
        }
        Action::List { account } => {
            for key in keys.list(i64::from(*account)).await? {
                println!("{}", line(&key, now_us));
            }
            true
        }
        Action::Revoke { account, key } => {
            let revoked = keys.revoke(i64::from(*account), key, now_us).await?;
            println!("{}", if revoked { "revoked" } else { "the account has no such live key" });
            revoked
        }
    })
}

/// A key as the list shows it.
fn line(key: &ApiKeyInfo, now_us: u64) -> String {
    let Permissions { read, trade, withdraw } = key.permissions;
    let may = [(read, "read"), (trade, "trade"), (withdraw, "withdraw")];
    let may: Vec<&str> = may.into_iter().filter(|(may, _)| *may).map(|(_, name)| name).collect();
    let state = match (key.revoked_at_us, key.expires_at_us) {
        (Some(_), _) => "revoked",
        (None, Some(us)) if us <= now_us => "expired",
        _ => "live",
    };
    let from: Vec<String> = key.addresses.iter().map(ToString::to_string).collect();
    let from = if from.is_empty() { String::new() } else { format!(" from={}", from.join(",")) };
    format!("key={} kind={} may={} {state}{from} label={:?}", key.key, key.kind.name(), may.join(","), key.label)
}

/// An address is the network of itself alone.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>().or_else(|_| address()).map_err(|_| "is no address and no network".to_owned())
}

/// The text of a PEM file; a little more than a key may have, so that one that is too long is told so.
fn read(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let cannot = || format!("cannot read {}", file.display());
    let limit = identity::MAX_PEM_BYTES as u64 + 1;
    File::open(file).with_context(cannot)?.take(limit).read_to_string(&mut text).with_context(cannot)?;
    Ok(text)
}
