//! Logs on standard output and metrics as Prometheus text.

use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::Error;
use crate::config::{Log, LogFormat};

/// Buckets of every histogram, in seconds: from a tenth of a millisecond (an order on loopback) to ten seconds (a timeout).
const BUCKETS_SECONDS: [f64; 16] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How often recorded samples are folded into their buckets; between two folds they stay in memory.
const UPKEEP: Duration = Duration::from_secs(5);

/// The metrics of this process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// All metrics in Prometheus' text format, for `/metrics`.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Metrics that nothing records to: for tests that need something to render.
    pub fn unregistered() -> Self {
        Self(builder().build_recorder().handle())
    }
}

/// Sets up logs and metrics for the whole process: `tracing`'s and `metrics`' macros work everywhere from now on.
///
/// # Errors
/// [`Error::Telemetry`] when called twice, or when the filter is not one.
pub fn init(log: &Log) -> Result<Metrics, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Telemetry(error.to_string());
    let filter = EnvFilter::try_new(&log.filter).map_err(|error| failed(&error))?;
    // A log that cannot be written is lost. The library would complain on standard error instead, which panics when that cannot be
    // written either: whoever reads both may have died, and then no task would survive its next line.
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stdout).log_internal_errors(false);
    match log.format {
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stdout())).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|error| failed(&error))?;
    let recorder = builder_with_buckets()?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| failed(&error))?;
    // Samples of histograms pile up until somebody reads or folds them: without this thread an exchange that nobody
    // scrapes would grow for ever.
    let upkeep = handle.clone();
    std::thread::Builder::new()
        .name("metrics-upkeep".into())
        .spawn(move || {
            loop {
                std::thread::sleep(UPKEEP);
                upkeep.run_upkeep();
            }
        })
        .map_err(|error| failed(&error))?;
    Ok(Metrics(handle))
}

fn builder() -> PrometheusBuilder {
    PrometheusBuilder::new()
}

fn builder_with_buckets() -> Result<PrometheusBuilder, Error> {
    builder().set_buckets(&BUCKETS_SECONDS).map_err(|error| Error::Telemetry(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_metrics_are_rendered_with_buckets() {
        let recorder = builder_with_buckets().unwrap().build_recorder();
        let metrics = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("orders_total", "side" => "buy").increment(3);
            metrics::histogram!("order_seconds").record(0.002);
        });
        let text = metrics.render();
        assert!(text.contains("orders_total{side=\"buy\"} 3"), "{text}");
        assert!(text.contains("order_seconds_bucket{le=\"0.001\"} 0"), "{text}");
        assert!(text.contains("order_seconds_bucket{le=\"0.0025\"} 1"), "{text}");
        assert_eq!(Metrics::unregistered().render(), "");
    }
}
