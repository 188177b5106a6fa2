//! Iceberg orders: the book shows a part at a time.

use expect_test::expect;

use crate::check;

#[test]
fn the_next_part_is_shown_behind_all_others() {
    check(&expect![[r#"
        alice sell 5 @ 100 iceberg=2
          #1 accepted
          #1 rests 5 @ 100, shows 2, holds 5 GOLD
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        book
          ask 100: #1 2 of 5, #2 1
        carol buy 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, 4 left
        book
          ask 100: #1 1 of 4, #2 1
        # the rest of the shown part, then bob, then the next part
        carol buy 3 @ 100
          #4 accepted
          trade 2: 1 @ 100 = 100 EUR, #4 with #1, 3 left
          #1 shows 2 more @ 100
          trade 3: 1 @ 100 = 100 EUR, #4 with #2, which is filled
          trade 4: 1 @ 100 = 100 EUR, #4 with #1, 2 left
        book
          ask 100: #1 1 of 2
        balance alice
          alice: 995 GOLD and 2 GOLD held, 100300 EUR, 1000 TIN
        carol buy 1 @ 100
          #5 accepted
          trade 5: 1 @ 100 = 100 EUR, #5 with #1, 1 left
          #1 shows 1 more @ 100
        book
          ask 100: #1 1
        carol buy 5 @ 100
          #6 accepted
          trade 6: 1 @ 100 = 100 EUR, #6 with #1, which is filled
          #6 rests 4 @ 100, holds 400 EUR
        book
          bid 100: #6 4
    "#]]);
}

#[test]
fn one_order_may_take_several_parts() {
    check(&expect![[r#"
        alice buy 10 @ 100 iceberg=3
          #1 accepted
          #1 rests 10 @ 100, shows 3, holds 1000 EUR
        bob buy 2 @ 100 iceberg=1
          #2 accepted
          #2 rests 2 @ 100, shows 1, holds 200 EUR
        carol sell 11 @ 100
          #3 accepted
          trade 1: 3 @ 100 = 300 EUR, #3 with #1, 7 left
          #1 shows 3 more @ 100
          trade 2: 1 @ 100 = 100 EUR, #3 with #2, 1 left
          #2 shows 1 more @ 100
          trade 3: 3 @ 100 = 300 EUR, #3 with #1, 4 left
          #1 shows 3 more @ 100
          trade 4: 1 @ 100 = 100 EUR, #3 with #2, which is filled
          trade 5: 3 @ 100 = 300 EUR, #3 with #1, 1 left
          #1 shows 1 more @ 100
        book
          bid 100: #1 1
        balance alice
          alice: 1009 GOLD, 99000 EUR and 100 EUR held, 1000 TIN
        orders alice
          #1 buy 10 @ 100, 1 open, traded for 900 EUR, placed at 21, changed at 23 ms, shows 1 by 3
        orders bob
          none
    "#]]);
}

#[test]
fn fok_and_market_orders_count_what_is_hidden() {
    check(&expect![[r#"
        alice sell 5 @ 100 iceberg=1
          #1 accepted
          #1 rests 5 @ 100, shows 1, holds 5 GOLD
        carol buy 6 @ 100 fok
          #2 accepted
          #2 expired: 6 @ 100, frees 0 EUR
        carol buy 5 @ 100 fok
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, 4 left
          #1 shows 1 more @ 100
          trade 2: 1 @ 100 = 100 EUR, #3 with #1, 3 left
          #1 shows 1 more @ 100
          trade 3: 1 @ 100 = 100 EUR, #3 with #1, 2 left
          #1 shows 1 more @ 100
          trade 4: 1 @ 100 = 100 EUR, #3 with #1, 1 left
          #1 shows 1 more @ 100
          trade 5: 1 @ 100 = 100 EUR, #3 with #1, which is filled
        alice sell 5 @ 100 iceberg=1
          #4 accepted
          #4 rests 5 @ 100, shows 1, holds 5 GOLD
        alice sell 5 @ 101
          #5 accepted
          #5 rests 5 @ 101, holds 5 GOLD
        transfer custody dave 300 EUR
          300 EUR from custody to dave
        dave buy 6 market
          dave: rejected, InsufficientBalance
        dave buy 3 market
          #6 accepted
          trade 6: 1 @ 100 = 100 EUR, #6 with #4, 4 left
          #4 shows 1 more @ 100
          trade 7: 1 @ 100 = 100 EUR, #6 with #4, 3 left
          #4 shows 1 more @ 100
          trade 8: 1 @ 100 = 100 EUR, #6 with #4, 2 left
          #4 shows 1 more @ 100
        book
          ask 101: #5 5
          ask 100: #4 1 of 2
        dave buy 3 market expire-maker
          dave: rejected, InsufficientBalance
    "#]]);
}

#[test]
fn what_is_left_of_a_taker_shows_a_part() {
    check(&expect![[r#"
        bob sell 3 @ 100
          #1 accepted
          #1 rests 3 @ 100, holds 3 GOLD
        alice buy 10 @ 100 iceberg=4
          #2 accepted
          trade 1: 3 @ 100 = 300 EUR, #2 with #1, which is filled
          #2 rests 7 @ 100, shows 4, holds 700 EUR
        book
          bid 100: #2 4 of 7
        # a part as large as what is left shows all of it
        alice cancel #2
          #2 cancelled: 7 @ 100, frees 700 EUR
        bob sell 8 @ 100
          #3 accepted
          #3 rests 8 @ 100, holds 8 GOLD
        alice buy 10 @ 100 iceberg=2
          #4 accepted
          trade 2: 8 @ 100 = 800 EUR, #4 with #3, which is filled
          #4 rests 2 @ 100, holds 200 EUR
        book
          bid 100: #4 2
        alice buy 5 @ 99 iceberg=5
          #5 accepted
          #5 rests 5 @ 99, holds 495 EUR
        alice buy 5 @ 99 iceberg=6
          #6 accepted
          #6 rests 5 @ 99, holds 495 EUR
        book
          bid 100: #4 2
          bid 99: #5 5, #6 5
    "#]]);
}

#[test]
fn the_number_of_parts_is_bounded() {
    check(&expect![[r#"
        set GOLDEUR parts=3
          GOLDEUR is set
        alice sell 10 @ 100 iceberg=3
          alice: rejected, IcebergParts
        alice sell 9 @ 100 iceberg=3
          #1 accepted
          #1 rests 9 @ 100, shows 3, holds 9 GOLD
        alice sell 7 @ 100 iceberg=3
          #2 accepted
          #2 rests 7 @ 100, shows 3, holds 7 GOLD
        alice sell 9.1 @ 100 iceberg=3
          alice: rejected, IcebergParts
        set GOLDEUR parts=0
          GOLDEUR is set
        alice sell 2 @ 100 iceberg=2
          alice: rejected, IcebergParts
        alice sell 2 @ 100
          #3 accepted
          #3 rests 2 @ 100, holds 2 GOLD
    "#]]);
}

#[test]
fn what_goes_together() {
    check(&expect![[r#"
        alice sell 2 @ 100 iceberg=1 ioc
          alice: rejected, InvalidOrder
        alice sell 2 @ 100 iceberg=1 fok
          alice: rejected, InvalidOrder
        alice sell 2 market iceberg=1
          alice: rejected, InvalidOrder
        alice sell 2 @ 100 iceberg=-1
          alice: rejected, InvalidOrder
        alice sell 2 @ 100 iceberg=1 gtd=900
          #1 accepted
          #1 rests 2 @ 100, shows 1, holds 2 GOLD
        alice sell 2 @ 100 iceberg=1 maker
          #2 accepted
          #2 rests 2 @ 100, shows 1, holds 2 GOLD
        alice sell 2 stop-loss 90 @ 100 iceberg=1
          #3 accepted
          #3 waits for its stop price, holds 2 GOLD
        # its quantity is a lot too
        alice sell 2 @ 20 iceberg=0.7 on GOLDTIN
          alice: rejected, LotSize
        alice sell 100 @ 20 iceberg=1 on GOLDTIN
          alice: rejected, LotSize
        alice sell 2 @ 20 iceberg=51 on GOLDTIN
          alice: rejected, LotSize
        alice sell 2 @ 20 iceberg=0.5 on GOLDTIN
          #4 accepted
          #4 rests 2 @ 20, shows 0.5, holds 2 GOLD
    "#]]);
}

#[test]
fn modified_and_cancelled() {
    check(&expect![[r#"
        alice sell 10 @ 100 iceberg=3
          #1 accepted
          #1 rests 10 @ 100, shows 3, holds 10 GOLD
        bob buy 4 @ 100
          #2 accepted
          trade 1: 3 @ 100 = 300 EUR, #2 with #1, 7 left
          #1 shows 3 more @ 100
          trade 2: 1 @ 100 = 100 EUR, #2 with #1, 6 left
        book
          ask 100: #1 2 of 6
        alice modify #1 5 @ 101
          #1 from 6 @ 100 to 5 @ 101, frees 6 GOLD
          #1 rests 5 @ 101, shows 3, holds 5 GOLD
        book
          ask 101: #1 3 of 5
        alice modify #1 2 @ 101
          #1 from 5 @ 101 to 2 @ 101, frees 5 GOLD
          #1 rests 2 @ 101, holds 2 GOLD
        book
          ask 101: #1 2
        alice modify #1 8 @ 101
          #1 from 2 @ 101 to 8 @ 101, frees 2 GOLD
          #1 rests 8 @ 101, shows 3, holds 8 GOLD
        book
          ask 101: #1 3 of 8
        orders alice
          #1 sell 12 @ 101, 8 open, traded for 400 EUR, placed at 21, changed at 25 ms, shows 3 by 3
        alice cancel #1
          #1 cancelled: 8 @ 101, frees 8 GOLD
        balance alice
          alice: 996 GOLD, 100400 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_triggered_iceberg() {
    check(&expect![[r#"
        carol buy 2 @ 100
          #1 accepted
          #1 rests 2 @ 100, holds 200 EUR
        alice sell 8 stop-loss 100 @ 99 iceberg=2
          #2 accepted
          #2 waits for its stop price, holds 8 GOLD
        carol buy 3 @ 99.5
          #3 accepted
          #3 rests 3 @ 99.5, holds 298.5 EUR
        bob sell 1 @ 100
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, 1 left
          #2 triggered
          #2 enters, frees 8 GOLD
          trade 2: 1 @ 100 = 100 EUR, #2 with #1, which is filled
          trade 3: 3 @ 99.5 = 298.5 EUR, #2 with #3, which is filled
          #2 rests 4 @ 99, shows 2, holds 4 GOLD
        book
          ask 99: #2 2 of 4
        orders alice
          #2 sell 8 @ 99, 4 open, traded for 398.5 EUR, placed at 22, changed at 24 ms, shows 2 by 2, stop 100
    "#]]);
}
