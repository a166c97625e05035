//! WhatsApp: threads with their messages, files and notes, what webhooks brought, templates, and private chats.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [SETTINGS, THREADS, MESSAGES, WEBHOOKS, TEXTS] {
            ddl::run(manager, statements).await?;
        }
        ddl::protect(manager, OF_A_BUSINESS, "business_id").await
    }
}

const OF_A_BUSINESS: &[&str] = &[
    "whatsapp_links",
    "threads",
    "thread_addresses",
    "thread_notes",
    "messages",
    "message_files",
    "message_statuses",
    "whatsapp_deliveries",
    "message_templates",
    "canned_replies",
    "private_chats",
    "uploads",
];

const SETTINGS: &[&str] = &[
    // The carrier that was chosen, how messages are answered, and since when a private phone is linked.
    "ALTER TABLE businesses ADD COLUMN whatsapp {json} NOT NULL DEFAULT '{}'",
    // What the bridge last said of a business's session.
    "CREATE TABLE whatsapp_links (
        id {id},
        business_id BIGINT NOT NULL UNIQUE REFERENCES businesses (id),
        connected BOOLEAN NOT NULL DEFAULT {false},
        number TEXT,
        reason TEXT,
        qr TEXT,
        qr_expires_at {time},
        seen_at {time} NOT NULL,
        UNIQUE (business_id, id)
    )",
];

const THREADS: &[&str] = &[
    // `last_*` is what a list shows; `windows` holds, by carrier, when the other side last wrote there.
    "CREATE TABLE threads (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        customer_id BIGINT,
        name TEXT,
        status TEXT NOT NULL DEFAULT 'open',
        assignee_id BIGINT,
        labels {json} NOT NULL,
        snoozed_until {time},
        bot BOOLEAN NOT NULL DEFAULT {true},
        bot_off_reason TEXT,
        handed_over_at {time},
        carrier TEXT,
        windows {json} NOT NULL,
        unread INTEGER NOT NULL DEFAULT 0,
        waiting_since {time},
        first_inbound_at {time},
        last_inbound_at {time},
        last_inbound_id BIGINT,
        last_outgoing_id BIGINT,
        last_message_id BIGINT,
        last_message_at {time} NOT NULL,
        last_message_kind TEXT,
        last_message_text TEXT,
        last_message_direction TEXT,
        draft TEXT,
        draft_of_id BIGINT,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, assignee_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX threads_last ON threads (business_id, last_message_at, id)",
    "CREATE INDEX threads_status ON threads (business_id, status, last_message_at, id)",
    "CREATE INDEX threads_assignee ON threads (business_id, assignee_id, status, last_message_at, id)",
    "CREATE INDEX threads_customer ON threads (business_id, customer_id, last_message_at, id)",
    "CREATE INDEX threads_unread ON threads (business_id, last_message_at, id) WHERE unread > 0",
    "CREATE INDEX threads_waiting ON threads (business_id, waiting_since, id) WHERE waiting_since IS NOT NULL",
    "CREATE INDEX threads_snoozed ON threads (snoozed_until) WHERE snoozed_until IS NOT NULL",
    // Each way in which the other side is known; position 0 is the best to write to.
    "CREATE TABLE thread_addresses (
        id {id},
        business_id BIGINT NOT NULL,
        thread_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        value {exact} NOT NULL,
        position INTEGER NOT NULL DEFAULT 0,
        created_at {time} NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, kind, value),
        FOREIGN KEY (business_id, thread_id) REFERENCES threads (business_id, id)
    )",
    "CREATE INDEX thread_addresses_thread ON thread_addresses (business_id, thread_id, position)",
    "CREATE TABLE thread_notes (
        id {id},
        business_id BIGINT NOT NULL,
        thread_id BIGINT NOT NULL,
        author_id BIGINT,
        text TEXT NOT NULL,
        mentions {json} NOT NULL,
        created_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, thread_id) REFERENCES threads (business_id, id),
        FOREIGN KEY (business_id, author_id) REFERENCES users (business_id, id)
    )",
    "CREATE INDEX thread_notes_thread ON thread_notes (business_id, thread_id, created_at, id)",
];

const MESSAGES: &[&str] = &[
    // `client_id` is our own id, under which a carrier takes a repeat for the same message; `once` is the key by which
    // what comes twice is one; `attempt` marks who is sending it right now.
    "CREATE TABLE messages (
        id {id},
        business_id BIGINT NOT NULL,
        thread_id BIGINT NOT NULL,
        customer_id BIGINT,
        direction TEXT NOT NULL,
        kind TEXT NOT NULL,
        source TEXT NOT NULL,
        author_id BIGINT,
        text TEXT,
        payload {json} NOT NULL,
        status TEXT NOT NULL,
        rank INTEGER NOT NULL DEFAULT 0,
        carrier TEXT,
        only_carrier BOOLEAN NOT NULL DEFAULT {false},
        tried {json} NOT NULL,
        account {exact},
        carrier_id {exact},
        client_id {exact},
        once {exact},
        reply_to_id BIGINT,
        attempts INTEGER NOT NULL DEFAULT 0,
        attempt TEXT,
        attempted_at {time},
        next_try_at {time},
        error_code TEXT,
        error_text TEXT,
        has_files BOOLEAN NOT NULL DEFAULT {false},
        reactions {json} NOT NULL,
        backlog BOOLEAN NOT NULL DEFAULT {false},
        at {time} NOT NULL,
        sent_at {time},
        delivered_at {time},
        read_at {time},
        played_at {time},
        failed_at {time},
        edited_at {time},
        deleted_at {time},
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        FOREIGN KEY (business_id, thread_id) REFERENCES threads (business_id, id),
        FOREIGN KEY (business_id, customer_id) REFERENCES customers (business_id, id),
        FOREIGN KEY (business_id, author_id) REFERENCES users (business_id, id)
    )",
    "CREATE UNIQUE INDEX messages_once ON messages (business_id, once) WHERE once IS NOT NULL",
    "CREATE UNIQUE INDEX messages_client ON messages (business_id, client_id) WHERE client_id IS NOT NULL",
    "CREATE INDEX messages_carrier ON messages (business_id, carrier, carrier_id) WHERE carrier_id IS NOT NULL",
    "CREATE INDEX messages_thread ON messages (business_id, thread_id, id)",
    "CREATE INDEX messages_customer ON messages (business_id, customer_id, at, id)",
    "CREATE INDEX messages_at ON messages (business_id, at, id)",
    "CREATE INDEX messages_under_way ON messages (status, attempted_at)
        WHERE status IN ('queued', 'sending', 'unknown')",
    "CREATE TABLE message_files (
        id {id},
        business_id BIGINT NOT NULL,
        message_id BIGINT NOT NULL,
        position INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL,
        source {json},
        mime_type TEXT,
        file_name TEXT,
        size_bytes BIGINT,
        sha256 TEXT,
        storage_key TEXT,
        transcript TEXT,
        error TEXT,
        created_at {time} NOT NULL,
        stored_at {time},
        UNIQUE (business_id, id),
        UNIQUE (business_id, message_id, position),
        FOREIGN KEY (business_id, message_id) REFERENCES messages (business_id, id)
    )",
    "CREATE INDEX message_files_key ON message_files (business_id, storage_key) WHERE storage_key IS NOT NULL",
];

const WEBHOOKS: &[&str] = &[
    // What carriers told of messages that are not known yet.
    "CREATE TABLE message_statuses (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        carrier TEXT NOT NULL,
        account {exact} NOT NULL,
        carrier_id {exact} NOT NULL,
        status TEXT NOT NULL,
        code TEXT,
        message TEXT,
        at {time} NOT NULL,
        created_at {time} NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, carrier, account, carrier_id, status, at)
    )",
    "CREATE INDEX message_statuses_old ON message_statuses (created_at)",
    // Bodies that were believed and are not worked in yet, or belong to nobody here.
    "CREATE TABLE whatsapp_deliveries (
        id {id},
        business_id BIGINT REFERENCES businesses (id),
        carrier TEXT NOT NULL,
        body {bytes} NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        request_id TEXT NOT NULL,
        received_at {time} NOT NULL
    )",
    "CREATE INDEX whatsapp_deliveries_state ON whatsapp_deliveries (state, received_at, id)",
    "CREATE TABLE webhook_signatures (
        signature {exact} PRIMARY KEY,
        seen_at {time} NOT NULL
    )",
    "CREATE INDEX webhook_signatures_old ON webhook_signatures (seen_at)",
];

const TEXTS: &[&str] = &[
    "CREATE TABLE message_templates (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        name TEXT NOT NULL,
        language TEXT NOT NULL,
        body TEXT NOT NULL,
        twilio_content_sid TEXT,
        meta_name TEXT,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, name, language)
    )",
    "CREATE TABLE canned_replies (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        shortcut TEXT NOT NULL,
        text TEXT NOT NULL,
        version BIGINT NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, shortcut)
    )",
    // Files that a person is about to send; they go after a day.
    "CREATE TABLE uploads (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        name TEXT NOT NULL,
        content_type TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        sha256 TEXT NOT NULL,
        storage_key TEXT NOT NULL,
        created_by_id BIGINT,
        created_at {time} NOT NULL,
        UNIQUE (business_id, id)
    )",
    "CREATE INDEX uploads_created ON uploads (created_at)",
    // Chats that are nobody's business: of the address there is only a keyed hash.
    "CREATE TABLE private_chats (
        id {id},
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        hash {exact} NOT NULL,
        created_at {time} NOT NULL,
        UNIQUE (business_id, id),
        UNIQUE (business_id, hash)
    )",
];
