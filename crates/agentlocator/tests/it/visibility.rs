//! What agents see where a business lets them see their own records and nobody's.

use serde_json::{Value, json};
use testkit::{Client, TestApp};

async fn ids(client: &Client, path: &str) -> Vec<i64> {
    let list = client.get(path).await.ok();
    let mut ids: Vec<i64> = list["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|row| row["id"].as_i64())
        .collect();
    ids.sort_unstable();
    ids
}

fn id(record: &Value) -> i64 {
    record["id"].as_i64().expect("an id")
}

async fn ring(app: &TestApp, sid: &str, from: &str) {
    let fields = [
        ("CallSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", from),
        ("To", app.a.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    app.webhook("/webhook/incoming_call", &fields).await.ok();
}

testkit::on_both_databases! {
    async fn an_agent_sees_their_own_and_nobodys(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let make = async |name: &str, phone: &str, person: Option<i64>| {
            let body = json!({"name": name, "phone": phone, "owner_id": person});
            let customer = owner.post("/api/crm/customers", body).await.status(201);
            let task = json!({"title": format!("Call {name}"), "customer_id": customer["id"], "assignee_id": person});
            let task = owner.post("/api/tasks", task).await.status(201);
            ring(app, &format!("CA{name}"), phone).await;
            let call = owner.get(&format!("/api/calls/CA{name}")).await.ok();
            (id(&customer), id(&task), id(&call))
        };
        let mine = make("Mine", "+972501000001", Some(app.a.agent.id)).await;
        let free = make("Free", "+972501000002", None).await;
        let theirs = make("Theirs", "+972501000003", Some(app.a.manager.id)).await;
        // Somebody else's task with a customer of mine.
        let other = json!({"title": "Secret", "customer_id": mine.0, "assignee_id": app.a.manager.id});
        let other = id(&owner.post("/api/tasks", other).await.status(201));
        let settings = format!("/api/businesses/{}/settings", app.a.id);
        owner.patch(&settings, json!({"agent_visibility": "own_and_unassigned"})).await.ok();

        assert_eq!(ids(&agent, "/api/crm/customers").await, [mine.0, free.0]);
        assert_eq!(ids(&agent, "/api/crm/customers?q=Theirs").await, [0_i64; 0]);
        assert_eq!(ids(&agent, "/api/crm/customers?phone=%2B972501000003").await, [0_i64; 0]);
        assert_eq!(ids(&agent, "/api/tasks").await, [mine.1, free.1]);
        assert_eq!(ids(&agent, "/api/crm/calls").await, [mine.2, free.2]);
        assert_eq!(ids(&agent, "/api/crm/calls?q=Theirs").await, [0_i64; 0]);
        for path in [
            format!("/api/crm/customers/{}", theirs.0), format!("/api/customers/{}/timeline", theirs.0), format!("/api/tasks/{}", theirs.1),
            format!("/api/tasks/{other}"), format!("/api/calls/{}", theirs.2), "/api/calls/CATheirs".to_owned(),
            format!("/api/calls/{}/transcript", theirs.2), format!("/api/calls/{}/recording", theirs.2),
        ] {
            agent.get(&path).await.problem(404, "not_found");
        }
        agent.post(&format!("/api/calls/{}/claim", theirs.2), json!({})).await.problem(404, "not_found");
        agent.post(&format!("/api/calls/{}/link", free.2), json!({"customer_id": theirs.0})).await.problem(404, "not_found");
        agent.patch(&format!("/api/crm/customers/{}", theirs.0), json!({"owner_id": app.a.agent.id})).await.problem(404, "not_found");
        agent.post("/api/tasks", json!({"title": "x", "customer_id": theirs.0})).await.problem(422, "invalid");
        agent.post("/api/calls", json!({"customer_id": theirs.0})).await.problem(404, "not_found");
        let timeline = agent.get(&format!("/api/customers/{}/timeline", mine.0)).await.ok().to_string();
        assert!(timeline.contains("Call Mine") && !timeline.contains("Secret"), "{timeline}");

        // Managers and owners see everything all the same, and so does the agent once more when it is allowed.
        let manager = app.sign_in(&app.a.manager).await;
        assert_eq!(ids(&manager, "/api/tasks").await.len(), 4);
        owner.patch(&settings, json!({"agent_visibility": "all"})).await.ok();
        assert_eq!(ids(&agent, "/api/crm/calls").await, [mine.2, free.2, theirs.2]);
        app.leaves_jobs();
    }

    async fn nothing_tells_an_agent_that_there_is_such_a_customer(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let body = json!({"name": "Hidden", "phone": "+972501000003", "owner_id": app.a.manager.id});
        let hidden = owner.post("/api/crm/customers", body).await.status(201);
        let gone = owner.post("/api/crm/customers", json!({"name": "Goner"})).await.status(201);
        for (title, of) in [("One", &hidden), ("Two", &gone)] {
            let deal = json!({"title": title, "customer_id": of["id"], "owner_id": app.a.agent.id});
            owner.post("/api/deals", deal).await.status(201);
        }
        assert_eq!(ids(&agent, "/api/deals?q=Hidden").await.len(), 1);
        owner.delete(&format!("/api/crm/customers/{}", gone["id"])).await.status(204);
        let settings = format!("/api/businesses/{}/settings", app.a.id);
        owner.patch(&settings, json!({"agent_visibility": "own_and_unassigned"})).await.ok();

        assert_eq!(ids(&agent, "/api/deals").await.len(), 2);
        for name in ["Hidden", "Hidde", "1000003", "Goner"] {
            assert_eq!(ids(&agent, &format!("/api/deals?q={name}")).await, [0_i64; 0], "{name}");
        }
        let same = json!({"name": "Mine", "phone": "+972501000003"});
        let refused = agent.post("/api/crm/customers", same.clone()).await.problem(409, "duplicate_phone");
        assert_eq!(refused["existing_id"], Value::Null);
        let refused = owner.post("/api/crm/customers", same).await.problem(409, "duplicate_phone");
        assert_eq!(refused["existing_id"], hidden["id"]);
        for (path, results) in [("/api/search?q=hiddeb", "/customers/results"), ("/api/crm/customers?q=hiddeb", "/results")] {
            let answer = agent.get(path).await.ok();
            assert_eq!((answer.pointer(results), &answer["did_you_mean"]), (Some(&json!([])), &Value::Null), "{path}");
            assert_ne!(owner.get(path).await.ok()["did_you_mean"], Value::Null, "{path}");
        }
    }

    async fn an_agent_hears_of_their_own_and_nobodys(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let settings = format!("/api/businesses/{}/settings", app.a.id);
        owner.patch(&settings, json!({"agent_visibility": "own_and_unassigned"})).await.ok();
        let names = [("Theirs", json!(app.a.manager.id)), ("Free", Value::Null), ("Mine", json!(app.a.agent.id))];
        for (name, person) in names {
            let body = json!({"name": name, "owner_id": person});
            owner.post("/api/crm/customers", body).await.status(201);
            owner.post("/api/tasks", json!({"title": format!("Task {name}"), "assignee_id": person})).await.status(201);
        }
        let heard = testkit::eventually("all events to be out", || async {
            let all = owner.get("/api/events").await.ok().to_string();
            let agents = agent.get("/api/events").await.ok().to_string();
            (all.contains("Task Mine") && agents.contains("Task Mine")).then_some((all, agents))
        })
        .await;
        assert!(heard.0.contains("Task Theirs") && heard.0.contains("\"Theirs\""));
        assert!(heard.1.contains("\"Free\"") && heard.1.contains("Task Free") && heard.1.contains("\"Mine\""), "{}", heard.1);
        assert!(!heard.1.contains("Theirs"), "{}", heard.1);
    }
}
