//! What is told of an asset beside what the engine knows, and how an operator writes it.

use std::collections::BTreeMap;

use model::Symbol;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Coins of the list.
pub const MAX_COINS: usize = 1_000;
/// Links of a coin.
pub const MAX_LINKS: usize = 16;
/// Characters of a name, of a link and its kind, and of other short texts.
pub const MAX_TEXT_CHARS: usize = 200;
/// Characters of a description.
pub const MAX_DESCRIPTION_CHARS: usize = 4_000;
/// Bytes of an icon, whether an address or the picture itself.
pub const MAX_ICON_BYTES: usize = 8_192;
/// Most decimals that are shown of a coin: as many as the ledger may have.
const MAX_PRECISION: u8 = 18;

/// What is told of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coin {
    /// The asset's name in the engine, for instance `BTC`.
    pub symbol: String,
    /// Its name for people, for instance `Bitcoin`.
    pub name: String,
    /// What it is, in plain text.
    #[serde(default)]
    pub description: String,
    /// Addresses on the web by kind (`website`, `explorer`, `source`, …).
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// Decimals that are shown of an amount.
    pub precision: u8,
    /// The same in words, for instance `1 satoshi`; without it the smallest amount that is shown, `0.00000001`.
    #[serde(default)]
    pub precision_text: String,
    /// The chains that it can be deposited and withdrawn on. None yet.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Its picture: an address, or the picture itself as `data:image/…`.
    #[serde(default)]
    pub icon: Option<String>,
    /// Its number in the unified list of crypto assets of CoinMarketCap.
    #[serde(default)]
    pub coinmarketcap_id: Option<u32>,
}

/// One `[[coin]]` for each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    coin: Vec<Coin>,
}

/// Reads and checks a file with one `[[coin]]` for each, in TOML or in JSON (`{"coin": [ … ]}`).
///
/// # Errors
/// [`Error::File`], [`Error::Coin`] for the first coin that cannot be, [`Error::TooManyCoins`].
pub fn parse_file(text: &str) -> Result<Vec<Coin>, Error> {
    let File { coin: mut coins } = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| Error::File(error.to_string()))?
    } else {
        toml::from_str(text).map_err(|error| Error::File(error.to_string()))?
    };
    if coins.len() > MAX_COINS {
        return Err(Error::TooManyCoins);
    }
    for index in 0..coins.len() {
        let symbol = coins[index].symbol.clone();
        if coins[..index].iter().any(|other| other.symbol == symbol) {
            return Err(Error::Coin { symbol, what: "it stands in the file twice".to_owned() });
        }
        coins[index].complete()?;
    }
    Ok(coins)
}

impl Coin {
    /// Checks it, and writes the precision in words if nobody did.
    ///
    /// # Errors
    /// [`Error::Coin`] with what is wrong.
    pub fn complete(&mut self) -> Result<(), Error> {
        self.check().map_err(|what| Error::Coin { symbol: self.symbol.clone(), what })?;
        if self.precision_text.is_empty() {
            self.precision_text = model::decimal::format(1, self.precision, self.precision);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        Symbol::new(&self.symbol).ok_or("the symbol is no name of an asset such as BTC")?;
        short("name", &self.name)?;
        if self.name.is_empty() {
            return Err("the name is empty".to_owned());
        }
        short("precision_text", &self.precision_text)?;
        if self.precision > MAX_PRECISION {
            return Err(format!("a precision of {} is more than {MAX_PRECISION} decimals", self.precision));
        }
        let controls = |c: char| c.is_control() && c != '\n';
        if self.description.chars().count() > MAX_DESCRIPTION_CHARS || self.description.chars().any(controls) {
            return Err(format!(
                "the description must have at most {MAX_DESCRIPTION_CHARS} characters and no control characters"
            ));
        }
        if self.links.len() > MAX_LINKS {
            return Err(format!("it has {} links, and may have at most {MAX_LINKS}", self.links.len()));
        }
        for (kind, link) in &self.links {
            short("the kind of a link", kind)?;
            short("a link", link)?;
            if !is_address(link) {
                return Err(format!("the link `{kind}` must begin with https:// or http://"));
            }
        }
        if !self.networks.is_empty() {
            return Err("networks must be empty: there is no custody on chains yet".to_owned());
        }
        match &self.icon {
            Some(icon) if icon.len() > MAX_ICON_BYTES => Err(format!("the icon is longer than {MAX_ICON_BYTES} bytes")),
            Some(icon) if !is_address(icon) && !icon.starts_with("data:image/") => {
                Err("the icon must begin with https://, http:// or data:image/".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn is_address(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\');
    (text.starts_with("https://") || text.starts_with("http://")) && text.bytes().all(plain)
}

fn short(what: &str, text: &str) -> Result<(), String> {
    if text.chars().count() > MAX_TEXT_CHARS || text.chars().any(char::is_control) {
        return Err(format!("{what} must have at most {MAX_TEXT_CHARS} characters and no control characters"));
    }
    Ok(())
}
