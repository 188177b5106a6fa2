//! Rows of `identity_passkeys`, and of `identity_passkey_users`, by whose handles authenticators name their users.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::passkeys::MAX_PASSKEYS;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_passkeys")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        pub credential_id: Vec<u8>,
        pub sealed_key: Vec<u8>,
        /// What changes with use: whether it is backed up, the counter.
        pub state: Vec<u8>,
        pub transports: i64,
        #[sea_orm(column_type = "Text")]
        pub label: String,
        pub created_at_us: i64,
        pub last_used_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod user {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_passkey_users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: i64,
        pub handle: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// A row to be written; the rest of its columns begin empty.
pub(crate) struct New<'a> {
    pub(crate) user_id: i64,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) sealed_key: Vec<u8>,
    pub(crate) state: Vec<u8>,
    pub(crate) transports: u8,
    pub(crate) label: &'a str,
    pub(crate) created_at_us: i64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<Model, DbErr> {
    let row = ActiveModel {
        user_id: Set(new.user_id),
        credential_id: Set(new.credential_id),
        sealed_key: Set(new.sealed_key),
        state: Set(new.state),
        transports: Set(i64::from(new.transports)),
        label: Set(new.label.to_owned()),
        created_at_us: Set(new.created_at_us),
        ..Default::default()
    };
    row.insert(write).await
}

/// The user's handle: `fresh`, unless the user has one.
pub(crate) async fn handle_of_user(write: &impl ConnectionTrait, user_id: i64, fresh: &[u8]) -> Result<Vec<u8>, DbErr> {
    let row = user::ActiveModel { user_id: Set(user_id), handle: Set(fresh.to_vec()) };
    let once = OnConflict::column(user::Column::UserId).do_nothing().to_owned();
    user::Entity::insert(row).on_conflict(once).exec_without_returning(write).await?;
    let row = user::Entity::find_by_id(user_id).one(write).await?;
    row.map(|row| row.handle).ok_or_else(|| DbErr::RecordNotFound(format!("the passkey handle of user {user_id}")))
}

/// The passkey of this id, and the handle of its user.
pub(crate) async fn find(read: &impl ConnectionTrait, credential_id: &[u8]) -> Result<Option<(Model, Vec<u8>)>, DbErr> {
    let row = Entity::find().filter(Column::CredentialId.eq(credential_id)).one(read).await?;
    let Some(row) = row else { return Ok(None) };
    let owner = user::Entity::find_by_id(row.user_id).one(read).await?;
    Ok(owner.map(|owner| (row, owner.handle)))
}

pub(crate) async fn list(read: &impl ConnectionTrait, user_id: i64) -> Result<Vec<Model>, DbErr> {
    let of_user = Entity::find().filter(Column::UserId.eq(user_id));
    of_user.order_by_asc(Column::Id).limit(MAX_PASSKEYS).all(read).await
}

/// Notes a use, unless the row changed since `before` was read.
pub(crate) async fn used(
    write: &impl ConnectionTrait,
    before: &Model,
    state: Vec<u8>,
    now_us: i64,
) -> Result<bool, DbErr> {
    let update =
        Entity::update_many().col_expr(Column::State, state.into()).col_expr(Column::LastUsedUs, now_us.into());
    let unchanged = update.filter(Column::Id.eq(before.id)).filter(Column::State.eq(before.state.clone()));
    Ok(unchanged.exec(write).await?.rows_affected == 1)
}

/// Whether the user had it.
pub(crate) async fn rename(write: &impl ConnectionTrait, user_id: i64, id: i64, label: &str) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::Label, label.into());
    let update = update.filter(Column::UserId.eq(user_id)).filter(Column::Id.eq(id));
    Ok(update.exec(write).await?.rows_affected == 1)
}

/// Whether the user had it.
pub(crate) async fn delete(write: &impl ConnectionTrait, user_id: i64, id: i64) -> Result<bool, DbErr> {
    let delete = Entity::delete_many().filter(Column::UserId.eq(user_id)).filter(Column::Id.eq(id));
    Ok(delete.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn delete_all(write: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(write).await?;
    user::Entity::delete_by_id(user_id).exec(write).await.map(drop)
}
