//! Market orders by quantity and by quote amount.

use expect_test::expect;

use crate::check;

#[test]
fn by_quantity_buys_from_the_best_on() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 2 @ 101
          #2 accepted
          #2 rests 2 @ 101, holds 2 GOLD
        bob buy 2 market
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          trade 2: 1 @ 101 = 101 EUR, #3 with #2, 1 left
        book
          ask 101: #2 1
        # what the book does not have expires
        bob buy 2 market
          #4 accepted
          trade 3: 1 @ 101 = 101 EUR, #4 with #2, which is filled
          #4 expired: 1 @ 0, frees 0 EUR
        book
          empty
        balance bob
          bob: 1003 GOLD, 99698 EUR, 1000 TIN
    "#]]);
}

#[test]
fn by_quantity_sells_to_the_best_on() {
    check(&expect![[r#"
        alice buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice buy 2 @ 99
          #2 accepted
          #2 rests 2 @ 99, holds 198 EUR
        bob sell 2.5 market
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          trade 2: 1.5 @ 99 = 148.5 EUR, #3 with #2, 0.5 left
        book
          bid 99: #2 0.5
        bob sell 1 market
          #4 accepted
          trade 3: 0.5 @ 99 = 49.5 EUR, #4 with #2, which is filled
          #4 expired: 0.5 @ 0, frees 0 GOLD
        book
          empty
        balance alice bob
          alice: 1003 GOLD, 99702 EUR, 1000 TIN
          bob: 997 GOLD, 100298 EUR, 1000 TIN
    "#]]);
}

#[test]
fn an_empty_book_fills_nothing() {
    check(&expect![[r#"
        bob buy 1 market
          #1 accepted
          #1 expired: 1 @ 0, frees 0 EUR
        bob sell 1 market
          #2 accepted
          #2 expired: 1 @ 0, frees 0 GOLD
        bob buy 100 EUR market
          #3 accepted
          #3 expired: 0 @ 0, frees 0 EUR
        bob sell 100 EUR market
          #4 accepted
          #4 expired: 0 @ 0, frees 0 GOLD
        # what nothing is asked for costs nothing; what is sold must be there
        dave buy 1 market
          #5 accepted
          #5 expired: 1 @ 0, frees 0 EUR
        dave sell 100 EUR market
          #6 accepted
          #6 expired: 0 @ 0, frees 0 GOLD
        dave sell 1 market
          dave: rejected, InsufficientBalance
        dave buy 100 EUR market
          dave: rejected, InsufficientBalance
        balance bob dave
          bob: 1000 GOLD, 100000 EUR, 1000 TIN
          dave: nothing
    "#]]);
}

#[test]
fn by_quote_amount_buys_whole_lots() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 5 @ 130
          #2 accepted
          #2 rests 5 @ 130, holds 5 GOLD
        # 1 at 100, then 0.7 at 130 for 91; the 9 that are left pay for no lot, which fills the order
        bob buy 200 EUR market
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          trade 2: 0.7 @ 130 = 91 EUR, #3 with #2, 4.3 left
        book
          ask 130: #2 4.3
        # exactly used up
        bob buy 13 EUR market
          #4 accepted
          trade 3: 0.1 @ 130 = 13 EUR, #4 with #2, 4.2 left
        # more than the book has: the rest of the budget expires
        bob buy 1000 EUR market
          #5 accepted
          trade 4: 4.2 @ 130 = 546 EUR, #5 with #2, which is filled
          #5 expired: 0 @ 0, frees 0 EUR
        book
          empty
        balance bob
          bob: 1006 GOLD, 99250 EUR, 1000 TIN
    "#]]);
}

#[test]
fn by_quote_amount_sells_whole_lots() {
    check(&expect![[r#"
        alice buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice buy 5 @ 70
          #2 accepted
          #2 rests 5 @ 70, holds 350 EUR
        bob sell 150 EUR market
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          trade 2: 0.7 @ 70 = 49 EUR, #3 with #2, 4.3 left
        book
          bid 70: #2 4.3
        bob sell 6.99 EUR market
          #4 accepted
          #4 expired: 0 @ 0, frees 0 GOLD
        bob sell 7 EUR market
          #5 accepted
          trade 3: 0.1 @ 70 = 7 EUR, #5 with #2, 4.2 left
        bob sell 1000 EUR market
          #6 accepted
          trade 4: 4.2 @ 70 = 294 EUR, #6 with #2, which is filled
          #6 expired: 0 @ 0, frees 0 GOLD
        book
          empty
        balance bob
          bob: 994 GOLD, 100450 EUR, 1000 TIN
    "#]]);
}

#[test]
fn by_quote_amount_keeps_to_the_markets_lots_and_to_the_last_unit_of_its_budget() {
    check(&expect![[r#"
        # lots of 0.5
        alice sell 10 @ 10 on GOLDTIN
          #1 accepted
          #1 rests 10 @ 10, holds 10 GOLD
        bob buy 17 TIN market on GOLDTIN
          #2 accepted
          trade 1: 1.5 @ 10 = 15 TIN, #2 with #1, 8.5 left
        bob buy 9.999 TIN market on GOLDTIN
          #3 accepted
          trade 2: 0.5 @ 10 = 5 TIN, #3 with #1, 8 left
        alice buy 10 @ 9 on GOLDTIN
          #4 accepted
          #4 rests 10 @ 9, holds 90 TIN
        bob sell 17 TIN market on GOLDTIN
          #5 accepted
          trade 3: 1.5 @ 9 = 13.5 TIN, #5 with #4, 8.5 left
        book GOLDTIN
          ask 10: #1 8
          bid 9: #4 8.5
        # one unit short of a lot
        alice sell 1 @ 130
          #6 accepted
          #6 rests 1 @ 130, holds 1 GOLD
        bob buy 12.999999 EUR market
          #7 accepted
          #7 expired: 0 @ 0, frees 0 EUR
        bob buy 25.999999 EUR market
          #8 accepted
          trade 1: 0.1 @ 130 = 13 EUR, #8 with #6, 0.9 left
    "#]]);
}

#[test]
fn a_buy_by_quantity_needs_what_the_book_asks() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 200
          #2 accepted
          #2 rests 1 @ 200, holds 1 GOLD
        transfer custody dave 299.99 EUR
          299.99 EUR from custody to dave
        dave buy 2 market
          dave: rejected, InsufficientBalance
        dave buy 1 market
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
        balance dave
          dave: 1 GOLD, 199.99 EUR
        transfer custody dave 0.01 EUR
          0.01 EUR from custody to dave
        dave buy 1 market
          #4 accepted
          trade 2: 1 @ 200 = 200 EUR, #4 with #2, which is filled
        balance dave
          dave: 2 GOLD
    "#]]);
}

#[test]
fn a_sell_needs_what_it_sells() {
    check(&expect![[r#"
        alice buy 10 @ 100
          #1 accepted
          #1 rests 10 @ 100, holds 1000 EUR
        transfer custody dave 1 GOLD
          1 GOLD from custody to dave
        dave sell 1.1 market
          dave: rejected, InsufficientBalance
        dave sell 110 EUR market
          dave: rejected, InsufficientBalance
        # 109.99 buy no more than one lot less
        dave sell 109.99 EUR market
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 9 left
        balance dave
          dave: 100 EUR
    "#]]);
}

#[test]
fn a_buy_by_quote_amount_needs_its_whole_budget() {
    check(&expect![[r#"
        alice sell 0.1 @ 100
          #1 accepted
          #1 rests 0.1 @ 100, holds 0.1 GOLD
        transfer custody dave 20 EUR
          20 EUR from custody to dave
        dave buy 20.01 EUR market
          dave: rejected, InsufficientBalance
        dave buy 20 EUR market
          #2 accepted
          trade 1: 0.1 @ 100 = 10 EUR, #2 with #1, which is filled
          #2 expired: 0 @ 0, frees 0 EUR
        balance dave
          dave: 0.1 GOLD, 10 EUR
    "#]]);
}

#[test]
fn stops_before_its_own_orders_when_told_to() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101
          #3 accepted
          #3 rests 1 @ 101, holds 1 GOLD
        # pays for the one before its own
        bob buy 3 market expire-taker
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          prevented 1 by expire-taker @ 100: #4 loses 2, #2 0
          #4 met itself: 2 @ 0, frees 0 EUR
        bob buy 500 EUR market expire-taker
          #5 accepted
          prevented 2 by expire-taker @ 100: #5 loses 0, #2 0
          #5 met itself: 0 @ 0, frees 0 EUR
        book
          ask 101: #3 1
          ask 100: #2 1
        bob buy 150 EUR market
          #6 accepted
          trade 2: 1 @ 100 = 100 EUR, #6 with #2, which is filled
          trade 3: 0.4 @ 101 = 40.4 EUR, #6 with #3, 0.6 left
        book
          ask 101: #3 0.6
    "#]]);
}
