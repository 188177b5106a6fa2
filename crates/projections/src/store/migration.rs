//! The migrations, oldest first. What a later one adds to rows that are there already is nothing, unless it says so: `rialto
//! projections rebuild` fills it from the journal.

mod m20261120_000001_tables;
mod m20261125_000001_order_types;
mod m20261125_000002_order_events;
mod m20261125_000003_fees;
mod m20261125_000004_positions;
mod m20261125_000005_more_candles;
mod m20261125_000006_ledger_by_account;

use db::Migrations;
use sea_orm::DbBackend;
use sea_orm_migration::prelude::{ConnectionTrait, DbErr, SchemaManager};

/// The migrations of the tables `projections_*`.
pub const fn migrations() -> Migrations {
    Migrations {
        owner: "projections",
        list: || {
            vec![
                Box::new(m20261120_000001_tables::Tables),
                Box::new(m20261125_000001_order_types::OrderTypes),
                Box::new(m20261125_000002_order_events::OrderEvents),
                Box::new(m20261125_000003_fees::Fees),
                Box::new(m20261125_000004_positions::Positions),
                Box::new(m20261125_000005_more_candles::MoreCandles),
                Box::new(m20261125_000006_ledger_by_account::LedgerByAccount),
            ]
        },
    }
}

/// Runs the statements, with `{tail}` for what keeps the rows of a table in the order of its key where the database can.
async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
    let tail = if sqlite { " WITHOUT ROWID" } else { "" };
    for sql in statements {
        connection.execute_unprepared(&sql.replace("{tail}", tail)).await?;
    }
    Ok(())
}
