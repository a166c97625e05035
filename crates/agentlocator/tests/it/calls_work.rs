//! Working on calls: who waits, who has it in hand, whose call it was, and acting on the line.

use serde_json::{Value, json};
use testkit::{Client, TestApp};

async fn rang(app: &TestApp, sid: &str, from: &str) {
    let fields = [
        ("CallSid", sid),
        ("From", from),
        ("To", app.a.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    app.webhook("/webhook/incoming_call", &fields).await;
}

async fn hung_up(app: &TestApp, sid: &str) {
    let fields = [
        ("CallSid", sid),
        ("To", app.a.number.as_str()),
        ("CallStatus", "completed"),
        ("CallDuration", "2"),
    ];
    app.webhook("/webhook/call_status", &fields).await;
}

async fn missed(app: &TestApp, sid: &str, from: &str) {
    rang(app, sid, from).await;
    hung_up(app, sid).await;
    app.advance(chrono::TimeDelta::seconds(60));
}

async fn waiting(client: &Client) -> Vec<Value> {
    let list = client.get("/api/calls/waiting").await.ok();
    list["results"].as_array().expect("results").clone()
}

testkit::on_both_databases! {
    async fn who_hung_up_before_a_word_waits_once_per_caller(app: &TestApp) {
        missed(app, "CA1", "+972501111111").await;
        missed(app, "CA2", "+972502222222").await;
        missed(app, "CA3", "+972501111111").await;
        missed(app, "CA4", "anonymous").await;
        let agent = app.sign_in(&app.a.agent).await;
        let rows = waiting(&agent).await;
        let shown: Vec<_> = rows.iter().map(|row| (row["from_number"].as_str().expect("a number"), row["attempts"].as_i64())).collect();
        assert_eq!(shown, [("+972501111111", Some(2)), ("+972502222222", Some(1)), ("anonymous", Some(1))]);
        let other = app.sign_in(&app.b.owner).await;
        assert!(waiting(&other).await.is_empty());
    }

    async fn a_call_is_taken_in_hand_and_settled(app: &TestApp) {
        missed(app, "CA1", "+972501111111").await;
        missed(app, "CA2", "+972501111111").await;
        let (agent, owner) = (app.sign_in(&app.a.agent).await, app.sign_in(&app.a.owner).await);
        let row = agent.post("/api/calls/CA2/claim", json!({})).await.ok();
        assert_eq!(row["claimed_by_id"], app.a.agent.id);
        owner.post("/api/calls/CA2/claim", json!({})).await.problem(409, "claimed");
        agent.post("/api/calls/CA2/claim", json!({})).await.ok();
        assert_eq!(waiting(&owner).await[0]["claimed_by_id"], app.a.agent.id);
        app.advance(chrono::TimeDelta::minutes(31));
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/calls/CA2/claim", json!({})).await.ok();
        let row = owner.post("/api/calls/CA2/handle", json!({})).await.ok();
        assert_eq!((&row["needs_callback"], &row["handled_by_id"]), (&json!(false), &json!(app.a.owner.id)));
        assert!(waiting(&owner).await.is_empty());
        assert_eq!(owner.get("/api/calls/CA1").await.ok()["needs_callback"], false);
        // What comes late does not bring it back.
        hung_up(app, "CA2").await;
        assert!(waiting(&owner).await.is_empty());
    }

    async fn what_was_settled_by_mistake_waits_again(app: &TestApp) {
        missed(app, "CA1", "+972501111111").await;
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/calls/CA1/unhandle", json!({})).await.problem(409, "not_handled");
        owner.post("/api/calls/CA1/handle", json!({})).await.ok();
        missed(app, "CA2", "+972501111111").await;
        missed(app, "CA3", "+972501111111").await;
        missed(app, "CA4", "+972502222222").await;
        let before = waiting(&owner).await;
        owner.post("/api/calls/CA3/handle", json!({})).await.ok();
        assert_eq!(waiting(&owner).await.len(), 1);
        let row = owner.post("/api/calls/CA3/unhandle", json!({})).await.ok();
        assert_eq!((&row["needs_callback"], &row["handled_at"], &row["handled_by_id"]), (&json!(true), &Value::Null, &Value::Null));
        let after = waiting(&owner).await;
        let shown = |rows: &[Value]| -> Vec<_> { rows.iter().map(|row| (row["last_call_id"].clone(), row["first_at"].clone(), row["attempts"].clone())).collect() };
        assert_eq!(shown(&after), shown(&before), "both calls, and not the one that was settled before");
        assert_eq!(after.iter().filter_map(|row| row["attempts"].as_i64()).max(), Some(2));
    }

    async fn nobody_is_told_any_more_of_what_is_settled(app: &TestApp) {
        missed(app, "CA1", "+972501111111").await;
        missed(app, "CA2", "+972501111111").await;
        missed(app, "CA3", "+972502222222").await;
        let (owner, manager) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.manager).await);
        let unread = async |client: &Client| client.get("/api/notifications").await.ok()["unread"].clone();
        assert_eq!((unread(&owner).await, unread(&manager).await), (json!(3), json!(3)));
        manager.post("/api/calls/CA2/handle", json!({})).await.ok();
        assert_eq!((unread(&owner).await, unread(&manager).await), (json!(1), json!(1)));
    }

    async fn a_call_is_linked_and_unlinked(app: &TestApp) {
        missed(app, "CA1", "anonymous").await;
        let owner = app.sign_in(&app.a.owner).await;
        let customer = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.ok();
        let path = format!("/api/customers/{}/timeline?types=call", customer["id"]);
        let row = owner.post("/api/calls/CA1/link", json!({"customer_id": customer["id"]})).await.ok();
        assert_eq!(row["customer_name"], "דנה");
        assert_eq!(owner.get(&path).await.ok()["items"].as_array().map(Vec::len), Some(1));
        let row = owner.post("/api/calls/CA1/unlink", json!({})).await.ok();
        assert_eq!(row["customer_id"], Value::Null);
        assert_eq!(owner.get(&path).await.ok()["items"].as_array().map(Vec::len), Some(0));
        let foreign = app.sign_in(&app.b.owner).await.post("/api/crm/customers", json!({"name": "x"})).await.ok();
        owner.post("/api/calls/CA1/link", json!({"customer_id": foreign["id"]})).await.problem(404, "not_found");
    }

    async fn calls_are_found(app: &TestApp) {
        missed(app, "CA1", "+972501111111").await;
        missed(app, "CA2", "+972502222222").await;
        rang(app, "CA3", "+972503333333").await;
        let owner = app.sign_in(&app.a.owner).await;
        for (query, found) in [
            ("", 3),
            ("status=completed", 2),
            ("status=ringing", 1),
            ("status=recorded", 0),
            ("has_recording=false", 3),
            ("direction=in", 3),
            ("direction=out", 0),
            ("outcome=abandoned", 2),
            ("needs_callback=true", 2),
            ("q=1111111", 1),
            ("q=050-222", 1),
            ("q=%25", 0),
            ("from=%2B972503333333", 1),
            ("from=2026-11-18", 3),
            ("to=2026-11-17", 0),
            ("to=2026-11-18", 3),
        ] {
            let list = owner.get(&format!("/api/calls?{query}")).await.ok();
            assert_eq!(list["total"], found, "{query}");
        }
        let row = owner.get("/api/calls/CA1").await.ok();
        let by_customer = owner.get(&format!("/api/crm/calls?customer_id={}", row["customer_id"])).await.ok();
        assert_eq!(by_customer["total"], 1);
        owner.get("/api/calls?status=nonsense").await.problem(422, "invalid");
        owner.get("/api/calls?sort=nonsense").await.problem(400, "invalid_sort");
        owner.get("/api/calls/999999").await.problem(404, "not_found");
        owner.get("/api/calls/nonsense").await.problem(404, "not_found");
        let transcript = owner.get("/api/calls/CA1/transcript").await.ok();
        assert_eq!((&transcript["call_sid"], &transcript["text"]), (&json!("CA1"), &json!("")));
    }

    async fn a_test_call_is_in_no_list(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let test = owner.post("/api/calls/test", json!({})).await.status(201);
        assert_eq!(test["stream_url"], format!("ws://{}/ws/twilio-media", app.address));
        assert!(test["token"].as_str().is_some_and(|token| token.len() > 20));
        assert_eq!(owner.get("/api/calls").await.ok()["total"], 0);
        let row = owner.get(&format!("/api/calls/{}", test["call_id"])).await.ok();
        assert_eq!((&row["test"], &row["customer_id"]), (&json!(true), &Value::Null));
        // Nobody connects: it ends by a person's word.
        owner.post(&format!("/api/calls/{}/hangup", test["call_id"]), json!({})).await.status(202);
        let row = owner.get(&format!("/api/calls/{}", test["call_id"])).await.ok();
        assert_eq!((&row["status"], &row["needs_callback"]), (&json!("completed"), &json!(false)));
    }

    async fn acting_on_the_line_says_what_is_missing(app: &TestApp) {
        app.leaves_jobs();
        rang(app, "CA1", "+972501111111").await;
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/calls/CA1/transfer", json!({})).await.problem(422, "user_phone_missing");
        owner.post("/api/calls/CA1/whisper", json!({"text": "x"})).await.problem(409, "not_live");
        owner.post("/api/calls/CA1/whisper", json!({})).await.problem(400, "missing_field");
        owner.post("/api/calls", json!({})).await.problem(400, "missing_field");
        owner.post("/api/calls", json!({"to": "nobody"})).await.problem(422, "invalid");
        owner.post("/api/calls", json!({"to": "+972501111111"})).await.problem(422, "user_phone_missing");
        app.sql("UPDATE users SET phone = $1 WHERE id = $2", vec!["+972529999999".into(), app.a.owner.id.into()]).await;
        let accepted = owner.post("/api/calls", json!({"to": "050-111-1111"})).await.status(202);
        let row = owner.get(&format!("/api/calls/{}", accepted["id"])).await.ok();
        assert_eq!((&row["direction"], &row["to_number"]), (&json!("out"), &json!("+972501111111")));
        assert!(row["customer_id"].is_i64(), "found by the number: {row}");
        owner.post("/api/calls/CA1/transfer", json!({})).await.status(202);
        hung_up(app, "CA1").await;
        owner.post("/api/calls/CA1/transfer", json!({})).await.problem(409, "call_ended");
    }
}
