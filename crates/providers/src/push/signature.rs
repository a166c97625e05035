//! Who sends, shown to the push service by a signed token (RFC 8292).

use aws_lc_rs::rand::SystemRandom;
use base64::Engine;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::Fault;
use serde::Serialize;
use url::Url;

use super::{
    broken,
    keys::{BASE64, Keys},
};

/// RFC 8292 allows 24 hours; clocks differ.
const VALID: TimeDelta = TimeDelta::hours(12);
/// `{"typ":"JWT","alg":"ES256"}`
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9";

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    exp: i64,
    sub: &'a str,
}

/// The token for the push service of this endpoint.
pub fn token(keys: &Keys, endpoint: &Url, contact: &str, now: DateTime<Utc>) -> Result<String, Fault> {
    let claims = Claims {
        aud: endpoint.origin().ascii_serialization(),
        exp: (now + VALID).timestamp(),
        sub: contact,
    };
    let claims = serde_json::to_vec(&claims).map_err(|_| Fault::Misconfigured("claims of web push".to_owned()))?;
    let signed = format!("{HEADER}.{}", BASE64.encode(claims));
    let signature = keys
        .signing
        .sign(&SystemRandom::new(), signed.as_bytes())
        .map_err(broken)?;
    Ok(format!("{signed}.{}", BASE64.encode(signature.as_ref())))
}
