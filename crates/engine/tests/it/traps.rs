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
        bob buy 1 @ 100 maker
          #5 accepted
          #5 rests 1 @ 100, holds 100 EUR
        carol sell 1 @ 99 ioc
          #6 accepted
          trade 1: 1 @ 100 = 100 EUR, #6 with #5, which is filled
        book
          ask 101: #2 1
          bid 98: #4 1
        bob cancel #5
          bob: rejected, UnknownOrder
        bob buy 1 @ 100 ioc
          #7 accepted
          #7 expired: 1 @ 100, frees 0 EUR
        carol sell 1 @ 99 maker
          #8 accepted
          #8 rests 1 @ 99, holds 1 GOLD
        book
          ask 101: #2 1
          ask 99: #8 1
          bid 98: #4 1
    "#]]);
}

#[test]
fn stale_cancel_or_modify_of_a_filled_order_acked() {
    check(&expect![[r#"
        alice sell 1 @ 100 id=gone
        bob buy 1 @ 100
        alice cancel #1
        alice cancel gone
        alice modify #1 2 @ 101
        alice replace #1 sell 1 @ 105
        bob cancel #2
        # nor is a cancelled one
        alice sell 1 @ 100
        alice cancel #3
        alice cancel #3
        alice modify #3 1 @ 100
        book
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
        bob buy 1 @ 105
        alice buy 1 @ 95
        bob sell 1 @ 90
        balance alice bob
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
        bob buy 3 @ 100 ioc
        book
        bob buy 3 @ 100 ioc
        book
        balance bob
    "#]]);
}

#[test]
fn fok_checks_only_the_best_level_or_one_maker() {
    check(&expect![[r#"
        alice sell 1 @ 100
        alice sell 1 @ 100
        carol sell 2 @ 101
        carol sell 2 @ 103
        # enough, over three makers and two levels
        bob buy 4 @ 101 fok
        # not enough within the limit, though enough beyond it
        bob buy 3 @ 102 fok
        bob buy 3 @ 103 fok
        bob buy 2 @ 103 fok
        book
    "#]]);
}

#[test]
fn marketable_limit_walks_through_its_own_limit() {
    check(&expect![[r#"
        alice sell 1 @ 100
        alice sell 1 @ 101
        alice sell 1 @ 102
        bob buy 5 @ 101
        book
    "#]]);
}

#[test]
fn zero_quantity_phantom_trade() {
    check(&expect![[r#"
        alice sell 1 @ 100
        bob buy 0 @ 100
        bob buy 0 market
        bob buy 0 EUR market
        alice modify #1 0 @ 100
        # less than one lot
        bob buy 9.99 EUR market
        # exactly filled: the next maker is not touched
        alice sell 1 @ 100
        bob buy 1 @ 100
        book
    "#]]);
}

#[test]
fn duplicate_live_id() {
    check(&expect![[r#"
        alice sell 1 @ 100 id=mine
        alice sell 1 @ 101 id=mine
        # not even when it would not rest, or in another market
        alice sell 1 @ 101 ioc id=mine
        alice sell 1 @ 101 id=mine on TINEUR
        # names are the account's own
        bob sell 1 @ 101 id=mine
        book
    "#]]);
}

#[test]
fn id_reuse_after_fill() {
    check(&expect![[r#"
        alice sell 1 @ 100 id=again
        bob buy 1 @ 100
        # the name is free, the number is not
        alice sell 1 @ 100 id=again
        alice cancel again
        alice sell 1 @ 100 id=again
        alice cancel #1/again
        alice cancel #4/again
        alice sell 1 @ 100
    "#]]);
}

#[test]
fn erase_through_a_stale_iterator() {
    check(&expect![[r#"
        alice sell 1 @ 100
        alice sell 1 @ 101
        alice sell 1 @ 102
        # removes a level with every step, the own order's among them
        alice buy 3 @ 102
        book
        balance alice
        # a modify that removes the level next to its own
        alice sell 1 @ 100
        bob buy 1 @ 99
        bob modify #6 2 @ 100
        book
        alice cancel-all
        bob cancel-all
        book
    "#]]);
}

#[test]
fn depth_over_count_after_partial_fill() {
    check(&expect![[r#"
        alice sell 5 @ 100
        bob buy 3 @ 100
        # 2 are left: all-or-nothing sees what the level counts
        carol buy 3 @ 100 fok
        book
        alice sell 1 @ 100
        carol buy 3.1 @ 100 fok
        carol buy 3 @ 100 fok
        book
        # a market buy is priced by the same count
        alice sell 2 @ 100
        alice modify #6 1 @ 100
        transfer custody dave 199 EUR
        dave buy 2 market
        dave buy 2 market fok
    "#]]);
}

#[test]
fn price_and_id_ceilings() {
    check(&expect![[r#"
        alice sell 1 @ 1000000
        bob buy 0.1 @ 0.01
        alice sell 1 @ 1000000.01
        alice sell 1 @ max
        alice sell max @ 1
        alice buy max @ max
        alice sell 1 @ 0
        alice sell 1 @ -1
        alice cancel #18446744073709551615
        alice modify #18446744073709551615 1 @ 1
        alice modify #1 max @ max
        book
        bob cancel #0
    "#]]);
}

#[test]
fn mass_cancel_result_order() {
    check(&expect![[r#"
        alice sell 1 @ 105 on TINEUR
        alice sell 1 @ 103
        alice buy 1 @ 90
        bob sell 1 @ 101
        alice sell 1 @ 101
        alice buy 1 @ 95 on TINEUR
        # a modify keeps the place in this list, since it keeps the id
        alice modify #2 1 @ 104
        restart
        # by market, then by order id; the other account's order stays
        alice cancel-all
        book
        alice cancel-all
        bob cancel-all TINEUR
        bob cancel-all GOLDEUR
    "#]]);
}
