//! Deleting, and forgetting for good: afterwards nothing of a person is anywhere.

use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::Client;

use crate::histories::{Dice, Somebody, files, found_anywhere, history, query};

const LIST: &str = "/api/crm/customers";

async fn dana(client: &Client) -> Value {
    let body = json!({"name": "דנה כהן", "phone": "0501234567", "email": "dana@example.com"});
    client.post(LIST, body).await.ok()
}

fn path(customer: &Value) -> String {
    format!("{LIST}/{}", customer["id"])
}

async fn total(client: &Client, query: &str) -> Value {
    client.get(&format!("{LIST}{query}")).await.ok()["total"].clone()
}

/// Everything that a bystander has, in their owner's eyes.
async fn seen(client: &Client, who: &Somebody) -> Vec<Value> {
    let id = who.id;
    let mut seen = Vec::new();
    for path in [
        format!("{LIST}/{id}"),
        format!("{LIST}/{id}/notes"),
        format!("/api/customers/{id}/timeline?limit=100"),
        format!("/api/tasks?customer_id={id}"),
        format!("/api/crm/calls?customer_id={id}"),
        format!("{LIST}?q={}", who.email),
    ] {
        seen.push(client.get(&path).await.ok());
    }
    seen
}

testkit::on_both_databases! {
    async fn a_deleted_customer_is_away_and_comes_back(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = dana(&owner).await;
        app.sign_in(&app.a.agent).await.delete(&path(&made)).await.problem(403, "forbidden");
        app.sign_in(&app.b.owner).await.delete(&path(&made)).await.problem(404, "not_found");
        assert_eq!(owner.delete(&path(&made)).await.status, 204);
        owner.get(&path(&made)).await.problem(404, "not_found");
        owner.delete(&path(&made)).await.problem(404, "not_found");
        for (query, found) in [("", 0), ("?q=דנה", 0), ("?phone=0501234567", 0), ("?deleted=true", 1), ("?deleted=true&q=דנה", 1)] {
            assert_eq!(total(&owner, query).await, found, "{query}");
        }
        app.sign_in(&app.a.agent).await.post(&format!("{}/restore", path(&made)), json!({})).await.problem(403, "forbidden");
        let back = owner.post(&format!("{}/restore", path(&made)), json!({})).await.ok();
        assert_eq!(back["phones"], made["phones"]);
        assert_eq!(total(&owner, "?q=דנה").await, 1);
        owner.post(&format!("{}/restore", path(&made)), json!({})).await.ok();
        let told = owner.get(&format!("/api/customers/{}/timeline", made["id"])).await.ok();
        let actions: Vec<&str> = told["items"].as_array().expect("items").iter().filter_map(|item| item["data"]["action"].as_str()).collect();
        assert_eq!(actions, ["restored", "deleted"]);
    }

    async fn restoring_over_a_phone_that_is_taken_is_refused(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = dana(&owner).await;
        owner.delete(&path(&made)).await.ok();
        let other = owner.post(LIST, json!({"name": "רות", "phone": "0501234567"})).await.ok();
        let refused = owner.post(&format!("{}/restore", path(&made)), json!({})).await.problem(409, "duplicate_phone");
        assert_eq!(refused["existing_id"], other["id"]);
        owner.patch(&path(&other), json!({"phone": null})).await.ok();
        owner.post(&format!("{}/restore", path(&made)), json!({})).await.ok();
    }

    async fn who_was_deleted_thirty_days_ago_is_forgotten_by_the_clock(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = dana(&owner).await;
        owner.post(&format!("{}/notes", path(&made)), json!({"text": "דנה כהן"})).await.ok();
        owner.delete(&path(&made)).await.ok();
        app.advance(TimeDelta::days(29));
        app.jobs_done().await;
        assert_eq!(total(&app.sign_in(&app.a.owner).await, "?deleted=true").await, 1);
        app.advance(TimeDelta::days(2));
        let id = made["id"].clone();
        testkit::eventually("the purge", || async {
            let gone = query(app, &format!("SELECT CAST(id AS TEXT) AS it FROM customers WHERE id = {id} AND forgotten_at IS NOT NULL")).await;
            (!gone.is_empty()).then_some(())
        })
        .await;
        app.jobs_done().await;
        let needles = ["דנה כהן", "972501234567", "dana@example.com"].map(str::to_owned);
        assert_eq!(found_anywhere(app, &needles).await, Vec::<String>::new());
        app.sign_in(&app.a.owner).await.post(&format!("{}/restore", path(&made)), json!({})).await.problem(404, "not_found");
    }

    async fn forgetting_needs_a_reason_the_right_and_a_quiet_line(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let made = dana(&owner).await;
        let forget = format!("{}/forget", path(&made));
        owner.post(&forget, json!({})).await.problem(400, "missing_field");
        owner.post(&forget, json!({"reason": " "})).await.problem(400, "missing_field");
        app.sign_in(&app.a.agent).await.post(&forget, json!({"reason": "x"})).await.problem(403, "forbidden");
        app.sign_in(&app.b.owner).await.post(&forget, json!({"reason": "x"})).await.problem(404, "not_found");
        let ringing = [("CallSid", "CA1"), ("AccountSid", app.account_sid()), ("From", "+972501234567"),
            ("To", app.a.number.as_str()), ("Direction", "inbound"), ("CallStatus", "ringing")];
        app.webhook("/webhook/incoming_call", &ringing).await.ok();
        owner.post(&forget, json!({"reason": "x"})).await.problem(409, "call_running");
        let mut over = ringing.to_vec();
        over[5] = ("CallStatus", "completed");
        app.webhook("/webhook/call_status", &over).await.ok();
        app.jobs_done().await;
        let reason = json!({"reason": "ביקשה דנה כהן במייל dana@example.com, 050-1234567"});
        assert_eq!(owner.post(&forget, reason).await.status, 204);
        owner.post(&forget, json!({"reason": "x"})).await.problem(404, "not_found");
        let audited = query(app, "SELECT CAST(changes AS TEXT) AS it FROM audit_log WHERE action = 'customer.forgotten'").await;
        assert!(audited[0].contains("ביקשה") && !audited[0].contains("דנה") && !audited[0].contains("050"), "{audited:?}");
        // The phone is nobody's: who calls from it is somebody new.
        let again = owner.post(LIST, json!({"name": "רות", "phone": "0501234567"})).await.status(201);
        assert_ne!(again["id"], made["id"]);
        assert_eq!(query(app, "SELECT from_number AS it FROM calls").await, ["anonymous"]);
    }

    async fn an_answer_kept_for_a_repeated_request_is_not_shown_again(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let create = || {
            let request = owner.request(reqwest::Method::POST, LIST).header("Idempotency-Key", "k");
            owner.send(request.json(&json!({"name": "דנה \"די\" כהן", "phone": "0501234567"})))
        };
        let made = create().await.ok();
        owner.post(&format!("{}/forget", path(&made)), json!({"reason": "x"})).await.status(204);
        create().await.problem(410, "forgotten");
        assert_eq!(total(&owner, "").await, 0, "nor is it done again");
    }

    async fn what_comes_late_of_a_forgotten_caller_is_not_kept(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let mut dice = Dice::new(3);
        let who = Somebody::make(&owner, 1, &mut dice).await;
        who.call(app, &mut dice).await;
        app.jobs_done().await;
        let sid = query(app, "SELECT call_sid AS it FROM calls").await.remove(0);
        owner.post(&format!("{}/forget", who.path()), json!({"reason": "x"})).await.status(204);
        let late = [("CallSid", sid.as_str()), ("AccountSid", app.account_sid()), ("From", who.phone.as_str()),
            ("To", app.a.number.as_str()), ("Direction", "inbound"), ("CallStatus", "completed"), ("RecordingSid", "RE9"),
            ("RecordingUrl", "https://api.twilio.com/recording"), ("RecordingStatus", "completed"), ("CallDuration", "9")];
        app.webhook("/webhook/recording_status", &late).await;
        app.webhook("/webhook/call_status", &late).await;
        app.jobs_done().await;
        assert_eq!(found_anywhere(app, &who.needles()).await, Vec::<String>::new());
        assert_eq!(files(app), Vec::new());
    }

    async fn nothing_of_a_forgotten_person_is_anywhere_and_nobody_else_is_touched(app: &TestApp) {
        for seed in 0..4_u64 {
            let owner = app.sign_in(&app.a.owner).await;
            let mut dice = Dice::new(seed + 40);
            let gone = Somebody::make(&owner, seed * 10 + 1, &mut dice).await;
            let merged = Somebody::make(&owner, seed * 10 + 2, &mut dice).await;
            let stays = Somebody::make(&owner, seed * 10 + 3, &mut dice).await;
            let people = [&gone, &merged, &stays];
            for _ in 0..(6 + dice.roll(12)) {
                let who = people[usize::try_from(dice.roll(3)).expect("small")];
                who.live(app, &owner, &mut dice).await;
            }
            gone.call(app, &mut dice).await;
            stays.call(app, &mut dice).await;
            app.jobs_done().await;
            let mut needles = gone.needles();
            if seed % 2 == 0 {
                let merge = json!({"other_id": merged.id});
                let merge = owner.post(&format!("{}/merge", gone.path()), merge).await.ok();
                if seed == 2 {
                    owner.post(&format!("{LIST}/merges/{}/undo", merge["merge_id"]), json!({})).await.ok();
                } else {
                    needles.extend(merged.needles());
                }
            } else {
                // a call that somebody has unlinked is known by its number
                let call = query(app, &format!("SELECT CAST(id AS TEXT) AS it FROM calls WHERE customer_id = {}", gone.id)).await;
                owner.post(&format!("/api/calls/{}/unlink", call[0]), json!({})).await.ok();
                if seed == 3 {
                    owner.delete(&gone.path()).await.ok();
                }
            }
            let (before, files_before) = (seen(&owner, &stays).await, files(app).len());
            assert!(!found_anywhere(app, &needles).await.is_empty(), "the test looks where things are");
            app.sql("ANALYZE", Vec::new()).await;

            owner.post(&format!("{}/forget", gone.path()), json!({"reason": "ביקשו"})).await.status(204);
            app.jobs_done().await;
            assert_eq!(found_anywhere(app, &needles).await, Vec::<String>::new(), "seed {seed}");
            owner.get(&gone.path()).await.problem(404, "not_found");
            assert_eq!(seen(&owner, &stays).await, before, "seed {seed}: somebody else was touched");
            assert!(files(app).len() < files_before, "seed {seed}");
            let calls = history(app, gone.id).await;
            assert!(calls.iter().any(|row| row.starts_with("calls:")), "calls stay for statistics: {calls:?}");
        }
        app.advance(TimeDelta::minutes(2));
    }
}
