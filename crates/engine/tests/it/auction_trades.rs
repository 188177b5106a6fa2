//! What an auction trades, and what is told before.

use expect_test::expect;

use crate::check;

#[test]
fn by_price_then_time_and_the_older_is_the_maker() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 101
          #1 accepted
          #1 rests 1 @ 101, holds 101 EUR
        bob sell 2 @ 100
          #2 accepted
          #2 rests 2 @ 100, holds 2 GOLD
          GOLDEUR indicates 1 @ 100, -1 over
        carol buy 1 @ 102
          #3 accepted
          #3 rests 1 @ 102, holds 102 EUR
        bob sell 1 @ 99
          #4 accepted
          #4 rests 1 @ 99, holds 1 GOLD
        alice buy 1 @ 101
          #5 accepted
          #5 rests 1 @ 101, holds 101 EUR
        state GOLDEUR trading
          GOLDEUR uncrosses 3 @ 100
          trade 1: 1 @ 100 = 100 EUR, #4 with #3, which is filled; frees 2 EUR
          trade 2: 1 @ 100 = 100 EUR, #2 with #1, which is filled; frees 1 EUR
          trade 3: 1 @ 100 = 100 EUR, #5 with #2, which is filled; frees 1 EUR
          GOLDEUR trading
        balance alice bob carol
          alice: 1002 GOLD, 99800 EUR, 1000 TIN
          bob: 997 GOLD, 100300 EUR, 1000 TIN
          carol: 1001 GOLD, 99900 EUR, 1000 TIN
    "#]]);
}

#[test]
fn icebergs() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 6 @ 101 iceberg=2
          #1 accepted
          #1 rests 6 @ 101, shows 2, holds 606 EUR
        carol buy 2 @ 101
          #2 accepted
          #2 rests 2 @ 101, holds 202 EUR
        bob sell 5 @ 100 iceberg=3
          #3 accepted
          #3 rests 5 @ 100, shows 3, holds 5 GOLD
          GOLDEUR indicates 5 @ 100, 3 over
        bob sell 2 @ 100
          #4 accepted
          #4 rests 2 @ 100, holds 2 GOLD
        state GOLDEUR trading
          GOLDEUR uncrosses 7 @ 100
          trade 1: 2 @ 100 = 200 EUR, #3 with #1, 4 left; frees 2 EUR
          #1 shows 2 more @ 101
          trade 2: 1 @ 100 = 100 EUR, #3 with #2, 1 left; frees 1 EUR
          #3 shows 2 more @ 100
          trade 3: 1 @ 100 = 100 EUR, #4 with #2, which is filled; frees 1 EUR
          trade 4: 1 @ 100 = 100 EUR, #4 with #1, 3 left; frees 1 EUR
          trade 5: 1 @ 100 = 100 EUR, #3 with #1, 2 left; frees 1 EUR
          #1 shows 2 more @ 101
          trade 6: 1 @ 100 = 100 EUR, #3 with #1, 1 left; frees 1 EUR
          GOLDEUR trading
        book
          bid 101: #1 1
        balance alice bob carol
          alice: 1005 GOLD, 99399 EUR and 101 EUR held, 1000 TIN
          bob: 993 GOLD, 100700 EUR, 1000 TIN
          carol: 1002 GOLD, 99800 EUR, 1000 TIN
    "#]]);
}

#[test]
fn each_pays_its_own_rate_and_rebates_are_not_paid() {
    check(&expect![[r#"
        set GOLDEUR fees=-1000/2500
          GOLDEUR is set
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #1 accepted
          #1 rests 1 @ 110, holds 110 EUR
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled; fees: taker 0.25 EUR, maker 0 GOLD; frees 10 EUR
          GOLDEUR trading
        set GOLDEUR fees=1000/2500
          GOLDEUR is set
        state GOLDEUR auction
          GOLDEUR auction
        bob sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice buy 1 @ 110
          #4 accepted
          #4 rests 1 @ 110, holds 110 EUR
          GOLDEUR indicates 1 @ 100, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 2: 1 @ 100 = 100 EUR, #4 with #3, which is filled; fees: taker 0.003 GOLD (one unit by rounding), maker 0.1 EUR; frees 10 EUR
          GOLDEUR trading
        balance alice bob fees rounding
          alice: 1001.997 GOLD, 99800 EUR, 1000 TIN
          bob: 998 GOLD, 100199.65 EUR, 1000 TIN
          fees: 0.002 GOLD, 0.35 EUR
          rounding: 0.001 GOLD
    "#]]);
}

#[test]
fn no_self_trade_prevention_and_no_filters() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110 expire-taker
          #1 accepted
          #1 rests 1 @ 110, holds 110 EUR
        alice sell 1 @ 100 expire-both
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled; frees 10 EUR
          GOLDEUR trading
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn lists_and_stops() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice oco | sell 1 @ 105 maker | sell 1 stop-loss 95
          L1 Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 rests 1 @ 105, holds 1 GOLD
          #4 waits for its stop price, holds 0 GOLD
        alice oto | sell 1 @ 104 | buy 1 @ 99
          L2 Oto of #5, #6
          #5 accepted
          #6 accepted
          #6 waits for its list, holds 0 EUR
          #5 rests 1 @ 104, holds 1 GOLD
        carol buy 1 stop-loss 105 @ 106
          #7 accepted
          #7 waits for its stop price, holds 106 EUR
        carol sell 1 stop-loss trail=100
          #8 accepted
          #8 waits for a turn, holds 1 GOLD
        state GOLDEUR auction
          GOLDEUR auction
        bob buy 2 @ 105
          #9 accepted
          #9 rests 2 @ 105, holds 210 EUR
          GOLDEUR indicates 2 @ 105, 0 over
        # trades end partners and release what was pending; stops come after the state
        state GOLDEUR trading
          GOLDEUR uncrosses 2 @ 105
          trade 2: 1 @ 105 = 105 EUR, #9 with #5, which is filled; frees 0 EUR
          trade 3: 1 @ 105 = 105 EUR, #9 with #3, which is filled; frees 0 EUR
          #4 ends with its list: 1 @ 0, frees 0 GOLD
          L1 is done
          GOLDEUR trading
          #7 triggered
          #8 follows from 105
          #6 enters, frees 0 EUR
          #6 rests 1 @ 99, holds 99 EUR
          #7 enters, frees 106 EUR
          #7 rests 1 @ 106, holds 106 EUR
        lists
          L2 Oto of alice: #5, #6
        book
          bid 106: #7 1
          bid 99: #6 1
        orders carol
          #7 buy 1 @ 106, 1 open, traded for 0 EUR, placed at 25, changed at 29 ms, stop 105
          #8 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 26, changed at 26 ms; waits for a turn, holds 1 GOLD, trails 100 from 105
    "#]]);
}

#[test]
fn the_price_triggers_though_the_market_only_posts() {
    check(&expect![[r#"
        alice sell 1 stop-loss 95
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        state GOLDEUR auction
          GOLDEUR auction
        bob sell 1 @ 95
          #2 accepted
          #2 rests 1 @ 95, holds 1 GOLD
        carol buy 2 @ 95
          #3 accepted
          #3 rests 2 @ 95, holds 190 EUR
          GOLDEUR indicates 1 @ 95, 1 over
        state GOLDEUR post-only
          GOLDEUR uncrosses 1 @ 95
          trade 1: 1 @ 95 = 95 EUR, #3 with #2, which is filled; frees 0 EUR
          GOLDEUR post-only
          #1 triggered
        orders alice
          #1 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 21, changed at 21 ms; waits for the market, holds 1 GOLD, stop 95
        state GOLDEUR trading
          GOLDEUR trading
          #1 enters, frees 1 GOLD
          trade 2: 1 @ 95 = 95 EUR, #1 with #3, which is filled
        book
          empty
    "#]]);
}

#[test]
fn indicative_prices() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 2 @ 101
          #1 accepted
          #1 rests 2 @ 101, holds 202 EUR
        # told at once, then not for 500 ms
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 1 over
        bob sell 2 @ 100
          #3 accepted
          #3 rests 2 @ 100, holds 2 GOLD
        at 522.999 tick
          ticked
        at 523 tick
          GOLDEUR indicates 2 @ 100, -1 over
          ticked
        # nothing new is not told, and the next may come at once
        at 2000 tick
          ticked
        alice buy 1 @ 90
          #4 accepted
          #4 rests 1 @ 90, holds 90 EUR
        bob cancel #3
          #3 cancelled: 2 @ 100, frees 2 GOLD
          GOLDEUR indicates 1 @ 100, 1 over
        # with the command that comes when it is due
        carol sell 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
        at 2600 carol sell 1 @ 100.5
          GOLDEUR indicates 2 @ 100, 0 over
          #6 accepted
          #6 rests 1 @ 100.5, holds 1 GOLD
        # nothing crosses any more
        at 3500 alice cancel-all
          #1 cancelled: 2 @ 101, frees 202 EUR
          #4 cancelled: 1 @ 90, frees 90 EUR
          alice: 2 cancelled
          GOLDEUR indicates 0 @ 0, 0 over
        at 3600 alice buy 1 @ 100
          #7 accepted
          #7 rests 1 @ 100, holds 100 EUR
        at 4600 state GOLDEUR halt
          GOLDEUR indicates 1 @ 100, -1 over
          GOLDEUR halt
        at 5000 state GOLDEUR auction
          GOLDEUR auction
          GOLDEUR indicates 1 @ 100, -1 over
        restart
        at 6000 carol cancel-all
          #5 cancelled: 1 @ 100, frees 1 GOLD
          #6 cancelled: 1 @ 100.5, frees 1 GOLD
          carol: 2 cancelled
          GOLDEUR indicates 1 @ 100, 0 over
    "#]]);
}

#[test]
fn an_indication_that_is_due_before_the_end() {
    check(&expect![[r#"
        state GOLDEUR auction until=700
          GOLDEUR auction until 700 ms
        alice buy 2 @ 101
          #1 accepted
          #1 rests 2 @ 101, holds 202 EUR
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 1 over
        bob sell 2 @ 100
          #3 accepted
          #3 rests 2 @ 100, holds 2 GOLD
        # both are due: first what was to be told, then the end
        at 900 tick
          GOLDEUR indicates 2 @ 100, -1 over
          GOLDEUR uncrosses 2 @ 100
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 1 left; frees 1 EUR
          trade 2: 1 @ 100 = 100 EUR, #3 with #1, which is filled; frees 1 EUR
          GOLDEUR trading, by time
          ticked
    "#]]);
}

#[test]
fn deadlines_and_countdowns_in_an_auction() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 2 @ 101 gtd=600
          #1 accepted
          #1 rests 2 @ 101, holds 202 EUR
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 1 over
        bob countdown 1000
          bob: countdown until 1024 ms
        at 600 tick
          #1 ends by time: 2 @ 101, frees 202 EUR
          GOLDEUR indicates 0 @ 0, 0 over
          ticked
        bob sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice buy 1 @ 100
          #4 accepted
          #4 rests 1 @ 100, holds 100 EUR
        at 1200 tick
          bob: countdown fires
          #2 ends by countdown: 1 @ 100, frees 1 GOLD
          #3 ends by countdown: 1 @ 100, frees 1 GOLD
          ticked
    "#]]);
}

#[test]
fn nothing_to_trade() {
    check(&expect![[r#"
        state GOLDEUR auction until=100
          GOLDEUR auction until 100 ms
        alice buy 1 @ 99
          #1 accepted
          #1 rests 1 @ 99, holds 99 EUR
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        at 100 tick
          GOLDEUR trading, by time
          ticked
        book
          ask 100: #2 1
          bid 99: #1 1
        market
          GOLDEUR trading, last trade 0 @ 0, last prevented 0
    "#]]);
}
