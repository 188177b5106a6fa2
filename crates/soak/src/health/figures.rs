//! Samples for people: a file for tables, a picture, and lines for the terminal.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::Sample;

/// All samples, in the order in which they were taken.
#[derive(Debug, Default)]
pub(crate) struct Table(pub(crate) Vec<Sample>);

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 90.0;

impl Table {
    /// What happened in the last so many samples, in a line.
    pub(crate) fn line(&self, last: usize) -> String {
        let from = self.0.len().saturating_sub(last);
        let (Some(now), span) = (self.0.last(), &self.0[from..]) else { return String::new() };
        let before =
            from.checked_sub(1).and_then(|before| self.0.get(before)).map_or(Duration::ZERO, |sample| sample.at);
        let seconds = now.at.saturating_sub(before).as_secs_f64().max(0.001);
        let requests: u64 = span.iter().map(|sample| sample.requests).sum();
        let p99 = span.iter().map(|sample| sample.p99_us).max().unwrap_or(0);
        format!(
            "{:>5} s  {:>6.0} requests/s  p99 up to {:>7.1} ms  {:>4} MiB  {:>4} tasks  {:>4} files  {:>3} threads  \
             {:>3} HTTP  {:>3} WebSockets  {:>3} gRPC  SQL behind by {}",
            now.at.as_secs(),
            requests as f64 / seconds,
            p99 as f64 / 1e3,
            now.memory_kb >> 10,
            now.tasks,
            now.files,
            now.threads,
            now.http,
            now.websockets,
            now.grpc,
            now.lag
        )
    }

    /// Writes `health.csv` and `health.svg` into a folder.
    pub(crate) fn save(&self, folder: &Path) -> anyhow::Result<()> {
        let mut csv =
            String::from("seconds,memory_kb,files,threads,cpu_ms,tasks,http,websockets,grpc,lag,requests,p99_us\n");
        for Sample { at, memory_kb, files, threads, cpu, tasks, http, websockets, grpc, lag, requests, p99_us } in
            &self.0
        {
            let (seconds, cpu) = (at.as_secs_f64(), cpu.as_millis());
            writeln!(
                csv,
                "{seconds:.1},{memory_kb},{files},{threads},{cpu},{tasks},{http},{websockets},{grpc},{lag},{requests},{p99_us}"
            )?;
        }
        std::fs::write(folder.join("health.csv"), csv)?;
        std::fs::write(folder.join("health.svg"), self.picture()?)?;
        Ok(())
    }

    /// A curve for each figure, each from zero to its own highest value.
    fn picture(&self) -> anyhow::Result<String> {
        type Read = fn(&Sample) -> f64;
        let curves: [(&str, Read); 6] = [
            ("memory, MiB", |sample| (sample.memory_kb >> 10) as f64),
            ("tasks", |sample| sample.tasks as f64),
            ("open files", |sample| sample.files as f64),
            ("connections", |sample| (sample.http + sample.websockets + sample.grpc) as f64),
            ("honest requests in a second", |sample| sample.requests as f64),
            ("their p99, ms", |sample| sample.p99_us as f64 / 1e3),
        ];
        let height = (HEIGHT + 40.0) * curves.len() as f64;
        let end = self.0.last().map_or(1.0, |sample| sample.at.as_secs_f64()).max(1.0);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{height}\" font-family=\"sans-serif\" \
             font-size=\"13\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            WIDTH + 20.0
        );
        for (number, (name, read)) in curves.iter().enumerate() {
            let top = (HEIGHT + 40.0) * number as f64 + 25.0;
            let most = self.0.iter().map(read).fold(1.0, f64::max);
            write!(
                svg,
                "<text x=\"10\" y=\"{:.0}\">{name}: up to {most:.0} in {end:.0} s</text>\
                 <polyline fill=\"none\" stroke=\"#1f6feb\" points=\"",
                top - 6.0
            )?;
            for sample in &self.0 {
                let (x, y) = (10.0 + sample.at.as_secs_f64() / end * WIDTH, top + HEIGHT * (1.0 - read(sample) / most));
                write!(svg, "{x:.1},{y:.1} ")?;
            }
            svg.push_str("\"/>");
        }
        svg.push_str("</svg>\n");
        Ok(svg)
    }
}

/// Lines under a head, in columns.
pub(crate) fn table(rows: &[[String; 2]]) -> String {
    let width = rows.iter().map(|[name, _]| name.chars().count()).max().unwrap_or(0);
    rows.iter().map(|[name, value]| format!("  {name:<width$}  {value}\n")).collect()
}
