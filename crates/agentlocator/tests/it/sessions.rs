//! Where one is signed in, and ending that.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use testkit::{Client, PASSWORD, Person, TestApp};
use tokio_tungstenite::tungstenite::Message;

/// Signs in with a browser's word for itself.
async fn sign_in(app: &TestApp, person: &Person, user_agent: &str) -> Client {
    let request = app
        .client
        .request(reqwest::Method::POST, "/api/auth/token")
        .header("User-Agent", user_agent)
        .json(&json!({ "email": person.email, "password": PASSWORD }));
    let tokens = app.client.send(request).await.ok();
    app.client.with_token(tokens["access_token"].as_str().expect("a token"))
}

async fn own(client: &Client) -> Vec<Value> {
    let page = client.get("/api/auth/sessions").await.ok();
    page["results"].as_array().expect("sessions").clone()
}

async fn current(client: &Client) -> i64 {
    let sessions = own(client).await;
    let current = sessions.iter().find(|session| session["current"] == true);
    current
        .and_then(|session| session["id"].as_i64())
        .expect("the current session")
}

testkit::on_both_databases! {
    async fn sessions_are_listed_with_words_for_the_device(app: &TestApp) {
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
        let desk = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
        let first = sign_in(app, &app.a.owner, phone).await;
        let second = sign_in(app, &app.a.owner, desk).await;
        sign_in(app, &app.a.agent, desk).await;
        let sessions = own(&second).await;
        assert_eq!(sessions.len(), 2, "nobody else's");
        let words = |session: &Value| (session["browser"].clone(), session["system"].clone(), session["current"].clone());
        assert_eq!(words(&sessions[0]), (json!("Chrome"), json!("Windows"), json!(true)));
        assert_eq!(words(&sessions[1]), (json!("Safari"), json!("iPhone"), json!(false)));
        assert_eq!(sessions[0]["ip"], "127.0.0.1");
        assert_eq!(own(&first).await.iter().filter(|session| session["current"] == true).count(), 1);
    }

    async fn a_session_that_is_ended_is_over_at_once(app: &TestApp) {
        let (here, there) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.owner).await);
        let id = current(&there).await;
        here.delete(&format!("/api/auth/sessions/{id}")).await.status(204);
        there.get("/api/auth/me").await.problem(401, "unauthorized");
        here.delete(&format!("/api/auth/sessions/{id}")).await.problem(404, "not_found");
        let other = current(&app.sign_in(&app.a.agent).await).await;
        here.delete(&format!("/api/auth/sessions/{other}")).await.problem(404, "not_found");
        let rows = here.get("/api/admin/audit?action=session.revoked").await.ok();
        assert_eq!((&rows["total"], &rows["results"][0]["record_id"]), (&json!(1), &json!(id)));
    }

    async fn all_others_are_ended_together(app: &TestApp) {
        let here = app.sign_in(&app.a.owner).await;
        let others = [app.sign_in(&app.a.owner).await, app.sign_in(&app.a.owner).await];
        let agent = app.sign_in(&app.a.agent).await;
        here.delete("/api/auth/sessions").await.status(204);
        for other in others {
            other.get("/api/auth/me").await.problem(401, "unauthorized");
        }
        here.get("/api/auth/me").await.ok();
        agent.get("/api/auth/me").await.ok();
    }

    async fn a_refresh_keeps_the_session_and_says_when(app: &TestApp) {
        let credentials = json!({ "email": app.a.owner.email, "password": PASSWORD });
        let tokens = app.client.post("/api/auth/token", credentials).await.ok();
        app.advance(chrono::TimeDelta::days(29));
        let refreshed = app.client.post("/api/auth/refresh", json!({ "refresh_token": tokens["refresh_token"] })).await.ok();
        let client = app.client.with_token(refreshed["access_token"].as_str().expect("a token"));
        app.advance(chrono::TimeDelta::minutes(10));
        let session = own(&client).await.remove(0);
        assert!(session["last_seen_at"].as_str() > session["created_at"].as_str(), "{session}");
        assert!(session["expires_at"].as_str().is_some_and(|at| at.starts_with("2027-01-16")), "{session}");
    }

    async fn a_socket_goes_with_its_session(app: &TestApp) {
        let (here, there) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.owner).await);
        let url = format!("ws://{}/ws/?EIO=4&transport=websocket", app.address);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
        let next = async |socket: &mut tokio_tungstenite::WebSocketStream<_>| {
            loop {
                let next = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("in time");
                let text = next.and_then(Result::ok).and_then(|message| message.into_text().ok())?;
                // A ping may come at any time, before the first answer too.
                if text != "2" {
                    return Some(text.to_string());
                }
                socket.send(Message::text("3")).await.expect("sent");
            }
        };
        assert!(next(&mut socket).await.is_some_and(|text| text.starts_with('0')));
        let token = json!({ "token": there.token() });
        socket.send(Message::text(format!("40{token}"))).await.expect("sent");
        let answer = next(&mut socket).await.unwrap_or_default();
        assert!(answer.starts_with("40"), "{answer}");
        let id = current(&there).await;
        let began = std::time::Instant::now();
        here.delete(&format!("/api/auth/sessions/{id}")).await.status(204);
        while next(&mut socket).await.is_some_and(|text| !text.starts_with("41")) {}
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
