//! What the business says to a message by itself.

use std::sync::Mutex;

use contracts::whatsapp::Carrier;
use serde_json::{Value, json};
use testkit::TestApp;

use super::fake::{ALL, Fake, bridge, from_bridge, only_thread};
use crate::calls_people::read_request;

const DANA: &str = "+972501234567";

/// What the model was asked, each a whole request.
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A model that says the same each time, streamed as OpenAI streams.
fn says(reply: &'static str) -> &'static str {
    use std::io::Write;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            ASKED.lock().expect("the list").push(read_request(&mut stream));
            let chunk = |delta: Value, finish: Value| {
                json!({
                    "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                    "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
                })
            };
            let first = chunk(json!({ "role": "assistant", "content": reply }), Value::Null);
            let last = chunk(json!({}), json!("stop"));
            let body = format!("data: {first}\n\ndata: {last}\n\ndata: [DONE]\n\n");
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).ok();
        }
    });
    Box::leak(format!("http://{address}").into_boxed_str())
}

const YES: &str = r#"{"reply":"כן, אנחנו פתוחים עד שש","action":"reply"}"#;
const PERSON: &str = r#"{"reply":"מישהו מאיתנו יכתוב לכם","action":"handover","reason":"asked"}"#;

async fn policy(app: &TestApp, policy: &str) -> testkit::Client {
    let owner = app.sign_in(&app.a.owner).await;
    let path = format!("/api/businesses/{}/settings", app.a.id);
    let body = json!({ "whatsapp": { "answer_policy": policy } });
    assert_eq!(owner.patch(&path, body).await.ok()["whatsapp"]["answer_policy"], policy);
    owner
}

async fn says_to_us(app: &TestApp, id: &str, text: &str) {
    bridge(app, "message", from_bridge(app, id, DANA, text))
        .await
        .status(204);
}

async fn settle(app: &TestApp) {
    app.advance(chrono::TimeDelta::seconds(5));
    app.jobs_done().await;
}

testkit::on_both_databases! {
    async fn four_messages_in_a_row_are_answered_once(app: &TestApp) with [ALL[1], ("LLM_BASE_URL", says(YES))] {
        let fake = Fake::in_place(app);
        let owner = policy(app, "ai").await;
        // Other stories ask the same model.
        let ours = rand::random::<u64>();
        for n in 0..4 {
            says_to_us(app, &format!("A{n}"), &format!("חלק {ours} {n}")).await;
        }
        settle(app).await;
        assert_eq!(fake.sent(), [(Carrier::Baileys, "כן, אנחנו פתוחים עד שש".to_owned())]);
        let mut asked = ASKED.lock().expect("the list").clone();
        asked.retain(|request| request.contains(&ours.to_string()));
        assert_eq!(asked.len(), 1);
        assert!((0..4).all(|n| asked[0].contains(&format!("חלק {ours} {n}"))), "all four were read");
        assert_eq!(only_thread(&owner).await["bot"], true);
        app.leaves_jobs();
    }

    async fn a_person_who_writes_first_makes_the_answer_void(app: &TestApp) with [ALL[1], ("LLM_BASE_URL", says(YES))] {
        let fake = Fake::in_place(app);
        let owner = policy(app, "ai").await;
        says_to_us(app, "A1", "שלום").await;
        let mut echo = from_bridge(app, "B1", DANA, "אני כאן");
        echo["from_me"] = json!(true);
        bridge(app, "message", echo).await.status(204);
        settle(app).await;
        assert!(fake.sent().is_empty(), "somebody wrote on the phone");
        assert_eq!(only_thread(&owner).await["bot"], false);
        says_to_us(app, "A2", "תודה").await;
        settle(app).await;
        assert!(fake.sent().is_empty(), "and it stays so");
    }

    async fn whoever_asks_for_a_person_gets_one_and_people_see_why(app: &TestApp) with [ALL[1], ("LLM_BASE_URL", says(PERSON))] {
        let fake = Fake::in_place(app);
        let owner = policy(app, "ai").await;
        says_to_us(app, "A1", "אפשר לדבר עם אדם?").await;
        settle(app).await;
        assert_eq!(fake.sent().len(), 1);
        let thread = only_thread(&owner).await;
        assert_eq!((&thread["bot"], &thread["bot_off_reason"]), (&json!(false), &json!("asked")));
        let news = owner.get("/api/notifications").await.ok().to_string();
        assert!(news.contains("handover"), "{news}");
        app.leaves_jobs();
    }

    async fn old_backlog_and_policy_off_are_met_with_silence(app: &TestApp) with [ALL[1], ("LLM_BASE_URL", says(YES))] {
        let fake = Fake::in_place(app);
        says_to_us(app, "A1", "שלום").await;
        settle(app).await;
        let owner = policy(app, "ai").await;
        let mut old = from_bridge(app, "A2", DANA, "מאתמול");
        old["backlog"] = json!(true);
        bridge(app, "message", old).await.status(204);
        settle(app).await;
        assert!(fake.sent().is_empty());
        assert_eq!(only_thread(&owner).await["unread"], 2);
    }

    async fn a_draft_waits_for_a_person(app: &TestApp) with [ALL[1], ("LLM_BASE_URL", says(YES))] {
        let fake = Fake::in_place(app);
        let owner = policy(app, "suggest").await;
        says_to_us(app, "A1", "פתוחים?").await;
        settle(app).await;
        assert!(fake.sent().is_empty());
        assert_eq!(only_thread(&owner).await["draft"], "כן, אנחנו פתוחים עד שש");
        says_to_us(app, "A2", "הלו?").await;
        assert_eq!(only_thread(&owner).await["draft"], Value::Null, "it answered something else");
        settle(app).await;
    }

    async fn a_closed_business_says_so_once(app: &TestApp) with [ALL[1]] {
        let fake = Fake::in_place(app);
        policy(app, "hours").await;
        says_to_us(app, "A1", "שלום").await;
        settle(app).await;
        assert!(fake.sent().is_empty(), "it is noon");
        app.advance(chrono::TimeDelta::hours(9));
        for n in 2..4 {
            says_to_us(app, &format!("A{n}"), "שלום?").await;
            settle(app).await;
        }
        assert_eq!(fake.sent().len(), 1);
        app.leaves_jobs();
    }
}
