//! Transfers and the two-phase transfer: hold, then capture or release.

use expect_test::expect;

use crate::check;

#[test]
fn transfer() {
    check(&expect![[r#"
        transfer alice bob 10 GOLD
          10 GOLD from alice to bob
        balance alice bob
          alice: 990 GOLD, 100000 EUR, 1000 TIN
          bob: 1010 GOLD, 100000 EUR, 1000 TIN
        transfer custody dave 5 EUR
          5 EUR from custody to dave
        transfer dave custody 5 EUR
          5 EUR from dave to custody
        balance dave custody
          dave: nothing
          custody: -3000 GOLD, -300000 EUR, -3000 TIN
        transfer dave alice 1 EUR
          dave: rejected, InsufficientBalance
        transfer alice alice 1 EUR
          alice: rejected, SameAccount
        transfer alice bob 0 EUR
          alice: rejected, InvalidAmount
        transfer alice bob -1 EUR
          alice: rejected, InvalidAmount
        transfer alice nobody 1 EUR
          alice: rejected, UnknownAccount
        transfer nobody alice 1 EUR
          nobody: rejected, UnknownAccount
        transfer alice bob 1 LEAD
          alice: rejected, UnknownAsset
        # the exchange's other accounts have no credit
        transfer fees alice 1 EUR
          fees: rejected, InsufficientBalance
        transfer alice fees 1 EUR
          1 EUR from alice to fees
        transfer fees alice 1 EUR
          1 EUR from fees to alice
    "#]]);
}

#[test]
fn what_is_held_cannot_be_transferred() {
    check(&expect![[r#"
        transfer custody dave 100 EUR
          100 EUR from custody to dave
        dave buy 1 @ 60
          #1 accepted
          #1 rests 1 @ 60, holds 60 EUR
        transfer dave bob 40.01 EUR
          dave: rejected, InsufficientBalance
        hold dave 40.01 EUR
          dave: rejected, InsufficientBalance
        transfer dave bob 40 EUR
          40 EUR from dave to bob
        balance dave
          dave: 0 EUR and 60 EUR held
        dave cancel #1
          #1 cancelled: 1 @ 60, frees 60 EUR
        balance dave
          dave: 60 EUR
    "#]]);
}

#[test]
fn hold_capture_release() {
    check(&expect![[r#"
        hold alice 100 EUR
          H1 holds 100 EUR of alice
        hold alice 50 EUR
          H2 holds 50 EUR of alice
        balance alice
          alice: 1000 GOLD, 99850 EUR and 150 EUR held, 1000 TIN
        capture H1 bob 30 EUR
          H1 pays 30 EUR from alice to bob, 70 EUR left
        capture H1 escrow 20 EUR
          H1 pays 20 EUR from alice to escrow, 50 EUR left
        balance alice bob escrow
          alice: 1000 GOLD, 99850 EUR and 100 EUR held, 1000 TIN
          bob: 1000 GOLD, 100030 EUR, 1000 TIN
          escrow: 20 EUR
        release H1
          H1 frees 50 EUR of alice
        balance alice
          alice: 1000 GOLD, 99900 EUR and 50 EUR held, 1000 TIN
        capture H2 custody 50 EUR
          H2 pays 50 EUR from alice to custody, 0 EUR left
        balance alice custody
          alice: 1000 GOLD, 99900 EUR, 1000 TIN
          custody: -3000 GOLD, -299950 EUR, -3000 TIN
    "#]]);
}

#[test]
fn each_hold_ends_once() {
    check(&expect![[r#"
        hold alice 100 EUR
          H1 holds 100 EUR of alice
        capture H1 bob 100.01 EUR
          bob: rejected, ExceedsHold
        capture H1 bob 0 EUR
          bob: rejected, InvalidAmount
        capture H1 nobody 1 EUR
          nobody: rejected, UnknownAccount
        capture H2 bob 1 EUR
          bob: rejected, UnknownHold
        capture H1 bob 100 EUR
          H1 pays 100 EUR from alice to bob, 0 EUR left
        capture H1 bob 1 EUR
          bob: rejected, UnknownHold
        release H1
          0: rejected, UnknownHold
        hold alice 100 EUR
          H2 holds 100 EUR of alice
        release H2
          H2 frees 100 EUR of alice
        release H2
          0: rejected, UnknownHold
        capture H2 bob 1 EUR
          bob: rejected, UnknownHold
        # an owner may be paid out of its own hold
        hold alice 100 EUR
          H3 holds 100 EUR of alice
        capture H3 alice 40 EUR
          H3 pays 40 EUR from alice to alice, 60 EUR left
        balance alice
          alice: 1000 GOLD, 99840 EUR and 60 EUR held, 1000 TIN
    "#]]);
}

#[test]
fn who_can_hold() {
    check(&expect![[r#"
        hold dave 1 EUR
          dave: rejected, InsufficientBalance
        hold alice 0 EUR
          alice: rejected, InvalidAmount
        hold alice 1 LEAD
          alice: rejected, UnknownAsset
        hold nobody 1 EUR
          nobody: rejected, UnknownAccount
        hold custody 1 EUR
          custody: rejected, UnknownAccount
        hold adjustments 1 EUR
          adjustments: rejected, UnknownAccount
        transfer alice escrow 5 EUR
          5 EUR from alice to escrow
        hold escrow 5 EUR
          H1 holds 5 EUR of escrow
        capture H1 bob 5 EUR
          H1 pays 5 EUR from escrow to bob, 0 EUR left
        hold alice 100000 EUR
          alice: rejected, InsufficientBalance
    "#]]);
}

#[test]
fn issued_money_has_a_ceiling() {
    check(&expect![[r#"
        transfer custody dave max EUR
          custody: rejected, AmountOverflow
        transfer custody dave 9223371700000 EUR
          9223371700000 EUR from custody to dave
        balance dave
          dave: 9223371700000 EUR
        transfer adjustments dave 100000 EUR
          adjustments: rejected, AmountOverflow
        # what comes back can be given out again, by either account
        transfer dave custody 100000 EUR
          100000 EUR from dave to custody
        transfer adjustments dave 100000 EUR
          100000 EUR from adjustments to dave
        transfer custody dave 100000 EUR
          custody: rejected, AmountOverflow
        balance dave custody adjustments
          dave: 9223371700000 EUR
          custody: -3000 GOLD, -9223371900000 EUR, -3000 TIN
          adjustments: -100000 EUR
        # an account with nearly all the money can trade
        dave buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice sell 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        balance dave
          dave: 1 GOLD, 9223371699900 EUR
    "#]]);
}

#[test]
fn the_two_accounts_that_may_owe_have_a_range_too() {
    check(&expect![[r#"
        transfer custody adjustments max TIN
          custody: rejected, AmountOverflow
        transfer custody adjustments max TIN
          custody: rejected, AmountOverflow
        transfer adjustments custody max TIN
          9223372036854775.807 TIN from adjustments to custody
        transfer adjustments custody max TIN
          adjustments: rejected, AmountOverflow
        transfer adjustments dave 1 TIN
          adjustments: rejected, AmountOverflow
        transfer alice custody 1000 TIN
          1000 TIN from alice to custody
        balance custody adjustments
          custody: -3000 GOLD, -300000 EUR, 9223372036852775.807 TIN
          adjustments: -9223372036854775.807 TIN
    "#]]);
}

#[test]
fn an_account_that_runs_dry_can_hold_no_more() {
    check(&expect![[r#"
        transfer custody dave 100 EUR
          100 EUR from custody to dave
        dave buy 1 @ 100
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        dave buy 0.1 @ 0.01
          dave: rejected, InsufficientBalance
        alice sell 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, which is filled
        balance dave
          dave: 1 GOLD
        dave sell 1.1 @ 100
          dave: rejected, InsufficientBalance
        dave sell 1 @ 100
          #3 accepted
          #3 rests 1 @ 100, holds 1 GOLD
        dave sell 0.1 @ 100
          dave: rejected, InsufficientBalance
        balance dave
          dave: 0 GOLD and 1 GOLD held
    "#]]);
}
