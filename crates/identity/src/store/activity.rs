//! Rows of `identity_activity`.

use db::page::Keyset;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::activity::{Entry, Filter};
use crate::store::to_sql;
use crate::user::UserId;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_activity")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        pub actor_id: Option<i64>,
        pub at_us: i64,
        #[sea_orm(column_type = "Text")]
        pub topic: String,
        #[sea_orm(column_type = "Text")]
        pub action: String,
        #[sea_orm(column_type = "Text")]
        pub result: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub detail: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub ip: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub user_agent: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub country: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

pub(crate) async fn insert(write: &impl ConnectionTrait, entry: &Entry<'_>, now_us: u64) -> Result<(), DbErr> {
    let row = ActiveModel {
        user_id: Set(entry.user.0),
        actor_id: Set(entry.actor.map(|actor| actor.0)),
        at_us: Set(to_sql(now_us)),
        topic: Set(entry.topic.to_owned()),
        action: Set(entry.action.to_owned()),
        result: Set(entry.result.name().to_owned()),
        detail: Set(entry.detail.map(|detail| crate::bounded(detail, 255))),
        ip: Set(entry.device.map(|device| device.ip.to_string())),
        user_agent: Set(entry.device.map(|device| device.user_agent.clone())),
        country: Set(entry.device.and_then(|device| device.country.clone())),
        ..Default::default()
    };
    row.insert(write).await.map(drop)
}

pub(crate) async fn page(
    read: &impl ConnectionTrait,
    filter: &Filter,
    keyset: &Keyset<i64>,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find();
    if let Some(user) = filter.user {
        select = select.filter(Column::UserId.eq(user.0));
    }
    if let Some(topic) = &filter.topic {
        select = select.filter(Column::Topic.eq(topic.as_str()));
    }
    if let Some(action) = &filter.action {
        select = select.filter(Column::Action.eq(action.as_str()));
    }
    if let Some(from_us) = filter.from_us {
        select = select.filter(Column::AtUs.gte(to_sql(from_us)));
    }
    if let Some(until_us) = filter.until_us {
        select = select.filter(Column::AtUs.lt(to_sql(until_us)));
    }
    keyset.apply(select, Column::Id).all(read).await
}

/// Deletes the oldest rows that are older, at most `limit`.
pub(crate) async fn purge(write: &impl ConnectionTrait, before_us: u64, limit: u64) -> Result<u64, DbErr> {
    let old = Entity::find().filter(Column::AtUs.lt(to_sql(before_us))).order_by_asc(Column::AtUs).limit(limit);
    let ids: Vec<i64> = old.all(write).await?.into_iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    Ok(Entity::delete_many().filter(Column::Id.is_in(ids)).exec(write).await?.rows_affected)
}

/// Removes from where a user acted.
pub(crate) async fn erase(write: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    let nothing = || Option::<String>::None;
    let update = Entity::update_many()
        .col_expr(Column::Ip, nothing().into())
        .col_expr(Column::UserAgent, nothing().into())
        .col_expr(Column::Country, nothing().into())
        .col_expr(Column::Detail, nothing().into());
    update.filter(Column::UserId.eq(user.0)).exec(write).await.map(drop)
}
