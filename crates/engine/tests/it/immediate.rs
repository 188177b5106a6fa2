//! IOC, FOK and LIMIT_MAKER beyond the traps.

use expect_test::expect;

use crate::check;

#[test]
fn ioc_trades_what_it_can_within_its_limit() {
    check(&expect![[r#"
        alice buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice buy 1 @ 99
          #2 accepted
          #2 rests 1 @ 99, holds 99 EUR
        bob sell 3 @ 100 ioc
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          #3 expired: 2 @ 100, frees 0 GOLD
        bob sell 1 @ 99 ioc
          #4 accepted
          trade 2: 1 @ 99 = 99 EUR, #4 with #2, which is filled
        bob sell 1 @ 99 ioc
          #5 accepted
          #5 expired: 1 @ 99, frees 0 GOLD
        book
          empty
        balance alice bob
          alice: 1002 GOLD, 99801 EUR, 1000 TIN
          bob: 998 GOLD, 100199 EUR, 1000 TIN
    "#]]);
}

#[test]
fn fok_is_filled_whole_or_not_at_all() {
    check(&expect![[r#"
        alice buy 2 @ 100
          #1 accepted
          #1 rests 2 @ 100, holds 200 EUR
        bob sell 2.1 @ 100 fok
          #2 accepted
          #2 expired: 2.1 @ 100, frees 0 GOLD
        bob sell 2 @ 100.01 fok
          #3 accepted
          #3 expired: 2 @ 100.01, frees 0 GOLD
        bob sell 2 @ 100 fok
          #4 accepted
          trade 1: 2 @ 100 = 200 EUR, #4 with #1, which is filled
        book
          empty
        bob sell 1 @ 100 fok
          #5 accepted
          #5 expired: 1 @ 100, frees 0 GOLD
    "#]]);
}

#[test]
fn fok_does_not_count_its_own_orders_when_told_to_stop_there() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        bob buy 2 @ 100 fok expire-taker
          #4 accepted
          #4 expired: 2 @ 100, frees 0 EUR
        bob buy 1 @ 100 fok expire-taker
          #5 accepted
          trade 1: 1 @ 100 = 100 EUR, #5 with #1, which is filled
        bob buy 2 @ 100 fok
          #6 accepted
          trade 2: 1 @ 100 = 100 EUR, #6 with #2, which is filled
          trade 3: 1 @ 100 = 100 EUR, #6 with #3, which is filled
        book
          empty
    "#]]);
}

#[test]
fn limit_maker_only_rests() {
    check(&expect![[r#"
        alice sell 1 @ 100 maker
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100 maker
          bob: rejected, WouldTake
        bob buy 1 @ 101 maker
          bob: rejected, WouldTake
        bob buy 1 @ 99.99 maker
          #2 accepted
          #2 rests 1 @ 99.99, holds 99.99 EUR
        alice sell 1 @ 99.99 maker
          alice: rejected, WouldTake
        # its own orders count too
        bob sell 1 @ 99.99 maker
          bob: rejected, WouldTake
        book
          ask 100: #1 1
          bid 99.99: #2 1
        # and it stays a maker when it is modified
        bob modify #2 1 @ 100
          bob: rejected, WouldTake
        bob modify #2 1 @ 99
          #2 from 1 @ 99.99 to 1 @ 99, frees 99.99 EUR
          #2 rests 1 @ 99, holds 99 EUR
        book
          ask 100: #1 1
          bid 99: #2 1
    "#]]);
}

#[test]
fn gtc_rests_what_it_does_not_trade_at_its_own_price() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 3 @ 102
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
          #2 rests 2 @ 102, holds 204 EUR
        book
          bid 102: #2 2
        # 200 of 306 were not needed, and are not held
        balance bob
          bob: 1001 GOLD, 99696 EUR and 204 EUR held, 1000 TIN
        orders bob
          #2 buy 3 @ 102, 2 open, traded for 100 EUR, placed at 22, changed at 22 ms
    "#]]);
}
