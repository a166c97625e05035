//! Customers: made, found, changed and kept apart.

use std::collections::BTreeSet;

use app::crm::customers::{actions, store};
use kernel::{Actor, BusinessId, CustomerId, PermissionSet, Phone, Reach, Scope, Visibility};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Client;

const LIST: &str = "/api/crm/customers";

async fn new_customer(client: &Client, body: Value) -> Value {
    client.post(LIST, body).await.status(201)
}

fn path(customer: &Value) -> String {
    format!("{LIST}/{}", customer["id"])
}

/// The names that a query finds, in the list's order.
async fn names(client: &Client, query: &[(&str, &str)]) -> Vec<String> {
    let request = client.request(Method::GET, LIST).query(query);
    let list = client.send(request).await.ok();
    let results = list["results"].as_array().expect("results");
    assert_eq!(list["total"], results.len(), "{list}");
    results
        .iter()
        .map(|row| row["name"].as_str().expect("a name").to_owned())
        .collect()
}

async fn patch_seen(client: &Client, path: &str, tag: &str, body: Value) -> testkit::Answer {
    let request = client.request(Method::PATCH, path).header("If-Match", tag).json(&body);
    client.send(request).await
}

fn job_scope(business: i64) -> Scope {
    let reach = Reach::One(BusinessId::new(business));
    Scope::mint(
        reach,
        Actor::Job("test"),
        PermissionSet::default(),
        Visibility::All,
        "test",
    )
}

testkit::on_both_databases! {
    async fn a_customer_is_made_and_read_back(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/custom_fields", json!({"key": "a", "label": "A", "kind": "number"})).await.status(201);
        let body = json!({
            "name": "  דנה כהן ", "phone": "050-123-4567", "phones": ["03-5551234"], "emails": ["Dana@Example.com"],
            "company": "כהן ובניו", "tax_id": "123456782", "address": "הרצל 1\nחיפה", "status": "qualified",
            "source": "manual", "owner_id": app.a.agent.id, "tags": ["vip", "vip"], "notes": "x", "custom": {"a": 1, "b": null},
            "do_not_contact": true, "language": "he-IL",
        });
        let made = new_customer(&owner, body).await;
        let answer = owner.get(&path(&made)).await;
        assert_eq!(answer.header("etag"), Some("\"1\""));
        let read = answer.ok();
        assert_eq!(read["name"], "דנה כהן");
        assert_eq!(read["phone"], "+972501234567");
        assert_eq!(read["phones"], json!(["+972501234567", "+97235551234"]));
        assert_eq!(read["email"], "dana@example.com");
        assert_eq!(read["tags"], json!(["vip"]));
        assert_eq!(read["custom"], json!({"a": 1}));
        assert_eq!(read["business_id"], app.a.id);
        assert_eq!(read["owner_id"], app.a.agent.id);
        assert_eq!(made["possible_duplicates"], json!([]));
        for (name, value) in read.as_object().expect("an object") {
            assert_eq!(&made[name], value, "{name}");
        }
    }

    async fn a_filter_has_no_more_conditions_than_anybody_needs(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let keys = |many: usize| (0..many).map(|n| (format!("custom.k{n}"), json!("1"))).collect::<serde_json::Map<_, _>>();
        let query = |many: usize| keys(many).keys().map(|key| format!("{key}=1")).collect::<Vec<_>>().join("&");
        owner.get(&format!("{LIST}?{}", query(20))).await.ok();
        owner.get(&format!("{LIST}?{}", query(21))).await.problem(422, "invalid");
        owner.get(&format!("{LIST}?{}", query(1_000))).await.problem(422, "invalid");
        owner.get(&format!("{LIST}?status={}", ["new"; 21].join(","))).await.problem(422, "invalid");
        let bulk = json!({"filter": keys(40_000), "add_tags": ["x"]});
        owner.post("/api/crm/customers/bulk", bulk).await.problem(422, "invalid");
    }

    async fn a_body_is_refused_for_what_is_wrong_in_it(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        owner.post(LIST, json!({})).await.problem(400, "name_required");
        owner.post(LIST, json!({"name": " "})).await.problem(400, "name_required");
        let problem = owner.post(LIST, json!({"name": "x", "phone": "12"})).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], "phone");
        for body in [
            json!({"name": 1}), json!({"name": "x", "nmae": "y"}), json!({"name": "x", "tags": "vip"}),
            json!({"name": "x".repeat(300)}), json!({"name": "a\u{0}b"}), json!({"name": "x", "custom": {"k": "\u{0}"}}),
            json!({"name": "x", "owner_id": app.b.owner.id}), json!({"name": "x", "owner_id": i64::MAX}),
            json!({"name": "x", "owner_id": "1"}), json!({"name": "x", "status": "hot"}), json!({"name": "x", "tax_id": "123"}),
            json!([]),
        ] {
            owner.post(LIST, body.clone()).await.problem(422, "invalid");
        }
        owner.send(owner.request(Method::POST, LIST).header("content-type", "application/json").body("{")).await
            .problem(400, "invalid_json");
        assert_eq!(names(&owner, &[]).await, Vec::<String>::new(), "nothing was made");
    }

    async fn another_business_sees_and_changes_nothing(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let theirs = new_customer(&owner, json!({"name": "דנה", "phone": "0501234567"})).await;
        let stranger = app.sign_in(&app.b.owner).await;
        stranger.get(&path(&theirs)).await.problem(404, "not_found");
        stranger.patch(&path(&theirs), json!({"name": "x"})).await.problem(404, "not_found");
        stranger.post(&format!("{}/block", path(&theirs)), json!({"blocked": true})).await.problem(404, "not_found");
        stranger.post(&format!("{}/not_customer", path(&theirs)), json!({})).await.problem(404, "not_found");
        for query in [vec![], vec![("q", "דנה")], vec![("q", "4567")], vec![("phone", "0501234567")]] {
            assert_eq!(names(&stranger, &query).await, Vec::<String>::new());
        }
        stranger.get(&format!("{LIST}?business_id={}", app.a.id)).await.problem(404, "not_found");
        stranger.post(LIST, json!({"name": "x", "business_id": app.a.id})).await.problem(404, "not_found");
        // The phone is taken in the other business only.
        new_customer(&stranger, json!({"name": "גם דנה", "phone": "0501234567"})).await;
    }

    async fn an_admin_works_in_every_business(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let made = new_customer(&admin, json!({"name": "דנה", "business_id": app.b.id})).await;
        assert_eq!(made["business_id"], app.b.id);
        new_customer(&admin, json!({"name": "דנה"})).await;
        assert_eq!(names(&admin, &[("q", "דנה")]).await.len(), 2);
        let own = app.b.id.to_string();
        assert_eq!(names(&admin, &[("q", "דנה"), ("business_id", &own)]).await.len(), 1);
        let changed = admin.patch(&path(&made), json!({"name": "רות"})).await.ok();
        assert_eq!(changed["name"], "רות");
        assert_eq!(names(&app.sign_in(&app.b.owner).await, &[]).await, ["רות"]);
    }

    async fn what_is_no_id_is_not_found(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for id in ["abc", "0", "-1", "999999999999999999999", "1.5", "%00"] {
            owner.get(&format!("{LIST}/{id}")).await.problem(404, "not_found");
        }
    }

    async fn a_phone_has_one_customer(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let first = new_customer(&owner, json!({"name": "דנה", "phones": ["0501234567", "0521234567"]})).await;
        let refused = owner.post(LIST, json!({"name": "רות", "phone": "+972 52-123-4567"})).await.problem(409, "duplicate_phone");
        assert_eq!(refused["existing_id"], first["id"]);
        let second = new_customer(&owner, json!({"name": "רות", "phone": "0541234567"})).await;
        let refused = owner.patch(&path(&second), json!({"phone": "0501234567"})).await.problem(409, "duplicate_phone");
        assert_eq!(refused["existing_id"], first["id"]);
        assert_eq!(owner.get(&path(&second)).await.ok()["phones"], json!(["+972541234567"]), "nothing changed");
        // Given up by one, it is free for the other.
        owner.patch(&path(&first), json!({"phones": ["0521234567"]})).await.ok();
        owner.patch(&path(&second), json!({"phone": "0501234567"})).await.ok();
    }

    async fn many_at_once_with_one_phone_make_one_customer(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let all = (0..8).map(|n| owner.post(LIST, json!({"name": format!("דנה {n}"), "phone": "0501234567"})));
        let all: Vec<_> = futures::future::join_all(all).await.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(all.iter().filter(|status| **status == 201).count(), 1, "{all:?}");
        assert_eq!(all.iter().filter(|status| **status == 409).count(), 7, "{all:?}");
        assert_eq!(names(&owner, &[]).await.len(), 1);
    }

    async fn a_caller_is_made_a_customer_once(app: &TestApp) {
        let phone = Phone::parse("0501234567").expect("a phone");
        let scope = job_scope(app.a.id);
        let find = async || {
            let tx = app.state.db.write(&scope).await.expect("a transaction");
            let found = actions::find_or_create_by_phone(&tx, &phone, None, "call").await.expect("a customer");
            tx.commit().await.expect("committed");
            found
        };
        let found = futures::future::join_all((0..5).map(|_| find())).await;
        let ids: BTreeSet<i64> = found.iter().map(|found| found.customer.id).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(found.iter().filter(|found| found.created).count(), 1);
        let owner = app.sign_in(&app.a.owner).await;
        let list = owner.get(LIST).await.ok();
        assert_eq!(list["total"], 1);
        assert_eq!(list["results"][0]["name"], "+972501234567");
        assert_eq!(list["results"][0]["source"], "call");
        assert_eq!(names(&owner, &[("q", "4567")]).await, ["+972501234567"]);
    }

    async fn what_the_agent_learns_does_not_write_over_a_persons_work(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let scope = job_scope(app.a.id);
        let phone = Phone::parse("0501234567").expect("a phone");
        let tx = app.state.db.write(&scope).await.expect("a transaction");
        let lead = actions::find_or_create_by_phone(&tx, &phone, None, "call").await.expect("a customer").customer;
        let said = |name: &str| actions::Contact {
            name: Some(name.to_owned()),
            need: Some("דירה".to_owned()),
            email: Some("Dana@Example.com".to_owned()),
            callback_at: None,
            call_id: Some(7),
        };
        actions::save_contact(&tx, lead.record_id(), said("דני")).await.expect("saved");
        actions::save_contact(&tx, lead.record_id(), said("דנה")).await.expect("saved");
        tx.commit().await.expect("committed");
        let lead = path(&json!({"id": lead.id}));
        let now = owner.get(&lead).await.ok();
        assert_eq!((&now["name"], &now["need"], &now["email"]), (&json!("דנה"), &json!("דירה"), &json!("dana@example.com")));
        assert_eq!(names(&owner, &[("q", "דנה")]).await, ["דנה"]);
        let nobody = owner.send(owner.request(Method::GET, LIST).query(&[("q", "דני")])).await.ok();
        assert_eq!(nobody["did_you_mean"], "דנה", "nobody is called that any more");

        owner.patch(&lead, json!({"name": "דנה כהן", "status": "contacted"})).await.ok();
        let id = CustomerId::new(now["id"].as_i64().expect("an id"));
        let tx = app.state.db.write(&scope).await.expect("a transaction");
        actions::save_contact(&tx, id, said("בעלה של דנה")).await.expect("saved");
        tx.commit().await.expect("committed");
        assert_eq!(owner.get(&lead).await.ok()["name"], "דנה כהן");
        let events = owner.get(&format!("/api/customers/{id}/timeline?types=ai")).await.ok();
        assert_eq!(events["items"][0]["data"]["name"], "בעלה של דנה");
    }

    async fn last_contact_only_moves_forward(app: &TestApp) {
        let scope = job_scope(app.a.id);
        let phone = Phone::parse("0501234567").expect("a phone");
        let tx = app.state.db.write(&scope).await.expect("a transaction");
        let lead = actions::find_or_create_by_phone(&tx, &phone, None, "call").await.expect("a customer").customer;
        let (early, late) = (tx.now(), tx.now() + chrono::TimeDelta::hours(1));
        actions::touch(&tx, lead.record_id(), late).await.expect("touched");
        actions::touch(&tx, lead.record_id(), early).await.expect("touched");
        let now = store::get(&tx, lead.record_id()).await.expect("the customer");
        assert_eq!(now.last_contact_at, Some(late));
        assert_eq!(now.version, 1, "no client has to read it anew for that");
    }

    async fn a_stale_write_is_refused(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = new_customer(&owner, json!({"name": "דנה"})).await;
        let first = patch_seen(&owner, &path(&made), "\"1\"", json!({"name": "רות"})).await;
        assert_eq!(first.header("etag"), Some("\"2\""));
        patch_seen(&owner, &path(&made), "\"1\"", json!({"name": "נועה"})).await.problem(412, "stale");
        assert_eq!(owner.get(&path(&made)).await.ok()["name"], "רות");
        patch_seen(&owner, &path(&made), "*", json!({"name": "נועה"})).await.ok();
    }

    async fn two_at_once_from_one_version_do_not_both_win(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = new_customer(&owner, json!({"name": "דנה"})).await;
        let target = path(&made);
        let all = (0..6).map(|n| patch_seen(&owner, &target, "\"1\"", json!({"notes": n.to_string()})));
        let all: Vec<_> = futures::future::join_all(all).await.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(all.iter().filter(|status| **status == 200).count(), 1, "{all:?}");
        assert_eq!(all.iter().filter(|status| **status == 412).count(), 5, "{all:?}");
    }

    async fn null_empties_what_is_not_mentioned_stays(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = new_customer(&owner, json!({"name": "דנה", "company": "א", "notes": "ב", "phones": ["0501234567", "0521234567"]})).await;
        let changed = owner.patch(&path(&made), json!({"company": null, "phone": null})).await.ok();
        assert_eq!(changed["company"], Value::Null);
        assert_eq!(changed["notes"], "ב");
        assert_eq!(changed["phones"], json!(["+972521234567"]));
        owner.patch(&path(&made), json!({"name": null})).await.problem(400, "name_required");
        let unchanged = owner.patch(&path(&made), json!({"notes": "ב"})).await;
        assert_eq!(unchanged.header("etag"), Some("\"2\""), "nothing changed, so nothing was written");
    }

    async fn people_alike_are_told_at_creation(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let first = new_customer(&owner, json!({"name": "דנה כהן", "email": "dana@example.com"})).await;
        let second = new_customer(&owner, json!({"name": "כֹּהֵן, דנה"})).await;
        assert_eq!(second["possible_duplicates"], json!([first["id"]]));
        let third = new_customer(&owner, json!({"name": "ד. לוי", "email": "DANA@example.com"})).await;
        assert_eq!(third["possible_duplicates"], json!([first["id"]]));
        let stranger = app.sign_in(&app.b.owner).await;
        let theirs = new_customer(&stranger, json!({"name": "דנה כהן", "email": "dana@example.com"})).await;
        assert_eq!(theirs["possible_duplicates"], json!([]));
    }

    async fn a_search_finds_names_phones_and_addresses(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        new_customer(&owner, json!({"name": "דָּנָה הכהן", "phone": "0501234567", "email": "dana.c@example.com"})).await;
        app.advance(chrono::TimeDelta::seconds(1));
        new_customer(&owner, json!({"name": "John Smith", "company": "באר־שבע 99 בע״מ", "phone": "+442079460958"})).await;
        for (query, found) in [
            ("דנה", 1), ("כהן", 1), ("ולכהן", 1), ("כה דנ", 1), ("נה", 0), ("דנה לוי", 0), ("smi", 1), ("שבע", 1), ("בעמ", 1), ("99", 1),
            ("4567", 1), ("050-123-4567", 1), ("+972 50", 1), ("0958", 1), ("9999", 0), ("dana.c@", 1), ("DANA", 1), ("example", 0),
            ("כהן 4567", 1), ("כהן 0958", 0), ("!!!", 0), ("%", 0), ("_", 0), ("'; DROP TABLE customers", 0), (" ", 2),
        ] {
            assert_eq!(names(&owner, &[("q", query)]).await.len(), found, "{query}");
        }
        let long = "דנה ".repeat(200);
        assert_eq!(names(&owner, &[("q", &long)]).await.len(), 1);
    }

    async fn a_changed_name_is_found_and_the_old_one_is_not(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = new_customer(&owner, json!({"name": "דנה", "company": "אלון", "phone": "0501234567"})).await;
        owner.patch(&path(&made), json!({"name": "רות", "company": null, "phone": "0521111111"})).await.ok();
        for (query, found) in [("דנה", 0), ("אלון", 0), ("4567", 0), ("רות", 1), ("1111", 1)] {
            assert_eq!(names(&owner, &[("q", query)]).await.len(), found, "{query}");
        }
    }

    async fn filters_narrow_the_list(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let me = app.a.owner.id.to_string();
        new_customer(&owner, json!({"name": "א", "status": "new", "source": "call", "owner_id": app.a.owner.id})).await;
        app.advance(chrono::TimeDelta::days(2));
        let owner = app.sign_in(&app.a.owner).await;
        new_customer(&owner, json!({"name": "ב", "status": "customer", "phone": "0501234567", "email": "b@example.com"})).await;
        for (filter, found) in [
            (("status", "new"), "א"), (("status", "customer"), "ב"), (("owner_id", me.as_str()), "א"), (("owner_id", "none"), "ב"),
            (("source", "call"), "א"), (("phone", "050-1234567"), "ב"), (("email", "B@example.com"), "ב"),
            (("created_from", "2026-11-19"), "ב"), (("created_to", "2026-11-19T00:00:00+02:00"), "א"),
        ] {
            assert_eq!(names(&owner, &[filter]).await, [found], "{filter:?}");
        }
        assert_eq!(names(&owner, &[("sort", "name")]).await, ["א", "ב"]);
        assert_eq!(names(&owner, &[]).await, ["ב", "א"], "the newest first");
        for wrong in ["status=HOT", "owner_id=x", "created_from=yesterday", "phone=abc", "email=abc", "not_customer=maybe", "source=%00"] {
            owner.get(&format!("{LIST}?{wrong}")).await.problem(422, "invalid");
        }
        owner.get(&format!("{LIST}?sort=notes")).await.problem(400, "invalid_sort");
        owner.get(&format!("{LIST}?limit=0")).await.problem(400, "invalid_paging");
        owner.get(&format!("{LIST}?cursor=x")).await.problem(400, "invalid_cursor");
    }

    async fn a_cursor_walks_every_row_once_in_every_order(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for n in 0..11 {
            if n % 3 == 0 {
                app.advance(chrono::TimeDelta::seconds(1));
            }
            new_customer(&owner, json!({"name": format!("לקוח {}", n % 4)})).await;
        }
        for sort in ["-created_at", "created_at", "name", "-name", "last_contact_at", "-last_contact_at", "status"] {
            let mut seen = Vec::new();
            let mut cursor = None::<String>;
            loop {
                let mut query = vec![("sort", sort.to_owned()), ("limit", "4".to_owned())];
                query.extend(cursor.map(|cursor| ("cursor", cursor)));
                let list = owner.send(owner.request(Method::GET, LIST).query(&query)).await.ok();
                assert_eq!(list["total"], 11);
                seen.extend(list["results"].as_array().expect("results").iter().map(|row| row["id"].as_i64().expect("an id")));
                match list["next_cursor"].as_str() {
                    Some(next) => cursor = Some(next.to_owned()),
                    None => break,
                }
            }
            let once: BTreeSet<i64> = seen.iter().copied().collect();
            assert_eq!((seen.len(), once.len()), (11, 11), "{sort}: {seen:?}");
        }
    }

    async fn who_is_no_customer_leaves_the_lists_and_comes_back(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let made = new_customer(&agent, json!({"name": "ספק", "phone": "0501234567"})).await;
        let mark = format!("{}/not_customer", path(&made));
        agent.post(&mark, json!({"reason": "enemy"})).await.problem(422, "invalid");
        agent.post(&mark, json!({})).await.problem(400, "missing_field");
        assert_eq!(agent.post(&mark, json!({"reason": "supplier"})).await.ok()["not_customer"], "supplier");
        assert_eq!(names(&agent, &[]).await, Vec::<String>::new());
        assert_eq!(names(&agent, &[("q", "ספק")]).await, Vec::<String>::new());
        assert_eq!(names(&agent, &[("not_customer", "true")]).await, ["ספק"]);
        agent.get(&path(&made)).await.ok();
        agent.post(LIST, json!({"name": "x", "phone": "0501234567"})).await.problem(409, "duplicate_phone");
        agent.post(&mark, json!({"reason": null})).await.ok();
        assert_eq!(names(&agent, &[]).await, ["ספק"]);
    }

    async fn a_caller_can_be_blocked_and_let_in_again(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = new_customer(&owner, json!({"name": "דנה"})).await;
        let block = format!("{}/block", path(&made));
        owner.post(&block, json!({})).await.problem(400, "missing_field");
        assert_eq!(owner.post(&block, json!({"blocked": true})).await.ok()["blocked"], true);
        assert_eq!(names(&owner, &[("blocked", "true")]).await, ["דנה"]);
        assert_eq!(owner.post(&block, json!({"blocked": false})).await.ok()["blocked"], false);
    }

    async fn a_change_is_told_to_timeline_screens_and_audit(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = new_customer(&owner, json!({"name": "דנה"})).await;
        owner.patch(&path(&made), json!({"name": "רות", "notes": "סוד"})).await.ok();
        let events = owner.get(&format!("/api/customers/{}/timeline", made["id"])).await.ok();
        let change = &events["items"][0];
        assert_eq!(change["type"], "change");
        assert_eq!(change["data"]["changes"]["name"], json!({"from": "דנה", "to": "רות"}));
        assert_eq!(change["data"]["user_id"], app.a.owner.id);

        let tx = app.state.db.system_read("test: what was written").await.expect("a transaction");
        let rows = |table: &str, column: &str| {
            let sql = format!("SELECT {column} AS it FROM {table} ORDER BY id");
            let tx = &tx;
            async move {
                use sea_orm::{ConnectionTrait, Statement};
                let rows = tx.conn().query_all_raw(Statement::from_string(app.state.db.backend(), sql)).await.expect("rows");
                rows.iter().map(|row| row.try_get::<String>("", "it").expect("a text")).collect::<Vec<_>>()
            }
        };
        let told = rows("outbox_events", "name").await;
        assert_eq!(told.iter().filter(|name| *name == "customer:updated").count(), 2, "{told:?}");
        let audited = rows("audit_log", "action").await;
        assert!(audited.iter().any(|action| action == "customer.created"), "{audited:?}");
        assert!(audited.iter().any(|action| action == "customer.updated"), "{audited:?}");
        let changes = rows("audit_log", "CAST(changes AS TEXT)").await.join(" ");
        assert!(!changes.contains("סוד"), "a note's text does not go into the audit log");
    }
}
