//! What takes part, and how each is timed.

use std::time::{Duration, Instant};

use flows::flash1::Message;
use hdrhistogram::Histogram;
use runtime::cpu;

use crate::figures::{histogram, latency};

/// Messages that are made ready outside of the measured time, then applied within it: few enough to stay in the cache.
const CHUNK: usize = 1_024;

/// An order book, or the engine around one, under one workload.
pub(super) trait Contender {
    /// A message in the contender's own form.
    type Input;

    /// Makes a message ready; not measured. Called for every message in order.
    fn input(&mut self, message: &Message) -> Self::Input;

    /// Applies it and gives the number of trades that the contender reported.
    fn apply(&mut self, input: &Self::Input) -> u64;
}

/// One pass over a workload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    /// CPU time of this thread.
    pub(super) cpu: Duration,
    /// Trades that were reported.
    pub(super) trades: u64,
}

/// A pass over messages by a fresh contender.
type Run<T> = Box<dyn Fn(&[Message]) -> T>;

/// A contender with everything that a fresh one needs.
pub(super) struct Case {
    pub(super) name: String,
    /// What it does beyond matching, or how it is driven.
    pub(super) remark: &'static str,
    pass: Run<Pass>,
    latencies: Run<Histogram<u64>>,
}

impl Case {
    /// A case whose contender is made anew for every pass.
    pub(super) fn new<C: Contender>(
        name: impl Into<String>,
        remark: &'static str,
        fresh: impl Fn() -> C + Clone + 'static,
    ) -> Self {
        let again = fresh.clone();
        Self {
            name: name.into(),
            remark,
            pass: Box::new(move |messages| pass(&mut fresh(), messages)),
            latencies: Box::new(move |messages| latencies(&mut again(), messages)),
        }
    }

    /// Applies all messages and counts the CPU time.
    pub(super) fn pass(&self, messages: &[Message]) -> Pass {
        (self.pass)(messages)
    }

    /// Applies all messages and times each: from one reading of the clock to the next.
    pub(super) fn latencies(&self, messages: &[Message]) -> Histogram<u64> {
        (self.latencies)(messages)
    }
}

fn pass<C: Contender>(contender: &mut C, messages: &[Message]) -> Pass {
    let mut inputs = Vec::with_capacity(CHUNK);
    let mut pass = Pass { cpu: Duration::ZERO, trades: 0 };
    for chunk in messages.chunks(CHUNK) {
        inputs.clear();
        inputs.extend(chunk.iter().map(|message| contender.input(message)));
        let before = cpu::thread_time();
        for input in &inputs {
            pass.trades += contender.apply(input);
        }
        pass.cpu += cpu::thread_time() - before;
    }
    pass
}

fn latencies<C: Contender>(contender: &mut C, messages: &[Message]) -> Histogram<u64> {
    let mut inputs = Vec::with_capacity(CHUNK);
    let mut times = Vec::with_capacity(CHUNK);
    let mut histogram = histogram();
    for chunk in messages.chunks(CHUNK) {
        inputs.clear();
        times.clear();
        inputs.extend(chunk.iter().map(|message| contender.input(message)));
        let mut before = Instant::now();
        for input in &inputs {
            std::hint::black_box(contender.apply(input));
            let now = Instant::now();
            times.push(latency::nanos(before, now));
            before = now;
        }
        // Recorded afterwards, so that the histogram does not push the contender out of the cache within the chunk.
        times.iter().for_each(|&time| histogram.saturating_record(time));
    }
    histogram
}
