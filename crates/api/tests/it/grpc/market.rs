//! Market data: what is asked and what is streamed.

use std::collections::BTreeMap;

use api::grpc::proto;
use api::grpc::proto::market_client::MarketClient;
use model::Side;
use proto::stream_depth_response::Message;
use tonic::Code;

use super::port::{Port, next, refusal};
use crate::ws::world::World;

type Book = (BTreeMap<String, String>, BTreeMap<String, String>);

fn lay(book: &mut BTreeMap<String, String>, levels: &[proto::Level]) {
    for level in levels {
        if level.quantity.chars().all(|letter| matches!(letter, '0' | '.')) {
            book.remove(&level.price);
        } else {
            book.insert(level.price.clone(), level.quantity.clone());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markets_and_books_are_told() {
    let mut world = World::start().await;
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "bid");
    world.exchange.limit(1_001, Side::Sell, 10_100, 12_345, "ask");
    world.apply();
    let port = Port::open(&world.app);
    let mut client = MarketClient::new(port.channel().await);
    let info = client.get_exchange_info(proto::GetExchangeInfoRequest::default()).await.unwrap().into_inner();
    let assets: Vec<_> = info.assets.iter().map(|asset| (asset.symbol.as_str(), asset.decimals)).collect();
    assert_eq!(assets, [("BTC", 8), ("USDT", 8), ("ETH", 9)]);
    let symbols: Vec<_> = info.markets.iter().map(|market| market.symbol.as_str()).collect();
    assert_eq!(symbols, ["BTCUSDT", "ETHBTC"]);
    let one = proto::GetExchangeInfoRequest { symbols: vec!["ETHBTC".to_owned()] };
    let market = client.get_exchange_info(one).await.unwrap().into_inner().markets.remove(0);
    assert_eq!(
        (market.base.as_str(), market.quote.as_str(), market.state()),
        ("ETH", "BTC", proto::MarketState::Trading)
    );
    let price = market.filters.unwrap().price.unwrap();
    assert_eq!((price.min.as_str(), price.step.as_str()), ("0.0001", "0.0001"));

    let depth = |symbol: &str, levels| proto::GetDepthRequest { symbol: symbol.to_owned(), levels };
    let book = client.get_depth(depth("BTCUSDT", 0)).await.unwrap().into_inner().depth.unwrap();
    let level = |price: &str, quantity: &str| proto::Level { price: price.to_owned(), quantity: quantity.to_owned() };
    assert_eq!(book.bids, [level("100.00", "5.00000")]);
    assert_eq!(book.asks, [level("101.00", "0.12345")]);
    for (request, code, reason) in [
        (depth("", 0), Code::InvalidArgument, "MANDATORY"),
        (depth("NONE", 0), Code::NotFound, "INVALID_SYMBOL"),
        (depth("btcusdt", 0), Code::InvalidArgument, "ILLEGAL_CHARACTERS"),
    ] {
        let status = client.get_depth(request).await.unwrap_err();
        assert_eq!((status.code(), refusal(&status).1.as_str()), (code, reason));
    }
    let twice = proto::StreamTradesRequest { symbols: vec!["ETHBTC".to_owned(); 2] };
    assert_eq!(refusal(&client.stream_trades(twice).await.unwrap_err()).1, "DUPLICATE_SYMBOL");
    port.stop().await;
    world.stop().await;
}

/// Whoever lays the changes over the snapshot has the book, while it changes at random.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_follows_from_its_snapshot_and_changes() {
    let mut world = World::start().await;
    let port = Port::open(&world.app);
    let mut client = MarketClient::new(port.channel().await);
    for round in 0..300 {
        world.exchange.command();
        if round % 10 == 0 {
            world.apply();
        }
    }
    world.apply();
    let request = proto::StreamDepthRequest { symbol: "BTCUSDT".to_owned(), levels: 0 };
    let mut stream = client.stream_depth(request.clone()).await.unwrap().into_inner();
    // A second reader shares the publication and begins in the middle of it.
    let mut book: Book = Default::default();
    let mut last = 0;
    for round in 0..40 {
        for _ in 0..20 {
            world.exchange.command();
        }
        world.apply();
        if round == 20 {
            stream = client.stream_depth(request.clone()).await.unwrap().into_inner();
            (book, last) = Default::default();
        }
        let want = world.app.market_data.market("BTCUSDT").unwrap().depth(usize::MAX);
        while last < want.last_update_id {
            match next(&mut stream).await.unwrap().message.unwrap() {
                Message::Snapshot(depth) => {
                    assert_eq!(last, 0, "the snapshot is the first message");
                    lay(&mut book.0, &depth.bids);
                    lay(&mut book.1, &depth.asks);
                    last = depth.last_update_id;
                }
                Message::Change(change) => {
                    assert_eq!(change.first_update_id, last + 1, "it begins right after the one before");
                    assert!(change.last_update_id >= change.first_update_id);
                    lay(&mut book.0, &change.bids);
                    lay(&mut book.1, &change.asks);
                    last = change.last_update_id;
                }
            }
        }
        let all = proto::GetDepthRequest { symbol: "BTCUSDT".to_owned(), levels: 5_000 };
        let told = client.get_depth(all).await.unwrap().into_inner().depth.unwrap();
        let mut want: Book = Default::default();
        lay(&mut want.0, &told.bids);
        lay(&mut want.1, &told.asks);
        assert_eq!(book, want, "round {round}");
    }
    port.stop().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trades_and_best_prices_come_at_once() {
    let mut world = World::start().await;
    let port = Port::open(&world.app);
    let mut client = MarketClient::new(port.channel().await);
    let mut trades = client.stream_trades(proto::StreamTradesRequest::default()).await.unwrap().into_inner();
    let tickers = proto::StreamTickersRequest { symbols: vec!["BTCUSDT".to_owned()] };
    let mut tickers = client.stream_tickers(tickers).await.unwrap().into_inner();
    let empty = next(&mut tickers).await.unwrap();
    assert_eq!((empty.symbol.as_str(), empty.bid, empty.ask), ("BTCUSDT", None, None));
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "bid");
    let update = world.apply().last_sequence().unwrap().0;
    let ticker = next(&mut tickers).await.unwrap();
    let bid = proto::Level { price: "100.00".to_owned(), quantity: "5.00000".to_owned() };
    assert_eq!((ticker.update_id, ticker.bid, ticker.ask), (update, Some(bid), None));
    world.exchange.limit(1_001, Side::Sell, 9_900, 12_345, "taker");
    let time = world.apply().steps[0].time;
    let trade = next(&mut trades).await.unwrap();
    let want = proto::StreamTradesResponse {
        symbol: "BTCUSDT".to_owned(),
        trade_id: 1,
        price: "100.00".to_owned(),
        quantity: "0.12345".to_owned(),
        quote: "12.34500000".to_owned(),
        time_us: time.0,
        is_buyer_maker: true,
    };
    assert_eq!(trade, want);
    port.stop().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candles_run_and_are_closed() {
    let mut world = World::start().await;
    let port = Port::open(&world.app);
    let mut client = MarketClient::new(port.channel().await);
    let request =
        |interval: &str| proto::StreamCandlesRequest { symbol: "BTCUSDT".to_owned(), interval: interval.to_owned() };
    let status = client.stream_candles(request("2s")).await.unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::InvalidArgument, "INVALID_INTERVAL"));
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "bid");
    world.exchange.limit(1_001, Side::Sell, 10_000, 12_345, "taker");
    world.apply();
    // The exchange of the test trades in the past, so the running candles repeat its last price.
    let mut candles = client.stream_candles(request("1s")).await.unwrap().into_inner();
    let mut open = None;
    let mut closed = 0;
    while closed < 2 {
        let candle = next(&mut candles).await.unwrap();
        assert_eq!(
            (candle.interval.as_str(), candle.close.as_str(), candle.volume.as_str()),
            ("1s", "100.00", "0.00000")
        );
        assert_eq!(candle.end_us, candle.open_us + 1_000_000);
        assert!(open.is_none_or(|open| candle.open_us == open || candle.open_us == open + 1_000_000), "no gap");
        open = Some(candle.open_us);
        closed += usize::from(candle.is_closed);
    }
    port.stop().await;
    world.stop().await;
}
