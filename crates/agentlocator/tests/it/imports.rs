//! Customers out of files: read, checked, written, undone, whatever the file is like and whoever kills the server.

use std::fmt::Write as _;

use std::time::{Duration, Instant};

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use testkit::{Answer, Client, Database, eventually};

use crate::process::{Machine, free_port};

const IMPORT: &str = "/api/crm/customers/import";
const LIST: &str = "/api/crm/customers";

fn form(name: &str, content: impl Into<Vec<u8>>, texts: &[(&'static str, &str)]) -> Form {
    let file = Part::bytes(content.into()).file_name(name.to_owned());
    let form = Form::new().part("file", file);
    texts
        .iter()
        .fold(form, |form, (name, text)| form.text(*name, (*text).to_owned()))
}

async fn upload(client: &Client, path: &str, form: Form) -> Answer {
    client.send(client.request(Method::POST, path).multipart(form)).await
}

/// An import's path, once it was taken.
async fn taken(client: &Client, content: impl Into<Vec<u8>>, texts: &[(&'static str, &str)]) -> String {
    let accepted = upload(client, IMPORT, form("לקוחות.csv", content, texts))
        .await
        .status(202);
    assert_eq!(accepted["status"], "queued");
    format!("/api/crm/imports/{}", accepted["id"])
}

async fn ended(client: &Client, path: &str) -> Value {
    eventually("the import's end", || async {
        let import = client.get(path).await.ok();
        let over = ["done", "failed", "undone"].contains(&import["status"].as_str().expect("a status"));
        over.then_some(import)
    })
    .await
}

async fn imported(client: &Client, content: impl Into<Vec<u8>>, texts: &[(&'static str, &str)]) -> Value {
    ended(client, &taken(client, content, texts).await).await
}

#[track_caller]
fn figures(import: &Value) -> (i64, i64, i64) {
    assert_eq!(import["status"], "done", "{import}");
    assert_eq!(import["done"], import["rows"], "{import}");
    let of = |field: &str| import[field].as_i64().expect("a number");
    (of("created"), of("updated"), of("skipped"))
}

async fn total(client: &Client) -> u64 {
    client.get(&format!("{LIST}?limit=1")).await.ok()["total"]
        .as_u64()
        .expect("a total")
}

async fn found(client: &Client, q: &str) -> Value {
    let request = client.request(Method::GET, LIST).query(&[("q", q)]);
    let list = client.send(request).await.ok();
    assert_eq!(list["total"], 1, "{q}: {list}");
    list["results"][0].clone()
}

async fn undone(client: &Client, import: &Value) -> Value {
    let path = format!("/api/crm/imports/{}", import["id"]);
    client.post(&format!("{path}/undo"), json!({})).await.status(202);
    ended(client, &path).await
}

testkit::on_both_databases! {
    async fn a_file_becomes_customers_who_are_found(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let text = "\u{feff}שם;נייד;דוא\"ל;חברה;הערות;תגיות\r\nדנה כהן;050-1234567;Dana@Example.com;כהן ובניו;\"שורה\r\nשתיים\";vip, חם\r\nיוסי לוי;03-5551234;;;;\r\n";
        let import = imported(&owner, text, &[]).await;
        assert_eq!(figures(&import), (2, 0, 0));
        assert_eq!(import["kind"], "csv");
        assert_eq!(import["file_name"], "לקוחות.csv");
        for q in ["דנה", "לכהן", "4567", "dana@", "ובניו"] {
            let dana = found(&owner, q).await;
            assert_eq!(dana["phone"], "+972501234567");
            assert_eq!(dana["tags"], json!(["vip", "חם"]));
            assert_eq!(dana["notes"], "שורה\r\nשתיים");
            assert_eq!((&dana["source"], &dana["status"]), (&json!("import"), &json!("new")));
        }
        let dana = found(&owner, "דנה").await;
        let timeline = owner.get(&format!("/api/customers/{}/timeline?types=import", dana["id"])).await.ok();
        assert_eq!(timeline["items"][0]["data"]["action"], "created");
        assert_eq!(timeline["items"][0]["data"]["user_id"], app.a.owner.id);
        let manager = app.sign_in(&app.a.manager).await;
        let listed = manager.get("/api/crm/imports").await.ok();
        assert_eq!((&listed["total"], &listed["results"][0]["id"]), (&json!(1), &import["id"]));
        let events = owner.get("/api/events").await.ok();
        let last = events["events"].as_array().expect("events").iter().rfind(|event| event["name"] == "import:progress");
        assert_eq!(last.expect("the last word")["payload"]["status"], "done");
    }

    async fn a_row_whose_phone_is_known_fills_what_is_empty_or_overwrites(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let body = json!({"name": "דנה", "phone": "0501234567", "company": "ישן", "tags": ["a"], "do_not_contact": true});
        let dana = owner.post(LIST, body).await.status(201);
        let path = format!("{LIST}/{}", dana["id"]);
        let text = "שם,טלפון,נייד,חברה,כתובת,תגיות,לא ליצור קשר\nדנה כהן,035551234,0501234567,חדש,הרצל 1,b,לא\n";
        assert_eq!(figures(&imported(&owner, text, &[]).await), (0, 1, 0));
        let read = owner.get(&path).await.ok();
        assert_eq!((&read["name"], &read["company"], &read["address"]), (&json!("דנה"), &json!("ישן"), &json!("הרצל 1")));
        assert_eq!(read["phones"], json!(["+972501234567", "+97235551234"]));
        assert_eq!((&read["tags"], &read["do_not_contact"]), (&json!(["a", "b"]), &json!(true)));
        assert_eq!(figures(&imported(&owner, text, &[("overwrite", "true")]).await), (0, 1, 0));
        let read = owner.get(&path).await.ok();
        assert_eq!((&read["name"], &read["company"]), (&json!("דנה כהן"), &json!("חדש")));
        assert_eq!(read["do_not_contact"], false);
        assert_eq!(found(&owner, "כהן").await["id"], dana["id"], "the new name is found");
    }

    async fn own_fields_are_found_by_their_labels_and_read_by_their_types(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let field = async |field: Value| owner.post("/api/custom_fields", field).await.status(201);
        field(json!({"key": "budget", "label": "תקציב", "kind": "number"})).await;
        field(json!({"key": "moving", "label": "מועד כניסה", "kind": "date"})).await;
        field(json!({"key": "pets", "label": "חיות", "kind": "boolean"})).await;
        field(json!({"key": "size", "label": "גודל", "kind": "choice", "choices": ["קטן", "גדול"]})).await;
        let text = "שם,תקציב,מועד כניסה,חיות,גודל\nדנה,\"1,500 ₪\",01/12/2026,כן,גדול\nיוסי,2.5,2026-03-01,לא,\nרות,הרבה,מחר,אולי,ענק\n";
        let import = imported(&owner, text, &[]).await;
        assert_eq!(figures(&import), (2, 0, 1));
        assert_eq!(found(&owner, "דנה").await["custom"], json!({"budget": 1500, "moving": "2026-12-01", "pets": true, "size": "גדול"}));
        assert_eq!(found(&owner, "יוסי").await["custom"], json!({"budget": 2.5, "moving": "2026-03-01", "pets": false}));
        let errors = import["errors"].as_array().expect("errors");
        let told: Vec<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
        assert_eq!(told, ["custom.budget", "custom.moving", "custom.pets", "custom.size"]);
        let mapping = form("x.csv", text, &[("mapping", r#"{"שם": "name", "גודל": "custom.shoe"}"#)]);
        upload(&owner, IMPORT, mapping).await.problem(422, "invalid");
    }

    async fn bad_rows_are_told_and_the_others_taken(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let text = "name,phone,email\nA,0501111111,\nB,12,no\n,,\nC,0501111111,c@x.co\n,,d@x.co\n\"\",\"\",\"\"\nE,0502222222 / 0501111111,\n";
        let import = imported(&owner, text, &[]).await;
        // A is made, C and E are the same phone's
        assert_eq!(figures(&import), (2, 2, 1));
        let errors = import["errors"].as_array().expect("errors");
        let told: Vec<_> = errors.iter().map(|error| (error["row"].as_i64(), error["field"].as_str(), error["code"].as_str())).collect();
        assert_eq!(told, [
            (Some(3), Some("phone"), Some("invalid_phone")), (Some(3), Some("email"), Some("invalid_email")),
        ]);
        assert_eq!(import["columns"], json!(["name", "phone", "email"]));
        assert!(errors.iter().all(|error| error["cells"] == json!(["B", "12", "no"])), "{errors:?}");
        assert_eq!((&import["skipped"], &import["error_count"]), (&json!(1), &json!(2)), "a row with two errors");
        let one = found(&owner, "1111111").await;
        assert_eq!((&one["name"], &one["emails"]), (&json!("A"), &json!(["c@x.co"])));
        assert_eq!(one["phones"], json!(["+972501111111", "+972502222222"]));
        owner.post(LIST, json!({"name": "Z", "phone": "0503333333"})).await.status(201);
        let import = imported(&owner, "name,phone\nF,0501111111 / 0503333333\n", &[]).await;
        assert_eq!(figures(&import), (0, 0, 1));
        assert_eq!(import["errors"][0]["code"], "duplicate_phone");
        assert_eq!(import["errors"][0]["cells"], json!(["F", "0501111111 / 0503333333"]));
        let other = found(&owner, "3333333").await;
        owner.post(&format!("{LIST}/{}/forget", other["id"]), json!({"reason": "asked"})).await.status(204);
        let import = owner.get(&format!("/api/crm/imports/{}", import["id"])).await.ok();
        assert_eq!(import["errors"][0]["cells"], json!([]), "a row that named who was forgotten");
    }

    async fn who_is_imported_has_the_status_that_the_row_says_or_the_import(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let text = "name,phone,status\nA,0501111111,\nB,0502222222,נוצר קשר\n";
        let refused = form("x.csv", text, &[("new_status", "nonsense status")]);
        upload(&owner, IMPORT, refused).await.problem(422, "invalid");
        let import = imported(&owner, text, &[("new_status", "customer")]).await;
        assert_eq!((figures(&import), &import["new_status"]), ((2, 0, 0), &json!("customer")));
        let (a, b) = (found(&owner, "1111111").await, found(&owner, "2222222").await);
        assert_eq!((&a["status"], &b["status"]), (&json!("customer"), &json!("contacted")));
        let again = imported(&owner, "name,phone\nA,0501111111\n", &[("new_status", "inactive")]).await;
        assert_eq!(figures(&again), (0, 1, 0));
        assert_eq!(found(&owner, "1111111").await["status"], "customer", "it is no new one");
    }

    async fn a_dry_run_writes_nothing(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        owner.post(LIST, json!({"name": "A", "phone": "0501111111"})).await.status(201);
        let import = imported(&owner, "name,phone\nX,0501111111\nB,0502222222\nC,5\n", &[("dry_run", "true")]).await;
        assert_eq!(figures(&import), (1, 1, 1));
        assert_eq!(total(&owner).await, 1);
        found(&owner, "A").await;
        owner.post(&format!("/api/crm/imports/{}/undo", import["id"]), json!({})).await.problem(409, "nothing_to_undo");
    }

    async fn a_preview_says_what_a_file_holds(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let path = format!("{IMPORT}/preview");
        let text = encoding("שם,טלפון נייד,מחיר\nדנה,0501234567,5\n");
        let preview = upload(&owner, &path, form("x.csv", text, &[])).await.ok();
        assert_eq!((&preview["kind"], &preview["rows"]), (&json!("csv"), &json!(1)));
        assert_eq!(preview["mapping"], json!({"שם": "name", "טלפון נייד": "phone"}));
        assert_eq!(preview["columns"][2], json!({"name": "מחיר", "field": null}));
        assert_eq!(preview["first_rows"], json!([["דנה", "0501234567", "5"]]));
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:דנה\r\nTEL:0501234567\r\nEND:VCARD\r\n";
        let preview = upload(&owner, &path, form("contacts.vcf", card, &[])).await.ok();
        assert_eq!((&preview["kind"], &preview["rows"]), (&json!("vcard"), &json!(1)));
        assert_eq!(total(&owner).await, 0);
    }

    async fn workbooks_and_cards_are_imported(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        for (at, text) in (0_u16..).zip(["לקוח", "נייד", "גודל"]) {
            sheet.write_string(0, at, text).expect("written");
        }
        sheet.write_string(1, 0, "דנה").expect("written");
        sheet.write_number(1, 1, 501_234_567.0).expect("written");
        sheet.write_string(1, 2, "XL").expect("written");
        let bytes = workbook.save_to_buffer().expect("a workbook");
        let mapping = r#"{"לקוח":"name","נייד":"phone"}"#;
        let import = imported(&owner, bytes, &[("mapping", mapping)]).await;
        assert_eq!((figures(&import), &import["kind"]), ((1, 0, 0), &json!("xlsx")));
        assert_eq!(found(&owner, "דנה").await["phone"], "+972501234567");
        let cards = "BEGIN:VCARD\nVERSION:3.0\nFN:רות\nTEL:054-1112222\nTEL:03-5551234\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:3.0\nFN:דנה\nTEL:050-1234567\nORG:מוסך\nEND:VCARD\n";
        assert_eq!(figures(&imported(&owner, cards, &[]).await), (1, 1, 0));
        assert_eq!(found(&owner, "דנה").await["company"], "מוסך");
    }

    async fn an_import_is_undone_to_the_last_field(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let body = json!({"name": "דנה", "phone": "0501234567", "notes": "לפני", "tags": ["a"]});
        let dana = owner.post(LIST, body).await.status(201);
        let path = format!("{LIST}/{}", dana["id"]);
        let before = owner.get(&path).await.ok();
        // the second row changes the first one's customer, the fourth the third one's
        let text = "name,phone,phone 2,notes,tags\nX,0501234567,0507777777,אחרי,b\nX,0507777777,,שוב,c\nחדשה,0502222222,,,\nחדשה,0502222222,,,d\n";
        let import = imported(&owner, text, &[("overwrite", "true")]).await;
        assert_eq!(figures(&import), (1, 3, 0));
        assert_eq!(owner.get(&path).await.ok()["notes"], "שוב");
        let end = undone(&owner, &import).await;
        assert_eq!((&end["status"], &end["kept"]), (&json!("undone"), &json!(0)), "{end}");
        let mut after = owner.get(&path).await.ok();
        after["updated_at"] = before["updated_at"].clone();
        assert_eq!(after, before);
        assert_eq!(total(&owner).await, 1);
        let again = format!("/api/crm/imports/{}/undo", import["id"]);
        owner.post(&again, json!({})).await.problem(409, "already_undone");
        assert_eq!(figures(&imported(&owner, "name,phone\nשוב,0502222222\n", &[]).await), (1, 0, 0), "the phone is free");
    }

    async fn what_was_done_since_is_not_undone(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let import = imported(&owner, "name,phone\nA,0501111111\nB,0502222222\nC,0503333333\n", &[]).await;
        let (a, b) = (found(&owner, "1111111").await, found(&owner, "2222222").await);
        owner.patch(&format!("{LIST}/{}", a["id"]), json!({"company": "X"})).await.ok();
        owner.post("/api/tasks", json!({"title": "Call", "customer_id": b["id"]})).await.status(201);
        let undo = format!("/api/crm/imports/{}/undo", import["id"]);
        let refused = owner.post(&undo, json!({})).await.problem(409, "import_in_use");
        let depends = refused["depends"].as_array().expect("what depends");
        let told: Vec<_> = depends.iter().map(|one| (one["name"].clone(), one["what"].clone())).collect();
        assert_eq!(told, [(json!("A"), json!(["change"])), (json!("B"), json!(["task"]))]);
        assert_eq!(total(&owner).await, 3);
    }

    async fn what_is_no_import_is_refused(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for (content, texts, field, code) in [
            (&b""[..], &[][..], "file", "empty_file"),
            (b"name\n", &[], "file", "empty_file"),
            (b"PK\x03\x04xxxx", &[], "file", "not_a_table"),
            (b"price\n5\n", &[], "mapping", "nobody_named"),
            (b"name\nx\n", &[("mapping", "{")], "mapping", "invalid_json"),
            (b"name\nx\n", &[("mapping", r#"{"no":"name"}"#)], "mapping.no", "unknown_column"),
            (b"name\nx\n", &[("dry_run", "maybe")], "dry_run", "wrong_type"),
            (b"name\nx\n", &[("what", "x")], "what", "unknown_field"),
        ] {
            let problem = upload(&owner, IMPORT, form("x", content, texts)).await.problem(422, "invalid");
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)));
        }
        upload(&owner, IMPORT, Form::new().text("mapping", "{}")).await.problem(400, "missing_field");
        owner.post(IMPORT, json!({"file": "x"})).await.problem(415, "unsupported_media_type");
        let huge = vec![b'a'; 25 * 1024 * 1024 + 1];
        upload(&owner, IMPORT, form("x", huge, &[])).await.problem(413, "too_large");
        assert_eq!(owner.get("/api/crm/imports").await.ok()["total"], 0);
    }

    async fn an_agent_imports_nothing_and_a_stranger_sees_nothing(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let stranger = app.sign_in(&app.b.owner).await;
        upload(&agent, IMPORT, form("x", "name\nx\n", &[])).await.problem(403, "forbidden");
        upload(&agent, &format!("{IMPORT}/preview"), form("x", "name\nx\n", &[])).await.problem(403, "forbidden");
        let import = imported(&owner, "name,phone\nA,0501111111\n", &[]).await;
        let path = format!("/api/crm/imports/{}", import["id"]);
        agent.get(&path).await.problem(403, "forbidden");
        for (client, status, code) in [(&stranger, 404, "not_found"), (&agent, 403, "forbidden")] {
            client.post(&format!("{path}/undo"), json!({})).await.problem(status, code);
        }
        stranger.get(&path).await.problem(404, "not_found");
        assert_eq!(stranger.get("/api/crm/imports").await.ok()["total"], 0);
        // the same phone is another customer in another business
        assert_eq!(figures(&imported(&stranger, "name,phone\nB,0501111111\n", &[]).await), (1, 0, 0));
        found(&owner, "A").await;
    }

    async fn an_admin_imports_for_a_business(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let path = format!("{IMPORT}?business_id={}", app.b.id);
        let id = upload(&admin, &path, form("x", "name\nx\n", &[])).await.status(202)["id"].clone();
        ended(&admin, &format!("/api/crm/imports/{id}")).await;
        let owner = app.sign_in(&app.b.owner).await;
        assert_eq!(total(&owner).await, 1);
    }
}

/// As an old Israeli program writes it.
fn encoding(text: &str) -> Vec<u8> {
    let byte = |c: char| match u32::from(c) {
        code @ 0x5d0..=0x5ea => u8::try_from(code - 0x5d0 + 0xe0).expect("a letter"),
        code => u8::try_from(code).expect("ASCII"),
    };
    text.chars().map(byte).collect()
}

/// Rows of which one in a hundred has no phone that is one.
fn many(rows: usize) -> String {
    let mut text = String::from("שם,נייד,חברה,תגיות\n");
    for n in 0..rows {
        let phone = if n % 100 == 99 {
            "12".to_owned()
        } else {
            format!("05{:08}", 20_000_000 + n)
        };
        writeln!(text, "לקוח מספר {n},{phone},חברה {},vip", n % 977).expect("written");
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_goes_on_where_a_killed_server_left_it() {
    killed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_goes_on_where_a_killed_server_left_it_on_postgresql() {
    killed(Database::Postgres).await;
}

async fn killed(kind: Database) {
    const ROWS: usize = 3_000;
    let Some(machine) = Machine::new(kind, Vec::new()).await else {
        return;
    };
    let port = free_port();
    let server = machine.start(port).await;
    let owner = server.sign_in().await;
    let path = taken(&owner, many(ROWS), &[]).await;
    eventually("some of the rows", || async {
        let done = owner.get(&path).await.ok()["done"].as_u64().unwrap_or_default();
        (done > 0).then_some(())
    })
    .await;
    server.kill().await;
    let server = machine.start(port).await;
    let owner = server.sign_in().await;
    let left = owner.get(&path).await.ok();
    let through = left["done"].as_u64().expect("a number");
    assert_eq!(
        left["created"].as_u64().expect("a number") + left["skipped"].as_u64().expect("a number"),
        through
    );
    assert_eq!(
        total(&owner).await,
        left["created"].as_u64().expect("a number"),
        "rows without their mark, or a mark without rows"
    );
    assert!(through < 3_000, "it was killed after its end");
    let import = ended(&owner, &path).await;
    assert_eq!(figures(&import), (2_970, 0, 30));
    assert_eq!(import["error_count"], 30);
    assert_eq!(total(&owner).await, 2_970);
    server.kill().await;
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: figures of a hundred thousand rows"]
async fn a_hundred_thousand_rows_on_sqlite() {
    huge(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: figures of a hundred thousand rows"]
async fn a_hundred_thousand_rows_on_postgresql() {
    huge(Database::Postgres).await;
}

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
async fn huge(kind: Database) {
    const ROWS: usize = 100_000;
    let Some(machine) = Machine::new(kind, Vec::new()).await else {
        return;
    };
    let server = machine.start(free_port()).await;
    let owner = server.sign_in().await;
    let before = server.peak_memory_mb();
    let begun = Instant::now();
    let path = taken(&owner, many(ROWS), &[]).await;
    let import = over(&owner, &path).await;
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(figures(&import), (99_000, 0, 1_000));
    println!(
        "{kind:?}: {ROWS} rows in {seconds:.1} s; at most {} MiB of memory, {before} MiB before",
        server.peak_memory_mb()
    );
    let begun = Instant::now();
    owner.post(&format!("{path}/undo"), json!({})).await.status(202);
    let import = over(&owner, &path).await;
    assert_eq!((&import["undone"], &import["kept"]), (&json!(99_000), &json!(0)));
    println!("{kind:?}: undone in {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!(total(&owner).await, 0);
    server.kill().await;
    machine.end().await;
}

async fn over(owner: &Client, path: &str) -> Value {
    loop {
        let import = owner.get(path).await.ok();
        if ["done", "failed", "undone"].contains(&import["status"].as_str().expect("a status")) {
            return import;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
