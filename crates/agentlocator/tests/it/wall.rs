//! What is stopped before it reaches any part of the product, whoever asks and for whatever.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use testkit::{Client, Database, PASSWORD, TestApp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::process::{Machine, free_port};

const CUSTOMERS: &str = "/api/crm/customers";

/// The answer's first line to a request that goes no further than this.
async fn first_line(app: &TestApp, begun: &str) -> String {
    let mut stream = TcpStream::connect(app.address).await.expect("connected");
    stream.write_all(begun.as_bytes()).await.expect("said");
    let mut answer = String::new();
    while !answer.contains("\r\n") {
        let mut some = [0; 1024];
        let count = stream.read(&mut some).await.expect("an answer");
        assert_ne!(count, 0, "closed after {answer:?}");
        answer.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    answer.lines().next().unwrap_or_default().to_owned()
}

async fn with_key(client: &Client, path: &str, key: &str, body: Value) -> (u16, bool) {
    let request = client
        .request(Method::POST, path)
        .header("Idempotency-Key", key)
        .json(&body);
    let answer = client.send(request).await;
    (answer.status.as_u16(), answer.header("Idempotent-Replay").is_some())
}

testkit::on_both_databases! {
    async fn a_nul_character_goes_nowhere(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for path in ["/api/calls/%00", "/api/crm/customers/%00", "/media/tts/a%00b", "/%00"] {
            owner.get(path).await.status(404);
        }
        for path in ["/api/crm/customers?q=%00", "/api/calls?status=a%00", "/api/search?q=x&kinds=%00", "/webhook/incoming_call?CallSid=%00"] {
            owner.get(path).await.problem(422, "invalid");
        }
        let strange = json!({ "email": "a\u{0}@example.com", "password": "x\u{0}" });
        for path in ["/api/auth/token", "/api/auth/login", "/api/auth/password/forgot"] {
            let refused = app.client.post(path, strange.clone()).await.problem(422, "invalid");
            assert_eq!(refused["errors"][0]["field"], "email");
        }
        let nested = json!({ "name": "א", "custom": { "a": [{ "b": "\u{0}" }] } });
        owner.post(CUSTOMERS, nested).await.problem(422, "invalid");
        assert_eq!(owner.get(CUSTOMERS).await.ok()["total"], 0);
    }

    async fn a_cursor_of_no_calendar_is_none_of_ours(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for time in ["-262143-01-01T00:00:00Z", "+262142-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"] {
            let cursor = json!({ "sort": "-created_at", "value": { "Time": time }, "id": 1 });
            let cursor = URL_SAFE_NO_PAD.encode(cursor.to_string());
            owner.get(&format!("{CUSTOMERS}?cursor={cursor}")).await.problem(400, "invalid_cursor");
        }
    }

    async fn a_strange_page_cannot_write_by_a_header_that_nobody_reads(app: &TestApp) {
        let credentials = json!({ "email": app.a.owner.email, "password": PASSWORD });
        let tokens = app.client.post("/api/auth/token", credentials).await.ok();
        let cookie = format!("access_token={}", tokens["access_token"].as_str().expect("a token"));
        for authorization in [None, Some("x"), Some("Basic eDp5"), Some("Bearer"), Some("Bearer x")] {
            let request = app.client.request(Method::PATCH, "/api/auth/me").header("Cookie", &cookie);
            let request = authorization.into_iter().fold(request, |request, value| request.header("Authorization", value));
            let request = request.header("Origin", "https://evil.example").json(&json!({ "available": true }));
            app.client.send(request).await.problem(403, "cross_origin");
        }
    }

    async fn a_key_is_held_apart_for_each_business_and_address(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let customer = json!({ "name": "דנה" });
        assert_eq!(with_key(&admin, CUSTOMERS, "k", customer.clone()).await, (201, false));
        assert_eq!(with_key(&admin, CUSTOMERS, "k", customer.clone()).await, (201, true));
        let as_b = json!({ "business_id": app.b.id, "reason": "the story of the key" });
        admin.post("/api/admin/impersonate", as_b).await.ok();
        assert_eq!(with_key(&admin, CUSTOMERS, "k", customer.clone()).await, (201, false), "another business");
        let customers = app.sign_in(&app.b.owner).await.get(CUSTOMERS).await.ok();
        assert_eq!(customers["total"], 1);
        assert_eq!(with_key(&admin, "/api/crm/customers?x=1", "k", customer).await, (201, false), "another query");
    }

    async fn a_body_is_not_waited_for_from_who_may_not_send_it(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let token = agent.token().expect("a token");
        let begun = format!(
            "POST /api/crm/customers/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 20000000\r\n\r\n--b\r\n"
        );
        assert_eq!(first_line(app, &begun).await, "HTTP/1.1 403 Forbidden");
        let begun = begun.replace(token, "x");
        assert_eq!(first_line(app, &begun).await, "HTTP/1.1 401 Unauthorized");
    }

    async fn a_body_is_as_large_as_its_operation_takes(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let token = owner.token().expect("a token");
        let sent = async |path: &str, bytes: usize| {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\n\
                 Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 20000000\r\n\r\n"
            );
            first_line(app, &(head + &"x".repeat(bytes))).await
        };
        assert_eq!(sent(CUSTOMERS, (1 << 20) + 1).await, "HTTP/1.1 413 Payload Too Large", "a form, but no upload");
        let form = Form::new().part("file", Part::bytes(vec![b'a'; 2 << 20]).file_name("a.csv"));
        let upload = owner.request(Method::POST, "/api/crm/customers/import/preview").header("Idempotency-Key", "k");
        assert_ne!(owner.send(upload.multipart(form)).await.status, 413);
        let head = "POST /api/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n";
        let large = head.to_owned() + &"x".repeat((64 << 10) + 1);
        assert_eq!(first_line(app, &large).await, "HTTP/1.1 413 Payload Too Large", "a stranger's is small");
    }

    async fn what_the_web_app_is_made_of_is_not_shown(app: &TestApp) {
        for path in ["/.vite/manifest.json", "/assets/.hidden", "/.env"] {
            let request = app.client.request(Method::GET, path).header("Accept", "text/html");
            app.client.send(request).await.status(404);
        }
    }
}

testkit::on_both_databases! {
    async fn in_production_numbers_are_for_who_has_the_token(app: &TestApp) with [
        ("APP_ENV", "production"),
        ("CORS_ORIGINS", "https://agent.example.com"),
        ("SECRET_KEY", "k3Yq8Zr1Wm5Tx7Vb2Nc9Ld4Fg6Hj0PsQ"),
        ("JWT_SECRET", "z9Xc8Vb7Nm6Lk5Jh4Gf3Ds2Aq1We0RtY"),
        ("RATE_AUTH", "100/minute"),
        ("RATE_SEND", "100/minute"),
        ("RATE_API", "100/minute"),
        ("RATE_WEBHOOK_UNVERIFIED", "100/minute"),
        ("RATE_WEBHOOK_VERIFIED", "1000/minute"),
    ] {
        app.client.get("/metrics").await.status(404);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_for_the_server_s_account_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let machine = Machine::new(Database::Sqlite, Vec::new()).await.expect("a machine");
    let server = machine.start(free_port()).await;
    // Being ready it has written something.
    let mut looked_at = 0;
    let mut open = vec![machine.data_dir().join("files")];
    while let Some(path) = open.pop() {
        let about = std::fs::metadata(&path).expect("a file");
        assert_eq!(about.permissions().mode() & 0o077, 0, "{}", path.display());
        looked_at += 1;
        if about.is_dir() {
            let inside = std::fs::read_dir(&path).expect("a directory");
            open.extend(inside.map(|entry| entry.expect("an entry").path()));
        }
    }
    assert!(looked_at >= 3, "{looked_at}");
    server.kill().await;
    machine.end().await;
}
