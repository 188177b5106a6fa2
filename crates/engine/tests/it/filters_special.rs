//! The filters that came with contingent orders and icebergs, at their bounds.

use expect_test::expect;

use crate::check;

#[test]
fn percent_price_by_side() {
    check(&expect![[r#"
        # buys from 80 % to 120 % of the last price, sells from 90 % to 150 %
        set GOLDEUR bid=1.2/0.8 ask=1.5/0.9
          GOLDEUR is set
        # without a last price nothing is asked
        alice sell 1 @ 1
          #1 accepted
          #1 rests 1 @ 1, holds 1 GOLD
        bob buy 1 @ 1
          #2 accepted
          trade 1: 1 @ 1 = 1 EUR, #2 with #1, which is filled
        set GOLDEUR
          GOLDEUR is set
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #4 accepted
          trade 2: 1 @ 100 = 100 EUR, #4 with #3, which is filled
        set GOLDEUR bid=1.2/0.8 ask=1.5/0.9
          GOLDEUR is set
        bob buy 1 @ 120.01
          bob: rejected, PercentPrice
        bob buy 1 @ 79.99
          bob: rejected, PercentPrice
        bob buy 1 @ 80
          #5 accepted
          #5 rests 1 @ 80, holds 80 EUR
        alice sell 1 @ 150
          #6 accepted
          #6 rests 1 @ 150, holds 1 GOLD
        alice sell 1 @ 150.01
          alice: rejected, PercentPrice
        alice sell 1 @ 89.99
          alice: rejected, PercentPrice
        alice sell 1 @ 90
          #7 accepted
          #7 rests 1 @ 90, holds 1 GOLD
        bob buy 1 @ 120
          #8 accepted
          trade 3: 1 @ 90 = 90 EUR, #8 with #7, which is filled
        # limits of contingent orders too, not their stop prices, nor those without a limit
        alice sell 1 stop-loss 70 @ 60
          alice: rejected, PercentPrice
        alice sell 1 stop-loss 70 @ 90
          #9 accepted
          #9 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 10
          #10 accepted
          #10 waits for its stop price, holds 1 GOLD
        bob buy 1 @ 121 ioc
          bob: rejected, PercentPrice
        bob buy 1 @ 50 maker
          bob: rejected, PercentPrice
        # modify
        bob modify #5 1 @ 71.99
          bob: rejected, PercentPrice
        bob modify #5 1 @ 72
          #5 from 1 @ 80 to 1 @ 72, frees 80 EUR
          #5 rests 1 @ 72, holds 72 EUR
        alice modify #6 1 @ 135.01
          alice: rejected, PercentPrice
        alice modify #6 1 @ 135
          #6 from 1 @ 150 to 1 @ 135, frees 1 GOLD
          #6 rests 1 @ 135, holds 1 GOLD
    "#]]);
}

#[test]
fn percent_price_is_exact() {
    check(&expect![[r#"
        set GOLDEUR percent=1.000333/0.999667
          GOLDEUR is set
        alice sell 1 @ 33.33
          #1 accepted
          #1 rests 1 @ 33.33, holds 1 GOLD
        bob buy 1 @ 33.33
          #2 accepted
          trade 1: 1 @ 33.33 = 33.33 EUR, #2 with #1, which is filled
        # 33.33 * 1.000333 is 33.34109889, and 33.33 * 0.999667 is 33.31890111
        alice sell 1 @ 33.34
          #3 accepted
          #3 rests 1 @ 33.34, holds 1 GOLD
        alice sell 1 @ 33.35
          alice: rejected, PercentPrice
        bob buy 1 @ 33.32
          #4 accepted
          #4 rests 1 @ 33.32, holds 33.32 EUR
        bob buy 1 @ 33.31
          bob: rejected, PercentPrice
    "#]]);
}

#[test]
fn max_num_algo_orders() {
    check(&expect![[r#"
        set GOLDEUR algo=2
          GOLDEUR is set
        alice sell 1 stop-loss 90
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss trail=100
          #2 accepted
          #2 waits for a turn, holds 1 GOLD
        alice sell 1 stop-loss 91 @ 90 ioc
          alice: rejected, MaxAlgoOrders
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101 iceberg=0.5
          #4 accepted
          #4 rests 1 @ 101, shows 0.5, holds 1 GOLD
        # each account and market counts by itself
        bob sell 1 stop-loss 90
          #5 accepted
          #5 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 90 on TINEUR
          #6 accepted
          #6 waits for its stop price, holds 1 TIN
        alice cancel #2
          #2 cancelled: 1 @ 0, frees 1 GOLD
        alice oco | sell 1 @ 110 maker | sell 1 stop-loss 90
          L1 Oco of #7, #8
          #7 accepted
          #8 accepted
          #7 rests 1 @ 110, holds 1 GOLD
          #8 waits for its stop price, holds 0 GOLD
        set GOLDEUR algo=0
          GOLDEUR is set
        bob buy 1 stop-loss 190
          bob: rejected, MaxAlgoOrders
    "#]]);
}

#[test]
fn max_position() {
    check(&expect![[r#"
        set GOLDEUR position=1010
          GOLDEUR is set
        # available and held, and all open buys
        alice buy 4 @ 90
          #1 accepted
          #1 rests 4 @ 90, holds 360 EUR
        alice buy 4 stop-loss 120
          #2 accepted
          #2 waits for its stop price, holds 480 EUR
        alice buy 2.1 @ 90
          alice: rejected, MaxPosition
        alice buy 2 @ 90
          #3 accepted
          #3 rests 2 @ 90, holds 180 EUR
        alice buy 0.1 @ 90
          alice: rejected, MaxPosition
        alice buy 0.1 market
          alice: rejected, MaxPosition
        alice sell 900 @ 200
          #4 accepted
          #4 rests 900 @ 200, holds 900 GOLD
        alice buy 0.1 stop-loss 120
          alice: rejected, MaxPosition
        # sells are not asked
        bob sell 1000 @ 300
          #5 accepted
          #5 rests 1000 @ 300, holds 1000 GOLD
        # a modify counts itself out first
        alice modify #1 4.1 @ 90
          alice: rejected, MaxPosition
        alice modify #1 4 @ 91
          #1 from 4 @ 90 to 4 @ 91, frees 360 EUR
          #1 rests 4 @ 91, holds 364 EUR
        alice modify #1 3 @ 91
          #1 from 4 @ 91 to 3 @ 91, frees 364 EUR
          #1 rests 3 @ 91, holds 273 EUR
        alice buy 1 @ 80
          #6 accepted
          #6 rests 1 @ 80, holds 80 EUR
        # what was bought counts as owned
        carol sell 4 @ 91
          #7 accepted
          trade 1: 3 @ 91 = 273 EUR, #7 with #1, which is filled
          #7 rests 1 @ 91, holds 1 GOLD
        alice buy 1 @ 80
          alice: rejected, MaxPosition
        set GOLDEUR
          GOLDEUR is set
        alice buy 1 @ 80
          #8 accepted
          #8 rests 1 @ 80, holds 80 EUR
    "#]]);
}

#[test]
fn max_position_is_not_asked_of_a_quote_amount() {
    check(&expect![[r#"
        set GOLDEUR position=500
          GOLDEUR is set
        bob sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice buy 0.1 market
          alice: rejected, MaxPosition
        alice buy 10 EUR market
          #2 accepted
          trade 1: 0.1 @ 100 = 10 EUR, #2 with #1, 0.9 left
    "#]]);
}

#[test]
fn notional_of_a_contingent_order() {
    check(&expect![[r#"
        set GOLDEUR least=100 most=1000
          GOLDEUR is set
        # at its limit, or at its stop price
        alice sell 1 stop-loss 90 @ 100
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 100 @ 99
          alice: rejected, Notional
        alice sell 1 stop-loss 99
          alice: rejected, Notional
        alice sell 1 stop-loss 100
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        alice sell 10 stop-loss 101
          alice: rejected, Notional
        alice sell 10 stop-loss 101 @ 100
          #3 accepted
          #3 waits for its stop price, holds 10 GOLD
        # without either at the last price, if there is one
        alice sell 100 stop-loss trail=10
          #4 accepted
          #4 waits for a turn, holds 100 GOLD
        bob buy 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 100 EUR
        alice sell 1 @ 100
          #6 accepted
          trade 1: 1 @ 100 = 100 EUR, #6 with #5, which is filled
          #3 triggered
          #2 triggered
          #4 follows from 100
          #3 enters, frees 10 GOLD
          #3 rests 10 @ 100, holds 10 GOLD
          #2 enters, frees 1 GOLD
          #2 expired: 1 @ 0, frees 0 GOLD
        alice sell 0.9 stop-loss trail=10
          alice: rejected, Notional
        alice sell 1 stop-loss trail=10
          #7 accepted
          #7 waits for a turn, holds 1 GOLD
        bob buy 10.1 stop-loss trail=10
          bob: rejected, Notional
    "#]]);
}

#[test]
fn settings_must_be_consistent() {
    check(&expect![[r#"
        set GOLDEUR trail=10/5
          0: rejected, InvalidMarket
        set GOLDEUR trail=0/5
          0: rejected, InvalidMarket
        set GOLDEUR trail=1/10000
          0: rejected, InvalidMarket
        set GOLDEUR trail=1/9999
          GOLDEUR is set
        set GOLDEUR position=-1
          0: rejected, InvalidMarket
        set GOLDEUR bid=0.8/1.2 ask=1/1
          0: rejected, InvalidMarket
        set GOLDEUR bid=0/0 ask=1.1/0.9
          0: rejected, InvalidMarket
        set GOLDEUR bid=1.1/0 ask=1.1/0
          GOLDEUR is set
        set GOLDEUR volatility=0/1000/500
          0: rejected, InvalidMarket
        set GOLDEUR volatility=1/1000/500
          0: rejected, InvalidMarket
        set GOLDEUR volatility=0.999999/1/1
          GOLDEUR is set
        set GOLDEUR volatility=0.5/0/500
          0: rejected, InvalidMarket
        set GOLDEUR volatility=0.5/500/0
          0: rejected, InvalidMarket
        set GOLDEUR least=5 most=4
          0: rejected, InvalidMarket
        set GOLDEUR tick=0
          0: rejected, InvalidMarket
        set GOLDEUR fees=100001/0
          0: rejected, InvalidMarket
        # 12 before 18, 18 before 21
        set GOLDEUR symbol=OTHER tick=0
          0: rejected, InvalidMarket
        set GOLDEUR symbol=OTHER
          0: rejected, MarketFixed
        set GOLDEUR base=TIN
          0: rejected, MarketFixed
        set GOLDEUR price-decimals=1
          0: rejected, MarketFixed
        set GOLDEUR quantity-decimals=0
          0: rejected, MarketFixed
        set GOLDEUR id=9
          0: rejected, UnknownMarket
        set GOLDEUR base=LEAD
          0: rejected, MarketFixed
        set NOWHERE
          0: rejected, UnknownMarket
        set NOWHERE base=LEAD
          0: rejected, UnknownMarket
        add-market 9 NEW TIN EUR algo=5 trail=10/5
          0: rejected, InvalidMarket
        add-market 9 NEW TIN EUR algo=5 trail=10/50
          market 9 NEW
    "#]]);
}

#[test]
fn open_orders_stay_as_they_are() {
    check(&expect![[r#"
        alice sell 3 @ 100.25 iceberg=0.5
          #1 accepted
          #1 rests 3 @ 100.25, shows 0.5, holds 3 GOLD
        alice sell 1 stop-loss 95.25
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss trail=77
          #3 accepted
          #3 waits for a turn, holds 1 GOLD
        set GOLDEUR tick=10 lot=1 market-lot=1 parts=0 algo=0 trail=0/0 orders=0
          GOLDEUR is set
        orders alice
          #1 sell 3 @ 100.25, 3 open, traded for 0 EUR, placed at 21, changed at 21 ms, shows 0.5 by 0.5
          #2 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 22, changed at 22 ms; waits for its stop price, holds 1 GOLD, stop 95.25
          #3 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms; waits for a turn, holds 1 GOLD, trails 77
        bob buy 1 @ 110 ioc
          #4 accepted
          trade 1: 0.5 @ 100.25 = 50.125 EUR, #4 with #1, 2.5 left
          #1 shows 0.5 more @ 100.25
          trade 2: 0.5 @ 100.25 = 50.125 EUR, #4 with #1, 2 left
          #1 shows 0.5 more @ 100.25
          #3 follows from 100.25
        book
          ask 100.25: #1 0.5 of 2
        # what changes them must obey, in what it asks for
        alice amend #1 1.5
          alice: rejected, LotSize
        alice amend #1 2
          #1 amended to 2, 1 open @ 100.25, frees 1 GOLD
        alice modify #1 1 @ 100.25
          alice: rejected, PriceFilter
        alice modify #1 0.5 @ 110
          alice: rejected, LotSize
        alice modify #1 1 @ 110
          #1 from 1 @ 100.25 to 1 @ 110, frees 1 GOLD
          #1 rests 1 @ 110, shows 0.5, holds 1 GOLD
        # orders that waited enter as they are
        set GOLDEUR
          GOLDEUR is set
        carol buy 5 @ 95.25
          #5 accepted
          #5 rests 5 @ 95.25, holds 476.25 EUR
        set GOLDEUR tick=10 lot=1 market-lot=1 algo=0
          GOLDEUR is set
        alice buy 5 @ 90
          #6 accepted
          #6 rests 5 @ 90, holds 450 EUR
        bob sell 1 @ 90 ioc
          #7 accepted
          trade 3: 1 @ 95.25 = 95.25 EUR, #7 with #5, 4 left
          #2 triggered
          #3 triggered
          #2 enters, frees 1 GOLD
          trade 4: 1 @ 95.25 = 95.25 EUR, #2 with #5, 3 left
          #3 enters, frees 1 GOLD
          trade 5: 1 @ 95.25 = 95.25 EUR, #3 with #5, 2 left
    "#]]);
}

#[test]
fn the_order_of_rules_of_a_contingent_order() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        set GOLDEUR parts=1 trail=10/20 bid=1.1/0.9 ask=1.1/0.9 algo=0 position=1000
          GOLDEUR is set
        # 51, 52, 53, 54, 55, 56, 90
        dave buy 2 stop-loss 100 @ 200 iceberg=1 trail=5
          dave: rejected, IcebergParts
        dave buy 2 stop-loss 100 @ 200 trail=5
          dave: rejected, TrailingDelta
        dave buy 2 stop-loss 100 @ 200
          dave: rejected, PercentPrice
        dave buy 2 stop-loss 100 @ 100
          dave: rejected, MaxAlgoOrders
        set GOLDEUR position=1
          GOLDEUR is set
        dave buy 2 stop-loss 100 @ 100
          dave: rejected, MaxPosition
        dave buy 1 stop-loss 100 @ 100
          dave: rejected, StopWouldTrigger
        dave buy 1 stop-loss 101 @ 100
          dave: rejected, InsufficientBalance
        state GOLDEUR halt
          GOLDEUR halt
        dave buy 2 stop-loss 100 @ 200 iceberg=1 trail=5 gtd
          dave: rejected, MarketClosed
        state GOLDEUR trading
          GOLDEUR trading
        dave buy 2 stop-loss 100 @ 200 iceberg=1 trail=5 gtd
          dave: rejected, InvalidTime
        dave buy 2 stop-loss 100 @ 200 iceberg=1 trail=5 gtc gtd=900
          dave: rejected, InvalidOrder
    "#]]);
}
