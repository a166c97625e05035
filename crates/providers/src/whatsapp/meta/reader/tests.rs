use chrono::{DateTime, Utc};
use contracts::whatsapp::{Address, Alters, Inbound, Kind};
use kernel::{Phone, TestClock};
use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn read(body: &str) -> Vec<Event> {
    MetaReader::new(Clock::Test(TestClock::at(now())))
        .read(body.as_bytes())
        .unwrap()
}

fn phone(digits: &str) -> Address {
    Address::Phone(Phone::parse(digits).unwrap())
}

/// One message with these fields beside its frame.
fn message(fields: &Value) -> Inbound {
    let mut raw = json!({"from": "972501234567", "id": "wamid.1", "timestamp": "1790000000"});
    for (name, value) in fields.as_object().unwrap() {
        raw[name] = value.clone();
    }
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages",
        "value": {"metadata": {"phone_number_id": "106"}, "contacts": [{"wa_id": "972501234567"}], "messages": [raw]}}]}]});
    match read(&body.to_string()).remove(0) {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mixed_batch_loses_nothing() {
    let events = read(include_str!("../fixtures/batch.json"));
    let words: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::Message(message) => message.carrier_id.clone(),
            Event::Status(news) => format!("{:?}", news.status),
            Event::Link(_) => "link".to_owned(),
            Event::Other { raw, .. } => raw.as_object().unwrap().keys().next().unwrap().clone(),
        })
        .collect();
    assert_eq!(
        words,
        [
            "wamid.text",
            "wamid.hidden",
            "wamid.image",
            "message",
            "wamid.future",
            "message",
            "wamid.last",
            "Sent",
            "Failed",
            "status",
            "change",
            "error",
            "wamid.other",
            "entry",
        ]
    );
}

#[test]
fn a_message_says_to_whom_from_whom_and_when() {
    let events = read(include_str!("../fixtures/batch.json"));
    let messages: Vec<&Inbound> = events
        .iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some(&**message),
            _ => None,
        })
        .collect();
    let first = messages[0];
    assert_eq!(first.account.meta_phone_number_id.as_deref(), Some("106540352242922"));
    assert_eq!(first.account.number, Phone::parse("+97231234567").ok());
    let scoped = Address::Bsuid("IL.13491208655302741918".to_owned());
    assert_eq!(first.chat, [phone("+972501234567"), scoped]);
    assert_eq!(first.profile_name.as_deref(), Some("דנה לוי"));
    assert_eq!(first.sent_at.timestamp(), 1_790_000_000);
    assert_eq!(first.reply_to.as_deref(), Some("wamid.ours"));
    assert_eq!(
        messages[1].chat,
        [Address::Bsuid("IL.22491208655302741918".to_owned())],
        "no phone is no fault"
    );
    assert_eq!(messages[1].profile_name.as_deref(), Some("Yossi"));
    let file = &messages[2].media[0];
    assert_eq!(file.sha256, Some("ab".repeat(32)));
    assert_eq!(
        (file.reference.as_str(), messages[2].text.as_deref()),
        ("1908647269898587", Some("המטבח"))
    );
    assert_eq!(
        (messages[3].kind, &messages[3].raw["hologram"]["depth"]),
        (Kind::Unsupported, &json!(3))
    );
    assert_eq!(messages[4].sent_at, now(), "a time that cannot be read is now");
    assert_eq!(
        messages[5].account.meta_phone_number_id.as_deref(),
        Some("206540352242922")
    );
}

#[test]
fn a_status_brings_our_id_and_its_error() {
    let events = read(include_str!("../fixtures/batch.json"));
    let news: Vec<&StatusNews> = events
        .iter()
        .filter_map(|event| match event {
            Event::Status(news) => Some(news),
            _ => None,
        })
        .collect();
    assert_eq!(
        (news[0].id.as_deref(), news[0].carrier_id.as_str()),
        (Some("m17"), "wamid.ours")
    );
    assert_eq!(news[0].at.map(|at| at.timestamp()), Some(1_790_000_010));
    assert_eq!(news[1].code.as_deref(), Some("131047"));
    assert_eq!(news[1].message.as_deref(), Some("More than 24 hours have passed"));
}

#[test]
fn every_kind_is_read() {
    let file = json!({"id": "m1", "mime_type": "a/b"});
    for (fields, kind) in [
        (json!({"type": "text", "text": {"body": "x"}}), Kind::Text),
        (json!({"type": "image", "image": file}), Kind::Image),
        (json!({"type": "video", "video": file}), Kind::Video),
        (
            json!({"type": "audio", "audio": {"id": "m1", "voice": true}}),
            Kind::Voice,
        ),
        (json!({"type": "audio", "audio": file}), Kind::Audio),
        (
            json!({"type": "document", "document": {"id": "m1", "filename": "הצעה.pdf"}}),
            Kind::Document,
        ),
        (
            json!({"type": "sticker", "sticker": {"id": "m1", "animated": true}}),
            Kind::Sticker,
        ),
        (
            json!({"type": "location", "location": {"latitude": 32.08, "longitude": 34.78}}),
            Kind::Location,
        ),
        (
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "ר"}, "phones": [{"phone": "1"}]}]}),
            Kind::Contacts,
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "b", "title": "t"}}}),
            Kind::Interactive,
        ),
        (json!({"type": "interactive"}), Kind::Interactive),
        (
            json!({"type": "button", "button": {"payload": "p", "text": "t"}}),
            Kind::Interactive,
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.2", "emoji": "👍"}}),
            Kind::Reaction,
        ),
        (
            json!({"type": "order", "order": {"catalog_id": "c", "product_items": []}}),
            Kind::Order,
        ),
        (
            json!({"type": "system", "system": {"body": "changed the number", "type": "user_changed_number"}}),
            Kind::System,
        ),
        (
            json!({"type": "unsupported", "errors": [{"code": 131_051}]}),
            Kind::Unsupported,
        ),
        (json!({}), Kind::Unsupported),
        (json!({"type": 5}), Kind::Unsupported),
    ] {
        assert_eq!(message(&fields).kind, kind, "{fields}");
    }
}

#[test]
fn choices_reactions_places_and_people_are_read() {
    let list = message(&json!({"type": "interactive", "interactive": {"type": "list_reply",
        "list_reply": {"id": "row-2", "title": "מחר", "description": "בבוקר"}}}));
    assert_eq!(
        (list.choice.as_deref(), list.text.as_deref()),
        (Some("row-2"), Some("מחר"))
    );
    let form = message(&json!({"type": "interactive", "interactive": {"type": "nfm_reply",
        "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{}"}}}));
    assert_eq!(
        (form.choice.as_deref(), form.text.as_deref()),
        (Some("flow"), Some("Sent"))
    );
    let liked = message(&json!({"type": "reaction", "reaction": {"message_id": "wamid.2", "emoji": "👍"}}));
    assert_eq!(
        (liked.reply_to.as_deref(), liked.text.as_deref()),
        (Some("wamid.2"), Some("👍"))
    );
    let unliked = message(&json!({"type": "reaction", "reaction": {"message_id": "wamid.2"}}));
    assert_eq!(
        unliked.text.as_deref(),
        Some(""),
        "a reaction that is taken back has no emoji"
    );
    let place = message(&json!({"type": "location", "location": {"latitude": "32.5", "longitude": 34, "name": "n"}}));
    assert_eq!(
        place.location.map(|place| (place.latitude, place.name)),
        Some((32.5, Some("n".to_owned())))
    );
    let people = message(&json!({"type": "contacts", "contacts": [
        {"name": {"formatted_name": "רות"}, "phones": [{"phone": "+972 52-765-4321"}, {"wa_id": "1"}]}, {}, 7]}));
    assert_eq!(people.contacts[0].name, "רות");
    assert_eq!(people.contacts[0].phones, ["+972 52-765-4321", "1"]);
    assert_eq!(people.contacts.len(), 3);
}

#[test]
fn edits_and_deletes_name_the_message_that_they_change() {
    let edit = message(&json!({"type": "edit", "edit": {"original_message_id": "wamid.0",
        "message": {"type": "text", "text": {"body": "new"}}}}));
    assert_eq!(
        edit.alters,
        Some(Alters::Edit {
            carrier_id: "wamid.0".to_owned()
        })
    );
    assert_eq!((edit.kind, edit.text.as_deref()), (Kind::Text, Some("new")));
    let by_context = message(&json!({"type": "edit", "context": {"id": "wamid.0"}, "edit": {"text": {"body": "new"}}}));
    assert_eq!(
        (by_context.alters, by_context.text.as_deref()),
        (edit.alters, Some("new"))
    );
    let revoke = message(&json!({"type": "revoke", "revoke": {"original_message_id": "wamid.0"}}));
    assert_eq!(
        revoke.alters,
        Some(Alters::Delete {
            carrier_id: "wamid.0".to_owned()
        })
    );
    let nested = message(&json!({"type": "edit", "edit": {"message": {"type": "edit", "edit": {}}}}));
    assert_eq!((nested.alters, nested.kind), (None, Kind::Text));
}

#[test]
fn a_body_that_is_no_webhook_is_unreadable() {
    for body in ["", "{", "[]", "{}", "null", r#"{"entry": {}}"#, r#"{"object": "page"}"#] {
        assert!(MetaReader::default().read(body.as_bytes()).is_err(), "{body}");
    }
    assert_eq!(read(r#"{"entry": []}"#), []);
}

/// JSON with the names that a webhook has, at any place.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "text",
            "image",
            "interactive",
            "edit",
            "972501234567",
            "IL.1",
            "messages",
            "sent"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        let names = prop::sample::select(vec![
            "entry",
            "changes",
            "value",
            "field",
            "metadata",
            "contacts",
            "messages",
            "statuses",
            "errors",
            "id",
            "from",
            "from_user_id",
            "type",
            "text",
            "image",
            "interactive",
            "edit",
            "message",
            "context",
            "reaction",
            "timestamp",
            "status",
            "wa_id",
            "user_id",
            "profile",
            "name",
            "phones",
            "location",
            "latitude",
            "button_reply",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..8).prop_map(|fields| Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_borne(value in any_json()) {
        let _ = MetaReader::default().read(value.to_string().as_bytes());
    }

    #[test]
    fn any_message_is_an_event_of_its_own(messages in prop::collection::vec(any_json(), 1..8)) {
        let body = json!({"entry": [{"changes": [{"field": "messages", "value": {"messages": messages}}]}]});
        let events = MetaReader::default().read(body.to_string().as_bytes()).unwrap();
        prop_assert_eq!(events.len(), messages.len());
        for event in events {
            if let Event::Message(message) = event {
                prop_assert!(!message.chat.is_empty() && !message.carrier_id.is_empty());
            }
        }
    }

    #[test]
    fn any_bytes_are_borne(body in prop::collection::vec(any::<u8>(), 0..500)) {
        let _ = MetaReader::default().read(&body);
    }
}
