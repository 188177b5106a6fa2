//! The filters that can be checked without the engine, as it checks them.

use marketdata::MarketView;
use model::{Market, OrderType, Place, Price, Quantity, Reject, Side};

/// The first filter that an order does not pass, in the engine's order. What depends on the account is not asked.
pub(super) fn check(place: &Place, view: &MarketView) -> Result<(), Reject> {
    let filters = &view.market.filters;
    let by_quote = place.quote_quantity.is_positive();
    let takes_any_price = !place.order_type.has_limit();
    // The rest of what must go together was seen when the parameters were read.
    let hides = place.iceberg.is_positive() && !place.time_in_force.may_rest();
    let unpriced = place.order_type.is_contingent() && takes_any_price && place.stop_price == Price::ZERO;
    if hides || (unpriced && place.side == Side::Buy && view.last_price().is_none()) {
        return Err(Reject::InvalidOrder);
    }
    for price in [place.price, place.stop_price] {
        if price != Price::ZERO && !filters.price.contains(price.0) {
            return Err(Reject::PriceFilter);
        }
    }
    if !by_quote && !filters.lot.contains(place.quantity.0) {
        return Err(Reject::LotSize);
    }
    if place.iceberg != Quantity::ZERO && !filters.lot.contains(place.iceberg.0) {
        return Err(Reject::LotSize);
    }
    if !by_quote && takes_any_price && !filters.market_lot.contains(place.quantity.0) {
        return Err(Reject::MarketLotSize);
    }
    notional(place, view)?;
    if place.iceberg.is_positive() {
        let parts = (place.quantity.0 - 1) / place.iceberg.0 + 1;
        if parts > i64::from(filters.iceberg_parts) {
            return Err(Reject::IcebergParts);
        }
    }
    let [least, most] = filters.trailing_delta;
    if place.trailing_delta != 0 && (place.trailing_delta < least || place.trailing_delta > most) {
        return Err(Reject::TrailingDelta);
    }
    percent_price(place, &view.market, view.last_price())
}

fn notional(place: &Place, view: &MarketView) -> Result<(), Reject> {
    let filters = &view.market.filters;
    let price = match place.order_type {
        OrderType::Market => view.last_price(),
        OrderType::StopLoss | OrderType::TakeProfit => {
            Some(place.stop_price).filter(|price| price.is_positive()).or_else(|| view.last_price())
        }
        _ => Some(place.price),
    };
    let notional = match (place.quote_quantity.is_positive(), price) {
        (true, _) => Some(place.quote_quantity),
        (false, Some(price)) => view.market.notional(price, place.quantity, view.quote.scale),
        // Before the first trade, what an order without a limit is worth cannot be told.
        (false, None) => return Ok(()),
    };
    match notional {
        Some(notional) if notional >= filters.min_notional && notional <= filters.max_notional => Ok(()),
        Some(_) => Err(Reject::Notional),
        None => Err(Reject::AmountOverflow),
    }
}

fn percent_price(place: &Place, market: &Market, last: Option<Price>) -> Result<(), Reject> {
    let bounds = &market.filters.percent_price;
    let (Some(last), true, true) = (last, bounds.is_on(), place.order_type.has_limit()) else { return Ok(()) };
    let (down, up) = match place.side {
        Side::Buy => (bounds.bid_down_ppm, bounds.bid_up_ppm),
        Side::Sell => (bounds.ask_down_ppm, bounds.ask_up_ppm),
    };
    let (last, price) = (i128::from(last.0), i128::from(place.price.0) * 1_000_000);
    if last * i128::from(down) <= price && price <= last * i128::from(up) { Ok(()) } else { Err(Reject::PercentPrice) }
}
