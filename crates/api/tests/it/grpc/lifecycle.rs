//! Connections and streams from their beginning to their end.

use std::time::Duration;

use api::grpc::client::Credentials;
use api::grpc::proto;
use api::grpc::proto::account_client::AccountClient;
use api::grpc::proto::market_client::MarketClient;
use api::grpc::proto::trading_client::TradingClient;
use api::ports::SubmitError;
use axum::http::uri::PathAndQuery;
use identity::Permissions;
use model::Side;
use runtime::config::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::transport::Endpoint;
use tonic::{Code, Request};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use super::port::{PATIENCE, Port, next, refusal, signed};
use crate::door::Door;
use crate::ws::world::World;

fn check(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

fn status(response: HealthCheckResponse) -> ServingStatus {
    response.status()
}

#[tokio::test]
async fn health_says_whether_the_program_is_ready() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let mut client = HealthClient::new(port.channel().await);
    for service in ["", "rialto.v1.Trading", "rialto.v1.Market", "rialto.v1.Account"] {
        let told = client.check(check(service)).await.unwrap().into_inner();
        assert_eq!(status(told), ServingStatus::Serving, "{service}");
    }
    assert_eq!(client.check(check("rialto.v1.Casino")).await.unwrap_err().code(), Code::NotFound);
    let mut watch = client.watch(check("")).await.unwrap().into_inner();
    assert_eq!(status(next(&mut watch).await.unwrap()), ServingStatus::Serving);
    let mut unknown = client.watch(check("rialto.v1.Casino")).await.unwrap().into_inner();
    assert_eq!(status(next(&mut unknown).await.unwrap()), ServingStatus::ServiceUnknown);
    let part = door.app.health.component("journal");
    part.not_ready("disk full");
    assert_eq!(status(client.check(check("")).await.unwrap().into_inner()), ServingStatus::NotServing);
    assert_eq!(status(next(&mut watch).await.unwrap()), ServingStatus::NotServing);
    port.stop().await;
}

async fn reflect(
    client: &mut ServerReflectionClient<tonic::transport::Channel>,
    message: MessageRequest,
) -> ServerReflectionResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(message) };
    let asked = futures_util::stream::iter([request]);
    let mut answers = client.server_reflection_info(asked).await.unwrap().into_inner();
    next(&mut answers).await.unwrap()
}

#[tokio::test]
async fn reflection_lists_the_services_and_tells_their_files() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let mut client = ServerReflectionClient::new(port.channel().await);
    let listed = reflect(&mut client, MessageRequest::ListServices(String::new())).await;
    let Some(MessageResponse::ListServicesResponse(listed)) = listed.message_response else { panic!("{listed:?}") };
    let names: Vec<_> = listed.service.iter().map(|service| service.name.as_str()).collect();
    for name in ["rialto.v1.Trading", "rialto.v1.Market", "rialto.v1.Account", "grpc.health.v1.Health"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let file = reflect(&mut client, MessageRequest::FileContainingSymbol("rialto.v1.Account".to_owned())).await;
    assert!(matches!(file.message_response, Some(MessageResponse::FileDescriptorResponse(_))), "{file:?}");
    port.stop().await;
}

/// A reader that takes nothing for a while: it is told why it is let go, and others miss nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_let_go_and_holds_nobody() {
    const TRADES: u64 = 12_000;
    let mut world = World::start().await;
    let port = Port::open_with(&world.app, |grpc| grpc.stream_buffer_messages = 4_000);
    let mut slow = MarketClient::new(port.narrow_channel().await);
    let mut slow = slow.stream_trades(proto::StreamTradesRequest::default()).await.unwrap().into_inner();
    let mut good = MarketClient::new(port.channel().await);
    let mut good = good.stream_trades(proto::StreamTradesRequest::default()).await.unwrap().into_inner();
    let reader = tokio::spawn(async move {
        for want in 1..=TRADES {
            assert_eq!(next(&mut good).await.unwrap().trade_id, want, "no trade is missing");
        }
    });
    world.exchange.limit(1_000, Side::Buy, 10_000, 10_000_000, "bid");
    world.apply();
    for _ in 0..TRADES / 100 {
        for _ in 0..100 {
            world.exchange.limit(1_001, Side::Sell, 10_000, 1, "taker");
        }
        world.apply();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    reader.await.unwrap();
    let mut got = 0;
    let end = loop {
        match next(&mut slow).await {
            Ok(trade) => {
                got += 1;
                assert_eq!(trade.trade_id, got, "what comes before the end has no gap");
            }
            Err(end) => break end,
        }
    };
    assert!(got < TRADES, "{got}");
    assert_eq!((end.code(), refusal(&end).1.as_str()), (Code::ResourceExhausted, "SLOW_READER"));
    port.stop().await;
    world.stop().await;
}

/// The same for the events of an account, whose buffer is another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_of_an_account_is_let_go() {
    let mut world = World::start().await;
    let port = Port::open_with(&world.app, |grpc| grpc.stream_buffer_messages = 1_000);
    let key = world.key(1_000, Permissions::READ).await;
    let request = Credentials::new(&key.key, key.secret()).sign(
        "/rialto.v1.Account/StreamAccount",
        proto::StreamAccountRequest {},
        world.app.now().0,
    );
    let mut events =
        AccountClient::new(port.narrow_channel().await).stream_account(request).await.unwrap().into_inner();
    world.exchange.limit(1_000, Side::Buy, 10_000, 10_000_000, "bid");
    world.apply();
    for _ in 0..60 {
        for _ in 0..100 {
            world.exchange.limit(1_001, Side::Sell, 10_000, 1, "taker");
        }
        world.apply();
    }
    let end = loop {
        if let Err(end) = next(&mut events).await {
            break end;
        }
    };
    assert_eq!((end.code(), refusal(&end).1.as_str()), (Code::ResourceExhausted, "SLOW_READER"));
    port.stop().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_ends_streams_with_a_reason() {
    let world = World::start().await;
    let port = Port::open(&world.app);
    let channel = port.channel().await;
    let mut market = MarketClient::new(channel.clone());
    let mut trades = market.stream_trades(proto::StreamTradesRequest::default()).await.unwrap().into_inner();
    let depth = proto::StreamDepthRequest { symbol: "BTCUSDT".to_owned(), levels: 5 };
    let mut depth = market.stream_depth(depth).await.unwrap().into_inner();
    next(&mut depth).await.unwrap();
    let mut watch = HealthClient::new(channel.clone()).watch(check("")).await.unwrap().into_inner();
    next(&mut watch).await.unwrap();
    let endless = futures_util::stream::pending::<ServerReflectionRequest>();
    let mut reflection =
        ServerReflectionClient::new(channel).server_reflection_info(endless).await.unwrap().into_inner();
    port.ask_to_stop();
    let ends = [
        next(&mut trades).await.map(drop).unwrap_err(),
        next(&mut depth).await.map(drop).unwrap_err(),
        next(&mut reflection).await.map(drop).unwrap_err(),
    ];
    for end in ends {
        let (code, reason, sentence) = refusal(&end);
        assert_eq!((code, reason.as_str()), (Code::Unavailable, "SHUTDOWN"));
        assert_eq!(sentence, "The server is shutting down; call again.");
    }
    let address = port.address;
    port.stop().await;
    assert!(Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.is_err());
    world.stop().await;
}

/// The stop waits for a call that is under way, and its answer arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_lets_a_call_end() {
    let (entered, has_entered) = std::sync::mpsc::channel();
    let (leave, may_leave) = std::sync::mpsc::channel::<()>();
    let (entered, may_leave) = (std::sync::Mutex::new(entered), std::sync::Mutex::new(may_leave));
    let door = Door::answering(move |_| {
        entered.lock().unwrap().send(()).unwrap();
        may_leave.lock().unwrap().recv().unwrap();
        Ok(vec![model::Event::AllCancelled { account: crate::door::ACCOUNT, count: 0 }])
    })
    .await;
    let port = Port::open(&door.app);
    let request = signed(&door, "/rialto.v1.Trading/CancelAll", proto::CancelAllRequest::default());
    let mut client = TradingClient::new(port.channel().await);
    let call = tokio::spawn(async move { client.cancel_all(request).await });
    tokio::task::spawn_blocking(move || has_entered.recv().unwrap()).await.unwrap();
    port.ask_to_stop();
    leave.send(()).unwrap();
    assert_eq!(call.await.unwrap().unwrap().into_inner().orders, []);
    port.stop().await;
}

/// A message that does not come to its end holds nothing for ever.
#[tokio::test]
async fn a_message_must_come_in_time() {
    let mut http = Settings::defaults().http;
    http.request_timeout_ms = 300;
    let door = Door::with(http, |_| Err(SubmitError::Busy)).await;
    let port = Port::open(&door.app);
    let mut client = tonic::client::Grpc::new(port.channel().await);
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static("/rialto.v1.Trading/CancelAll");
    let never = Request::new(futures_util::stream::pending::<()>());
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    let answered = tokio::time::timeout(PATIENCE, client.client_streaming(never, path, codec)).await;
    let status = answered.expect("an answer in time").unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::DeadlineExceeded, "BODY_INCOMPLETE"));
    port.stop().await;
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_call_alone() {
    let door = Door::answering(|_| panic!("as tests do")).await;
    let port = Port::open(&door.app);
    let mut client = TradingClient::new(port.channel().await);
    for _ in 0..2 {
        let request = signed(&door, "/rialto.v1.Trading/CancelAll", proto::CancelAllRequest::default());
        let status = client.cancel_all(request).await.unwrap_err();
        assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::Internal, "INTERNAL"));
    }
    port.stop().await;
}

#[tokio::test]
async fn beyond_the_limit_connections_wait() {
    let door = Door::busy().await;
    let port = Port::open_with(&door.app, |grpc| grpc.max_connections = 1);
    let first = port.channel().await;
    HealthClient::new(first.clone()).check(check("")).await.unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{}", port.address)).unwrap();
    let second = tokio::spawn(async move { HealthClient::new(endpoint.connect_lazy()).check(check("")).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!second.is_finished());
    drop(first);
    tokio::time::timeout(PATIENCE, second).await.unwrap().unwrap().unwrap();
    port.stop().await;
}

/// What is not HTTP/2 ends its own connection.
#[tokio::test]
async fn other_protocols_are_turned_away() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let mut stream = TcpStream::connect(port.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection ends");
    assert!(!answer.starts_with(b"HTTP/1.1 2"));
    let told = HealthClient::new(port.channel().await).check(Request::new(check(""))).await.unwrap().into_inner();
    assert_eq!(status(told), ServingStatus::Serving);
    port.stop().await;
}

/// The pings that find dead clients begin after the handshake: one that is never finished has a deadline of its own.
#[tokio::test]
async fn a_handshake_that_never_ends_is_given_up() {
    let mut http = Settings::defaults().http;
    http.header_timeout_ms = 100;
    let door = Door::with(http, |_| Err(SubmitError::Busy)).await;
    let port = Port::open(&door.app);
    for begun in [&b"P"[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
        let mut stream = TcpStream::connect(port.address).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection ends");
        assert_eq!(answer, b"");
    }
    // The slowest handshake that is in time is as good as any.
    let mut stream = TcpStream::connect(port.address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\n").await.unwrap();
    stream.write_all(b"SM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut kind = [0; 4];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut kind)).await.expect("an answer").unwrap();
    assert_eq!(kind[3], 4, "the settings of the server");
    drop(stream);
    port.stop().await;
}
