//! Modify: out and in again under the same id.

use expect_test::expect;

use crate::check;

#[test]
fn keeps_its_id_and_loses_its_turn() {
    check(&expect![[r#"
        alice sell 1 @ 100 id=mine
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        alice modify #1 1 @ 100
          #1 from 1 @ 100 to 1 @ 100, frees 1 GOLD
          #1 rests 1 @ 100, holds 1 GOLD
        book
          ask 100: #2 1, #1 1
        carol buy 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #2, which is filled
        alice cancel mine
          #1 cancelled: 1 @ 100, frees 1 GOLD
    "#]]);
}

#[test]
fn holds_what_the_new_order_needs() {
    check(&expect![[r#"
        alice buy 2 @ 100
          #1 accepted
          #1 rests 2 @ 100, holds 200 EUR
        balance alice
          alice: 1000 GOLD, 99800 EUR and 200 EUR held, 1000 TIN
        alice modify #1 3 @ 110
          #1 from 2 @ 100 to 3 @ 110, frees 200 EUR
          #1 rests 3 @ 110, holds 330 EUR
        balance alice
          alice: 1000 GOLD, 99670 EUR and 330 EUR held, 1000 TIN
        alice modify #1 0.1 @ 1
          #1 from 3 @ 110 to 0.1 @ 1, frees 330 EUR
          #1 rests 0.1 @ 1, holds 0.1 EUR
        balance alice
          alice: 1000 GOLD, 99999.9 EUR and 0.1 EUR held, 1000 TIN
        alice sell 5 @ 200
          #2 accepted
          #2 rests 5 @ 200, holds 5 GOLD
        alice modify #2 7 @ 200
          #2 from 5 @ 200 to 7 @ 200, frees 5 GOLD
          #2 rests 7 @ 200, holds 7 GOLD
        balance alice
          alice: 993 GOLD and 7 GOLD held, 99999.9 EUR and 0.1 EUR held, 1000 TIN
    "#]]);
}

#[test]
fn trades_at_once_where_it_crosses() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101
          #2 accepted
          #2 rests 1 @ 101, holds 1 GOLD
        bob buy 1 @ 90
          #3 accepted
          #3 rests 1 @ 90, holds 90 EUR
        bob modify #3 3 @ 101
          #3 from 1 @ 90 to 3 @ 101, frees 90 EUR
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          trade 2: 1 @ 101 = 101 EUR, #3 with #2, which is filled
          #3 rests 1 @ 101, holds 101 EUR
        book
          bid 101: #3 1
        orders bob
          #3 buy 3 @ 101, 1 open, traded for 201 EUR, placed at 23, changed at 24 ms
        balance bob
          bob: 1002 GOLD, 99698 EUR and 101 EUR held, 1000 TIN
        alice sell 5 @ 102
          #4 accepted
          #4 rests 5 @ 102, holds 5 GOLD
        alice modify #4 1 @ 101
          #4 from 5 @ 102 to 1 @ 101, frees 5 GOLD
          trade 3: 1 @ 101 = 101 EUR, #4 with #3, which is filled
        book
          empty
    "#]]);
}

#[test]
fn quantity_is_what_shall_be_open() {
    check(&expect![[r#"
        alice sell 5 @ 100
          #1 accepted
          #1 rests 5 @ 100, holds 5 GOLD
        bob buy 2 @ 100
          #2 accepted
          trade 1: 2 @ 100 = 200 EUR, #2 with #1, 3 left
        alice modify #1 4 @ 100
          #1 from 3 @ 100 to 4 @ 100, frees 3 GOLD
          #1 rests 4 @ 100, holds 4 GOLD
        orders alice
          #1 sell 6 @ 100, 4 open, traded for 200 EUR, placed at 21, changed at 23 ms
        bob buy 4 @ 100
          #3 accepted
          trade 2: 4 @ 100 = 400 EUR, #3 with #1, which is filled
        orders alice
          none
    "#]]);
}

#[test]
fn leaves_the_order_as_it_was_when_it_is_refused() {
    check(&expect![[r#"
        alice buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        bob buy 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 100 EUR
        alice modify #1 1000.1 @ 100
          alice: rejected, InsufficientBalance
        alice modify #1 1 @ 0
          alice: rejected, PriceFilter
        alice modify #1 0 @ 100
          alice: rejected, LotSize
        bob modify #1 1 @ 100
          bob: rejected, UnknownOrder
        alice modify #1 1 @ 100 on TINEUR
          alice: rejected, UnknownOrder
        alice modify #1 1 @ 100 on NOWHERE
          alice: rejected, UnknownMarket
        nobody modify #1 1 @ 100
          nobody: rejected, UnknownAccount
        book
          bid 100: #1 1, #2 1
        balance alice
          alice: 1000 GOLD, 99900 EUR and 100 EUR held, 1000 TIN
        orders alice
          #1 buy 1 @ 100, 1 open, traded for 0 EUR, placed at 21, changed at 21 ms
        # all that the account has, what is held included
        alice modify #1 1000 @ 100
          #1 from 1 @ 100 to 1000 @ 100, frees 100 EUR
          #1 rests 1000 @ 100, holds 100000 EUR
        balance alice
          alice: 1000 GOLD, 0 EUR and 100000 EUR held, 1000 TIN
    "#]]);
}

#[test]
fn pays_the_fee_of_a_taker_when_it_trades_and_of_a_maker_when_it_rests() {
    check(&expect![[r#"
        alice sell 10 @ 10 on TINEUR
          #1 accepted
          #1 rests 10 @ 10, holds 10 TIN
        bob buy 10 @ 9 on TINEUR
          #2 accepted
          #2 rests 10 @ 9, holds 90 EUR
        bob modify #2 20 @ 10 on TINEUR
          #2 from 10 @ 9 to 20 @ 10, frees 90 EUR
          trade 1: 10 @ 10 = 100 EUR, #2 with #1, which is filled; fees: taker 0.025 TIN, maker 0.1 EUR
          #2 rests 10 @ 10, holds 100 EUR
        carol sell 10 @ 10 on TINEUR
          #3 accepted
          trade 2: 10 @ 10 = 100 EUR, #3 with #2, which is filled; fees: taker 0.25 EUR, maker 0.01 TIN
        balance fees
          fees: 0.35 EUR, 0.035 TIN
    "#]]);
}
