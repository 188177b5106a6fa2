use sea_orm::DbBackend;
use sea_orm_migration::prelude::{ConnectionTrait, DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

/// All tables as they were first made.
pub(super) struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m20261120_000001_tables"
    }
}

/// The one table whose key is a single integer: SQLite keeps it in the tree of the table itself only under this name.
const ORDERS: &str = "
CREATE TABLE projections_orders (
    order_id {key},
    account_id BIGINT NOT NULL,
    market_id BIGINT NOT NULL,
    side BIGINT NOT NULL,
    order_type BIGINT NOT NULL,
    time_in_force BIGINT NOT NULL,
    self_trade BIGINT NOT NULL,
    price BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    quote_quantity BIGINT NOT NULL,
    executed BIGINT NOT NULL,
    cumulative_quote BIGINT NOT NULL,
    status BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    placed BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    sequence BIGINT NOT NULL
)";

/// Each with its key as the order of its rows, where the database can do that: `{tail}`.
const TABLES: &[&str] = &[
    "
CREATE TABLE projections_assets (
    asset_id BIGINT NOT NULL PRIMARY KEY,
    symbol TEXT NOT NULL,
    scale BIGINT NOT NULL
){tail}",
    "
CREATE TABLE projections_markets (
    market_id BIGINT NOT NULL PRIMARY KEY,
    symbol TEXT NOT NULL,
    base BIGINT NOT NULL,
    quote BIGINT NOT NULL,
    price_decimals BIGINT NOT NULL,
    quantity_decimals BIGINT NOT NULL
){tail}",
    "
CREATE TABLE projections_trades (
    market_id BIGINT NOT NULL,
    trade_id BIGINT NOT NULL,
    time BIGINT NOT NULL,
    price BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    quote BIGINT NOT NULL,
    taker_side BIGINT NOT NULL,
    maker_order BIGINT NOT NULL,
    taker_order BIGINT NOT NULL,
    maker_account BIGINT NOT NULL,
    taker_account BIGINT NOT NULL,
    maker_fee BIGINT NOT NULL,
    taker_fee BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (market_id, trade_id)
){tail}",
    "
CREATE TABLE projections_ledger_entries (
    sequence BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    event BIGINT NOT NULL,
    time BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    asset_id BIGINT NOT NULL,
    available BIGINT NOT NULL,
    held BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    reference BIGINT NOT NULL,
    market_id BIGINT,
    PRIMARY KEY (sequence, entry)
){tail}",
    "
CREATE TABLE projections_balances (
    account_id BIGINT NOT NULL,
    asset_id BIGINT NOT NULL,
    available BIGINT NOT NULL,
    held BIGINT NOT NULL,
    PRIMARY KEY (account_id, asset_id)
){tail}",
    "
CREATE TABLE projections_candles (
    market_id BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    open_time BIGINT NOT NULL,
    open BIGINT NOT NULL,
    high BIGINT NOT NULL,
    low BIGINT NOT NULL,
    close BIGINT NOT NULL,
    volume BIGINT NOT NULL,
    quote_volume BIGINT NOT NULL,
    trades BIGINT NOT NULL,
    taker_buy_volume BIGINT NOT NULL,
    taker_buy_quote BIGINT NOT NULL,
    first_trade BIGINT NOT NULL,
    PRIMARY KEY (market_id, seconds, open_time)
){tail}",
    "CREATE TABLE projections_checkpoint (id BIGINT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL){tail}",
    "INSERT INTO projections_checkpoint (id, sequence) VALUES (1, 0)",
    // Orders of an account and market; one by its client id; the first order of a time. SQLite adds the order id itself.
    "CREATE INDEX projections_orders_account ON projections_orders (account_id, market_id, order_id)",
    "CREATE INDEX projections_orders_client ON projections_orders (account_id, market_id, client_id)",
    "CREATE INDEX projections_orders_placed ON projections_orders (placed)",
    "CREATE INDEX projections_orders_open ON projections_orders (order_id) WHERE status < 2",
    // Trades of an account as maker and as taker; of an order; the first trade of a time.
    "CREATE INDEX projections_trades_maker ON projections_trades (maker_account, market_id, trade_id)",
    "CREATE INDEX projections_trades_taker ON projections_trades (taker_account, market_id, trade_id)",
    "CREATE INDEX projections_trades_maker_order ON projections_trades (maker_order)",
    "CREATE INDEX projections_trades_taker_order ON projections_trades (taker_order)",
    "CREATE INDEX projections_trades_time ON projections_trades (market_id, time)",
    "CREATE INDEX projections_ledger_entries_account ON projections_ledger_entries (account_id, sequence, entry)",
];

/// What SQLite shall think of the trades before anybody runs ANALYZE: rows in all, then rows for each value of the first
/// column of the index, of the first two, and so on. Without it SQLite takes the table's own order for the cheapest way to an
/// account's trades, and reads the whole market.
const SQLITE_STATISTICS: &[&str] = &[
    "ANALYZE projections_trades",
    "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('projections_trades', 'projections_trades', '10000000 1000000 1'),
    ('projections_trades', 'projections_trades_time', '10000000 1000000 2'),
    ('projections_trades', 'projections_trades_maker', '10000000 10000 1000 1'),
    ('projections_trades', 'projections_trades_taker', '10000000 10000 1000 1'),
    ('projections_trades', 'projections_trades_maker_order', '10000000 3'),
    ('projections_trades', 'projections_trades_taker_order', '10000000 3')",
];

#[async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
        let (key, tail) = if sqlite { ("INTEGER PRIMARY KEY", " WITHOUT ROWID") } else { ("BIGINT PRIMARY KEY", "") };
        connection.execute_unprepared(&ORDERS.replace("{key}", key)).await?;
        for sql in TABLES {
            connection.execute_unprepared(&sql.replace("{tail}", tail)).await?;
        }
        for sql in SQLITE_STATISTICS.iter().filter(|_| sqlite) {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
