//! What roles may do, what is known of users, and what levels ask for.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityPermissions {
    Table,
    Id,
    Role,
    Operation,
}

#[derive(DeriveIden)]
enum IdentityLabels {
    Table,
    Id,
    UserId,
    Key,
    Value,
    Scope,
    ChangedAtUs,
}

#[derive(DeriveIden)]
enum IdentityLevels {
    Table,
    Id,
    Level,
    Key,
    Value,
}

/// What roles may do at first; the operator changes it later.
const PERMISSIONS: &[(&str, &str)] = &[
    ("superadmin", "*"),
    ("admin", "* /api/v2/admin/*"),
    ("compliance", "GET /api/v2/admin/users*"),
    ("compliance", "GET /api/v2/admin/activity*"),
    ("compliance", "* /api/v2/admin/documents*"),
    ("compliance", "* /api/v2/admin/profiles*"),
    ("compliance", "* /api/v2/admin/labels*"),
    ("compliance", "* /api/v2/admin/freezes*"),
    ("support", "GET /api/v2/admin/users*"),
    ("support", "GET /api/v2/admin/activity*"),
];

/// What levels ask for at first.
const LEVELS: &[(i64, &str, &str)] = &[(1, "email", "verified"), (2, "phone", "verified"), (3, "document", "verified")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        permissions(manager).await?;
        labels(manager).await?;
        levels(manager).await
    }
}

async fn permissions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentityPermissions::Table)
        .col(ColumnDef::new(IdentityPermissions::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentityPermissions::Role).text().not_null())
        .col(ColumnDef::new(IdentityPermissions::Operation).text().not_null())
        .to_owned();
    manager.create_table(table).await?;
    let unique = Index::create()
        .name("identity_permissions_once")
        .table(IdentityPermissions::Table)
        .col(IdentityPermissions::Role)
        .col(IdentityPermissions::Operation)
        .unique()
        .to_owned();
    manager.create_index(unique).await?;
    for (role, operation) in PERMISSIONS {
        let insert = Query::insert()
            .into_table(IdentityPermissions::Table)
            .columns([IdentityPermissions::Role, IdentityPermissions::Operation])
            .values_panic([(*role).into(), (*operation).into()])
            .to_owned();
        manager.execute(insert).await?;
    }
    Ok(())
}

async fn labels(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentityLabels::Table)
        .col(ColumnDef::new(IdentityLabels::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentityLabels::UserId).big_integer().not_null())
        .col(ColumnDef::new(IdentityLabels::Key).text().not_null())
        .col(ColumnDef::new(IdentityLabels::Value).text().not_null())
        .col(ColumnDef::new(IdentityLabels::Scope).text().not_null())
        .col(ColumnDef::new(IdentityLabels::ChangedAtUs).big_integer().not_null())
        .to_owned();
    manager.create_table(table).await?;
    let unique = Index::create()
        .name("identity_labels_once")
        .table(IdentityLabels::Table)
        .col(IdentityLabels::UserId)
        .col(IdentityLabels::Scope)
        .col(IdentityLabels::Key)
        .unique()
        .to_owned();
    manager.create_index(unique).await
}

async fn levels(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentityLevels::Table)
        .col(ColumnDef::new(IdentityLevels::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentityLevels::Level).big_integer().not_null())
        .col(ColumnDef::new(IdentityLevels::Key).text().not_null())
        .col(ColumnDef::new(IdentityLevels::Value).text().not_null())
        .to_owned();
    manager.create_table(table).await?;
    for (level, key, value) in LEVELS {
        let insert = Query::insert()
            .into_table(IdentityLevels::Table)
            .columns([IdentityLevels::Level, IdentityLevels::Key, IdentityLevels::Value])
            .values_panic([(*level).into(), (*key).into(), (*value).into()])
            .to_owned();
        manager.execute(insert).await?;
    }
    Ok(())
}
