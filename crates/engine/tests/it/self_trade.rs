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

#[test]
fn expire_maker_ends_the_resting_order_and_goes_on() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        alice sell 5 @ 101 iceberg=2
          #3 accepted
          #3 rests 5 @ 101, shows 2, holds 5 GOLD
        bob sell 1 @ 101
          #4 accepted
          #4 rests 1 @ 101, holds 1 GOLD
        alice buy 3 @ 101 expire-maker
          #5 accepted
          prevented 1 by expire-maker @ 100: #5 loses 0, #1 1
          #1 met itself: 1 @ 100, frees 1 GOLD
          trade 1: 1 @ 100 = 100 EUR, #5 with #2, which is filled
          prevented 2 by expire-maker @ 101: #5 loses 0, #3 5
          #3 met itself: 5 @ 101, frees 5 GOLD
          trade 2: 1 @ 101 = 101 EUR, #5 with #4, which is filled
          #5 rests 1 @ 101, holds 101 EUR
        book
          bid 101: #5 1
        balance alice
          alice: 1002 GOLD, 99698 EUR and 101 EUR held, 1000 TIN
        # nothing but its own: all of it goes, and the order rests
        alice sell 1 @ 102
          #6 accepted
          #6 rests 1 @ 102, holds 1 GOLD
        alice buy 1 @ 102 expire-maker
          #7 accepted
          prevented 3 by expire-maker @ 102: #7 loses 0, #6 1
          #6 met itself: 1 @ 102, frees 1 GOLD
          #7 rests 1 @ 102, holds 102 EUR
        book
          bid 102: #7 1
          bid 101: #5 1
    "#]]);
}

#[test]
fn expire_both_ends_the_maker_first() {
    check(&expect![[r#"
        bob sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 2 @ 100
          #2 accepted
          #2 rests 2 @ 100, holds 2 GOLD
        bob sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice buy 5 @ 100 expire-both
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          prevented 1 by expire-both @ 100: #4 loses 4, #2 2
          #2 met itself: 2 @ 100, frees 2 GOLD
          #4 met itself: 4 @ 100, frees 0 EUR
        book
          ask 100: #3 1
        balance alice
          alice: 1001 GOLD, 99900 EUR, 1000 TIN
        # of an iceberg all parts
        alice sell 5 @ 99 iceberg=1
          #5 accepted
          #5 rests 5 @ 99, shows 1, holds 5 GOLD
        alice buy 1 @ 99 expire-both
          #6 accepted
          prevented 2 by expire-both @ 99: #6 loses 1, #5 5
          #5 met itself: 5 @ 99, frees 5 GOLD
          #6 met itself: 1 @ 99, frees 0 EUR
        book
          ask 100: #3 1
        # the incoming order by quote amount
        alice sell 1 @ 99
          #7 accepted
          #7 rests 1 @ 99, holds 1 GOLD
        alice buy 500 EUR market expire-both
          #8 accepted
          prevented 3 by expire-both @ 99: #8 loses 0, #7 1
          #7 met itself: 1 @ 99, frees 1 GOLD
          #8 met itself: 0 @ 0, frees 0 EUR
        book
          ask 100: #3 1
    "#]]);
}

#[test]
fn decrement_takes_from_both() {
    check(&expect![[r#"
        alice sell 2 @ 100
          #1 accepted
          #1 rests 2 @ 100, holds 2 GOLD
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        # a part of the maker
        alice buy 0.5 @ 100 decrement
          #3 accepted
          prevented 1 by decrement @ 100: #3 loses 0.5, #1 0.5, 1.5 left, frees 0.5 GOLD
          #3 met itself: 0 @ 100, frees 0 EUR
        orders alice
          #1 sell 2 @ 100, 1.5 open, traded for 0 EUR, placed at 21, changed at 23 ms, 0.5 prevented
        # all of the maker, a part of the taker, which trades on and rests
        alice buy 4 @ 100 decrement
          #4 accepted
          prevented 2 by decrement @ 100: #4 loses 1.5, #1 1.5, 0 left, frees 1.5 GOLD
          #1 met itself: 0 @ 100, frees 0 GOLD
          trade 1: 1 @ 100 = 100 EUR, #4 with #2, which is filled
          #4 rests 1.5 @ 100, holds 150 EUR
        orders alice
          #4 buy 4 @ 100, 1.5 open, traded for 100 EUR, placed at 24, changed at 24 ms, 1.5 prevented
        # both alike
        alice sell 1.5 @ 100 decrement
          #5 accepted
          prevented 3 by decrement @ 100: #5 loses 1.5, #4 1.5, 0 left, frees 150 EUR
          #4 met itself: 0 @ 100, frees 0 EUR
          #5 met itself: 0 @ 100, frees 0 GOLD
        book
          empty
        balance alice
          alice: 1001 GOLD, 99900 EUR, 1000 TIN
        market
          GOLDEUR trading, last trade 1 @ 100, last prevented 3
    "#]]);
}

#[test]
fn decrement_of_an_iceberg() {
    check(&expect![[r#"
        alice sell 5 @ 100 iceberg=2
          #1 accepted
          #1 rests 5 @ 100, shows 2, holds 5 GOLD
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        alice buy 4 @ 100 decrement
          #3 accepted
          prevented 1 by decrement @ 100: #3 loses 2, #1 2, 3 left, frees 2 GOLD
          #1 shows 2 more @ 100
          trade 1: 1 @ 100 = 100 EUR, #3 with #2, which is filled
          prevented 2 by decrement @ 100: #3 loses 1, #1 1, 2 left, frees 1 GOLD
          #3 met itself: 0 @ 100, frees 0 EUR
        book
          ask 100: #1 1 of 2
        orders alice
          #1 sell 5 @ 100, 2 open, traded for 0 EUR, placed at 21, changed at 23 ms, 3 prevented, shows 1 by 2
        alice buy 4 @ 100 decrement
          #4 accepted
          prevented 3 by decrement @ 100: #4 loses 1, #1 1, 1 left, frees 1 GOLD
          #1 shows 1 more @ 100
          prevented 4 by decrement @ 100: #4 loses 1, #1 1, 0 left, frees 1 GOLD
          #1 met itself: 0 @ 100, frees 0 GOLD
          #4 rests 2 @ 100, holds 200 EUR
        book
          bid 100: #4 2
        orders alice
          #4 buy 4 @ 100, 2 open, traded for 0 EUR, placed at 24, changed at 24 ms, 2 prevented
    "#]]);
}

#[test]
fn decrement_of_a_market_order() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 110
          #2 accepted
          #2 rests 1 @ 110, holds 1 GOLD
        alice buy 2 market decrement
          #3 accepted
          prevented 1 by decrement @ 100: #3 loses 1, #1 1, 0 left, frees 1 GOLD
          #1 met itself: 0 @ 100, frees 0 GOLD
          trade 1: 1 @ 110 = 110 EUR, #3 with #2, which is filled
        # by quote amount it loses the quote of what would have traded
        alice sell 1 @ 100
          #4 accepted
          #4 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 110
          #5 accepted
          #5 rests 1 @ 110, holds 1 GOLD
        alice buy 155 EUR market decrement
          #6 accepted
          prevented 2 by decrement @ 100: #6 loses 0, #4 1, 0 left, frees 1 GOLD
          #4 met itself: 0 @ 100, frees 0 GOLD
          trade 2: 0.5 @ 110 = 55 EUR, #6 with #5, 0.5 left
        # prevented to the last unit
        alice sell 1 @ 100
          #7 accepted
          #7 rests 1 @ 100, holds 1 GOLD
        alice buy 100 EUR market decrement
          #8 accepted
          prevented 3 by decrement @ 100: #8 loses 0, #7 1, 0 left, frees 1 GOLD
          #7 met itself: 0 @ 100, frees 0 GOLD
          #8 expired: 0 @ 0, frees 0 EUR
        # a lot is not left
        alice sell 1 @ 100
          #9 accepted
          #9 rests 1 @ 100, holds 1 GOLD
        alice buy 105 EUR market decrement
          #10 accepted
          prevented 4 by decrement @ 100: #10 loses 0, #9 1, 0 left, frees 1 GOLD
          #9 met itself: 0 @ 100, frees 0 GOLD
          #10 expired: 0 @ 0, frees 0 EUR
        alice sell 2 @ 100
          #11 accepted
          #11 rests 2 @ 100, holds 2 GOLD
        bob buy 1 @ 90
          #12 accepted
          #12 rests 1 @ 90, holds 90 EUR
        alice sell 90 EUR market decrement
          #13 accepted
          trade 3: 1 @ 90 = 90 EUR, #13 with #12, which is filled
        book
          ask 110: #5 0.5
          ask 100: #11 2
        balance alice
          alice: 998.5 GOLD and 2 GOLD held, 99925 EUR, 1000 TIN
    "#]]);
}
