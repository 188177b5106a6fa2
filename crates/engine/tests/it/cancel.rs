//! Cancel by id, by client id, by both; cancel-replace.

use expect_test::expect;

use crate::check;

#[test]
fn by_id_by_client_id_and_by_both() {
    check(&expect![[r#"
        alice buy 1 @ 100 id=a
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice buy 1 @ 101 id=b
          #2 accepted
          #2 rests 1 @ 101, holds 101 EUR
        alice buy 1 @ 102 id=c
          #3 accepted
          #3 rests 1 @ 102, holds 102 EUR
        alice buy 1 @ 103
          #4 accepted
          #4 rests 1 @ 103, holds 103 EUR
        balance alice
          alice: 1000 GOLD, 99594 EUR and 406 EUR held, 1000 TIN
        alice cancel #1 as=request-1
          #1 cancelled by request-1: 1 @ 100, frees 100 EUR
        alice cancel b as=request-2
          #2 cancelled by request-2: 1 @ 101, frees 101 EUR
        alice cancel #3/b
          alice: rejected, UnknownOrder
        alice cancel #2/c
          alice: rejected, UnknownOrder
        alice cancel #3/c
          #3 cancelled: 1 @ 102, frees 102 EUR
        alice cancel #4
          #4 cancelled: 1 @ 103, frees 103 EUR
        alice cancel c
          alice: rejected, UnknownOrder
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
        book
          empty
    "#]]);
}

#[test]
fn only_ones_own_and_only_in_its_market() {
    check(&expect![[r#"
        alice buy 1 @ 100 id=a
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        bob cancel #1
          bob: rejected, UnknownOrder
        bob cancel a
          bob: rejected, UnknownOrder
        bob cancel #1/a
          bob: rejected, UnknownOrder
        alice cancel #1 on TINEUR
          alice: rejected, UnknownOrder
        alice cancel a on TINEUR
          alice: rejected, UnknownOrder
        alice cancel #1 on NOWHERE
          alice: rejected, UnknownMarket
        nobody cancel #1
          nobody: rejected, UnknownAccount
        book
          bid 100: #1 1
    "#]]);
}

#[test]
fn a_partly_filled_order_frees_what_is_left() {
    check(&expect![[r#"
        alice buy 3 @ 100
          #1 accepted
          #1 rests 3 @ 100, holds 300 EUR
        bob sell 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 2 left
        orders alice
          #1 buy 3 @ 100, 2 open, traded for 100 EUR, placed at 21, changed at 22 ms
        balance alice
          alice: 1001 GOLD, 99700 EUR and 200 EUR held, 1000 TIN
        alice cancel #1
          #1 cancelled: 2 @ 100, frees 200 EUR
        balance alice
          alice: 1001 GOLD, 99900 EUR, 1000 TIN
        orders alice
          none
    "#]]);
}

#[test]
fn replace_cancels_and_places() {
    check(&expect![[r#"
        alice buy 1 @ 100 id=a
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice replace a buy 2 @ 101 id=a as=request
          #1 cancelled by request: 1 @ 100, frees 100 EUR
          #2 accepted
          #2 rests 2 @ 101, holds 202 EUR
        alice replace #2 or-not buy 3 @ 99
          #2 cancelled: 2 @ 101, frees 202 EUR
          #3 accepted
          #3 rests 3 @ 99, holds 297 EUR
        book
          bid 99: #3 3
        balance alice
          alice: 1000 GOLD, 99703 EUR and 297 EUR held, 1000 TIN
        # what the cancel frees pays for the new order
        alice replace #3 buy 1000 @ 100
          #3 cancelled: 3 @ 99, frees 297 EUR
          #4 accepted
          #4 rests 1000 @ 100, holds 100000 EUR
        balance alice
          alice: 1000 GOLD, 0 EUR and 100000 EUR held, 1000 TIN
    "#]]);
}

#[test]
fn replace_stops_or_goes_on_when_the_cancel_fails() {
    check(&expect![[r#"
        alice replace #7 buy 1 @ 100
          alice: cancel rejected, UnknownOrder
        book
          empty
        alice replace #7 or-not buy 1 @ 100
          alice: cancel rejected, UnknownOrder
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        book
          bid 100: #1 1
        nobody replace #1 or-not buy 1 @ 100
          nobody: cancel rejected, UnknownAccount
          nobody: rejected, UnknownAccount
        alice replace #1 or-not buy 1 @ 100 on NOWHERE
          alice: cancel rejected, UnknownMarket
          alice: rejected, UnknownMarket
    "#]]);
}

#[test]
fn replace_keeps_its_cancel_when_the_new_order_fails() {
    check(&expect![[r#"
        alice buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice replace #1 buy 1 @ 0
          #1 cancelled: 1 @ 100, frees 100 EUR
          alice: rejected, PriceFilter
        book
          empty
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
        alice buy 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 100 EUR
        bob sell 1 @ 110
          #3 accepted
          #3 rests 1 @ 110, holds 1 GOLD
        alice replace #2 or-not buy 1 @ 110 maker
          #2 cancelled: 1 @ 100, frees 100 EUR
          alice: rejected, WouldTake
        book
          ask 110: #3 1
        alice replace #1 or-not buy 2000 @ 100
          alice: cancel rejected, UnknownOrder
          alice: rejected, InsufficientBalance
    "#]]);
}
