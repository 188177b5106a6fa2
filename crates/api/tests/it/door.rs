//! A door with everything behind it but the engine: real routes, keys, views and SQL, and receipts made by the test.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use api::native::testing::{self, Recorder};
use api::ports::{Exchange, SubmitError};
use api::{App, Parts};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use db::testing::TestDb;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac};
use http_body_util::BodyExt;
use identity::{ApiKeys, Permissions};
use limits::{Limits, Rules};
use marketdata::MarketData;
use model::{
    AccountId, AccountImage, Amount, Asset, AssetId, BalanceImage, Batch, ClientOrderId, Command, Envelope, Event,
    Fees, Filters, Image, ListId, Market, MarketId, MarketImage, MarketState, OpenOrder, OrderId, OrderType,
    PercentPrice, PreventedId, Price, Quantity, Range, Receipt, SelfTrade, Sequence, Side, Step, Symbol, TierId,
    TimeInForce, Timestamp, TradeId, Volatility, Wait,
};
use projections::{History, Live, Projector};
use runtime::clock::{Clock, ManualClock};
use runtime::config::{Http, Settings, Site};
use runtime::entropy::{Random, SeededRandom};
use runtime::health::Health;
use runtime::secrets::SealingKey;
use runtime::telemetry::Metrics;
use sha2::Sha256;
use tower::ServiceExt;
use transfers::Transfers;

/// The time at which every test begins, in microseconds.
pub(crate) const NOW_US: u64 = 1_700_000_000_123_456;
/// The account of the keys.
pub(crate) const ACCOUNT: AccountId = AccountId(1_000);
/// Sequence of the image that the views hold at the start.
pub(crate) const SEQUENCE: Sequence = Sequence(100);

/// What clients may ask for.
pub(crate) const RULES: Rules = Rules {
    weight_per_minute: 6_000,
    orders_per_ten_seconds: 100,
    orders_per_day: 200_000,
    refusals_before_ban: 3,
    max_counted: 1_000,
};

type Answer = Box<dyn Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync>;

/// Stands for the sequencer: notes each command and gives the events that the test chose.
pub(crate) struct Recorded {
    answer: Answer,
    app: Mutex<Option<App>>,
    envelopes: Mutex<Vec<Envelope>>,
    /// Sequence of the last command that was taken.
    last: AtomicU64,
}

impl std::fmt::Debug for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorded")
    }
}

impl Exchange for Recorded {
    fn submit(&self, envelope: Envelope) -> BoxFuture<'_, Result<Receipt, SubmitError>> {
        async move {
            self.envelopes.lock().unwrap().push(envelope.clone());
            let Envelope { source, source_seq, .. } = envelope;
            let events = (self.answer)(envelope.command)?;
            let sequence = Sequence(self.last.fetch_add(1, Ordering::SeqCst) + 1);
            let step = Step {
                sequence,
                time: Timestamp(NOW_US + 1_000),
                source,
                source_seq,
                first_event: 0,
                event_count: events.len() as u32,
            };
            let batch = Arc::new(Batch { steps: vec![step], events });
            if let Some(app) = &*self.app.lock().unwrap() {
                app.apply(&batch).expect("the events that a test makes fit its image");
            }
            Ok(Receipt { batch, index: 0 })
        }
        .boxed()
    }
}

/// The door, with a key that may trade and one that may only read.
pub(crate) struct Door {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) trader: Key,
    pub(crate) reader: Key,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) projector: Projector,
    pub(crate) recorder: Arc<Recorder>,
    exchange: Arc<Recorded>,
    _db: TestDb,
}

/// An API key with its secret.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) key: String,
    pub(crate) secret: String,
}

impl Key {
    /// HMAC-SHA256 in hexadecimal.
    pub(crate) fn sign(&self, payload: &str) -> String {
        hmac(&self.secret, payload)
    }
}

/// HMAC-SHA256 in hexadecimal.
pub(crate) fn hmac(secret: &str, payload: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(payload.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answered {
    /// Status, code and sentence of a refusal.
    pub(crate) fn refusal(&self) -> (u16, i64, String) {
        let body: serde_json::Value = serde_json::from_str(&self.body).expect(&self.body);
        let code = body["code"].as_i64().expect(&self.body);
        (self.status.as_u16(), code, body["msg"].as_str().expect(&self.body).to_owned())
    }
}

impl Door {
    /// A door whose exchange is always busy.
    pub(crate) async fn busy() -> Self {
        Self::answering(|_| Err(SubmitError::Busy)).await
    }

    /// A door whose exchange answers with the events that `answer` makes of a command.
    pub(crate) async fn answering(
        answer: impl Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync + 'static,
    ) -> Self {
        Self::with(Settings::defaults().http, answer).await
    }

    /// The same with other limits of the server.
    pub(crate) async fn with(
        http: Http,
        answer: impl Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync + 'static,
    ) -> Self {
        Self::limited(http, Limits::local(RULES), answer).await
    }

    /// A busy door of a site that browsers reach at this address.
    pub(crate) async fn at(site_url: &str) -> Self {
        let settings = Settings::defaults();
        let site = Site { url: site_url.to_owned(), ..settings.site };
        Self::built(settings.http, site, Limits::local(RULES), |_| Err(SubmitError::Busy)).await
    }

    /// The same with other limits of the server and of its clients.
    pub(crate) async fn limited(
        http: Http,
        limits: Limits,
        answer: impl Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync + 'static,
    ) -> Self {
        Self::built(http, Settings::defaults().site, limits, answer).await
    }

    async fn built(
        http: Http,
        site: Site,
        limits: Limits,
        answer: impl Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync + 'static,
    ) -> Self {
        let db = db::testing::sqlite().await;
        let migrations = [
            identity::migrations(),
            projections::migrations(),
            transfers::migrations(),
            coins::migrations(),
            markettime::migrations(),
        ];
        db::migrate(&db.db, &migrations).await.unwrap();
        db::migrate(&db.db, &testing::migrations()).await.unwrap();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let keys = Arc::new(ApiKeys::new(db.db.clone(), SealingKey::from_bytes(&[1; 32]), random.clone()));
        let trader = key(&keys, ACCOUNT, Permissions::READ_TRADE).await;
        let reader = key(&keys, ACCOUNT, Permissions::READ).await;
        let projector = Projector::open(db.db.clone()).await.unwrap();
        let clock = Arc::new(ManualClock::at(NOW_US));
        let (market_data, live) = (MarketData::new(), Live::new());
        market_data.load(&image());
        live.load(&image()).unwrap();
        let exchange = Arc::new(Recorded {
            answer: Box::new(answer),
            app: Mutex::new(None),
            envelopes: Mutex::new(Vec::new()),
            last: AtomicU64::new(SEQUENCE.0),
        });
        let recorder = Arc::new(Recorder::default());
        let time: Arc<dyn Clock> = clock.clone();
        let mut native = Box::pin(testing::parts(&db.db, &keys, &time, &random, &recorder)).await;
        native.site = site;
        let app = App::new(Parts {
            native,
            exchange: exchange.clone(),
            market_data,
            live,
            history: History::new(db.db.clone()),
            progress: projector.progress(),
            transfers: Transfers::new(db.db.clone()),
            keys,
            coins: coins::Coins::new(db.db.clone()),
            schedules: markettime::Schedules::new(db.db.clone()),
            clock: clock.clone(),
            random,
            http,
            limits,
            metrics: Metrics::unregistered(),
            health: Health::new(),
        });
        *exchange.app.lock().unwrap() = Some(app.clone());
        let router = api::router(app.clone());
        Self { app, router, trader, reader, clock, projector, recorder, exchange, _db: db }
    }

    /// The commands that reached the exchange.
    pub(crate) fn commands(&self) -> Vec<Command> {
        self.envelopes().into_iter().map(|envelope| envelope.command).collect()
    }

    /// The same with their sources.
    pub(crate) fn envelopes(&self) -> Vec<Envelope> {
        self.exchange.envelopes.lock().unwrap().clone()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answered { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// Asks a public operation.
    pub(crate) async fn get(&self, path_and_query: &str) -> Answered {
        self.send(Request::get(path_and_query).body(Body::empty()).unwrap()).await
    }

    /// Asks a user's operation with everything in the query, signed with the trading key at the time at which tests begin.
    pub(crate) async fn signed(&self, method: Method, path: &str, query: &str) -> Answered {
        self.signed_by(&self.trader, method, path, query).await
    }

    /// The same with another key.
    pub(crate) async fn signed_by(&self, key: &Key, method: Method, path: &str, query: &str) -> Answered {
        let joint = if query.is_empty() { "" } else { "&" };
        let payload = format!("{query}{joint}timestamp={}", NOW_US / 1_000);
        let signature = key.sign(&payload);
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}?{payload}&signature={signature}"))
            .header("X-MBX-APIKEY", &key.key)
            .body(Body::empty())
            .unwrap();
        self.send(request).await
    }
}

/// Makes a key of an account.
pub(crate) async fn key(keys: &ApiKeys, account: AccountId, permissions: Permissions) -> Key {
    let made = keys.create(i64::from(account.0), "test", permissions, NOW_US).await.unwrap();
    Key { key: made.key, secret: made.secret.expose().clone() }
}

fn asset(id: u16, symbol: &str, scale: u8) -> Asset {
    Asset { id: AssetId(id), symbol: Symbol::new(symbol).unwrap(), scale }
}

/// BTCUSDT: 0.01 tick, 0.00001 lot; 1,000 ppm maker and 2,000 ppm taker.
pub(crate) fn btcusdt() -> Market {
    Market {
        id: MarketId(1),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        base: AssetId(1),
        quote: AssetId(3),
        price_decimals: 2,
        quantity_decimals: 5,
        filters: Filters {
            price: Range { min: 1, max: 100_000_000, step: 1 },
            lot: Range { min: 1, max: 900_000_000, step: 1 },
            market_lot: Range { min: 1, max: 90_000_000, step: 1 },
            min_notional: Amount(500_000_000),
            max_notional: Amount(900_000_000_000_000),
            max_open_orders: 200,
            max_algo_orders: 5,
            iceberg_parts: 100,
            max_position: Amount(0),
            percent_price: PercentPrice {
                bid_up_ppm: 5_000_000,
                bid_down_ppm: 200_000,
                ask_up_ppm: 5_000_000,
                ask_down_ppm: 200_000,
            },
            trailing_delta: [10, 2_000],
        },
        fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 2_000 }),
        volatility: Volatility::OFF,
    }
}

/// ETHBTC: 0.00001 tick, 0.001 lot.
fn ethbtc() -> Market {
    Market {
        id: MarketId(2),
        symbol: Symbol::new("ETHBTC").unwrap(),
        base: AssetId(2),
        quote: AssetId(1),
        price_decimals: 5,
        quantity_decimals: 3,
        filters: Filters {
            price: Range { min: 1, max: 100_000_000, step: 1 },
            lot: Range { min: 1, max: 100_000_000, step: 1 },
            market_lot: Range { min: 1, max: 10_000_000, step: 1 },
            min_notional: Amount(10_000),
            max_notional: Amount(900_000_000_000),
            max_open_orders: 200,
            max_position: Amount(500_000_000_000),
            iceberg_parts: 0,
            trailing_delta: [0, 0],
            ..Filters::WIDE
        },
        fees: Some(Fees { maker_ppm: 0, taker_ppm: 500 }),
        volatility: Volatility::OFF,
    }
}

/// A sell order of the account that rests: 0.5 BTC at 30,000 USDT.
pub(crate) fn resting() -> OpenOrder {
    OpenOrder {
        order: OrderId(7),
        account: ACCOUNT,
        market: MarketId(1),
        side: Side::Sell,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        self_trade: SelfTrade::None,
        price: Price(3_000_000),
        quantity: Quantity(50_000),
        remaining: Quantity(50_000),
        visible: Quantity(50_000),
        prevented: Quantity(0),
        stop_price: Price(0),
        trailing_delta: 0,
        iceberg: Quantity(0),
        expire_at: Timestamp::NEVER,
        list: ListId(0),
        wait: Wait::Nothing,
        tracked: Price(0),
        held: Amount(50_000_000),
        filled_quote: Amount(0),
        client_id: ClientOrderId::new("resting-1").unwrap(),
        placed: Timestamp(NOW_US - 60_000_000),
        updated: Timestamp(NOW_US - 60_000_000),
    }
}

/// Two markets, one resting order, two balances.
pub(crate) fn image() -> Image {
    let market = |market, last_price| MarketImage {
        market,
        last_trade: TradeId(0),
        last_price,
        last_prevented: PreventedId(0),
        state: MarketState::Trading,
        until: Timestamp::NEVER,
    };
    let balance = |asset, available, held| BalanceImage {
        account: ACCOUNT,
        asset: AssetId(asset),
        available: Amount(available),
        held: Amount(held),
    };
    Image {
        sequence: SEQUENCE,
        time: Timestamp(NOW_US),
        assets: vec![asset(1, "BTC", 8), asset(2, "ETH", 9), asset(3, "USDT", 8)],
        markets: vec![market(btcusdt(), Price(0)), market(ethbtc(), Price(0))],
        accounts: vec![AccountImage { account: ACCOUNT, parent: AccountId(0), tier: TierId(0) }],
        balances: vec![balance(1, 150_000_000, 50_000_000), balance(3, 1_000_000_000_000, 0)],
        orders: vec![resting()],
        ..Image::default()
    }
}
