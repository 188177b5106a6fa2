//! This crate's tables. A migration that was released is never changed: a new file is added.

mod m20261120_000001_api_keys;
mod m20261125_000002_public_keys;
mod m20261125_000003_users;
mod m20261125_000004_sign_in;
mod m20261125_000005_totp;
mod m20261125_000006_access;
mod m20261125_000007_activity;
mod m20261126_000010_wallets;
mod m20261126_000011_key_terms;
mod m20261126_000012_passkeys;
mod m20261126_000013_documents;
mod m20261126_000020_people;
mod m20261126_000021_federations;

use sea_orm_migration::MigrationTrait;

/// The migrations of the tables `identity_*`, for `db::migrate`.
pub fn migrations() -> db::Migrations {
    db::Migrations { owner: "identity", list }
}

fn list() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261120_000001_api_keys::Migration),
        Box::new(m20261125_000002_public_keys::Migration),
        Box::new(m20261125_000003_users::Migration),
        Box::new(m20261125_000004_sign_in::Migration),
        Box::new(m20261125_000005_totp::Migration),
        Box::new(m20261125_000006_access::Migration),
        Box::new(m20261125_000007_activity::Migration),
        Box::new(m20261126_000010_wallets::Migration),
        Box::new(m20261126_000011_key_terms::Migration),
        Box::new(m20261126_000012_passkeys::Migration),
        Box::new(m20261126_000013_documents::Migration),
        Box::new(m20261126_000020_people::Migration),
        Box::new(m20261126_000021_federations::Migration),
    ]
}
