//! Trading over gRPC against the whole program: one client streams its account and the book while another trades with it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use api::grpc::client::Credentials;
use api::grpc::proto;
use api::grpc::proto::account_client::AccountClient;
use api::grpc::proto::market_client::MarketClient;
use api::grpc::proto::trading_client::TradingClient;
use proto::stream_account_response::Event;
use proto::stream_depth_response::Message;
use proto::{NewOrder, OrderStatus};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use crate::harness::{Exchange, Key};

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_secs(30);

fn now_us() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

async fn next<T>(stream: &mut Streaming<T>) -> Result<T, Status> {
    let message = tokio::time::timeout(PATIENCE, stream.message()).await.expect("a message in time")?;
    Ok(message.expect("the stream goes on"))
}

fn reason(status: &Status) -> &str {
    status.metadata().get("x-rialto-code").unwrap().to_str().unwrap()
}

/// One of the demo's accounts with its clients.
struct Trader {
    credentials: Credentials,
    trading: TradingClient<Channel>,
    account: AccountClient<Channel>,
}

impl Trader {
    fn new(key: &Key, channel: &Channel) -> Self {
        Self {
            credentials: Credentials::new(&key.key, &key.secret),
            trading: TradingClient::new(channel.clone()),
            account: AccountClient::new(channel.clone()),
        }
    }

    async fn place(&mut self, order: NewOrder) -> Result<proto::PlaceOrderResponse, Status> {
        let request = proto::PlaceOrderRequest { symbol: "BTCUSDT".to_owned(), order: Some(order) };
        let request = self.credentials.sign("/rialto.v1.Trading/PlaceOrder", request, now_us());
        Ok(self.trading.place_order(request).await?.into_inner())
    }

    async fn stream(&mut self) -> Streaming<proto::StreamAccountResponse> {
        let request = proto::StreamAccountRequest {};
        let request = self.credentials.sign("/rialto.v1.Account/StreamAccount", request, now_us());
        self.account.stream_account(request).await.unwrap().into_inner()
    }

    async fn balance(&mut self, asset: &str) -> (String, String) {
        let request = proto::GetBalancesRequest { include_zero: true };
        let request = self.credentials.sign("/rialto.v1.Account/GetBalances", request, now_us());
        let told = self.account.get_balances(request).await.unwrap().into_inner().balances;
        let balance = told.into_iter().find(|balance| balance.asset == asset).unwrap();
        (balance.available, balance.held)
    }
}

fn limit(side: proto::Side, price: &str, quantity: &str, name: &str) -> NewOrder {
    NewOrder {
        side: side.into(),
        r#type: proto::OrderType::Limit.into(),
        time_in_force: proto::TimeInForce::Gtc.into(),
        price: price.to_owned(),
        quantity: quantity.to_owned(),
        client_order_id: name.to_owned(),
        ..NewOrder::default()
    }
}

#[tokio::test]
async fn two_clients_trade_and_see_it() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(data.path());
    let channel = Endpoint::from_shared(exchange.grpc.clone()).unwrap().connect().await.unwrap();
    let [mut alice, mut bob] = [0, 1].map(|at| Trader::new(&exchange.keys[at], &channel));
    let mut market = MarketClient::new(channel);
    let depth = proto::StreamDepthRequest { symbol: "BTCUSDT".to_owned(), levels: 10 };
    let mut depth = market.stream_depth(depth).await.unwrap().into_inner();
    let mut events = alice.stream().await;
    assert!(matches!(next(&mut depth).await.unwrap().message, Some(Message::Snapshot(book)) if book.asks.is_empty()));
    assert!(matches!(next(&mut events).await.unwrap().event, Some(Event::Snapshot(_))));

    // A sells, in the sight of everybody.
    let placed = alice.place(limit(proto::Side::Sell, "60000", "1", "ask-1")).await.unwrap();
    let order = placed.order.unwrap();
    assert_eq!((order.status(), order.price.as_str()), (OrderStatus::New, "60000.00"));
    let Some(Message::Change(change)) = next(&mut depth).await.unwrap().message else { panic!("a change") };
    assert_eq!((change.asks[0].price.as_str(), change.last_update_id), ("60000.00", placed.sequence));
    let told = next(&mut events).await.unwrap();
    assert_eq!(told.sequence, placed.sequence);
    assert!(matches!(told.event, Some(Event::Execution(execution)) if execution.kind() == proto::ExecutionKind::New));
    assert!(matches!(next(&mut events).await.unwrap().event, Some(Event::Balances(_))));

    // The same request once more: the engine takes a name only once.
    let again = alice.place(limit(proto::Side::Sell, "60000", "1", "ask-1")).await.unwrap_err();
    assert_eq!((again.code(), reason(&again)), (Code::AlreadyExists, "DUPLICATE_CLIENT_ID"));

    // B takes a part of it; A hears of the trade.
    let taken = bob.place(limit(proto::Side::Buy, "60000", "0.25", "bid-1")).await.unwrap();
    assert_eq!((taken.order.unwrap().status(), taken.fills.len()), (OrderStatus::Filled, 1));
    let Some(Event::Execution(execution)) = next(&mut events).await.unwrap().event else { panic!("a trade") };
    assert_eq!(execution.kind(), proto::ExecutionKind::Trade);
    assert_eq!(execution.fill.unwrap().quantity, "0.25000");
    assert_eq!(alice.balance("BTC").await.1, "0.75000000");
    // The other door tells the same.
    let book = exchange.get("/api/v3/depth?symbol=BTCUSDT&limit=5");
    assert_eq!(book["asks"][0][1], "0.75000000");

    // Whatever A has open goes when its countdown ends.
    let request = proto::SetCountdownRequest { symbol: String::new(), timeout_ms: 200 };
    let request = alice.credentials.sign("/rialto.v1.Trading/SetCountdown", request, now_us());
    assert!(alice.trading.set_countdown(request).await.unwrap().into_inner().deadline_us > 0);
    let ended = loop {
        if let Some(Event::Execution(execution)) = next(&mut events).await.unwrap().event {
            break execution;
        }
    };
    assert_eq!((ended.kind(), ended.order.unwrap().status()), (proto::ExecutionKind::Canceled, OrderStatus::Canceled));

    // The stop says goodbye to the streams.
    let stopped = tokio::task::spawn_blocking(move || exchange.stop());
    let end = loop {
        if let Err(end) = next(&mut events).await {
            break end;
        }
    };
    assert_eq!((end.code(), reason(&end)), (Code::Unavailable, "SHUTDOWN"));
    assert!(stopped.await.unwrap().success());
}

/// Without an address the door stays shut, and the program runs.
#[test]
fn the_door_can_be_left_out() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start_with(data.path(), &[("RIALTO_GRPC_LISTEN", "")]);
    assert_eq!(exchange.grpc, "");
    assert!(exchange.get("/api/v3/time")["serverTime"].is_number());
    assert!(exchange.stop().success());
}
