//! Who did what, and whether anybody has changed the record of it since.

use std::process::Output;

use serde_json::{Value, json};
use testkit::{Client, PASSWORD, TestApp};
use tokio::process::Command;

async fn verify(app: &TestApp, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_agentlocator"))
        .args(["audit", "verify"])
        .args(more)
        .env_clear()
        .env("DATABASE_URL", app.database_url())
        .env("DATA_DIR", app.data_dir())
        .env("SECRET_KEY", testkit::SECRET_KEY)
        .current_dir(app.data_dir())
        .output()
        .await
        .expect("the program")
}

async fn rows(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/api/admin/audit?{query}")).await.ok();
    page["results"].as_array().expect("rows").clone()
}

async fn new_customer(client: &Client, phone: &str) -> Value {
    client
        .post("/api/crm/customers", json!({ "name": "Dana", "phone": phone }))
        .await
        .ok()
}

testkit::on_both_databases! {
    async fn what_is_done_stands_in_the_log_with_who_and_from_where(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let request = owner
            .request(reqwest::Method::POST, "/api/crm/customers")
            .header("User-Agent", "story/1")
            .header("X-Request-ID", "story-17")
            .json(&json!({ "name": "Dana", "phone": "+972501112233" }));
        let customer = owner.send(request).await.ok();
        let found = rows(&owner, &format!("record_type=customer&record_id={}", customer["id"])).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let row = &found[0];
        assert_eq!(row["action"], "customer.created");
        assert_eq!((&row["actor_id"], &row["actor_kind"]), (&json!(app.a.owner.id), &json!("user")));
        assert_eq!((&row["ip"], &row["user_agent"]), (&json!("127.0.0.1"), &json!("story/1")));
        assert_eq!((&row["request_id"], &row["business_id"]), (&json!("story-17"), &json!(app.a.id)));
        assert_eq!(row["hash"].as_str().map(str::len), Some(64));
        assert_eq!(rows(&owner, "action=session.opened").await[0]["record_type"], "session");
        assert_eq!(rows(&owner, "from=2026-11-18&to=2026-11-19").await.len(), rows(&owner, "").await.len());
        assert!(rows(&owner, "to=2026-11-18").await.is_empty());
        owner.get("/api/admin/audit?actor_id=x").await.status(422);
    }

    async fn an_owner_reads_the_own_business_s_and_an_admin_all(app: &TestApp) {
        let (a, b) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.b.owner).await);
        let admin = app.sign_in(&app.admin).await;
        new_customer(&a, "+972501112233").await;
        let of = |rows: Vec<Value>| {
            let mut seen: Vec<i64> = rows.iter().filter_map(|row| row["business_id"].as_i64()).collect();
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        assert_eq!(of(rows(&b, "").await), [app.b.id]);
        assert_eq!(of(rows(&admin, "").await), [app.a.id, app.b.id]);
        assert_eq!(of(rows(&admin, &format!("business_id={}", app.b.id)).await), [app.b.id]);
        b.get(&format!("/api/admin/audit?business_id={}", app.a.id)).await.problem(404, "not_found");
        app.sign_in(&app.a.manager).await.get("/api/admin/audit").await.problem(403, "forbidden");
    }

    async fn refusals_are_recorded_and_bounded(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        for _ in 0..60 {
            agent.get("/api/admin/audit").await.problem(403, "forbidden");
        }
        for _ in 0..25 {
            let wrong = json!({ "email": app.a.agent.email, "password": "not the password" });
            app.client.post("/api/auth/token", wrong).await.problem(401, "unauthorized");
        }
        let nobody = json!({ "email": "nobody@example.com", "password": "not the password" });
        app.client.post("/api/auth/token", nobody).await.problem(401, "unauthorized");
        let owner = app.sign_in(&app.a.owner).await;
        let refused = rows(&owner, "action=permission.refused&limit=100").await;
        assert_eq!(refused.len(), 20, "as many as one caller gets in a minute");
        assert_eq!(refused[0]["changes"]["operation"], "GET /api/admin/audit");
        assert_eq!(refused[0]["actor_id"], app.a.agent.id);
        let sign_ins = rows(&owner, "action=session.refused&limit=100").await;
        assert_eq!(sign_ins.len(), 20);
        assert_eq!(sign_ins[0]["changes"]["why"], "password");
        let admin = app.sign_in(&app.admin).await;
        let unknown = rows(&admin, "action=session.refused&business_id=0").await;
        assert_eq!(unknown.len(), 1);
        assert_eq!(sign_ins[19]["changes"]["unwritten_before"], 40, "what was not written is told");
        assert_eq!(unknown[0]["changes"]["unwritten_before"], 5);
        assert!(!unknown[0].to_string().contains("nobody@"), "who it was not is nobody's business");
    }

    async fn the_command_finds_what_was_changed_and_says_which(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for n in 0..4 {
            new_customer(&owner, &format!("+97250111220{n}")).await;
        }
        let good = verify(app, &[]).await;
        assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stdout));
        let told = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
        let line = told(&good).lines().find(|line| line.contains(&format!("business {}:", app.a.id))).map(str::to_owned);
        let end = line.and_then(|line| line.rsplit(' ').next().map(str::to_owned)).expect("the end of the chain");

        app.sql("UPDATE audit_log SET actor_id = actor_id + 1 WHERE business_id = $1 AND seq = 3", vec![app.a.id.into()]).await;
        let changed = verify(app, &["--business", &app.a.id.to_string()]).await;
        assert_eq!(changed.status.code(), Some(1));
        assert!(told(&changed).contains("row 3 (id "), "{}", told(&changed));
        assert!(told(&changed).contains("was changed"), "{}", told(&changed));
        assert!(verify(app, &["--business", &app.b.id.to_string()]).await.status.success());

        for table in ["audit_log", "audit_head", "audit_marks"] {
            app.sql(&format!("DELETE FROM {table} WHERE business_id = $1"), vec![app.a.id.into()]).await;
        }
        assert!(verify(app, &[]).await.status.success(), "the database alone knows nothing any more");
        let cut = verify(app, &["--head", &end]).await;
        assert_eq!(cut.status.code(), Some(1));
        assert!(told(&cut).contains("the end was cut off: rows 1 to"), "{}", told(&cut));
    }

    async fn many_requests_at_once_keep_one_chain(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let all = (0..40).map(|n| {
            let owner = owner.clone();
            tokio::spawn(async move { new_customer(&owner, &format!("+9725022{n:05}")).await })
        });
        for made in all.collect::<Vec<_>>() {
            made.await.expect("a customer");
        }
        let output = verify(app, &[]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let created = owner.get("/api/admin/audit?action=customer.created").await.ok();
        assert_eq!(created["total"], 40);
        app.leaves_jobs();
    }

    async fn the_ends_are_kept_every_hour(app: &TestApp) {
        let credentials = json!({ "email": app.a.owner.email, "password": PASSWORD });
        app.client.post("/api/auth/token", credentials).await.ok();
        app.state.db.mark_audit_ends().await.expect("marked");
        app.sql("DELETE FROM audit_log WHERE business_id = $1", vec![app.a.id.into()]).await;
        app.sql("DELETE FROM audit_head WHERE business_id = $1", vec![app.a.id.into()]).await;
        let output = verify(app, &[]).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stdout).contains("the end was cut off"));
    }
}
