use contracts::stt::{SpeechToText, Utterance};
use kernel::SecretString;
use providers::stt::openai::{OpenAiStt, Settings};
use url::Url;

use crate::{
    conformance::stt::{Subject, conforms},
    http,
    stand_in::{Reply, StandIn},
    tone,
};

fn engine(base: Url) -> OpenAiStt {
    let key = Some(SecretString::from("sk-test"));
    OpenAiStt::new(
        http(),
        Settings {
            base,
            key,
            model: "whisper-1".to_owned(),
        },
    )
}

#[tokio::test]
async fn it_conforms() {
    conforms(Subject {
        make: engine,
        content_type: "application/json",
        good: r#"{"text":" שלום "}"#.into(),
        nothing: r#"{"text":""}"#.into(),
    })
    .await;
}

#[tokio::test]
async fn it_uploads_a_wav_with_model_language_and_hint() {
    let server = StandIn::answering(Reply::ok("application/json", r#"{"text":"כן","language":"hebrew"}"#)).await;
    let utterance = Utterance {
        audio: tone(500).into(),
        language: "he-IL".to_owned(),
        hint: Some("דירות בחיפה".to_owned()),
    };
    let heard = engine(server.base.clone()).transcribe(utterance).await.unwrap();
    assert_eq!(heard.language.as_deref(), Some("hebrew"));
    let seen = &server.seen()[0];
    assert_eq!(seen.uri.path(), "/audio/transcriptions");
    assert_eq!(seen.header("authorization"), "Bearer sk-test");
    let body = seen.text();
    for part in [
        "name=\"model\"\r\n\r\nwhisper-1",
        "name=\"language\"\r\n\r\nhe\r\n",
        "דירות בחיפה",
        "filename=\"utterance.wav\"",
        "RIFF",
    ] {
        assert!(body.contains(part), "{part}");
    }
    // 500 ms of 16-bit samples, 44 bytes of header.
    let riff = seen.body.windows(4).position(|window| window == b"RIFF").unwrap();
    assert_eq!(seen.body[riff + 40..riff + 44], (8_000_u32).to_le_bytes());
}

#[tokio::test]
async fn a_local_server_needs_no_key() {
    let server = StandIn::answering(Reply::ok("application/json", r#"{"text":"כן"}"#)).await;
    let base = server.base.join("v1/").unwrap();
    let engine = OpenAiStt::new(
        http(),
        Settings {
            base,
            key: None,
            model: "ivrit".to_owned(),
        },
    );
    engine
        .transcribe(crate::conformance::stt::utterance(400))
        .await
        .unwrap();
    assert_eq!(server.seen()[0].uri.path(), "/v1/audio/transcriptions");
    assert_eq!(server.seen()[0].header("authorization"), "");
}
