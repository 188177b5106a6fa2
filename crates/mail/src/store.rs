//! Rows of `mail_mailbox`. No other crate touches this table.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Set,
};

pub(crate) use entity::{ActiveModel, Model};
use entity::{Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_mailbox")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub letter_id: String,
        #[sea_orm(column_type = "Text")]
        pub recipient: String,
        #[sea_orm(column_type = "Text")]
        pub template: String,
        #[sea_orm(column_type = "Text")]
        pub locale: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        #[sea_orm(column_type = "Text")]
        pub html: String,
        pub written_at_us: i64,
        pub stored_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A letter without its text.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Head {
    pub(crate) id: i64,
    pub(crate) recipient: String,
    pub(crate) subject: String,
    pub(crate) written_at_us: i64,
}

/// Writes a letter, unless it is there.
pub(crate) async fn insert(write: &impl ConnectionTrait, row: ActiveModel) -> Result<(), DbErr> {
    let known = OnConflict::column(Column::LetterId).do_nothing().to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(write).await.map(drop)
}

/// Deletes all but the newest `keep` letters.
pub(crate) async fn shorten(write: &impl ConnectionTrait, keep: u64) -> Result<(), DbErr> {
    let newest = Entity::find().select_only().column(Column::Id).order_by_desc(Column::Id).offset(keep).limit(1);
    let Some(first_to_go) = newest.into_tuple::<i64>().one(write).await? else { return Ok(()) };
    Entity::delete_many().filter(Column::Id.lte(first_to_go)).exec(write).await.map(drop)
}

/// The newest letters.
pub(crate) async fn list(read: &impl ConnectionTrait, recipient: Option<&str>, limit: u64) -> Result<Vec<Head>, DbErr> {
    let mut found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Recipient, Column::Subject, Column::WrittenAtUs])
        .order_by_desc(Column::Id)
        .limit(limit);
    if let Some(recipient) = recipient {
        found = found.filter(Column::Recipient.eq(recipient));
    }
    found.into_model::<Head>().all(read).await
}

pub(crate) async fn get(read: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(read).await
}

pub(crate) async fn clear(write: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().exec(write).await?.rows_affected)
}

/// A row of a letter.
pub(crate) fn row(letter: &crate::Letter, rendered: &crate::Rendered, now_us: u64) -> ActiveModel {
    ActiveModel {
        letter_id: Set(letter.id().to_owned()),
        recipient: Set(letter.to().to_owned()),
        template: Set(letter.template().name().to_owned()),
        locale: Set(letter.locale().code().to_owned()),
        subject: Set(rendered.subject.clone()),
        text: Set(rendered.text.clone()),
        html: Set(rendered.html.clone()),
        written_at_us: Set(letter.written_at_us().cast_signed()),
        stored_at_us: Set(now_us.cast_signed()),
        ..ActiveModel::default()
    }
}
