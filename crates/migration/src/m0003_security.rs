//! The audit log's chain, second factors, password resets, API keys.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [CHAIN, SECOND_FACTOR, KEYS] {
            ddl::run(manager, statements).await?;
        }
        ddl::protect(manager, OF_A_BUSINESS, "business_id").await
    }
}

const OF_A_BUSINESS: &[&str] = &[
    "audit_head",
    "audit_marks",
    "user_totp",
    "recovery_codes",
    "password_resets",
    "api_keys",
];

/// `seq` is a row's place in its business's chain. It is not unique by force: a forged row must be found, not stop the
/// business from writing.
const CHAIN: &[&str] = &[
    "ALTER TABLE audit_log ADD COLUMN seq BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE audit_log ADD COLUMN prev_hash TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE audit_log ADD COLUMN hash TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX audit_log_chain ON audit_log (business_id, seq)",
    "CREATE INDEX audit_log_of_all ON audit_log (at, id)",
    // The end of each chain. Business 0 is none, so nothing is referred to.
    "CREATE TABLE audit_head (
        business_id BIGINT PRIMARY KEY,
        count BIGINT NOT NULL,
        hash TEXT NOT NULL,
        tampered BOOLEAN NOT NULL DEFAULT {false},
        mac TEXT NOT NULL,
        at {time} NOT NULL
    )",
    // Where each chain ended at some time: an older end put in the place of the last one shows against these.
    "CREATE TABLE audit_marks (
        id {id},
        business_id BIGINT NOT NULL,
        count BIGINT NOT NULL,
        hash TEXT NOT NULL,
        mac TEXT NOT NULL,
        at {time} NOT NULL
    )",
    "CREATE INDEX audit_marks_of ON audit_marks (business_id, id)",
];

const SECOND_FACTOR: &[&str] = &[
    "CREATE TABLE user_totp (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL UNIQUE,
        sealed_secret TEXT NOT NULL,
        last_step BIGINT NOT NULL DEFAULT 0,
        confirmed_at {time},
        created_at {time} NOT NULL,
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE TABLE recovery_codes (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        code_hash TEXT NOT NULL,
        created_at {time} NOT NULL,
        used_at {time},
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX recovery_codes_user ON recovery_codes (business_id, user_id)",
    "CREATE TABLE password_resets (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        token_hash TEXT NOT NULL UNIQUE,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        used_at {time},
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX password_resets_user ON password_resets (business_id, user_id)",
];

const KEYS: &[&str] = &[
    "CREATE TABLE api_keys (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        name TEXT NOT NULL,
        prefix TEXT NOT NULL UNIQUE,
        secret_hash TEXT NOT NULL,
        scopes {json} NOT NULL,
        made_by_id BIGINT NOT NULL,
        expires_at {time},
        last_used_at {time},
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id)
    )",
    "CREATE INDEX api_keys_created ON api_keys (business_id, created_at, id)",
];
