//! One cancels the other: two orders over one quantity.

use expect_test::expect;

use crate::check;

#[test]
fn a_sell_pair_rests_and_waits() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice oco id=pair | sell 2 @ 110 maker id=up | sell 2 stop-loss 95 id=down
          L1 pair Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 rests 2 @ 110, holds 2 GOLD
          #4 waits for its stop price, holds 0 GOLD
        book
          ask 110: #3 2
        orders alice
          #3 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1
          #4 sell 2 @ 0, 2 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1; waits for its stop price, holds 0 GOLD, stop 95
        lists
          L1 pair Oco of alice: #3, #4
        # one quantity is held, whatever the order of the two
        balance alice
          alice: 997 GOLD and 2 GOLD held, 100100 EUR, 1000 TIN
        alice oco | sell 2 stop-loss 95 @ 90 | sell 2 take-profit 110 @ 105
          L2 Oco of #5, #6
          #5 accepted
          #6 accepted
          #5 waits for its stop price, holds 2 GOLD
          #6 waits for its stop price, holds 0 GOLD
        alice oco | sell 2 stop-loss 95 @ 90 | sell 2 @ 111 maker
          L3 Oco of #7, #8
          #7 accepted
          #8 accepted
          #7 waits for its stop price, holds 0 GOLD
          #8 rests 2 @ 111, holds 2 GOLD
        balance alice
          alice: 993 GOLD and 6 GOLD held, 100100 EUR, 1000 TIN
        lists
          L1 pair Oco of alice: #3, #4
          L2 Oco of alice: #5, #6
          L3 Oco of alice: #7, #8
    "#]]);
}

#[test]
fn a_buy_pair_holds_the_larger_need() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice oco | buy 2 @ 90 maker | buy 2 stop-loss 105
          L1 Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 rests 2 @ 90, holds 180 EUR
          #4 waits for its stop price, holds 30 EUR
        balance alice
          alice: 999 GOLD, 99890 EUR and 210 EUR held, 1000 TIN
        orders alice
          #3 buy 2 @ 90, 2 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1
          #4 buy 2 @ 0, 2 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1; waits for its stop price, holds 30 EUR, stop 105
        alice cancel-list L1
          #3 cancelled: 2 @ 90, frees 180 EUR
          #4 cancelled: 2 @ 0, frees 30 EUR
          L1 is done
        alice oco | buy 2 stop-loss 105 @ 106 | buy 2 @ 90 maker
          L2 Oco of #5, #6
          #5 accepted
          #6 accepted
          #5 waits for its stop price, holds 32 EUR
          #6 rests 2 @ 90, holds 180 EUR
        balance alice
          alice: 999 GOLD, 99888 EUR and 212 EUR held, 1000 TIN
        alice cancel-list L2
          #5 cancelled: 2 @ 106, frees 32 EUR
          #6 cancelled: 2 @ 90, frees 180 EUR
          L2 is done
        alice oco | buy 2 take-profit 90 @ 95 | buy 2 stop-loss 105 @ 94
          L3 Oco of #7, #8
          #7 accepted
          #8 accepted
          #7 waits for its stop price, holds 190 EUR
          #8 waits for its stop price, holds 0 EUR
        balance alice
          alice: 999 GOLD, 99910 EUR and 190 EUR held, 1000 TIN
        alice cancel-list L3
          #7 cancelled: 2 @ 95, frees 190 EUR
          #8 cancelled: 2 @ 94, frees 0 EUR
          L3 is done
        balance alice
          alice: 999 GOLD, 100100 EUR, 1000 TIN
        # just enough
        transfer custody dave 210 EUR
          210 EUR from custody to dave
        dave oco | buy 2 @ 90 maker | buy 2 stop-loss 105.5
          dave: rejected, InsufficientBalance
        dave oco | buy 2 @ 90 maker | buy 2 stop-loss 105
          L4 Oco of #9, #10
          #9 accepted
          #10 accepted
          #9 rests 2 @ 90, holds 180 EUR
          #10 waits for its stop price, holds 30 EUR
        dave cancel-all
          #9 cancelled: 2 @ 90, frees 180 EUR
          #10 cancelled: 2 @ 0, frees 30 EUR
          L4 is done
          dave: 2 cancelled
        dave oco | buy 2 stop-loss 105 | buy 2 @ 90 maker
          L5 Oco of #11, #12
          #11 accepted
          #12 accepted
          #11 waits for its stop price, holds 30 EUR
          #12 rests 2 @ 90, holds 180 EUR
        balance dave
          dave: 0 EUR and 210 EUR held
    "#]]);
}

#[test]
fn a_trade_of_the_limit_ends_the_stop() {
    check(&expect![[r#"
        alice oco id=pair | sell 2 @ 110 maker | sell 2 stop-loss 95
          L1 pair Oco of #1, #2
          #1 accepted
          #2 accepted
          #1 rests 2 @ 110, holds 2 GOLD
          #2 waits for its stop price, holds 0 GOLD
        bob buy 1 @ 110
          #3 accepted
          trade 1: 1 @ 110 = 110 EUR, #3 with #1, 1 left
          #2 ends with its list: 2 @ 0, frees 0 GOLD
        book
          ask 110: #1 1
        lists
          L1 pair Oco of alice: #1, #2
        balance alice
          alice: 998 GOLD and 1 GOLD held, 100110 EUR, 1000 TIN
        bob buy 1 @ 110
          #4 accepted
          trade 2: 1 @ 110 = 110 EUR, #4 with #1, which is filled
          L1 is done
        lists
          none
        # a fill in one trade ends the list at once
        alice oco id=pair | buy 2 stop-loss 120 | buy 2 @ 90 maker
          L2 pair Oco of #5, #6
          #5 accepted
          #6 accepted
          #5 waits for its stop price, holds 60 EUR
          #6 rests 2 @ 90, holds 180 EUR
        bob sell 3 @ 90
          #7 accepted
          trade 3: 2 @ 90 = 180 EUR, #7 with #6, which is filled
          #5 ends with its list: 2 @ 0, frees 60 EUR
          L2 is done
          #7 rests 1 @ 90, holds 1 GOLD
        lists
          none
        balance alice
          alice: 1000 GOLD, 100040 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_trigger_ends_the_limit() {
    check(&expect![[r#"
        carol buy 5 @ 95
          #1 accepted
          #1 rests 5 @ 95, holds 475 EUR
        alice oco | sell 2 @ 110 maker | sell 2 stop-loss 95
          L1 Oco of #2, #3
          #2 accepted
          #3 accepted
          #2 rests 2 @ 110, holds 2 GOLD
          #3 waits for its stop price, holds 0 GOLD
        bob sell 1 @ 95
          #4 accepted
          trade 1: 1 @ 95 = 95 EUR, #4 with #1, 4 left
          #2 ends with its list: 2 @ 110, frees 2 GOLD
          #3 triggered, holds 2 GOLD more
          #3 enters, frees 2 GOLD
          trade 2: 2 @ 95 = 190 EUR, #3 with #1, 2 left
          L1 is done
        book
          bid 95: #1 2
        lists
          none
        balance alice
          alice: 998 GOLD, 100190 EUR, 1000 TIN
        # a stop-limit that rests keeps the list open
        alice oco | sell 2 stop-loss 94 @ 93 | sell 2 @ 110 maker
          L2 Oco of #5, #6
          #5 accepted
          #6 accepted
          #5 waits for its stop price, holds 0 GOLD
          #6 rests 2 @ 110, holds 2 GOLD
        carol buy 1 @ 94
          #7 accepted
          #7 rests 1 @ 94, holds 94 EUR
        bob sell 3 @ 94
          #8 accepted
          trade 3: 2 @ 95 = 190 EUR, #8 with #1, which is filled
          trade 4: 1 @ 94 = 94 EUR, #8 with #7, which is filled
          #6 ends with its list: 2 @ 110, frees 2 GOLD
          #5 triggered, holds 2 GOLD more
          #5 enters, frees 2 GOLD
          #5 rests 2 @ 93, holds 2 GOLD
        lists
          L2 Oco of alice: #5, #6
        book
          ask 93: #5 2
        alice cancel #6
          alice: rejected, UnknownOrder
        lists
          L2 Oco of alice: #5, #6
    "#]]);
}

#[test]
fn a_trigger_of_a_buy_takes_over_what_its_partner_held() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        transfer custody dave 212 EUR
          212 EUR from custody to dave
        dave oco | buy 2 @ 90 maker | buy 2 stop-loss 105 @ 106
          L1 Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 rests 2 @ 90, holds 180 EUR
          #4 waits for its stop price, holds 32 EUR
        carol sell 1 @ 105
          #5 accepted
          #5 rests 1 @ 105, holds 1 GOLD
        bob buy 1 @ 105
          #6 accepted
          trade 2: 1 @ 105 = 105 EUR, #6 with #5, which is filled
          #3 ends with its list: 2 @ 90, frees 180 EUR
          #4 triggered, holds 180 EUR more
          #4 enters, frees 212 EUR
          #4 rests 2 @ 106, holds 212 EUR
        balance dave
          dave: 0 EUR and 212 EUR held
        book
          bid 106: #4 2
        dave cancel-all
          #4 cancelled: 2 @ 106, frees 212 EUR
          L1 is done
          dave: 1 cancelled
        # the other way round: the profit holds more
        dave oco | buy 2 take-profit 90 @ 106 | buy 2 stop-loss 110 @ 100
          L2 Oco of #7, #8
          #7 accepted
          #8 accepted
          #7 waits for its stop price, holds 212 EUR
          #8 waits for its stop price, holds 0 EUR
        orders dave
          #7 buy 2 @ 106, 2 open, traded for 0 EUR, placed at 28, changed at 28 ms, of L2; waits for its stop price, holds 212 EUR, stop 90
          #8 buy 2 @ 100, 2 open, traded for 0 EUR, placed at 28, changed at 28 ms, of L2; waits for its stop price, holds 0 EUR, stop 110
        carol sell 1 @ 110
          #9 accepted
          #9 rests 1 @ 110, holds 1 GOLD
        bob buy 1 @ 110
          #10 accepted
          trade 3: 1 @ 110 = 110 EUR, #10 with #9, which is filled
          #7 ends with its list: 2 @ 106, frees 212 EUR
          #8 triggered, holds 200 EUR more
          #8 enters, frees 200 EUR
          #8 rests 2 @ 100, holds 200 EUR
        balance dave
          dave: 12 EUR and 200 EUR held
        book
          bid 100: #8 2
    "#]]);
}

#[test]
fn both_triggered_by_one_price_cannot_be() {
    check(&expect![[r#"
        # one trails down while the other waits for a rise; a sweep triggers one, which ends the other
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice oco | sell 1 take-profit 105 @ 104 | sell 1 stop-loss trail=100 @ 90
          L1 Oco of #3, #4
          #3 accepted
          #4 accepted
          #3 waits for its stop price, holds 1 GOLD
          #4 waits for a turn, holds 0 GOLD
        carol sell 1 @ 101
          #5 accepted
          #5 rests 1 @ 101, holds 1 GOLD
        bob buy 1 @ 101
          #6 accepted
          trade 2: 1 @ 101 = 101 EUR, #6 with #5, which is filled
          #4 follows from 101
        carol buy 1 @ 99
          #7 accepted
          #7 rests 1 @ 99, holds 99 EUR
        carol sell 1 @ 105
          #8 accepted
          #8 rests 1 @ 105, holds 1 GOLD
        bob buy 1 @ 105
          #9 accepted
          trade 3: 1 @ 105 = 105 EUR, #9 with #8, which is filled
          #4 ends with its list: 1 @ 90, frees 0 GOLD
          #3 triggered
          #3 enters, frees 1 GOLD
          #3 rests 1 @ 104, holds 1 GOLD
        lists
          L1 Oco of alice: #3, #4
        # in one command: the first price of a sweep triggers the one, the last price would trigger the other
        carol sell 1 @ 110
          #10 accepted
          #10 rests 1 @ 110, holds 1 GOLD
        carol sell 1 @ 120
          #11 accepted
          #11 rests 1 @ 120, holds 1 GOLD
        alice oco | sell 1 take-profit 120 @ 130 | sell 1 stop-loss 110 @ 130
          alice: rejected, StopWouldTrigger
        bob buy 2 @ 120
          #12 accepted
          trade 4: 1 @ 104 = 104 EUR, #12 with #3, which is filled
          L1 is done
          trade 5: 1 @ 110 = 110 EUR, #12 with #10, which is filled
        lists
          none
    "#]]);
}
