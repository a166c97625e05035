//! What strangers may send us, and what must hold of it whatever it is. `make fuzz` feeds these from libFuzzer
//! (`fuzz/targets`); `make test` replays the inputs in `fuzz/corpus`, where every crash that was ever found stays.

use std::ops::ControlFlow;

use app::{
    channels::voice::{
        form::Form,
        media::{codec, wire},
        signature::{Check, Incoming},
    },
    crm::imports::{
        file::{File, MOST_COLUMNS},
        mapping::{Mapping, OwnFields},
        person::Plan,
    },
};
use bytes::Bytes;
use contracts::whatsapp::{Address, Event, Reader};
use http::{HeaderMap, HeaderValue};
use providers::whatsapp::{baileys::BaileysReader, meta::MetaReader, twilio::TwilioReader};
use tokio_util::sync::CancellationToken;

/// What takes one input; it panics when something does not hold.
pub type Target = fn(&[u8]);

/// The targets by name, as in `fuzz/corpus`.
pub const TARGETS: &[(&str, Target)] = &[
    ("media_frame", media_frame),
    ("twilio_form", twilio_form),
    ("signature_header", signature_header),
    ("csv_import", csv_import),
    ("meta_webhook", meta_webhook),
    ("baileys_webhook", baileys_webhook),
    ("twilio_whatsapp", twilio_whatsapp),
];

/// A message on the media socket: read, its audio decoded.
pub fn media_frame(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(message) = wire::parse(text) else {
        return;
    };
    assert!(text.trim_start().starts_with('{'), "only an object is a message");
    if let wire::Incoming::Media { payload, .. } = message {
        let mut bytes = Vec::new();
        if wire::audio(&payload, &mut bytes).is_ok() {
            let samples = codec::decode_all(bytes.iter().copied());
            assert_eq!(samples.len(), bytes.len(), "a byte of mu-law is a sample");
            assert_eq!(codec::encode_all(&samples).len(), bytes.len());
        }
    }
}

/// The body of a webhook, as a form and as JSON.
pub fn twilio_form(data: &[u8]) {
    if let Ok(form) = Form::from_urlencoded(data) {
        look(&form);
        let written: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.fields())
            .finish();
        let again = Form::from_urlencoded(written.as_bytes());
        assert_eq!(again.as_ref(), Ok(&form), "written and read again it is the same");
    }
    if let Ok(form) = Form::from_json(data) {
        look(&form);
    }
}

fn look(form: &Form) {
    assert!(form.fields().len() <= 256, "no end of fields");
    for (name, _) in form.fields() {
        let value = form.get(name);
        assert!(value.is_none_or(|value| !value.is_empty()), "a blank field is no value");
        let _ = form.number(name);
    }
}

/// The lines are: signature, signature settings, target, content type; the rest is the body. Nobody without the token
/// can make one that is believed.
pub fn signature_header(data: &[u8]) {
    let mut parts = data.splitn(5, |byte| *byte == b'\n');
    let mut next = || parts.next().unwrap_or_default();
    let (signature, settings, target, content_type, body) = (next(), next(), next(), next(), next());
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-twilio-signature", signature),
        ("x-twilio-webhooks-signature-settings", settings),
        ("content-type", content_type),
    ] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    let Ok(target) = std::str::from_utf8(target) else {
        return;
    };
    let origins = [
        "https://voice.example.com".to_owned(),
        "http://127.0.0.1:5000".to_owned(),
    ];
    let check = Check {
        token: Some("a token that the fuzzer cannot use"),
        origins: &origins,
    };
    for is_get in [true, false] {
        let incoming = Incoming {
            is_get,
            target,
            headers: &headers,
            body,
        };
        assert!(check.verify(incoming).is_err(), "believed without the token");
    }
    assert!(
        check.verify_upgrade(target, &headers).is_err(),
        "believed without the token"
    );
}

/// A file of customers: CSV in any encoding, a workbook, or cards. Read twice it is the same, and a row that is taken
/// says who it is about.
pub fn csv_import(data: &[u8]) {
    let Ok(file) = File::open(Bytes::copy_from_slice(data), &CancellationToken::new()) else {
        return;
    };
    let columns = file.columns();
    assert!(columns.len() <= MOST_COLUMNS, "no end of columns");
    let mapping = Mapping::suggested(columns, &OwnFields::new());
    assert_eq!(
        Mapping::from_json(&mapping.to_json()),
        mapping,
        "kept and taken up again it is the same"
    );
    let plan = Plan {
        fields: mapping.placed(columns),
        ..Plan::default()
    };
    let (mut rows, mut last) = (0, 0);
    let read = file.each(&mut |row| {
        rows += 1;
        assert!(row.number > last, "rows come in their order");
        last = row.number;
        assert!(row.cells.len() <= columns.len() && row.cells.iter().any(|cell| !cell.is_empty()));
        if let Ok(draft) = plan.read(&row) {
            assert!(!draft.name.is_empty(), "somebody without a name");
        }
        ControlFlow::Continue(())
    });
    if read.is_ok() && rows > 0 {
        assert_eq!(file.count().ok(), Some(rows), "counted as read");
    }
}

/// A webhook of Meta's: messages and statuses of several numbers in one body.
pub fn meta_webhook(data: &[u8]) {
    let events = read(&MetaReader::default(), data);
    assert!(
        !events.iter().any(|event| matches!(event, Event::Link(_))),
        "only the bridge has a link"
    );
}

/// One event of our bridge.
pub fn baileys_webhook(data: &[u8]) {
    let events = read(&BaileysReader::default(), data);
    assert!(events.len() <= 1, "one event each");
    for event in &events {
        assert!(account(event).business_id.is_some(), "of a business");
    }
}

/// A WhatsApp message or status of Twilio's.
pub fn twilio_whatsapp(data: &[u8]) {
    assert!(read(&TwilioReader::default(), data).len() <= 1, "one event each");
}

/// What is read can be stored: it says whose it is, and what could not be read is kept as it came.
fn read(reader: &impl Reader, data: &[u8]) -> Vec<Event> {
    let events = reader.read(data).unwrap_or_default();
    for event in &events {
        match event {
            Event::Message(message) => {
                assert!(
                    !message.carrier_id.is_empty() && !message.chat.is_empty(),
                    "somebody's message"
                );
                let hidden = |address: &Address| !matches!(address, Address::Phone(_));
                assert!(message.chat.iter().is_sorted_by_key(hidden), "the phone first");
                assert!(!message.raw.is_null(), "kept as it came");
                let place = message.location.as_ref();
                assert!(place.is_none_or(|place| place.latitude.is_finite() && place.longitude.is_finite()));
            }
            Event::Status(news) => assert!(!news.carrier_id.is_empty(), "of a message"),
            Event::Link(_) => {}
            Event::Other { raw, .. } => assert!(!raw.is_null(), "kept as it came"),
        }
    }
    assert_eq!(
        reader.read(data).map_or(0, |again| again.len()),
        events.len(),
        "read again it is as much"
    );
    events
}

fn account(event: &Event) -> &contracts::whatsapp::Account {
    match event {
        Event::Message(message) => &message.account,
        Event::Status(news) => &news.account,
        Event::Link(news) => &news.account,
        Event::Other { account, .. } => account,
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    #[test]
    fn every_input_of_the_corpus_is_borne() {
        for (name, target) in TARGETS {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
            let files: Vec<_> = fs::read_dir(&folder).expect("a corpus").flatten().collect();
            assert!(!files.is_empty(), "{name} has no corpus");
            for file in files {
                target(&fs::read(file.path()).expect("readable"));
            }
        }
    }
}
