//! What happens because its time has come: GTD orders and dead-man's switches.

use expect_test::expect;

use crate::check;

#[test]
fn an_order_ends_at_its_time() {
    check(&expect![[r#"
        alice buy 2 @ 100 gtd=100
          #1 accepted
          #1 rests 2 @ 100, holds 200 EUR
        alice sell 1 @ 110 gtd=100.001 maker
          #2 accepted
          #2 rests 1 @ 110, holds 1 GOLD
        bob sell 1 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, 1 left
        at 99.999 tick
          ticked
        # before the command that comes then, in the same step
        at 100 bob sell 1 @ 100
          #1 ends by time: 1 @ 100, frees 100 EUR
          #4 accepted
          #4 rests 1 @ 100, holds 1 GOLD
        book
          ask 110: #2 1
          ask 100: #4 1
        at 100.001 bob buy 1 @ 110
          #2 ends by time: 1 @ 110, frees 1 GOLD
          #5 accepted
          trade 2: 1 @ 100 = 100 EUR, #5 with #4, which is filled
        book
          empty
        balance alice
          alice: 1001 GOLD, 99900 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_deadline_lies_in_the_future() {
    check(&expect![[r#"
        alice buy 1 @ 100 gtd=20
          alice: rejected, InvalidTime
        alice buy 1 @ 100 gtd=22
          alice: rejected, InvalidTime
        alice buy 1 @ 100 gtd=24
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        # only GTD has one, and it must
        alice buy 1 @ 100 gtd
          #1 ends by time: 1 @ 100, frees 100 EUR
          alice: rejected, InvalidTime
        alice buy 1 @ 100 gtc gtd=500
          alice: rejected, InvalidOrder
        alice buy 1 @ 100 ioc gtd=500
          alice: rejected, InvalidOrder
        alice buy 1 market gtd=500
          alice: rejected, InvalidOrder
        # rule 33 comes before 40 and 41
        alice buy 1 @ 0.33 gtd=27 maker on GOLDTIN
          alice: rejected, InvalidTime
        alice buy 1 @ 0.33 gtd=270 maker on GOLDTIN
          alice: rejected, PriceFilter
    "#]]);
}

#[test]
fn several_end_by_time_then_by_id() {
    check(&expect![[r#"
        alice buy 1 @ 100 gtd=200
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice buy 1 @ 101 gtd=150
          #2 accepted
          #2 rests 1 @ 101, holds 101 EUR
        bob buy 1 @ 102 gtd=200
          #3 accepted
          #3 rests 1 @ 102, holds 102 EUR
        alice sell 1 @ 110 gtd=100 on TINEUR
          #4 accepted
          #4 rests 1 @ 110, holds 1 TIN
        bob sell 1 @ 120 gtd=150
          #5 accepted
          #5 rests 1 @ 120, holds 1 GOLD
        carol sell 1 stop-loss 80 gtd=150
          #6 accepted
          #6 waits for its stop price, holds 1 GOLD
        carol sell 1 stop-loss trail=80 gtd=149
          #7 accepted
          #7 waits for a turn, holds 1 GOLD
        # orders that leave early, and one that stays
        carol sell 1 @ 130 gtd=120
          #8 accepted
          #8 rests 1 @ 130, holds 1 GOLD
        carol sell 1 @ 131 gtd=1000
          #9 accepted
          #9 rests 1 @ 131, holds 1 GOLD
        carol cancel #8
          #8 cancelled: 1 @ 130, frees 1 GOLD
        at 300 tick
          #4 ends by time: 1 @ 110, frees 1 TIN
          #7 ends by time: 1 @ 0, frees 1 GOLD
          #2 ends by time: 1 @ 101, frees 101 EUR
          #5 ends by time: 1 @ 120, frees 1 GOLD
          #6 ends by time: 1 @ 0, frees 1 GOLD
          #1 ends by time: 1 @ 100, frees 100 EUR
          #3 ends by time: 1 @ 102, frees 102 EUR
          ticked
        orders carol
          #9 sell 1 @ 131, 1 open, traded for 0 EUR, placed at 29, changed at 29 ms until 1000 ms
    "#]]);
}

#[test]
fn whatever_they_wait_for() {
    check(&expect![[r#"
        carol sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice sell 1 stop-loss 95 gtd=90
          #3 accepted
          #3 waits for its stop price, holds 1 GOLD
        alice sell 1 stop-loss trail=100 gtd=91
          #4 accepted
          #4 waits for a turn, holds 1 GOLD
        alice sell 1 stop-loss 95 @ 94 gtd=92
          #5 accepted
          #5 waits for its stop price, holds 1 GOLD
        alice oto | buy 1 @ 90 | sell 1 @ 100 gtd=93
          L1 Oto of #6, #7
          #6 accepted
          #7 accepted
          #7 waits for its list, holds 0 GOLD
          #6 rests 1 @ 90, holds 90 EUR
        alice oco | sell 1 @ 130 maker gtd=94 | sell 1 stop-loss 80
          L2 Oco of #8, #9
          #8 accepted
          #9 accepted
          #8 rests 1 @ 130, holds 1 GOLD
          #9 waits for its stop price, holds 0 GOLD
        alice sell 4 @ 140 iceberg=1 gtd=95
          #10 accepted
          #10 rests 4 @ 140, shows 1, holds 4 GOLD
        # triggered, in the queue
        alice buy 1 stop-loss 101 gtd=96
          #11 accepted
          #11 waits for its stop price, holds 101 EUR
        state GOLDEUR auction
          GOLDEUR auction
        carol sell 1 @ 101
          #12 accepted
          #12 rests 1 @ 101, holds 1 GOLD
        bob buy 1 @ 101
          #13 accepted
          #13 rests 1 @ 101, holds 101 EUR
          GOLDEUR indicates 1 @ 101, 0 over
        state GOLDEUR post-only
          GOLDEUR uncrosses 1 @ 101
          trade 2: 1 @ 101 = 101 EUR, #13 with #12, which is filled; frees 0 EUR
          GOLDEUR post-only
          #11 triggered
          #4 follows from 101
        orders alice
          #6 buy 1 @ 90, 1 open, traded for 0 EUR, placed at 26, changed at 26 ms, of L1
          #8 sell 1 @ 130, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms, of L2 until 94 ms
          #10 sell 4 @ 140, 4 open, traded for 0 EUR, placed at 28, changed at 28 ms, shows 1 by 1 until 95 ms
          #3 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 23, changed at 23 ms until 90 ms; waits for its stop price, holds 1 GOLD, stop 95
          #4 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 24, changed at 24 ms until 91 ms; waits for a turn, holds 1 GOLD, trails 100 from 101
          #5 sell 1 @ 94, 1 open, traded for 0 EUR, placed at 25, changed at 25 ms until 92 ms; waits for its stop price, holds 1 GOLD, stop 95
          #7 sell 1 @ 100, 1 open, traded for 0 EUR, placed at 26, changed at 26 ms, of L1 until 93 ms; waits for its list, holds 0 GOLD
          #9 sell 1 @ 0, 1 open, traded for 0 EUR, placed at 27, changed at 27 ms, of L2; waits for its stop price, holds 0 GOLD, stop 80
          #11 buy 1 @ 0, 1 open, traded for 0 EUR, placed at 29, changed at 29 ms until 96 ms; waits for the market, holds 101 EUR, stop 101
        # in whatever state the market is
        state GOLDEUR halt
          GOLDEUR halt
        at 93 tick
          #3 ends by time: 1 @ 0, frees 1 GOLD
          #4 ends by time: 1 @ 0, frees 1 GOLD
          #5 ends by time: 1 @ 94, frees 1 GOLD
          #7 ends by time: 1 @ 100, frees 0 GOLD
          #6 ends with its list: 1 @ 90, frees 90 EUR
          L1 is done
          ticked
        at 200 tick
          #8 ends by time: 1 @ 130, frees 1 GOLD
          #9 ends with its list: 1 @ 0, frees 0 GOLD
          L2 is done
          #10 ends by time: 4 @ 140, frees 4 GOLD
          #11 ends by time: 1 @ 0, frees 101 EUR
          ticked
        orders alice
          none
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_triggered_order_keeps_its_deadline() {
    check(&expect![[r#"
        carol buy 1 @ 95
          #1 accepted
          #1 rests 1 @ 95, holds 95 EUR
        alice sell 3 stop-loss 95 @ 94 gtd=100
          #2 accepted
          #2 waits for its stop price, holds 3 GOLD
        bob sell 0.5 @ 95
          #3 accepted
          trade 1: 0.5 @ 95 = 47.5 EUR, #3 with #1, 0.5 left
          #2 triggered
          #2 enters, frees 3 GOLD
          trade 2: 0.5 @ 95 = 47.5 EUR, #2 with #1, which is filled
          #2 rests 2.5 @ 94, holds 2.5 GOLD
        orders alice
          #2 sell 3 @ 94, 2.5 open, traded for 47.5 EUR, placed at 22, changed at 23 ms until 100 ms, stop 95
        alice modify #2 1 @ 93
          #2 from 2.5 @ 94 to 1 @ 93, frees 2.5 GOLD
          #2 rests 1 @ 93, holds 1 GOLD
        at 99 alice amend #2 1.5
          alice: rejected, CannotAmend
        at 100 tick
          #2 ends by time: 1 @ 93, frees 1 GOLD
          ticked
        balance alice
          alice: 999.5 GOLD, 100047.5 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_countdown_cancels_all() {
    check(&expect![[r#"
        alice sell 1 @ 110 on TINEUR
          #1 accepted
          #1 rests 1 @ 110, holds 1 TIN
        alice sell 1 @ 111
          #2 accepted
          #2 rests 1 @ 111, holds 1 GOLD
        alice buy 1 @ 90
          #3 accepted
          #3 rests 1 @ 90, holds 90 EUR
        alice oco | sell 1 @ 120 maker | sell 1 stop-loss 80
          L1 Oco of #4, #5
          #4 accepted
          #5 accepted
          #4 rests 1 @ 120, holds 1 GOLD
          #5 waits for its stop price, holds 0 GOLD
        bob sell 1 @ 111
          #6 accepted
          #6 rests 1 @ 111, holds 1 GOLD
        alice countdown 100
          alice: countdown until 126 ms
        alice countdown 50 on GOLDEUR
          alice: countdown on GOLDEUR until 77 ms
        countdowns
          alice on all until 126 ms
          alice on GOLDEUR until 77 ms
        at 76.999 tick
          ticked
        # set at 27 ms
        at 77 tick
          alice: countdown on GOLDEUR fires
          #2 ends by countdown: 1 @ 111, frees 1 GOLD
          #3 ends by countdown: 1 @ 90, frees 90 EUR
          #4 ends by countdown: 1 @ 120, frees 1 GOLD
          #5 ends by countdown: 1 @ 0, frees 0 GOLD
          L1 is done
          ticked
        countdowns
          alice on all until 126 ms
        alice sell 1 @ 112
          #7 accepted
          #7 rests 1 @ 112, holds 1 GOLD
        at 126 tick
          alice: countdown fires
          #7 ends by countdown: 1 @ 112, frees 1 GOLD
          #1 ends by countdown: 1 @ 110, frees 1 TIN
          ticked
        countdowns
          none
        book
          ask 111: #6 1
        # off after it fired
        alice sell 1 @ 113
          #8 accepted
          #8 rests 1 @ 113, holds 1 GOLD
        at 1000 tick
          ticked
        balance alice
          alice: 999 GOLD and 1 GOLD held, 100000 EUR, 1000 TIN
    "#]]);
}

#[test]
fn a_countdown_is_set_anew_and_ended() {
    check(&expect![[r#"
        alice sell 1 @ 110
          #1 accepted
          #1 rests 1 @ 110, holds 1 GOLD
        alice countdown 100
          alice: countdown until 122 ms
        at 100 alice countdown 100
          alice: countdown until 200 ms
        at 150 tick
          ticked
        countdowns
          alice on all until 200 ms
        alice countdown 0
          alice: countdown off
        countdowns
          none
        alice countdown 0 on GOLDEUR
          alice: countdown on GOLDEUR off
        at 500 tick
          ticked
        orders alice
          #1 sell 1 @ 110, 1 open, traded for 0 EUR, placed at 21, changed at 21 ms
    "#]]);
}

#[test]
fn rules_of_a_countdown() {
    check(&expect![[r#"
        nobody countdown 86400001 on NOWHERE
          nobody: rejected, UnknownMarket
        nobody countdown 86400001 on GOLDEUR
          nobody: rejected, UnknownAccount
        nobody countdown 86400001
          nobody: rejected, UnknownAccount
        alice countdown 86400000.001
          alice: rejected, InvalidTime
        alice countdown 86400000
          alice: countdown until 86400025 ms
        alice countdown 0.001 on GOLDEUR
          alice: countdown on GOLDEUR until 26.001 ms
        countdowns
          alice on all until 86400025 ms
          alice on GOLDEUR until 26.001 ms
    "#]]);
}

#[test]
fn a_countdown_fires_in_any_state() {
    check(&expect![[r#"
        alice sell 1 @ 110
          #1 accepted
          #1 rests 1 @ 110, holds 1 GOLD
        alice buy 1 @ 110 on TINEUR
          #2 accepted
          #2 rests 1 @ 110, holds 110 EUR
        alice countdown 50
          alice: countdown until 73 ms
        state GOLDEUR halt
          GOLDEUR halt
        state TINEUR cancel-only
          TINEUR cancel-only
        at 500 tick
          alice: countdown fires
          #1 ends by countdown: 1 @ 110, frees 1 GOLD
          #2 ends by countdown: 1 @ 110, frees 110 EUR
          ticked
        orders alice
          none
        # of an account without orders
        bob countdown 10
          bob: countdown until 511 ms
        at 600 tick
          bob: countdown fires
          ticked
    "#]]);
}

#[test]
fn the_order_of_what_is_due_at_one_time() {
    check(&expect![[r#"
        # at 100 ms: orders by id, countdowns by account and market (all first), then auctions by market
        bob sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        carol buy 1 @ 120
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        carol sell 1 @ 120 gtd=100
          #3 accepted
          #3 rests 1 @ 120, holds 1 GOLD
        alice sell 1 @ 121 gtd=100
          #4 accepted
          #4 rests 1 @ 121, holds 1 GOLD
        carol buy 1 @ 90
          #5 accepted
          #5 rests 1 @ 90, holds 90 EUR
        state GOLDEUR auction until=100
          GOLDEUR auction until 100 ms
        state TINEUR auction until=100
          TINEUR auction until 100 ms
        at 40 carol countdown 60 on TINEUR
          carol: countdown on TINEUR until 100 ms
        at 41 carol countdown 59
          carol: countdown until 100 ms
        at 42 alice countdown 58 on GOLDEUR
          alice: countdown on GOLDEUR until 100 ms
        alice sell 1 @ 122
          #6 accepted
          #6 rests 1 @ 122, holds 1 GOLD
        alice buy 2 @ 101
          #7 accepted
          #7 rests 2 @ 101, holds 202 EUR
        countdowns
          alice on GOLDEUR until 100 ms
          carol on all until 100 ms
          carol on TINEUR until 100 ms
        market
          GOLDEUR auction until 100 ms, last trade 1 @ 100, last prevented 0
        at 200 tick
          #3 ends by time: 1 @ 120, frees 1 GOLD
          #4 ends by time: 1 @ 121, frees 1 GOLD
          alice: countdown on GOLDEUR fires
          #6 ends by countdown: 1 @ 122, frees 1 GOLD
          #7 ends by countdown: 2 @ 101, frees 202 EUR
          carol: countdown fires
          #5 ends by countdown: 1 @ 90, frees 90 EUR
          carol: countdown on TINEUR fires
          GOLDEUR trading, by time
          TINEUR trading, by time
          ticked
        market TINEUR
          TINEUR trading, last trade 0 @ 0, last prevented 0
    "#]]);
}

#[test]
fn what_is_due_later_happens_later() {
    check(&expect![[r#"
        # an order that ends before the auction does not trade in it, one that ends after it does
        state GOLDEUR auction until=100
          GOLDEUR auction until 100 ms
        alice sell 1 @ 100 gtd=99
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 100 gtd=101
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        carol buy 2 @ 100
          #3 accepted
          #3 rests 2 @ 100, holds 200 EUR
          GOLDEUR indicates 2 @ 100, 0 over
        at 300 tick
          #1 ends by time: 1 @ 100, frees 1 GOLD
          GOLDEUR uncrosses 1 @ 100
          trade 1: 1 @ 100 = 100 EUR, #3 with #2, which is filled; frees 0 EUR
          GOLDEUR trading, by time
          ticked
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
        balance bob
          bob: 999 GOLD, 100100 EUR, 1000 TIN
    "#]]);
}

#[test]
fn what_is_due_sets_off_other_things() {
    check(&expect![[r#"
        # the end of an auction triggers a stop, before the order that comes then
        carol buy 5 @ 95
          #1 accepted
          #1 rests 5 @ 95, holds 475 EUR
        alice sell 1 stop-loss 95
          #2 accepted
          #2 waits for its stop price, holds 1 GOLD
        state GOLDEUR auction until=100
          GOLDEUR auction until 100 ms
        bob sell 1 @ 95
          #3 accepted
          #3 rests 1 @ 95, holds 1 GOLD
          GOLDEUR indicates 1 @ 95, 4 over
        at 100 bob sell 4 @ 95
          GOLDEUR uncrosses 1 @ 95
          trade 1: 1 @ 95 = 95 EUR, #3 with #1, 4 left; frees 0 EUR
          GOLDEUR trading, by time
          #2 triggered
          #2 enters, frees 1 GOLD
          trade 2: 1 @ 95 = 95 EUR, #2 with #1, 3 left
          #4 accepted
          trade 3: 3 @ 95 = 285 EUR, #4 with #1, which is filled
          #4 rests 1 @ 95, holds 1 GOLD
        book
          ask 95: #4 1
    "#]]);
}

#[test]
fn commands_of_a_past_time_come_now() {
    check(&expect![[r#"
        alice buy 1 @ 100 gtd=60
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        at 50 tick
          ticked
        alice buy 1 @ 100 gtd=50.5
          alice: rejected, InvalidTime
        alice buy 1 @ 100 gtd=54
          #2 accepted
          #2 rests 1 @ 100, holds 100 EUR
        at 54 tick
          #2 ends by time: 1 @ 100, frees 100 EUR
          ticked
        orders alice
          #1 buy 1 @ 100, 1 open, traded for 0 EUR, placed at 21, changed at 21 ms until 60 ms
    "#]]);
}
