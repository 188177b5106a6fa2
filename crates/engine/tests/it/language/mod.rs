//! Words to commands, and events to words.

mod commands;
mod events;
mod orders;
mod shows;

pub(crate) use commands::{command, sourced};
pub(crate) use events::event;
use model::{
    AccountId, Amount, AssetId, ClientOrderId, ListTarget, Market, MarketId, OrderId, Price, Quantity, Target,
    Timestamp, decimal,
};
pub(crate) use shows::show;

use crate::exchange::{ACCOUNTS, ASSETS, PRICE_DECIMALS, QUANTITY_DECIMALS, markets, open_market};

pub(crate) fn account(name: &str) -> AccountId {
    let found = ACCOUNTS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no account {name}")).1
}

fn name(account: AccountId) -> String {
    let found = ACCOUNTS.iter().find(|(_, known)| *known == account);
    found.map_or_else(|| account.to_string(), |(name, _)| (*name).to_owned())
}

/// A market as it is listed at first; one that nobody knows for any other name.
fn market(name: &str) -> Market {
    let unknown = open_market(99, "UNKNOWN", AssetId(1), AssetId(2));
    markets().into_iter().find(|market| market.symbol.as_str() == name).unwrap_or(unknown)
}

fn market_of(id: MarketId) -> Market {
    markets().into_iter().find(|market| market.id == id).expect("a market of the tables")
}

/// The market that a line names after `on`.
fn named_market(words: &[&str]) -> Market {
    let at = words.iter().position(|word| *word == "on");
    at.map_or_else(|| market("GOLDEUR"), |at| market(words[at + 1]))
}

fn asset(name: &str) -> (AssetId, u8) {
    let found = ASSETS.iter().find(|(known, ..)| *known == name);
    found.map_or((AssetId(99), 0), |(_, id, scale)| (*id, *scale))
}

fn number(text: &str, decimals: u8) -> i64 {
    match text {
        "max" => i64::MAX,
        _ => decimal::parse(text, decimals).unwrap_or_else(|error| panic!("{text}: {error}")),
    }
}

/// A time in milliseconds since the exchange's begin.
pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp(number(text, 3).try_into().unwrap_or_else(|_| panic!("{text} is no time")))
}

/// What a word says after a prefix such as `id=`.
fn option<'a>(words: &[&'a str], prefix: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(prefix))
}

fn client_id(text: Option<&str>) -> ClientOrderId {
    text.map_or(ClientOrderId::EMPTY, |text| ClientOrderId::new(text).expect("a client id"))
}

fn target(text: &str) -> Target {
    let order = |text: &str| OrderId(text.trim_start_matches('#').parse().expect("an order id"));
    match text.split_once('/') {
        Some((id, name)) => Target::Both(order(id), client_id(Some(name))),
        None if text.starts_with('#') => Target::Order(order(text)),
        None => Target::Client(client_id(Some(text))),
    }
}

fn list_target(text: &str) -> ListTarget {
    match text.strip_prefix('L').and_then(|id| id.parse().ok()) {
        Some(id) => ListTarget::List(model::ListId(id)),
        None => ListTarget::Client(client_id(Some(text))),
    }
}

fn shown(value: i64, decimals: u8) -> String {
    let text = decimal::format(value, decimals, 0);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn price(value: Price) -> String {
    shown(value.0, PRICE_DECIMALS)
}

fn quantity(value: Quantity) -> String {
    shown(value.0, QUANTITY_DECIMALS)
}

fn money(id: AssetId, amount: Amount) -> String {
    let found = ASSETS.iter().find(|(_, known, _)| *known == id);
    let (name, _, scale) = found.expect("an asset of the tables");
    format!("{} {name}", shown(amount.0, *scale))
}

/// A time as tables write it.
fn moment(time: Timestamp) -> String {
    format!("{} ms", shown(i64::try_from(time.0).unwrap_or(i64::MAX), 3))
}
