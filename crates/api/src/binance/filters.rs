//! The filters of a market, as `exchangeInfo` and `myFilters` tell them.

use model::{Market, Range};
use serde::Serialize;

use crate::json::Decimal;

/// Ratios are parts per million: six decimals.
const PPM_DECIMALS: u8 = 6;

/// One filter.
#[derive(Debug, Serialize)]
#[serde(tag = "filterType", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
#[allow(clippy::enum_variant_names, reason = "PRICE_FILTER is its name on the wire")]
pub(crate) enum Filter {
    PriceFilter {
        min_price: Decimal,
        max_price: Decimal,
        tick_size: Decimal,
    },
    LotSize {
        min_qty: Decimal,
        max_qty: Decimal,
        step_size: Decimal,
    },
    MarketLotSize {
        min_qty: Decimal,
        max_qty: Decimal,
        step_size: Decimal,
    },
    IcebergParts {
        limit: u32,
    },
    TrailingDelta {
        min_trailing_above_delta: u16,
        max_trailing_above_delta: u16,
        min_trailing_below_delta: u16,
        max_trailing_below_delta: u16,
    },
    PercentPriceBySide {
        bid_multiplier_up: Decimal,
        bid_multiplier_down: Decimal,
        ask_multiplier_up: Decimal,
        ask_multiplier_down: Decimal,
        avg_price_mins: u32,
    },
    Notional {
        min_notional: Decimal,
        apply_min_to_market: bool,
        max_notional: Decimal,
        apply_max_to_market: bool,
        avg_price_mins: u32,
    },
    MaxNumOrders {
        max_num_orders: u32,
    },
    MaxNumAlgoOrders {
        max_num_algo_orders: u32,
    },
    MaxPosition {
        max_position: Decimal,
    },
}

/// The filters that a market has; one that is off is not told.
pub(crate) fn filters_of(market: &Market, base_scale: u8, quote_scale: u8) -> Vec<Filter> {
    let price = |value| Decimal::new(value, market.price_decimals);
    let quantity = |value| Decimal::new(value, market.quantity_decimals);
    let notional = |value| Decimal::new(value, quote_scale);
    let ratio = |ppm: u32| Decimal::new(ppm.into(), PPM_DECIMALS);
    let filters = &market.filters;
    let Range { min, max, step } = filters.price;
    let (lot, market_lot, percent) = (filters.lot, filters.market_lot, filters.percent_price);
    let [least, most] = filters.trailing_delta;
    let mut told = vec![
        Filter::PriceFilter { min_price: price(min), max_price: price(max), tick_size: price(step) },
        Filter::LotSize { min_qty: quantity(lot.min), max_qty: quantity(lot.max), step_size: quantity(lot.step) },
    ];
    if filters.iceberg_parts > 0 {
        told.push(Filter::IcebergParts { limit: filters.iceberg_parts });
    }
    told.push(Filter::MarketLotSize {
        min_qty: quantity(market_lot.min),
        max_qty: quantity(market_lot.max),
        step_size: quantity(market_lot.step),
    });
    if most > 0 {
        told.push(Filter::TrailingDelta {
            min_trailing_above_delta: least,
            max_trailing_above_delta: most,
            min_trailing_below_delta: least,
            max_trailing_below_delta: most,
        });
    }
    if percent.is_on() {
        told.push(Filter::PercentPriceBySide {
            bid_multiplier_up: ratio(percent.bid_up_ppm),
            bid_multiplier_down: ratio(percent.bid_down_ppm),
            ask_multiplier_up: ratio(percent.ask_up_ppm),
            ask_multiplier_down: ratio(percent.ask_down_ppm),
            avg_price_mins: 0,
        });
    }
    told.extend([
        Filter::Notional {
            min_notional: notional(filters.min_notional.0),
            apply_min_to_market: true,
            max_notional: notional(filters.max_notional.0),
            apply_max_to_market: true,
            avg_price_mins: 0,
        },
        Filter::MaxNumOrders { max_num_orders: filters.max_open_orders },
        Filter::MaxNumAlgoOrders { max_num_algo_orders: filters.max_algo_orders },
    ]);
    if filters.max_position.is_positive() {
        told.push(Filter::MaxPosition { max_position: Decimal::new(filters.max_position.0, base_scale) });
    }
    told
}
