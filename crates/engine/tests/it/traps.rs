//! The correctness traps that a survey of 160 engines found 110 of them in; one test each, by its name.
//! Those that need many orders or bytes of a snapshot stand in `deep` and `restore`.

use expect_test::expect;

use crate::check;

#[test]
fn range_erase_on_cancel() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 2 @ 100
          #2 accepted
          #2 rests 2 @ 100, holds 2 GOLD
        alice sell 3 @ 100
          #3 accepted
          #3 rests 3 @ 100, holds 3 GOLD
        alice sell 4 @ 101
          #4 accepted
          #4 rests 4 @ 101, holds 4 GOLD
        alice cancel #2
          #2 cancelled: 2 @ 100, frees 2 GOLD
        book
          ask 101: #4 4
          ask 100: #1 1, #3 3
        alice cancel #1
          #1 cancelled: 1 @ 100, frees 1 GOLD
        book
          ask 101: #4 4
          ask 100: #3 3
        bob buy 10 @ 101
          #5 accepted
          trade 1: 3 @ 100 = 300 EUR, #5 with #3, which is filled
          trade 2: 4 @ 101 = 404 EUR, #5 with #4, which is filled
          #5 rests 3 @ 101, holds 303 EUR
        book
          bid 101: #5 3
    "#]]);
}

#[test]
fn phantom_best_level_after_cancel() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101
          #2 accepted
          #2 rests 1 @ 101, holds 1 GOLD
        alice buy 1 @ 99
          #3 accepted
          #3 rests 1 @ 99, holds 99 EUR
        alice buy 1 @ 98
          #4 accepted
          #4 rests 1 @ 98, holds 98 EUR
        alice cancel #1
          #1 cancelled: 1 @ 100, frees 1 GOLD
        alice cancel #3
          #3 cancelled: 1 @ 99, frees 99 EUR
        # neither price is there any more
        bob buy 1 @ 100 ioc
          #5 accepted
          #5 expired: 1 @ 100, frees 0 EUR
        carol sell 1 @ 99 ioc
          #6 accepted
          #6 expired: 1 @ 99, frees 0 GOLD
        bob buy 1 @ 100 maker
          #7 accepted
          #7 rests 1 @ 100, holds 100 EUR
        carol sell 1 @ 100.5 maker
          #8 accepted
          #8 rests 1 @ 100.5, holds 1 GOLD
        book
          ask 101: #2 1
          ask 100.5: #8 1
          bid 100: #7 1
          bid 98: #4 1
    "#]]);
}

#[test]
fn stale_cancel_or_modify_of_a_filled_order_acked() {
    check(&expect![[r#"
        alice sell 1 @ 100 id=gone
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice cancel #1
          alice: rejected, UnknownOrder
        alice cancel gone
          alice: rejected, UnknownOrder
        alice modify #1 2 @ 101
          alice: rejected, UnknownOrder
        alice replace #1 sell 1 @ 105
          alice: cancel rejected, UnknownOrder
        bob cancel #2
          bob: rejected, UnknownOrder
        # nor is a cancelled one
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice cancel #3
          #3 cancelled: 1 @ 100, frees 1 GOLD
        alice cancel #3
          alice: rejected, UnknownOrder
        alice modify #3 1 @ 100
          alice: rejected, UnknownOrder
        book
          empty
    "#]]);
}

#[test]
fn partially_filled_maker_sent_to_the_tail() {
    check(&expect![[r#"
        alice sell 5 @ 100
          #1 accepted
          #1 rests 5 @ 100, holds 5 GOLD
        bob sell 5 @ 100
          #2 accepted
          #2 rests 5 @ 100, holds 5 GOLD
        carol buy 2 @ 100
          #3 accepted
          trade 1: 2 @ 100 = 200 EUR, #3 with #1, 3 left
        book
          ask 100: #1 3, #2 5
        carol buy 4 @ 100
          #4 accepted
          trade 2: 3 @ 100 = 300 EUR, #4 with #1, which is filled
          trade 3: 1 @ 100 = 100 EUR, #4 with #2, 4 left
        book
          ask 100: #2 4
    "#]]);
}

#[test]
fn trade_printed_at_the_takers_price() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 105
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        alice buy 1 @ 95
          #3 accepted
          #3 rests 1 @ 95, holds 95 EUR
        bob sell 1 @ 90
          #4 accepted
          trade 2: 1 @ 95 = 95 EUR, #4 with #3, which is filled
        balance alice bob
          alice: 1000 GOLD, 100005 EUR, 1000 TIN
          bob: 1000 GOLD, 99995 EUR, 1000 TIN
    "#]]);
}

#[test]
fn crossing_modify_rests_a_crossed_book() {
    check(&expect![[r#"
        alice sell 2 @ 100
          #1 accepted
          #1 rests 2 @ 100, holds 2 GOLD
        bob buy 3 @ 99
          #2 accepted
          #2 rests 3 @ 99, holds 297 EUR
        bob modify #2 3 @ 100
          #2 from 3 @ 99 to 3 @ 100, frees 297 EUR
          trade 1: 2 @ 100 = 200 EUR, #2 with #1, which is filled
          #2 rests 1 @ 100, holds 100 EUR
        book
          bid 100: #2 1
        alice sell 1 @ 101
          #3 accepted
          #3 rests 1 @ 101, holds 1 GOLD
        alice modify #3 1 @ 99
          #3 from 1 @ 101 to 1 @ 99, frees 1 GOLD
          trade 2: 1 @ 100 = 100 EUR, #3 with #2, which is filled
        book
          empty
    "#]]);
}

#[test]
fn ioc_residual_rests() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 3 @ 100 ioc
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
          #2 expired: 2 @ 100, frees 0 EUR
        book
          empty
        bob buy 3 @ 100 ioc
          #3 accepted
          #3 expired: 3 @ 100, frees 0 EUR
        book
          empty
        balance bob
          bob: 1001 GOLD, 99900 EUR, 1000 TIN
    "#]]);
}

#[test]
fn fok_checks_only_the_best_level_or_one_maker() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 100
          #2 accepted
          #2 rests 1 @ 100, holds 1 GOLD
        carol sell 2 @ 101
          #3 accepted
          #3 rests 2 @ 101, holds 2 GOLD
        carol sell 2 @ 103
          #4 accepted
          #4 rests 2 @ 103, holds 2 GOLD
        # enough, over three makers and two levels
        bob buy 4 @ 101 fok
          #5 accepted
          trade 1: 1 @ 100 = 100 EUR, #5 with #1, which is filled
          trade 2: 1 @ 100 = 100 EUR, #5 with #2, which is filled
          trade 3: 2 @ 101 = 202 EUR, #5 with #3, which is filled
        # not enough within the limit, though enough beyond it
        bob buy 3 @ 102 fok
          #6 accepted
          #6 expired: 3 @ 102, frees 0 EUR
        bob buy 3 @ 103 fok
          #7 accepted
          #7 expired: 3 @ 103, frees 0 EUR
        bob buy 2 @ 103 fok
          #8 accepted
          trade 4: 2 @ 103 = 206 EUR, #8 with #4, which is filled
        book
          empty
    "#]]);
}

#[test]
fn marketable_limit_walks_through_its_own_limit() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101
          #2 accepted
          #2 rests 1 @ 101, holds 1 GOLD
        alice sell 1 @ 102
          #3 accepted
          #3 rests 1 @ 102, holds 1 GOLD
        bob buy 5 @ 101
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          trade 2: 1 @ 101 = 101 EUR, #4 with #2, which is filled
          #4 rests 3 @ 101, holds 303 EUR
        book
          ask 102: #3 1
          bid 101: #4 3
    "#]]);
}

#[test]
fn zero_quantity_phantom_trade() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 0 @ 100
          bob: rejected, LotSize
        bob buy 0 market
          bob: rejected, InvalidOrder
        bob buy 0 EUR market
          bob: rejected, InvalidOrder
        alice modify #1 0 @ 100
          alice: rejected, LotSize
        # less than one lot
        bob buy 9.99 EUR market
          #2 accepted
          #2 expired: 0 @ 0, frees 0 EUR
        # exactly filled: the next maker is not touched
        alice sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
        book
          ask 100: #3 1
    "#]]);
}

#[test]
fn duplicate_live_id() {
    check(&expect![[r#"
        alice sell 1 @ 100 id=mine
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101 id=mine
          alice: rejected, DuplicateClientId
        # not even when it would not rest, or in another market
        alice sell 1 @ 101 ioc id=mine
          alice: rejected, DuplicateClientId
        alice sell 1 @ 101 id=mine on TINEUR
          alice: rejected, DuplicateClientId
        # names are the account's own
        bob sell 1 @ 101 id=mine
          #2 accepted
          #2 rests 1 @ 101, holds 1 GOLD
        book
          ask 101: #2 1
          ask 100: #1 1
    "#]]);
}

#[test]
fn id_reuse_after_fill() {
    check(&expect![[r#"
        alice sell 1 @ 100 id=again
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        # the name is free, the number is not
        alice sell 1 @ 100 id=again
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        alice cancel again
          #3 cancelled: 1 @ 100, frees 1 GOLD
        alice sell 1 @ 100 id=again
          #4 accepted
          #4 rests 1 @ 100, holds 1 GOLD
        alice cancel #1/again
          alice: rejected, UnknownOrder
        alice cancel #4/again
          #4 cancelled: 1 @ 100, frees 1 GOLD
        alice sell 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
    "#]]);
}

#[test]
fn erase_through_a_stale_iterator() {
    check(&expect![[r#"
        alice sell 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 1 GOLD
        alice sell 1 @ 101
          #2 accepted
          #2 rests 1 @ 101, holds 1 GOLD
        alice sell 1 @ 102
          #3 accepted
          #3 rests 1 @ 102, holds 1 GOLD
        # removes a level with every step, the own order's among them
        alice buy 3 @ 102
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #1, which is filled
          trade 2: 1 @ 101 = 101 EUR, #4 with #2, which is filled
          trade 3: 1 @ 102 = 102 EUR, #4 with #3, which is filled
        book
          empty
        balance alice
          alice: 1000 GOLD, 100000 EUR, 1000 TIN
        # a modify that removes the level next to its own
        alice sell 1 @ 100
          #5 accepted
          #5 rests 1 @ 100, holds 1 GOLD
        bob buy 1 @ 99
          #6 accepted
          #6 rests 1 @ 99, holds 99 EUR
        bob modify #6 2 @ 100
          #6 from 1 @ 99 to 2 @ 100, frees 99 EUR
          trade 4: 1 @ 100 = 100 EUR, #6 with #5, which is filled
          #6 rests 1 @ 100, holds 100 EUR
        book
          bid 100: #6 1
        alice cancel-all
          alice: 0 cancelled
        bob cancel-all
          #6 cancelled: 1 @ 100, frees 100 EUR
          bob: 1 cancelled
        book
          empty
    "#]]);
}

#[test]
fn depth_over_count_after_partial_fill() {
    check(&expect![[r#"
        alice sell 5 @ 100
          #1 accepted
          #1 rests 5 @ 100, holds 5 GOLD
        bob buy 3 @ 100
          #2 accepted
          trade 1: 3 @ 100 = 300 EUR, #2 with #1, 2 left
        # 2 are left: all-or-nothing sees what the level counts
        carol buy 3 @ 100 fok
          #3 accepted
          #3 expired: 3 @ 100, frees 0 EUR
        book
          ask 100: #1 2
        alice sell 1 @ 100
          #4 accepted
          #4 rests 1 @ 100, holds 1 GOLD
        carol buy 3.1 @ 100 fok
          #5 accepted
          #5 expired: 3.1 @ 100, frees 0 EUR
        carol buy 3 @ 100 fok
          #6 accepted
          trade 2: 2 @ 100 = 200 EUR, #6 with #1, which is filled
          trade 3: 1 @ 100 = 100 EUR, #6 with #4, which is filled
        book
          empty
        # a market buy is priced by the same count: 2 for 200, not 3 for 300
        alice sell 3 @ 100
          #7 accepted
          #7 rests 3 @ 100, holds 3 GOLD
        carol buy 1 @ 100
          #8 accepted
          trade 4: 1 @ 100 = 100 EUR, #8 with #7, 2 left
        transfer custody dave 199 EUR
          199 EUR from custody to dave
        dave buy 3 market
          dave: rejected, InsufficientBalance
        transfer custody dave 1 EUR
          1 EUR from custody to dave
        dave buy 3 market
          #9 accepted
          trade 5: 2 @ 100 = 200 EUR, #9 with #7, which is filled
          #9 expired: 1 @ 0, frees 0 EUR
        balance dave
          dave: 2 GOLD
        book
          empty
    "#]]);
}

#[test]
fn price_and_id_ceilings() {
    check(&expect![[r#"
        alice sell 0.1 @ 92233720368547.75
          #1 accepted
          #1 rests 0.1 @ 92233720368547.75, holds 0.1 GOLD
        bob buy 0.1 @ 0.01
          #2 accepted
          #2 rests 0.1 @ 0.01, holds 0.001 EUR
        book
          ask 92233720368547.75: #1 0.1
          bid 0.01: #2 0.1
        # the next price up does not fit, in whatever quantity
        alice sell 0.1 @ 92233720368547.76
          alice: rejected, Notional
        alice sell 0.1 @ max
          alice: rejected, Notional
        alice sell max @ 0.01
          alice: rejected, Notional
        alice buy max @ max
          alice: rejected, Notional
        alice sell 1 @ 0
          alice: rejected, PriceFilter
        alice sell 1 @ -0.01
          alice: rejected, PriceFilter
        alice modify #1 max @ max
          alice: rejected, Notional
        alice cancel #18446744073709551615
          alice: rejected, UnknownOrder
        alice modify #18446744073709551615 1 @ 1
          alice: rejected, UnknownOrder
        bob cancel #0
          bob: rejected, UnknownOrder
        book
          ask 92233720368547.75: #1 0.1
          bid 0.01: #2 0.1
        alice cancel #1
          #1 cancelled: 0.1 @ 92233720368547.75, frees 0.1 GOLD
    "#]]);
}

#[test]
fn mass_cancel_result_order() {
    check(&expect![[r#"
        alice sell 1 @ 105 on TINEUR
          #1 accepted
          #1 rests 1 @ 105, holds 1 TIN
        alice sell 1 @ 103
          #2 accepted
          #2 rests 1 @ 103, holds 1 GOLD
        alice buy 1 @ 90
          #3 accepted
          #3 rests 1 @ 90, holds 90 EUR
        bob sell 1 @ 101
          #4 accepted
          #4 rests 1 @ 101, holds 1 GOLD
        alice sell 1 @ 101
          #5 accepted
          #5 rests 1 @ 101, holds 1 GOLD
        alice buy 1 @ 95 on TINEUR
          #6 accepted
          #6 rests 1 @ 95, holds 95 EUR
        # a modify keeps the place in this list, since it keeps the id
        alice modify #2 1 @ 104
          #2 from 1 @ 103 to 1 @ 104, frees 1 GOLD
          #2 rests 1 @ 104, holds 1 GOLD
        restart
        # by market, then by order id; the other account's order stays
        alice cancel-all
          #2 cancelled: 1 @ 104, frees 1 GOLD
          #3 cancelled: 1 @ 90, frees 90 EUR
          #5 cancelled: 1 @ 101, frees 1 GOLD
          #1 cancelled: 1 @ 105, frees 1 TIN
          #6 cancelled: 1 @ 95, frees 95 EUR
          alice: 5 cancelled
        book
          ask 101: #4 1
        alice cancel-all
          alice: 0 cancelled
        bob cancel-all TINEUR
          bob: 0 cancelled
        bob cancel-all GOLDEUR
          #4 cancelled: 1 @ 101, frees 1 GOLD
          bob: 1 cancelled
    "#]]);
}
