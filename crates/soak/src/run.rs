//! The soak from its beginning to its end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::exchange::Exchange;
use crate::health::{self, Metrics, Sample, Table, Watcher};
use crate::honest::{self, Books, Counter};
use crate::http::Connection;
use crate::key::Key;
use crate::money::{self, Amount};
use crate::terms::{PATIENCE, Terms};
use crate::world::{HONEST, WATCHER, World};
use crate::{calibration, hostile};

/// The sub-account that the demo opens for its first account.
const SUB_ACCOUNT: u32 = 1_002;
/// How long what the clients left behind may stay.
const CLEAN_UP: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// What is asked for.
pub(crate) struct Plan {
    pub(crate) program: PathBuf,
    pub(crate) terms: Terms,
    /// Requests per second, when they are not to be found out.
    pub(crate) rate: Option<u64>,
    pub(crate) only: String,
    pub(crate) out: PathBuf,
}

/// The clients that work until the world stops.
struct Clients {
    traders: JoinHandle<anyhow::Result<Books>>,
    reader: JoinHandle<anyhow::Result<u64>>,
    hostile: JoinHandle<anyhow::Result<BTreeMap<&'static str, u64>>>,
}

impl Clients {
    /// All of them, from now on.
    fn come(world: &World, rate: u64, counter: Counter, only: &str) -> Self {
        let (world, only) = (world.clone(), only.to_owned());
        let stop = || world.stop.clone();
        Self {
            traders: tokio::spawn(honest::trade(world.http, world.traders.clone(), Some(rate), counter, stop())),
            reader: tokio::spawn(honest::listen(world.http, HONEST, stop())),
            hostile: tokio::spawn(async move { hostile::run(world, &only).await }),
        }
    }
}

/// Runs it; an error is a sentence about what is not as it has to be.
pub(crate) async fn run(plan: &Plan) -> anyhow::Result<()> {
    let terms = &plan.terms;
    std::fs::create_dir_all(&plan.out)?;
    let rate = match plan.rate {
        Some(rate) => rate,
        None => {
            let highest =
                calibration::highest(&plan.program, &plan.out, terms).await.context("looking for the highest load")?;
            println!("soak: the highest load is {highest} requests/s of {} connections", honest::CONNECTIONS);
            (highest / 2).max(1)
        }
    };
    let mut exchange = Exchange::start(&plan.program, &plan.out, "data", &terms.environment())?;
    println!("soak: {} s at {rate} requests/s, against process {}", terms.time.as_secs(), exchange.pid());
    let traders = [exchange.account("alice")?, exchange.account("bob")?];
    let greedy = exchange.make_key(SUB_ACCOUNT)?;
    fund(&exchange, &traders[0], &greedy).await?;
    let accounts = [traders[0].clone(), traders[1].clone(), greedy.clone()];
    let before = balances(&exchange, &accounts).await?;

    let (sender, metrics) = watch::channel(Metrics::default());
    let counter = Counter::new();
    let mut watcher = Watcher::new(exchange.pid(), exchange.http, counter.clone(), sender);
    watcher.look().await?;
    // What the set-up opened is closed by then.
    sleep(2 * LOOK).await;
    let start = watcher.look().await?;
    let doors = (exchange.http, exchange.grpc);
    let world = World::new(doors, traders.clone(), greedy, terms, metrics);
    let mut clients = Clients::come(&world, rate, counter, &plan.only);
    let mut table = Table::default();
    let watched = watch_over(terms, &mut exchange, &mut watcher, &mut clients, &mut table).await;
    // Whatever happened, what was seen is kept.
    table.save(&plan.out)?;
    watched.with_context(|| format!("the log of the exchange is {}", exchange.log().display()))?;

    world.stop.cancel();
    let books = clients.traders.await??;
    let messages = clients.reader.await??;
    let rounds = clients.hostile.await??;
    let left = clean_up(&start, &mut watcher).await?;
    let (first, last) = health::flat(&table.0, terms.time, !terms.is_short)?;
    add_up(&exchange, &accounts, &before, &books).await?;
    exchange.check()?;
    let stored = exchange.stored_bytes();
    let took = exchange.stop()?;

    let mut rows = vec![
        ["trades".to_owned(), books.trades().to_string()],
        ["stream messages".to_owned(), format!("{messages}, none missed")],
        ["memory".to_owned(), format!("{} MiB after the warm-up, {} MiB at the end", first >> 10, last >> 10)],
        ["left behind".to_owned(), format!("nothing, after {} s", left.as_secs())],
        ["stored".to_owned(), format!("{} MiB", stored >> 20)],
        ["end on SIGTERM".to_owned(), format!("{:.1} s", took.as_secs_f64())],
    ];
    rows.extend(rounds.iter().map(|(name, count)| [(*name).to_owned(), format!("{count} rounds")]));
    print!("{}", health::table(&rows));
    steady(&table, terms, rate)?;
    println!("soak: passed; figures are in {}", plan.out.display());
    Ok(())
}

/// Half of the highest load that is not sustained is no half of it.
fn steady(table: &Table, terms: &Terms, rate: u64) -> anyhow::Result<()> {
    let requests: u64 = table.0.iter().map(|sample| sample.requests).sum();
    let mut p99: Vec<u64> = table.0.iter().map(|sample| sample.p99_us).collect();
    p99.sort_unstable();
    let median = p99.get(p99.len() / 2).copied().unwrap_or(0);
    let reached = requests as f64 / terms.time.as_secs_f64();
    println!(
        "soak: {requests} honest requests, {reached:.0} a second of {rate}, none refused; the 99th percentile of a second is {:.1} ms",
        median as f64 / 1e3
    );
    ensure!(reached > 0.9 * rate as f64, "the honest traders reached {reached:.0} requests/s of {rate}");
    Ok(())
}

/// Looks every second until the time is over, or something is not as it has to be.
async fn watch_over(
    terms: &Terms,
    exchange: &mut Exchange,
    watcher: &mut Watcher,
    clients: &mut Clients,
    table: &mut Table,
) -> anyhow::Result<()> {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks.tick().await;
    watcher.begin();
    let (begin, mut told) = (Instant::now(), Instant::now());
    let mut since = 0;
    while begin.elapsed() < terms.time {
        tokio::select! {
            _ = looks.tick() => {}
            ended = &mut clients.traders => { ended??; bail!("the honest traders ended by themselves") }
            ended = &mut clients.reader => { ended??; bail!("the honest reader ended by itself") }
            ended = &mut clients.hostile => { ended??; bail!("the hostile clients ended by themselves") }
        }
        exchange.check()?;
        table.0.push(watcher.look().await?);
        since += 1;
        if told.elapsed() >= terms.progress {
            println!("soak: {}", table.line(since));
            (told, since) = (Instant::now(), 0);
        }
    }
    Ok(())
}

/// Waits until what the clients left behind is gone; gives how long that took.
async fn clean_up(start: &Sample, watcher: &mut Watcher) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    loop {
        let now = watcher.look().await?;
        match health::left_behind(start, &now) {
            Ok(()) => return Ok(begin.elapsed()),
            Err(left) => ensure!(begin.elapsed() < CLEAN_UP, "left behind after {} s: {left}", CLEAN_UP.as_secs()),
        }
        sleep(LOOK).await;
    }
}

/// Gives the sub-account money to order with, as soon as the exchange has learned of its key.
async fn fund(exchange: &Exchange, master: &Key, greedy: &Key) -> anyhow::Result<()> {
    let mut connection = Connection::open(exchange.http, WATCHER).await?;
    let parameters = format!(
        "toEmail={SUB_ACCOUNT}&fromAccountType=SPOT&toAccountType=SPOT&asset=USDT&amount=1000&clientTranId=soak"
    );
    let transfer = master.request("POST", "/sapi/v1/sub-account/universalTransfer", &parameters);
    let answer = connection.ask(&transfer).await?;
    ensure!(answer.status == 200, "the sub-account was given no money: {} {}", answer.status, answer.body);
    let begin = Instant::now();
    while connection.ask(&greedy.get("/api/v3/account", "")).await?.status != 200 {
        ensure!(begin.elapsed() < PATIENCE, "the exchange does not learn of a new key");
        sleep(LOOK).await;
    }
    Ok(())
}

/// What the accounts have together, by asset; none of it may be locked.
async fn balances(exchange: &Exchange, accounts: &[Key]) -> anyhow::Result<BTreeMap<String, Amount>> {
    let mut connection = Connection::open(exchange.http, WATCHER).await?;
    let mut sums = BTreeMap::new();
    for account in accounts {
        let answer = connection.ask(&account.get("/api/v3/account", "")).await?;
        ensure!(answer.status == 200, "no balances: {} {}", answer.status, answer.body);
        let body = answer.json()?;
        for row in body["balances"].as_array().context("an account has no balances")? {
            let text = |name: &str| row[name].as_str().with_context(|| format!("no {name} in {row}"));
            ensure!(money::parse(text("locked")?)? == 0, "something is locked: {row}");
            *sums.entry(text("asset")?.to_owned()).or_insert(0) += money::parse(text("free")?)?;
        }
        let answer = connection.ask(&account.get("/api/v3/openOrders", "")).await?;
        ensure!((answer.status, answer.body.as_str()) == (200, "[]"), "open orders: {}", answer.body);
    }
    Ok(sums)
}

/// Compares what the accounts have with what the traders know: all that is gone is fees.
async fn add_up(
    exchange: &Exchange,
    accounts: &[Key],
    before: &BTreeMap<String, Amount>,
    books: &Books,
) -> anyhow::Result<()> {
    let after = balances(exchange, accounts).await?;
    for asset in honest::assets() {
        let (before, after) = (before.get(asset).copied().unwrap_or(0), after.get(asset).copied().unwrap_or(0));
        let want = before - books.fees(asset)?;
        ensure!(
            after == want,
            "{asset} does not add up: the accounts have {}, {} are wanted",
            money::show(after),
            money::show(want)
        );
    }
    Ok(())
}
