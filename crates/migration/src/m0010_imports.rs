//! What an import says of the rows that it did not take, and the status of those whom it brings.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE customer_imports ADD COLUMN columns {json}",
    "ALTER TABLE customer_imports ADD COLUMN new_status TEXT",
    "ALTER TABLE customer_import_errors ADD COLUMN cells {json}",
];
