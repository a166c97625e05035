//! Deals in pipelines, what became of them, and what statistics read along.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [PIPELINES, DEALS, STATISTICS] {
            ddl::run(manager, statements).await?;
        }
        ddl::protect(manager, OF_A_BUSINESS, "business_id").await?;
        tasks_of_deals(manager).await
    }
}

const OF_A_BUSINESS: &[&str] = &["pipelines", "pipeline_stages", "deals", "deal_changes"];

const PIPELINES: &[&str] = &[
    "CREATE TABLE pipelines (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        name TEXT NOT NULL,
        position INTEGER NOT NULL DEFAULT 0,
        is_default BOOLEAN NOT NULL DEFAULT {false},
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id)
    )",
    "CREATE UNIQUE INDEX pipelines_default ON pipelines (business_id) WHERE is_default",
    "CREATE TABLE pipeline_stages (
        id {id},
        business_id BIGINT NOT NULL,
        pipeline_id BIGINT NOT NULL,
        name TEXT NOT NULL,
        probability INTEGER NOT NULL,
        position INTEGER NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, pipeline_id, id),
        FOREIGN KEY (business_id, pipeline_id) REFERENCES pipelines (business_id, id)
    )",
];

const DEALS: &[&str] = &[
    // `expected_close` is a day such as 2026-11-30; `position` orders the deals of a stage.
    "CREATE TABLE deals (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        title TEXT NOT NULL,
        customer_id BIGINT,
        pipeline_id BIGINT NOT NULL,
        stage_id BIGINT NOT NULL,
        position BIGINT NOT NULL,
        amount_minor BIGINT,
        currency TEXT NOT NULL,
        expected_close {exact},
        owner_id BIGINT,
        status TEXT NOT NULL DEFAULT 'open',
        lost_reason TEXT,
        stage_since {time} NOT NULL,
        closed_at {time},
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, pipeline_id, stage_id) REFERENCES pipeline_stages (business_id, pipeline_id, id),
        FOREIGN KEY (business_id, owner_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX deals_created ON deals (business_id, created_at, id)",
    "CREATE INDEX deals_updated ON deals (business_id, updated_at, id)",
    "CREATE INDEX deals_stage ON deals (business_id, stage_id, status, position, id)",
    "CREATE INDEX deals_pipeline ON deals (business_id, pipeline_id, status, created_at, id)",
    "CREATE INDEX deals_customer ON deals (business_id, customer_id, created_at, id)",
    "CREATE INDEX deals_owner ON deals (business_id, owner_id, status, created_at, id)",
    "CREATE INDEX deals_expected ON deals (business_id, status, expected_close, id)",
    "CREATE INDEX deals_closed ON deals (business_id, closed_at, id) WHERE closed_at IS NOT NULL",
    // Stages are told by name as well: one may be gone when somebody reads what happened.
    "CREATE TABLE deal_changes (
        id {id},
        business_id BIGINT NOT NULL,
        deal_id BIGINT NOT NULL,
        at {time} NOT NULL,
        by_id BIGINT,
        from_stage_id BIGINT,
        from_stage TEXT,
        to_stage_id BIGINT NOT NULL,
        to_stage TEXT NOT NULL,
        from_status TEXT,
        to_status TEXT NOT NULL,
        reason TEXT,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, deal_id) REFERENCES deals (business_id, id),
        FOREIGN KEY (business_id, by_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX deal_changes_deal ON deal_changes (business_id, deal_id, at, id)",
];

/// A day's figures are read from these alone.
const STATISTICS: &[&str] = &[
    "CREATE INDEX calls_figures ON calls (business_id, created_at, direction, outcome, needs_callback,
        duration_seconds, customer_id, id) WHERE NOT test",
    "CREATE INDEX calls_handled ON calls (business_id, handled_at, callback_since, customer_id, id)
        WHERE handled_at IS NOT NULL AND NOT test",
    "CREATE INDEX calls_tests ON calls (business_id, id) WHERE test",
    "CREATE INDEX call_turns_latency ON call_turns (business_id, created_at, t_total_ms, call_id)
        WHERE t_total_ms IS NOT NULL",
    "CREATE INDEX tasks_completed ON tasks (business_id, completed_at, customer_id) WHERE completed_at IS NOT NULL",
];

/// A task names a deal of its own business only. SQLite adds no foreign key to a table that stands: triggers say the
/// same.
async fn tasks_of_deals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements: &[&str] = match manager.get_database_backend() {
        DbBackend::Postgres => &[
            "SELECT set_config('app.system', 'on', true)",
            "UPDATE tasks SET deal_id = NULL WHERE deal_id IS NOT NULL",
            "ALTER TABLE tasks ADD CONSTRAINT tasks_deal_of_business
                FOREIGN KEY (business_id, deal_id) REFERENCES deals (business_id, id)",
            "SELECT set_config('app.system', '', true)",
        ],
        _ => &[
            "UPDATE tasks SET deal_id = NULL WHERE deal_id IS NOT NULL",
            "CREATE TRIGGER tasks_deal_inserted BEFORE INSERT ON tasks WHEN NEW.deal_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM deals WHERE business_id = NEW.business_id AND id = NEW.deal_id)
             BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END",
            "CREATE TRIGGER tasks_deal_updated BEFORE UPDATE OF deal_id ON tasks WHEN NEW.deal_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM deals WHERE business_id = NEW.business_id AND id = NEW.deal_id)
             BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END",
            "CREATE TRIGGER deals_with_tasks BEFORE DELETE ON deals
                WHEN EXISTS (SELECT 1 FROM tasks WHERE business_id = OLD.business_id AND deal_id = OLD.id)
             BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END",
        ],
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
