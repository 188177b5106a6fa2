//! A real node under a schedule, with a clock that the test moves.

use std::path::Path;
use std::sync::Arc;

use marketdata::MarketData;
use markettime::{Outcome, Rules, Schedules, Standing, parse_file};
use model::{
    Asset, AssetId, Command, Envelope, Fees, Filters, Market, MarketId, MarketState, SourceId, SourceSeq, Symbol,
    Timestamp, Volatility,
};
use node::Node;
use runtime::clock::ManualClock;

use super::Task;

/// Wednesday 2026-11-25, 09:00 in New York.
const NINE: u64 = 1_795_615_200_000_000;
const MINUTE: u64 = 60_000_000;
const HALF_PAST: u64 = NINE + 30 * MINUTE;
const FOUR: u64 = NINE + 7 * 60 * MINUTE;

const RULES: &str = r#"
[[market]]
symbol = "BTCUSDT"
zone = "America/New_York"
[[market.session]]
days = ["mon", "tue", "wed", "thu", "fri"]
opens = "09:30"
closes = "16:00"
auction_s = 300
"#;

fn rules() -> Vec<Rules> {
    parse_file(RULES).unwrap()
}

/// A node, what follows it, and the task. Its views are a task too, as in the program.
struct Exchange {
    node: Node,
    data: MarketData,
    clock: Arc<ManualClock>,
    task: Task,
}

impl Exchange {
    async fn start(folder: &Path, schedules: Schedules, now: u64) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let config = node::Config::new(folder.to_owned());
        let of_node: Arc<dyn runtime::clock::Clock> = clock.clone();
        let started = tokio::task::spawn_blocking(move || Node::start(config, of_node)).await.unwrap();
        let (node, report) = started.unwrap();
        node.submit_together(listing()).await.unwrap();
        let (image, mut feed) = {
            let node = node.clone();
            tokio::task::spawn_blocking(move || node.image_and_feed()).await.unwrap().unwrap()
        };
        let data = MarketData::new();
        data.load(&image);
        let views = data.clone();
        tokio::spawn(async move {
            while let Ok(batch) = feed.recv().await {
                views.apply(&batch).unwrap();
            }
        });
        let task = Task::over(node.clone(), data.clone(), schedules, clock.clone(), &report);
        Self { node, data, clock, task }
    }

    /// Moves the clock and does what is due; gives the market's state.
    async fn at(&mut self, now: u64) -> MarketState {
        self.clock.set_us(now);
        self.task.pass().await.unwrap();
        self.state().await
    }

    /// The state once the views hold everything that is durable.
    async fn state(&self) -> MarketState {
        while self.data.sequence() < self.node.durable() {
            tokio::task::yield_now().await;
        }
        self.data.market("BTCUSDT").unwrap().status().state
    }

    async fn by_hand(&self, state: MarketState) {
        let command = Command::SetMarketState { market: MarketId(1), state, until: Timestamp::NEVER };
        self.node.submit(Envelope::client(command)).await.unwrap();
        self.state().await;
    }

    async fn stop(self) {
        tokio::task::spawn_blocking(move || self.node.stop()).await.unwrap();
    }
}

fn listing() -> Vec<Envelope> {
    let symbol = |text: &str| Symbol::new(text).unwrap();
    let market = Market {
        id: MarketId(1),
        symbol: symbol("BTCUSDT"),
        base: AssetId(1),
        quote: AssetId(2),
        price_decimals: 2,
        quantity_decimals: 5,
        filters: Filters::WIDE,
        fees: Some(Fees::FREE),
        volatility: Volatility::OFF,
    };
    let commands = [
        Command::AddAsset(Asset { id: AssetId(1), symbol: symbol("BTC"), scale: 8 }),
        Command::AddAsset(Asset { id: AssetId(2), symbol: symbol("USDT"), scale: 8 }),
        Command::AddMarket(Box::new(market)),
    ];
    let numbered = (1..).zip(commands);
    numbered
        .map(|(position, command)| Envelope { source: SourceId::BOOTSTRAP, source_seq: SourceSeq(position), command })
        .collect()
}

async fn schedules(test: &db::testing::TestDb) -> Schedules {
    db::migrate(&test.db, &[markettime::migrations()]).await.unwrap();
    Schedules::new(test.db.clone())
}

db::on_each_database! {
    async fn a_day(test: &TestDb) {
        let (folder, schedules) = (tempfile::tempdir().unwrap(), schedules(test).await);
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), NINE).await;
        assert_eq!(exchange.at(NINE).await, MarketState::Trading, "no schedule yet");
        schedules.import(&rules(), Timestamp(NINE)).await.unwrap();
        assert_eq!(exchange.task.pass().await.unwrap(), Some(Timestamp(HALF_PAST - 5 * MINUTE)));
        assert_eq!(exchange.state().await, MarketState::Halt);
        let commands = exchange.node.durable();
        assert_eq!(exchange.at(NINE + MINUTE).await, MarketState::Halt);
        assert_eq!(exchange.node.durable(), commands, "nothing is sent when nothing is due");
        assert_eq!(exchange.at(HALF_PAST - 5 * MINUTE).await, MarketState::Auction);
        assert_eq!(exchange.data.market("BTCUSDT").unwrap().status().until, Timestamp(HALF_PAST));
        assert_eq!(exchange.at(HALF_PAST).await, MarketState::Trading);
        exchange.by_hand(MarketState::Halt).await;
        assert_eq!(exchange.at(FOUR).await, MarketState::Halt);
        // The next morning it stays as somebody set it, until somebody opens it.
        assert_eq!(exchange.at(HALF_PAST + 24 * 60 * MINUTE).await, MarketState::Halt);
        exchange.by_hand(MarketState::Trading).await;
        assert_eq!(exchange.at(FOUR + 24 * 60 * MINUTE).await, MarketState::Halt);
        exchange.stop().await;
    }

    async fn a_downtime_is_caught_up_with_once(test: &TestDb) {
        let (folder, schedules) = (tempfile::tempdir().unwrap(), schedules(test).await);
        schedules.import(&rules(), Timestamp(NINE)).await.unwrap();
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), NINE).await;
        assert_eq!(exchange.at(NINE).await, MarketState::Halt);
        exchange.stop().await;

        let mut exchange = Exchange::start(folder.path(), schedules.clone(), HALF_PAST + MINUTE).await;
        assert_eq!(exchange.state().await, MarketState::Halt, "as it was left");
        assert_eq!(exchange.at(HALF_PAST + MINUTE).await, MarketState::Trading);
        let commands = exchange.node.durable();
        exchange.stop().await;
        let mut exchange = Exchange::start(folder.path(), schedules, HALF_PAST + 2 * MINUTE).await;
        assert_eq!(exchange.at(HALF_PAST + 2 * MINUTE).await, MarketState::Trading);
        // Three repeats of the listing, and nothing else.
        assert_eq!(exchange.node.durable().0, commands.0 + 3);
        exchange.stop().await;
    }

    async fn a_crash_between_record_and_command_and_between_command_and_record(test: &TestDb) {
        let (folder, schedules) = (tempfile::tempdir().unwrap(), schedules(test).await);
        schedules.import(&rules(), Timestamp(NINE)).await.unwrap();
        let (close, halt) = (Timestamp(FOUR), Standing { state: MarketState::Halt, until: Timestamp::NEVER });
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), HALF_PAST).await;
        assert_eq!(exchange.at(HALF_PAST).await, MarketState::Trading);
        let reached = exchange.task.reached;
        // Written down, and no more.
        let seq = schedules.begin("BTCUSDT", close, halt, reached).await.unwrap().unwrap();
        exchange.stop().await;
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), FOUR + MINUTE).await;
        assert_eq!(exchange.at(FOUR + MINUTE).await, MarketState::Halt);
        assert_eq!((schedules.pending().await.unwrap(), exchange.task.reached), (vec![], seq));

        // Sent, and what became of it is not written down; then somebody opens the market by hand.
        let open = Timestamp(HALF_PAST + 24 * 60 * MINUTE);
        let trading = Standing { state: MarketState::Trading, until: Timestamp::NEVER };
        let seq = schedules.begin("BTCUSDT", open, trading, seq).await.unwrap().unwrap();
        let command = Command::SetMarketState { market: MarketId(1), state: MarketState::Trading, until: Timestamp::NEVER };
        exchange.node.submit(Envelope { source: SourceId::MARKET_HOURS, source_seq: seq, command }).await.unwrap();
        exchange.by_hand(MarketState::CancelOnly).await;
        exchange.stop().await;
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), open.0 + MINUTE).await;
        assert_eq!(exchange.at(open.0 + MINUTE).await, MarketState::CancelOnly, "it is not applied twice");
        assert_eq!(schedules.pending().await.unwrap(), []);
        assert_eq!(schedules.last("BTCUSDT").await.unwrap().unwrap().due, open);
        exchange.stop().await;
    }

    /// A change that comes too late takes its place in the source's order, and what holds by then follows.
    async fn a_late_change_is_not_sent(test: &TestDb) {
        let (folder, schedules) = (tempfile::tempdir().unwrap(), schedules(test).await);
        schedules.import(&rules(), Timestamp(NINE)).await.unwrap();
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), HALF_PAST).await;
        assert_eq!(exchange.at(HALF_PAST).await, MarketState::Trading);
        let halt = Standing { state: MarketState::Halt, until: Timestamp::NEVER };
        schedules.begin("BTCUSDT", Timestamp(FOUR), halt, exchange.task.reached).await.unwrap().unwrap();
        exchange.stop().await;
        // A day later it trades again.
        let later = HALF_PAST + 24 * 60 * MINUTE;
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), later).await;
        assert_eq!(exchange.at(later).await, MarketState::Trading);
        assert_eq!(exchange.at(FOUR + 24 * 60 * MINUTE).await, MarketState::Halt);
        exchange.stop().await;
    }

    /// The database was lost: the engine is further than the record, and the next change has its place behind.
    async fn a_record_that_was_lost(test: &TestDb) {
        let (folder, schedules) = (tempfile::tempdir().unwrap(), schedules(test).await);
        schedules.import(&rules(), Timestamp(NINE)).await.unwrap();
        let mut exchange = Exchange::start(folder.path(), schedules, NINE).await;
        exchange.at(NINE).await;
        exchange.at(HALF_PAST).await;
        exchange.stop().await;
        let other = db::testing::sqlite().await;
        let schedules = self::schedules(&other).await;
        schedules.import(&rules(), Timestamp(HALF_PAST + MINUTE)).await.unwrap();
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), FOUR).await;
        assert_eq!(exchange.at(FOUR).await, MarketState::Halt);
        assert_eq!(schedules.last("BTCUSDT").await.unwrap().map(|last| last.by_hand), Some(false));
        exchange.stop().await;
    }

    async fn a_market_that_does_not_exist(test: &TestDb) {
        let (folder, schedules) = (tempfile::tempdir().unwrap(), schedules(test).await);
        let unknown: Vec<Rules> = rules().into_iter().map(|rules| Rules { symbol: "NONE".to_owned(), ..rules }).collect();
        schedules.import(&unknown, Timestamp(NINE)).await.unwrap();
        schedules.import(&rules(), Timestamp(NINE)).await.unwrap();
        let mut exchange = Exchange::start(folder.path(), schedules.clone(), NINE).await;
        assert_eq!(exchange.at(NINE).await, MarketState::Halt, "the others are kept");
        assert_eq!(schedules.last("NONE").await.unwrap(), None);
        let refused = schedules.note("BTCUSDT", Timestamp(NINE), Standing { state: MarketState::Halt, until: Timestamp::NEVER }, Outcome::Already);
        assert!(!refused.await.unwrap());
        exchange.stop().await;
    }
}
