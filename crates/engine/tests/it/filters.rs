//! Each filter at its bounds. GOLDTIN: price 1 to 100 by 0.05, lot 0.5 to 50 by 0.5, market lot 1 to 20 by 1, notional 5 to
//! 2000, three open orders.

use expect_test::expect;

use crate::check;

#[test]
fn price_filter() {
    check(&expect![[r#"
        alice buy 10 @ 1 on GOLDTIN
          #1 accepted
          #1 rests 10 @ 1, holds 10 TIN
        alice buy 10 @ 0.95 on GOLDTIN
          alice: rejected, PriceFilter
        alice buy 10 @ 1.05 on GOLDTIN
          #2 accepted
          #2 rests 10 @ 1.05, holds 10.5 TIN
        alice buy 10 @ 1.06 on GOLDTIN
          alice: rejected, PriceFilter
        bob sell 10 @ 100 on GOLDTIN
          #3 accepted
          #3 rests 10 @ 100, holds 10 GOLD
        bob sell 10 @ 100.05 on GOLDTIN
          bob: rejected, PriceFilter
        bob modify #3 10 @ 100.05 on GOLDTIN
          bob: rejected, PriceFilter
        bob modify #3 10 @ 99.99 on GOLDTIN
          bob: rejected, PriceFilter
    "#]]);
}

#[test]
fn lot_size() {
    check(&expect![[r#"
        alice sell 0.5 @ 20 on GOLDTIN
          #1 accepted
          #1 rests 0.5 @ 20, holds 0.5 GOLD
        alice sell 0.4 @ 20 on GOLDTIN
          alice: rejected, LotSize
        alice sell 0.6 @ 20 on GOLDTIN
          alice: rejected, LotSize
        alice sell 50 @ 20 on GOLDTIN
          #2 accepted
          #2 rests 50 @ 20, holds 50 GOLD
        alice sell 50.5 @ 20 on GOLDTIN
          alice: rejected, LotSize
        alice sell -1 @ 20 on GOLDTIN
          alice: rejected, LotSize
        alice modify #1 0.7 @ 20 on GOLDTIN
          alice: rejected, LotSize
        alice modify #1 51 @ 20 on GOLDTIN
          alice: rejected, LotSize
    "#]]);
}

#[test]
fn market_lot_size() {
    check(&expect![[r#"
        alice sell 50 @ 10 on GOLDTIN
          #1 accepted
          #1 rests 50 @ 10, holds 50 GOLD
        bob buy 1 market on GOLDTIN
          #2 accepted
          trade 1: 1 @ 10 = 10 TIN, #2 with #1, 49 left
        bob buy 0.5 market on GOLDTIN
          bob: rejected, MarketLotSize
        bob buy 1.5 market on GOLDTIN
          bob: rejected, MarketLotSize
        bob buy 20 market on GOLDTIN
          #3 accepted
          trade 2: 20 @ 10 = 200 TIN, #3 with #1, 29 left
        bob buy 21 market on GOLDTIN
          bob: rejected, MarketLotSize
        # what breaks LOT_SIZE too says so
        bob buy 0.4 market on GOLDTIN
          bob: rejected, LotSize
        bob buy 60 market on GOLDTIN
          bob: rejected, LotSize
        # it is not for limit orders
        bob buy 20.5 @ 10 on GOLDTIN
          #4 accepted
          trade 3: 20.5 @ 10 = 205 TIN, #4 with #1, 8.5 left
    "#]]);
}

#[test]
fn notional() {
    check(&expect![[r#"
        alice buy 1 @ 5 on GOLDTIN
          #1 accepted
          #1 rests 1 @ 5, holds 5 TIN
        alice buy 1 @ 4.95 on GOLDTIN
          alice: rejected, Notional
        bob sell 20 @ 100 on GOLDTIN
          #2 accepted
          #2 rests 20 @ 100, holds 20 GOLD
        bob sell 20.5 @ 100 on GOLDTIN
          bob: rejected, Notional
        alice modify #1 1 @ 4.95 on GOLDTIN
          alice: rejected, Notional
        # a quote amount is a notional
        carol buy 4.999 TIN market on GOLDTIN
          carol: rejected, Notional
        carol buy 2000.001 TIN market on GOLDTIN
          carol: rejected, Notional
        carol sell 5 TIN market on GOLDTIN
          #3 accepted
          trade 1: 1 @ 5 = 5 TIN, #3 with #1, which is filled
        # by quantity it is judged at the price of the last trade
        alice buy 1 @ 5 on GOLDTIN
          #4 accepted
          #4 rests 1 @ 5, holds 5 TIN
        carol sell 1 market on GOLDTIN
          #5 accepted
          trade 2: 1 @ 5 = 5 TIN, #5 with #4, which is filled
        bob sell 1 @ 5 on GOLDTIN
          #6 accepted
          #6 rests 1 @ 5, holds 1 GOLD
        alice buy 1 @ 6 ioc on GOLDTIN
          #7 accepted
          trade 3: 1 @ 5 = 5 TIN, #7 with #6, which is filled
    "#]]);
}

#[test]
fn notional_of_a_market_order_follows_the_last_price() {
    check(&expect![[r#"
        alice sell 2 @ 10 on GOLDTIN
          #1 accepted
          #1 rests 2 @ 10, holds 2 GOLD
        bob buy 1 market on GOLDTIN
          #2 accepted
          trade 1: 1 @ 10 = 10 TIN, #2 with #1, 1 left
        alice buy 5 @ 1 on GOLDTIN
          #3 accepted
          #3 rests 5 @ 1, holds 5 TIN
        bob sell 5 @ 1 on GOLDTIN
          #4 accepted
          trade 2: 5 @ 1 = 5 TIN, #4 with #3, which is filled
        # the last price is 1 now, so that 4 are worth less than 5, whatever is asked
        bob buy 4 market on GOLDTIN
          bob: rejected, Notional
        bob buy 5 market on GOLDTIN
          #5 accepted
          trade 3: 1 @ 10 = 10 TIN, #5 with #1, which is filled
          #5 expired: 4 @ 0, frees 0 TIN
    "#]]);
}

#[test]
fn max_open_orders() {
    check(&expect![[r#"
        alice sell 1 @ 10 on GOLDTIN
          #1 accepted
          #1 rests 1 @ 10, holds 1 GOLD
        alice sell 1 @ 11 on GOLDTIN
          #2 accepted
          #2 rests 1 @ 11, holds 1 GOLD
        alice buy 5 @ 2 on GOLDTIN
          #3 accepted
          #3 rests 5 @ 2, holds 10 TIN
        alice sell 1 @ 12 on GOLDTIN
          alice: rejected, MaxOpenOrders
        alice sell 1 @ 12 maker on GOLDTIN
          alice: rejected, MaxOpenOrders
        # what cannot rest is not counted, nor is a modify, another market or another account
        alice buy 1 @ 5 ioc on GOLDTIN
          #4 accepted
          #4 expired: 1 @ 5, frees 0 TIN
        alice sell 1 market on GOLDTIN
          #5 accepted
          trade 1: 1 @ 2 = 2 TIN, #5 with #3, 4 left
        alice modify #1 2 @ 10 on GOLDTIN
          #1 from 1 @ 10 to 2 @ 10, frees 1 GOLD
          #1 rests 2 @ 10, holds 2 GOLD
        alice sell 1 @ 12
          #6 accepted
          #6 rests 1 @ 12, holds 1 GOLD
        bob sell 1 @ 12 on GOLDTIN
          #7 accepted
          #7 rests 1 @ 12, holds 1 GOLD
        # a fill makes room, and so does a cancel-replace
        bob buy 2 @ 10 on GOLDTIN
          #8 accepted
          trade 2: 2 @ 10 = 20 TIN, #8 with #1, which is filled
        alice sell 1 @ 12 on GOLDTIN
          #9 accepted
          #9 rests 1 @ 12, holds 1 GOLD
        alice replace #2 sell 1 @ 13 on GOLDTIN
          #2 cancelled: 1 @ 11, frees 1 GOLD
          #10 accepted
          #10 rests 1 @ 13, holds 1 GOLD
        alice sell 1 @ 12 on GOLDTIN
          alice: rejected, MaxOpenOrders
        book GOLDTIN
          ask 13: #10 1
          ask 12: #7 1, #9 1
          bid 2: #3 4
    "#]]);
}
