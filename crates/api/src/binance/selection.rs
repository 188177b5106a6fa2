//! Which markets a request is about: by name, by names, by status, or all.

use std::borrow::Cow;
use std::sync::Arc;

use marketdata::MarketView;
use model::MarketState;

use super::params::{Params, market_named};
use crate::{App, Error};

/// The statuses that a market may be asked for, and have.
const STATUSES: [&str; 5] = ["TRADING", "END_OF_DAY", "HALT", "BREAK", "CANCEL_ONLY"];

/// A market's state in the words that clients know. While a market is post-only orders come in and rest, so it trades as far as a
/// client must know; what it must not do is refused order by order. An auction is a break: few kinds of orders are collected, and
/// clients shall not expect to trade.
pub const fn status_name(state: MarketState) -> &'static str {
    match state {
        MarketState::Trading | MarketState::PostOnly => "TRADING",
        MarketState::Halt => "HALT",
        MarketState::CancelOnly => "CANCEL_ONLY",
        MarketState::Auction => "BREAK",
    }
}

/// The markets of a request.
#[derive(Debug)]
pub enum Selection {
    /// One by `symbol`: the answer is an object.
    One(Arc<MarketView>),
    /// Some or all: the answer is an array.
    Many(Vec<Arc<MarketView>>),
}

impl Selection {
    /// Makes the answer: an object for one market, an array for several.
    ///
    /// # Errors
    /// Those of writing JSON.
    pub fn answer<'a, T: serde::Serialize>(
        &'a self,
        mut shape: impl FnMut(&'a MarketView) -> T,
    ) -> Result<String, Error> {
        match self {
            Self::One(view) => crate::json::to_string(&shape(view)),
            Self::Many(views) => {
                let shapes: Vec<T> = views.iter().map(|view| shape(view)).collect();
                crate::json::to_string(&shapes)
            }
        }
    }

    /// The markets as a list.
    pub fn into_list(self) -> Vec<Arc<MarketView>> {
        match self {
            Self::One(view) => vec![view],
            Self::Many(views) => views,
        }
    }
}

impl Params {
    /// The markets that a ticker or list is asked for: by `symbol`, by `symbols` (a JSON array), or all; of several those that have
    /// the `symbolStatus`.
    ///
    /// # Errors
    /// [`Error::InvalidCombination`] for both, [`Error::InvalidJson`], [`Error::DuplicateSymbol`], [`Error::InvalidSymbolStatus`],
    /// [`Error::OtherSymbolStatus`] and those of a symbol.
    pub fn markets(&self, app: &App) -> Result<Selection, Error> {
        let wanted = self.symbol_status()?;
        let has_status = |view: &Arc<MarketView>| wanted.is_none_or(|name| status_name(view.status().state) == name);
        match self.named_markets(app)? {
            Some(Selection::One(view)) if !has_status(&view) => Err(Error::OtherSymbolStatus),
            Some(Selection::One(view)) => Ok(Selection::One(view)),
            Some(Selection::Many(views)) => Ok(Selection::Many(views.into_iter().filter(has_status).collect())),
            None => Ok(Selection::Many(app.market_data.markets().into_iter().filter(has_status).collect())),
        }
    }

    /// The markets that `symbol` or `symbols` names; `None` when neither was sent.
    fn named_markets(&self, app: &App) -> Result<Option<Selection>, Error> {
        let list = match (self.get("symbol"), self.get("symbols")) {
            (Some(_), Some(_)) => return Err(Error::InvalidCombination),
            (Some(symbol), None) => return Ok(Some(Selection::One(market_named(app, symbol, "symbol")?))),
            (None, None) => return Ok(None),
            (None, Some(list)) => list,
        };
        let symbols: Vec<Cow<'_, str>> = serde_json::from_str(list).map_err(|_| Error::InvalidJson("symbols"))?;
        if symbols.is_empty() {
            return Err(Error::Empty(Cow::Borrowed("symbols")));
        }
        let mut markets: Vec<Arc<MarketView>> = Vec::with_capacity(symbols.len());
        for symbol in &symbols {
            let view = market_named(app, symbol, "symbols")?;
            if markets.iter().any(|known| known.market.id == view.market.id) {
                return Err(Error::DuplicateSymbol);
            }
            markets.push(view);
        }
        Ok(Some(Selection::Many(markets)))
    }

    /// The market that `symbol` names, which must have the `symbolStatus` if one was sent.
    ///
    /// # Errors
    /// [`Error::InvalidSymbolStatus`], [`Error::OtherSymbolStatus`] and those of [`Params::market`].
    pub fn market_of_status(&self, app: &App) -> Result<Arc<MarketView>, Error> {
        let wanted = self.symbol_status()?;
        let view = self.market(app)?;
        if wanted.is_some_and(|name| status_name(view.status().state) != name) {
            return Err(Error::OtherSymbolStatus);
        }
        Ok(view)
    }

    fn symbol_status(&self) -> Result<Option<&'static str>, Error> {
        let Some(wanted) = self.get("symbolStatus") else { return Ok(None) };
        STATUSES.into_iter().find(|name| *name == wanted).map(Some).ok_or(Error::InvalidSymbolStatus)
    }
}
