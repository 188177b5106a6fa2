//! Accounts: masters and sub-accounts.

use expect_test::expect;

use crate::check;

#[test]
fn a_sub_account_has_a_master() {
    check(&expect![[r#"
        open alice1 of alice
          account 1010 of alice
        open alice2 of alice
          account 1011 of alice
        # not of a sub-account, nor of nobody, nor of the exchange
        open 1500 of alice1
          1500: rejected, InvalidParent
        open 1500 of nobody
          1500: rejected, InvalidParent
        open 1500 of custody
          1500: rejected, InvalidParent
        open 1500 of 1500
          1500: rejected, InvalidParent
        # 14, 15 and 17
        open 999 of nobody
          999: rejected, InvalidAccount
        open alice1 of nobody
          alice1: rejected, AccountExists
        open 1500
          account 1500
        open bob1 of 1500
          account 1012 of 1500
    "#]]);
}

#[test]
fn its_money_orders_and_tier_are_its_own() {
    check(&expect![[r#"
        open alice1 of alice
          account 1010 of alice
        fees 5000/6000 tier=1
          fees of tier 1: 5000/6000
        tier alice 1
          alice: tier 1
        alice1 buy 1 @ 100
          alice1: rejected, InsufficientBalance
        transfer alice alice1 1000 EUR
          1000 EUR from alice to alice1
        alice1 buy 1 @ 100 id=a
          #1 accepted
          #1 rests 1 @ 100, holds 100 EUR
        alice buy 1 @ 100 id=a
          #2 accepted
          #2 rests 1 @ 100, holds 100 EUR
        alice cancel #1
          alice: rejected, UnknownOrder
        bob sell 2 @ 100
          #3 accepted
          trade 1: 1 @ 100 = 100 EUR, #3 with #1, which is filled
          trade 2: 1 @ 100 = 100 EUR, #3 with #2, which is filled; fees: taker 0 EUR, maker 0.005 GOLD
        balance alice alice1
          alice: 1000.995 GOLD, 98900 EUR, 1000 TIN
          alice1: 1 GOLD, 900 EUR
        alice1 countdown 100
          alice1: countdown until 130 ms
        alice buy 1 @ 90
          #4 accepted
          #4 rests 1 @ 90, holds 90 EUR
        alice1 buy 1 @ 90
          #5 accepted
          #5 rests 1 @ 90, holds 90 EUR
        at 500 tick
          alice1: countdown fires
          #5 ends by countdown: 1 @ 90, frees 90 EUR
          ticked
        orders alice
          #4 buy 1 @ 90, 1 open, traded for 0 EUR, placed at 31, changed at 31 ms
        orders alice1
          none
        tier alice1 1
          alice1: tier 1
        restart
        bob sell 1 @ 90
          #6 accepted
          trade 3: 1 @ 90 = 90 EUR, #6 with #4, which is filled; fees: taker 0 EUR, maker 0.005 GOLD
        alice1 buy 1 @ 90
          #7 accepted
          #7 rests 1 @ 90, holds 90 EUR
        bob sell 1 @ 90
          #8 accepted
          trade 4: 1 @ 90 = 90 EUR, #8 with #7, which is filled; fees: taker 0 EUR, maker 0.005 GOLD
    "#]]);
}
