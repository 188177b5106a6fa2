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
        bob buy 1 market on GOLDTIN
        bob buy 0.5 market on GOLDTIN
        bob buy 1.5 market on GOLDTIN
        bob buy 20 market on GOLDTIN
        bob buy 21 market on GOLDTIN
        # what breaks LOT_SIZE too says so
        bob buy 0.4 market on GOLDTIN
        bob buy 60 market on GOLDTIN
        # it is not for limit orders
        bob buy 20.5 @ 10 on GOLDTIN
    "#]]);
}

#[test]
fn notional() {
    check(&expect![[r#"
        alice buy 1 @ 5 on GOLDTIN
        alice buy 1 @ 4.95 on GOLDTIN
        bob sell 20 @ 100 on GOLDTIN
        bob sell 20.5 @ 100 on GOLDTIN
        alice modify #1 1 @ 4.95 on GOLDTIN
        # a quote amount is a notional
        carol buy 4.999 TIN market on GOLDTIN
        carol buy 2000.001 TIN market on GOLDTIN
        carol sell 5 TIN market on GOLDTIN
        # by quantity it is judged at the price of the last trade
        alice buy 1 @ 5 on GOLDTIN
        carol sell 1 market on GOLDTIN
        bob sell 1 @ 5 on GOLDTIN
        alice buy 1 @ 6 ioc on GOLDTIN
    "#]]);
}

#[test]
fn notional_of_a_market_order_follows_the_last_price() {
    check(&expect![[r#"
        alice sell 2 @ 10 on GOLDTIN
        bob buy 1 market on GOLDTIN
        alice buy 5 @ 1 on GOLDTIN
        bob sell 5 @ 1 on GOLDTIN
        # the last price is 1 now, so that 4 are worth less than 5, whatever is asked
        bob buy 4 market on GOLDTIN
        bob buy 5 market on GOLDTIN
    "#]]);
}

#[test]
fn max_open_orders() {
    check(&expect![[r#"
        alice sell 1 @ 10 on GOLDTIN
        alice sell 1 @ 11 on GOLDTIN
        alice buy 5 @ 2 on GOLDTIN
        alice sell 1 @ 12 on GOLDTIN
        alice sell 1 @ 12 maker on GOLDTIN
        # what cannot rest is not counted, nor is a modify, another market or another account
        alice buy 1 @ 5 ioc on GOLDTIN
        alice sell 1 market on GOLDTIN
        alice modify #1 2 @ 10 on GOLDTIN
        alice sell 1 @ 12
        bob sell 1 @ 12 on GOLDTIN
        # a fill makes room, and so does a cancel-replace
        bob buy 2 @ 10 on GOLDTIN
        alice sell 1 @ 12 on GOLDTIN
        alice replace #2 sell 1 @ 13 on GOLDTIN
        alice sell 1 @ 12 on GOLDTIN
        book GOLDTIN
    "#]]);
}
