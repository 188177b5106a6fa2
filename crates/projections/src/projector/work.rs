use std::collections::BTreeMap;

use hashbrown::HashMap;
use marketdata::{Candle, Interval, PublicTrade};
use model::{AccountId, AssetId, Event, MarketId, OrderId, Step, Timestamp, Trade};
use sea_orm::Value;

use super::state::{STORED, State};
use crate::{
    OrderView,
    change::{Change, changes, quote_order_end},
    posting::postings,
    store::{
        ASSETS, BALANCES, CANDLES, LEDGER_ENTRIES, MARKETS, ORDERS, TRADES, Table, asset_row, balance_row, candle_row,
        ledger_row, market_row, order_row, trade_row,
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
    ledger: Vec<Value>,
    orders: BTreeMap<OrderId, OrderView>,
    balances: HashMap<(AccountId, AssetId), (i64, i64)>,
    candles: BTreeMap<(MarketId, Interval, Timestamp), Candle>,
}

impl Work {
    pub(super) const fn steps(&self) -> usize {
        self.steps
    }

    /// About how many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.orders.len()
            + self.trades.len() / TRADES.columns.len()
            + self.ledger.len() / LEDGER_ENTRIES.columns.len()
            + self.balances.len()
    }

    /// Takes in one command's events.
    pub(super) fn step(&mut self, state: &mut State, step: &Step, events: &[Event]) -> Result<(), &'static str> {
        let quote_end = quote_order_end(events);
        let mut entry = 0;
        for (index, event) in events.iter().enumerate() {
            match event {
                Event::AssetAdded(asset) => {
                    state.markets.add_asset(asset);
                    asset_row(&mut self.assets, asset);
                }
                Event::MarketAdded(market) => {
                    state.markets.add_market(market)?;
                    market_row(&mut self.markets, market);
                }
                Event::Trade(trade) => self.trade(state, trade, step),
                _ => {}
            }
            self.money(state, event, step, index, &mut entry)?;
            self.orders(state, event, step, index, quote_end)?;
        }
        state.sequence = step.sequence;
        self.steps += 1;
        Ok(())
    }

    fn money(
        &mut self,
        state: &State,
        event: &Event,
        step: &Step,
        index: usize,
        entry: &mut u64,
    ) -> Result<(), &'static str> {
        postings(&state.markets, event, |posting| {
            ledger_row(&mut self.ledger, &posting, step, *entry, index as u64);
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
        event: &Event,
        step: &Step,
        index: usize,
        quote_end: Option<usize>,
    ) -> Result<(), &'static str> {
        let State { markets, open, .. } = state;
        let pair = |trade: &Trade| markets.pair(trade.market);
        changes(index, event, quote_end, pair, |order, change| {
            let view = if let Change::Accepted(accepted) = change {
                open.entry(order).insert(OrderView::accepted(accepted, step)).into_mut()
            } else {
                let view = open.get_mut(&order).ok_or("the order is not open")?;
                change.apply(view, step);
                view
            };
            self.orders.insert(order, *view);
            if !view.is_open() {
                open.remove(&order);
            }
            Ok(())
        })
    }

    fn trade(&mut self, state: &mut State, trade: &Trade, step: &Step) {
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
    }

    /// The rows of each table, in the order of its key.
    pub(super) fn into_rows(self) -> [(&'static Table, Vec<Value>); 7] {
        let mut orders = Vec::with_capacity(self.orders.len() * ORDERS.columns.len());
        for view in self.orders.values() {
            order_row(&mut orders, view);
        }
        let mut balances: Vec<_> = self.balances.into_iter().collect();
        balances.sort_unstable();
        let mut balance_rows = Vec::with_capacity(balances.len() * BALANCES.columns.len());
        for ((account, asset), (available, held)) in balances {
            balance_row(&mut balance_rows, account, asset, available, held);
        }
        let mut candles = Vec::new();
        for ((market, interval, _), candle) in &self.candles {
            candle_row(&mut candles, *market, *interval, candle);
        }
        [
            (&ASSETS, self.assets),
            (&MARKETS, self.markets),
            (&ORDERS, orders),
            (&TRADES, self.trades),
            (&LEDGER_ENTRIES, self.ledger),
            (&BALANCES, balance_rows),
            (&CANDLES, candles),
        ]
    }
}
