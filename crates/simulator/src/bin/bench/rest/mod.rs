//! The whole exchange over HTTP, beside a bare server that says hello.
//!
//! The load generator is part of this program and shares the machine with what it measures. It is one loop over epoll on a
//! thread of its own, with one request outstanding on each connection: less CPU than an async runtime or an HTTP client
//! library would cost, as `wrk` does it. The section `sockets` uses it too.

pub(crate) mod connection;
pub(crate) mod frame;
pub(crate) mod hello;
pub(crate) mod load;
pub(crate) mod orders;
pub(crate) mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use self::load::{Measured, Plan};
use self::orders::Kind;
use self::server::Server;
use crate::figures::{Latency, Spread, Table, rate};

const CONNECTIONS: [usize; 3] = [1, 32, 256];
/// What is run before anything is measured.
const WARM_UP: Duration = Duration::from_secs(1);
/// Connections, durable requests per second that they should reach, and what their 99th percentile should stay under.
const AIMS: [(usize, f64, u64); 2] = [(32, 40_000.0, 5_000_000), (256, 50_000.0, 12_000_000)];
/// Part of the bare server's requests per second, with 32 connections.
const AIM_HELLO: f64 = 0.35;
/// What is read with 32 connections, after the orders.
const READS: [(&str, &str); 2] = [
    ("depth of 100 levels", "/api/v3/depth?symbol=BTCUSDT&limit=100"),
    ("ticker of 24 hours", "/api/v3/ticker/24hr?symbol=BTCUSDT"),
];
/// The number of connections that reads are measured with.
const READERS: usize = 32;

/// What is measured, and where.
pub(crate) struct Options {
    /// The program; without one it is built.
    pub(crate) program: Option<PathBuf>,
    /// An empty folder on a disk.
    pub(crate) directory: PathBuf,
    pub(crate) rounds: u32,
    pub(crate) seconds: u64,
    pub(crate) threads: u32,
}

/// The figures of one number of connections.
#[derive(Debug, Serialize)]
struct Figures {
    connections: usize,
    /// Placed and cancelled, each signed, and answered when durable.
    requests_per_second: Spread,
    /// The placed ones among them.
    orders_per_second: Spread,
    latency: Latency,
    /// Answers with another status than 200, all rounds together.
    not_ok: u64,
    /// The first of them.
    not_ok_example: Option<String>,
    hello_requests_per_second: Spread,
    hello_latency: Latency,
    /// Requests per second divided by the bare server's of the same round.
    part_of_hello: Spread,
    /// CPU time of the load generator in seconds a second: near its number of threads, it is what limits the figures.
    generator_cpu: Spread,
    hello_generator_cpu: Spread,
    /// CPU time of the exchange, its writing of history to SQL included, divided by requests.
    server_cpu_us_per_request: Spread,
    /// Commands by which the history in SQL was behind a second after the end: work that was left for later.
    history_lag_commands: Spread,
}

/// The figures of one read.
#[derive(Debug, Serialize)]
struct Read {
    what: &'static str,
    connections: usize,
    requests_per_second: Spread,
    latency: Latency,
    not_ok: u64,
}

/// The figures of the section.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    generator_threads: u32,
    figures: Vec<Figures>,
    reads: Vec<Read>,
}

/// What one round gave with one number of connections.
struct Round {
    orders: Measured,
    hello: Measured,
    /// In the order of [`READS`]; none with another number of connections.
    reads: Vec<Measured>,
}

/// Measures the exchange and the bare server in turn, each round with every number of connections.
pub(crate) fn measure(options: &Options) -> anyhow::Result<Results> {
    let program = match &options.program {
        Some(path) => path.clone(),
        None => server::build()?,
    };
    let mut taken: Vec<Vec<Round>> = CONNECTIONS.iter().map(|_| Vec::new()).collect();
    for number in 0..options.rounds {
        let data = options.directory.join(format!("exchange-{number}"));
        for (connections, taken) in CONNECTIONS.iter().zip(&mut taken) {
            taken.push(round(options, &program, &data, *connections)?);
        }
    }
    let figures = CONNECTIONS.iter().zip(&taken).map(|(connections, rounds)| sum_up(*connections, rounds)).collect();
    let rounds: Vec<&Round> = taken.iter().flatten().filter(|round| !round.reads.is_empty()).collect();
    let reads = READS.iter().enumerate().map(|(place, (what, _))| sum_up_reads(what, place, &rounds)).collect();
    let results = Results { generator_threads: options.threads, figures, reads };
    print(&results);
    Ok(results)
}

/// A fresh exchange, then a fresh bare server, under the same number of connections.
fn round(options: &Options, program: &Path, data: &Path, connections: usize) -> anyhow::Result<Round> {
    let plan = |kind: Kind| Plan {
        kind,
        connections,
        threads: options.threads,
        warm_up: WARM_UP,
        time: Duration::from_secs(options.seconds),
    };
    // What earlier runs left to write is not measured with this one.
    rustix::fs::sync();
    // Only this door is measured here; the other port may be taken.
    let exchange = Server::exchange(program, data, "")?;
    let orders = plan(Kind::Orders(exchange.traders()?)).run(&exchange)?;
    let paths = READS.iter().filter(|_| connections == READERS).map(|(_, path)| *path);
    let reads = paths.map(|path| plan(Kind::Get(path)).run(&exchange)).collect::<anyhow::Result<_>>()?;
    drop(exchange);
    std::fs::remove_dir_all(data)?;
    let bare = Server::hello()?;
    let hello = plan(Kind::Get("/")).run(&bare)?;
    Ok(Round { orders, hello, reads })
}

fn sum_up_reads(what: &'static str, place: usize, rounds: &[&Round]) -> Read {
    let taken: Vec<&Measured> = rounds.iter().filter_map(|round| round.reads.get(place)).collect();
    Read {
        what,
        connections: READERS,
        requests_per_second: Spread::of(taken.iter().map(|read| read.requests_per_second).collect()),
        latency: Latency::median(&taken.iter().map(|read| read.latency).collect::<Vec<_>>()),
        not_ok: taken.iter().map(|read| read.not_ok).sum(),
    }
}

fn sum_up(connections: usize, rounds: &[Round]) -> Figures {
    let spread = |read: fn(&Round) -> f64| Spread::of(rounds.iter().map(read).collect());
    let latencies: Vec<Latency> = rounds.iter().map(|round| round.orders.latency).collect();
    let hello: Vec<Latency> = rounds.iter().map(|round| round.hello.latency).collect();
    Figures {
        connections,
        requests_per_second: spread(|round| round.orders.requests_per_second),
        orders_per_second: spread(|round| round.orders.orders_per_second),
        latency: Latency::median(&latencies),
        not_ok: rounds.iter().map(|round| round.orders.not_ok).sum(),
        not_ok_example: rounds.iter().find_map(|round| round.orders.not_ok_example.clone()),
        hello_requests_per_second: spread(|round| round.hello.requests_per_second),
        hello_latency: Latency::median(&hello),
        part_of_hello: spread(|round| round.orders.requests_per_second / round.hello.requests_per_second.max(1.0)),
        generator_cpu: spread(|round| round.orders.generator_cpu),
        hello_generator_cpu: spread(|round| round.hello.generator_cpu),
        server_cpu_us_per_request: spread(|round| round.orders.server_cpu_us),
        history_lag_commands: spread(|round| round.orders.history_lag as f64),
    }
}

fn print(results: &Results) {
    let head = [
        "connections",
        "durable requests/s",
        "placed orders/s",
        "p50",
        "p99",
        "p99.9",
        "not 200",
        "server CPU us each",
        "SQL behind by",
        "hello/s",
        "of hello",
    ];
    let mut table = Table::new(&head);
    for line in &results.figures {
        let mut row =
            vec![line.connections.to_string(), rate(&line.requests_per_second), rate(&line.orders_per_second)];
        row.extend(line.latency.cells());
        row.push(line.not_ok.to_string());
        row.push(format!("{:.1}", line.server_cpu_us_per_request.median));
        row.push(format!("{:.0}", line.history_lag_commands.median));
        row.push(rate(&line.hello_requests_per_second));
        row.push(format!("{:.0} %", line.part_of_hello.median * 100.0));
        table.row(row);
    }
    table.print("REST: signed orders (3 placed for 1 cancelled), each answered when durable; beside a bare axum hello");
    for line in &results.figures {
        if let Some(example) = &line.not_ok_example {
            println!("  With {} connections, an answer other than 200: {example}", line.connections);
        }
    }
    let word = |reached: bool| if reached { "reached" } else { "missed" };
    for (connections, aim, aim_p99_ns) in AIMS {
        let Some(line) = results.figures.iter().find(|line| line.connections == connections) else { continue };
        let (got, p99_ns) = (line.requests_per_second.median, line.latency.p99_ns);
        println!(
            "  Aim of {:.0} k durable requests/s with {connections} connections: {} ({:.1} k/s); of a p99 under {} ms: {} ({:.1} ms).",
            aim / 1e3,
            word(got >= aim),
            got / 1e3,
            aim_p99_ns / 1_000_000,
            word(p99_ns < aim_p99_ns),
            p99_ns as f64 / 1e6,
        );
    }
    if let Some(some) = results.figures.iter().find(|line| line.connections == READERS) {
        let part = some.part_of_hello.median;
        println!("  Aim of {:.0} % of hello: {} ({:.0} %).", AIM_HELLO * 100.0, word(part >= AIM_HELLO), part * 100.0);
        println!(
            "  The load generator used {:.2} of a processor for 32 connections, {:.2} for the bare server's.\n",
            some.generator_cpu.median, some.hello_generator_cpu.median
        );
    }
    let mut table = Table::new(&["reads", "requests/s", "p50", "p99", "p99.9", "not 200"]);
    for read in &results.reads {
        let mut row = vec![read.what.to_owned(), rate(&read.requests_per_second)];
        row.extend(read.latency.cells());
        row.push(read.not_ok.to_string());
        table.row(row);
    }
    table.print(&format!("REST: reads with {READERS} connections, after the orders"));
}
