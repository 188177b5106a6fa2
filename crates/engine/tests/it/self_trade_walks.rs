//! Self-trade prevention where an order looks ahead, in groups of accounts, and in lists.

use expect_test::expect;

use crate::check;

#[test]
fn what_a_market_order_needs_is_walked_in_its_mode() {
    check(&expect![[r#"
        transfer custody dave 150 EUR
          150 EUR from custody to dave
        transfer custody dave 3 GOLD
          3 GOLD from custody to dave
        dave sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol sell 1 @ 150
          #2 accepted
          #2 rests 1 @ 150, holds 1 GOLD
        carol sell 1 @ 200
          #3 accepted
          #3 rests 1 @ 200, holds 1 GOLD
        # its own order is traded with, or passed over
        dave buy 2 market
          dave: rejected, InsufficientBalance
        dave buy 2 market expire-maker
          dave: rejected, InsufficientBalance
        dave buy 1 market expire-maker
          #4 accepted
          prevented 1 by expire-maker @ 100: #4 loses 0, #1 1
          #1 met itself: 1 @ 100, frees 1 GOLD
          trade 1: 1 @ 150 = 150 EUR, #4 with #2, which is filled
        dave sell 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
        carol sell 1 @ 150
          #6 accepted
          #6 rests 1 @ 150, holds 1 GOLD
        transfer custody dave 150 EUR
          150 EUR from custody to dave
        # it stops there, or counts it
        dave buy 3 market expire-taker
          #7 accepted
          prevented 2 by expire-taker @ 100: #7 loses 3, #5 0
          #7 met itself: 3 @ 0, frees 0 EUR
        dave sell 1 @ 100
          #8 accepted
          #8 rests 1 @ 100, holds 1 GOLD
        dave buy 3 market decrement
          #9 accepted
          prevented 3 by decrement @ 100: #9 loses 1, #5 1, 0 left, frees 1 GOLD
          #5 met itself: 0 @ 100, frees 0 GOLD
          prevented 4 by decrement @ 100: #9 loses 1, #8 1, 0 left, frees 1 GOLD
          #8 met itself: 0 @ 100, frees 0 GOLD
          trade 2: 1 @ 150 = 150 EUR, #9 with #6, which is filled
        dave sell 1 @ 100
          #10 accepted
          #10 rests 1 @ 100, holds 1 GOLD
        transfer custody dave 150 EUR
          150 EUR from custody to dave
        dave buy 2 market decrement
          dave: rejected, InsufficientBalance
        balance dave
          dave: 4 GOLD and 1 GOLD held, 150 EUR
    "#]]);
}

#[test]
fn fill_or_kill_looks_for_own_orders() {
    check(&expect![[r#"
        bob sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice buy 2 @ 100 fok expire-taker
          #4 accepted
          #4 expired: 2 @ 100, frees 0 EUR
        alice buy 2 @ 100 fok expire-both
          #5 accepted
          #5 expired: 2 @ 100, frees 0 EUR
        alice buy 2 @ 100 fok decrement
          #6 accepted
          #6 expired: 2 @ 100, frees 0 EUR
        alice buy 3 @ 100 fok expire-maker
          #7 accepted
          #7 expired: 3 @ 100, frees 0 EUR
        alice buy 1 @ 100 fok expire-taker
          #8 accepted
          trade 1: 1 @ 100 = 100 EUR, #8 with #1, which is filled
        alice sell 1 @ 100
          #9 accepted
          #9 rests 1 @ 100, holds 1 GOLD
        # passed over, and ended when it trades
        alice buy 1 @ 100 fok expire-maker
          #10 accepted
          prevented 1 by expire-maker @ 100: #10 loses 0, #2 1
          #2 met itself: 1 @ 100, frees 1 GOLD
          trade 2: 1 @ 100 = 100 EUR, #10 with #3, which is filled
        book
          ask 100: #9 1
        bob sell 3 @ 99 iceberg=1
          #11 accepted
          #11 rests 3 @ 99, shows 1, holds 3 GOLD
        alice sell 1 @ 99
          #12 accepted
          #12 rests 1 @ 99, holds 1 GOLD
        alice buy 3 @ 99 fok expire-taker
          #13 accepted
          #13 expired: 3 @ 99, frees 0 EUR
        alice buy 3 @ 99 fok expire-maker
          #14 accepted
          trade 3: 1 @ 99 = 99 EUR, #14 with #11, 2 left
          #11 shows 1 more @ 99
          prevented 2 by expire-maker @ 99: #14 loses 0, #12 1
          #12 met itself: 1 @ 99, frees 1 GOLD
          trade 4: 1 @ 99 = 99 EUR, #14 with #11, 1 left
          #11 shows 1 more @ 99
          trade 5: 1 @ 99 = 99 EUR, #14 with #11, which is filled
    "#]]);
}

#[test]
fn a_master_and_its_sub_accounts_are_one_group() {
    check(&expect![[r#"
        open alice1 of alice
          account 1010 of alice
        open alice2 of alice
          account 1011 of alice
        open bob1 of bob
          account 1012 of bob
        transfer custody alice1 100 GOLD
          100 GOLD from custody to alice1
        transfer custody alice2 1000 EUR
          1000 EUR from custody to alice2
        transfer custody bob1 1000 EUR
          1000 EUR from custody to bob1
        alice1 sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice buy 1 @ 100 expire-taker
          #2 accepted
          prevented 1 by expire-taker @ 100: #2 loses 1, #1 0
          #2 met itself: 1 @ 100, frees 0 EUR
        alice2 buy 1 @ 100 expire-maker
          #3 accepted
          prevented 2 by expire-maker @ 100: #3 loses 0, #1 1
          #1 met itself: 1 @ 100, frees 1 GOLD
          #3 rests 1 @ 100, holds 100 EUR
        bob1 buy 1 @ 100 expire-taker
          #4 accepted
          #4 rests 1 @ 100, holds 100 EUR
        alice1 sell 1 @ 100
          #5 accepted
          trade 1: 1 @ 100 = 100 EUR, #5 with #3, which is filled
        alice2 buy 0.5 @ 100
          #6 accepted
          #6 rests 0.5 @ 100, holds 50 EUR
        alice2 cancel-all
          #6 cancelled: 0.5 @ 100, frees 50 EUR
          alice2: 1 cancelled
        bob1 buy 0.5 @ 100 expire-taker
          #7 accepted
          #7 rests 0.5 @ 100, holds 50 EUR
        alice sell 1 @ 100
          #8 accepted
          trade 2: 1 @ 100 = 100 EUR, #8 with #4, which is filled
        alice1 buy 1 @ 100 expire-taker
          #9 accepted
          #9 rests 1 @ 100, holds 100 EUR
        alice2 buy 1 @ 100 expire-both
          #10 accepted
          #10 rests 1 @ 100, holds 100 EUR
        # names, lists and orders are each account's own
        alice1 sell 1 @ 100 id=a
          #11 accepted
          trade 3: 0.5 @ 100 = 50 EUR, #11 with #7, which is filled
          trade 4: 0.5 @ 100 = 50 EUR, #11 with #9, 0.5 left
        alice2 buy 1 @ 90 id=a
          #12 accepted
          #12 rests 1 @ 90, holds 90 EUR
        alice cancel a
          alice: rejected, UnknownOrder
        alice cancel-all
          alice: 0 cancelled
        balance alice1
          alice1: 98.5 GOLD, 100 EUR and 50 EUR held
        balance alice2
          alice2: 1 GOLD, 710 EUR and 190 EUR held
    "#]]);
}

#[test]
fn orders_of_lists() {
    check(&expect![[r#"
        # a decremented order of a pair ends the other
        alice oco | sell 2 @ 110 maker | sell 2 stop-loss 90
          L1 Oco of #1, #2
          #1 accepted
          #2 accepted
          #1 rests 2 @ 110, holds 2 GOLD
          #2 waits for its stop price, holds 0 GOLD
        alice buy 1 @ 110 decrement
          #3 accepted
          prevented 1 by decrement @ 110: #3 loses 1, #1 1, 1 left, frees 1 GOLD
          #2 ends with its list: 2 @ 0, frees 0 GOLD
          #3 met itself: 0 @ 110, frees 0 EUR
        lists
          L1 Oco of alice: #1, #2
        alice buy 1 @ 110 decrement
          #4 accepted
          prevented 2 by decrement @ 110: #4 loses 1, #1 1, 0 left, frees 1 GOLD
          #1 met itself: 0 @ 110, frees 0 GOLD
          L1 is done
          #4 met itself: 0 @ 110, frees 0 EUR
        lists
          none
        alice oco | sell 2 @ 110 maker | sell 2 stop-loss 90
          L2 Oco of #5, #6
          #5 accepted
          #6 accepted
          #5 rests 2 @ 110, holds 2 GOLD
          #6 waits for its stop price, holds 0 GOLD
        alice buy 1 @ 110 expire-maker
          #7 accepted
          prevented 3 by expire-maker @ 110: #7 loses 0, #5 2
          #5 met itself: 2 @ 110, frees 2 GOLD
          #6 ends with its list: 2 @ 0, frees 0 GOLD
          L2 is done
          #7 rests 1 @ 110, holds 110 EUR
        lists
          none
        alice cancel-all
          #7 cancelled: 1 @ 110, frees 110 EUR
          alice: 1 cancelled
        # a working order that is prevented is not filled
        alice oto | sell 1 @ 110 | buy 1 @ 90
          L3 Oto of #8, #9
          #8 accepted
          #9 accepted
          #9 waits for its list, holds 0 EUR
          #8 rests 1 @ 110, holds 1 GOLD
        alice buy 1 @ 110 decrement
          #10 accepted
          prevented 4 by decrement @ 110: #10 loses 1, #8 1, 0 left, frees 1 GOLD
          #8 met itself: 0 @ 110, frees 0 GOLD
          #9 ends with its list: 1 @ 90, frees 0 EUR
          L3 is done
          #10 met itself: 0 @ 110, frees 0 EUR
        alice oto | sell 1 @ 110 | buy 1 @ 90
          L4 Oto of #11, #12
          #11 accepted
          #12 accepted
          #12 waits for its list, holds 0 EUR
          #11 rests 1 @ 110, holds 1 GOLD
        alice oto | buy 1 @ 110 expire-taker | sell 1 @ 120
          L5 Oto of #13, #14
          #13 accepted
          #14 accepted
          #14 waits for its list, holds 0 GOLD
          prevented 5 by expire-taker @ 110: #13 loses 1, #11 0
          #13 met itself: 1 @ 110, frees 0 EUR
          #14 ends with its list: 1 @ 120, frees 0 GOLD
          L5 is done
        alice oto | buy 1 @ 110 expire-maker | sell 1 @ 120
          L6 Oto of #15, #16
          #15 accepted
          #16 accepted
          #16 waits for its list, holds 0 GOLD
          prevented 6 by expire-maker @ 110: #15 loses 0, #11 1
          #11 met itself: 1 @ 110, frees 1 GOLD
          #12 ends with its list: 1 @ 90, frees 0 EUR
          L4 is done
          #15 rests 1 @ 110, holds 110 EUR
        lists
          L6 Oto of alice: #15, #16
        alice cancel-all
          #15 cancelled: 1 @ 110, frees 110 EUR
          #16 cancelled: 1 @ 120, frees 0 GOLD
          L6 is done
          alice: 2 cancelled
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_triggered_order_obeys_its_mode() {
    check(&expect![[r#"
        carol buy 1 @ 95
          #1 accepted
          #1 rests 1 @ 95, holds 95 EUR
        alice buy 1 @ 94
          #2 accepted
          #2 rests 1 @ 94, holds 94 EUR
        bob buy 1 @ 93
          #3 accepted
          #3 rests 1 @ 93, holds 93 EUR
        alice sell 2 stop-loss 95 decrement
          #4 accepted
          #4 waits for its stop price, holds 2 GOLD
        carol sell 1 @ 95
          #5 accepted
          trade 1: 1 @ 95 = 95 EUR, #5 with #1, which is filled
          #4 triggered
          #4 enters, frees 2 GOLD
          prevented 1 by decrement @ 94: #4 loses 1, #2 1, 0 left, frees 94 EUR
          #2 met itself: 0 @ 94, frees 0 EUR
          trade 2: 1 @ 93 = 93 EUR, #4 with #3, which is filled
        balance alice
          alice: 999 GOLD, 100093 EUR, 1000 TIN
        market
          GOLDEUR trading, last trade 2 @ 93, last prevented 1
    "#]]);
}
