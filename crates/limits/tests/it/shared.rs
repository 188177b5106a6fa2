//! Several processes and one Redis, which may be away.

use limits::testing::RedisServer;
use limits::{Limits, Orders, Verdict};

use crate::rules::{MINUTE_US, PATIENCE, RULES, START_US, address};

#[tokio::test]
async fn two_processes_count_together() {
    let server = RedisServer::start();
    let (one, other) = (
        Limits::shared(RULES, &server.url(), PATIENCE).unwrap(),
        Limits::shared(RULES, &server.url(), PATIENCE).unwrap(),
    );
    assert_eq!(one.admit(address(1), 60, START_US).await.used, 60);
    assert_eq!(other.admit(address(1), 40, START_US).await.used, 100);
    let until_us = START_US + MINUTE_US;
    assert_eq!(one.admit(address(1), 1, START_US).await.verdict, Verdict::Refused { until_us });
    assert_eq!(other.take_orders(7, 4, START_US).await, Ok(Orders { ten_seconds: 4, day: 4 }));
    assert!(one.take_orders(7, 2, START_US).await.is_err());
}

#[tokio::test]
async fn while_redis_is_away_each_counts_by_itself() {
    let mut server = RedisServer::start();
    let limits = Limits::shared(RULES, &server.url(), PATIENCE).unwrap();
    assert_eq!(limits.admit(address(1), 90, START_US).await.used, 90);
    server.kill();
    // What Redis knew is not known here.
    assert_eq!(limits.admit(address(1), 20, START_US).await.used, 20);
    assert_eq!(limits.admit(address(1), 20, START_US + 1).await.used, 40);
    let until_us = START_US + MINUTE_US;
    assert_eq!(limits.admit(address(1), 61, START_US + 2).await.verdict, Verdict::Refused { until_us });
    assert_eq!(limits.take_orders(7, 5, START_US + 3).await, Ok(Orders { ten_seconds: 5, day: 5 }));
    server.restart();
    // It is asked again a second later, and then connected to: when the other one sees what this one counted, both are back.
    let other = Limits::shared(RULES, &server.url(), PATIENCE).unwrap();
    let mut now = START_US;
    loop {
        now += 10 * MINUTE_US;
        limits.admit(address(1), 7, now).await;
        if other.charge(address(1), 0, now).await == 7 {
            break;
        }
    }
}

#[tokio::test]
async fn what_traded_is_taken_back_soon() {
    let server = RedisServer::start();
    let limits = Limits::shared(RULES, &server.url(), PATIENCE).unwrap();
    limits.take_orders(7, 4, START_US).await.unwrap();
    limits.traded(7, 3, START_US);
    while limits.orders(7, START_US).await != (Orders { ten_seconds: 1, day: 1 }) {
        tokio::task::yield_now().await;
    }
}

#[test]
fn an_address_that_is_none_is_not_repeated() {
    for url in ["", "localhost", "http://:secret@localhost", "redis://:secret@:port"] {
        let error = Limits::shared(RULES, url, PATIENCE).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
