use serde_json::Value;

use super::*;

fn parties() -> Parties {
    Parties {
        account_sid: "AC1".to_owned(),
        call_sid: "CA1".to_owned(),
        from: "+972501234567".to_owned(),
        to: "+97231234567".to_owned(),
        forwarded_from: None,
        direction: "inbound",
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn messages_have_twilios_form_and_count_from_one() {
    let mut out = Outgoing::new("MZ1");
    let stream = Stream {
        parameters: vec![("token".to_owned(), "t\"1".to_owned())],
        ..Stream::default()
    };
    let start = json(&out.start(&parties(), &stream));
    assert_eq!(start["sequenceNumber"], "1");
    assert_eq!(start["start"]["customParameters"]["token"], "t\"1");
    assert_eq!(start["start"]["mediaFormat"]["sampleRate"], 8_000);
    let media = json(&out.media(40, Some(&[1, 2, 3])));
    assert_eq!(
        (&media["sequenceNumber"], &media["media"]["chunk"]),
        (&json("\"2\""), &json("\"1\""))
    );
    assert_eq!(
        (&media["media"]["timestamp"], &media["media"]["payload"]),
        (&json("\"40\""), &json("\"AQID\""))
    );
    let silent = json(&out.media(60, None));
    assert_eq!(
        STANDARD.decode(silent["media"]["payload"].as_str().unwrap()).unwrap(),
        [MULAW_SILENCE; 160]
    );
    assert_eq!(json(&out.mark("m"))["sequenceNumber"], "4");
    assert_eq!(json(&out.dtmf('5'))["dtmf"]["digit"], "5");
    assert_eq!(json(&out.stop(&parties()))["stop"]["callSid"], "CA1");
}

#[test]
fn what_the_server_may_send_is_read() {
    let read = |text: &str| read(text, "MZ1").unwrap();
    assert_eq!(
        read(r#"{"event":"media","streamSid":"MZ1","media":{"payload":"AQID"}}"#),
        Incoming::Media(vec![1, 2, 3])
    );
    assert_eq!(
        read(r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"a\"b"}}"#),
        Incoming::Mark("a\"b".to_owned())
    );
    assert_eq!(read(r#"{"event":"clear","streamSid":"MZ1"}"#), Incoming::Clear);
}

#[test]
fn everything_else_is_error_31924() {
    for text in [
        "",
        "[]",
        r#"{"event":"clear"}"#,
        r#"{"event":"clear","streamSid":"MZ2"}"#,
        r#"{"event":"say","streamSid":"MZ1"}"#,
        r#"{"event":"media","streamSid":"MZ1"}"#,
        r#"{"event":"media","streamSid":"MZ1","media":{"payload":"@@"}}"#,
        r#"{"event":"media","streamSid":"MZ1","media":{"payload":""}}"#,
        r#"{"event":"media","streamSid":"MZ1","media":{"payload":"UklGRiQA"}}"#,
        r#"{"event":"mark","streamSid":"MZ1"}"#,
    ] {
        assert_eq!(read(text, "MZ1").unwrap_err().code, STREAM_MESSAGE, "{text}");
    }
}
