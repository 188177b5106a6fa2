//! One triggers the other, or a pair: orders that wait until another is filled.

use expect_test::expect;

use crate::check;

#[test]
fn the_pending_order_enters_when_the_working_one_is_filled() {
    check(&expect![[r#"
        alice oto id=both | buy 2 @ 100 id=first | sell 2 @ 110 id=then
          L1 both Oto of #1, #2
          #1 accepted
          #2 accepted
          #2 waits for its list, holds 0 GOLD
          #1 rests 2 @ 100, holds 200 EUR
        orders alice
          #1 buy 2 @ 100, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1
          #2 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1; waits for its list, holds 0 GOLD
        balance alice
          alice: 1000 GOLD, 99800 EUR and 200 EUR held, 1000 TIN
        bob sell 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, 1 left
        orders alice
          #1 buy 2 @ 100, 1 open, traded for 100 EUR, placed at 21, changed at 22 ms, of L1
          #2 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1; waits for its list, holds 0 GOLD
        bob sell 1 @ 100
          #4 accepted
          trade 2: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          #2 enters, frees 0 GOLD
          #2 rests 2 @ 110, holds 2 GOLD
        orders alice
          #2 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 21, changed at 23 ms, of L1
        lists
          L1 both Oto of alice: #1, #2
        bob buy 2 @ 110
          #5 accepted
          trade 3: 2 @ 110 = 220 EUR, #5 with #2, which is filled
          L1 is done
        lists
          none
        balance alice
          alice: 1000 GOLD, 100020 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_working_order_that_is_filled_at_once() {
    check(&expect![[r#"
        bob sell 2 @ 100
          #1 accepted
          #1 rests 2 @ 100, holds 2 GOLD
        bob buy 1 @ 90
          #2 accepted
          #2 rests 1 @ 90, holds 90 EUR
        alice oto | buy 2 @ 100 ioc | sell 1 @ 90
          L1 Oto of #3, #4
          #3 accepted
          #4 accepted
          #4 waits for its list, holds 0 GOLD
          trade 1: 2 @ 100 = 200 EUR, #3 with #1, which is filled
          #4 enters, frees 0 GOLD
          trade 2: 1 @ 90 = 90 EUR, #4 with #2, which is filled
          L1 is done
        book
          empty
        bob sell 2 @ 100
          #5 accepted
          #5 rests 2 @ 100, holds 2 GOLD
        alice oto | buy 2 @ 100 fok | sell 2 stop-loss 95
          L2 Oto of #6, #7
          #6 accepted
          #7 accepted
          #7 waits for its list, holds 0 GOLD
          trade 3: 2 @ 100 = 200 EUR, #6 with #5, which is filled
          #7 enters, frees 0 GOLD
          #7 waits for its stop price, holds 2 GOLD
        orders alice
          #7 sell 2 @ 0, 2 open, traded for 0 EUR, placed at 25, changed at 25 ms, of L2; waits for its stop price, holds 2 GOLD, stop 95
        lists
          L2 Oto of alice: #6, #7
    "#]]);
}

#[test]
fn a_working_order_that_ends_unfilled_ends_the_list() {
    check(&expect![[r#"
        bob sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        # filled in part only
        alice oto | buy 2 @ 100 ioc | sell 2 @ 110
          L1 Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
          #2 expired: 1 @ 100, frees 0 EUR
          #3 ends with its list: 2 @ 110, frees 0 GOLD
          L1 is done
        alice oto | buy 2 @ 100 fok | sell 2 @ 110
          L2 Oto of #4, #5
          #4 accepted
          #5 accepted
          #5 waits for its list, holds 0 GOLD
          #4 expired: 2 @ 100, frees 0 EUR
          #5 ends with its list: 2 @ 110, frees 0 GOLD
          L2 is done
        alice otoco | buy 2 @ 100 ioc | sell 2 @ 110 maker | sell 2 stop-loss 90
          L3 Otoco of #6, #7, #8
          #6 accepted
          #7 accepted
          #8 accepted
          #7 waits for its list, holds 0 GOLD
          #8 waits for its list, holds 0 GOLD
          #6 expired: 2 @ 100, frees 0 EUR
          #7 ends with its list: 2 @ 110, frees 0 GOLD
          #8 ends with its list: 2 @ 0, frees 0 GOLD
          L3 is done
        alice oto | buy 2 @ 99 gtd=30 | sell 2 @ 110
          L4 Oto of #9, #10
          #9 accepted
          #10 accepted
          #10 waits for its list, holds 0 GOLD
          #9 rests 2 @ 99, holds 198 EUR
        at 30 tick
          #9 ends by time: 2 @ 99, frees 198 EUR
          #10 ends with its list: 2 @ 110, frees 0 GOLD
          L4 is done
          ticked
        lists
          none
        balance alice
          alice: 1001 GOLD, 99900 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_cancel_of_any_ends_all() {
    check(&expect![[r#"
        alice otoco id=l | buy 2 @ 99 id=a | sell 2 @ 110 maker id=b | sell 2 stop-loss 90 id=c
          L1 l Otoco of #1, #2, #3
          #1 accepted
          #2 accepted
          #3 accepted
          #2 waits for its list, holds 0 GOLD
          #3 waits for its list, holds 0 GOLD
          #1 rests 2 @ 99, holds 198 EUR
        alice cancel c as=why
          #3 cancelled by why: 2 @ 0, frees 0 GOLD
          #1 cancelled by why: 2 @ 99, frees 198 EUR
          #2 cancelled by why: 2 @ 110, frees 0 GOLD
          L1 is done
        alice otoco id=l | buy 2 @ 99 id=a | sell 2 @ 110 maker id=b | sell 2 stop-loss 90 id=c
          L2 l Otoco of #4, #5, #6
          #4 accepted
          #5 accepted
          #6 accepted
          #5 waits for its list, holds 0 GOLD
          #6 waits for its list, holds 0 GOLD
          #4 rests 2 @ 99, holds 198 EUR
        alice cancel a
          #4 cancelled: 2 @ 99, frees 198 EUR
          #5 cancelled: 2 @ 110, frees 0 GOLD
          #6 cancelled: 2 @ 0, frees 0 GOLD
          L2 is done
        alice otoco id=l | buy 2 @ 99 id=a | sell 2 @ 110 maker id=b | sell 2 stop-loss 90 id=c
          L3 l Otoco of #7, #8, #9
          #7 accepted
          #8 accepted
          #9 accepted
          #8 waits for its list, holds 0 GOLD
          #9 waits for its list, holds 0 GOLD
          #7 rests 2 @ 99, holds 198 EUR
        alice cancel-list l as=list
          #7 cancelled by list: 2 @ 99, frees 198 EUR
          #8 cancelled by list: 2 @ 110, frees 0 GOLD
          #9 cancelled by list: 2 @ 0, frees 0 GOLD
          L3 is done
        alice otoco id=l | buy 2 @ 99 id=a | sell 2 @ 110 maker id=b | sell 2 stop-loss 90 id=c
          L4 l Otoco of #10, #11, #12
          #10 accepted
          #11 accepted
          #12 accepted
          #11 waits for its list, holds 0 GOLD
          #12 waits for its list, holds 0 GOLD
          #10 rests 2 @ 99, holds 198 EUR
        alice cancel-all
          #10 cancelled: 2 @ 99, frees 198 EUR
          #11 cancelled: 2 @ 110, frees 0 GOLD
          #12 cancelled: 2 @ 0, frees 0 GOLD
          L4 is done
          alice: 3 cancelled
        # once the working order is filled it stays so
        alice otoco id=l | buy 2 @ 99 id=a | sell 2 @ 110 maker id=b | sell 2 stop-loss 90 id=c
          L5 l Otoco of #13, #14, #15
          #13 accepted
          #14 accepted
          #15 accepted
          #14 waits for its list, holds 0 GOLD
          #15 waits for its list, holds 0 GOLD
          #13 rests 2 @ 99, holds 198 EUR
        bob sell 2 @ 99
          #16 accepted
          trade 1: 2 @ 99 = 198 EUR, #16 with #13, which is filled
          #14 enters, frees 0 GOLD
          #15 enters, frees 0 GOLD
          #14 rests 2 @ 110, holds 2 GOLD
          #15 waits for its stop price, holds 0 GOLD
        alice cancel b
          #14 cancelled: 2 @ 110, frees 2 GOLD
          #15 cancelled: 2 @ 0, frees 0 GOLD
          L5 is done
        lists
          none
        balance alice
          alice: 1002 GOLD, 99802 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_pending_pair_goes_on_as_a_pair() {
    check(&expect![[r#"
        alice otoco id=l | buy 2 @ 100 | sell 2 @ 110 maker | sell 2 stop-loss 90
          L1 l Otoco of #1, #2, #3
          #1 accepted
          #2 accepted
          #3 accepted
          #2 waits for its list, holds 0 GOLD
          #3 waits for its list, holds 0 GOLD
          #1 rests 2 @ 100, holds 200 EUR
        orders alice
          #1 buy 2 @ 100, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1
          #2 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1; waits for its list, holds 0 GOLD
          #3 sell 2 @ 0, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1; waits for its list, holds 0 GOLD, stop 90
        bob sell 2 @ 100
          #4 accepted
          trade 1: 2 @ 100 = 200 EUR, #4 with #1, which is filled
          #2 enters, frees 0 GOLD
          #3 enters, frees 0 GOLD
          #2 rests 2 @ 110, holds 2 GOLD
          #3 waits for its stop price, holds 0 GOLD
        balance alice
          alice: 1000 GOLD and 2 GOLD held, 99800 EUR, 1000 TIN
        orders alice
          #2 sell 2 @ 110, 2 open, traded for 0 EUR, placed at 21, changed at 22 ms, of L1
          #3 sell 2 @ 0, 2 open, traded for 0 EUR, placed at 21, changed at 21 ms, of L1; waits for its stop price, holds 0 GOLD, stop 90
        bob buy 1 @ 110
          #5 accepted
          trade 2: 1 @ 110 = 110 EUR, #5 with #2, 1 left
          #3 ends with its list: 2 @ 0, frees 0 GOLD
        lists
          L1 l Otoco of alice: #1, #2, #3
        bob buy 1 @ 110
          #6 accepted
          trade 3: 1 @ 110 = 110 EUR, #6 with #2, which is filled
          L1 is done
        lists
          none
        # the stop this time
        alice otoco id=l | buy 2 @ 100 | sell 2 stop-loss 90 | sell 2 @ 111 maker
          L2 l Otoco of #7, #8, #9
          #7 accepted
          #8 accepted
          #9 accepted
          #8 waits for its list, holds 0 GOLD
          #9 waits for its list, holds 0 GOLD
          #7 rests 2 @ 100, holds 200 EUR
        bob sell 2 @ 100
          #10 accepted
          trade 4: 2 @ 100 = 200 EUR, #10 with #7, which is filled
          #8 enters, frees 0 GOLD
          #9 enters, frees 0 GOLD
          #8 waits for its stop price, holds 0 GOLD
          #9 rests 2 @ 111, holds 2 GOLD
        carol buy 3 @ 90
          #11 accepted
          #11 rests 3 @ 90, holds 270 EUR
        bob sell 1 @ 90
          #12 accepted
          trade 5: 1 @ 90 = 90 EUR, #12 with #11, 2 left
          #9 ends with its list: 2 @ 111, frees 2 GOLD
          #8 triggered, holds 2 GOLD more
          #8 enters, frees 2 GOLD
          trade 6: 2 @ 90 = 180 EUR, #8 with #11, which is filled
          L2 is done
        lists
          none
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn what_it_receives_pays_for_what_was_pending() {
    check(&expect![[r#"
        transfer custody dave 200 EUR
          200 EUR from custody to dave
        dave otoco | buy 2 @ 100 | sell 2 @ 110 maker | sell 2 stop-loss 90
          L1 Otoco of #1, #2, #3
          #1 accepted
          #2 accepted
          #3 accepted
          #2 waits for its list, holds 0 GOLD
          #3 waits for its list, holds 0 GOLD
          #1 rests 2 @ 100, holds 200 EUR
        bob sell 2 @ 100
          #4 accepted
          trade 1: 2 @ 100 = 200 EUR, #4 with #1, which is filled
          #2 enters, frees 0 GOLD
          #3 enters, frees 0 GOLD
          #2 rests 2 @ 110, holds 2 GOLD
          #3 waits for its stop price, holds 0 GOLD
        balance dave
          dave: 0 GOLD and 2 GOLD held
        dave cancel-all
          #2 cancelled: 2 @ 110, frees 2 GOLD
          #3 cancelled: 2 @ 0, frees 0 GOLD
          L1 is done
          dave: 2 cancelled
        # more than it received
        dave oto | sell 2 @ 100 | buy 3 @ 70
          L2 Oto of #5, #6
          #5 accepted
          #6 accepted
          #6 waits for its list, holds 0 EUR
          #5 rests 2 @ 100, holds 2 GOLD
        bob buy 2 @ 100
          #7 accepted
          trade 2: 2 @ 100 = 200 EUR, #7 with #5, which is filled
          #6 refused: 3 @ 70, frees 0 EUR
          L2 is done
        lists
          none
        balance dave
          dave: 200 EUR
        # a fee takes a part of what the pending order would need
        transfer custody dave 100 EUR
          100 EUR from custody to dave
        dave oto | buy 2 @ 100 on TINEUR | sell 2 @ 110 on TINEUR
          L3 Oto of #8, #9
          #8 accepted
          #9 accepted
          #9 waits for its list, holds 0 TIN
          #8 rests 2 @ 100, holds 200 EUR
        bob sell 2 @ 100 on TINEUR
          #10 accepted
          trade 1: 2 @ 100 = 200 EUR, #10 with #8, which is filled; fees: taker 0.5 EUR, maker 0.002 TIN
          #9 refused: 2 @ 110, frees 0 TIN
          L3 is done
        balance dave
          dave: 100 EUR, 1.998 TIN
        lists
          none
    "#]]);
}

#[test]
fn refused_when_its_turn_comes() {
    check(&expect![[r#"
        # it would trade at once where it must not
        alice oto | buy 1 @ 105 | sell 1 @ 105 maker
          L1 Oto of #1, #2
          #1 accepted
          #2 accepted
          #2 waits for its list, holds 0 GOLD
          #1 rests 1 @ 105, holds 105 EUR
        alice otoco | buy 1 @ 105 | sell 1 @ 105 maker | sell 1 stop-loss 90
          L2 Otoco of #3, #4, #5
          #3 accepted
          #4 accepted
          #5 accepted
          #4 waits for its list, holds 0 GOLD
          #5 waits for its list, holds 0 GOLD
          #3 rests 1 @ 105, holds 105 EUR
        carol buy 1 @ 105
          #6 accepted
          #6 rests 1 @ 105, holds 105 EUR
        bob sell 2 @ 105
          #7 accepted
          trade 1: 1 @ 105 = 105 EUR, #7 with #1, which is filled
          trade 2: 1 @ 105 = 105 EUR, #7 with #3, which is filled
          #2 refused: 1 @ 105, frees 0 GOLD
          L1 is done
          #4 refused: 1 @ 105, frees 0 GOLD
          #5 refused: 1 @ 0, frees 0 GOLD
          L2 is done
        lists
          none
        bob sell 1 @ 105
          #8 accepted
          trade 3: 1 @ 105 = 105 EUR, #8 with #6, which is filled
        # its stop price is reached already
        alice oto | buy 1 @ 100 | sell 1 stop-loss 100
          L3 Oto of #9, #10
          #9 accepted
          #10 accepted
          #10 waits for its list, holds 0 GOLD
          #9 rests 1 @ 100, holds 100 EUR
        alice otoco | buy 1 @ 100 | sell 1 @ 130 maker | sell 1 stop-loss 100 @ 90
          L4 Otoco of #11, #12, #13
          #11 accepted
          #12 accepted
          #13 accepted
          #12 waits for its list, holds 0 GOLD
          #13 waits for its list, holds 0 GOLD
          #11 rests 1 @ 100, holds 100 EUR
        bob sell 2 @ 100
          #14 accepted
          trade 4: 1 @ 100 = 100 EUR, #14 with #9, which is filled
          trade 5: 1 @ 100 = 100 EUR, #14 with #11, which is filled
          #10 refused: 1 @ 0, frees 0 GOLD
          L3 is done
          #12 refused: 1 @ 130, frees 0 GOLD
          #13 refused: 1 @ 90, frees 0 GOLD
          L4 is done
        lists
          none
        balance alice
          alice: 1004 GOLD, 99590 EUR, 1000 TIN
    "#]]);
}

#[test]
fn they_enter_in_turn_with_what_is_triggered() {
    check(&expect![[r#"
        carol sell 1 stop-loss 100 @ 100 id=stop
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        alice oto | buy 1 @ 100 | sell 1 @ 105 id=of-alice
          L1 Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          #2 rests 1 @ 100, holds 100 EUR
        carol buy 1 @ 100
          #4 accepted
          #4 rests 1 @ 100, holds 100 EUR
        bob oto | buy 1 @ 100 | sell 1 @ 105 id=of-bob
          L2 Oto of #5, #6
          #5 accepted
          #6 accepted
          #6 waits for its list, holds 0 GOLD
          #5 rests 1 @ 100, holds 100 EUR
        bob sell 3 @ 100
          #7 accepted
          trade 1: 1 @ 100 = 100 EUR, #7 with #2, which is filled
          trade 2: 1 @ 100 = 100 EUR, #7 with #4, which is filled
          trade 3: 1 @ 100 = 100 EUR, #7 with #5, which is filled
          #1 triggered
          #3 enters, frees 0 GOLD
          #3 rests 1 @ 105, holds 1 GOLD
          #6 enters, frees 0 GOLD
          #6 rests 1 @ 105, holds 1 GOLD
          #1 enters, frees 1 GOLD
          #1 rests 1 @ 100, holds 1 GOLD
        book
          ask 105: #3 1, #6 1
          ask 100: #1 1
    "#]]);
}
