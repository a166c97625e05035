//! A weekend in virtual time: whoever rang while the business was closed is on «since closing» or settled, and nothing
//! left by itself while the Sabbath or a holiday was kept.

use ::app::{
    accounts::businesses::hours::Office,
    calls::{
        live::{self, How, Leaving},
        turn::Turn,
    },
    channels::voice::door,
    crm::tasks::{
        actions,
        model::{NewTask, Source},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::BusinessId;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use simulator::standins::{self, Running, Settings, VoiceKind};
use testkit::{Changes, Client, Database, TestApp, eventually, tell};

use crate::stats::equal_their_lists;

/// From the closing before until work begins again, in UTC.
struct Weekend {
    closing: &'static str,
    /// In the middle of what is kept.
    kept: &'static str,
    opening: &'static str,
}

/// What a caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Hidden,
    HangsUp,
    WantsPerson,
    LeavesMessage,
    Talks,
}

use Caller::{HangsUp, Hidden, LeavesMessage, Talks, WantsPerson};

/// Twelve calls, 2 hidden, 3 hung up, 1 asks for a person.
const CALLERS: [Caller; 12] = [
    Talks,
    HangsUp,
    Hidden,
    LeavesMessage,
    Talks,
    WantsPerson,
    HangsUp,
    Talks,
    Hidden,
    LeavesMessage,
    HangsUp,
    Talks,
];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn until(app: &TestApp, moment: DateTime<Utc>) {
    app.advance(moment - app.clock.now());
}

async fn hook(app: &TestApp, path: &str, sid: &str, from: &str, more: &[(&str, &str)]) {
    let fields = [
        ("CallSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", from),
        ("To", app.a.number.as_str()),
    ];
    let fields: Vec<_> = fields
        .into_iter()
        .chain([("Direction", "inbound")])
        .chain(more.iter().copied())
        .collect();
    let answer = app.webhook(path, &fields).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
}

/// The caller says something to the agent, who says goodbye.
async fn talk(app: &TestApp, sid: &str) {
    let state = &app.state;
    let token = state.voice.links.media_token(sid, state.clock.now());
    let admitted = door::admit_token(state, sid, &token).expect("admitted");
    let scope = |business, call| door::agent_scope(&admitted, business, call);
    let call = Box::pin(live::admit(state, sid, scope)).await.expect("a call");
    let turn = Turn {
        turn_id: 1,
        caller_text: Some("שלום".to_owned()),
        mode: "realtime".to_owned(),
        ..Turn::default()
    };
    live::save_turn(state, &call, turn).await.expect("saved");
    let leaving = Leaving {
        how: How::Over,
        recording: None,
        wants_person: false,
    };
    live::leave(state, &call, leaving).await.expect("left");
}

async fn call(app: &TestApp, number: usize, caller: Caller) {
    let (sid, from) = (format!("CA{number}"), format!("+9725010000{number:02}"));
    let from = if caller == Hidden { "anonymous" } else { from.as_str() };
    hook(app, "/webhook/incoming_call", &sid, from, &[("CallStatus", "ringing")]).await;
    match caller {
        Hidden | HangsUp => {}
        Talks => Box::pin(talk(app, &sid)).await,
        LeavesMessage => {
            let recorded = [
                ("RecordingSid", "RE1"),
                ("RecordingUrl", "https://api.twilio.com/recording"),
                ("RecordingDuration", "3"),
            ];
            let more: Vec<_> = recorded.into_iter().chain([("CallStatus", "in-progress")]).collect();
            hook(app, "/webhook/handle_recording", &sid, from, &more).await;
        }
        WantsPerson => {
            let step: sea_orm::Value =
                json!({"step": "dial", "to": "+972528888888", "user_id": null, "reason": "x"}).into();
            app.sql(
                "UPDATE calls SET next_step = $1 WHERE call_sid = $2",
                vec![step, sid.as_str().into()],
            )
            .await;
            hook(
                app,
                "/webhook/stream_ended",
                &sid,
                from,
                &[("CallStatus", "in-progress")],
            )
            .await;
            let owner = app.sign_in(&app.a.owner).await;
            let id = owner.get(&format!("/api/calls/{sid}")).await.ok()["id"].clone();
            hook(
                app,
                &format!("/webhook/dial_ended?call={id}"),
                &sid,
                from,
                &[("DialCallStatus", "no-answer")],
            )
            .await;
        }
    }
    hook(
        app,
        "/webhook/call_status",
        &sid,
        from,
        &[("CallStatus", "completed"), ("CallDuration", "30")],
    )
    .await;
}

/// What has left: pushes that arrived, mails, alarms that rang.
async fn left(app: &TestApp, browser: &Client, path: &str) -> (usize, usize, i64) {
    let arrived = browser.get(path).await.ok()["arrived"].as_array().map_or(0, Vec::len);
    (
        arrived,
        app.mails.state.letters().len(),
        count(app, "SELECT COUNT(*) FROM task_occurrences").await,
    )
}

async fn count(app: &TestApp, sql: &str) -> i64 {
    let tx = app.state.db.system_read("test: a count").await.expect("a transaction");
    let row = tx
        .conn()
        .query_one_raw(Statement::from_string(app.state.db.backend(), sql))
        .await;
    row.expect("a row")
        .expect("a row")
        .try_get_by_index(0)
        .expect("a number")
}

async fn kept(app: &TestApp) -> bool {
    let tx = app
        .state
        .db
        .read(&platform::jobs::clockwork(BusinessId::new(app.a.id), "test"))
        .await
        .expect("a transaction");
    Office::of_scope(&tx)
        .await
        .expect("an office")
        .observance(tx.now())
        .is_some()
}

/// The owner is told of calls in every way, on a device and by mail.
async fn prepared(app: &TestApp, standins: &Running) -> (Client, String) {
    let owner = app.sign_in(&app.a.owner).await;
    let every = json!({"screen": true, "push": true, "email": true});
    let kinds = json!({"kinds": {"missed_call": every, "task_due": every, "handover": every, "daily_digest": every}});
    owner.patch("/api/notifications/preferences", kinds).await.ok();
    let browser = Client::new(standins.base.as_str().trim_end_matches('/'));
    let key = owner.get("/api/push/vapid_public_key").await.ok();
    let asked = json!({"application_server_key": key["public_key"], "now": app.clock.now().timestamp()});
    let made = browser.post("/_push/browsers", asked).await.status(201);
    owner
        .post("/api/push/subscriptions", made["subscription"].clone())
        .await
        .status(201);
    let path = format!("/_push/browsers/{}", made["id"].as_str().expect("an id"));
    (browser, path)
}

async fn made_by_a_call(app: &TestApp) -> DateTime<Utc> {
    let tx = app
        .state
        .db
        .write(&platform::jobs::clockwork(BusinessId::new(app.a.id), "test"))
        .await
        .expect("a transaction");
    let new = NewTask {
        title: "לחזור".to_owned(),
        source: Source::Call,
        ..NewTask::default()
    };
    let task = actions::create(&tx, new).await.expect("a task");
    tx.commit().await.expect("committed");
    assert!(task.assignee_id.is_some());
    task.due_at.expect("due")
}

async fn spent(app: &TestApp, standins: &Running, weekend: &Weekend) {
    let (closing, opening) = (at(weekend.closing), at(weekend.opening));
    until(app, closing - TimeDelta::minutes(5));
    let (browser, path) = prepared(app, standins).await;
    let agent = app.sign_in(&app.a.agent).await;
    let alarm = json!({"title": "alarm", "due_at": at(weekend.kept), "assignee_id": app.a.owner.id});
    agent.post("/api/tasks", alarm).await.status(201);
    // From half an hour after the closing until an hour before the opening.
    let first = closing + TimeDelta::minutes(30);
    let step = (opening - TimeDelta::minutes(60) - first) / 11;
    let mut before = None;
    let mut kept_calls = 0;
    for (number, caller) in (0..).zip(CALLERS) {
        until(app, first + step * number);
        let number = usize::try_from(number).expect("small");
        let keeps = kept(app).await;
        if keeps {
            app.jobs_done().await;
            // What was told before it began has arrived by now.
            let told = left(app, &browser, &path).await;
            assert_eq!(*before.get_or_insert(told), told, "before call {number}");
            kept_calls += 1;
        }
        call(app, number, caller).await;
        if keeps {
            assert_eq!(
                made_by_a_call(app).await,
                opening + TimeDelta::minutes(15),
                "call {number}"
            );
            app.jobs_done().await;
            assert_eq!(
                before,
                Some(left(app, &browser, &path).await),
                "call {number}: {caller:?}"
            );
        }
    }
    assert!(kept_calls >= 5, "{kept_calls}");
    until(app, opening - TimeDelta::seconds(1));
    app.jobs_done().await;
    let (_, _, rang) = left(app, &browser, &path).await;
    assert_eq!(
        rang,
        before.map_or(0, |(_, _, rang)| rang),
        "no alarm before the opening"
    );
    nobody_is_forgotten(app, closing).await;
    // What waited comes now.
    until(app, opening + TimeDelta::minutes(1));
    let letters = before.map_or(0, |(_, letters, _)| letters);
    eventually("what waited", || async {
        let (_, mails, rang) = left(app, &browser, &path).await;
        (mails > letters && rang >= 1).then_some(())
    })
    .await;
    app.leaves_jobs();
}

/// Each call is among those who wait, or settled.
async fn nobody_is_forgotten(app: &TestApp, closing: DateTime<Utc>) {
    let owner = app.sign_in(&app.a.owner).await;
    let figures = owner.get("/api/stats/since_closing").await.ok();
    assert_eq!(at(figures["since"].as_str().expect("a time")), closing);
    assert_eq!(figures["is_open"], false);
    equal_their_lists(&owner, &figures).await;
    let calls = &figures["calls"];
    assert_eq!(
        (&calls["all"]["total"], &calls["settled"]["total"]),
        (&json!(12), &json!(4)),
        "{figures:#}"
    );
    let waiting = &figures["waiting"];
    let groups: Vec<_> = waiting["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| group["total"].as_u64())
        .collect();
    assert_eq!(
        groups,
        [Some(1), Some(2), Some(3), Some(2)],
        "person, message, hung up, hidden"
    );
    let rows = waiting["rows"].as_array().expect("rows");
    let attempts: u64 = rows.iter().filter_map(|row| row["attempts"].as_u64()).sum();
    assert_eq!(attempts, 8);
    for row in rows.iter().filter(|row| row["reason"] != "hidden") {
        assert!(
            row["from_number"]
                .as_str()
                .is_some_and(|number| number.starts_with("+972"))
                && row["last_call_id"].is_i64(),
            "{row}"
        );
    }
    // One after the other is dealt with, and nobody is left.
    for row in rows {
        owner
            .post(&format!("/api/calls/{}/handle", row["last_call_id"]), Value::Null)
            .await
            .ok();
    }
    let settled = owner.get("/api/stats/since_closing").await.ok();
    assert_eq!(
        (
            &settled["waiting"]["callers"]["total"],
            &settled["calls"]["settled"]["total"]
        ),
        (&json!(0), &json!(12))
    );
}

macro_rules! weekends {
    ($($name:ident: $weekend:expr;)*) => {$(
        mod $name {
            use super::*;

            async fn story(database: Database) {
                let settings = Settings { voice: VoiceKind::Tones, ..Settings::default() };
                let standins = standins::start(settings).await.expect("stand-ins");
                let target = format!("127.0.0.1:{}", standins.base.port().expect("a port"));
                let changes: Changes = vec![("OUTBOUND_ALLOW", target)].into();
                tell(database, changes, |app| async move { Box::pin(spent(&app, &standins, &$weekend)).await }).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                story(Database::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                story(Database::Postgres).await;
            }
        }
    )*};
}

weekends! {
    // Friday one o'clock in summer until Sunday nine in winter: clocks change on that Sunday.
    a_sabbath_across_a_change_of_clocks: Weekend {
        closing: "2027-10-29T10:00:00Z", kept: "2027-10-30T10:00:00Z", opening: "2027-10-31T07:00:00Z",
    };
    // The eve of Rosh Hashana is a Wednesday, the third day a Sabbath.
    rosh_hashana_next_to_a_sabbath: Weekend {
        closing: "2028-09-20T10:00:00Z", kept: "2028-09-22T10:00:00Z", opening: "2028-09-24T06:00:00Z",
    };
}
