//! The read models in SQL can be thrown away and made again from the journal.

use std::path::Path;
use std::process::Output;

use crate::harness::{Exchange, Key, program};

fn tool(data: &Path, environment: &[(&str, &str)], action: &str) -> String {
    let Output { status, stdout, stderr } =
        program().args(["projections", action, "--data"]).arg(data).envs(environment.iter().copied()).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

fn trade(exchange: &Exchange, alice: &Key, bob: &Key) {
    for round in 0..20 {
        let price = 2_000 + round % 7;
        for (key, side) in [(alice, "SELL"), (bob, "BUY")] {
            let order = format!(
                "symbol=ETHUSDT&type=LIMIT&timeInForce=GTC&side={side}&quantity=0.{}&price={price}",
                round % 9 + 1
            );
            exchange.call(key, "POST", "/api/v3/order", &order);
        }
    }
    exchange.call(alice, "POST", "/api/v3/order", "symbol=ETHUSDT&type=MARKET&side=BUY&quoteOrderQty=100");
    exchange.signed(bob, "DELETE", "/api/v3/openOrders", "symbol=ETHUSDT");
}

fn rebuild_gives_the_same_rows(environment: &[(&str, &str)]) {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start_with(data.path(), environment);
    let [alice, bob] = <[_; 2]>::try_from(exchange.keys.clone()).unwrap();
    trade(&exchange, &alice, &bob);
    assert!(exchange.stop().success());
    let before = tool(data.path(), environment, "fingerprint");
    assert!(before.contains("projections_orders"), "{before}");
    let rebuilt = tool(data.path(), environment, "rebuild");
    assert_eq!(before, rebuilt);
    let exchange = Exchange::start_with(data.path(), environment);
    let orders = exchange.call(&alice, "GET", "/api/v3/allOrders", "symbol=ETHUSDT");
    assert_eq!(orders.as_array().unwrap().len(), 21);
}

#[test]
fn rebuild_gives_the_same_rows_on_sqlite() {
    rebuild_gives_the_same_rows(&[]);
}

#[tokio::test]
async fn rebuild_gives_the_same_rows_on_postgresql() {
    let database = db::testing::postgres().await;
    let url = database.url().to_owned();
    tokio::task::spawn_blocking(move || rebuild_gives_the_same_rows(&[("RIALTO_STORE_DATABASE_URL", &url)]))
        .await
        .unwrap();
}
