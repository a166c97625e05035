//! A caller reaches the business: what Twilio is answered, and what is written down.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use testkit::{Client, TestApp, eventually};

const CALLER: &str = "+972501234567";

/// What Twilio sends of a call, with what differs.
fn call<'a>(app: &'a TestApp, sid: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("CallSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", CALLER),
        ("To", app.a.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    for (name, value) in more {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

async fn twiml(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = app.webhook(path, fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/xml")),
        "{path}"
    );
    answer.text()
}

async fn ring(app: &TestApp, sid: &str, more: &[(&str, &str)]) -> String {
    twiml(app, "/webhook/incoming_call", &call(app, sid, more)).await
}

async fn end(app: &TestApp, sid: &str, seconds: &str) {
    let fields = call(app, sid, &[("CallStatus", "completed"), ("CallDuration", seconds)]);
    let answer = app.webhook("/webhook/call_status", &fields).await;
    assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, "OK"));
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/plain"))
    );
}

async fn calls(client: &Client) -> Vec<Value> {
    let list = client.get("/api/crm/calls?limit=100").await.ok();
    list["results"].as_array().expect("results").clone()
}

async fn one(client: &Client, sid: &str) -> Value {
    client.get(&format!("/api/crm/calls/{sid}")).await.ok()
}

async fn timeline(client: &Client, customer: &Value) -> Vec<Value> {
    let path = format!("/api/customers/{customer}/timeline?types=call");
    let list = client.get(&path).await.ok();
    list["items"].as_array().expect("items").clone()
}

/// Twilio's REST: gives a sound for every recording, and knows no call.
fn twilio() -> &'static str {
    use std::io::{Read, Write};
    let sound = include_bytes!("../../../app/assets/tts/thanks_he.mp3");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0_u8; 8192];
            let read = stream.read(&mut request).unwrap_or(0);
            let line = String::from_utf8_lossy(&request[..read]).into_owned();
            let (status, body): (&str, &[u8]) = if line.contains("/Recordings/") {
                ("200 OK", sound)
            } else {
                ("404 Not Found", b"{}")
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: audio/mpeg\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(body))
                .ok();
        }
    });
    Box::leak(format!("http://{address}").into_boxed_str())
}

fn recording_url(app: &TestApp, sid: &str) -> String {
    let base = &app.state.settings.voice.twilio_api_base;
    let base = base.as_str().trim_end_matches('/');
    format!("{base}/2010-04-01/Accounts/{}/Recordings/{sid}", app.account_sid())
}

const KINDS: [&str; 10] = [
    "/webhook/incoming_call",
    "/webhook/handle_recording",
    "/webhook/call_status",
    "/webhook/recording_status",
    "/webhook/stream_ended",
    "/webhook/dial_ended?call=1",
    "/webhook/whisper?call=1",
    "/webhook/take_over?call=1&user=1&at=0",
    "/webhook/take_over_ended?call=1&user=1&at=0",
    "/webhook/stream_status",
];

testkit::on_both_databases! {
    async fn a_call_is_answered_with_a_conversation(app: &TestApp) {
        let answer = ring(app, "CA1", &[]).await;
        assert!(answer.contains("<Play>https://agent.example.com/static/tts/greeting_he.mp3</Play><Connect action=\"/webhook/stream_ended\">"), "{answer}");
        assert!(answer.contains("<Stream url=\"wss://agent.example.com/ws/twilio-media\" statusCallback=\"/webhook/stream_status\"><Parameter name=\"token\" value="), "{answer}");
        let owner = app.sign_in(&app.a.owner).await;
        let row = one(&owner, "CA1").await;
        assert_eq!(row["status"], "ringing");
        assert_eq!(row["mode"], "realtime");
        assert_eq!(row["direction"], "in");
        assert_eq!(row["from_number"], CALLER);
        assert_eq!(row["business_id"], app.a.id);
        assert_eq!(row["outcome"], Value::Null);
        let items = timeline(&owner, &row["customer_id"]).await;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0]["data"]["call_id"], row["id"]);
        // Another business knows nothing of it.
        let other = app.sign_in(&app.b.owner).await;
        other.get("/api/crm/calls/CA1").await.problem(404, "not_found");
        assert!(calls(&other).await.is_empty());
        end(app, "CA1", "12").await;
    }

    async fn voicemail_asks_for_a_message(app: &TestApp) with [("CALL_MODE", "voicemail")] {
        let answer = ring(app, "CA1", &[]).await;
        assert!(answer.contains("<Play>https://agent.example.com/static/tts/greeting_he.mp3</Play>"), "{answer}");
        assert!(answer.contains("<Pause length=\"1\"/><Record action=\"/webhook/handle_recording\" method=\"POST\" maxLength=\"30\" timeout=\"5\" finishOnKey=\"*\" playBeep=\"true\" trim=\"do-not-trim\" transcribe=\"false\"/>"), "{answer}");
    }

    async fn turn_based_gets_a_message_until_it_is_built(app: &TestApp) with [("CALL_MODE", "turn_based")] {
        assert!(ring(app, "CA1", &[]).await.contains("<Record "));
    }

    async fn without_a_public_address_the_greeting_is_said(app: &TestApp) with [("PUBLIC_BASE_URL", ""), ("TWILIO_ACCOUNT_SID", ""), ("TWILIO_AUTH_TOKEN", "")] {
        // Without a token, in development, everything counts as verified.
        let answer = app.webhook_signed_as("/webhook/incoming_call", &call(app, "CA1", &[]), None).await.text();
        assert!(answer.contains("<Response><Say language=\"he-IL\">") && answer.contains("<Record "), "{answer}");
        assert!(!answer.contains("<Play>"), "{answer}");
    }

    async fn behind_a_proxy_its_word_for_the_address_counts(app: &TestApp) with [("PUBLIC_BASE_URL", ""), ("TRUST_PROXY", "1")] {
        for path in KINDS {
            let fields = call(app, "CA1", &[]);
            let signed = |host: &str| {
                let request = app.client.request(Method::POST, path).form(&fields);
                let request = request.header("X-Twilio-Signature", TestApp::signature(path, &fields));
                request.header("X-Forwarded-Proto", "https").header("X-Forwarded-Host", host.to_owned())
            };
            let answer = app.client.send(signed("agent.example.com")).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.text());
            let answer = app.client.send(signed("another.example.com")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }

    async fn a_proxy_that_is_not_trusted_is_not_asked(app: &TestApp) with [("PUBLIC_BASE_URL", "")] {
        let fields = call(app, "CA1", &[]);
        let request = app.client.request(Method::POST, "/webhook/incoming_call").form(&fields);
        let request = request.header("X-Twilio-Signature", TestApp::signature("/webhook/incoming_call", &fields));
        let request = request.header("X-Forwarded-Proto", "https").header("X-Forwarded-Host", "agent.example.com");
        assert_eq!(app.client.send(request).await.status, StatusCode::FORBIDDEN);
    }

    async fn more_calls_than_allowed_leave_a_message(app: &TestApp) with [("MAX_CONCURRENT_CALLS", "1")] {
        assert!(ring(app, "CA1", &[]).await.contains("<Stream "));
        assert!(ring(app, "CA1", &[]).await.contains("<Stream "));
        assert!(ring(app, "CA2", &[]).await.contains("<Record "));
        end(app, "CA1", "1").await;
        assert!(ring(app, "CA3", &[]).await.contains("<Stream "));
    }

    async fn a_draining_server_takes_messages(app: &TestApp) {
        app.state.drain.begin();
        assert!(ring(app, "CA1", &[]).await.contains("<Record "));
    }

    async fn only_twilio_is_believed(app: &TestApp) {
        for path in KINDS {
            let fields = call(app, "CA1", &[]);
            if path != "/webhook/stream_status" {
                let unsigned = app.webhook_signed_as(path, &fields, None).await;
                assert_eq!(unsigned.status, StatusCode::FORBIDDEN, "{path}");
            }
            let signature = TestApp::signature(path, &fields);
            let changed = call(app, "CA2", &[]);
            let forged = app.webhook_signed_as(path, &changed, Some(&signature)).await;
            assert_eq!(forged.status, StatusCode::FORBIDDEN, "{path}");
            let signed = app.webhook(path, &fields).await;
            assert!(signed.status.is_success(), "{path}: {}", signed.text());
        }
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(calls(&owner).await.len(), 1);
    }

    async fn a_get_is_signed_over_its_query(app: &TestApp) {
        let path = format!("/webhook/incoming_call?CallSid=CA1&From=%2B972501234567&To={}", app.a.number.replace('+', "%2B"));
        let signature = TestApp::signature(&path, &[]);
        let request = app.client.request(Method::GET, &path).header("X-Twilio-Signature", signature);
        let answer = app.client.send(request).await;
        assert!(answer.text().contains("<Stream "), "{}", answer.text());
        let forged = app.client.request(Method::GET, &path.replace("CA1", "CA2")).header("X-Twilio-Signature", TestApp::signature(&path, &[]));
        assert_eq!(app.client.send(forged).await.status, StatusCode::FORBIDDEN);
    }

    async fn five_times_at_once_is_once(app: &TestApp) with [("TWILIO_API_BASE", twilio()), ("CALL_MODE", "voicemail")] {
        let url = recording_url(app, "RE1");
        let recorded = call(app, "CA1", &[("CallStatus", "in-progress"), ("RecordingSid", "RE1"), ("RecordingUrl", &url), ("RecordingDuration", "3")]);
        let completed = call(app, "CA1", &[("CallStatus", "completed"), ("CallDuration", "9")]);
        for (path, fields) in [
            ("/webhook/incoming_call", call(app, "CA1", &[])),
            ("/webhook/handle_recording", recorded.clone()),
            ("/webhook/recording_status", recorded.clone()),
            ("/webhook/call_status", completed),
        ] {
            let same = futures::future::join_all((0..5).map(|_| app.webhook(path, &fields))).await;
            for answer in &same {
                assert!(answer.status.is_success(), "{path}: {}", answer.text());
                assert_eq!(answer.text(), same[0].text(), "{path}");
            }
        }
        app.jobs_done().await;
        let owner = app.sign_in(&app.a.owner).await;
        let rows = calls(&owner).await;
        assert_eq!(rows.len(), 1);
        let whole = one(&owner, "CA1").await;
        assert_eq!(whole["recordings"].as_array().map(Vec::len), Some(1));
        assert_eq!(whole["recordings"][0]["state"], "stored");
        assert_eq!(whole["status"], "completed");
        assert_eq!(whole["duration_seconds"], 9);
        assert_eq!(whole["outcome"], "message");
        assert_eq!(whole["needs_callback"], true);
        assert_eq!(timeline(&owner, &whole["customer_id"]).await.len(), 1);
        // Nothing recognises speech here, so a person is asked to listen, once.
        let tasks = owner.get("/api/tasks").await.ok();
        assert_eq!(tasks["total"], 1, "{tasks}");
    }

    async fn callbacks_in_any_order_end_alike(app: &TestApp) with [("TWILIO_API_BASE", twilio()), ("CALL_MODE", "voicemail")] {
        let orders: [[usize; 4]; 6] = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1], [3, 0, 2, 1], [1, 3, 2, 0]];
        let owner = app.sign_in(&app.a.owner).await;
        let mut ends = Vec::new();
        for (at, order) in orders.iter().enumerate() {
            let (sid, recording) = (format!("CA{at}"), format!("RE{at}"));
            let (from, url) = (format!("+97250123450{at}"), recording_url(app, &recording));
            let recorded = [("RecordingSid", recording.as_str()), ("RecordingUrl", url.as_str()), ("RecordingDuration", "3")];
            let bare: Vec<(&str, &str)> = [("CallSid", sid.as_str()), ("RecordingStatus", "completed")].into_iter().chain(recorded).collect();
            let with = |more: &[(&'static str, &'static str)]| {
                let more: Vec<(&str, &str)> = more.iter().copied().chain([("From", from.as_str())]).collect();
                call(app, &sid, &more).into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect::<Vec<_>>()
            };
            let deliveries = [
                ("/webhook/incoming_call", with(&[])),
                ("/webhook/call_status", with(&[("CallStatus", "in-progress")])),
                ("/webhook/recording_status", bare.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()),
                ("/webhook/call_status", with(&[("CallStatus", "completed"), ("CallDuration", "7")])),
            ];
            for place in order {
                let (path, fields) = &deliveries[*place];
                let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                // A recording's callback without numbers finds its business by the call, or not at all: then it comes again.
                let answer = app.webhook(path, &fields).await;
                assert!(answer.status.is_success(), "{order:?} {path}: {}", answer.text());
            }
            let (path, fields) = &deliveries[2];
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            app.webhook(path, &fields).await.ok();
            app.jobs_done().await;
            let mut whole = one(&owner, &sid).await;
            assert_eq!(whole["from_number"], from.as_str(), "{order:?}");
            let entries = timeline(&owner, &whole["customer_id"]).await;
            assert_eq!(entries.len(), 1, "{order:?}");
            for own in ["id", "call_sid", "from_number", "customer_id", "recording_url", "recordings"] {
                whole[own].take();
            }
            ends.push((order, whole));
        }
        for (order, end) in &ends {
            assert_eq!(end, &ends[0].1, "{order:?}");
        }
    }

    async fn a_recording_is_stored_and_played_in_parts(app: &TestApp) with [("TWILIO_API_BASE", twilio()), ("CALL_MODE", "voicemail")] {
        ring(app, "CA1", &[]).await;
        let url = recording_url(app, "RE1");
        let answer = twiml(app, "/webhook/handle_recording", &call(app, "CA1", &[("RecordingSid", "RE1"), ("RecordingUrl", &url), ("RecordingDuration", "2")])).await;
        assert!(answer.contains("thanks_message_he.mp3</Play><Hangup/>"), "{answer}");
        end(app, "CA1", "8").await;
        app.jobs_done().await;
        let owner = app.sign_in(&app.a.owner).await;
        let whole = one(&owner, "CA1").await;
        let path = whole["recording_url"].as_str().expect("a recording").to_owned();
        assert_eq!(path, format!("/api/calls/{}/recording", whole["id"]));
        let sound = owner.get(&path).await;
        assert_eq!(sound.header("content-type"), Some("audio/mpeg"));
        assert_eq!(sound.body, include_bytes!("../../../app/assets/tts/thanks_he.mp3"));
        let part = owner.send(owner.request(Method::GET, &path).header("Range", "bytes=10-19")).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.header("content-range"), Some(format!("bytes 10-19/{}", sound.body.len()).as_str()));
        assert_eq!(part.body, sound.body[10..20]);
        let beyond = owner.send(owner.request(Method::GET, &path).header("Range", "bytes=99999999-")).await;
        assert_eq!(beyond.header("content-range"), Some(format!("bytes */{}", sound.body.len()).as_str()));
        beyond.problem(416, "range_not_satisfiable");
        let other = app.sign_in(&app.b.owner).await;
        other.get(&path).await.problem(404, "not_found");
        assert_eq!(app.client.get(&path).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_recording_without_an_address_is_asked_for_again(app: &TestApp) with [("CALL_MODE", "voicemail")] {
        ring(app, "CA1", &[]).await;
        let answer = twiml(app, "/webhook/handle_recording", &call(app, "CA1", &[])).await;
        assert!(answer.contains("recording_missing_he.mp3") && answer.contains("<Record "), "{answer}");
    }

    async fn hidden_callers_are_nobodys_customer(app: &TestApp) {
        let own = app.a.number.clone();
        let owner = app.sign_in(&app.a.owner).await;
        for (at, from) in ["", "anonymous", "Restricted", "unknown", "+266696687", "12345", &own, "+972521111111"].into_iter().enumerate() {
            let sid = format!("CA{at}");
            ring(app, &sid, &[("From", from), ("ForwardedFrom", "+972521111111")]).await;
            let row = one(&owner, &sid).await;
            assert_eq!(row["caller_hidden"], true, "{from}");
            assert_eq!(row["customer_id"], Value::Null, "{from}");
        }
        assert_eq!(owner.get("/api/crm/customers").await.ok()["total"], 0);
    }

    async fn people_of_the_business_are_no_customers(app: &TestApp) {
        app.sql("UPDATE users SET phone = $1 WHERE id = $2", vec!["+972529999999".into(), app.a.agent.id.into()]).await;
        app.state.calls.directory.invalidate();
        ring(app, "CA1", &[("From", "+972529999999")]).await;
        let owner = app.sign_in(&app.a.owner).await;
        let row = one(&owner, "CA1").await;
        assert_eq!((&row["customer_id"], &row["caller_hidden"]), (&Value::Null, &Value::Bool(false)));
    }

    async fn a_blocked_caller_hears_one_sentence(app: &TestApp) {
        ring(app, "CA1", &[]).await;
        let owner = app.sign_in(&app.a.owner).await;
        let customer = one(&owner, "CA1").await["customer_id"].clone();
        owner.post(&format!("/api/crm/customers/{customer}/block"), serde_json::json!({"blocked": true})).await.ok();
        let answer = ring(app, "CA2", &[]).await;
        assert!(answer.contains("<Response><Say language=\"he-IL\">") && answer.contains("</Say><Hangup/></Response>"), "{answer}");
        end(app, "CA2", "3").await;
        assert_eq!(one(&owner, "CA2").await["needs_callback"], false);
    }

    async fn nobodys_number_and_a_closed_line_say_so(app: &TestApp) {
        let answer = ring(app, "CA1", &[("To", "+97239999999")]).await;
        assert!(answer.contains("<Say language=\"he-IL\">") && answer.contains("<Hangup/>"), "{answer}");
        app.sql("UPDATE businesses SET active = $1 WHERE id = $2", vec![false.into(), app.a.id.into()]).await;
        app.state.calls.directory.invalidate();
        let answer = ring(app, "CA2", &[]).await;
        assert!(answer.contains("<Say language=\"he-IL\">") && answer.contains("<Hangup/>"), "{answer}");
    }

    async fn a_call_without_a_sid_gets_an_answer_and_leaves_nothing(app: &TestApp) {
        let answer = twiml(app, "/webhook/incoming_call", &[("From", CALLER), ("To", &app.a.number)]).await;
        assert!(answer.contains("<Response>"));
        let owner = app.sign_in(&app.a.owner).await;
        assert!(calls(&owner).await.is_empty());
        for path in ["/webhook/call_status", "/webhook/recording_status", "/webhook/stream_ended", "/webhook/handle_recording"] {
            assert!(app.webhook(path, &[("To", &app.a.number)]).await.status.is_success(), "{path}");
        }
    }

    async fn a_lost_socket_ends_in_a_message(app: &TestApp) {
        ring(app, "CA1", &[]).await;
        let fields = call(app, "CA1", &[("CallStatus", "in-progress")]);
        let answer = twiml(app, "/webhook/stream_ended", &fields).await;
        assert!(answer.contains("fallback_he.mp3</Play><Pause length=\"1\"/><Record "), "{answer}");
        let fields = call(app, "CA1", &[("CallStatus", "completed")]);
        assert!(twiml(app, "/webhook/stream_ended", &fields).await.contains("<Response><Hangup/></Response>"));
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(one(&owner, "CA1").await["status"], "completed");
    }

    async fn while_the_database_is_away_nothing_is_lost(app: &TestApp) {
        // The directory knows the business already.
        ring(app, "CA0", &[("From", "+972501111111")]).await;
        let away = app.state.db.system("test: the database is away").await.expect("a transaction");
        if app.state.db.is_postgres() {
            use sea_orm::ConnectionTrait;
            away.conn().execute_unprepared("LOCK TABLE calls, customers IN ACCESS EXCLUSIVE MODE").await.expect("locked");
        }
        let answer = ring(app, "CA1", &[]).await;
        assert!(answer.contains("<Record "), "{answer}");
        end(app, "CA1", "5").await;
        drop(away);
        let owner = app.sign_in(&app.a.owner).await;
        let row = eventually("the call to be taken in", || async {
            let answer = owner.get("/api/crm/calls/CA1").await;
            (answer.status == StatusCode::OK).then(|| answer.ok()).filter(|call| call["status"] == "completed")
        })
        .await;
        assert_eq!(row["outcome"], "abandoned");
        assert_eq!(row["needs_callback"], true);
    }

    async fn the_fixed_sentences_are_files(app: &TestApp) {
        let paths = [
            "/static/tts/greeting_he.mp3",
            "/static/tts/fallback_he.mp3",
            "/static/voice_responses/welcome.mp3",
            "/static/voice_responses/greeting_he.mp3",
            "/server/static/voice_responses/welcome.mp3",
        ];
        for path in paths {
            let whole = app.client.get(path).await;
            assert_eq!(whole.status, StatusCode::OK, "{path}");
            assert_eq!(whole.header("content-type"), Some("audio/mpeg"), "{path}");
            let length = whole.body.len().to_string();
            let head = app.client.send(app.client.request(Method::HEAD, path)).await;
            assert_eq!(head.status, StatusCode::OK, "{path}");
            assert_eq!(head.header("content-length"), Some(length.as_str()), "{path}");
            let part = app.client.send(app.client.request(Method::GET, path).header("Range", "bytes=0-99")).await;
            assert_eq!((part.status, part.body.len()), (StatusCode::PARTIAL_CONTENT, 100), "{path}");
        }
        assert_eq!(app.client.get("/static/tts/nothing.mp3").await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.client.get("/media/tts/guessed").await.status, StatusCode::NOT_FOUND);
    }
}
