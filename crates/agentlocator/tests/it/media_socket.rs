//! The media socket of the real server: who is let in, and what a spoken answer leaves behind.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use contracts::tts::Gender;
use conversation::sentences::{self, Key};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use testkit::{TestApp, eventually};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::CloseFrame},
};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// A call rings; the token of its stream.
async fn ring(app: &TestApp, sid: &str) -> String {
    let number = app.a.number.clone();
    let fields = [
        ("CallSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", "+972501234567"),
        ("To", number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    let answer = app.webhook("/webhook/incoming_call", &fields).await.text();
    let (_, after) = answer
        .split_once("name=\"token\" value=\"")
        .expect("a stream with a token");
    after.split('"').next().expect("a token").to_owned()
}

async fn post(app: &TestApp, path: &str, sid: &str, more: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("CallSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", "+972501234567"),
        ("To", app.a.number.as_str()),
        ("Direction", "inbound"),
    ];
    fields.extend(more);
    app.webhook(path, &fields).await.text()
}

async fn open(app: &TestApp, path: &str) -> Socket {
    connect_async(format!("ws://{}{path}", app.address))
        .await
        .expect("a socket")
        .0
}

async fn send(socket: &mut Socket, message: Value) {
    let _ = socket.send(Message::text(message.to_string())).await;
}

async fn start(socket: &mut Socket, sid: &str, token: &str) {
    send(socket, json!({"event":"connected","protocol":"Call","version":"1.0.0"})).await;
    send(
        socket,
        json!({"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{
            "streamSid":"MZ1","callSid":sid,"customParameters":{"token":token}}}),
    )
    .await;
}

/// Why the server closed.
async fn close_of(socket: &mut Socket) -> (u16, String) {
    let closing = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(Some(CloseFrame { code, reason })) = message {
                return (u16::from(code), reason.to_string());
            }
        }
        (0, "no close frame".to_owned())
    };
    timeout(Duration::from_secs(12), closing).await.expect("closed in time")
}

/// Sends 20 ms every 20 ms, returns marks at once, and counts the agent's loud bytes.
async fn pass(socket: &mut Socket, voice: Option<&[u8]>, ms: u64) -> usize {
    let silence = [0xFF; 160];
    let mut frames = voice.unwrap_or(&silence).chunks_exact(160).cycle();
    let (began, mut loud) = (Instant::now(), 0);
    for n in 1..=ms / 20 {
        let payload = STANDARD.encode(frames.next().expect("a frame"));
        send(
            socket,
            json!({"event":"media","streamSid":"MZ1","media":{"track":"inbound","payload":payload}}),
        )
        .await;
        let next = began + Duration::from_millis(20 * n);
        while let Ok(Some(Ok(Message::Text(text)))) = timeout_at(next, socket.next()).await {
            let event: Value = serde_json::from_str(&text).expect("json");
            if event["event"] == "mark" {
                send(socket, event).await;
            } else if let Some(payload) = event["media"]["payload"].as_str() {
                let audio = STANDARD.decode(payload).expect("base64");
                loud += audio.iter().filter(|byte| *byte & 0x7F < 0x40).count();
            }
        }
    }
    loud
}

testkit::on_both_databases! {
    async fn only_the_call_s_own_token_opens_the_socket(app: &TestApp) {
        let token = ring(app, "CA1").await;
        for (sid, token) in [("CA1", "rubbish"), ("CA1", ""), ("CA2", token.as_str())] {
            let mut socket = open(app, "/ws/twilio-media").await;
            start(&mut socket, sid, token).await;
            assert_eq!(close_of(&mut socket).await, (1008, "token".to_owned()), "{sid}");
        }
        let mut early = open(app, "/ws/twilio-media/").await;
        send(&mut early, json!({"event":"media","streamSid":"MZ1","media":{"payload":"//8="}})).await;
        assert_eq!(close_of(&mut early).await, (1008, "media_before_start".to_owned()));
        let mut chatty = open(app, "/ws/twilio-media").await;
        for _ in 0..20 {
            send(&mut chatty, json!({"event":"noise","text":"x".repeat(1_000)})).await;
        }
        assert_eq!(close_of(&mut chatty).await, (1008, "token".to_owned()));
        let mut silent = open(app, "/ws/twilio-media").await;
        let began = Instant::now();
        assert_eq!(close_of(&mut silent).await, (1008, "token".to_owned()));
        assert!((4..7).contains(&began.elapsed().as_secs()));
        app.leaves_jobs();
    }

    async fn a_flood_of_sockets_without_a_token_keeps_no_call_out(app: &TestApp) {
        let token = ring(app, "CA1").await;
        let mut flood = Vec::new();
        let refused = loop {
            match connect_async(format!("ws://{}/ws/twilio-media", app.address)).await {
                Ok((socket, _)) => flood.push(socket),
                Err(refused) => break refused.to_string(),
            }
            assert!(flood.len() < 100, "one address takes {}", flood.len());
        };
        assert!(refused.contains("503"), "{refused}");
        let path = "/ws/twilio-media";
        let mut request = format!("ws://{}{path}", app.address).into_client_request().expect("a request");
        let signature = TestApp::signature(path, &[]).parse().expect("a header");
        request.headers_mut().insert("X-Twilio-Signature", signature);
        let (mut call, _) = connect_async(request).await.expect("a signed call is let in");
        start(&mut call, "CA1", &token).await;
        assert!(pass(&mut call, None, 2_000).await > 1_000, "the agent speaks");
        send(&mut call, json!({"event":"stop","streamSid":"MZ1","stop":{"callSid":"CA1"}})).await;
        assert_eq!(close_of(&mut call).await.0, 1000);
        // Those that say nothing are closed, and give their places back.
        for socket in &mut flood {
            assert_eq!(close_of(socket).await, (1008, "token".to_owned()));
        }
        eventually("a free place", || async {
            connect_async(format!("ws://{}{path}", app.address)).await.ok()
        })
        .await;
        app.leaves_jobs();
    }

    async fn a_spoken_answer_is_kept_as_a_turn_and_a_recording(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let token = ring(app, "CA1").await;
        let mut socket = open(app, "/ws/twilio-media/").await;
        start(&mut socket, "CA1", &token).await;
        let asked = pass(&mut socket, None, 3_500).await;
        assert!(asked > 2_000, "the agent asks for a name: {asked}");
        let mut second = open(app, "/ws/twilio-media").await;
        start(&mut second, "CA1", &token).await;
        assert_eq!(close_of(&mut second).await, (1008, "call_not_open".to_owned()));
        let voice = sentences::get(Key::Voicemail, Gender::Feminine).clip;
        pass(&mut socket, Some(voice), 1_400).await;
        let answered = pass(&mut socket, None, 3_500).await;
        assert!(answered > 2_000, "the agent asks on: {answered}");
        send(&mut socket, json!({"event":"stop","streamSid":"MZ1","stop":{"callSid":"CA1"}})).await;
        assert_eq!(close_of(&mut socket).await.0, 1000);
        post(app, "/webhook/call_status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "9")]).await;

        let call = eventually("the recording", || async {
            let call = owner.get("/api/crm/calls/CA1").await.ok();
            (!call["recordings"].as_array()?.is_empty()).then_some(call)
        })
        .await;
        let turns = call["turns"].as_array().expect("turns");
        let spoken = turns.iter().find(|turn| turn["caller_from_ms"].is_number()).expect("the answer");
        assert!(spoken["caller_text"].is_null(), "nobody recognises here");
        let (from, to) = (spoken["caller_from_ms"].as_i64(), spoken["caller_to_ms"].as_i64());
        let greeting = &turns[0];
        let greeted_ms = i64::try_from(sentences::get(Key::Greeting, Gender::Feminine).clip.len() / 8).expect("short");
        assert!(greeting["agent_text"].as_str().is_some_and(|text| text.starts_with("שלום, כאן המענה הדיגיטלי.")), "{greeting}");
        assert_eq!(greeting["agent_from_ms"], 0);
        assert!(from >= Some(greeted_ms + 3_000) && to > from.map(|from| from + 700), "{spoken}");
        assert!(spoken["t_total_ms"].as_i64() > Some(0), "{spoken}");
        assert_eq!(call["recordings"][0]["source"], "stream");
        assert_eq!(call["recordings"][0]["channels"], 2);
        let whole_ms = call["recordings"][0]["duration_ms"].as_i64().expect("a length");
        assert!((greeted_ms + 8_000..greeted_ms + 10_000).contains(&whole_ms), "{whole_ms} with {greeted_ms} of greeting");
        assert_eq!(call["needs_callback"], true, "somebody has to listen");
        app.leaves_jobs();
    }
}
