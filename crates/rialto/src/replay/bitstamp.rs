//! A recorded day of Bitstamp.

use std::path::Path;

use flows::bitstamp::{Day, Replayer};
use model::Envelope;

use super::Options;
use super::host::Host;
use super::report::{Counts, print, progress};

pub(super) fn run(folder: &Path, options: &Options) -> anyhow::Result<bool> {
    let day = Day::read(folder)?;
    let mut replayer = Replayer::new(options.accounts);
    let mut host = Host::open(options.durable.as_deref())?;
    for setup in replayer.setup().chunks(usize::from(options.group)) {
        host.apply(setup, &mut |_, _| {})?;
    }
    host.reset_cpu();
    let bar = progress(day.events.len())?;
    let mut counts = Counts::default();
    for event in &day.events {
        // An event is at most an execution and the cancel of what is left after it.
        for round in 0..2 {
            let Some(command) = replayer.next(event, round) else { continue };
            host.apply(&[Envelope::client(command)], &mut |_, events| {
                counts.add(events);
                replayer.observe(events);
            })?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    print("bitstamp", options.durable.is_some(), options.accounts, &counts, &host.finish()?, None)
}
