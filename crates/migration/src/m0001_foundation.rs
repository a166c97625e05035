//! The first schema: businesses and their people, customers, calls, tasks, timeline, and the plumbing (jobs, outbox).
//!
//! A table of a business has `business_id` and a unique `(business_id, id)`, to which foreign keys point, so that a
//! row can never refer to another business's record.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [ACCOUNTS, CUSTOMERS, CALLS, WORK, PLUMBING] {
            ddl::run(manager, statements).await?;
        }
        ddl::protect(manager, &["businesses"], "id").await?;
        ddl::protect(manager, OF_A_BUSINESS, "business_id").await
    }
}

const OF_A_BUSINESS: &[&str] = &[
    "business_numbers",
    "users",
    "sessions",
    "refresh_tokens",
    "audit_log",
    "customers",
    "customer_identities",
    "customer_search_tokens",
    "calls",
    "call_turns",
    "recordings",
    "tasks",
    "timeline_events",
    "jobs",
    "outbox_events",
    "idempotency_keys",
];

const ACCOUNTS: &[&str] = &[
    "CREATE TABLE businesses (
        id {id},
        name TEXT NOT NULL UNIQUE,
        active BOOLEAN NOT NULL DEFAULT {true},
        domain TEXT,
        timezone TEXT NOT NULL DEFAULT 'Asia/Jerusalem',
        language TEXT NOT NULL DEFAULT 'he-IL',
        modules {json} NOT NULL,
        call_mode TEXT,
        after_hours_mode TEXT NOT NULL DEFAULT 'realtime',
        greeting_text TEXT,
        agent_name TEXT,
        agent_gender TEXT NOT NULL DEFAULT 'feminine',
        agent_prompt TEXT,
        hours {json} NOT NULL,
        holidays {json} NOT NULL,
        transfer_to TEXT,
        call_out_order {json} NOT NULL,
        voicemail_seconds INTEGER NOT NULL DEFAULT 30,
        max_call_seconds INTEGER NOT NULL DEFAULT 900,
        max_call_tokens INTEGER NOT NULL DEFAULT 60000,
        sentences {json} NOT NULL,
        facts {json} NOT NULL,
        retention_days INTEGER,
        agent_visibility TEXT NOT NULL DEFAULT 'all',
        agents_see_money BOOLEAN NOT NULL DEFAULT {false},
        twilio_account_sid TEXT,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    )",
    "CREATE UNIQUE INDEX businesses_twilio_account ON businesses (twilio_account_sid)
        WHERE twilio_account_sid IS NOT NULL",
    "CREATE TABLE business_numbers (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        number TEXT NOT NULL UNIQUE,
        voice BOOLEAN NOT NULL DEFAULT {true},
        whatsapp BOOLEAN NOT NULL DEFAULT {false},
        meta_phone_number_id TEXT,
        created_at {time} NOT NULL,
        UNIQUE (business_id, id)
    )",
    "CREATE TABLE users (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        name TEXT NOT NULL,
        email TEXT NOT NULL UNIQUE,
        phone TEXT,
        role TEXT NOT NULL,
        active BOOLEAN NOT NULL DEFAULT {true},
        available BOOLEAN NOT NULL DEFAULT {true},
        password_hash TEXT,
        last_seen_at {time},
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id)
    )",
    "CREATE INDEX users_phone ON users (business_id, phone)",
    "CREATE TABLE sessions (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        user_agent TEXT,
        ip TEXT,
        created_at {time} NOT NULL,
        last_seen_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        revoked_at {time},
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX sessions_user ON sessions (business_id, user_id)",
    "CREATE TABLE refresh_tokens (
        id {id},
        business_id BIGINT NOT NULL,
        session_id BIGINT NOT NULL,
        token_hash TEXT NOT NULL UNIQUE,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        used_at {time},
        FOREIGN KEY (business_id, session_id) REFERENCES sessions (business_id, id)
    )",
    "CREATE INDEX refresh_tokens_session ON refresh_tokens (business_id, session_id)",
    "CREATE TABLE audit_log (
        id {id},
        business_id BIGINT NOT NULL,
        at {time} NOT NULL,
        actor_id BIGINT,
        actor_kind TEXT NOT NULL,
        acting_as_id BIGINT,
        action TEXT NOT NULL,
        record_type TEXT NOT NULL,
        record_id BIGINT,
        changes {json} NOT NULL,
        ip TEXT,
        user_agent TEXT,
        request_id TEXT NOT NULL
    )",
    "CREATE INDEX audit_log_at ON audit_log (business_id, at, id)",
    "CREATE INDEX audit_log_record ON audit_log (business_id, record_type, record_id)",
];

const CUSTOMERS: &[&str] = &[
    "CREATE TABLE customers (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        name TEXT NOT NULL,
        company TEXT,
        tax_id TEXT,
        address TEXT,
        status TEXT NOT NULL DEFAULT 'new',
        source TEXT NOT NULL DEFAULT 'manual',
        owner_id BIGINT,
        tags {json} NOT NULL,
        notes TEXT,
        custom {json} NOT NULL,
        do_not_contact BOOLEAN NOT NULL DEFAULT {false},
        language TEXT,
        need TEXT,
        not_customer TEXT,
        blocked BOOLEAN NOT NULL DEFAULT {false},
        phone TEXT,
        email TEXT,
        last_contact_at {time},
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        deleted_at {time},
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, owner_id) REFERENCES users (business_id, id)
    )",
    // What the usual list shows; its totals are counted on the index alone.
    "CREATE INDEX customers_created ON customers (business_id, created_at, id)
        WHERE deleted_at IS NULL AND not_customer IS NULL",
    "CREATE INDEX customers_status ON customers (business_id, status, created_at, id)
        WHERE deleted_at IS NULL AND not_customer IS NULL",
    "CREATE INDEX customers_owner ON customers (business_id, owner_id, created_at, id)
        WHERE deleted_at IS NULL AND not_customer IS NULL",
    "CREATE INDEX customers_source ON customers (business_id, source, created_at, id)
        WHERE deleted_at IS NULL AND not_customer IS NULL",
    "CREATE INDEX customers_name ON customers (business_id, name, id)
        WHERE deleted_at IS NULL AND not_customer IS NULL",
    "CREATE INDEX customers_last_contact ON customers (business_id, last_contact_at DESC {empty_last}, id DESC)
        WHERE deleted_at IS NULL AND not_customer IS NULL",
    "CREATE INDEX customers_not ON customers (business_id, created_at, id) WHERE not_customer IS NOT NULL",
    "CREATE INDEX customers_blocked ON customers (business_id, created_at, id) WHERE blocked",
    "CREATE TABLE customer_identities (
        id {id},
        business_id BIGINT NOT NULL,
        customer_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        value {exact} NOT NULL,
        reversed_digits {exact},
        position INTEGER NOT NULL DEFAULT 0,
        active BOOLEAN NOT NULL DEFAULT {true},
        created_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
    )",
    "CREATE UNIQUE INDEX customer_identities_one_owner ON customer_identities (business_id, kind, value)
        WHERE active AND kind <> 'email'",
    "CREATE INDEX customer_identities_value ON customer_identities (business_id, kind, value, customer_id)",
    "CREATE INDEX customer_identities_suffix ON customer_identities (business_id, reversed_digits, customer_id)
        WHERE reversed_digits IS NOT NULL",
    "CREATE INDEX customer_identities_customer ON customer_identities (business_id, customer_id)",
    "CREATE TABLE customer_search_tokens (
        business_id BIGINT NOT NULL,
        token {exact} NOT NULL,
        customer_id BIGINT NOT NULL,
        PRIMARY KEY (business_id, token, customer_id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
    )",
    "CREATE INDEX customer_search_tokens_customer ON customer_search_tokens (business_id, customer_id, token)",
];

const CALLS: &[&str] = &[
    "CREATE TABLE calls (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        call_sid TEXT NOT NULL UNIQUE,
        account_sid TEXT,
        parent_call_id BIGINT,
        customer_id BIGINT,
        user_id BIGINT,
        caller_hidden BOOLEAN NOT NULL DEFAULT {false},
        test BOOLEAN NOT NULL DEFAULT {false},
        direction TEXT NOT NULL,
        from_number TEXT NOT NULL,
        to_number TEXT NOT NULL,
        forwarded_from TEXT,
        status TEXT NOT NULL,
        mode TEXT NOT NULL,
        greeting_played BOOLEAN NOT NULL DEFAULT {false},
        next_step {json},
        node TEXT,
        started_at {time} NOT NULL,
        ended_at {time},
        duration_seconds BIGINT,
        last_seen_at {time} NOT NULL,
        turn_count INTEGER NOT NULL DEFAULT 0,
        has_recording BOOLEAN NOT NULL DEFAULT {false},
        transcription TEXT,
        summary TEXT,
        extracted {json},
        sentiment TEXT,
        wants_person BOOLEAN NOT NULL DEFAULT {false},
        person_seconds BIGINT,
        end_guessed BOOLEAN NOT NULL DEFAULT {false},
        outcome TEXT,
        needs_callback BOOLEAN NOT NULL DEFAULT {false},
        callback_since {time},
        claimed_by_id BIGINT,
        claimed_until {time},
        handled_at {time},
        handled_by_id BIGINT,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id),
        FOREIGN KEY (business_id, parent_call_id) REFERENCES calls (business_id, id),
        FOREIGN KEY (business_id, claimed_by_id) REFERENCES users (business_id, id),
        FOREIGN KEY (business_id, handled_by_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX calls_created ON calls (business_id, created_at, id)",
    "CREATE INDEX calls_customer ON calls (business_id, customer_id, created_at)",
    "CREATE INDEX calls_from ON calls (business_id, from_number, created_at)",
    "CREATE INDEX calls_waiting ON calls (business_id, callback_since) WHERE needs_callback",
    "CREATE INDEX calls_open ON calls (last_seen_at) WHERE ended_at IS NULL",
    "CREATE TABLE call_turns (
        id {id},
        business_id BIGINT NOT NULL,
        call_id BIGINT NOT NULL,
        turn_id INTEGER NOT NULL,
        caller_text TEXT,
        agent_text TEXT NOT NULL,
        caller_from_ms BIGINT,
        caller_to_ms BIGINT,
        agent_from_ms BIGINT,
        agent_to_ms BIGINT,
        t_audio_ms BIGINT,
        t_nlp_ms BIGINT,
        t_tts_ms BIGINT,
        t_total_ms BIGINT,
        mode TEXT NOT NULL,
        interrupted BOOLEAN NOT NULL DEFAULT {false},
        tools {json} NOT NULL,
        created_at {time} NOT NULL,
        UNIQUE (business_id, call_id, turn_id),
        FOREIGN KEY (business_id, call_id) REFERENCES calls (business_id, id)
    )",
    "CREATE TABLE recordings (
        id {id},
        business_id BIGINT NOT NULL,
        call_id BIGINT NOT NULL,
        recording_sid TEXT NOT NULL,
        source TEXT NOT NULL,
        source_url TEXT,
        state TEXT NOT NULL,
        storage_key TEXT,
        content_type TEXT,
        channels INTEGER,
        duration_ms BIGINT,
        size_bytes BIGINT,
        sha256 TEXT,
        transcript TEXT,
        error TEXT,
        created_at {time} NOT NULL,
        stored_at {time},
        UNIQUE (business_id, id),
        UNIQUE (business_id, call_id, recording_sid),
        FOREIGN KEY (business_id, call_id) REFERENCES calls (business_id, id)
    )",
];

const WORK: &[&str] = &[
    "CREATE TABLE tasks (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        title TEXT NOT NULL,
        notes TEXT,
        customer_id BIGINT,
        call_id BIGINT,
        assignee_id BIGINT,
        due_at {time},
        priority TEXT NOT NULL DEFAULT 'normal',
        status TEXT NOT NULL DEFAULT 'open',
        source TEXT NOT NULL DEFAULT 'manual',
        completed_at {time},
        completed_by_id BIGINT,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, call_id) REFERENCES calls (business_id, id),
        FOREIGN KEY (business_id, assignee_id) REFERENCES users (business_id, id),
        FOREIGN KEY (business_id, completed_by_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX tasks_created ON tasks (business_id, created_at, id)",
    "CREATE INDEX tasks_due ON tasks (business_id, status, due_at, id)",
    "CREATE INDEX tasks_customer ON tasks (business_id, customer_id, created_at, id)",
    "CREATE INDEX tasks_assignee ON tasks (business_id, assignee_id, status, due_at, id)",
    "CREATE TABLE timeline_events (
        id {id},
        business_id BIGINT NOT NULL,
        customer_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        ref_id TEXT NOT NULL,
        title TEXT NOT NULL,
        data {json} NOT NULL,
        ts {time} NOT NULL,
        UNIQUE (business_id, kind, ref_id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id)
    )",
    "CREATE INDEX timeline_newest ON timeline_events (business_id, customer_id, ts, id)",
    "CREATE INDEX timeline_newest_of_kind ON timeline_events (business_id, customer_id, kind, ts, id)",
];

const PLUMBING: &[&str] = &[
    "CREATE TABLE jobs (
        id {id},
        business_id BIGINT,
        kind TEXT NOT NULL,
        payload {json} NOT NULL,
        dedupe_key TEXT,
        state TEXT NOT NULL DEFAULT 'queued',
        run_at {time} NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        max_attempts INTEGER NOT NULL,
        worker TEXT,
        lease_until {time},
        last_error TEXT,
        request_id TEXT NOT NULL,
        created_at {time} NOT NULL,
        finished_at {time}
    )",
    "CREATE INDEX jobs_ready ON jobs (state, kind, run_at, id)",
    "CREATE UNIQUE INDEX jobs_once ON jobs (kind, dedupe_key) WHERE dedupe_key IS NOT NULL",
    "CREATE TABLE job_schedules (name TEXT PRIMARY KEY, next_at {time} NOT NULL)",
    "CREATE TABLE outbox_events (
        id {id},
        business_id BIGINT NOT NULL,
        event_id BIGINT UNIQUE,
        room TEXT NOT NULL,
        room_id BIGINT NOT NULL,
        name TEXT NOT NULL,
        payload {json} NOT NULL,
        created_at {time} NOT NULL,
        published_at {time}
    )",
    "CREATE INDEX outbox_unpublished ON outbox_events (id) WHERE event_id IS NULL",
    "CREATE INDEX outbox_published ON outbox_events (business_id, event_id)",
    "CREATE TABLE event_counter (id INTEGER PRIMARY KEY, last_event_id BIGINT NOT NULL)",
    "INSERT INTO event_counter (id, last_event_id) VALUES (1, 0)",
    "CREATE TABLE idempotency_keys (
        id {id},
        business_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        path TEXT NOT NULL,
        key TEXT NOT NULL,
        body_sha256 TEXT NOT NULL,
        status INTEGER,
        content_type TEXT,
        body {bytes},
        created_at {time} NOT NULL,
        UNIQUE (user_id, path, key)
    )",
    "CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at)",
];
