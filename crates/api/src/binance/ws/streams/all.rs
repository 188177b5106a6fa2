//! Streams of all markets: arrays of those whose figures changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use marketdata::MarketData;
use model::MarketId;

use super::name::AllKind;
use super::payload::Payload;
use super::source::{Shown, Tick};

/// What a stream of all markets remembers.
#[derive(Debug)]
pub(crate) struct AllSource {
    kind: AllKind,
    shown: BTreeMap<MarketId, Shown>,
}

impl AllSource {
    /// A source that has shown nothing yet: its first array has every market.
    pub(crate) const fn new(kind: AllKind) -> Self {
        Self { kind, shown: BTreeMap::new() }
    }

    /// The markets that are not as they were shown, ascending by id.
    pub(crate) fn poll(&mut self, data: &MarketData, tick: &Tick) -> Vec<Arc<Payload>> {
        let mut changed = Vec::new();
        for view in data.markets().into_iter().filter(|view| view.is_whole()) {
            let shown = self.shown.entry(view.market.id).or_default();
            let content = match self.kind {
                AllKind::MiniTicker => shown.short_day(&view, tick.now, false),
                AllKind::Ticker => shown.day(&view, tick.now, false),
                AllKind::Window(window) => shown.window(window, &view, tick.now, false),
                AllKind::BookTicker => None,
            };
            changed.extend(content.map(|content| Arc::new(Payload { view, content, time: tick.now })));
        }
        changed
    }
}
