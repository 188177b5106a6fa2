//! The market, the accounts and the money that a flow needs before its first message.

use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Fees, Filters, Market, MarketId, SourceId, SourceSeq, Symbol,
    Volatility, system,
};

/// The one market of a flow.
pub const MARKET: MarketId = MarketId(1);
/// The flow's accounts are this one and those after it.
pub const FIRST_ACCOUNT: AccountId = system::FIRST_USER;

const BASE: AssetId = AssetId(1);
const QUOTE: AssetId = AssetId(2);

/// Commands that open the market and fund the accounts alike, with filters wide open.
///
/// `symbols` name base and quote. Fees are 0.1 % maker and 0.2 % taker. Each account gets an equal share of almost all
/// that the ledger can hold of an asset.
pub fn setup(
    symbols: [Symbol; 3],
    scales: [u8; 2],
    price_decimals: u8,
    quantity_decimals: u8,
    accounts: u32,
) -> Vec<Envelope> {
    let market = Market {
        id: MARKET,
        symbol: symbols[2],
        base: BASE,
        quote: QUOTE,
        price_decimals,
        quantity_decimals,
        filters: Filters::WIDE,
        fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 2_000 }),
        volatility: Volatility::OFF,
    };
    let mut commands = vec![
        Command::AddAsset(Asset { id: BASE, symbol: symbols[0], scale: scales[0] }),
        Command::AddAsset(Asset { id: QUOTE, symbol: symbols[1], scale: scales[1] }),
        Command::AddMarket(Box::new(market)),
    ];
    let share = Amount(i64::MAX / 2 / i64::from(accounts.max(1)));
    for number in 0..accounts {
        let account = AccountId(FIRST_ACCOUNT.0 + number);
        commands.push(Command::OpenAccount { account, parent: AccountId(0) });
        for asset in [BASE, QUOTE] {
            commands.push(Command::Transfer { from: system::CUSTODY, to: account, asset, amount: share });
        }
    }
    let numbered = (1..).zip(commands);
    let envelope =
        |(position, command)| Envelope { source: SourceId::BOOTSTRAP, source_seq: SourceSeq(position), command };
    numbered.map(envelope).collect()
}
