//! Search beyond customers' names: words of tasks, notes and calls, and the words of names by their trigrams.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, STATEMENTS).await?;
        ddl::protect(manager, &["search_tokens", "search_trigrams"], "business_id").await
    }
}

const STATEMENTS: &[&str] = &[
    // The same design as of customer_search_tokens: a beginning is one range of the key. What it finds is in order of
    // the words; the newest records of one whole word stand at the end of its range.
    "CREATE TABLE search_tokens (
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        kind TEXT NOT NULL,
        token {exact} NOT NULL,
        record_id BIGINT NOT NULL,
        PRIMARY KEY (business_id, kind, token, record_id)
    ) {clustered}",
    "CREATE INDEX search_tokens_record ON search_tokens (business_id, kind, record_id, token)",
    // Each word of customers' names once, however many bear it, under each of its trigrams.
    "CREATE TABLE search_trigrams (
        business_id BIGINT NOT NULL REFERENCES businesses (id),
        trigram {exact} NOT NULL,
        word {exact} NOT NULL,
        PRIMARY KEY (business_id, trigram, word)
    ) {clustered}",
];
