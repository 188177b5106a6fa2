use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use model::{
    Asset, AssetId, Batch, Image, Market, MarketId, MarketImage, MarketState, PreventedId, Price, Sequence, Side,
    Symbol, Timestamp, TradeId,
};
use parking_lot::{Mutex, RwLock};

use crate::{Error, History, MarketView, PublicTrade, Status, book::Levels, step::apply_step};

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
    /// Markets whose settings, state or indicative price changed.
    pub states: Vec<MarketId>,
}

impl Changes {
    fn tidy(&mut self) {
        for markets in [&mut self.tops, &mut self.books, &mut self.listed, &mut self.states] {
            markets.sort_unstable();
            markets.dedup();
        }
    }
}

/// The assets and markets; replaced as a whole when one is added, so that readers need no lock for long.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    assets: BTreeMap<AssetId, Asset>,
    assets_by_symbol: HashMap<Symbol, AssetId>,
    /// By id; ids are dense enough, as they come from a counter.
    markets: Vec<Option<Arc<MarketView>>>,
    markets_by_symbol: HashMap<Symbol, MarketId>,
}

impl Registry {
    pub(crate) fn market(&self, id: MarketId) -> Option<&Arc<MarketView>> {
        self.markets.get(usize::from(id.0))?.as_ref()
    }

    pub(crate) fn add_asset(&mut self, asset: Asset) {
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

/// Whether they differ at most in what may be set anew.
fn is_one(old: &Market, new: &Market) -> bool {
    Market { filters: new.filters, fees: new.fees, volatility: new.volatility, ..*old } == *new
}

#[derive(Debug, Default)]
struct Inner {
    registry: RwLock<Arc<Registry>>,
    sequence: AtomicU64,
    /// Time of that command.
    time: AtomicU64,
    /// Keeps two writers apart; there should be one.
    writer: Mutex<()>,
}

/// All public market data of the exchange, in memory; follows the events. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct MarketData(Arc<Inner>);

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
            let known = old.market(market.market.id).filter(|view| is_one(&view.market, &market.market));
            if let Some(view) = known {
                let same = view.market == market.market;
                registry.add_market(if same { Arc::clone(view) } else { Arc::new(view.with(market.market)) });
            } else if let Some(view) = registry.view(market, image.sequence) {
                registry.add_market(Arc::new(view));
            }
        }
        let mut levels: HashMap<MarketId, (Levels, Levels)> = HashMap::new();
        for order in image.orders.iter().filter(|order| order.visible.is_positive()) {
            let (bids, asks) = levels.entry(order.market).or_default();
            let side = if order.side == Side::Buy { bids } else { asks };
            side.entry(order.price).or_default().0 += order.visible.0;
        }
        for market in &image.markets {
            let Some(view) = registry.market(market.market.id) else { continue };
            let (bids, asks) = levels.remove(&market.market.id).unwrap_or_default();
            view.tape.write().reset(market.last_trade, market.last_price);
            *view.status.write() = Status::of(market);
            view.book.write().replace(bids, asks, image.sequence.0, image.time);
        }
        *self.0.registry.write() = Arc::new(registry);
        self.0.time.store(image.time.0, Ordering::Release);
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
            let registered = apply_step(self, &registry, step, events, &mut changes)
                .map_err(|what| Error::Diverged { sequence: step.sequence, what })?;
            if registered {
                registry = Arc::clone(&self.0.registry.read());
            }
            held = step.sequence.0;
            self.0.time.store(step.time.0, Ordering::Release);
            self.0.sequence.store(held, Ordering::Release);
        }
        changes.tidy();
        Ok(changes)
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Registry)) {
        let mut registry = self.0.registry.write();
        let mut copy = Registry::clone(&registry);
        change(&mut copy);
        *registry = Arc::new(copy);
    }

    pub(crate) fn list(&self, market: Market, sequence: Sequence) -> Result<(), &'static str> {
        let image = MarketImage {
            market,
            last_trade: TradeId(0),
            last_price: Price::ZERO,
            last_prevented: PreventedId(0),
            state: MarketState::Trading,
            until: Timestamp::NEVER,
        };
        let view = self.0.registry.read().view(&image, sequence).ok_or("the market's assets are not known")?;
        self.update(|registry| registry.add_market(Arc::new(view)));
        Ok(())
    }

    /// Gives a market other settings.
    pub(crate) fn set(&self, id: MarketId, change: impl FnOnce(&mut Market)) -> Result<(), &'static str> {
        let old = self.market_by_id(id).ok_or("the market is not known")?;
        let mut market = old.market;
        change(&mut market);
        if !is_one(&old.market, &market) {
            return Err("a market's name, assets or decimals changed");
        }
        self.update(|registry| registry.add_market(Arc::new(old.with(market))));
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

    /// When the last command that is contained was stamped: no later trade is older.
    pub fn time(&self) -> Timestamp {
        Timestamp(self.0.time.load(Ordering::Acquire))
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
