//! Orders, and what names them.

use super::{DecodeError, Reader, Writer};
use crate::{
    AccountId, Amount, MarketId, OrderId, OrderType, Place, Price, Quantity, SelfTrade, Side, Target, TimeInForce,
    Timestamp,
};

pub(super) fn put_place(w: &mut Writer<'_>, place: &Place) {
    w.u32(place.account.0);
    w.u16(place.market.0);
    w.u8(place.side as u8);
    w.u8(place.order_type as u8);
    w.u8(place.time_in_force as u8);
    w.u8(place.self_trade as u8);
    w.i64(place.price.0);
    w.i64(place.quantity.0);
    w.i64(place.quote_quantity.0);
    w.short(place.client_id.as_bytes());
    let has = [place.stop_price.0 != 0, place.trailing_delta != 0, place.iceberg.0 != 0, place.expire_at.0 != 0];
    w.u8(has.iter().rev().fold(0, |flags, &has| flags << 1 | u8::from(has)));
    if has[0] {
        w.i64(place.stop_price.0);
    }
    if has[1] {
        w.u16(place.trailing_delta);
    }
    if has[2] {
        w.i64(place.iceberg.0);
    }
    if has[3] {
        w.u64(place.expire_at.0);
    }
}

pub(super) fn take_place(r: &mut Reader<'_>, version: u8) -> Result<Place, DecodeError> {
    let mut place = Place {
        stop_price: Price(0),
        trailing_delta: 0,
        iceberg: Quantity(0),
        expire_at: Timestamp::NEVER,
        account: AccountId(r.u32()?),
        market: MarketId(r.u16()?),
        side: r.code("side", Side::from_code)?,
        order_type: r.code("order type", OrderType::from_code)?,
        time_in_force: r.code("time in force", TimeInForce::from_code)?,
        self_trade: r.code("self-trade mode", SelfTrade::from_code)?,
        price: Price(r.i64()?),
        quantity: Quantity(r.i64()?),
        quote_quantity: Amount(r.i64()?),
        client_id: r.client_id()?,
    };
    let flags = if version >= 2 { r.u8()? } else { 0 };
    if flags >= 16 {
        return Err(DecodeError::Value { field: "flags of an order", value: u64::from(flags) });
    }
    if flags & 1 != 0 {
        place.stop_price = Price(r.i64()?);
    }
    if flags & 2 != 0 {
        place.trailing_delta = r.u16()?;
    }
    if flags & 4 != 0 {
        place.iceberg = Quantity(r.i64()?);
    }
    if flags & 8 != 0 {
        place.expire_at = Timestamp(r.u64()?);
    }
    let present = [place.stop_price.0 != 0, place.trailing_delta != 0, place.iceberg.0 != 0, place.expire_at.0 != 0];
    let found = present.iter().rev().fold(0, |flags, &has| flags << 1 | u8::from(has));
    // What is flagged must be there: one command has one form.
    if found == flags {
        Ok(place)
    } else {
        Err(DecodeError::Value { field: "flagged part of an order", value: u64::from(flags) })
    }
}

pub(super) fn take_optional_market(r: &mut Reader<'_>) -> Result<Option<MarketId>, DecodeError> {
    let some = r.flag()?;
    let market = r.u16()?;
    if !some && market != 0 {
        return Err(DecodeError::Value { field: "market beside a flag that says none", value: u64::from(market) });
    }
    Ok(some.then_some(MarketId(market)))
}

pub(super) fn put_optional_market(w: &mut Writer<'_>, market: Option<MarketId>) {
    w.u8(u8::from(market.is_some()));
    w.u16(market.unwrap_or_default().0);
}

pub(super) fn put_target(w: &mut Writer<'_>, target: &Target) {
    match target {
        Target::Order(order) => {
            w.u8(0);
            w.u64(order.0);
        }
        Target::Client(client) => {
            w.u8(1);
            w.short(client.as_bytes());
        }
        Target::Both(order, client) => {
            w.u8(2);
            w.u64(order.0);
            w.short(client.as_bytes());
        }
    }
}

pub(super) fn take_target(r: &mut Reader<'_>) -> Result<Target, DecodeError> {
    match r.u8()? {
        0 => Ok(Target::Order(OrderId(r.u64()?))),
        1 => Ok(Target::Client(r.client_id()?)),
        2 => Ok(Target::Both(OrderId(r.u64()?), r.client_id()?)),
        other => Err(DecodeError::Value { field: "target", value: u64::from(other) }),
    }
}
