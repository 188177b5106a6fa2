//! The highest load of this machine: what the honest traders reach alone, as fast as it goes.

use std::path::Path;
use std::time::Instant;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::exchange::Exchange;
use crate::honest::{self, Counter};
use crate::terms::Terms;

/// Requests per second of an exchange that refuses nobody and has no other clients.
pub(crate) async fn highest(program: &Path, out: &Path, terms: &Terms) -> anyhow::Result<u64> {
    let without = ["WEIGHT_1M", "ORDERS_10S", "ORDERS_1D"].map(|limit| format!("RIALTO_LIMITS_{limit}"));
    let settings: Vec<(&str, String)> = without.iter().map(|name| (name.as_str(), "1000000000".to_owned())).collect();
    let exchange = Exchange::start(program, out, "calibration", &settings)?;
    let traders = [exchange.account("alice")?, exchange.account("bob")?];
    let (counter, stop) = (Counter::new(), CancellationToken::new());
    let trading = tokio::spawn(honest::trade(exchange.http, traders, None, counter.clone(), stop.clone()));
    // What is slower at first does not count.
    sleep(terms.calibration / 5).await;
    counter.take();
    let begin = Instant::now();
    sleep(terms.calibration).await;
    let (requests, time) = (counter.take().requests, begin.elapsed());
    stop.cancel();
    trading.await??;
    exchange.stop()?;
    Ok(requests * 1_000 / u64::try_from(time.as_millis())?.max(1))
}
