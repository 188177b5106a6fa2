//! Bad input at the real program: each gets its documented answer, the process stays up and its memory bounded.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::Exchange;

fn connect(exchange: &Exchange) -> TcpStream {
    let stream = TcpStream::connect(exchange.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Sends bytes and reads until the server closes the connection.
fn exchange_bytes(exchange: &Exchange, bytes: &[u8]) -> String {
    let mut stream = connect(exchange);
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(length: usize, body: &[u8]) -> Vec<u8> {
    let head =
        format!("POST /api/v3/order HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[test]
fn each_bad_request_has_its_answer() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(data.path());
    let alice = exchange.keys[0].clone();
    let limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC";
    let thirty = "1".repeat(30);
    for (parameters, code, sentence) in [
        ("symbol=NOSUCH&side=BUY&type=MARKET&quantity=1".to_owned(), -1121, "Invalid symbol."),
        (format!("{limit}&price=100&quantity=0"), -1013, "Invalid quantity."),
        (format!("{limit}&price=100&quantity=-1"), -1100, "Illegal characters found in parameter 'quantity'"),
        (format!("{limit}&price=NaN&quantity=1"), -1100, "Illegal characters found in parameter 'price'"),
        (format!("{limit}&price=100&quantity={thirty}"), -1100, "Illegal characters found in parameter 'quantity'"),
        (format!("{limit}&price=100&quantity=0.000000001"), -1111, "Parameter 'quantity' has too much precision."),
        (format!("{limit}&price=100.001&quantity=1"), -1013, "Filter failure: PRICE_FILTER"),
        (format!("{limit}&price=1000000.01&quantity=1"), -1013, "Filter failure: PRICE_FILTER"),
        (format!("{limit}&price=100&quantity=9000.00001"), -1013, "Filter failure: LOT_SIZE"),
        (format!("{limit}&price=100&quantity=0.00001"), -1013, "Filter failure: NOTIONAL"),
        (format!("{limit}&price=1000000&quantity=9000"), -1013, "Filter failure: NOTIONAL"),
        (
            "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=900.00001".to_owned(),
            -1013,
            "Filter failure: MARKET_LOT_SIZE",
        ),
        ("symbol=BTCUSDT&side=SELL&type=MARKET&quoteOrderQty=1".to_owned(), -1013, "Filter failure: NOTIONAL"),
        ("{\"symbol\":\"BTCUSDT\"}".to_owned(), -1104, "Not all sent parameters were read"),
    ] {
        let encoded = parameters.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
        let (status, body) = exchange.signed(&alice, "POST", "/api/v3/order", &encoded);
        assert_eq!((status, body["code"].as_i64()), (400, Some(code)), "{parameters}: {body}");
        assert!(body["msg"].as_str().unwrap().starts_with(sentence), "{parameters}: {body}");
    }
    let mut thief = alice.clone();
    thief.secret = "x".repeat(64);
    let (status, body) = exchange.signed(&thief, "GET", "/api/v3/account", "");
    assert_eq!((status, body["code"].as_i64()), (400, Some(-1022)));
    thief.key = "x".repeat(64);
    let (status, body) = exchange.signed(&thief, "GET", "/api/v3/account", "");
    assert_eq!((status, body["code"].as_i64()), (401, Some(-2015)));
    let (status, body) = exchange.signed(&alice, "GET", "/api/v3/account", "timestamp=1");
    assert_eq!((status, body["code"].as_i64()), (400, Some(-1101)), "the time twice: {body}");
    assert_eq!(exchange.call(&alice, "GET", "/api/v3/openOrders", "").as_array().unwrap().len(), 0);
}

#[test]
fn large_slow_and_broken_requests_do_no_harm() {
    let data = tempfile::tempdir().unwrap();
    let limits = [("RIALTO_HTTP_HEADER_TIMEOUT_MS", "500"), ("RIALTO_HTTP_REQUEST_TIMEOUT_MS", "1000")];
    let exchange = Exchange::start_with(data.path(), &limits);
    let before = exchange.memory_kb();
    for _ in 0..5 {
        let answer = exchange_bytes(&exchange, &post(10 << 20, &vec![b'a'; 10 << 20]));
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
    assert!(exchange.memory_kb() < before + 32 * 1024, "bodies that are refused are not kept");
    assert!(exchange_bytes(&exchange, &post(10, b"abc")).starts_with("HTTP/1.1 408"));
    assert_eq!(exchange_bytes(&exchange, b"GET /api/v3/ping HTTP/1.1\r\nhost"), "", "a head that does not end");
    for broken in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..], b"GET\r\n\r\n", b"\r\n\r\n\r\n"] {
        let answer = exchange_bytes(&exchange, broken);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let json = post(20, b"{\"symbol\":\"BTCUSDT\"}");
    assert!(exchange_bytes(&exchange, &json).starts_with("HTTP/1.1 401"));
    assert_eq!(exchange.get("/healthz")["status"], "ok");
}

#[test]
fn ten_thousand_idle_connections_cost_little() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(data.path());
    exchange.get("/api/v3/ping");
    let before = exchange.memory_kb();
    // Both ends of each need a descriptor in their own process.
    let mut idle = Vec::new();
    while idle.len() < 10_000 {
        match TcpStream::connect(exchange.url.strip_prefix("http://").unwrap()) {
            Ok(stream) => idle.push(stream),
            Err(error) => {
                assert!(idle.len() >= 500, "only {} connections: {error}", idle.len());
                eprintln!("this machine lets a process open {} connections: {error}", idle.len());
                break;
            }
        }
    }
    // A served request behind them in the queue: they have all been accepted, as far as descriptors reach.
    idle.truncate(idle.len() - 100);
    assert_eq!(exchange.get("/healthz")["status"], "ok");
    let each_kb = exchange.memory_kb().saturating_sub(before) / idle.len() as u64;
    assert!(each_kb <= 3, "an idle connection costs {each_kb} KiB");
    drop(idle);
    assert_eq!(exchange.get("/healthz")["status"], "ok");
}
