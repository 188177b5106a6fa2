//! A running server, a naive exchange to feed it, and clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::native::testing;
use api::ports::{Exchange as Port, SubmitError};
use api::{App, Parts};
use db::testing::TestDb;
use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt};
use identity::{ApiKeys, KeyKind, Permissions};
use limits::Limits;
use marketdata::MarketData;
use model::{Batch, Envelope, Event, Receipt, Sequence, SourceId, SourceSeq, Step, Timestamp};
use projections::{History, Live, Projector};
use runtime::clock::{Clock, ManualClock, SystemClock};
use runtime::config::{Http, Settings};
use runtime::entropy::{Random, SeededRandom, SystemRandom};
use runtime::health::Health;
use runtime::secrets::SealingKey;
use runtime::telemetry::Metrics;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;
use transfers::Transfers;

use super::exchange::Exchange;
use crate::signer::Key;

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a test waits for something that must not come.
const SILENCE: Duration = Duration::from_millis(350);

/// Nobody sends commands in these tests: what happens is made by [`Exchange`].
#[derive(Debug)]
struct NoCommands;

impl Port for NoCommands {
    fn submit(&self, _envelope: Envelope) -> BoxFuture<'_, Result<Receipt, SubmitError>> {
        Box::pin(async { Err(SubmitError::Busy) })
    }
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) exchange: Exchange,
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
    _db: TestDb,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Http)) -> Self {
        Self::start_at(Arc::new(SystemClock::new()), change).await
    }

    /// By a clock that stands just after the exchange's last command until it is moved. Commands are a microsecond apart.
    pub(crate) async fn start_still() -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(super::exchange::START));
        // No second passes by this clock, so that all messages of a client come in one.
        let mut world = Self::start_at(clock.clone(), |http| http.ws.max_messages_per_second = 1_000).await;
        world.exchange.pace = 1;
        clock.set_us(world.exchange.now().0 + 1);
        (world, clock)
    }

    /// The same with a clock of the test's own.
    pub(crate) async fn start_at(clock: Arc<dyn Clock>, change: impl FnOnce(&mut Http)) -> Self {
        let db = db::testing::sqlite().await;
        db::migrate(&db.db, &[projections::migrations(), identity::migrations()]).await.unwrap();
        db::migrate(&db.db, &testing::migrations()).await.unwrap();
        let projector = Projector::open(db.db.clone()).await.unwrap();
        let mut http = Settings::defaults().http;
        change(&mut http);
        let keys = ApiKeys::new(db.db.clone(), SealingKey::from_bytes(&[7; 32]), Arc::new(SeededRandom::new(1)));
        let (keys, random): (_, Arc<dyn Random>) = (Arc::new(keys), Arc::new(SystemRandom::new()));
        let native = testing::parts(&db.db, &keys, &clock, &random, &Arc::default()).await;
        let app = App::new(Parts {
            native,
            exchange: Arc::new(NoCommands),
            market_data: MarketData::new(),
            live: Live::new(),
            history: History::new(db.db.clone()),
            progress: projector.progress(),
            transfers: Transfers::new(db.db.clone()),
            keys,
            coins: coins::Coins::new(db.db.clone()),
            schedules: markettime::Schedules::new(db.db.clone()),
            clock,
            random,
            http,
            limits: Limits::local(crate::door::RULES),
            metrics: Metrics::unregistered(),
            health: Health::new(),
        });
        let (exchange, batch) = Exchange::open(1, 6);
        app.apply(&batch).unwrap();
        // A small buffer in the system, which accepted sockets inherit: a reader is found slow after hundreds of messages instead
        // of tens of thousands.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(64 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1_024).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let server = tokio::spawn({
            let (app, stop) = (app.clone(), stop.clone());
            async move { api::server::serve(listener, app, stop).await.unwrap() }
        });
        Self { app, exchange, address, stop, server, _db: db }
    }

    /// Stops the server and waits for its end.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.server).await.expect("the server stops").unwrap();
    }

    /// Applies what the exchange has done since the last call.
    pub(crate) fn apply(&mut self) -> Batch {
        let batch = self.exchange.take();
        self.app.apply(&batch).unwrap();
        batch
    }

    /// Applies one command's events that the exchange cannot make; it cannot be used afterwards.
    pub(crate) fn apply_events(&self, events: Vec<Event>) {
        let step = Step {
            sequence: Sequence(self.app.market_data.sequence().0 + 1),
            time: Timestamp(self.app.now().0),
            source: SourceId::NONE,
            source_seq: SourceSeq(0),
            first_event: 0,
            event_count: u32::try_from(events.len()).unwrap(),
        };
        self.app.apply(&Batch { steps: vec![step], events }).unwrap();
    }

    pub(crate) async fn connect(&self, path: &str) -> Client {
        Client::connect(self.address, path).await
    }

    /// GET over HTTP.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.http("GET", path, None).await
    }

    /// A request over HTTP, with an API key but no signature.
    pub(crate) async fn http(&self, method: &str, path: &str, key: Option<&str>) -> Value {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let key = key.map(|key| format!("x-mbx-apikey: {key}\r\n")).unwrap_or_default();
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: test\r\n{key}content-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// A new API key of an account.
    pub(crate) async fn key(&self, account: i64, permissions: Permissions) -> Key {
        self.key_of(KeyKind::Hmac, account, permissions).await
    }

    /// A new API key of this kind.
    pub(crate) async fn key_of(&self, kind: KeyKind, account: i64, permissions: Permissions) -> Key {
        Key::make(&self.app.keys, kind, account, permissions, self.app.clock.now_us()).await
    }

    /// Signed parameters, at the world's time.
    pub(crate) fn signed(&self, key: &Key, params: Value) -> Value {
        signed(key, self.app.now().millis(), params)
    }
}

/// Parameters of a request with key, time and signature.
pub(crate) fn signed(key: &Key, now_ms: u64, mut params: Value) -> Value {
    params["apiKey"] = key.key.as_str().into();
    params["timestamp"] = now_ms.into();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut pairs: Vec<String> =
        params.as_object().unwrap().iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    pairs.sort();
    params["signature"] = key.sign(&pairs.join("&")).into();
    params
}

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_id: u64,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, path: &str) -> Self {
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}{path}")).await.unwrap();
        Self { socket, next_id: 1 }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next message as it came, pings passed over (the library answers them).
    pub(crate) async fn text(&mut self) -> String {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a message in time");
            match message.expect("the connection is open").unwrap() {
                Message::Text(text) => return text.to_string(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// Sends a control message and gives its answer; fails when another message comes before.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&serde_json::json!({"method": method, "params": params, "id": id}).to_string()).await;
        let answer = self.json().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Fails when a message comes within a while.
    pub(crate) async fn silent(&mut self) {
        if let Ok(message) = tokio::time::timeout(SILENCE, self.socket.next()).await {
            panic!("unexpected {message:?}");
        }
    }

    /// Fails when a message comes within a while that is not one of these.
    pub(crate) async fn silent_but_for(&mut self, expected: impl Fn(&Value) -> bool) {
        let end = tokio::time::Instant::now() + SILENCE;
        while let Ok(message) = tokio::time::timeout_at(end, self.socket.next()).await {
            let Some(Ok(Message::Text(text))) = message else { panic!("unexpected {message:?}") };
            assert!(expected(&serde_json::from_str(&text).unwrap()), "unexpected {text}");
        }
    }

    /// The next text, or the close frame.
    pub(crate) async fn text_or_close(&mut self) -> Result<String, CloseFrame> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("an end in time");
            match message.expect("a close frame").unwrap() {
                Message::Text(text) => return Ok(text.to_string()),
                Message::Close(frame) => return Err(frame.expect("a reason")),
                _ => {}
            }
        }
    }

    /// Reads until the server closes; gives the close frame and what came before it.
    pub(crate) async fn closed(&mut self) -> (CloseFrame, Vec<String>) {
        let mut texts = Vec::new();
        loop {
            match self.text_or_close().await {
                Ok(text) => texts.push(text),
                Err(frame) => return (frame, texts),
            }
        }
    }

    /// Waits for the next ping.
    pub(crate) async fn ping(&mut self) -> Bytes {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a ping in time");
            if let Message::Ping(payload) = message.expect("the connection is open").unwrap() {
                return payload;
            }
        }
    }
}
