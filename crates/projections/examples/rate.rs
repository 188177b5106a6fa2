//! How fast the views follow: `cargo run --release -p projections --example rate -- [commands] [postgres URL]`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a measurement reads the clock and prints"
)]

#[allow(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../../marketdata/tests/it/exchange/mod.rs"]
mod exchange;

use std::{sync::Arc, time::Instant};

use exchange::Exchange;
use marketdata::MarketData;
use model::{Batch, Event};
use projections::{Live, Projector};

/// Processor time of this process in seconds, all threads; zero where there is no `/proc`. Ticks are hundredths.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok());
    ticks.sum::<u64>() as f64 / 100.0
}

struct Watch {
    started: Instant,
    processor: f64,
}

impl Watch {
    fn start() -> Self {
        Self { started: Instant::now(), processor: processor_seconds() }
    }

    fn report(self, what: &str, commands: usize) {
        let per_second = commands as f64 / self.started.elapsed().as_secs_f64();
        let per_processor_second = commands as f64 / (processor_seconds() - self.processor).max(0.01);
        println!(
            "{what:<14} {per_second:>12.0} commands/s {per_processor_second:>12.0} commands/s of this process's processor time"
        );
    }
}

async fn project(url: &str, batches: &[Arc<Batch>], commands: usize) {
    let db = db::Db::connect(url, &db::Options::default()).await.unwrap();
    db::migrate(&db, &[projections::migrations()]).await.unwrap();
    let mut projector = Projector::open(db).await.unwrap();
    projector.clear().await.unwrap();
    let watch = Watch::start();
    for batches in batches.chunks(32) {
        projector.apply(batches).await.unwrap();
    }
    watch.report(url.split_once(':').unwrap().0, commands);
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let commands: usize = arguments.next().map_or(300_000, |text| text.parse().unwrap());
    let (mut exchange, first) = Exchange::open(1, 1_000);
    exchange.most_open = 1_000;
    exchange.pace = 100;
    let mut batches = vec![Arc::new(first)];
    batches.extend((0..commands.div_ceil(256)).map(|_| Arc::new(exchange.batch(256))));
    let commands: usize = batches.iter().map(|batch| batch.steps.len()).sum();
    let trades =
        batches.iter().flat_map(|batch| &batch.events).filter(|event| matches!(event, Event::Trade(_))).count();
    println!("{commands} commands, {trades} trades");

    let watch = Watch::start();
    let live = Live::new();
    for batch in &batches {
        live.apply(batch).unwrap();
    }
    watch.report("live", commands);

    let watch = Watch::start();
    let data = MarketData::new();
    for batch in &batches {
        data.apply(batch).unwrap();
    }
    watch.report("market data", commands);

    let directory = std::env::temp_dir().join(format!("rialto-rate-{}", std::process::id()));
    project(&format!("sqlite://{}/rate.db", directory.display()), &batches, commands).await;
    std::fs::remove_dir_all(&directory).unwrap();
    if let Some(url) = arguments.next() {
        project(&url, &batches, commands).await;
    }
}
