//! Rows to and from the words of the model.

use marketdata::{Candle, Interval, Total};
use model::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, CloseReason, ListId, Market, MarketId, OrderId, OrderType,
    PreventedId, Price, Quantity, SelfTrade, Sequence, Side, Step, Symbol, TimeInForce, Timestamp, Trade, TradeId,
    Wait,
};
use sea_orm::Value;

use super::entity::{asset, candle, market, order};
use crate::{Error, OrderStatus, OrderView, posting::Posting};

pub(super) fn int(value: i64) -> Value {
    Value::BigInt(Some(value))
}

/// Ids and times stay below 2^63.
pub(super) fn id(value: u64) -> Value {
    int(value.cast_signed())
}

/// Zero for never.
fn moment(time: Option<Timestamp>) -> Value {
    id(time.map_or(0, |time| time.0))
}

pub(super) fn text(value: &str) -> Value {
    value.into()
}

pub(crate) fn asset_row(rows: &mut Vec<Value>, asset: &Asset) {
    rows.extend([int(asset.id.0.into()), text(asset.symbol.as_str()), int(asset.scale.into())]);
}

pub(crate) fn market_row(rows: &mut Vec<Value>, market: &Market) {
    rows.extend([
        int(market.id.0.into()),
        text(market.symbol.as_str()),
        int(market.base.0.into()),
        int(market.quote.0.into()),
        int(market.price_decimals.into()),
        int(market.quantity_decimals.into()),
    ]);
}

pub(crate) fn order_row(rows: &mut Vec<Value>, view: &OrderView) {
    rows.extend([
        id(view.order.0),
        int(view.account.0.into()),
        int(view.market.0.into()),
        int((view.side as u8).into()),
        int((view.order_type as u8).into()),
        int((view.time_in_force as u8).into()),
        int((view.self_trade as u8).into()),
        int(view.price.0),
        int(view.quantity.0),
        int(view.quote_quantity.0),
        int(view.executed.0),
        int(view.cumulative_quote.0),
        int(view.status.code().into()),
        text(view.client_id.as_str()),
        id(view.placed.0),
        id(view.updated.0),
        id(view.sequence.0),
        int(view.stop_price.0),
        int(view.trailing_delta.into()),
        int(view.iceberg.0),
        id(view.expire_at.0),
        id(view.list.0),
        int((view.wait as u8).into()),
        moment(view.working),
        moment(view.trailing),
        int(view.prevented.0),
        id(view.last_prevented.0),
        Value::BigInt(view.ended.map(|reason| (reason as u8).into())),
    ]);
}

pub(crate) fn trade_row(rows: &mut Vec<Value>, trade: &Trade, step: &Step) {
    rows.extend([
        int(trade.market.0.into()),
        id(trade.trade.0),
        id(step.time.0),
        int(trade.price.0),
        int(trade.quantity.0),
        int(trade.quote.0),
        int((trade.taker_side as u8).into()),
        id(trade.maker_order.0),
        id(trade.taker_order.0),
        int(trade.maker_account.0.into()),
        int(trade.taker_account.0.into()),
        int(trade.maker_fee.0),
        int(trade.taker_fee.0),
        id(step.sequence.0),
        int(trade.auction.into()),
    ]);
}

/// A ledger entry that is to be written.
#[derive(Debug)]
pub(crate) struct LedgerRow {
    pub(crate) posting: Posting,
    pub(crate) sequence: Sequence,
    pub(crate) time: Timestamp,
    /// Number of the entry among those of the step.
    pub(crate) entry: u64,
    /// Index of the event in the step.
    pub(crate) event: u64,
}

pub(crate) fn ledger_row(rows: &mut Vec<Value>, row: &LedgerRow) {
    let posting = &row.posting;
    rows.extend([
        id(row.sequence.0),
        id(row.entry),
        id(row.event),
        id(row.time.0),
        int(posting.account.0.into()),
        int(posting.asset.0.into()),
        int(posting.available),
        int(posting.held),
        int(posting.kind.code().into()),
        id(posting.reference),
        Value::BigInt(posting.market.map(|market| market.0.into())),
    ]);
}

pub(crate) fn balance_row(rows: &mut Vec<Value>, account: AccountId, asset: AssetId, available: i64, held: i64) {
    rows.extend([int(account.0.into()), int(asset.0.into()), int(available), int(held)]);
}

pub(crate) fn candle_row(rows: &mut Vec<Value>, market: MarketId, interval: Interval, candle: &Candle) {
    // More than 63 bits in one candle is stored as the most that fits.
    let total = |total: Total| int(i64::try_from(total.0).unwrap_or(i64::MAX));
    rows.extend([
        int(market.0.into()),
        id(interval.length().unwrap_or(0) / 1_000_000),
        id(candle.open_time.0),
        int(candle.open.0),
        int(candle.high.0),
        int(candle.low.0),
        int(candle.close.0),
        total(candle.volume),
        total(candle.quote_volume),
        id(candle.trades),
        total(candle.taker_buy_volume),
        total(candle.taker_buy_quote),
        id(candle.first_trade.0),
    ]);
}

/// A stored number as the smaller type that it was made from.
pub(super) fn narrow<T: TryFrom<i64>>(table: &'static str, value: i64) -> Result<T, Error> {
    T::try_from(value).map_err(|_| Error::Corrupt { table, what: "a number is out of range" })
}

/// A stored time that may be never.
fn moment_of(value: i64) -> Option<Timestamp> {
    Some(Timestamp(unsigned(value))).filter(|time| time.0 != 0)
}

/// A stored reason of an order's end.
const fn reason_of(code: i64) -> Option<CloseReason> {
    Some(match code {
        0 => CloseReason::Cancelled,
        1 => CloseReason::Expired,
        2 => CloseReason::SelfTrade,
        3 => CloseReason::ListDone,
        4 => CloseReason::Deadline,
        5 => CloseReason::Countdown,
        6 => CloseReason::Refused,
        7 => CloseReason::Overflow,
        8 => CloseReason::MarketCancelled,
        _ => return None,
    })
}

/// A stored id, time or count.
pub(crate) const fn unsigned(value: i64) -> u64 {
    value.cast_unsigned()
}

pub(crate) fn asset_of(row: &asset::Model) -> Result<Asset, Error> {
    const TABLE: &str = super::ASSETS.name;
    Ok(Asset {
        id: AssetId(narrow(TABLE, row.asset_id)?),
        symbol: Symbol::new(&row.symbol).ok_or(Error::Corrupt { table: TABLE, what: "no symbol" })?,
        scale: narrow(TABLE, row.scale)?,
    })
}

/// Id, assets and quantity decimals of a stored market: what following needs.
pub(crate) fn market_of(row: &market::Model) -> Result<(MarketId, AssetId, AssetId, u8), Error> {
    const TABLE: &str = super::MARKETS.name;
    Ok((
        MarketId(narrow(TABLE, row.market_id)?),
        AssetId(narrow(TABLE, row.base)?),
        AssetId(narrow(TABLE, row.quote)?),
        narrow(TABLE, row.quantity_decimals)?,
    ))
}

pub(crate) fn order_of(row: &order::Model) -> Result<OrderView, Error> {
    const TABLE: &str = super::ORDERS.name;
    let corrupt = |what| Error::Corrupt { table: TABLE, what };
    Ok(OrderView {
        order: OrderId(unsigned(row.order_id)),
        account: AccountId(narrow(TABLE, row.account_id)?),
        market: MarketId(narrow(TABLE, row.market_id)?),
        side: Side::from_code(narrow(TABLE, row.side)?).ok_or(corrupt("no side"))?,
        order_type: OrderType::from_code(narrow(TABLE, row.order_type)?).ok_or(corrupt("no order type"))?,
        time_in_force: TimeInForce::from_code(narrow(TABLE, row.time_in_force)?).ok_or(corrupt("no time in force"))?,
        self_trade: SelfTrade::from_code(narrow(TABLE, row.self_trade)?).ok_or(corrupt("no self-trade mode"))?,
        price: Price(row.price),
        quantity: Quantity(row.quantity),
        quote_quantity: Amount(row.quote_quantity),
        executed: Quantity(row.executed),
        cumulative_quote: Amount(row.cumulative_quote),
        status: OrderStatus::from_code(narrow(TABLE, row.status)?).ok_or(corrupt("no status"))?,
        client_id: ClientOrderId::new(&row.client_id).map_err(|_| corrupt("no client order id"))?,
        placed: Timestamp(unsigned(row.placed)),
        updated: Timestamp(unsigned(row.updated)),
        sequence: Sequence(unsigned(row.sequence)),
        stop_price: Price(row.stop_price),
        trailing_delta: narrow(TABLE, row.trailing_delta)?,
        iceberg: Quantity(row.iceberg),
        expire_at: Timestamp(unsigned(row.expire_at)),
        list: ListId(unsigned(row.list_id)),
        wait: Wait::from_code(narrow(TABLE, row.wait)?).ok_or(corrupt("no wait"))?,
        working: moment_of(row.working_since),
        trailing: moment_of(row.trailing_since),
        prevented: Quantity(row.prevented),
        last_prevented: PreventedId(unsigned(row.last_prevented)),
        ended: row.ended.map(|code| reason_of(code).ok_or(corrupt("no reason of an end"))).transpose()?,
    })
}

pub(crate) const fn candle_of(row: &candle::Model) -> Candle {
    const fn total(value: i64) -> Total {
        Total(value as i128)
    }
    Candle {
        open_time: Timestamp(unsigned(row.open_time)),
        open: Price(row.open),
        high: Price(row.high),
        low: Price(row.low),
        close: Price(row.close),
        volume: total(row.volume),
        quote_volume: total(row.quote_volume),
        trades: unsigned(row.trades),
        taker_buy_volume: total(row.taker_buy_volume),
        taker_buy_quote: total(row.taker_buy_quote),
        first_trade: TradeId(unsigned(row.first_trade)),
    }
}
