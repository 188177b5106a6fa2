//! A market with fees for hand-written commands: GOLD (scale 3) for EUR (scale 6), prices with two decimals, quantities with
//! one, 0.1 % for makers and 0.25 % for takers.

use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Fees, Filters, Market, MarketId, Place, Price, Quantity,
    Range, Side, SourceId, SourceSeq, Symbol, Volatility, system,
};

pub(crate) const GOLD: AssetId = AssetId(1);
pub(crate) const EUR: AssetId = AssetId(2);
pub(crate) const GOLDEUR: MarketId = MarketId(1);
pub(crate) const ALICE: AccountId = AccountId(1_000);
pub(crate) const BOB: AccountId = AccountId(1_001);
pub(crate) const CAROL: AccountId = AccountId(1_002);

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a legal symbol")
}

/// Markets with this id.
pub(crate) fn gold_market(id: MarketId) -> Market {
    let any = Range { min: 1, max: 1_000_000_000, step: 1 };
    Market {
        id,
        symbol: symbol(&format!("GOLDEUR{id}")),
        base: GOLD,
        quote: EUR,
        price_decimals: 2,
        quantity_decimals: 1,
        filters: Filters { price: any, lot: any, market_lot: any, max_open_orders: 100, ..Filters::WIDE },
        fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 2_500 }),
        volatility: Volatility::OFF,
    }
}

/// Commands that list the market and give three accounts 1,000 GOLD and 1,000,000 EUR each.
pub(crate) fn opening() -> Vec<Command> {
    let mut commands = vec![
        Command::AddAsset(Asset { id: GOLD, symbol: symbol("GOLD"), scale: 3 }),
        Command::AddAsset(Asset { id: EUR, symbol: symbol("EUR"), scale: 6 }),
        Command::AddMarket(Box::new(gold_market(GOLDEUR))),
    ];
    for to in [ALICE, BOB, CAROL] {
        commands.push(Command::OpenAccount { account: to, parent: AccountId(0) });
        commands.push(transfer(system::CUSTODY, to, GOLD, 1_000_000));
        commands.push(transfer(system::CUSTODY, to, EUR, 1_000_000_000_000));
    }
    commands
}

pub(crate) const fn transfer(from: AccountId, to: AccountId, asset: AssetId, amount: i64) -> Command {
    Command::Transfer { from, to, asset, amount: Amount(amount) }
}

/// A limit order, good till cancelled.
pub(crate) const fn limit(account: AccountId, side: Side, quantity: i64, price: i64) -> Place {
    Place { account, market: GOLDEUR, side, price: Price(price), quantity: Quantity(quantity), ..Place::BLANK }
}

/// Sends all commands in the order of one source.
pub(crate) fn sent(commands: &[Command]) -> Vec<Envelope> {
    let send = |(command, position): (&Command, u64)| Envelope {
        source: SourceId::OPERATOR,
        source_seq: SourceSeq(position),
        command: command.clone(),
    };
    commands.iter().zip(1..).map(send).collect()
}
