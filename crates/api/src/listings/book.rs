//! The book as listing sites ask for it: a number of levels in all, half of them of each side.

use marketdata::MarketView;

use crate::Error;
use crate::binance::Params;
use crate::json::Decimal;

/// Most levels of each side.
pub(super) const MAX_LEVELS: usize = 5_000;

/// How many levels of each side `depth` asks for: half of it; all (that are given out) without it, and for zero.
///
/// # Errors
/// Those of a whole number.
pub(super) fn levels_of_each_side(params: &Params) -> Result<usize, Error> {
    Ok(match params.integer("depth")? {
        None | Some(0) => MAX_LEVELS,
        Some(depth) => usize::try_from(depth.div_ceil(2)).unwrap_or(MAX_LEVELS).min(MAX_LEVELS),
    })
}

/// Price and quantity of the best levels, best first: bids, asks.
pub(super) fn sides(view: &MarketView, levels: usize) -> [Vec<[Decimal; 2]>; 2] {
    let depth = view.depth(levels);
    [&depth.bids, &depth.asks].map(|side| crate::binance::market::get_depth::levels(view, side))
}
