//! Balances and orders as they are now, in memory, and the private event streams of accounts.

mod lists;
mod orders;
mod report;
mod state;
mod stream;
mod user_event;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use model::{
    AccountId, Amount, AssetId, Batch, ClientOrderId, Fees, Image, ListId, MarketId, OrderId, Sequence, TierId,
};
use parking_lot::{Mutex, RwLock};

pub use stream::{End, Subscription, TooManySubscriptions};
pub use user_event::{
    BalanceUpdate, Balances, ExecutionKind, ExecutionReport, ListChange, ListReport, UserEvent, execution_id,
};

use crate::{FollowError, ListView, OrderView};
use state::State;
use stream::Hub;

/// Closed orders that are kept unless another number is asked for.
const CLOSED_ORDERS: usize = 200_000;
/// Steps that are applied in one go; readers wait for no more.
const STEPS_PER_LOCK: usize = 64;
/// Closed orders that are dropped in one go.
const DROPS_PER_LOCK: usize = 1_024;

/// One account's holding of one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Of what.
    pub asset: AssetId,
    /// Free to use.
    pub available: Amount,
    /// Set aside for open orders and holds.
    pub held: Amount,
}

/// Balances, open orders and the latest closed ones of all accounts; follows the events. Clones share one state.
///
/// A reader sees the state between two commands, never in the middle of one.
#[derive(Debug, Clone)]
pub struct Live(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: RwLock<State>,
    hub: Arc<Hub>,
    sequence: AtomicU64,
    /// Keeps two writers apart; there should be one.
    writer: Mutex<()>,
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Live {
    /// Before the first command; keeps the latest 200,000 closed orders.
    pub fn new() -> Self {
        Self::with_closed_limit(CLOSED_ORDERS)
    }

    /// Before the first command; keeps the latest `closed` closed orders.
    pub fn with_closed_limit(closed: usize) -> Self {
        Self(Arc::new(Inner {
            state: RwLock::new(State::new(closed)),
            hub: Arc::new(Hub::default()),
            sequence: AtomicU64::new(0),
            writer: Mutex::new(()),
        }))
    }

    /// Replaces everything by an image. Every subscription ends with [`End::Resync`], since its events have a gap.
    ///
    /// # Errors
    /// [`FollowError::Diverged`] when the image contradicts itself; nothing was changed then.
    pub fn load(&self, image: &Image) -> Result<(), FollowError> {
        let _writer = self.0.writer.lock();
        let fresh = State::load(image, self.0.state.read().closed_limit())
            .map_err(|what| FollowError::Diverged { sequence: image.sequence, what })?;
        let old = std::mem::replace(&mut *self.0.state.write(), fresh);
        self.0.sequence.store(image.sequence.0, Ordering::Release);
        self.0.hub.end_all(End::Resync);
        drop(old);
        Ok(())
    }

    /// Follows the events of a batch. Steps that are known already are skipped.
    ///
    /// # Errors
    /// [`FollowError`] when a step is missing or does not fit; nothing after it was applied, and only [`Live::load`]
    /// helps.
    pub fn apply(&self, batch: &Batch) -> Result<(), FollowError> {
        let _writer = self.0.writer.lock();
        let mut held = self.0.sequence.load(Ordering::Relaxed);
        let known = held;
        let mut steps = batch.iter().skip_while(|(step, _)| step.sequence.0 <= known).peekable();
        while steps.peek().is_some() {
            // The hub first: a subscription that is made meanwhile begins with a whole step.
            let mut sinks = self.0.hub.sinks();
            let mut state = self.0.state.write();
            for (step, events) in steps.by_ref().take(STEPS_PER_LOCK) {
                if step.sequence.0 != held + 1 {
                    return Err(FollowError::Gap { expected: Sequence(held + 1), found: step.sequence });
                }
                state
                    .apply(step, events, &mut sinks)
                    .map_err(|what| FollowError::Diverged { sequence: step.sequence, what })?;
                held = step.sequence.0;
                self.0.sequence.store(held, Ordering::Release);
            }
        }
        Ok(())
    }

    /// The last command that is contained.
    pub fn sequence(&self) -> Sequence {
        Sequence(self.0.sequence.load(Ordering::Acquire))
    }

    /// Whether the account was opened, or belongs to the exchange and has moved money.
    pub fn knows_account(&self, account: AccountId) -> bool {
        self.0.state.read().account(account).is_some()
    }

    /// All known accounts, in order of id.
    pub fn accounts(&self) -> Vec<AccountId> {
        let mut accounts = self.0.state.read().accounts();
        accounts.sort_unstable();
        accounts
    }

    /// What the account has, by asset id; an asset that it once had and has no more is there with zeros.
    pub fn balances(&self, account: AccountId) -> Vec<Balance> {
        self.0.state.read().account(account).map(|account| account.balances.clone()).unwrap_or_default()
    }

    /// What the account has of one asset.
    pub fn balance(&self, account: AccountId, asset: AssetId) -> Balance {
        let none = Balance { asset, available: Amount::ZERO, held: Amount::ZERO };
        self.0.state.read().account(account).and_then(|account| account.balance(asset)).unwrap_or(none)
    }

    /// The account's open orders, of one market or of all, ascending by id. The engine's limit of open orders bounds it.
    pub fn open_orders(&self, account: AccountId, market: Option<MarketId>) -> Vec<OrderView> {
        let mut orders = self.0.state.read().open_orders(account, market);
        orders.sort_unstable_by_key(|view| view.order);
        orders
    }

    /// How many open orders the account has, in all markets.
    pub fn open_order_count(&self, account: AccountId) -> usize {
        self.0.state.read().account(account).map_or(0, |account| account.open.len())
    }

    /// An order of this account, open or closed and still kept.
    pub fn order(&self, account: AccountId, order: OrderId) -> Option<OrderView> {
        self.0.state.read().order(order).filter(|view| view.account == account).copied()
    }

    /// The account's order of this client id: the latest, which is the open one if any is open.
    pub fn order_by_client(&self, account: AccountId, market: MarketId, client_id: &str) -> Option<OrderView> {
        let client_id = ClientOrderId::new(client_id).ok().filter(|id| !id.is_empty())?;
        self.0.state.read().order_by_client(account, market, &client_id).copied()
    }

    /// A list of this account, open, or done and still kept.
    pub fn list(&self, account: AccountId, list: ListId) -> Option<ListView> {
        self.0.state.read().list(list).filter(|view| view.account == account).copied()
    }

    /// The account's open lists, ascending by id.
    pub fn open_lists(&self, account: AccountId) -> Vec<ListView> {
        let mut lists = self.0.state.read().open_lists(account);
        lists.sort_unstable_by_key(|view| view.list);
        lists
    }

    /// The account's master account; `None` when it is no sub-account.
    pub fn parent(&self, account: AccountId) -> Option<AccountId> {
        self.0.state.read().account(account).map(|account| account.parent).filter(|parent| parent.0 != 0)
    }

    /// Some of a master's sub-accounts, from the one at `from` on in the order in which they were opened, and how many there are.
    pub fn sub_accounts(&self, master: AccountId, from: usize, limit: usize) -> (Vec<AccountId>, usize) {
        let state = self.0.state.read();
        let all = state.sub_accounts(master);
        (all.iter().skip(from).take(limit).copied().collect(), all.len())
    }

    /// The account's fee tier.
    pub fn tier(&self, account: AccountId) -> TierId {
        self.0.state.read().account(account).map_or(TierId(0), |account| account.tier)
    }

    /// What a new order of the account in the market would pay.
    pub fn fees(&self, account: AccountId, market: MarketId) -> Fees {
        self.0.state.read().fees(account, market)
    }

    /// Drops the closed orders and lists that the SQL projections have: those that ended up to this command.
    pub fn forget_until(&self, sequence: Sequence) {
        while self.0.state.write().forget_until(sequence, DROPS_PER_LOCK) {}
    }

    /// How many closed orders are kept at the moment.
    pub fn closed_order_count(&self) -> usize {
        self.0.state.read().closed_count()
    }

    /// The account's events from now on. When more than `capacity` of them wait, the subscription ends with
    /// [`End::SlowReader`].
    ///
    /// # Errors
    /// [`TooManySubscriptions`] when the account has [`Subscription::MAX_PER_ACCOUNT`] already.
    pub fn subscribe(&self, account: AccountId, capacity: usize) -> Result<Subscription, TooManySubscriptions> {
        Hub::subscribe(&self.0.hub, account, capacity)
    }
}
