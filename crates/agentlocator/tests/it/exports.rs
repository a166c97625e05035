//! Customers and everything else out of here: CSV, workbook, archive.

use std::fmt::Write as _;

use std::io::{Cursor, Read};

use calamine::Reader;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, TestApp, eventually};

const CSV: &str = "/api/crm/customers/export.csv";
const LIST: &str = "/api/crm/customers";

async fn made(client: &Client, body: Value) -> Value {
    client.post(LIST, body).await.status(201)
}

/// The cells of an export, and its raw text.
async fn exported(client: &Client, query: &[(&str, &str)]) -> (Vec<Vec<String>>, String) {
    let answer = client.send(client.request(Method::GET, CSV).query(query)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let body = text.strip_prefix('\u{feff}').expect("a mark").to_owned();
    (cells(&body), body)
}

/// Reads lines that end in CRLF, quotes and all.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {
                chars.next();
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(row.is_empty() && cell.is_empty(), "the last line has its end");
    rows
}

fn names(rows: &[Vec<String>]) -> Vec<&str> {
    rows.iter().skip(1).map(|row| row[1].as_str()).collect()
}

/// Waits for the archive and gives it.
async fn archive(owner: &Client) -> (String, Value) {
    let accepted = owner.post("/api/exports", json!({})).await.status(202);
    let path = format!("/api/exports/{}", accepted["id"]);
    let export = eventually("the archive", || async {
        let export = owner.get(&path).await.ok();
        assert_ne!(export["status"], "failed", "{export}");
        (export["status"] == "done").then_some(export)
    })
    .await;
    (path, export)
}

/// A call with a recording in the storage, behind the server's back.
async fn call_with_sound(app: &TestApp, customer: &Value) {
    let fields = [
        ("CallSid", "CA-archived"),
        ("AccountSid", app.account_sid()),
        ("From", "+972501234567"),
        ("To", app.a.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    app.webhook("/webhook/incoming_call", &fields).await.ok();
    app.state
        .storage
        .put("recordings/test.wav", bytes())
        .await
        .expect("stored");
    app.sql(
        "UPDATE calls SET summary = 'שאלה על <מחיר>', customer_id = $1 WHERE call_sid = 'CA-archived'",
        vec![customer["id"].as_i64().expect("an id").into()],
    )
    .await;
    let now = app.clock.now();
    app.sql(
        "INSERT INTO call_turns (business_id, call_id, turn_id, caller_text, agent_text, mode, interrupted, tools, created_at) \
         SELECT business_id, id, 1, 'כמה זה עולה?', 'אבדוק ואחזור', 'realtime', false, $1, $2 FROM calls \
         WHERE call_sid = 'CA-archived'",
        vec![json!([]).into(), now.into()],
    )
    .await;
    app.sql(
        "INSERT INTO recordings (business_id, call_id, recording_sid, source, state, storage_key, content_type, created_at) \
         SELECT business_id, id, 'stream', 'stream', 'stored', 'recordings/test.wav', 'audio/wav', $1 FROM calls \
         WHERE call_sid = 'CA-archived'",
        vec![now.into()],
    )
    .await;
}

fn bytes() -> bytes::Bytes {
    bytes::Bytes::from_static(b"RIFF and the rest of a sound")
}

testkit::on_both_databases! {
    async fn the_list_comes_as_a_table(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let size = json!({"key": "size", "label": "גודל", "kind": "text"});
        owner.post("/api/custom_fields", size).await.status(201);
        made(&owner, json!({
            "name": "=HYPERLINK(\"x\")", "phone": "0501234567", "phones": ["035551234"], "email": "a@b.co", "notes": "שתי\nשורות, ו\"גרש\"",
            "tags": ["a", "b"], "owner_id": app.a.agent.id, "custom": {"size": "XL"}, "address": "-1", "do_not_contact": true,
        })).await;
        made(&owner, json!({"name": "דנה", "status": "customer"})).await;
        let (rows, _) = exported(&owner, &[]).await;
        assert_eq!(rows[0][1..5], ["שם", "טלפון", "טלפונים נוספים", "דוא\"ל"]);
        assert_eq!(names(&rows), ["דנה", "'=HYPERLINK(\"x\")"], "newest first, disarmed");
        let row = &rows[2];
        assert_eq!(row[2..6], ["+972501234567", "+97235551234", "a@b.co", ""]);
        assert_eq!(row[8..12], ["'-1", "חדש", "הוספה ידנית", "agent"]);
        assert_eq!((row[12].as_str(), row[13].as_str()), ("a ::: b", "שתי\nשורות, ו\"גרש\""));
        assert_eq!((row[14].as_str(), row[16].as_str(), row[17].as_str()), ("כן", "size: XL", "2026-11-18 12:00"));
        let (rows, _) = exported(&owner, &[("lang", "en"), ("status", "customer")]).await;
        assert_eq!((rows[0][1].as_str(), names(&rows)), ("Name", vec!["דנה"]));
        let (rows, _) = exported(&owner, &[("q", "אין כזה")]).await;
        assert_eq!(rows.len(), 1, "the headings alone");
        let answer = owner.get(CSV).await;
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(answer.header("content-disposition").expect("a name").starts_with("attachment"));
        owner.get(&format!("{CSV}?lang=fr")).await.problem(422, "invalid");
        owner.get(&format!("{CSV}?status=hot%20potato")).await.problem(422, "invalid");
    }

    async fn many_pages_come_whole_and_what_was_exported_is_imported(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let stranger = app.sign_in(&app.b.owner).await;
        let mut text = String::from("name,phone,tags\n");
        for n in 0..1_203 {
            writeln!(text, "לקוח {n},05{:08},\"a,b\"", 20_000_000 + n).expect("written");
        }
        import(&owner, text).await;
        let (rows, raw) = exported(&owner, &[]).await;
        assert_eq!(rows.len(), 1_204);
        let mut ids: Vec<&str> = rows.iter().skip(1).map(|row| row[0].as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 1_203, "each once");
        let import = import(&stranger, raw).await;
        assert_eq!((&import["created"], &import["skipped"]), (&json!(1_203), &json!(0)), "{}", import["errors"]);
        let one = stranger.get(&format!("{LIST}?phone=0520000007")).await.ok()["results"][0].clone();
        assert_eq!((&one["name"], &one["tags"]), (&json!("לקוח 7"), &json!(["a", "b"])));
    }

    async fn a_workbook_has_texts_only(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        made(&owner, json!({"name": "=1+1", "phone": "0501234567"})).await;
        let answer = owner.get("/api/crm/customers/export.xlsx?lang=en").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut workbook = calamine::Xlsx::new(Cursor::new(answer.body)).expect("a workbook");
        let sheet = workbook.worksheet_range("Customers").expect("a sheet");
        let rows: Vec<_> = sheet.rows().collect();
        assert_eq!(rows[0][1], calamine::Data::String("Name".to_owned()));
        assert_eq!(rows[1][1], calamine::Data::String("=1+1".to_owned()));
        assert_eq!(rows[1][2], calamine::Data::String("+972501234567".to_owned()));
        let left = std::fs::read_dir(app.data_dir().join("scratch")).expect("a directory").count();
        assert_eq!(left, 0, "files stay behind");
    }

    async fn agents_take_nothing_out_and_strangers_nothing_of_others(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        made(&owner, json!({"name": "דנה"})).await;
        let agent = app.sign_in(&app.a.agent).await;
        let manager = app.sign_in(&app.a.manager).await;
        let stranger = app.sign_in(&app.b.owner).await;
        agent.get(CSV).await.problem(403, "forbidden");
        agent.get("/api/crm/customers/export.xlsx").await.problem(403, "forbidden");
        agent.post("/api/exports", json!({})).await.problem(403, "forbidden");
        manager.post("/api/exports", json!({})).await.problem(403, "forbidden");
        assert_eq!(names(&exported(&manager, &[]).await.0), ["דנה"]);
        assert_eq!(exported(&stranger, &[]).await.0.len(), 1);
        stranger.get(&format!("{CSV}?business_id={}", app.a.id)).await.problem(404, "not_found");
        let (path, _) = archive(&owner).await;
        for path in [path.clone(), format!("{path}/file")] {
            stranger.get(&path).await.problem(404, "not_found");
            manager.get(&path).await.problem(403, "forbidden");
        }
    }

    async fn an_archive_holds_everything_for_a_day(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let stranger = app.sign_in(&app.b.owner).await;
        made(&stranger, json!({"name": "של אחרים"})).await;
        let dana = made(&owner, json!({"name": "דנה <b>", "notes": "הערה"})).await;
        owner.post("/api/tasks", json!({"title": "לחזור", "customer_id": dana["id"]})).await.status(201);
        owner.post(&format!("/api/crm/customers/{}/notes", dana["id"]), json!({"text": "מעדיפה בוקר"})).await.status(201);
        owner.post("/api/deals", json!({"title": "מכירה", "customer_id": dana["id"], "amount_minor": 150_050})).await.status(201);
        call_with_sound(app, &dana).await;
        let (path, export) = archive(&owner).await;
        assert_eq!(export["url"], format!("{path}/file"));
        let count = |kind: &str| export["counts"][kind].as_i64();
        assert_eq!((count("notes"), count("tasks"), count("deals"), count("calls"), count("recordings")), (Some(1), Some(1), Some(1), Some(1), Some(1)));
        let file = owner.get(&format!("{path}/file")).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, Some("application/zip")));
        let mut zip = zip::ZipArchive::new(Cursor::new(file.body)).expect("an archive");
        let mut read = |name: &str| {
            let mut bytes = Vec::new();
            zip.by_name(name).unwrap_or_else(|_| panic!("{name}")).read_to_end(&mut bytes).expect("read");
            String::from_utf8(bytes).expect("a text")
        };
        let customers = read("customers.csv");
        assert!(customers.contains("דנה <b>") && customers.contains(",הערה,") && !customers.contains("של אחרים"), "{customers}");
        let notes = read("notes.csv");
        assert!(notes.contains(",2026-11-18 12:00,owner,מעדיפה בוקר"), "{notes}");
        let deals = read("deals.csv");
        assert!(deals.contains("מכירה") && deals.contains(",1500.50,ILS,"), "{deals}");
        assert!(read("tasks.csv").contains("לחזור,,"));
        assert!(read("calls.csv").contains("שאלה על <מחיר>"));
        let page = read("calls-1.html");
        assert!(page.contains("כמה זה עולה?") && page.contains("שאלה על &lt;מחיר&gt;"), "{page}");
        let sound = page.split("href=\"recordings/").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
        assert_eq!(read(&format!("recordings/{sound}")).as_bytes(), bytes());
        let index = read("index.html");
        assert!(index.contains("dir=\"rtl\"") && index.contains("calls-1.html") && index.contains("לקוחות"));
        app.advance(TimeDelta::hours(24));
        let owner = app.sign_in(&app.a.owner).await;
        owner.get(&format!("{path}/file")).await.problem(410, "export_expired");
        assert_eq!(owner.get(&path).await.ok()["status"], "expired");
        app.leaves_jobs();
    }
}

async fn import(client: &Client, text: String) -> Value {
    let file = reqwest::multipart::Part::bytes(text.into_bytes()).file_name("x.csv");
    let form = reqwest::multipart::Form::new().part("file", file);
    let request = client
        .request(Method::POST, "/api/crm/customers/import")
        .multipart(form);
    let path = format!("/api/crm/imports/{}", client.send(request).await.status(202)["id"]);
    eventually("the import's end", || async {
        let import = client.get(&path).await.ok();
        (import["status"] == "done").then_some(import)
    })
    .await
}
