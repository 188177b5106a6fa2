//! Rows of `identity_passkey_ceremonies`: ceremonies that wait for an authenticator.

use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set};

use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_passkey_ceremonies")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub challenge: Vec<u8>,
        /// Who makes a passkey; of signing in there is none.
        pub user_id: Option<i64>,
        pub state: Vec<u8>,
        pub expires_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// A row to be written.
pub(crate) struct New {
    pub(crate) challenge: Vec<u8>,
    pub(crate) user_id: Option<i64>,
    pub(crate) state: Vec<u8>,
    pub(crate) expires_at_us: i64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: &New) -> Result<(), DbErr> {
    let row = ActiveModel {
        challenge: Set(new.challenge.clone()),
        user_id: Set(new.user_id),
        state: Set(new.state.clone()),
        expires_at_us: Set(new.expires_at_us),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

pub(crate) async fn delete_expired(write: &impl ConnectionTrait, now_us: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::ExpiresAtUs.lte(now_us)).exec(write).await.map(drop)
}

pub(crate) async fn delete_of_user(write: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(write).await.map(drop)
}

/// How many rows there are at most: how far the oldest and the newest are apart. Counting them would read them all.
pub(crate) async fn span(read: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let oldest = Entity::find().order_by_asc(Column::Id).one(read).await?;
    let newest = Entity::find().order_by_desc(Column::Id).one(read).await?;
    Ok(oldest.zip(newest).map_or(0, |(oldest, newest)| (newest.id - oldest.id).unsigned_abs() + 1))
}

/// Takes the ceremony out: of two who answer at the same moment, one gets it.
pub(crate) async fn take(write: &impl ConnectionTrait, challenge: &[u8]) -> Result<Option<Model>, DbErr> {
    let Some(row) = Entity::find().filter(Column::Challenge.eq(challenge)).one(write).await? else { return Ok(None) };
    let deleted = Entity::delete_by_id(row.id).exec(write).await?;
    Ok((deleted.rows_affected == 1).then_some(row))
}
