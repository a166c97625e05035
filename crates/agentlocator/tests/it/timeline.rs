//! A customer's timeline: newest first, page by page, one row for each thing.

use app::timeline::{self, Entry};
use chrono::{TimeDelta, TimeZone, Utc};
use kernel::{Actor, BusinessId, CustomerId, PermissionSet, Reach, Scope, Visibility};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

/// Writes events as their producers do, at these seconds after a fixed time.
async fn happen(app: &TestApp, customer: &Value, events: &[(&'static str, &str, i64)]) {
    let reach = Reach::One(BusinessId::new(app.a.id));
    let scope = Scope::mint(
        reach,
        Actor::Job("test"),
        PermissionSet::default(),
        Visibility::All,
        "test",
    );
    let tx = app.state.db.write(&scope).await.expect("a transaction");
    let start = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).single().expect("a time");
    for (kind, ref_id, seconds) in events {
        let entry = Entry {
            customer_id: CustomerId::new(customer["id"].as_i64().expect("an id")),
            kind,
            ref_id: (*ref_id).to_owned(),
            title: format!("{kind} {ref_id}"),
            ts: start + TimeDelta::seconds(*seconds),
            data: json!({ "seconds": seconds }),
        };
        timeline::put(&tx, entry).await.expect("written");
    }
    tx.commit().await.expect("committed");
}

async fn customer(client: &Client) -> Value {
    client
        .post("/api/crm/customers", json!({"name": "דנה"}))
        .await
        .status(201)
}

/// All pages of a query, as `ref_id`s.
async fn walk(client: &Client, customer: &Value, query: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let page = client
            .get(&format!("/api/customers/{}/timeline?{query}{before}", customer["id"]))
            .await
            .ok();
        seen.extend(
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item["ref_id"].as_str().expect("a ref").to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return seen,
        }
    }
}

testkit::on_both_databases! {
    async fn the_newest_comes_first_and_each_once(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let dana = customer(&owner).await;
        // Three at the same moment: the page's end falls among them.
        happen(app, &dana, &[("call", "1", 1), ("call", "2", 5), ("task", "3", 5), ("ai", "4", 5), ("call", "5", 3), ("note", "6", 9)]).await;
        for limit in 1..=7 {
            assert_eq!(walk(&owner, &dana, &format!("limit={limit}")).await, ["6", "4", "3", "2", "5", "1"], "limit {limit}");
            assert_eq!(walk(&owner, &dana, &format!("limit={limit}&types=call")).await, ["2", "5", "1"], "limit {limit}");
            assert_eq!(walk(&owner, &dana, &format!("limit={limit}&types=task,call,call")).await, ["3", "2", "5", "1"], "limit {limit}");
        }
        assert_eq!(walk(&owner, &dana, "types=invoice").await, Vec::<String>::new());
    }

    async fn a_thing_has_one_row_which_moves_with_it(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (dana, ruth) = (customer(&owner).await, customer(&owner).await);
        happen(app, &dana, &[("call", "1", 1), ("call", "2", 2)]).await;
        happen(app, &dana, &[("call", "1", 9)]).await;
        let page = owner.get(&format!("/api/customers/{}/timeline", dana["id"])).await.ok();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
        assert_eq!((&page["items"][0]["ref_id"], &page["items"][0]["data"]["seconds"]), (&json!("1"), &json!(9)));
        // The call turns out to be another customer's.
        happen(app, &ruth, &[("call", "1", 9)]).await;
        assert_eq!(walk(&owner, &dana, "").await, ["2"]);
        assert_eq!(walk(&owner, &ruth, "").await, ["1"]);
    }

    async fn a_wrong_query_is_refused(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let path = format!("/api/customers/{}/timeline", customer(&owner).await["id"]);
        owner.get(&format!("{path}?limit=0")).await.problem(400, "invalid_paging");
        owner.get(&format!("{path}?limit=x")).await.problem(400, "invalid_paging");
        owner.get(&format!("{path}?before=x")).await.problem(400, "invalid_cursor");
        owner.get(&format!("{path}?types=call,gossip")).await.problem(422, "invalid");
        assert_eq!(owner.get(&format!("{path}?limit=1000&unknown=1")).await.ok(), json!({"items": [], "next_cursor": null}));
    }

    async fn another_business_sees_nothing(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let dana = customer(&owner).await;
        happen(app, &dana, &[("call", "1", 1)]).await;
        let stranger = app.sign_in(&app.b.owner).await;
        stranger.get(&format!("/api/customers/{}/timeline", dana["id"])).await.problem(404, "not_found");
        stranger.get(&format!("/api/customers/{}/timeline?limit=0", dana["id"])).await.problem(404, "not_found");
        stranger.get("/api/customers/0/timeline").await.problem(404, "not_found");
        let admin = app.sign_in(&app.admin).await;
        assert_eq!(walk(&admin, &dana, "").await, ["1"]);
        app.client.get(&format!("/api/customers/{}/timeline", dana["id"])).await.problem(401, "unauthorized");
    }
}
