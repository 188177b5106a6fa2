//! The names in orders, and the fields that only some orders have.

use marketdata::MarketView;
use model::{CloseReason, OrderType, SelfTrade, Side, TimeInForce, Timestamp, Wait};
use projections::{OrderStatus, OrderView};
use schemars::JsonSchema;
use serde::Serialize;

use super::TimeUnit;
use super::orders::{price, quantity};
use crate::json::Decimal;

/// BUY or SELL.
pub const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// Every order type that the engine has, with its name.
pub const TYPES: [(&str, OrderType); 7] = [
    ("LIMIT", OrderType::Limit),
    ("LIMIT_MAKER", OrderType::LimitMaker),
    ("MARKET", OrderType::Market),
    ("STOP_LOSS", OrderType::StopLoss),
    ("STOP_LOSS_LIMIT", OrderType::StopLossLimit),
    ("TAKE_PROFIT", OrderType::TakeProfit),
    ("TAKE_PROFIT_LIMIT", OrderType::TakeProfitLimit),
];

/// The name of an order's type.
pub const fn type_name(order_type: OrderType) -> &'static str {
    match order_type {
        OrderType::Limit => "LIMIT",
        OrderType::Market => "MARKET",
        OrderType::LimitMaker => "LIMIT_MAKER",
        OrderType::StopLoss => "STOP_LOSS",
        OrderType::StopLossLimit => "STOP_LOSS_LIMIT",
        OrderType::TakeProfit => "TAKE_PROFIT",
        OrderType::TakeProfitLimit => "TAKE_PROFIT_LIMIT",
    }
}

/// The time in force that is shown for an order: GTC for a market order, as Binance does, although it never rests. GTD is an
/// extension.
pub const fn time_in_force_name(order_type: OrderType, time_in_force: TimeInForce) -> &'static str {
    match (order_type, time_in_force) {
        (OrderType::Market, _) | (_, TimeInForce::Gtc) => "GTC",
        (_, TimeInForce::Ioc) => "IOC",
        (_, TimeInForce::Fok) => "FOK",
        (_, TimeInForce::Gtd) => "GTD",
    }
}

/// Every self-trade prevention mode, with its name.
pub const SELF_TRADE_MODES: [(&str, SelfTrade); 5] = [
    ("NONE", SelfTrade::None),
    ("EXPIRE_MAKER", SelfTrade::ExpireMaker),
    ("EXPIRE_TAKER", SelfTrade::ExpireTaker),
    ("EXPIRE_BOTH", SelfTrade::ExpireBoth),
    ("DECREMENT", SelfTrade::Decrement),
];

/// The name of a self-trade prevention mode.
pub const fn self_trade_name(self_trade: SelfTrade) -> &'static str {
    match self_trade {
        SelfTrade::None => "NONE",
        SelfTrade::ExpireTaker => "EXPIRE_TAKER",
        SelfTrade::ExpireMaker => "EXPIRE_MAKER",
        SelfTrade::ExpireBoth => "EXPIRE_BOTH",
        SelfTrade::Decrement => "DECREMENT",
    }
}

/// Why an order is EXPIRED, from the list "Order Expiry Reason"; `None` for an order that is not. That a GTD order's time came is
/// an extension.
pub const fn expiry_reason(order: &OrderView) -> Option<&'static str> {
    let Some(reason) = order.ended else { return None };
    Some(match (reason, order.order_type, order.time_in_force) {
        (CloseReason::Cancelled | CloseReason::Countdown | CloseReason::SelfTrade, ..) => return None,
        (CloseReason::Expired, OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit, _) => {
            "INSUFFICIENT_LIQUIDITY"
        }
        (CloseReason::Expired, _, TimeInForce::Fok) => "UNFILLED_FOK_ORDER_EXPIRED",
        (CloseReason::Expired, ..) => "UNFILLED_IOC_QUANTITY_EXPIRED",
        // It still waited for the working order of its list.
        (CloseReason::ListDone, ..) if matches!(order.wait, Wait::List) => "OTO_PHASE_ONE_EXPIRED",
        (CloseReason::ListDone, ..) => "OCO_TRIGGER",
        (CloseReason::Deadline, ..) => "GOOD_TILL_DATE_REACHED",
        (CloseReason::Refused, ..) => "REJECTED",
        (CloseReason::Overflow | CloseReason::MarketCancelled, ..) => "EXCHANGE_CANCELED",
    })
}

/// A time that may not have come: then -1.
pub fn time_or_never(time: Option<Timestamp>, units: TimeUnit) -> i64 {
    time.map_or(-1, |time| units.show(time).cast_signed())
}

/// What only some orders have: see "Conditional fields in Order Responses". `goodTillDate` is an extension.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_price: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iceberg_qty: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trailing_delta: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trailing_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    good_till_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prevented_match_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prevented_quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_reason: Option<&'static str>,
}

impl Terms {
    /// Those that an order has.
    pub fn new(order: &OrderView, view: &MarketView, units: TimeUnit) -> Self {
        let (contingent, iceberg) = (order.order_type.is_contingent(), order.iceberg.is_positive());
        Self {
            stop_price: contingent.then(|| price(view, order.stop_price)),
            iceberg_qty: iceberg.then(|| quantity(view, order.iceberg)),
            ..Self::queried(order, view, units)
        }
    }

    /// The same without those that queries show of every order.
    pub fn queried(order: &OrderView, view: &MarketView, units: TimeUnit) -> Self {
        let trails = order.trailing_delta > 0;
        let prevented = order.prevented.is_positive() || order.status == OrderStatus::ExpiredInMatch;
        Self {
            stop_price: None,
            iceberg_qty: None,
            trailing_delta: trails.then_some(order.trailing_delta),
            trailing_time: trails.then(|| time_or_never(order.trailing, units)),
            good_till_date: Some(order.expire_at).filter(|&at| at != Timestamp::NEVER).map(|at| units.show(at)),
            // Of a match before the program's start only the quantity is known in memory.
            prevented_match_id: Some(order.last_prevented.0).filter(|&id| prevented && id > 0),
            prevented_quantity: prevented.then(|| quantity(view, order.prevented)),
            expiry_reason: expiry_reason(order),
        }
    }
}
