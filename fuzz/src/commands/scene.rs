//! Where the commands play: three assets, two markets, four accounts with money.

use model::{
    AccountId, Amount, Asset, AssetId, Command, Fees, Filters, Market, MarketId, PercentPrice, Range, Symbol,
    Volatility, system,
};

use super::bytes::Bytes;

pub(super) const ACCOUNTS: [AccountId; 4] = [AccountId(1_000), AccountId(1_001), AccountId(1_002), AccountId(1_003)];
pub(super) const ASSETS: [AssetId; 3] = [AssetId(1), AssetId(2), AssetId(3)];
pub(super) const MARKETS: [MarketId; 2] = [MarketId(1), MarketId(2)];
/// Prices begin here.
pub(super) const LOWEST_PRICE: i64 = 92;

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("made of legal characters")
}

/// The first market: nothing in the way.
fn open() -> Market {
    Market {
        id: MARKETS[0],
        symbol: symbol("ONETWO"),
        base: ASSETS[0],
        quote: ASSETS[1],
        price_decimals: 1,
        quantity_decimals: 2,
        filters: Filters { iceberg_parts: 10, ..Filters::WIDE },
        fees: Some(Fees { maker_ppm: -100, taker_ppm: 2_500 }),
        volatility: Volatility::OFF,
    }
}

/// The second market with every filter, of which one more or less applies.
pub(super) fn guarded(bytes: &mut Bytes<'_>) -> Market {
    let mut filters = Filters {
        price: Range { min: 2, max: 400, step: 2 },
        lot: Range { min: 1, max: 60, step: 1 },
        market_lot: Range { min: 2, max: 20, step: 2 },
        min_notional: Amount(200),
        max_notional: Amount(4_000),
        max_open_orders: 6,
        max_algo_orders: 2,
        iceberg_parts: 3,
        max_position: Amount(80),
        percent_price: PercentPrice {
            bid_up_ppm: 1_050_000,
            bid_down_ppm: 900_000,
            ask_up_ppm: 1_100_000,
            ask_down_ppm: 950_000,
        },
        trailing_delta: [10, 2_000],
    };
    match bytes.below(8) {
        1 => filters.percent_price = PercentPrice::OFF,
        2 => filters.max_position = Amount(0),
        3 => filters.min_notional = Amount(0),
        4 => filters.price.step = 1,
        5 => filters.max_open_orders = 2,
        6 => filters.iceberg_parts = 0,
        7 => filters = Filters::WIDE,
        _ => {}
    }
    let volatility = match bytes.below(3) {
        1 => Volatility { move_ppm: 30_000, window_ms: 2_000, auction_ms: 500 },
        2 => Volatility { move_ppm: 1, window_ms: 1, auction_ms: 1 },
        _ => Volatility::OFF,
    };
    let fees = bytes.pick(&[
        None,
        Some(Fees { maker_ppm: 1_000, taker_ppm: 1_000 }),
        Some(Fees { maker_ppm: 5, taker_ppm: -5 }),
    ]);
    Market {
        id: MARKETS[1],
        symbol: symbol("THREETWO"),
        base: ASSETS[2],
        quote: ASSETS[1],
        price_decimals: 0,
        quantity_decimals: 0,
        filters,
        fees,
        volatility,
    }
}

/// The commands that open the scene.
pub(super) fn opening(bytes: &mut Bytes<'_>) -> Vec<Command> {
    let asset = |id, name, scale| Command::AddAsset(Asset { id, symbol: symbol(name), scale });
    let mut commands = vec![
        asset(ASSETS[0], "ONE", 4),
        asset(ASSETS[1], "TWO", 6),
        asset(ASSETS[2], "THREE", 0),
        Command::AddMarket(Box::new(open())),
        Command::AddMarket(Box::new(guarded(bytes))),
        Command::SetFees { tier: None, market: None, fees: Some(Fees { maker_ppm: 500, taker_ppm: 700 }) },
    ];
    for account in ACCOUNTS {
        // The third belongs to the first.
        let parent = if account == ACCOUNTS[2] { ACCOUNTS[0] } else { AccountId(0) };
        commands.push(Command::OpenAccount { account, parent });
        let share = if account == ACCOUNTS[3] { 1_000 } else { 1_000_000_000_000 };
        for asset in ASSETS {
            commands.push(Command::Transfer { from: system::CUSTODY, to: account, asset, amount: Amount(share) });
        }
    }
    commands
}
