//! From the parameters of a new order to the engine's command. The same for every operation and transport that places orders.

use std::sync::Arc;

use marketdata::MarketView;
use model::{
    AccountId, Amount, ClientOrderId, OrderType, Place, Price, Quantity, Reject, SelfTrade, Side, TimeInForce,
};

use super::orders::ResponseType;
use super::params::Params;
use crate::{App, Error};

/// The parameters of a new order.
pub const PARAMETERS: &[&str] = &[
    "symbol",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "quoteOrderQty",
    "price",
    "newClientOrderId",
    "stopPrice",
    "trailingDelta",
    "icebergQty",
    "newOrderRespType",
    "selfTradePreventionMode",
];

/// A new order that makes sense as far as can be seen without the book and the balances.
#[derive(Debug)]
pub struct OrderRequest {
    /// What the engine is asked to do.
    pub place: Place,
    /// Its market.
    pub view: Arc<MarketView>,
    /// How much the answer says.
    pub respond: ResponseType,
}

impl OrderRequest {
    /// Reads a new order; a client id is made up when none was sent.
    ///
    /// # Errors
    /// What is wrong with the parameters: the first in the order symbol, side, type, those that the type needs, those that it
    /// excludes, values.
    pub fn read(app: &App, account: AccountId, params: &Params) -> Result<Self, Error> {
        let view = params.market(app)?;
        let side = side(params)?;
        let order_type = order_type(params)?;
        check_combination(params, order_type)?;
        let time_in_force = time_in_force(params, order_type)?;
        let numbers = Numbers::read(params, &view, order_type)?;
        let place = Place {
            account,
            market: view.market.id,
            side,
            order_type,
            time_in_force,
            self_trade: self_trade(params)?,
            price: numbers.price,
            quantity: numbers.quantity,
            quote_quantity: numbers.quote_quantity,
            client_id: match params.client_id("newClientOrderId")? {
                Some(id) => id,
                None => new_client_id(app)?,
            },
        };
        Ok(Self { place, respond: response_type(params, order_type)?, view })
    }

    /// Checks the filters as the engine would, in its order: for an order that is only tried. Balances and the book are not asked.
    ///
    /// # Errors
    /// [`Error::Place`] with the first filter that fails.
    pub fn check_filters(&self) -> Result<(), Error> {
        let (place, market) = (&self.place, &self.view.market);
        let filters = &market.filters;
        let by_quote = place.quote_quantity.is_positive();
        let priced = place.order_type != OrderType::Market;
        if priced && !filters.price.contains(place.price.0) {
            return Err(Error::Place(Reject::PriceFilter));
        }
        if !by_quote && !filters.lot.contains(place.quantity.0) {
            return Err(Error::Place(Reject::LotSize));
        }
        if !by_quote && !priced && !filters.market_lot.contains(place.quantity.0) {
            return Err(Error::Place(Reject::MarketLotSize));
        }
        let price = if priced { Some(place.price) } else { self.view.last_price() };
        let notional = match (by_quote, price) {
            (true, _) => Some(place.quote_quantity),
            (false, Some(price)) => market.notional(price, place.quantity, self.view.quote.scale),
            // Before the first trade, what a market order by quantity is worth cannot be told.
            (false, None) => return Ok(()),
        };
        match notional {
            Some(notional) if notional >= filters.min_notional && notional <= filters.max_notional => Ok(()),
            Some(_) => Err(Error::Place(Reject::Notional)),
            None => Err(Error::Place(Reject::AmountOverflow)),
        }
    }
}

fn side(params: &Params) -> Result<Side, Error> {
    match params.required("side")? {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(Error::InvalidSide),
    }
}

fn order_type(params: &Params) -> Result<OrderType, Error> {
    match params.required("type")? {
        "LIMIT" => Ok(OrderType::Limit),
        "MARKET" => Ok(OrderType::Market),
        "LIMIT_MAKER" => Ok(OrderType::LimitMaker),
        "STOP_LOSS" => Err(Error::NotSupported("Stop loss orders")),
        "STOP_LOSS_LIMIT" => Err(Error::NotSupported("Stop loss limit orders")),
        "TAKE_PROFIT" => Err(Error::NotSupported("Take profit orders")),
        "TAKE_PROFIT_LIMIT" => Err(Error::NotSupported("Take profit limit orders")),
        _ => Err(Error::InvalidOrderType),
    }
}

/// The parameters that a type needs and those that it excludes.
fn check_combination(params: &Params, order_type: OrderType) -> Result<(), Error> {
    let (needed, excluded): (&[&'static str], &[&'static str]) = match order_type {
        OrderType::Limit => (&["timeInForce", "quantity", "price"], &["quoteOrderQty"]),
        OrderType::LimitMaker => (&["quantity", "price"], &["timeInForce", "quoteOrderQty"]),
        OrderType::Market => (&[], &["price", "timeInForce"]),
    };
    for name in needed {
        params.required(name)?;
    }
    for name in excluded.iter().chain(&["stopPrice"]) {
        if params.get(name).is_some() {
            return Err(Error::NotRequired(name));
        }
    }
    if order_type == OrderType::Market {
        match (params.get("quantity").is_some(), params.get("quoteOrderQty").is_some()) {
            (false, false) => return Err(Error::MandatoryOneOf("quantity", "quoteOrderQty")),
            (true, true) => return Err(Error::NotRequired("quoteOrderQty")),
            (true, false) | (false, true) => {}
        }
    }
    if params.get("icebergQty").is_some() {
        return Err(Error::NotSupported("Iceberg orders"));
    }
    if params.get("trailingDelta").is_some() {
        return Err(Error::NotSupported("Trailing stop orders"));
    }
    Ok(())
}

fn time_in_force(params: &Params, order_type: OrderType) -> Result<TimeInForce, Error> {
    match (order_type, params.get("timeInForce")) {
        (OrderType::Market, _) => Ok(TimeInForce::Ioc),
        (OrderType::LimitMaker, _) | (OrderType::Limit, Some("GTC")) => Ok(TimeInForce::Gtc),
        (OrderType::Limit, Some("IOC")) => Ok(TimeInForce::Ioc),
        (OrderType::Limit, Some("FOK")) => Ok(TimeInForce::Fok),
        (OrderType::Limit, _) => Err(Error::InvalidTimeInForce),
    }
}

fn self_trade(params: &Params) -> Result<SelfTrade, Error> {
    match params.get("selfTradePreventionMode") {
        None | Some("NONE") => Ok(SelfTrade::None),
        Some("EXPIRE_TAKER") => Ok(SelfTrade::ExpireTaker),
        Some(_) => Err(Error::InvalidData("selfTradePreventionMode")),
    }
}

fn response_type(params: &Params, order_type: OrderType) -> Result<ResponseType, Error> {
    match params.get("newOrderRespType") {
        Some("ACK") => Ok(ResponseType::Ack),
        Some("RESULT") => Ok(ResponseType::Result),
        Some("FULL") => Ok(ResponseType::Full),
        Some(_) => Err(Error::InvalidData("newOrderRespType")),
        None if order_type == OrderType::LimitMaker => Ok(ResponseType::Ack),
        None => Ok(ResponseType::Full),
    }
}

/// Price and quantities in the market's units; what does not belong to the order is zero.
struct Numbers {
    price: Price,
    quantity: Quantity,
    quote_quantity: Amount,
}

impl Numbers {
    fn read(params: &Params, view: &MarketView, order_type: OrderType) -> Result<Self, Error> {
        let (market, base, quote) = (&view.market, view.base.scale, view.quote.scale);
        let lot = if order_type == OrderType::Market { "MARKET_LOT_SIZE" } else { "LOT_SIZE" };
        let price = params.decimal("price", market.price_decimals, quote, "PRICE_FILTER")?;
        let quantity = params.decimal("quantity", market.quantity_decimals, base, lot)?;
        let quote_quantity = params.decimal("quoteOrderQty", quote, quote, "NOTIONAL")?;
        for (name, value) in [("price", price), ("quantity", quantity), ("quoteOrderQty", quote_quantity)] {
            if value == Some(0) {
                return Err(Error::Zero(name));
            }
        }
        Ok(Self {
            price: Price(price.unwrap_or(0)),
            quantity: Quantity(quantity.unwrap_or(0)),
            quote_quantity: Amount(quote_quantity.unwrap_or(0)),
        })
    }
}

/// A client order id for a request that brings none: 22 letters and digits, as Binance makes them.
///
/// # Errors
/// Never: the characters are legal.
pub fn new_client_id(app: &App) -> Result<ClientOrderId, Error> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = [0u8; 22];
    app.random.fill(&mut bytes);
    // The remainder makes some letters a little likelier, which an id that need only be unique may have.
    for byte in &mut bytes {
        *byte = ALPHABET[usize::from(*byte) % ALPHABET.len()];
    }
    std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| ClientOrderId::new(text).ok())
        .ok_or_else(|| Error::Internal("the made-up client order id is illegal".to_owned()))
}
