//! From the parameters of a new order to the engine's command. The same for every operation and transport that places orders,
//! and for each order of a list.

mod filters;

use std::sync::Arc;

use marketdata::MarketView;
use model::{
    AccountId, Amount, ClientOrderId, OrderType, Place, Price, Quantity, SelfTrade, Side, TimeInForce, Timestamp,
};

use super::orders::ResponseType;
use super::params::Params;
use super::terms::{SELF_TRADE_MODES, TYPES};
use crate::{App, Error};

/// The parameters of a new order, and more. `goodTillDate`, a time from which on the order is no longer good, is an extension.
macro_rules! order_parameters {
    ($($more:literal),*) => {
        &[
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
            "goodTillDate",
            "newOrderRespType",
            "selfTradePreventionMode",
            $($more,)*
        ]
    };
}
pub(super) use order_parameters;

/// The parameters of a new order.
pub const PARAMETERS: &[&str] = order_parameters!();

/// How the parameters of one order are called: an order of a list has a prefix before its own.
#[derive(Debug)]
pub struct Names {
    /// BUY or SELL.
    pub side: &'static str,
    /// LIMIT, MARKET, …
    pub order_type: &'static str,
    /// GTC, IOC, FOK or GTD.
    pub time_in_force: &'static str,
    /// Base.
    pub quantity: &'static str,
    /// Quote of a market order; an order of a list has none.
    pub quote_quantity: Option<&'static str>,
    /// Limit.
    pub price: &'static str,
    /// Trigger.
    pub stop_price: &'static str,
    /// Hundredths of a percent.
    pub trailing_delta: &'static str,
    /// How much is shown.
    pub iceberg: &'static str,
    /// When a GTD order expires.
    pub good_till: &'static str,
    /// The client's id.
    pub client_id: &'static str,
}

/// Those of an order by itself.
pub const PLAIN: Names = Names {
    side: "side",
    order_type: "type",
    time_in_force: "timeInForce",
    quantity: "quantity",
    quote_quantity: Some("quoteOrderQty"),
    price: "price",
    stop_price: "stopPrice",
    trailing_delta: "trailingDelta",
    iceberg: "icebergQty",
    good_till: "goodTillDate",
    client_id: "newClientOrderId",
};

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
        let place = read_order(app, account, params, &view, &PLAIN)?;
        Ok(Self { respond: response_type(params, place.order_type)?, place, view })
    }

    /// Checks the filters as the engine would, in its order: for an order that is only tried. Balances, the book and other orders
    /// are not asked.
    ///
    /// # Errors
    /// [`Error::Place`] with the first filter that fails.
    pub fn check_filters(&self) -> Result<(), Error> {
        filters::check(&self.place, &self.view).map_err(Error::Place)
    }
}

/// Reads one order out of parameters of these names; a client id is made up when none was sent.
///
/// # Errors
/// As [`OrderRequest::read`].
pub fn read_order(
    app: &App,
    account: AccountId,
    params: &Params,
    view: &MarketView,
    names: &Names,
) -> Result<Place, Error> {
    let side = side(params, names)?;
    let order_type = order_type(params, names)?;
    check_combination(params, names, order_type)?;
    let time_in_force = time_in_force(params, names, order_type)?;
    let numbers = Numbers::read(params, view, names, order_type)?;
    Ok(Place {
        account,
        market: view.market.id,
        side,
        order_type,
        time_in_force,
        self_trade: self_trade(params)?,
        price: numbers.price,
        quantity: numbers.quantity,
        quote_quantity: numbers.quote_quantity,
        stop_price: numbers.stop_price,
        trailing_delta: numbers.trailing_delta,
        iceberg: numbers.iceberg,
        expire_at: numbers.expire_at,
        client_id: match params.client_id(names.client_id)? {
            Some(id) => id,
            None => new_client_id(app)?,
        },
    })
}

fn side(params: &Params, names: &Names) -> Result<Side, Error> {
    match params.required(names.side)? {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(Error::InvalidSide),
    }
}

fn order_type(params: &Params, names: &Names) -> Result<OrderType, Error> {
    let wanted = params.required(names.order_type)?;
    TYPES.iter().find(|(name, _)| *name == wanted).map(|&(_, order_type)| order_type).ok_or(Error::InvalidOrderType)
}

/// The parameters that a type needs and those that it excludes.
fn check_combination(params: &Params, names: &Names, order_type: OrderType) -> Result<(), Error> {
    let Names { time_in_force, quantity, price, stop_price, trailing_delta, iceberg, good_till, .. } = *names;
    let (needed, excluded): (&[&'static str], &[&'static str]) = match order_type {
        OrderType::Limit => (&[time_in_force, quantity, price], &[stop_price, trailing_delta]),
        OrderType::LimitMaker => (&[quantity, price], &[time_in_force, stop_price, trailing_delta]),
        OrderType::Market => (&[], &[price, time_in_force, stop_price, trailing_delta, iceberg, good_till]),
        OrderType::StopLoss | OrderType::TakeProfit => (&[quantity], &[price, time_in_force, iceberg]),
        OrderType::StopLossLimit | OrderType::TakeProfitLimit => (&[time_in_force, quantity, price], &[]),
    };
    for name in needed {
        params.required(name)?;
    }
    let by_quote = names.quote_quantity.filter(|name| params.get(name).is_some());
    if order_type == OrderType::Market {
        match (params.get(quantity).is_some(), by_quote, names.quote_quantity) {
            (false, None, Some(quote)) => return Err(Error::MandatoryOneOf(quantity, quote)),
            (false, None, None) => return Err(Error::Mandatory(quantity)),
            (true, Some(quote), _) => return Err(Error::NotRequired(quote)),
            _ => {}
        }
    } else if let Some(quote) = by_quote {
        return Err(Error::NotRequired(quote));
    }
    if order_type.is_contingent() && params.get(stop_price).is_none() && params.get(trailing_delta).is_none() {
        return Err(Error::MandatoryOneOf(stop_price, trailing_delta));
    }
    match excluded.iter().find(|name| params.get(name).is_some()) {
        Some(name) => Err(Error::NotRequired(name)),
        None => Ok(()),
    }
}

/// A type that is told no time in force is GTD when it is told until when it is good.
fn time_in_force(params: &Params, names: &Names, order_type: OrderType) -> Result<TimeInForce, Error> {
    let dated = params.get(names.good_till).is_some();
    let time_in_force = match (order_type, params.get(names.time_in_force)) {
        (OrderType::Market, _) => TimeInForce::Ioc,
        (_, Some("GTC")) => TimeInForce::Gtc,
        (_, Some("IOC")) => TimeInForce::Ioc,
        (_, Some("FOK")) => TimeInForce::Fok,
        (_, Some("GTD")) if !dated => return Err(Error::Mandatory(names.good_till)),
        (_, Some("GTD")) => TimeInForce::Gtd,
        (_, Some(_)) => return Err(Error::InvalidTimeInForce),
        (_, None) if dated => TimeInForce::Gtd,
        (_, None) => TimeInForce::Gtc,
    };
    if dated && time_in_force != TimeInForce::Gtd {
        return Err(Error::NotRequired(names.good_till));
    }
    Ok(time_in_force)
}

fn self_trade(params: &Params) -> Result<SelfTrade, Error> {
    const NAME: &str = "selfTradePreventionMode";
    let Some(wanted) = params.get(NAME) else { return Ok(SelfTrade::None) };
    SELF_TRADE_MODES.iter().find(|(name, _)| *name == wanted).map(|&(_, mode)| mode).ok_or(Error::InvalidData(NAME))
}

fn response_type(params: &Params, order_type: OrderType) -> Result<ResponseType, Error> {
    let asked = ResponseType::read(params)?;
    Ok(asked.unwrap_or(match order_type {
        OrderType::Limit | OrderType::Market => ResponseType::Full,
        _ => ResponseType::Ack,
    }))
}

impl ResponseType {
    /// What `newOrderRespType` asks for, if anything.
    ///
    /// # Errors
    /// [`Error::InvalidData`].
    pub fn read(params: &Params) -> Result<Option<Self>, Error> {
        match params.get("newOrderRespType") {
            None => Ok(None),
            Some("ACK") => Ok(Some(Self::Ack)),
            Some("RESULT") => Ok(Some(Self::Result)),
            Some("FULL") => Ok(Some(Self::Full)),
            Some(_) => Err(Error::InvalidData("newOrderRespType")),
        }
    }
}

/// Prices, quantities and times in the market's units; what does not belong to the order is zero.
struct Numbers {
    price: Price,
    quantity: Quantity,
    quote_quantity: Amount,
    stop_price: Price,
    trailing_delta: u16,
    iceberg: Quantity,
    expire_at: Timestamp,
}

impl Numbers {
    fn read(params: &Params, view: &MarketView, names: &Names, order_type: OrderType) -> Result<Self, Error> {
        let (market, base, quote) = (&view.market, view.base.scale, view.quote.scale);
        let lot = if order_type == OrderType::Market { "MARKET_LOT_SIZE" } else { "LOT_SIZE" };
        let price = params.decimal(names.price, market.price_decimals, quote, "PRICE_FILTER")?;
        let stop_price = params.decimal(names.stop_price, market.price_decimals, quote, "PRICE_FILTER")?;
        let quantity = params.decimal(names.quantity, market.quantity_decimals, base, lot)?;
        let quote_quantity = match names.quote_quantity {
            Some(name) => params.decimal(name, quote, quote, "NOTIONAL")?,
            None => None,
        };
        // Zero is sent by some clients for an order that is no iceberg.
        let iceberg = params.decimal(names.iceberg, market.quantity_decimals, base, "LOT_SIZE")?.unwrap_or(0);
        let told = [
            (names.price, price),
            (names.stop_price, stop_price),
            (names.quantity, quantity),
            (names.quote_quantity.unwrap_or_default(), quote_quantity),
        ];
        if let Some((name, _)) = told.into_iter().find(|(_, value)| *value == Some(0)) {
            return Err(Error::Zero(name));
        }
        if quantity.is_some_and(|quantity| iceberg > quantity) {
            return Err(Error::IcebergTooLarge);
        }
        let trailing_delta = match params.integer(names.trailing_delta)? {
            None => 0,
            Some(0) => return Err(Error::Zero(names.trailing_delta)),
            Some(delta) => u16::try_from(delta).map_err(|_| Error::Filter("TRAILING_DELTA"))?,
        };
        let expire_at = params.time(names.good_till)?;
        if expire_at == Some(Timestamp::NEVER) {
            return Err(Error::InvalidData(names.good_till));
        }
        Ok(Self {
            price: Price(price.unwrap_or(0)),
            quantity: Quantity(quantity.unwrap_or(0)),
            quote_quantity: Amount(quote_quantity.unwrap_or(0)),
            stop_price: Price(stop_price.unwrap_or(0)),
            trailing_delta,
            iceberg: Quantity(iceberg),
            expire_at: expire_at.unwrap_or(Timestamp::NEVER),
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
