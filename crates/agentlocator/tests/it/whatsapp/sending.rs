//! What goes out: at most once, by whom it may, and whatever is cut off in between.

use chrono::TimeDelta;
use contracts::whatsapp::{Carrier, Found};
use serde_json::{Value, json};
use testkit::TestApp;

use super::fake::{
    ALL, Fake, bridge, from_bridge, has_status, later, messages, numbered, only_thread, refused, unknown, unusable,
    writes,
};

const DANA: &str = "+972501234567";

async fn send(client: &testkit::Client, text: &str) -> testkit::Answer {
    client
        .post("/api/whatsapp/send", json!({ "to": DANA, "text": text }))
        .await
}

/// Dana has written by Twilio, and business a may answer.
async fn begun(app: &TestApp) -> (Fake, testkit::Client) {
    let fake = Fake::in_place(app);
    numbered(app).await;
    writes(app, DANA, "SMin", "שלום").await.status(204);
    (fake, app.sign_in(&app.a.owner).await)
}

/// A file that a message may bring.
async fn upload(owner: &testkit::Client) -> Value {
    let part = reqwest::multipart::Part::bytes(b"%PDF-1.7".to_vec()).file_name("offer.pdf");
    let part = part.mime_str("application/pdf").expect("a type");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = owner.request(reqwest::Method::POST, "/api/files").multipart(form);
    owner.send(request).await.status(201)
}

/// Lets time pass until all that was put off has been tried.
async fn pass(app: &TestApp, times: usize, by: TimeDelta) {
    for _ in 0..times {
        app.advance(by);
        app.jobs_done().await;
    }
}

testkit::on_both_databases! {
    async fn what_was_not_taken_is_tried_again_and_then_by_another(app: &TestApp) with [ALL[0], ALL[1], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        fake.answers(Carrier::Twilio, [later(), later()]);
        let sent = send(&owner, "כן").await.ok();
        assert_eq!(sent["status"], "queued", "it will be tried again");
        pass(app, 4, TimeDelta::minutes(1)).await;
        has_status(app, &sent["id"], "sending").await;
        assert_eq!(fake.sent().len(), 3, "twice in vain");

        fake.answers(Carrier::Twilio, (0..5).map(|_| later()));
        let sent = send(&owner, "עוד").await.ok();
        pass(app, 8, TimeDelta::minutes(11)).await;
        let message = has_status(app, &sent["id"], "sending").await;
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(message["provider"], "baileys", "after five tries another takes it");
        assert_eq!(fake.sent().iter().filter(|(_, text)| text == "עוד").count(), 6);
        assert_eq!(only_thread(&owner).await["provider"], "baileys");
        app.leaves_jobs();
    }

    async fn one_that_takes_nothing_gives_way_at_once(app: &TestApp) with [ALL[0], ALL[1], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        fake.answers(Carrier::Twilio, [unusable()]);
        let sent = send(&owner, "כן").await.ok();
        assert_eq!((&sent["provider"], &sent["status"]), (&json!("baileys"), &json!("sending")));
        let carriers: Vec<Carrier> = fake.sent().iter().map(|(carrier, _)| *carrier).collect();
        assert_eq!(carriers, [Carrier::Twilio, Carrier::Baileys]);

        fake.answers(Carrier::Twilio, [unusable()]);
        let named = json!({ "to": DANA, "text": "רק כך", "provider": "twilio" });
        let refused = owner.post("/api/whatsapp/send", named).await.problem(502, "provider_rejected");
        assert_eq!((&refused["provider"], &refused["code"]), (&json!("twilio"), &json!("63051")));
        app.leaves_jobs();
    }

    async fn what_is_refused_for_good_goes_nowhere_else(app: &TestApp) with [ALL[0], ALL[1], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        fake.answers(Carrier::Twilio, [refused("21211")]);
        let problem = send(&owner, "כן").await.problem(502, "provider_rejected");
        assert_eq!((&problem["code"], &problem["detail"]), (&json!("21211"), &json!("המספר אינו מקבל הודעות וואטסאפ")));
        assert_eq!(fake.sent().len(), 1);
        let again = owner.post(&format!("/api/whatsapp/messages/{}/retry", problem["id"]), Value::Null).await.ok();
        assert_eq!(again["status"], "sending");
        assert_eq!(fake.sent().len(), 2);
        app.leaves_jobs();
    }

    async fn what_may_have_gone_goes_by_no_other(app: &TestApp) with [ALL[0], ALL[1], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        fake.answers(Carrier::Twilio, [unknown()]);
        assert_eq!(send(&owner, "כן").await.ok()["status"], "unknown");
        pass(app, 6, TimeDelta::hours(1)).await;
        assert_eq!(fake.sent().len(), 1);
        app.leaves_jobs();
    }

    async fn a_person_may_send_again_what_may_have_gone(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        fake.answers(Carrier::Twilio, [unknown()]);
        let sent = send(&owner, "כן").await.ok();
        let path = format!("/api/whatsapp/messages/{}/retry?unknown=true", sent["id"]);
        assert_eq!(owner.post(&path, Value::Null).await.ok()["status"], "sending");
        assert_eq!(fake.sent().len(), 2);
        owner.post(&path, Value::Null).await.problem(409, "not_failed");
        app.leaves_jobs();
    }

    async fn on_the_sabbath_people_write_and_machines_wait(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let fake = Fake::in_place(app);
        numbered(app).await;
        app.advance(TimeDelta::days(3));
        writes(app, DANA, "SM1", "הסר").await.status(204);
        writes(app, "+972527654321", "SM2", "שלום").await.status(204);
        pass(app, 3, TimeDelta::minutes(10)).await;
        assert!(fake.sent().is_empty(), "the confirmation waits");
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/whatsapp/send", json!({ "to": "+972527654321", "text": "כן" })).await.ok();
        assert_eq!(fake.sent().len(), 1, "a person writes when they like");
        pass(app, 8, TimeDelta::hours(3)).await;
        assert_eq!(fake.sent().len(), 2, "{:?}", fake.sent());
        app.leaves_jobs();
    }

    async fn a_file_is_uploaded_and_sent(app: &TestApp) with [ALL[1], ALL[6]] {
        let fake = Fake::in_place(app);
        let owner = app.sign_in(&app.a.owner).await;
        let uploaded = upload(&owner).await;
        assert_eq!((&uploaded["name"], &uploaded["content_type"], &uploaded["size"]), (&json!("offer.pdf"), &json!("application/pdf"), &json!(8)));
        let sent = owner.post("/api/whatsapp/send_media", json!({ "to": DANA, "media_id": uploaded["id"], "caption": "ההצעה" })).await.ok();
        let (carrier, path) = fake.sent().pop().expect("a file");
        assert!(carrier == Carrier::Baileys && path.starts_with("/media/files/"), "the bridge knows the way here: {path}");
        let fetched = app.client.get(&path).await;
        assert_eq!((fetched.status.as_u16(), fetched.body.as_slice()), (200, b"%PDF-1.7".as_slice()), "for the carrier, without a sign-in");
        app.client.get(&format!("{path}x")).await.status(404);
        let thread = only_thread(&owner).await;
        let all = messages(&owner, &thread).await;
        assert_eq!((&all[0]["id"], &all[0]["kind"], &all[0]["files"][0]["file_name"]), (&sent["id"], &json!("document"), &json!("offer.pdf")));
        let theirs = app.sign_in(&app.b.owner).await;
        theirs.post("/api/whatsapp/send_media", json!({ "to": DANA, "media_id": uploaded["id"] })).await.problem(422, "invalid");
        app.leaves_jobs();
    }

    async fn a_company_fetches_a_file_at_the_public_address(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        let uploaded = upload(&owner).await;
        owner.post("/api/whatsapp/send_media", json!({ "to": DANA, "media_id": uploaded["id"] })).await.ok();
        let (carrier, url) = fake.sent().pop().expect("a file");
        assert!(carrier == Carrier::Twilio && url.starts_with("https://agent.example.com/media/files/"), "{url}");
        app.leaves_jobs();
    }

    async fn what_certainly_did_not_go_is_sent_after_all(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        fake.answers(Carrier::Twilio, [unknown()]);
        let sent = send(&owner, "כן").await.ok();
        fake.finds(Found::Nowhere);
        pass(app, 4, TimeDelta::minutes(2)).await;
        has_status(app, &sent["id"], "sending").await;
        assert_eq!(fake.sent().len(), 2);
        app.leaves_jobs();
    }

    async fn a_process_that_was_killed_while_sending_leaves_it_unknown(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        let sent = send(&owner, "כן").await.ok();
        assert_eq!(fake.sent().len(), 1);
        // As it stands when the process ends after its request left, and before the answer was written.
        app.sql(
            "UPDATE messages SET status = 'sending', rank = 1, carrier_id = NULL, attempt = 'cut off' WHERE direction = $1",
            vec!["out".into()],
        ).await;
        pass(app, 12, TimeDelta::seconds(35)).await;
        has_status(app, &sent["id"], "unknown").await;
        assert_eq!(fake.sent().len(), 1, "never a second time");
        app.leaves_jobs();
    }

    async fn a_process_that_was_killed_before_sending_loses_nothing(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        let sent = send(&owner, "כן").await.ok();
        // As it stands when the process ends after the message was written down.
        app.sql(
            "UPDATE messages SET status = 'queued', rank = 0, carrier_id = NULL, attempt = NULL WHERE direction = $1",
            vec!["out".into()],
        ).await;
        pass(app, 2, TimeDelta::seconds(20)).await;
        has_status(app, &sent["id"], "sending").await;
        assert_eq!(fake.sent().len(), 2, "the job has sent it");
        app.leaves_jobs();
    }

    async fn the_business_changes_its_provider_while_running(app: &TestApp) with [ALL[0], ALL[1], ALL[6], ALL[7]] {
        let fake = Fake::in_place(app);
        numbered(app).await;
        let owner = app.sign_in(&app.a.owner).await;
        let provider = owner.get("/api/whatsapp/provider").await.ok();
        assert_eq!((&provider["provider"], &provider["available"]), (&json!("twilio"), &json!(["baileys", "twilio"])));
        owner.put("/api/whatsapp/provider", json!({ "provider": "meta" })).await.problem(422, "invalid");
        app.sign_in(&app.a.agent).await.put("/api/whatsapp/provider", json!({ "provider": "baileys" })).await.problem(403, "forbidden");
        let changed = owner.put("/api/whatsapp/provider", json!({ "provider": "baileys" })).await.ok();
        assert_eq!((&changed["provider"], &changed["chosen"]), (&json!("baileys"), &json!(true)));
        assert_eq!(send(&owner, "שלום").await.ok()["provider"], "baileys");
        owner.put("/api/whatsapp/provider", json!({ "provider": null })).await.ok();
        writes(app, DANA, "SMin", "שלום").await.status(204);
        assert_eq!(send(&owner, "שלום").await.ok()["provider"], "twilio", "where the conversation is now");
        assert_eq!(fake.sent().len(), 2);
        let status = owner.get("/api/whatsapp/status").await.ok();
        assert_eq!((&status["provider"], &status["connected"], status["providers"].as_array().map(Vec::len)), (&json!("twilio"), &json!(true), Some(3)));
        owner.get("/api/whatsapp/qr").await.problem(400, "qr_not_applicable");
        app.leaves_jobs();
    }

    async fn of_two_who_answer_at_once_one_is_told(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        let agent = app.sign_in(&app.a.agent).await;
        let thread = only_thread(&owner).await;
        let body = |text: &str| json!({ "thread_id": thread["id"], "text": text, "after_message_id": thread["last_message_id"] });
        let (one, two) = futures::join!(
            owner.post("/api/whatsapp/send", body("אחד")),
            agent.post("/api/whatsapp/send", body("שניים")),
        );
        let statuses = [one.status.as_u16(), two.status.as_u16()];
        assert!(statuses == [200, 409] || statuses == [409, 200], "{statuses:?}");
        let told = if one.status == 409 { one } else { two };
        let problem = told.problem(409, "newer_message");
        assert!(problem["message"]["text"].is_string(), "{problem}");
        assert_eq!(fake.sent().len(), 1);
        app.leaves_jobs();
    }

    async fn free_text_waits_for_the_customer_and_a_template_does_not(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        app.advance(TimeDelta::hours(25));
        let owner_now = app.sign_in(&app.a.owner).await;
        drop(owner);
        let template = json!({ "name": "reminder", "body": "שלום {{1}}, מזכירים את הפגישה", "twilio_content_sid": "HX1" });
        owner_now.post("/api/whatsapp/templates", template.clone()).await.status(201);
        owner_now.post("/api/whatsapp/templates", template).await.problem(409, "name_exists");
        let closed = send(&owner_now, "כן").await.problem(409, "outside_window");
        assert_eq!(closed["templates"], json!(["reminder"]));
        let path = "/api/whatsapp/send_template";
        owner_now.post(path, json!({ "to": DANA, "template": "reminder" })).await.problem(422, "invalid");
        owner_now.post(path, json!({ "to": DANA, "template": "free {0}", "variables": ["x"] })).await.problem(409, "outside_window");
        let sent = owner_now.post(path, json!({ "to": DANA, "template": "reminder", "variables": ["דנה"] })).await.ok();
        assert_eq!(sent["status"], "sending");
        assert_eq!(fake.sent(), [(Carrier::Twilio, "HX1: שלום דנה, מזכירים את הפגישה".to_owned())]);
        app.leaves_jobs();
    }

    async fn the_same_key_sends_once(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, _) = begun(app).await;
        let send = async || {
            let owner = app.sign_in(&app.a.owner).await;
            let request = owner
                .request(reqwest::Method::POST, "/api/wa/send")
                .header("Idempotency-Key", "one")
                .json(&json!({ "to": "050-123-4567", "message": "כן", "unknown_field": 1 }));
            owner.send(request).await.ok()["id"].clone()
        };
        let first = send().await;
        send().await;
        // As if the process had been killed before it could note its answer.
        app.sql("DELETE FROM idempotency_keys", Vec::new()).await;
        assert_eq!(send().await, first);
        assert_eq!(fake.sent().len(), 1);
        app.advance(TimeDelta::hours(23));
        app.sql("DELETE FROM idempotency_keys", Vec::new()).await;
        assert_eq!(send().await, first);
        writes(app, DANA, "SMlater", "ועוד?").await.status(204);
        app.advance(TimeDelta::hours(2));
        app.sql("DELETE FROM idempotency_keys", Vec::new()).await;
        assert_ne!(send().await, first, "a day later the key stands for something new");
        assert_eq!(fake.sent().len(), 2);
        app.leaves_jobs();
    }

    async fn what_is_wrong_in_a_message_is_told_before_anything_is_written(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let (fake, owner) = begun(app).await;
        owner.post("/api/whatsapp/send", json!({ "text": "x" })).await.problem(400, "missing_field");
        owner.post("/api/whatsapp/send", json!({ "to": DANA })).await.problem(400, "missing_field");
        owner.post("/api/whatsapp/send", json!({ "to": "12036304@g.us", "text": "x" })).await.problem(422, "invalid");
        owner.post("/api/whatsapp/send", json!({ "to": DANA, "text": "x", "provider": "pigeon" })).await.problem(422, "invalid");
        let thread = only_thread(&owner).await;
        let stranger = app.sign_in(&app.b.owner).await;
        stranger.post("/api/whatsapp/send", json!({ "thread_id": thread["id"], "text": "x" })).await.problem(404, "not_found");
        assert!(fake.sent().is_empty());
        assert_eq!(messages(&owner, &thread).await.len(), 1);
    }

    async fn a_merge_takes_the_conversation_along_and_forgetting_erases_it(app: &TestApp) with [ALL[1], ALL[6]] {
        Fake::in_place(app);
        bridge(app, "message", from_bridge(app, "A1", DANA, "שלום")).await.status(204);
        let owner = app.sign_in(&app.a.owner).await;
        let thread = only_thread(&owner).await;
        let kept = owner.post("/api/crm/customers", json!({ "name": "דנה לוי", "phone": "0527654321" })).await.status(201);
        let merge = json!({ "other_id": thread["customer_id"] });
        owner.post(&format!("/api/crm/customers/{}/merge", kept["id"]), merge).await.ok();
        let thread = only_thread(&owner).await;
        assert_eq!(thread["customer_id"], kept["id"]);
        let found = owner.get(&format!("/api/whatsapp/messages?customer_id={}", kept["id"])).await.ok();
        assert_eq!(found["total"], 1);
        bridge(app, "message", from_bridge(app, "A2", DANA, "עוד")).await.status(204);
        assert_eq!(only_thread(&owner).await["customer_id"], kept["id"]);
        owner.post(&format!("/api/crm/customers/{}/forget", kept["id"]), json!({ "reason": "asked" })).await.ok();
        assert_eq!(owner.get("/api/crm/threads").await.ok()["total"], 0);
        assert_eq!(owner.get("/api/whatsapp/messages").await.ok()["total"], 0);
        app.leaves_jobs();
    }

    async fn a_thread_is_worked_on(app: &TestApp) with [ALL[1], ALL[6]] {
        Fake::in_place(app);
        bridge(app, "message", from_bridge(app, "A1", DANA, "שלום")).await.status(204);
        let agent = app.sign_in(&app.a.agent).await;
        let thread = only_thread(&agent).await;
        let path = format!("/api/crm/threads/{}", thread["id"]);
        assert_eq!(agent.post(&format!("{path}/read"), Value::Null).await.ok()["unread"], 0);
        let changed = agent.patch(&path, json!({ "labels": ["דחוף", "דחוף"], "status": "waiting", "assignee_id": app.a.owner.id, "bot": false })).await.ok();
        assert_eq!((&changed["labels"], &changed["status"], &changed["assignee_id"]), (&json!(["דחוף"]), &json!("waiting"), &json!(app.a.owner.id)));
        agent.patch(&path, json!({ "status": "gone" })).await.problem(422, "invalid");
        agent.patch(&path, json!({ "assignee_id": app.b.owner.id })).await.problem(422, "invalid");
        for (query, total) in [("status=waiting", 1), ("status=open", 0), ("assignee_id=none", 0), ("unread=true", 0), ("q=Yossi", 1), ("label=%D7%93%D7%97%D7%95%D7%A3", 1), ("label=other", 0)] {
            assert_eq!(agent.get(&format!("/api/crm/threads?{query}")).await.ok()["total"], total, "{query}");
        }
        agent.post(&format!("{path}/notes"), json!({ "text": "@owner תבדקי" })).await.status(201);
        let owner = app.sign_in(&app.a.owner).await;
        let news = owner.get("/api/notifications").await.ok().to_string();
        assert!(news.contains("mention"), "{news}");
        assert_eq!(owner.get(&format!("{path}/notes")).await.ok()["total"], 1);
        agent.post(&format!("{path}/typing"), Value::Null).await.status(204);
        let table = owner.get(&format!("{path}/export.csv")).await;
        assert!(table.text().contains("שלום") && table.text().starts_with('\u{feff}'), "{}", table.text());
        app.sign_in(&app.b.owner).await.get(&path).await.problem(404, "not_found");
    }
}
