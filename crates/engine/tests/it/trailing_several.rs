//! Several trailing orders at once, and what is asked of them.

use expect_test::expect;

use crate::check;

#[test]
fn the_order_of_events_at_one_price() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        # following: #3 and #4, a sell and a buy
        alice sell 1 stop-loss trail=500 @ 50
          #3 accepted
          #3 waits for a turn, holds 1 GOLD
        alice sell 1 stop-loss trail=400 @ 50
          #4 accepted
          #4 waits for a turn, holds 1 GOLD
        carol sell 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #6 accepted
          trade 2: 1 @ 100 = 100 EUR, #6 with #5, which is filled
          #3 follows from 100
          #4 follows from 100
        # waiting: for a rise, for a fall twice (the first of them trails), and for any trade
        bob sell 1 take-profit 105 @ 200
          #7 accepted
          #7 waits for its stop price, holds 1 GOLD
        bob sell 1 stop-loss 94 @ 200
          #8 accepted
          #8 waits for its stop price, holds 1 GOLD
        bob sell 1 stop-loss 95 trail=100 @ 200
          #9 accepted
          #9 waits for its stop price, holds 1 GOLD
        bob sell 1 stop-loss 94 trail=100 @ 200
          #10 accepted
          #10 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss trail=300 @ 50
          #11 accepted
          #11 waits for a turn, holds 1 GOLD
        bob buy 1 stop-loss trail=300 @ 1
          #12 accepted
          #12 waits for a turn, holds 1 EUR
        carol buy 1 @ 94
          #13 accepted
          #13 rests 1 @ 94, holds 94 EUR
        carol sell 1 @ 94
          #14 accepted
          trade 3: 1 @ 94 = 94 EUR, #14 with #13, which is filled
          #9 follows from 94
          #8 triggered
          #10 follows from 94
          #3 triggered
          #4 triggered
          #11 follows from 94
          #12 follows from 94
          #8 enters, frees 1 GOLD
          #8 rests 1 @ 200, holds 1 GOLD
          #3 enters, frees 1 GOLD
          #3 rests 1 @ 50, holds 1 GOLD
          #4 enters, frees 1 GOLD
          #4 rests 1 @ 50, holds 1 GOLD
        orders alice
          #3 sell 1 @ 50, 1 open, traded for 0 EUR, placed at 23, changed at 34 ms, trails 500
          #4 sell 1 @ 50, 1 open, traded for 0 EUR, placed at 24, changed at 34 ms, trails 400
          #11 sell 1 @ 50, 1 open, traded for 0 EUR, placed at 31, changed at 31 ms; waits for a turn, holds 1 GOLD, trails 300 from 94
        orders bob
          #8 sell 1 @ 200, 1 open, traded for 0 EUR, placed at 28, changed at 34 ms, stop 94
          #7 sell 1 @ 200, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms; waits for its stop price, holds 1 GOLD, stop 105
          #9 sell 1 @ 200, 1 open, traded for 0 EUR, placed at 29, changed at 29 ms; waits for a turn, holds 1 GOLD, stop 95, trails 100 from 94
          #10 sell 1 @ 200, 1 open, traded for 0 EUR, placed at 30, changed at 30 ms; waits for a turn, holds 1 GOLD, stop 94, trails 100 from 94
          #12 buy 1 @ 1, 1 open, traded for 0 EUR, placed at 32, changed at 32 ms; waits for a turn, holds 1 EUR, trails 300 from 94
    "#]]);
}

#[test]
fn several_that_follow_from_different_prices() {
    check(&expect![[r#"
        alice sell 1 stop-loss trail=1000 @ 1
          #1 accepted
          #1 waits for a turn, holds 1 GOLD
        carol sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #2, which is filled
          #1 follows from 100
        bob sell 1 stop-loss trail=1000 @ 1
          #4 accepted
          #4 waits for a turn, holds 1 GOLD
        carol sell 1 @ 95
          #5 accepted
          #5 rests 1 @ 95, holds 1 GOLD
        bob buy 1 @ 95
          #6 accepted
          trade 2: 1 @ 95 = 95 EUR, #6 with #5, which is filled
          #4 follows from 95
        carol sell 1 stop-loss trail=1000 @ 1
          #7 accepted
          #7 waits for a turn, holds 1 GOLD
        carol sell 1 @ 92
          #8 accepted
          #8 rests 1 @ 92, holds 1 GOLD
        bob buy 1 @ 92
          #9 accepted
          trade 3: 1 @ 92 = 92 EUR, #9 with #8, which is filled
          #7 follows from 92
        orders alice
          #1 sell 1 @ 1, 1 open, traded for 0 EUR, placed at 21, changed at 21 ms; waits for a turn, holds 1 GOLD, trails 1000 from 100
        orders bob
          #4 sell 1 @ 1, 1 open, traded for 0 EUR, placed at 24, changed at 24 ms; waits for a turn, holds 1 GOLD, trails 1000 from 95
        orders carol
          #7 sell 1 @ 1, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms; waits for a turn, holds 1 GOLD, trails 1000 from 92
        # 90 turns the one that has seen 100
        carol sell 1 @ 90
          #10 accepted
          #10 rests 1 @ 90, holds 1 GOLD
        bob buy 1 @ 90
          #11 accepted
          trade 4: 1 @ 90 = 90 EUR, #11 with #10, which is filled
          #1 triggered
          #1 enters, frees 1 GOLD
          #1 rests 1 @ 1, holds 1 GOLD
        alice cancel-all
          #1 cancelled: 1 @ 1, frees 1 GOLD
          alice: 1 cancelled
        # 97 joins the others
        bob sell 1 @ 97
          #12 accepted
          #12 rests 1 @ 97, holds 1 GOLD
        alice buy 1 @ 97
          #13 accepted
          trade 5: 1 @ 97 = 97 EUR, #13 with #12, which is filled
        orders bob
          #4 sell 1 @ 1, 1 open, traded for 0 EUR, placed at 24, changed at 24 ms; waits for a turn, holds 1 GOLD, trails 1000 from 97
        orders carol
          #7 sell 1 @ 1, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms; waits for a turn, holds 1 GOLD, trails 1000 from 97
        bob cancel #4
          #4 cancelled: 1 @ 1, frees 1 GOLD
        # 87.3 is 10 % below it
        carol buy 1 @ 87.31
          #14 accepted
          #14 rests 1 @ 87.31, holds 87.31 EUR
        alice sell 1 @ 87.31
          #15 accepted
          trade 6: 1 @ 87.31 = 87.31 EUR, #15 with #14, which is filled
        orders carol
          #7 sell 1 @ 1, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms; waits for a turn, holds 1 GOLD, trails 1000 from 97
        alice buy 1 @ 87.3
          #16 accepted
          #16 rests 1 @ 87.3, holds 87.3 EUR
        alice sell 1 @ 87.3
          #17 accepted
          trade 7: 1 @ 87.3 = 87.3 EUR, #17 with #16, which is filled
          #7 triggered
          #7 enters, frees 1 GOLD
          #7 rests 1 @ 1, holds 1 GOLD
        orders carol
          #7 sell 1 @ 1, 1 open, traded for 0 EUR, placed at 27, changed at 39 ms, trails 1000
    "#]]);
}

#[test]
fn a_delta_has_bounds() {
    check(&expect![[r#"
        set GOLDEUR trail=10/2000
          GOLDEUR is set
        alice sell 1 stop-loss trail=9
          alice: rejected, TrailingDelta
        alice sell 1 stop-loss trail=10
          #1 accepted
          #1 waits for a turn, holds 1 GOLD
        alice sell 1 stop-loss trail=2000
          #2 accepted
          #2 waits for a turn, holds 1 GOLD
        alice sell 1 stop-loss trail=2001
          alice: rejected, TrailingDelta
        set GOLDEUR trail=0/0
          GOLDEUR is set
        alice sell 1 stop-loss trail=10
          alice: rejected, TrailingDelta
        alice sell 1 stop-loss 10
          #3 accepted
          #3 waits for its stop price, holds 1 GOLD
    "#]]);
}

#[test]
fn cancelled_and_amended_while_it_follows() {
    check(&expect![[r#"
        alice sell 3 stop-loss trail=500
          #1 accepted
          #1 waits for a turn, holds 3 GOLD
        bob sell 2 stop-loss trail=500
          #2 accepted
          #2 waits for a turn, holds 2 GOLD
        carol sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        carol buy 1 @ 100
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #3, which is filled
          #1 follows from 100
          #2 follows from 100
        carol sell 2 stop-loss trail=500
          #5 accepted
          #5 waits for a turn, holds 2 GOLD
        alice amend #1 1
          #1 amended to 1, 1 open @ 0, frees 2 GOLD
        bob cancel #2
          #2 cancelled: 2 @ 0, frees 2 GOLD
        carol amend #5 1
          #5 amended to 1, 1 open @ 0, frees 1 GOLD
        orders alice
          #1 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 21, changed at 26 ms; waits for a turn, holds 1 GOLD, trails 500 from 100
        carol buy 9 @ 95
          #6 accepted
          #6 rests 9 @ 95, holds 855 EUR
        alice sell 1 @ 95
          #7 accepted
          trade 2: 1 @ 95 = 95 EUR, #7 with #6, 8 left
          #1 triggered
          #5 follows from 95
          #1 enters, frees 1 GOLD
          trade 3: 1 @ 95 = 95 EUR, #1 with #6, 7 left
        book
          bid 95: #6 7
    "#]]);
}
