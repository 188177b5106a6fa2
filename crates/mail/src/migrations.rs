//! This crate's tables. A migration that was released is never changed: a new file is added.

mod m20261126_000001_mailbox;

use sea_orm_migration::MigrationTrait;

/// The migrations of the tables `mail_*`, for `db::migrate`.
pub fn migrations() -> db::Migrations {
    db::Migrations { owner: "mail", list }
}

fn list() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261126_000001_mailbox::Migration)]
}
