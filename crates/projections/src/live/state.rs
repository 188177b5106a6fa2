use hashbrown::HashMap;
use model::{AccountId, Amount, AssetId, ClientOrderId, Event, Image, MarketId, OrderId, Sequence, Step, Timestamp};

use super::{
    Balance, BalanceUpdate, Balances, ExecutionKind, ExecutionReport, UserEvent,
    orders::{Orders, Slot},
    stream::Sinks,
};
use crate::{
    OrderView,
    change::{Change, changes, quote_order_end},
    posting::{LedgerKind, Markets, Posting, postings},
};

const UNKNOWN_ORDER: &str = "the order is not known";

/// An account's holdings and open orders.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// By asset id.
    pub(crate) balances: Vec<Balance>,
    /// In no order.
    pub(crate) open: Vec<Slot>,
}

impl Account {
    pub(crate) fn balance(&self, asset: AssetId) -> Option<Balance> {
        let at = self.balances.binary_search_by_key(&asset, |balance| balance.asset).ok()?;
        self.balances.get(at).copied()
    }

    #[inline]
    fn post(&mut self, asset: AssetId, available: i64, held: i64) -> Result<(), &'static str> {
        let at = match self.balances.binary_search_by_key(&asset, |balance| balance.asset) {
            Ok(at) => at,
            Err(at) => {
                self.balances.insert(at, Balance { asset, available: Amount::ZERO, held: Amount::ZERO });
                at
            }
        };
        let balance = &mut self.balances[at];
        balance.available = balance.available.checked_add(Amount(available)).ok_or("a balance does not fit")?;
        balance.held = balance.held.checked_add(Amount(held)).ok_or("a balance does not fit")?;
        Ok(())
    }
}

/// Everything that is known, after one command.
#[derive(Debug)]
pub(crate) struct State {
    markets: Markets,
    accounts: HashMap<AccountId, Account>,
    orders: Orders,
    /// Balances of subscribed accounts that the step has changed; empty between steps.
    touched: Vec<(AccountId, AssetId)>,
}

impl State {
    pub(crate) fn new(closed_limit: usize) -> Self {
        Self {
            markets: Markets::default(),
            accounts: HashMap::new(),
            orders: Orders::new(closed_limit),
            touched: Vec::new(),
        }
    }

    pub(crate) fn load(image: &Image, closed_limit: usize) -> Result<Self, &'static str> {
        let mut state = Self::new(closed_limit);
        for asset in &image.assets {
            state.markets.add_asset(asset);
        }
        for market in &image.markets {
            state.markets.add_market(&market.market)?;
        }
        for &account in &image.accounts {
            state.accounts.entry(account).or_default();
        }
        for balance in &image.balances {
            let account = state.accounts.entry(balance.account).or_default();
            account.post(balance.asset, balance.available.0, balance.held.0)?;
        }
        for order in &image.orders {
            state.open(OrderView::open(order, image.sequence))?;
        }
        Ok(state)
    }

    fn open(&mut self, view: OrderView) -> Result<(), &'static str> {
        let account = self.accounts.entry(view.account).or_default();
        let position = u32::try_from(account.open.len()).map_err(|_| "an account has too many open orders")?;
        let slot = self.orders.insert(view, position).ok_or("there are too many orders")?;
        account.open.push(slot);
        Ok(())
    }

    /// Carries out one command's events and tells whoever listens.
    pub(crate) fn apply(&mut self, step: &Step, events: &[Event], sinks: &mut Sinks<'_>) -> Result<(), &'static str> {
        let quote_end = quote_order_end(events);
        for (index, event) in events.iter().enumerate() {
            match event {
                Event::AssetAdded(asset) => self.markets.add_asset(asset),
                Event::MarketAdded(market) => self.markets.add_market(market)?,
                Event::AccountOpened { account } => {
                    self.accounts.entry(*account).or_default();
                }
                Event::Rejected { .. } | Event::CancelRejected { .. } | Event::Duplicate { .. } => {}
                _ => {
                    self.post(event, step, sinks)?;
                    self.change(index, event, quote_end, step, sinks)?;
                }
            }
        }
        self.tell_balances(step, sinks);
        Ok(())
    }

    fn post(&mut self, event: &Event, step: &Step, sinks: &mut Sinks<'_>) -> Result<(), &'static str> {
        let Self { markets, accounts, touched, .. } = self;
        postings(markets, event, |posting| {
            let account = accounts.entry(posting.account).or_default();
            account.post(posting.asset, posting.available, posting.held)?;
            if sinks.wants(posting.account) {
                touched.push((posting.account, posting.asset));
                if let Some(update) = balance_update(&posting, step) {
                    sinks.send(UserEvent::BalanceUpdate(update));
                }
            }
            Ok(())
        })
    }

    fn change(
        &mut self,
        index: usize,
        event: &Event,
        quote_end: Option<usize>,
        step: &Step,
        sinks: &mut Sinks<'_>,
    ) -> Result<(), &'static str> {
        // Copied out, because the change needs the whole state.
        let pair = match event {
            Event::Trade(trade) => Some(self.markets.pair(trade.market)?),
            _ => None,
        };
        let pair = |_: &model::Trade| pair.ok_or("the market is not known");
        changes(index, event, quote_end, pair, |order, change| {
            let view = self.change_order(order, &change, step)?;
            if sinks.wants(view.account) {
                sinks.send(UserEvent::Execution(report(index, &view, &change, step)));
            }
            Ok(())
        })
    }

    #[inline]
    fn change_order(&mut self, order: OrderId, change: &Change<'_>, step: &Step) -> Result<OrderView, &'static str> {
        if let Change::Accepted(accepted) = change {
            let view = OrderView::accepted(accepted, step);
            self.open(view)?;
            return Ok(view);
        }
        let slot = self.orders.slot(order).ok_or(UNKNOWN_ORDER)?;
        let entry = self.orders.entry_mut(slot).ok_or(UNKNOWN_ORDER)?;
        if !entry.view.is_open() {
            return Err("the order has ended before");
        }
        change.apply(&mut entry.view, step);
        let (view, position) = (entry.view, entry.position);
        if !view.is_open() {
            self.close(&view, position, step.sequence)?;
        }
        Ok(view)
    }

    fn close(&mut self, view: &OrderView, position: u32, sequence: Sequence) -> Result<(), &'static str> {
        let account = self.accounts.get_mut(&view.account).ok_or("the account is not known")?;
        account.open.swap_remove(position as usize);
        if let Some(&moved) = account.open.get(position as usize) {
            self.orders.entry_mut(moved).ok_or(UNKNOWN_ORDER)?.position = position;
        }
        self.orders.closed(view.order, sequence);
        Ok(())
    }

    fn tell_balances(&mut self, step: &Step, sinks: &mut Sinks<'_>) {
        if self.touched.is_empty() {
            return;
        }
        self.touched.sort_unstable();
        self.touched.dedup();
        for changed in self.touched.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(account, _)) = changed.first() else { continue };
            let Some(held) = self.accounts.get(&account) else { continue };
            sinks.send(UserEvent::Balances(Balances {
                account,
                changed: changed.iter().filter_map(|&(_, asset)| held.balance(asset)).collect(),
                time: step.time,
                sequence: step.sequence,
            }));
        }
        self.touched.clear();
    }

    pub(crate) fn account(&self, account: AccountId) -> Option<&Account> {
        self.accounts.get(&account)
    }

    pub(crate) fn accounts(&self) -> Vec<AccountId> {
        self.accounts.keys().copied().collect()
    }

    pub(crate) fn open_orders(&self, account: AccountId, market: Option<MarketId>) -> Vec<OrderView> {
        let Some(account) = self.accounts.get(&account) else { return Vec::new() };
        let views = account.open.iter().filter_map(|&slot| self.orders.entry(slot)).map(|entry| entry.view);
        views.filter(|view| market.is_none_or(|market| view.market == market)).collect()
    }

    pub(crate) fn order(&self, order: OrderId) -> Option<&OrderView> {
        self.orders.entry(self.orders.slot(order)?).map(|entry| &entry.view)
    }

    pub(crate) fn order_by_client(
        &self,
        account: AccountId,
        market: MarketId,
        client_id: &ClientOrderId,
    ) -> Option<&OrderView> {
        self.orders.by_client(account, market, client_id)
    }

    pub(crate) fn forget_until(&mut self, sequence: Sequence, most: usize) -> bool {
        self.orders.forget_until(sequence, most)
    }

    pub(crate) const fn closed_limit(&self) -> usize {
        self.orders.closed_limit
    }

    pub(crate) fn closed_count(&self) -> usize {
        self.orders.closed_count()
    }
}

/// Money that came or went other than by trading. Setting it aside and back is no such thing; it shows in the balances.
fn balance_update(posting: &Posting, step: &Step) -> Option<BalanceUpdate> {
    let delta = posting.available + posting.held;
    let moves = matches!(posting.kind, LedgerKind::Transfer | LedgerKind::Capture) && delta != 0;
    let (time, sequence): (Timestamp, Sequence) = (step.time, step.sequence);
    moves.then_some(BalanceUpdate {
        account: posting.account,
        asset: posting.asset,
        delta: Amount(delta),
        time,
        sequence,
    })
}

fn report(index: usize, view: &OrderView, change: &Change<'_>, step: &Step) -> ExecutionReport {
    let (kind, fill) = match change {
        Change::Accepted(_) => (ExecutionKind::New, None),
        Change::Fill { fill, .. } => (ExecutionKind::Trade, Some(*fill)),
        Change::Modified { .. } => (ExecutionKind::Replaced, None),
        Change::Closed(closed) => (
            match closed.reason {
                model::CloseReason::Cancelled => ExecutionKind::Canceled,
                model::CloseReason::Expired => ExecutionKind::Expired,
                model::CloseReason::SelfTrade => ExecutionKind::TradePrevention,
            },
            None,
        ),
    };
    // Two orders may be told of by one event. A step of more than 2,047 events shares the last number.
    let within = (index as u64 * 2 + u64::from(fill.is_some_and(|fill| fill.is_maker))).min(4_095);
    ExecutionReport {
        order: *view,
        kind,
        fill,
        request_id: change.request_id(),
        execution_id: (step.sequence.0 << 12) | within,
        time: step.time,
        sequence: step.sequence,
    }
}
