//! Tables `businesses` and `business_numbers`.

pub use business::{ActiveModel, Column, Entity, Model};

mod business {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "businesses")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub active: bool,
        pub domain: Option<String>,
        pub timezone: String,
        pub language: String,
        pub modules: Json,
        pub call_mode: Option<String>,
        pub after_hours_mode: String,
        pub greeting_text: Option<String>,
        pub agent_name: Option<String>,
        pub agent_gender: String,
        pub agent_prompt: Option<String>,
        pub hours: Json,
        pub holidays: Json,
        pub transfer_to: Option<String>,
        pub call_out_order: Json,
        pub voicemail_seconds: i32,
        pub max_call_seconds: i32,
        pub max_call_tokens: i32,
        pub sentences: Json,
        pub facts: Json,
        pub retention_days: Option<i32>,
        pub agent_visibility: String,
        pub agents_see_money: bool,
        pub twilio_account_sid: Option<String>,
        /// [`crate::accounts::businesses::legal::Legal`]; without it nothing is issued.
        pub legal: Option<Json>,
        /// [`crate::accounts::businesses::days::Shabbat`]; null stands for the usual one.
        pub shabbat: Option<Json>,
        /// `agent`, `message` or `closed`: what callers and writers meet meanwhile.
        pub shabbat_mode: String,
        /// `{"purim": "half"}`: where the business differs from the Hebrew calendar's own rule.
        pub holiday_rules: Json,
        /// When a half day ends, `13:00`.
        pub half_day_ends: String,
        /// [`crate::accounts::businesses::lists::Choice`]
        pub lead_sources: Json,
        /// [`crate::accounts::businesses::whatsapp::Choices`]
        pub whatsapp: Json,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::Id;
    }
}

/// A phone number of a business.
pub mod number {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "business_numbers")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub number: String,
        pub voice: bool,
        pub whatsapp: bool,
        pub meta_phone_number_id: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
