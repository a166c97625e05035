//! A push service and the browsers that are registered there, as RFC 8030, 8291 and 8292 have them: what comes in must
//! be signed by the key that the browser subscribed for, and is opened with the browser's own key.
//!
//! `POST /_push/browsers {application_server_key, now?}` makes a browser and gives what its page would send to a server;
//! `GET /_push/browsers/{id}` what has arrived; `PUT` makes its address answer otherwise (`{"status": 429,
//! "retry_after": "2", "times": 1}`); `DELETE` ends it, so that its address answers 410.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey as Point, agree},
    hmac::{HMAC_SHA256, Key, sign},
    rand,
    signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Shared;

const MOST_BROWSERS: usize = 5_000;
const MOST_MESSAGES: usize = 20_000;
/// RFC 8030 asks push services to take this much.
const MOST_BYTES: usize = 4_096;
/// RFC 8292, section 2.
const LONGEST_TOKEN_SECONDS: i64 = 24 * 3600;

/// What arrived at a browser.
#[derive(Clone, Debug, Serialize)]
pub struct Arrived {
    pub payload: Value,
    pub ttl: u32,
    pub topic: Option<String>,
    pub urgency: Option<String>,
}

/// How an address answers, for so many times.
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    pub status: u16,
    #[serde(default)]
    pub retry_after: Option<String>,
    pub times: u32,
}

struct Browser {
    key: PrivateKey,
    auth: [u8; 16],
    server_key: String,
    now: Option<i64>,
    arrived: Vec<Arrived>,
    refusal: Option<Refusal>,
    gone: bool,
}

/// All browsers, by what stands at the end of their address.
#[derive(Default)]
pub struct PushService(Mutex<HashMap<String, Browser>>);

impl PushService {
    fn browsers(&self) -> MutexGuard<'_, HashMap<String, Browser>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has arrived at a browser, the oldest first.
    pub fn arrived(&self, id: &str) -> Vec<Arrived> {
        self.browsers()
            .get(id)
            .map_or_else(Vec::new, |browser| browser.arrived.clone())
    }
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/push/{id}", post(take))
        .route("/_push/browsers", post(subscribe))
        .route(
            "/_push/browsers/{id}",
            axum::routing::get(show).put(refuse).delete(unsubscribe),
        )
}

#[derive(Deserialize)]
struct Subscribe {
    application_server_key: String,
    /// The time that the push service goes by, in seconds, for a server whose clock stands still.
    now: Option<i64>,
}

async fn subscribe(Extract(state): Extract<Shared>, Json(asked): Json<Subscribe>) -> Response {
    let mut auth = [0; 16];
    let mut id = [0; 12];
    let (Ok(key), Ok(()), Ok(())) = (
        PrivateKey::generate(&ECDH_P256),
        rand::fill(&mut auth),
        rand::fill(&mut id),
    ) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Ok(point) = key.compute_public_key() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let id = BASE64.encode(id);
    let page = json!({
        "endpoint": format!("{}push/{id}", state.base),
        "expirationTime": null,
        "keys": { "p256dh": BASE64.encode(point.as_ref()), "auth": BASE64.encode(auth) },
    });
    let mut browsers = state.push.browsers();
    if browsers.len() >= MOST_BROWSERS {
        browsers.clear();
    }
    browsers.insert(
        id.clone(),
        Browser {
            key,
            auth,
            server_key: asked.application_server_key,
            now: asked.now,
            arrived: Vec::new(),
            refusal: None,
            gone: false,
        },
    );
    (StatusCode::CREATED, Json(json!({ "id": id, "subscription": page }))).into_response()
}

async fn show(Extract(state): Extract<Shared>, Path(id): Path<String>) -> Response {
    match state.push.browsers().get(&id) {
        Some(browser) => Json(json!({ "gone": browser.gone, "arrived": browser.arrived })).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn refuse(Extract(state): Extract<Shared>, Path(id): Path<String>, Json(refusal): Json<Refusal>) -> StatusCode {
    match state.push.browsers().get_mut(&id) {
        Some(browser) => {
            browser.refusal = Some(refusal);
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

async fn unsubscribe(Extract(state): Extract<Shared>, Path(id): Path<String>) -> StatusCode {
    match state.push.browsers().get_mut(&id) {
        Some(browser) => {
            browser.gone = true;
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

async fn take(Extract(state): Extract<Shared>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let origin = state.base.origin().ascii_serialization();
    let mut browsers = state.push.browsers();
    let Some(browser) = browsers.get_mut(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if browser.gone {
        return StatusCode::GONE.into_response();
    }
    if let Some(refusal) = browser.refusal.as_mut().filter(|refusal| refusal.times > 0) {
        refusal.times -= 1;
        return refused(refusal);
    }
    match arrival(browser, &origin, &headers, &body) {
        Ok(arrived) => {
            if browser.arrived.len() < MOST_MESSAGES {
                browser.arrived.push(arrived);
            }
            StatusCode::CREATED.into_response()
        }
        Err((status, why)) => {
            tracing::warn!(why, "a push is refused");
            (status, why).into_response()
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match &refusal.retry_after {
        Some(pause) => (status, [("retry-after", pause.clone())]).into_response(),
        None => status.into_response(),
    }
}

type Refused = (StatusCode, &'static str);

fn arrival(browser: &Browser, origin: &str, headers: &HeaderMap, body: &[u8]) -> Result<Arrived, Refused> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if body.len() > MOST_BYTES {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, "too long"));
    }
    if header("content-encoding") != Some("aes128gcm") {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "not aes128gcm"));
    }
    let ttl = header("ttl").and_then(|ttl| ttl.parse().ok());
    let ttl = ttl.ok_or((StatusCode::BAD_REQUEST, "no TTL"))?;
    let topic = header("topic").map(str::to_owned);
    let url_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if topic
        .as_deref()
        .is_some_and(|topic| topic.is_empty() || topic.len() > 32 || !topic.chars().all(url_safe))
    {
        return Err((StatusCode::BAD_REQUEST, "no topic"));
    }
    signed(browser, origin, header("authorization").unwrap_or_default())?;
    let text = open(browser, body).ok_or((StatusCode::BAD_REQUEST, "does not open"))?;
    let payload = serde_json::from_slice(&text).map_err(|_| (StatusCode::BAD_REQUEST, "not JSON"))?;
    Ok(Arrived {
        payload,
        ttl,
        topic,
        urgency: header("urgency").map(str::to_owned),
    })
}

/// `vapid t=…, k=…`: by the key that the browser subscribed for, for this service, and not for longer than a day.
fn signed(browser: &Browser, origin: &str, authorization: &str) -> Result<(), Refused> {
    let unsigned = (StatusCode::UNAUTHORIZED, "not signed");
    let fields: HashMap<&str, &str> = authorization
        .strip_prefix("vapid ")
        .ok_or(unsigned)?
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .collect();
    let (token, key) = (fields.get("t").ok_or(unsigned)?, fields.get("k").ok_or(unsigned)?);
    if browser.server_key.trim_end_matches('=') != *key {
        return Err((StatusCode::FORBIDDEN, "another key than the one subscribed for"));
    }
    let bytes = |text: &str| BASE64.decode(text).map_err(|_| unsigned);
    let (text, signature) = token.rsplit_once('.').ok_or(unsigned)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key)?)
        .verify(text.as_bytes(), &bytes(signature)?)
        .map_err(|_| (StatusCode::FORBIDDEN, "a signature of somebody else"))?;
    let (header, claims) = text.split_once('.').ok_or(unsigned)?;
    let read = |part: &str| -> Result<Value, Refused> { serde_json::from_slice(&bytes(part)?).map_err(|_| unsigned) };
    let (header, claims) = (read(header)?, read(claims)?);
    let claim = |name: &str| claims.get(name).cloned().unwrap_or_default();
    let sender = claim("sub").as_str().unwrap_or_default().to_owned();
    let now = browser.now.unwrap_or_else(|| kernel::Clock::System.now().timestamp());
    let sound = header.get("alg").is_some_and(|alg| alg == "ES256")
        && claim("aud") == origin
        && (sender.starts_with("mailto:") || sender.starts_with("https:"))
        && claim("exp")
            .as_i64()
            .is_some_and(|exp| (1..=LONGEST_TOKEN_SECONDS).contains(&(exp - now)));
    if sound {
        Ok(())
    } else {
        Err((StatusCode::FORBIDDEN, "a token for another time or place"))
    }
}

/// RFC 8188's one record under RFC 8291's key, opened as the browser does.
fn open(browser: &Browser, body: &[u8]) -> Option<Vec<u8>> {
    let (salt, rest) = body.split_at_checked(16)?;
    let (record_bytes, rest) = rest.split_at_checked(4)?;
    if u32::from_be_bytes(record_bytes.try_into().ok()?) < 18 {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (sender, sealed) = rest.split_at_checked(usize::from(*length))?;
    let secret = agree(&browser.key, Point::new(&ECDH_P256, sender), (), |secret| {
        Ok(secret.to_vec())
    })
    .ok()?;
    let own = browser.key.compute_public_key().ok()?;
    let info = [b"WebPush: info\0", own.as_ref(), sender].concat();
    let material = derive(&browser.auth, &secret, &info, 32);
    let key = derive(salt, &material, b"Content-Encoding: aes128gcm\0", 16);
    let nonce = derive(salt, &material, b"Content-Encoding: nonce\0", 12);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    let mut text = sealed.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
    let opened = cipher.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
    // Padding is zeros after the mark of the last record.
    let end = opened.iter().rposition(|byte| *byte != 0)?;
    (opened.get(end) == Some(&2)).then(|| opened.get(..end).unwrap_or_default().to_vec())
}

/// HKDF with SHA-256, written out (RFC 5869); one block is enough.
fn derive(salt: &[u8], material: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let key = sign(&Key::new(HMAC_SHA256, salt), material);
    let block = sign(&Key::new(HMAC_SHA256, key.as_ref()), &[info, &[1]].concat());
    block.as_ref().get(..length).unwrap_or_default().to_vec()
}
