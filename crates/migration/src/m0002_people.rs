//! People and their businesses: invitations, acting as somebody else, what a business says about its days and its lists,
//! and what the platform gives to businesses that have nothing of their own.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, STATEMENTS).await?;
        ddl::protect(manager, &["invitations"], "business_id").await
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE businesses ADD COLUMN legal {json}",
    "ALTER TABLE businesses ADD COLUMN shabbat {json}",
    "ALTER TABLE businesses ADD COLUMN shabbat_mode TEXT NOT NULL DEFAULT 'agent'",
    "ALTER TABLE businesses ADD COLUMN holiday_rules {json} NOT NULL DEFAULT '{}'",
    "ALTER TABLE businesses ADD COLUMN half_day_ends TEXT NOT NULL DEFAULT '13:00'",
    "ALTER TABLE businesses ADD COLUMN lead_sources {json} NOT NULL DEFAULT '[]'",
    "ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
    // An admin's session that acts as another business until then.
    "ALTER TABLE sessions ADD COLUMN acting_business_id BIGINT",
    "ALTER TABLE sessions ADD COLUMN acting_user_id BIGINT",
    "ALTER TABLE sessions ADD COLUMN acting_reason TEXT",
    "ALTER TABLE sessions ADD COLUMN acting_until {time}",
    "CREATE TABLE invitations (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        token_hash TEXT NOT NULL UNIQUE,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        used_at {time},
        revoked_at {time},
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX invitations_user ON invitations (business_id, user_id)",
    // Of no business: what an admin writes for all of them.
    "CREATE TABLE platform_defaults (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        text TEXT NOT NULL,
        updated_at {time} NOT NULL,
        updated_by_id BIGINT,
        PRIMARY KEY (kind, key)
    )",
    "CREATE INDEX users_active ON users (business_id, active, role)",
];
