//! Orders that wait for another: what may, and what is asked of them.

use expect_test::expect;

use crate::check;

#[test]
fn a_pending_market_order_takes_what_it_can() {
    check(&expect![[r#"
        transfer custody dave 100 EUR
          100 EUR from custody to dave
        carol buy 1 @ 90
          #1 accepted
          #1 rests 1 @ 90, holds 90 EUR
        dave oto | buy 1 @ 100 | sell 3 market
          L1 Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          #2 rests 1 @ 100, holds 100 EUR
        orders dave
          #2 buy 1 @ 100, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1
          #3 sell 3 @ 0, 3 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1; waits for its list, holds 0 GOLD
        bob sell 1 @ 100
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #2, which is filled
          #3 enters, frees 0 GOLD
          trade 2: 1 @ 90 = 90 EUR, #3 with #1, which is filled
          #3 expired: 2 @ 0, frees 0 GOLD
          L1 is done
        balance dave
          dave: 90 EUR
        lists
          none
        dave oto | buy 1 @ 80 | buy 1 market
          L2 Oto of #5, #6
          #5 accepted
          #6 accepted
          #6 waits for its list, holds 0 EUR
          #5 rests 1 @ 80, holds 80 EUR
        carol sell 5 @ 200
          #7 accepted
          #7 rests 5 @ 200, holds 5 GOLD
        bob sell 1 @ 80
          #8 accepted
          trade 3: 1 @ 80 = 80 EUR, #8 with #5, which is filled
          #6 enters, frees 0 EUR
          #6 expired: 1 @ 0, frees 0 EUR
          L2 is done
        balance dave
          dave: 1 GOLD, 10 EUR
        lists
          none
    "#]]);
}

#[test]
fn pending_orders_of_other_kinds() {
    check(&expect![[r#"
        carol buy 1 @ 95
          #1 accepted
          #1 rests 1 @ 95, holds 95 EUR
        alice oto | buy 4 @ 100 | sell 4 @ 110 iceberg=1 gtd=500
          L1 Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          #2 rests 4 @ 100, holds 400 EUR
        alice oto | buy 4 @ 100 | sell 4 @ 101 ioc
          L2 Oto of #4, #5
          #4 accepted
          #5 accepted
          #5 waits for its list, holds 0 GOLD
          #4 rests 4 @ 100, holds 400 EUR
        alice oto | buy 4 @ 100 | sell 4 stop-loss trail=200 @ 90
          L3 Oto of #6, #7
          #6 accepted
          #7 accepted
          #7 waits for its list, holds 0 GOLD
          #6 rests 4 @ 100, holds 400 EUR
        alice oto | buy 4 @ 100 | buy 4 stop-loss trail=200
          alice: rejected, InvalidOrder
        bob sell 16 @ 100
          #8 accepted
          trade 1: 4 @ 100 = 400 EUR, #8 with #2, which is filled
          trade 2: 4 @ 100 = 400 EUR, #8 with #4, which is filled
          trade 3: 4 @ 100 = 400 EUR, #8 with #6, which is filled
          #8 rests 4 @ 100, holds 4 GOLD
          #3 enters, frees 0 GOLD
          #3 rests 4 @ 110, shows 1, holds 4 GOLD
          #5 enters, frees 0 GOLD
          #5 expired: 4 @ 101, frees 0 GOLD
          L2 is done
          #7 enters, frees 0 GOLD
          #7 waits for a turn, holds 4 GOLD
        orders alice
          #3 sell 4 @ 110, 4 open, traded for 0 EUR, placed at 22, changed at 26 ms, shows 1 by 1, of L1 until 500 ms
          #7 sell 4 @ 90, 4 open, traded for 0 EUR, placed at 24, changed at 24 ms, of L3; waits for a turn, holds 4 GOLD, trails 200
        lists
          L1 Oto of alice: #2, #3
          L3 Oto of alice: #6, #7
        at 500 tick
          #3 ends by time: 4 @ 110, frees 4 GOLD
          L1 is done
          ticked
        lists
          L3 Oto of alice: #6, #7
    "#]]);
}

#[test]
fn a_pending_order_that_times_out_ends_the_list() {
    check(&expect![[r#"
        alice oto | buy 2 @ 100 | sell 2 @ 110 gtd=100
          L1 Oto of #1, #2
          #1 accepted
          #2 accepted
          #2 waits for its list, holds 0 GOLD
          #1 rests 2 @ 100, holds 200 EUR
        alice otoco | buy 2 @ 100 | sell 2 @ 110 maker gtd=90 | sell 2 stop-loss 90
          L2 Otoco of #3, #4, #5
          #3 accepted
          #4 accepted
          #5 accepted
          #4 waits for its list, holds 0 GOLD
          #5 waits for its list, holds 0 GOLD
          #3 rests 2 @ 100, holds 200 EUR
        orders alice
          #1 buy 2 @ 100, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1
          #3 buy 2 @ 100, 2 open, traded for 0 EUR, placed at 22, changed at 22 ms, of L2
          #2 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1 until 100 ms; waits for its list, holds 0 GOLD
          #4 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 22, changed at 22 ms, of L2 until 90 ms; waits for its list, holds 0 GOLD
          #5 sell 2 @ 0, 2 open, traded for 0 EUR, placed at 22, changed at 22 ms, of L2; waits for its list, holds 0 GOLD, stop 90
        at 90 tick
          #4 ends by time: 2 @ 110, frees 0 GOLD
          #3 ends with its list: 2 @ 100, frees 200 EUR
          #5 ends with its list: 2 @ 0, frees 0 GOLD
          L2 is done
          ticked
        at 100 tick
          #2 ends by time: 2 @ 110, frees 0 GOLD
          #1 ends with its list: 2 @ 100, frees 200 EUR
          L1 is done
          ticked
        lists
          none
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn what_goes_together() {
    check(&expect![[r#"
        alice oto | buy 1 market | sell 1 @ 110
          alice: rejected, InvalidList
        alice oto | buy 1 stop-loss 110 | sell 1 @ 110
          alice: rejected, InvalidList
        alice oto | buy 1 @ 100 | sell 100 EUR market
          alice: rejected, InvalidList
        alice oto | buy 1 @ 100 maker | sell 2 market
          L1 Oto of #1, #2
          #1 accepted
          #2 accepted
          #2 waits for its list, holds 0 GOLD
          #1 rests 1 @ 100, holds 100 EUR
        alice oto | sell 1 @ 200 iceberg=0.5 | sell 1 @ 100
          L2 Oto of #3, #4
          #3 accepted
          #4 accepted
          #4 waits for its list, holds 0 GOLD
          #3 rests 1 @ 200, shows 0.5, holds 1 GOLD
        alice otoco | buy 1 @ 100 | sell 1 @ 110 maker | buy 1 stop-loss 90
          alice: rejected, InvalidList
        alice otoco | buy 1 @ 100 | sell 1 @ 110 maker | sell 1 stop-loss 110
          alice: rejected, InvalidList
        alice otoco | buy 1 @ 100 | sell 1 @ 110 maker | sell 1 @ 120
          alice: rejected, InvalidList
        alice otoco | buy 1 @ 100 | buy 2 @ 90 maker | buy 2 stop-loss 110
          L3 Otoco of #5, #6, #7
          #5 accepted
          #6 accepted
          #7 accepted
          #6 waits for its list, holds 0 EUR
          #7 waits for its list, holds 0 EUR
          #5 rests 1 @ 100, holds 100 EUR
        # of one account and market
        alice oto | buy 1 @ 100 | bob sell 1 @ 110
          alice: rejected, InvalidList
        alice oto | buy 1 @ 100 | sell 1 @ 110 on TINEUR
          alice: rejected, InvalidList
        lists
          L1 Oto of alice: #1, #2
          L2 Oto of alice: #3, #4
          L3 Otoco of alice: #5, #6, #7
        # with a last price of 100 a pending pair may lie to one side of it, a working one of now may not
        bob buy 1 @ 200
          #8 accepted
          trade 1: 0.5 @ 200 = 100 EUR, #8 with #3, 0.5 left
          #3 shows 0.5 more @ 200
          trade 2: 0.5 @ 200 = 100 EUR, #8 with #3, which is filled
          #4 enters, frees 0 GOLD
          trade 3: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          L2 is done
          #2 enters, frees 0 GOLD
          trade 4: 1 @ 100 = 100 EUR, #2 with #5, which is filled
          #2 expired: 1 @ 0, frees 0 GOLD
          L1 is done
          #6 enters, frees 0 EUR
          #7 enters, frees 0 EUR
          #6 rests 2 @ 90, holds 180 EUR
          #7 waits for its stop price, holds 40 EUR
        carol sell 1 @ 100
          #9 accepted
          #9 rests 1 @ 100, holds 1 GOLD
        alice otoco | buy 1 @ 90 | sell 1 @ 95 maker | sell 1 stop-loss 80
          L4 Otoco of #10, #11, #12
          #10 accepted
          #11 accepted
          #12 accepted
          #11 waits for its list, holds 0 GOLD
          #12 waits for its list, holds 0 GOLD
          #10 rests 1 @ 90, holds 90 EUR
        alice otoco | buy 1 @ 90 | sell 1 @ 295 maker | sell 1 stop-loss 280
          L5 Otoco of #13, #14, #15
          #13 accepted
          #14 accepted
          #15 accepted
          #14 waits for its list, holds 0 GOLD
          #15 waits for its list, holds 0 GOLD
          #13 rests 1 @ 90, holds 90 EUR
        alice oco | sell 1 @ 95 maker | sell 1 stop-loss 80
          alice: rejected, InvalidList
    "#]]);
}

#[test]
fn rules_of_each_order_and_of_all_together() {
    check(&expect![[r#"
        # the lowest rule that any of them breaks: 26, 30, 33, 40 of the last before 41 of the first
        alice oto | buy 1 @ 0.33 on GOLDTIN | sell 1 market gtc on GOLDTIN
          alice: rejected, InvalidOrder
        alice oto | buy 0.3 @ 1 on GOLDTIN | sell 1 @ 0.33 on GOLDTIN
          alice: rejected, PriceFilter
        alice oto | buy 1 @ 1 on GOLDTIN | sell 0.3 @ 10 on GOLDTIN
          alice: rejected, LotSize
        # counted together: 46, 54, 55
        alice sell 1 @ 10 on GOLDTIN
          #1 accepted
          #1 rests 1 @ 10, holds 1 GOLD
        alice otoco | buy 1 @ 5 on GOLDTIN | sell 1 @ 10 maker on GOLDTIN | sell 1 stop-loss 5 on GOLDTIN
          alice: rejected, MaxOpenOrders
        alice oto | buy 1 @ 5 on GOLDTIN | sell 1 @ 10 on GOLDTIN
          L1 Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          #2 rests 1 @ 5, holds 5 TIN
        set GOLDEUR algo=1
          GOLDEUR is set
        alice oco | sell 1 take-profit 110 | sell 1 stop-loss 90
          alice: rejected, MaxAlgoOrders
        alice oco | sell 1 @ 110 maker | sell 1 stop-loss 90
          L2 Oco of #4, #5
          #4 accepted
          #5 accepted
          #4 rests 1 @ 110, holds 1 GOLD
          #5 waits for its stop price, holds 0 GOLD
        set GOLDEUR position=1005
          GOLDEUR is set
        bob oto | buy 3 @ 100 | buy 3 @ 90
          bob: rejected, MaxPosition
        bob oto | buy 3 @ 100 | buy 2 @ 90
          L3 Oto of #6, #7
          #6 accepted
          #7 accepted
          #7 waits for its list, holds 0 EUR
          #6 rests 3 @ 100, holds 300 EUR
        bob oco | buy 1 @ 90 maker | buy 1 stop-loss 110
          bob: rejected, MaxPosition
        # 47 between them, 48 of the first only, 90 of the first only
        carol sell 1 @ 105
          #8 accepted
          #8 rests 1 @ 105, holds 1 GOLD
        carol oto | buy 1 @ 100 id=a | sell 1 @ 110 id=a
          carol: rejected, DuplicateClientId
        carol oto | buy 1 @ 105 maker | sell 1 @ 110
          carol: rejected, WouldTake
        carol oto | sell 1 @ 120 | buy 1 @ 105 maker
          L4 Oto of #9, #10
          #9 accepted
          #10 accepted
          #10 waits for its list, holds 0 EUR
          #9 rests 1 @ 120, holds 1 GOLD
        dave oto | buy 1 @ 100 | sell 1 @ 110
          dave: rejected, InsufficientBalance
        carol oto | buy 2000 @ 100 | sell 1 @ 110
          carol: rejected, MaxPosition
    "#]]);
}

#[test]
fn amended_and_modified() {
    check(&expect![[r#"
        alice otoco | buy 2 @ 100 id=a | sell 2 @ 110 maker id=b | sell 2 stop-loss 90 id=c
          L1 Otoco of #1, #2, #3
          #1 accepted
          #2 accepted
          #3 accepted
          #2 waits for its list, holds 0 GOLD
          #3 waits for its list, holds 0 GOLD
          #1 rests 2 @ 100, holds 200 EUR
        alice modify #1 1 @ 99
          alice: rejected, CannotModify
        alice amend a 1
          #1 amended to 1, 1 open @ 100, shows 1 less, frees 100 EUR as a
        # of a pair both
        alice amend c 1 id=d
          #3 amended to 1, 1 open @ 0, frees 0 GOLD as d
          #2 amended to 1, 1 open @ 110, frees 0 GOLD as b
        alice modify #2 1 @ 99
          alice: rejected, WouldTake
        orders alice
          #1 buy 1 @ 100, 1 open, traded for 0 EUR, placed at 21, changed at 23 ms, of L1
          #2 sell 1 @ 110, 1 open, traded for 0 EUR, placed at 21, changed at 24 ms, of L1; waits for its list, holds 0 GOLD
          #3 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 21, changed at 24 ms, of L1; waits for its list, holds 0 GOLD, stop 90
        bob sell 1 @ 100
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          #2 enters, frees 0 GOLD
          #3 enters, frees 0 GOLD
          #2 rests 1 @ 110, holds 1 GOLD
          #3 waits for its stop price, holds 0 GOLD
        orders alice
          #2 sell 1 @ 110, 1 open, traded for 0 EUR, placed at 21, changed at 26 ms, of L1
          #3 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 21, changed at 24 ms, of L1; waits for its stop price, holds 0 GOLD, stop 90
        alice amend b 0.5
          #2 amended to 0.5, 0.5 open @ 110, shows 0.5 less, frees 0.5 GOLD as b
          #3 amended to 0.5, 0.5 open @ 0, frees 0 GOLD as d
        balance alice
          alice: 1000.5 GOLD and 0.5 GOLD held, 99900 EUR, 1000 TIN
    "#]]);
}
