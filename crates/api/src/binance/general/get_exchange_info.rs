//! `GET /api/v3/exchangeInfo`: what can be traded, in which units, under which filters.

use marketdata::MarketView;
use model::{Market, MarketState, Range};
use serde::Serialize;

use crate::binance::params::Selection;
use crate::binance::terms::{SELF_TRADE_MODES, TYPES};
use crate::json::{self, Decimal};
use crate::{Call, Error, Reply};

/// Ratios are parts per million: six decimals.
const PPM_DECIMALS: u8 = 6;

/// `permissions` and `showPermissionSets` change nothing: every market is a spot market and says so.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeInfo<'a> {
    timezone: &'static str,
    server_time: u64,
    rate_limits: [(); 0],
    exchange_filters: [(); 0],
    symbols: Vec<SymbolInfo<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SymbolInfo<'a> {
    symbol: &'a str,
    status: &'static str,
    base_asset: &'a str,
    base_asset_precision: u8,
    quote_asset: &'a str,
    quote_precision: u8,
    quote_asset_precision: u8,
    base_commission_precision: u8,
    quote_commission_precision: u8,
    order_types: [&'static str; TYPES.len()],
    iceberg_allowed: bool,
    oco_allowed: bool,
    oto_allowed: bool,
    opo_allowed: bool,
    quote_order_qty_market_allowed: bool,
    allow_trailing_stop: bool,
    cancel_replace_allowed: bool,
    amend_allowed: bool,
    peg_instructions_allowed: bool,
    is_spot_trading_allowed: bool,
    is_margin_trading_allowed: bool,
    /// cryptofeed reads the tick from the first.
    filters: Vec<Filter>,
    permissions: [(); 0],
    permission_sets: [[&'static str; 1]; 1],
    default_self_trade_prevention_mode: &'static str,
    allowed_self_trade_prevention_modes: [&'static str; SELF_TRADE_MODES.len()],
}

#[derive(Debug, Serialize)]
#[serde(tag = "filterType", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
#[allow(clippy::enum_variant_names, reason = "PRICE_FILTER is its name on the wire")]
enum Filter {
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

/// Answers with all markets, or those that were named.
///
/// # Errors
/// [`Error::InvalidSymbol`] and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    call.app.caught_up().await?;
    let markets = match call.params.markets(&call.app)? {
        Selection::One(view) => vec![view],
        Selection::Many(views) => views,
    };
    let wanted = call.params.get("symbolStatus");
    if wanted.is_some_and(|name| !STATUSES.contains(&name)) {
        return Err(Error::InvalidData("symbolStatus"));
    }
    let symbols: Vec<SymbolInfo<'_>> = markets.iter().map(|view| symbol_info(view)).collect();
    let symbols = symbols.into_iter().filter(|info| wanted.is_none_or(|name| info.status == name)).collect();
    let info = ExchangeInfo {
        timezone: "UTC",
        server_time: call.units.show(call.app.now()),
        rate_limits: [],
        exchange_filters: [],
        symbols,
    };
    json::to_string(&info).map(Reply::json)
}

/// The statuses that a market may be asked for, and have.
const STATUSES: [&str; 5] = ["TRADING", "END_OF_DAY", "HALT", "BREAK", "CANCEL_ONLY"];

/// A market's state in the words that clients know. While a market is post-only orders come in and rest, so it trades as far as a
/// client must know; what it must not do is refused order by order. An auction is a break: few kinds of orders are collected, and
/// clients shall not expect to trade.
const fn status_name(state: MarketState) -> &'static str {
    match state {
        MarketState::Trading | MarketState::PostOnly => "TRADING",
        MarketState::Halt => "HALT",
        MarketState::CancelOnly => "CANCEL_ONLY",
        MarketState::Auction => "BREAK",
    }
}

fn symbol_info(view: &MarketView) -> SymbolInfo<'_> {
    let (base, quote) = (&view.base, &view.quote);
    let filters = &view.market.filters;
    SymbolInfo {
        symbol: view.symbol(),
        status: status_name(view.status().state),
        base_asset: base.symbol.as_str(),
        base_asset_precision: base.scale,
        quote_asset: quote.symbol.as_str(),
        quote_precision: quote.scale,
        quote_asset_precision: quote.scale,
        base_commission_precision: base.scale,
        quote_commission_precision: quote.scale,
        order_types: TYPES.map(|(name, _)| name),
        iceberg_allowed: filters.iceberg_parts > 0,
        oco_allowed: true,
        oto_allowed: true,
        opo_allowed: false,
        quote_order_qty_market_allowed: true,
        allow_trailing_stop: filters.trailing_delta[1] > 0,
        cancel_replace_allowed: true,
        amend_allowed: true,
        peg_instructions_allowed: false,
        is_spot_trading_allowed: true,
        is_margin_trading_allowed: false,
        filters: filters_of(&view.market, base.scale, quote.scale),
        permissions: [],
        permission_sets: [["SPOT"]],
        default_self_trade_prevention_mode: "NONE",
        allowed_self_trade_prevention_modes: SELF_TRADE_MODES.map(|(name, _)| name),
    }
}

/// The filters that a market has; one that is off is not told.
fn filters_of(market: &Market, base_scale: u8, quote_scale: u8) -> Vec<Filter> {
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
