//! Profit and loss by average cost: what an account's trades in a market made of its money.

use model::{AccountId, MarketId, Price, Sequence};

/// What an account bought and sold in one market, at its average cost.
///
/// Only trades count. What was deposited, withdrawn or traded elsewhere has no price here, so an account that sells what it
/// did not buy in this market has a negative position: what it received is the (negative) cost then, and buying back
/// realises the profit. Fees and rebates are in, as they were paid: a buyer's position grows by the base that it received
/// after the fee, at the whole quote that it paid; a seller earns the quote that it received after the fee.
///
/// At any time `realised - cost` is all quote that the trades brought less all that they took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub market: MarketId,
    /// Base bought less base sold, in ledger units of the base.
    pub quantity: i64,
    /// What the position cost, in ledger units of the quote; of a negative one what it brought, as a negative number.
    pub cost: i64,
    /// What was earned by closing positions, in ledger units of the quote.
    pub realised: i64,
    /// The command of its last trade.
    pub sequence: Sequence,
}

impl Position {
    /// Nothing traded.
    pub(crate) const fn none(account: AccountId, market: MarketId) -> Self {
        Self { account, market, quantity: 0, cost: 0, realised: 0, sequence: Sequence(0) }
    }

    /// Takes in one side of a trade: the change of the account's base and of its quote. What is closed costs its share of the
    /// position's cost, rounded towards zero; what is left of the trade opens a position the other way round.
    ///
    /// Sums beyond 63 bits stay at the most that fits.
    pub(crate) fn trade(&mut self, base: i64, quote: i64, sequence: Sequence) {
        self.sequence = sequence;
        let (held, change) = (i128::from(self.quantity), i128::from(base));
        let quote = i128::from(quote);
        // A trade whose fee takes all of the base closes and opens nothing, and is paid all the same.
        let closing = change == 0 || held.signum() == -change.signum();
        let closed = change.abs().min(held.abs());
        let (got, cost) = match (closing, change, held) {
            (false, ..) => (0, 0),
            (true, 0, _) => (quote, 0),
            (true, ..) => (quote * closed / change.abs(), i128::from(self.cost) * closed / held.abs()),
        };
        self.quantity = fit(held + change);
        self.cost = fit(i128::from(self.cost) - cost - (quote - got));
        self.realised = fit(i128::from(self.realised) + got - cost);
    }

    /// What the position would bring at a price, in ledger units of the quote, rounded down. `base_unit` and `quote_unit` are
    /// those of [`model::Market`].
    pub const fn value(&self, price: Price, base_unit: i64, quote_unit: i64) -> i128 {
        (self.quantity as i128 * price.0 as i128).saturating_mul(quote_unit as i128).div_euclid(base_unit as i128)
    }

    /// What would be earned by closing the position at a price, fees aside, in ledger units of the quote.
    pub const fn unrealised(&self, price: Price, base_unit: i64, quote_unit: i64) -> i128 {
        self.value(price, base_unit, quote_unit) - self.cost as i128
    }
}

fn fit(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value > 0 { i64::MAX } else { i64::MIN })
}

#[cfg(test)]
mod tests {
    use super::Position;
    use model::{AccountId, MarketId, Price, Sequence};
    use proptest::prelude::*;

    fn traded(trades: &[(i64, i64)]) -> Position {
        let mut position = Position::none(AccountId(1_000), MarketId(1));
        for &(base, quote) in trades {
            position.trade(base, quote, Sequence(1));
        }
        position
    }

    #[test]
    fn average_cost_by_example() {
        // trades of (base, quote); quantity, cost, realised
        for (what, trades, quantity, cost, realised) in [
            ("nothing", &[][..], 0, 0, 0),
            ("bought twice", &[(10, -100), (10, -140)], 20, 240, 0),
            ("a part sold with profit", &[(10, -100), (10, -140), (-5, 80)], 15, 180, 20),
            ("all sold with loss", &[(10, -100), (-10, 90)], 0, 0, -10),
            ("sold what was not bought", &[(-10, 100)], -10, -100, 0),
            ("bought back cheaper", &[(-10, 100), (4, -30)], -6, -60, 10),
            ("turned round", &[(10, -100), (-15, 180)], -5, -60, 20),
            ("a share that does not divide", &[(3, -100), (-1, 40)], 2, 67, 7),
            ("the fee took all", &[(10, -100), (0, -1)], 10, 100, -1),
        ] {
            let position = traded(trades);
            assert_eq!((position.quantity, position.cost, position.realised), (quantity, cost, realised), "{what}");
        }
        let position = traded(&[(2_000, -200)]);
        // A base unit of 1,000: two lots; at price 120 each is worth 120 quote units.
        assert_eq!((position.value(Price(120), 1_000, 1), position.unrealised(Price(120), 1_000, 1)), (240, 40));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(trades in prop::collection::vec((-1_000i64..1_000, -100_000i64..100_000), 0..60)) {
            let position = traded(&trades);
            prop_assert_eq!(position.quantity, trades.iter().map(|trade| trade.0).sum::<i64>());
            prop_assert_eq!(position.realised - position.cost, trades.iter().map(|trade| trade.1).sum::<i64>());
            if position.quantity == 0 {
                prop_assert_eq!(position.cost, 0);
            }
        }

        #[test]
        fn what_does_not_fit_stays_at_the_most(base in any::<i64>(), quote in any::<i64>()) {
            traded(&[(base, quote), (base, quote), (-base.saturating_abs(), quote), (i64::MAX, i64::MIN), (i64::MIN, i64::MAX)]);
        }
    }
}
