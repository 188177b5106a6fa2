//! The wallet API: what there is, and what there is not.

use axum::http::Method;
use expect_test::expect;

use crate::door::Door;
use crate::order_types::check;

#[tokio::test]
async fn statuses_and_coins() {
    let door = Door::busy().await;
    assert_eq!(door.get("/sapi/v1/system/status").await.body, r#"{"status":0,"msg":"normal"}"#);
    assert_eq!(door.signed(Method::GET, "/sapi/v1/account/status", "").await.body, r#"{"data":"Normal"}"#);
    check(
        &door.signed(Method::GET, "/sapi/v1/capital/config/getall", "").await,
        expect![[r#"
        200
        [{"coin":"BTC",
        "depositAllEnable":false,
        "free":"1.50000000",
        "freeze":"0.00000000",
        "ipoable":"0.00000000",
        "ipoing":"0.00000000",
        "isLegalMoney":false,
        "locked":"0.50000000",
        "name":"BTC",
        "networkList":[],
        "storage":"0.00000000",
        "trading":true,
        "withdrawAllEnable":false,
        "withdrawing":"0.00000000"},{"coin":"ETH",
        "depositAllEnable":false,
        "free":"0.000000000",
        "freeze":"0.000000000",
        "ipoable":"0.000000000",
        "ipoing":"0.000000000",
        "isLegalMoney":false,
        "locked":"0.000000000",
        "name":"ETH",
        "networkList":[],
        "storage":"0.000000000",
        "trading":true,
        "withdrawAllEnable":false,
        "withdrawing":"0.000000000"},{"coin":"USDT",
        "depositAllEnable":false,
        "free":"10000.00000000",
        "freeze":"0.00000000",
        "ipoable":"0.00000000",
        "ipoing":"0.00000000",
        "isLegalMoney":false,
        "locked":"0.00000000",
        "name":"USDT",
        "networkList":[],
        "storage":"0.00000000",
        "trading":true,
        "withdrawAllEnable":false,
        "withdrawing":"0.00000000"}]
    "#]],
    );
    let part = door.app.health.component("history");
    part.not_ready("it is being written");
    assert_eq!(door.get("/sapi/v1/system/status").await.body, r#"{"status":1,"msg":"system_maintenance"}"#);
}

#[tokio::test]
async fn what_there_is_none_of_is_empty_or_refused() {
    let door = Door::busy().await;
    for (path, query, want) in [
        ("capital/deposit/hisrec", "coin=BTC&startTime=1&limit=10", "[]"),
        ("capital/withdraw/history", "offset=0", "[]"),
        ("asset/transfer", "type=MAIN_FUNDING", r#"{"total":0,"rows":[]}"#),
        ("convert/exchangeInfo", "fromAsset=BTC", "[]"),
        (
            "convert/tradeFlow",
            "startTime=1700000000000&endTime=1700000001000",
            r#"{"list":[],"startTime":1700000000000,"endTime":1700000001000,"limit":100,"moreData":false}"#,
        ),
    ] {
        let answered = door.signed(Method::GET, &format!("/sapi/v1/{path}"), query).await;
        assert_eq!((answered.status.as_u16(), answered.body.as_str()), (200, want), "{path}");
    }
    for (method, path, query, sentence) in [
        (Method::GET, "capital/deposit/address", "coin=BTC", "there are no deposits from chains."),
        (Method::POST, "capital/withdraw/apply", "coin=BTC&address=x&amount=1", "there are no withdrawals to chains."),
        (
            Method::POST,
            "asset/transfer",
            "type=MAIN_FUNDING&asset=BTC&amount=1",
            "an account has one wallet, for spot trading.",
        ),
        (
            Method::POST,
            "convert/getQuote",
            "fromAsset=BTC&toAsset=ETH&fromAmount=1",
            "assets are traded in markets, not converted.",
        ),
        (Method::POST, "convert/acceptQuote", "quoteId=1", "assets are traded in markets, not converted."),
    ] {
        let answered = door.signed(method, &format!("/sapi/v1/{path}"), query).await;
        let want = format!("This operation is not supported: {sentence}");
        assert_eq!(answered.refusal(), (400, -1020, want), "{path}");
    }
    assert_eq!(door.commands(), []);
}
