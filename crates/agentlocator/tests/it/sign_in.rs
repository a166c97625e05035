//! Who is let in.

use serde_json::json;
use testkit::PASSWORD;

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

    async fn signing_out_ends_the_session(app: &TestApp) {
        let credentials = json!({ "email": app.a.owner.email, "password": PASSWORD });
        let tokens = app.client.post("/api/auth/token", credentials).await.ok();
        let client = app.client.with_token(tokens["access_token"].as_str().expect("a token"));
        client.post("/api/auth/logout", json!({ "refresh_token": tokens["refresh_token"] })).await.ok();
        client.get("/api/auth/me").await.problem(401, "unauthorized");
    }
}
