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
        alice sell 1 @ 101
        bob buy 1 @ 90
        bob modify #3 3 @ 101
        book
        orders bob
        balance bob
        alice sell 5 @ 102
        alice modify #4 1 @ 101
        book
    "#]]);
}

#[test]
fn quantity_is_what_shall_be_open() {
    check(&expect![[r#"
        alice sell 5 @ 100
        bob buy 2 @ 100
        alice modify #1 4 @ 100
        orders alice
        bob buy 4 @ 100
        orders alice
    "#]]);
}

#[test]
fn leaves_the_order_as_it_was_when_it_is_refused() {
    check(&expect![[r#"
        alice buy 1 @ 100
        bob buy 1 @ 100
        alice modify #1 1000.1 @ 100
        alice modify #1 1 @ 0
        alice modify #1 0 @ 100
        bob modify #1 1 @ 100
        alice modify #1 1 @ 100 on TINEUR
        alice modify #1 1 @ 100 on NOWHERE
        nobody modify #1 1 @ 100
        book
        balance alice
        orders alice
        # all that the account has, what is held included
        alice modify #1 1000 @ 100
        balance alice
    "#]]);
}

#[test]
fn pays_the_fee_of_a_taker_when_it_trades_and_of_a_maker_when_it_rests() {
    check(&expect![[r#"
        alice sell 10 @ 10 on TINEUR
        bob buy 10 @ 9 on TINEUR
        bob modify #2 20 @ 10 on TINEUR
        carol sell 10 @ 10 on TINEUR
        balance fees
    "#]]);
}
