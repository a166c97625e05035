//! What every recogniser must do.

use bytes::Bytes;
use contracts::{
    Fault,
    stt::{SpeechToText, Transcript, Utterance},
};
use futures::future::join_all;
use tokio::time::Instant;
use url::Url;

use super::{PATIENCE, assert_fault, failures};
use crate::{
    stand_in::{Reply, StandIn},
    tone,
};

/// One recogniser, and what its company answers when it heard «שלום».
pub struct Subject<Make> {
    pub make: Make,
    pub content_type: &'static str,
    pub good: Bytes,
    /// The same for silence.
    pub nothing: Bytes,
}

pub fn utterance(milliseconds: u32) -> Utterance {
    Utterance {
        audio: tone(milliseconds).into(),
        language: "he-IL".to_owned(),
        hint: None,
    }
}

pub async fn conforms<Engine: SpeechToText>(subject: Subject<impl Fn(Url) -> Engine>) {
    let heard = asked(&subject, Reply::ok(subject.content_type, subject.good.clone()), 800).await;
    assert_eq!(heard.expect("a good answer").text, "שלום");
    let heard = asked(&subject, Reply::ok(subject.content_type, subject.nothing.clone()), 800).await;
    assert_eq!(heard.expect("silence is no fault").text, "");
    nothing_is_sent_for_a_click(&subject).await;
    join_all(
        failures()
            .into_iter()
            .map(|(case, reply, words)| fails_in_time(&subject, case, reply, words)),
    )
    .await;
}

async fn asked<Engine: SpeechToText>(
    subject: &Subject<impl Fn(Url) -> Engine>,
    reply: Reply,
    milliseconds: u32,
) -> Result<Transcript, Fault> {
    let server = StandIn::answering(reply).await;
    let result = (subject.make)(server.base.clone())
        .transcribe(utterance(milliseconds))
        .await;
    for seen in server.seen() {
        assert_eq!(seen.header("x-request-id"), "request-1");
    }
    result
}

async fn nothing_is_sent_for_a_click<Engine: SpeechToText>(subject: &Subject<impl Fn(Url) -> Engine>) {
    let server = StandIn::answering(Reply::ok(subject.content_type, subject.good.clone())).await;
    let heard = (subject.make)(server.base.clone())
        .transcribe(utterance(60))
        .await
        .expect("no fault");
    assert_eq!(heard.text, "");
    assert!(server.seen().is_empty());
}

async fn fails_in_time<Engine: SpeechToText>(
    subject: &Subject<impl Fn(Url) -> Engine>,
    case: &str,
    reply: Reply,
    words: &[&str],
) {
    let began = Instant::now();
    let fault = asked(subject, reply, 800)
        .await
        .err()
        .unwrap_or_else(|| panic!("{case} was taken for words"));
    assert_fault(&fault, case, words);
    assert!(began.elapsed() < PATIENCE, "{case}: {:?}", began.elapsed());
}
