//! People on the line: a call passed on to one's own phone, a call placed by a click, and calls whose end nobody told.

use std::sync::Mutex;

use ::app::{
    calls::{
        live::{self, How, Leaving},
        turn::Turn,
    },
    channels::voice::door,
};
use reqwest::StatusCode;
use serde_json::json;
use testkit::{TestApp, eventually};

const CALLER: &str = "+972501234567";
const OWNER: &str = "+972529999999";
const AGENT: &str = "+972528888888";

/// Twilio's REST: takes calls, and knows none that it did not place. Kept here is what was asked of it.
static ASKED: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

fn twilio() -> &'static str {
    use std::io::Write;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let request = read_request(&mut stream);
            let line = request.lines().next().unwrap_or_default().to_owned();
            let (status, body) = if line.starts_with("POST") {
                let body = request.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned();
                let mut asked = ASKED.lock().expect("the list");
                asked.push((line, body));
                (
                    "201 Created",
                    format!("{{\"sid\":\"CAplaced{}\",\"status\":\"queued\"}}", asked.len()),
                )
            } else {
                ("404 Not Found", "{\"code\":20404,\"status\":404}".to_owned())
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).ok();
        }
    });

    Box::leak(format!("http://{address}").into_boxed_str())
}

/// A whole request, with as much body as it announces.
pub(crate) fn read_request(stream: &mut std::net::TcpStream) -> String {
    use std::io::Read;

    let mut all = Vec::new();
    let mut piece = [0_u8; 8192];
    loop {
        let read = stream.read(&mut piece).unwrap_or(0);
        all.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&all);
        let length = text
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .map(|n| n.trim().parse::<usize>())
            })
            .and_then(Result::ok)
            .unwrap_or(0);
        if read == 0
            || text
                .split_once("\r\n\r\n")
                .is_some_and(|(_, body)| body.len() >= length)
        {
            return text.into_owned();
        }
    }
}

/// The form that was posted to ring this number, once it was.
async fn rung(number: &str) -> Vec<(String, String)> {
    let number = number.to_owned();
    eventually("a person to be rung", || async {
        let asked = ASKED.lock().expect("the list").clone();
        asked
            .iter()
            .map(|(_, body)| {
                ::app::channels::voice::form::Form::from_urlencoded(body.as_bytes())
                    .expect("a form")
                    .fields()
                    .to_vec()
            })
            .find(|form| value(form, "To") == number)
    })
    .await
}

fn value(form: &[(String, String)], name: &str) -> String {
    form.iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}

/// Path and query of an address of ours in TwiML or a form.
fn path_in(text: &str, start: &str) -> String {
    let from = text.find(&format!("https://agent.example.com{start}")).expect(start);
    let rest = &text[from + "https://agent.example.com".len()..];
    rest.split(['"', '<']).next().expect("an end").replace("&amp;", "&")
}

async fn phones(app: &TestApp) {
    for (user, phone) in [(app.a.owner.id, OWNER), (app.a.agent.id, AGENT)] {
        app.sql(
            "UPDATE users SET phone = $1 WHERE id = $2",
            vec![phone.into(), user.into()],
        )
        .await;
    }
    let order: sea_orm::Value = json!([app.a.agent.id]).into();
    app.sql(
        "UPDATE businesses SET call_out_order = $1 WHERE id = $2",
        vec![order, app.a.id.into()],
    )
    .await;
    app.state.calls.directory.invalidate();
}

async fn hook(app: &TestApp, path: &str, sid: &str, more: &[(&str, &str)]) -> String {
    let mut fields = vec![("CallSid", sid), ("From", CALLER), ("To", app.a.number.as_str())];
    for (name, value) in more {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    let answer = app.webhook(path, &fields).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
    answer.text()
}

/// The caller says something to the agent, who then leaves the call.
async fn talk(app: &TestApp, sid: &str, how: How, wants_person: bool) {
    let state = &app.state;
    let token = state.voice.links.media_token(sid, state.clock.now());
    let admitted = door::admit_token(state, sid, &token).expect("admitted");
    let scope = |business, call| door::agent_scope(&admitted, business, call);
    let call = Box::pin(live::admit(state, sid, scope)).await.expect("a call");
    let turn = Turn {
        turn_id: 1,
        caller_text: Some("שלום".to_owned()),
        mode: "realtime".to_owned(),
        ..Turn::default()
    };
    live::save_turn(state, &call, turn).await.expect("saved");
    let leaving = Leaving {
        how,
        recording: None,
        wants_person,
    };
    live::leave(state, &call, leaving).await.expect("left");
}

/// One after the other, because they share what was asked of Twilio.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    let alone = ONE_AT_A_TIME.lock().await;
    ASKED.lock().expect("the list").clear();
    alone
}

testkit::on_both_databases! {
    async fn a_running_call_is_passed_to_ones_own_phone(app: &TestApp) with [("TWILIO_API_BASE", twilio())] {
        let _alone = alone().await;
        phones(app).await;
        hook(app, "/webhook/incoming_call", "CA1", &[("CallStatus", "ringing")]).await;
        let owner = app.sign_in(&app.a.owner).await;
        let id = owner.get("/api/calls/CA1").await.ok()["id"].clone();
        owner.post("/api/calls/CA1/transfer", json!({})).await.status(202);
        // First the one who asked; he does not come to the phone.
        let form = rung(OWNER).await;
        assert_eq!(value(&form, "From"), app.a.number);
        let ended = path_in(&value(&form, "StatusCallback"), "/webhook/take_over_ended");
        hook(app, &ended, "CAleg1", &[("From", &app.a.number), ("To", OWNER), ("CallStatus", "no-answer")]).await;
        // Then the next in the order, who presses 1.
        let form = rung(AGENT).await;
        let twiml = value(&form, "Twiml");
        assert!(twiml.contains("<Gather ") && twiml.contains("numDigits=\"1\""), "{twiml}");
        let pressed = path_in(&twiml, "/webhook/take_over");
        let leg = [("From", app.a.number.as_str()), ("To", AGENT)];
        let wrong: Vec<_> = leg.iter().copied().chain([("Digits", "2")]).collect();
        assert!(hook(app, &pressed, "CAleg2", &wrong).await.contains("<Response><Hangup/></Response>"));
        let one: Vec<_> = leg.iter().copied().chain([("Digits", "1")]).collect();
        let room = hook(app, &pressed, "CAleg2", &one).await;
        assert!(room.contains("<Conference "), "{room}");
        // The socket lets go, and the caller joins the same room.
        let line = hook(app, "/webhook/stream_ended", "CA1", &[("CallStatus", "in-progress")]).await;
        let name = room.split("</Conference>").next().and_then(|head| head.rsplit('>').next()).expect("a room");
        assert!(line.contains(&format!(">{name}</Conference>")), "{line}");
        app.advance(chrono::TimeDelta::seconds(42));
        let action = path_in(&line, "/webhook/dial_ended");
        let over = hook(app, &action, "CA1", &[("DialCallStatus", "answered"), ("CallStatus", "in-progress")]).await;
        assert!(over.contains("<Hangup/>"), "{over}");
        hook(app, "/webhook/call_status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "60")]).await;
        let call = owner.get(&format!("/api/calls/{id}")).await.ok();
        assert_eq!(call["outcome"], "transferred");
        assert_eq!(call["needs_callback"], false);
        assert_eq!(call["person_seconds"], 42);
        assert_eq!(call["user_id"], app.a.agent.id);
        assert_eq!(owner.get("/api/calls").await.ok()["total"], 1, "the legs to people are no calls of customers");
    }

    async fn nobody_at_the_phone_leaves_a_message(app: &TestApp) {
        hook(app, "/webhook/incoming_call", "CA1", &[("CallStatus", "ringing")]).await;
        let owner = app.sign_in(&app.a.owner).await;
        let id = owner.get("/api/calls/CA1").await.ok()["id"].as_i64().expect("an id");
        let step: sea_orm::Value = json!({"step": "dial", "to": AGENT, "user_id": null, "reason": "תור."}).into();
        app.sql("UPDATE calls SET next_step = $1 WHERE id = $2", vec![step, id.into()]).await;
        let line = hook(app, "/webhook/stream_ended", "CA1", &[("CallStatus", "in-progress")]).await;
        assert!(line.contains("timeout=\"20\"") && line.contains(&format!(">{AGENT}</Number>")), "{line}");
        let whisper = format!("/webhook/whisper?call={id}");
        assert!(line.contains(&format!("<Number url=\"{whisper}\"")), "{line}");
        let asked = hook(app, &whisper, "CAleg", &[("From", CALLER), ("To", AGENT)]).await;
        assert!(asked.contains("תור. ") && asked.contains("<Gather "), "{asked}");
        let put_through = hook(app, &whisper, "CAleg", &[("From", CALLER), ("To", AGENT), ("Digits", "1")]).await;
        assert!(put_through.contains("<Response></Response>") || put_through.contains("<Response/>"), "{put_through}");
        let line = hook(app, &format!("/webhook/dial_ended?call={id}"), "CA1", &[("DialCallStatus", "no-answer")]).await;
        assert!(line.contains("nobody_available_he.mp3") && line.contains("<Record "), "{line}");
        hook(app, "/webhook/call_status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "60")]).await;
        let call = owner.get("/api/calls/CA1").await.ok();
        assert_eq!((&call["wants_person"], &call["needs_callback"]), (&json!(true), &json!(true)));
    }

    async fn who_asked_for_a_person_and_reached_nobody_is_called_back(app: &TestApp) {
        phones(app).await;
        let owner = app.sign_in(&app.a.owner).await;
        let put_through = How::Transfer { reason: "תור".to_owned(), to: Some(AGENT.to_owned()) };
        for (sid, how, wants_person, called_back) in [
            ("CAbusy", put_through, false, true),
            ("CAnobody", How::Over, true, true),
            ("CAcontent", How::Over, false, false),
        ] {
            hook(app, "/webhook/incoming_call", sid, &[("CallStatus", "ringing")]).await;
            let rings = how != How::Over;
            Box::pin(talk(app, sid, how, wants_person)).await;
            let line = hook(app, "/webhook/stream_ended", sid, &[("CallStatus", "in-progress")]).await;
            assert_eq!(line.contains(&format!(">{AGENT}</Number>")), rings, "{line}");
            if rings {
                let id = owner.get(&format!("/api/calls/{sid}")).await.ok()["id"].clone();
                let line = hook(app, &format!("/webhook/dial_ended?call={id}"), sid, &[("DialCallStatus", "busy")]).await;
                assert!(line.contains("nobody_available_he.mp3") && line.contains("<Record "), "{line}");
            }
            // Without a message.
            hook(app, "/webhook/call_status", sid, &[("CallStatus", "completed"), ("CallDuration", "30")]).await;
            let call = owner.get(&format!("/api/calls/{sid}")).await.ok();
            assert_eq!((&call["outcome"], &call["needs_callback"]), (&json!("talked"), &json!(called_back)), "{sid}");
        }
        let waiting = owner.get("/api/calls/waiting").await.ok();
        assert_eq!(waiting["results"][0]["attempts"], 2, "{waiting}");
    }

    async fn a_click_calls_and_settles_who_waited(app: &TestApp) with [("TWILIO_API_BASE", twilio())] {
        let _alone = alone().await;
        phones(app).await;
        hook(app, "/webhook/incoming_call", "CA1", &[("CallStatus", "ringing")]).await;
        hook(app, "/webhook/call_status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "2")]).await;
        let owner = app.sign_in(&app.a.owner).await;
        let missed = owner.get("/api/calls/CA1").await.ok();
        assert_eq!(missed["needs_callback"], true);
        let accepted = owner.post("/api/calls", json!({"customer_id": missed["customer_id"]})).await.status(202);
        let form = rung(OWNER).await;
        assert!(value(&form, "Twiml").contains(&format!(">{CALLER}</Number>")), "{form:?}");
        let path = format!("/api/calls/{}", accepted["id"]);
        let sid = eventually("Twilio's sid", || async {
            owner.get(&path).await.ok()["call_sid"].as_str().filter(|sid| sid.starts_with("CAplaced")).map(ToOwned::to_owned)
        })
        .await;
        let ours = [("From", app.a.number.as_str()), ("To", OWNER), ("Direction", "outbound-api")];
        let with = |more: &[(&'static str, &'static str)]| ours.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
        let status = path_in(&value(&form, "StatusCallback"), "/webhook/call_status");
        let action = path_in(&value(&form, "Twiml"), "/webhook/dial_ended");
        hook(app, &status, &sid, &with(&[("CallStatus", "in-progress")])).await;
        hook(app, &action, &sid, &with(&[("DialCallStatus", "completed"), ("DialCallDuration", "35")])).await;
        hook(app, &status, &sid, &with(&[("CallStatus", "completed"), ("CallDuration", "50")])).await;
        let call = owner.get(&path).await.ok();
        assert_eq!((&call["outcome"], &call["direction"]), (&json!("talked"), &json!("out")));
        let missed = owner.get("/api/calls/CA1").await.ok();
        assert_eq!((&missed["needs_callback"], &missed["handled_by_id"]), (&json!(false), &json!(app.a.owner.id)));
        assert_eq!(owner.get("/api/calls").await.ok()["total"], 2);
    }

    async fn a_call_that_nobody_ended_finds_its_end(app: &TestApp) with [("TWILIO_API_BASE", twilio())] {
        hook(app, "/webhook/incoming_call", "CA1", &[("CallStatus", "ringing")]).await;
        let owner = app.sign_in(&app.a.owner).await;
        app.advance(chrono::TimeDelta::seconds(61));
        // Twilio has never heard of it.
        let call = eventually("the call to end", || async {
            let call = owner.get("/api/calls/CA1").await.ok();
            (call["status"] == "failed").then_some(call)
        })
        .await;
        assert_eq!(call["outcome"], "missed");
        // What Twilio says later is true.
        hook(app, "/webhook/call_status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "9")]).await;
        let call = owner.get("/api/calls/CA1").await.ok();
        assert_eq!((&call["status"], &call["duration_seconds"]), (&json!("completed"), &json!(9)));
    }

    async fn settings_reach_the_line_at_once(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let path = format!("/api/businesses/{}/settings", app.a.id);
        assert!(hook(app, "/webhook/incoming_call", "CA1", &[]).await.contains("<Stream "));
        owner.patch(&path, json!({"call_mode": "voicemail", "voicemail_seconds": 90, "greeting_text": "שלום & ברוכים <הבאים>"})).await.ok();
        let answer = hook(app, "/webhook/incoming_call", "CA2", &[]).await;
        assert!(answer.contains("maxLength=\"90\"") && answer.contains("https://agent.example.com/media/tts/"), "{answer}");
        let sound = app.client.get(&path_in(&answer, "/media/tts/")).await;
        assert_eq!((sound.status, sound.header("content-type")), (StatusCode::OK, Some("audio/wav")));
        assert_eq!(&sound.body[..4], b"RIFF");
        assert!(sound.body.len() > 8_000);
        // After hours the mode for that.
        owner.patch(&path, json!({"call_mode": "realtime", "after_hours_mode": "voicemail"})).await.ok();
        assert!(hook(app, "/webhook/incoming_call", "CA3", &[]).await.contains("<Stream "));
        app.advance(chrono::TimeDelta::hours(12));
        assert!(hook(app, "/webhook/incoming_call", "CA4", &[]).await.contains("<Record "));
    }

    async fn on_a_sabbath_callers_meet_what_the_business_chose(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let path = format!("/api/businesses/{}/settings", app.a.id);
        let set = async |mode: &str| owner.patch(&path, json!({"shabbat_mode": mode})).await.ok();
        for mode in ["message", "closed", "agent"] {
            set(mode).await;
            let sid = format!("CA-open-{mode}");
            assert!(hook(app, "/webhook/incoming_call", &sid, &[]).await.contains("<Stream "), "before: {mode}");
        }
        // From Wednesday to Saturday noon. The owner has been away longer than a sign-in lasts.
        app.advance(chrono::TimeDelta::hours(72));
        let owner = app.sign_in(&app.a.owner).await;
        assert!(hook(app, "/webhook/incoming_call", "CA1", &[]).await.contains("<Stream "), "agent");
        owner.patch(&path, json!({"shabbat_mode": "message"})).await.ok();
        let answer = hook(app, "/webhook/incoming_call", "CA2", &[]).await;
        assert!(answer.contains("<Record ") && answer.contains("/static/tts/after_hours_he.mp3"), "{answer}");
        owner.patch(&path, json!({"shabbat_mode": "closed"})).await.ok();
        let answer = hook(app, "/webhook/incoming_call", "CA3", &[]).await;
        assert!(answer.contains("<Hangup") && answer.contains("אנחנו סגורים עכשיו") && !answer.contains("<Record "), "{answer}");
        owner.patch(&path, json!({"shabbat": {"observe": false}})).await.ok();
        assert!(hook(app, "/webhook/incoming_call", "CA4", &[]).await.contains("<Stream "), "not kept");
        // Whoever was turned away waits for a call all the same.
        let calls = owner.get("/api/crm/calls?limit=50").await.ok();
        assert!(calls["results"].as_array().expect("calls").iter().any(|call| call["call_sid"] == "CA3"), "{calls}");
    }

    async fn the_app_knows_that_only_the_basic_voice_speaks(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let engines = agent.get("/api/voice/engines").await.ok();
        assert_eq!(engines, json!({
            "stt": [], "llm": [], "tts": [{"name": "espeak", "usable": true}], "basic_voice_only": true, "transcribes": false,
            "converses": true, "telephony": true
        }));
    }

    async fn the_app_knows_that_calls_are_no_conversations(app: &TestApp) with [("PUBLIC_BASE_URL", ""), ("TWILIO_ACCOUNT_SID", ""), ("TWILIO_AUTH_TOKEN", "")] {
        let engines = app.sign_in(&app.a.owner).await.get("/api/voice/engines").await.ok();
        assert_eq!((&engines["converses"], &engines["telephony"]), (&json!(false), &json!(false)));
    }

    async fn a_greeting_is_heard_before_it_is_kept(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/voice/preview", json!({"text": " "})).await.problem(400, "missing_field");
        owner.post("/api/voice/preview", json!({"text": "א".repeat(601)})).await.problem(422, "invalid");
        owner.post("/api/voice/preview", json!({"text": "שלום", "agent_gender": "x"})).await.problem(422, "invalid");
        app.sign_in(&app.a.agent).await.post("/api/voice/preview", json!({"text": "שלום"})).await.problem(403, "forbidden");
        let heard = owner.post("/api/voice/preview", json!({"text": "שלום, הגעתם למוסך"})).await;
        assert_eq!((heard.status.as_u16(), heard.header("content-type")), (200, Some("audio/wav")));
        let wav = hound::WavReader::new(std::io::Cursor::new(heard.body)).expect("a recording");
        let samples: Vec<i16> = wav.into_samples().map(|sample| sample.expect("a sample")).collect();
        let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(samples.len() > 8_000 && loudest > Some(3_000), "{} samples, {loudest:?}", samples.len());
    }
}
