//! Contingent orders with a stop price: which there are, and what is asked of them.

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
