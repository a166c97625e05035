//! Tables `sessions` and `refresh_tokens`.

pub mod session {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub user_id: i64,
        pub user_agent: Option<String>,
        pub ip: Option<String>,
        pub created_at: DateTimeUtc,
        pub last_seen_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub revoked_at: Option<DateTimeUtc>,
        /// The business as which an admin acts, until [`Model::acting_until`].
        pub acting_business_id: Option<i64>,
        /// The person of that business; null for the business itself.
        pub acting_user_id: Option<i64>,
        pub acting_reason: Option<String>,
        pub acting_until: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

pub mod refresh_token {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_tokens")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub session_id: i64,
        /// SHA-256 of the token, in hex: the token itself is nowhere but with its bearer.
        pub token_hash: String,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
