//! The assets and markets of the demo.

use model::{Amount, Asset, AssetId, Fees, Filters, Market, MarketId, PercentPrice, Range, Symbol, Volatility};

/// Name, ledger scale, and what each demo account is given, in whole units.
const ASSETS: [(&str, u8, i64); 5] =
    [("BTC", 8, 1_000), ("ETH", 9, 10_000), ("USDT", 8, 100_000_000), ("SOL", 9, 100_000), ("XMR", 12, 10_000)];

struct Listing {
    base: usize,
    quote: usize,
    price_decimals: u8,
    quantity_decimals: u8,
    /// Highest price, in price units.
    price_max: i64,
    /// Largest quantity, in quantity units.
    quantity_max: i64,
    /// Least notional, in 10^-8 of the quote asset, whose scale is 8 in each listing.
    min_notional: i64,
}

const LISTINGS: [Listing; 5] = [
    // 0.01 USDT tick, 0.00001 BTC lot, up to 1,000,000 USDT and 9,000 BTC, at least 5 USDT
    listing([0, 2], [2, 5], [100_000_000, 900_000_000], 500_000_000),
    listing([1, 2], [2, 4], [10_000_000, 90_000_000], 500_000_000),
    listing([1, 0], [5, 3], [100_000_000, 100_000_000], 10_000),
    listing([3, 2], [2, 3], [1_000_000, 90_000_000], 500_000_000),
    listing([4, 0], [6, 2], [100_000_000, 10_000_000], 10_000),
];

const fn listing(assets: [usize; 2], decimals: [u8; 2], most: [i64; 2], min_notional: i64) -> Listing {
    Listing {
        base: assets[0],
        quote: assets[1],
        price_decimals: decimals[0],
        quantity_decimals: decimals[1],
        price_max: most[0],
        quantity_max: most[1],
        min_notional,
    }
}

/// Limits lie between a hundredth of the last price and a hundred times as much: a slip of the decimal point is refused.
const PERCENT_PRICE: PercentPrice =
    PercentPrice { bid_up_ppm: 100_000_000, bid_down_ppm: 10_000, ask_up_ppm: 100_000_000, ask_down_ppm: 10_000 };

/// The demo's assets, each with the amount that a demo account is given.
pub(super) fn assets() -> Vec<(Asset, Amount)> {
    let numbered = (1u16..).zip(ASSETS);
    let asset = |(id, (name, scale, units)): (u16, (&str, u8, i64))| {
        let asset = Asset { id: AssetId(id), symbol: Symbol::new(name).expect("the names above are symbols"), scale };
        (asset, Amount(units * 10i64.pow(u32::from(scale))))
    };
    numbered.map(asset).collect()
}

/// The demo's markets.
pub(super) fn markets() -> Vec<Market> {
    let assets = assets();
    let numbered = (1u16..).zip(LISTINGS);
    numbered.map(|(id, listing)| market(MarketId(id), &listing, &assets)).collect()
}

fn market(id: MarketId, listing: &Listing, assets: &[(Asset, Amount)]) -> Market {
    let (base, quote) = (assets[listing.base].0, assets[listing.quote].0);
    let name = format!("{}{}", base.symbol, quote.symbol);
    let lot = Range { min: 1, max: listing.quantity_max, step: 1 };
    Market {
        id,
        symbol: Symbol::new(&name).expect("two short names make a symbol"),
        base: base.id,
        quote: quote.id,
        price_decimals: listing.price_decimals,
        quantity_decimals: listing.quantity_decimals,
        filters: Filters {
            price: Range { min: 1, max: listing.price_max, step: 1 },
            lot,
            market_lot: Range { max: listing.quantity_max / 10, ..lot },
            min_notional: Amount(listing.min_notional),
            max_notional: Amount(900_000_000_000_000),
            max_open_orders: 200,
            max_algo_orders: 5,
            iceberg_parts: 100,
            max_position: Amount(0),
            percent_price: PERCENT_PRICE,
            trailing_delta: [10, 2_000],
        },
        fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 1_000 }),
        volatility: Volatility::OFF,
    }
}

#[cfg(test)]
mod tests {
    use super::{assets, markets};

    #[test]
    fn every_demo_market_is_valid_and_its_amounts_fit() {
        let assets = assets();
        let scale = |id| assets.iter().find(|(asset, _)| asset.id == id).unwrap().0.scale;
        for market in markets() {
            let quote = scale(market.quote);
            assert_eq!(market.validate(scale(market.base), quote), Ok(()), "{}", market.symbol);
            let (price, quantity) = (market.filters.price.max, market.filters.lot.max);
            assert!(
                market.notional(model::Price(price), model::Quantity(quantity), quote).is_some(),
                "{}",
                market.symbol
            );
        }
    }
}
