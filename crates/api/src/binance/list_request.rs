//! From the parameters of a new order list to the engine's command.

use std::sync::Arc;

use marketdata::MarketView;
use model::{AccountId, ClientOrderId, ListKind, OrderType, Place, PlaceList, Side};

use super::order_request::{Names, new_client_id, read_order};
use super::orders::ResponseType;
use super::params::Params;
use crate::error::Pair;
use crate::{App, Error};

macro_rules! names {
    ($side:literal, $quantity:literal, $prefix:literal) => {
        Names {
            side: $side,
            order_type: concat!($prefix, "Type"),
            time_in_force: concat!($prefix, "TimeInForce"),
            quantity: $quantity,
            quote_quantity: None,
            price: concat!($prefix, "Price"),
            stop_price: concat!($prefix, "StopPrice"),
            trailing_delta: concat!($prefix, "TrailingDelta"),
            iceberg: concat!($prefix, "IcebergQty"),
            good_till: concat!($prefix, "GoodTillDate"),
            client_id: concat!($prefix, "ClientOrderId"),
        }
    };
}

const ABOVE: Names = names!("side", "quantity", "above");
const BELOW: Names = names!("side", "quantity", "below");
const WORKING: Names = names!("workingSide", "workingQuantity", "working");
const PENDING: Names = names!("pendingSide", "pendingQuantity", "pending");
const PENDING_ABOVE: Names = names!("pendingSide", "pendingQuantity", "pendingAbove");
const PENDING_BELOW: Names = names!("pendingSide", "pendingQuantity", "pendingBelow");

/// The legs of an OCO as it was placed before legs were called above and below. Their types are not sent: see
/// [`ListRequest::read_old_oco`]. What a leg cannot have has a name that is not known to the operation.
const LIMIT_LEG: Names = Names {
    side: "side",
    order_type: "limitType",
    time_in_force: "limitTimeInForce",
    quantity: "quantity",
    quote_quantity: None,
    price: "price",
    stop_price: "limitStopPrice",
    trailing_delta: "limitTrailingDelta",
    iceberg: "limitIcebergQty",
    good_till: "limitGoodTillDate",
    client_id: "limitClientOrderId",
};
const STOP_LEG: Names = Names {
    order_type: "stopType",
    time_in_force: "stopLimitTimeInForce",
    price: "stopLimitPrice",
    stop_price: "stopPrice",
    trailing_delta: "trailingDelta",
    iceberg: "stopIcebergQty",
    good_till: "stopGoodTillDate",
    client_id: "stopClientOrderId",
    ..LIMIT_LEG
};

macro_rules! parameters {
    ($($name:literal)* ; $($prefix:literal)*) => {
        &[
            "symbol", "listClientOrderId", "newOrderRespType", "selfTradePreventionMode", $($name,)*
            $(
                concat!($prefix, "Type"),
                concat!($prefix, "TimeInForce"),
                concat!($prefix, "Price"),
                concat!($prefix, "StopPrice"),
                concat!($prefix, "TrailingDelta"),
                concat!($prefix, "IcebergQty"),
                concat!($prefix, "GoodTillDate"),
                concat!($prefix, "ClientOrderId"),
            )*
        ]
    };
}

/// The parameters of an OCO.
pub const OCO: &[&str] = parameters!("side" "quantity"; "above" "below");
/// The parameters of an OCO as it was placed before.
pub const OLD_OCO: &[&str] = &[
    "symbol",
    "listClientOrderId",
    "side",
    "quantity",
    "limitClientOrderId",
    "price",
    "limitIcebergQty",
    "trailingDelta",
    "stopClientOrderId",
    "stopPrice",
    "stopLimitPrice",
    "stopIcebergQty",
    "stopLimitTimeInForce",
    "newOrderRespType",
    "selfTradePreventionMode",
];
/// The parameters of an OTO.
pub const OTO: &[&str] =
    parameters!("workingSide" "workingQuantity" "pendingSide" "pendingQuantity"; "working" "pending");
/// The parameters of an OTOCO.
pub const OTOCO: &[&str] = parameters!(
    "workingSide" "workingQuantity" "pendingSide" "pendingQuantity"; "working" "pendingAbove" "pendingBelow"
);

/// A new order list that makes sense as far as can be seen without the book and the balances.
#[derive(Debug)]
pub struct ListRequest {
    /// What the engine is asked to do.
    pub list: PlaceList,
    /// Its market.
    pub view: Arc<MarketView>,
    /// How much the answer says of each order.
    pub respond: ResponseType,
}

impl ListRequest {
    /// Reads a new list; client ids are made up when none were sent.
    ///
    /// # Errors
    /// As of each order by itself, and [`Error::Pair`], [`Error::InvalidOrderType`] for a working order of another type than LIMIT
    /// and `LIMIT_MAKER`.
    pub fn read(app: &App, account: AccountId, params: &Params, kind: ListKind) -> Result<Self, Error> {
        let view = params.market(app)?;
        let read = |names| read_order(app, account, params, &view, names);
        let mut orders = [Place::BLANK; 3];
        match kind {
            ListKind::Oco => orders[..2].copy_from_slice(&pair(read(&ABOVE)?, read(&BELOW)?)?),
            ListKind::Oto => (orders[0], orders[1]) = (working(read(&WORKING)?)?, read(&PENDING)?),
            ListKind::Otoco => {
                orders[0] = working(read(&WORKING)?)?;
                orders[1..].copy_from_slice(&pair(read(&PENDING_ABOVE)?, read(&PENDING_BELOW)?)?);
            }
        }
        let respond = ResponseType::read(params)?.unwrap_or(ResponseType::Result);
        Ok(Self { list: PlaceList { kind, client_id: list_id(app, params)?, orders }, view, respond })
    }

    /// Reads an OCO in its old form: a limit that makes, and a stop with a limit when `stopLimitPrice` is there.
    ///
    /// # Errors
    /// As [`ListRequest::read`].
    pub fn read_old_oco(app: &App, account: AccountId, params: &Params) -> Result<Self, Error> {
        let view = params.market(app)?;
        let mut typed = params.clone();
        typed.push(LIMIT_LEG.order_type, "LIMIT_MAKER")?;
        let stop = if params.get(STOP_LEG.price).is_some() { "STOP_LOSS_LIMIT" } else { "STOP_LOSS" };
        typed.push(STOP_LEG.order_type, stop)?;
        let read = |names| read_order(app, account, &typed, &view, names);
        let (limit, stop) = (read(&LIMIT_LEG)?, read(&STOP_LEG)?);
        let mut orders = [Place::BLANK; 3];
        orders[..2].copy_from_slice(&if limit.side == Side::Buy { pair(stop, limit)? } else { pair(limit, stop)? });
        let respond = ResponseType::read(params)?.unwrap_or(ResponseType::Full);
        Ok(Self { list: PlaceList { kind: ListKind::Oco, client_id: list_id(app, params)?, orders }, view, respond })
    }
}

fn list_id(app: &App, params: &Params) -> Result<ClientOrderId, Error> {
    match params.client_id("listClientOrderId")? {
        Some(id) => Ok(id),
        None => new_client_id(app),
    }
}

fn working(place: Place) -> Result<Place, Error> {
    match place.order_type {
        OrderType::Limit | OrderType::LimitMaker => Ok(place),
        _ => Err(Error::InvalidOrderType),
    }
}

/// The two in the order in which Binance numbers them: the stop, then the other.
fn pair(above: Place, below: Place) -> Result<[Place; 2], Error> {
    let types = (above.order_type, below.order_type);
    if types == (OrderType::LimitMaker, OrderType::LimitMaker) {
        return Err(Error::Pair(Pair::NoneContingent));
    }
    for (place, is_above) in [(&above, true), (&below, false)] {
        let (allowed_above, otherwise) = match (place.order_type, place.side) {
            (OrderType::Limit | OrderType::Market, _) => return Err(Error::Pair(Pair::UnsupportedType)),
            (OrderType::LimitMaker, Side::Buy) => (false, Pair::BuyLimitBelow),
            (OrderType::LimitMaker, Side::Sell) => (true, Pair::SellLimitAbove),
            (OrderType::StopLoss | OrderType::StopLossLimit, Side::Buy) => (true, Pair::BuyStopAbove),
            (OrderType::StopLoss | OrderType::StopLossLimit, Side::Sell) => (false, Pair::SellStopBelow),
            (OrderType::TakeProfit | OrderType::TakeProfitLimit, Side::Buy) => (false, Pair::BuyProfitBelow),
            (OrderType::TakeProfit | OrderType::TakeProfitLimit, Side::Sell) => (true, Pair::SellProfitAbove),
        };
        if is_above != allowed_above {
            return Err(Error::Pair(otherwise));
        }
    }
    // One of them is a stop now: which side it may be on says which.
    Ok(if above.side == Side::Buy { [above, below] } else { [below, above] })
}
