//! Delivering webhooks to the server.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use serde::Serialize;
use sha2::Sha256;
use url::Url;

const LIMIT: Duration = Duration::from_secs(15);

/// What a webhook was answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::standins) struct Delivered {
    /// `None` when nobody answered.
    pub status: Option<u16>,
}

/// Posts a body once.
pub(in crate::standins) async fn post(
    http: &Client,
    url: Url,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
) -> Delivered {
    let mut request = http
        .post(url)
        .timeout(LIMIT)
        .header("content-type", content_type)
        .body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let status = request.send().await.map(|answer| answer.status().as_u16()).ok();
    if !status.is_some_and(|status| (200..300).contains(&status)) {
        tracing::warn!(?status, "a webhook was not taken");
    }
    Delivered { status }
}

/// `sha256=` and HMAC-SHA256 as hexadecimal.
pub(in crate::standins) fn signed(secret: &str, text: &[u8]) -> String {
    // HMAC takes keys of every length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(text);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
