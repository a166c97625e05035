//! The stand-ins, and a server that takes their webhooks.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use contracts::whatsapp::{Address, Body, Event, Outgoing};
use kernel::Phone;
use serde_json::{Value, json};
use simulator::standins::{self, Running, Settings, VoiceKind, whatsapp_meta::Account};

use super::Subject;

pub const PERSON: &str = "+972501234567";
pub const TOKEN: &str = "token";
pub const SECRET: &str = "a secret that the server and the bridge share";

/// A webhook as it came.
#[derive(Clone, Debug)]
pub struct Hook {
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Clone, Default)]
struct Taken(Arc<Mutex<Vec<Hook>>>);

/// One world for each case, so that none sees another's messages.
pub struct World {
    pub standins: Running,
    taken: Taken,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(taken): State<Taken>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let target = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    taken.0.lock().unwrap().push(Hook { target, headers, body });
    StatusCode::NO_CONTENT
}

impl World {
    /// Nothing is told by itself.
    pub async fn quiet(subject: &Subject) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let taken = Taken::default();
        let router = Router::new().fallback(take).with_state(taken.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let standins = standins::start(Settings {
            voice: VoiceKind::Tones,
            auth_token: TOKEN.to_owned(),
            public_base: Some("https://agent.example.com".parse().unwrap()),
            server: Some(server),
            meta: Account {
                token: TOKEN.to_owned(),
                ..Account::default()
            },
            bridge_secret: SECRET.to_owned(),
            ..Settings::default()
        })
        .await
        .unwrap();
        let world = Self {
            standins,
            taken,
            server: serving,
        };
        world
            .control(subject, "PUT", "plan", &json!({"statuses": [], "delay_ms": 0}))
            .await;
        world
    }

    /// One request to the carrier's control.
    pub async fn control(&self, subject: &Subject, method: &str, what: &str, body: &Value) -> Value {
        let behind = if matches!(what, "inbound" | "status") {
            subject.session
        } else {
            ""
        };
        let url = self
            .standins
            .base
            .join(&format!("{}/{what}{behind}", subject.control))
            .unwrap();
        let request = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = request.request(method.parse().unwrap(), url).json(body);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{what}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    pub async fn trouble(&self, subject: &Subject, trouble: Value) {
        self.control(subject, "PUT", "troubles", &json!({ "trouble": trouble }))
            .await;
    }

    /// Somebody writes; gives the carrier's id of the message.
    pub async fn write(&self, subject: &Subject, letter: Value) -> Value {
        let told = self.control(subject, "POST", "inbound", &letter).await;
        let first = told.pointer("/messages/0").or_else(|| told.get(0)).cloned();
        first.unwrap()
    }

    pub fn hooks(&self) -> Vec<Hook> {
        self.taken.0.lock().unwrap().clone()
    }

    pub fn forget_hooks(&self) {
        self.taken.0.lock().unwrap().clear();
    }

    /// All that came, read.
    pub fn events(&self, subject: &Subject) -> Vec<Event> {
        let reader = (subject.reader)();
        self.hooks()
            .iter()
            .flat_map(|hook| reader.read(&hook.body).expect("a webhook that can be read"))
            .collect()
    }
}

pub fn to_person() -> Address {
    Address::Phone(Phone::parse(PERSON).unwrap())
}

pub fn outgoing(id: &str, body: Body) -> Outgoing {
    Outgoing {
        id: id.to_owned(),
        from: None,
        to: to_person(),
        body,
        reply_to: None,
        status_callback: Some("https://agent.example.com/webhook/whatsapp/status".to_owned()),
    }
}

pub fn text(id: &str) -> Outgoing {
    outgoing(id, Body::Text(format!("שלום {id}")))
}

/// Longer than a sending may take.
pub const PATIENCE: Duration = Duration::from_secs(12);
