//! Single values of requests, read by the rules of all doors. An empty text and a zero id stand for what was not sent.

use std::sync::Arc;

use marketdata::MarketView;
use model::{ClientOrderId, OrderId, Target, Timestamp};

use crate::binance::Params;
use crate::{App, Error};

/// The market of this name.
///
/// # Errors
/// [`Error::Mandatory`], [`Error::IllegalCharacters`], [`Error::InvalidSymbol`].
pub(super) fn market(app: &App, symbol: &str) -> Result<Arc<MarketView>, Error> {
    single("symbol", symbol)?.market(app)
}

/// The market of this name; `None` for an empty one.
///
/// # Errors
/// As [`market`].
pub(super) fn optional_market(app: &App, symbol: &str) -> Result<Option<Arc<MarketView>>, Error> {
    if symbol.is_empty() { Ok(None) } else { market(app, symbol).map(Some) }
}

/// The markets of these names, each once; all of them for none.
///
/// # Errors
/// As [`market`]; [`Error::DuplicateSymbol`].
pub(super) fn markets(app: &App, symbols: &[String]) -> Result<Vec<Arc<MarketView>>, Error> {
    if symbols.is_empty() {
        return Ok(app.market_data.markets());
    }
    let mut views: Vec<Arc<MarketView>> = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let view = market(app, symbol)?;
        if views.iter().any(|known| known.market.id == view.market.id) {
            return Err(Error::DuplicateSymbol);
        }
        views.push(view);
    }
    Ok(views)
}

/// A client's id; `None` for an empty one.
///
/// # Errors
/// [`Error::IllegalCharacters`].
pub(super) fn client_id(name: &'static str, text: &str) -> Result<Option<ClientOrderId>, Error> {
    if text.is_empty() { Ok(None) } else { single(name, text)?.client_id(name) }
}

/// The order that a request names by the exchange's id, by the client's, or by both.
///
/// # Errors
/// [`Error::MandatoryOneOf`] for neither, and those of the client's id. The names are those of the two fields.
pub(super) fn target(
    (order_name, order): (&'static str, u64),
    (client_name, client): (&'static str, &str),
) -> Result<Target, Error> {
    match (order, client_id(client_name, client)?) {
        (0, None) => Err(Error::MandatoryOneOf(order_name, client_name)),
        (0, Some(client)) => Ok(Target::Client(client)),
        (order, None) => Ok(Target::Order(OrderId(order))),
        (order, Some(client)) => Ok(Target::Both(OrderId(order), client)),
    }
}

/// A price, in the market's units; more than zero.
///
/// # Errors
/// [`Error::Mandatory`], [`Error::Zero`] and those of [`Params::decimal`].
pub(super) fn price(view: &MarketView, name: &'static str, text: &str) -> Result<i64, Error> {
    positive(name, text, (view.market.price_decimals, view.quote.scale), "PRICE_FILTER")
}

/// A quantity, in the market's units; more than zero.
///
/// # Errors
/// As [`price`].
pub(super) fn quantity(view: &MarketView, name: &'static str, text: &str) -> Result<i64, Error> {
    positive(name, text, (view.market.quantity_decimals, view.base.scale), "LOT_SIZE")
}

fn positive(name: &'static str, text: &str, (decimals, finest): (u8, u8), filter: &'static str) -> Result<i64, Error> {
    let params = single(name, text)?;
    params.required(name)?;
    params.decimal(name, decimals, finest, filter)?.filter(|&value| value > 0).ok_or(Error::Zero(name))
}

/// A time in microseconds; `None` for zero.
///
/// # Errors
/// [`Error::InvalidData`] for a number that must be in another unit: before 1973, or beyond 63 bits.
pub(super) fn time(name: &'static str, number: u64) -> Result<Option<Timestamp>, Error> {
    const FIRST: u64 = 100_000_000_000_000;
    match number {
        0 => Ok(None),
        FIRST..=0x7fff_ffff_ffff_ffff => Ok(Some(Timestamp(number))),
        _ => Err(Error::InvalidData(name)),
    }
}

/// A number of things: the default for zero, and at most `max`.
pub(super) fn limit(number: u32, default: usize, max: usize) -> usize {
    if number == 0 { default } else { usize::try_from(number).unwrap_or(max).min(max) }
}

fn single(name: &'static str, text: &str) -> Result<Params, Error> {
    let mut params = Params::new();
    params.push(name, text)?;
    Ok(params)
}
