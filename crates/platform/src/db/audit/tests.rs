use std::time::Instant;

use kernel::{BusinessId, Clock};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::json;

use super::*;
use crate::{
    db::DbSettings,
    test_databases::{self, TestDatabase, person},
};

fn entry(n: i64) -> AuditEntry {
    AuditEntry {
        action: "thing.changed",
        record_type: "thing",
        record_id: Some(n),
        changes: json!({ "name": ["א", null], "amount": [1.0, 1e17], "deep": { "b": [true, -0.0], "a": 0.25 } }),
    }
}

async fn write_one(db: &Db, business: i64, n: i64) -> Result<(), DbError> {
    let tx = db.write(&person(business, 1)).await?;
    tx.audit(entry(n)).await?;
    tx.commit().await
}

async fn chain_of(database: &TestDatabase, rows: i64) {
    for n in 1..=rows {
        write_one(&database.db, 1, n).await.expect("written");
    }
}

async fn sql(database: &TestDatabase, statement: &str) {
    let tx = database.db.system("tests").await.expect("a transaction");
    tx.conn().execute_unprepared(statement).await.expect("executed");
    tx.commit().await.expect("committed");
}

async fn findings(database: &TestDatabase) -> Vec<(i64, Broken)> {
    let reports = database.db.verify_audit(None, &[]).await.expect("checked");
    let found = reports.into_iter().flat_map(|report| report.findings);
    found.map(|finding| (finding.seq, finding.broken)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_holds() {
    for database in test_databases::all().await {
        chain_of(&database, 5).await;
        write_one(&database.db, 2, 1).await.expect("written");
        let tx = database.db.system("tests").await.expect("a transaction");
        tx.audit(0, &person(1, 1), entry(6)).await.expect("noted");
        tx.audit(1, &person(1, 1), entry(7)).await.expect("noted");
        tx.commit().await.expect("committed");
        assert_eq!(findings(&database).await, []);
        let reports = database.db.verify_audit(None, &[]).await.expect("checked");
        let rows: Vec<_> = reports.iter().map(|report| (report.business_id, report.rows)).collect();
        assert_eq!(rows, [(0, 1), (1, 6), (2, 1)]);
        let rows = Entity::find().order_by_asc(Column::Id);
        let tx = database.db.system_read("tests").await.expect("a transaction");
        let rows = rows.all(tx.conn()).await.expect("rows");
        assert_eq!(rows[1].prev_hash, rows[0].hash);
        assert_eq!((rows[0].prev_hash.as_str(), rows[0].seq), ("", 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_leaves_no_gap() {
    for database in test_databases::all().await {
        chain_of(&database, 2).await;
        let tx = database.db.write(&person(1, 1)).await.expect("a transaction");
        tx.audit(entry(3)).await.expect("noted");
        drop(tx);
        chain_of(&database, 1).await;
        assert_eq!(findings(&database).await, []);
    }
}

/// What is done, by which statements, and what is found.
type Case = (&'static str, Vec<String>, Vec<(i64, Broken)>);

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_tampering_is_found_and_named() {
    use Broken::{Changed, CutOff, End, Inserted, Removed, Reordered};
    let copy = "INSERT INTO audit_log (business_id, at, actor_id, actor_kind, action, record_type, record_id, changes, \
                request_id, seq, prev_hash, hash) SELECT business_id, at, actor_id, actor_kind, action, record_type, 9, \
                changes, request_id, {seq}, prev_hash, hash FROM audit_log WHERE seq = 3";
    let forged_end = "UPDATE audit_head SET count = 4, hash = (SELECT hash FROM audit_log WHERE seq = 4)";
    let cases: Vec<Case> = vec![
        (
            "a field",
            vec!["UPDATE audit_log SET record_id = 7 WHERE seq = 3".into()],
            vec![(3, Changed)],
        ),
        (
            "its code",
            vec!["UPDATE audit_log SET hash = 'x' WHERE seq = 3".into()],
            vec![(3, Changed)],
        ),
        (
            "the data",
            vec!["UPDATE audit_log SET changes = '{\"a\":2}' WHERE seq = 2".into()],
            vec![(2, Changed)],
        ),
        (
            "a row gone",
            vec!["DELETE FROM audit_log WHERE seq = 3".into()],
            vec![(3, Removed { to: 3 })],
        ),
        (
            "rows gone",
            vec!["DELETE FROM audit_log WHERE seq IN (1, 2)".into()],
            vec![(1, Removed { to: 2 })],
        ),
        ("a row more", vec![copy.replace("{seq}", "3")], vec![(3, Inserted)]),
        (
            "a row without a place",
            vec![copy.replace("{seq}", "0")],
            vec![(0, Inserted)],
        ),
        (
            "a row at the end",
            vec![copy.replace("{seq}", "6")],
            vec![(6, Changed), (6, Inserted)],
        ),
        (
            "two rows in each other's place",
            vec![
                "UPDATE audit_log SET seq = 99 WHERE seq = 2".into(),
                "UPDATE audit_log SET seq = 2 WHERE seq = 3".into(),
                "UPDATE audit_log SET seq = 3 WHERE seq = 99".into(),
            ],
            vec![(2, Reordered), (3, Reordered)],
        ),
        (
            "another order of ids",
            vec!["UPDATE audit_log SET id = 100 WHERE seq = 3".into()],
            vec![(4, Reordered), (5, Reordered)],
        ),
        (
            "the last ones gone",
            vec!["DELETE FROM audit_log WHERE seq > 3".into()],
            vec![(4, CutOff { to: 5 })],
        ),
        (
            "everything gone",
            vec!["DELETE FROM audit_log".into()],
            vec![(1, CutOff { to: 5 })],
        ),
        (
            "the last gone, and its trace",
            vec!["DELETE FROM audit_log WHERE seq = 5".into(), forged_end.into()],
            vec![(4, End)],
        ),
        ("the end gone", vec!["DELETE FROM audit_head".into()], vec![(5, End)]),
        (
            "moved to another business",
            vec!["UPDATE audit_log SET business_id = 2 WHERE seq = 5".into()],
            vec![(5, CutOff { to: 5 }), (1, Removed { to: 4 }), (5, Changed), (5, End)],
        ),
    ];
    for (what, statements, expected) in cases {
        for database in test_databases::all().await {
            chain_of(&database, 5).await;
            for statement in &statements {
                sql(&database, statement).await;
            }
            assert_eq!(
                findings(&database).await,
                expected,
                "{what}, {:?}",
                database.db.backend()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_end_is_remembered_though_the_business_goes_on() {
    for database in test_databases::all().await {
        chain_of(&database, 3).await;
        sql(&database, "DELETE FROM audit_log WHERE seq = 3").await;
        sql(
            &database,
            "UPDATE audit_head SET count = 2, hash = (SELECT hash FROM audit_log WHERE seq = 2)",
        )
        .await;
        chain_of(&database, 2).await;
        assert_eq!(findings(&database).await, [(4, Broken::End)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_end_put_back_shows_against_marks_and_the_log() {
    for database in test_databases::all().await {
        chain_of(&database, 2).await;
        sql(&database, "CREATE TABLE kept AS SELECT * FROM audit_head").await;
        chain_of(&database, 2).await;
        let end = database.db.verify_audit(Some(1), &[]).await.expect("checked").remove(0);
        assert_eq!(database.db.mark_audit_ends().await.expect("marked"), 1);
        assert_eq!(database.db.mark_audit_ends().await.expect("marked"), 1);
        sql(&database, "DELETE FROM audit_log WHERE seq > 2").await;
        sql(&database, "DELETE FROM audit_head").await;
        sql(&database, "INSERT INTO audit_head SELECT * FROM kept").await;
        assert_eq!(findings(&database).await, [(3, Broken::CutOff { to: 4 })]);
        sql(&database, "DELETE FROM audit_marks").await;
        assert_eq!(
            findings(&database).await,
            [],
            "the database alone can not know any more"
        );
        let known = KnownEnd {
            business_id: 1,
            count: end.last_seq,
            hash: end.last_hash,
        };
        let reports = database.db.verify_audit(None, &[known]).await.expect("checked");
        assert_eq!(reports[0].findings[0].broken, Broken::CutOff { to: 4 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_is_still_believed_for_what_was_written_before() {
    for database in test_databases::all().await {
        chain_of(&database, 3).await;
        let rotated = |previous: &str| crate::keys::MasterKeys::new("another".into(), vec![previous.into()]);
        let settings = DbSettings::new(database.url.clone(), rotated("a key of the tests"));
        let after = Db::open(&settings, Clock::System).await.expect("a database");
        for n in 1..=2 {
            write_one(&after, 1, n).await.expect("written");
        }
        assert_eq!(after.verify_audit(None, &[]).await.expect("checked")[0].found, 0);
        let settings = DbSettings::new(database.url.clone(), rotated("a wrong one"));
        let without = Db::open(&settings, Clock::System).await.expect("a database");
        assert_eq!(without.verify_audit(None, &[]).await.expect("checked")[0].found, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_write_at_once_make_one_chain() {
    const WRITERS: i64 = 12;
    const EACH: i64 = 15;
    for database in test_databases::all().await {
        let other = database.another_process().await;
        let writers = (0..WRITERS).map(|writer| {
            let db = if writer % 2 == 0 {
                database.db.clone()
            } else {
                other.clone()
            };
            tokio::spawn(async move {
                for n in 0..EACH {
                    let tx = db.system("tests").await.expect("a transaction");
                    tx.audit(1 + (n + writer) % 2, &person(1, 1), entry(n))
                        .await
                        .expect("noted");
                    tx.audit(1, &person(1, 1), entry(n)).await.expect("noted");
                    tx.commit().await.expect("committed");
                }
            })
        });
        let checked = async {
            for _ in 0..5 {
                assert_eq!(findings(&database).await, [], "while others write");
            }
        };
        let (done, ()) = tokio::join!(futures::future::join_all(writers.collect::<Vec<_>>()), checked);
        for writer in done {
            writer.expect("a writer's end");
        }
        assert_eq!(findings(&database).await, []);
        let reports = database.db.verify_audit(None, &[]).await.expect("checked");
        let rows: u64 = reports.iter().map(|report| report.rows).sum();
        assert_eq!(rows, u64::try_from(WRITERS * EACH * 2).expect("a number"));
    }
}

/// What the chain costs, printed: `cargo nextest run -p platform --run-ignored only -E 'test(what_the_chain_costs)'`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn what_the_chain_costs() {
    const EACH: i64 = 300;
    for database in test_databases::all().await {
        for writers in [1, 8] {
            for audited in [false, true] {
                let began = Instant::now();
                let writers_at_work = (0..writers).map(|_| {
                    let db = database.db.clone();
                    tokio::spawn(async move {
                        for n in 0..EACH {
                            let tx = db.write(&person(1, 1)).await.expect("a transaction");
                            if audited {
                                tx.audit(entry(n)).await.expect("noted");
                            } else {
                                plain(&tx, n).await;
                            }
                            tx.commit().await.expect("committed");
                        }
                    })
                });
                futures::future::join_all(writers_at_work.collect::<Vec<_>>()).await;
                let each = began.elapsed() / u32::try_from(writers * EACH).expect("a number");
                println!(
                    "{:?}, {writers} writers, chained: {audited}: {each:?} each",
                    database.db.backend()
                );
            }
        }
        assert_eq!(
            database.db.verify_audit(Some(1), &[]).await.expect("checked")[0].business_id,
            1
        );
    }
}

/// The same row without a chain.
async fn plain(tx: &WriteTx, n: i64) {
    let draft = Draft::new(BusinessId::new(2).get(), tx.scope(), tx.now(), entry(n));
    let mut row = draft.unplaced();
    row.business_id = 1;
    row.seq = -1;
    Entity::insert(inserted(row))
        .exec_without_returning(tx.conn())
        .await
        .expect("inserted");
}
