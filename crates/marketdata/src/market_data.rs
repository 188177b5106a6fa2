use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use model::{
    Asset, AssetId, Batch, Event, Image, Market, MarketId, MarketImage, OrderId, Price, Sequence, Side, Step, Symbol,
    TradeId,
};
use parking_lot::{Mutex, RwLock, RwLockWriteGuard};

use crate::{
    BookTicker, Error, History, MarketView, PublicTrade,
    book::{Book, Levels},
};

/// What a batch changed. Markets ascending by id, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// All trades, in order.
    pub trades: Vec<PublicTrade>,
    /// Markets whose best bid or ask changed, at least for a while.
    pub tops: Vec<MarketId>,
    /// Markets whose levels changed.
    pub books: Vec<MarketId>,
    /// Markets that were opened.
    pub listed: Vec<MarketId>,
}

impl Changes {
    fn tidy(&mut self) {
        for markets in [&mut self.tops, &mut self.books, &mut self.listed] {
            markets.sort_unstable();
            markets.dedup();
        }
    }
}

/// The assets and markets; replaced as a whole when one is added, so that readers need no lock for long.
#[derive(Debug, Clone, Default)]
struct Registry {
    assets: BTreeMap<AssetId, Asset>,
    assets_by_symbol: HashMap<Symbol, AssetId>,
    /// By id; ids are dense enough, as they come from a counter.
    markets: Vec<Option<Arc<MarketView>>>,
    markets_by_symbol: HashMap<Symbol, MarketId>,
}

impl Registry {
    fn market(&self, id: MarketId) -> Option<&Arc<MarketView>> {
        self.markets.get(usize::from(id.0))?.as_ref()
    }

    fn add_asset(&mut self, asset: Asset) {
        self.assets.insert(asset.id, asset);
        self.assets_by_symbol.insert(asset.symbol, asset.id);
    }

    fn add_market(&mut self, view: Arc<MarketView>) {
        let index = usize::from(view.market.id.0);
        if self.markets.len() <= index {
            self.markets.resize(index + 1, None);
        }
        self.markets_by_symbol.insert(view.market.symbol, view.market.id);
        self.markets[index] = Some(view);
    }

    /// A view without a book; `None` when an asset is not known.
    fn view(&self, image: &MarketImage, update_id: Sequence) -> Option<MarketView> {
        let (base, quote) = (self.assets.get(&image.market.base)?, self.assets.get(&image.market.quote)?);
        Some(MarketView::new(image, *base, *quote, update_id.0))
    }
}

#[derive(Debug, Default)]
struct Inner {
    registry: RwLock<Arc<Registry>>,
    sequence: AtomicU64,
    /// Keeps two writers apart; there should be one.
    writer: Mutex<()>,
}

/// All public market data of the exchange, in memory; follows the events. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct MarketData(Arc<Inner>);

/// The one market that a step is changing. Its lock is held until the step is through, so that nobody sees half of it.
struct Touch<'a> {
    view: &'a MarketView,
    book: RwLockWriteGuard<'a, Book>,
    top: BookTicker,
    changed: bool,
}

impl<'a> Touch<'a> {
    fn new(view: &'a MarketView) -> Self {
        let book = view.book.write();
        let top = book.top();
        Self { view, book, top, changed: false }
    }

    fn change(&mut self, side: Side, price: Price, delta: i64) -> Result<(), &'static str> {
        self.changed = true;
        if self.book.change(side, price, delta) { Ok(()) } else { Err("the price level does not hold the quantity") }
    }

    fn finish(mut self, step: &Step, changes: &mut Changes) {
        if !self.changed {
            return;
        }
        self.book.stamp(step.sequence.0, step.time);
        let now = self.book.top();
        let market = self.view.market.id;
        if changes.books.last() != Some(&market) {
            changes.books.push(market);
        }
        if (now.bid, now.ask) != (self.top.bid, self.top.ask) && changes.tops.last() != Some(&market) {
            changes.tops.push(market);
        }
    }
}

/// What has been seen of the step that is being applied.
#[derive(Default)]
struct Progress<'a> {
    touch: Option<Touch<'a>>,
    /// The order that came in and does not rest yet; its end does not change the book.
    incoming: Option<OrderId>,
}

impl<'a> Progress<'a> {
    fn book(
        &mut self,
        registry: &'a Registry,
        market: MarketId,
        step: &Step,
        changes: &mut Changes,
    ) -> Result<&mut Touch<'a>, &'static str> {
        if self.touch.as_ref().is_none_or(|touch| touch.view.market.id != market) {
            if let Some(done) = self.touch.take() {
                done.finish(step, changes);
            }
            let view = registry.market(market).ok_or("the market is not known")?;
            self.touch = Some(Touch::new(view));
        }
        self.touch.as_mut().ok_or("the market is not known")
    }
}

impl MarketData {
    /// No asset, no market, before the first command.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces everything by an image. Views and cursors that were given out go on: the next diff carries the
    /// difference between the two books. Trades and candles are gone until [`MarketData::load_history`].
    pub fn load(&self, image: &Image) {
        let _writer = self.0.writer.lock();
        let old = Arc::clone(&self.0.registry.read());
        let mut registry = Registry::default();
        for &asset in &image.assets {
            registry.add_asset(asset);
        }
        for market in &image.markets {
            let kept = old.market(market.market.id).filter(|view| view.market == market.market);
            if let Some(view) = kept {
                registry.add_market(Arc::clone(view));
            } else if let Some(view) = registry.view(market, image.sequence) {
                registry.add_market(Arc::new(view));
            }
        }
        let mut levels: HashMap<MarketId, (Levels, Levels)> = HashMap::new();
        for order in &image.orders {
            let (bids, asks) = levels.entry(order.market).or_default();
            let side = if order.side == Side::Buy { bids } else { asks };
            side.entry(order.price).or_default().0 += order.remaining.0;
        }
        for market in &image.markets {
            let Some(view) = registry.market(market.market.id) else { continue };
            let (bids, asks) = levels.remove(&market.market.id).unwrap_or_default();
            view.tape.write().reset(market.last_trade, market.last_price);
            view.book.write().replace(bids, asks, image.sequence.0, image.time);
        }
        *self.0.registry.write() = Arc::new(registry);
        self.0.sequence.store(image.sequence.0, Ordering::Release);
    }

    /// Follows the events of a batch. Steps that are known already are skipped.
    ///
    /// # Errors
    /// [`Error`] when a step is missing or does not fit; nothing after it was applied, and only [`MarketData::load`]
    /// helps.
    pub fn apply(&self, batch: &Batch) -> Result<Changes, Error> {
        let _writer = self.0.writer.lock();
        let mut changes = Changes::default();
        let mut held = self.0.sequence.load(Ordering::Relaxed);
        let mut registry = Arc::clone(&self.0.registry.read());
        for (step, events) in batch.iter() {
            if step.sequence.0 <= held {
                continue;
            }
            if step.sequence.0 != held + 1 {
                return Err(Error::Gap { expected: Sequence(held + 1), found: step.sequence });
            }
            let listed = self
                .apply_step(&registry, step, events, &mut changes)
                .map_err(|what| Error::Diverged { sequence: step.sequence, what })?;
            if listed {
                registry = Arc::clone(&self.0.registry.read());
            }
            held = step.sequence.0;
            self.0.sequence.store(held, Ordering::Release);
        }
        changes.tidy();
        Ok(changes)
    }

    /// Whether assets or markets were added.
    fn apply_step(
        &self,
        registry: &Registry,
        step: &Step,
        events: &[Event],
        changes: &mut Changes,
    ) -> Result<bool, &'static str> {
        let mut progress = Progress::default();
        let mut listed = false;
        for event in events {
            match event {
                Event::Accepted(accepted) => progress.incoming = Some(accepted.order),
                Event::Trade(trade) => {
                    let touch = progress.book(registry, trade.market, step, changes)?;
                    touch.change(trade.taker_side.opposite(), trade.price, -trade.quantity.0)?;
                    let public = PublicTrade::new(trade, step.time);
                    if !touch.view.tape.write().add(&public) {
                        return Err("the trade does not follow the last one");
                    }
                    changes.trades.push(public);
                }
                Event::Rested { market, side, price, remaining, .. } => {
                    progress.incoming = None;
                    progress.book(registry, *market, step, changes)?.change(*side, *price, remaining.0)?;
                }
                Event::Closed(closed) if progress.incoming == Some(closed.order) => progress.incoming = None,
                Event::Closed(closed) => {
                    let touch = progress.book(registry, closed.market, step, changes)?;
                    touch.change(closed.side, closed.price, -closed.remaining.0)?;
                }
                Event::Modified { order, market, side, old_price, old_remaining, .. } => {
                    progress.incoming = Some(*order);
                    progress.book(registry, *market, step, changes)?.change(*side, *old_price, -old_remaining.0)?;
                }
                Event::AssetAdded(asset) => {
                    self.update(|registry| registry.add_asset(*asset));
                    listed = true;
                }
                Event::MarketAdded(market) => {
                    self.list(*market, step.sequence)?;
                    changes.listed.push(market.id);
                    listed = true;
                }
                Event::Rejected { .. }
                | Event::CancelRejected { .. }
                | Event::Duplicate { .. }
                | Event::AccountOpened { .. }
                | Event::Transferred { .. }
                | Event::Held { .. }
                | Event::Captured { .. }
                | Event::Released { .. }
                | Event::AllCancelled { .. } => {}
            }
        }
        if let Some(touch) = progress.touch {
            touch.finish(step, changes);
        }
        Ok(listed)
    }

    fn update(&self, change: impl FnOnce(&mut Registry)) {
        let mut registry = self.0.registry.write();
        let mut copy = Registry::clone(&registry);
        change(&mut copy);
        *registry = Arc::new(copy);
    }

    fn list(&self, market: Market, sequence: Sequence) -> Result<(), &'static str> {
        let image = MarketImage { market, last_trade: TradeId(0), last_price: Price::ZERO };
        let view = self.0.registry.read().view(&image, sequence).ok_or("the market's assets are not known")?;
        self.update(|registry| registry.add_market(Arc::new(view)));
        Ok(())
    }

    /// Brings the trades and candles from before the image into a market; once after each load. False when nothing is
    /// wanted: no such market, no earlier trade, or loaded already.
    pub fn load_history(&self, market: MarketId, history: &History) -> bool {
        self.market_by_id(market).is_some_and(|view| view.tape.write().load_history(history))
    }

    /// The last command that is contained.
    pub fn sequence(&self) -> Sequence {
        Sequence(self.0.sequence.load(Ordering::Acquire))
    }

    /// All assets, by id.
    pub fn assets(&self) -> Vec<Asset> {
        self.0.registry.read().assets.values().copied().collect()
    }

    /// An asset.
    pub fn asset(&self, id: AssetId) -> Option<Asset> {
        self.0.registry.read().assets.get(&id).copied()
    }

    /// The asset of this name.
    pub fn asset_by_symbol(&self, symbol: &str) -> Option<Asset> {
        let symbol = Symbol::new(symbol)?;
        let registry = self.0.registry.read();
        registry.assets.get(registry.assets_by_symbol.get(&symbol)?).copied()
    }

    /// All markets, by id.
    pub fn markets(&self) -> Vec<Arc<MarketView>> {
        self.0.registry.read().markets.iter().flatten().cloned().collect()
    }

    /// The market of this name.
    pub fn market(&self, symbol: &str) -> Option<Arc<MarketView>> {
        let symbol = Symbol::new(symbol)?;
        let registry = self.0.registry.read();
        registry.market(*registry.markets_by_symbol.get(&symbol)?).cloned()
    }

    /// A market.
    pub fn market_by_id(&self, id: MarketId) -> Option<Arc<MarketView>> {
        self.0.registry.read().market(id).cloned()
    }
}
