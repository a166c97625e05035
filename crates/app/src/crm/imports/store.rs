//! The tables of imports.

pub use import::{ActiveModel, Column, Entity, Model};

mod import {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_imports")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        /// [`super::super::model::Status`].
        pub status: String,
        /// [`super::super::file::Kind`].
        pub kind: String,
        pub file_name: String,
        /// Where the file is kept, for as long as it is read.
        pub storage_key: Option<String>,
        /// [`super::super::mapping::Mapping`].
        pub mapping: Json,
        /// The names of the file's columns. None: the import is older than they are kept.
        pub columns: Option<Json>,
        /// The status of new customers whose row says none.
        pub new_status: Option<String>,
        /// What the file says counts more than what is there.
        pub overwrite: bool,
        /// Everything is checked and nothing is written.
        pub dry_run: bool,
        pub rows: i64,
        /// How many rows are through: where the job goes on.
        pub done: i64,
        pub created: i64,
        pub updated: i64,
        pub skipped: i64,
        pub error_count: i64,
        /// How many customers an undo has put back.
        pub undone: i64,
        /// How many it had to leave as they are.
        pub kept: i64,
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

/// A customer that an import made or changed.
pub mod row {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_import_rows")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub import_id: i64,
        pub customer_id: i64,
        /// Field → `{from, to}`; null for a customer that the import made.
        pub differences: Option<Json>,
        /// The customer's version as the import left it.
        pub version: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

/// What was wrong with a row.
pub mod error {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer_import_errors")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub import_id: i64,
        pub row_number: i64,
        pub field: String,
        pub code: String,
        pub message: String,
        /// What the row holds; with its first error.
        pub cells: Option<Json>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
