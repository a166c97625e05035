//! Deals: made, moved through their pipeline, won and lost, forecast; who sees what they are worth.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

const LIST: &str = "/api/deals";

fn path(deal: &Value) -> String {
    format!("{LIST}/{}", deal["id"])
}

async fn make(client: &Client, body: Value) -> Value {
    client.post(LIST, body).await.status(201)
}

async fn step(client: &Client, deal: &Value, verb: &str, body: Value) -> Value {
    client.post(&format!("{}/{verb}", path(deal)), body).await.ok()
}

/// The usual pipeline.
async fn usual(client: &Client) -> Value {
    client.get("/api/pipelines").await.ok()["results"][0].clone()
}

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("{LIST}?{query}")).await.ok();
    let results = list["results"].as_array().expect("results");
    results
        .iter()
        .map(|row| row["title"].as_str().expect("a title").to_owned())
        .collect()
}

/// The titles of each stage of the board, from the top.
async fn board(client: &Client) -> Vec<Vec<String>> {
    let board = client.get("/api/deals/board").await.ok();
    let stages = board["stages"].as_array().expect("stages");
    let deals = stages.iter().map(|stage| stage["deals"].as_array().expect("deals"));
    deals
        .map(|deals| {
            deals
                .iter()
                .map(|deal| deal["title"].as_str().expect("a title").to_owned())
                .collect()
        })
        .collect()
}

async fn agents_see(app: &TestApp, change: Value) {
    let owner = app.sign_in(&app.a.owner).await;
    owner
        .patch(&format!("/api/businesses/{}/settings", app.a.id), change)
        .await
        .ok();
}

testkit::on_both_databases! {
    async fn every_business_has_a_pipeline_in_hebrew_and_only_one_at_first(app: &TestApp) {
        let (agent, stranger) = (app.sign_in(&app.a.agent).await, app.sign_in(&app.b.owner).await);
        let asked = futures::future::join_all((0..4).map(|_| agent.get("/api/pipelines"))).await;
        for answer in asked {
            assert_eq!(answer.ok()["results"].as_array().map(Vec::len), Some(1));
        }
        let pipeline = usual(&agent).await;
        assert_eq!((&pipeline["name"], &pipeline["is_default"]), (&json!("מכירות"), &json!(true)));
        assert_eq!(pipeline["stages"][0]["name"], "ליד חדש");
        assert_eq!(pipeline["stages"].as_array().map(Vec::len), Some(5));
        assert_ne!(usual(&stranger).await["id"], pipeline["id"]);
        stranger.get(&format!("/api/pipelines/{}", pipeline["id"])).await.problem(404, "not_found");
        agent.post("/api/pipelines", json!({"name": "x", "stages": [{"name": "y"}]})).await.problem(403, "forbidden");
        let of_b = usual(&stranger).await;
        let theirs = json!({"title": "x", "stage_id": of_b["stages"][0]["id"]});
        agent.post(LIST, theirs).await.problem(422, "invalid");
    }

    async fn a_deal_is_made_moved_won_and_opened_again(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let stages = usual(&agent).await["stages"].clone();
        let customer = agent.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let deal = make(&agent, json!({
            "title": " דירה ", "customer_id": customer["id"], "amount_minor": 1_500_000, "expected_close": "2026-12-15",
        })).await;
        assert_eq!((&deal["title"], &deal["currency"], &deal["status"]), (&json!("דירה"), &json!("ILS"), &json!("open")));
        assert_eq!((&deal["stage_id"], &deal["owner_id"]), (&stages[0]["id"], &json!(app.a.agent.id)));
        assert_eq!((&deal["customer_name"], &deal["amount_minor"]), (&json!("דנה"), &json!(1_500_000)));
        app.advance(TimeDelta::minutes(5));
        let moved = step(&agent, &deal, "move", json!({"stage_id": stages[2]["id"]})).await;
        assert_eq!(moved["stage_id"], stages[2]["id"]);
        assert_ne!(moved["stage_since"], deal["stage_since"]);
        let won = step(&agent, &deal, "win", Value::Null).await;
        assert_eq!((&won["status"], won["closed_at"].is_string()), (&json!("won"), true));
        assert_eq!(step(&agent, &deal, "win", Value::Null).await, won, "won once");
        for (verb, body) in [("lose", json!({"reason": "x"})), ("move", json!({"stage_id": stages[0]["id"]}))] {
            agent.post(&format!("{}/{verb}", path(&deal)), body).await.problem(409, "deal_closed");
        }
        agent.patch(&path(&deal), json!({"stage_id": stages[0]["id"]})).await.problem(409, "deal_closed");
        let open = step(&agent, &deal, "reopen", Value::Null).await;
        assert_eq!((&open["status"], &open["closed_at"]), (&json!("open"), &Value::Null));
        agent.post(&format!("{}/lose", path(&deal)), json!({})).await.problem(400, "missing_field");
        let lost = step(&agent, &deal, "lose", json!({"reason": " יקר  מדי "})).await;
        assert_eq!((&lost["status"], &lost["lost_reason"]), (&json!("lost"), &json!("יקר מדי")));

        let history = agent.get(&format!("{}/history", path(&deal))).await.ok();
        let steps: Vec<_> = history["results"].as_array().expect("steps").iter()
            .map(|step| (step["from_stage"].as_str(), step["to_stage"].as_str(), step["to_status"].as_str())).collect();
        let (first, third) = (stages[0]["name"].as_str(), stages[2]["name"].as_str());
        assert_eq!(steps, [(third, third, Some("lost")), (third, third, Some("open")), (third, third, Some("won")),
            (first, third, Some("open")), (None, first, Some("open"))]);
        assert_eq!(history["results"][0]["by_id"], app.a.agent.id);
        assert_eq!(history["results"][0]["reason"], "יקר מדי");
        let events = agent.get(&format!("/api/customers/{}/timeline?types=deal", customer["id"])).await.ok();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "one row, written anew in place: {events}");
        assert_eq!((&events["items"][0]["data"]["status"], &events["items"][0]["ts"]), (&json!("lost"), &deal["created_at"]));
        agent.patch(&path(&deal), json!({"customer_id": null})).await.ok();
        let events = agent.get(&format!("/api/customers/{}/timeline", customer["id"])).await.ok();
        assert_eq!(events["items"], json!([]));
    }

    async fn a_deal_is_refused_for_what_is_wrong_in_it(app: &TestApp) {
        let (owner, stranger) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.b.owner).await);
        let theirs = stranger.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let deal = make(&stranger, json!({"title": "שלהם"})).await;
        owner.post(LIST, json!({})).await.problem(400, "missing_field");
        owner.post(LIST, json!({"title": " "})).await.problem(400, "missing_field");
        for body in [
            json!({"title": "x", "customer_id": theirs["id"]}), json!({"title": "x", "owner_id": app.b.owner.id}),
            json!({"title": "x", "stage_id": deal["stage_id"]}), json!({"title": "x", "pipeline_id": deal["pipeline_id"]}),
            json!({"title": "x", "amount_minor": -1}), json!({"title": "x", "amount_minor": 1.5}), json!({"title": "x", "currency": "₪"}),
            json!({"title": "x", "expected_close": "soon"}), json!({"title": "a\u{0}"}), json!({"title": "x", "status": "won"}),
        ] {
            owner.post(LIST, body).await.problem(422, "invalid");
        }
        owner.post("/api/tasks", json!({"title": "x", "deal_id": deal["id"]})).await.problem(422, "invalid");
        for path in [path(&deal), format!("{}/history", path(&deal))] {
            owner.get(&path).await.problem(404, "not_found");
        }
        owner.post(&format!("{}/win", path(&deal)), Value::Null).await.problem(404, "not_found");
        assert_eq!(titles(&owner, "").await, Vec::<String>::new());
        for wrong in ["status=late", "customer_id=x", "expected_from=soon", "pipeline_id=x"] {
            owner.get(&format!("{LIST}?{wrong}")).await.problem(422, "invalid");
        }
    }

    async fn deals_stand_where_they_are_put(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let stages = usual(&owner).await["stages"].clone();
        let mut deals = Vec::new();
        for title in ["a", "b", "c"] {
            deals.push(make(&owner, json!({"title": title})).await);
        }
        assert_eq!(board(&owner).await[0], ["c", "b", "a"], "the newest on top");
        let to = |at: usize| stages[at]["id"].clone();
        step(&owner, &deals[0], "move", json!({"stage_id": to(0), "before_id": deals[1]["id"]})).await;
        assert_eq!(board(&owner).await[0], ["c", "a", "b"]);
        step(&owner, &deals[2], "move", json!({"stage_id": to(0), "after_id": deals[1]["id"]})).await;
        assert_eq!(board(&owner).await[0], ["a", "b", "c"]);
        step(&owner, &deals[1], "move", json!({"stage_id": to(1)})).await;
        step(&owner, &deals[2], "move", json!({"stage_id": to(1), "after_id": deals[1]["id"]})).await;
        let seen = board(&owner).await;
        assert_eq!((seen[0].clone(), seen[1].clone()), (vec!["a".to_owned()], vec!["b".to_owned(), "c".to_owned()]));
        // Forty times between the same two: there is always a place.
        for turn in 0..40 {
            let moving = &deals[if turn % 2 == 0 { 0 } else { 2 }];
            step(&owner, moving, "move", json!({"stage_id": to(1), "after_id": deals[1]["id"]})).await;
        }
        assert_eq!(board(&owner).await[1], ["b", "c", "a"]);
        let elsewhere = json!({"stage_id": to(0), "after_id": deals[1]["id"]});
        owner.post(&format!("{}/move", path(&deals[0])), elsewhere).await.problem(422, "invalid");
        let itself = json!({"stage_id": to(1), "after_id": deals[0]["id"]});
        owner.post(&format!("{}/move", path(&deals[0])), itself).await.problem(422, "invalid");
        let tag = json!({"stage_id": to(0)});
        let stale = owner.request(Method::POST, &format!("{}/move", path(&deals[0]))).header("If-Match", "\"1\"").json(&tag);
        owner.send(stale).await.problem(412, "stale");
    }

    async fn a_board_is_bounded_and_goes_on_where_it_ended(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for at in 0..7 {
            make(&owner, json!({"title": format!("{at}"), "amount_minor": 100 * (at + 1), "currency": if at == 6 { "USD" } else { "ILS" }})).await;
        }
        let board = owner.get("/api/deals/board?per_stage=3").await.ok();
        let first = &board["stages"][0];
        assert_eq!((&first["total"], first["deals"].as_array().map(Vec::len)), (&json!(7), Some(3)));
        assert_eq!(first["sums"], json!([{"currency": "ILS", "amount_minor": 2100}, {"currency": "USD", "amount_minor": 700}]));
        assert_eq!(board["stages"][1]["sums"], json!([]));
        let mut found: Vec<String> = first["deals"].as_array().expect("deals").iter().map(|deal| deal["title"].as_str().expect("a title").to_owned()).collect();
        let mut cursor = first["next_cursor"].clone();
        while let Some(text) = cursor.as_str() {
            let query = format!("{LIST}?stage_id={}&status=open&sort=position&limit=2&cursor={text}", first["id"]);
            let page = owner.get(&query).await.ok();
            found.extend(page["results"].as_array().expect("results").iter().map(|deal| deal["title"].as_str().expect("a title").to_owned()));
            cursor = page["next_cursor"].clone();
        }
        assert_eq!(found, ["6", "5", "4", "3", "2", "1", "0"]);
    }

    async fn filters_orders_and_words(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let customer = owner.post("/api/crm/customers", json!({"name": "דנה לוי"})).await.status(201);
        let a = make(&owner, json!({"title": "דירה ברמת גן", "customer_id": customer["id"], "expected_close": "2026-12-31", "amount_minor": 5})).await;
        app.advance(TimeDelta::seconds(1));
        let b = make(&owner, json!({"title": "משרד", "expected_close": "2026-11-30", "owner_id": app.a.agent.id, "amount_minor": 9})).await;
        app.advance(TimeDelta::seconds(1));
        make(&owner, json!({"title": "מחסן", "owner_id": null})).await;
        step(&owner, &b, "lose", json!({"reason": "מחיר"})).await;
        let (customer, agent) = (format!("customer_id={}", customer["id"]), format!("owner_id={}", app.a.agent.id));
        let stage = format!("stage_id={}&status=open", a["stage_id"]);
        for (query, found) in [
            ("", vec!["מחסן", "משרד", "דירה ברמת גן"]), ("sort=expected_close", vec!["משרד", "דירה ברמת גן", "מחסן"]),
            ("sort=-expected_close", vec!["דירה ברמת גן", "משרד", "מחסן"]), ("sort=-amount_minor", vec!["משרד", "דירה ברמת גן", "מחסן"]),
            ("status=open", vec!["מחסן", "דירה ברמת גן"]), ("status=lost", vec!["משרד"]), ("lost_reason=%D7%9E%D7%97%D7%99%D7%A8", vec!["משרד"]),
            (customer.as_str(), vec!["דירה ברמת גן"]), (agent.as_str(), vec!["משרד"]), ("owner_id=none", vec!["מחסן"]),
            (stage.as_str(), vec!["מחסן", "דירה ברמת גן"]), ("expected_from=2026-12-01", vec!["דירה ברמת גן"]), ("expected_to=2026-11-30", vec!["משרד"]),
            ("closed_from=2026-11-18", vec!["משרד"]), ("closed_to=2026-11-18", vec![]), ("q=%D7%92%D7%9F", vec!["דירה ברמת גן"]), ("q=%D7%9C%D7%95%D7%99", vec!["דירה ברמת גן"]),
        ] {
            assert_eq!(titles(&owner, query).await, found, "{query}");
        }
        owner.get(&format!("{LIST}?sort=status")).await.problem(400, "invalid_sort");
        let losses = owner.get("/api/deals/losses?closed_from=2026-11-18").await.ok();
        assert_eq!(losses, json!({"deals": 1, "reasons": [{"reason": "מחיר", "deals": 1, "sums": [{"currency": "ILS", "amount_minor": 9}]}]}));
        // What those who are no customers had in mind counts nowhere.
        owner.post(&format!("/api/crm/customers/{}/not_customer", a["customer_id"]), json!({"reason": "spam"})).await.ok();
        assert_eq!(titles(&owner, "counted=true").await, ["מחסן", "משרד"]);
    }

    async fn a_forecast_weighs_each_deal_by_its_stage(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let stages = usual(&owner).await["stages"].clone();
        for (close, stage, amount) in [
            (json!("2026-11-30"), 0, 1_000), (json!("2026-11-01"), 1, 2_000), (json!("2027-10-31"), 4, 10), (json!("2027-11-01"), 0, 7), (json!("2026-10-31"), 0, 30), (Value::Null, 0, 40),
        ] {
            let body = json!({"title": "x", "expected_close": close, "stage_id": stages[stage]["id"], "amount_minor": amount});
            make(&owner, body).await;
        }
        let won = make(&owner, json!({"title": "won", "expected_close": "2026-11-30", "amount_minor": 5})).await;
        step(&owner, &won, "win", Value::Null).await;
        let forecast = owner.get("/api/deals/forecast").await.ok();
        let months = forecast["months"].as_array().expect("months");
        assert_eq!((months.len(), &months[0]["month"], &months[11]["month"]), (12, &json!("2026-11"), &json!("2027-10")));
        // 1,000 at 10 % and 2,000 at 25 %.
        assert_eq!(months[0]["sums"], json!([{"currency": "ILS", "amount_minor": 3_000, "weighted_minor": 600}]));
        assert_eq!((&months[0]["deals"], &months[1]["deals"], &months[1]["sums"]), (&json!(2), &json!(0), &json!([])));
        assert_eq!(months[11]["sums"][0]["weighted_minor"], 8);
        assert_eq!((&forecast["overdue"]["sums"][0]["amount_minor"], &forecast["later"]["deals"], &forecast["undated"]["deals"]), (&json!(30), &json!(1), &json!(1)));
        let list = titles(&owner, "status=open&expected_from=2026-11-01&expected_to=2026-11-30").await;
        assert_eq!(list.len(), 2, "the month's number is that of the list");
        let short = owner.get("/api/deals/forecast?from=2027-01&months=2").await.ok();
        assert_eq!((&short["months"][0]["month"], &short["overdue"]["deals"], &short["later"]["deals"]), (&json!("2027-01"), &json!(3), &json!(2)));
        for wrong in ["from=2026", "months=0", "months=61"] {
            owner.get(&format!("/api/deals/forecast?{wrong}")).await.problem(422, "invalid");
        }
    }

    async fn a_stage_with_deals_goes_only_when_they_go_somewhere(app: &TestApp) {
        let manager = app.sign_in(&app.a.manager).await;
        let body = json!({"name": "השכרה", "stages": [{"name": "א", "probability": 20}, {"name": "ב", "probability": 50}, {"name": "ג"}]});
        let pipeline = manager.post("/api/pipelines", body).await.status(201);
        let at = format!("/api/pipelines/{}", pipeline["id"]);
        let stage = |n: usize| pipeline["stages"][n]["id"].clone();
        let customer = manager.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let moving = make(&manager, json!({"title": "עוברת", "stage_id": stage(0), "customer_id": customer["id"]})).await;
        let lost = make(&manager, json!({"title": "אבודה", "stage_id": stage(0)})).await;
        step(&manager, &lost, "lose", json!({"reason": "x"})).await;
        let stays = make(&manager, json!({"title": "נשארת", "stage_id": stage(1)})).await;
        // Another order and another name: the same stages.
        let turned = json!({"stages": [{"id": stage(1), "name": "ב2", "probability": 60}, {"id": stage(0), "name": "א", "probability": 20}, {"id": stage(2), "name": "ג"}]});
        let turned = manager.patch(&at, turned).await.ok();
        assert_eq!((&turned["stages"][0]["id"], &turned["stages"][0]["name"]), (&stage(1), &json!("ב2")));
        let without = |more: Value| {
            let mut body = json!({"stages": [{"id": stage(1), "name": "ב2", "probability": 60}, {"name": "חדש"}]});
            body.as_object_mut().expect("a body").extend(more.as_object().expect("members").clone());
            body
        };
        let refused = manager.patch(&at, without(json!({}))).await.problem(409, "stage_in_use");
        assert_eq!(refused["stages"], json!([{"id": stage(0), "name": "א", "deals": 2}]));
        manager.patch(&at, without(json!({"move_to": stage(2)}))).await.problem(422, "invalid");
        let left = manager.patch(&at, without(json!({"move_to": stage(1)}))).await.ok();
        let names: Vec<_> = left["stages"].as_array().expect("stages").iter().map(|stage| stage["name"].as_str().expect("a name")).collect();
        assert_eq!(names, ["ב2", "חדש"]);
        for deal in [&moving, &lost] {
            assert_eq!(manager.get(&path(deal)).await.ok()["stage_id"], stage(1));
        }
        let history = manager.get(&format!("{}/history", path(&moving))).await.ok();
        assert_eq!((&history["results"][0]["from_stage"], &history["results"][0]["to_stage"]), (&json!("א"), &json!("ב2")));
        let events = manager.get(&format!("/api/customers/{}/timeline?types=deal", customer["id"])).await.ok();
        assert_eq!(events["items"][0]["data"]["stage_id"], stage(1));
        let board = manager.get(&format!("/api/deals/board?pipeline_id={}", pipeline["id"])).await.ok();
        let order: Vec<_> = board["stages"][0]["deals"].as_array().expect("deals").iter().map(|deal| deal["title"].clone()).collect();
        assert_eq!(order, [stays["title"].clone(), moving["title"].clone()], "those that came stand below");
        // The whole pipeline.
        manager.delete(&at).await.problem(409, "stage_in_use");
        let usual = usual(&manager).await;
        manager.delete(&format!("/api/pipelines/{}", usual["id"])).await.problem(409, "default_pipeline");
        let target = format!("{at}?move_to={}", usual["stages"][0]["id"]);
        manager.delete(&target).await.status(204);
        assert_eq!(manager.get(&path(&stays)).await.ok()["pipeline_id"], usual["id"]);
        manager.get(&at).await.problem(404, "not_found");
    }

    async fn one_pipeline_is_the_usual_one(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let first = usual(&owner).await;
        let other = owner.post("/api/pipelines", json!({"name": "ב", "stages": [{"name": "x"}]})).await.status(201);
        owner.patch(&format!("/api/pipelines/{}", first["id"]), json!({"is_default": false})).await.problem(422, "invalid");
        owner.patch(&format!("/api/pipelines/{}", other["id"]), json!({"is_default": true})).await.ok();
        let list = owner.get("/api/pipelines").await.ok();
        let flags: Vec<_> = list["results"].as_array().expect("pipelines").iter().map(|one| one["is_default"].clone()).collect();
        assert_eq!(flags, [json!(false), json!(true)]);
        assert_eq!(make(&owner, json!({"title": "x"})).await["pipeline_id"], other["id"]);
        for wrong in [json!({"stages": []}), json!({"stages": [{"name": " "}]}), json!({"stages": [{"id": 999_999, "name": "x"}]})] {
            owner.patch(&format!("/api/pipelines/{}", other["id"]), wrong).await.problem(422, "invalid");
        }
        owner.post("/api/pipelines", json!({"stages": [{"name": "x"}]})).await.problem(400, "name_required");
    }

    async fn an_agent_without_money_does_not_learn_what_others_deals_are_worth(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let customer = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let of = async |who: Value| make(&owner, json!({"title": "x", "amount_minor": 777_001, "owner_id": who, "customer_id": customer["id"], "expected_close": "2026-11-30"})).await;
        let (theirs, mine, nobodys) = (of(json!(app.a.owner.id)).await, of(json!(app.a.agent.id)).await, of(Value::Null).await);
        let has_amount = async |deal: &Value| agent.get(&path(deal)).await.ok().get("amount_minor").is_some();
        assert_eq!((has_amount(&theirs).await, has_amount(&mine).await, has_amount(&nobodys).await), (false, true, true));
        for answer in [agent.get("/api/deals/board").await.ok(), agent.get("/api/deals/forecast").await.ok(), agent.get("/api/deals/losses").await.ok()] {
            assert!(!answer.to_string().contains("sums"), "{answer}");
        }
        let timeline = agent.get(&format!("/api/customers/{}/timeline?types=deal", customer["id"])).await.ok();
        assert_eq!(timeline.to_string().matches("777001").count(), 2, "{timeline}");
        agent.get(&format!("{LIST}?sort=-amount_minor")).await.problem(403, "forbidden");
        agent.patch(&path(&theirs), json!({"owner_id": app.a.agent.id})).await.problem(403, "forbidden");
        agent.patch(&path(&theirs), json!({"amount_minor": 1})).await.problem(403, "forbidden");
        agent.patch(&path(&theirs), json!({"title": "y"})).await.ok();
        agents_see(app, json!({"agents_see_money": true})).await;
        assert!(has_amount(&theirs).await);
        assert!(agent.get("/api/deals/board").await.ok().to_string().contains("sums"));
        let events = testkit::eventually("the events", || async {
            let events = agent.get("/api/events").await.ok().to_string();
            events.contains("deal:updated").then_some(events)
        }).await;
        assert!(!events.contains("777001"), "{events}");
    }

    async fn an_agent_sees_their_own_deals_and_nobodys(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        for (title, who) in [("Theirs", json!(app.a.manager.id)), ("Mine", json!(app.a.agent.id)), ("Free", Value::Null)] {
            let customer = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
            make(&owner, json!({"title": title, "owner_id": who, "customer_id": customer["id"], "expected_close": "2026-11-30"})).await;
        }
        agents_see(app, json!({"agent_visibility": "own_and_unassigned"})).await;
        let theirs = owner.get(&format!("{LIST}?q=Theirs")).await.ok()["results"][0].clone();
        assert_eq!(titles(&agent, "").await, ["Free", "Mine"]);
        assert_eq!(board(&agent).await[0], ["Free", "Mine"]);
        assert_eq!(agent.get("/api/deals/forecast").await.ok()["months"][0]["deals"], 2);
        agent.get(&path(&theirs)).await.problem(404, "not_found");
        agent.post("/api/tasks", json!({"title": "x", "deal_id": theirs["id"]})).await.problem(422, "invalid");
        let timeline = agent.get(&format!("/api/customers/{}/timeline", theirs["customer_id"])).await.ok().to_string();
        assert!(!timeline.contains("Theirs"), "{timeline}");
        let heard = testkit::eventually("the events", || async {
            let events = agent.get("/api/events").await.ok().to_string();
            events.contains("Free").then_some(events)
        }).await;
        assert!(!heard.contains("Theirs"), "{heard}");
    }

    async fn a_deal_that_goes_leaves_its_tasks(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let customer = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let deal = make(&owner, json!({"title": "x", "customer_id": customer["id"]})).await;
        let task = owner.post("/api/tasks", json!({"title": "לחזור", "deal_id": deal["id"]})).await.status(201);
        assert_eq!(task["deal_id"], deal["id"]);
        agent.delete(&path(&deal)).await.problem(403, "forbidden");
        owner.delete(&path(&deal)).await.status(204);
        owner.get(&path(&deal)).await.problem(404, "not_found");
        assert_eq!(owner.get(&format!("/api/tasks/{}", task["id"])).await.ok()["deal_id"], Value::Null);
        let events = owner.get(&format!("/api/customers/{}/timeline", customer["id"])).await.ok();
        assert_eq!(events["items"], json!([]));
        assert_eq!(app.audited(app.a.id, "deal.deleted").await.len(), 1);
    }

    async fn deals_follow_their_customer_and_their_person(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let kept = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let other = owner.post("/api/crm/customers", json!({"name": "דנה לוי"})).await.status(201);
        let deal = make(&owner, json!({"title": "דירה לדנה", "customer_id": other["id"], "amount_minor": 5, "owner_id": app.a.agent.id})).await;
        owner.post(&format!("/api/crm/customers/{}/merge", kept["id"]), json!({"other_id": other["id"]})).await.ok();
        assert_eq!(owner.get(&path(&deal)).await.ok()["customer_id"], kept["id"]);
        owner.patch(&format!("/api/users/{}", app.a.agent.id), json!({"active": false, "hand_over_to": app.a.manager.id})).await.ok();
        assert_eq!(owner.get(&path(&deal)).await.ok()["owner_id"], app.a.manager.id);
        step(&owner, &deal, "lose", json!({"reason": "דנה התחרטה"})).await;
        owner.post(&format!("/api/crm/customers/{}/forget", kept["id"]), json!({"reason": "asked"})).await.status(204);
        let forgotten = owner.get(&path(&deal)).await.ok();
        assert_eq!((&forgotten["title"], &forgotten["lost_reason"], &forgotten["amount_minor"]), (&json!("נמחק"), &Value::Null, &json!(5)));
        let history = owner.get(&format!("{}/history", path(&deal))).await.ok().to_string();
        assert!(!history.contains("דנה"), "{history}");
        app.leaves_jobs();
    }
}
