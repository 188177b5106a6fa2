//! `rialto run`: the whole exchange in one process.

mod catalog;
mod demo;
mod feed;
mod market_hours;
mod people;
mod projector;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::ports::Exchange;
use api::{App, Parts};
use clap::Args;
use coins::Coins;
use db::Db;
use identity::ApiKeys;
use marketdata::MarketData;
use markettime::Schedules;
use node::{Node, StartReport, Subscription};
use projections::{History, Live};
use runtime::clock::{Clock, SystemClock};
use runtime::config::Settings;
use runtime::entropy::{Random, SystemRandom};
use runtime::health::Health;
use runtime::shutdown::Shutdown;
use runtime::telemetry::{self, Metrics};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket};
use transfers::Transfers;

use crate::adapters::{EngineAccounts, NodeExchange};
use crate::settings::{journal_directory, limits, node_config, open_database, open_secrets};

/// Kernel memory for what a connection has not taken yet.
const SEND_BUFFER_BYTES: u32 = 256 << 10;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 4_096;
/// How long a start waits for SQL to catch up with the journal before it serves without the whole past.
const PATIENCE_FOR_PAST: Duration = Duration::from_secs(10);

/// Starts the exchange.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Lists the demo markets and makes two funded demo accounts whose API keys are shown once
    #[arg(long)]
    demo: bool,
    /// Folder of the embedded store (setting store.data_dir)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address to listen on (setting http.listen)
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Settings file; without it ./rialto.toml is read if it is there
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs until a signal or a failure. `true` when it was asked to stop and stopped cleanly.
pub(crate) fn run(args: &Run) -> anyhow::Result<bool> {
    let mut settings = Settings::load(args.config.as_deref())?;
    if let Some(data) = &args.data {
        settings.store.data_dir.clone_from(data);
    }
    if let Some(listen) = args.listen {
        settings.http.listen = listen;
    }
    settings.check()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(settings, args.demo))
}

async fn serve(mut settings: Settings, demo: bool) -> anyhow::Result<bool> {
    let metrics = telemetry::init(&settings.log)?;
    let shutdown = Shutdown::new();
    shutdown.listen_for_signals()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let random: Arc<dyn Random> = Arc::new(SystemRandom::new());
    allow_connections(&settings);
    let data = &settings.store.data_dir;
    std::fs::create_dir_all(data).with_context(|| format!("cannot create the data folder {}", data.display()))?;
    let sealing = open_secrets(&mut settings, &*random, Arc::clone(&clock)).await?;

    let (node, report) = start_node(&settings, &clock).await?;
    let db = open_database(&settings).await?;
    let exchange: Arc<dyn Exchange> = Arc::new(NodeExchange(node.clone()));
    let gifts = demo.then(|| demo::gifts(&exchange, &report));
    let ground = people::Ground {
        keys: Arc::new(ApiKeys::new(db.clone(), sealing.clone(), Arc::clone(&random))),
        accounts: Arc::new(EngineAccounts { exchange: exchange.clone(), gifts }),
        exchange,
        db: db.clone(),
        sealing,
        random,
        clock,
        demo,
    };
    let people = people::build(&settings, &ground).await?;
    if demo {
        demo::prepare(&node, &ground, people.people()).await?;
    }

    let projector = projector::Waiting::open(&settings, report.image.sequence).await?;
    let health = health(&db, &node);
    let app = app(&settings, ground, people.start(&shutdown), &projector, metrics, &health)?;
    let feed = load_views(&app, &node).await?;
    shutdown.spawn("feed", feed::follow(app.clone(), node.clone(), feed));
    let (loaded, whole) = tokio::sync::oneshot::channel();
    let past = health.component("history");
    past.not_ready("trades and candles from before the start are still being written to the database");
    let (app_of_work, node_of_work, until) = (app.clone(), node.clone(), report.image.sequence);
    let work = projector::Work { app: app_of_work, node: node_of_work, until, health: past, loaded };
    shutdown.spawn("projector", projector.follow(work));
    shutdown.spawn("market-hours", market_hours::Task::new(&app, node.clone(), &report).run(shutdown.clone()));
    shutdown.spawn("api-keys", flush_key_use(app.clone(), shutdown.clone()));

    if tokio::time::timeout(PATIENCE_FOR_PAST, whole).await.is_err() {
        tracing::warn!("the database is far behind the journal: serving starts now, history follows (see /readyz)");
    }
    let failed = tokio::select! {
        served = Box::pin(serve_doors(&settings, &app, &shutdown)) => { served?; false }
        () = node.stopped() => true,
    };
    finish(&shutdown, node, &settings).await?;
    if let Err(error) = app.keys.flush_last_used().await {
        tracing::warn!(%error, "the times of last use of API keys were not stored");
    }
    db.close().await?;
    anyhow::ensure!(!failed, "the node stopped by itself; the reason stands in the log above");
    tracing::info!("stopped");
    Ok(true)
}

/// What the doors work with.
fn app(
    settings: &Settings,
    ground: people::Ground,
    native: api::native::Parts,
    projector: &projector::Waiting,
    metrics: Metrics,
    health: &Health,
) -> anyhow::Result<App> {
    let people::Ground { db, keys, exchange, clock, random, .. } = ground;
    Ok(App::new(Parts {
        exchange,
        market_data: MarketData::new(),
        live: Live::new(),
        history: History::new(db.clone()),
        progress: projector.progress.clone(),
        transfers: Transfers::new(db.clone()),
        keys,
        coins: Coins::new(db.clone()),
        schedules: Schedules::new(db),
        clock,
        random,
        http: settings.http.clone(),
        limits: limits(settings)?,
        metrics,
        health: health.clone(),
        native,
    }))
}

/// Opens the doors and serves until the shutdown.
async fn serve_doors(settings: &Settings, app: &App, shutdown: &Shutdown) -> anyhow::Result<()> {
    let http = listen(settings.http.listen, "http.listen")?;
    let grpc = settings.grpc.listen.0.map(|address| listen(address, "grpc.listen")).transpose()?;
    if let Some(grpc) = &grpc {
        println!("gRPC is on http://{}", grpc.local_addr()?);
    }
    // Whoever starts the program waits for this line: it is the last one.
    println!("listening on http://{}", http.local_addr()?);
    std::io::stdout().flush()?;
    let grpc = async {
        match grpc {
            Some(grpc) => api::grpc::serve(grpc, app.clone(), settings.grpc.clone(), shutdown.token()).await,
            None => Ok(()),
        }
    };
    tokio::try_join!(api::server::serve(http, app.clone(), shutdown.token()), grpc)?;
    Ok(())
}

/// Raises the limit on open files to what the system allows; the usual default of 1,024 is below `http.max_connections`.
fn allow_connections(settings: &Settings) {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit on open files could not be raised");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // The files of the store come on top of the connections.
    let needed = (settings.http.max_connections + settings.grpc.max_connections) as u64 + 200;
    if files < needed {
        tracing::warn!(
            files,
            needed,
            "fewer open files are allowed than the two settings max_connections ask for; raise `ulimit -Hn`"
        );
    }
}

/// Listens with a bounded send buffer: what a slow reader of a stream does not take waits in our own bounded queue, where it is
/// noticed, and not in megabytes of kernel memory for each. `setting` is where the address comes from.
fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    bind(address).with_context(|| format!("cannot listen on {address} ({setting}); is another process there?"))
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Opens the journal and builds the state, away from the async threads.
async fn start_node(settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<(Node, StartReport)> {
    let (config, clock) = (node_config(settings), Arc::clone(clock));
    let (node, report) = tokio::task::spawn_blocking(move || Node::start(config, clock))
        .await?
        .with_context(|| format!("cannot start from {}", journal_directory(settings).display()))?;
    for cause in &report.passed_over {
        tracing::warn!(%cause, "a damaged snapshot was passed over");
    }
    if let Some(torn) = &report.journal.torn {
        tracing::warn!(?torn, "the last write had not finished: its torn tail was cut; nothing of it was acknowledged");
    }
    let (sequence, snapshot) = (report.image.sequence.0, report.snapshot);
    tracing::info!(sequence, ?snapshot, replayed = report.replayed, "state built from the journal");
    Ok((node, report))
}

/// Fills the views from the state, and gives the feed from there on.
async fn load_views(app: &App, node: &Node) -> anyhow::Result<Subscription> {
    let node = node.clone();
    let (image, feed) = tokio::task::spawn_blocking(move || node.image_and_feed()).await??;
    app.load(&image)?;
    Ok(feed)
}

fn health(db: &Db, node: &Node) -> Health {
    let health = Health::new();
    let db = db.clone();
    health.check("database", move || {
        let db = db.clone();
        async move { db.ping().await.map_err(|error| error.to_string()) }
    });
    let node = node.clone();
    health.check("engine", move || {
        let stopped = node.is_stopped();
        async move { if stopped { Err("the node has stopped".to_owned()) } else { Ok(()) } }
    });
    health
}

async fn flush_key_use(app: App, shutdown: Shutdown) {
    let mut every = tokio::time::interval(Duration::from_secs(30));
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = shutdown.requested() => return,
        }
        if let Err(error) = app.keys.flush_last_used().await {
            tracing::warn!(%error, "the times of last use of API keys were not stored; they are tried again");
        }
    }
}

/// Stops the node, which lets the feed and the projector come to their end, then waits for them.
async fn finish(shutdown: &Shutdown, node: Node, settings: &Settings) -> anyhow::Result<()> {
    shutdown.trigger("the server has ended");
    tokio::task::spawn_blocking(move || node.stop()).await?;
    if let Err(error) = shutdown.drain(settings.http.shutdown_timeout()).await {
        // Projections continue from their checkpoint at the next start.
        tracing::warn!(%error, "a task did not end in time");
    }
    Ok(())
}
