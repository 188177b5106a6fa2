use std::collections::BTreeMap;

use hashbrown::HashMap;
use marketdata::{Candle, Interval, PublicTrade};
use model::{
    AccountId, Amended, AssetId, Event, Fees, ListId, MarketId, OrderId, Side, Step, TierId, Timestamp, Trade,
};
use sea_orm::Value;

use super::state::{STORED, State};
use crate::{
    Amendment, ListView, OrderView, Position,
    change::{Change, Events},
    posting::{LedgerKind, postings, transfer_reference},
    store::{
        ACCOUNTS, AMENDMENTS, ASSETS, BALANCES, CANDLES, FEES, LEDGER_ENTRIES, LedgerRow, MARKETS, NEW_ORDERS,
        ORDER_LISTS, ORDERS, POSITIONS, PREVENTED, TRADES, Table, account_row, amendment_row, asset_row, balance_row,
        candle_row, fees_row, ledger_row, list_row, market_row, order_row, position_row, prevented_row, trade_row,
    },
};

/// What the commands of one transaction add to the tables. An order, a balance or a candle that changes many times is
/// written once.
#[derive(Debug, Default)]
pub(super) struct Work {
    steps: usize,
    assets: Vec<Value>,
    markets: Vec<Value>,
    trades: Vec<Value>,
    ledger: Vec<LedgerRow>,
    /// Accepted by one of the commands.
    new_orders: BTreeMap<OrderId, OrderView>,
    /// Accepted before.
    orders: BTreeMap<OrderId, OrderView>,
    balances: HashMap<(AccountId, AssetId), (i64, i64)>,
    candles: BTreeMap<(MarketId, Interval, Timestamp), Candle>,
    lists: BTreeMap<ListId, ListView>,
    amendments: Vec<Amendment>,
    prevented: Vec<Value>,
    accounts: BTreeMap<AccountId, (AccountId, TierId, Timestamp)>,
    fees: BTreeMap<(Option<TierId>, Option<MarketId>), Option<Fees>>,
    positions: BTreeMap<(AccountId, MarketId), Position>,
}

impl Work {
    pub(super) const fn steps(&self) -> usize {
        self.steps
    }

    /// About how many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.new_orders.len()
            + self.orders.len()
            + self.trades.len() / TRADES.columns.len()
            + self.ledger.len()
            + self.balances.len()
    }

    /// Takes in one command's events.
    pub(super) fn step(&mut self, state: &mut State, step: &Step, events: &[Event]) -> Result<(), &'static str> {
        let events = Events::new(events);
        let mut entry = 0;
        for (index, event) in events.iter() {
            match event {
                Event::AssetAdded(asset) => {
                    state.markets.add_asset(asset);
                    asset_row(&mut self.assets, asset);
                }
                Event::MarketAdded(market) => {
                    state.markets.add_market(market)?;
                    market_row(&mut self.markets, market);
                    self.fees.insert((None, Some(market.id)), market.fees);
                }
                // Nothing else of a market that may be set is in its row.
                Event::MarketSet(market) => {
                    self.fees.insert((None, Some(market.id)), market.fees);
                }
                Event::FeesSet { tier, market, fees } => {
                    self.fees.insert((*tier, *market), *fees);
                }
                Event::AccountOpened { account, parent } => {
                    self.accounts.insert(*account, (*parent, TierId(0), step.time));
                }
                Event::TierSet { account, tier } => {
                    // Of an account that is in the table already only the tier is written.
                    self.accounts.entry(*account).or_insert((AccountId(0), *tier, Timestamp(0))).1 = *tier;
                }
                Event::Trade(trade) => self.trade(state, trade, step)?,
                Event::Prevented(prevented) => prevented_row(&mut self.prevented, prevented, step),
                Event::ListPlaced { .. } | Event::ListDone { .. } => self.list(event, step),
                _ => {}
            }
            self.money(state, event, step, index, &mut entry)?;
            self.orders(state, &events, index, event, step)?;
        }
        state.sequence = step.sequence;
        self.steps += 1;
        Ok(())
    }

    fn list(&mut self, event: &Event, step: &Step) {
        if let Some(view) = ListView::placed(event, step) {
            self.lists.insert(view.list, view);
        } else if let Some(end) = ListView::ended(event, step) {
            // Of a list that is in the table already only the end is written.
            self.lists.entry(end.list).or_insert(end).finish(step);
        }
    }

    fn money(
        &mut self,
        state: &State,
        event: &Event,
        step: &Step,
        index: usize,
        entry: &mut u64,
    ) -> Result<(), &'static str> {
        postings(&state.markets, event, |mut posting| {
            if posting.kind == LedgerKind::Transfer {
                posting.reference = transfer_reference(step.source, step.source_seq);
            }
            self.ledger.push(LedgerRow {
                posting,
                sequence: step.sequence,
                time: step.time,
                entry: *entry,
                event: index as u64,
            });
            *entry += 1;
            let (available, held) = self.balances.entry((posting.account, posting.asset)).or_default();
            *available = available.checked_add(posting.available).ok_or("a balance does not fit")?;
            *held = held.checked_add(posting.held).ok_or("a balance does not fit")?;
            Ok(())
        })
    }

    fn orders(
        &mut self,
        state: &mut State,
        events: &Events<'_>,
        index: usize,
        event: &Event,
        step: &Step,
    ) -> Result<(), &'static str> {
        let State { markets, open, .. } = state;
        let pair = |trade: &Trade| markets.pair(trade.market);
        events.changes(index, event, pair, |order, change| {
            let view = if let Change::Accepted { accepted, pending } = change {
                let view = OrderView::accepted(accepted, pending, step);
                self.new_orders.insert(order, view);
                open.entry(order).insert(view).into_mut()
            } else {
                let view = open.get_mut(&order).ok_or("the order is not open")?;
                if let Change::Amended(amended) = change {
                    self.amendments.push(amendment(view, amended, index, step));
                }
                change.apply(view, step);
                view
            };
            match self.new_orders.get_mut(&order) {
                Some(new) => *new = *view,
                None => {
                    self.orders.insert(order, *view);
                }
            }
            if !view.is_open() {
                open.remove(&order);
            }
            Ok(())
        })
    }

    fn trade(&mut self, state: &mut State, trade: &Trade, step: &Step) -> Result<(), &'static str> {
        trade_row(&mut self.trades, trade, step);
        let public = PublicTrade::new(trade, step.time);
        for interval in STORED {
            let open_time = interval.open_time(step.time);
            let fresh = Candle::empty(open_time, trade.price);
            let candle = state.candles.entry((trade.market, interval)).or_insert(fresh);
            if candle.open_time < open_time {
                *candle = fresh;
            }
            candle.add(&public);
            self.candles.insert((trade.market, interval, candle.open_time), *candle);
        }
        self.positions(state, trade, step)
    }

    fn positions(&mut self, state: &mut State, trade: &Trade, step: &Step) -> Result<(), &'static str> {
        let sums = state.markets.sums(trade)?;
        for (account, side) in
            [(trade.taker_account, trade.taker_side), (trade.maker_account, trade.taker_side.opposite())]
        {
            let key = (account, trade.market);
            let position = state.positions.get_mut(&key).ok_or("the position was not loaded")?;
            let (base, quote) = if side == Side::Buy { (sums.bought, -sums.paid) } else { (-sums.sold, sums.earned) };
            position.trade(base, quote, step.sequence);
            self.positions.insert(key, *position);
        }
        Ok(())
    }

    /// The rows of each table, in the order of its key.
    pub(super) fn into_rows(mut self) -> [(&'static Table, Vec<Value>); 14] {
        self.ledger.sort_unstable_by_key(|row| (row.posting.account, row.sequence, row.entry));
        let mut balances: Vec<_> = self.balances.into_iter().collect();
        balances.sort_unstable();
        [
            (&ASSETS, self.assets),
            (&MARKETS, self.markets),
            (&NEW_ORDERS, rows(&NEW_ORDERS, self.new_orders.values(), order_row)),
            (&ORDERS, rows(&ORDERS, self.orders.values(), order_row)),
            (&TRADES, self.trades),
            (&LEDGER_ENTRIES, rows(&LEDGER_ENTRIES, &self.ledger, ledger_row)),
            (
                &BALANCES,
                rows(&BALANCES, balances, |rows, ((account, asset), (available, held))| {
                    balance_row(rows, account, asset, available, held);
                }),
            ),
            (
                &CANDLES,
                rows(&CANDLES, &self.candles, |rows, ((market, interval, _), candle)| {
                    candle_row(rows, *market, *interval, candle);
                }),
            ),
            (&ORDER_LISTS, rows(&ORDER_LISTS, self.lists.values(), list_row)),
            (&AMENDMENTS, rows(&AMENDMENTS, &self.amendments, amendment_row)),
            (&PREVENTED, self.prevented),
            (
                &ACCOUNTS,
                rows(&ACCOUNTS, self.accounts, |rows, (account, (parent, tier, opened))| {
                    account_row(rows, account, parent, tier, opened);
                }),
            ),
            (&FEES, rows(&FEES, self.fees, |rows, ((tier, market), fees)| fees_row(rows, tier, market, fees))),
            (&POSITIONS, rows(&POSITIONS, self.positions.values(), position_row)),
        ]
    }
}

fn rows<T>(
    table: &Table,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    row: impl Fn(&mut Vec<Value>, T),
) -> Vec<Value> {
    let items = items.into_iter();
    let mut rows = Vec::with_capacity(items.len() * table.columns.len());
    for item in items {
        row(&mut rows, item);
    }
    rows
}

/// What changes when an order is amended.
fn amendment(before: &OrderView, amended: &Amended, index: usize, step: &Step) -> Amendment {
    Amendment {
        order: amended.order,
        sequence: step.sequence,
        event: u32::try_from(index).unwrap_or(u32::MAX),
        account: amended.account,
        market: amended.market,
        time: step.time,
        old_quantity: before.quantity,
        new_quantity: amended.quantity,
        old_client_id: before.client_id,
        new_client_id: amended.client_id,
    }
}
