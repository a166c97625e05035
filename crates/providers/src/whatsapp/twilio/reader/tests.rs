use chrono::{DateTime, Utc};
use contracts::whatsapp::Status;
use kernel::{Phone, TestClock};
use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn read(body: &str) -> Event {
    let reader = TwilioReader::new(Clock::Test(TestClock::at(now())));
    let mut events = reader.read(body.as_bytes()).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn message(body: &str) -> Inbound {
    match read(body) {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

/// A fixture with some fields more.
fn inbound(more: &str) -> Inbound {
    let frame =
        "MessageSid=SM1&AccountSid=AC1&From=whatsapp%3A%2B972501234567&To=whatsapp%3A%2B97231234567&WaId=972501234567";
    message(&format!("{frame}&{more}"))
}

#[test]
fn a_text_is_read_with_all_that_is_known_of_it() {
    let message = message(include_str!("../fixtures/text.form").trim());
    assert_eq!(message.carrier_id, "SM00000000000000000000000000000001");
    assert_eq!(
        message.account.account_sid.as_deref(),
        Some("AC00000000000000000000000000000000")
    );
    assert_eq!(message.account.number, Phone::parse("+97231234567").ok());
    assert_eq!(message.chat, [Address::Phone(Phone::parse("+972501234567").unwrap())]);
    assert_eq!(message.profile_name.as_deref(), Some("דנה לוי"));
    assert_eq!(
        (message.kind, message.text.as_deref()),
        (Kind::Text, Some("שלום, אפשר הצעת מחיר?"))
    );
    assert_eq!(message.reply_to.as_deref(), Some("SM00000000000000000000000000000009"));
    assert_eq!(
        (message.sent_at, message.from_me, message.backlog),
        (now(), false, false)
    );
    assert_eq!(message.raw["SomethingNew"], "x", "fields that we do not know are kept");
}

#[test]
fn every_kind_is_read() {
    for (fields, kind) in [
        ("MessageType=text&Body=x", Kind::Text),
        ("Body=x", Kind::Text),
        (
            "MessageType=image&NumMedia=1&MediaUrl0=u&MediaContentType0=image%2Fjpeg",
            Kind::Image,
        ),
        ("NumMedia=1&MediaUrl0=u&MediaContentType0=image%2Fpng", Kind::Image),
        (
            "MessageType=audio&NumMedia=1&MediaUrl0=u&MediaContentType0=audio%2Fogg",
            Kind::Voice,
        ),
        (
            "MessageType=audio&NumMedia=1&MediaUrl0=u&MediaContentType0=audio%2Fmpeg",
            Kind::Audio,
        ),
        (
            "MessageType=video&MediaUrl0=u&MediaContentType0=video%2Fmp4",
            Kind::Video,
        ),
        (
            "MessageType=document&MediaUrl0=u&MediaContentType0=application%2Fpdf",
            Kind::Document,
        ),
        ("MediaUrl0=u&MediaContentType0=application%2Fpdf", Kind::Document),
        (
            "MessageType=sticker&MediaUrl0=u&MediaContentType0=image%2Fwebp",
            Kind::Sticker,
        ),
        ("MessageType=location&Latitude=32.1&Longitude=34.8", Kind::Location),
        (
            "MessageType=contacts&MediaUrl0=u&MediaContentType0=text%2Fvcard",
            Kind::Contacts,
        ),
        (
            "MessageType=button&ButtonText=%D7%9B%D7%9F&ButtonPayload=yes",
            Kind::Interactive,
        ),
        ("MessageType=interactive&ListId=row-2&ListTitle=x", Kind::Interactive),
        ("ListId=row-2&ListTitle=x", Kind::Interactive),
        ("MessageType=reaction&Body=%F0%9F%91%8D", Kind::Reaction),
        ("MessageType=order", Kind::Order),
        ("MessageType=hologram&Body=x", Kind::Unsupported),
        ("NumMedia=0", Kind::Unsupported),
    ] {
        assert_eq!(inbound(fields).kind, kind, "{fields}");
    }
}

#[test]
fn files_places_and_choices_are_read() {
    let files = inbound(
        "NumMedia=2&MediaUrl0=a&MediaContentType0=image%2Fjpeg&MediaUrl1=b&MediaContentType1=image%2Fpng&Body=c",
    );
    let references: Vec<_> = files.media.iter().map(|file| file.reference.as_str()).collect();
    assert_eq!((references, files.text.as_deref()), (vec!["a", "b"], Some("c")));
    let place = inbound("Latitude=32.0853&Longitude=34.7818&Address=Ha-Yarkon+1&Label=Home")
        .location
        .unwrap();
    assert_eq!((place.latitude, place.name.as_deref()), (32.0853, Some("Home")));
    assert_eq!(inbound("Latitude=NaN&Longitude=34.7818&Body=x").location, None);
    let button = inbound("ButtonText=Yes&ButtonPayload=yes-1&Body=Yes");
    assert_eq!(
        (button.choice.as_deref(), button.text.as_deref()),
        (Some("yes-1"), Some("Yes"))
    );
}

#[test]
fn a_person_who_hides_the_phone_is_known_by_the_scoped_id() {
    let message = message("MessageSid=SM1&From=whatsapp%3AIL.13491208655302741918&To=whatsapp%3A%2B97231234567&Body=x");
    assert_eq!(message.chat, [Address::Bsuid("IL.13491208655302741918".to_owned())]);
}

#[test]
fn each_status_is_read() {
    for (word, status) in [
        ("accepted", Status::Sending),
        ("scheduled", Status::Sending),
        ("queued", Status::Sending),
        ("sending", Status::Sending),
        ("sent", Status::Sent),
        ("delivered", Status::Delivered),
        ("read", Status::Read),
        ("undelivered", Status::Failed),
        ("failed", Status::Failed),
        ("canceled", Status::Failed),
    ] {
        let body = format!(
            "MessageSid=SM1&MessageStatus={word}&SmsStatus={word}&From=whatsapp%3A%2B97231234567&ErrorCode=63016"
        );
        let Event::Status(news) = read(&body) else {
            panic!("{word}")
        };
        assert_eq!((news.status, news.code.as_deref()), (status, Some("63016")), "{word}");
        assert_eq!(news.account.number, Phone::parse("+97231234567").ok());
    }
}

#[test]
fn a_status_in_the_older_field_alone_is_one() {
    let event = read("SmsSid=SM1&SmsStatus=delivered&From=whatsapp%3A%2B97231234567");
    assert!(matches!(event, Event::Status(news) if news.status == Status::Delivered && news.carrier_id == "SM1"));
}

#[test]
fn what_is_not_known_is_kept() {
    for body in [
        "MessageSid=SM1&MessageStatus=dreaming",
        "MessageStatus=sent",
        "From=whatsapp%3A%2B972501234567&Body=x",
        "MessageSid=SM1&Body=x",
        "MessageSid=SM1&From=whatsapp%3Anobody&Body=x",
    ] {
        assert!(
            matches!(read(body), Event::Other { raw, .. } if raw.is_object()),
            "{body}"
        );
    }
    assert!(TwilioReader::default().read(b"").is_err());
}

proptest! {
    #[test]
    fn nothing_panics(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = TwilioReader::default().read(&body);
    }

    #[test]
    fn any_values_are_borne(
        names in prop::collection::vec(
            prop::sample::select(vec![
                "MessageSid", "From", "To", "WaId", "Body", "MessageStatus", "MessageType", "MediaUrl0", "MediaUrl1",
                "MediaContentType0", "NumMedia", "Latitude", "Longitude", "ButtonText", "ListId", "ErrorCode",
            ]),
            0..12,
        ),
        value in "\\PC{0,24}",
    ) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("x", "y");
        for name in names {
            form.append_pair(name, &value);
        }
        prop_assert_eq!(TwilioReader::default().read(form.finish().as_bytes()).map(|events| events.len()), Ok(1));
    }
}
