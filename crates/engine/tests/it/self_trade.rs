//! Self-trade prevention.

use expect_test::expect;

use crate::check;

#[test]
fn none_lets_an_account_trade_with_itself() {
    check(&expect![[r#"
        alice sell 2 @ 100
          #1 accepted
          #1 rests 2 @ 100, holds 2 GOLD
        alice buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 1 left
        book
          ask 100: #1 1
        balance alice
          alice: 999 GOLD and 1 GOLD held, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn expire_taker_ends_the_incoming_order() {
    check(&expect![[r#"
        bob sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice buy 3 @ 100 expire-taker
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          prevented 1 by expire-taker @ 100: #4 loses 2, #2 0
          #4 met itself: 2 @ 100, frees 0 EUR
        book
          ask 100: #2 1, #3 1
        alice buy 1 @ 99 expire-taker
          #5 accepted
          #5 rests 1 @ 99, holds 99 EUR
        alice sell 1 @ 99 expire-taker
          #6 accepted
          prevented 2 by expire-taker @ 99: #6 loses 1, #5 0
          #6 met itself: 1 @ 99, frees 0 GOLD
        book
          ask 100: #2 1, #3 1
          bid 99: #5 1
        balance alice
          alice: 1000 GOLD and 1 GOLD held, 99801 EUR and 99 EUR held, 1000 TIN
    "#]]);
}

#[test]
fn the_mode_of_the_taker_decides() {
    check(&expect![[r#"
        alice sell 1 @ 100 expire-taker
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice buy 1 @ 100 expire-taker
          #4 accepted
          prevented 1 by expire-taker @ 100: #4 loses 1, #3 0
          #4 met itself: 1 @ 100, frees 0 EUR
        book
          ask 100: #3 1
    "#]]);
}

#[test]
fn a_modify_obeys_the_mode_of_its_order() {
    check(&expect![[r#"
        alice buy 2 @ 99 expire-taker
          #1 accepted
          #1 rests 2 @ 99, holds 198 EUR
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice modify #1 2 @ 100
          #1 from 2 @ 99 to 2 @ 100, frees 198 EUR
          trade 1: 1 @ 100 = 100 EUR, #1 with #2, which is filled
          prevented 1 by expire-taker @ 100: #1 loses 1, #3 0
          #1 met itself: 1 @ 100, frees 0 EUR
        book
          ask 100: #3 1
        balance alice
          alice: 1000 GOLD and 1 GOLD held, 99900 EUR, 1000 TIN
        alice cancel #1
          alice: rejected, UnknownOrder
    "#]]);
}
