//! Market states: what comes in, changes and leaves in each.

use expect_test::expect;

use crate::check;

/// Every kind of order in every state: the table of the guide.
#[test]
fn what_comes_in() {
    check(&expect![[r#"
        carol buy 1 @ 90
          #1 accepted
          #1 rests 1 @ 90, holds 90 EUR
        carol sell 1 @ 110
          #2 accepted
          #2 rests 1 @ 110, holds 1 GOLD
        state GOLDEUR post-only
          GOLDEUR post-only
        alice buy 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 100 EUR
        alice buy 1 @ 100 gtd=900
          #4 accepted
          #4 rests 1 @ 100, holds 100 EUR
        alice buy 1 @ 100 maker
          #5 accepted
          #5 rests 1 @ 100, holds 100 EUR
        alice buy 1 @ 100 ioc
          alice: rejected, MarketClosed
        alice buy 1 @ 100 fok
          alice: rejected, MarketClosed
        alice buy 1 market
          alice: rejected, MarketClosed
        alice buy 50 EUR market
          alice: rejected, MarketClosed
        alice buy 1 stop-loss 120
          #6 accepted
          #6 waits for its stop price, holds 120 EUR
        alice buy 1 stop-loss 120 @ 121 ioc
          #7 accepted
          #7 waits for its stop price, holds 121 EUR
        alice oco | buy 1 @ 80 maker | buy 1 stop-loss 120
          L1 Oco of #8, #9
          #8 accepted
          #9 accepted
          #8 rests 1 @ 80, holds 80 EUR
          #9 waits for its stop price, holds 40 EUR
        alice oto | buy 1 @ 80 | sell 1 market
          L2 Oto of #10, #11
          #10 accepted
          #11 accepted
          #11 waits for its list, holds 0 GOLD
          #10 rests 1 @ 80, holds 80 EUR
        alice oto | buy 1 @ 80 ioc | sell 1 market
          alice: rejected, MarketClosed
        alice buy 1 @ 110
          alice: rejected, WouldTake
        alice buy 1 @ 110 gtd=900
          alice: rejected, WouldTake
        alice buy 1 @ 110 maker
          alice: rejected, WouldTake
        alice cancel-all
          #3 cancelled: 1 @ 100, frees 100 EUR
          #4 cancelled: 1 @ 100, frees 100 EUR
          #5 cancelled: 1 @ 100, frees 100 EUR
          #6 cancelled: 1 @ 0, frees 120 EUR
          #7 cancelled: 1 @ 121, frees 121 EUR
          #8 cancelled: 1 @ 80, frees 80 EUR
          #9 cancelled: 1 @ 0, frees 40 EUR
          L1 is done
          #10 cancelled: 1 @ 80, frees 80 EUR
          #11 cancelled: 1 @ 0, frees 0 GOLD
          L2 is done
          alice: 9 cancelled
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #12 accepted
          #12 rests 1 @ 110, holds 110 EUR
          GOLDEUR indicates 1 @ 110, 0 over
        alice buy 1 @ 110 gtd=900
          #13 accepted
          #13 rests 1 @ 110, holds 110 EUR
        alice buy 1 @ 100 maker
          alice: rejected, MarketClosed
        alice buy 1 @ 100 ioc
          alice: rejected, MarketClosed
        alice buy 1 @ 100 fok
          alice: rejected, MarketClosed
        alice buy 1 market
          alice: rejected, MarketClosed
        alice buy 1 stop-loss 120
          #14 accepted
          #14 waits for its stop price, holds 120 EUR
        alice oco | buy 1 @ 80 maker | buy 1 stop-loss 120
          alice: rejected, MarketClosed
        alice oco | buy 1 take-profit 80 @ 81 | buy 1 stop-loss 120
          L3 Oco of #15, #16
          #15 accepted
          #16 accepted
          #15 waits for its stop price, holds 81 EUR
          #16 waits for its stop price, holds 39 EUR
        alice oto | buy 1 @ 80 | sell 1 market
          L4 Oto of #17, #18
          #17 accepted
          #18 accepted
          #18 waits for its list, holds 0 GOLD
          #17 rests 1 @ 80, holds 80 EUR
        alice oto | buy 1 @ 80 maker | sell 1 market
          alice: rejected, MarketClosed
        alice cancel-all
          #12 cancelled: 1 @ 110, frees 110 EUR
          #13 cancelled: 1 @ 110, frees 110 EUR
          #14 cancelled: 1 @ 0, frees 120 EUR
          #15 cancelled: 1 @ 81, frees 81 EUR
          #16 cancelled: 1 @ 0, frees 39 EUR
          L3 is done
          #17 cancelled: 1 @ 80, frees 80 EUR
          #18 cancelled: 1 @ 0, frees 0 GOLD
          L4 is done
          alice: 7 cancelled
    "#]]);
}

#[test]
fn what_stays_out() {
    check(&expect![[r#"
        alice buy 1 @ 100 id=a
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice oto id=l | buy 1 @ 80 | sell 1 market
          L1 l Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          #2 rests 1 @ 80, holds 80 EUR
        alice buy 1 @ 70
          #4 accepted
          #4 rests 1 @ 70, holds 70 EUR
        state GOLDEUR cancel-only
          GOLDEUR cancel-only
        bob buy 1 @ 100
          bob: rejected, MarketClosed
        bob buy 1 @ 100 maker
          bob: rejected, MarketClosed
        bob buy 1 market
          bob: rejected, MarketClosed
        bob sell 1 stop-loss 90
          bob: rejected, MarketClosed
        bob oto | buy 1 @ 80 | sell 1 market
          bob: rejected, MarketClosed
        alice amend a 0.5
          alice: rejected, MarketClosed
        alice modify #1 1 @ 99
          alice: rejected, MarketClosed
        alice cancel a
          #1 cancelled: 1 @ 100, frees 100 EUR
        alice cancel-list l
          #2 cancelled: 1 @ 80, frees 80 EUR
          #3 cancelled: 1 @ 0, frees 0 GOLD
          L1 is done
        state GOLDEUR halt
          GOLDEUR halt
        bob buy 1 @ 100
          bob: rejected, MarketClosed
        bob sell 1 stop-loss 90
          bob: rejected, MarketClosed
        alice cancel #4
          alice: rejected, MarketClosed
        alice cancel-list l
          alice: rejected, UnknownList
        alice replace #4 buy 1 @ 71
          alice: cancel rejected, MarketClosed
        alice replace #4 or-not buy 1 @ 71
          alice: cancel rejected, MarketClosed
          alice: rejected, MarketClosed
        alice amend #4 0.5
          alice: rejected, MarketClosed
        alice modify #4 1 @ 99
          alice: rejected, MarketClosed
        alice cancel-all GOLDEUR
          alice: rejected, MarketClosed
        # over all markets it passes over those that allow nothing
        alice buy 1 @ 5 on TINEUR
          #5 accepted
          #5 rests 1 @ 5, holds 5 EUR
        alice cancel-all
          #5 cancelled: 1 @ 5, frees 5 EUR
          alice: 1 cancelled
        # 21, 22 and 24 come before 26
        bob cancel #4
          bob: rejected, UnknownOrder
        nobody buy 1 @ 1
          nobody: rejected, UnknownAccount
        # the operator may
        cancel-market GOLDEUR
          #4 ends with its market: 1 @ 70, frees 70 EUR
          1 cancelled
        cancel-market GOLDEUR
          0 cancelled
        cancel-market NOWHERE
          0: rejected, UnknownMarket
    "#]]);
}

#[test]
fn replace_where_only_cancels_are_allowed() {
    check(&expect![[r#"
        alice buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        state GOLDEUR cancel-only
          GOLDEUR cancel-only
        alice replace #1 buy 1 @ 99
          #1 cancelled: 1 @ 100, frees 100 EUR
          alice: rejected, MarketClosed
        book
          empty
    "#]]);
}

#[test]
fn modify_in_each_state() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice buy 1 @ 90
          #2 accepted
          #2 rests 1 @ 90, holds 90 EUR
        alice buy 1 @ 80 maker
          #3 accepted
          #3 rests 1 @ 80, holds 80 EUR
        state GOLDEUR post-only
          GOLDEUR post-only
        alice modify #2 2 @ 95
          #2 from 1 @ 90 to 2 @ 95, frees 90 EUR
          #2 rests 2 @ 95, holds 190 EUR
        alice modify #2 2 @ 100
          alice: rejected, WouldTake
        alice modify #3 2 @ 100
          alice: rejected, WouldTake
        state GOLDEUR auction
          GOLDEUR auction
        alice modify #2 2 @ 101
          #2 from 2 @ 95 to 2 @ 101, frees 190 EUR
          #2 rests 2 @ 101, holds 202 EUR
          GOLDEUR indicates 1 @ 100, 1 over
        book
          ask 100: #1 1
          bid 101: #2 2
          bid 80: #3 1
        state GOLDEUR cancel-only
          GOLDEUR cancel-only
        alice modify #2 1 @ 90
          alice: rejected, MarketClosed
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled; frees 1 EUR
          GOLDEUR trading
        book
          bid 101: #2 1
          bid 80: #3 1
    "#]]);
}

#[test]
fn a_state_is_set() {
    check(&expect![[r#"
        market
          GOLDEUR trading, last trade 0 @ 0, last prevented 0
        state NOWHERE halt
          0: rejected, UnknownMarket
        state GOLDEUR halt
          GOLDEUR halt
        state GOLDEUR halt
          GOLDEUR halt
        # only an auction ends by itself, and in the future
        state GOLDEUR halt until=900
          0: rejected, InvalidTime
        state GOLDEUR trading until=900
          0: rejected, InvalidTime
        state GOLDEUR auction until=5
          0: rejected, InvalidTime
        state GOLDEUR auction until=28
          GOLDEUR auction until 28 ms
        state GOLDEUR auction until=900
          GOLDEUR trading, by time
          GOLDEUR auction until 900 ms
        market
          GOLDEUR auction until 900 ms, last trade 0 @ 0, last prevented 0
        state GOLDEUR auction until=500
          GOLDEUR auction until 500 ms
        market
          GOLDEUR auction until 500 ms, last trade 0 @ 0, last prevented 0
        state GOLDEUR auction
          GOLDEUR auction
        market
          GOLDEUR auction, last trade 0 @ 0, last prevented 0
        at 900 tick
          ticked
        market
          GOLDEUR auction, last trade 0 @ 0, last prevented 0
        # one that is halted does not end
        state GOLDEUR auction until=1000
          GOLDEUR auction until 1000 ms
        state GOLDEUR halt
          GOLDEUR halt
        at 2000 tick
          ticked
        market
          GOLDEUR halt, last trade 0 @ 0, last prevented 0
    "#]]);
}

#[test]
fn the_queue_stands_while_the_market_does_not_trade() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice buy 1 stop-loss 105 id=a
          #3 accepted
          #3 waits for its stop price, holds 105 EUR
        alice buy 1 stop-loss 104 @ 120 id=b
          #4 accepted
          #4 waits for its stop price, holds 120 EUR
        bob oto | buy 1 @ 106 | sell 1 @ 107 id=c
          L1 Oto of #5, #6
          #5 accepted
          #6 accepted
          #6 waits for its list, holds 0 GOLD
          #5 rests 1 @ 106, holds 106 EUR
        alice buy 1 stop-loss 105 id=d
          #7 accepted
          #7 waits for its stop price, holds 105 EUR
        state GOLDEUR auction
          GOLDEUR auction
        carol sell 5 @ 105
          #8 accepted
          #8 rests 5 @ 105, holds 5 GOLD
          GOLDEUR indicates 1 @ 105, -4 over
        bob buy 1 @ 106
          #9 accepted
          #9 rests 1 @ 106, holds 106 EUR
        state GOLDEUR post-only
          GOLDEUR uncrosses 2 @ 105
          trade 2: 1 @ 105 = 105 EUR, #8 with #5, which is filled; frees 1 EUR
          trade 3: 1 @ 105 = 105 EUR, #9 with #8, 3 left; frees 1 EUR
          GOLDEUR post-only
          #4 triggered
          #3 triggered
          #7 triggered
        orders alice
          #3 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for the market, holds 105 EUR, stop 105
          #4 buy 1 @ 120, 1 open, traded for 0 EUR, placed at 24, changed at 24 ms; waits for the market, holds 120 EUR, stop 104
          #7 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 26, changed at 26 ms; waits for the market, holds 105 EUR, stop 105
        orders bob
          #6 sell 1 @ 107, 1 open, traded for 0 EUR, placed at 25, changed at 25 ms, of L1; waits for the market, holds 0 GOLD
        balance alice
          alice: 1000 GOLD, 99670 EUR and 330 EUR held, 1000 TIN
        alice cancel a
          #3 cancelled: 1 @ 0, frees 105 EUR
        state GOLDEUR halt
          GOLDEUR halt
        state GOLDEUR post-only
          GOLDEUR post-only
        state GOLDEUR trading
          GOLDEUR trading
          #6 enters, frees 0 GOLD
          #6 rests 1 @ 107, holds 1 GOLD
          #4 enters, frees 120 EUR
          trade 4: 1 @ 105 = 105 EUR, #4 with #8, 2 left
          #7 enters, frees 105 EUR
          trade 5: 1 @ 105 = 105 EUR, #7 with #8, 1 left
        book
          ask 107: #6 1
          ask 105: #8 1
        orders alice
          none
    "#]]);
}

#[test]
fn crossed_orders_stand_until_the_market_opens() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 2 @ 105
          #1 accepted
          #1 rests 2 @ 105, holds 210 EUR
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 1 over
        state GOLDEUR halt
          GOLDEUR halt
        book
          ask 100: #2 1
          bid 105: #1 2
        state GOLDEUR cancel-only
          GOLDEUR cancel-only
        state GOLDEUR auction
          GOLDEUR auction
          GOLDEUR indicates 1 @ 100, 1 over
        carol sell 2 @ 101
          #3 accepted
          #3 rests 2 @ 101, holds 2 GOLD
        state GOLDEUR cancel-only
          GOLDEUR cancel-only
        alice amend #1 1
          alice: rejected, MarketClosed
        carol cancel #3
          #3 cancelled: 2 @ 101, frees 2 GOLD
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 1 left; frees 5 EUR
          GOLDEUR trading
        book
          bid 105: #1 1
    "#]]);
}
