//! Trading that stops by itself: 10 % from the price at which a window of a second began, for half a second.

use expect_test::expect;

use crate::check;

#[test]
fn a_trade_too_far_away_is_not_made() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        carol sell 1 @ 110
          #3 accepted
          #3 rests 1 @ 110, holds 1 GOLD
        carol sell 1 @ 110.01
          #4 accepted
          #4 rests 1 @ 110.01, holds 1 GOLD
        carol sell 1 @ 112
          #5 accepted
          #5 rests 1 @ 112, holds 1 GOLD
        # what fits trades, the rest rests
        alice buy 3 @ 115
          #6 accepted
          trade 2: 1 @ 110 = 110 EUR, #6 with #3, which is filled
          GOLDEUR auction until 527 ms, by volatility
          #6 rests 2 @ 115, holds 230 EUR
          GOLDEUR indicates 2 @ 112, 0 over
        market
          GOLDEUR auction until 527 ms, last trade 2 @ 110, last prevented 0
        book
          ask 112: #5 1
          ask 110.01: #4 1
          bid 115: #6 2
        # it is an auction until its end
        bob sell 1 @ 108 ioc
          bob: rejected, MarketClosed
        bob sell 1 @ 108
          #7 accepted
          #7 rests 1 @ 108, holds 1 GOLD
        at 600 tick
          GOLDEUR uncrosses 2 @ 110.01
          trade 3: 1 @ 110.01 = 110.01 EUR, #7 with #6, 1 left; frees 4.99 EUR
          trade 4: 1 @ 110.01 = 110.01 EUR, #6 with #4, which is filled; frees 4.99 EUR
          GOLDEUR trading, by time
          ticked
        book
          ask 112: #5 1
        market
          GOLDEUR trading, last trade 4 @ 110.01, last prevented 0
    "#]]);
}

#[test]
fn downwards_too() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        carol buy 1 @ 90
          #3 accepted
          #3 rests 1 @ 90, holds 90 EUR
        carol buy 1 @ 89.99
          #4 accepted
          #4 rests 1 @ 89.99, holds 89.99 EUR
        alice sell 3 @ 80
          #5 accepted
          trade 2: 1 @ 90 = 90 EUR, #5 with #3, which is filled
          GOLDEUR auction until 526 ms, by volatility
          #5 rests 2 @ 80, holds 2 GOLD
          GOLDEUR indicates 1 @ 89.99, -1 over
        market
          GOLDEUR auction until 526 ms, last trade 2 @ 90, last prevented 0
        book
          ask 80: #5 2
          bid 89.99: #4 1
    "#]]);
}

#[test]
fn what_may_not_rest_expires() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        carol sell 1 @ 105
          #3 accepted
          #3 rests 1 @ 105, holds 1 GOLD
        carol sell 5 @ 121
          #4 accepted
          #4 rests 5 @ 121, holds 5 GOLD
        alice buy 2 market
          #5 accepted
          trade 2: 1 @ 105 = 105 EUR, #5 with #3, which is filled
          GOLDEUR auction until 526 ms, by volatility
          #5 expired: 1 @ 0, frees 0 EUR
        # the auction's end has ended the window: the next begins with 105
        at 600 carol sell 1 @ 115
          GOLDEUR trading, by time
          #6 accepted
          #6 rests 1 @ 115, holds 1 GOLD
        alice buy 200 EUR market
          #7 accepted
          trade 3: 1 @ 115 = 115 EUR, #7 with #6, which is filled
          GOLDEUR auction until 1101 ms, by volatility
          #7 expired: 0 @ 0, frees 0 EUR
        market
          GOLDEUR auction until 1101 ms, last trade 3 @ 115, last prevented 0
        # and the next with 115, which reaches 121
        at 1200 alice buy 1 @ 120 ioc
          GOLDEUR trading, by time
          #8 accepted
          #8 expired: 1 @ 120, frees 0 EUR
        at 1300 alice buy 1 @ 130 ioc
          #9 accepted
          trade 4: 1 @ 121 = 121 EUR, #9 with #4, 4 left
        market
          GOLDEUR trading, last trade 4 @ 121, last prevented 0
    "#]]);
}

#[test]
fn fill_or_kill_looks_within_the_bounds() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        carol sell 1 @ 105
          #3 accepted
          #3 rests 1 @ 105, holds 1 GOLD
        carol sell 5 @ 111
          #4 accepted
          #4 rests 5 @ 111, holds 5 GOLD
        alice buy 2 @ 120 fok
          #5 accepted
          #5 expired: 2 @ 120, frees 0 EUR
        market
          GOLDEUR trading, last trade 1 @ 100, last prevented 0
        alice buy 1 @ 120 fok
          #6 accepted
          trade 2: 1 @ 105 = 105 EUR, #6 with #3, which is filled
    "#]]);
}

#[test]
fn bounds_are_rounded_inwards() {
    check(&expect![[r#"
        # 0.99 to 1.01 of 10.05: from 9.9495 to 10.1505, so from 9.95 to 10.15
        carol sell 1 @ 10.05
          #1 accepted
          #1 rests 1 @ 10.05, holds 1 GOLD
        bob buy 1 @ 10.05
          #2 accepted
          trade 1: 1 @ 10.05 = 10.05 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.01/1000/500
          GOLDEUR is set
        carol sell 1 @ 10.15
          #3 accepted
          #3 rests 1 @ 10.15, holds 1 GOLD
        carol buy 1 @ 9.95
          #4 accepted
          #4 rests 1 @ 9.95, holds 9.95 EUR
        bob buy 1 @ 10.15
          #5 accepted
          trade 2: 1 @ 10.15 = 10.15 EUR, #5 with #3, which is filled
        bob sell 1 @ 9.95
          #6 accepted
          trade 3: 1 @ 9.95 = 9.95 EUR, #6 with #4, which is filled
        market
          GOLDEUR trading, last trade 3 @ 9.95, last prevented 0
        carol sell 1 @ 10.16
          #7 accepted
          #7 rests 1 @ 10.16, holds 1 GOLD
        bob buy 1 @ 10.16
          #8 accepted
          GOLDEUR auction until 529 ms, by volatility
          #8 rests 1 @ 10.16, holds 10.16 EUR
          GOLDEUR indicates 1 @ 10.16, 0 over
        market
          GOLDEUR auction until 529 ms, last trade 3 @ 9.95, last prevented 0
        at 600 carol buy 1 @ 9.94
          GOLDEUR uncrosses 1 @ 10.16
          trade 4: 1 @ 10.16 = 10.16 EUR, #8 with #7, which is filled; frees 0 EUR
          GOLDEUR trading, by time
          #9 accepted
          #9 rests 1 @ 9.94, holds 9.94 EUR
    "#]]);
}

#[test]
fn a_window_begins_with_the_first_order_after_the_last() {
    check(&expect![[r#"
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        # the window has no reference yet, since its first order met no last price
        carol sell 1 @ 200
          #3 accepted
          #3 rests 1 @ 200, holds 1 GOLD
        bob buy 1 @ 200
          #4 accepted
          trade 2: 1 @ 200 = 200 EUR, #4 with #3, which is filled
        # at 1021 ms the next begins, with one that finds nothing
        at 1020 carol buy 1 @ 10
          #5 accepted
          #5 rests 1 @ 10, holds 10 EUR
        at 1021 carol buy 1 @ 11
          #6 accepted
          #6 rests 1 @ 11, holds 11 EUR
        carol sell 1 @ 220
          #7 accepted
          #7 rests 1 @ 220, holds 1 GOLD
        bob buy 1 @ 220
          #8 accepted
          trade 3: 1 @ 220 = 220 EUR, #8 with #7, which is filled
        carol sell 1 @ 221
          #9 accepted
          #9 rests 1 @ 221, holds 1 GOLD
        bob buy 1 @ 221
          #10 accepted
          GOLDEUR auction until 1525 ms, by volatility
          #10 rests 1 @ 221, holds 221 EUR
          GOLDEUR indicates 1 @ 221, 0 over
        market
          GOLDEUR auction until 1525 ms, last trade 3 @ 220, last prevented 0
        at 3000 tick
          GOLDEUR uncrosses 1 @ 221
          trade 4: 1 @ 221 = 221 EUR, #10 with #9, which is filled; frees 0 EUR
          GOLDEUR trading, by time
          ticked
        # after the auction
        carol sell 1 @ 250
          #11 accepted
          #11 rests 1 @ 250, holds 1 GOLD
        bob buy 1 @ 250
          #12 accepted
          GOLDEUR auction until 3502 ms, by volatility
          #12 rests 1 @ 250, holds 250 EUR
          GOLDEUR indicates 1 @ 250, 0 over
        market
          GOLDEUR auction until 3502 ms, last trade 4 @ 221, last prevented 0
    "#]]);
}

#[test]
fn without_a_last_price_there_is_no_bound() {
    check(&expect![[r#"
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol sell 1 @ 200
          #2 accepted
          #2 rests 1 @ 200, holds 1 GOLD
        carol sell 1 @ 300
          #3 accepted
          #3 rests 1 @ 300, holds 1 GOLD
        bob buy 3 @ 300
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          trade 2: 1 @ 200 = 200 EUR, #4 with #2, which is filled
          trade 3: 1 @ 300 = 300 EUR, #4 with #3, which is filled
        market
          GOLDEUR trading, last trade 3 @ 300, last prevented 0
    "#]]);
}

#[test]
fn own_orders_cannot_move_the_price() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        alice sell 1 @ 150
          #3 accepted
          #3 rests 1 @ 150, holds 1 GOLD
        alice buy 1 @ 150 expire-taker
          #4 accepted
          prevented 1 by expire-taker @ 150: #4 loses 1, #3 0
          #4 met itself: 1 @ 150, frees 0 EUR
        alice buy 1 @ 150 decrement
          #5 accepted
          prevented 2 by decrement @ 150: #5 loses 1, #3 1, 0 left, frees 1 GOLD
          #3 met itself: 0 @ 150, frees 0 GOLD
          #5 met itself: 0 @ 150, frees 0 EUR
        market
          GOLDEUR trading, last trade 1 @ 100, last prevented 2
        alice sell 1 @ 150
          #6 accepted
          #6 rests 1 @ 150, holds 1 GOLD
        bob sell 1 @ 151
          #7 accepted
          #7 rests 1 @ 151, holds 1 GOLD
        alice buy 2 @ 151 expire-maker
          #8 accepted
          prevented 3 by expire-maker @ 150: #8 loses 0, #6 1
          #6 met itself: 1 @ 150, frees 1 GOLD
          GOLDEUR auction until 529 ms, by volatility
          #8 rests 2 @ 151, holds 302 EUR
          GOLDEUR indicates 1 @ 151, 1 over
        market
          GOLDEUR auction until 529 ms, last trade 1 @ 100, last prevented 3
        book
          ask 151: #7 1
          bid 151: #8 2
    "#]]);
}

#[test]
fn a_triggered_order_stops_and_the_queue_stands() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        alice sell 2 stop-loss 95 id=market
          #3 accepted
          #3 waits for its stop price, holds 2 GOLD
        alice sell 1 stop-loss 95 @ 80 id=limit
          #4 accepted
          #4 waits for its stop price, holds 1 GOLD
        carol buy 1 @ 95
          #5 accepted
          #5 rests 1 @ 95, holds 95 EUR
        carol buy 1 @ 94
          #6 accepted
          #6 rests 1 @ 94, holds 94 EUR
        carol buy 1 @ 85
          #7 accepted
          #7 rests 1 @ 85, holds 85 EUR
        bob sell 1 @ 95
          #8 accepted
          trade 2: 1 @ 95 = 95 EUR, #8 with #5, which is filled
          #3 triggered
          #4 triggered
          #3 enters, frees 2 GOLD
          trade 3: 1 @ 94 = 94 EUR, #3 with #6, which is filled
          GOLDEUR auction until 529 ms, by volatility
          #3 expired: 1 @ 0, frees 0 GOLD
        orders alice
          #4 sell 1 @ 80, 1 open, traded for 0 EUR, placed at 25, changed at 25 ms; waits for the market, holds 1 GOLD, stop 95
        market
          GOLDEUR auction until 529 ms, last trade 3 @ 94, last prevented 0
        at 600 tick
          GOLDEUR trading, by time
          #4 enters, frees 1 GOLD
          trade 4: 1 @ 85 = 85 EUR, #4 with #7, which is filled
          ticked
        book
          empty
        balance alice
          alice: 998 GOLD, 100179 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_modified_order_and_a_working_one() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        carol sell 1 @ 115
          #3 accepted
          #3 rests 1 @ 115, holds 1 GOLD
        alice buy 1 @ 90
          #4 accepted
          #4 rests 1 @ 90, holds 90 EUR
        alice modify #4 2 @ 120
          #4 from 1 @ 90 to 2 @ 120, frees 90 EUR
          GOLDEUR auction until 526 ms, by volatility
          #4 rests 2 @ 120, holds 240 EUR
          GOLDEUR indicates 1 @ 115, 1 over
        at 700 bob buy 1 @ 80
          GOLDEUR uncrosses 1 @ 115
          trade 2: 1 @ 115 = 115 EUR, #4 with #3, which is filled; frees 5 EUR
          GOLDEUR trading, by time
          #5 accepted
          #5 rests 1 @ 80, holds 80 EUR
        carol sell 1 @ 150
          #6 accepted
          #6 rests 1 @ 150, holds 1 GOLD
        alice oto | buy 1 @ 150 ioc | sell 1 @ 160
          L1 Oto of #7, #8
          #7 accepted
          #8 accepted
          #8 waits for its list, holds 0 GOLD
          GOLDEUR auction until 1202 ms, by volatility
          #7 expired: 1 @ 150, frees 0 EUR
          #8 ends with its list: 1 @ 160, frees 0 GOLD
          L1 is done
        lists
          none
        at 2000 tick
          GOLDEUR trading, by time
          ticked
        alice oto | buy 1 @ 150 gtd=9000 | sell 1 @ 160
          L2 Oto of #9, #10
          #9 accepted
          #10 accepted
          #10 waits for its list, holds 0 GOLD
          GOLDEUR auction until 2501 ms, by volatility
          #9 rests 1 @ 150, holds 150 EUR
          GOLDEUR indicates 1 @ 150, 0 over
        lists
          L2 Oto of alice: #9, #10
        at 3000 tick
          GOLDEUR uncrosses 1 @ 150
          trade 3: 1 @ 150 = 150 EUR, #9 with #6, which is filled; frees 0 EUR
          GOLDEUR trading, by time
          #10 enters, frees 0 GOLD
          #10 rests 1 @ 160, holds 1 GOLD
          ticked
        lists
          L2 Oto of alice: #9, #10
    "#]]);
}

#[test]
fn switched_off() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR volatility=0.1/1000/500
          GOLDEUR is set
        alice buy 1 @ 50
          #3 accepted
          #3 rests 1 @ 50, holds 50 EUR
        set GOLDEUR
          GOLDEUR is set
        bob sell 1 @ 50
          #4 accepted
          trade 2: 1 @ 50 = 50 EUR, #4 with #3, which is filled
        market
          GOLDEUR trading, last trade 2 @ 50, last prevented 0
    "#]]);
}
