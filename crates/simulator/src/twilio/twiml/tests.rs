use super::*;
use crate::twilio::trouble::{DOCUMENT_PARSE, INVALID_URL, SCHEMA};

fn code(xml: &str) -> u32 {
    parse(xml).map_or_else(
        |trouble| trouble.code,
        |document| document.warnings.first().map_or(0, |w| w.code),
    )
}

#[test]
fn a_realtime_answer_is_a_greeting_and_a_stream() {
    let document = parse(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <Response>
          <Play>https://example.com/static/tts/greeting_he.mp3</Play>
          <Connect action="/webhook/stream_ended"><Stream url="wss://example.com/ws/twilio-media"
             statusCallback="/webhook/stream_status"><Parameter name="token" value="a&amp;b"/></Stream></Connect>
        </Response>"#,
    )
    .unwrap();
    assert_eq!(document.warnings, []);
    assert_eq!(
        document.verbs,
        [
            Verb::Play {
                url: "https://example.com/static/tts/greeting_he.mp3".to_owned(),
                times: 1
            },
            Verb::Connect {
                callback: Callback {
                    action: Some("/webhook/stream_ended".to_owned()),
                    method: Method::Post
                },
                stream: Stream {
                    url: "wss://example.com/ws/twilio-media".to_owned(),
                    status_callback: Some("/webhook/stream_status".to_owned()),
                    parameters: vec![("token".to_owned(), "a&b".to_owned())],
                    ..Stream::default()
                }
            }
        ]
    );
}

#[test]
fn a_voicemail_answer_pauses_and_records() {
    let document = parse(
        r#"<Response><Say language="he-IL">שלום &lt;לכם&gt;</Say><Pause length="1"/>
        <Record action="/webhook/handle_recording" method="POST" maxLength="30" timeout="5" finishOnKey="*"
          playBeep="true" trim="do-not-trim" transcribe="false"/></Response>"#,
    )
    .unwrap();
    assert_eq!(document.warnings, []);
    assert_eq!(
        document.verbs.first(),
        Some(&Verb::Say {
            text: "שלום <לכם>".to_owned(),
            language: Some("he-IL".to_owned()),
            times: 1
        })
    );
    let Some(Verb::Record(record)) = document.verbs.get(2) else {
        panic!("{document:?}")
    };
    assert_eq!(
        (
            record.max_seconds,
            record.timeout_seconds,
            record.finish_on_key.as_str()
        ),
        (30, 5, "*")
    );
}

#[test]
fn a_dial_rings_its_numbers_and_their_whisper() {
    let document = parse(
        r#"<Response><Dial timeout="20" action="/a" callerId="+97231234567"><Number url="/whisper">+972501234567</Number></Dial>
        <Dial>0521234567</Dial></Response>"#,
    )
    .unwrap();
    let [Verb::Dial(first), Verb::Dial(second)] = document.verbs.as_slice() else {
        panic!("{document:?}")
    };
    assert_eq!(
        (first.ring_seconds, first.numbers[0].url.as_deref()),
        (20, Some("/whisper"))
    );
    assert_eq!(
        (second.ring_seconds, second.numbers[0].number.as_str()),
        (30, "0521234567")
    );
}

#[test]
fn what_does_not_parse_ends_the_call() {
    for xml in [
        "",
        "ok",
        "<Response>",
        "<Response></Other>",
        "<Response/><Response/>",
        "<Response>&nbsp;</Response>",
        "<Response><Say a=b>x</Say></Response>",
        "<Twiml/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><Response>&x;</Response>",
    ] {
        assert_eq!(code(xml), DOCUMENT_PARSE, "{xml}");
    }
}

#[test]
fn what_is_not_in_the_schema_is_a_warning() {
    for xml in [
        "<Response><Shout/></Response>",
        r#"<Response><Pause seconds="1"/></Response>"#,
        r#"<Response><Pause length="one"/></Response>"#,
        r#"<Response><Record method="PUT"/></Response>"#,
        "<Response>hello</Response>",
        "<Response><Connect/></Response>",
    ] {
        assert_eq!(code(xml), SCHEMA, "{xml}");
    }
}

#[test]
fn audio_is_fetched_by_absolute_urls_only() {
    for url in [
        "/static/a.mp3",
        "static/a.mp3",
        "ftp://example.com/a.mp3",
        "https:///a.mp3x//b",
        "https://e.com//a.mp3",
        "",
    ] {
        assert_eq!(
            code(&format!("<Response><Play>{url}</Play></Response>")),
            INVALID_URL,
            "{url}"
        );
    }
}

#[test]
fn a_long_parameter_is_refused() {
    let xml = format!(
        r#"<Response><Connect><Stream url="wss://e.com/s"><Parameter name="token" value="{}"/></Stream></Connect></Response>"#,
        "x".repeat(495)
    );
    assert_eq!(code(&xml), SCHEMA);
}
