//! A phone is linked, people write to each other, and who keeps the bridge running.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use testkit::{Client, Database, eventually};

use crate::outside::Outside;

use super::web::{DANA, OWNER, World, connected, folder, messages, thread};

async fn message(owner: &Client, thread: i64, text: &str) -> Option<Value> {
    let all = messages(owner, thread).await;
    all.into_iter().find(|message| message["text"] == text)
}

/// Until the message stands so in the conversation.
async fn stands(owner: &Client, thread: i64, text: &str, status: &str) -> Value {
    eventually(&format!("{text} {status}"), || async {
        let found = message(owner, thread, text).await;
        found.filter(|message| message["status"] == status)
    })
    .await
}

async fn send(owner: &Client, body: Value) -> Value {
    owner.post("/api/whatsapp/send", body).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_is_linked_and_both_sides_write() {
    let Some(world) = World::new(Database::Sqlite).await else {
        return;
    };
    let server = world.server().await;
    let _bridge = world.bridge().await;
    let owner = server.sign_in().await;
    world.link(&owner).await;
    let contact = json!({ "phone": DANA, "name": "דנה", "receipts": ["delivered", "read"] });
    world.act("put_contact", contact).await;

    world.write("שלום, אתם פתוחים?").await;
    let id = thread(&owner).await;
    let asked = stands(&owner, id, "שלום, אתם פתוחים?", "received").await;
    let answer = json!({ "thread_id": id, "text": "כן, עד שבע", "reply_to": asked["id"] });
    send(&owner, answer).await;
    let answered = stands(&owner, id, "כן, עד שבע", "read").await;
    assert_eq!(answered["provider"], "baileys");
    assert!(answered["sent_at"].is_string() && answered["delivered_at"].is_string());
    let reached = world.reached().await;
    assert_eq!(reached.len(), 1);
    assert_eq!(
        (&reached[0]["text"], &reached[0]["frames"]),
        (&json!("כן, עד שבע"), &json!(1))
    );
    assert_eq!(
        reached[0]["message"]["extendedTextMessage"]["contextInfo"]["quotedMessage"]["conversation"],
        "שלום, אתם פתוחים?",
        "{}",
        reached[0]
    );

    // WhatsApp refuses: it is told, and not tried again.
    world
        .act("rule", json!({ "answer": "nack", "code": 463, "times": 1 }))
        .await;
    send_refused(&owner, id, "לא יגיע").await;
    let refused = stands(&owner, id, "לא יגיע", "failed").await;
    assert_eq!(refused["error_code"], "463");

    // On the phone itself.
    world
        .act(
            "write_as_owner",
            json!({ "business": OWNER, "to": DANA, "text": "מהטלפון" }),
        )
        .await;
    let typed = stands(&owner, id, "מהטלפון", "sent").await;
    assert_eq!(
        (&typed["direction"], &typed["source"]),
        (&json!("out"), &json!("phone"))
    );
    world.machine.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voice_note_is_kept_and_put_into_words() {
    const NOTE: &[u8] = include_bytes!("../../../../app/assets/sound/note.ogg");
    let outside = Outside::with_lines(&["need"]).await;
    let Some(world) = World::with(Database::Sqlite, outside.settings()).await else {
        return;
    };
    let server = world.server().await;
    let _bridge = world.bridge().await;
    let owner = server.sign_in().await;
    world.link(&owner).await;
    let note = json!({
        "business": OWNER, "from": DANA, "kind": "voice", "base64": STANDARD.encode(NOTE), "mime_type": "audio/ogg; codecs=opus",
    });
    world.act("write", note).await;
    let id = thread(&owner).await;
    let file = eventually("words", || async {
        let all = messages(&owner, id).await;
        let file = all.first()?["files"][0].clone();
        file["transcript"].is_string().then_some(file)
    })
    .await;
    assert!(
        file["transcript"].as_str().is_some_and(|words| words.contains("מטבח")),
        "{file}"
    );
    let sound = owner.get(file["url"].as_str().expect("an address")).await;
    assert_eq!(
        (sound.header("content-type"), sound.body.as_slice()),
        (Some("audio/ogg"), NOTE)
    );
    world.machine.end().await;
}

/// The answer may say so at once, or the status later.
async fn send_refused(owner: &Client, thread: i64, text: &str) {
    let answer = owner
        .post("/api/whatsapp/send", json!({ "thread_id": thread, "text": text }))
        .await;
    assert!(matches!(answer.status.as_u16(), 200 | 502), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_starts_the_bridge_again_and_takes_it_along() {
    let Some(mut world) = World::new(Database::Sqlite).await else {
        return;
    };
    let told = world.stand_in.clone();
    let told = told.into_iter().map(|(name, value)| (name.to_owned(), value));
    world.machine.variables.extend(told);
    let bridge = folder().display().to_string();
    let server = world
        .machine
        .start_with(world.server_port, &["--bridge", &bridge])
        .await;
    world.bridge_answers().await;
    let owner = server.sign_in().await;
    world.link(&owner).await;

    let first = children(server.id());
    assert_eq!(first.len(), 1, "the bridge and nothing else");
    kill(first[0]);
    let second = eventually("another bridge", || async {
        children(server.id()).first().copied().filter(|id| *id != first[0])
    })
    .await;
    connected(&owner).await;

    server.kill().await;
    eventually("the bridge's end", || async { (!is_alive(second)).then_some(()) }).await;
    world.machine.end().await;
}

/// The processes that this one has started, by the system's own list.
fn children(parent: u32) -> Vec<u32> {
    let listed = std::fs::read_dir("/proc").expect("processes");
    let processes = listed.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    processes.filter(|id| parent_of(*id) == Some(parent)).collect()
}

fn parent_of(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // After the name, which may hold anything, stand state and parent.
    let mut after = stat.rsplit_once(')')?.1.split_whitespace();
    after.nth(1)?.parse().ok()
}

fn is_alive(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
    stat.is_ok_and(|stat| {
        !stat
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
    })
}

fn kill(id: u32) {
    let killed = std::process::Command::new("kill")
        .args(["-9", &id.to_string()])
        .status();
    assert!(killed.expect("kill").success());
}
