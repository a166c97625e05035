//! Engines that fail or hang, and a socket that brings rubbish.

use std::sync::{Arc, Mutex};

use conversation::call::Exit;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::stage::*;
use crate::Engines;

#[tokio::test]
async fn each_kind_of_engine_gives_way_to_the_next_in_the_same_turn() {
    let mut stage = Stage::open(Engines {
        stt: vec![
            Arc::new(Ear("ear-down", Mood::Fails, &[], Mutex::new(0))),
            Arc::new(Ear("ear", Mood::Works, &["שלום לכם"], Mutex::new(0))),
        ],
        llm: vec![
            Arc::new(Brain("brain-down", Mood::Fails, "")),
            Arc::new(Brain("brain", Mood::Works, "שלום וברכה.")),
        ],
        tts: vec![
            Arc::new(Mouth("mouth-slow", Mood::Hangs)),
            Arc::new(Mouth("mouth", Mood::Works)),
        ],
    })
    .await;
    stage.line.speak(voice(), 800).await;
    stage.line.listen(5_000).await;
    let turns = stage.turns();
    assert_eq!(turns[0].agent_text, "שלום וברכה.", "{turns:?}");
    let total_ms = turns[0].latency.total_ms.expect("timed");
    assert!(
        (1_500..3_500).contains(&total_ms),
        "one deadline was waited for: {total_ms}"
    );
}

#[tokio::test]
async fn with_everything_down_the_bundled_clips_still_speak() {
    let mut stage = Stage::open(Engines {
        stt: vec![Arc::new(Ear("ear-down", Mood::Fails, &[], Mutex::new(0)))],
        llm: vec![Arc::new(Brain("brain-down", Mood::Fails, ""))],
        tts: vec![Arc::new(Mouth("mouth-down", Mood::Fails))],
    })
    .await;
    stage.line.speak(voice(), 800).await;
    stage.line.listen(2_000).await;
    assert!(stage.line.heard.len() > 8_000, "an apology is heard");
    assert!(stage.notebook.left.lock().expect("left").is_none());
}

#[tokio::test]
async fn a_model_that_hangs_is_replaced_within_six_seconds() {
    let mut stage = Stage::open(Engines {
        llm: vec![Arc::new(Brain("brain-slow", Mood::Hangs, ""))],
        ..engines(&["יש לי נזילה בבית"], "")
    })
    .await;
    stage.line.speak(voice(), 800).await;
    stage.line.listen(7_000).await;
    let said: Vec<_> = stage
        .notebook
        .parts
        .lock()
        .expect("parts")
        .iter()
        .map(|part| part.text.clone())
        .collect();
    assert!(said.iter().any(|text| text.contains("איך קוראים לכם")), "{said:?}");
}

#[tokio::test]
async fn rubbish_closes_the_socket_with_its_reason_and_the_call_is_noted_as_over() {
    let media =
        |sid: &str, payload: &str| json!({"event":"media","streamSid":sid,"media":{"payload":payload}}).to_string();
    let cases = [
        (Message::binary(vec![1, 2, 3]), 1003, "binary"),
        (Message::text("{"), 1007, "malformed"),
        (Message::text("[]"), 1007, "malformed"),
        (Message::text(media(STREAM, "***")), 1007, "malformed"),
        (Message::text(media("MZ2", "//8=")), 1008, "foreign_stream"),
        (
            Message::text(json!({"event":"start","streamSid":STREAM,"start":{"callSid":"CA1"}}).to_string()),
            1008,
            "second_start",
        ),
        (Message::text("x".repeat(70_000)), 1009, "too_large"),
    ];
    for (message, code, reason) in cases {
        let mut stage = Stage::open(engines(&[], "")).await;
        stage.line.send_raw(message).await;
        let (closed, why) = stage.line.closing().await;
        assert_eq!((u16::from(closed), why.as_str()), (code, reason));
        let left = stage.notebook.left.lock().expect("left").clone();
        assert_eq!(left.map(|left| left.how), Some(Exit::HungUp), "{reason}");
    }
}

#[tokio::test]
async fn what_twilio_may_invent_is_ignored_and_odd_frame_sizes_are_put_together() {
    let mut stage = Stage::open(engines(&[], "")).await;
    for message in [
        json!({"event":"hologram","media":5}),
        json!({"event":"mark","streamSid":STREAM,"mark":{"name":"not ours"}}),
        json!({"event":"media","streamSid":STREAM,"media":{"payload":""}}),
        json!({"event":"media","streamSid":STREAM,"media":{"track":"outbound","payload":"//8="}}),
    ] {
        stage.line.send(message).await;
    }
    stage.line.listen(300).await;
    assert!(stage.line.closed.is_none());
    stage.line.send(json!({"event":"stop","streamSid":STREAM})).await;
    stage.line.closing().await;
    let (caller, _) = stage.recorded().await;
    assert_eq!(caller.len(), 15 * 160);
}
