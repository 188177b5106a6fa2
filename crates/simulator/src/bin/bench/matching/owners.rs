//! Whose order each of a flow's orders is, and in which market.

use flows::MARKET;
use flows::bitstamp::Replayer;
use flows::flash1::Stream;
use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Fees, Filters, Market, MarketId, SourceId, SourceSeq, Symbol,
    Volatility, spread, system,
};

use super::ours::account;

/// Markets that an account trades in, when there are many.
const EACH: u32 = 4;

/// Accounts and the markets that they trade in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owners {
    /// One market for all; orders are dealt over the accounts by chance.
    One { accounts: u32 },
    /// The same in the units of the recorded day; order `n` belongs to account `n mod accounts`.
    Day { accounts: u32 },
    /// A hundred markets against one quote asset. Each account has five assets and trades in four of the markets; orders
    /// are dealt over both by chance.
    Hundred { accounts: u32 },
}

impl Owners {
    /// Owner and market of the flow's n-th order.
    pub(super) fn of(self, order: u64) -> (AccountId, MarketId) {
        let at = |number: u64, bound: u32| u32::try_from(number % u64::from(bound)).unwrap_or(0);
        match self {
            // By chance: accounts in a row would be in the caches before they are needed.
            Self::One { accounts } => (account(at(spread(order + 1) >> 20, accounts)), MARKET),
            Self::Day { accounts } => (account(at(order, accounts)), MARKET),
            Self::Hundred { accounts } => {
                let chance = spread(order + 1);
                let owner = at(chance >> 20, accounts);
                (account(owner), market(owner, at(chance >> 10, EACH)))
            }
        }
    }

    /// All pairs of an account and a market that it trades in.
    pub(super) fn places(self, mut each: impl FnMut(AccountId, MarketId)) {
        match self {
            Self::One { accounts } | Self::Day { accounts } => {
                (0..accounts).for_each(|owner| each(account(owner), MARKET))
            }
            Self::Hundred { accounts } => {
                (0..accounts).for_each(|owner| (0..EACH).for_each(|nth| each(account(owner), market(owner, nth))));
            }
        }
    }

    /// Opens the markets and funds the accounts.
    pub(super) fn setup(self, mut each: impl FnMut(Envelope)) {
        match self {
            Self::One { accounts } => Stream::setup(accounts).into_iter().for_each(each),
            // The replayer counts one account more.
            Self::Day { accounts } => Replayer::new(accounts - 1).setup().into_iter().for_each(each),
            Self::Hundred { accounts } => {
                let mut position = 0;
                let mut send = |command| {
                    position += 1;
                    each(Envelope { source: SourceId::BOOTSTRAP, source_seq: SourceSeq(position), command });
                };
                open_hundred(&mut send);
                for owner in 0..accounts {
                    fund(account(owner), accounts, owner, &mut send);
                }
            }
        }
    }
}

/// The n-th market of an account.
fn market(owner: u32, nth: u32) -> MarketId {
    MarketId(u16::try_from((owner + nth * 25) % 100 + 1).unwrap_or(1))
}

const QUOTE: AssetId = AssetId(101);

fn open_hundred(send: &mut impl FnMut(Command)) {
    let symbol = |text: &str| Symbol::new(text).expect("these are symbols");
    for number in 1..=100 {
        let name = format!("A{number}");
        send(Command::AddAsset(Asset { id: AssetId(number), symbol: symbol(&name), scale: 4 }));
    }
    send(Command::AddAsset(Asset { id: QUOTE, symbol: symbol("TICK"), scale: 4 }));
    for number in 1..=100 {
        send(Command::AddMarket(Box::new(Market {
            id: MarketId(number),
            symbol: symbol(&format!("A{number}TICK")),
            base: AssetId(number),
            quote: QUOTE,
            price_decimals: 0,
            quantity_decimals: 0,
            filters: Filters::WIDE,
            fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 2_000 }),
            volatility: Volatility::OFF,
        })));
    }
}

fn fund(account: AccountId, accounts: u32, owner: u32, send: &mut impl FnMut(Command)) {
    send(Command::OpenAccount { account, parent: AccountId(0) });
    let amount = Amount(i64::MAX / 2 / i64::from(accounts));
    let bases = (0..EACH).map(|nth| AssetId(market(owner, nth).0));
    for asset in bases.chain([QUOTE]) {
        send(Command::Transfer { from: system::CUSTODY, to: account, asset, amount });
    }
}
