//! How each contender is timed.

use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use runtime::cpu;

use super::message::Flow;
use crate::figures::{histogram, latency};

/// Messages that are made ready outside of the measured time, then applied within it: few enough to stay in the cache.
const CHUNK: usize = 1_024;
/// Messages of which a contender may look at all before it applies the first, as a batch of the node's would be.
const BATCH: usize = 64;

/// An order book, or the engine around one.
pub(super) trait Contender {
    /// What it is given.
    type Message: 'static;
    /// A message in the contender's own form.
    type Input;

    /// Makes a message ready; not measured. Called for every message in order.
    fn input(&mut self, message: &Self::Message) -> Self::Input;

    /// Looks at a batch before it is applied; measured.
    fn look_ahead(&mut self, _batch: &[Self::Input]) {}

    /// Applies it and gives the number of trades that the contender reported.
    fn apply(&mut self, input: &Self::Input) -> u64;
}

/// One pass over a flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    /// CPU time of this thread.
    pub(super) cpu: Duration,
    /// Trades that were reported.
    pub(super) trades: u64,
}

/// A contender with everything that a fresh one needs.
pub(super) struct Case {
    pub(super) name: String,
    /// What it does beyond matching, or how it is driven.
    pub(super) remark: &'static str,
    /// Whether each pass takes long to set up.
    pub(super) is_large: bool,
    pub(super) messages: usize,
    pass: Box<dyn Fn() -> Pass>,
    latencies: Box<dyn Fn() -> Histogram<u64>>,
}

impl Case {
    /// A case whose contender is made anew for every pass over the flow.
    pub(super) fn new<C: Contender>(
        name: impl Into<String>,
        remark: &'static str,
        flow: &Rc<Flow<C::Message>>,
        fresh: impl Fn() -> C + Clone + 'static,
    ) -> Self {
        let messages = flow.messages.len();
        let (first, second, again) = (Rc::clone(flow), Rc::clone(flow), fresh.clone());
        Self {
            name: name.into(),
            remark,
            is_large: false,
            messages,
            pass: Box::new(move || pass(&mut fresh(), &first)),
            latencies: Box::new(move || latencies(&mut again(), &second)),
        }
    }

    /// The same, known to take long to set up.
    pub(super) fn large(self) -> Self {
        Self { is_large: true, ..self }
    }

    /// Applies all messages and counts the CPU time.
    pub(super) fn pass(&self) -> Pass {
        (self.pass)()
    }

    /// Applies all messages and times each: from one reading of the clock to the next, and its part of looking ahead.
    pub(super) fn latencies(&self) -> Histogram<u64> {
        (self.latencies)()
    }
}

fn open<C: Contender>(contender: &mut C, flow: &Flow<C::Message>) {
    for message in &flow.opening {
        let input = contender.input(message);
        contender.apply(&input);
    }
}

fn pass<C: Contender>(contender: &mut C, flow: &Flow<C::Message>) -> Pass {
    open(contender, flow);
    let mut inputs = Vec::with_capacity(CHUNK);
    let mut pass = Pass { cpu: Duration::ZERO, trades: 0 };
    for chunk in flow.messages.chunks(CHUNK) {
        inputs.clear();
        inputs.extend(chunk.iter().map(|message| contender.input(message)));
        let before = cpu::thread_time();
        for batch in inputs.chunks(BATCH) {
            contender.look_ahead(batch);
            for input in batch {
                pass.trades += contender.apply(input);
            }
        }
        pass.cpu += cpu::thread_time() - before;
    }
    pass
}

fn latencies<C: Contender>(contender: &mut C, flow: &Flow<C::Message>) -> Histogram<u64> {
    open(contender, flow);
    let mut inputs = Vec::with_capacity(CHUNK);
    let mut times = Vec::with_capacity(CHUNK);
    let mut histogram = histogram();
    for chunk in flow.messages.chunks(CHUNK) {
        inputs.clear();
        times.clear();
        inputs.extend(chunk.iter().map(|message| contender.input(message)));
        let mut before = Instant::now();
        for batch in inputs.chunks(BATCH) {
            contender.look_ahead(batch);
            let now = Instant::now();
            let ahead = latency::nanos(before, now) / batch.len() as u64;
            before = now;
            for input in batch {
                std::hint::black_box(contender.apply(input));
                let now = Instant::now();
                times.push(latency::nanos(before, now) + ahead);
                before = now;
            }
        }
        // Recorded afterwards, so that the histogram does not push the contender out of the cache within the chunk.
        times.iter().for_each(|&time| histogram.saturating_record(time));
    }
    histogram
}
