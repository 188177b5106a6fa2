//! From the views to the messages of orders, fills, lists and balances. A time that never comes is zero in both.

use std::sync::Arc;

use marketdata::{Level, MarketView};
use model::{AccountId, ListKind, MarketId, OrderType, SelfTrade, Side, TimeInForce, decimal};
use projections::{Fill, ListView, OrderStatus, OrderView};

use super::proto;
use crate::binance::terms::expiry_reason;
use crate::binance::{orders, params};
use crate::{App, Error};

/// Units of `10^-decimals` as text with all its decimals.
pub(super) fn number(value: i64, decimals: u8) -> String {
    decimal::format(value, decimals, 0)
}

/// The same; empty for zero, where zero stands for none.
fn unless_zero(value: i64, decimals: u8) -> String {
    if value == 0 { String::new() } else { number(value, decimals) }
}

/// A price level.
pub(super) fn level(view: &MarketView, level: &Level) -> proto::Level {
    proto::Level {
        price: number(level.price.0, view.market.price_decimals),
        quantity: number(level.quantity.0, view.market.quantity_decimals),
    }
}

/// Price levels in their order.
pub(super) fn levels(view: &MarketView, all: &[Level]) -> Vec<proto::Level> {
    all.iter().map(|one| level(view, one)).collect()
}

/// The side of an order.
pub(super) const fn side(side: Side) -> proto::Side {
    match side {
        Side::Buy => proto::Side::Buy,
        Side::Sell => proto::Side::Sell,
    }
}

const fn order_type(order_type: OrderType) -> proto::OrderType {
    match order_type {
        OrderType::Limit => proto::OrderType::Limit,
        OrderType::LimitMaker => proto::OrderType::LimitMaker,
        OrderType::Market => proto::OrderType::Market,
        OrderType::StopLoss => proto::OrderType::StopLoss,
        OrderType::StopLossLimit => proto::OrderType::StopLossLimit,
        OrderType::TakeProfit => proto::OrderType::TakeProfit,
        OrderType::TakeProfitLimit => proto::OrderType::TakeProfitLimit,
    }
}

const fn time_in_force(time_in_force: TimeInForce) -> proto::TimeInForce {
    match time_in_force {
        TimeInForce::Gtc => proto::TimeInForce::Gtc,
        TimeInForce::Ioc => proto::TimeInForce::Ioc,
        TimeInForce::Fok => proto::TimeInForce::Fok,
        TimeInForce::Gtd => proto::TimeInForce::Gtd,
    }
}

const fn self_trade(self_trade: SelfTrade) -> proto::SelfTrade {
    match self_trade {
        SelfTrade::None => proto::SelfTrade::None,
        SelfTrade::ExpireTaker => proto::SelfTrade::ExpireTaker,
        SelfTrade::ExpireMaker => proto::SelfTrade::ExpireMaker,
        SelfTrade::ExpireBoth => proto::SelfTrade::ExpireBoth,
        SelfTrade::Decrement => proto::SelfTrade::Decrement,
    }
}

const fn status(status: OrderStatus) -> proto::OrderStatus {
    match status {
        OrderStatus::PendingNew => proto::OrderStatus::PendingNew,
        OrderStatus::New => proto::OrderStatus::New,
        OrderStatus::PartiallyFilled => proto::OrderStatus::PartiallyFilled,
        OrderStatus::Filled => proto::OrderStatus::Filled,
        OrderStatus::Canceled => proto::OrderStatus::Canceled,
        OrderStatus::Expired => proto::OrderStatus::Expired,
        OrderStatus::ExpiredInMatch => proto::OrderStatus::ExpiredInMatch,
    }
}

/// An order of the market.
pub(super) fn order(order: &OrderView, view: &MarketView) -> proto::Order {
    let (prices, quantities) = (view.market.price_decimals, view.market.quantity_decimals);
    proto::Order {
        symbol: view.symbol().to_owned(),
        order_id: order.order.0,
        client_order_id: order.client_id.as_str().to_owned(),
        order_list_id: order.list.0,
        side: side(order.side).into(),
        r#type: order_type(order.order_type).into(),
        time_in_force: time_in_force(order.time_in_force).into(),
        status: status(order.status).into(),
        price: unless_zero(order.price.0, prices),
        quantity: number(order.quantity.0, quantities),
        quote_quantity: unless_zero(order.quote_quantity.0, view.quote.scale),
        executed_quantity: number(order.executed.0, quantities),
        executed_quote: number(order.cumulative_quote.0, view.quote.scale),
        stop_price: unless_zero(order.stop_price.0, prices),
        trailing_delta: order.trailing_delta.into(),
        iceberg_quantity: unless_zero(order.iceberg.0, quantities),
        good_till_us: order.expire_at.0,
        self_trade: self_trade(order.self_trade).into(),
        prevented_quantity: unless_zero(order.prevented.0, quantities),
        placed_us: order.placed.0,
        updated_us: order.updated.0,
        working_us: order.working.map_or(0, |time| time.0),
        expiry_reason: expiry_reason(order).unwrap_or_default().to_owned(),
    }
}

/// Orders of any markets.
///
/// # Errors
/// [`Error::Internal`] when a market is not known.
pub(super) fn orders_of<'a>(
    app: &App,
    all: impl IntoIterator<Item = &'a OrderView>,
) -> Result<Vec<proto::Order>, Error> {
    let mut last: Option<Arc<MarketView>> = None;
    let mut shapes = Vec::new();
    for one in all {
        // Orders of one market mostly stand together.
        let view = match last.take().filter(|view| view.market.id == one.market) {
            Some(view) => view,
            None => view_of(app, one.market)?,
        };
        shapes.push(order(one, &view));
        last = Some(view);
    }
    Ok(shapes)
}

/// The market of something that happened in it.
///
/// # Errors
/// [`Error::Internal`] when it is not known.
pub(super) fn view_of(app: &App, market: MarketId) -> Result<Arc<MarketView>, Error> {
    params::view_of(app, market)
}

/// An order's part in a trade of the market.
pub(super) fn fill(fill: &Fill, view: &MarketView) -> proto::Fill {
    let asset = orders::commission_asset(view, fill);
    proto::Fill {
        trade_id: fill.trade.0,
        price: number(fill.price.0, view.market.price_decimals),
        quantity: number(fill.quantity.0, view.market.quantity_decimals),
        quote: number(fill.quote.0, view.quote.scale),
        commission: number(fill.commission.0, asset.scale),
        commission_asset: asset.symbol.as_str().to_owned(),
        is_maker: fill.is_maker,
    }
}

/// Fills in their order.
pub(super) fn fills(all: &[Fill], view: &MarketView) -> Vec<proto::Fill> {
    all.iter().map(|one| fill(one, view)).collect()
}

/// An order list of the market.
pub(super) fn list(list: &ListView, view: &MarketView) -> proto::OrderList {
    let kind = match list.kind {
        ListKind::Oco => proto::OrderListKind::Oco,
        ListKind::Oto => proto::OrderListKind::Oto,
        ListKind::Otoco => proto::OrderListKind::Otoco,
    };
    let member = |(order, name): (model::OrderId, model::ClientOrderId)| proto::OrderListMember {
        order_id: order.0,
        client_order_id: name.as_str().to_owned(),
    };
    proto::OrderList {
        order_list_id: list.list.0,
        client_list_id: list.client_id.as_str().to_owned(),
        symbol: view.symbol().to_owned(),
        kind: kind.into(),
        is_done: list.is_done,
        placed_us: list.placed.0,
        updated_us: list.updated.0,
        members: list.members().map(member).collect(),
    }
}

/// What an account has, by asset.
pub(super) fn balances(app: &App, account: AccountId, include_zero: bool) -> Vec<proto::Balance> {
    let held = app.live.balances(account);
    let mut shapes = Vec::new();
    for asset in app.market_data.assets() {
        let found = held.iter().find(|balance| balance.asset == asset.id);
        let (available, held) = found.map_or((0, 0), |balance| (balance.available.0, balance.held.0));
        if include_zero || available != 0 || held != 0 {
            shapes.push(proto::Balance {
                asset: asset.symbol.as_str().to_owned(),
                available: number(available, asset.scale),
                held: number(held, asset.scale),
            });
        }
    }
    shapes
}
