//! Why the engine refuses a command: one numbered list in order of precedence.

macro_rules! rejects {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)+) => {
        /// Why a command was refused. When several rules are broken, the one with the lowest number is told.
        /// A number is never used for anything else, even when its rule is gone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Reject {
            $($(#[$doc])* $name = $code,)+
        }

        impl Reject {
            /// Every reason, in order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable number.
            pub const fn code(self) -> u16 {
                self as u16
            }

            /// The reason with this number, if there is one.
            pub const fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// The rule that was broken, as a sentence for people.
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

rejects! {
    /// A source skipped a position.
    SourceGap = 1, "a source must send its commands without gaps, in order from 1";
    /// A movement of money without a source.
    SourceRequired = 2, "a command that moves money must name its source and position";
    /// An asset with a zero symbol, too many decimals, or the like.
    InvalidAsset = 10, "an asset needs a scale of at most 18 decimals";
    /// The asset's id or symbol is taken.
    AssetExists = 11, "an asset's id and symbol must be new";
    /// The market's settings contradict each other.
    InvalidMarket = 12, "a market's decimals, filters and fees must be consistent";
    /// The market's id or symbol is taken.
    MarketExists = 13, "a market's id and symbol must be new";
    /// The account's id belongs to the exchange.
    InvalidAccount = 14, "a user's account id must be 1000 or above";
    /// The account is known already.
    AccountExists = 15, "an account id must be new";
    /// Fees beyond their bounds.
    InvalidFees = 16, "a fee or rebate must not exceed 10 %, nor a rebate the fee of the other side";
    /// A sub-account of a sub-account, or of nobody.
    InvalidParent = 17, "a sub-account's master must be an open account that is no sub-account itself";
    /// What may never change.
    MarketFixed = 18, "a market's symbol, assets and decimals must stay as they are";
    /// The asset is not known.
    UnknownAsset = 20, "the asset must exist";
    /// The market is not known.
    UnknownMarket = 21, "the market must exist";
    /// The account is not known.
    UnknownAccount = 22, "the account must exist";
    /// The hold is not open.
    UnknownHold = 23, "the hold must be open";
    /// The order is not open, or belongs to somebody else.
    UnknownOrder = 24, "the order must be open and belong to the account";
    /// No open list of the account has this id.
    UnknownList = 25, "the order list must be open and belong to the account";
    /// The market's state.
    MarketClosed = 26, "the market's state must allow the command";
    /// Zero or negative.
    InvalidAmount = 30, "an amount must be above zero";
    /// From and to are the same.
    SameAccount = 31, "money must move between two accounts";
    /// More than is left of the hold.
    ExceedsHold = 32, "a capture must not exceed what is left of the hold";
    /// A deadline in the past, or too far away.
    InvalidTime = 33, "a deadline must lie in the future, and a countdown be at most a day";
    /// Parameters that do not go together.
    InvalidOrder = 40, "the order's type, time in force, price and quantities must go together";
    /// PRICE_FILTER.
    PriceFilter = 41, "the price must lie within the market's bounds and on its tick";
    /// LOT_SIZE.
    LotSize = 42, "the quantity must lie within the market's bounds and on its lot";
    /// MARKET_LOT_SIZE.
    MarketLotSize = 43, "a market order's quantity must lie within the market's bounds and on its lot";
    /// NOTIONAL.
    Notional = 44, "price x quantity must lie within the market's bounds";
    /// The amount does not fit.
    AmountOverflow = 45, "amounts must fit in 63 bits of ledger units";
    /// MAX_NUM_ORDERS.
    MaxOpenOrders = 46, "the account must stay within the market's number of open orders";
    /// An open order of the account has this client id.
    DuplicateClientId = 47, "a client order id must be unique among the account's open orders";
    /// A LIMIT_MAKER that would trade.
    WouldTake = 48, "a post-only order must not trade at once";
    // 50 was InsufficientBalance until it had to come after all of the below.
    /// ICEBERG_PARTS.
    IcebergParts = 51, "an iceberg order must not have more parts than the market allows";
    /// TRAILING_DELTA.
    TrailingDelta = 52, "the trailing delta must lie within the market's bounds";
    /// PERCENT_PRICE_BY_SIDE.
    PercentPrice = 53, "the price must lie within the market's distance from the last price";
    /// MAX_NUM_ALGO_ORDERS.
    MaxAlgoOrders = 54, "the account must stay within the market's number of open contingent orders";
    /// MAX_POSITION.
    MaxPosition = 55, "the account must stay within the market's largest position";
    /// A contingent order whose trigger is reached already.
    StopWouldTrigger = 56, "a stop price must not be reached already";
    /// Orders of a list that do not go together.
    InvalidList = 57, "the types, sides, quantities and prices of a list's orders must go together";
    /// An open list of the account has this client id.
    DuplicateListId = 58, "a list's client id must be unique among the account's open lists";
    /// A change that this order cannot have.
    CannotAmend = 59, "an amended quantity must be below the order's and above what was executed";
    /// A modification that this order cannot have.
    CannotModify = 60, "only an order that rests by itself can be modified";
    /// Not enough available.
    InsufficientBalance = 90, "the account must have the amount available";
}

#[cfg(test)]
mod tests {
    use super::Reject;

    #[test]
    fn codes_rise_and_come_back() {
        assert!(Reject::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        for &reject in Reject::ALL {
            assert_eq!(Reject::from_code(reject.code()), Some(reject));
            assert!(!reject.rule().is_empty());
        }
        assert_eq!(Reject::from_code(0), None);
    }
}
