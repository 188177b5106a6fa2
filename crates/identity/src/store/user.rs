//! Rows of `identity_users`.

use db::page::Keyset;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::Error;
use crate::access::Role;
use crate::email::Email;
use crate::store::{from_sql, to_sql};
use crate::user::{MAX_LEVEL, Uid, User, UserId, UserKind, UserState};
use entity::{ActiveModel, Column, Entity, Model};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub uid: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub email: Option<String>,
        /// The address in lower case, by which it is found and unique.
        #[sea_orm(column_type = "Text", nullable, unique)]
        pub email_key: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub password_hash: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        #[sea_orm(column_type = "Text")]
        pub role: String,
        pub level: i64,
        #[sea_orm(column_type = "Text")]
        pub locale: String,
        /// `NULL` only within the transaction that makes the row.
        pub account: Option<i64>,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        pub parent_id: Option<i64>,
        pub created_at_us: i64,
        pub changed_at_us: i64,
        pub account_opened_at_us: Option<i64>,
        pub deleted_at_us: Option<i64>,
        pub erased_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row to be written; the rest of its columns begin empty.
pub(crate) struct New<'a> {
    pub(crate) uid: Uid,
    pub(crate) email: Option<&'a Email>,
    pub(crate) state: UserState,
    pub(crate) role: &'a Role,
    pub(crate) locale: &'a str,
    pub(crate) kind: UserKind,
    pub(crate) parent: Option<UserId>,
    pub(crate) now_us: u64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<i64, DbErr> {
    let row = ActiveModel {
        uid: Set(new.uid.as_str().to_owned()),
        email: Set(new.email.map(|email| email.as_str().to_owned())),
        email_key: Set(new.email.map(|email| email.key().to_owned())),
        state: Set(new.state.name().to_owned()),
        role: Set(new.role.as_str().to_owned()),
        level: Set(0),
        locale: Set(new.locale.to_owned()),
        kind: Set(new.kind.name().to_owned()),
        parent_id: Set(new.parent.map(|parent| parent.0)),
        created_at_us: Set(to_sql(new.now_us)),
        changed_at_us: Set(to_sql(new.now_us)),
        ..Default::default()
    };
    Ok(row.insert(write).await?.id)
}

pub(crate) async fn set_account(write: &impl ConnectionTrait, id: UserId, account: u32) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Account, i64::from(account).into());
    update.filter(Column::Id.eq(id.0)).exec(write).await.map(drop)
}

pub(crate) async fn set_account_opened(write: &impl ConnectionTrait, id: UserId, now_us: u64) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::AccountOpenedAtUs, to_sql(now_us).into());
    update.filter(Column::Id.eq(id.0)).filter(Column::AccountOpenedAtUs.is_null()).exec(write).await.map(drop)
}

/// The oldest active users whose account is not known to be open.
pub(crate) async fn without_account(read: &impl ConnectionTrait, limit: u64) -> Result<Vec<User>, Error> {
    let missing = Entity::find()
        .filter(Column::AccountOpenedAtUs.is_null())
        .filter(Column::State.eq(UserState::Active.name()))
        .order_by_asc(Column::Id)
        .limit(limit);
    missing.all(read).await?.into_iter().map(user).collect()
}

pub(crate) async fn by_id(read: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, Error> {
    Entity::find_by_id(id.0).one(read).await?.map(user).transpose()
}

pub(crate) async fn by_uid(read: &impl ConnectionTrait, uid: &Uid) -> Result<Option<User>, Error> {
    Entity::find().filter(Column::Uid.eq(uid.as_str())).one(read).await?.map(user).transpose()
}

pub(crate) async fn by_email(read: &impl ConnectionTrait, email: &Email) -> Result<Option<User>, Error> {
    Entity::find().filter(Column::EmailKey.eq(email.key())).one(read).await?.map(user).transpose()
}

pub(crate) async fn by_account(read: &impl ConnectionTrait, account: u32) -> Result<Option<User>, Error> {
    Entity::find().filter(Column::Account.eq(i64::from(account))).one(read).await?.map(user).transpose()
}

/// The row; nobody else changes it before the transaction ends.
pub(crate) async fn lock(write: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, Error> {
    Entity::find_by_id(id.0).lock_exclusive().one(write).await?.map(user).transpose()
}

/// As [`lock`], by the address.
pub(crate) async fn lock_email(write: &impl ConnectionTrait, email: &Email) -> Result<Option<User>, Error> {
    Entity::find().filter(Column::EmailKey.eq(email.key())).lock_exclusive().one(write).await?.map(user).transpose()
}

/// The active superadmins; nobody else changes their rows before the transaction ends.
pub(crate) async fn lock_superadmins(write: &impl ConnectionTrait) -> Result<Vec<UserId>, DbErr> {
    let superadmins = Entity::find()
        .filter(Column::Role.eq(Role::SUPERADMIN))
        .filter(Column::State.eq(UserState::Active.name()))
        .order_by_asc(Column::Id)
        .lock_exclusive();
    Ok(superadmins.all(write).await?.into_iter().map(|row| UserId(row.id)).collect())
}

pub(crate) async fn password_hash(read: &impl ConnectionTrait, id: UserId) -> Result<Option<String>, DbErr> {
    Ok(Entity::find_by_id(id.0).one(read).await?.and_then(|row| row.password_hash))
}

pub(crate) async fn set_password(
    write: &impl ConnectionTrait,
    id: UserId,
    hash: &str,
    now_us: u64,
) -> Result<(), DbErr> {
    change(write, id, Column::PasswordHash, hash, now_us).await
}

/// Puts a hash in the place of another. `false`: the password was changed meanwhile.
pub(crate) async fn replace_password(
    write: &impl ConnectionTrait,
    id: UserId,
    old: &str,
    new: &str,
) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::PasswordHash, new.into());
    let update = update.filter(Column::Id.eq(id.0)).filter(Column::PasswordHash.eq(old));
    Ok(update.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn set_state(
    write: &impl ConnectionTrait,
    id: UserId,
    state: UserState,
    now_us: u64,
) -> Result<(), DbErr> {
    change(write, id, Column::State, state.name(), now_us).await
}

pub(crate) async fn set_role(write: &impl ConnectionTrait, id: UserId, role: &Role, now_us: u64) -> Result<(), DbErr> {
    change(write, id, Column::Role, role.as_str(), now_us).await
}

pub(crate) async fn set_level(write: &impl ConnectionTrait, id: UserId, level: u8, now_us: u64) -> Result<(), DbErr> {
    change(write, id, Column::Level, i64::from(level), now_us).await
}

/// Closes a user: its address is free for others from now on, its row keeps it until it is erased.
pub(crate) async fn close(write: &impl ConnectionTrait, id: UserId, now_us: u64) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(UserState::Deleted.name()))
        .col_expr(Column::Role, Expr::value(Role::MEMBER))
        .col_expr(Column::EmailKey, Expr::value(Option::<String>::None))
        .col_expr(Column::PasswordHash, Expr::value(Option::<String>::None))
        .col_expr(Column::ChangedAtUs, to_sql(now_us).into())
        .col_expr(Column::DeletedAtUs, Expr::value(Some(to_sql(now_us))));
    update.filter(Column::Id.eq(id.0)).exec(write).await.map(drop)
}

/// Users that were closed at this time or before and are not erased yet.
pub(crate) async fn to_erase(read: &impl ConnectionTrait, before_us: u64, limit: u64) -> Result<Vec<UserId>, DbErr> {
    let due = Entity::find()
        .filter(Column::DeletedAtUs.lte(to_sql(before_us)))
        .filter(Column::ErasedAtUs.is_null())
        .order_by_asc(Column::Id)
        .limit(limit);
    Ok(due.all(read).await?.into_iter().map(|row| UserId(row.id)).collect())
}

pub(crate) async fn erase(write: &impl ConnectionTrait, id: UserId) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Email, Expr::value(Option::<String>::None));
    update.filter(Column::Id.eq(id.0)).exec(write).await.map(drop)
}

pub(crate) async fn set_erased(write: &impl ConnectionTrait, id: UserId, now_us: u64) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::ErasedAtUs, Expr::value(Some(to_sql(now_us))));
    update.filter(Column::Id.eq(id.0)).exec(write).await.map(drop)
}

/// A page of users, by the numbers of their rows.
pub(crate) async fn page(
    read: &impl ConnectionTrait,
    state: Option<UserState>,
    email: Option<&str>,
    keyset: &Keyset<i64>,
) -> Result<Vec<User>, Error> {
    let mut select = Entity::find();
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state.name()));
    }
    if let Some(email) = email {
        select = select.filter(Column::EmailKey.eq(email));
    }
    keyset.apply(select, Column::Id).all(read).await?.into_iter().map(user).collect()
}

async fn change(
    write: &impl ConnectionTrait,
    id: UserId,
    column: Column,
    value: impl Into<sea_orm::Value>,
    now_us: u64,
) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(column, Expr::value(value.into()))
        .col_expr(Column::ChangedAtUs, to_sql(now_us).into());
    update.filter(Column::Id.eq(id.0)).exec(write).await.map(drop)
}

/// A user and its parts.
pub(crate) async fn family(read: &impl ConnectionTrait, id: UserId, limit: u64) -> Result<Vec<User>, Error> {
    let family = Entity::find().filter(Column::Id.eq(id.0).or(Column::ParentId.eq(id.0)));
    family.order_by_asc(Column::Id).limit(limit).all(read).await?.into_iter().map(user).collect()
}

fn user(row: Model) -> Result<User, Error> {
    let unusable = |reason: &str| Error::UnusableUser { id: row.id, reason: reason.to_owned() };
    Ok(User {
        id: UserId(row.id),
        uid: Uid::parse(&row.uid).ok_or_else(|| unusable("its uid is none"))?,
        state: UserState::from_name(&row.state).ok_or_else(|| unusable("this version does not know its state"))?,
        role: Role::parse(&row.role).ok_or_else(|| unusable("its role is no name of one"))?,
        level: u8::try_from(row.level)
            .ok()
            .filter(|level| *level <= MAX_LEVEL)
            .ok_or_else(|| unusable("its level is out of bounds"))?,
        account: row
            .account
            .and_then(|account| u32::try_from(account).ok())
            .ok_or_else(|| unusable("its account is no number of one"))?,
        kind: UserKind::from_name(&row.kind).ok_or_else(|| unusable("this version does not know its kind"))?,
        parent: row.parent_id.map(UserId),
        created_at_us: from_sql(row.created_at_us),
        email: row.email,
        locale: row.locale,
    })
}
