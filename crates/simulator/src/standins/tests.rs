use axum::http::StatusCode;
use base64::Engine as _;
use serde_json::{Value, json};

use super::*;
use crate::{audio, lines};

async fn running() -> Running {
    start(Settings {
        voice: VoiceKind::Tones,
        ..Settings::default()
    })
    .await
    .unwrap()
}

fn at(running: &Running, path: &str) -> Url {
    running.base.join(path).unwrap()
}

/// A form with a file, as clients of the API send it.
async fn transcribe(running: &Running, samples: &[i16]) -> Value {
    let mut body = b"--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"u.wav\"\r\n\r\n".to_vec();
    body.extend(audio::mono(samples, 8_000).unwrap());
    body.extend(b"\r\n--b--\r\n");
    let answer = running
        .state
        .http
        .post(at(running, "/v1/audio/transcriptions"))
        .header("content-type", "multipart/form-data; boundary=b")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn the_recogniser_knows_what_it_was_told_and_nothing_else() {
    let running = running().await;
    let line = lines::find("need").unwrap();
    assert_eq!(transcribe(&running, &line.samples()).await, json!({"text": ""}));
    let mulaw = base64::engine::general_purpose::STANDARD.encode(line.clip);
    let told = json!({"text": line.text, "mulaw": mulaw});
    let answer = running
        .state
        .http
        .post(at(&running, "/_utterances"))
        .json(&told)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(transcribe(&running, &line.samples()).await, json!({"text": line.text}));
    assert_eq!(transcribe(&running, &[0; 8_000]).await, json!({"text": ""}));
}

#[tokio::test]
async fn chat_is_streamed_as_events_that_end_with_done() {
    let running = running().await;
    let request = json!({
        "model": "m", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "שלום, שמי דנה"}],
        "tools": [{"type": "function", "function": {"name": "save_contact"}}],
    });
    let answer = running
        .state
        .http
        .post(at(&running, "/v1/chat/completions"))
        .json(&request)
        .send()
        .await
        .unwrap();
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/event-stream")
    );
    let body = answer.text().await.unwrap();
    let events: Vec<&str> = body.split("\n\n").filter(|event| !event.is_empty()).collect();
    assert_eq!(events.last(), Some(&"data: [DONE]"));
    let chunks: Vec<Value> = events[..events.len() - 1]
        .iter()
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    let arguments: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert_eq!(
        serde_json::from_str::<Value>(&arguments).unwrap(),
        json!({"name": "דנה"})
    );
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "tool_calls");
    assert!(chunks[chunks.len() - 1]["usage"]["total_tokens"].is_u64());
}

#[tokio::test]
async fn speech_is_raw_samples_at_24_khz_that_can_be_heard() {
    let running = running().await;
    let request = json!({"model": "m", "voice": "coral", "input": "שלום לכם", "response_format": "pcm"});
    let answer = running
        .state
        .http
        .post(at(&running, "/v1/audio/speech"))
        .json(&request)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-type"], "audio/pcm");
    let bytes = answer.bytes().await.unwrap();
    let samples: Vec<i16> = bytes
        .chunks(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    assert!(audio::is_audible(&samples) && samples.len() > 12_000);
}

#[tokio::test]
async fn the_public_voice_is_an_mp3() {
    let running = running().await;
    let url = at(
        &running,
        "/translate_tts?ie=UTF-8&client=tw-ob&tl=iw&q=%D7%A9%D7%9C%D7%95%D7%9D",
    );
    let answer = running.state.http.get(url).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "audio/mpeg");
    assert!(audio::is_audible(
        &audio::decode(&answer.bytes().await.unwrap()).unwrap().samples
    ));
}

#[tokio::test]
async fn an_engine_fails_as_it_is_told_to_and_recovers() {
    let running = running().await;
    let speak = || async {
        let request = json!({"model": "m", "voice": "v", "input": "שלום", "response_format": "pcm"});
        running
            .state
            .http
            .post(at(&running, "/v1/audio/speech"))
            .json(&request)
            .send()
            .await?
            .error_for_status()
    };
    let change = |change: Value| {
        let request = running.state.http.post(at(&running, "/_control")).json(&change);
        async move { assert_eq!(request.send().await.unwrap().status(), 200) }
    };
    change(json!({"engine": "tts", "mode": "down"})).await;
    assert_eq!(speak().await.unwrap_err().status(), StatusCode::from_u16(503).ok());
    change(json!({"engine": "tts", "mode": "http500"})).await;
    assert_eq!(speak().await.unwrap_err().status(), StatusCode::from_u16(500).ok());
    change(json!({"engine": "tts", "mode": "rubbish"})).await;
    assert_eq!(speak().await.unwrap().headers()["content-type"], "text/html");
    change(json!({"engine": "tts", "mode": "reset"})).await;
    let broken = match speak().await {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(broken);
    change(json!({"engine": "tts", "mode": "ok", "delay_ms": 150})).await;
    let begun = std::time::Instant::now();
    assert!(speak().await.is_ok());
    assert!(begun.elapsed().as_millis() >= 150);
}

#[tokio::test]
async fn a_recording_is_missing_at_first() {
    let running = start(Settings {
        auth_token: "t".to_owned(),
        ..Settings::default()
    })
    .await
    .unwrap();
    let http = &running.state.http;
    let wav = audio::mono(&audio::tone_speech("שלום", 8_000), 8_000).unwrap();
    http.put(at(&running, "/_twilio/recordings/RE1"))
        .body(wav)
        .send()
        .await
        .unwrap();
    let url = at(&running, "/2010-04-01/Accounts/AC1/Recordings/RE1.mp3");
    assert_eq!(http.get(url.clone()).send().await.unwrap().status(), 401);
    let get = || {
        http.get(url.clone())
            .basic_auth(&running.state.settings.account_sid, Some("t"))
            .send()
    };
    assert_eq!(get().await.unwrap().status(), 404);
    let answer = get().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"audio/mpeg".parse().unwrap())
    );
    assert!(audio::decode(&answer.bytes().await.unwrap()).is_ok());
}

#[tokio::test]
async fn stand_ins_listen_on_loopback_only() {
    let settings = Settings {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..Settings::default()
    };
    assert!(start(settings).await.is_err());
}
