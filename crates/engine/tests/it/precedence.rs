//! When several rules are broken, the one with the lowest number is told. Each table breaks all rules of a command that can
//! be broken together, and mends them one by one.

use expect_test::expect;

use crate::check;

#[test]
fn of_a_limit_order() {
    check(&expect![[r#"
        alice sell 1 @ 20 id=taken on GOLDTIN
          #1 accepted
          #1 rests 1 @ 20, holds 1 GOLD
        alice sell 1 @ 20 on GOLDTIN
          #2 accepted
          #2 rests 1 @ 20, holds 1 GOLD
        alice sell 1 @ 20 on GOLDTIN
          #3 accepted
          #3 rests 1 @ 20, holds 1 GOLD
        bob buy 1 @ 10 on GOLDTIN
          #4 accepted
          #4 rests 1 @ 10, holds 10 TIN
        # market 21, account 22, amount 30, shape 40
        nobody buy 0.3 @ 0.33 ioc maker quote=-1 id=taken on NOWHERE
          nobody: rejected, UnknownMarket
        nobody buy 0.3 @ 0.33 ioc maker quote=-1 id=taken on GOLDTIN
          nobody: rejected, UnknownAccount
        alice buy 0.3 @ 0.33 ioc maker quote=-1 id=taken on GOLDTIN
          alice: rejected, InvalidAmount
        alice buy 0.3 @ 0.33 ioc maker quote=1 id=taken on GOLDTIN
          alice: rejected, InvalidOrder
        alice buy 0.3 @ 0.33 ioc maker id=taken on GOLDTIN
          alice: rejected, InvalidOrder
        # price 41, lot 42, notional 44, open orders 46, name 47, would take 48
        alice buy 0.3 @ 0.33 maker id=taken on GOLDTIN
          alice: rejected, PriceFilter
        alice buy 0.3 @ 1 maker id=taken on GOLDTIN
          alice: rejected, LotSize
        alice buy 0.5 @ 1 maker id=taken on GOLDTIN
          alice: rejected, Notional
        alice buy 50 @ 40 maker id=taken on GOLDTIN
          alice: rejected, MaxOpenOrders
        alice cancel #2 on GOLDTIN
          #2 cancelled: 1 @ 20, frees 1 GOLD
        alice buy 50 @ 40 maker id=taken on GOLDTIN
          alice: rejected, DuplicateClientId
        alice buy 50 @ 40 maker on GOLDTIN
          alice: rejected, WouldTake
        # money 50
        alice buy 50 @ 19 on GOLDTIN
          #5 accepted
          #5 rests 50 @ 19, holds 950 TIN
        transfer alice bob 900 TIN
          alice: rejected, InsufficientBalance
        alice buy 50 @ 19 on GOLDTIN
          alice: rejected, MaxOpenOrders
    "#]]);
}

#[test]
fn of_amounts_that_do_not_fit() {
    check(&expect![[r#"
        # what does not fit in 63 bits is above the market's largest notional as well
        alice buy 50 @ max on GOLDTIN
        alice buy max @ 50 on GOLDTIN
        alice buy 1000000 @ 1000000
        dave buy 1000000 @ 1000000
    "#]]);
}

#[test]
fn of_a_market_order() {
    check(&expect![[r#"
        alice sell 2 @ 10 id=taken on GOLDTIN
        bob buy 1 market on GOLDTIN
        # shape: a price, both sizes, no size, a time in force
        bob buy 0.3 market @ 1 on GOLDTIN
        bob buy 0.3 market quote=5 on GOLDTIN
        bob buy 0 market on GOLDTIN
        bob buy 0.3 market gtc on GOLDTIN
        bob buy 0.3 market fok on GOLDTIN
        # lot 42, market lot 43, notional 44, name 47, money 50
        alice buy 0.3 market id=taken on GOLDTIN
        alice buy 0.5 market id=taken on GOLDTIN
        alice buy 1 market id=taken on GOLDTIN
        dave sell 1 market id=taken on GOLDTIN
        dave buy 1 market id=taken on GOLDTIN
    "#]]);
}

#[test]
fn of_a_cancel() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        nobody cancel #1 on NOWHERE
          nobody: rejected, UnknownMarket
        nobody cancel #1
          nobody: rejected, UnknownAccount
        bob cancel #1
          bob: rejected, UnknownOrder
        nobody cancel-all NOWHERE
          nobody: rejected, UnknownMarket
        nobody cancel-all GOLDEUR
          nobody: rejected, UnknownAccount
        nobody cancel-all
          nobody: rejected, UnknownAccount
    "#]]);
}

#[test]
fn of_a_modify() {
    check(&expect![[r#"
        alice buy 1 @ 10 maker on GOLDTIN
        bob sell 1 @ 20 on GOLDTIN
        nobody modify #1 0.3 @ 0.33 on NOWHERE
        nobody modify #1 0.3 @ 0.33 on GOLDTIN
        bob modify #1 0.3 @ 0.33 on GOLDTIN
        alice modify #1 0.3 @ 0.33 on GOLDTIN
        alice modify #1 0.3 @ 1 on GOLDTIN
        alice modify #1 0.5 @ 1 on GOLDTIN
        transfer alice bob 990 TIN
        alice modify #1 50 @ 20 on GOLDTIN
        alice modify #1 50 @ 19 on GOLDTIN
        alice modify #1 0.5 @ 19 on GOLDTIN
    "#]]);
}

#[test]
fn of_money() {
    check(&expect![[r#"
        # source 1 and 2, asset 20, account 22, amount 30, same account 31, overflow 45, money 50
        [7/3] transfer nobody nobody 0 LEAD
        [-] transfer nobody nobody 0 LEAD
        transfer nobody nobody 0 LEAD
        transfer nobody nobody 0 EUR
        transfer custody custody 0 EUR
        transfer custody custody max EUR
        transfer custody dave max EUR
        transfer dave alice max EUR
        # account 22, hold 23, amount 30, more than the hold 32
        hold nobody 0 LEAD
        hold nobody 0 EUR
        hold dave 0 EUR
        hold dave 1 EUR
        capture H9 nobody 0 EUR
        capture H9 bob 0 EUR
        hold alice 5 EUR
        capture H1 bob 0 EUR
        capture H1 bob 6 EUR
    "#]]);
}

#[test]
fn of_listing() {
    check(&expect![[r#"
        # asset 10 and 11
        add-asset 1 GOLD 19
        add-asset 1 LEAD 3
        add-asset 7 GOLD 3
        add-asset 7 LEAD 18
        # market 12, 13, 20: without its assets nothing can be said of its settings
        add-market 1 GOLDEUR GOLD EUR free-lots
        add-market 1 NEW GOLD GOLD
        add-market 1 NEW GOLD EUR
        add-market 9 GOLDEUR GOLD EUR
        add-market 1 NEW LEAD EUR
        add-market 9 NEW LEAD EUR
        add-market 9 NEW TIN GOLD
        add-market 9 NEW EUR TIN
        add-market 9 NEW GOLD EUR
        # account 14 and 15
        open 999
        open 1
        open 1000
        open 1500
        open 1500
    "#]]);
}
