//! Notes, own fields and statuses, saved views.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Client;

use crate::histories::query;

const LIST: &str = "/api/crm/customers";

async fn dana(client: &Client) -> Value {
    client.post(LIST, json!({"name": "דנה"})).await.ok()
}

async fn names(client: &Client, query: &[(&str, &str)]) -> Vec<String> {
    let request = client.request(Method::GET, LIST).query(query);
    let list = client.send(request).await.ok();
    let results = list["results"].as_array().expect("results");
    let name = |row: &Value| row["name"].as_str().expect("a name").to_owned();
    results.iter().map(name).collect()
}

testkit::on_both_databases! {
    async fn a_note_is_written_changed_and_taken_away(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let owner = app.sign_in(&app.a.owner).await;
        let made = dana(&owner).await;
        let notes = format!("{LIST}/{}/notes", made["id"]);
        agent.post(&notes, json!({"text": " "})).await.problem(400, "missing_field");
        agent.post(&notes, json!({"text": "x".repeat(20_001)})).await.problem(422, "invalid");
        agent.post(&notes, json!({"text": "x", "mentions": [app.b.owner.id]})).await.problem(422, "invalid");
        let note = agent.post(&notes, json!({"text": "מעדיפה בוקר\nולא ערב"})).await.status(201);
        assert_eq!(note["author_id"], app.a.agent.id);
        let path = format!("/api/crm/notes/{}", note["id"]);
        owner.patch(&path, json!({"text": "שלי"})).await.problem(403, "forbidden");
        let stale = agent.request(Method::PATCH, &path).header("If-Match", "\"7\"").json(&json!({"text": "x"}));
        agent.send(stale).await.problem(412, "stale");
        agent.patch(&path, json!({"text": "מעדיפה צהריים"})).await.ok();
        let told = owner.get(&format!("/api/customers/{}/timeline?types=note", made["id"])).await.ok();
        assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{told}");
        let event = &told["items"][0];
        assert_eq!((&event["title"], &event["data"]["edited"]), (&json!("מעדיפה צהריים"), &json!(true)));
        assert_eq!(event["data"]["user_name"], "agent");
        let audited = query(app, "SELECT CAST(changes AS TEXT) AS it FROM audit_log WHERE record_type = 'note'").await;
        assert!(audited.len() == 2 && !audited.join(" ").contains("מעדיפה"), "{audited:?}");

        let of_owner = owner.post(&notes, json!({"text": "של הבעלים"})).await.status(201);
        agent.delete(&format!("/api/crm/notes/{}", of_owner["id"])).await.problem(403, "forbidden");
        assert_eq!(agent.get(&notes).await.ok()["total"], 2);
        app.sign_in(&app.b.owner).await.delete(&path).await.problem(404, "not_found");
        assert_eq!(owner.delete(&path).await.status, 204);
        assert_eq!(agent.get(&notes).await.ok()["total"], 1);
        let told = owner.get(&format!("/api/customers/{}/timeline?types=note", made["id"])).await.ok();
        assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{told}");
    }

    async fn who_is_mentioned_hears_of_it_once(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = dana(&owner).await;
        let note = json!({"text": "@agent תבדקי, גם @owner", "mentions": [app.a.manager.id]});
        let note = owner.post(&format!("{LIST}/{}/notes", made["id"]), note).await.ok();
        let mut mentioned = vec![app.a.owner.id, app.a.manager.id, app.a.agent.id];
        mentioned.sort_unstable();
        assert_eq!(note["mentions"], json!(mentioned));
        let heard = async || query(app, "SELECT CAST(user_id AS TEXT) AS it FROM notifications WHERE kind = 'mention' ORDER BY id").await;
        let mut others = vec![app.a.manager.id.to_string(), app.a.agent.id.to_string()];
        others.sort();
        let mut now = heard().await;
        now.sort();
        assert_eq!(now, others, "not oneself");
        owner.patch(&format!("/api/crm/notes/{}", note["id"]), json!({"text": "@agent תבדקי היום"})).await.ok();
        assert_eq!(heard().await.len(), 2, "not again");
        let agent = app.sign_in(&app.a.agent).await;
        let told = agent.get("/api/notifications").await.ok();
        assert_eq!(told["results"][0]["title"], "אוזכרת בהערה: דנה", "{told}");
        assert_eq!(told["results"][0]["link"], format!("/crm/customers/{}?tab=notes", made["id"]));

        // an agent who may not see the customer is not told whose name it is
        owner.patch(&format!("{LIST}/{}", made["id"]), json!({"owner_id": app.a.manager.id})).await.ok();
        owner.patch(&format!("/api/businesses/{}/settings", app.a.id), json!({"agent_visibility": "own_and_unassigned"})).await.ok();
        owner.post(&format!("{LIST}/{}/notes", made["id"]), json!({"text": "@agent @manager"})).await.status(201);
        assert_eq!(heard().await.len(), 3, "the manager alone");
        owner.post(&format!("{LIST}/{}/forget", made["id"]), json!({"reason": "asked"})).await.status(204);
        assert_eq!(heard().await.len(), 0, "the name is in none of them");
    }

    async fn own_fields_take_values_of_their_type_and_filter_the_list(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let field = |key: &str, kind: &str| json!({"key": key, "label": key, "kind": kind});
        agent.post("/api/custom_fields", field("budget", "number")).await.problem(403, "forbidden");
        for (key, kind) in [("budget", "number"), ("moving", "date"), ("pets", "boolean"), ("street", "text")] {
            owner.post("/api/custom_fields", field(key, kind)).await.status(201);
        }
        owner.post("/api/custom_fields", field("size", "choice")).await.problem(400, "missing_field");
        let size = json!({"key": "size", "label": "גודל", "kind": "choice", "choices": ["קטן", "גדול"]});
        let size = owner.post("/api/custom_fields", size).await.status(201);
        owner.post("/api/custom_fields", field("budget", "text")).await.problem(409, "already_exists");
        owner.post("/api/custom_fields", field("Budget!", "text")).await.problem(422, "invalid");
        let made_up = owner.post("/api/custom_fields", json!({"label": "קומה", "kind": "number"})).await.status(201);
        assert_eq!(made_up["key"], "field_6");
        assert_eq!(agent.get("/api/custom_fields").await.ok()["total"], 6);
        assert_eq!(app.sign_in(&app.b.owner).await.get("/api/custom_fields").await.ok()["total"], 0);

        for wrong in [json!({"budget": "1"}), json!({"moving": "soon"}), json!({"pets": 1}), json!({"size": "ענק"}), json!({"nothing": 1})] {
            let refused = agent.post(LIST, json!({"name": "x", "custom": wrong})).await.problem(422, "invalid");
            assert!(refused["errors"][0]["field"].as_str().is_some_and(|field| field.starts_with("custom.")), "{refused}");
        }
        let custom = json!({"budget": 1500, "moving": "2026-12-01", "pets": true, "size": "גדול", "street": "הרצל"});
        let a = agent.post(LIST, json!({"name": "א", "custom": custom})).await.status(201);
        agent.post(LIST, json!({"name": "ב", "custom": {"budget": 900.5, "pets": false, "street": "1500"}})).await.status(201);
        for (filter, found) in [
            (("custom.budget", "1500"), vec!["א"]), (("custom.street", "1500"), vec!["ב"]), (("custom.pets", "true"), vec!["א"]),
            (("custom.size", "גדול"), vec!["א"]), (("custom.budget.from", "1000"), vec!["א"]), (("custom.budget.to", "1500"), vec!["ב"]),
            (("custom.budget", "900.5"), vec!["ב"]), (("custom.moving.from", "2026-11-30"), vec!["א"]), (("custom.moving.to", "2026-12-01"), vec![]),
            (("custom.nothing", "x"), vec![]),
        ] {
            assert_eq!(names(&owner, &[filter]).await, found, "{filter:?}");
        }
        owner.get(&format!("{LIST}?custom.a'b=1")).await.problem(422, "invalid");

        // one is changed, one emptied, the others stay
        let path = format!("{LIST}/{}", a["id"]);
        let after = agent.patch(&path, json!({"custom": {"budget": 2000, "pets": null}})).await.ok();
        assert_eq!(after["custom"], json!({"budget": 2000, "moving": "2026-12-01", "size": "גדול", "street": "הרצל"}));
        let size = format!("/api/custom_fields/{}", size["id"]);
        owner.patch(&size, json!({"kind": "text"})).await.problem(422, "invalid");
        owner.patch(&size, json!({"key": "other"})).await.problem(422, "invalid");
        assert_eq!(owner.patch(&size, json!({"choices": ["קטן"], "label": "מידה"})).await.ok()["label"], "מידה");
        agent.patch(&path, json!({"custom": {"size": "גדול"}})).await.ok();
        assert_eq!(owner.delete(&size).await.status, 204);
        agent.patch(&path, json!({"custom": {"size": "קטן"}})).await.problem(422, "invalid");
        assert_eq!(agent.get(&path).await.ok()["custom"]["size"], "גדול", "its values stay");
        assert_eq!(owner.get("/api/custom_fields?archived=false").await.ok()["total"], 5);
    }

    async fn a_business_adds_statuses_to_the_five(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let statuses = "/api/customer_statuses";
        owner.post(LIST, json!({"name": "x", "status": "hot"})).await.problem(422, "invalid");
        app.sign_in(&app.a.agent).await.post(statuses, json!({"label": "חם"})).await.problem(403, "forbidden");
        owner.post(statuses, json!({"key": "new", "label": "חם"})).await.problem(409, "already_exists");
        owner.post(statuses, json!({"key": "Hot", "label": "חם"})).await.problem(422, "invalid");
        let hot = owner.post(statuses, json!({"key": "hot", "label": "חם"})).await.status(201);
        owner.post(statuses, json!({"key": "hot", "label": "חם"})).await.problem(409, "already_exists");
        let all = owner.get(statuses).await.ok();
        let keys: Vec<&str> = all["results"].as_array().expect("results").iter().filter_map(|status| status["key"].as_str()).collect();
        assert_eq!(keys, ["new", "contacted", "qualified", "customer", "inactive", "hot"]);
        let made = owner.post(LIST, json!({"name": "דנה", "status": "hot"})).await.ok();
        assert_eq!(names(&owner, &[("status", "hot,new")]).await, ["דנה"]);
        assert_eq!(names(&owner, &[("status", "new")]).await, Vec::<String>::new());
        app.sign_in(&app.b.owner).await.post(LIST, json!({"name": "x", "status": "hot"})).await.problem(422, "invalid");
        owner.patch(&format!("{statuses}/{}", hot["id"]), json!({"archived": true})).await.ok();
        owner.patch(&format!("{LIST}/{}", made["id"]), json!({"status": "hot", "company": "א"})).await.ok();
        owner.post(LIST, json!({"name": "x", "status": "hot"})).await.problem(422, "invalid");
    }

    async fn every_field_filters_and_the_new_orders_sort(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        owner.post(LIST, json!({"name": "א", "tags": ["vip", "צפון"], "company": "אלון", "tax_id": "18", "do_not_contact": true})).await.ok();
        app.advance(chrono::TimeDelta::days(1));
        let owner = app.sign_in(&app.a.owner).await;
        let b = owner.post(LIST, json!({"name": "ב", "tags": ["vip"], "company": "ברוש", "language": "ru-RU"})).await.ok();
        app.sql("UPDATE customers SET last_contact_at = $1 WHERE id = $2", vec![app.clock.now().into(), b["id"].as_i64().into()]).await;
        for (filter, found) in [
            (("tags", "vip"), vec!["ב", "א"]), (("tags", "vip,צפון"), vec!["א"]), (("tags", "vi"), vec![]), (("tags", "vip\"]"), vec![]),
            (("company", "אלון"), vec!["א"]), (("tax_id", "000000018"), vec!["א"]), (("tax_id", "18"), vec!["א"]), (("language", "ru-RU"), vec!["ב"]),
            (("do_not_contact", "true"), vec!["א"]), (("do_not_contact", "false"), vec!["ב"]), (("updated_from", "2026-11-19"), vec!["ב"]),
            (("updated_to", "2026-11-19"), vec!["א"]), (("last_contact_from", "2026-11-19"), vec!["ב"]), (("last_contact_to", "2026-11-19"), vec!["א"]),
            (("sort", "company"), vec!["א", "ב"]), (("sort", "-updated_at"), vec!["ב", "א"]), (("deleted", "true"), vec![]),
        ] {
            assert_eq!(names(&owner, &[filter]).await, found, "{filter:?}");
        }
        for wrong in ["deleted=maybe", "do_not_contact=x", "last_contact_from=x", "status=HOT", "custom.x.y=1"] {
            owner.get(&format!("{LIST}?{wrong}")).await.problem(422, "invalid");
        }
        let alike = owner.post(LIST, json!({"name": "א"})).await.ok();
        let found = owner.get(&format!("{LIST}/{}/duplicates", alike["id"])).await.ok();
        assert_eq!(found["results"][0]["name"], "א");
        assert_eq!(found["results"].as_array().map(Vec::len), Some(1));
    }

    async fn a_view_is_ones_own_until_it_is_shared(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let body = json!({"name": "חדשים", "entity": "customers", "filters": {"status": "new"}, "sort": "-created_at",
            "columns": ["name", "phone"], "density": "compact"});
        for (field, code) in [("name", 400), ("entity", 400)] {
            let mut without = body.clone();
            without.as_object_mut().expect("a body").remove(field);
            owner.post("/api/views", without).await.problem(code, "missing_field");
        }
        let own = agent.post("/api/views", body.clone()).await.status(201);
        assert_eq!((&own["filters"], &own["density"]), (&json!({"status": "new"}), &json!("compact")));
        let path = format!("/api/views/{}", own["id"]);
        owner.get(&path).await.problem(404, "not_found");
        owner.delete(&path).await.problem(404, "not_found");
        assert_eq!(owner.get("/api/views").await.ok()["total"], 0);
        agent.patch(&path, json!({"shared": true})).await.problem(403, "forbidden");
        let mut shared = body;
        shared["shared"] = json!(true);
        agent.post("/api/views", shared.clone()).await.problem(403, "forbidden");
        let shared = owner.post("/api/views", shared).await.status(201);
        let shared = format!("/api/views/{}", shared["id"]);
        assert_eq!(agent.get("/api/views?entity=customers").await.ok()["total"], 2);
        assert_eq!(agent.get("/api/views?entity=calls").await.ok()["total"], 0);
        agent.patch(&shared, json!({"name": "x"})).await.problem(403, "forbidden");
        agent.delete(&shared).await.problem(403, "forbidden");
        app.sign_in(&app.a.manager).await.patch(&shared, json!({"name": "לכולם", "sort": null})).await.ok();
        owner.patch(&shared, json!({"entity": "calls"})).await.problem(422, "invalid");
        app.sign_in(&app.b.owner).await.get(&shared).await.problem(404, "not_found");
        agent.patch(&path, json!({"name": "שלי", "columns": []})).await.ok();
        assert_eq!(agent.delete(&path).await.status, 204);
        agent.get(&path).await.problem(404, "not_found");
    }

    async fn a_change_is_told_in_words(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = dana(&owner).await;
        owner.patch(&format!("{LIST}/{}", made["id"]), json!({"status": "contacted"})).await.ok();
        let told = owner.get(&format!("/api/customers/{}/timeline?types=change", made["id"])).await.ok();
        let event = &told["items"][0];
        assert_eq!(event["title"], "סטטוס: חדש ← נוצר קשר");
        assert_eq!(event["data"]["words"], json!(["סטטוס: חדש ← נוצר קשר"]));
        assert_eq!(event["data"]["user_name"], "owner");
    }

    async fn the_audit_log_names_fields_and_never_what_stands_in_them(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = owner.post(LIST, json!({"name": "דנה", "phone": "0501234567"})).await.ok();
        let secret = json!({"name": "רות לוי", "phone": "0527654321", "email": "ruth@example.com", "company": "לוי", "address": "הרצל",
            "tax_id": "18", "notes": "סוד", "tags": ["לוי"], "source": "לוי"});
        owner.patch(&format!("{LIST}/{}", made["id"]), secret).await.ok();
        let task = owner.post("/api/tasks", json!({"title": "לחזור אל דנה", "customer_id": made["id"]})).await.ok();
        owner.patch(&format!("/api/tasks/{}", task["id"]), json!({"title": "לחזור אל רות לוי", "notes": "לוי"})).await.ok();
        let all = query(app, "SELECT CAST(changes AS TEXT) AS it FROM audit_log").await.join(" ");
        for word in ["דנה", "רות", "לוי", "7654321", "1234567", "ruth", "הרצל", "000000018", "סוד"] {
            assert!(!all.contains(word), "{word}: {all}");
        }
        for field in ["name", "phones", "emails", "tags", "title"] {
            assert!(all.contains(&format!("\"{field}\"")), "{field}: {all}");
        }
    }
}
