//! Whether a webhook is from Twilio. The only way from a request to its fields leads through [`Check::verify`].
//!
//! After Twilio's «Validating signatures» and its SDKs: base64 of HMAC-SHA1 (HMAC-SHA256 with a shared key) under the
//! account's token, over the URL as Twilio called it, then every form field's name and value, sorted, repeated values
//! once. A JSON body is not signed itself; the signed query carries its `bodySHA256`. What Twilio signs differs in
//! whether the port is named and in how the query is escaped, so each variant is tried. Where the token comes from
//! and who is told of a refusal is not decided here.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::form::Form;

pub const SIGNATURE: &str = "x-twilio-signature";
const SIGNATURE_SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// Fields that are known to come from Twilio.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    payload: T,
    signed: bool,
}

impl<T> Verified<T> {
    /// Whether a signature was checked; in development without a token there is none to check.
    pub const fn is_signed(&self) -> bool {
        self.signed
    }

    pub fn into_inner(self) -> T {
        self.payload
    }
}

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.payload
    }
}

impl Verified<Form> {
    /// Fields that were verified when they came and waited in the spool, which only this server writes.
    pub(super) fn from_spool(payload: Form) -> Self {
        Self {
            payload: payload.clean(),
            signed: true,
        }
    }
}

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// `false` for a `POST`.
    pub is_get: bool,
    /// Path and query exactly as received.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No signature: 403.
    Unsigned,
    /// A signature of something else: 403.
    WrongSignature,
    /// The fields can not be read: 403 like the others, so that nobody learns more.
    Unreadable,
}

impl Refusal {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::WrongSignature => "wrong_signature",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What a signature is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// `None` in development without a token: everything counts as verified.
    pub token: Option<&'a str>,
    /// Origins under which Twilio may know this server, for example `https://voice.example.com`.
    pub origins: &'a [String],
}

impl Check<'_> {
    pub fn verify(self, incoming: Incoming<'_>) -> Result<Verified<Form>, Refusal> {
        let form = read(incoming).map_err(|_| Refusal::Unreadable)?;
        let Some(token) = self.token else {
            return Ok(Verified {
                payload: form.clean(),
                signed: false,
            });
        };
        let signature = header(incoming.headers, SIGNATURE).ok_or(Refusal::Unsigned)?;
        let params = match body_hash(incoming.target) {
            Some(expected) if is_json(incoming.headers) => {
                let actual = hex::encode(Sha256::digest(incoming.body));
                if !same(actual.as_bytes(), expected.to_ascii_lowercase().as_bytes()) {
                    return Err(Refusal::WrongSignature);
                }
                String::new()
            }
            _ if incoming.is_get => String::new(),
            _ => sorted_params(&form),
        };
        let settings = header(incoming.headers, SIGNATURE_SETTINGS).unwrap_or_default();
        let key = Key::new(token, settings).ok_or(Refusal::WrongSignature)?;
        if self.any_url_matches(&key, incoming.target, &params, signature) {
            Ok(Verified {
                payload: form.clean(),
                signed: true,
            })
        } else {
            Err(Refusal::WrongSignature)
        }
    }

    /// Whether the media socket's upgrade is signed as it should be: over the `wss` URL, without fields. Twilio's docs
    /// know handshakes that are signed over the address with a slash more at its end than is asked for.
    pub fn verify_upgrade(self, target: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(token) = self.token else {
            return Ok(());
        };
        let signature = header(headers, SIGNATURE).ok_or(Refusal::Unsigned)?;
        let key = Key::new(token, "").ok_or(Refusal::WrongSignature)?;
        let sockets: Vec<String> = self.origins.iter().map(|origin| socket_origin(origin)).collect();
        let sockets = Check {
            token: self.token,
            origins: &sockets,
        };
        let mut found = false;
        for target in [target, &other_slash(target)] {
            for check in [self, sockets] {
                found |= check.any_url_matches(&key, target, "", signature);
            }
        }
        if found { Ok(()) } else { Err(Refusal::WrongSignature) }
    }

    /// Every variant is computed, match or not, so that the time says nothing.
    fn any_url_matches(self, key: &Key, target: &str, params: &str, signature: &str) -> bool {
        let legacy = legacy_target(target);
        let mut found = false;
        for origin in self.origins {
            for authority in [without_port(origin), with_port(origin)] {
                for target in std::iter::once(target).chain(legacy.as_deref()) {
                    let expected = key.sign(&[&authority, target, params]);
                    found |= same(expected.as_bytes(), signature.as_bytes());
                }
            }
        }
        found
    }
}

/// `https://host` → `wss://host`.
pub fn socket_origin(origin: &str) -> String {
    match origin.strip_prefix("https://") {
        Some(rest) => format!("wss://{rest}"),
        None => origin.replacen("http://", "ws://", 1),
    }
}

/// `/a` → `/a/`, and back.
fn other_slash(target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (target, String::new()),
    };
    match path.strip_suffix('/') {
        Some(path) => format!("{path}{query}"),
        None => format!("{path}/{query}"),
    }
}

/// A token ready to sign.
enum Key {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
}

impl Key {
    /// `settings` is the header that names the algorithm; `None` when the algorithm is unknown to us.
    fn new(token: &str, settings: &str) -> Option<Self> {
        let algorithm = settings
            .split(',')
            .filter_map(|part| part.split_once('='))
            .find(|(name, value)| name.trim() == "algorithm" && !value.trim().is_empty())
            .map_or("HMAC_SHA1", |(_, value)| value.trim());
        if algorithm.eq_ignore_ascii_case("HMAC_SHA1") {
            Hmac::new_from_slice(token.as_bytes()).ok().map(Self::Sha1)
        } else if algorithm.eq_ignore_ascii_case("HMAC_SHA256") {
            Hmac::new_from_slice(token.as_bytes()).ok().map(Self::Sha256)
        } else {
            None
        }
    }

    fn sign(&self, parts: &[&str]) -> String {
        match self {
            Self::Sha1(key) => digest(key.clone(), parts),
            Self::Sha256(key) => digest(key.clone(), parts),
        }
    }
}

fn digest<M: Mac>(mut mac: M, parts: &[&str]) -> String {
    for part in parts {
        mac.update(part.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

fn same(expected: &[u8], given: &[u8]) -> bool {
    expected.ct_eq(given).into()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

fn is_json(headers: &HeaderMap) -> bool {
    header(headers, "content-type").is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    })
}

fn read(incoming: Incoming<'_>) -> Result<Form, super::form::Unreadable> {
    if incoming.is_get {
        Form::from_urlencoded(query(incoming.target).as_bytes())
    } else if is_json(incoming.headers) {
        Form::from_json(incoming.body)
    } else {
        Form::from_urlencoded(incoming.body)
    }
}

fn query(target: &str) -> &str {
    target.split_once('?').map_or("", |(_, query)| query)
}

fn body_hash(target: &str) -> Option<String> {
    form_urlencoded::parse(query(target).as_bytes())
        .find(|(name, _)| name == "bodySHA256")
        .map(|(_, value)| value.into_owned())
}

fn sorted_params(form: &Form) -> String {
    let mut fields: Vec<(&str, &str)> = form
        .fields()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    let length = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let mut text = String::with_capacity(length);
    for (name, value) in fields {
        text.push_str(name);
        text.push_str(value);
    }
    text
}

/// Scheme, host and port of an origin.
fn split(origin: &str) -> (&str, &str, Option<&str>) {
    let (scheme, authority) = origin.split_once("://").unwrap_or(("https", origin));
    let after_host = authority.rfind(']').unwrap_or(0);
    match authority.rfind(':') {
        Some(at) if at >= after_host => (scheme, authority.get(..at).unwrap_or_default(), authority.get(at + 1..)),
        _ => (scheme, authority, None),
    }
}

fn without_port(origin: &str) -> String {
    let (scheme, host, _) = split(origin);
    format!("{scheme}://{host}")
}

fn with_port(origin: &str) -> String {
    let (scheme, host, port) = split(origin);
    let default = if matches!(scheme, "https" | "wss") { "443" } else { "80" };
    format!("{scheme}://{host}:{}", port.unwrap_or(default))
}

/// The target with its query decoded and escaped again as Twilio's older signers do: a name's values stand together
/// where it first appears, and everything but `A-Z a-z 0-9 - _ . ! ~ * ' ( )` becomes `%XX`. `None` without a query,
/// or when that changes nothing.
fn legacy_target(target: &str) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).take(64) {
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value.into_owned()),
            None => groups.push((name.into_owned(), vec![value.into_owned()])),
        }
    }
    let mut legacy = format!("{path}?");
    for (name, value) in groups
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name, value)))
    {
        if !legacy.ends_with('?') {
            legacy.push('&');
        }
        escape_into(&mut legacy, name);
        legacy.push('=');
        escape_into(&mut legacy, value);
    }
    (legacy != target).then_some(legacy)
}

fn escape_into(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
}

#[cfg(test)]
mod tests;
