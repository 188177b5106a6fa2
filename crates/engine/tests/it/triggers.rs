//! What triggers contingent orders, in which order, and what becomes of them then.

use expect_test::expect;

use crate::check;

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
