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
        bob cancel #1
        bob cancel a
        bob cancel #1/a
        alice cancel #1 on TINEUR
        alice cancel a on TINEUR
        alice cancel #1 on NOWHERE
        nobody cancel #1
        book
    "#]]);
}

#[test]
fn a_partly_filled_order_frees_what_is_left() {
    check(&expect![[r#"
        alice buy 3 @ 100
        bob sell 1 @ 100
        orders alice
        balance alice
        alice cancel #1
        balance alice
        orders alice
    "#]]);
}

#[test]
fn replace_cancels_and_places() {
    check(&expect![[r#"
        alice buy 1 @ 100 id=a
        alice replace a buy 2 @ 101 id=a as=request
        alice replace #2 or-not buy 3 @ 99
        book
        balance alice
        # what the cancel frees pays for the new order
        alice replace #3 buy 1000 @ 100
        balance alice
    "#]]);
}

#[test]
fn replace_stops_or_goes_on_when_the_cancel_fails() {
    check(&expect![[r#"
        alice replace #7 buy 1 @ 100
        book
        alice replace #7 or-not buy 1 @ 100
        book
        nobody replace #1 or-not buy 1 @ 100
        alice replace #1 or-not buy 1 @ 100 on NOWHERE
    "#]]);
}

#[test]
fn replace_keeps_its_cancel_when_the_new_order_fails() {
    check(&expect![[r#"
        alice buy 1 @ 100
        alice replace #1 buy 1 @ 0
        book
        balance alice
        alice buy 1 @ 100
        bob sell 1 @ 110
        alice replace #2 or-not buy 1 @ 110 maker
        book
        alice replace #1 or-not buy 2000 @ 100
    "#]]);
}
