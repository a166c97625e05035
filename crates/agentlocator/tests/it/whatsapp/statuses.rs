//! What becomes of a message, told in any order.

use serde_json::{Value, json};

use super::fake::{ALL, Fake, accepted, bridge, has_status, messages, numbered, only_thread, tells, unknown, writes};
use contracts::whatsapp::Carrier;

const DANA: &str = "+972501234567";

fn permutations(items: &[&'static str]) -> Vec<Vec<&'static str>> {
    match items {
        [] => vec![Vec::new()],
        _ => (0..items.len())
            .flat_map(|at| {
                let mut rest = items.to_vec();
                let first = rest.remove(at);
                permutations(&rest).into_iter().map(move |mut tail| {
                    tail.insert(0, first);
                    tail
                })
            })
            .collect(),
    }
}

async fn sent(app: &testkit::TestApp) -> (testkit::Client, Value, Value) {
    numbered(app).await;
    writes(app, DANA, "SMin", "שלום").await.status(204);
    let owner = app.sign_in(&app.a.owner).await;
    let thread = only_thread(&owner).await;
    let sent = owner
        .post("/api/whatsapp/send", json!({ "to": DANA, "text": "כן" }))
        .await
        .ok();
    (owner, thread, sent)
}

testkit::on_both_databases! {
    async fn in_every_order_a_message_only_goes_forward(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        Fake::in_place(app);
        let (owner, thread, _) = sent(app).await;
        for (told, end) in [(["sent", "delivered", "read"], "read"), (["sent", "delivered", "failed"], "delivered")] {
            for order in permutations(&told) {
                let sent = owner.post("/api/whatsapp/send", json!({ "to": DANA, "text": "עוד" })).await.ok();
                let sid = sent["sid"].as_str().expect("a sid");
                for status in order.iter().chain(&order) {
                    tells(app, sid, status).await;
                }
                let all = messages(&owner, &thread).await;
                let message = all.iter().find(|message| message["id"] == sent["id"]).expect("the message");
                assert_eq!(message["status"], end, "{order:?}");
                assert!(message["sent_at"].is_string() && message["delivered_at"].is_string(), "{order:?}: {message}");
            }
        }
        app.leaves_jobs();
    }

    async fn a_status_that_beats_the_answer_waits_for_it(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let fake = Fake::in_place(app);
        numbered(app).await;
        writes(app, DANA, "SMin", "שלום").await.status(204);
        fake.answers(Carrier::Twilio, [accepted("SMearly")]);
        tells(app, "SMearly", "delivered").await;
        tells(app, "SMearly", "sent").await;
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/whatsapp/send", json!({ "to": DANA, "text": "כן" })).await.ok();
        let all = messages(&owner, &only_thread(&owner).await).await;
        assert_eq!((&all[1]["status"], &all[1]["sid"]), (&json!("delivered"), &json!("SMearly")));
        app.leaves_jobs();
    }

    async fn what_the_bridge_lost_sight_of_is_unknown_until_a_receipt_comes(app: &TestApp) with [ALL[1], ALL[6]] {
        let fake = Fake::in_place(app);
        let owner = app.sign_in(&app.a.owner).await;
        let sent = owner.post("/api/whatsapp/send", json!({ "to": DANA, "text": "כן" })).await.ok();
        assert_eq!(sent["status"], "sending");
        let told = async |status: &str| {
            let data = json!({ "id": fake.last().id, "status": status, "timestamp": app.clock.now().timestamp() });
            bridge(app, "status", data).await.status(204);
        };
        told("unknown").await;
        has_status(app, &sent["id"], "unknown").await;
        told("delivered").await;
        told("unknown").await;
        has_status(app, &sent["id"], "delivered").await;
        assert_eq!(fake.sent().len(), 1);
        app.leaves_jobs();
    }

    async fn what_may_have_gone_is_never_sent_again_and_its_status_tells(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let fake = Fake::in_place(app);
        numbered(app).await;
        writes(app, DANA, "SMin", "שלום").await.status(204);
        fake.answers(Carrier::Twilio, [unknown()]);
        let owner = app.sign_in(&app.a.owner).await;
        let sent = owner.post("/api/whatsapp/send", json!({ "to": DANA, "text": "כן" })).await.ok();
        assert_eq!(sent["status"], "unknown");
        for _ in 0..12 {
            app.advance(chrono::TimeDelta::hours(1));
            app.jobs_done().await;
        }
        assert_eq!(fake.sent().len(), 1, "never a second time");
        assert!(fake.looked() > 0, "it was looked for");
        has_status(app, &sent["id"], "unknown").await;
        let owner = app.sign_in(&app.a.owner).await;
        owner.post(&format!("/api/whatsapp/messages/{}/retry", sent["id"]), Value::Null).await.problem(409, "not_failed");
        app.sign_in(&app.b.owner).await.post(&format!("/api/whatsapp/messages/{}/retry?unknown=true", sent["id"]), Value::Null).await.problem(404, "not_found");
        fake.finds(contracts::whatsapp::Found::There { carrier_id: "SMfound".to_owned(), status: contracts::whatsapp::Status::Delivered });
        app.sql("INSERT INTO jobs (business_id, kind, payload, state, run_at, attempts, max_attempts, request_id, created_at) \
            SELECT business_id, 'messages.reconcile', $1, 'queued', $2, 0, 8, 'x', $2 FROM messages WHERE status = 'unknown'",
            vec![json!({ "message_id": sent["id"] }).into(), app.clock.now().into()]).await;
        app.advance(chrono::TimeDelta::seconds(1));
        has_status(app, &sent["id"], "delivered").await;
        assert_eq!(fake.sent().len(), 1);
        app.leaves_jobs();
    }
}
