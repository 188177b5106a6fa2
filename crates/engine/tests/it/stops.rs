//! Contingent orders with a stop price: when they trigger, in which order, and what becomes of them.

use expect_test::expect;

use crate::check;

#[test]
fn each_type_waits_on_its_side_of_the_price() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        # a stop loss of a sell and a take profit of a buy wait below, the others above
        alice sell 1 stop-loss 95
          #3 accepted
          #3 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 96 @ 90
          #4 accepted
          #4 waits for its stop price, holds 1 GOLD
        alice buy 1 take-profit 97
          #5 accepted
          #5 waits for its stop price, holds 97 EUR
        alice buy 1 take-profit 94 @ 93.5
          #6 accepted
          #6 waits for its stop price, holds 93.5 EUR
        alice buy 1 stop-loss 105
          #7 accepted
          #7 waits for its stop price, holds 105 EUR
        alice buy 1 stop-loss 104 @ 110
          #8 accepted
          #8 waits for its stop price, holds 110 EUR
        alice sell 1 take-profit 103
          #9 accepted
          #9 waits for its stop price, holds 1 GOLD
        alice sell 1 take-profit 106 @ 107
          #10 accepted
          #10 waits for its stop price, holds 1 GOLD
        balance alice
          alice: 995 GOLD and 4 GOLD held, 99694.5 EUR and 405.5 EUR held, 1000 TIN
        orders alice
          #3 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for its stop price, holds 1 GOLD, stop 95
          #4 sell 1 @ 90, 1 open, traded for 0 EUR, placed at 24, changed at 24 ms; waits for its stop price, holds 1 GOLD, stop 96
          #5 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 25, changed at 25 ms; waits for its stop price, holds 97 EUR, stop 97
          #6 buy 1 @ 93.5, 1 open, traded for 0 EUR, placed at 26, changed at 26 ms; waits for its stop price, holds 93.5 EUR, stop 94
          #7 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms; waits for its stop price, holds 105 EUR, stop 105
          #8 buy 1 @ 110, 1 open, traded for 0 EUR, placed at 28, changed at 28 ms; waits for its stop price, holds 110 EUR, stop 104
          #9 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 29, changed at 29 ms; waits for its stop price, holds 1 GOLD, stop 103
          #10 sell 1 @ 107, 1 open, traded for 0 EUR, placed at 30, changed at 30 ms; waits for its stop price, holds 1 GOLD, stop 106
        book
          empty
    "#]]);
}

#[test]
fn a_reached_price_triggers_and_the_order_enters_in_the_same_command() {
    check(&expect![[r#"
        carol buy 5 @ 95
          #1 accepted
          #1 rests 5 @ 95, holds 475 EUR
        carol buy 5 @ 90
          #2 accepted
          #2 rests 5 @ 90, holds 450 EUR
        alice sell 3 stop-loss 95
          #3 accepted
          #3 waits for its stop price, holds 3 GOLD
        alice sell 3 stop-loss 95 @ 94
          #4 accepted
          #4 waits for its stop price, holds 3 GOLD
        # at the price itself, not before
        bob sell 1 @ 96 ioc
          #5 accepted
          #5 expired: 1 @ 96, frees 0 GOLD
        carol buy 1 @ 96
          #6 accepted
          #6 rests 1 @ 96, holds 96 EUR
        bob sell 1 @ 96
          #7 accepted
          trade 1: 1 @ 96 = 96 EUR, #7 with #6, which is filled
        bob sell 1 @ 95
          #8 accepted
          trade 2: 1 @ 95 = 95 EUR, #8 with #1, 4 left
          #3 triggered
          #4 triggered
          #3 enters, frees 3 GOLD
          trade 3: 3 @ 95 = 285 EUR, #3 with #1, 1 left
          #4 enters, frees 3 GOLD
          trade 4: 1 @ 95 = 95 EUR, #4 with #1, which is filled
          #4 rests 2 @ 94, holds 2 GOLD
        book
          ask 94: #4 2
          bid 90: #2 5
        orders alice
          #4 sell 3 @ 94, 2 open, traded for 95 EUR, placed at 24, changed at 28 ms, stop 95
        balance alice
          alice: 994 GOLD and 2 GOLD held, 100380 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_buy_stop_of_each_kind() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol sell 2 @ 101
          #2 accepted
          #2 rests 2 @ 101, holds 2 GOLD
        carol sell 5 @ 102
          #3 accepted
          #3 rests 5 @ 102, holds 5 GOLD
        alice buy 2 stop-loss 101
          #4 accepted
          #4 waits for its stop price, holds 202 EUR
        alice buy 2 stop-loss 101 @ 101
          #5 accepted
          #5 waits for its stop price, holds 202 EUR
        alice buy 2 take-profit 99
          #6 accepted
          #6 waits for its stop price, holds 198 EUR
        balance alice
          alice: 1000 GOLD, 99398 EUR and 602 EUR held, 1000 TIN
        bob buy 2 @ 101
          #7 accepted
          trade 1: 1 @ 100 = 100 EUR, #7 with #1, which is filled
          trade 2: 1 @ 101 = 101 EUR, #7 with #2, 1 left
          #4 triggered
          #5 triggered
          #4 enters, frees 202 EUR
          trade 3: 1 @ 101 = 101 EUR, #4 with #2, which is filled
          trade 4: 1 @ 102 = 102 EUR, #4 with #3, 4 left
          #5 enters, frees 202 EUR
          #5 rests 2 @ 101, holds 202 EUR
        book
          ask 102: #3 4
          bid 101: #5 2
        balance alice
          alice: 1002 GOLD, 99397 EUR and 400 EUR held, 1000 TIN
        # a fall triggers the take profit: it takes 102, beyond what it held for 99
        carol buy 1 @ 99
          #8 accepted
          #8 rests 1 @ 99, holds 99 EUR
        bob sell 3 @ 99
          #9 accepted
          trade 5: 2 @ 101 = 202 EUR, #9 with #5, which is filled
          trade 6: 1 @ 99 = 99 EUR, #9 with #8, which is filled
          #6 triggered
          #6 enters, frees 198 EUR
          trade 7: 2 @ 102 = 204 EUR, #6 with #3, 2 left
        book
          ask 102: #3 2
        balance alice
          alice: 1006 GOLD, 99391 EUR, 1000 TIN
    "#]]);
}

#[test]
fn reached_already() {
    check(&expect![[r#"
        # without a last price nothing is reached
        alice sell 1 stop-loss 500
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        alice buy 1 stop-loss 1
          #2 accepted
          #2 waits for its stop price, holds 1 EUR
        alice cancel-all
          #1 cancelled: 1 @ 0, frees 1 GOLD
          #2 cancelled: 1 @ 0, frees 1 EUR
          alice: 2 cancelled
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #3, which is filled
        alice sell 1 stop-loss 100
          alice: rejected, StopWouldTrigger
        alice sell 1 stop-loss 99.99
          #5 accepted
          #5 waits for its stop price, holds 1 GOLD
        alice sell 1 take-profit 100
          alice: rejected, StopWouldTrigger
        alice sell 1 take-profit 100.01
          #6 accepted
          #6 waits for its stop price, holds 1 GOLD
        alice buy 1 stop-loss 100
          alice: rejected, StopWouldTrigger
        alice buy 1 stop-loss 100.01
          #7 accepted
          #7 waits for its stop price, holds 100.01 EUR
        alice buy 1 take-profit 100 @ 100
          alice: rejected, StopWouldTrigger
        alice buy 1 take-profit 99.99 @ 100
          #8 accepted
          #8 waits for its stop price, holds 100 EUR
        # one that only begins to follow there may
        alice sell 1 stop-loss 100 trail=100
          #9 accepted
          #9 waits for its stop price, holds 1 GOLD
    "#]]);
}

#[test]
fn what_goes_together() {
    check(&expect![[r#"
        # no price, GTC or GTD, no iceberg for those at the market
        alice sell 1 stop-loss 95 ioc
          alice: rejected, InvalidOrder
        alice sell 1 stop-loss 95 fok
          alice: rejected, InvalidOrder
        alice sell 1 stop-loss 95 iceberg=1
          alice: rejected, InvalidOrder
        alice sell 1 stop-loss 95 quote=1
          alice: rejected, InvalidOrder
        alice sell 1 stop-loss 95 gtd
          alice: rejected, InvalidTime
        alice sell 1 stop-loss 95 gtd=500
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        # a limit may have any time in force, an iceberg only one that rests
        alice sell 1 stop-loss 95 @ 94 ioc
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 95 @ 94 fok
          #3 accepted
          #3 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 95 @ 94 ioc iceberg=1
          alice: rejected, InvalidOrder
        alice sell 2 stop-loss 95 @ 94 iceberg=1
          #4 accepted
          #4 waits for its stop price, holds 2 GOLD
        # a stop price, a delta, or both
        alice sell 1 stop-loss
          alice: rejected, InvalidOrder
        alice sell 1 take-profit @ 94
          alice: rejected, InvalidOrder
        alice sell 1 take-profit trail=10
          #5 accepted
          #5 waits for a turn, holds 1 GOLD
        alice sell 1 stop-loss -1
          alice: rejected, InvalidOrder
        alice sell 1 @ 100 stop=95
          alice: rejected, InvalidOrder
        alice sell 1 @ 100 trail=10
          alice: rejected, InvalidOrder
        alice sell 1 @ 100 maker stop=95
          alice: rejected, InvalidOrder
        alice sell 1 market stop=95
          alice: rejected, InvalidOrder
        alice sell 1 market trail=95
          alice: rejected, InvalidOrder
        # priced by a last price that there is not yet
        alice buy 1 stop-loss trail=10
          alice: rejected, InvalidOrder
        alice buy 1 stop-loss trail=10 @ 90
          #6 accepted
          #6 waits for a turn, holds 90 EUR
        alice buy 1 stop-loss 90 trail=10
          #7 accepted
          #7 waits for its stop price, holds 90 EUR
        alice sell 1 stop-loss trail=10
          #8 accepted
          #8 waits for a turn, holds 1 GOLD
        orders alice
          #1 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 26, changed at 26 ms until 500 ms; waits for its stop price, holds 1 GOLD, stop 95
          #2 sell 1 @ 94, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms; waits for its stop price, holds 1 GOLD, stop 95
          #3 sell 1 @ 94, 1 open, traded for 0 EUR, placed at 28, changed at 28 ms; waits for its stop price, holds 1 GOLD, stop 95
          #4 sell 2 @ 94, 2 open, traded for 0 EUR, placed at 30, changed at 30 ms, shows 0 by 1; waits for its stop price, holds 2 GOLD, stop 95
          #5 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 33, changed at 33 ms; waits for a turn, holds 1 GOLD, trails 10
          #6 buy 1 @ 90, 1 open, traded for 0 EUR, placed at 41, changed at 41 ms; waits for a turn, holds 90 EUR, trails 10
          #7 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 42, changed at 42 ms; waits for its stop price, holds 90 EUR, stop 90, trails 10
          #8 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 43, changed at 43 ms; waits for a turn, holds 1 GOLD, trails 10
    "#]]);
}

#[test]
fn filters_of_the_stop_price() {
    check(&expect![[r#"
        # 41 price, stop price; 42 and 43 lots; 44 notional at the stop price, or at the limit; 45
        alice sell 10 stop-loss 0.95 on GOLDTIN
          alice: rejected, PriceFilter
        alice sell 10 stop-loss 1.01 on GOLDTIN
          alice: rejected, PriceFilter
        alice sell 10 stop-loss 100.05 @ 20 on GOLDTIN
          alice: rejected, PriceFilter
        alice sell 10 stop-loss 20 @ 0.5 on GOLDTIN
          alice: rejected, PriceFilter
        alice sell 0.7 stop-loss 20 on GOLDTIN
          alice: rejected, LotSize
        alice sell 0.5 stop-loss 20 on GOLDTIN
          alice: rejected, MarketLotSize
        alice sell 0.5 stop-loss 20 @ 20 on GOLDTIN
          #1 accepted
          #1 waits for its stop price, holds 0.5 GOLD
        alice sell 1 stop-loss 4.95 on GOLDTIN
          alice: rejected, Notional
        alice sell 1 stop-loss 5 on GOLDTIN
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 20 @ 4.95 on GOLDTIN
          alice: rejected, Notional
        alice sell 20 take-profit 100 on GOLDTIN
          #3 accepted
          #3 waits for its stop price, holds 20 GOLD
        alice sell 20.5 stop-loss 90 @ 99 on GOLDTIN
          alice: rejected, Notional
        alice buy max stop-loss max
          alice: rejected, Notional
        alice sell 10000000000000000 stop-loss 0.01 on TINGOLD
          alice: rejected, AmountOverflow
    "#]]);
}

#[test]
fn a_cascade_happens_in_one_command() {
    check(&expect![[r#"
        carol buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        carol buy 1 @ 99
          #2 accepted
          #2 rests 1 @ 99, holds 99 EUR
        carol buy 1 @ 98
          #3 accepted
          #3 rests 1 @ 98, holds 98 EUR
        carol buy 1 @ 97
          #4 accepted
          #4 rests 1 @ 97, holds 97 EUR
        alice sell 1 stop-loss 100
          #5 accepted
          #5 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 98
          #6 accepted
          #6 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 99
          #7 accepted
          #7 waits for its stop price, holds 1 GOLD
        bob sell 1 stop-loss 97 @ 97
          #8 accepted
          #8 waits for its stop price, holds 1 GOLD
        bob sell 1 @ 100
          #9 accepted
          trade 1: 1 @ 100 = 100 EUR, #9 with #1, which is filled
          #5 triggered
          #5 enters, frees 1 GOLD
          trade 2: 1 @ 99 = 99 EUR, #5 with #2, which is filled
          #7 triggered
          #7 enters, frees 1 GOLD
          trade 3: 1 @ 98 = 98 EUR, #7 with #3, which is filled
          #6 triggered
          #6 enters, frees 1 GOLD
          trade 4: 1 @ 97 = 97 EUR, #6 with #4, which is filled
          #8 triggered
          #8 enters, frees 1 GOLD
          #8 rests 1 @ 97, holds 1 GOLD
        book
          ask 97: #8 1
        market
          GOLDEUR trading, last trade 4 @ 97, last prevented 0
        orders bob
          #8 sell 1 @ 97, 1 open, traded for 0 EUR, placed at 28, changed at 29 ms, stop 97
        orders alice
          none
    "#]]);
}

#[test]
fn the_order_of_triggers() {
    check(&expect![[r#"
        # rising stops, lowest first, then falling ones, highest first, of one price the first that came
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        carol sell 20 @ 200
          #3 accepted
          #3 rests 20 @ 200, holds 20 GOLD
        carol buy 20 @ 50
          #4 accepted
          #4 rests 20 @ 50, holds 1000 EUR
        alice buy 1 stop-loss 120 id=rising-120-a
          #5 accepted
          #5 waits for its stop price, holds 120 EUR
        alice buy 1 stop-loss 110 id=rising-110
          #6 accepted
          #6 waits for its stop price, holds 110 EUR
        alice sell 1 take-profit 120 id=rising-120-b
          #7 accepted
          #7 waits for its stop price, holds 1 GOLD
        alice buy 1 take-profit 90 id=falling-90-a
          #8 accepted
          #8 waits for its stop price, holds 90 EUR
        alice sell 1 stop-loss 95 id=falling-95
          #9 accepted
          #9 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 90 id=falling-90-b
          #10 accepted
          #10 waits for its stop price, holds 1 GOLD
        bob sell 1 @ 125
          #11 accepted
          #11 rests 1 @ 125, holds 1 GOLD
        carol buy 1 @ 125
          #12 accepted
          trade 2: 1 @ 125 = 125 EUR, #12 with #11, which is filled
          #6 triggered
          #5 triggered
          #7 triggered
          #6 enters, frees 110 EUR
          trade 3: 1 @ 200 = 200 EUR, #6 with #3, 19 left
          #5 enters, frees 120 EUR
          trade 4: 1 @ 200 = 200 EUR, #5 with #3, 18 left
          #7 enters, frees 1 GOLD
          trade 5: 1 @ 50 = 50 EUR, #7 with #4, 19 left
          #9 triggered
          #8 triggered
          #10 triggered
          #9 enters, frees 1 GOLD
          trade 6: 1 @ 50 = 50 EUR, #9 with #4, 18 left
          #8 enters, frees 90 EUR
          trade 7: 1 @ 200 = 200 EUR, #8 with #3, 17 left
          #10 enters, frees 1 GOLD
          trade 8: 1 @ 50 = 50 EUR, #10 with #4, 17 left
        bob buy 1 @ 90
          #13 accepted
          #13 rests 1 @ 90, holds 90 EUR
        carol sell 1 @ 90
          #14 accepted
          trade 9: 1 @ 90 = 90 EUR, #14 with #13, which is filled
        book
          ask 200: #3 17
          bid 50: #4 17
    "#]]);
}

#[test]
fn the_first_and_the_last_price_of_a_sweep_are_looked_at() {
    check(&expect![[r#"
        carol sell 1 @ 90
          #1 accepted
          #1 rests 1 @ 90, holds 1 GOLD
        carol sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        carol sell 1 @ 110
          #3 accepted
          #3 rests 1 @ 110, holds 1 GOLD
        dave buy 1 @ 1
          dave: rejected, InsufficientBalance
        alice buy 1 take-profit 90 @ 80 id=at-first
          #4 accepted
          #4 waits for its stop price, holds 80 EUR
        alice buy 1 stop-loss 110 @ 80 id=at-last
          #5 accepted
          #5 waits for its stop price, holds 80 EUR
        alice buy 1 stop-loss 100 @ 81 id=passed
          #6 accepted
          #6 waits for its stop price, holds 81 EUR
        alice buy 1 take-profit 89 @ 80 id=not-reached
          #7 accepted
          #7 waits for its stop price, holds 80 EUR
        # both prices before the first of them enters
        bob buy 3 @ 110
          #8 accepted
          trade 1: 1 @ 90 = 90 EUR, #8 with #1, which is filled
          trade 2: 1 @ 100 = 100 EUR, #8 with #2, which is filled
          trade 3: 1 @ 110 = 110 EUR, #8 with #3, which is filled
          #4 triggered
          #6 triggered
          #5 triggered
          #4 enters, frees 80 EUR
          #4 rests 1 @ 80, holds 80 EUR
          #6 enters, frees 81 EUR
          #6 rests 1 @ 81, holds 81 EUR
          #5 enters, frees 80 EUR
          #5 rests 1 @ 80, holds 80 EUR
        book
          bid 81: #6 1
          bid 80: #4 1, #5 1
        # one price: looked at once
        bob sell 1 @ 81
          #9 accepted
          trade 4: 1 @ 81 = 81 EUR, #9 with #6, which is filled
          #7 triggered
          #7 enters, frees 80 EUR
          #7 rests 1 @ 80, holds 80 EUR
        orders alice
          #4 buy 1 @ 80, 1 open, traded for 0 EUR, placed at 25, changed at 29 ms, stop 90
          #5 buy 1 @ 80, 1 open, traded for 0 EUR, placed at 26, changed at 29 ms, stop 110
          #7 buy 1 @ 80, 1 open, traded for 0 EUR, placed at 28, changed at 30 ms, stop 89
    "#]]);
}

#[test]
fn what_is_left_rests_before_anything_is_triggered() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 2 stop-loss 100 id=falls
          #2 accepted
          #2 waits for its stop price, holds 2 GOLD
        # the bid of what is left is there when the stop enters
        bob buy 3 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          #3 rests 2 @ 100, holds 200 EUR
          #2 triggered
          #2 enters, frees 2 GOLD
          trade 2: 2 @ 100 = 200 EUR, #2 with #3, which is filled
        book
          empty
        carol sell 1 @ 105
          #4 accepted
          #4 rests 1 @ 105, holds 1 GOLD
        alice sell 2 stop-loss 99 id=stop
          #5 accepted
          #5 waits for its stop price, holds 2 GOLD
        carol buy 1 @ 99
          #6 accepted
          #6 rests 1 @ 99, holds 99 EUR
        # what expires has expired
        bob sell 3 @ 99 ioc
          #7 accepted
          trade 3: 1 @ 99 = 99 EUR, #7 with #6, which is filled
          #7 expired: 2 @ 99, frees 0 GOLD
          #5 triggered
          #5 enters, frees 2 GOLD
          #5 expired: 2 @ 0, frees 0 GOLD
        book
          ask 105: #4 1
    "#]]);
}

#[test]
fn a_modified_order_triggers_too() {
    check(&expect![[r#"
        carol buy 2 @ 95
          #1 accepted
          #1 rests 2 @ 95, holds 190 EUR
        alice sell 1 stop-loss 95
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        bob sell 1 @ 105
          #3 accepted
          #3 rests 1 @ 105, holds 1 GOLD
        bob modify #3 1 @ 95
          #3 from 1 @ 105 to 1 @ 95, frees 1 GOLD
          trade 1: 1 @ 95 = 95 EUR, #3 with #1, 1 left
          #2 triggered
          #2 enters, frees 1 GOLD
          trade 2: 1 @ 95 = 95 EUR, #2 with #1, which is filled
        book
          empty
    "#]]);
}

#[test]
fn without_a_limit_it_takes_what_its_account_can_pay() {
    check(&expect![[r#"
        transfer custody dave 110 EUR
          110 EUR from custody to dave
        carol sell 1 @ 110
          #1 accepted
          #1 rests 1 @ 110, holds 1 GOLD
        carol sell 1 @ 120
          #2 accepted
          #2 rests 1 @ 120, holds 1 GOLD
        dave buy 1 stop-loss 110
          #3 accepted
          #3 waits for its stop price, holds 110 EUR
        balance dave
          dave: 0 EUR and 110 EUR held
        # its hold of 110 does not pay for 120
        bob buy 1 @ 110
          #4 accepted
          trade 1: 1 @ 110 = 110 EUR, #4 with #1, which is filled
          #3 triggered
          #3 enters, frees 110 EUR
          trade 2: 0.9 @ 120 = 108 EUR, #3 with #2, 0.1 left
          #3 expired: 0.1 @ 0, frees 0 EUR
        balance dave
          dave: 0.9 GOLD, 2 EUR
        book
          ask 120: #2 0.1
    "#]]);
}

#[test]
fn it_takes_whole_lots_of_what_it_can_pay() {
    check(&expect![[r#"
        set GOLDEUR lot=0.5 market-lot=0.5
          GOLDEUR is set
        transfer custody dave 100 EUR
          100 EUR from custody to dave
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol sell 5 @ 130
          #2 accepted
          #2 rests 5 @ 130, holds 5 GOLD
        dave buy 1 stop-loss 100
          #3 accepted
          #3 waits for its stop price, holds 100 EUR
        bob buy 1 @ 100
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          #3 triggered
          #3 enters, frees 100 EUR
          trade 2: 0.5 @ 130 = 65 EUR, #3 with #2, 4.5 left
          #3 expired: 0.5 @ 0, frees 0 EUR
        balance dave
          dave: 0.5 GOLD, 35 EUR
        # a sell always has what it held
        carol buy 1 @ 90
          #5 accepted
          #5 rests 1 @ 90, holds 90 EUR
        dave sell 0.5 stop-loss 90
          #6 accepted
          #6 waits for its stop price, holds 0.5 GOLD
        bob sell 0.5 @ 90
          #7 accepted
          trade 3: 0.5 @ 90 = 45 EUR, #7 with #5, 0.5 left
          #6 triggered
          #6 enters, frees 0.5 GOLD
          trade 4: 0.5 @ 90 = 45 EUR, #6 with #5, which is filled
        balance dave
          dave: 80 EUR
    "#]]);
}

#[test]
fn what_it_held_is_free_for_others_when_it_enters() {
    check(&expect![[r#"
        # two stops of one account enter one after the other; the first takes what the second counted on
        transfer custody dave 200 EUR
          200 EUR from custody to dave
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol sell 1 @ 150
          #2 accepted
          #2 rests 1 @ 150, holds 1 GOLD
        carol sell 1 @ 160
          #3 accepted
          #3 rests 1 @ 160, holds 1 GOLD
        dave buy 1 stop-loss 100 id=first
          #4 accepted
          #4 waits for its stop price, holds 100 EUR
        dave buy 1 stop-loss 100 @ 100 id=second
          #5 accepted
          #5 waits for its stop price, holds 100 EUR
        bob buy 1 @ 100
          #6 accepted
          trade 1: 1 @ 100 = 100 EUR, #6 with #1, which is filled
          #4 triggered
          #5 triggered
          #4 enters, frees 100 EUR
          trade 2: 0.6 @ 150 = 90 EUR, #4 with #2, 0.4 left
          #4 expired: 0.4 @ 0, frees 0 EUR
          #5 enters, frees 100 EUR
          #5 rests 1 @ 100, holds 100 EUR
        balance dave
          dave: 0.6 GOLD, 10 EUR and 100 EUR held
        orders dave
          #5 buy 1 @ 100, 1 open, traded for 0 EUR, placed at 26, changed at 27 ms, stop 100
        book
          ask 160: #3 1
          ask 150: #2 0.4
          bid 100: #5 1
    "#]]);
}

#[test]
fn ioc_and_fok_limits_live_when_they_enter() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol sell 1 @ 101
          #2 accepted
          #2 rests 1 @ 101, holds 1 GOLD
        alice buy 2 stop-loss 100 @ 101 ioc
          #3 accepted
          #3 waits for its stop price, holds 202 EUR
        alice buy 2 stop-loss 100 @ 101 fok
          #4 accepted
          #4 waits for its stop price, holds 202 EUR
        orders alice
          #3 buy 2 @ 101, 2 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for its stop price, holds 202 EUR, stop 100
          #4 buy 2 @ 101, 2 open, traded for 0 EUR, placed at 24, changed at 24 ms; waits for its stop price, holds 202 EUR, stop 100
        bob buy 1 @ 100
          #5 accepted
          trade 1: 1 @ 100 = 100 EUR, #5 with #1, which is filled
          #3 triggered
          #4 triggered
          #3 enters, frees 202 EUR
          trade 2: 1 @ 101 = 101 EUR, #3 with #2, which is filled
          #3 expired: 1 @ 101, frees 0 EUR
          #4 enters, frees 202 EUR
          #4 expired: 2 @ 101, frees 0 EUR
        book
          empty
        orders alice
          none
        balance alice
          alice: 1001 GOLD, 99899 EUR, 1000 TIN
    "#]]);
}

#[test]
fn cancelled_while_they_wait() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice buy 1 stop-loss 100 id=a
          #2 accepted
          #2 waits for its stop price, holds 100 EUR
        alice buy 2 stop-loss 105 @ 106 id=b
          #3 accepted
          #3 waits for its stop price, holds 212 EUR
        alice sell 3 stop-loss 95
          #4 accepted
          #4 waits for its stop price, holds 3 GOLD
        alice cancel a as=why
          #2 cancelled by why: 1 @ 0, frees 100 EUR
        alice cancel #3/b
          #3 cancelled: 2 @ 106, frees 212 EUR
        alice cancel-all
          #4 cancelled: 3 @ 0, frees 3 GOLD
          alice: 1 cancelled
        alice cancel #4
          alice: rejected, UnknownOrder
        bob buy 1 @ 100
          #5 accepted
          trade 1: 1 @ 100 = 100 EUR, #5 with #1, which is filled
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn they_are_open_orders_with_names_and_counts() {
    check(&expect![[r#"
        set GOLDEUR orders=5 algo=2
          GOLDEUR is set
        alice sell 1 stop-loss 95 id=mine
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        alice sell 1 @ 100 id=mine
          alice: rejected, DuplicateClientId
        alice sell 1 stop-loss 93 @ 90
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 93
          alice: rejected, MaxAlgoOrders
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100
          #4 accepted
          #4 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100 ioc
          #6 accepted
          #6 expired: 1 @ 100, frees 0 GOLD
        alice cancel mine
          #1 cancelled: 1 @ 0, frees 1 GOLD
        # triggered and resting it counts as contingent still
        carol buy 1 @ 93
          #7 accepted
          #7 rests 1 @ 93, holds 93 EUR
        bob sell 1 @ 93
          #8 accepted
          trade 1: 1 @ 93 = 93 EUR, #8 with #7, which is filled
          #2 triggered
          #2 enters, frees 1 GOLD
          #2 rests 1 @ 90, holds 1 GOLD
        book
          ask 100: #3 1, #4 1, #5 1
          ask 90: #2 1
        alice sell 1 stop-loss 80
          #9 accepted
          #9 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 80
          alice: rejected, MaxOpenOrders
        alice cancel #2
          #2 cancelled: 1 @ 90, frees 1 GOLD
        alice sell 1 stop-loss 80
          #10 accepted
          #10 waits for its stop price, holds 1 GOLD
    "#]]);
}
