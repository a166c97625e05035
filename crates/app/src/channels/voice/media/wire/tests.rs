use proptest::prelude::*;

use super::*;

#[test]
fn twilio_s_own_examples_are_read() {
    assert_eq!(
        parse(r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#),
        Ok(Incoming::Connected)
    );
    let start = r#"{"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1","accountSid":"AC1","callSid":"CA1","tracks":["inbound"],"customParameters":{"token":"t"},"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}"#;
    assert_eq!(
        parse(start),
        Ok(Incoming::Start(Start {
            stream_sid: "MZ1".to_owned(),
            call_sid: "CA1".to_owned(),
            token: "t".to_owned()
        }))
    );
    let media = r#"{"event":"media","sequenceNumber":"3","streamSid":"MZ1","media":{"track":"inbound","chunk":"1","timestamp":"5","payload":"//8="}}"#;
    let Ok(Incoming::Media { payload, .. }) = parse(media) else {
        panic!("media");
    };
    assert!(matches!(payload, Cow::Borrowed(_)), "a frame is not copied");
    let mut audio_bytes = Vec::new();
    assert_eq!(audio(&payload, &mut audio_bytes), Ok(()));
    assert_eq!(audio_bytes, [0xFF, 0xFF]);
    assert!(matches!(
        parse(r#"{"event":"dtmf","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"1"}}"#),
        Ok(Incoming::Digit { digit: '1', .. })
    ));
    assert!(matches!(
        parse(r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"4.end"}}"#),
        Ok(Incoming::Mark { .. })
    ));
    assert!(matches!(
        parse(r#"{"event":"stop","streamSid":"MZ1","stop":{"accountSid":"AC","callSid":"CA"}}"#),
        Ok(Incoming::Stop { .. })
    ));
}

#[test]
fn unknown_events_are_ignored_and_what_is_no_object_is_refused() {
    assert_eq!(parse(r#"{"event":"hologram","media":5}"#), Ok(Incoming::Other));
    assert_eq!(parse(r#"{"noevent":1}"#), Ok(Incoming::Other));
    for text in [
        "",
        "[]",
        "5",
        "\"media\"",
        "{",
        r#"{"event":"media"}"#,
        r#"{"event":"media","media":{}}"#,
        r#"{"event":"start","start":{}}"#,
    ] {
        assert_eq!(parse(text), Err(Malformed), "{text}");
    }
    assert_eq!(audio("!!", &mut Vec::new()), Err(Malformed));
}

#[test]
fn marks_come_back_as_they_went() {
    for mark in [
        Mark {
            speech: 7,
            place: Place::At(500),
        },
        Mark {
            speech: 8,
            place: Place::End,
        },
    ] {
        let mut outgoing = Outgoing::new("MZ\"1");
        let sent = outgoing.mark(mark);
        let Ok(Incoming::Mark { name, stream_sid }) = parse(std::str::from_utf8(&sent).expect("text")) else {
            panic!("a mark");
        };
        assert_eq!(stream_sid, "MZ\"1");
        assert_eq!(mark_of(&name), Some(mark));
    }
    for name in ["", "x", "1", "1.x", "-1.end", "99999999999.end"] {
        assert_eq!(mark_of(name), None);
    }
}

#[test]
fn audio_goes_out_as_twilio_wants_it() {
    let mut outgoing = Outgoing::new("MZ1");
    let sent = outgoing.media(&[0xFF; 160]);
    let value: serde_json::Value = serde_json::from_slice(&sent).expect("json");
    assert_eq!(value["event"], "media");
    assert_eq!(value["streamSid"], "MZ1");
    assert_eq!(value["media"]["payload"].as_str().map(str::len), Some(216));
    let clear: serde_json::Value = serde_json::from_slice(&outgoing.clear()).expect("json");
    assert_eq!(clear, serde_json::json!({"event":"clear","streamSid":"MZ1"}));
}

proptest! {
    #[test]
    fn nothing_that_comes_panics(
        text in "\\PC{0,200}",
        event in "connected|start|media|dtmf|mark|stop|other",
        body in "[\\[\\]{}\":,0-9a-z. ]{0,60}",
    ) {
        let _ = (parse(&text), mark_of(&text), audio(&text, &mut Vec::new()));
        let _ = parse(&format!(r#"{{"event":"{event}","streamSid":"MZ","{event}":{body}}}"#));
    }
}
