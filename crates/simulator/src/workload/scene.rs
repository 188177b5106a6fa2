//! The assets, markets and accounts of a simulation.

use model::{
    AccountId, Amount, Asset, AssetId, Command, Fees, Filters, Market, MarketId, PercentPrice, Range, Symbol, TierId,
    Volatility, system,
};

use crate::Random;

const BTC: AssetId = AssetId(1);
const USDT: AssetId = AssetId(2);
const ETH: AssetId = AssetId(3);
/// So fine that ten of it do not fit into an amount.
pub(super) const FINE: AssetId = AssetId(4);

/// Assets of the opening.
pub(super) const ASSETS: [AssetId; 4] = [BTC, USDT, ETH, FINE];
/// Markets of the opening: a wide one, one with narrow bounds, one with huge amounts, one that halts by itself.
pub(super) const MARKETS: [MarketId; 4] = [MarketId(1), MarketId(2), MarketId(3), MarketId(4)];
/// How often each market is chosen.
pub(super) const SHARES: [(u64, MarketId); 4] =
    [(370, MarketId(1)), (260, MarketId(2)), (100, COARSE), (270, MarketId(4))];
/// The market of the fine asset.
pub(super) const COARSE: MarketId = MarketId(3);
/// Accounts of the opening, each with its master.
pub(super) const ACCOUNTS: [(AccountId, AccountId); 6] = [
    (AccountId(1_000), AccountId(0)),
    (AccountId(1_001), AccountId(1_000)),
    (AccountId(1_002), AccountId(0)),
    (AccountId(1_003), AccountId(0)),
    (AccountId(1_004), AccountId(1_003)),
    (AccountId(1_005), AccountId(0)),
];
/// Prices begin around this one, in every market.
pub(super) const MIDDLE: i64 = 10_000;
/// Fee tiers.
pub(super) const TIERS: [TierId; 3] = [TierId(0), TierId(1), TierId(2)];

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

fn open() -> Filters {
    Filters {
        price: Range { min: 5, max: 1_000_000, step: 5 },
        lot: Range { min: 10, max: 100_000, step: 10 },
        market_lot: Range { min: 20, max: 5_000, step: 20 },
        min_notional: Amount(2_000_000),
        max_notional: Amount(1_000_000_000_000),
        max_open_orders: 40,
        max_algo_orders: 24,
        iceberg_parts: 8,
        max_position: Amount(0),
        percent_price: PercentPrice::OFF,
        trailing_delta: [5, 500],
    }
}

fn tight() -> Filters {
    Filters {
        max_open_orders: 24,
        max_algo_orders: 5,
        max_position: Amount(70_000_000_000),
        percent_price: PercentPrice {
            bid_up_ppm: 1_010_000,
            bid_down_ppm: 980_000,
            ask_up_ppm: 1_020_000,
            ask_down_ppm: 990_000,
        },
        trailing_delta: [10, 100],
        ..open()
    }
}

fn coarse() -> Filters {
    let few = Range { min: 1, max: 1_000, step: 1 };
    Filters {
        price: Range::WIDE,
        lot: few,
        market_lot: few,
        max_open_orders: 6,
        max_algo_orders: 3,
        iceberg_parts: 3,
        ..Filters::WIDE
    }
}

/// The markets as they are opened.
pub(super) fn markets() -> [Market; 4] {
    let market = |id, name, [base, quote]: [AssetId; 2], decimals: [u8; 2], filters, fees: Option<[i32; 2]>| Market {
        id: MarketId(id),
        symbol: symbol(name),
        base,
        quote,
        price_decimals: decimals[0],
        quantity_decimals: decimals[1],
        filters,
        fees: fees.map(|[maker_ppm, taker_ppm]| Fees { maker_ppm, taker_ppm }),
        volatility: Volatility::OFF,
    };
    [
        market(1, "BTCUSDT", [BTC, USDT], [2, 5], open(), Some([1_000, 2_000])),
        market(2, "ETHBTC", [ETH, BTC], [3, 4], tight(), None),
        market(3, "FINEUSDT", [FINE, USDT], [4, 0], coarse(), Some([-99_999, 100_000])),
        Market {
            volatility: Volatility { move_ppm: 2_000, window_ms: 200, auction_ms: 60 },
            ..market(4, "ETHUSDT", [ETH, USDT], [2, 5], open(), Some([-301, 753]))
        },
    ]
}

/// The commands that every simulation starts with.
pub(super) fn opening() -> Vec<Command> {
    let mut commands: Vec<Command> = assets().map(Command::AddAsset).to_vec();
    commands.extend(markets().map(|market| Command::AddMarket(Box::new(market))));
    commands.extend(ACCOUNTS.map(|(account, parent)| Command::OpenAccount { account, parent }));
    commands.push(Command::SetFees { tier: None, market: None, fees: Some(Fees { maker_ppm: 10, taker_ppm: 77 }) });
    // The last account starts with nothing.
    for (to, _) in ACCOUNTS.into_iter().take(ACCOUNTS.len() - 1) {
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
    match random.below(22) {
        0 => return known,
        1 => market.base = AssetId(77),
        2 => market.quote = market.base,
        3 => market.price_decimals = 4,
        4 => market.quantity_decimals = 9,
        10 => market = Market { id: known.id, base: AssetId(77), ..market },
        11 => market = Market { symbol: known.symbol, quote: known.base, ..market },
        case @ 5..20 => spoil(&mut market, case),
        _ => {}
    }
    market
}

/// Settings that are not valid.
pub(super) const fn spoil(market: &mut Market, case: u64) {
    let filters = &mut market.filters;
    match case {
        5 => filters.lot.min = 0,
        6 => filters.price.step = 0,
        7 => filters.market_lot.step = 15,
        8 => filters.max_notional = Amount(1),
        9 => market.fees = Some(Fees { maker_ppm: 1, taker_ppm: 100_001 }),
        12 => filters.min_notional = Amount(-1),
        13 => market.fees = Some(Fees { maker_ppm: -501, taker_ppm: 500 }),
        14 => filters.max_position = Amount(-1),
        15 => filters.percent_price.bid_up_ppm = 1,
        16 => filters.trailing_delta = [20, 10],
        17 => filters.trailing_delta = [0, 10],
        18 => market.volatility.move_ppm = 1_000_000,
        _ => market.volatility = Volatility { move_ppm: 5, window_ms: 0, auction_ms: 5 },
    }
}
