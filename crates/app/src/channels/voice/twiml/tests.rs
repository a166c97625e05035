use proptest::prelude::*;
use quick_xml::{Reader, events::Event as Read};

use super::*;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

fn rendered(verbs: impl IntoIterator<Item = Verb>) -> String {
    let text = Twiml::new(verbs).render();
    text.strip_prefix(HEAD).expect("a declaration").to_owned()
}

#[test]
fn a_message_is_taken_as_twilio_wants_it() {
    let answer = rendered([
        Verb::Play("https://voice.example.com/static/tts/greeting_he.mp3".into()),
        Verb::Pause { seconds: 1 },
        Verb::Record { max_seconds: 30 },
    ]);
    assert_eq!(
        answer,
        "<Response><Play>https://voice.example.com/static/tts/greeting_he.mp3</Play><Pause length=\"1\"/>\
         <Record action=\"/webhook/handle_recording\" method=\"POST\" maxLength=\"30\" timeout=\"5\" finishOnKey=\"*\" \
         playBeep=\"true\" trim=\"do-not-trim\" transcribe=\"false\"/></Response>"
    );
}

#[test]
fn a_stream_is_opened_with_its_token() {
    let answer = rendered([Verb::Stream {
        url: "wss://voice.example.com/ws/twilio-media".into(),
        token: "t1".into(),
    }]);
    assert_eq!(
        answer,
        "<Response><Connect action=\"/webhook/stream_ended\"><Stream url=\"wss://voice.example.com/ws/twilio-media\" \
         statusCallback=\"/webhook/stream_status\"><Parameter name=\"token\" value=\"t1\"/></Stream></Connect></Response>"
    );
}

#[test]
fn a_person_is_rung_and_told_who_calls() {
    let answer = rendered([Verb::Dial {
        number: "+972501234567".into(),
        caller_id: Some("+97231234567".into()),
        ring_seconds: 20,
        whisper: Some("/webhook/whisper?c=1&t=x".into()),
        action: DIAL_ENDED.into(),
    }]);
    assert_eq!(
        answer,
        "<Response><Dial action=\"/webhook/dial_ended\" method=\"POST\" timeout=\"20\" answerOnBridge=\"true\" \
         callerId=\"+97231234567\"><Number url=\"/webhook/whisper?c=1&amp;t=x\" method=\"POST\">+972501234567</Number>\
         </Dial></Response>"
    );
}

#[test]
fn a_room_ends_when_one_of_the_two_leaves() {
    let answer = rendered([Verb::Conference {
        room: "call-7".into(),
        action: Some(DIAL_ENDED.into()),
    }]);
    assert!(answer.contains("endConferenceOnExit=\"true\""), "{answer}");
    assert!(answer.contains(">call-7</Conference></Dial>"), "{answer}");
}

#[test]
fn there_is_one_slash_at_every_joint() {
    for origin in ["https://a.example", "https://a.example/"] {
        for path in ["static/x.mp3", "/static/x.mp3"] {
            assert_eq!(absolute(origin, path), "https://a.example/static/x.mp3");
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_person_wrote_stays_text(words in "\\PC{0,80}|[<>&\"'\u{0}-\u{1f}]{0,20}") {
        let answer = Twiml::new([Verb::Say { language: "he-IL".into(), text: words.clone() }]).render();
        let mut reader = Reader::from_str(&answer);
        let mut names = Vec::new();
        loop {
            match reader.read_event().expect("well-formed") {
                Read::Start(tag) => names.push(tag.name().as_ref().to_owned()),
                Read::Empty(_) => prop_assert!(false, "an element from text"),
                Read::Eof => break,
                _ => {}
            }
        }
        prop_assert_eq!(names, vec!["Response".to_owned(), "Say".to_owned()]);
        let legal = answer.chars().all(|c| c >= ' ' || matches!(c, '\t' | '\n' | '\r'));
        prop_assert!(legal, "a character that XML does not have");
    }
}
