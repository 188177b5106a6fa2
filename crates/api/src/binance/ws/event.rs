//! Events of an account, as the page "User Data Streams" describes them.

use marketdata::{MarketData, MarketView};
use model::{Amount, AssetId, ClientOrderId, MarketId, OrderId, Price, Quantity, Symbol, Timestamp};
use projections::{BalanceUpdate, Balances, ExecutionKind, ExecutionReport, ListReport, LockUpdate, UserEvent};
use serde::Serialize;

use crate::Error;
use crate::binance::TimeUnit;
use crate::binance::lists::{change_name, status_name};
use crate::binance::orders::{cancel_name, list_id, price, quantity, quote};
use crate::binance::terms::{expiry_reason, self_trade_name, side_name, time_in_force_name, time_or_never, type_name};
use crate::json::{self, Decimal};

/// The event as JSON, published at `now`.
///
/// # Errors
/// [`Error::Internal`] when the event names a market or asset that market data does not have.
pub(crate) fn write(
    market_data: &MarketData,
    event: &UserEvent,
    now: Timestamp,
    units: TimeUnit,
) -> Result<String, Error> {
    let view = |market: MarketId| {
        let unknown = || Error::Internal(format!("market {market} of an event is unknown"));
        market_data.market_by_id(market).ok_or_else(unknown)
    };
    match event {
        UserEvent::Execution(report) => {
            let view = view(report.order.market)?;
            json::to_string(&execution(report, &view, &Names::new(report), market_data, now, units)?)
        }
        UserEvent::Balances(balances) => json::to_string(&position(balances, market_data, now, units)?),
        UserEvent::List(report) => json::to_string(&list_status(report, &*view(report.list.market)?, now, units)),
        UserEvent::BalanceUpdate(update) => json::to_string(&balance_update(update, market_data, now, units)?),
        UserEvent::LockUpdate(update) => json::to_string(&lock_update(update, market_data, now, units)?),
    }
}

/// The message of a subscription of the WebSocket API.
pub(crate) fn subscribed(subscription_id: u32, event: &str) -> String {
    format!("{{\"subscriptionId\":{subscription_id},\"event\":{event}}}")
}

/// The last event of a subscription.
pub(crate) fn terminated(now: Timestamp, units: TimeUnit) -> String {
    format!("{{\"e\":\"eventStreamTerminated\",\"E\":{}}}", units.show(now))
}

/// The last event under a listen key, which is letters and digits.
pub(crate) fn listen_key_expired(key: &str, now: Timestamp, units: TimeUnit) -> String {
    format!("{{\"e\":\"listenKeyExpired\",\"E\":{},\"listenKey\":\"{key}\"}}", units.show(now))
}

/// What every connection to the WebSocket API is told before the server stops.
pub(crate) fn server_shutdown(now: Timestamp, units: TimeUnit) -> String {
    format!("{{\"event\":{{\"e\":\"serverShutdown\",\"E\":{}}}}}", units.show(now))
}

fn asset(market_data: &MarketData, id: AssetId) -> Result<(Symbol, u8), Error> {
    let asset = market_data.asset(id).ok_or_else(|| Error::Internal(format!("asset {id} of an event is unknown")))?;
    Ok((asset.symbol, asset.scale))
}

fn symbol<S: serde::Serializer>(symbol: &Symbol, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(symbol.as_str())
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn optional_symbol<S: serde::Serializer>(of: &Option<Symbol>, serializer: S) -> Result<S::Ok, S::Error> {
    match of {
        Some(of) => serializer.serialize_some(of.as_str()),
        None => serializer.serialize_none(),
    }
}

/// `outboundAccountPosition`
#[derive(Serialize)]
struct Position {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    #[serde(rename = "u")]
    updated: u64,
    #[serde(rename = "B")]
    balances: Vec<PositionBalance>,
}

#[derive(Serialize)]
struct PositionBalance {
    #[serde(rename = "a", serialize_with = "symbol")]
    asset: Symbol,
    #[serde(rename = "f")]
    free: Decimal,
    #[serde(rename = "l")]
    locked: Decimal,
}

fn position(balances: &Balances, market_data: &MarketData, now: Timestamp, units: TimeUnit) -> Result<Position, Error> {
    let shown = balances.changed.iter().map(|balance| {
        let (asset, scale) = asset(market_data, balance.asset)?;
        let (free, locked) = (Decimal::new(balance.available.0, scale), Decimal::new(balance.held.0, scale));
        Ok(PositionBalance { asset, free, locked })
    });
    Ok(Position {
        e: "outboundAccountPosition",
        event_time: units.show(now),
        updated: units.show(balances.time),
        balances: shown.collect::<Result<_, Error>>()?,
    })
}

/// `balanceUpdate` and `externalLockUpdate`
#[derive(Serialize)]
struct Update {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    #[serde(rename = "a", serialize_with = "symbol")]
    asset: Symbol,
    #[serde(rename = "d")]
    delta: Decimal,
    #[serde(rename = "T")]
    time: u64,
}

fn balance_update(
    update: &BalanceUpdate,
    market_data: &MarketData,
    now: Timestamp,
    units: TimeUnit,
) -> Result<Update, Error> {
    let (asset, scale) = asset(market_data, update.asset)?;
    let (delta, time) = (Decimal::new(update.delta.0, scale), units.show(update.time));
    Ok(Update { e: "balanceUpdate", event_time: units.show(now), asset, delta, time })
}

fn lock_update(
    update: &LockUpdate,
    market_data: &MarketData,
    now: Timestamp,
    units: TimeUnit,
) -> Result<Update, Error> {
    let (asset, scale) = asset(market_data, update.asset)?;
    let (delta, time) = (Decimal::new(update.delta.0, scale), units.show(update.time));
    Ok(Update { e: "externalLockUpdate", event_time: units.show(now), asset, delta, time })
}

/// `listStatus`
#[derive(Serialize)]
struct ListStatus<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    s: &'a str,
    g: u64,
    c: &'static str,
    l: &'static str,
    #[serde(rename = "L")]
    order_status: &'static str,
    r: &'static str,
    #[serde(rename = "C")]
    client_id: &'a str,
    #[serde(rename = "T")]
    transaction_time: u64,
    #[serde(rename = "O")]
    orders: Vec<ListMember<'a>>,
}

#[derive(Serialize)]
struct ListMember<'a> {
    s: &'a str,
    i: u64,
    c: String,
}

fn list_status<'a>(report: &'a ListReport, view: &'a MarketView, now: Timestamp, units: TimeUnit) -> ListStatus<'a> {
    let list = &report.list;
    let member = |(order, name): (OrderId, ClientOrderId)| ListMember {
        s: view.symbol(),
        i: order.0,
        c: name.as_str().to_owned(),
    };
    ListStatus {
        e: "listStatus",
        event_time: units.show(now),
        s: view.symbol(),
        g: list.list.0,
        c: list.contingency(),
        l: change_name(report.change),
        order_status: status_name(list.is_done),
        r: "NONE",
        client_id: list.client_id.as_str(),
        transaction_time: units.show(report.time),
        orders: list.members().map(member).collect(),
    }
}

/// `executionReport`. nautilus_trader needs every field up to `Q`, those that mean nothing included.
#[derive(Serialize)]
struct Execution<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    #[serde(rename = "s")]
    symbol: &'a str,
    #[serde(rename = "c")]
    client_id: &'a str,
    #[serde(rename = "S")]
    side: &'static str,
    #[serde(rename = "o")]
    order_type: &'static str,
    #[serde(rename = "f")]
    time_in_force: &'static str,
    #[serde(rename = "q")]
    quantity: Decimal,
    #[serde(rename = "p")]
    price: Decimal,
    #[serde(rename = "P")]
    stop_price: Decimal,
    #[serde(rename = "F")]
    iceberg_quantity: Decimal,
    #[serde(rename = "g")]
    order_list_id: i64,
    #[serde(rename = "C")]
    original_client_id: &'a str,
    #[serde(rename = "x")]
    execution_type: &'static str,
    #[serde(rename = "X")]
    status: &'static str,
    #[serde(rename = "r")]
    reject_reason: &'static str,
    #[serde(rename = "i")]
    order: u64,
    #[serde(rename = "l")]
    last_quantity: Decimal,
    #[serde(rename = "z")]
    executed: Decimal,
    #[serde(rename = "L")]
    last_price: Decimal,
    #[serde(rename = "n")]
    commission: Decimal,
    #[serde(rename = "N", serialize_with = "optional_symbol")]
    commission_asset: Option<Symbol>,
    #[serde(rename = "T")]
    transaction_time: u64,
    #[serde(rename = "t")]
    trade: i64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    prevention: Option<PreventedFields<'a>>,
    #[serde(rename = "I")]
    execution: u64,
    #[serde(rename = "w")]
    is_on_book: bool,
    #[serde(rename = "m")]
    is_maker: bool,
    #[serde(rename = "M")]
    ignored: bool,
    #[serde(rename = "O")]
    placed: u64,
    #[serde(rename = "Z")]
    cumulative_quote: Decimal,
    #[serde(rename = "Y")]
    last_quote: Decimal,
    #[serde(rename = "Q")]
    quote_quantity: Decimal,
    #[serde(rename = "W", skip_serializing_if = "Option::is_none")]
    working: Option<u64>,
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    trailing_delta: Option<u16>,
    #[serde(rename = "D", skip_serializing_if = "Option::is_none")]
    trailing_time: Option<i64>,
    #[serde(rename = "V")]
    self_trade: &'static str,
    #[serde(rename = "eR", skip_serializing_if = "Option::is_none")]
    expiry_reason: Option<&'static str>,
}

/// What self-trade prevention did.
#[derive(Serialize)]
struct PreventedFields<'a> {
    #[serde(rename = "v")]
    prevented: u64,
    #[serde(rename = "A")]
    quantity: Decimal,
    #[serde(rename = "B")]
    last_quantity: Decimal,
    #[serde(rename = "u")]
    trade_group: u32,
    #[serde(rename = "U")]
    counter_order: u64,
    #[serde(rename = "Cs")]
    counter_symbol: &'a str,
    #[serde(rename = "pl")]
    match_quantity: Decimal,
    #[serde(rename = "pL")]
    match_price: Decimal,
    #[serde(rename = "pY")]
    match_quote: Decimal,
}

fn prevented_fields<'a>(report: &ExecutionReport, view: &'a MarketView) -> Option<PreventedFields<'a>> {
    let prevention = report.prevention?;
    // What does not fit cannot be shown; no order is so large.
    let worth = view.market.notional(prevention.price, prevention.quantity, view.quote.scale).unwrap_or(Amount::ZERO);
    Some(PreventedFields {
        prevented: prevention.prevented.0,
        quantity: quantity(view, report.order.prevented),
        last_quantity: quantity(view, prevention.quantity),
        trade_group: report.trade_group.0,
        counter_order: prevention.counter_order.0,
        counter_symbol: view.symbol(),
        match_quantity: quantity(view, prevention.quantity),
        match_price: price(view, prevention.price),
        match_quote: quote(view, worth),
    })
}

/// `c` and `C`: when an order is cancelled, the name of the cancel request and that of the order; when it is amended, its new name
/// and the one before; otherwise the name of the order and nothing.
struct Names {
    own: String,
    original: ClientOrderId,
}

impl Names {
    fn new(report: &ExecutionReport) -> Self {
        let order = &report.order;
        match report.kind {
            ExecutionKind::Canceled => {
                Self { own: cancel_name(&report.request_id, report.sequence), original: order.client_id }
            }
            _ => Self { own: order.client_id.as_str().to_owned(), original: report.previous_id },
        }
    }
}

fn execution<'a>(
    report: &'a ExecutionReport,
    view: &'a MarketView,
    names: &'a Names,
    market_data: &MarketData,
    now: Timestamp,
    units: TimeUnit,
) -> Result<Execution<'a>, Error> {
    let order = &report.order;
    let fill = report.fill.as_ref();
    let trails = order.trailing_delta > 0;
    let (commission_asset, commission) = match fill {
        Some(fill) => {
            let (symbol, scale) = asset(market_data, fill.commission_asset)?;
            (Some(symbol), Decimal::new(fill.commission.0, scale))
        }
        None => (None, Decimal::at_least(0, 0, 0)),
    };
    Ok(Execution {
        e: "executionReport",
        event_time: units.show(now),
        symbol: view.symbol(),
        client_id: &names.own,
        side: side_name(order.side),
        order_type: type_name(order.order_type),
        time_in_force: time_in_force_name(order.order_type, order.time_in_force),
        quantity: quantity(view, order.quantity),
        price: price(view, order.price),
        stop_price: price(view, order.stop_price),
        iceberg_quantity: quantity(view, order.iceberg),
        order_list_id: list_id(order),
        original_client_id: names.original.as_str(),
        execution_type: report.kind.name(),
        status: order.status.name(),
        reject_reason: "NONE",
        order: order.order.0,
        last_quantity: quantity(view, fill.map_or(Quantity::ZERO, |fill| fill.quantity)),
        executed: quantity(view, order.executed),
        last_price: price(view, fill.map_or(Price::ZERO, |fill| fill.price)),
        commission,
        commission_asset,
        transaction_time: units.show(report.time),
        // Ids of trades count from 1 and cannot reach 2^63.
        trade: fill.map_or(-1, |fill| i64::try_from(fill.trade.0).unwrap_or(i64::MAX)),
        prevention: prevented_fields(report, view),
        execution: report.execution_id,
        is_on_book: order.status.is_open() && order.working.is_some(),
        is_maker: fill.is_some_and(|fill| fill.is_maker),
        ignored: false,
        placed: units.show(order.placed),
        cumulative_quote: quote(view, order.cumulative_quote),
        last_quote: quote(view, fill.map_or(Amount::ZERO, |fill| fill.quote)),
        quote_quantity: quote(view, order.quote_quantity),
        working: order.working.map(|time| units.show(time)),
        trailing_delta: trails.then_some(order.trailing_delta),
        trailing_time: trails.then(|| time_or_never(order.trailing, units)),
        self_trade: self_trade_name(order.self_trade),
        expiry_reason: expiry_reason(order),
    })
}
