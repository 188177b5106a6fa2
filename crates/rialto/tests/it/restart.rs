//! A second start continues where the first stopped, however the first ended.

use crate::harness::{Exchange, balance};

const LIMIT: &str = "symbol=BTCUSDT&type=LIMIT&timeInForce=GTC";

#[test]
fn orders_balances_and_trades_survive_a_stop_and_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(data.path());
    let [alice, bob] = <[_; 2]>::try_from(exchange.keys.clone()).unwrap();
    let sell = format!("{LIMIT}&side=SELL&quantity=2&price=60000&newClientOrderId=first-sell");
    let placed = exchange.call(&alice, "POST", "/api/v3/order", &sell);
    let buy = format!("{LIMIT}&side=BUY&quantity=0.5&price=61000");
    let taken = exchange.call(&bob, "POST", "/api/v3/order", &buy);
    assert_eq!(taken["status"], "FILLED");
    assert_eq!(taken["fills"][0]["price"], "60000.00000000");
    // 0.1 % of what each receives.
    assert_eq!(taken["fills"][0]["commission"], "0.00050000");
    assert!(exchange.stop().success());

    let exchange = Exchange::start(data.path());
    assert!(exchange.keys.is_empty(), "the keys are shown once");
    let account = exchange.call(&bob, "GET", "/api/v3/account", "");
    assert_eq!(balance(&account, "BTC"), ("1000.49950000".into(), "0.00000000".into()));
    let account = exchange.call(&alice, "GET", "/api/v3/account", "");
    assert_eq!(balance(&account, "BTC"), ("998.00000000".into(), "1.50000000".into()));
    assert_eq!(balance(&account, "USDT"), ("100029970.00000000".into(), "0.00000000".into()));
    let order = exchange.call(&alice, "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=first-sell");
    assert_eq!(order["orderId"], placed["orderId"]);
    assert_eq!(
        (order["status"].as_str(), order["executedQty"].as_str()),
        (Some("PARTIALLY_FILLED"), Some("0.50000000"))
    );
    let book = exchange.get("/api/v3/depth?symbol=BTCUSDT");
    assert_eq!(book["asks"][0][1], "1.50000000");
    let last = exchange.call(&bob, "POST", "/api/v3/order", &format!("{LIMIT}&side=BUY&quantity=0.25&price=60000"));
    exchange.kill();

    let exchange = Exchange::start(data.path());
    let order = exchange.call(&bob, "GET", "/api/v3/order", &format!("symbol=BTCUSDT&orderId={}", last["orderId"]));
    assert_eq!(order["status"], "FILLED");
    let trades = exchange.call(&bob, "GET", "/api/v3/myTrades", "symbol=BTCUSDT");
    assert_eq!(trades.as_array().unwrap().len(), 2);
    assert_eq!(exchange.get("/api/v3/trades?symbol=BTCUSDT").as_array().unwrap().len(), 2);
    let candles = exchange.get("/api/v3/klines?symbol=BTCUSDT&interval=1d");
    assert_eq!(candles.as_array().unwrap().last().unwrap()[5], "0.75000000");
    assert!(exchange.stop().success());
}

#[test]
fn two_programs_on_one_folder_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let _running = Exchange::start(data.path());
    let second = crate::harness::program()
        .args(["run", "--demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert!(!second.status.success());
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(message.contains("is locked"), "{message}");
}

#[test]
fn a_program_whose_log_nobody_reads_works_and_stops() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start_unread(data.path());
    assert_eq!(exchange.get("/healthz")["status"], "ok");
    assert!(exchange.stop().success());
}
