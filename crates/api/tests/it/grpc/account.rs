//! Balances, trades, and the live events of an account.

use api::grpc::client::Credentials;
use api::grpc::proto;
use api::grpc::proto::account_client::AccountClient;
use identity::Permissions;
use model::{ClientOrderId, Side};
use proto::stream_account_response::Event;
use tonic::transport::Channel;
use tonic::{Code, Request, Streaming};

use super::port::{Port, next, refusal, signed};
use crate::door::{Door, NOW_US, SEQUENCE};
use crate::ws::world::World;

const STREAM: &str = "/rialto.v1.Account/StreamAccount";

async fn request<M: prost::Message>(world: &World, account: i64, path: &str, message: M) -> Request<M> {
    let key = world.key(account, Permissions::READ).await;
    Credentials::new(&key.key, key.secret()).sign(path, message, world.app.now().0)
}

async fn stream(
    world: &World,
    client: &mut AccountClient<Channel>,
    account: i64,
) -> Streaming<proto::StreamAccountResponse> {
    let request = request(world, account, STREAM, proto::StreamAccountRequest {}).await;
    client.stream_account(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn balances_and_trades_are_told() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let mut client = AccountClient::new(port.channel().await);
    let ask =
        |include_zero| signed(&door, "/rialto.v1.Account/GetBalances", proto::GetBalancesRequest { include_zero });
    let told = client.get_balances(ask(false)).await.unwrap().into_inner().balances;
    let balance = |asset: &str, available: &str, held: &str| proto::Balance {
        asset: asset.to_owned(),
        available: available.to_owned(),
        held: held.to_owned(),
    };
    let (btc, usdt) = (balance("BTC", "1.50000000", "0.50000000"), balance("USDT", "10000.00000000", "0.00000000"));
    assert_eq!(told, [btc.clone(), usdt.clone()]);
    let told = client.get_balances(ask(true)).await.unwrap().into_inner().balances;
    assert_eq!(told, [btc, balance("ETH", "0.000000000", "0.000000000"), usdt]);

    let trades = |request| signed(&door, "/rialto.v1.Account/ListTrades", request);
    let base = || proto::ListTradesRequest { symbol: "BTCUSDT".to_owned(), ..Default::default() };
    let told = client.list_trades(trades(base())).await.unwrap().into_inner();
    // Nothing feeds SQL here, so that it lies behind the whole image.
    assert_eq!((told.trades.len(), told.lag), (0, SEQUENCE.0));
    for (request, want) in [
        (proto::ListTradesRequest { order_id: 7, start_us: NOW_US, ..base() }, "INVALID_COMBINATION"),
        (proto::ListTradesRequest { start_us: NOW_US, end_us: NOW_US - 1, ..base() }, "INVALID_DATA"),
        (proto::ListTradesRequest { start_us: NOW_US, end_us: NOW_US + 86_400_000_001, ..base() }, "INTERVAL_TOO_LONG"),
        (proto::ListTradesRequest { start_us: 5, ..base() }, "INVALID_DATA"),
    ] {
        assert_eq!(refusal(&client.list_trades(trades(request)).await.unwrap_err()).1, want);
    }
    port.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_told_as_it_is_and_what_happens_to_it() {
    let mut world = World::start().await;
    let port = Port::open(&world.app);
    let mut client = AccountClient::new(port.channel().await);
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "before");
    world.apply();
    let mut events = stream(&world, &mut client, 1_000).await;
    let mut others = stream(&world, &mut client, 1_002).await;
    assert!(matches!(next(&mut others).await.unwrap().event, Some(Event::Snapshot(_))));
    let first = next(&mut events).await.unwrap();
    let Some(Event::Snapshot(snapshot)) = first.event else { panic!("{first:?}") };
    assert_eq!(first.sequence, world.app.live.sequence().0);
    let open: Vec<_> = snapshot.open_orders.iter().map(|order| order.client_order_id.as_str()).collect();
    assert_eq!(open, ["before"]);
    assert_eq!(snapshot.balances.len(), 3);

    world.exchange.limit(1_001, Side::Sell, 10_000, 100_000, "taker");
    let step = world.apply().steps[0];
    let trade = next(&mut events).await.unwrap();
    assert_eq!((trade.sequence, trade.time_us), (step.sequence.0, step.time.0));
    let Some(Event::Execution(execution)) = trade.event else { panic!("{trade:?}") };
    assert_eq!(execution.kind(), proto::ExecutionKind::Trade);
    let (order, fill) = (execution.order.unwrap(), execution.fill.unwrap());
    assert_eq!((order.executed_quantity.as_str(), order.status()), ("1.00000", proto::OrderStatus::PartiallyFilled));
    assert_eq!((fill.price.as_str(), fill.quantity.as_str(), fill.is_maker), ("100.00", "1.00000", true));
    let balances = next(&mut events).await.unwrap();
    let Some(Event::Balances(changed)) = balances.event else { panic!("{balances:?}") };
    let assets: Vec<_> = changed.balances.iter().map(|balance| balance.asset.as_str()).collect();
    assert_eq!(assets, ["BTC", "USDT"]);

    let order = model::OrderId(order.order_id);
    world.exchange.cancel(order, ClientOrderId::new("enough").unwrap());
    world.exchange.step();
    world.apply();
    let ended = next(&mut events).await.unwrap();
    let Some(Event::Execution(execution)) = ended.event else { panic!("{ended:?}") };
    assert_eq!((execution.kind(), execution.cancel_id.as_str()), (proto::ExecutionKind::Canceled, "enough"));
    // Nobody hears of another's account: the next thing that the third one hears is its own.
    world.exchange.limit(1_002, Side::Buy, 9_000, 1_000, "own");
    world.apply();
    let own = next(&mut others).await.unwrap();
    let Some(Event::Execution(execution)) = own.event else { panic!("{own:?}") };
    assert_eq!(execution.order.unwrap().client_order_id, "own");
    port.stop().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_once_the_key_is_revoked() {
    let mut world = World::start().await;
    let port = Port::open(&world.app);
    let mut client = AccountClient::new(port.channel().await);
    let key = world.key(1_000, Permissions::READ).await;
    let ask = Credentials::new(&key.key, key.secret()).sign(STREAM, proto::StreamAccountRequest {}, world.app.now().0);
    let mut events = client.stream_account(ask).await.unwrap().into_inner();
    let mut others = stream(&world, &mut client, 1_000).await;
    for events in [&mut events, &mut others] {
        assert!(matches!(next(events).await.unwrap().event, Some(Event::Snapshot(_))));
    }
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "before");
    world.apply();
    for events in [&mut events, &mut others] {
        assert!(matches!(next(events).await.unwrap().event, Some(Event::Execution(_))));
        assert!(matches!(next(events).await.unwrap().event, Some(Event::Balances(_))));
    }
    assert!(world.app.keys.revoke(1_000, &key.key, world.app.clock.now_us()).await.unwrap());
    world.exchange.limit(1_000, Side::Buy, 10_000, 100_000, "after");
    world.apply();
    let status = next(&mut events).await.unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::PermissionDenied, "INVALID_KEY"));
    assert!(matches!(next(&mut others).await.unwrap().event, Some(Event::Execution(_))), "another key goes on");
    port.stop().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_has_at_most_a_hundred_streams() {
    let world = World::start().await;
    let port = Port::open_with(&world.app, |grpc| grpc.max_streams = 1_000);
    let mut client = AccountClient::new(port.channel().await);
    let key = world.key(1_000, Permissions::READ).await;
    let credentials = Credentials::new(&key.key, key.secret());
    let ask = || credentials.sign(STREAM, proto::StreamAccountRequest {}, world.app.now().0);
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(client.stream_account(ask()).await.unwrap());
    }
    let status = client.stream_account(ask()).await.unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::ResourceExhausted, "TOO_MANY_SUBSCRIPTIONS"));
    drop(open);
    port.stop().await;
    world.stop().await;
}
