//! The checks of an order that need neither a balance nor the book: parameters that go together, and the market's filters.

use model::{MarketState as State, OrderType, Place, Range, Reject, Side, TimeInForce, Timestamp};

use crate::markets::MarketState;

/// Rule 26 for an order that is placed alone or first in its list.
pub(crate) fn check_state<B>(state: &MarketState<B>, place: &Place) -> Result<(), Reject> {
    let contingent = place.order_type.is_contingent();
    let rests = place.time_in_force.may_rest() && place.order_type != OrderType::Market;
    let open = match state.state {
        State::Trading => true,
        State::PostOnly => contingent || rests,
        State::Auction => contingent || (rests && place.order_type == OrderType::Limit),
        State::CancelOnly | State::Halt => false,
    };
    if open { Ok(()) } else { Err(Reject::MarketClosed) }
}

/// Rule 26 for what changes an open order, and for orders that wait for others of their list.
pub(crate) fn check_open<B>(state: &MarketState<B>) -> Result<(), Reject> {
    let open = matches!(state.state, State::Trading | State::PostOnly | State::Auction);
    if open { Ok(()) } else { Err(Reject::MarketClosed) }
}

/// Rule 26 for a cancel.
pub(crate) fn check_cancel<B>(state: &MarketState<B>) -> Result<(), Reject> {
    if state.state == State::Halt { Err(Reject::MarketClosed) } else { Ok(()) }
}

/// Rules 30 to 45, in order of precedence. Gives what the order may cost at most, in the asset that it pays: ledger units of
/// quote for a buy, of base for a sell; zero when only the book can tell (a market buy by quantity, a market sell by quote
/// amount).
#[inline]
pub(crate) fn check<B>(state: &MarketState<B>, place: &Place, now: Timestamp) -> Result<i64, Reject> {
    if place.quote_quantity.0 < 0 {
        return Err(Reject::InvalidAmount);
    }
    if place.time_in_force == TimeInForce::Gtd && place.expire_at <= now {
        return Err(Reject::InvalidTime);
    }
    let plain = place.stop_price.0 == 0
        && place.trailing_delta == 0
        && place.iceberg.0 == 0
        && (place.expire_at == Timestamp::NEVER) == (place.time_in_force != TimeInForce::Gtd);
    match place.order_type {
        OrderType::Limit if plain && place.quote_quantity.0 == 0 => {
            check_limit(state, place.side, place.price.0, place.quantity.0)
        }
        OrderType::Market => check_market(state, place, plain),
        _ => check_special(state, place),
    }
}

/// Which parameters each order type but MARKET needs and forbids.
fn shape_fits<B>(state: &MarketState<B>, place: &Place) -> bool {
    let deadline = (place.expire_at != Timestamp::NEVER) == (place.time_in_force == TimeInForce::Gtd);
    let may_rest = place.time_in_force.may_rest();
    let triggers = place.stop_price.0 > 0 || (place.trailing_delta > 0 && place.stop_price.0 == 0);
    let nothing_waits = place.stop_price.0 == 0 && place.trailing_delta == 0;
    let iceberg = place.iceberg.0 == 0 || (place.iceberg.0 > 0 && may_rest);
    let own = match place.order_type {
        OrderType::Limit => nothing_waits && iceberg,
        OrderType::LimitMaker => nothing_waits && iceberg && may_rest,
        OrderType::StopLoss | OrderType::TakeProfit => {
            let priced = place.side == Side::Sell || place.stop_price.0 > 0 || state.last_price.0 > 0;
            triggers && priced && place.price.0 == 0 && place.iceberg.0 == 0 && may_rest
        }
        OrderType::StopLossLimit | OrderType::TakeProfitLimit => triggers && iceberg,
        OrderType::Market => false,
    };
    own && deadline && place.quote_quantity.0 == 0
}

/// All but plain limits and market orders.
fn check_special<B>(state: &MarketState<B>, place: &Place) -> Result<i64, Reject> {
    let filters = &state.market.filters;
    if !shape_fits(state, place) {
        return Err(Reject::InvalidOrder);
    }
    let has_limit = place.order_type.has_limit();
    let stop_fits = place.stop_price.0 == 0 || filters.price.contains(place.stop_price.0);
    if !stop_fits || (has_limit && !filters.price.contains(place.price.0)) {
        return Err(Reject::PriceFilter);
    }
    let iceberg_fits = place.iceberg.0 == 0 || filters.lot.contains(place.iceberg.0);
    if !iceberg_fits || !filters.lot.contains(place.quantity.0) {
        return Err(Reject::LotSize);
    }
    if has_limit {
        return check_limit(state, place.side, place.price.0, place.quantity.0);
    }
    if !filters.market_lot.contains(place.quantity.0) {
        return Err(Reject::MarketLotSize);
    }
    let price = if place.stop_price.0 > 0 { place.stop_price.0 } else { state.last_price.0 };
    cost_at(state, place.side, price, place.quantity.0)
}

/// NOTIONAL at a price, if there is one, and the amounts.
fn cost_at<B>(state: &MarketState<B>, side: Side, price: i64, quantity: i64) -> Result<i64, Reject> {
    let notional = if price > 0 { notional(state, price, quantity)? } else { 0 };
    let base = state.base_amount(quantity).ok_or(Reject::AmountOverflow)?;
    Ok(if side == Side::Buy { notional } else { base })
}

/// PRICE_FILTER, LOT_SIZE and NOTIONAL of a limit.
#[inline]
pub(crate) fn check_limit<B>(state: &MarketState<B>, side: Side, price: i64, quantity: i64) -> Result<i64, Reject> {
    let filters = &state.market.filters;
    if !filters.price.contains(price) {
        return Err(Reject::PriceFilter);
    }
    if !filters.lot.contains(quantity) {
        return Err(Reject::LotSize);
    }
    cost_at(state, side, price, quantity)
}

/// Price x quantity, inside NOTIONAL. What does not fit in 63 bits is above every maximum too.
#[inline]
fn notional<B>(state: &MarketState<B>, price: i64, quantity: i64) -> Result<i64, Reject> {
    state.quote_amount(price, quantity).filter(|&notional| state.notional_fits(notional)).ok_or(Reject::Notional)
}

/// MARKET_LOT_SIZE, and NOTIONAL at the last trade's price (`avgPriceMins` is 0); before the first trade it cannot apply.
fn check_market<B>(state: &MarketState<B>, place: &Place, plain: bool) -> Result<i64, Reject> {
    let one_size = (place.quantity.0 != 0) != (place.quote_quantity.0 != 0);
    if !(plain && one_size && place.price.0 == 0 && place.time_in_force == TimeInForce::Ioc) {
        return Err(Reject::InvalidOrder);
    }
    if place.quantity.0 == 0 {
        let quote = place.quote_quantity.0;
        if !state.notional_fits(quote) {
            return Err(Reject::Notional);
        }
        return Ok(if place.side == Side::Buy { quote } else { 0 });
    }
    let (lot, market_lot) = (&state.market.filters.lot, &state.market.filters.market_lot);
    if !lot.contains(place.quantity.0) {
        return Err(Reject::LotSize);
    }
    if !market_lot.contains(place.quantity.0) {
        return Err(Reject::MarketLotSize);
    }
    let cost = cost_at(state, place.side, state.last_price.0, place.quantity.0)?;
    Ok(if place.side == Side::Buy { 0 } else { cost })
}

/// ICEBERG_PARTS and TRAILING_DELTA.
pub(crate) fn check_parts<B>(state: &MarketState<B>, place: &Place) -> Result<(), Reject> {
    let filters = &state.market.filters;
    if place.iceberg.0 > 0 {
        let parts = place.quantity.0 / place.iceberg.0 + i64::from(place.quantity.0 % place.iceberg.0 > 0);
        if parts > i64::from(filters.iceberg_parts) {
            return Err(Reject::IcebergParts);
        }
    }
    if place.trailing_delta > 0 {
        let [least, most] = filters.trailing_delta;
        if place.trailing_delta < least || place.trailing_delta > most {
            return Err(Reject::TrailingDelta);
        }
    }
    Ok(())
}

/// PERCENT_PRICE_BY_SIDE of a limit, against the last price.
#[inline]
pub(crate) fn check_percent<B>(state: &MarketState<B>, side: Side, price: i64) -> Result<(), Reject> {
    let percent = &state.market.filters.percent_price;
    if !percent.is_on() || state.last_price.0 == 0 || price == 0 {
        return Ok(());
    }
    let (up, down) = match side {
        Side::Buy => (percent.bid_up_ppm, percent.bid_down_ppm),
        Side::Sell => (percent.ask_up_ppm, percent.ask_down_ppm),
    };
    let (last, scaled) = (i128::from(state.last_price.0), i128::from(price) * 1_000_000);
    let fits = scaled <= last * i128::from(up) && scaled >= last * i128::from(down);
    if fits { Ok(()) } else { Err(Reject::PercentPrice) }
}

/// Whether the last price has reached a stop price already.
pub(crate) fn check_stop<B>(state: &MarketState<B>, place: &Place) -> Result<(), Reject> {
    let waits = place.order_type.is_contingent() && place.trailing_delta == 0;
    let trigger = place.order_type.trigger(place.side);
    if waits && state.last_price.0 > 0 && trigger.is_reached(place.stop_price.0, state.last_price.0) {
        return Err(Reject::StopWouldTrigger);
    }
    Ok(())
}

/// A quantity alone: LOT_SIZE.
pub(crate) fn check_lot(lot: &Range, quantity: i64) -> Result<(), Reject> {
    if lot.contains(quantity) { Ok(()) } else { Err(Reject::LotSize) }
}
