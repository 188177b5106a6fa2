//! The figures for people.

use super::{Door, Fanout, Results, Stream};
use crate::figures::{Spread, Table, rate};

/// What the 99th percentile of a stream's latency should stay under.
const AIM_P99_NS: f64 = 50e6;
/// What a socket should cost the exchange in memory at most.
const AIM_BYTES: f64 = 40.0 * 1024.0;

/// Prints all tables, and what was aimed at.
pub(super) fn all(results: &Results) {
    doors(results);
    if let Some(fanout) = &results.fanout {
        streams(fanout);
    }
}

fn doors(results: &Results) {
    let head = [
        "door, at once",
        "durable requests/s",
        "placed orders/s",
        "p50",
        "p99",
        "p99.9",
        "not ok",
        "server CPU us each",
        "SQL behind by",
        "load CPU",
        "of hello",
    ];
    let mut table = Table::new(&head);
    for line in &results.figures {
        let what = match (line.door, line.connections) {
            (Door::WebSocketApi, _) => format!("WebSocket API, {}", line.at_once),
            (Door::Grpc, 1) => format!("gRPC, {} on 1 connection", line.at_once),
            (Door::Grpc, connections) => format!("gRPC, {} on {connections} connections", line.at_once),
        };
        let mut row = vec![what, rate(&line.requests_per_second), rate(&line.orders_per_second)];
        row.extend(line.latency.cells());
        row.push(line.not_ok.to_string());
        row.push(format!("{:.1}", line.server_cpu_us_per_request.median));
        row.push(format!("{:.0}", line.history_lag_commands.median));
        row.push(format!("{:.2}", line.generator_cpu.median));
        row.push(line.part_of_hello.as_ref().map_or_else(String::new, |part| format!("{:.0} %", part.median * 100.0)));
        table.row(row);
    }
    table.print(
        "Sockets: orders (3 placed for 1 cancelled), each answered when durable; over the WebSocket API logged on, over gRPC signed",
    );
    for line in &results.figures {
        if let Some(example) = &line.not_ok_example {
            println!("  {:?} with {}, an answer other than hoped for: {example}", line.door, line.at_once);
        }
    }
    println!("  A bare axum hello: {} requests/s with 32 connections.\n", rate(&results.hello_requests_per_second));
}

fn streams(fanout: &Fanout) {
    let mut table = Table::new(&["stream, from when", "sockets", "messages/s", "p50", "p99", "p99.9", "closed"]);
    let mut row = |what: &str, stream: &Stream, latency: &crate::figures::Latency| {
        let mut row = vec![what.to_owned(), stream.sockets.to_string(), rate(&stream.messages_per_second)];
        row.extend(latency.cells());
        row.push(stream.closed.to_string());
        table.row(row);
    };
    if let Some(latency) = &fanout.trades.since_engine {
        row("btcusdt@trade, from the engine to receipt", &fanout.trades, latency);
    }
    row("btcusdt@trade, from publication to receipt", &fanout.trades, &fanout.trades.since_published);
    row("btcusdt@depth@100ms, from publication to receipt", &fanout.depth, &fanout.depth.since_published);
    table.print(&format!(
        "Sockets: market streams while {} orders/s are placed, and a third of them in that market",
        rate(&fanout.orders_per_second)
    ));
    println!("  A change of a book waits up to 100 ms for its publication; that is not in these figures.");
    let [p50, p99, p999] = fanout.order_latency.cells();
    println!(
        "  The orders meanwhile, over REST, from when each was due to its answer: p50 {p50}, p99 {p99}, p99.9 {p999}; {} were not ok.",
        fanout.orders_not_ok
    );
    if let Some(example) = &fanout.orders_not_ok_example {
        println!("  One of those: {example}");
    }
    println!(
        "  The exchange used {:.2} processors, what listens {:.2}.",
        fanout.server_cpu.median, fanout.listener_cpu.median
    );
    if fanout.sockets < super::DEPTH_SOCKETS + super::TRADE_SOCKETS {
        println!(
            "  Only {} sockets were opened, because the system lets a process open no more files (ulimit -n).",
            fanout.sockets
        );
    }
    for (name, stream) in [("trades", &fanout.trades), ("depth", &fanout.depth)] {
        for fault in &stream.faults {
            println!("  A run was not whole, its figures mean nothing: of {name}, {fault}.");
        }
    }
    if let Some(p99) = &fanout.trades.since_engine_p99_ns {
        aim("of a p99 from the engine to the receipt of a trade under 50 ms", p99, AIM_P99_NS, 1e6, "ms");
    }
    let p99 = &fanout.depth.since_published_p99_ns;
    aim("of a p99 from the publication of a change of the book to its receipt under 50 ms", p99, AIM_P99_NS, 1e6, "ms");
    aim("of less than 40 KiB for a socket", &fanout.idle_bytes_per_socket, AIM_BYTES, 1024.0, "KiB");
    let busy = &fanout.busy_bytes_per_socket_without_orders;
    aim("of less than 40 KiB for a socket under load", busy, AIM_BYTES, 1024.0, "KiB");
    println!(
        "  Under load, what the exchange grew by with as many orders and no sockets is left out; with it, {:.1} KiB.\n",
        fanout.busy_bytes_per_socket.median / 1024.0
    );
}

fn aim(what: &str, got: &Spread, aim: f64, unit: f64, name: &str) {
    let word = if got.median < aim { "reached" } else { "missed" };
    let [median, min, max] = [got.median, got.min, got.max].map(|value| value / unit);
    println!("  Aim {what}: {word} ({median:.1} {name}, {min:.1} - {max:.1}).");
}
