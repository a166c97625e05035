//! Whether a webhook is from whom it says. The only way from a request to its events leads through [`Believed`].
//!
//! Twilio's signature is the phone line's ([`crate::channels::voice::signature`]); Meta signs the raw body with the app's
//! secret; our bridge signs time, method, path and body with the shared secret, and each of its signatures is good once.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use contracts::whatsapp::{Carrier, signing};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use kernel::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{
    App,
    channels::voice::{self, signature::Incoming},
};

pub const META_SIGNATURE: &str = "x-hub-signature-256";

/// A body that was verified.
#[derive(Clone, Debug)]
pub struct Believed {
    carrier: Carrier,
    body: Bytes,
    /// What must not come a second time.
    once: Option<String>,
}

impl Believed {
    pub const fn carrier(&self) -> Carrier {
        self.carrier
    }

    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    pub fn once(&self) -> Option<&str> {
        self.once.as_deref()
    }

    /// A body that was verified when it came and waited in the database, which only this server writes.
    pub(super) const fn from_journal(carrier: Carrier, body: Bytes) -> Self {
        Self {
            carrier,
            body,
            once: None,
        }
    }
}

/// Why a request is not believed; a word for the log.
pub type Refusal = &'static str;

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub method: &'a str,
    /// Path and query exactly as received.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a Bytes,
    pub now: DateTime<Utc>,
}

fn believed(carrier: Carrier, request: Request<'_>, once: Option<String>) -> Believed {
    Believed {
        carrier,
        body: request.body.clone(),
        once,
    }
}

pub fn twilio(app: &App, request: Request<'_>) -> Result<Believed, Refusal> {
    let incoming = Incoming {
        is_get: request.method != "POST",
        target: request.target,
        headers: request.headers,
        body: request.body,
    };
    voice::door::verify(app, incoming).map_err(voice::signature::Refusal::word)?;
    Ok(believed(Carrier::Twilio, request, None))
}

/// The second secret that we put into the address of status callbacks, when there is one.
pub fn has_status_secret(app: &App, target: &str) -> bool {
    let Some(secret) = &app.whatsapp.settings.status_secret else {
        return true;
    };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let given = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "secret");
    given.is_some_and(|(_, given)| same(secret.expose_secret().as_bytes(), given.as_bytes()))
}

pub fn meta(app: &App, request: Request<'_>) -> Result<Believed, Refusal> {
    let secret = app.whatsapp.settings.meta_app_secret.as_ref().ok_or("no_secret")?;
    let given = text(request.headers, META_SIGNATURE).ok_or("unsigned")?;
    let given = given.strip_prefix("sha256=").ok_or("wrong_signature")?;
    if !is_code(secret, request.body, given) {
        return Err("wrong_signature");
    }
    Ok(believed(Carrier::Meta, request, None))
}

pub fn baileys(app: &App, request: Request<'_>) -> Result<Believed, Refusal> {
    let secret = app.whatsapp.settings.shared_secret.as_ref().ok_or("no_secret")?;
    let given = text(request.headers, signing::SIGNATURE_HEADER).ok_or("unsigned")?;
    let code = given.strip_prefix(signing::PREFIX).ok_or("wrong_signature")?;
    let at: i64 = text(request.headers, signing::TIMESTAMP_HEADER)
        .and_then(|at| at.parse().ok())
        .ok_or("unsigned")?;
    let signed = signing::text(at, request.method, request.target, request.body);
    if !is_code(secret, &signed, code) {
        return Err("wrong_signature");
    }
    if (request.now.timestamp() - at).abs() > signing::TOLERANCE_SECONDS {
        return Err("too_old");
    }
    Ok(believed(Carrier::Baileys, request, Some(code.to_ascii_lowercase())))
}

/// Whichever signatures are there: all of them must be good.
pub fn either(app: &App, request: Request<'_>) -> Result<Believed, Refusal> {
    let of_meta = request.headers.contains_key(META_SIGNATURE);
    let of_bridge = request.headers.contains_key(signing::SIGNATURE_HEADER);
    match (of_bridge, of_meta) {
        (true, true) => {
            let from_bridge = baileys(app, request)?;
            let from_meta = meta(app, request)?;
            // Both believed: the body says whose shape it has.
            let is_meta =
                serde_json::from_slice::<serde_json::Value>(request.body).is_ok_and(|body| body.get("entry").is_some());
            Ok(Believed {
                carrier: if is_meta {
                    from_meta.carrier
                } else {
                    from_bridge.carrier
                },
                ..from_bridge
            })
        }
        (true, false) => baileys(app, request),
        (false, true) => meta(app, request),
        (false, false) => Err("unsigned"),
    }
}

fn is_code(secret: &SecretString, signed: &[u8], given: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return false;
    };
    mac.update(signed);
    let expected = hex::encode(mac.finalize().into_bytes());
    same(expected.as_bytes(), given.to_ascii_lowercase().as_bytes())
}

pub fn same(expected: &[u8], given: &[u8]) -> bool {
    expected.ct_eq(given).into()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|value| !value.is_empty())
}
