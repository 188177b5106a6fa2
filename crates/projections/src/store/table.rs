/// What must be known of a table to write and to compare it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// All columns, in the order in which rows give them.
    pub(crate) columns: &'static [&'static str],
    /// The primary key.
    pub(crate) key: &'static [&'static str],
    /// Columns that hold text; all others hold integers.
    pub(crate) text: &'static [&'static str],
    /// What happens to a row whose key is there already; empty when there can be none.
    pub(crate) on_conflict: &'static str,
}

pub(crate) const ASSETS: Table = Table {
    name: "projections_assets",
    columns: &["asset_id", "symbol", "scale"],
    key: &["asset_id"],
    text: &["symbol"],
    on_conflict: "",
};

pub(crate) const MARKETS: Table = Table {
    name: "projections_markets",
    columns: &["market_id", "symbol", "base", "quote", "price_decimals", "quantity_decimals"],
    key: &["market_id"],
    text: &["symbol"],
    on_conflict: "",
};

pub(crate) const ORDERS: Table = Table {
    name: "projections_orders",
    columns: &[
        "order_id",
        "account_id",
        "market_id",
        "side",
        "order_type",
        "time_in_force",
        "self_trade",
        "price",
        "quantity",
        "quote_quantity",
        "executed",
        "cumulative_quote",
        "status",
        "client_id",
        "placed",
        "updated",
        "sequence",
        "stop_price",
        "trailing_delta",
        "iceberg",
        "expire_at",
        "list_id",
        "wait",
        "working_since",
        "trailing_since",
        "prevented",
        "last_prevented",
        "ended",
    ],
    key: &["order_id"],
    text: &["client_id"],
    on_conflict: " ON CONFLICT (order_id) DO UPDATE SET price = excluded.price, quantity = excluded.quantity, \
                  executed = excluded.executed, cumulative_quote = excluded.cumulative_quote, \
                  status = excluded.status, client_id = excluded.client_id, updated = excluded.updated, \
                  sequence = excluded.sequence, wait = excluded.wait, working_since = excluded.working_since, \
                  trailing_since = excluded.trailing_since, prevented = excluded.prevented, \
                  last_prevented = excluded.last_prevented, ended = excluded.ended",
};

/// Orders of which there can be no row yet.
pub(crate) const NEW_ORDERS: Table = Table { on_conflict: "", ..ORDERS };

pub(crate) const TRADES: Table = Table {
    name: "projections_trades",
    columns: &[
        "market_id",
        "trade_id",
        "time",
        "price",
        "quantity",
        "quote",
        "taker_side",
        "maker_order",
        "taker_order",
        "maker_account",
        "taker_account",
        "maker_fee",
        "taker_fee",
        "sequence",
        "auction",
    ],
    key: &["market_id", "trade_id"],
    text: &[],
    on_conflict: "",
};

pub(crate) const LEDGER_ENTRIES: Table = Table {
    name: "projections_ledger_entries",
    columns: &[
        "sequence",
        "entry",
        "event",
        "time",
        "account_id",
        "asset_id",
        "available",
        "held",
        "kind",
        "reference",
        "market_id",
    ],
    key: &["account_id", "sequence", "entry"],
    text: &[],
    on_conflict: "",
};

pub(crate) const BALANCES: Table = Table {
    name: "projections_balances",
    columns: &["account_id", "asset_id", "available", "held"],
    key: &["account_id", "asset_id"],
    text: &[],
    on_conflict: " ON CONFLICT (account_id, asset_id) DO UPDATE SET \
                  available = projections_balances.available + excluded.available, \
                  held = projections_balances.held + excluded.held",
};

pub(crate) const CANDLES: Table = Table {
    name: "projections_candles",
    columns: &[
        "market_id",
        "seconds",
        "open_time",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "quote_volume",
        "trades",
        "taker_buy_volume",
        "taker_buy_quote",
        "first_trade",
    ],
    key: &["market_id", "seconds", "open_time"],
    text: &[],
    on_conflict: " ON CONFLICT (market_id, seconds, open_time) DO UPDATE SET high = excluded.high, \
                  low = excluded.low, close = excluded.close, volume = excluded.volume, \
                  quote_volume = excluded.quote_volume, trades = excluded.trades, \
                  taker_buy_volume = excluded.taker_buy_volume, taker_buy_quote = excluded.taker_buy_quote",
};

pub(crate) const ORDER_LISTS: Table = Table {
    name: "projections_order_lists",
    columns: &[
        "list_id",
        "account_id",
        "market_id",
        "kind",
        "order_1",
        "order_2",
        "order_3",
        "client_id",
        "done",
        "placed",
        "updated",
        "sequence",
    ],
    key: &["list_id"],
    text: &["client_id"],
    on_conflict: " ON CONFLICT (list_id) DO UPDATE SET done = excluded.done, updated = excluded.updated, \
                  sequence = excluded.sequence",
};

pub(crate) const AMENDMENTS: Table = Table {
    name: "projections_amendments",
    columns: &[
        "order_id",
        "sequence",
        "event",
        "account_id",
        "market_id",
        "time",
        "old_quantity",
        "new_quantity",
        "old_client_id",
        "new_client_id",
    ],
    key: &["order_id", "sequence", "event"],
    text: &["old_client_id", "new_client_id"],
    on_conflict: "",
};

pub(crate) const PREVENTED: Table = Table {
    name: "projections_prevented",
    columns: &[
        "market_id",
        "prevented_id",
        "time",
        "taker_side",
        "mode",
        "price",
        "maker_order",
        "taker_order",
        "maker_account",
        "taker_account",
        "maker_quantity",
        "taker_quantity",
        "sequence",
    ],
    key: &["market_id", "prevented_id"],
    text: &[],
    on_conflict: "",
};

pub(crate) const ACCOUNTS: Table = Table {
    name: "projections_accounts",
    columns: &["account_id", "parent_id", "tier_id", "opened"],
    key: &["account_id"],
    text: &[],
    on_conflict: " ON CONFLICT (account_id) DO UPDATE SET tier_id = excluded.tier_id",
};

pub(crate) const FEES: Table = Table {
    name: "projections_fees",
    columns: &["tier_id", "market_id", "maker_ppm", "taker_ppm"],
    key: &["tier_id", "market_id"],
    text: &[],
    on_conflict: " ON CONFLICT (tier_id, market_id) DO UPDATE SET maker_ppm = excluded.maker_ppm, \
                  taker_ppm = excluded.taker_ppm",
};

pub(crate) const POSITIONS: Table = Table {
    name: "projections_positions",
    columns: &["account_id", "market_id", "quantity", "cost", "realised", "sequence"],
    key: &["account_id", "market_id"],
    text: &[],
    on_conflict: " ON CONFLICT (account_id, market_id) DO UPDATE SET quantity = excluded.quantity, \
                  cost = excluded.cost, realised = excluded.realised, sequence = excluded.sequence",
};

/// One row: the last command that the other tables contain.
pub(crate) const CHECKPOINT: Table =
    Table { name: "projections_checkpoint", columns: &["id", "sequence"], key: &["id"], text: &[], on_conflict: "" };

/// All tables of this crate.
pub(crate) const ALL: [&Table; 14] = [
    &ASSETS,
    &MARKETS,
    &ORDERS,
    &TRADES,
    &LEDGER_ENTRIES,
    &BALANCES,
    &CANDLES,
    &ORDER_LISTS,
    &AMENDMENTS,
    &PREVENTED,
    &ACCOUNTS,
    &FEES,
    &POSITIONS,
    &CHECKPOINT,
];
