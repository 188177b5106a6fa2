//! Call auctions: at which price.

use expect_test::expect;

use crate::check;

#[test]
fn most_volume() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 3 @ 102
          #1 accepted
          #1 rests 3 @ 102, holds 306 EUR
        alice buy 3 @ 101
          #2 accepted
          #2 rests 3 @ 101, holds 303 EUR
        alice buy 3 @ 100
          #3 accepted
          #3 rests 3 @ 100, holds 300 EUR
        bob sell 2 @ 99
          #4 accepted
          #4 rests 2 @ 99, holds 2 GOLD
          GOLDEUR indicates 2 @ 101.01, 1 over
        bob sell 3 @ 101
          #5 accepted
          #5 rests 3 @ 101, holds 3 GOLD
        bob sell 4 @ 103
          #6 accepted
          #6 rests 4 @ 103, holds 4 GOLD
        # at 100 two, at 101 five, at 102 three
        book
          ask 103: #6 4
          ask 101: #5 3
          ask 99: #4 2
          bid 102: #1 3
          bid 101: #2 3
          bid 100: #3 3
        state GOLDEUR trading
          GOLDEUR uncrosses 5 @ 101
          trade 1: 2 @ 101 = 202 EUR, #4 with #1, 1 left; frees 2 EUR
          trade 2: 1 @ 101 = 101 EUR, #5 with #1, which is filled; frees 1 EUR
          trade 3: 2 @ 101 = 202 EUR, #5 with #2, 1 left; frees 0 EUR
          GOLDEUR trading
        book
          ask 103: #6 4
          bid 101: #2 1
          bid 100: #3 3
        balance alice bob
          alice: 1005 GOLD, 99094 EUR and 401 EUR held, 1000 TIN
          bob: 991 GOLD and 4 GOLD held, 100505 EUR, 1000 TIN
        market
          GOLDEUR trading, last trade 3 @ 101, last prevented 0
    "#]]);
}

#[test]
fn then_least_imbalance() {
    check(&expect![[r#"
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 5 @ 102
          #1 accepted
          #1 rests 5 @ 102, holds 510 EUR
        alice buy 2 @ 101
          #2 accepted
          #2 rests 2 @ 101, holds 202 EUR
        bob sell 5 @ 100
          #3 accepted
          #3 rests 5 @ 100, holds 5 GOLD
          GOLDEUR indicates 5 @ 101.01, 0 over
        # five at each: to 101 two buys are over, above it none
        state GOLDEUR trading
          GOLDEUR uncrosses 5 @ 101.01
          trade 1: 5 @ 101.01 = 505.05 EUR, #3 with #1, which is filled; frees 4.95 EUR
          GOLDEUR trading
        book
          bid 101: #2 2
    "#]]);
}

#[test]
fn then_nearest_to_the_last_price() {
    check(&expect![[r#"
        carol sell 1 @ 104
          #1 accepted
          #1 rests 1 @ 104, holds 1 GOLD
        bob buy 1 @ 104
          #2 accepted
          trade 1: 1 @ 104 = 104 EUR, #2 with #1, which is filled
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #3 accepted
          #3 rests 1 @ 110, holds 110 EUR
        bob sell 1 @ 100
          #4 accepted
          #4 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 104, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 104
          trade 2: 1 @ 104 = 104 EUR, #4 with #3, which is filled; frees 6 EUR
          GOLDEUR trading
        # below all of them
        carol sell 1 @ 90
          #5 accepted
          #5 rests 1 @ 90, holds 1 GOLD
        bob buy 1 @ 90
          #6 accepted
          trade 3: 1 @ 90 = 90 EUR, #6 with #5, which is filled
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #7 accepted
          #7 rests 1 @ 110, holds 110 EUR
        bob sell 1 @ 100
          #8 accepted
          #8 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 4: 1 @ 100 = 100 EUR, #8 with #7, which is filled; frees 10 EUR
          GOLDEUR trading
        # above
        carol sell 1 @ 190
          #9 accepted
          #9 rests 1 @ 190, holds 1 GOLD
        bob buy 1 @ 190
          #10 accepted
          trade 5: 1 @ 190 = 190 EUR, #10 with #9, which is filled
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #11 accepted
          #11 rests 1 @ 110, holds 110 EUR
        bob sell 1 @ 100
          #12 accepted
          #12 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 110, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 110
          trade 6: 1 @ 110 = 110 EUR, #12 with #11, which is filled; frees 0 EUR
          GOLDEUR trading
        # the nearer tick: 105, of 102 and 105
        carol sell 1 @ 104
          #13 accepted
          #13 rests 1 @ 104, holds 1 GOLD
        bob buy 1 @ 104
          #14 accepted
          trade 7: 1 @ 104 = 104 EUR, #14 with #13, which is filled
        set GOLDEUR tick=3
          GOLDEUR is set
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 111
          #15 accepted
          #15 rests 1 @ 111, holds 111 EUR
        bob sell 1 @ 99
          #16 accepted
          #16 rests 1 @ 99, holds 1 GOLD
          GOLDEUR indicates 1 @ 105, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 105
          trade 8: 1 @ 105 = 105 EUR, #16 with #15, which is filled; frees 6 EUR
          GOLDEUR trading
    "#]]);
}

#[test]
fn then_the_lowest() {
    check(&expect![[r#"
        # without a last price
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #1 accepted
          #1 rests 1 @ 110, holds 110 EUR
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled; frees 10 EUR
          GOLDEUR trading
        # equally far on both sides of a last price between two ticks, 100 and 108
        carol sell 1 @ 104 on TINGOLD
          #3 accepted
          #3 rests 1 @ 104, holds 1 TIN
        bob buy 1 @ 104 on TINGOLD
          #4 accepted
          trade 1: 1 @ 104 = 104 GOLD, #4 with #3, which is filled
        set TINGOLD tick=4
          TINGOLD is set
        set TINGOLD tick=8
          TINGOLD is set
        state TINGOLD auction
          TINGOLD auction
        alice buy 1 @ 112 on TINGOLD
          #5 accepted
          #5 rests 1 @ 112, holds 112 GOLD
        bob sell 1 @ 96 on TINGOLD
          #6 accepted
          #6 rests 1 @ 96, holds 1 TIN
          TINGOLD indicates 1 @ 104, 0 over
        state TINGOLD trading
          TINGOLD uncrosses 1 @ 104
          trade 2: 1 @ 104 = 104 GOLD, #6 with #5, which is filled; frees 8 GOLD
          TINGOLD trading
        set TINGOLD
          TINGOLD is set
        carol sell 1 @ 100 on TINGOLD
          #7 accepted
          #7 rests 1 @ 100, holds 1 TIN
        bob buy 1 @ 100 on TINGOLD
          #8 accepted
          trade 3: 1 @ 100 = 100 GOLD, #8 with #7, which is filled
        set TINGOLD tick=8
          TINGOLD is set
        state TINGOLD auction
          TINGOLD auction
        alice buy 1 @ 112 on TINGOLD
          #9 accepted
          #9 rests 1 @ 112, holds 112 GOLD
        bob sell 1 @ 88 on TINGOLD
          #10 accepted
          #10 rests 1 @ 88, holds 1 TIN
          TINGOLD indicates 1 @ 96, 0 over
        state TINGOLD trading
          TINGOLD uncrosses 1 @ 96
          trade 4: 1 @ 96 = 96 GOLD, #10 with #9, which is filled; frees 16 GOLD
          TINGOLD trading
    "#]]);
}

#[test]
fn prices_between_those_of_orders() {
    check(&expect![[r#"
        carol sell 1 @ 104.5
          #1 accepted
          #1 rests 1 @ 104.5, holds 1 GOLD
        bob buy 1 @ 104.5
          #2 accepted
          trade 1: 1 @ 104.5 = 104.5 EUR, #2 with #1, which is filled
        state GOLDEUR auction
          GOLDEUR auction
        # from 103 to 106 four trade and nothing is over; the last price lies between
        alice buy 4 @ 106
          #3 accepted
          #3 rests 4 @ 106, holds 424 EUR
        alice buy 1 @ 102.99
          #4 accepted
          #4 rests 1 @ 102.99, holds 102.99 EUR
        bob sell 4 @ 103
          #5 accepted
          #5 rests 4 @ 103, holds 4 GOLD
          GOLDEUR indicates 4 @ 104.5, 0 over
        bob sell 2 @ 107
          #6 accepted
          #6 rests 2 @ 107, holds 2 GOLD
        state GOLDEUR trading
          GOLDEUR uncrosses 4 @ 104.5
          trade 2: 4 @ 104.5 = 418 EUR, #5 with #3, which is filled; frees 6 EUR
          GOLDEUR trading
        book
          ask 107: #6 2
          bid 102.99: #4 1
        # a last price off the new tick
        bob cancel-all
          #6 cancelled: 2 @ 107, frees 2 GOLD
          bob: 1 cancelled
        alice cancel-all
          #4 cancelled: 1 @ 102.99, frees 102.99 EUR
          alice: 1 cancelled
        set GOLDEUR tick=2
          GOLDEUR is set
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #7 accepted
          #7 rests 1 @ 110, holds 110 EUR
        bob sell 1 @ 100
          #8 accepted
          #8 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 104, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 104
          trade 3: 1 @ 104 = 104 EUR, #8 with #7, which is filled; frees 6 EUR
          GOLDEUR trading
        set GOLDEUR
          GOLDEUR is set
        carol sell 1 @ 104.5
          #9 accepted
          #9 rests 1 @ 104.5, holds 1 GOLD
        bob buy 1 @ 104.5
          #10 accepted
          trade 4: 1 @ 104.5 = 104.5 EUR, #10 with #9, which is filled
        set GOLDEUR tick=10
          GOLDEUR is set
        # no tick lies between the two
        state GOLDEUR auction
          GOLDEUR auction
        alice buy 1 @ 110
          #11 accepted
          #11 rests 1 @ 110, holds 110 EUR
        bob sell 1 @ 100
          #12 accepted
          #12 rests 1 @ 100, holds 1 GOLD
          GOLDEUR indicates 1 @ 100, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100
          trade 5: 1 @ 100 = 100 EUR, #12 with #11, which is filled; frees 10 EUR
          GOLDEUR trading
    "#]]);
}

#[test]
fn orders_off_the_tick() {
    check(&expect![[r#"
        alice sell 1 @ 100.25
          #1 accepted
          #1 rests 1 @ 100.25, holds 1 GOLD
        set GOLDEUR tick=0.5
          GOLDEUR is set
        state GOLDEUR auction
          GOLDEUR auction
        # its price counts, though it is not on the tick: the lowest of those at which one trades
        bob buy 1 @ 100.5
          #2 accepted
          #2 rests 1 @ 100.5, holds 100.5 EUR
          GOLDEUR indicates 1 @ 100.25, 0 over
        carol sell 5 @ 101
          #3 accepted
          #3 rests 5 @ 101, holds 5 GOLD
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100.25
          trade 1: 1 @ 100.25 = 100.25 EUR, #2 with #1, which is filled; frees 0.25 EUR
          GOLDEUR trading
        carol cancel-all
          #3 cancelled: 5 @ 101, frees 5 GOLD
          carol: 1 cancelled
        # with a reference of 100.25 the nearest on the tick would be 100, but for an order at 100.15
        set GOLDEUR
          GOLDEUR is set
        alice buy 1 @ 100.15
          #4 accepted
          #4 rests 1 @ 100.15, holds 100.15 EUR
        set GOLDEUR tick=0.5
          GOLDEUR is set
        state GOLDEUR auction
          GOLDEUR auction
        bob sell 1 @ 99
          #5 accepted
          #5 rests 1 @ 99, holds 1 GOLD
          GOLDEUR indicates 1 @ 100.15, 0 over
        state GOLDEUR trading
          GOLDEUR uncrosses 1 @ 100.15
          trade 2: 1 @ 100.15 = 100.15 EUR, #5 with #4, which is filled; frees 0 EUR
          GOLDEUR trading
        book
          empty
    "#]]);
}
