//! Where one is signed in, and ending that.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use testkit::{Client, PASSWORD, Person, TestApp};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

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

/// A browser's socket.
struct Listener(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Listener {
    async fn open(app: &TestApp, client: &Client) -> Self {
        let url = format!("ws://{}/ws/?EIO=4&transport=websocket", app.address);
        let (socket, _) = connect_async(url).await.expect("a socket");
        let mut listener = Self(socket);
        assert!(listener.next().await.is_some_and(|text| text.starts_with('0')));
        let token = json!({ "token": client.token() });
        let hello = Message::text(format!("40{token}"));
        listener.0.send(hello).await.expect("sent");
        let answer = listener.next().await.unwrap_or_default();
        assert!(answer.starts_with("40"), "{answer}");
        listener
    }

    async fn next(&mut self) -> Option<String> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.0.next());
            let message = next.await.expect("in time").and_then(Result::ok);
            let text = message.and_then(|message| message.into_text().ok())?;
            // A ping may come at any time, before the first answer too.
            if text != "2" {
                return Some(text.to_string());
            }
            self.0.send(Message::text("3")).await.expect("sent");
        }
    }

    /// Waits until the socket is closed.
    async fn told_that_it_is_over(&mut self) -> bool {
        let mut told = false;
        while let Some(text) = self.next().await.filter(|text| !text.starts_with("41")) {
            told |= text.starts_with(r#"42["session:ended""#);
        }
        told
    }
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

    async fn a_socket_goes_with_its_session_and_is_told(app: &TestApp) {
        let (here, there) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.owner).await);
        let mut socket = Listener::open(app, &there).await;
        let id = current(&there).await;
        let began = std::time::Instant::now();
        here.delete(&format!("/api/auth/sessions/{id}")).await.status(204);
        assert!(socket.told_that_it_is_over().await);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }

    async fn a_session_whose_time_is_over_is_nobody_s(app: &TestApp) {
        let client = app.sign_in(&app.a.owner).await;
        let mut socket = Listener::open(app, &client).await;
        app.sql("UPDATE sessions SET expires_at = $1 WHERE user_id = $2", vec![app.state.clock.now().into(), app.a.owner.id.into()]).await;
        client.get("/api/auth/me").await.problem(401, "unauthorized");
        assert!(socket.told_that_it_is_over().await);
    }

    async fn who_acts_as_another_listens_anew_and_is_not_signed_out(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let mut socket = Listener::open(app, &admin).await;
        admin.post("/api/admin/impersonate", json!({ "business_id": app.b.id, "reason": "help" })).await.ok();
        assert!(!socket.told_that_it_is_over().await);
        admin.delete("/api/admin/impersonate").await.status(204);
        let wanted = json!({ "business_id": app.b.id, "user_id": app.b.agent.id, "reason": "help" });
        admin.post("/api/admin/impersonate", wanted).await.ok();
        let mut socket = Listener::open(app, &admin).await;
        app.sign_in(&app.b.owner).await.delete(&format!("/api/users/{}", app.b.agent.id)).await.status(204);
        assert!(!socket.told_that_it_is_over().await, "the agent's sessions are over, not the admin's");
        Listener::open(app, &admin).await;
    }
}
