//! What the databases are told beside their rows.

use sea_orm::{ConnectionTrait, Statement};

use crate::test_databases;

/// A server that has not been closed yet has no figures of its own, and a business may have a million calls.
#[tokio::test]
async fn calls_are_found_by_their_ids_and_not_by_reading_their_business() {
    let database = &test_databases::all().await[0];
    let plan = plan_of(
        database,
        "SELECT * FROM calls WHERE business_id = 1 AND call_sid IN ('CA1', 'CA2', 'CA3', 'CA4', 'CA5', 'CA6', 'CA7', 'CA8',
            'CA9', 'CA10', 'CA11', 'CA12', 'CA13', 'CA14', 'CA15', 'CA16')",
    )
    .await;
    assert!(plan.contains("(call_sid=?)"), "{plan}");
    let plan = plan_of(
        database,
        "SELECT * FROM customer_identities WHERE business_id = 1 AND kind = 'phone' AND value IN ('1', '2', '3', '4')",
    )
    .await;
    assert!(plan.contains("value=?"), "{plan}");
}

async fn plan_of(database: &test_databases::TestDatabase, query: &str) -> String {
    let tx = database.db.system_read("tests").await.expect("a transaction");
    let explain = Statement::from_string(tx.conn().get_database_backend(), format!("EXPLAIN QUERY PLAN {query}"));
    let rows = tx.conn().query_all_raw(explain).await.expect("a plan");
    rows.iter()
        .map(|row| row.try_get::<String>("", "detail").expect("a line"))
        .collect::<Vec<_>>()
        .join("\n")
}
