//! Customers in bulk: imports and bulk edits with what it takes to undo them, and archives of everything.
//!
//! `created_by_id` is no foreign key: an admin, who may be of another business, starts such work, too.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [IMPORTS, BULKS, EXPORTS] {
            ddl::run(manager, statements).await?;
        }
        ddl::protect(manager, OF_A_BUSINESS, "business_id").await
    }
}

const OF_A_BUSINESS: &[&str] = &[
    "customer_imports",
    "customer_import_rows",
    "customer_import_errors",
    "customer_bulks",
    "customer_bulk_rows",
    "exports",
];

const IMPORTS: &[&str] = &[
    "CREATE TABLE customer_imports (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        status TEXT NOT NULL,
        kind TEXT NOT NULL,
        file_name TEXT NOT NULL,
        storage_key TEXT,
        mapping {json} NOT NULL,
        overwrite BOOLEAN NOT NULL DEFAULT {false},
        dry_run BOOLEAN NOT NULL DEFAULT {false},
        rows BIGINT NOT NULL,
        done BIGINT NOT NULL DEFAULT 0,
        created BIGINT NOT NULL DEFAULT 0,
        updated BIGINT NOT NULL DEFAULT 0,
        skipped BIGINT NOT NULL DEFAULT 0,
        error_count BIGINT NOT NULL DEFAULT 0,
        undone BIGINT NOT NULL DEFAULT 0,
        kept BIGINT NOT NULL DEFAULT 0,
        failure TEXT,
        created_by_id BIGINT,
        created_at {time} NOT NULL,
        finished_at {time},
        undone_at {time},
        UNIQUE (business_id, id)
    )",
    "CREATE INDEX customer_imports_created ON customer_imports (business_id, created_at, id)",
    "CREATE INDEX customer_imports_finished ON customer_imports (finished_at)",
    // One row for each customer that an import made or changed, until the import is undone or can be no more.
    "CREATE TABLE customer_import_rows (
        id {id},
        business_id BIGINT NOT NULL,
        import_id BIGINT NOT NULL,
        customer_id BIGINT NOT NULL,
        differences {json},
        version BIGINT NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, import_id) REFERENCES customer_imports (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
    )",
    "CREATE INDEX customer_import_rows_import ON customer_import_rows (business_id, import_id, id)",
    "CREATE INDEX customer_import_rows_customer ON customer_import_rows (business_id, customer_id)",
    "CREATE TABLE customer_import_errors (
        id {id},
        business_id BIGINT NOT NULL,
        import_id BIGINT NOT NULL,
        row_number BIGINT NOT NULL,
        field TEXT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, import_id) REFERENCES customer_imports (business_id, id)
    )",
    "CREATE INDEX customer_import_errors_import ON customer_import_errors (business_id, import_id, id)",
];

const BULKS: &[&str] = &[
    "CREATE TABLE customer_bulks (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        status TEXT NOT NULL,
        selection {json} NOT NULL,
        edit {json} NOT NULL,
        rows BIGINT NOT NULL,
        done BIGINT NOT NULL DEFAULT 0,
        changed BIGINT NOT NULL DEFAULT 0,
        undone BIGINT NOT NULL DEFAULT 0,
        kept {json} NOT NULL,
        kept_count BIGINT NOT NULL DEFAULT 0,
        last_id BIGINT NOT NULL DEFAULT 0,
        max_id BIGINT NOT NULL,
        failure TEXT,
        created_by_id BIGINT,
        created_at {time} NOT NULL,
        finished_at {time},
        undone_at {time},
        UNIQUE (business_id, id)
    )",
    "CREATE INDEX customer_bulks_finished ON customer_bulks (finished_at)",
    "CREATE TABLE customer_bulk_rows (
        id {id},
        business_id BIGINT NOT NULL,
        bulk_id BIGINT NOT NULL,
        customer_id BIGINT NOT NULL,
        differences {json} NOT NULL,
        version BIGINT NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, bulk_id) REFERENCES customer_bulks (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
    )",
    "CREATE INDEX customer_bulk_rows_bulk ON customer_bulk_rows (business_id, bulk_id, id)",
    "CREATE INDEX customer_bulk_rows_customer ON customer_bulk_rows (business_id, customer_id)",
];

const EXPORTS: &[&str] = &[
    "CREATE TABLE exports (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        status TEXT NOT NULL,
        storage_key TEXT NOT NULL,
        size_bytes BIGINT,
        counts {json} NOT NULL,
        failure TEXT,
        created_by_id BIGINT,
        created_at {time} NOT NULL,
        finished_at {time},
        expires_at {time},
        UNIQUE (business_id, id)
    )",
    "CREATE INDEX exports_expire ON exports (expires_at) WHERE status = 'done'",
];
