//! Customers in depth: statuses and fields of a business's own, notes, saved views, merges that can be undone, and
//! people who were forgotten.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [CUSTOMERS, SETTINGS, NOTES, MERGES] {
            ddl::run(manager, statements).await?;
        }
        ddl::protect(manager, OF_A_BUSINESS, "business_id").await
    }
}

const OF_A_BUSINESS: &[&str] = &[
    "customer_statuses",
    "custom_fields",
    "saved_views",
    "customer_notes",
    "customer_merges",
    "customer_merge_moves",
];

const CUSTOMERS: &[&str] = &[
    "ALTER TABLE customers ADD COLUMN merged_into_id BIGINT",
    "ALTER TABLE customers ADD COLUMN forgotten_at {time}",
    "CREATE INDEX customers_merged_into ON customers (business_id, merged_into_id) WHERE merged_into_id IS NOT NULL",
    // What the list of deleted ones shows, and what the purge looks for.
    "CREATE INDEX customers_deleted ON customers (business_id, deleted_at, id)
        WHERE deleted_at IS NOT NULL AND merged_into_id IS NULL AND forgotten_at IS NULL",
    "CREATE INDEX customers_updated ON customers (business_id, updated_at, id)
        WHERE deleted_at IS NULL AND not_customer IS NULL",
];

const SETTINGS: &[&str] = &[
    "CREATE TABLE customer_statuses (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        key TEXT NOT NULL,
        label TEXT NOT NULL,
        position INTEGER NOT NULL DEFAULT 0,
        archived BOOLEAN NOT NULL DEFAULT {false},
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, key)
    )",
    "CREATE TABLE custom_fields (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        entity TEXT NOT NULL,
        key TEXT NOT NULL,
        label TEXT NOT NULL,
        kind TEXT NOT NULL,
        choices {json} NOT NULL,
        position INTEGER NOT NULL DEFAULT 0,
        archived BOOLEAN NOT NULL DEFAULT {false},
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, entity, key)
    )",
    "CREATE TABLE saved_views (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        user_id BIGINT NOT NULL,
        name TEXT NOT NULL,
        entity TEXT NOT NULL,
        shared BOOLEAN NOT NULL DEFAULT {false},
        filters {json} NOT NULL,
        sort TEXT,
        columns {json} NOT NULL,
        density TEXT NOT NULL DEFAULT 'comfortable',
        position INTEGER NOT NULL DEFAULT 0,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX saved_views_user ON saved_views (business_id, user_id, entity, position)",
    "CREATE INDEX saved_views_shared ON saved_views (business_id, entity, position) WHERE shared",
];

const NOTES: &[&str] = &[
    "CREATE TABLE customer_notes (
        id {id},
        business_id BIGINT NOT NULL,
        customer_id BIGINT NOT NULL,
        author_id BIGINT,
        text TEXT NOT NULL,
        mentions {json} NOT NULL,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, author_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX customer_notes_customer ON customer_notes (business_id, customer_id, created_at, id)",
];

const MERGES: &[&str] = &[
    "CREATE TABLE customer_merges (
        id {id},
        business_id BIGINT NOT NULL,
        kept_id BIGINT NOT NULL,
        other_id BIGINT NOT NULL,
        kept_before {json} NOT NULL,
        kept_after {json} NOT NULL,
        identities {json} NOT NULL,
        merged_by_id BIGINT,
        created_at {time} NOT NULL,
        undone_at {time},
        undone_by_id BIGINT,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, kept_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, other_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, merged_by_id) REFERENCES users (business_id, id),
        FOREIGN KEY (business_id, undone_by_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX customer_merges_kept ON customer_merges (business_id, kept_id, created_at, id)",
    "CREATE INDEX customer_merges_other ON customer_merges (business_id, other_id)",
    // Which rows of which tables came over from the other customer.
    "CREATE TABLE customer_merge_moves (
        business_id BIGINT NOT NULL,
        merge_id BIGINT NOT NULL,
        place TEXT NOT NULL,
        row_id BIGINT NOT NULL,
        PRIMARY KEY (business_id, merge_id, place, row_id),
        FOREIGN KEY (business_id, merge_id) REFERENCES customer_merges (business_id, id)
    )",
];
