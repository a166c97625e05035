//! Whether the server says that it can work.

use chrono::TimeDelta;
use serde_json::json;
use testkit::eventually;

testkit::on_both_databases! {
    async fn a_server_whose_schema_is_behind_is_not_ready(app: &TestApp) {
        eventually("a server that is ready", || async {
            app.client.get("/readyz").await.status.is_success().then_some(())
        })
        .await;
        app.sql("UPDATE seaql_migrations SET version = 'other_' || version", vec![]).await;
        let ready = app.client.get("/readyz").await.ok();
        assert_eq!(ready["checks"]["migrations"], "ok", "the database is not asked at each look");
        app.advance(TimeDelta::seconds(11));
        let behind = app.client.get("/readyz").await.status(503);
        assert_eq!(behind["ready"], json!(false));
        assert_eq!((&behind["checks"]["migrations"], &behind["checks"]["database"]), (&json!("failed"), &json!("ok")));
        app.sql("UPDATE seaql_migrations SET version = substr(version, 7)", vec![]).await;
        app.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('of_a_newer_program', 0)", vec![]).await;
        app.advance(TimeDelta::seconds(11));
        assert_eq!(app.client.get("/readyz").await.ok()["checks"]["migrations"], "ok");
    }
}
