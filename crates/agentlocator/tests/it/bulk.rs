//! One change for many customers, and its undoing.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, eventually};

const BULK: &str = "/api/crm/customers/bulk";
const LIST: &str = "/api/crm/customers";

async fn made(client: &Client, body: Value) -> Value {
    client.post(LIST, body).await.status(201)
}

async fn read(client: &Client, customer: &Value) -> Value {
    client.get(&format!("{LIST}/{}", customer["id"])).await.ok()
}

async fn ended(client: &Client, path: &str) -> Value {
    eventually("the bulk edit's end", || async {
        let bulk = client.get(path).await.ok();
        let over = ["done", "failed", "undone"].contains(&bulk["status"].as_str().expect("a status"));
        over.then_some(bulk)
    })
    .await
}

/// The edit's path, and the edit after its end.
async fn edited(client: &Client, body: Value) -> (String, Value) {
    let accepted = client.post(BULK, body).await.status(202);
    let path = format!("/api/crm/bulk/{}", accepted["id"]);
    let bulk = ended(client, &path).await;
    assert_eq!(bulk["status"], "done", "{bulk}");
    (path, bulk)
}

async fn total(client: &Client, query: &[(&str, &str)]) -> u64 {
    let list = client.send(client.request(Method::GET, LIST).query(query)).await.ok();
    list["total"].as_u64().expect("a total")
}

testkit::on_both_databases! {
    async fn the_chosen_are_changed_and_put_back(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for (key, kind) in [("k", "number"), ("m", "boolean")] {
            owner.post("/api/custom_fields", json!({"key": key, "label": key, "kind": kind})).await.status(201);
        }
        let unknown = json!({"ids": [1], "set": {"custom": {"unknown": 1}}});
        owner.post(BULK, unknown).await.problem(422, "invalid");
        let a = made(&owner, json!({"name": "A", "phone": "0501111111", "tags": ["old", "x"], "custom": {"k": 1}})).await;
        let b = made(&owner, json!({"name": "B", "status": "customer"})).await;
        let c = made(&owner, json!({"name": "C"})).await;
        let before = [read(&owner, &a).await, read(&owner, &b).await];
        let (path, bulk) = edited(&owner, json!({
            "ids": [a["id"], b["id"], a["id"]],
            "set": {"status": "contacted", "owner_id": app.a.agent.id, "custom": {"m": true}},
            "add_tags": ["vip"], "remove_tags": ["old"],
        })).await;
        assert_eq!((&bulk["rows"], &bulk["done"], &bulk["changed"]), (&json!(2), &json!(2), &json!(2)));
        let now = read(&owner, &a).await;
        assert_eq!((&now["status"], &now["owner_id"]), (&json!("contacted"), &json!(app.a.agent.id)));
        assert_eq!((&now["tags"], &now["custom"]), (&json!(["x", "vip"]), &json!({"k": 1, "m": true})));
        assert_eq!((&now["phones"], &read(&owner, &c).await["status"]), (&json!(["+972501111111"]), &json!("new")));
        let timeline = owner.get(&format!("/api/customers/{}/timeline?types=change", a["id"])).await.ok();
        assert_eq!(timeline["items"][0]["data"]["changes"]["status"], json!({"from": "new", "to": "contacted"}));
        owner.post(&format!("{path}/undo"), json!({})).await.status(202);
        let bulk = ended(&owner, &path).await;
        assert_eq!((&bulk["undone"], &bulk["kept"]), (&json!(2), &json!([])));
        for (customer, before) in [&a, &b].into_iter().zip(before) {
            let mut now = read(&owner, customer).await;
            now["updated_at"] = before["updated_at"].clone();
            assert_eq!(now, before);
        }
        owner.post(&format!("{path}/undo"), json!({})).await.problem(409, "already_undone");
    }

    async fn a_filter_means_all_that_the_list_shows(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for n in 0..450 {
            let status = if n % 3 == 0 { "qualified" } else { "new" };
            made(&owner, json!({"name": format!("לקוח {n}"), "status": status})).await;
        }
        // what is written changes what the filter finds
        let (_, bulk) = edited(&owner, json!({"filter": {"status": "new", "q": "לקוח"}, "set": {"status": "inactive"}})).await;
        assert_eq!((&bulk["rows"], &bulk["changed"]), (&json!(300), &json!(300)));
        assert_eq!(total(&owner, &[("status", "inactive")]).await, 300);
        assert_eq!(total(&owner, &[("status", "qualified")]).await, 150);
        let (_, bulk) = edited(&owner, json!({"filter": {}, "set": {"status": "inactive"}})).await;
        assert_eq!((&bulk["done"], &bulk["changed"]), (&json!(450), &json!(150)));
    }

    async fn whoever_was_changed_since_is_left_alone_and_named(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let a = made(&owner, json!({"name": "A"})).await;
        let b = made(&owner, json!({"name": "B"})).await;
        let (path, _) = edited(&owner, json!({"ids": [a["id"], b["id"]], "set": {"status": "customer"}})).await;
        owner.patch(&format!("{LIST}/{}", a["id"]), json!({"company": "X"})).await.ok();
        owner.post(&format!("{path}/undo"), json!({})).await.status(202);
        let bulk = ended(&owner, &path).await;
        assert_eq!((&bulk["kept"], &bulk["kept_count"], &bulk["undone"]), (&json!([a["id"]]), &json!(1), &json!(1)));
        assert_eq!(read(&owner, &a).await["status"], "customer");
        assert_eq!(read(&owner, &b).await["status"], "new");
    }

    async fn the_deleted_come_back_unless_their_phone_is_taken(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let a = made(&owner, json!({"name": "A", "phone": "0501111111"})).await;
        let b = made(&owner, json!({"name": "B", "phone": "0502222222"})).await;
        let (path, bulk) = edited(&owner, json!({"ids": [a["id"], b["id"]], "delete": true})).await;
        assert_eq!(bulk["changed"], 2);
        assert_eq!(total(&owner, &[]).await, 0);
        owner.get(&format!("{LIST}/{}", a["id"])).await.problem(404, "not_found");
        made(&owner, json!({"name": "A again", "phone": "0501111111"})).await;
        owner.post(&format!("{path}/undo"), json!({})).await.status(202);
        assert_eq!(ended(&owner, &path).await["kept"], json!([a["id"]]));
        assert_eq!(read(&owner, &b).await["phone"], "+972502222222");
        assert_eq!(total(&owner, &[("q", "2222222")]).await, 1);
        owner.get(&format!("{LIST}/{}", a["id"])).await.problem(404, "not_found");
    }

    async fn what_makes_no_sense_is_refused(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let a = made(&owner, json!({"name": "A"})).await;
        let ids = json!([a["id"]]);
        let set = json!({"status": "new"});
        for body in [json!({"set": set}), json!({"ids": ids}), json!({})] {
            owner.post(BULK, body).await.problem(400, "missing_field");
        }
        for body in [
            json!({"ids": ids, "filter": {}, "set": set}), json!({"ids": [], "set": set}), json!({"ids": ids, "set": {"name": "x"}}),
            json!({"ids": ids, "set": {"phone": "0501111111"}}), json!({"ids": ids, "set": {"nmae": "x"}}),
            json!({"ids": ids, "set": {"status": "hot potato"}}), json!({"ids": ids, "set": {"owner_id": app.b.owner.id}}),
            json!({"ids": ids, "delete": true, "set": set}), json!({"ids": ids, "set": set, "what": 1}),
            json!({"filter": {"status": "hot potato"}, "set": set}), json!({"ids": ["x"], "set": set}),
        ] {
            owner.post(BULK, body.clone()).await.problem(422, "invalid");
        }
        agent.post(BULK, json!({"ids": ids, "set": set})).await.problem(403, "forbidden");
        let stranger = app.sign_in(&app.b.owner).await;
        stranger.post(BULK, json!({"ids": ids, "set": set})).await.problem(404, "not_found");
        let (path, _) = edited(&owner, json!({"ids": ids, "set": {"status": "customer"}})).await;
        stranger.get(&path).await.problem(404, "not_found");
        stranger.post(&format!("{path}/undo"), json!({})).await.problem(404, "not_found");
        agent.post(&format!("{path}/undo"), json!({})).await.problem(403, "forbidden");
    }
}
