//! Two records of one person become one, and nothing of either is lost.

use std::collections::BTreeSet;

use app::crm::customers::places::{Link, OnMerge, PLACES, TYPED};
use reqwest::Method;
use sea_orm::DbBackend;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::histories::{Dice, Somebody, files, history, query, tables};

const LIST: &str = "/api/crm/customers";

async fn two(client: &Client) -> (Value, Value) {
    let a = json!({"name": "דנה כהן", "phone": "0501234567", "email": "dana@example.com", "tags": ["vip"],
        "status": "qualified"});
    let b = json!({"name": "דנה", "phone": "0521234567", "emails": ["dana@example.com", "d@example.com"],
        "tags": ["vip", "new"], "company": "אלון", "do_not_contact": true, "notes": "מעדיפה בוקר", "status": "contacted"});
    (client.post(LIST, a).await.ok(), client.post(LIST, b).await.ok())
}

fn path(customer: &Value) -> String {
    format!("{LIST}/{}", customer["id"])
}

async fn merge(client: &Client, kept: &Value, other: &Value) -> Value {
    let body = json!({"other_id": other["id"]});
    client.post(&format!("{}/merge", path(kept)), body).await.ok()
}

/// A customer as it was, whatever the time of the last change.
fn but_for_times(mut customer: Value) -> Value {
    let fields = customer.as_object_mut().expect("a customer");
    fields.remove("updated_at");
    fields.remove("merge_id");
    fields.remove("possible_duplicates");
    customer
}

async fn timeline(client: &Client, customer: &Value) -> Vec<String> {
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/customers/{}/timeline?limit=100{before}", customer["id"]);
        let page = client.get(&path).await.ok();
        let items = page["items"].as_array().expect("items").clone();
        seen.extend(items.iter().map(|item| format!("{} {}", item["type"], item["ref_id"])));
        match page["next_cursor"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return seen,
        }
    }
}

/// Whoever may read a table's foreign keys knows which tables speak of customers.
async fn speaks_of_customers(app: &TestApp) -> Vec<String> {
    let sql = match app.state.db.backend() {
        DbBackend::Postgres => {
            "SELECT r.relname || '.' || a.attname AS it FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid \
             CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k(own, theirs) \
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own \
             JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs \
             WHERE c.contype = 'f' AND c.confrelid = 'customers'::regclass AND b.attname = 'id'"
        }
        _ => {
            "SELECT t.name || '.' || f.\"from\" AS it FROM sqlite_master t, pragma_foreign_key_list(t.name) f \
             WHERE t.type = 'table' AND f.\"table\" = 'customers' AND f.\"to\" = 'id'"
        }
    };
    query(app, sql).await
}

/// Tables without a word about customers, each with the reason.
const NOTHING_PERSONAL: &[(&str, &str)] = &[
    ("businesses", "the business itself"),
    ("business_numbers", "the business's numbers"),
    ("users", "people of the business"),
    ("sessions", "people of the business"),
    ("refresh_tokens", "people of the business"),
    (
        "audit_log",
        "names of fields and ids only, because it is never rewritten",
    ),
    ("customers", "its row is blanked by name"),
    ("customer_statuses", "words of the business"),
    ("pipelines", "words of the business"),
    ("pipeline_stages", "words of the business"),
    ("search_tokens", "go with the records that they find"),
    ("search_trigrams", "go with the last customer who has the word"),
    ("custom_fields", "words of the business; the values are in customers"),
    ("invitations", "people of the business"),
    ("platform_defaults", "words of the platform"),
    ("audit_head", "the chain's ends"),
    ("audit_marks", "the chain's ends"),
    ("user_totp", "people of the business"),
    ("recovery_codes", "people of the business"),
    ("password_resets", "people of the business"),
    ("api_keys", "programs of the business"),
    ("notifications", "taken back by their links"),
    ("notification_preferences", "people of the business"),
    ("incidents", "the platform's"),
    ("push_subscriptions", "people of the business"),
    ("push_keys", "the server's"),
    ("customer_imports", "counts; the file goes when the import is done"),
    ("customer_bulks", "ids, filters and what is set"),
    ("exports", "counts; the file goes after a day"),
    ("whatsapp_links", "the business's own phone"),
    ("message_statuses", "ids of carriers"),
    ("whatsapp_deliveries", "for nobody here, or worked in at once and gone"),
    ("webhook_signatures", "the bridge's, for minutes"),
    ("message_templates", "words of the business"),
    ("canned_replies", "words of the business"),
    ("private_chats", "keyed hashes"),
    ("uploads", "go after a day"),
    ("jobs", "erased as traces"),
    ("outbox_events", "erased as traces"),
    ("idempotency_keys", "erased as traces"),
    ("job_schedules", "the clock's"),
    ("event_counter", "a number"),
    ("seaql_migrations", "the schema's"),
    ("sqlite_sequence", "numbers"),
    ("sqlite_stat1", "estimates"),
    ("sqlite_stat4", "samples for the planner, erased as traces"),
];

testkit::on_both_databases! {
    async fn every_table_that_refers_to_customers_has_its_place(app: &TestApp) {
        let referring = speaks_of_customers(app).await;
        assert!(referring.len() >= 8, "{referring:?}");
        for reference in referring {
            let known = PLACES.iter().any(|place| match place.link {
                Link::Column(column) => reference == format!("{}.{column}", place.table),
                Link::Through { .. } => false,
            });
            assert!(known, "{reference} refers to customers: say in crm/customers/places.rs what a merge and forgetting do to it");
        }
    }

    async fn every_table_is_known_to_hold_something_personal_or_not(app: &TestApp) {
        for table in tables(app).await {
            let placed = PLACES.iter().any(|place| place.table == table) || TYPED.iter().any(|(typed, _)| *typed == table);
            let clean = NOTHING_PERSONAL.iter().any(|(clean, _)| *clean == table);
            assert!(placed || clean, "{table} is new: give it a place in crm/customers/places.rs, or a reason here");
        }
        for place in PLACES {
            if let Link::Through { place: through, its, .. } = place.link {
                let parent = PLACES.iter().find(|parent| parent.table == through && parent.link == Link::Column(its));
                assert!(parent.is_some(), "{} is linked through {through}.{its}, which is no place", place.table);
                assert_ne!(place.merge, OnMerge::Move, "{} moves with {through}", place.table);
            }
        }
    }

    async fn the_kept_record_wins_and_is_filled(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        let merged = merge(&owner, &a, &b).await;
        assert_eq!(merged["id"], a["id"]);
        assert_eq!(merged["name"], "דנה כהן");
        assert_eq!(merged["status"], "qualified");
        assert_eq!(merged["company"], "אלון");
        assert_eq!(merged["notes"], "מעדיפה בוקר");
        assert_eq!(merged["tags"], json!(["vip", "new"]));
        assert_eq!(merged["phones"], json!(["+972501234567", "+972521234567"]));
        assert_eq!(merged["emails"], json!(["dana@example.com", "d@example.com"]));
        assert_eq!(merged["do_not_contact"], true, "who asked to be left alone has asked");
        let found = owner.get(&format!("{LIST}?phone=0521234567")).await.ok();
        assert_eq!(found["results"][0]["id"], a["id"]);
        assert_eq!(owner.get(LIST).await.ok()["total"], 1);
        assert_eq!(owner.get(&format!("{LIST}?deleted=true")).await.ok()["total"], 0);

        let gone = owner.get(&path(&b)).await.problem(410, "merged");
        assert_eq!(gone["merged_into"], a["id"]);
        owner.patch(&path(&b), json!({"name": "x"})).await.problem(410, "merged");
        owner.post(&format!("{}/restore", path(&b)), json!({})).await.problem(410, "merged");
        owner.post(&format!("{}/forget", path(&b)), json!({"reason": "x"})).await.problem(410, "merged");
        owner.get(&format!("/api/customers/{}/timeline", b["id"])).await.problem(410, "merged");

        let told = owner.get(&format!("/api/customers/{}/timeline?types=change", a["id"])).await.ok();
        assert_eq!(told["items"][0]["data"]["not_taken"]["name"], "דנה", "what was not taken stands on the timeline");
        assert_eq!(told["items"][0]["data"]["not_taken"]["status"], "contacted");
        assert_eq!(told["items"][0]["data"]["user_name"], "owner");
        let audited = query(app, "SELECT CAST(changes AS TEXT) AS it FROM audit_log WHERE action = 'customer.merged'").await;
        assert!(audited[0].contains("other_id"), "{audited:?}");
        let screens = query(app, "SELECT CAST(payload AS TEXT) AS it FROM outbox_events WHERE name = 'customer:updated'").await;
        assert!(screens.iter().any(|payload| payload.contains("merged_into")), "{screens:?}");
    }

    async fn all_that_both_were_known_by_is_shown_and_found(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        owner.patch(&path(&b), json!({"name": "שולמית גרינברג"})).await.ok();
        let c = owner.post(LIST, json!({"name": "דנה כהן לוי"})).await.ok();
        merge(&owner, &a, &b).await;
        let merged = owner.post(&format!("{}/merge", path(&c)), json!({"other_id": a["id"]})).await.ok();
        let names = json!(["דנה כהן", "שולמית גרינברג"]);
        assert_eq!(merged["former_names"], names);
        let found = async |q: &str| {
            let list = owner.send(owner.request(Method::GET, LIST).query(&[("q", q)])).await.ok();
            list["results"].as_array().expect("results").iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
        };
        for q in ["גרינברג", "שולמית", "0521234567", "1234567", "d@example.com", "לוי"] {
            assert_eq!(found(q).await, [c["id"].clone()], "{q}");
        }
        let renamed = owner.patch(&path(&c), json!({"name": "דנה לוי"})).await.ok();
        assert_eq!(renamed["former_names"], names);
        assert_eq!(found("גרינברג").await, [c["id"].clone()], "after another change");
        let undo = format!("{LIST}/merges/{}/undo", merged["merge_id"]);
        owner.post(&undo, json!({})).await.ok();
        assert_eq!(found("גרינברג").await, [a["id"].clone()], "with whom she went");
        assert_eq!(owner.get(&path(&c)).await.ok()["former_names"], json!([]));
    }

    async fn a_merge_is_refused_for_what_it_can_not_be(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        let theirs = app.sign_in(&app.b.owner).await.post(LIST, json!({"name": "זר"})).await.ok();
        let target = format!("{}/merge", path(&a));
        owner.post(&target, json!({"other_id": a["id"]})).await.problem(422, "invalid");
        owner.post(&target, json!({"other_id": theirs["id"]})).await.problem(422, "invalid");
        owner.post(&target, json!({})).await.problem(400, "missing_field");
        app.sign_in(&app.a.agent).await.post(&target, json!({"other_id": b["id"]})).await.problem(403, "forbidden");
        app.sign_in(&app.b.owner).await.post(&target, json!({"other_id": theirs["id"]})).await.problem(404, "not_found");
        merge(&owner, &a, &b).await;
        owner.post(&target, json!({"other_id": b["id"]})).await.problem(410, "merged");
    }

    async fn a_chain_of_merges_leads_to_its_end_and_back(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        let c = owner.post(LIST, json!({"name": "דנה כ", "phone": "0531234567"})).await.ok();
        let first = merge(&owner, &a, &b).await;
        let second = merge(&owner, &c, &a).await;
        assert_eq!(owner.get(&path(&b)).await.problem(410, "merged")["merged_into"], c["id"]);
        let undo = |merged: &Value| format!("{LIST}/merges/{}/undo", merged["merge_id"]);
        owner.post(&undo(&first), json!({})).await.problem(410, "merged");
        let back = owner.post(&undo(&second), json!({})).await.ok();
        assert_eq!(but_for_times(back), but_for_times(first.clone()));
        let back = owner.post(&undo(&first), json!({})).await.ok();
        assert_eq!(but_for_times(back), but_for_times(b));
        assert_eq!(but_for_times(owner.get(&path(&a)).await.ok()), but_for_times(a.clone()));
        assert_eq!(but_for_times(owner.get(&path(&c)).await.ok()), but_for_times(c));
        owner.post(&undo(&first), json!({})).await.problem(409, "already_undone");
        let merges = owner.get(&format!("{}/merges", path(&a))).await.ok();
        assert!(merges["results"][0]["undone_at"].is_string(), "{merges}");
    }

    async fn what_was_changed_since_a_merge_stays_when_it_is_undone(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        let merged = merge(&owner, &a, &b).await;
        owner.patch(&path(&a), json!({"company": "ברוש", "phones": ["+972501234567"]})).await.ok();
        owner.post(LIST, json!({"name": "רות", "phone": "0521234567"})).await.ok();
        let task = owner.post("/api/tasks", json!({"title": "x", "customer_id": a["id"]})).await.ok();
        let undo = format!("{LIST}/merges/{}/undo", merged["merge_id"]);
        let back = owner.post(&undo, json!({})).await.ok();
        assert_eq!(back["phones"], json!([]), "somebody else has the phone by now");
        assert_eq!(back["company"], "אלון");
        let kept = owner.get(&path(&a)).await.ok();
        assert_eq!((&kept["company"], &kept["notes"]), (&json!("ברוש"), &Value::Null));
        assert_eq!(owner.get(&format!("/api/tasks/{}", task["id"])).await.ok()["customer_id"], a["id"]);
    }

    async fn an_admin_of_another_business_merges_undoes_and_writes_notes(app: &TestApp) {
        let owner = app.sign_in(&app.b.owner).await;
        let admin = app.sign_in(&app.admin).await;
        let (kept, other) = two(&owner).await;
        let merged = merge(&admin, &kept, &other).await;
        admin.post(&format!("{LIST}/merges/{}/undo", merged["merge_id"]), json!({})).await.ok();
        let merges = owner.get(&format!("{}/merges", path(&kept))).await.ok();
        assert_eq!(merges["results"][0]["merged_by_id"], Value::Null);
        assert_eq!(merges["results"][0]["undone_by_id"], Value::Null);
        assert_ne!(merges["results"][0]["undone_at"], Value::Null);
        let note = admin.post(&format!("{}/notes", path(&kept)), json!({"text": "טופל"})).await.ok();
        assert_eq!(note["author_id"], Value::Null);
        app.leaves_jobs();
    }

    async fn a_merge_can_be_undone_for_thirty_days(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        let merged = merge(&owner, &a, &b).await;
        app.advance(chrono::TimeDelta::days(31));
        let owner = app.sign_in(&app.a.owner).await;
        owner.post(&format!("{LIST}/merges/{}/undo", merged["merge_id"]), json!({})).await.problem(409, "too_late");
    }

    async fn what_a_running_call_writes_goes_to_the_kept_customer(app: &TestApp) {
        use app::crm::customers::actions;
        use kernel::CustomerId;
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        merge(&owner, &a, &b).await;
        let id = CustomerId::new(b["id"].as_i64().expect("an id"));
        let tx = app.state.db.write(&crate::histories::job_scope(app.a.id)).await.expect("a transaction");
        let contact = actions::Contact { need: Some("דירה".to_owned()), ..actions::Contact::default() };
        actions::save_contact(&tx, id, contact).await.expect("saved");
        actions::touch(&tx, id, app.clock.now()).await.expect("touched");
        tx.commit().await.expect("committed");
        let now = owner.get(&path(&a)).await.ok();
        assert_eq!(now["need"], "דירה");
        assert!(now["last_contact_at"].is_string());
    }

    async fn what_was_written_while_they_were_merged_is_gathered(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (a, b) = two(&owner).await;
        let task = owner.post("/api/tasks", json!({"title": "x"})).await.ok();
        merge(&owner, &a, &b).await;
        // a transaction that had read the other customer before
        let ids = vec![b["id"].as_i64().into(), task["id"].as_i64().into()];
        app.sql("UPDATE tasks SET customer_id = $1 WHERE id = $2", ids).await;
        app.advance(chrono::TimeDelta::minutes(2));
        app.jobs_done().await;
        assert_eq!(owner.get(&format!("/api/tasks/{}", task["id"])).await.ok()["customer_id"], a["id"]);
    }

    async fn no_row_event_or_file_is_lost_by_random_merges(app: &TestApp) {
        for seed in 0..5_u64 {
            let owner = app.sign_in(&app.a.owner).await;
            let mut dice = Dice::new(seed + 1);
            let a = Somebody::make(&owner, seed * 10 + 1, &mut dice).await;
            let b = Somebody::make(&owner, seed * 10 + 2, &mut dice).await;
            for _ in 0..dice.roll(14) {
                let who = if dice.likely() { &b } else { &a };
                who.live(app, &owner, &mut dice).await;
            }
            app.jobs_done().await;
            let (of_a, of_b, kept_files) = (history(app, a.id).await, history(app, b.id).await, files(app));
            let (view_a, view_b) = (owner.get(&a.path()).await.ok(), owner.get(&b.path()).await.ok());
            let events: BTreeSet<String> = [timeline(&owner, &view_a).await, timeline(&owner, &view_b).await].concat().into_iter().collect();

            let merged = merge(&owner, &view_a, &view_b).await;
            let now: BTreeSet<String> = history(app, a.id).await.into_iter().collect();
            for row in of_a.iter().chain(&of_b) {
                assert!(now.contains(row), "seed {seed}: {row} is lost");
            }
            assert_eq!(now.len(), of_a.len() + of_b.len() + 1, "seed {seed}: the merge itself is one event more");
            assert_eq!(history(app, b.id).await, Vec::<String>::new(), "seed {seed}");
            let told: BTreeSet<String> = timeline(&owner, &view_a).await.into_iter().collect();
            assert!(events.is_subset(&told), "seed {seed}: {events:?} {told:?}");
            assert_eq!(files(app), kept_files, "seed {seed}");
            for list in ["phones", "emails", "tags"] {
                for one in view_a[list].as_array().expect("a list").iter().chain(view_b[list].as_array().expect("a list")) {
                    assert!(merged[list].as_array().expect("a list").contains(one), "seed {seed}: {list} {one}");
                }
            }

            owner.post(&format!("{LIST}/merges/{}/undo", merged["merge_id"]), json!({})).await.ok();
            let told_of = |customer: &Somebody| format!("SELECT 'timeline_events:' || id AS it FROM timeline_events WHERE customer_id = {} AND ref_id LIKE '%merge:%'", customer.id);
            for (who, had, view) in [(&a, &of_a, &view_a), (&b, &of_b, &view_b)] {
                let of_merge = query(app, &told_of(who)).await;
                let now: Vec<String> = history(app, who.id).await.into_iter().filter(|row| !of_merge.contains(row)).collect();
                assert_eq!(&now, had, "seed {seed}");
                assert_eq!(but_for_times(owner.get(&who.path()).await.ok()), but_for_times(view.clone()), "seed {seed}");
            }
        }
        app.advance(chrono::TimeDelta::minutes(2));
    }
}
