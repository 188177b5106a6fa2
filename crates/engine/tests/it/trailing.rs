//! Trailing orders: they follow the price and trigger when it turns by their delta.

use expect_test::expect;

use crate::check;

/// A sell that sets in a 5 % fall from the highest price since it was placed.
#[test]
fn a_stop_loss_of_a_sell() {
    check(&expect![[r#"
        carol sell 1 @ 10000
          #1 accepted
          #1 rests 1 @ 10000, holds 1 GOLD
        bob buy 1 @ 10000
          #2 accepted
          trade 1: 1 @ 10000 = 10000 EUR, #2 with #1, which is filled
        alice sell 1 stop-loss trail=500
          #3 accepted
          #3 waits for a turn, holds 1 GOLD
        # the first trade afterwards begins it; the highest counts
        carol sell 1 @ 9700
          #4 accepted
          #4 rests 1 @ 9700, holds 1 GOLD
        bob buy 1 @ 9700
          #5 accepted
          trade 2: 1 @ 9700 = 9700 EUR, #5 with #4, which is filled
          #3 follows from 9700
        carol sell 1 @ 10500
          #6 accepted
          #6 rests 1 @ 10500, holds 1 GOLD
        bob buy 1 @ 10500
          #7 accepted
          trade 3: 1 @ 10500 = 10500 EUR, #7 with #6, which is filled
        orders alice
          #3 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 1 GOLD, trails 500 from 10500
        carol sell 1 @ 10000
          #8 accepted
          #8 rests 1 @ 10000, holds 1 GOLD
        bob buy 1 @ 10000
          #9 accepted
          trade 4: 1 @ 10000 = 10000 EUR, #9 with #8, which is filled
        carol sell 1 @ 9975.01
          #10 accepted
          #10 rests 1 @ 9975.01, holds 1 GOLD
        bob buy 1 @ 9975.01
          #11 accepted
          trade 5: 1 @ 9975.01 = 9975.01 EUR, #11 with #10, which is filled
        orders alice
          #3 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 1 GOLD, trails 500 from 10500
        carol buy 2 @ 9975
          #12 accepted
          #12 rests 2 @ 9975, holds 19950 EUR
        bob sell 1 @ 9975
          #13 accepted
          trade 6: 1 @ 9975 = 9975 EUR, #13 with #12, 1 left
          #3 triggered
          #3 enters, frees 1 GOLD
          trade 7: 1 @ 9975 = 9975 EUR, #3 with #12, which is filled
        balance alice
          alice: 999 GOLD, 109975 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_take_profit_of_a_sell_begins_at_its_stop_price() {
    check(&expect![[r#"
        carol sell 1 @ 10000
          #1 accepted
          #1 rests 1 @ 10000, holds 1 GOLD
        bob buy 1 @ 10000
          #2 accepted
          trade 1: 1 @ 10000 = 10000 EUR, #2 with #1, which is filled
        alice sell 1 take-profit 11000 trail=1000 @ 10500
          #3 accepted
          #3 waits for its stop price, holds 1 GOLD
        carol sell 1 @ 9000
          #4 accepted
          #4 rests 1 @ 9000, holds 1 GOLD
        bob buy 1 @ 9000
          #5 accepted
          trade 2: 1 @ 9000 = 9000 EUR, #5 with #4, which is filled
        # not reached: a fall of more than the delta does nothing
        orders alice
          #3 sell 1 @ 10500, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for its stop price, holds 1 GOLD, stop 11000, trails 1000
        carol sell 1 @ 11500
          #6 accepted
          #6 rests 1 @ 11500, holds 1 GOLD
        bob buy 1 @ 11500
          #7 accepted
          trade 3: 1 @ 11500 = 11500 EUR, #7 with #6, which is filled
          #3 follows from 11500
        carol sell 1 @ 12000
          #8 accepted
          #8 rests 1 @ 12000, holds 1 GOLD
        bob buy 1 @ 12000
          #9 accepted
          trade 4: 1 @ 12000 = 12000 EUR, #9 with #8, which is filled
        carol sell 1 @ 10800.01
          #10 accepted
          #10 rests 1 @ 10800.01, holds 1 GOLD
        bob buy 1 @ 10800.01
          #11 accepted
          trade 5: 1 @ 10800.01 = 10800.01 EUR, #11 with #10, which is filled
        orders alice
          #3 sell 1 @ 10500, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 1 GOLD, stop 11000, trails 1000 from 12000
        carol sell 1 @ 10800
          #12 accepted
          #12 rests 1 @ 10800, holds 1 GOLD
        bob buy 1 @ 10800
          #13 accepted
          trade 6: 1 @ 10800 = 10800 EUR, #13 with #12, which is filled
          #3 triggered
          #3 enters, frees 1 GOLD
          #3 rests 1 @ 10500, holds 1 GOLD
        book
          ask 10500: #3 1
    "#]]);
}

#[test]
fn a_stop_loss_of_a_buy() {
    check(&expect![[r#"
        carol sell 1 @ 10000
          #1 accepted
          #1 rests 1 @ 10000, holds 1 GOLD
        bob buy 1 @ 10000
          #2 accepted
          trade 1: 1 @ 10000 = 10000 EUR, #2 with #1, which is filled
        # held at the last price
        alice buy 1 stop-loss trail=500
          #3 accepted
          #3 waits for a turn, holds 10000 EUR
        balance alice
          alice: 1000 GOLD, 90000 EUR and 10000 EUR held, 1000 TIN
        carol sell 1 @ 9000
          #4 accepted
          #4 rests 1 @ 9000, holds 1 GOLD
        bob buy 1 @ 9000
          #5 accepted
          trade 2: 1 @ 9000 = 9000 EUR, #5 with #4, which is filled
          #3 follows from 9000
        carol sell 1 @ 8000
          #6 accepted
          #6 rests 1 @ 8000, holds 1 GOLD
        bob buy 1 @ 8000
          #7 accepted
          trade 3: 1 @ 8000 = 8000 EUR, #7 with #6, which is filled
        carol sell 1 @ 8399.99
          #8 accepted
          #8 rests 1 @ 8399.99, holds 1 GOLD
        bob buy 1 @ 8399.99
          #9 accepted
          trade 4: 1 @ 8399.99 = 8399.99 EUR, #9 with #8, which is filled
        orders alice
          #3 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 10000 EUR, trails 500 from 8000
        carol sell 1 @ 8400
          #10 accepted
          #10 rests 1 @ 8400, holds 1 GOLD
        carol sell 1 @ 8401
          #11 accepted
          #11 rests 1 @ 8401, holds 1 GOLD
        bob buy 1 @ 8400
          #12 accepted
          trade 5: 1 @ 8400 = 8400 EUR, #12 with #10, which is filled
          #3 triggered
          #3 enters, frees 10000 EUR
          trade 6: 1 @ 8401 = 8401 EUR, #3 with #11, which is filled
        balance alice
          alice: 1001 GOLD, 91599 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_take_profit_of_a_buy_begins_at_its_stop_price() {
    check(&expect![[r#"
        carol sell 1 @ 10000
          #1 accepted
          #1 rests 1 @ 10000, holds 1 GOLD
        bob buy 1 @ 10000
          #2 accepted
          trade 1: 1 @ 10000 = 10000 EUR, #2 with #1, which is filled
        alice buy 1 take-profit 9000 trail=500 @ 9600
          #3 accepted
          #3 waits for its stop price, holds 9600 EUR
        balance alice
          alice: 1000 GOLD, 90400 EUR and 9600 EUR held, 1000 TIN
        carol sell 1 @ 9500
          #4 accepted
          #4 rests 1 @ 9500, holds 1 GOLD
        bob buy 1 @ 9500
          #5 accepted
          trade 2: 1 @ 9500 = 9500 EUR, #5 with #4, which is filled
        carol sell 1 @ 9975
          #6 accepted
          #6 rests 1 @ 9975, holds 1 GOLD
        bob buy 1 @ 9975
          #7 accepted
          trade 3: 1 @ 9975 = 9975 EUR, #7 with #6, which is filled
        orders alice
          #3 buy 1 @ 9600, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for its stop price, holds 9600 EUR, stop 9000, trails 500
        carol sell 1 @ 9000
          #8 accepted
          #8 rests 1 @ 9000, holds 1 GOLD
        bob buy 1 @ 9000
          #9 accepted
          trade 4: 1 @ 9000 = 9000 EUR, #9 with #8, which is filled
          #3 follows from 9000
        carol sell 1 @ 9449.99
          #10 accepted
          #10 rests 1 @ 9449.99, holds 1 GOLD
        bob buy 1 @ 9449.99
          #11 accepted
          trade 5: 1 @ 9449.99 = 9449.99 EUR, #11 with #10, which is filled
        orders alice
          #3 buy 1 @ 9600, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 9600 EUR, stop 9000, trails 500 from 9000
        carol sell 1 @ 9450
          #12 accepted
          #12 rests 1 @ 9450, holds 1 GOLD
        bob buy 1 @ 9450
          #13 accepted
          trade 6: 1 @ 9450 = 9450 EUR, #13 with #12, which is filled
          #3 triggered
          #3 enters, frees 9600 EUR
          #3 rests 1 @ 9600, holds 9600 EUR
        book
          bid 9600: #3 1
    "#]]);
}

#[test]
fn the_trigger_price_is_rounded_away() {
    check(&expect![[r#"
        alice sell 1 stop-loss trail=1
          #1 accepted
          #1 waits for a turn, holds 1 GOLD
        alice buy 1 stop-loss trail=1 @ 1
          #2 accepted
          #2 waits for a turn, holds 1 EUR
        carol sell 1 @ 0.99
          #3 accepted
          #3 rests 1 @ 0.99, holds 1 GOLD
        bob buy 1 @ 0.99
          #4 accepted
          trade 1: 1 @ 0.99 = 0.99 EUR, #4 with #3, which is filled
          #1 follows from 0.99
          #2 follows from 0.99
        # 0.99 * 0.9999 is 0.989901, so 0.98; 0.99 * 1.0001 is 0.990099, so 1
        carol sell 1 @ 0.98
          #5 accepted
          #5 rests 1 @ 0.98, holds 1 GOLD
        bob buy 1 @ 0.98
          #6 accepted
          trade 2: 1 @ 0.98 = 0.98 EUR, #6 with #5, which is filled
          #1 triggered
          #1 enters, frees 1 GOLD
          #1 expired: 1 @ 0, frees 0 GOLD
        orders alice
          #2 buy 1 @ 1, 1 open, traded for 0 EUR, placed at 22, changed at 22 ms; waits for a turn, holds 1 EUR, trails 1 from 0.98
        carol sell 1 @ 0.99
          #7 accepted
          #7 rests 1 @ 0.99, holds 1 GOLD
        bob buy 1 @ 0.99
          #8 accepted
          trade 3: 1 @ 0.99 = 0.99 EUR, #8 with #7, which is filled
          #2 triggered
          #2 enters, frees 1 EUR
          #2 rests 1 @ 1, holds 1 EUR
        orders alice
          #2 buy 1 @ 1, 1 open, traded for 0 EUR, placed at 22, changed at 28 ms, trails 1
    "#]]);
}

#[test]
fn the_price_that_begins_it_cannot_trigger_it() {
    check(&expect![[r#"
        set GOLDEUR trail=1/9999
          GOLDEUR is set
        # both prices of a sweep are looked at: the first begins, the second triggers
        alice sell 1 stop-loss trail=500
          #1 accepted
          #1 waits for a turn, holds 1 GOLD
        alice sell 1 stop-loss 101 trail=100
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        carol buy 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 100 EUR
        carol buy 1 @ 95.01
          #4 accepted
          #4 rests 1 @ 95.01, holds 95.01 EUR
        carol buy 5 @ 90
          #5 accepted
          #5 rests 5 @ 90, holds 450 EUR
        bob sell 2 @ 95.01
          #6 accepted
          trade 1: 1 @ 100 = 100 EUR, #6 with #3, which is filled
          trade 2: 1 @ 95.01 = 95.01 EUR, #6 with #4, which is filled
          #2 follows from 100
          #1 follows from 100
          #2 triggered
          #2 enters, frees 1 GOLD
          trade 3: 1 @ 90 = 90 EUR, #2 with #5, 4 left
          #1 triggered
          #1 enters, frees 1 GOLD
          trade 4: 1 @ 90 = 90 EUR, #1 with #5, 3 left
        orders alice
          none
        bob sell 1 @ 90
          #7 accepted
          trade 5: 1 @ 90 = 90 EUR, #7 with #5, 2 left
        orders alice
          none
        book
          bid 90: #5 2
    "#]]);
}
