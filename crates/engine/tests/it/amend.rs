//! Amend: a smaller quantity, in place.

use expect_test::expect;

use crate::check;

#[test]
fn it_keeps_its_place() {
    check(&expect![[r#"
        alice sell 5 @ 100 id=a
          #1 accepted
          #1 rests 5 @ 100, holds 5 GOLD
        bob sell 5 @ 100
          #2 accepted
          #2 rests 5 @ 100, holds 5 GOLD
        alice amend a 3 id=b
          #1 amended to 3, 3 open @ 100, shows 2 less, frees 2 GOLD as b
        book
          ask 100: #1 3, #2 5
        balance alice
          alice: 997 GOLD and 3 GOLD held, 100000 EUR, 1000 TIN
        carol buy 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, 2 left
        alice amend #1/b 2
          #1 amended to 2, 1 open @ 100, shows 1 less, frees 1 GOLD as b
        orders alice
          #1 sell 2 @ 100, 1 open, traded for 100 EUR, placed at 21, changed at 25 ms
        carol buy 2 @ 100
          #4 accepted
          trade 2: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          trade 3: 1 @ 100 = 100 EUR, #4 with #2, 4 left
        book
          ask 100: #2 4
        alice amend #1 1
          alice: rejected, UnknownOrder
    "#]]);
}

#[test]
fn rules() {
    check(&expect![[r#"
        alice buy 10 @ 10 id=a on GOLDTIN
          #1 accepted
          #1 rests 10 @ 10, holds 100 TIN
        alice buy 1 @ 10 id=other on GOLDTIN
          #2 accepted
          #2 rests 1 @ 10, holds 10 TIN
        bob sell 3 @ 10 on GOLDTIN
          #3 accepted
          trade 1: 3 @ 10 = 30 TIN, #3 with #1, 7 left
        nobody amend a 1 on NOWHERE
          nobody: rejected, UnknownMarket
        nobody amend a 1 on GOLDTIN
          nobody: rejected, UnknownAccount
        bob amend a 1 on GOLDTIN
          bob: rejected, UnknownOrder
        alice amend a 1
          alice: rejected, UnknownOrder
        alice amend #1/other 1 on GOLDTIN
          alice: rejected, UnknownOrder
        # 42 LOT_SIZE, 47 the name, 59 between what was executed and what it was
        alice amend a 9.9 on GOLDTIN id=other
          alice: rejected, LotSize
        alice amend a 0 on GOLDTIN
          alice: rejected, LotSize
        alice amend a 9 on GOLDTIN id=other
          alice: rejected, DuplicateClientId
        alice amend a 10 on GOLDTIN
          alice: rejected, CannotAmend
        alice amend a 11 on GOLDTIN
          alice: rejected, CannotAmend
        alice amend a 3 on GOLDTIN
          alice: rejected, CannotAmend
        alice amend a 2.5 on GOLDTIN
          alice: rejected, CannotAmend
        # its own name is no other's
        alice amend a 9 on GOLDTIN id=a
          #1 amended to 9, 6 open @ 10, shows 1 less, frees 10 TIN as a
        alice amend a 3.5 on GOLDTIN id=c
          #1 amended to 3.5, 0.5 open @ 10, shows 5.5 less, frees 55 TIN as c
        alice cancel a on GOLDTIN
          alice: rejected, UnknownOrder
        alice sell 1 @ 20 id=a on GOLDTIN
          #4 accepted
          #4 rests 1 @ 20, holds 1 GOLD
        alice cancel c on GOLDTIN
          #1 cancelled: 0.5 @ 10, frees 5 TIN
        balance alice
          alice: 1002 GOLD and 1 GOLD held, 100000 EUR, 960 TIN and 10 TIN held
    "#]]);
}

#[test]
fn hidden_parts_go_first() {
    check(&expect![[r#"
        alice sell 10 @ 100 iceberg=4
          #1 accepted
          #1 rests 10 @ 100, shows 4, holds 10 GOLD
        alice amend #1 7
          #1 amended to 7, 7 open @ 100, frees 3 GOLD
        book
          ask 100: #1 4 of 7
        alice amend #1 4
          #1 amended to 4, 4 open @ 100, frees 3 GOLD
        book
          ask 100: #1 4
        alice amend #1 3
          #1 amended to 3, 3 open @ 100, shows 1 less, frees 1 GOLD
        book
          ask 100: #1 3
        carol buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 2 left
        alice amend #1 2
          #1 amended to 2, 1 open @ 100, shows 1 less, frees 1 GOLD
        book
          ask 100: #1 1
    "#]]);
}

#[test]
fn orders_that_wait() {
    check(&expect![[r#"
        alice buy 4 stop-loss 110 id=stop
          #1 accepted
          #1 waits for its stop price, holds 440 EUR
        alice sell 4 stop-loss trail=100 id=trails
          #2 accepted
          #2 waits for a turn, holds 4 GOLD
        alice oto | buy 1 @ 50 | sell 4 @ 60 id=pending
          L1 Oto of #3, #4
          #3 accepted
          #4 accepted
          #4 waits for its list, holds 0 GOLD
          #3 rests 1 @ 50, holds 50 EUR
        alice buy 4 stop-loss 110 @ 111 id=limit
          #5 accepted
          #5 waits for its stop price, holds 444 EUR
        alice amend stop 1
          #1 amended to 1, 1 open @ 0, frees 330 EUR as stop
        alice amend trails 1
          #2 amended to 1, 1 open @ 0, frees 3 GOLD as trails
        alice amend pending 1
          #4 amended to 1, 1 open @ 60, frees 0 GOLD as pending
        alice amend limit 1
          #5 amended to 1, 1 open @ 111, frees 333 EUR as limit
        orders alice
          #3 buy 1 @ 50, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms, of L1
          #1 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 21, changed at 25 ms; waits for its stop price, holds 110 EUR, stop 110
          #2 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 22, changed at 26 ms; waits for a turn, holds 1 GOLD, trails 100
          #4 sell 1 @ 60, 1 open, traded for 0 EUR, placed at 23, changed at 27 ms, of L1; waits for its list, holds 0 GOLD
          #5 buy 1 @ 111, 1 open, traded for 0 EUR, placed at 24, changed at 28 ms; waits for its stop price, holds 111 EUR, stop 110
        balance alice
          alice: 999 GOLD and 1 GOLD held, 99729 EUR and 271 EUR held, 1000 TIN
        carol sell 1 @ 110
          #6 accepted
          #6 rests 1 @ 110, holds 1 GOLD
        bob buy 1 @ 110
          #7 accepted
          trade 1: 1 @ 110 = 110 EUR, #7 with #6, which is filled
          #1 triggered
          #5 triggered
          #2 follows from 110
          #1 enters, frees 110 EUR
          #1 expired: 1 @ 0, frees 0 EUR
          #5 enters, frees 111 EUR
          #5 rests 1 @ 111, holds 111 EUR
        book
          bid 111: #5 1
          bid 50: #3 1
    "#]]);
}

#[test]
fn an_order_in_the_queue() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice buy 4 stop-loss 105 id=stop
          #3 accepted
          #3 waits for its stop price, holds 420 EUR
        alice oco | buy 4 @ 90 maker | buy 4 stop-loss 105 @ 106 id=paired
          L1 Oco of #4, #5
          #4 accepted
          #5 accepted
          #4 rests 4 @ 90, holds 360 EUR
          #5 waits for its stop price, holds 64 EUR
        state GOLDEUR auction
          GOLDEUR auction
        carol sell 1 @ 105
          #6 accepted
          #6 rests 1 @ 105, holds 1 GOLD
        bob buy 1 @ 105
          #7 accepted
          #7 rests 1 @ 105, holds 105 EUR
          GOLDEUR indicates 1 @ 105, 0 over
        alice amend stop 3
          #3 amended to 3, 3 open @ 0, frees 105 EUR as stop
        state GOLDEUR post-only
          GOLDEUR uncrosses 1 @ 105
          trade 2: 1 @ 105 = 105 EUR, #7 with #6, which is filled; frees 0 EUR
          GOLDEUR post-only
          #3 triggered
          #4 ends with its list: 4 @ 90, frees 360 EUR
          #5 triggered, holds 360 EUR more
        orders alice
          #3 buy 3 @ 0, 3 open, traded for 0 EUR, placed at 23, changed at 28 ms; waits for the market, holds 315 EUR, stop 105
          #5 buy 4 @ 106, 4 open, traded for 0 EUR, placed at 24, changed at 24 ms, of L1; waits for the market, holds 424 EUR, stop 105
        alice amend stop 2
          #3 amended to 2, 2 open @ 0, frees 105 EUR as stop
        alice amend paired 1
          #5 amended to 1, 1 open @ 106, frees 318 EUR as paired
        alice amend #4 1
          alice: rejected, UnknownOrder
        balance alice
          alice: 1000 GOLD, 99684 EUR and 316 EUR held, 1000 TIN
        state GOLDEUR trading
          GOLDEUR trading
          #3 enters, frees 210 EUR
          #3 expired: 2 @ 0, frees 0 EUR
          #5 enters, frees 106 EUR
          #5 rests 1 @ 106, holds 106 EUR
        balance alice
          alice: 1000 GOLD, 99894 EUR and 106 EUR held, 1000 TIN
        book
          bid 106: #5 1
    "#]]);
}

#[test]
fn states() {
    check(&expect![[r#"
        alice sell 9 @ 100
          #1 accepted
          #1 rests 9 @ 100, holds 9 GOLD
        state GOLDEUR post-only
          GOLDEUR post-only
        alice amend #1 8
          #1 amended to 8, 8 open @ 100, shows 1 less, frees 1 GOLD
        state GOLDEUR auction
          GOLDEUR auction
        alice amend #1 7
          #1 amended to 7, 7 open @ 100, shows 1 less, frees 1 GOLD
        state GOLDEUR cancel-only
          GOLDEUR cancel-only
        alice amend #1 6
          alice: rejected, MarketClosed
        state GOLDEUR halt
          GOLDEUR halt
        alice amend #1 6
          alice: rejected, MarketClosed
        state GOLDEUR trading
          GOLDEUR trading
        alice amend #1 6
          #1 amended to 6, 6 open @ 100, shows 1 less, frees 1 GOLD
    "#]]);
}

#[test]
fn what_was_prevented_counts_as_gone() {
    check(&expect![[r#"
        alice sell 5 @ 100
          #1 accepted
          #1 rests 5 @ 100, holds 5 GOLD
        alice buy 2 @ 100 decrement
          #2 accepted
          prevented 1 by decrement @ 100: #2 loses 2, #1 2, 3 left, frees 2 GOLD
          #2 met itself: 0 @ 100, frees 0 EUR
        bob buy 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, 2 left
        alice amend #1 3
          alice: rejected, CannotAmend
        alice amend #1 4
          #1 amended to 4, 1 open @ 100, shows 1 less, frees 1 GOLD
        orders alice
          #1 sell 4 @ 100, 1 open, traded for 100 EUR, placed at 21, changed at 25 ms, 2 prevented
    "#]]);
}
