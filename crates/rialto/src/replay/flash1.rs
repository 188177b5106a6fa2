//! The flash1 workload.

use std::path::Path;

use flows::flash1::{Expected, Stream};
use model::Envelope;

use super::Options;
use super::host::Host;
use super::report::{Counts, print, progress};

/// Commands between two comparisons in memory: large enough that reading the clock costs nothing.
const GROUP: usize = 8_192;

pub(super) fn run(orders: &Path, expect: Option<&Path>, options: &Options) -> anyhow::Result<bool> {
    let stream = Stream::read(orders)?;
    let commands: Vec<Envelope> = stream.commands(options.accounts).into_iter().map(Envelope::client).collect();
    let mut expected = expect.map(Expected::open).transpose()?;
    let mut host = Host::open(options.durable.as_deref())?;
    let group = if options.durable.is_some() { usize::from(options.group) } else { GROUP };

    for setup in Stream::setup(options.accounts).chunks(group) {
        host.apply(setup, &mut |_, _| {})?;
    }
    host.reset_cpu();
    let bar = progress(commands.len())?;
    let mut counts = Counts::default();
    let mut lines = String::new();
    for (number, group_commands) in commands.chunks(group).enumerate() {
        let messages = &stream.messages[number * group..];
        let mut failure = None;
        host.apply(group_commands, &mut |at, events| {
            counts.add(events);
            if let Some(expected) = &mut expected {
                lines.clear();
                stream.reports(&messages[at], events, &mut lines);
                failure = expected.compare(messages[at].sequence, &lines).err().or(failure.take());
            }
        })?;
        if let Some(error) = failure {
            return Err(error.into());
        }
        bar.inc(group_commands.len() as u64);
    }
    bar.finish_and_clear();
    let mismatches = expected.as_mut().map(Expected::finish).transpose()?;
    for example in expected.iter().flat_map(|expected| &expected.examples) {
        eprintln!("mismatch at {example}");
    }
    print("flash1", options.durable.is_some(), options.accounts, &counts, &host.finish()?, mismatches)
}
