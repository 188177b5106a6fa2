//! The assets, markets and accounts of a simulation.

use model::{AccountId, Amount, Asset, AssetId, Command, Fees, Filters, Market, MarketId, Range, Symbol, system};

use crate::Random;

const BTC: AssetId = AssetId(1);
const USDT: AssetId = AssetId(2);
const ETH: AssetId = AssetId(3);
/// So fine that ten of it do not fit into an amount.
const FINE: AssetId = AssetId(4);

/// Assets of the opening.
pub(super) const ASSETS: [AssetId; 4] = [BTC, USDT, ETH, FINE];
/// Markets of the opening.
pub(super) const MARKETS: [MarketId; 3] = [MarketId(1), MarketId(2), MarketId(3)];
/// Accounts of the opening.
pub(super) const ACCOUNTS: [AccountId; 5] =
    [AccountId(1_000), AccountId(1_001), AccountId(1_002), AccountId(1_003), AccountId(1_004)];
/// Prices gather around this one, in every market.
pub(super) const MIDDLE: i64 = 10_000;

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("the scene's names are legal symbols")
}

fn assets() -> [Asset; 4] {
    [("BTC", BTC, 8), ("USDT", USDT, 8), ("ETH", ETH, 9), ("FINE", FINE, 18)].map(|(name, id, scale)| Asset {
        id,
        symbol: symbol(name),
        scale,
    })
}

fn markets() -> [Market; 3] {
    let open = Filters {
        price: Range { min: 5, max: 1_000_000, step: 5 },
        lot: Range { min: 10, max: 100_000, step: 10 },
        market_lot: Range { min: 20, max: 5_000, step: 20 },
        min_notional: Amount(2_000_000),
        max_notional: Amount(1_000_000_000_000),
        max_open_orders: 30,
    };
    let narrow = Filters {
        price: Range { min: 1, max: i64::MAX, step: 1 },
        lot: Range { min: 1, max: 1_000, step: 1 },
        market_lot: Range { min: 1, max: 1_000, step: 1 },
        min_notional: Amount(0),
        max_notional: Amount(i64::MAX),
        max_open_orders: 3,
    };
    let market = |id, name, base, quote, decimals: [u8; 2], filters, maker_ppm, taker_ppm| Market {
        id: MarketId(id),
        symbol: symbol(name),
        base,
        quote,
        price_decimals: decimals[0],
        quantity_decimals: decimals[1],
        filters,
        fees: Fees { maker_ppm, taker_ppm },
    };
    [
        market(1, "BTCUSDT", BTC, USDT, [2, 5], open, 1_000, 2_000),
        market(2, "ETHBTC", ETH, BTC, [3, 4], open, 0, 753),
        market(3, "FINEUSDT", FINE, USDT, [4, 0], narrow, 100_000, 99_999),
    ]
}

/// The commands that every simulation starts with.
pub(super) fn opening() -> Vec<Command> {
    let mut commands: Vec<Command> = assets().map(Command::AddAsset).to_vec();
    commands.extend(markets().map(Command::AddMarket));
    commands.extend(ACCOUNTS.map(|account| Command::OpenAccount { account }));
    // The last account starts with nothing.
    for to in ACCOUNTS.into_iter().take(ACCOUNTS.len() - 1) {
        for asset in assets() {
            let amount = Amount(if asset.id == FINE { 1_000_000_000_000_000_000 } else { 50_000_000_000 });
            commands.push(Command::Transfer { from: system::CUSTODY, to, asset: asset.id, amount });
        }
    }
    commands
}

/// An asset that is new, known, or not valid.
pub(super) fn some_asset(random: &mut Random) -> Asset {
    let [btc, ..] = assets();
    match random.below(4) {
        0 => btc,
        1 => Asset { id: AssetId(100), scale: 19, ..btc },
        2 => Asset { id: AssetId(100), symbol: btc.symbol, scale: 8 },
        _ => {
            let number = random.below(40);
            let id = AssetId(100 + u16::try_from(number).unwrap_or(0));
            Asset { id, symbol: symbol(&format!("NEW{number}")), scale: 6 }
        }
    }
}

/// A market that is new, known, or not valid in one of many ways.
pub(super) fn some_market(random: &mut Random) -> Market {
    let [known, ..] = markets();
    let number = random.below(40);
    let id = MarketId(100 + u16::try_from(number).unwrap_or(0));
    let mut market = Market { id, symbol: symbol(&format!("MARKET{number}")), ..known };
    match random.below(16) {
        0 => return known,
        1 => market.base = AssetId(77),
        2 => market.quote = market.base,
        3 => market.price_decimals = 4,
        4 => market.quantity_decimals = 9,
        5 => market.filters.lot.min = 0,
        6 => market.filters.price.step = 0,
        7 => market.filters.market_lot.step = 15,
        8 => market.filters.max_notional = Amount(1),
        9 => market.fees.taker_ppm = 100_001,
        10 => market = Market { id: known.id, base: AssetId(77), ..market },
        11 => market = Market { symbol: known.symbol, quote: known.base, ..market },
        12 => market.filters.min_notional = Amount(-1),
        _ => {}
    }
    market
}
