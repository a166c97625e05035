use contracts::whatsapp::{Alters, Status};
use kernel::TestClock;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(event: &str, data: &Value) -> Event {
    let clock = Clock::Test(TestClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap()));
    let body = json!({"business_id": 7, "event": event, "data": data}).to_string();
    let mut events = BaileysReader::new(clock).read(body.as_bytes()).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn message(more: &Value) -> Inbound {
    let mut data = json!({
        "id": "3EB0A", "chat": "972501234567@s.whatsapp.net", "sender": "972501234567@s.whatsapp.net", "from_me": false,
        "push_name": "דנה", "timestamp": 1_790_000_000, "backlog": false, "kind": "text", "text": "שלום",
    });
    for (name, value) in more.as_object().unwrap() {
        data[name] = value.clone();
    }
    match read("message", &data) {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn phone(text: &str) -> Address {
    Address::Phone(Phone::parse(text).unwrap())
}

fn lid(text: &str) -> Address {
    Address::Lid(text.to_owned())
}

#[test]
fn a_text_says_all_that_is_known_of_it() {
    let message = message(&json!({"reply_to": "3EB0B", "chat_lid": "11122233344455", "backlog": true}));
    assert_eq!(message.account.business_id, Some(7));
    assert_eq!(message.chat, [phone("+972501234567"), lid("11122233344455")]);
    assert_eq!((message.kind, message.text.as_deref()), (Kind::Text, Some("שלום")));
    assert_eq!(message.sent_at.timestamp(), 1_790_000_000);
    assert_eq!(message.reply_to.as_deref(), Some("3EB0B"));
    assert!(message.backlog && !message.from_me);
}

#[test]
fn the_digits_of_a_lid_are_never_a_phone() {
    let hidden = message(&json!({"chat": "972501234567@lid", "sender": "972501234567@lid"}));
    assert_eq!(hidden.chat, [lid("972501234567")]);
    let known =
        message(&json!({"chat": "972501234567@lid", "sender_phone": "+972527654321", "sender_lid": "972501234567"}));
    assert_eq!(known.chat, [phone("+972527654321"), lid("972501234567")]);
    let device = message(&json!({"chat": "972501234567:12@s.whatsapp.net", "sender": "x"}));
    assert_eq!(device.chat, [phone("+972501234567")]);
}

#[test]
fn what_the_business_wrote_on_its_phone_is_in_the_chat_of_the_other_side() {
    let own = message(
        &json!({"from_me": true, "chat": "111@lid", "sender_phone": "+97231234567", "chat_phone": "+972501234567"}),
    );
    assert!(own.from_me);
    assert_eq!(own.chat, [phone("+972501234567"), lid("111")]);
}

#[test]
fn groups_and_channels_are_no_conversations() {
    for chat in [
        "1203630@g.us",
        "status@broadcast",
        "1@newsletter",
        "",
        "abc@s.whatsapp.net",
        "abc@lid",
    ] {
        let data = json!({"id": "1", "chat": chat, "kind": "text", "text": "x", "sender_phone": "nobody"});
        assert!(matches!(read("message", &data), Event::Other { .. }), "{chat}");
    }
}

#[test]
fn every_kind_is_read() {
    for (word, kind) in [
        ("text", Kind::Text),
        ("image", Kind::Image),
        ("video", Kind::Video),
        ("audio", Kind::Audio),
        ("voice", Kind::Voice),
        ("document", Kind::Document),
        ("sticker", Kind::Sticker),
        ("location", Kind::Location),
        ("contacts", Kind::Contacts),
        ("interactive", Kind::Interactive),
        ("reaction", Kind::Reaction),
        ("order", Kind::Order),
        ("system", Kind::System),
        ("unsupported", Kind::Unsupported),
        ("hologram", Kind::Unsupported),
    ] {
        assert_eq!(message(&json!({"kind": word})).kind, kind, "{word}");
    }
    assert_eq!(message(&json!({"kind": 5})).kind, Kind::Unsupported);
}

#[test]
fn files_reactions_edits_deletes_and_people_are_read() {
    let file = message(
        &json!({"kind": "voice", "media": {"url": "http://127.0.0.1:8000/media/t", "mime_type": "audio/ogg",
        "size": 5, "file_name": null, "sha256": "AB".repeat(32)}}),
    );
    let expected = ("http://127.0.0.1:8000/media/t", Some(5), Some("ab".repeat(32)));
    let found = &file.media[0];
    assert_eq!((found.reference.as_str(), found.size, found.sha256.clone()), expected);
    let liked = message(&json!({"kind": "reaction", "reaction": {"message_id": "3EB0C", "emoji": "❤"}}));
    assert_eq!(
        (liked.reply_to.as_deref(), liked.text.as_deref()),
        (Some("3EB0C"), Some("❤"))
    );
    let unliked = message(&json!({"kind": "reaction", "text": "", "reaction": {"message_id": "3EB0C", "emoji": ""}}));
    assert_eq!(unliked.text.as_deref(), Some(""));
    let edit = message(&json!({"text": "new", "edits": {"message_id": "3EB0C"}}));
    assert_eq!(
        edit.alters,
        Some(Alters::Edit {
            carrier_id: "3EB0C".to_owned()
        })
    );
    let delete = message(&json!({"kind": "system", "deletes": {"message_id": "3EB0C"}}));
    assert_eq!(
        delete.alters,
        Some(Alters::Delete {
            carrier_id: "3EB0C".to_owned()
        })
    );
    let people =
        message(&json!({"kind": "contacts", "contacts": [{"name": "רות", "phones": ["+972527654321", 7]}, 5]}));
    assert_eq!((people.contacts.len(), people.contacts[0].phones.len()), (2, 1));
    let place = message(&json!({"kind": "location", "location": {"latitude": 32.1, "longitude": 34.8, "name": null}}));
    assert!(place.location.is_some());
}

#[test]
fn statuses_and_the_link_are_read() {
    for (word, status) in [
        ("sending", Status::Sending),
        ("sent", Status::Sent),
        ("delivered", Status::Delivered),
        ("read", Status::Read),
        ("played", Status::Played),
        ("failed", Status::Failed),
        ("unknown", Status::Unknown),
    ] {
        let Event::Status(news) = read(
            "status",
            &json!({"id": "m1", "status": word, "code": 463, "timestamp": 1_790_000_000}),
        ) else {
            panic!("{word}")
        };
        assert_eq!(
            (news.status, news.id.as_deref(), news.carrier_id.as_str()),
            (status, Some("m1"), "m1")
        );
        assert_eq!(news.code.as_deref(), Some("463"));
    }
    let data = json!({"connected": false, "qr": "2@abc", "expires_at": "2026-11-21T12:00:00Z", "reason": "logged_out"});
    let Event::Link(news) = read("connection", &data) else {
        panic!()
    };
    assert_eq!(
        (news.connected, news.qr.as_deref(), news.reason.as_deref()),
        (false, Some("2@abc"), Some("logged_out"))
    );
    assert!(news.expires_at.is_some());
}

#[test]
fn what_is_not_known_is_kept_and_what_is_nobodys_is_unreadable() {
    for (event, data) in [
        ("message", json!({})),
        ("message", json!(null)),
        ("status", json!({"id": "m1", "status": "dreaming"})),
        ("connection", json!({"connected": "yes"})),
        ("weather", json!({"sun": true})),
    ] {
        assert!(
            matches!(read(event, &data), Event::Other { raw, .. } if raw["event"] == event),
            "{event}"
        );
    }
    for body in ["", "{", "[]", "{}", r#"{"business_id": "seven", "event": "message"}"#] {
        assert!(BaileysReader::default().read(body.as_bytes()).is_err(), "{body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_borne(body in prop::collection::vec(any::<u8>(), 0..500)) {
        let _ = BaileysReader::default().read(&body);
    }

    #[test]
    fn any_chat_is_a_person_or_nobody(chat in "[0-9:_@a-z.+]{0,30}", event in prop::sample::select(vec!["message", "status"])) {
        let body = json!({"business_id": 1, "event": event, "data": {"id": "1", "chat": chat, "status": chat, "kind": chat}});
        let events = BaileysReader::default().read(body.to_string().as_bytes()).unwrap();
        prop_assert_eq!(events.len(), 1);
        if let Event::Message(message) = &events[0] {
            let hidden = chat.ends_with("lid");
            prop_assert!(!hidden || !message.chat.iter().any(|address| matches!(address, Address::Phone(_))));
        }
    }
}
