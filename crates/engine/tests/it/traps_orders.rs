//! Traps of the same survey that only show with orders that wait.

use expect_test::expect;

use crate::check;

#[test]
fn stop_cascade_fires_one_message_late() {
    check(&expect![[r#"
        carol buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        carol buy 1 @ 99
          #2 accepted
          #2 rests 1 @ 99, holds 99 EUR
        carol buy 9 @ 98
          #3 accepted
          #3 rests 9 @ 98, holds 882 EUR
        alice sell 1 stop-loss 100
          #4 accepted
          #4 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 99
          #5 accepted
          #5 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss 98
          #6 accepted
          #6 waits for its stop price, holds 1 GOLD
        # all of it with this command, nothing with the next
        bob sell 1 @ 100
          #7 accepted
          trade 1: 1 @ 100 = 100 EUR, #7 with #1, which is filled
          #4 triggered
          #4 enters, frees 1 GOLD
          trade 2: 1 @ 99 = 99 EUR, #4 with #2, which is filled
          #5 triggered
          #5 enters, frees 1 GOLD
          trade 3: 1 @ 98 = 98 EUR, #5 with #3, 8 left
          #6 triggered
          #6 enters, frees 1 GOLD
          trade 4: 1 @ 98 = 98 EUR, #6 with #3, 7 left
        tick
          ticked
        orders alice
          none
    "#]]);
}

#[test]
fn expired_orders_matchable_until_a_sweep() {
    check(&expect![[r#"
        alice sell 1 @ 100 gtd=50
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        at 50 bob buy 1 @ 100
          #1 ends by time: 1 @ 100, frees 1 GOLD
          #2 accepted
          #2 rests 1 @ 100, holds 100 EUR
        book
          bid 100: #2 1
    "#]]);
}

#[test]
fn an_iceberg_modify_that_releases_against_what_is_shown() {
    check(&expect![[r#"
        alice buy 10 @ 100 iceberg=1
          #1 accepted
          #1 rests 10 @ 100, shows 1, holds 1000 EUR
        alice modify #1 4 @ 90
          #1 from 10 @ 100 to 4 @ 90, frees 1000 EUR
          #1 rests 4 @ 90, shows 1, holds 360 EUR
        balance alice
          alice: 1000 GOLD, 99640 EUR and 360 EUR held, 1000 TIN
        alice cancel #1
          #1 cancelled: 4 @ 90, frees 360 EUR
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_stop_that_its_own_account_triggers() {
    check(&expect![[r#"
        carol buy 3 @ 100
          #1 accepted
          #1 rests 3 @ 100, holds 300 EUR
        alice sell 1 stop-loss 100
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        alice sell 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, 2 left
          #2 triggered
          #2 enters, frees 1 GOLD
          trade 2: 1 @ 100 = 100 EUR, #2 with #1, 1 left
        balance alice
          alice: 998 GOLD, 100200 EUR, 1000 TIN
        book
          bid 100: #1 1
    "#]]);
}

#[test]
fn a_name_that_waits_is_taken() {
    check(&expect![[r#"
        alice sell 1 stop-loss 90 id=a
          #1 accepted
          #1 waits for its stop price, holds 1 GOLD
        alice oto | buy 1 @ 50 id=b | sell 1 @ 60 id=c
          L1 Oto of #2, #3
          #2 accepted
          #3 accepted
          #3 waits for its list, holds 0 GOLD
          #2 rests 1 @ 50, holds 50 EUR
        alice sell 1 @ 100 id=a
          alice: rejected, DuplicateClientId
        alice sell 1 @ 100 id=c
          alice: rejected, DuplicateClientId
        alice cancel b
          #2 cancelled: 1 @ 50, frees 50 EUR
          #3 cancelled: 1 @ 60, frees 0 GOLD
          L1 is done
        alice sell 1 @ 100 id=c
          #4 accepted
          #4 rests 1 @ 100, holds 1 GOLD
        alice cancel a
          #1 cancelled: 1 @ 0, frees 1 GOLD
        alice sell 1 @ 100 id=a
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
    "#]]);
}
