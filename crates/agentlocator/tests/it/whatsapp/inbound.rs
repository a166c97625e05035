//! What the carriers bring.

use contracts::whatsapp::Carrier;
use serde_json::{Value, json};

use super::fake::{
    ALL, Fake, META_ID, META_SECRET, bridge, bridge_at, from_bridge, messages, meta_signed, numbered, only_thread,
    tells, writes,
};

const DANA: &str = "+972501234567";

fn of_meta(messages: &Value) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "97231234567", "phone_number_id": META_ID },
        "contacts": [{ "profile": { "name": "דנה לוי" }, "wa_id": "972501234567", "user_id": "IL.1" }],
        "messages": messages,
    } }] }] })
}

testkit::on_both_databases! {
    async fn a_first_message_makes_a_lead_and_a_thread_and_is_answered(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let fake = Fake::in_place(app);
        numbered(app).await;
        writes(app, DANA, "SMa", "שלום, יש מקום מחר?").await.status(204);
        let agent = app.sign_in(&app.a.agent).await;
        let thread = only_thread(&agent).await;
        assert_eq!((&thread["name"], &thread["unread"], &thread["status"]), (&json!("דנה לוי"), &json!(1), &json!("open")));
        assert_eq!(thread["addresses"], json!([{ "kind": "phone", "value": DANA }]));
        assert_eq!(thread["open_providers"], json!(["baileys", "twilio"]));
        let customer = agent.get(&format!("/api/crm/customers/{}", thread["customer_id"])).await.ok();
        assert_eq!((&customer["source"], &customer["status"], &customer["phone"]), (&json!("whatsapp"), &json!("new"), &json!(DANA)));

        let sent = agent.post("/api/whatsapp/send", json!({ "thread_id": thread["id"], "text": "כן, בעשר" })).await.ok();
        assert_eq!((&sent["ok"], &sent["provider"], &sent["status"]), (&json!(true), &json!("twilio"), &json!("sending")));
        assert_eq!(fake.sent(), [(Carrier::Twilio, "כן, בעשר".to_owned())]);
        assert_eq!(fake.last().status_callback.as_deref(), Some("https://agent.example.com/webhook/whatsapp/status"));
        tells(app, sent["sid"].as_str().expect("a sid"), "delivered").await;

        let all = messages(&agent, &thread).await;
        assert_eq!(all.len(), 2);
        assert_eq!((&all[0]["direction"], &all[0]["status"], &all[0]["kind"]), (&json!("in"), &json!("received"), &json!("text")));
        assert_eq!((&all[1]["direction"], &all[1]["status"], &all[1]["author_id"]), (&json!("out"), &json!("delivered"), &json!(app.a.agent.id)));
        assert!(all[1]["delivered_at"].is_string() && all[1]["sent_at"].is_string());
        let thread = only_thread(&agent).await;
        assert_eq!((&thread["assignee_id"], &thread["waiting_since"], &thread["bot"]), (&json!(app.a.agent.id), &Value::Null, &json!(false)));
        let timeline = agent.get(&format!("/api/customers/{}/timeline?types=whatsapp", thread["customer_id"])).await.ok();
        assert_eq!(timeline["items"].as_array().map(Vec::len), Some(1), "a row for the day: {timeline}");
        assert_eq!((&timeline["items"][0]["data"]["received"], &timeline["items"][0]["data"]["sent"]), (&json!(1), &json!(1)));
        let events = testkit::eventually("the event", || async {
            let events = agent.get("/api/events?after=0").await.ok().to_string();
            events.contains("message:status").then_some(events)
        }).await;
        assert!(events.contains("message:new") && !events.contains("יש מקום"), "events carry ids, no texts");
        let news = app.sign_in(&app.a.owner).await.get("/api/notifications").await.ok();
        assert_eq!(news["results"][0]["kind"], "message", "{news}");
        app.leaves_jobs();
    }

    async fn the_same_message_five_times_at_once_is_one(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        Fake::in_place(app);
        numbered(app).await;
        let again = || writes(app, DANA, "SMsame", "שלום");
        let answers = futures::future::join_all([again(), again(), again(), again(), again()]).await;
        for answer in answers {
            answer.status(204);
        }
        app.jobs_done().await;
        let owner = app.sign_in(&app.a.owner).await;
        let thread = only_thread(&owner).await;
        assert_eq!(messages(&owner, &thread).await.len(), 1);
        assert_eq!(thread["unread"], 1);
        assert_eq!(owner.get("/api/crm/customers").await.ok()["total"], 1);
    }

    async fn a_bad_signature_changes_nothing(app: &TestApp) with [ALL[0], ALL[1], ALL[2], ALL[3], ALL[4], ALL[5]] {
        Fake::in_place(app);
        numbered(app).await;
        let message = of_meta(&json!([{ "from": "972501234567", "id": "wamid.1", "timestamp": "1790000000", "type": "text", "text": { "body": "x" } }]));
        meta_signed(app, "another secret", &message).await.status(403);
        let path = "/webhook/whatsapp/baileys?n=1";
        let event = json!({ "business_id": app.a.id, "event": "message", "data": from_bridge(app, "A", DANA, "x") });
        let now = app.clock.now().timestamp();
        bridge_at(app, path, now - 301, &event).await.status(403);
        bridge_at(app, path, now, &event).await.status(204);
        bridge_at(app, path, now, &event).await.status(403);
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(owner.get("/api/whatsapp/messages").await.ok()["total"], 1, "the bridge's, once");
    }

    async fn meta_asks_whether_the_address_is_ours(app: &TestApp) with [ALL[5]] {
        let ask = |token: &str| format!("/webhook/whatsapp/meta?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=4242");
        let good = app.client.get(&ask("verify%20me")).await;
        assert_eq!((good.status.as_u16(), good.text()), (200, "4242".to_owned()));
        app.client.get(&ask("guessed")).await.status(403);
    }

    async fn everything_in_a_batch_is_taken_and_the_bad_ones_lose_nothing(app: &TestApp) with [ALL[2], ALL[3], ALL[4], ALL[6]] {
        Fake::in_place(app);
        numbered(app).await;
        let mut batch: Vec<Value> = (0..99).map(|n| json!({
            "from": "972501234567", "id": format!("wamid.{n}"), "timestamp": "1790000000", "type": "text", "text": { "body": format!("message {n}") },
        })).collect();
        batch.insert(50, json!("not a message at all"));
        meta_signed(app, META_SECRET, &of_meta(&json!(batch))).await.status(200);
        app.jobs_done().await;
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(owner.get("/api/whatsapp/messages").await.ok()["total"], 99);
        meta_signed(app, META_SECRET, &of_meta(&json!(batch))).await.status(200);
        app.jobs_done().await;
        assert_eq!(owner.get("/api/whatsapp/messages").await.ok()["total"], 99, "once, however often it comes");
        assert_eq!(only_thread(&owner).await["unread"], 99);
    }

    async fn a_message_for_nobody_here_is_kept_and_shown_to_the_admin(app: &TestApp) with [ALL[0]] {
        Fake::in_place(app);
        writes(app, DANA, "SMlost", "שלום").await.status(204);
        let admin = app.sign_in(&app.admin).await;
        let kept = admin.get("/api/admin/whatsapp/unrouted").await.ok();
        assert_eq!((&kept["results"][0]["state"], &kept["results"][0]["provider"]), (&json!("unrouted"), &json!("twilio")));
        app.sign_in(&app.a.owner).await.get("/api/admin/whatsapp/unrouted").await.problem(403, "forbidden");
        assert_eq!(app.sign_in(&app.a.owner).await.get("/api/crm/threads").await.ok()["total"], 0);
    }

    async fn edits_deletions_and_reactions_change_the_message_itself(app: &TestApp) with [ALL[1], ALL[6]] {
        Fake::in_place(app);
        bridge(app, "message", from_bridge(app, "A1", DANA, "שלום")).await.status(204);
        let owner = app.sign_in(&app.a.owner).await;
        let thread = only_thread(&owner).await;
        let mut reaction = from_bridge(app, "R1", DANA, "👍");
        reaction["kind"] = json!("reaction");
        reaction["reaction"] = json!({ "message_id": "A1", "emoji": "👍" });
        bridge(app, "message", reaction).await.status(204);
        let all = messages(&owner, &thread).await;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0]["reactions"], json!({ "customer": "👍" }));

        let mut edit = from_bridge(app, "E1", DANA, "שלום לכולם");
        edit["edits"] = json!({ "message_id": "A1" });
        bridge(app, "message", edit).await.status(204);
        let all = messages(&owner, &thread).await;
        assert_eq!((all.len(), &all[0]["text"]), (1, &json!("שלום לכולם")), "{all:?}");
        assert!(all[0]["edited_at"].is_string());
        assert_eq!(only_thread(&owner).await["last_message_text"], "שלום לכולם", "the list says it, too");

        let mut deletion = from_bridge(app, "D1", DANA, "");
        deletion["deletes"] = json!({ "message_id": "A1" });
        bridge(app, "message", deletion).await.status(204);
        let all = messages(&owner, &thread).await;
        assert!(all[0]["deleted_at"].is_string() && all[0]["text"].is_null(), "{all:?}");
        assert_eq!(only_thread(&owner).await["last_message_text"], Value::Null);
    }

    async fn nobody_changes_what_stands_in_another_conversation(app: &TestApp) with [ALL[1], ALL[6]] {
        Fake::in_place(app);
        bridge(app, "message", from_bridge(app, "A1", DANA, "שלום")).await.status(204);
        let owner = app.sign_in(&app.a.owner).await;
        let thread = only_thread(&owner).await;
        for (part, data) in [
            ("edits", json!({ "message_id": "A1" })),
            ("deletes", json!({ "message_id": "A1" })),
            ("reaction", json!({ "message_id": "A1", "emoji": "👎" })),
        ] {
            let mut other = from_bridge(app, part, "+972527654321", "לא שלי");
            other[part] = data;
            other["kind"] = json!(if part == "reaction" { part } else { "text" });
            bridge(app, "message", other).await.status(204);
        }
        let mut quoting = from_bridge(app, "Q1", "+972527654321", "ציטוט");
        quoting["reply_to"] = json!("A1");
        bridge(app, "message", quoting).await.status(204);
        let all = messages(&owner, &thread).await;
        assert_eq!((&all[0]["text"], &all[0]["reactions"], &all[0]["deleted_at"]), (&json!("שלום"), &json!({}), &Value::Null));
        let found = owner.get("/api/whatsapp/messages?limit=100").await.ok();
        let quoting = found["results"].as_array().expect("messages").iter().find(|one| one["text"] == "ציטוט").expect("it came");
        assert_eq!(quoting["reply_to"], Value::Null);
    }

    async fn what_is_written_on_the_business_phone_silences_the_agent(app: &TestApp) with [ALL[1], ALL[6]] {
        Fake::in_place(app);
        bridge(app, "message", from_bridge(app, "A1", DANA, "שלום")).await.status(204);
        let mut echo = from_bridge(app, "B1", DANA, "אני כאן");
        echo["from_me"] = json!(true);
        bridge(app, "message", echo).await.status(204);
        let owner = app.sign_in(&app.a.owner).await;
        let thread = only_thread(&owner).await;
        assert_eq!((&thread["bot"], &thread["bot_off_reason"], &thread["unread"]), (&json!(false), &json!("person"), &json!(0)));
        let all = messages(&owner, &thread).await;
        assert_eq!((&all[1]["direction"], &all[1]["source"], &all[1]["status"]), (&json!("out"), &json!("phone"), &json!("sent")));
    }

    async fn a_private_chat_is_never_kept(app: &TestApp) with [ALL[1], ALL[6]] {
        Fake::in_place(app);
        bridge(app, "message", from_bridge(app, "A1", DANA, "סוד")).await.status(204);
        let owner = app.sign_in(&app.a.owner).await;
        let thread = only_thread(&owner).await;
        owner.post("/api/whatsapp/private", json!({ "thread_id": thread["id"] })).await.status(204);
        bridge(app, "message", from_bridge(app, "A2", DANA, "עוד סוד")).await.status(204);
        assert_eq!(owner.get("/api/crm/threads").await.ok()["total"], 0);
        assert_eq!(owner.get("/api/whatsapp/messages").await.ok()["total"], 0);
        let private = owner.get("/api/whatsapp/private").await.ok();
        assert_eq!(private["total"], 1);
        let id = &private["results"][0]["id"];
        owner.delete(&format!("/api/whatsapp/private/{id}")).await.status(204);
        bridge(app, "message", from_bridge(app, "A3", DANA, "שלום")).await.status(204);
        assert_eq!(messages(&owner, &only_thread(&owner).await).await.len(), 1);
    }

    async fn a_wish_to_be_left_alone_is_kept_confirmed_and_honoured(app: &TestApp) with [ALL[0], ALL[6], ALL[7]] {
        let fake = Fake::in_place(app);
        numbered(app).await;
        writes(app, DANA, "SM1", " הסר ").await.status(204);
        let owner = app.sign_in(&app.a.owner).await;
        let thread = only_thread(&owner).await;
        let customer = owner.get(&format!("/api/crm/customers/{}", thread["customer_id"])).await.ok();
        assert_eq!(customer["do_not_contact"], true);
        app.advance(chrono::TimeDelta::seconds(20));
        app.jobs_done().await;
        assert_eq!(fake.sent().len(), 1, "a confirmation");
        owner.post("/api/whatsapp/send", json!({ "to": DANA, "text": "מבצע!" })).await.problem(409, "do_not_contact");
        assert_eq!(fake.sent().len(), 1);
    }

    async fn a_file_is_fetched_kept_and_shown(app: &TestApp) with [ALL[0], ALL[6]] {
        let fake = Fake::in_place(app);
        numbered(app).await;
        fake.has_media(b"\x89PNG....");
        let to = format!("whatsapp:{}", app.a.number);
        let fields = [
            ("MessageSid", "MM1"), ("AccountSid", app.account_sid()), ("From", "whatsapp:+972501234567"), ("To", to.as_str()),
            ("Body", "המטבח"), ("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/x"), ("MediaContentType0", "image/png"), ("MessageType", "image"),
        ];
        app.webhook("/webhook/whatsapp/twilio", &fields).await.status(204);
        app.jobs_done().await;
        let owner = app.sign_in(&app.a.owner).await;
        let all = messages(&owner, &only_thread(&owner).await).await;
        assert_eq!((&all[0]["kind"], &all[0]["files"][0]["state"]), (&json!("image"), &json!("stored")), "{all:?}");
        let file = owner.get(all[0]["files"][0]["url"].as_str().expect("an address")).await;
        assert_eq!((file.status.as_u16(), file.header("content-type"), file.body.as_slice()), (200, Some("image/png"), b"\x89PNG....".as_slice()));
        app.sign_in(&app.b.owner).await.get(all[0]["files"][0]["url"].as_str().expect("an address")).await.problem(404, "not_found");
    }
}
