//! This crate's tables. A migration that was released is never changed: a new file is added.

mod m20261125_000001_list;

use sea_orm_migration::MigrationTrait;

/// The migrations of the tables `coins_*`, for `db::migrate`.
pub fn migrations() -> db::Migrations {
    db::Migrations { owner: "coins", list }
}

fn list() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261125_000001_list::Migration)]
}
