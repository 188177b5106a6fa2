//! The checks of an order that need no balance: parameters that go together, and the market's filters.

use model::{OrderType, Place, Reject, TimeInForce};

use crate::markets::MarketState;

/// Amounts of an order that passed: what it may cost at most, in the asset that it pays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked {
    /// Ledger units that the order may take: of quote for a buy, of base for a sell; zero when only the book can tell
    /// (a market buy by quantity, a market sell by quote amount).
    pub(crate) cost: i64,
}

/// Checks parameters and filters in order of precedence.
pub(crate) fn check<B>(state: &MarketState<B>, place: &Place) -> Result<Checked, Reject> {
    if place.quote_quantity.0 < 0 {
        return Err(Reject::InvalidAmount);
    }
    check_shape(place)?;
    match place.order_type {
        OrderType::Market => check_market(state, place),
        OrderType::Limit | OrderType::LimitMaker => check_limit(state, place.side, place.price.0, place.quantity.0),
    }
}

/// Which parameters each order type needs and forbids.
fn check_shape(place: &Place) -> Result<(), Reject> {
    let limit_shape = place.quote_quantity.0 == 0;
    let fits = match place.order_type {
        OrderType::Limit => limit_shape,
        OrderType::LimitMaker => limit_shape && place.time_in_force == TimeInForce::Gtc,
        OrderType::Market => {
            let by_quantity = place.quantity.0 != 0;
            let by_quote = place.quote_quantity.0 != 0;
            place.price.0 == 0 && by_quantity != by_quote && place.time_in_force == TimeInForce::Ioc
        }
    };
    if fits { Ok(()) } else { Err(Reject::InvalidOrder) }
}

/// PRICE_FILTER, LOT_SIZE and NOTIONAL of a limit.
pub(crate) fn check_limit<B>(
    state: &MarketState<B>,
    side: model::Side,
    price: i64,
    quantity: i64,
) -> Result<Checked, Reject> {
    let filters = &state.market.filters;
    if !filters.price.contains(price) {
        return Err(Reject::PriceFilter);
    }
    if !filters.lot.contains(quantity) {
        return Err(Reject::LotSize);
    }
    let notional = notional(state, price, quantity)?;
    let base = state.base_amount(quantity).ok_or(Reject::AmountOverflow)?;
    Ok(Checked { cost: if side == model::Side::Buy { notional } else { base } })
}

/// Price x quantity, inside NOTIONAL. What does not fit in 63 bits is above every maximum too.
fn notional<B>(state: &MarketState<B>, price: i64, quantity: i64) -> Result<i64, Reject> {
    state.quote_amount(price, quantity).filter(|&notional| state.notional_fits(notional)).ok_or(Reject::Notional)
}

/// MARKET_LOT_SIZE, and NOTIONAL at the last trade's price (`avgPriceMins` is 0); before the first trade it cannot apply.
fn check_market<B>(state: &MarketState<B>, place: &Place) -> Result<Checked, Reject> {
    if place.quantity.0 == 0 {
        let quote = place.quote_quantity.0;
        if !state.notional_fits(quote) {
            return Err(Reject::Notional);
        }
        return Ok(Checked { cost: if place.side == model::Side::Buy { quote } else { 0 } });
    }
    let (lot, market_lot) = (&state.market.filters.lot, &state.market.filters.market_lot);
    if !lot.contains(place.quantity.0) {
        return Err(Reject::LotSize);
    }
    if !market_lot.contains(place.quantity.0) {
        return Err(Reject::MarketLotSize);
    }
    if state.last_price.0 > 0 {
        notional(state, state.last_price.0, place.quantity.0)?;
    }
    let base = state.base_amount(place.quantity.0).ok_or(Reject::AmountOverflow)?;
    Ok(Checked { cost: if place.side == model::Side::Buy { 0 } else { base } })
}
