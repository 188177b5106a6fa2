//! The fee schedule, and rebates.

use expect_test::expect;

use crate::check;

#[test]
fn the_first_entry_that_exists() {
    check(&expect![[r#"
        schedule
          TINEUR: 1000/2500
        # none: no fees
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        # any
        fees 1000/2000
          fees: 1000/2000
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #4 accepted
          trade 2: 1 @ 100 = 100 EUR, #4 with #3, which is filled; fees: taker 0.002 GOLD, maker 0.1 EUR
        # the market's own
        fees 3000/4000 on GOLDEUR
          fees on GOLDEUR: 3000/4000
        alice sell 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #6 accepted
          trade 3: 1 @ 100 = 100 EUR, #6 with #5, which is filled; fees: taker 0.004 GOLD, maker 0.3 EUR
        # the tier's, of alice only
        tier alice 1
          alice: tier 1
        fees 5000/6000 tier=1
          fees of tier 1: 5000/6000
        alice sell 1 @ 100
          #7 accepted
          #7 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #8 accepted
          trade 4: 1 @ 100 = 100 EUR, #8 with #7, which is filled; fees: taker 0.004 GOLD, maker 0.5 EUR
        # the tier's in the market
        fees 7000/8000 tier=1 on GOLDEUR
          fees of tier 1 on GOLDEUR: 7000/8000
        alice sell 1 @ 100
          #9 accepted
          #9 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #10 accepted
          trade 5: 1 @ 100 = 100 EUR, #10 with #9, which is filled; fees: taker 0.004 GOLD, maker 0.7 EUR
        schedule
          tier any, market any: 1000/2000
          tier 1, market any: 5000/6000
          tier 1, market GOLDEUR: 7000/8000
          GOLDEUR: 3000/4000
          TINEUR: 1000/2500
        # taken away, one after the other
        fees none tier=1 on GOLDEUR
          fees of tier 1 on GOLDEUR: none
        alice sell 1 @ 100
          #11 accepted
          #11 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #12 accepted
          trade 6: 1 @ 100 = 100 EUR, #12 with #11, which is filled; fees: taker 0.004 GOLD, maker 0.5 EUR
        fees none tier=1
          fees of tier 1: none
        fees none on GOLDEUR
          fees on GOLDEUR: none
        alice sell 1 @ 100
          #13 accepted
          #13 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #14 accepted
          trade 7: 1 @ 100 = 100 EUR, #14 with #13, which is filled; fees: taker 0.002 GOLD, maker 0.1 EUR
        fees none
          fees: none
        alice sell 1 @ 100
          #15 accepted
          #15 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #16 accepted
          trade 8: 1 @ 100 = 100 EUR, #16 with #15, which is filled
        schedule
          TINEUR: 1000/2500
    "#]]);
}

#[test]
fn the_market_s_own_entry_is_in_its_settings() {
    check(&expect![[r#"
        fees 1000/1000
          fees: 1000/1000
        fees none on TINEUR
          fees on TINEUR: none
        alice sell 1 @ 100 on TINEUR
          #1 accepted
          #1 rests 1 @ 100, holds 1 TIN
        bob buy 1 @ 100 on TINEUR
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled; fees: taker 0.001 TIN, maker 0.1 EUR
        set TINEUR fees=0/0
          TINEUR is set
        schedule
          tier any, market any: 1000/1000
          TINEUR: 0/0
        # an entry of zero is one
        alice sell 1 @ 100 on TINEUR
          #3 accepted
          #3 rests 1 @ 100, holds 1 TIN
        bob buy 1 @ 100 on TINEUR
          #4 accepted
          trade 2: 1 @ 100 = 100 EUR, #4 with #3, which is filled
        set TINEUR
          TINEUR is set
        schedule
          tier any, market any: 1000/1000
          TINEUR: 1000/2500
    "#]]);
}

#[test]
fn rates_are_those_of_the_acceptance() {
    check(&expect![[r#"
        fees 1000/2000
          fees: 1000/2000
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 stop-loss 95 @ 90
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        alice oto | buy 1 @ 80 | sell 1 @ 120
          L1 Oto of #3, #4
          #3 accepted
          #4 accepted
          #4 waits for its list, holds 0 GOLD
          #3 rests 1 @ 80, holds 80 EUR
        bob buy 1 @ 70
          #5 accepted
          #5 rests 1 @ 70, holds 70 EUR
        fees 0/0
          fees: 0/0
        tier alice 5
          alice: tier 5
        # the maker's of then, the taker's of now
        carol buy 1 @ 100
          #6 accepted
          trade 1: 1 @ 100 = 100 EUR, #6 with #1, which is filled; fees: taker 0 GOLD, maker 0.1 EUR
        # a waiting order pays as taker, a modified one too, a pending one as maker
        carol buy 1 @ 95
          #7 accepted
          #7 rests 1 @ 95, holds 95 EUR
        carol buy 1 @ 94
          #8 accepted
          #8 rests 1 @ 94, holds 94 EUR
        carol sell 1 @ 95
          #9 accepted
          trade 2: 1 @ 95 = 95 EUR, #9 with #7, which is filled
          #2 triggered
          #2 enters, frees 1 GOLD
          trade 3: 1 @ 94 = 94 EUR, #2 with #8, which is filled; fees: taker 0.188 EUR, maker 0 GOLD
        carol sell 1 @ 80
          #10 accepted
          trade 4: 1 @ 80 = 80 EUR, #10 with #3, which is filled; fees: taker 0 EUR, maker 0.001 GOLD
          #4 enters, frees 0 GOLD
          #4 rests 1 @ 120, holds 1 GOLD
        carol buy 1 @ 120
          #11 accepted
          trade 5: 1 @ 120 = 120 EUR, #11 with #4, which is filled; fees: taker 0 GOLD, maker 0.12 EUR
          L1 is done
        carol sell 1 @ 75
          #12 accepted
          #12 rests 1 @ 75, holds 1 GOLD
        bob modify #5 1 @ 75
          #5 from 1 @ 70 to 1 @ 75, frees 70 EUR
          trade 6: 1 @ 75 = 75 EUR, #5 with #12, which is filled; fees: taker 0.002 GOLD, maker 0 EUR
        restart
    "#]]);
}

#[test]
fn rules() {
    check(&expect![[r#"
        tier nobody 1
          nobody: rejected, UnknownAccount
        tier alice 1
          alice: tier 1
        fees 100001/0
          0: rejected, InvalidFees
        fees 0/-1
          0: rejected, InvalidFees
        fees -1/0
          0: rejected, InvalidFees
        fees -2/1
          0: rejected, InvalidFees
        fees -1/1
          fees: -1/1
        fees -100000/100000 tier=3
          fees of tier 3: -100000/100000
        # 16 before 21
        fees -1/0 on NOWHERE
          0: rejected, InvalidFees
        fees 0/0 on NOWHERE
          0: rejected, UnknownMarket
        fees none on NOWHERE
          0: rejected, UnknownMarket
        fees none tier=77
          fees of tier 77: none
        set GOLDEUR fees=-2/1
          0: rejected, InvalidMarket
        schedule
          tier any, market any: -1/1
          tier 3, market any: -100000/100000
          TINEUR: 1000/2500
    "#]]);
}

#[test]
fn a_rebate_is_rounded_down_and_paid_by_fees() {
    check(&expect![[r#"
        fees -1000/2500
          fees: -1000/2500
        # 100 EUR: 0.1 back to the maker; 1 GOLD: 2.5 units, so 3
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled; fees: taker 0.003 GOLD (one unit by rounding), maker -0.1 EUR
        balance alice fees rounding
          alice: 999 GOLD, 100100.1 EUR, 1000 TIN
          fees: 0.002 GOLD, -0.1 EUR
          rounding: 0.001 GOLD
        # a rebate in GOLD: 0.1 % of 0.7 GOLD is 0.7 units, so none
        alice buy 0.7 @ 1
          #3 accepted
          #3 rests 0.7 @ 1, holds 0.7 EUR
        bob sell 0.7 @ 1
          #4 accepted
          trade 2: 0.7 @ 1 = 0.7 EUR, #4 with #3, which is filled; fees: taker 0.00175 EUR, maker 0 GOLD (one unit by rounding)
        balance fees rounding
          fees: 0.001 GOLD, -0.09825 EUR
          rounding: 0.002 GOLD
        alice buy 1.7 @ 1
          #5 accepted
          #5 rests 1.7 @ 1, holds 1.7 EUR
        bob sell 1.7 @ 1
          #6 accepted
          trade 3: 1.7 @ 1 = 1.7 EUR, #6 with #5, which is filled; fees: taker 0.00425 EUR, maker -0.001 GOLD (one unit by rounding)
        balance alice fees rounding
          alice: 1001.401 GOLD, 100097.7 EUR, 1000 TIN
          fees: -0.001 GOLD, -0.094 EUR
          rounding: 0.003 GOLD
    "#]]);
}

#[test]
fn fees_may_fall_below_zero_by_rebates_only() {
    check(&expect![[r#"
        fees -1000/1000
          fees: -1000/1000
        alice sell 10 @ 100
          #1 accepted
          #1 rests 10 @ 100, holds 10 GOLD
        bob buy 10 @ 100
          #2 accepted
          trade 1: 10 @ 100 = 1000 EUR, #2 with #1, which is filled; fees: taker 0.01 GOLD, maker -1 EUR
        balance fees alice
          fees: 0.01 GOLD, -1 EUR
          alice: 990 GOLD, 101001 EUR, 1000 TIN
        transfer fees bob 1 EUR
          fees: rejected, InsufficientBalance
        transfer fees bob 0.005 GOLD
          0.005 GOLD from fees to bob
        hold fees 1 EUR
          fees: rejected, InsufficientBalance
        # what it lacks can be given to it
        transfer custody fees 5 EUR
          5 EUR from custody to fees
        balance fees
          fees: 0.005 GOLD, 4 EUR
        # each pays the other's rebate
        alice sell 10 @ 100 on TINGOLD
          #3 accepted
          #3 rests 10 @ 100, holds 10 TIN
        bob buy 10 @ 100 on TINGOLD
          #4 accepted
          trade 1: 10 @ 100 = 1000 GOLD, #4 with #3, which is filled; fees: taker 0.01 TIN, maker -1 GOLD
        balance fees alice bob custody rounding
          fees: -0.995 GOLD, 4 EUR, 0.01 TIN
          alice: 1991 GOLD, 101001 EUR, 990 TIN
          bob: 9.995 GOLD, 99000 EUR, 1009.99 TIN
          custody: -3000 GOLD, -300005 EUR, -3000 TIN
          rounding: nothing
    "#]]);
}

#[test]
fn a_rebate_that_does_not_fit_ends_the_order() {
    check(&expect![[r#"
        fees -1000/1000
          fees: -1000/1000
        # all units of EUR that there can be, but for one cent
        transfer custody carol 9223371736854.765807 EUR
          9223371736854.765807 EUR from custody to carol
        alice sell 0.1 @ 100
          #1 accepted
          #1 rests 0.1 @ 100, holds 0.1 GOLD
        alice sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101
          #3 accepted
          #3 rests 1 @ 101, holds 1 GOLD
        carol buy 2 @ 101
          #4 accepted
          trade 1: 0.1 @ 100 = 10 EUR, #4 with #1, which is filled; fees: taker 0.001 GOLD (one unit by rounding), maker -0.01 EUR
          #4 overflows: 1.9 @ 101, frees 0 EUR
        book
          ask 101: #3 1
          ask 100: #2 1
        balance fees
          fees: -0.01 EUR
        market
          GOLDEUR trading, last trade 1 @ 100, last prevented 0
        # nor by an order that is triggered, or modified
        carol buy 1 stop-loss 102 @ 103
          #5 accepted
          #5 waits for its stop price, holds 103 EUR
        carol buy 1 @ 90
          #6 accepted
          #6 rests 1 @ 90, holds 90 EUR
        carol modify #6 1 @ 101
          #6 from 1 @ 90 to 1 @ 101, frees 90 EUR
          #6 overflows: 1 @ 101, frees 0 EUR
        # with room again
        transfer carol custody 1 EUR
          1 EUR from carol to custody
        carol buy 1 @ 101
          #7 accepted
          trade 2: 1 @ 100 = 100 EUR, #7 with #2, which is filled; fees: taker 0.001 GOLD, maker -0.1 EUR
        balance fees
          fees: 0.001 GOLD, -0.11 EUR
        # a transfer leaves the room that FEES has taken
        transfer custody carol 0.9 EUR
          0.9 EUR from custody to carol
        transfer custody carol 0.89 EUR
          custody: rejected, AmountOverflow
    "#]]);
}

#[test]
fn an_overflow_ends_a_list() {
    check(&expect![[r#"
        fees -1000/1000
          fees: -1000/1000
        transfer custody carol 9223371736854.775807 EUR
          9223371736854.775807 EUR from custody to carol
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol oto | buy 1 @ 100 | sell 1 @ 110
          L1 Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          #2 overflows: 1 @ 100, frees 0 EUR
          #3 ends with its list: 1 @ 110, frees 0 GOLD
          L1 is done
        lists
          none
        bob buy 1 market
          #4 accepted
          #4 overflows: 1 @ 0, frees 0 EUR
        bob buy 100 EUR market
          #5 accepted
          #5 overflows: 0 @ 0, frees 0 EUR
        bob buy 1 @ 100 fok
          #6 accepted
          #6 overflows: 1 @ 100, frees 0 EUR
        book
          ask 100: #1 1
    "#]]);
}

/// A rebate of less than a unit pays nothing, but takes a unit from FEES that ROUNDING receives.
#[test]
fn a_rebate_that_is_rounded_away_must_fit_too() {
    check(&expect![[r#"
        fees -100/100
          fees: -100/100
        transfer alice carol 100000 EUR
          100000 EUR from alice to carol
        transfer bob carol 100000 EUR
          100000 EUR from bob to carol
        transfer custody carol 9223371736854.775807 EUR
          9223371736854.775807 EUR from custody to carol
        alice sell 0.1 @ 0.01
          #1 accepted
          #1 rests 0.1 @ 0.01, holds 0.1 GOLD
        carol buy 0.1 @ 0.01
          #2 accepted
          #2 overflows: 0.1 @ 0.01, frees 0 EUR
        balance fees rounding
          fees: nothing
          rounding: nothing
        transfer alice carol 0.001 EUR
          alice: rejected, InsufficientBalance
        transfer rounding carol 0.000001 EUR
          rounding: rejected, InsufficientBalance
        balance carol
          carol: 1000 GOLD, 9223372036854.775807 EUR, 1000 TIN
    "#]]);
}
