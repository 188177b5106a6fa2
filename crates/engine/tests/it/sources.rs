//! Idempotency: each position of a source is applied once, in order, refused ones included.

use expect_test::expect;

use crate::check;

#[test]
fn a_repeat_changes_nothing() {
    check(&expect![[r#"
        [7/1] transfer custody dave 5 EUR
          5 EUR from custody to dave
        [7/1] transfer custody dave 5 EUR
          duplicate of 7/1
        [7/2] transfer custody dave 5 EUR
          5 EUR from custody to dave
        [7/1] transfer custody dave 5 EUR
          duplicate of 7/1
        # not even another command
        [7/2] hold alice 1 EUR
          duplicate of 7/2
        balance dave alice
          dave: 10 EUR
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
        [8/1] transfer custody dave 5 EUR
          5 EUR from custody to dave
        balance dave
          dave: 15 EUR
    "#]]);
}

#[test]
fn a_gap_is_refused_and_uses_no_position() {
    check(&expect![[r#"
        [7/2] transfer custody dave 5 EUR
          0: rejected, SourceGap
        [7/1] transfer custody dave 5 EUR
          5 EUR from custody to dave
        [7/3] transfer custody dave 5 EUR
          0: rejected, SourceGap
        [7/18446744073709551615] transfer custody dave 5 EUR
          0: rejected, SourceGap
        [7/2] transfer custody dave 5 EUR
          5 EUR from custody to dave
        balance dave
          dave: 10 EUR
    "#]]);
}

#[test]
fn positions_count_from_one() {
    check(&expect![[r#"
        # zero was never applied: to call it a repeat would tell the sender that the money has moved
        [7/0] transfer custody dave 5 EUR
          0: rejected, SourceGap
        [7/1] transfer custody dave 5 EUR
          5 EUR from custody to dave
        [7/0] transfer custody dave 5 EUR
          0: rejected, SourceGap
        balance dave
          dave: 5 EUR
    "#]]);
}

#[test]
fn a_refused_position_is_burnt() {
    check(&expect![[r#"
        [7/1] transfer dave alice 5 EUR
          dave: rejected, InsufficientBalance
        transfer custody dave 5 EUR
          5 EUR from custody to dave
        # it could succeed now, and must not
        [7/1] transfer dave alice 5 EUR
          duplicate of 7/1
        [7/2] transfer dave alice 5 EUR
          5 EUR from dave to alice
        balance dave
          dave: nothing
    "#]]);
}

#[test]
fn money_moves_only_with_a_source() {
    check(&expect![[r#"
        [-] transfer custody dave 5 EUR
          0: rejected, SourceRequired
        [-] hold alice 5 EUR
          0: rejected, SourceRequired
        hold alice 5 EUR
          H1 holds 5 EUR of alice
        [-] capture H1 bob 5 EUR
          0: rejected, SourceRequired
        [-] release H1
          0: rejected, SourceRequired
        balance alice dave
          alice: 1000 GOLD, 99995 EUR and 5 EUR held, 1000 TIN
          dave: nothing
        # orders need none, and may have one
        [-] alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        [7/1] alice sell 1 @ 101
          #2 accepted
          #2 rests 1 @ 101, holds 1 GOLD
        [7/1] alice sell 1 @ 101
          duplicate of 7/1
        book
          ask 101: #2 1
          ask 100: #1 1
    "#]]);
}

#[test]
fn positions_survive_a_restart() {
    check(&expect![[r#"
        [7/1] transfer custody dave 5 EUR
          5 EUR from custody to dave
        [7/2] transfer dave alice 50 EUR
          dave: rejected, InsufficientBalance
        restart
        [7/1] transfer custody dave 5 EUR
          duplicate of 7/1
        [7/2] transfer dave alice 50 EUR
          duplicate of 7/2
        [7/4] transfer custody dave 5 EUR
          0: rejected, SourceGap
        [7/3] transfer custody dave 5 EUR
          5 EUR from custody to dave
        balance dave
          dave: 10 EUR
    "#]]);
}
