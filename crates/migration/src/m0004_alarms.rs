//! Alarms of tasks, notifications, and web push.
//!
//! `tasks.deal_id` has no foreign key: deals come with a later migration.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [TASKS, NOTIFICATIONS, PUSH] {
            ddl::run(manager, statements).await?;
        }
        ddl::protect(manager, OF_A_BUSINESS, "business_id").await
    }
}

const OF_A_BUSINESS: &[&str] = &[
    "task_occurrences",
    "notifications",
    "notification_preferences",
    "incidents",
    "push_subscriptions",
];

const TASKS: &[&str] = &[
    "ALTER TABLE tasks ADD COLUMN deal_id BIGINT",
    "ALTER TABLE tasks ADD COLUMN repeat TEXT",
    "ALTER TABLE tasks ADD COLUMN repeat_from {time}",
    "ALTER TABLE tasks ADD COLUMN next_id BIGINT",
    "ALTER TABLE tasks ADD COLUMN remind_before_minutes INTEGER",
    // When the next alarm is to be raised, and the number of the occurrence that it is of.
    "ALTER TABLE tasks ADD COLUMN alarm_at {time}",
    "ALTER TABLE tasks ADD COLUMN occurrence BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX tasks_alarm ON tasks (alarm_at, business_id, id) WHERE alarm_at IS NOT NULL",
    "CREATE INDEX tasks_alarm_of_business ON tasks (business_id, alarm_at, id) WHERE alarm_at IS NOT NULL",
    "CREATE INDEX tasks_deal ON tasks (business_id, deal_id, created_at, id) WHERE deal_id IS NOT NULL",
    "CREATE TABLE task_occurrences (
        id {id},
        business_id BIGINT NOT NULL,
        task_id BIGINT NOT NULL,
        occurrence BIGINT NOT NULL,
        due_at {time} NOT NULL,
        raised_at {time} NOT NULL,
        UNIQUE (business_id, task_id, occurrence),
        FOREIGN KEY (business_id, task_id) REFERENCES tasks (business_id, id)
    )",
];

const NOTIFICATIONS: &[&str] = &[
    "CREATE TABLE notifications (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        link TEXT NOT NULL,
        ref_id TEXT NOT NULL,
        on_screen BOOLEAN NOT NULL DEFAULT {true},
        created_at {time} NOT NULL,
        read_at {time},
        UNIQUE (business_id, id),
        UNIQUE (business_id, user_id, kind, ref_id),
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX notifications_newest ON notifications (business_id, user_id, created_at, id)",
    "CREATE INDEX notifications_unread ON notifications (business_id, user_id) WHERE read_at IS NULL",
    "CREATE INDEX notifications_old ON notifications (created_at)",
    "CREATE TABLE notification_preferences (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        screen BOOLEAN NOT NULL,
        push BOOLEAN NOT NULL,
        email BOOLEAN NOT NULL,
        whatsapp BOOLEAN NOT NULL,
        UNIQUE (business_id, user_id, kind),
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE TABLE incidents (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        began_at {time} NOT NULL,
        ended_at {time},
        UNIQUE (business_id, id)
    )",
    "CREATE UNIQUE INDEX incidents_open ON incidents (business_id, kind, subject) WHERE ended_at IS NULL",
    "ALTER TABLE jobs ADD COLUMN told_at {time}",
    "CREATE INDEX jobs_untold ON jobs (id) WHERE state = 'dead' AND told_at IS NULL",
];

const PUSH: &[&str] = &[
    "CREATE TABLE push_subscriptions (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        endpoint TEXT NOT NULL UNIQUE,
        p256dh TEXT NOT NULL,
        auth TEXT NOT NULL,
        user_agent TEXT,
        created_at {time} NOT NULL,
        last_sent_at {time},
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX push_subscriptions_user ON push_subscriptions (business_id, user_id)",
    // One row, which the first start writes; the private key is sealed.
    "CREATE TABLE push_keys (id INTEGER PRIMARY KEY, private_key TEXT NOT NULL, created_at {time} NOT NULL)",
];
