//! The tables of bulk edits.

pub use bulk::{ActiveModel, Column, Entity, Model};

mod bulk {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_bulks")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        /// [`crate::crm::imports::model::Status`].
        pub status: String,
        /// [`super::super::selection::Selection`].
        pub selection: Json,
        /// [`super::super::edit::Edit`].
        pub edit: Json,
        /// How many customers were meant when it was asked for.
        pub rows: i64,
        pub done: i64,
        pub changed: i64,
        /// How many customers an undo has put back.
        pub undone: i64,
        /// The first customers that an undo left as they are, because they were changed since.
        pub kept: Json,
        pub kept_count: i64,
        /// The last customer that is through: where the job goes on.
        pub last_id: i64,
        /// Customers that were made later are not meant.
        pub max_id: i64,
        /// Why it was given up: a problem's code.
        pub failure: Option<String>,
        pub created_by_id: Option<i64>,
        pub created_at: DateTimeUtc,
        pub finished_at: Option<DateTimeUtc>,
        pub undone_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

/// A customer that a bulk edit changed.
pub mod row {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_bulk_rows")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub bulk_id: i64,
        pub customer_id: i64,
        /// Field → `{from, to}`; `deleted` for one that was deleted.
        pub differences: Json,
        /// The customer's version as the edit left it.
        pub version: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
