//! What every synthesiser must do.

use std::time::Duration;

use bytes::Bytes;
use contracts::{
    Fault,
    tts::{Gender, Speech, TextToSpeech},
};
use futures::{StreamExt, TryStreamExt, future::join_all};
use tokio::time::Instant;
use url::Url;

use super::{PATIENCE, assert_fault, failures};
use crate::{
    level,
    stand_in::{Reply, StandIn},
};

/// One engine, and what its company answers when all is well.
pub struct Subject<Make> {
    pub make: Make,
    pub content_type: &'static str,
    /// About a second of sound.
    pub good: Bytes,
}

pub fn speech(text: &str) -> Speech {
    Speech {
        text: text.to_owned(),
        phonemes: None,
        language: "he-IL".to_owned(),
        gender: Gender::Feminine,
        clip: None,
        voice: None,
    }
}

/// All samples of a sentence.
pub async fn spoken(engine: &dyn TextToSpeech, speech: Speech) -> Result<Vec<i16>, Fault> {
    let pieces: Vec<_> = engine.speak(speech).await?.try_collect().await?;
    Ok(pieces.iter().flat_map(|piece| piece.0.iter().copied()).collect())
}

pub async fn conforms<Engine: TextToSpeech>(subject: Subject<impl Fn(Url) -> Engine>) {
    says_what_it_is_given(&subject).await;
    refuses_text_without_end(&subject).await;
    join_all(
        failures()
            .into_iter()
            .map(|(case, reply, words)| fails_in_time(&subject, case, reply, words)),
    )
    .await;
    let stalled = Reply::Stalled {
        content_type: subject.content_type,
        beginning: subject.good.slice(..subject.good.len() / 2),
    };
    fails_in_time(&subject, "a stall in the middle", stalled.clone(), &["unknown"]).await;
    stops_when_dropped(&subject, stalled).await;
}

async fn says_what_it_is_given<Engine: TextToSpeech>(subject: &Subject<impl Fn(Url) -> Engine>) {
    let server = StandIn::answering(Reply::ok(subject.content_type, subject.good.clone())).await;
    let engine = (subject.make)(server.base.clone());
    let samples = spoken(&engine, speech("שלום")).await.expect("a good answer");
    assert!((6_000..12_000).contains(&samples.len()), "{} samples", samples.len());
    assert!(level(&samples) > 500.0, "audible: {}", level(&samples));
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].header("x-request-id"), "request-1");
}

async fn refuses_text_without_end<Engine: TextToSpeech>(subject: &Subject<impl Fn(Url) -> Engine>) {
    let server = StandIn::answering(Reply::ok(subject.content_type, subject.good.clone())).await;
    let engine = (subject.make)(server.base.clone());
    let fault = spoken(&engine, speech(&"שלום ".repeat(2_000)))
        .await
        .expect_err("too long");
    assert_fault(&fault, "text without end", &["rejected"]);
    assert!(server.seen().is_empty(), "nobody was asked");
}

async fn fails_in_time<Engine: TextToSpeech>(
    subject: &Subject<impl Fn(Url) -> Engine>,
    case: &str,
    reply: Reply,
    words: &[&str],
) {
    let server = StandIn::answering(reply).await;
    let engine = (subject.make)(server.base.clone());
    let began = Instant::now();
    let fault = spoken(&engine, speech("שלום"))
        .await
        .err()
        .unwrap_or_else(|| panic!("{case} was taken for speech"));
    assert_fault(&fault, case, words);
    assert!(began.elapsed() < PATIENCE, "{case}: {:?}", began.elapsed());
}

/// Barge-in: whoever drops the sentence must not leave a download behind.
async fn stops_when_dropped<Engine: TextToSpeech>(subject: &Subject<impl Fn(Url) -> Engine>, stalled: Reply) {
    let server = StandIn::answering(stalled).await;
    let engine = (subject.make)(server.base.clone());
    let speaking = async {
        let mut stream = engine.speak(speech("שלום")).await?;
        while stream.next().await.is_some() {}
        Ok::<(), Fault>(())
    };
    let cut = tokio::time::timeout(Duration::from_millis(300), speaking).await;
    assert!(cut.is_err(), "it was still speaking");
    assert!(server.until_left_alone().await, "the connection was closed");
}
