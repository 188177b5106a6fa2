//! The five scenarios of Binance's page on trailing stop orders, with its numbers. carol and bob make the prices.

use expect_test::expect;

use crate::check;

/// A: the order follows from 44000 on, through 45000 and 46000; its lowest is 42000, and 44100 is 5 % above it.
#[test]
fn a_stop_loss_limit_buy() {
    check(&expect![[r#"
        carol sell 0.1 @ 40000
          #1 accepted
          #1 rests 0.1 @ 40000, holds 0.1 GOLD
        bob buy 0.1 @ 40000
          #2 accepted
          trade 1: 0.1 @ 40000 = 4000 EUR, #2 with #1, which is filled
        alice buy 0.1 stop-loss 44000 trail=500 @ 45000
          #3 accepted
          #3 waits for its stop price, holds 4500 EUR
        carol sell 0.1 @ 38500
          #4 accepted
          #4 rests 0.1 @ 38500, holds 0.1 GOLD
        bob buy 0.1 @ 38500
          #5 accepted
          trade 2: 0.1 @ 38500 = 3850 EUR, #5 with #4, which is filled
        carol sell 0.1 @ 37000
          #6 accepted
          #6 rests 0.1 @ 37000, holds 0.1 GOLD
        bob buy 0.1 @ 37000
          #7 accepted
          trade 3: 0.1 @ 37000 = 3700 EUR, #7 with #6, which is filled
        carol sell 0.1 @ 43999.99
          #8 accepted
          #8 rests 0.1 @ 43999.99, holds 0.1 GOLD
        bob buy 0.1 @ 43999.99
          #9 accepted
          trade 4: 0.1 @ 43999.99 = 4399.999 EUR, #9 with #8, which is filled
        carol sell 0.1 @ 44000
          #10 accepted
          #10 rests 0.1 @ 44000, holds 0.1 GOLD
        bob buy 0.1 @ 44000
          #11 accepted
          trade 5: 0.1 @ 44000 = 4400 EUR, #11 with #10, which is filled
          #3 follows from 44000
        carol sell 0.1 @ 45000
          #12 accepted
          #12 rests 0.1 @ 45000, holds 0.1 GOLD
        bob buy 0.1 @ 45000
          #13 accepted
          trade 6: 0.1 @ 45000 = 4500 EUR, #13 with #12, which is filled
        orders alice
          #3 buy 0.1 @ 45000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 4500 EUR, stop 44000, trails 500 from 44000
        carol sell 0.1 @ 46000
          #14 accepted
          #14 rests 0.1 @ 46000, holds 0.1 GOLD
        bob buy 0.1 @ 46000
          #15 accepted
          trade 7: 0.1 @ 46000 = 4600 EUR, #15 with #14, which is filled
        carol sell 0.1 @ 42000
          #16 accepted
          #16 rests 0.1 @ 42000, holds 0.1 GOLD
        bob buy 0.1 @ 42000
          #17 accepted
          trade 8: 0.1 @ 42000 = 4200 EUR, #17 with #16, which is filled
        orders alice
          #3 buy 0.1 @ 45000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 4500 EUR, stop 44000, trails 500 from 42000
        carol sell 0.1 @ 44099.99
          #18 accepted
          #18 rests 0.1 @ 44099.99, holds 0.1 GOLD
        bob buy 0.1 @ 44099.99
          #19 accepted
          trade 9: 0.1 @ 44099.99 = 4409.999 EUR, #19 with #18, which is filled
        orders alice
          #3 buy 0.1 @ 45000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 4500 EUR, stop 44000, trails 500 from 42000
        carol sell 0.1 @ 44100
          #20 accepted
          #20 rests 0.1 @ 44100, holds 0.1 GOLD
        bob buy 0.1 @ 44100
          #21 accepted
          trade 10: 0.1 @ 44100 = 4410 EUR, #21 with #20, which is filled
          #3 triggered
          #3 enters, frees 4500 EUR
          #3 rests 0.1 @ 45000, holds 4500 EUR
        book
          bid 45000: #3 0.1
    "#]]);
}

/// B: the order follows from 39000 on; its highest is 41000, and 36900 is 10 % below it.
#[test]
fn b_stop_loss_limit_sell() {
    check(&expect![[r#"
        carol sell 0.1 @ 40000
          #1 accepted
          #1 rests 0.1 @ 40000, holds 0.1 GOLD
        bob buy 0.1 @ 40000
          #2 accepted
          trade 1: 0.1 @ 40000 = 4000 EUR, #2 with #1, which is filled
        alice sell 0.1 stop-loss 39000 trail=1000 @ 38000
          #3 accepted
          #3 waits for its stop price, holds 0.1 GOLD
        carol sell 0.1 @ 41500
          #4 accepted
          #4 rests 0.1 @ 41500, holds 0.1 GOLD
        bob buy 0.1 @ 41500
          #5 accepted
          trade 2: 0.1 @ 41500 = 4150 EUR, #5 with #4, which is filled
        carol sell 0.1 @ 39000.01
          #6 accepted
          #6 rests 0.1 @ 39000.01, holds 0.1 GOLD
        bob buy 0.1 @ 39000.01
          #7 accepted
          trade 3: 0.1 @ 39000.01 = 3900.001 EUR, #7 with #6, which is filled
        carol sell 0.1 @ 39000
          #8 accepted
          #8 rests 0.1 @ 39000, holds 0.1 GOLD
        bob buy 0.1 @ 39000
          #9 accepted
          trade 4: 0.1 @ 39000 = 3900 EUR, #9 with #8, which is filled
          #3 follows from 39000
        carol sell 0.1 @ 37000
          #10 accepted
          #10 rests 0.1 @ 37000, holds 0.1 GOLD
        bob buy 0.1 @ 37000
          #11 accepted
          trade 5: 0.1 @ 37000 = 3700 EUR, #11 with #10, which is filled
        orders alice
          #3 sell 0.1 @ 38000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 0.1 GOLD, stop 39000, trails 1000 from 39000
        carol sell 0.1 @ 41000
          #12 accepted
          #12 rests 0.1 @ 41000, holds 0.1 GOLD
        bob buy 0.1 @ 41000
          #13 accepted
          trade 6: 0.1 @ 41000 = 4100 EUR, #13 with #12, which is filled
        carol sell 0.1 @ 36900.01
          #14 accepted
          #14 rests 0.1 @ 36900.01, holds 0.1 GOLD
        bob buy 0.1 @ 36900.01
          #15 accepted
          trade 7: 0.1 @ 36900.01 = 3690.001 EUR, #15 with #14, which is filled
        orders alice
          #3 sell 0.1 @ 38000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 0.1 GOLD, stop 39000, trails 1000 from 41000
        carol sell 0.1 @ 36900
          #16 accepted
          #16 rests 0.1 @ 36900, holds 0.1 GOLD
        bob buy 0.1 @ 36900
          #17 accepted
          trade 8: 0.1 @ 36900 = 3690 EUR, #17 with #16, which is filled
          #3 triggered
          #3 enters, frees 0.1 GOLD
          #3 rests 0.1 @ 38000, holds 0.1 GOLD
        book
          ask 38000: #3 0.1
    "#]]);
}

/// C: the order follows from 38000 on; its lowest is 37000, and 40145 is 8.5 % above it.
#[test]
fn c_take_profit_limit_buy() {
    check(&expect![[r#"
        carol sell 0.1 @ 40000
          #1 accepted
          #1 rests 0.1 @ 40000, holds 0.1 GOLD
        bob buy 0.1 @ 40000
          #2 accepted
          trade 1: 0.1 @ 40000 = 4000 EUR, #2 with #1, which is filled
        alice buy 0.1 take-profit 38000 trail=850 @ 38500
          #3 accepted
          #3 waits for its stop price, holds 3850 EUR
        carol sell 0.1 @ 42000
          #4 accepted
          #4 rests 0.1 @ 42000, holds 0.1 GOLD
        bob buy 0.1 @ 42000
          #5 accepted
          trade 2: 0.1 @ 42000 = 4200 EUR, #5 with #4, which is filled
        carol sell 0.1 @ 38000
          #6 accepted
          #6 rests 0.1 @ 38000, holds 0.1 GOLD
        bob buy 0.1 @ 38000
          #7 accepted
          trade 3: 0.1 @ 38000 = 3800 EUR, #7 with #6, which is filled
          #3 follows from 38000
        carol sell 0.1 @ 37000
          #8 accepted
          #8 rests 0.1 @ 37000, holds 0.1 GOLD
        bob buy 0.1 @ 37000
          #9 accepted
          trade 4: 0.1 @ 37000 = 3700 EUR, #9 with #8, which is filled
        carol sell 0.1 @ 39000
          #10 accepted
          #10 rests 0.1 @ 39000, holds 0.1 GOLD
        bob buy 0.1 @ 39000
          #11 accepted
          trade 5: 0.1 @ 39000 = 3900 EUR, #11 with #10, which is filled
        orders alice
          #3 buy 0.1 @ 38500, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 3850 EUR, stop 38000, trails 850 from 37000
        carol sell 0.1 @ 38000
          #12 accepted
          #12 rests 0.1 @ 38000, holds 0.1 GOLD
        bob buy 0.1 @ 38000
          #13 accepted
          trade 6: 0.1 @ 38000 = 3800 EUR, #13 with #12, which is filled
        carol sell 0.1 @ 40144.99
          #14 accepted
          #14 rests 0.1 @ 40144.99, holds 0.1 GOLD
        bob buy 0.1 @ 40144.99
          #15 accepted
          trade 7: 0.1 @ 40144.99 = 4014.499 EUR, #15 with #14, which is filled
        orders alice
          #3 buy 0.1 @ 38500, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 3850 EUR, stop 38000, trails 850 from 37000
        carol sell 0.1 @ 40145
          #16 accepted
          #16 rests 0.1 @ 40145, holds 0.1 GOLD
        bob buy 0.1 @ 40145
          #17 accepted
          trade 8: 0.1 @ 40145 = 4014.5 EUR, #17 with #16, which is filled
          #3 triggered
          #3 enters, frees 3850 EUR
          #3 rests 0.1 @ 38500, holds 3850 EUR
        book
          bid 38500: #3 0.1
    "#]]);
}

/// D: the order follows from 42000 on; its highest is 46500, and 43012.5 is 7.5 % below it.
#[test]
fn d_take_profit_limit_sell() {
    check(&expect![[r#"
        carol sell 0.1 @ 40000
          #1 accepted
          #1 rests 0.1 @ 40000, holds 0.1 GOLD
        bob buy 0.1 @ 40000
          #2 accepted
          trade 1: 0.1 @ 40000 = 4000 EUR, #2 with #1, which is filled
        alice sell 0.1 take-profit 42000 trail=750 @ 41000
          #3 accepted
          #3 waits for its stop price, holds 0.1 GOLD
        carol sell 0.1 @ 41500
          #4 accepted
          #4 rests 0.1 @ 41500, holds 0.1 GOLD
        bob buy 0.1 @ 41500
          #5 accepted
          trade 2: 0.1 @ 41500 = 4150 EUR, #5 with #4, which is filled
        carol sell 0.1 @ 39000
          #6 accepted
          #6 rests 0.1 @ 39000, holds 0.1 GOLD
        bob buy 0.1 @ 39000
          #7 accepted
          trade 3: 0.1 @ 39000 = 3900 EUR, #7 with #6, which is filled
        carol sell 0.1 @ 42000
          #8 accepted
          #8 rests 0.1 @ 42000, holds 0.1 GOLD
        bob buy 0.1 @ 42000
          #9 accepted
          trade 4: 0.1 @ 42000 = 4200 EUR, #9 with #8, which is filled
          #3 follows from 42000
        carol sell 0.1 @ 45000
          #10 accepted
          #10 rests 0.1 @ 45000, holds 0.1 GOLD
        bob buy 0.1 @ 45000
          #11 accepted
          trade 5: 0.1 @ 45000 = 4500 EUR, #11 with #10, which is filled
        carol sell 0.1 @ 44000
          #12 accepted
          #12 rests 0.1 @ 44000, holds 0.1 GOLD
        bob buy 0.1 @ 44000
          #13 accepted
          trade 6: 0.1 @ 44000 = 4400 EUR, #13 with #12, which is filled
        orders alice
          #3 sell 0.1 @ 41000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 0.1 GOLD, stop 42000, trails 750 from 45000
        carol sell 0.1 @ 46500
          #14 accepted
          #14 rests 0.1 @ 46500, holds 0.1 GOLD
        bob buy 0.1 @ 46500
          #15 accepted
          trade 7: 0.1 @ 46500 = 4650 EUR, #15 with #14, which is filled
        carol sell 0.1 @ 43012.51
          #16 accepted
          #16 rests 0.1 @ 43012.51, holds 0.1 GOLD
        bob buy 0.1 @ 43012.51
          #17 accepted
          trade 8: 0.1 @ 43012.51 = 4301.251 EUR, #17 with #16, which is filled
        orders alice
          #3 sell 0.1 @ 41000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 0.1 GOLD, stop 42000, trails 750 from 46500
        carol sell 0.1 @ 43012.5
          #18 accepted
          #18 rests 0.1 @ 43012.5, holds 0.1 GOLD
        bob buy 0.1 @ 43012.5
          #19 accepted
          trade 9: 0.1 @ 43012.5 = 4301.25 EUR, #19 with #18, which is filled
          #3 triggered
          #3 enters, frees 0.1 GOLD
          #3 rests 0.1 @ 41000, holds 0.1 GOLD
        book
          ask 41000: #3 0.1
    "#]]);
}

/// E: here the order follows from the next trade on; its highest is 45500, and 42315 is 7 % below it.
#[test]
fn e_without_a_stop_price() {
    check(&expect![[r#"
        carol sell 0.1 @ 40000
          #1 accepted
          #1 rests 0.1 @ 40000, holds 0.1 GOLD
        bob buy 0.1 @ 40000
          #2 accepted
          trade 1: 0.1 @ 40000 = 4000 EUR, #2 with #1, which is filled
        alice sell 0.1 stop-loss trail=700 @ 39000
          #3 accepted
          #3 waits for a turn, holds 0.1 GOLD
        carol sell 0.1 @ 40000
          #4 accepted
          #4 rests 0.1 @ 40000, holds 0.1 GOLD
        bob buy 0.1 @ 40000
          #5 accepted
          trade 2: 0.1 @ 40000 = 4000 EUR, #5 with #4, which is filled
          #3 follows from 40000
        carol sell 0.1 @ 42000
          #6 accepted
          #6 rests 0.1 @ 42000, holds 0.1 GOLD
        bob buy 0.1 @ 42000
          #7 accepted
          trade 3: 0.1 @ 42000 = 4200 EUR, #7 with #6, which is filled
        carol sell 0.1 @ 39500
          #8 accepted
          #8 rests 0.1 @ 39500, holds 0.1 GOLD
        bob buy 0.1 @ 39500
          #9 accepted
          trade 4: 0.1 @ 39500 = 3950 EUR, #9 with #8, which is filled
        orders alice
          #3 sell 0.1 @ 39000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 0.1 GOLD, trails 700 from 42000
        carol sell 0.1 @ 45500
          #10 accepted
          #10 rests 0.1 @ 45500, holds 0.1 GOLD
        bob buy 0.1 @ 45500
          #11 accepted
          trade 5: 0.1 @ 45500 = 4550 EUR, #11 with #10, which is filled
        carol sell 0.1 @ 42315.01
          #12 accepted
          #12 rests 0.1 @ 42315.01, holds 0.1 GOLD
        bob buy 0.1 @ 42315.01
          #13 accepted
          trade 6: 0.1 @ 42315.01 = 4231.501 EUR, #13 with #12, which is filled
        orders alice
          #3 sell 0.1 @ 39000, 0.1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 0.1 GOLD, trails 700 from 45500
        carol sell 0.1 @ 42315
          #14 accepted
          #14 rests 0.1 @ 42315, holds 0.1 GOLD
        bob buy 0.1 @ 42315
          #15 accepted
          trade 7: 0.1 @ 42315 = 4231.5 EUR, #15 with #14, which is filled
          #3 triggered
          #3 enters, frees 0.1 GOLD
          #3 rests 0.1 @ 39000, holds 0.1 GOLD
        book
          ask 39000: #3 0.1
    "#]]);
}
