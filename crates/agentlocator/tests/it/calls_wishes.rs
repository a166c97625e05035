//! A caller who asks to be called back: they wait until somebody has dealt with it, and everything says when.

use ::app::{
    calls::{
        live::{self, How, Leaving, LiveCall},
        turn::Turn,
    },
    channels::voice::door,
    conversations::tools::{self, Around},
};
use chrono::{DateTime, Utc};
use contracts::llm::ToolCall;
use kernel::CustomerId;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

const CALLER: &str = "+972501234567";
/// A Sunday, 03:19 by the business's clock.
const NIGHT: &str = "2026-11-22T01:19:00Z";
/// Monday, 09:00 by the business's clock.
const MONDAY_MORNING: &str = "2026-11-23T07:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

async fn hook(app: &TestApp, path: &str, more: &[(&str, &str)]) {
    let mut fields = vec![("CallSid", "CA1"), ("From", CALLER), ("To", app.a.number.as_str())];
    fields.extend(more);
    let answer = app.webhook(path, &fields).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
}

/// The call on its media socket.
async fn on_the_line(app: &TestApp) -> LiveCall {
    hook(app, "/webhook/incoming_call", &[("CallStatus", "ringing")]).await;
    let state = &app.state;
    let token = state.voice.links.media_token("CA1", state.clock.now());
    let admitted = door::admit_token(state, "CA1", &token).expect("admitted");
    let scope = |business, call| door::agent_scope(&admitted, business, call);
    Box::pin(live::admit(state, "CA1", scope)).await.expect("a call")
}

async fn tool(app: &TestApp, call: &LiveCall, name: &str, arguments: Value) {
    let customer = call
        .customer
        .as_ref()
        .map(|customer| CustomerId::new(customer.id.get()));
    let around = Around::of_call(&app.state, call, customer);
    let id = name.to_owned();
    let asked = ToolCall {
        name: name.to_owned(),
        id,
        arguments,
    };
    let done = Box::pin(tools::run(around, &asked)).await;
    assert!(done.ok, "{name}: {}", done.content);
}

async fn says(app: &TestApp, call: &LiveCall, turn_id: i32, text: &str) {
    let turn = Turn {
        turn_id,
        caller_text: Some(text.to_owned()),
        mode: "realtime".to_owned(),
        ..Turn::default()
    };
    live::save_turn(&app.state, call, turn).await.expect("saved");
}

async fn hangs_up(app: &TestApp, call: LiveCall, wants_person: bool) {
    let leaving = Leaving {
        how: How::Over,
        recording: None,
        wants_person,
    };
    live::leave(&app.state, &call, leaving).await.expect("left");
    drop(call);
    hook(
        app,
        "/webhook/call_status",
        &[("CallStatus", "completed"), ("CallDuration", "40")],
    )
    .await;
    app.jobs_done().await;
}

async fn tasks(client: &Client) -> Vec<Value> {
    client.get("/api/tasks").await.ok()["results"]
        .as_array()
        .expect("tasks")
        .clone()
}

testkit::on_both_databases! {
    async fn tomorrow_morning_said_on_a_sunday_night_is_monday_morning(app: &TestApp) {
        app.advance(at(NIGHT) - app.clock.now());
        let call = on_the_line(app).await;
        // One task is made before the caller says when, one after.
        tool(app, &call, "create_task", json!({"title": "לחזור אל דנה: הצעת מחיר"})).await;
        says(app, &call, 1, "אפשר לחזור אליי מחר בבוקר.").await;
        let wish = json!({"callback_at": MONDAY_MORNING, "callback_words": "מחר בבוקר"});
        tool(app, &call, "save_contact", wish).await;
        tool(app, &call, "save_contact", json!({"need": "הצעת מחיר"})).await;
        tool(app, &call, "create_task", json!({"title": "לברר מחיר"})).await;
        hangs_up(app, call, true).await;

        let owner = app.sign_in(&app.a.owner).await;
        let tasks = tasks(&owner).await;
        assert_eq!(tasks.len(), 2, "{tasks:?}");
        for task in &tasks {
            assert_eq!(at(task["due_at"].as_str().expect("due")), at(MONDAY_MORNING), "{task}");
        }
        let call = owner.get("/api/calls/CA1").await.ok();
        assert_eq!((&call["outcome"], &call["needs_callback"]), (&json!("talked"), &json!(true)));
        assert_eq!(at(call["extracted"]["callback_at"].as_str().expect("noted")), at(MONDAY_MORNING));
        assert_eq!(call["extracted"]["callback_words"], "מחר בבוקר");
        assert_eq!(call["summary"], "הצעת מחיר. ביקשו שיחזרו אליהם מחר בבוקר.");
        let waiting = owner.get("/api/calls/waiting").await.ok();
        assert_eq!((&waiting["total"], &waiting["results"][0]["reason"]), (&json!(1), &json!("person")));
        owner.post("/api/calls/CA1/handle", json!({})).await.ok();
        assert_eq!(owner.get("/api/calls/waiting").await.ok()["total"], 0);
    }

    async fn who_asked_in_words_alone_waits_too(app: &TestApp) {
        app.advance(at(NIGHT) - app.clock.now());
        let call = on_the_line(app).await;
        says(app, &call, 1, "אני צריכה הצעת מחיר, תחזרו אליי ביום שלישי אחרי ארבע").await;
        hangs_up(app, call, false).await;
        let owner = app.sign_in(&app.a.owner).await;
        let call = owner.get("/api/calls/CA1").await.ok();
        assert_eq!(call["needs_callback"], true);
        assert_eq!(at(call["extracted"]["callback_at"].as_str().expect("noted")), at("2026-11-24T14:00:00Z"));
        assert_eq!(call["summary"], "ביקשו שיחזרו אליהם ביום שלישי אחרי ארבע.");
    }

    async fn who_asked_for_nothing_is_settled(app: &TestApp) {
        let call = on_the_line(app).await;
        says(app, &call, 1, "עד מתי אתם פתוחים מחר בבוקר?").await;
        hangs_up(app, call, false).await;
        let owner = app.sign_in(&app.a.owner).await;
        let call = owner.get("/api/calls/CA1").await.ok();
        assert_eq!((&call["needs_callback"], &call["extracted"]["callback_at"]), (&json!(false), &Value::Null));
    }
}
