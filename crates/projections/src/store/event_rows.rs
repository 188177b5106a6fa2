//! Rows of what happens to accounts, lists and orders beside trades, to and from the words of the model.

use model::{
    AccountId, ClientOrderId, Fees, ListId, ListKind, MarketId, OrderId, Prevented, PreventedId, Price, Quantity,
    SelfTrade, Sequence, Side, Step, TierId, Timestamp,
};
use sea_orm::Value;

use super::{
    AMENDMENTS, ORDER_LISTS, POSITIONS, PREVENTED,
    entity::{amendment, order_list, position, prevented},
    rows::{id, int, narrow, text, unsigned},
};
use crate::{Amendment, Error, ListView, Position, PreventedMatch};

pub(crate) fn list_row(rows: &mut Vec<Value>, view: &ListView) {
    rows.extend([
        id(view.list.0),
        int(view.account.0.into()),
        int(view.market.0.into()),
        int((view.kind as u8).into()),
    ]);
    rows.extend(view.orders.map(|order| id(order.0)));
    rows.extend([
        text(view.client_id.as_str()),
        int(view.is_done.into()),
        id(view.placed.0),
        id(view.updated.0),
        id(view.sequence.0),
    ]);
}

pub(crate) fn amendment_row(rows: &mut Vec<Value>, amendment: &Amendment) {
    rows.extend([
        id(amendment.order.0),
        id(amendment.sequence.0),
        int(amendment.event.into()),
        int(amendment.account.0.into()),
        int(amendment.market.0.into()),
        id(amendment.time.0),
        int(amendment.old_quantity.0),
        int(amendment.new_quantity.0),
        text(amendment.old_client_id.as_str()),
        text(amendment.new_client_id.as_str()),
    ]);
}

pub(crate) fn prevented_row(rows: &mut Vec<Value>, prevented: &Prevented, step: &Step) {
    rows.extend([
        int(prevented.market.0.into()),
        id(prevented.prevented.0),
        id(step.time.0),
        int((prevented.taker_side as u8).into()),
        int((prevented.mode as u8).into()),
        int(prevented.price.0),
        id(prevented.maker_order.0),
        id(prevented.taker_order.0),
        int(prevented.maker_account.0.into()),
        int(prevented.taker_account.0.into()),
        int(prevented.maker_quantity.0),
        int(prevented.taker_quantity.0),
        id(step.sequence.0),
    ]);
}

pub(crate) fn account_row(
    rows: &mut Vec<Value>,
    account: AccountId,
    parent: AccountId,
    tier: TierId,
    opened: Timestamp,
) {
    rows.extend([int(account.0.into()), int(parent.0.into()), int(tier.0.into()), id(opened.0)]);
}

pub(crate) fn fees_row(rows: &mut Vec<Value>, tier: Option<TierId>, market: Option<MarketId>, fees: Option<Fees>) {
    rows.extend([
        int(tier.map_or(-1, |tier| tier.0.into())),
        int(market.map_or(-1, |market| market.0.into())),
        Value::BigInt(fees.map(|fees| fees.maker_ppm.into())),
        Value::BigInt(fees.map(|fees| fees.taker_ppm.into())),
    ]);
}

pub(crate) fn position_row(rows: &mut Vec<Value>, position: &Position) {
    rows.extend([
        int(position.account.0.into()),
        int(position.market.0.into()),
        int(position.quantity),
        int(position.cost),
        int(position.realised),
        id(position.sequence.0),
    ]);
}

/// A stored client id.
fn name(table: &'static str, value: &str) -> Result<ClientOrderId, Error> {
    ClientOrderId::new(value).map_err(|_| Error::Corrupt { table, what: "no client id" })
}

/// A stored list; the names of its orders stand with the orders.
pub(crate) fn list_of(row: &order_list::Model) -> Result<ListView, Error> {
    const TABLE: &str = ORDER_LISTS.name;
    let corrupt = |what| Error::Corrupt { table: TABLE, what };
    Ok(ListView {
        list: ListId(unsigned(row.list_id)),
        account: AccountId(narrow(TABLE, row.account_id)?),
        market: MarketId(narrow(TABLE, row.market_id)?),
        kind: ListKind::from_code(narrow(TABLE, row.kind)?).ok_or(corrupt("no kind"))?,
        orders: [row.order_1, row.order_2, row.order_3].map(|order| OrderId(unsigned(order))),
        order_names: [ClientOrderId::EMPTY; 3],
        client_id: name(TABLE, &row.client_id)?,
        is_done: row.done != 0,
        placed: Timestamp(unsigned(row.placed)),
        updated: Timestamp(unsigned(row.updated)),
        sequence: Sequence(unsigned(row.sequence)),
    })
}

pub(crate) fn amendment_of(row: &amendment::Model) -> Result<Amendment, Error> {
    const TABLE: &str = AMENDMENTS.name;
    Ok(Amendment {
        order: OrderId(unsigned(row.order_id)),
        sequence: Sequence(unsigned(row.sequence)),
        event: narrow(TABLE, row.event)?,
        account: AccountId(narrow(TABLE, row.account_id)?),
        market: MarketId(narrow(TABLE, row.market_id)?),
        time: Timestamp(unsigned(row.time)),
        old_quantity: Quantity(row.old_quantity),
        new_quantity: Quantity(row.new_quantity),
        old_client_id: name(TABLE, &row.old_client_id)?,
        new_client_id: name(TABLE, &row.new_client_id)?,
    })
}

pub(crate) fn prevented_of(row: &prevented::Model) -> Result<PreventedMatch, Error> {
    const TABLE: &str = PREVENTED.name;
    let corrupt = |what| Error::Corrupt { table: TABLE, what };
    Ok(PreventedMatch {
        prevented: PreventedId(unsigned(row.prevented_id)),
        market: MarketId(narrow(TABLE, row.market_id)?),
        time: Timestamp(unsigned(row.time)),
        taker_side: Side::from_code(narrow(TABLE, row.taker_side)?).ok_or(corrupt("no side"))?,
        mode: SelfTrade::from_code(narrow(TABLE, row.mode)?).ok_or(corrupt("no self-trade mode"))?,
        price: Price(row.price),
        maker_order: OrderId(unsigned(row.maker_order)),
        taker_order: OrderId(unsigned(row.taker_order)),
        maker_account: AccountId(narrow(TABLE, row.maker_account)?),
        taker_account: AccountId(narrow(TABLE, row.taker_account)?),
        maker_quantity: Quantity(row.maker_quantity),
        taker_quantity: Quantity(row.taker_quantity),
    })
}

pub(crate) fn position_of(row: &position::Model) -> Result<Position, Error> {
    const TABLE: &str = POSITIONS.name;
    Ok(Position {
        account: AccountId(narrow(TABLE, row.account_id)?),
        market: MarketId(narrow(TABLE, row.market_id)?),
        quantity: row.quantity,
        cost: row.cost,
        realised: row.realised,
        sequence: Sequence(unsigned(row.sequence)),
    })
}
