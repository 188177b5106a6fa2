//! A client of the gRPC door: streams the book of BTCUSDT, places an order into it, sees it there, and cancels it.
//!
//! With `make run` going, and a key and secret that it printed:
//!
//! ```sh
//! cargo run -p api --example grpc_client -- http://127.0.0.1:9090 KEY SECRET
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use api::grpc::client::Credentials;
use api::grpc::proto::market_client::MarketClient;
use api::grpc::proto::stream_depth_response::Message;
use api::grpc::proto::trading_client::TradingClient;
use api::grpc::proto::{
    CancelOrderRequest, NewOrder, OrderType, PlaceOrderRequest, Side, StreamDepthRequest, TimeInForce,
};
use runtime::clock::{Clock, SystemClock};
use tonic::transport::Endpoint;

const SYMBOL: &str = "BTCUSDT";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [address, key, secret] = <[String; 3]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "usage: grpc_client http://127.0.0.1:9090 KEY SECRET")?;
    let channel = Endpoint::from_shared(address)?.connect().await?;
    let credentials = Credentials::new(&key, &secret);
    let clock = SystemClock::new();

    let request = StreamDepthRequest { symbol: SYMBOL.to_owned(), levels: 5 };
    let mut book = MarketClient::new(channel.clone()).stream_depth(request).await?.into_inner();
    if let Some(Message::Snapshot(depth)) = book.message().await?.and_then(|update| update.message) {
        println!("the book at {}: {} bids, {} asks", depth.last_update_id, depth.bids.len(), depth.asks.len());
    }

    let mut trading = TradingClient::new(channel);
    let order = NewOrder {
        side: Side::Buy.into(),
        r#type: OrderType::Limit.into(),
        time_in_force: TimeInForce::Gtc.into(),
        quantity: "0.01".to_owned(),
        price: "20000".to_owned(),
        ..NewOrder::default()
    };
    let request = PlaceOrderRequest { symbol: SYMBOL.to_owned(), order: Some(order) };
    let request = credentials.sign("/rialto.v1.Trading/PlaceOrder", request, clock.now_us());
    let placed = match trading.place_order(request).await {
        Ok(placed) => placed.into_inner(),
        Err(status) => {
            // What a program decides by is the code; the sentence is for people.
            let reason = status.metadata().get("x-rialto-code").and_then(|reason| reason.to_str().ok());
            return Err(format!("{:?} {}: {}", status.code(), reason.unwrap_or_default(), status.message()).into());
        }
    };
    let order = placed.order.ok_or("an answer has an order")?;
    println!("order {} is {:?} at {}", order.order_id, order.status(), order.price);

    while let Some(update) = book.message().await? {
        let Some(Message::Change(change)) = update.message else { continue };
        for level in &change.bids {
            println!("bid {} x {}, update {}", level.price, level.quantity, change.last_update_id);
        }
        if change.last_update_id >= placed.sequence {
            break;
        }
    }

    let request =
        CancelOrderRequest { symbol: SYMBOL.to_owned(), order_id: order.order_id, ..CancelOrderRequest::default() };
    let request = credentials.sign("/rialto.v1.Trading/CancelOrder", request, clock.now_us());
    let ended = trading.cancel_order(request).await?.into_inner().order.ok_or("an answer has an order")?;
    println!("order {} is {:?}", ended.order_id, ended.status());
    Ok(())
}
