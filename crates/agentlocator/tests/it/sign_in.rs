//! Who is let in.

use serde_json::json;
use testkit::{Answer, PASSWORD, Person, TestApp};

/// Tries from an address, in a browser with these cookies.
async fn tried(app: &TestApp, person: &Person, password: &str, from: &str, cookies: &str) -> Answer {
    let request = app.client.request(reqwest::Method::POST, "/api/auth/login");
    let request = request.header("X-Forwarded-For", from).header("Cookie", cookies);
    app.client
        .send(request.json(&json!({ "email": person.email, "password": password })))
        .await
}

/// What the browser sends back of an answer's cookies.
fn cookie(answer: &Answer, name: &str) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let mut texts = cookies.filter_map(|value| value.to_str().ok()?.split(';').next());
    let found = texts.find(|text| text.starts_with(&format!("{name}=")));
    found.expect("the cookie").to_owned()
}

testkit::on_both_databases! {
    async fn a_person_with_the_right_password_is_let_in(app: &TestApp) {
        let me = app.sign_in(&app.a.owner).await.get("/api/auth/me").await.ok();
        assert_eq!(me["user"]["email"], app.a.owner.email.as_str());
        assert_eq!(me["business"]["id"], app.a.id);
    }

    async fn a_wrong_password_and_an_unknown_address_look_the_same(app: &TestApp) {
        let wrong = json!({ "email": app.a.owner.email, "password": "not the password" });
        let unknown = json!({ "email": "nobody@example.com", "password": PASSWORD });
        let wrong = app.client.post("/api/auth/login", wrong).await.status(401);
        let unknown = app.client.post("/api/auth/login", unknown).await.status(401);
        assert_eq!(wrong["error"], unknown["error"]);
        assert_eq!(wrong["detail"], unknown["detail"]);
    }

    async fn a_refresh_token_used_twice_ends_the_session(app: &TestApp) {
        let credentials = json!({ "email": app.a.owner.email, "password": PASSWORD });
        let first = app.client.post("/api/auth/token", credentials).await.ok();
        let refresh = async |tokens: &serde_json::Value| {
            app.client.post("/api/auth/refresh", json!({ "refresh_token": tokens["refresh_token"] })).await
        };
        let second = refresh(&first).await.ok();
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        let holder = app.client.with_token(second["access_token"].as_str().expect("a token"));
        holder.get("/api/auth/me").await.ok();
        // Stolen, or sent twice: it cannot be known which, so both are out.
        refresh(&first).await.status(401);
        refresh(&second).await.status(401);
        holder.get("/api/auth/me").await.problem(401, "unauthorized");
    }

    async fn a_strange_page_cannot_write_with_a_cookie(app: &TestApp) {
        let credentials = json!({ "email": app.a.owner.email, "password": PASSWORD });
        let answer = app.client.post("/api/auth/login", credentials).await;
        answer.ok();
        let cookies = answer.headers.get_all("set-cookie");
        let access = cookies.iter().filter_map(|value| value.to_str().ok()).find(|cookie| cookie.starts_with("access_token="));
        let access = access.expect("an access cookie");
        assert!(access.contains("HttpOnly") && access.contains("SameSite=Lax"), "{access}");
        let cookie = access.split(';').next().expect("its value");
        let write = async |header: Option<(&str, &str)>| {
            let request = app.client.request(reqwest::Method::PATCH, "/api/auth/me").header("Cookie", cookie);
            let request = match header {
                Some((name, value)) => request.header(name, value),
                None => request,
            };
            app.client.send(request.json(&json!({ "available": true }))).await.status.as_u16()
        };
        assert_eq!(write(Some(("Origin", "https://evil.example"))).await, 403);
        assert_eq!(write(Some(("Sec-Fetch-Site", "cross-site"))).await, 403);
        assert_eq!(write(Some(("Origin", "https://agent.example.com"))).await, 200, "the public origin is ours");
        assert_eq!(write(Some(("Sec-Fetch-Site", "same-origin"))).await, 200);
        assert_eq!(write(None).await, 200, "no browser sends neither");
    }

    async fn a_stranger_locks_nobody_out_where_they_are_known(app: &TestApp) with [("RATE_AUTH", "10000/minute"), ("TRUST_PROXY", "1")] {
        let (office, phone, elsewhere) = ("198.51.100.7", "192.0.2.9", "192.0.2.77");
        let first = tried(app, &app.a.owner, PASSWORD, office, "").await;
        first.ok();
        let mark = cookie(&first, "known_device");
        assert!(first.headers.get_all("set-cookie").iter().any(|cookie| {
            let cookie = cookie.to_str().unwrap_or_default();
            cookie.starts_with("known_device=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax")
        }));
        let mut statuses = Vec::new();
        for n in 0..12 {
            let from = format!("203.0.113.{n}");
            statuses.push(tried(app, &app.a.owner, "not the password", &from, "").await.status.as_u16());
        }
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 9, "one of ten was her own: {statuses:?}");
        tried(app, &app.a.owner, PASSWORD, elsewhere, "").await.problem(429, "rate_limited");
        tried(app, &app.a.owner, PASSWORD, elsewhere, "known_device=made-up").await.problem(429, "rate_limited");
        tried(app, &app.a.owner, PASSWORD, phone, &mark).await.ok();
        tried(app, &app.a.owner, PASSWORD, office, "").await.ok();
        // The mark is this person's, and its tries are counted, too.
        for _ in 0..10 {
            tried(app, &app.a.agent, "not the password", elsewhere, &mark).await.status(401);
        }
        tried(app, &app.a.agent, "not the password", elsewhere, &mark).await.problem(429, "rate_limited");
        for _ in 0..9 {
            tried(app, &app.a.owner, "not the password", phone, &mark).await.status(401);
        }
        tried(app, &app.a.owner, PASSWORD, elsewhere, &mark).await.problem(429, "rate_limited");
        let forgot = json!({ "email": app.a.owner.email });
        app.client.post("/api/auth/password/forgot", forgot).await.status(202);
        app.leaves_jobs();
    }

    async fn an_address_that_nobody_can_have_is_nobody_s(app: &TestApp) {
        for email in ["a\0b@example.com".to_owned(), "\0".to_owned(), format!("{}@example.com", "x".repeat(300))] {
            for path in ["/api/auth/token", "/api/auth/login"] {
                let answer = app.client.post(path, json!({ "email": email, "password": PASSWORD })).await;
                assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            }
        }
    }

    async fn signing_out_ends_the_session(app: &TestApp) {
        let credentials = json!({ "email": app.a.owner.email, "password": PASSWORD });
        let tokens = app.client.post("/api/auth/token", credentials).await.ok();
        let client = app.client.with_token(tokens["access_token"].as_str().expect("a token"));
        client.post("/api/auth/logout", json!({ "refresh_token": tokens["refresh_token"] })).await.ok();
        client.get("/api/auth/me").await.problem(401, "unauthorized");
    }
}
