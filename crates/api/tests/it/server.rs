//! The limits of the server, over real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use api::ports::SubmitError;
use runtime::config::{Http, Settings};
use runtime::shutdown::CancellationToken;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::door::Door;

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
    door: Door,
}

async fn run(change: impl FnOnce(&mut Http)) -> Running {
    run_door(change, |_| Err(SubmitError::Busy)).await
}

async fn run_door(
    change: impl FnOnce(&mut Http),
    answer: impl Fn(model::Command) -> Result<Vec<model::Event>, SubmitError> + Send + Sync + 'static,
) -> Running {
    let mut http = Settings::defaults().http;
    change(&mut http);
    Running::of(Door::with(http, answer).await).await
}

impl Running {
    async fn of(door: Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let server = tokio::spawn(api::server::serve(listener, door.app.clone(), stop.clone()));
        Self { address, stop, server, door }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes on a connection of their own and reads until the server closes it.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        read_all(stream).await
    }
}

async fn read_all(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut text))
        .await
        .expect("the server closes")
        .unwrap();
    String::from_utf8(text).unwrap()
}

/// Reads one answer with its body.
async fn read_one(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).await.unwrap(), 1, "the connection ended inside an answer");
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("an answer has a length");
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    head + &String::from_utf8(body).unwrap()
}

const PING: &[u8] = b"GET /api/v3/ping HTTP/1.1\r\nhost: x\r\n\r\n";
const LAST_PING: &[u8] = b"GET /api/v3/ping HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_connection_serves_many_requests_and_every_answer_bears_the_headers() {
    let running = run(|_| {}).await;
    let mut stream = running.connect().await;
    for _ in 0..3 {
        stream.write_all(PING).await.unwrap();
        let answer = read_one(&mut stream).await;
        for header in [
            "HTTP/1.1 200 OK",
            "x-content-type-options: nosniff",
            "x-frame-options: DENY",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.contains(header), "{header} in {answer}");
        }
    }
    let answer = running.exchange(LAST_PING).await;
    assert!(!answer.contains("strict-transport-security"), "nobody has said that this site is behind https: {answer}");
    // Several at once, in order.
    stream.write_all(&[PING, b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n", PING].concat()).await.unwrap();
    for want in ["200 OK", "404 Not Found", "200 OK"] {
        assert!(read_one(&mut stream).await.contains(want));
    }
}

#[tokio::test]
async fn a_site_behind_https_tells_browsers_to_stay_there() {
    let running = Running::of(Door::at("https://exchange.example").await).await;
    for request in [LAST_PING, b"GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".as_slice()] {
        let answer = running.exchange(request).await;
        assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_slow_head_ends_the_connection_but_a_pause_between_requests_does_not() {
    let running = run(|http| http.header_timeout_ms = 200).await;
    let mut slow = running.connect().await;
    slow.write_all(b"GET /api/v3/ping HTTP/1.1\r\n").await.unwrap();
    let mut trickle = running.connect().await;
    let trickling = tokio::spawn(async move {
        // One byte now and then does not buy more time.
        for byte in b"GET /api/v3/ping HTTP/1.1\r\nx: y".iter().cycle().take(1_000) {
            if trickle.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert_eq!(read_all(slow).await, "");
    tokio::time::timeout(Duration::from_secs(5), trickling).await.expect("a trickle of bytes buys no time").unwrap();

    let mut patient = running.connect().await;
    for _ in 0..2 {
        patient.write_all(PING).await.unwrap();
        read_one(&mut patient).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

#[tokio::test]
async fn a_body_has_a_limit_in_size_and_in_time() {
    let running = run(|http| http.request_timeout_ms = 300).await;
    let head = |length: usize| {
        format!("POST /api/v3/order HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
    };
    let ten_megabytes = [head(10 << 20).as_bytes(), &vec![b'a'; 10 << 20]].concat();
    let answer = running.exchange(&ten_megabytes).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(
        answer.ends_with(r#"{"code":-1101,"msg":"The request body must not be larger than 65536 bytes."}"#),
        "{answer}"
    );
    let just_too_long = [head(65_537).as_bytes(), &vec![b'a'; 65_537]].concat();
    assert!(running.exchange(&just_too_long).await.starts_with("HTTP/1.1 413"));
    let fits = [head(65_536).as_bytes(), &vec![b'a'; 65_536]].concat();
    assert!(running.exchange(&fits).await.starts_with("HTTP/1.1 401"));
    // In chunks, so that nothing is known in advance.
    let mut chunked =
        b"POST /api/v3/order HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..20 {
        chunked.extend_from_slice(b"2000\r\n");
        chunked.extend_from_slice(&[b'a'; 0x2000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert!(running.exchange(&chunked).await.starts_with("HTTP/1.1 413"));
    let answer = running.exchange(head(10).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(running.door.commands(), []);
}

#[tokio::test]
async fn a_huge_head_and_nonsense_are_refused() {
    let running = run(|_| {}).await;
    let huge = format!("GET /api/v3/ping?{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000));
    let answer = running.exchange(huge.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    for nonsense in ["\0\0\0\0\r\n\r\n", "HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let answer = running.exchange(nonsense.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4") || answer.is_empty(), "{nonsense:?}: {answer}");
    }
    assert!(running.exchange(LAST_PING).await.contains("200 OK"));
}

#[tokio::test]
async fn beyond_the_limit_connections_wait() {
    let running = run(|http| http.max_connections = 2).await;
    let (mut first, second) = (running.connect().await, running.connect().await);
    first.write_all(PING).await.unwrap();
    read_one(&mut first).await;
    let mut third = running.connect().await;
    third.write_all(LAST_PING).await.unwrap();
    let mut byte = [0];
    let waiting = tokio::time::timeout(Duration::from_millis(300), third.read(&mut byte)).await;
    assert!(waiting.is_err(), "a connection beyond the limit is not served");
    drop(second);
    assert!(read_all(third).await.contains("200 OK"));
}

#[tokio::test]
async fn thousands_of_idle_connections_do_not_hinder_a_request() {
    let running = run(|_| {}).await;
    let mut idle = Vec::new();
    for _ in 0..2_000 {
        idle.push(running.connect().await);
    }
    assert!(running.exchange(LAST_PING).await.contains("200 OK"));
    drop(idle);
    assert!(running.exchange(LAST_PING).await.contains("200 OK"));
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_request_alone() {
    let running = run_door(|_| {}, |_| panic!("the test's exchange panics")).await;
    let payload = format!("symbol=BTCUSDT&orderId=7&timestamp={}", crate::door::NOW_US / 1_000);
    let signature = running.door.trader.sign(&payload);
    let request = format!(
        "DELETE /api/v3/order?{payload}&signature={signature} HTTP/1.1\r\nhost: x\r\nx-mbx-apikey: {}\r\n\r\n",
        running.door.trader.key
    );
    let mut stream = running.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = read_one(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 500") && answer.contains("-1000") && !answer.contains("panics"), "{answer}");
    stream.write_all(PING).await.unwrap();
    assert!(read_one(&mut stream).await.contains("200 OK"));
}

#[tokio::test]
async fn stopping_ends_idle_connections_and_the_server() {
    let running = run(|_| {}).await;
    let (mut used, silent) = (running.connect().await, running.connect().await);
    used.write_all(PING).await.unwrap();
    read_one(&mut used).await;
    running.stop.cancel();
    assert_eq!(read_all(used).await, "");
    assert_eq!(read_all(silent).await, "");
    tokio::time::timeout(Duration::from_secs(5), running.server).await.expect("the server ends").unwrap().unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_trusted_proxy_says_who_its_clients_are() {
    let ask = async |running: &Running, forwarded: &str| {
        let request = format!(
            "GET /api/v3/ping HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {forwarded}\r\nconnection: close\r\n\r\n"
        );
        let answer = running.exchange(request.as_bytes()).await;
        answer.lines().find_map(|line| line.strip_prefix("x-mbx-used-weight-1m: ")).expect(&answer).to_owned()
    };
    let trusting = run(|http| http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    assert_eq!(ask(&trusting, "192.0.2.1").await, "1");
    assert_eq!(ask(&trusting, "192.0.2.2").await, "1");
    assert_eq!(ask(&trusting, "192.0.2.2, 192.0.2.1").await, "2");
    // Without trust all of them are the other end of the connection.
    let wary = run(|_| {}).await;
    assert_eq!(ask(&wary, "192.0.2.1").await, "1");
    assert_eq!(ask(&wary, "192.0.2.2").await, "2");
    for running in [trusting, wary] {
        running.stop.cancel();
        running.server.await.unwrap().unwrap();
    }
}
