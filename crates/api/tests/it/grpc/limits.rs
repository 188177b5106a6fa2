//! What calls use up, and what happens to those who use too much. The rules are those of all doors; so are their counters.

use std::time::Duration;

use api::grpc::proto;
use api::grpc::proto::trading_client::TradingClient;
use api::ports::SubmitError;
use limits::{Limits, Rules};
use model::Command;
use runtime::config::Settings;
use tonic::{Code, Request};
use tonic_types::StatusExt;

use super::port::{Port, call, refusal, signed};
use crate::door::{Door, RULES};
use crate::order_types::{accepted, rested};

#[tokio::test]
async fn weight_is_limited_and_health_weighs_nothing() {
    let rules = Rules { weight_per_minute: 50, ..RULES };
    let door = Door::limited(Settings::defaults().http, Limits::local(rules), |_| Err(SubmitError::Busy)).await;
    let port = Port::open(&door.app);
    let channel = port.channel().await;
    let ask = |path| call(&channel, path, Request::new(()));
    for _ in 0..2 {
        ask("/rialto.v1.Market/GetExchangeInfo").await.unwrap();
    }
    let status = ask("/rialto.v1.Market/GetExchangeInfo").await.unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::ResourceExhausted, "TOO_MUCH_WEIGHT"));
    let wait = status.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(60), "{wait:?}");
    ask("/grpc.health.v1.Health/Check").await.unwrap();
    port.stop().await;
}

#[tokio::test]
async fn orders_of_an_account_are_limited_and_refused_ones_do_not_count() {
    let rules = Rules { orders_per_ten_seconds: 2, ..RULES };
    let takes = |command| match command {
        Command::Place(place) => Ok(vec![accepted(&place, 8, 0), rested(&place, 8)]),
        _ => Err(SubmitError::Busy),
    };
    let door = Door::limited(Settings::defaults().http, Limits::local(rules), takes).await;
    let port = Port::open(&door.app);
    let order = |quantity: &str| proto::NewOrder {
        side: proto::Side::Buy.into(),
        r#type: proto::OrderType::Limit.into(),
        time_in_force: proto::TimeInForce::Gtc.into(),
        quantity: quantity.to_owned(),
        price: "20000".to_owned(),
        ..Default::default()
    };
    let mut client = TradingClient::new(port.channel().await);
    let mut place = async |quantity: &str| {
        let request = proto::PlaceOrderRequest { symbol: "BTCUSDT".to_owned(), order: Some(order(quantity)) };
        let answered = client.place_order(signed(&door, "/rialto.v1.Trading/PlaceOrder", request)).await;
        answered.map_or_else(|status| refusal(&status).1, |_| "taken".to_owned())
    };
    assert_eq!(place("0.5").await, "taken");
    for _ in 0..3 {
        assert_eq!(place("nonsense").await, "ILLEGAL_CHARACTERS");
    }
    // One of two is left, and a list counts as three.
    let request = proto::PlaceOrderListRequest::default();
    let status =
        client.place_order_list(signed(&door, "/rialto.v1.Trading/PlaceOrderList", request)).await.unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::ResourceExhausted, "TOO_MANY_ORDERS"));
    port.stop().await;
}
