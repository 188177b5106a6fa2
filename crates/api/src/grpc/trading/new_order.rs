//! From the message of a new order to the engine's command.
//!
//! Which values an order of each type needs and excludes, and how numbers are read, is one set of rules for all doors: the message
//! becomes named values, and [`read_order`] reads those, under the names that the fields have here.

use marketdata::MarketView;
use model::{AccountId, ClientOrderId, Place};

use crate::binance::Params;
use crate::binance::order_request::{Names, new_client_id, read_order};
use crate::grpc::{proto, value};
use crate::{App, Error};

const NAMES: Names = Names {
    side: "side",
    order_type: "type",
    time_in_force: "time_in_force",
    quantity: "quantity",
    quote_quantity: Some("quote_quantity"),
    price: "price",
    stop_price: "stop_price",
    trailing_delta: "trailing_delta",
    iceberg: "iceberg_quantity",
    good_till: "good_till_us",
    client_id: "client_order_id",
};
/// An order of a list has no quote quantity.
const NAMES_IN_LIST: Names = Names { quote_quantity: None, ..NAMES };

/// The command of an order by itself; `name` is that of the field that holds it.
///
/// # Errors
/// [`Error::Mandatory`] when the field is not there; those of [`read_order`].
pub(super) fn read(
    app: &App,
    account: AccountId,
    view: &MarketView,
    name: &'static str,
    order: Option<&proto::NewOrder>,
) -> Result<Place, Error> {
    read_order(app, account, &values(order.ok_or(Error::Mandatory(name))?)?, view, &NAMES)
}

/// The command of an order of a list.
///
/// # Errors
/// As [`read`]; [`Error::NotRequired`] for a quote quantity.
pub(super) fn read_in_list(
    app: &App,
    account: AccountId,
    view: &MarketView,
    name: &'static str,
    order: Option<&proto::NewOrder>,
) -> Result<Place, Error> {
    let order = order.ok_or(Error::Mandatory(name))?;
    if !order.quote_quantity.is_empty() {
        return Err(Error::NotRequired("quote_quantity"));
    }
    read_order(app, account, &values(order)?, view, &NAMES_IN_LIST)
}

/// The client's id of the request itself; one that is made up when there is none.
///
/// # Errors
/// [`Error::IllegalCharacters`].
pub(super) fn request_id(app: &App, name: &'static str, text: &str) -> Result<ClientOrderId, Error> {
    match value::client_id(name, text)? {
        Some(id) => Ok(id),
        None => new_client_id(app),
    }
}

/// What was sent, by name.
fn values(order: &proto::NewOrder) -> Result<Params, Error> {
    let mut params = Params::new();
    let mut push = |name, text: &str| if text.is_empty() { Ok(()) } else { params.push(name, text) };
    push(NAMES.side, side(order)?)?;
    push(NAMES.order_type, order_type(order)?)?;
    push(NAMES.time_in_force, time_in_force(order)?)?;
    push("selfTradePreventionMode", self_trade(order)?)?;
    push(NAMES.quantity, &order.quantity)?;
    push("quote_quantity", &order.quote_quantity)?;
    push(NAMES.price, &order.price)?;
    push(NAMES.stop_price, &order.stop_price)?;
    push(NAMES.iceberg, &order.iceberg_quantity)?;
    push(NAMES.client_id, &order.client_order_id)?;
    if order.trailing_delta > 0 {
        push(NAMES.trailing_delta, &order.trailing_delta.to_string())?;
    }
    if let Some(time) = value::time(NAMES.good_till, order.good_till_us)? {
        push(NAMES.good_till, &time.to_string())?;
    }
    Ok(params)
}

fn side(order: &proto::NewOrder) -> Result<&'static str, Error> {
    Ok(match proto::Side::try_from(order.side).map_err(|_| Error::InvalidSide)? {
        proto::Side::Unspecified => "",
        proto::Side::Buy => "BUY",
        proto::Side::Sell => "SELL",
    })
}

fn order_type(order: &proto::NewOrder) -> Result<&'static str, Error> {
    Ok(match proto::OrderType::try_from(order.r#type).map_err(|_| Error::InvalidOrderType)? {
        proto::OrderType::Unspecified => "",
        proto::OrderType::Limit => "LIMIT",
        proto::OrderType::LimitMaker => "LIMIT_MAKER",
        proto::OrderType::Market => "MARKET",
        proto::OrderType::StopLoss => "STOP_LOSS",
        proto::OrderType::StopLossLimit => "STOP_LOSS_LIMIT",
        proto::OrderType::TakeProfit => "TAKE_PROFIT",
        proto::OrderType::TakeProfitLimit => "TAKE_PROFIT_LIMIT",
    })
}

fn time_in_force(order: &proto::NewOrder) -> Result<&'static str, Error> {
    Ok(match proto::TimeInForce::try_from(order.time_in_force).map_err(|_| Error::InvalidTimeInForce)? {
        proto::TimeInForce::Unspecified => "",
        proto::TimeInForce::Gtc => "GTC",
        proto::TimeInForce::Ioc => "IOC",
        proto::TimeInForce::Fok => "FOK",
        proto::TimeInForce::Gtd => "GTD",
    })
}

fn self_trade(order: &proto::NewOrder) -> Result<&'static str, Error> {
    Ok(match proto::SelfTrade::try_from(order.self_trade).map_err(|_| Error::InvalidData("self_trade"))? {
        proto::SelfTrade::Unspecified => "",
        proto::SelfTrade::None => "NONE",
        proto::SelfTrade::ExpireTaker => "EXPIRE_TAKER",
        proto::SelfTrade::ExpireMaker => "EXPIRE_MAKER",
        proto::SelfTrade::ExpireBoth => "EXPIRE_BOTH",
        proto::SelfTrade::Decrement => "DECREMENT",
    })
}
