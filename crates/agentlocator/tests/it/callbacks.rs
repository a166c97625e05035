//! Twilio delivers late, twice and out of order: what is on record afterwards is the same.

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

type Fields = Vec<(&'static str, String)>;

/// One callback of a call: where to and with what.
fn callback(app: &TestApp, sid: &str, path: &str, more: &[(&'static str, &str)]) -> (String, Fields) {
    let mut fields: Fields = [("CallSid", sid), ("AccountSid", app.account_sid())]
        .into_iter()
        .chain([
            ("From", "+972501234567"),
            ("To", app.a.number.as_str()),
            ("Direction", "inbound"),
        ])
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    (path.to_owned(), fields)
}

/// All of a call whose conversation broke off, whose caller left a message, and whom nobody could be found for.
fn callbacks(app: &TestApp, sid: &str) -> Vec<(String, Fields)> {
    let recorded = [
        ("CallStatus", "in-progress"),
        ("RecordingSid", sid),
        ("RecordingUrl", "https://api.twilio.com/recording"),
        ("RecordingDuration", "3"),
    ];
    vec![
        callback(app, sid, "/webhook/incoming_call", &[("CallStatus", "ringing")]),
        callback(app, sid, "/webhook/stream_ended", &[("CallStatus", "in-progress")]),
        callback(app, sid, "/webhook/handle_recording", &recorded),
        callback(
            app,
            sid,
            "/webhook/call_status",
            &[("CallStatus", "completed"), ("CallDuration", "9")],
        ),
        callback(app, sid, "/webhook/recording_status", &recorded),
        callback(app, sid, "/webhook/stream_status", &[("StreamEvent", "stream-started")]),
        callback(app, sid, "/webhook/stream_status", &[("StreamEvent", "stream-stopped")]),
    ]
}

async fn deliver(app: &TestApp, (path, fields): &(String, Fields)) -> String {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = app.webhook(path, &fields).await;
    assert!(
        answer.status.is_success(),
        "{path}: {} {}",
        answer.status,
        answer.text()
    );
    answer.text()
}

async fn five_times(app: &TestApp, callback: &(String, Fields)) {
    let answers = join_all((0..5).map(|_| deliver(app, callback))).await;
    for answer in &answers {
        assert_eq!(answer, &answers[0], "{}", callback.0);
    }
}

/// What must be the same however the callbacks came.
async fn record(client: &Client, sid: &str) -> Value {
    let call = client.get(&format!("/api/crm/calls/{sid}")).await.ok();
    let timeline = client
        .get(&format!("/api/customers/{}/timeline?types=call", call["customer_id"]))
        .await
        .ok();
    let of_this = |item: &&Value| item["data"]["call_id"] == call["id"];
    json!({
        "status": call["status"], "ended": !call["ended_at"].is_null(), "duration": call["duration_seconds"],
        "outcome": call["outcome"], "needs_callback": call["needs_callback"], "mode": call["mode"],
        "recordings": call["recordings"].as_array().map(Vec::len), "turns": call["turns"].as_array().map(Vec::len),
        "from": call["from_number"], "to": call["to_number"],
        "timeline": timeline["items"].as_array().expect("items").iter().filter(of_this).count(),
    })
}

async fn events(client: &Client, name: &str) -> usize {
    let events = client.get("/api/events?after=0&limit=500").await.ok().to_string();
    events.matches(&format!("\"{name}\"")).count()
}

fn once(app: &TestApp) -> Value {
    json!({
        "status": "completed", "ended": true, "duration": 9, "outcome": "message", "needs_callback": true,
        "mode": "realtime", "recordings": 1, "turns": 0, "from": "+972501234567", "to": app.a.number, "timeline": 1,
    })
}

/// All orders of four.
fn orders() -> Vec<[usize; 4]> {
    let mut orders = Vec::new();
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| *c != a && *c != b) {
                orders.push([a, b, c, 6 - a - b - c]);
            }
        }
    }
    orders
}

testkit::on_both_databases! {
    async fn every_callback_five_times_at_once_is_one_call_one_recording_and_one_timeline_entry(app: &TestApp) {
        for callback in &callbacks(app, "CA1") {
            five_times(app, callback).await;
        }
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(record(&owner, "CA1").await, once(app));
        assert_eq!(owner.get("/api/crm/calls").await.ok()["total"], 1);
        assert_eq!(owner.get("/api/crm/customers").await.ok()["total"], 1);
        app.leaves_jobs();
    }

    async fn everything_five_times_and_all_at_once_is_one_call_too(app: &TestApp) {
        let all = callbacks(app, "CA1");
        join_all(all.iter().cycle().take(5 * all.len()).map(|callback| deliver(app, callback))).await;
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(record(&owner, "CA1").await, once(app));
        assert_eq!(owner.get("/api/crm/calls").await.ok()["total"], 1);
        assert_eq!(owner.get("/api/crm/customers").await.ok()["total"], 1);
        testkit::eventually("both events", || async {
            (events(&owner, "call:started").await > 0 && events(&owner, "call:ended").await > 0).then_some(())
        })
        .await;
        assert_eq!((events(&owner, "call:started").await, events(&owner, "call:ended").await), (1, 1));
        app.leaves_jobs();
    }

    async fn a_person_s_line_that_ends_five_times_at_once_ended_once(app: &TestApp) {
        let all = callbacks(app, "CA1");
        deliver(app, &all[0]).await;
        let owner = app.sign_in(&app.a.owner).await;
        let id = owner.get("/api/crm/calls/CA1").await.ok()["id"].clone();
        let spoke = [("CallStatus", "in-progress"), ("DialCallStatus", "completed"), ("DialBridged", "true"), ("DialCallDuration", "40")];
        five_times(app, &callback(app, "CA1", &format!("/webhook/whisper?call={id}"), &[])).await;
        five_times(app, &callback(app, "CA1", &format!("/webhook/dial_ended?call={id}"), &spoke)).await;
        five_times(app, &callback(app, "CA9", &format!("/webhook/take_over_ended?call={id}&user=1&at=0"), &[("CallStatus", "completed")])).await;
        five_times(app, &all[3]).await;
        let call = owner.get("/api/crm/calls/CA1").await.ok();
        assert_eq!((&call["person_seconds"], &call["outcome"]), (&json!(40), &json!("transferred")), "{call:#}");
        assert_eq!(owner.get("/api/crm/calls").await.ok()["total"], 1);
        app.leaves_jobs();
    }

    async fn callbacks_in_all_orders_end_in_the_same_state(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for (n, order) in orders().iter().enumerate() {
            let sid = format!("CA{n}");
            let all = callbacks(app, &sid);
            for place in order {
                deliver(app, &all[*place]).await;
            }
            assert_eq!(record(&owner, &sid).await, once(app), "{order:?}");
        }
        app.leaves_jobs();
    }
}
