//! Pairs: what makes one, and how it is cancelled and changed.

use expect_test::expect;

use crate::check;

#[test]
fn cancels() {
    check(&expect![[r#"
        alice oco id=pair | sell 2 @ 110 maker id=up | sell 2 stop-loss 95 id=down
          L1 pair Oco of #1, #2
          #1 accepted
          #2 accepted
          #1 rests 2 @ 110, holds 2 GOLD
          #2 waits for its stop price, holds 0 GOLD
        # the one that is named first
        alice cancel down as=why
          #2 cancelled by why: 2 @ 0, frees 0 GOLD
          #1 cancelled by why: 2 @ 110, frees 2 GOLD
          L1 is done
        lists
          none
        alice oco id=pair | sell 2 @ 110 maker | sell 2 stop-loss 95
          L2 pair Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 rests 2 @ 110, holds 2 GOLD
          #4 waits for its stop price, holds 0 GOLD
        alice cancel #3
          #3 cancelled: 2 @ 110, frees 2 GOLD
          #4 cancelled: 2 @ 0, frees 0 GOLD
          L2 is done
        alice oco id=pair | sell 2 @ 110 maker | sell 2 stop-loss 95
          L3 pair Oco of #5, #6
          #5 accepted
          #6 accepted
          #5 rests 2 @ 110, holds 2 GOLD
          #6 waits for its stop price, holds 0 GOLD
        alice cancel-list L3 as=request
          #5 cancelled by request: 2 @ 110, frees 2 GOLD
          #6 cancelled by request: 2 @ 0, frees 0 GOLD
          L3 is done
        alice oco id=pair | sell 2 @ 110 maker | sell 2 stop-loss 95
          L4 pair Oco of #7, #8
          #7 accepted
          #8 accepted
          #7 rests 2 @ 110, holds 2 GOLD
          #8 waits for its stop price, holds 0 GOLD
        alice cancel-list pair
          #7 cancelled: 2 @ 110, frees 2 GOLD
          #8 cancelled: 2 @ 0, frees 0 GOLD
          L4 is done
        alice cancel-list pair
          alice: rejected, UnknownList
        alice oco id=pair | sell 2 @ 110 maker | sell 2 stop-loss 95
          L5 pair Oco of #9, #10
          #9 accepted
          #10 accepted
          #9 rests 2 @ 110, holds 2 GOLD
          #10 waits for its stop price, holds 0 GOLD
        bob cancel-list pair
          bob: rejected, UnknownList
        bob cancel-list L5
          bob: rejected, UnknownList
        alice cancel-list pair on TINEUR
          alice: rejected, UnknownList
        alice cancel-list pair on NOWHERE
          alice: rejected, UnknownMarket
        nobody cancel-list pair
          nobody: rejected, UnknownAccount
        alice sell 1 @ 120
          #11 accepted
          #11 rests 1 @ 120, holds 1 GOLD
        alice cancel-all
          #9 cancelled: 2 @ 110, frees 2 GOLD
          #10 cancelled: 2 @ 0, frees 0 GOLD
          L5 is done
          #11 cancelled: 1 @ 120, frees 1 GOLD
          alice: 3 cancelled
        alice oco id=pair | sell 2 @ 110 maker | sell 2 stop-loss 95
          L6 pair Oco of #12, #13
          #12 accepted
          #13 accepted
          #12 rests 2 @ 110, holds 2 GOLD
          #13 waits for its stop price, holds 0 GOLD
        cancel-market GOLDEUR
          #12 ends with its market: 2 @ 110, frees 2 GOLD
          #13 ends with its market: 2 @ 0, frees 0 GOLD
          L6 is done
          2 cancelled
        lists
          none
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn what_makes_a_pair() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        # one side, one quantity, a profit and a loss
        alice oco | sell 2 @ 110 maker | buy 2 stop-loss 105
          alice: rejected, InvalidList
        alice oco | sell 2 @ 110 maker | sell 1 stop-loss 95
          alice: rejected, InvalidList
        alice oco | sell 2 @ 110 maker | sell 2 take-profit 105
          alice: rejected, InvalidList
        alice oco | sell 2 stop-loss 94 | sell 2 stop-loss 95
          alice: rejected, InvalidList
        alice oco | sell 2 @ 110 | sell 2 stop-loss 95
          alice: rejected, InvalidList
        alice oco | sell 2 @ 110 maker | sell 2 market
          alice: rejected, InvalidList
        # apart from each other
        alice oco | sell 2 take-profit 101 | sell 2 stop-loss 99
          L1 Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 waits for its stop price, holds 2 GOLD
          #4 waits for its stop price, holds 0 GOLD
        alice oco | sell 2 take-profit 110 trail=100 | sell 2 stop-loss 110 trail=100
          alice: rejected, InvalidList
        alice oco | sell 2 take-profit 110.01 trail=100 | sell 2 stop-loss 110 trail=100
          L2 Oco of #5, #6
          #5 accepted
          #6 accepted
          #5 waits for its stop price, holds 2 GOLD
          #6 waits for its stop price, holds 0 GOLD
        alice oco | buy 2 take-profit 110 trail=100 | buy 2 stop-loss 110 trail=100
          alice: rejected, InvalidList
        alice oco | sell 2 take-profit trail=100 | sell 2 stop-loss 110 trail=100
          L3 Oco of #7, #8
          #7 accepted
          #8 accepted
          #7 waits for a turn, holds 2 GOLD
          #8 waits for its stop price, holds 0 GOLD
        # a limit beyond the last price
        alice oco | sell 2 @ 100 maker | sell 2 stop-loss 95
          alice: rejected, InvalidList
        alice oco | sell 2 @ 100.01 maker | sell 2 stop-loss 95
          L4 Oco of #9, #10
          #9 accepted
          #10 accepted
          #9 rests 2 @ 100.01, holds 2 GOLD
          #10 waits for its stop price, holds 0 GOLD
        alice oco | buy 2 @ 100 maker | buy 2 stop-loss 105
          alice: rejected, InvalidList
        alice oco | buy 2 @ 99.99 maker | buy 2 stop-loss 105
          L5 Oco of #11, #12
          #11 accepted
          #12 accepted
          #11 rests 2 @ 99.99, holds 199.98 EUR
          #12 waits for its stop price, holds 10.02 EUR
        # of one account and market, named once
        alice oco | sell 2 @ 110 maker | bob sell 2 stop-loss 95
          alice: rejected, InvalidList
        alice oco | sell 2 @ 110 maker | sell 2 stop-loss 95 on TINEUR
          alice: rejected, InvalidList
        alice oco | sell 2 @ 110 maker id=a | sell 2 stop-loss 95 id=a
          alice: rejected, DuplicateClientId
        alice oco id=a | sell 2 @ 110 maker id=a | sell 2 stop-loss 95 id=b
          L6 a Oco of #13, #14
          #13 accepted
          #14 accepted
          #13 rests 2 @ 110, holds 2 GOLD
          #14 waits for its stop price, holds 0 GOLD
        alice oco id=a | sell 2 @ 110 maker | sell 2 stop-loss 95
          alice: rejected, DuplicateListId
        bob oco id=a | sell 2 @ 110 maker | sell 2 stop-loss 95
          L7 a Oco of #15, #16
          #15 accepted
          #16 accepted
          #15 rests 2 @ 110, holds 2 GOLD
          #16 waits for its stop price, holds 0 GOLD
        alice cancel-list a
          #13 cancelled: 2 @ 110, frees 2 GOLD
          #14 cancelled: 2 @ 0, frees 0 GOLD
          L6 is done
        alice oco id=a | sell 2 @ 110 maker | sell 2 stop-loss 95
          L8 a Oco of #17, #18
          #17 accepted
          #18 accepted
          #17 rests 2 @ 110, holds 2 GOLD
          #18 waits for its stop price, holds 0 GOLD
    "#]]);
}

#[test]
fn amended_together() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice oco | buy 3 @ 90 maker id=limit | buy 3 stop-loss 105 @ 106 id=stop
          L1 Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 rests 3 @ 90, holds 270 EUR
          #4 waits for its stop price, holds 48 EUR
        balance alice
          alice: 999 GOLD, 99782 EUR and 318 EUR held, 1000 TIN
        alice amend stop 2 id=other
          #4 amended to 2, 2 open @ 106, frees 16 EUR as other
          #3 amended to 2, 2 open @ 90, shows 1 less, frees 90 EUR as limit
        balance alice
          alice: 999 GOLD, 99888 EUR and 212 EUR held, 1000 TIN
        orders alice
          #3 buy 2 @ 90, 2 open, traded for 0 EUR, placed at 23, changed at 24 ms, of L1
          #4 buy 2 @ 106, 2 open, traded for 0 EUR, placed at 23, changed at 24 ms, of L1; waits for its stop price, holds 32 EUR, stop 105
        alice amend limit 1
          #3 amended to 1, 1 open @ 90, shows 1 less, frees 90 EUR as limit
          #4 amended to 1, 1 open @ 106, frees 16 EUR as other
        balance alice
          alice: 999 GOLD, 99994 EUR and 106 EUR held, 1000 TIN
        bob sell 1 @ 90
          #5 accepted
          trade 2: 1 @ 90 = 90 EUR, #5 with #3, which is filled
          #4 ends with its list: 1 @ 106, frees 16 EUR
          L1 is done
        balance alice
          alice: 1000 GOLD, 100010 EUR, 1000 TIN
        alice modify #3 1 @ 80
          alice: rejected, UnknownOrder
        alice oco | sell 3 @ 120 maker id=limit | sell 3 stop-loss 85
          L2 Oco of #6, #7
          #6 accepted
          #7 accepted
          #6 rests 3 @ 120, holds 3 GOLD
          #7 waits for its stop price, holds 0 GOLD
        alice modify #6 1 @ 130
          alice: rejected, CannotModify
        alice amend limit 0.5
          #6 amended to 0.5, 0.5 open @ 120, shows 2.5 less, frees 2.5 GOLD as limit
          #7 amended to 0.5, 0.5 open @ 0, frees 0 GOLD
        balance alice
          alice: 999.5 GOLD and 0.5 GOLD held, 100010 EUR, 1000 TIN
    "#]]);
}

#[test]
fn of_icebergs_and_trailing_orders() {
    check(&expect![[r#"
        carol buy 9 @ 100
          #1 accepted
          #1 rests 9 @ 100, holds 900 EUR
        bob sell 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 8 left
        alice oco | sell 4 @ 110 maker iceberg=1 | sell 4 stop-loss trail=200
          L1 Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 rests 4 @ 110, shows 1, holds 4 GOLD
          #4 waits for a turn, holds 0 GOLD
        book
          ask 110: #3 1 of 4
          bid 100: #1 8
        bob buy 1 @ 109
          #5 accepted
          #5 rests 1 @ 109, holds 109 EUR
        carol sell 0.5 @ 109
          #6 accepted
          trade 2: 0.5 @ 109 = 54.5 EUR, #6 with #5, 0.5 left
          #4 follows from 109
        orders alice
          #3 sell 4 @ 110, 4 open, traded for 0 EUR, placed at 23, changed at 23 ms, shows 1 by 1, of L1
          #4 sell 4 @ 0, 4 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1; waits for a turn, holds 0 GOLD, trails 200 from 109
        bob sell 1 @ 100
          #7 accepted
          trade 3: 0.5 @ 109 = 54.5 EUR, #7 with #5, which is filled
          trade 4: 0.5 @ 100 = 50 EUR, #7 with #1, 7.5 left
          #3 ends with its list: 4 @ 110, frees 4 GOLD
          #4 triggered, holds 4 GOLD more
          #4 enters, frees 4 GOLD
          trade 5: 4 @ 100 = 400 EUR, #4 with #1, 3.5 left
          L1 is done
        balance alice
          alice: 996 GOLD, 100400 EUR, 1000 TIN
        lists
          none
        alice oco | sell 4 @ 110 maker iceberg=1 | sell 4 stop-loss trail=200
          L2 Oco of #8, #9
          #8 accepted
          #9 accepted
          #8 rests 4 @ 110, shows 1, holds 4 GOLD
          #9 waits for a turn, holds 0 GOLD
        bob buy 2 @ 110
          #10 accepted
          trade 6: 1 @ 110 = 110 EUR, #10 with #8, 3 left
          #9 ends with its list: 4 @ 0, frees 0 GOLD
          #8 shows 1 more @ 110
          trade 7: 1 @ 110 = 110 EUR, #10 with #8, 2 left
          #8 shows 1 more @ 110
        lists
          L2 Oco of alice: #8, #9
        orders alice
          #8 sell 4 @ 110, 2 open, traded for 220 EUR, placed at 27, changed at 28 ms, shows 1 by 1, of L2
    "#]]);
}
