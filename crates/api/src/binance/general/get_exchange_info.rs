//! `GET /api/v3/exchangeInfo`: what can be traded, in which units, under which filters.

use std::borrow::Cow;

use limits::{Orders, Rules};
use marketdata::MarketView;
use serde::Serialize;

use crate::binance::Params;
use crate::binance::filters::{Filter, filters_of};
use crate::binance::selection::status_name;
use crate::binance::terms::{SELF_TRADE_MODES, TYPES};
use crate::json;
use crate::usage;
use crate::{Call, Cost, Error, Reply};

/// Markets by name, or by permissions and status; whether each says its permissions. Every market is a spot market.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"];
/// What a request costs.
pub const COST: Cost = Cost::weight(20);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeInfo<'a> {
    timezone: &'static str,
    server_time: u64,
    rate_limits: Vec<RateLimit>,
    exchange_filters: [(); 0],
    symbols: Vec<SymbolInfo<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RateLimit {
    rate_limit_type: &'static str,
    interval: &'static str,
    interval_num: u8,
    limit: u64,
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
    permission_sets: &'static [[&'static str; 1]],
    default_self_trade_prevention_mode: &'static str,
    allowed_self_trade_prevention_modes: [&'static str; SELF_TRADE_MODES.len()],
}

/// Answers with all markets, or those that were named or have what was asked for.
///
/// # Errors
/// [`Error::InvalidSymbol`], [`Error::InvalidCombination`] for names with anything that chooses, and those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    call.app.caught_up().await?;
    let params = &call.params;
    let is_named = ["symbol", "symbols"].iter().any(|name| params.get(name).is_some());
    if is_named && ["permissions", "symbolStatus"].iter().any(|name| params.get(name).is_some()) {
        return Err(Error::InvalidCombination);
    }
    let mut markets = params.markets(&call.app)?.into_list();
    if !permits_spot(params)? {
        markets.clear();
    }
    let shows_sets = params.flag("showPermissionSets")?.unwrap_or(true);
    let info = ExchangeInfo {
        timezone: "UTC",
        server_time: call.units.show(call.app.now()),
        rate_limits: rate_limits(call.app.limits.rules()),
        exchange_filters: [],
        symbols: markets.iter().map(|view| symbol_info(view, shows_sets)).collect(),
    };
    json::to_string(&info).map(Reply::json)
}

/// Whether spot markets are among those that `permissions` asks for: one name, or a JSON array of names.
fn permits_spot(params: &Params) -> Result<bool, Error> {
    const NAME: &str = "permissions";
    let Some(text) = params.get(NAME) else { return Ok(true) };
    let names: Vec<Cow<'_, str>> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|_| Error::InvalidJson(NAME))?
    } else {
        vec![Cow::Borrowed(text)]
    };
    let is_group = |name: &str| {
        name.strip_prefix("TRD_GRP_")
            .is_some_and(|rest| rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_known = |name: &str| matches!(name, "SPOT" | "MARGIN" | "LEVERAGED") || is_group(name);
    if names.is_empty() || !names.iter().all(|name| is_known(name)) {
        return Err(Error::InvalidData(NAME));
    }
    Ok(names.iter().any(|name| name == "SPOT"))
}

/// The limits that there are.
fn rate_limits(rules: &Rules) -> Vec<RateLimit> {
    let limit =
        |rate_limit_type, interval, interval_num, limit| RateLimit { rate_limit_type, interval, interval_num, limit };
    let weight = rules.limits_weight().then(|| limit("REQUEST_WEIGHT", "MINUTE", 1, rules.weight_per_minute));
    let orders = usage::order_limits(rules, Orders::default());
    weight
        .into_iter()
        .chain(orders.map(|(interval, number, most, _)| limit("ORDERS", interval, number, most)))
        .collect()
}

fn symbol_info(view: &MarketView, shows_sets: bool) -> SymbolInfo<'_> {
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
        permission_sets: if shows_sets { &[["SPOT"]] } else { &[] },
        default_self_trade_prevention_mode: "NONE",
        allowed_self_trade_prevention_modes: SELF_TRADE_MODES.map(|(name, _)| name),
    }
}
