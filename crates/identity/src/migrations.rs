//! This crate's tables. A migration that was released is never changed: a new file is added.

mod m20261120_000001_api_keys;
mod m20261125_000002_public_keys;

use sea_orm_migration::MigrationTrait;

/// The migrations of the tables `identity_*`, for `db::migrate`.
pub fn migrations() -> db::Migrations {
    db::Migrations { owner: "identity", list }
}

fn list() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261120_000001_api_keys::Migration), Box::new(m20261125_000002_public_keys::Migration)]
}
