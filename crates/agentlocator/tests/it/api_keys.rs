//! Programs that act with a key.

use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, Person, TestApp};

async fn made(app: &TestApp, by: &Person, body: Value) -> (Value, Client) {
    let key = app.sign_in(by).await.post("/api/api_keys", body).await.status(201);
    let client = app.client.with_token(key["secret"].as_str().expect("a secret"));
    (key, client)
}

testkit::on_both_databases! {
    async fn a_key_acts_within_its_scopes_and_business(app: &TestApp) {
        let scopes = json!(["tasks:read", "tasks:write"]);
        let (key, program) = made(app, &app.a.owner, json!({ "name": "Calendar", "scopes": scopes })).await;
        assert!(key["secret"].as_str().is_some_and(|secret| secret.starts_with("alk_") && secret.len() == 68));
        let task = program.post("/api/tasks", json!({ "title": "Call back" })).await.status(201);
        assert_eq!(task["business_id"], app.a.id);
        program.get(&format!("/api/tasks/{}", task["id"])).await.ok();
        program.get("/api/crm/customers").await.problem(403, "forbidden");
        program.get("/api/auth/me").await.problem(403, "forbidden");
        program.post("/api/api_keys", json!({ "name": "More", "scopes": ["tasks:read"] })).await.problem(403, "forbidden");
        let foreign = app.sign_in(&app.b.owner).await.post("/api/tasks", json!({ "title": "Theirs" })).await.ok();
        program.get(&format!("/api/tasks/{}", foreign["id"])).await.problem(404, "not_found");
        let owner = app.sign_in(&app.a.owner).await;
        let rows = owner.get("/api/admin/audit?actor_kind=api_key").await.ok();
        let actions: Vec<_> = rows["results"].as_array().expect("rows").iter().map(|row| row["action"].clone()).collect();
        assert!(actions.contains(&json!("task.created")) && actions.contains(&json!("permission.refused")), "{actions:?}");
        assert_eq!(rows["results"][0]["actor_id"], key["id"]);
    }

    async fn a_secret_is_shown_once_and_kept_as_a_hash(app: &TestApp) {
        let (key, _) = made(app, &app.a.owner, json!({ "name": "Site", "scopes": ["customers:read"] })).await;
        let secret = key["secret"].as_str().expect("a secret").to_owned();
        let owner = app.sign_in(&app.a.owner).await;
        let path = format!("/api/api_keys/{}", key["id"]);
        for answer in [owner.get("/api/api_keys").await, owner.get(&path).await] {
            answer.ok();
            assert!(!answer.text().contains(&secret));
        }
        let tx = app.state.db.system_read("test: what was written").await.expect("a transaction");
        let statement = sea_orm::Statement::from_string(app.state.db.backend(), "SELECT secret_hash FROM api_keys");
        let row = sea_orm::ConnectionTrait::query_one_raw(tx.conn(), statement).await.expect("rows").expect("a row");
        assert!(!secret.contains(&row.try_get_by_index::<String>(0).expect("a hash")));
    }

    async fn a_key_ends_with_its_time_its_maker_and_its_row(app: &TestApp) {
        let day = json!({ "name": "A day", "scopes": ["tasks:read"], "expires_at": "2026-11-19T10:00:00Z" });
        let (_, short) = made(app, &app.a.owner, day).await;
        let (key, long) = made(app, &app.a.owner, json!({ "name": "Long", "scopes": ["tasks:read"] })).await;
        short.get("/api/tasks").await.ok();
        app.advance(TimeDelta::days(1));
        short.get("/api/tasks").await.problem(401, "unauthorized");
        long.get("/api/tasks").await.ok();
        let path = format!("/api/api_keys/{}", key["id"]);
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(owner.get(&path).await.ok()["last_used_at"], "2026-11-19T10:00:00Z");
        owner.patch(&path, json!({ "name": "Longer" })).await.ok();
        owner.patch(&path, json!({ "scopes": ["tasks:write"] })).await.status(422);
        assert_eq!(owner.get(&path).await.ok()["name"], "Longer");
        owner.delete(&path).await.status(204);
        long.get("/api/tasks").await.problem(401, "unauthorized");
        let (_, orphan) = made(app, &app.a.owner, json!({ "name": "Orphan", "scopes": ["tasks:read"] })).await;
        app.sql("UPDATE users SET role = 'agent' WHERE id = $1", vec![app.a.owner.id.into()]).await;
        orphan.get("/api/tasks").await.ok();
        app.sql("UPDATE users SET active = $1 WHERE id = $2", vec![false.into(), app.a.owner.id.into()]).await;
        orphan.get("/api/tasks").await.problem(401, "unauthorized");
    }

    async fn a_key_sees_no_more_than_its_maker_does_now(app: &TestApp) {
        let (_, program) = made(app, &app.a.owner, json!({ "name": "List", "scopes": ["customers:read", "deals:read"] })).await;
        let owner = app.sign_in(&app.a.owner).await;
        for (name, of) in [("Theirs", Some(app.a.manager.id)), ("Nobody's", None)] {
            let customer = owner.post("/api/crm/customers", json!({ "name": name, "owner_id": of })).await.status(201);
            owner.patch(&format!("/api/crm/customers/{}", customer["id"]), json!({ "owner_id": of })).await.ok();
        }
        let settings = format!("/api/businesses/{}/settings", app.a.id);
        owner.patch(&settings, json!({ "agent_visibility": "own_and_unassigned" })).await.ok();
        assert_eq!(program.get("/api/crm/customers").await.ok()["total"], 2, "an owner's");
        program.get("/api/deals/forecast").await.ok();
        app.sql("UPDATE users SET role = 'agent' WHERE id = $1", vec![app.a.owner.id.into()]).await;
        let seen = program.get("/api/crm/customers").await.ok();
        assert_eq!((&seen["total"], &seen["results"][0]["name"]), (&json!(1), &json!("Nobody's")), "an agent's");
        let agent = app.sign_in(&app.a.owner).await;
        for path in ["/api/deals/forecast", "/api/deals/losses"] {
            assert_eq!(program.get(path).await.text(), agent.get(path).await.text(), "{path}");
        }
    }

    async fn a_key_in_a_foreign_business_ends_with_its_maker_s_being_an_admin(app: &TestApp) {
        let body = json!({ "name": "Admin's", "scopes": ["tasks:read"], "business_id": app.b.id });
        let (_, program) = made(app, &app.admin, body).await;
        program.get("/api/tasks").await.ok();
        app.sql("UPDATE users SET role = 'owner' WHERE id = $1", vec![app.admin.id.into()]).await;
        program.get("/api/tasks").await.problem(401, "unauthorized");
        app.sql("UPDATE users SET role = 'admin' WHERE id = $1", vec![app.admin.id.into()]).await;
        program.get("/api/tasks").await.ok();
        app.sql("UPDATE businesses SET active = $1 WHERE id = $2", vec![false.into(), app.a.id.into()]).await;
        program.get("/api/tasks").await.problem(401, "unauthorized");
    }

    async fn wrong_keys_and_wrong_wishes_are_refused(app: &TestApp) {
        let (key, _) = made(app, &app.a.owner, json!({ "name": "Good", "scopes": ["tasks:read"] })).await;
        let good = key["secret"].as_str().expect("a secret");
        let altered = format!("{}0", &good[..good.len() - 1]);
        let altered = if altered == good { format!("{}1", &good[..good.len() - 1]) } else { altered };
        for wrong in ["alk_", "alk_short", "alk_שלוםשלוםשלוםשלום", &altered] {
            app.client.with_token(&wrong.replace(|c: char| !c.is_ascii(), "x")).get("/api/tasks").await.problem(401, "unauthorized");
        }
        let owner = app.sign_in(&app.a.owner).await;
        for wrong in [
            json!({ "name": "N", "scopes": [] }),
            json!({ "name": "N", "scopes": ["everything"] }),
            json!({ "name": "N", "scopes": ["users:read"] }),
            json!({ "name": "N", "scopes": ["tasks:read"], "expires_at": "2020-01-01T00:00:00Z" }),
            json!({ "name": "N", "scopes": ["tasks:read"], "expires_at": "tomorrow" }),
        ] {
            owner.post("/api/api_keys", wrong.clone()).await.problem(422, "invalid");
        }
        owner.post("/api/api_keys", json!({ "scopes": ["tasks:read"] })).await.problem(400, "missing_field");
        for person in [&app.a.manager, &app.a.agent] {
            app.sign_in(person).await.get("/api/api_keys").await.problem(403, "forbidden");
        }
    }

    async fn an_admin_s_key_reaches_one_business_only(app: &TestApp) {
        let body = json!({ "name": "Admin's", "scopes": ["tasks:read"], "business_id": app.b.id });
        let (_, program) = made(app, &app.admin, body).await;
        let theirs = app.sign_in(&app.b.owner).await.post("/api/tasks", json!({ "title": "Theirs" })).await.ok();
        let other = app.sign_in(&app.a.owner).await.post("/api/tasks", json!({ "title": "Other" })).await.ok();
        program.get(&format!("/api/tasks/{}", theirs["id"])).await.ok();
        program.get(&format!("/api/tasks/{}", other["id"])).await.problem(404, "not_found");
        assert_eq!(program.get("/api/tasks").await.ok()["total"], 1);
        program.get(&format!("/api/tasks?business_id={}", app.a.id)).await.problem(404, "not_found");
    }
}
