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
        # price 41, lot 42, notional 44, open orders 46, name 47, would take 48, money 90
        transfer alice bob 900 TIN
          900 TIN from alice to bob
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
        alice buy 50 @ 19 maker on GOLDTIN
          alice: rejected, InsufficientBalance
        alice buy 5 @ 19 maker on GOLDTIN
          #4 accepted
          #4 rests 5 @ 19, holds 95 TIN
    "#]]);
}

#[test]
fn of_amounts_that_do_not_fit() {
    check(&expect![[r#"
        # what does not fit in 63 bits as a notional is above every market's largest
        alice buy max @ max
          alice: rejected, Notional
        alice sell 1 @ max
          alice: rejected, Notional
        alice sell max @ 0.01
          alice: rejected, Notional
        # a quantity of which there cannot be so many units
        alice sell 10000000000000000 @ 0.01 on TINGOLD
          alice: rejected, AmountOverflow
        alice sell 10000000000000000 market on TINGOLD
          alice: rejected, AmountOverflow
        # a market buy that costs more than there can be; the name is taken too, and told later
        alice sell 0.1 @ 92233720368547.75
          #1 accepted
          #1 rests 0.1 @ 92233720368547.75, holds 0.1 GOLD
        bob sell 0.1 @ 92233720368547.75
          #2 accepted
          #2 rests 0.1 @ 92233720368547.75, holds 0.1 GOLD
        carol sell 1 @ 92233720368547 id=taken on TINGOLD
          #3 accepted
          #3 rests 1 @ 92233720368547, holds 1 TIN
        carol buy 0.2 market id=taken
          carol: rejected, AmountOverflow
        carol buy 0.1 market id=taken
          carol: rejected, DuplicateClientId
        carol buy 0.1 market
          carol: rejected, InsufficientBalance
        # a modify that makes the whole quantity too large
        alice sell 0.1 @ 1 on TINGOLD
          #4 accepted
          #4 rests 0.1 @ 1, holds 0.1 TIN
        bob buy 0.2 @ 1 on TINGOLD
          #5 accepted
          trade 1: 0.1 @ 1 = 0.1 GOLD, #5 with #4, which is filled
          #5 rests 0.1 @ 1, holds 0.1 GOLD
        bob modify #5 922337203685477580.7 @ 0.01 on TINGOLD
          bob: rejected, AmountOverflow
    "#]]);
}

#[test]
fn of_a_market_order() {
    check(&expect![[r#"
        alice sell 2 @ 10 id=taken on GOLDTIN
          #1 accepted
          #1 rests 2 @ 10, holds 2 GOLD
        bob buy 1 market on GOLDTIN
          #2 accepted
          trade 1: 1 @ 10 = 10 TIN, #2 with #1, 1 left
        carol buy 5 @ 1 on GOLDTIN
          #3 accepted
          #3 rests 5 @ 1, holds 5 TIN
        bob sell 5 @ 1 on GOLDTIN
          #4 accepted
          trade 2: 5 @ 1 = 5 TIN, #4 with #3, which is filled
        # shape 40: a price, both sizes, no size, a time in force
        bob buy 0.3 market @ 1 on GOLDTIN
          bob: rejected, InvalidOrder
        bob buy 0.3 market quote=5 on GOLDTIN
          bob: rejected, InvalidOrder
        bob buy 0 market on GOLDTIN
          bob: rejected, InvalidOrder
        bob buy 0.3 market gtc on GOLDTIN
          bob: rejected, InvalidOrder
        bob buy 0.3 market fok on GOLDTIN
          bob: rejected, InvalidOrder
        # lot 42, market lot 43, notional at the last price 44, name 47, money 90
        alice buy 0.3 market id=taken on GOLDTIN
          alice: rejected, LotSize
        alice buy 0.5 market id=taken on GOLDTIN
          alice: rejected, MarketLotSize
        alice buy 1 market id=taken on GOLDTIN
          alice: rejected, Notional
        alice buy 5 market id=taken on GOLDTIN
          alice: rejected, DuplicateClientId
        dave sell 5 market id=taken on GOLDTIN
          dave: rejected, InsufficientBalance
        dave buy 5 market id=taken on GOLDTIN
          dave: rejected, InsufficientBalance
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
          #1 accepted
          #1 rests 1 @ 10, holds 10 TIN
        bob sell 1 @ 20 on GOLDTIN
          #2 accepted
          #2 rests 1 @ 20, holds 1 GOLD
        nobody modify #1 0.3 @ 0.33 on NOWHERE
          nobody: rejected, UnknownMarket
        nobody modify #1 0.3 @ 0.33 on GOLDTIN
          nobody: rejected, UnknownAccount
        bob modify #1 0.3 @ 0.33 on GOLDTIN
          bob: rejected, UnknownOrder
        alice modify #1 0.3 @ 0.33 on GOLDTIN
          alice: rejected, PriceFilter
        alice modify #1 0.3 @ 1 on GOLDTIN
          alice: rejected, LotSize
        alice modify #1 0.5 @ 1 on GOLDTIN
          alice: rejected, Notional
        transfer alice bob 990 TIN
          990 TIN from alice to bob
        alice modify #1 50 @ 20 on GOLDTIN
          alice: rejected, WouldTake
        alice modify #1 50 @ 19 on GOLDTIN
          alice: rejected, InsufficientBalance
        alice modify #1 0.5 @ 19 on GOLDTIN
          #1 from 1 @ 10 to 0.5 @ 19, frees 10 TIN
          #1 rests 0.5 @ 19, holds 9.5 TIN
    "#]]);
}

#[test]
fn of_money() {
    check(&expect![[r#"
        # source 1 and 2, asset 20, account 22, amount 30, same account 31, overflow 45, money 90
        [7/3] transfer nobody nobody 0 LEAD
          0: rejected, SourceGap
        [-] transfer nobody nobody 0 LEAD
          0: rejected, SourceRequired
        transfer nobody nobody 0 LEAD
          nobody: rejected, UnknownAsset
        transfer nobody nobody 0 EUR
          nobody: rejected, UnknownAccount
        transfer custody custody 0 EUR
          custody: rejected, InvalidAmount
        transfer custody custody max EUR
          custody: rejected, SameAccount
        transfer custody dave max EUR
          custody: rejected, AmountOverflow
        transfer dave alice max EUR
          dave: rejected, InsufficientBalance
        # account 22, hold 23, amount 30, more than the hold 32
        hold nobody 0 LEAD
          nobody: rejected, UnknownAsset
        hold nobody 0 EUR
          nobody: rejected, UnknownAccount
        hold dave 0 EUR
          dave: rejected, InvalidAmount
        hold dave 1 EUR
          dave: rejected, InsufficientBalance
        capture H9 nobody 0 EUR
          nobody: rejected, UnknownAccount
        capture H9 bob 0 EUR
          bob: rejected, UnknownHold
        hold alice 5 EUR
          H1 holds 5 EUR of alice
        capture H1 bob 0 EUR
          bob: rejected, InvalidAmount
        capture H1 bob 6 EUR
          bob: rejected, ExceedsHold
    "#]]);
}

#[test]
fn of_listing() {
    check(&expect![[r#"
        # asset 10 and 11
        add-asset 1 GOLD 19
          0: rejected, InvalidAsset
        add-asset 1 LEAD 3
          0: rejected, AssetExists
        add-asset 7 GOLD 3
          0: rejected, AssetExists
        add-asset 7 LEAD 18
          asset 7 LEAD
        # market 12, 13, 20: without its assets nothing can be said of its settings
        add-market 1 GOLDEUR GOLD EUR free-lots
          0: rejected, InvalidMarket
        add-market 1 NEW GOLD GOLD
          0: rejected, InvalidMarket
        add-market 1 NEW GOLD EUR
          0: rejected, MarketExists
        add-market 9 GOLDEUR GOLD EUR
          0: rejected, MarketExists
        add-market 1 NEW LEAD EUR
          0: rejected, MarketExists
        add-market 9 NEW LEAD EUR
          0: rejected, UnknownAsset
        add-market 9 NEW TIN GOLD
          market 9 NEW
        add-market 9 NEW EUR TIN
          0: rejected, MarketExists
        add-market 9 NEW GOLD EUR
          0: rejected, MarketExists
        # account 14 and 15
        open 999
          999: rejected, InvalidAccount
        open 1
          custody: rejected, InvalidAccount
        open 1000
          alice: rejected, AccountExists
        open 1500
          account 1500
        open 1500
          1500: rejected, AccountExists
    "#]]);
}
