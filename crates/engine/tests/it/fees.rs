//! Fees: parts per million of what is received, rounded up; the exact part to FEES, the unit of rounding to ROUNDING.

use expect_test::expect;

use crate::check;

#[test]
fn both_sides_pay_in_what_they_receive() {
    check(&expect![[r#"
        alice sell 100 @ 10 on TINEUR
          #1 accepted
          #1 rests 100 @ 10, holds 100 TIN
        bob buy 40 @ 10 on TINEUR
          #2 accepted
          trade 1: 40 @ 10 = 400 EUR, #2 with #1, 60 left; fees: taker 0.1 TIN, maker 0.4 EUR
        bob buy 100 @ 11 on TINEUR
          #3 accepted
          trade 2: 60 @ 10 = 600 EUR, #3 with #1, which is filled; fees: taker 0.15 TIN, maker 0.6 EUR
          #3 rests 40 @ 11, holds 440 EUR
        alice sell 40 @ 11 on TINEUR
          #4 accepted
          trade 3: 40 @ 11 = 440 EUR, #4 with #3, which is filled; fees: taker 1.1 EUR, maker 0.04 TIN
        balance alice bob fees rounding
          alice: 1000 GOLD, 101437.9 EUR, 860 TIN
          bob: 1000 GOLD, 98560 EUR, 1139.71 TIN
          fees: 2.1 EUR, 0.29 TIN
          rounding: nothing
    "#]]);
}

#[test]
fn a_fee_is_rounded_up_and_its_rounding_is_told() {
    check(&expect![[r#"
        # 0.1 TIN is 100 units; 0.25 % of them is a quarter of a unit, so the fee is one unit, all of it rounding
        alice sell 0.1 @ 1 on TINEUR
          #1 accepted
          #1 rests 0.1 @ 1, holds 0.1 TIN
        bob buy 0.1 @ 1 on TINEUR
          #2 accepted
          trade 1: 0.1 @ 1 = 0.1 EUR, #2 with #1, which is filled; fees: taker 0.001 TIN (one unit by rounding), maker 0.0001 EUR
        # 2.6 TIN: 6.5 units, so 7, one of them by rounding
        alice sell 2.6 @ 1 on TINEUR
          #3 accepted
          #3 rests 2.6 @ 1, holds 2.6 TIN
        bob buy 2.6 @ 1 on TINEUR
          #4 accepted
          trade 2: 2.6 @ 1 = 2.6 EUR, #4 with #3, which is filled; fees: taker 0.007 TIN (one unit by rounding), maker 0.0026 EUR
        # 4 TIN: exactly 10 units
        alice sell 4 @ 1 on TINEUR
          #5 accepted
          #5 rests 4 @ 1, holds 4 TIN
        bob buy 4 @ 1 on TINEUR
          #6 accepted
          trade 3: 4 @ 1 = 4 EUR, #6 with #5, which is filled; fees: taker 0.01 TIN, maker 0.004 EUR
        balance fees rounding
          fees: 0.0067 EUR, 0.016 TIN
          rounding: 0.002 TIN
        balance alice bob
          alice: 1000 GOLD, 100006.6933 EUR, 993.3 TIN
          bob: 1000 GOLD, 99993.3 EUR, 1006.682 TIN
    "#]]);
}

#[test]
fn nobody_pays_a_fee_where_there_is_none() {
    check(&expect![[r#"
        alice sell 3 @ 7.77
          #1 accepted
          #1 rests 3 @ 7.77, holds 3 GOLD
        bob buy 3 @ 7.77
          #2 accepted
          trade 1: 3 @ 7.77 = 23.31 EUR, #2 with #1, which is filled
        balance alice bob fees rounding
          alice: 997 GOLD, 100023.31 EUR, 1000 TIN
          bob: 1003 GOLD, 99976.69 EUR, 1000 TIN
          fees: nothing
          rounding: nothing
    "#]]);
}

#[test]
fn a_trade_with_oneself_pays_both_fees() {
    check(&expect![[r#"
        alice sell 10 @ 10 on TINEUR
          #1 accepted
          #1 rests 10 @ 10, holds 10 TIN
        alice buy 10 @ 10 on TINEUR
          #2 accepted
          trade 1: 10 @ 10 = 100 EUR, #2 with #1, which is filled; fees: taker 0.025 TIN, maker 0.1 EUR
        balance alice fees rounding custody
          alice: 1000 GOLD, 99999.9 EUR, 999.975 TIN
          fees: 0.1 EUR, 0.025 TIN
          rounding: nothing
          custody: -3000 GOLD, -300000 EUR, -3000 TIN
    "#]]);
}
