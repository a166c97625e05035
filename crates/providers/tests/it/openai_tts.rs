use std::time::Duration;

use bytes::Bytes;
use contracts::tts::{Gender, TextToSpeech};
use futures::StreamExt;
use kernel::SecretString;
use providers::tts::openai::{OpenAiTts, Settings};
use tokio::time::Instant;
use url::Url;

use crate::{
    conformance::tts::{Subject, conforms, speech, spoken},
    http, level,
    stand_in::{Reply, StandIn},
};

fn engine(base: Url) -> OpenAiTts {
    let key = Some(SecretString::from("sk-test"));
    OpenAiTts::new(
        http(),
        Settings {
            base,
            key,
            model: "tts-1".to_owned(),
            voice: None,
        },
    )
}

/// A second at 24 kHz, raw.
fn second() -> Bytes {
    (0..24_000_i32)
        .flat_map(|n| if n / 27 % 2 == 0 { 6_000_i16 } else { -6_000 }.to_le_bytes())
        .collect()
}

#[tokio::test]
async fn it_conforms() {
    conforms(Subject {
        make: engine,
        content_type: "audio/pcm",
        good: second(),
    })
    .await;
}

#[tokio::test]
async fn it_asks_with_the_voice_of_the_agents_gender() {
    let server = StandIn::answering(Reply::ok("audio/pcm", second())).await;
    let mut said = speech("שלום, במה אפשר לעזור?");
    said.gender = Gender::Masculine;
    let samples = spoken(&engine(server.base.clone()), said).await.unwrap();
    assert_eq!(samples.len(), 8_000, "24 kHz became 8 kHz");
    let seen = &server.seen()[0];
    assert_eq!(seen.uri.path(), "/audio/speech");
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body["input"], "שלום, במה אפשר לעזור?");
    assert_eq!(body["voice"], "onyx");
    assert_eq!(body["response_format"], "pcm");
}

#[tokio::test]
async fn a_voice_that_was_chosen_stands() {
    let server = StandIn::answering(Reply::ok("audio/pcm", second())).await;
    let mut said = speech("שלום");
    said.voice = Some("coral".to_owned());
    spoken(&engine(server.base.clone()), said).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&server.seen()[0].body).unwrap();
    assert_eq!(body["voice"], "coral");
}

#[tokio::test]
async fn the_first_sound_does_not_wait_for_the_last() {
    let pieces = second().chunks(4_800).map(Bytes::copy_from_slice).collect();
    let slow = Reply::Pieces {
        content_type: "audio/pcm",
        every: Duration::from_millis(100),
        pieces,
    };
    let server = StandIn::answering(slow).await;
    let began = Instant::now();
    let mut sound = engine(server.base.clone()).speak(speech("שלום")).await.unwrap();
    sound.next().await.unwrap().unwrap();
    let first = began.elapsed();
    while sound.next().await.is_some() {}
    assert!(first < began.elapsed() / 2, "{first:?} of {:?}", began.elapsed());
}

#[tokio::test]
async fn a_server_that_sends_wav_is_understood() {
    let mut wav = Vec::new();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(std::io::Cursor::new(&mut wav), spec).unwrap();
    for n in 0..16_000_i32 {
        writer
            .write_sample(if n / 18 % 2 == 0 { 6_000_i16 } else { -6_000 })
            .unwrap();
    }
    writer.finalize().unwrap();
    let server = StandIn::answering(Reply::ok("audio/wav", wav)).await;
    let samples = spoken(&engine(server.base.clone()), speech("שלום")).await.unwrap();
    assert_eq!(samples.len(), 8_000);
    assert!(level(&samples) > 3_000.0);
}

#[tokio::test]
async fn audio_of_another_form_is_not_played_as_noise() {
    for (content_type, body) in [
        ("audio/mpeg", second()),
        ("audio/pcm", Bytes::from_static(b"ID3\x04mp3")),
        ("text/plain; charset=utf-8", second()),
    ] {
        let server = StandIn::answering(Reply::ok(content_type, body)).await;
        let fault = spoken(&engine(server.base.clone()), speech("שלום")).await.unwrap_err();
        assert_eq!(fault.word(), "unknown", "{content_type}");
    }
}
