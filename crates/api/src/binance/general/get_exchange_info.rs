//! `GET /api/v3/exchangeInfo`: what can be traded, in which units, under which filters.

use marketdata::MarketView;
use model::{Market, Range};
use serde::Serialize;

use crate::binance::params::Selection;
use crate::json::{self, Decimal};
use crate::{Call, Error, Reply};

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
    order_types: [&'static str; 3],
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
    filters: [Filter; 5],
    permissions: [(); 0],
    permission_sets: [[&'static str; 1]; 1],
    default_self_trade_prevention_mode: &'static str,
    allowed_self_trade_prevention_modes: [&'static str; 2],
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
    let wanted = match call.params.get("symbolStatus") {
        None | Some("TRADING") => true,
        Some("HALT" | "BREAK") => false,
        Some(_) => return Err(Error::InvalidData("symbolStatus")),
    };
    let symbols = markets.iter().filter(|_| wanted).map(|view| symbol_info(view)).collect();
    let info = ExchangeInfo {
        timezone: "UTC",
        server_time: call.units.show(call.app.now()),
        rate_limits: [],
        exchange_filters: [],
        symbols,
    };
    json::to_string(&info).map(Reply::json)
}

fn symbol_info(view: &MarketView) -> SymbolInfo<'_> {
    let (base, quote) = (&view.base, &view.quote);
    SymbolInfo {
        symbol: view.symbol(),
        status: "TRADING",
        base_asset: base.symbol.as_str(),
        base_asset_precision: base.scale,
        quote_asset: quote.symbol.as_str(),
        quote_precision: quote.scale,
        quote_asset_precision: quote.scale,
        base_commission_precision: base.scale,
        quote_commission_precision: quote.scale,
        order_types: ["LIMIT", "LIMIT_MAKER", "MARKET"],
        iceberg_allowed: false,
        oco_allowed: false,
        oto_allowed: false,
        opo_allowed: false,
        quote_order_qty_market_allowed: true,
        allow_trailing_stop: false,
        cancel_replace_allowed: true,
        amend_allowed: false,
        peg_instructions_allowed: false,
        is_spot_trading_allowed: true,
        is_margin_trading_allowed: false,
        filters: filters(&view.market, quote.scale),
        permissions: [],
        permission_sets: [["SPOT"]],
        default_self_trade_prevention_mode: "NONE",
        allowed_self_trade_prevention_modes: ["NONE", "EXPIRE_TAKER"],
    }
}

fn filters(market: &Market, quote_scale: u8) -> [Filter; 5] {
    let price = |value| Decimal::new(value, market.price_decimals);
    let quantity = |value| Decimal::new(value, market.quantity_decimals);
    let notional = |value| Decimal::new(value, quote_scale);
    let Range { min, max, step } = market.filters.price;
    let (lot, market_lot) = (market.filters.lot, market.filters.market_lot);
    [
        Filter::PriceFilter { min_price: price(min), max_price: price(max), tick_size: price(step) },
        Filter::LotSize { min_qty: quantity(lot.min), max_qty: quantity(lot.max), step_size: quantity(lot.step) },
        Filter::MarketLotSize {
            min_qty: quantity(market_lot.min),
            max_qty: quantity(market_lot.max),
            step_size: quantity(market_lot.step),
        },
        Filter::Notional {
            min_notional: notional(market.filters.min_notional.0),
            apply_min_to_market: true,
            max_notional: notional(market.filters.max_notional.0),
            apply_max_to_market: true,
            avg_price_mins: 0,
        },
        Filter::MaxNumOrders { max_num_orders: market.filters.max_open_orders },
    ]
}
