//! A carrier that does what a story tells it, read by the real readers; and webhooks signed as their senders sign.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use app::threads::Carriers;
use async_trait::async_trait;
use contracts::{
    Fault,
    whatsapp::{
        Accepted, Account, Body, Carrier, Connection, Found, Media, MediaSource, Outgoing, Reader, SendFault, Sought,
        Status, WhatsApp, link::Link, signing,
    },
};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{BusinessId, Clock};
use providers::whatsapp::{baileys::BaileysReader, meta::MetaReader, twilio::TwilioReader};
use serde_json::{Value, json};
use sha2::Sha256;
use testkit::{Answer, TestApp, eventually};

pub const SECRET: &str = "what the bridge and the server sign with";
pub const META_SECRET: &str = "the secret of meta's app";
pub const META_ID: &str = "106540352242922";

/// All three carriers on.
pub const ALL: [(&str, &str); 8] = [
    ("TWILIO_WA_FROM", "whatsapp:+97239999999"),
    ("WA_SHARED_SECRET", SECRET),
    ("META_WA_TOKEN", "a token"),
    ("META_WA_PHONE_NUMBER_ID", "1"),
    ("META_APP_SECRET", META_SECRET),
    ("META_VERIFY_TOKEN", "verify me"),
    ("WA_BURST_MS", "0"),
    ("WHATSAPP_PROVIDER", "twilio"),
];

type Said = Result<Accepted, SendFault>;

#[derive(Default)]
struct Script {
    sent: Vec<(Carrier, Outgoing)>,
    answers: HashMap<Carrier, VecDeque<Said>>,
    found: Option<Found>,
    media: Option<bytes::Bytes>,
    looked: usize,
}

/// Shared by all three.
#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<Script>>);

impl Fake {
    /// Puts itself in the place of the real carriers.
    pub fn in_place(app: &TestApp) -> Self {
        let fake = Self::default();
        app.state.whatsapp.replace(Arc::new(fake.clone()));
        fake
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.0.lock().expect("not poisoned")
    }

    /// What the next sends by this carrier get; then it accepts.
    pub fn answers(&self, carrier: Carrier, said: impl IntoIterator<Item = Said>) {
        self.script().answers.entry(carrier).or_default().extend(said);
    }

    pub fn finds(&self, found: Found) {
        self.script().found = Some(found);
    }

    pub fn has_media(&self, bytes: &'static [u8]) {
        self.script().media = Some(bytes::Bytes::from_static(bytes));
    }

    /// The texts that were handed to each carrier, in order.
    pub fn sent(&self) -> Vec<(Carrier, String)> {
        let text = |body: &Body| match body {
            Body::Text(text) => text.clone(),
            Body::Media { url, .. } => url.clone(),
            Body::Template(template) => format!("{}: {}", template.reference, template.text),
        };
        let script = self.script();
        script
            .sent
            .iter()
            .map(|(carrier, one)| (*carrier, text(&one.body)))
            .collect()
    }

    pub fn last(&self) -> Outgoing {
        self.script().sent.last().expect("something was sent").1.clone()
    }

    pub fn looked(&self) -> usize {
        self.script().looked
    }
}

pub fn later() -> Said {
    Err(SendFault::Later {
        code: Some("63018".to_owned()),
        message: "limited".to_owned(),
        retry_after_seconds: Some(1),
    })
}

pub fn unusable() -> Said {
    Err(SendFault::Unusable {
        code: Some("63051".to_owned()),
        message: "barred".to_owned(),
    })
}

pub fn refused(code: &str) -> Said {
    Err(SendFault::Refused {
        code: Some(code.to_owned()),
        message: "no".to_owned(),
    })
}

pub fn unknown() -> Said {
    Err(SendFault::Unknown {
        message: "reset after the body".to_owned(),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "one of the things a carrier may say")]
pub fn accepted(id: &str) -> Said {
    Ok(Accepted {
        carrier_id: Some(id.to_owned()),
        status: Status::Sending,
    })
}

struct One {
    carrier: Carrier,
    fake: Fake,
}

#[async_trait]
impl WhatsApp for One {
    fn carrier(&self) -> Carrier {
        self.carrier
    }

    async fn send(&self, message: &Outgoing) -> Result<Accepted, SendFault> {
        let mut script = self.fake.script();
        script.sent.push((self.carrier, message.clone()));
        let said = script.answers.get_mut(&self.carrier).and_then(VecDeque::pop_front);
        said.unwrap_or_else(|| accepted(&format!("SM{}", message.id)))
    }

    async fn find(&self, _: &Sought) -> Result<Found, Fault> {
        let mut script = self.fake.script();
        script.looked += 1;
        Ok(script.found.clone().unwrap_or(Found::Unclear))
    }

    async fn connection(&self) -> Result<Connection, Fault> {
        Ok(Connection {
            connected: true,
            qr_available: false,
            number: None,
            last_seen: None,
            detail: "plays".to_owned(),
        })
    }

    async fn media(&self, _: &MediaSource, _: u64) -> Result<Media, Fault> {
        let bytes = self.fake.script().media.clone();
        let bytes = bytes.ok_or_else(|| Fault::Declined("gone".to_owned()))?;
        Ok(Media { bytes, mime_type: None })
    }
}

impl Carriers for Fake {
    fn open(&self, carrier: Carrier, _: &Account) -> Option<Arc<dyn WhatsApp>> {
        Some(Arc::new(One {
            carrier,
            fake: self.clone(),
        }))
    }

    fn reader(&self, carrier: Carrier) -> Arc<dyn Reader> {
        match carrier {
            Carrier::Baileys => Arc::new(BaileysReader::new(Clock::System)),
            Carrier::Twilio => Arc::new(TwilioReader::new(Clock::System)),
            Carrier::Meta => Arc::new(MetaReader::new(Clock::System)),
        }
    }

    fn link(&self, _: BusinessId) -> Option<Arc<dyn Link>> {
        None
    }
}

/// Gives business a its WhatsApp number, which Meta knows by an id.
pub async fn numbered(app: &TestApp) {
    let owner = app.sign_in(&app.a.owner).await;
    let number = json!({
        "number": app.a.number, "voice": true, "whatsapp": true, "meta_phone_number_id": META_ID,
    });
    let path = format!("/api/businesses/{}/settings", app.a.id);
    owner.patch(&path, json!({ "phone_numbers": [number] })).await.ok();
}

/// A text of a customer's, by Twilio.
pub async fn writes(app: &TestApp, from: &str, sid: &str, text: &str) -> Answer {
    let (from, to) = (format!("whatsapp:{from}"), format!("whatsapp:{}", app.a.number));
    let fields = [
        ("MessageSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", from.as_str()),
        ("To", to.as_str()),
        ("WaId", from.trim_start_matches("whatsapp:+")),
        ("ProfileName", "דנה לוי"),
        ("Body", text),
        ("NumMedia", "0"),
        ("MessageType", "text"),
    ];
    app.webhook("/webhook/whatsapp/twilio", &fields).await
}

/// What Twilio tells of a message of ours.
pub async fn tells(app: &TestApp, sid: &str, status: &str) {
    let (from, to) = (format!("whatsapp:{}", app.a.number), "whatsapp:+972501234567");
    let fields = [
        ("MessageSid", sid),
        ("MessageStatus", status),
        ("AccountSid", app.account_sid()),
        ("From", from.as_str()),
        ("To", to),
    ];
    app.webhook("/webhook/whatsapp/status", &fields).await.status(204);
}

fn code(secret: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(text);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// An event of the bridge, signed for this target at this time.
pub async fn bridge_at(app: &TestApp, path: &str, at: i64, event: &Value) -> Answer {
    let body = event.to_string();
    let signature = code(SECRET, &signing::text(at, "POST", path, body.as_bytes()));
    let request = app
        .client
        .request(reqwest::Method::POST, path)
        .header("content-type", "application/json")
        .header(signing::TIMESTAMP_HEADER, at.to_string())
        .header(signing::SIGNATURE_HEADER, signature)
        .body(body);
    app.client.send(request).await
}

/// An event of business a's session.
pub async fn bridge(app: &TestApp, event: &str, data: Value) -> Answer {
    let path = format!("/webhook/whatsapp/baileys?n={}", rand::random::<u64>());
    let event = json!({ "business_id": app.a.id, "event": event, "data": data });
    bridge_at(app, &path, app.clock.now().timestamp(), &event).await
}

/// A message as the bridge tells of it.
pub fn from_bridge(app: &TestApp, id: &str, phone: &str, text: &str) -> Value {
    let digits = phone.trim_start_matches('+');
    json!({
        "id": id, "chat": format!("{digits}@s.whatsapp.net"), "sender": format!("{digits}@s.whatsapp.net"),
        "sender_phone": phone, "from_me": false, "push_name": "Yossi", "timestamp": app.clock.now().timestamp(),
        "backlog": false, "kind": "text", "text": text,
    })
}

/// A body of Meta's with a signature of this secret.
pub async fn meta_signed(app: &TestApp, secret: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let request = app
        .client
        .request(reqwest::Method::POST, "/webhook/whatsapp/meta")
        .header("content-type", "application/json")
        .header("x-hub-signature-256", code(secret, body.as_bytes()))
        .body(body);
    app.client.send(request).await
}

/// The one thread of business a.
pub async fn only_thread(client: &testkit::Client) -> Value {
    let list = client.get("/api/crm/threads").await.ok();
    assert_eq!(list["total"], 1, "{list}");
    list["results"][0].clone()
}

/// The messages of a thread, the first one first.
pub async fn messages(client: &testkit::Client, thread: &Value) -> Vec<Value> {
    let list = client
        .get(&format!("/api/crm/threads/{}/messages?limit=100", thread["id"]))
        .await
        .ok();
    let mut messages = list["results"].as_array().cloned().unwrap_or_default();
    messages.reverse();
    messages
}

/// Waits until a message of business a has this status. Signs in anew: time may have passed.
pub async fn has_status(app: &TestApp, message: &Value, status: &str) -> Value {
    let client = app.sign_in(&app.a.owner).await;
    let path = "/api/whatsapp/messages?limit=100";
    eventually(&format!("{status} of {message}"), || async {
        let list = client.get(path).await.ok();
        let all = list["results"].as_array().cloned().unwrap_or_default();
        all.into_iter()
            .find(|one| one["id"] == *message && one["status"] == status)
    })
    .await
}
