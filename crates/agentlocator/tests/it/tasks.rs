//! Tasks: made, filtered, done and opened again.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Client;

const LIST: &str = "/api/tasks";

fn path(task: &Value) -> String {
    format!("{LIST}/{}", task["id"])
}

async fn titles(client: &Client, query: &[(&str, &str)]) -> Vec<String> {
    let list = client.send(client.request(Method::GET, LIST).query(query)).await.ok();
    let results = list["results"].as_array().expect("results");
    results
        .iter()
        .map(|row| row["title"].as_str().expect("a title").to_owned())
        .collect()
}

async fn open_id(client: &Client, title: &str) -> Value {
    let list = client.get(LIST).await.ok();
    let results = list["results"].as_array().expect("results");
    let found = results.iter().find(|row| row["title"] == title);
    found.expect("a task")["id"].clone()
}

testkit::on_both_databases! {
    async fn a_task_is_made_done_and_opened_again(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let customer = agent.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let made = agent.post(LIST, json!({
            "title": " לחזור לדנה ", "notes": "על הדירה", "customer_id": customer["id"], "assignee_id": app.a.owner.id,
            "due_at": "2026-11-19T09:00:00+02:00", "priority": "high",
        })).await.status(201);
        assert_eq!(made["title"], "לחזור לדנה");
        assert_eq!(made["customer_name"], "דנה");
        assert_eq!(made["due_at"], "2026-11-19T07:00:00Z");
        assert_eq!((&made["status"], &made["source"]), (&json!("open"), &json!("manual")));

        let done = agent.post(&format!("{}/complete", path(&made)), Value::Null).await.ok();
        assert_eq!(done["status"], "done");
        assert_eq!(done["completed_by_id"], app.a.agent.id);
        app.advance(chrono::TimeDelta::minutes(5));
        let again = agent.post(&format!("{}/complete", path(&made)), Value::Null).await.ok();
        assert_eq!(again, done, "done once");
        let open = agent.post(&format!("{}/reopen", path(&made)), Value::Null).await.ok();
        assert_eq!((&open["status"], &open["completed_at"]), (&json!("open"), &Value::Null));
        assert_eq!(open["customer_name"], "דנה");

        let events = agent.get(&format!("/api/customers/{}/timeline", customer["id"])).await.ok();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "one row, written anew in place: {events}");
        assert_eq!(events["items"][0]["data"]["status"], "open");
    }

    async fn a_task_is_refused_for_what_is_wrong_in_it(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let stranger = app.sign_in(&app.b.owner).await;
        let theirs = stranger.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        owner.post(LIST, json!({})).await.problem(400, "missing_field");
        owner.post(LIST, json!({"title": ""})).await.problem(400, "missing_field");
        for body in [
            json!({"title": "x", "customer_id": theirs["id"]}), json!({"title": "x", "assignee_id": app.b.owner.id}),
            json!({"title": "x", "customer_id": 0}), json!({"title": "x", "due_at": "tomorrow"}), json!({"title": "x", "due_at": 5}),
            json!({"title": "x", "due_at": "9999-12-31T23:59:59Z"}), json!({"title": "x", "priority": "top"}),
            json!({"title": "x".repeat(301)}), json!({"title": "a\u{0}"}), json!({"title": "x", "status": "done"}), json!({"titel": "x"}),
        ] {
            owner.post(LIST, body).await.problem(422, "invalid");
        }
        assert_eq!(titles(&owner, &[]).await, Vec::<String>::new());
    }

    async fn another_business_sees_and_changes_nothing(app: &TestApp) {
        let made = app.sign_in(&app.a.owner).await.post(LIST, json!({"title": "א"})).await.status(201);
        let stranger = app.sign_in(&app.b.owner).await;
        stranger.get(&path(&made)).await.problem(404, "not_found");
        stranger.patch(&path(&made), json!({"title": "x"})).await.problem(404, "not_found");
        stranger.post(&format!("{}/complete", path(&made)), Value::Null).await.problem(404, "not_found");
        stranger.post(&format!("{}/reopen", path(&made)), Value::Null).await.problem(404, "not_found");
        assert_eq!(titles(&stranger, &[]).await, Vec::<String>::new());
        for id in ["x", "0", "99999999999999999999"] {
            stranger.get(&format!("{LIST}/{id}")).await.problem(404, "not_found");
        }
    }

    async fn filters_and_orders(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let customer = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let (of, me) = (customer["id"].to_string(), app.a.owner.id.to_string());
        owner.post(LIST, json!({"title": "א", "due_at": "2026-11-20T10:00:00Z", "customer_id": customer["id"]})).await.status(201);
        app.advance(chrono::TimeDelta::seconds(1));
        owner.post(LIST, json!({"title": "ב", "due_at": "2026-11-19T10:00:00Z", "assignee_id": app.a.owner.id})).await.status(201);
        app.advance(chrono::TimeDelta::seconds(1));
        let third = owner.post(LIST, json!({"title": "ג", "priority": "high"})).await.status(201);
        owner.post(&format!("{}/complete", path(&third)), Value::Null).await.ok();
        for (query, found) in [
            (vec![], vec!["ג", "ב", "א"]), (vec![("sort", "due_at")], vec!["ב", "א", "ג"]), (vec![("sort", "-due_at")], vec!["א", "ב", "ג"]),
            (vec![("status", "open")], vec!["ב", "א"]), (vec![("status", "done")], vec!["ג"]),
            (vec![("due_before", "2026-11-20")], vec!["ב"]), (vec![("due_from", "2026-11-20")], vec!["א"]), (vec![("priority", "high")], vec!["ג"]),
            (vec![("customer_id", of.as_str())], vec!["א"]),
            (vec![("assignee_id", me.as_str())], vec!["ב"]), (vec![("assignee_id", "none"), ("status", "open")], vec!["א"]),
        ] {
            assert_eq!(titles(&owner, &query).await, found, "{query:?}");
        }
        owner.post(&format!("{LIST}/{}/snooze", open_id(&owner, "א").await), json!({"preset": "1h"})).await.ok();
        app.webhook("/webhook/incoming_call", &[("CallSid", "CA1"), ("From", "+972501111111"), ("To", &app.a.number), ("CallStatus", "ringing")]).await;
        let call = owner.get("/api/calls/CA1").await.ok()["id"].clone();
        app.sql("UPDATE tasks SET call_id = $1 WHERE title = 'ב'", vec![call.as_i64().into()]).await;
        for (query, found) in [
            (vec![("status", "open")], vec!["ב"]), (vec![("status", "open,snoozed")], vec!["ב", "א"]),
            (vec![("call_id", call.to_string().as_str())], vec!["ב"]), (vec![("call_id", "99999999")], vec![]),
        ] {
            assert_eq!(titles(&owner, &query).await, found, "{query:?}");
        }
        for wrong in ["status=late", "status=open,late", "call_id=x", "customer_id=x", "assignee_id=x", "due_before=soon", "due_from=soon", "priority=urgent"] {
            owner.get(&format!("{LIST}?{wrong}")).await.problem(422, "invalid");
        }
    }

    async fn a_stale_write_is_refused(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = owner.post(LIST, json!({"title": "א"})).await;
        assert_eq!(made.header("etag"), Some("\"1\""));
        let made = made.status(201);
        let patch = |tag: &str, title: &str| {
            owner.send(owner.request(Method::PATCH, &path(&made)).header("If-Match", tag).json(&json!({"title": title})))
        };
        patch("\"1\"", "ב").await.ok();
        patch("\"1\"", "ג").await.problem(412, "stale");
        assert_eq!(owner.get(&path(&made)).await.ok()["title"], "ב");
    }

    async fn a_task_says_whose_it_is(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let named = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let unnamed = owner.post("/api/crm/customers", json!({"name": "+972501234567", "phone": "+972501234567"})).await.status(201);
        for (title, customer) in [("א", &named["id"]), ("ב", &unnamed["id"]), ("ג", &Value::Null)] {
            owner.post(LIST, json!({"title": title, "customer_id": customer})).await.status(201);
        }
        let list = owner.get(LIST).await.ok();
        let names: Vec<_> = (0..3).map(|at| (&list["results"][at]["title"], &list["results"][at]["customer_name"])).collect();
        let (a, b, c, name) = (json!("א"), json!("ב"), json!("ג"), json!("דנה"));
        assert_eq!(names, [(&c, &Value::Null), (&b, &Value::Null), (&a, &name)]);
        let path = path(&list["results"][2]);
        assert_eq!(owner.get(&path).await.ok()["customer_name"], name);
        assert_eq!(owner.patch(&path, json!({"customer_id": null})).await.ok()["customer_name"], Value::Null);
        // An agent who sees the task, but not the customer, does not learn who it is.
        owner.patch(&path, json!({"customer_id": named["id"]})).await.ok();
        app.sql("UPDATE businesses SET agent_visibility = 'own_and_unassigned' WHERE id = $1", vec![app.a.id.into()]).await;
        app.sql("UPDATE customers SET owner_id = $1 WHERE name = 'דנה'", vec![app.a.owner.id.into()]).await;
        let agent = app.sign_in(&app.a.agent).await;
        assert_eq!(agent.get(&path).await.ok()["customer_name"], Value::Null);
    }

    async fn a_task_taken_from_its_customer_leaves_the_timeline(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let customer = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let made = owner.post(LIST, json!({"title": "א", "customer_id": customer["id"]})).await.status(201);
        owner.patch(&path(&made), json!({"customer_id": null})).await.ok();
        let events = owner.get(&format!("/api/customers/{}/timeline", customer["id"])).await.ok();
        assert_eq!(events["items"], json!([]));
    }
}
