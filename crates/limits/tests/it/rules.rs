//! What holds in memory and in Redis alike.

use std::net::IpAddr;
use std::time::Duration;

use limits::testing::RedisServer;
use limits::{Admission, Limits, Orders, Rules, Span, TooManyOrders, Verdict};

pub(crate) const MINUTE_US: u64 = 60_000_000;
/// The beginning of a day.
pub(crate) const START_US: u64 = 20_000 * 24 * 60 * MINUTE_US;
/// No test depends on how quick the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const RULES: Rules = Rules {
    weight_per_minute: 100,
    orders_per_ten_seconds: 5,
    orders_per_day: 8,
    refusals_before_ban: 3,
    max_counted: 1_000,
};

pub(crate) fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($limits:ident: Limits) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            async fn check($limits: Limits) $body

            #[tokio::test]
            async fn local() {
                check(Limits::local(RULES)).await;
            }

            #[tokio::test]
            async fn redis() {
                let server = RedisServer::start();
                check(Limits::shared(RULES, &server.url(), PATIENCE).unwrap()).await;
            }
        }
    )+};
}

on_both! {
    async fn weight_is_counted_by_address_and_minute(limits: Limits) {
        let admitted = |used| Admission { verdict: Verdict::Admitted, used };
        assert_eq!(limits.admit(address(1), 60, START_US).await, admitted(60));
        assert_eq!(limits.admit(address(1), 40, START_US + 1).await, admitted(100));
        assert_eq!(limits.admit(address(1), 0, START_US + 2).await, admitted(100));
        let until_us = START_US + MINUTE_US;
        let refused = Admission { verdict: Verdict::Refused { until_us }, used: 101 };
        assert_eq!(limits.admit(address(1), 1, START_US + 3).await, refused);
        // Another address has a minute of its own.
        assert_eq!(limits.admit(address(2), 100, START_US + 4).await, admitted(100));
        assert_eq!(limits.admit(address(1), 1, until_us).await, admitted(1));
        assert_eq!(limits.charge(address(1), 30, until_us + 1).await, 31);
        assert_eq!(limits.admit(address(1), 0, until_us + 2).await, admitted(31));
    }

    async fn an_address_that_goes_on_is_banned_for_longer_and_longer(limits: Limits) {
        let mut now = START_US;
        for minutes in [2, 4, 8] {
            for _ in 0..3 {
                let admission = limits.admit(address(1), 101, now).await;
                assert_eq!(admission.verdict, Verdict::Refused { until_us: (now / MINUTE_US + 1) * MINUTE_US });
            }
            let until_us = now + minutes * MINUTE_US;
            let banned = Verdict::Banned { until_us };
            assert_eq!(limits.admit(address(1), 101, now).await.verdict, banned);
            assert_eq!(limits.admit(address(1), 0, until_us - 1_000).await.verdict, banned);
            assert_eq!(limits.admit(address(2), 1, now).await.verdict, Verdict::Admitted);
            now = until_us;
            assert_eq!(limits.admit(address(1), 1, now).await, Admission { verdict: Verdict::Admitted, used: 1 });
        }
    }

    async fn orders_are_counted_by_account_in_both_spans(limits: Limits) {
        let orders = |ten_seconds, day| Orders { ten_seconds, day };
        assert_eq!(limits.orders(7, START_US).await, orders(0, 0));
        assert_eq!(limits.take_orders(7, 3, START_US).await, Ok(orders(3, 3)));
        let ten = TooManyOrders { span: Span::TenSeconds, limit: 5, until_us: START_US + 10_000_000 };
        assert_eq!(limits.take_orders(7, 3, START_US + 1).await, Err(ten));
        assert_eq!(limits.orders(7, START_US + 2).await, orders(3, 3));
        assert_eq!(limits.give_back_orders(7, 1, START_US + 3).await, orders(2, 2));
        assert_eq!(limits.take_orders(7, 3, START_US + 4).await, Ok(orders(5, 5)));
        assert_eq!(limits.take_orders(8, 5, START_US + 5).await, Ok(orders(5, 5)));
        let next = START_US + 10_000_000;
        assert_eq!(limits.take_orders(7, 3, next).await, Ok(orders(3, 8)));
        let day = TooManyOrders { span: Span::Day, limit: 8, until_us: START_US + 24 * 60 * MINUTE_US };
        assert_eq!(limits.take_orders(7, 1, next + 10_000_000).await, Err(day));
        assert_eq!(limits.take_orders(7, 5, day.until_us).await, Ok(orders(5, 5)));
        // There is nothing of this day to give back more than was taken.
        assert_eq!(limits.give_back_orders(7, 9, day.until_us).await, orders(0, 0));
    }
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted() {
    let rules = Rules { weight_per_minute: 0, orders_per_ten_seconds: 0, orders_per_day: 0, ..RULES };
    let limits = Limits::local(rules);
    assert_eq!(limits.admit(address(1), u32::MAX, START_US).await, Admission { verdict: Verdict::Admitted, used: 0 });
    assert_eq!(limits.take_orders(1, u64::MAX, START_US).await, Ok(Orders::default()));
}

#[tokio::test]
async fn memory_is_bounded_and_the_quietest_is_forgotten() {
    let limits = Limits::local(Rules { max_counted: 100, ..RULES });
    for number in 0..100_000u32 {
        let address = IpAddr::from(number.to_be_bytes());
        assert_eq!(limits.admit(address, 60, START_US).await.used, 60, "{address}");
    }
    // The newest is known. The oldest has gone, and begins anew.
    assert_eq!(limits.admit(IpAddr::from(99_999u32.to_be_bytes()), 1, START_US).await.used, 61);
    assert_eq!(limits.admit(IpAddr::from(0u32.to_be_bytes()), 1, START_US).await.used, 1);
}
