//! What every implementation of a contract must do, whatever the company: one suite per contract. A new engine gives its
//! suite a way to build it on a base URL and one good answer, and inherits the rest.

pub mod llm;
pub mod mail;
pub mod stt;
pub mod telephony;
pub mod tts;
pub mod whatsapp;

use std::time::Duration;

use bytes::Bytes;
use contracts::Fault;

use crate::stand_in::Reply;

/// The longest that an engine may keep a caller waiting when its company misbehaves, with room for a busy machine.
pub const PATIENCE: Duration = Duration::from_millis(5_500);

/// A way of failing, and the faults that it may be called.
pub type Failure = (&'static str, Reply, &'static [&'static str]);

/// Ways of failing that every company has.
pub fn refusals() -> Vec<Failure> {
    let json = "application/json";
    vec![
        (
            "a wrong key",
            Reply::status(401, json, r#"{"error":{"code":"invalid_api_key"}}"#),
            &["misconfigured"],
        ),
        (
            "a bad request",
            Reply::status(400, json, r#"{"error":{"message":"secret words"}}"#),
            &["rejected"],
        ),
        (
            "a model that is not there",
            Reply::status(404, json, r#"{"error":{"code":"model_not_found"}}"#),
            &["rejected"],
        ),
        ("too many requests", Reply::limited(60), &["unavailable"]),
        (
            "an overloaded server",
            Reply::status(503, "text/html", "<html>"),
            &["unavailable"],
        ),
        (
            "a broken server",
            Reply::status(500, "text/plain", "oops"),
            &["unavailable", "unknown"],
        ),
        ("no answer", Reply::Silent, &["unknown"]),
        (
            "an unexpected redirect",
            Reply::redirect("http://127.0.0.1:1/"),
            &["rejected", "unknown", "misconfigured"],
        ),
    ]
}

/// The same, and answers that begin well and are of no use.
pub fn failures() -> Vec<Failure> {
    const USELESS: &[&str] = &["unknown", "rejected", "unavailable"];
    let broken = Reply::Broken {
        content_type: "application/json",
        beginning: Bytes::from_static(b"{\"te"),
    };
    let endless = Reply::Endless {
        content_type: "text/event-stream",
        piece: Bytes::from(vec![b'x'; 16_384]),
    };
    let mut failures = refusals();
    failures.extend([
        (
            "a page of HTML",
            Reply::ok("text/html", "<html><body>captive portal</body></html>"),
            USELESS,
        ),
        (
            "rubbish JSON",
            Reply::ok("application/json", "{\"choices\": [tru"),
            USELESS,
        ),
        (
            "nothing at all",
            Reply::ok("application/octet-stream", Bytes::new()),
            USELESS,
        ),
        ("a reset in the middle", broken, USELESS),
        ("an answer without end", endless, USELESS),
    ]);
    failures
}

/// The fault is one of those words and quotes nobody.
pub fn assert_fault(fault: &Fault, case: &str, words: &[&str]) {
    assert!(words.contains(&fault.word()), "{case}: {fault}");
    assert!(!fault.to_string().contains("secret words"), "{case}: {fault}");
}
