use hashbrown::HashMap;
use model::{
    AccountId, Amount, AssetId, ClientOrderId, Event, Fees, Image, ListId, MarketId, OrderId, Sequence, Step, TierId,
};

use super::{
    Balance, Balances, ListChange, ListReport, UserEvent,
    lists::Lists,
    orders::{Orders, Slot},
    report::{balance_update, report},
    stream::Sinks,
};
use crate::{
    ListView, OrderView,
    change::{Change, Events},
    posting::{Markets, postings},
    schedule::Schedule,
};

const UNKNOWN_ACCOUNT: &str = "the account is not known";
const UNKNOWN_ORDER: &str = "the order is not known";

/// An account's holdings and open orders.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Its master account when it is a sub-account; zero otherwise.
    pub(crate) parent: AccountId,
    pub(crate) tier: TierId,
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
    /// The sub-accounts of each master, in the order in which they were opened.
    subs: HashMap<AccountId, Vec<AccountId>>,
    orders: Orders,
    lists: Lists,
    schedule: Schedule,
    /// Balances of subscribed accounts that the step has changed; empty between steps.
    touched: Vec<(AccountId, AssetId)>,
}

impl State {
    pub(crate) fn new(closed_limit: usize) -> Self {
        Self {
            markets: Markets::default(),
            accounts: HashMap::new(),
            subs: HashMap::new(),
            orders: Orders::new(closed_limit),
            lists: Lists::default(),
            schedule: Schedule::default(),
            touched: Vec::new(),
        }
    }

    pub(crate) fn load(image: &Image, closed_limit: usize) -> Result<Self, &'static str> {
        let mut state = Self { schedule: Schedule::load(image), ..Self::new(closed_limit) };
        for asset in &image.assets {
            state.markets.add_asset(asset);
        }
        for market in &image.markets {
            state.markets.add_market(&market.market)?;
        }
        for opened in &image.accounts {
            let account = state.accounts.entry(opened.account).or_default();
            (account.parent, account.tier) = (opened.parent, opened.tier);
            state.adopt(opened.account, opened.parent);
        }
        for balance in &image.balances {
            let account = state.accounts.entry(balance.account).or_default();
            account.post(balance.asset, balance.available.0, balance.held.0)?;
        }
        for list in &image.lists {
            state.lists.load(list, image.sequence);
        }
        for order in &image.orders {
            state.lists.name(order.list, order.order, order.client_id, order.placed);
            state.open(OrderView::open(order, image.sequence))?;
        }
        Ok(state)
    }

    fn adopt(&mut self, account: AccountId, parent: AccountId) {
        if parent.0 != 0 {
            self.subs.entry(parent).or_default().push(account);
        }
    }

    /// The sub-accounts of a master.
    pub(crate) fn sub_accounts(&self, master: AccountId) -> &[AccountId] {
        self.subs.get(&master).map_or(&[], Vec::as_slice)
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
        let events = Events::new(events);
        for (index, event) in events.iter() {
            match event {
                Event::AssetAdded(asset) => self.markets.add_asset(asset),
                Event::MarketAdded(market) => {
                    self.markets.add_market(market)?;
                    self.schedule.apply(event);
                }
                Event::MarketSet(_) | Event::FeesSet { .. } => self.schedule.apply(event),
                Event::AccountOpened { account, parent } => {
                    self.accounts.entry(*account).or_default().parent = *parent;
                    self.adopt(*account, *parent);
                }
                Event::TierSet { account, tier } => {
                    self.accounts.get_mut(account).ok_or(UNKNOWN_ACCOUNT)?.tier = *tier;
                }
                Event::ListPlaced { .. } => {
                    self.lists.apply(event, step)?;
                }
                Event::ListDone { .. } => {
                    if let Some(list) = self.lists.apply(event, step)? {
                        self.lists.forget(Sequence(0), self.closed_limit());
                        tell_list(list, ListChange::Done, step, sinks);
                    }
                }
                _ => {
                    self.post(event, step, sinks)?;
                    self.change(&events, index, event, step, sinks)?;
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
        events: &Events<'_>,
        index: usize,
        event: &Event,
        step: &Step,
        sinks: &mut Sinks<'_>,
    ) -> Result<(), &'static str> {
        // Copied out, because the change needs the whole state.
        let pair = match event {
            Event::Trade(trade) => Some(self.markets.pair(trade.market)?),
            _ => None,
        };
        let pair = |_: &model::Trade| pair.ok_or("the market is not known");
        events.changes(index, event, pair, |order, change| {
            let before = self.name_of(order, &change);
            let view = self.change_order(order, &change, step)?;
            if sinks.wants(view.account)
                && let Some(mut report) = report(index, &view, &change, before, step)
            {
                report.trade_group = self.group(view.account);
                sinks.send(UserEvent::Execution(report));
            }
            if view.list.0 != 0 && matches!(change, Change::Accepted { .. } | Change::Amended(_)) {
                let list = self.lists.name(view.list, order, view.client_id, step.time);
                match (list, change) {
                    // After its last order.
                    (Some((list, true)), Change::Accepted { .. }) => tell_list(list, ListChange::Placed, step, sinks),
                    (Some((list, _)), Change::Amended(_)) if before != view.client_id => {
                        tell_list(list, ListChange::Renamed, step, sinks);
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    /// The account's master account, or itself.
    fn group(&self, account: AccountId) -> AccountId {
        self.account(account).map(|known| known.parent).filter(|parent| parent.0 != 0).unwrap_or(account)
    }

    /// What an order was called before it is amended.
    fn name_of(&self, order: OrderId, change: &Change<'_>) -> ClientOrderId {
        let amended = matches!(change, Change::Amended(_)).then(|| self.order(order)).flatten();
        amended.map_or(ClientOrderId::EMPTY, |view| view.client_id)
    }

    #[inline]
    fn change_order(&mut self, order: OrderId, change: &Change<'_>, step: &Step) -> Result<OrderView, &'static str> {
        if let Change::Accepted { accepted, pending } = change {
            let view = OrderView::accepted(accepted, *pending, step);
            self.open(view)?;
            return Ok(view);
        }
        let slot = self.orders.slot(order).ok_or(UNKNOWN_ORDER)?;
        let entry = self.orders.entry_mut(slot).ok_or(UNKNOWN_ORDER)?;
        if !entry.view.is_open() {
            return Err("the order has ended before");
        }
        if let Change::Amended(amended) = change {
            self.orders.rename(slot, amended.client_id);
        }
        let entry = self.orders.entry_mut(slot).ok_or(UNKNOWN_ORDER)?;
        change.apply(&mut entry.view, step);
        let (view, position) = (entry.view, entry.position);
        if !view.is_open() {
            self.close(&view, position, step.sequence)?;
        }
        Ok(view)
    }

    fn close(&mut self, view: &OrderView, position: u32, sequence: Sequence) -> Result<(), &'static str> {
        let account = self.accounts.get_mut(&view.account).ok_or(UNKNOWN_ACCOUNT)?;
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

    pub(crate) fn fees(&self, account: AccountId, market: MarketId) -> Fees {
        self.schedule.fees(self.account(account).map_or(TierId(0), |account| account.tier), market)
    }

    pub(crate) fn list(&self, list: ListId) -> Option<&ListView> {
        self.lists.get(list)
    }

    /// The account's open lists, in no order.
    pub(crate) fn open_lists(&self, account: AccountId) -> Vec<ListView> {
        let Some(account) = self.accounts.get(&account) else { return Vec::new() };
        let orders = account.open.iter().filter_map(|&slot| self.orders.entry(slot));
        let mut lists: Vec<ListId> = orders.map(|entry| entry.view.list).filter(|list| list.0 != 0).collect();
        lists.sort_unstable();
        lists.dedup();
        lists.into_iter().filter_map(|list| self.lists.get(list)).copied().collect()
    }

    pub(crate) fn forget_until(&mut self, sequence: Sequence, most: usize) -> bool {
        self.lists.forget(sequence, usize::MAX);
        self.orders.forget_until(sequence, most)
    }

    pub(crate) const fn closed_limit(&self) -> usize {
        self.orders.closed_limit
    }

    pub(crate) fn closed_count(&self) -> usize {
        self.orders.closed_count()
    }
}

fn tell_list(list: ListView, change: ListChange, step: &Step, sinks: &mut Sinks<'_>) {
    if sinks.wants(list.account) {
        sinks.send(UserEvent::List(ListReport { list, change, time: step.time, sequence: step.sequence }));
    }
}
