//! Tables `user_totp` and `recovery_codes`.

pub mod factor {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_totp")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub user_id: i64,
        pub sealed_secret: String,
        /// The newest half minute whose code was taken: it and those before are worth nothing.
        pub last_step: i64,
        /// Null until a first code has shown that the app has the secret.
        pub confirmed_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

pub mod recovery {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_codes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub user_id: i64,
        /// HMAC-SHA256 of the code.
        pub code_hash: String,
        pub created_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
