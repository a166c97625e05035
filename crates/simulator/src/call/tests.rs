//! Whole calls against a small server that answers with TwiML and speaks on the media socket.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Form, Router,
    extract::{
        Path, State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::{
    audio::{self, tone_speech},
    lines, standins,
    twilio::{
        desk::Desk,
        forms::Parties,
        post::{Manner, Poster},
        sign::{Fields, signature},
    },
};

const TOKEN: &str = "secret";

/// What the server answers by path, and what it was told.
#[derive(Default)]
struct Office {
    answers: HashMap<&'static str, String>,
    told: Mutex<Vec<(String, Fields)>>,
    base: Mutex<String>,
    heard: Mutex<Vec<Value>>,
}

type Shared = Arc<Office>;

async fn webhook(
    State(office): State<Shared>,
    Path(path): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let url = format!("{}webhook/{path}", office.base.lock().unwrap());
    if headers["x-twilio-signature"] != signature(TOKEN, &url, &fields).as_str() {
        return StatusCode::FORBIDDEN.into_response();
    }
    office.told.lock().unwrap().push((path.clone(), fields));
    match office.answers.get(path.as_str()) {
        Some(twiml) => {
            let body = twiml.replace("BASE/", &office.base.lock().unwrap());
            (
                [(header::CONTENT_TYPE, "text/xml")],
                body.replace("ws://http://", "ws://"),
            )
                .into_response()
        }
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn greeting() -> impl IntoResponse {
    let wav = audio::mono(&tone_speech("שלום", 8_000), 8_000).unwrap();
    ([(header::CONTENT_TYPE, "audio/wav")], wav)
}

async fn socket(State(office): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| agent(office, socket))
}

/// Speaks for two seconds, says so by a mark, clears when it hears a voice, and closes at the mark `bye`.
async fn agent(office: Shared, mut socket: WebSocket) {
    let speech = audio::to_mulaw(&tone_speech("אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר", 8_000));
    let mut stream_sid = String::new();
    let mut voiced = 0;
    let mut cleared = false;
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        let message: Value = serde_json::from_str(&text).unwrap();
        let event = message["event"].as_str().unwrap().to_owned();
        if event != "media" {
            office.heard.lock().unwrap().push(message.clone());
        }
        let mut out = Vec::new();
        match event.as_str() {
            "start" => {
                stream_sid = message["streamSid"].as_str().unwrap().to_owned();
                for frame in speech.chunks(1_600) {
                    out.push(json!({"event": "media", "streamSid": stream_sid, "media": {"payload": STANDARD.encode(frame)}}));
                }
                out.push(json!({"event": "mark", "streamSid": stream_sid, "mark": {"name": "greeting"}}));
            }
            "media" => {
                let frame = STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap();
                voiced += usize::from(audio::is_audible(&audio::from_mulaw(&frame)));
                if voiced >= 10 && !cleared {
                    cleared = true;
                    out.push(json!({"event": "clear", "streamSid": stream_sid}));
                    out.push(json!({"event": "media", "streamSid": stream_sid, "media": {"payload": STANDARD.encode(&speech[..3_200])}}));
                    out.push(json!({"event": "mark", "streamSid": stream_sid, "mark": {"name": "bye"}}));
                }
            }
            "mark" if message["mark"]["name"] == "bye" => {
                let frame = CloseFrame {
                    code: 1000,
                    reason: "goodbye".into(),
                };
                let _ = socket.send(Message::Close(Some(frame))).await;
                return;
            }
            _ => {}
        }
        for message in out {
            socket.send(Message::text(message.to_string())).await.unwrap();
        }
    }
}

/// Starts the server; gives what it notes and its address.
async fn office(answers: &[(&'static str, &str)]) -> (Shared, Url) {
    let office = Shared::new(Office {
        answers: answers
            .iter()
            .map(|(path, twiml)| (*path, format!("<Response>{twiml}</Response>")))
            .collect(),
        ..Office::default()
    });
    let router = Router::new()
        .route("/webhook/{path}", post(webhook))
        .route("/greeting.wav", get(greeting))
        .route("/media", any(socket))
        .with_state(office.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    *office.base.lock().unwrap() = base.clone();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (office, base.parse().unwrap())
}

fn say(key: &str) -> Arc<Spoken> {
    let line = lines::find(key).unwrap();
    Arc::new(Spoken::new(line.text, &line.samples()))
}

fn plan(base: &Url, steps: Vec<Step>) -> Plan {
    let manner = Manner {
        auth_token: TOKEN.to_owned(),
        public_base: base.clone(),
        server: base.clone(),
        copies: 1,
        bad_signature: false,
        headers: Vec::new(),
    };
    Plan {
        parties: Parties {
            account_sid: "AC1".to_owned(),
            call_sid: crate::twilio::sids::sid("CA"),
            from: "+972501234567".to_owned(),
            to: "+97231234567".to_owned(),
            forwarded_from: None,
            direction: "inbound",
        },
        poster: Poster::new(crate::http_client().unwrap(), manner),
        desk: None,
        steps: steps.into(),
        manners: Manners {
            pause_ms: 200,
            patience_ms: 4_000,
            linger_ms: Some(300),
        },
        paths: Paths::default(),
        drop_after: None,
        dialled: Answering {
            after: Duration::from_millis(50),
            talk: Duration::from_millis(100),
            ..Answering::default()
        },
        options: Options::default(),
    }
}

fn told(office: &Shared) -> Vec<String> {
    office
        .told
        .lock()
        .unwrap()
        .iter()
        .map(|(path, _)| path.clone())
        .collect()
}

fn field(office: &Shared, path: &str, name: &str) -> Option<String> {
    let told = office.told.lock().unwrap();
    let (_, fields) = told.iter().find(|(told, _)| told == path)?;
    fields
        .iter()
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.clone())
}

const STREAM: &str = r#"<Play>BASE/greeting.wav</Play><Connect action="/webhook/stream_ended">
    <Stream url="ws://BASE/media" statusCallback="/webhook/stream_status"><Parameter name="token" value="t"/></Stream></Connect>"#;

#[tokio::test]
async fn a_realtime_call_barges_in_and_is_measured() {
    let (office, base) = office(&[("incoming_call", STREAM), ("stream_ended", "<Hangup/>")]).await;
    let steps = vec![Step::BargeIn {
        what: say("wait"),
        after_ms: 300,
    }];
    let (report, pace) = place(plan(&base, steps)).await;
    assert!(report.is_clean(), "{:?}", report.errors);
    assert_eq!(
        told(&office),
        [
            "incoming_call",
            "stream_status",
            "stream_status",
            "stream_ended",
            "call_status"
        ]
    );
    assert_eq!(
        field(&office, "call_status", "CallStatus").as_deref(),
        Some("completed")
    );
    let stream = report.stream.as_ref().unwrap();
    assert_eq!(
        (stream.close_code, stream.close_reason.as_str()),
        (Some(1_000), "goodbye")
    );
    let turn = &stream.turns[0];
    let clear = turn.clear.as_ref().unwrap();
    assert!((100.0..1_000.0).contains(&clear.after_voice_ms), "{clear:?}");
    assert!(clear.dropped_ms > 500.0 && clear.marks_returned == 1, "{clear:?}");
    assert!(turn.barge_in && stream.level_dbfs > -35.0);
    assert_eq!(stream.gaps_over_60_ms, 0);
    assert!(pace.report().frames > 20);
    let heard = office.heard.lock().unwrap();
    let events: Vec<_> = heard.iter().map(|message| message["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["connected", "start", "mark", "mark"]);
    assert_eq!(heard[1]["start"]["customParameters"]["token"], "t");
    let agent = audio::decode(report.agent_wav.as_ref().unwrap()).unwrap();
    assert!(audio::is_audible(&agent.samples));
}

#[tokio::test]
async fn a_message_is_recorded_and_kept_at_twilio() {
    let record = r#"<Say language="he-IL">שלום</Say><Record action="/webhook/handle_recording" maxLength="30" timeout="1"
        finishOnKey="*" recordingStatusCallback="/webhook/recording_status"/>"#;
    let (office, base) = office(&[("incoming_call", record), ("handle_recording", "<Hangup/>")]).await;
    let stand_ins = standins::start(standins::Settings::default()).await.unwrap();
    let http = crate::http_client().unwrap();
    let desk = Desk::connect(http.clone(), stand_ins.base.clone()).await.unwrap();
    let (report, _) = place(Plan {
        desk: Some(desk),
        ..plan(&base, vec![Step::Say(say("hello"))])
    })
    .await;
    assert!(report.is_clean(), "{:?}", report.errors);
    assert_eq!(
        told(&office),
        ["incoming_call", "handle_recording", "recording_status", "call_status"]
    );
    let url = field(&office, "handle_recording", "RecordingUrl").unwrap();
    assert_eq!(field(&office, "recording_status", "RecordingUrl").as_ref(), Some(&url));
    let mp3 = || http.get(format!("{url}.mp3")).send();
    assert_eq!(mp3().await.unwrap().status(), 404);
    let audio = audio::decode(&mp3().await.unwrap().bytes().await.unwrap()).unwrap();
    assert!(audio::is_audible(&audio.samples));
    let known: Value = http
        .get(
            stand_ins
                .base
                .join(&format!("/2010-04-01/Accounts/AC1/Calls/{}.json", report.call_sid))
                .unwrap(),
        )
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(known["status"], "completed");
}

#[tokio::test]
async fn the_rest_api_hangs_up_and_redirects_a_running_call() {
    let (office, base) = office(&[
        ("incoming_call", r#"<Pause length="30"/>"#),
        ("other", r#"<Pause length="30"/>"#),
    ])
    .await;
    let stand_ins = standins::start(standins::Settings::default()).await.unwrap();
    let http = crate::http_client().unwrap();
    let desk = Desk::connect(http.clone(), stand_ins.base.clone()).await.unwrap();
    let plan = Plan {
        desk: Some(desk),
        ..plan(&base, Vec::new())
    };
    let call = stand_ins
        .base
        .join(&format!(
            "/2010-04-01/Accounts/AC1/Calls/{}.json",
            plan.parties.call_sid
        ))
        .unwrap();
    let running = tokio::spawn(place(plan));
    let until = |path: &'static str| {
        let office = office.clone();
        async move {
            while !told(&office).contains(&path.to_owned()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    until("incoming_call").await;
    let redirected = http
        .post(call.clone())
        .form(&[("Url", "/webhook/other")])
        .send()
        .await
        .unwrap();
    assert_eq!(redirected.status(), 200);
    until("other").await;
    http.post(call).form(&[("Status", "completed")]).send().await.unwrap();
    let (report, _) = running.await.unwrap();
    assert_eq!(report.ended, "the REST API ended it");
    assert!(report.duration_ms < 10_000);
}

#[tokio::test]
async fn somebody_else_is_rung_asked_and_connected_or_not() {
    let dial = r#"<Dial timeout="1" action="/webhook/dial_ended"><Number url="/webhook/whisper">+972521111111</Number></Dial>"#;
    let gather = r#"<Gather numDigits="1" action="/webhook/accept"><Say>press one</Say></Gather><Hangup/>"#;
    let answers = [
        ("incoming_call", dial),
        ("whisper", gather),
        ("accept", ""),
        ("dial_ended", "<Hangup/>"),
    ];
    let (office, base) = self::office(&answers).await;
    let (report, _) = place(plan(&base, Vec::new())).await;
    assert_eq!(
        told(&office),
        ["incoming_call", "whisper", "accept", "dial_ended", "call_status"]
    );
    assert_eq!(field(&office, "accept", "Digits").as_deref(), Some("1"));
    assert_eq!(
        field(&office, "dial_ended", "DialCallStatus").as_deref(),
        Some("completed")
    );
    assert!(report.dials[0].talked_ms >= 100);

    let (office, base) = self::office(&answers).await;
    let dialled = Answering {
        result: DialResult::NoAnswer,
        ..Answering::default()
    };
    let (report, _) = place(Plan {
        dialled,
        ..plan(&base, Vec::new())
    })
    .await;
    assert_eq!(
        field(&office, "dial_ended", "DialCallStatus").as_deref(),
        Some("no-answer")
    );
    assert!(report.duration_ms >= 1_000);
}

#[tokio::test]
async fn what_twilio_would_refuse_is_an_error_with_its_number() {
    for (twiml, code) in [
        ("<Play>/greeting.wav</Play>", 11_100),
        ("<Play>BASE/nothing.mp3</Play>", 11_200),
        ("<Play>", 12_100),
        (r#"<Connect><Stream url="http://127.0.0.1/x"/></Connect>"#, 31_922),
        (r#"<Connect><Stream url="ws://example.com/x"/></Connect>"#, 31_922),
        (r#"<Connect><Stream url="ws://BASE/media?x=1"/></Connect>"#, 31_920),
        (r#"<Connect><Stream url="ws://BASE/webhook/none"/></Connect>"#, 31_920),
    ] {
        let (_, base) = office(&[("incoming_call", twiml)]).await;
        let (report, _) = place(plan(&base, Vec::new())).await;
        assert_eq!(
            report.errors.first().map(|noted| noted.trouble.code),
            Some(code),
            "{twiml}: {:?}",
            report.errors
        );
    }
}

#[tokio::test]
async fn a_bad_signature_is_refused_and_ends_the_call() {
    let (office, base) = office(&[("incoming_call", "<Hangup/>")]).await;
    let mut plan = plan(&base, Vec::new());
    let manner = Manner {
        bad_signature: true,
        ..plan.poster.manner().clone()
    };
    plan.poster = Poster::new(plan.poster.http().clone(), manner);
    let (report, _) = place(plan).await;
    assert_eq!(report.webhooks[0].status, Some(403));
    assert_eq!(told(&office), Vec::<String>::new());
}

#[tokio::test]
async fn copies_of_a_callback_are_compared() {
    let (office, base) = office(&[("incoming_call", "<Hangup/>")]).await;
    let mut plan = plan(&base, Vec::new());
    let manner = Manner {
        copies: 5,
        ..plan.poster.manner().clone()
    };
    plan.poster = Poster::new(plan.poster.http().clone(), manner);
    let (report, _) = place(plan).await;
    assert_eq!(told(&office).iter().filter(|path| *path == "incoming_call").count(), 5);
    assert!(report.webhooks.iter().all(|delivery| !delivery.differs));
}

#[tokio::test]
async fn a_caller_who_drops_out_is_reported_as_twilio_does() {
    let (office, base) = office(&[("incoming_call", STREAM), ("stream_ended", "<Hangup/>")]).await;
    let plan = Plan {
        drop_after: Some(Duration::from_millis(900)),
        ..plan(&base, Vec::new())
    };
    let (report, _) = place(plan).await;
    assert_eq!(report.ended, "the caller hung up");
    assert_eq!(
        field(&office, "stream_ended", "CallStatus").as_deref(),
        Some("completed")
    );
    let heard = office.heard.lock().unwrap();
    assert_eq!(
        heard.last().map(|message| message["event"].clone()),
        Some(json!("stop"))
    );
}
