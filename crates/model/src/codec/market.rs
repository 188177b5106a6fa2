//! Assets, markets and fees.

use super::{DecodeError, Reader, VERSION, Writer};
use crate::{Amount, Asset, AssetId, Fees, Filters, Market, MarketId, PercentPrice, Range, Volatility};

/// Appends an asset.
pub fn put_asset(w: &mut Writer<'_>, asset: &Asset) {
    w.u16(asset.id.0);
    w.short(asset.symbol.as_str().as_bytes());
    w.u8(asset.scale);
}

/// Takes an asset.
pub fn take_asset(r: &mut Reader<'_>) -> Result<Asset, DecodeError> {
    Ok(Asset { id: AssetId(r.u16()?), symbol: r.symbol()?, scale: r.u8()? })
}

fn put_range(w: &mut Writer<'_>, range: &Range) {
    w.i64(range.min);
    w.i64(range.max);
    w.i64(range.step);
}

fn take_range(r: &mut Reader<'_>) -> Result<Range, DecodeError> {
    Ok(Range { min: r.i64()?, max: r.i64()?, step: r.i64()? })
}

/// Appends a market.
pub fn put_market(w: &mut Writer<'_>, market: &Market) {
    let filters = &market.filters;
    w.u16(market.id.0);
    w.short(market.symbol.as_str().as_bytes());
    w.u16(market.base.0);
    w.u16(market.quote.0);
    w.u8(market.price_decimals);
    w.u8(market.quantity_decimals);
    put_range(w, &filters.price);
    put_range(w, &filters.lot);
    put_range(w, &filters.market_lot);
    w.i64(filters.min_notional.0);
    w.i64(filters.max_notional.0);
    w.u32(filters.max_open_orders);
    w.u32(filters.max_algo_orders);
    w.u32(filters.iceberg_parts);
    w.i64(filters.max_position.0);
    let PercentPrice { bid_up_ppm, bid_down_ppm, ask_up_ppm, ask_down_ppm } = filters.percent_price;
    [bid_up_ppm, bid_down_ppm, ask_up_ppm, ask_down_ppm].into_iter().for_each(|ppm| w.u32(ppm));
    filters.trailing_delta.into_iter().for_each(|delta| w.u16(delta));
    put_fees(w, market.fees.as_ref());
    w.u32(market.volatility.move_ppm);
    w.u32(market.volatility.window_ms);
    w.u32(market.volatility.auction_ms);
}

/// Takes a market that [`put_market`] wrote.
pub fn take_market(r: &mut Reader<'_>) -> Result<Market, DecodeError> {
    take_market_of(r, VERSION)
}

pub(super) fn take_market_of(r: &mut Reader<'_>, version: u8) -> Result<Market, DecodeError> {
    let mut market = Market {
        id: MarketId(r.u16()?),
        symbol: r.symbol()?,
        base: AssetId(r.u16()?),
        quote: AssetId(r.u16()?),
        price_decimals: r.u8()?,
        quantity_decimals: r.u8()?,
        filters: Filters {
            price: take_range(r)?,
            lot: take_range(r)?,
            market_lot: take_range(r)?,
            min_notional: Amount(r.i64()?),
            max_notional: Amount(r.i64()?),
            max_open_orders: r.u32()?,
            ..Filters::WIDE
        },
        fees: None,
        volatility: Volatility::OFF,
    };
    if version < 2 {
        let ppm = |ppm: u32| i32::try_from(ppm).map_err(|_| DecodeError::Value { field: "fee", value: u64::from(ppm) });
        market.fees = Some(Fees { maker_ppm: ppm(r.u32()?)?, taker_ppm: ppm(r.u32()?)? });
        return Ok(market);
    }
    let filters = &mut market.filters;
    filters.max_algo_orders = r.u32()?;
    filters.iceberg_parts = r.u32()?;
    filters.max_position = Amount(r.i64()?);
    filters.percent_price =
        PercentPrice { bid_up_ppm: r.u32()?, bid_down_ppm: r.u32()?, ask_up_ppm: r.u32()?, ask_down_ppm: r.u32()? };
    filters.trailing_delta = [r.u16()?, r.u16()?];
    market.fees = take_fees(r)?;
    market.volatility = Volatility { move_ppm: r.u32()?, window_ms: r.u32()?, auction_ms: r.u32()? };
    Ok(market)
}

pub(super) fn put_fees(w: &mut Writer<'_>, fees: Option<&Fees>) {
    w.u8(u8::from(fees.is_some()));
    if let Some(fees) = fees {
        w.i32(fees.maker_ppm);
        w.i32(fees.taker_ppm);
    }
}

pub(super) fn take_fees(r: &mut Reader<'_>) -> Result<Option<Fees>, DecodeError> {
    r.optional(|r| Ok(Fees { maker_ppm: r.i32()?, taker_ppm: r.i32()? }))
}
