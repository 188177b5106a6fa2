//! The doors beside REST: orders over the WebSocket API and over gRPC, and market streams to thousands of sockets.
//!
//! The program that is measured runs in a process of its own; what sends and listens is part of this one and shares the machine
//! with it. The latencies of a stream therefore have the time in them until this program gets to read the socket.

mod fanout;
mod grpc;
mod print;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::figures::{Latency, Spread};
use crate::rest::load::{self, Measured};
use crate::rest::orders::Kind;
use crate::rest::server::{self, Server};

/// Connections of the WebSocket API, and callers of gRPC.
const CONNECTIONS: [usize; 3] = [1, 32, 256];
/// The number of them that the bare server is measured with, too.
const BESIDE: usize = 32;
/// What is run before anything is measured.
const WARM_UP: Duration = Duration::from_millis(500);
/// Sockets that listen to a book, and to the trades of its market.
const DEPTH_SOCKETS: usize = 10_000;
const TRADE_SOCKETS: usize = 1_000;
/// Orders that are placed meanwhile, a second.
const ORDERS_PER_SECOND: f64 = 5_000.0;

/// What can be left out.
const PARTS: [&str; 3] = ["websocket", "grpc", "streams"];

/// What is measured, and where.
pub(crate) struct Options {
    /// The program; without one it is built.
    pub(crate) program: Option<PathBuf>,
    /// An empty folder on a disk.
    pub(crate) directory: PathBuf,
    pub(crate) rounds: u32,
    pub(crate) seconds: u64,
    pub(crate) threads: u32,
    /// Only those of [`PARTS`] whose name contains this.
    pub(crate) only: String,
}

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Door {
    WebSocketApi,
    Grpc,
}

/// The figures of one door and number of connections, or of callers.
#[derive(Debug, Serialize)]
struct Figures {
    door: Door,
    at_once: usize,
    /// Connections that they share.
    connections: usize,
    /// Placed and cancelled, answered when durable.
    requests_per_second: Spread,
    /// The placed ones among them.
    orders_per_second: Spread,
    latency: Latency,
    /// Answers other than hoped for, all rounds together.
    not_ok: u64,
    /// The first of them.
    not_ok_example: Option<String>,
    /// Requests per second divided by the bare server's of the same round, where that was measured with as many connections.
    part_of_hello: Option<Spread>,
    /// CPU time of the load generator in seconds a second: near its number of threads, it is what limits the figures.
    generator_cpu: Spread,
    /// CPU time of the exchange, its writing of history to SQL included, divided by requests.
    server_cpu_us_per_request: Spread,
    /// Commands by which the history in SQL was behind a second after the end.
    history_lag_commands: Spread,
}

/// The figures of one stream.
#[derive(Debug, Serialize)]
struct Stream {
    sockets: usize,
    /// Messages received, on all sockets together.
    messages_per_second: Spread,
    /// From the trade in the engine to its receipt; of changes of a book nothing says when they happened.
    since_engine: Option<Latency>,
    since_engine_p99_ns: Option<Spread>,
    /// From the publication to the receipt.
    since_published: Latency,
    since_published_p99_ns: Spread,
    /// Sockets that the server closed, all rounds together.
    closed: usize,
    /// What was wrong with each run that was not whole: its figures mean nothing.
    faults: Vec<String>,
}

/// The figures of the streams.
#[derive(Debug, Serialize)]
struct Fanout {
    /// Fewer than wanted where the system does not let a process open as many files.
    sockets: usize,
    trades: Stream,
    depth: Stream,
    orders_per_second: Spread,
    /// From when an order was due to its answer.
    order_latency: Latency,
    orders_not_ok: u64,
    orders_not_ok_example: Option<String>,
    listener_cpu: Spread,
    server_cpu: Spread,
    /// Memory that the exchange grew by, divided by sockets: with all of them open, and at most while orders came.
    idle_bytes_per_socket: Spread,
    busy_bytes_per_socket: Spread,
    /// The second without what as many orders made the exchange grow by without the sockets.
    busy_bytes_per_socket_without_orders: Spread,
}

/// The figures of the section.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    generator_threads: u32,
    figures: Vec<Figures>,
    hello_requests_per_second: Spread,
    fanout: Option<Fanout>,
}

/// What one round gave.
struct Round {
    /// In the order of [`CONNECTIONS`], unless it was left out.
    websocket: Vec<Measured>,
    grpc: Vec<Measured>,
    hello: Measured,
    fanout: Option<fanout::Measured>,
}

/// Measures everything in turn, in each round.
pub(crate) fn measure(options: &Options) -> anyhow::Result<Results> {
    let program = match &options.program {
        Some(path) => path.clone(),
        None => server::build()?,
    };
    let sockets = fanout::sockets(DEPTH_SOCKETS + TRADE_SOCKETS);
    let mut rounds = Vec::new();
    for number in 0..options.rounds {
        let data = options.directory.join(format!("exchange-{number}"));
        rounds.push(round(options, &program, &data, sockets)?);
    }
    let results = sum_up(options, sockets, &rounds);
    print::all(&results);
    Ok(results)
}

/// A fresh exchange for each figure, so that none has to do what the one before left to do.
fn round(options: &Options, program: &Path, data: &Path, sockets: usize) -> anyhow::Result<Round> {
    let (threads, warm_up, time) = (options.threads, WARM_UP, Duration::from_secs(options.seconds));
    let plan = |kind, connections| load::Plan { kind, connections, threads, warm_up, time };
    let (mut websocket, mut grpc) = (Vec::new(), Vec::new());
    let [has_websocket, has_grpc, has_streams] = PARTS.map(|name| name.contains(&options.only));
    for connections in CONNECTIONS.into_iter().filter(|_| has_websocket) {
        let run = |server: &Server| plan(Kind::Logged(server.traders()?), connections).run(server);
        websocket.push(with_exchange(program, data, "", run)?);
    }
    for callers in CONNECTIONS.into_iter().filter(|_| has_grpc) {
        let run = |server: &Server| grpc::Plan { callers, threads, warm_up, time }.run(server);
        grpc.push(with_exchange(program, data, "127.0.0.1:0", run)?);
    }
    let trade_sockets = TRADE_SOCKETS.min(sockets / 2);
    let plan_fanout = fanout::Plan {
        depth_sockets: sockets - trade_sockets,
        trade_sockets,
        orders_per_second: ORDERS_PER_SECOND,
        threads,
        warm_up,
        time,
    };
    let fanout = has_streams.then(|| with_exchange(program, data, "", |server| plan_fanout.run(server))).transpose()?;
    let hello = plan(Kind::Get("/"), BESIDE).run(&Server::hello()?)?;
    Ok(Round { websocket, grpc, hello, fanout })
}

fn with_exchange<T>(
    program: &Path,
    data: &Path,
    grpc: &str,
    run: impl FnOnce(&Server) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    // What earlier runs left to write is not measured with this one.
    rustix::fs::sync();
    let exchange = Server::exchange(program, data, grpc)?;
    let measured = run(&exchange)?;
    drop(exchange);
    std::fs::remove_dir_all(data)?;
    Ok(measured)
}

fn sum_up(options: &Options, sockets: usize, rounds: &[Round]) -> Results {
    let mut figures = Vec::new();
    for door in [Door::WebSocketApi, Door::Grpc] {
        for (place, at_once) in CONNECTIONS.into_iter().enumerate() {
            let all = rounds.iter().filter_map(|round| {
                let of_door = if door == Door::Grpc { &round.grpc } else { &round.websocket };
                Some((of_door.get(place)?, &round.hello))
            });
            let all: Vec<_> = all.collect();
            if !all.is_empty() {
                figures.push(sum_up_door(door, at_once, &all));
            }
        }
    }
    let streams: Vec<&fanout::Measured> = rounds.iter().filter_map(|round| round.fanout.as_ref()).collect();
    let hello = rounds.iter().map(|round| round.hello.requests_per_second).collect();
    Results {
        generator_threads: options.threads,
        figures,
        hello_requests_per_second: Spread::of(hello),
        fanout: (!streams.is_empty()).then(|| sum_up_fanout(options.seconds, sockets, &streams)),
    }
}

/// Each round's figures, with those of the bare server.
fn sum_up_door(door: Door, at_once: usize, rounds: &[(&Measured, &Measured)]) -> Figures {
    let spread = |of: fn(&Measured) -> f64| Spread::of(rounds.iter().map(|(it, _)| of(it)).collect());
    let part = |(it, hello): &(&Measured, &Measured)| it.requests_per_second / hello.requests_per_second.max(1.0);
    Figures {
        door,
        at_once,
        connections: if door == Door::Grpc { grpc::Plan::connections(at_once) } else { at_once },
        requests_per_second: spread(|it| it.requests_per_second),
        orders_per_second: spread(|it| it.orders_per_second),
        latency: Latency::median(&rounds.iter().map(|(it, _)| it.latency).collect::<Vec<_>>()),
        not_ok: rounds.iter().map(|(it, _)| it.not_ok).sum(),
        not_ok_example: rounds.iter().find_map(|(it, _)| it.not_ok_example.clone()),
        part_of_hello: (at_once == BESIDE).then(|| Spread::of(rounds.iter().map(part).collect())),
        generator_cpu: spread(|it| it.generator_cpu),
        server_cpu_us_per_request: spread(|it| it.server_cpu_us),
        history_lag_commands: spread(|it| it.history_lag as f64),
    }
}

fn sum_up_fanout(seconds: u64, sockets: usize, rounds: &[&fanout::Measured]) -> Fanout {
    let spread = |of: &dyn Fn(&fanout::Measured) -> f64| Spread::of(rounds.iter().map(|it| of(it)).collect());
    let orders: Vec<&Measured> = rounds.iter().map(|round| &round.orders).collect();
    let per_socket = |bytes: u64| bytes as f64 / sockets.max(1) as f64;
    Fanout {
        sockets,
        trades: sum_up_stream(seconds, rounds, true, |measured| &measured.trades),
        depth: sum_up_stream(seconds, rounds, false, |measured| &measured.depth),
        orders_per_second: spread(&|it| it.orders.orders_per_second),
        order_latency: Latency::median(&orders.iter().map(|it| it.latency).collect::<Vec<_>>()),
        orders_not_ok: orders.iter().map(|it| it.not_ok).sum(),
        orders_not_ok_example: orders.iter().find_map(|it| it.not_ok_example.clone()),
        listener_cpu: spread(&|it| it.listener_cpu),
        server_cpu: spread(&|it| it.server_cpu),
        idle_bytes_per_socket: spread(&|it| per_socket(it.memory[1].saturating_sub(it.memory[0]))),
        busy_bytes_per_socket: spread(&|it| per_socket(it.memory[2].saturating_sub(it.memory[0]))),
        busy_bytes_per_socket_without_orders: spread(&|it| {
            per_socket(it.memory[2].saturating_sub(it.memory[0]).saturating_sub(it.growth))
        }),
    }
}

fn sum_up_stream(
    seconds: u64,
    rounds: &[&fanout::Measured],
    trades: bool,
    read: fn(&fanout::Measured) -> &fanout::Heard,
) -> Stream {
    let heard: Vec<&fanout::Heard> = rounds.iter().map(|round| read(round)).collect();
    let latencies = |of: fn(&fanout::Heard) -> Latency| heard.iter().map(|it| of(it)).collect::<Vec<_>>();
    let p99 = |all: &[Latency]| Spread::of(all.iter().map(|latency| latency.p99_ns as f64).collect());
    let since_engine = trades.then(|| latencies(|it| Latency::of(&it.since_trade)));
    let since_published = latencies(|it| Latency::of(&it.since_published));
    Stream {
        sockets: heard.first().map_or(0, |it| it.sockets),
        messages_per_second: Spread::of(heard.iter().map(|it| it.messages as f64 / seconds as f64).collect()),
        since_engine_p99_ns: since_engine.as_deref().map(p99),
        since_engine: since_engine.as_deref().map(Latency::median),
        since_published_p99_ns: p99(&since_published),
        since_published: Latency::median(&since_published),
        closed: heard.iter().map(|it| it.closed).sum(),
        faults: heard.iter().filter_map(|it| it.fault()).collect(),
    }
}
