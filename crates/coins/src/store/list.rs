//! Rows of `coins_list`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder, QuerySelect,
};

use entity::{Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coins_list")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub symbol: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub description: String,
        #[sea_orm(column_type = "Text")]
        pub links: String,
        pub precision: i64,
        #[sea_orm(column_type = "Text")]
        pub precision_text: String,
        #[sea_orm(column_type = "Text")]
        pub networks: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub icon: Option<String>,
        pub coinmarketcap_id: Option<i64>,
        pub updated_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// Writes a coin; one that is there is written over, or left as it is.
pub(crate) async fn put(write: &impl ConnectionTrait, row: Model, over: bool) -> Result<(), DbErr> {
    let mut conflict = OnConflict::column(Column::Symbol);
    if over {
        conflict.update_columns([
            Column::Name,
            Column::Description,
            Column::Links,
            Column::Precision,
            Column::PrecisionText,
            Column::Networks,
            Column::Icon,
            Column::CoinmarketcapId,
            Column::UpdatedUs,
        ]);
    } else {
        conflict.do_nothing();
    }
    let insert = Entity::insert(row.into_active_model().reset_all()).on_conflict(conflict);
    insert.exec_without_returning(write).await.map(drop)
}

pub(crate) async fn all(read: &impl ConnectionTrait, most: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Symbol).limit(most).all(read).await
}

pub(crate) async fn count(read: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(read).await
}

/// Whether there was one.
pub(crate) async fn remove(write: &impl ConnectionTrait, symbol: &str) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(symbol.to_owned()).exec(write).await?.rows_affected == 1)
}
