//! Limits of the real program, alone and shared through a Redis.

use limits::testing::RedisServer;

use crate::harness::{Exchange, program};

/// More requests than any limit of these tests lets through, even if a minute or a day turns meanwhile.
const MANY: usize = 40;

#[test]
fn an_address_that_asks_too_much_is_refused_and_then_banned() {
    let data = tempfile::tempdir().unwrap();
    let environment = [("RIALTO_LIMITS_WEIGHT_1M", "100"), ("RIALTO_LIMITS_REFUSALS_BEFORE_BAN", "2")];
    let exchange = Exchange::start_with(data.path(), &environment);
    let info = exchange.get("/api/v3/exchangeInfo");
    assert_eq!(info["rateLimits"][0]["limit"], 100);
    let refused = (0..MANY).map(|_| exchange.get("/api/v3/exchangeInfo")).find(|body| body["code"] == -1003).unwrap();
    let words = refused["msg"].as_str().unwrap();
    assert!(
        words.starts_with("Too much request weight used; current limit is 100 request weight per 1 MINUTE."),
        "{words}"
    );
    let is_banned = |body: &serde_json::Value| body["msg"].as_str().unwrap_or_default().contains("IP banned until");
    assert!((0..MANY).any(|_| is_banned(&exchange.get("/api/v3/exchangeInfo"))));
    // Not even a ping, but the operator's checks.
    assert!(is_banned(&exchange.get("/api/v3/ping")));
    assert_eq!(exchange.get("/healthz")["status"], "ok");
    assert!(exchange.stop().success());
}

#[test]
fn two_programs_count_in_one_redis() {
    let redis = RedisServer::start();
    let url = redis.url();
    // However slow the machine is, Redis decides.
    let environment = [("RIALTO_LIMITS_REDIS_URL", url.as_str()), ("RIALTO_LIMITS_REDIS_TIMEOUT_MS", "10000")];
    let (one_data, other_data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = Exchange::start_with(one_data.path(), &environment);
    let other = Exchange::start_with(other_data.path(), &environment);
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=20000";
    // Both know the same accounts by number. A day may turn between the two questions, but not each time.
    let seen = (0..MANY).any(|_| {
        one.call(&one.keys[0], "POST", "/api/v3/order", order);
        let counts = other.call(&other.keys[0], "GET", "/api/v3/rateLimit/order", "");
        counts[1]["interval"] == "DAY" && counts[1]["count"].as_u64().unwrap() > 0
    });
    assert!(seen, "the other program sees the orders of the first");
    assert!(one.stop().success());
    assert!(other.stop().success());
}

#[test]
fn a_wrong_address_of_redis_stops_the_start_and_is_not_printed() {
    let data = tempfile::tempdir().unwrap();
    let output = program()
        .args(["run", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .env("RIALTO_LIMITS_REDIS_URL", "redis://:hunter2@host:port")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("limits.redis_url") && !said.contains("hunter2"), "{said}");
}
