//! Transfers between a master and its sub-account, through the whole program and over a restart.

use serde_json::{Value, json};

use crate::harness::{Exchange, Key};

const TRANSFER: &str = "/sapi/v1/sub-account/universalTransfer";
const TO_SUB: &str = "fromAccountType=SPOT&toAccountType=SPOT&toEmail=1002&asset=USDT";

fn free(exchange: &Exchange, key: &Key) -> Value {
    let account = exchange.call(key, "GET", "/api/v3/account", "");
    let balances = account["balances"].as_array().unwrap();
    balances.iter().find(|balance| balance["asset"] == "USDT").unwrap()["free"].clone()
}

#[test]
fn a_transfer_happens_once_whatever_happens_in_between() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(data.path());
    let alice = exchange.keys[0].clone();
    let list = exchange.call(&alice, "GET", "/sapi/v1/sub-account/list", "");
    assert_eq!(list["subAccounts"][0]["email"], "1002");
    let before = free(&exchange, &alice);
    let query = format!("{TO_SUB}&amount=250.5&clientTranId=rent");
    let sent = exchange.call(&alice, "POST", TRANSFER, &query);
    assert_eq!(sent, json!({"tranId": 1, "clientTranId": "rent"}));
    let after = free(&exchange, &alice);
    assert_ne!(after, before);
    // More than there is.
    let (status, refusal) = exchange.signed(&alice, "POST", TRANSFER, &format!("{TO_SUB}&amount=900000000"));
    assert_eq!((status, &refusal["code"]), (400, &json!(-2010)), "{refusal}");
    exchange.kill();

    let exchange = Exchange::start(data.path());
    assert_eq!(exchange.call(&alice, "POST", TRANSFER, &query), sent, "the same request is the same transfer");
    assert_eq!(free(&exchange, &alice), after, "and moves nothing");
    let assets = exchange.call(&alice, "GET", "/sapi/v4/sub-account/assets", "email=1002");
    assert_eq!(assets["balances"][0]["free"], "250.50000000");
    assert_eq!(assets["balances"].as_array().unwrap().len(), 1);
    // And back. The position goes on behind the one that was refused.
    let back = "fromAccountType=SPOT&toAccountType=SPOT&fromEmail=1002&asset=USDT&amount=250.5";
    assert_eq!(exchange.call(&alice, "POST", TRANSFER, back), json!({"tranId": 3}));
    assert_eq!(free(&exchange, &alice), before);
    let all = exchange.call(&alice, "GET", TRANSFER, "");
    let statuses: Vec<&Value> = all["result"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["SUCCESS", "FAILURE", "SUCCESS"]);
    assert!(exchange.stop().success());
}
