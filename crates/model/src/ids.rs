//! Identifiers: each is its own type, so that one can never stand in for another.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// Owner of balances and orders. Ids below [`system::FIRST_USER`] belong to the exchange itself.
    AccountId(u32)
);
id!(
    /// An asset that the ledger knows.
    AssetId(u16)
);
id!(
    /// A market: a pair of assets with one order book.
    MarketId(u16)
);
id!(
    /// An order; assigned by the engine, rising, never reused.
    OrderId(u64)
);
id!(
    /// A trade; rising by one per market, so that a market's trade list has no gaps.
    TradeId(u64)
);
id!(
    /// A hold of the two-phase transfer; assigned by the engine, rising, never reused.
    HoldId(u64)
);
id!(
    /// An order list (OCO, OTO, OTOCO); assigned by the engine, rising, never reused. Zero means "none".
    ListId(u64)
);
id!(
    /// A match that self-trade prevention kept from happening; rising by one per market.
    PreventedId(u64)
);
id!(
    /// A group of accounts with the same fees. Zero is the tier of an account that was given none.
    TierId(u16)
);
id!(
    /// A sender of commands whose sequence the engine remembers. Zero means "none": nothing is remembered.
    SourceId(u16)
);
id!(
    /// Position in a source's own dense order, from 1.
    SourceSeq(u64)
);
id!(
    /// Position in the journal, dense, from 1. Zero is "before the first command".
    Sequence(u64)
);
id!(
    /// Microseconds since 1970-01-01 UTC, stamped by the sequencer and stored with the command.
    Timestamp(u64)
);

impl Timestamp {
    /// No time: the deadline of what has none.
    pub const NEVER: Self = Self(0);

    /// Whole milliseconds since 1970-01-01 UTC, rounded down.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000
    }
}

impl SourceId {
    /// No source: client order entry, whose idempotency is the client order id.
    pub const NONE: Self = Self(0);
    /// The program itself, when it lists the demo markets and funds the demo accounts.
    pub const BOOTSTRAP: Self = Self(1);
    /// The operator's commands (listing, adjustments).
    pub const OPERATOR: Self = Self(2);
    /// Transfers between accounts that their owners ask for.
    pub const TRANSFERS: Self = Self(3);
    /// Play money that a demo gives to new users.
    pub const DEMO_GIFTS: Self = Self(4);
    /// The schedules of markets: states that change by the clock.
    pub const MARKET_HOURS: Self = Self(20);
}

/// The exchange's own accounts. They balance the users' accounts, so that each asset's sum is zero.
pub mod system {
    use super::AccountId;

    /// Mirror of what custody holds on chain: a deposit moves from here to a user, so it is negative by what users own.
    pub const CUSTODY: AccountId = AccountId(1);
    /// Trading fees earned, less the rebates paid. Only rebates can take it below zero.
    pub const FEES: AccountId = AccountId(2);
    /// Money of swaps and payouts in flight.
    pub const ESCROW: AccountId = AccountId(3);
    /// Pool of the earn products.
    pub const EARN_POOL: AccountId = AccountId(4);
    /// The part of a fee that exists only because fees are rounded up to a whole ledger unit.
    pub const ROUNDING: AccountId = AccountId(5);
    /// Corrections by the operator; may be negative.
    pub const ADJUSTMENTS: AccountId = AccountId(6);
    /// First id that a user may have.
    pub const FIRST_USER: AccountId = AccountId(1_000);

    /// All system accounts, in order of id.
    pub const ALL: [AccountId; 6] = [CUSTODY, FEES, ESCROW, EARN_POOL, ROUNDING, ADJUSTMENTS];

    /// Whether the account may hold less than nothing: only the two that stand for the world outside the ledger.
    pub const fn may_be_negative(account: AccountId) -> bool {
        account.0 == CUSTODY.0 || account.0 == ADJUSTMENTS.0
    }
}
