//! What every phone company must do.

use std::time::Duration;

use bytes::Bytes;
use contracts::{
    Fault,
    telephony::{NewCall, Telephony},
};
use futures::future::join_all;
use url::Url;

use super::{Failure, assert_fault, refusals};
use crate::stand_in::{Reply, StandIn};

/// A call that is set up or ended by hand may take longer than a turn of a conversation, not for ever.
const PATIENCE: Duration = Duration::from_secs(12);

/// One company, and what it answers for the call `CA1` that is over after 42 seconds.
pub struct Subject<Make> {
    pub make: Make,
    pub content_type: &'static str,
    pub over: Bytes,
    /// Where it keeps the recording `RE1`, below its base.
    pub recording: &'static str,
}

pub fn new_call() -> NewCall {
    NewCall {
        to: "+972501234567".to_owned(),
        from: "+97231234567".to_owned(),
        twiml: "<Response/>".to_owned(),
        ring_seconds: 25,
        status_callback: Some("https://example.com/webhook/call_status".to_owned()),
    }
}

pub async fn conforms<Company: Telephony>(subject: Subject<impl Fn(Url) -> Company>) {
    knows_its_calls(&subject).await;
    gives_its_recordings(&subject).await;
    asks_nobody_else_for_a_recording(&subject).await;
    join_all(refusals().into_iter().map(|failure| writes_once(&subject, failure))).await;
}

async fn knows_its_calls<Company: Telephony>(subject: &Subject<impl Fn(Url) -> Company>) {
    let server = StandIn::answering(Reply::ok(subject.content_type, subject.over.clone())).await;
    let company = (subject.make)(server.base.clone());
    let state = company
        .call_state("CA1")
        .await
        .expect("an answer")
        .expect("a call that it knows");
    assert_eq!((state.status.as_str(), state.duration_seconds), ("completed", Some(42)));
    assert_eq!(company.place_call(new_call()).await.expect("a call"), "CA1");
    let missing = StandIn::answering(Reply::status(404, "text/plain", "")).await;
    let company = (subject.make)(missing.base.clone());
    assert_eq!(company.call_state("CA1").await.expect("no fault"), None);
    for seen in server.seen() {
        assert_eq!(seen.header("x-request-id"), "request-1");
    }
}

async fn gives_its_recordings<Company: Telephony>(subject: &Subject<impl Fn(Url) -> Company>) {
    let audio = Bytes::from_static(b"audio");
    let server = StandIn::answering(Reply::ok("audio/mpeg", audio.clone())).await;
    let address = server.base.join(subject.recording).expect("an address").to_string();
    let company = (subject.make)(server.base.clone());
    assert_eq!(company.recording(&address).await.expect("an answer"), Some(audio));
    let missing = StandIn::answering(Reply::status(404, "text/plain", "")).await;
    let address = missing.base.join(subject.recording).expect("an address").to_string();
    let company = (subject.make)(missing.base.clone());
    assert_eq!(
        company.recording(&address).await.expect("not there yet is no fault"),
        None
    );
}

/// Whoever forges a callback must not make the server fetch what it names.
async fn asks_nobody_else_for_a_recording<Company: Telephony>(subject: &Subject<impl Fn(Url) -> Company>) {
    let server = StandIn::answering(Reply::Silent).await;
    let other = StandIn::answering(Reply::ok("audio/mpeg", "secret words")).await;
    let address = other.base.join(subject.recording).expect("an address").to_string();
    let fault = (subject.make)(server.base.clone())
        .recording(&address)
        .await
        .expect_err("another host");
    assert_fault(&fault, "another host", &["rejected"]);
    assert!(other.seen().is_empty());
}

/// A call that was perhaps placed is not placed again.
async fn writes_once<Company: Telephony>(subject: &Subject<impl Fn(Url) -> Company>, (case, reply, words): Failure) {
    let server = StandIn::answering(reply).await;
    let company = (subject.make)(server.base.clone());
    let placing = tokio::time::timeout(PATIENCE, company.place_call(new_call())).await;
    let fault: Fault = placing
        .unwrap_or_else(|_| panic!("{case}: no end"))
        .err()
        .unwrap_or_else(|| panic!("{case} was taken for a call"));
    assert_fault(&fault, case, words);
    assert_eq!(server.seen().len(), 1, "{case}");
}
