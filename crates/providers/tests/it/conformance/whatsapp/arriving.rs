//! What comes in: every kind, every order of statuses, several at once, some of it rubbish.

use std::collections::HashSet;

use aws_lc_rs::hmac;
use contracts::whatsapp::{Address, Alters, Carrier, Event, Inbound, Kind, Status, StatusNews, signing};
use kernel::{Clock, Phone};
use serde_json::{Value, json};
use simulator::twilio::sign;

use super::{
    Subject, World,
    world::{Hook, PERSON, SECRET, TOKEN, text, to_person},
};

pub async fn conforms(subject: &Subject) {
    every_kind_is_read(subject).await;
    somebody_may_hide_the_phone(subject).await;
    changes_name_what_they_change(subject).await;
    statuses_come_in_every_order(subject).await;
    a_duplicate_is_the_same_twice(subject).await;
    a_hundred_are_a_hundred(subject).await;
}

fn messages(events: Vec<Event>) -> Vec<Inbound> {
    let message = |event| match event {
        Event::Message(message) => Some(*message),
        _ => None,
    };
    events.into_iter().filter_map(message).collect()
}

fn news(events: Vec<Event>) -> Vec<StatusNews> {
    let news = |event| match event {
        Event::Status(news) => Some(news),
        _ => None,
    };
    events.into_iter().filter_map(news).collect()
}

fn letters() -> Vec<(Value, Kind)> {
    let file = |kind: &str, mime_type: &str| json!({"kind": kind, "file": {"mime_type": mime_type, "content": "YWJj", "name": "a.bin"}});
    vec![
        (json!({"text": "שלום"}), Kind::Text),
        (file("image", "image/jpeg"), Kind::Image),
        (file("video", "video/mp4"), Kind::Video),
        (file("audio", "audio/mpeg"), Kind::Audio),
        (file("voice", "audio/ogg"), Kind::Voice),
        (file("document", "application/pdf"), Kind::Document),
        (file("sticker", "image/webp"), Kind::Sticker),
        (
            json!({"kind": "location", "location": [32.0853, 34.7818]}),
            Kind::Location,
        ),
        (
            json!({"kind": "contacts", "contact": ["רות", "+972527654321"]}),
            Kind::Contacts,
        ),
        (
            json!({"kind": "interactive", "choice": ["yes-1", "כן"]}),
            Kind::Interactive,
        ),
        (
            json!({"kind": "reaction", "text": "👍", "reply_to": "m1"}),
            Kind::Reaction,
        ),
        (json!({"kind": "order", "text": "two chairs"}), Kind::Order),
        (json!({"kind": "system", "text": "changed the number"}), Kind::System),
        (json!({"kind": "hologram", "text": "x"}), Kind::Unsupported),
    ]
}

fn from(person: &str, mut letter: Value) -> Value {
    letter["from"] = json!(person);
    letter["name"] = json!("דנה");
    letter
}

async fn every_kind_is_read(subject: &Subject) {
    for (letter, kind) in letters() {
        let world = World::quiet(subject).await;
        let told = world.write(subject, from(PERSON, letter.clone())).await;
        let hooks = world.hooks();
        assert_signed(subject, &hooks[0]);
        let all = messages(world.events(subject));
        assert_eq!(all.len(), 1, "{letter}");
        let message = &all[0];
        assert_eq!(
            (message.kind, told["id"].as_str()),
            (kind, Some(message.carrier_id.as_str())),
            "{letter}"
        );
        assert_eq!(message.chat.first(), Some(&to_person()));
        assert_eq!(message.profile_name.as_deref(), Some("דנה"));
        assert!(!message.from_me && !message.backlog && !message.raw.is_null());
        check(&letter, message);
    }
}

fn check(letter: &Value, message: &Inbound) {
    assert_eq!(
        message.media.len(),
        usize::from(letter.get("file").is_some()),
        "{letter}"
    );
    if let Some(said) = letter["text"]
        .as_str()
        .filter(|_| message.kind == Kind::Text || message.kind == Kind::Reaction)
    {
        assert_eq!(message.text.as_deref(), Some(said));
    }
    if letter.get("location").is_some() {
        assert!(
            message
                .location
                .as_ref()
                .is_some_and(|place| (place.latitude - 32.0853).abs() < 1e-9)
        );
    }
    if letter.get("choice").is_some() {
        assert_eq!(
            (message.choice.as_deref(), message.text.as_deref()),
            (Some("yes-1"), Some("כן"))
        );
    }
    if letter.get("reply_to").is_some() {
        assert_eq!(message.reply_to.as_deref(), Some("m1"));
    }
}

/// As the server's door would check it.
fn assert_signed(subject: &Subject, hook: &Hook) {
    let header = |name: &str| hook.headers[name].to_str().unwrap().to_owned();
    let keyed = |secret: &str, text: &[u8], given: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let digits = given.strip_prefix("sha256=").expect("the algorithm");
        let tag: Vec<u8> = (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
            .collect();
        hmac::verify(&key, text, &tag).expect("its signature");
    };
    match subject.carrier {
        Carrier::Twilio => {
            let fields: Vec<_> = url::form_urlencoded::parse(&hook.body).into_owned().collect();
            let url = format!("https://agent.example.com{}", hook.target);
            assert_eq!(header("x-twilio-signature"), sign::signature(TOKEN, &url, &fields));
        }
        Carrier::Meta => {
            let secret = simulator::standins::whatsapp_meta::Account::default().app_secret;
            keyed(&secret, &hook.body, &header("x-hub-signature-256"));
        }
        Carrier::Baileys => {
            let seconds = header(signing::TIMESTAMP_HEADER).parse().unwrap();
            let signed = signing::text(seconds, "POST", &hook.target, &hook.body);
            keyed(SECRET, &signed, &header(signing::SIGNATURE_HEADER));
        }
    }
}

async fn somebody_may_hide_the_phone(subject: &Subject) {
    let world = World::quiet(subject).await;
    world.write(subject, from(subject.hidden, json!({"text": "x"}))).await;
    let all = messages(world.events(subject));
    let expected = match subject.carrier {
        Carrier::Baileys => Address::Lid(subject.hidden.trim_end_matches("@lid").to_owned()),
        _ => Address::Bsuid(subject.hidden.to_owned()),
    };
    assert_eq!(all[0].chat, std::slice::from_ref(&expected));
    // And is answered there.
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    let mut answer = text("m1");
    answer.to = expected;
    carrier.send(&answer).await.expect("taken");
    let to = &(subject.sent)(&world.standins)[0].to;
    assert!(to.ends_with(subject.hidden), "{to}");
    // A carrier that does not know such an address says so without asking.
    answer.to = match subject.carrier {
        Carrier::Baileys => Address::Bsuid("IL.1".to_owned()),
        _ => Address::Lid("1".to_owned()),
    };
    assert_eq!(
        carrier.send(&answer).await.expect_err("no such address").word(),
        "refused"
    );
}

async fn changes_name_what_they_change(subject: &Subject) {
    if !subject.knows_edits {
        return;
    }
    let world = World::quiet(subject).await;
    world
        .write(subject, from(PERSON, json!({"text": "new", "edits": "old"})))
        .await;
    world.write(subject, from(PERSON, json!({"deletes": "old"}))).await;
    let all = messages(world.events(subject));
    let old = || "old".to_owned();
    assert_eq!(all[0].alters, Some(Alters::Edit { carrier_id: old() }));
    assert_eq!(all[0].text.as_deref(), Some("new"));
    assert_eq!(all[1].alters, Some(Alters::Delete { carrier_id: old() }));
}

/// What they do to the message is the server's; here each must arrive as what it is, in the order in which it came.
async fn statuses_come_in_every_order(subject: &Subject) {
    let world = World::quiet(subject).await;
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    let id = carrier
        .send(&text("m1"))
        .await
        .expect("taken")
        .carrier_id
        .expect("an id");
    let words = ["sent", "delivered", "read", "failed"];
    let known = [Status::Sent, Status::Delivered, Status::Read, Status::Failed];
    for order in permutations(words.len()) {
        world.forget_hooks();
        for n in &order {
            let code = (words[*n] == "failed").then_some(131_026);
            world
                .control(
                    subject,
                    "POST",
                    "status",
                    &json!({"id": id, "status": words[*n], "code": code}),
                )
                .await;
        }
        let told = news(world.events(subject));
        let statuses: Vec<Status> = told.iter().map(|news| news.status).collect();
        let expected: Vec<Status> = order.iter().map(|n| known[*n]).collect();
        assert_eq!(statuses, expected);
        assert!(told.iter().all(|news| news.carrier_id == id));
        if subject.carrier != Carrier::Twilio {
            assert!(told.iter().all(|news| news.id.as_deref() == Some("m1")));
        }
        let failed = told
            .iter()
            .find(|news| news.status == Status::Failed)
            .expect("one that failed");
        assert_eq!(failed.code.as_deref(), Some("131026"));
    }
}

fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let with = |shorter: Vec<usize>| {
        (0..count).map(move |place| {
            let mut longer = shorter.clone();
            longer.insert(place, count - 1);
            longer
        })
    };
    permutations(count - 1).into_iter().flat_map(with).collect()
}

async fn a_duplicate_is_the_same_twice(subject: &Subject) {
    let world = World::quiet(subject).await;
    world
        .write(subject, from(PERSON, json!({"text": "x", "copies": 3, "id": "SAME1"})))
        .await;
    let all = messages(world.events(subject));
    let ids: HashSet<&str> = all.iter().map(|message| message.carrier_id.as_str()).collect();
    assert_eq!((all.len(), ids), (3, HashSet::from(["SAME1"])));
    assert!(
        all.iter()
            .all(|message| message.chat == all[0].chat && message.account == all[0].account)
    );
}

/// In one webhook where the carrier does that; with rubbish between them.
async fn a_hundred_are_a_hundred(subject: &Subject) {
    let world = World::quiet(subject).await;
    let kinds = letters();
    let many: Vec<Value> = (0..100)
        .map(|n| {
            let (letter, _) = &kinds[n % kinds.len()];
            let mut letter = from(&format!("+9725012345{:02}", n % 50), letter.clone());
            letter["id"] = json!(format!("ID{n}"));
            letter
        })
        .collect();
    if subject.carrier == Carrier::Meta {
        let rubbish = json!([null, 5, "text", [], {}, {"id": "x"}, {"from": "972501234567", "type": "text"}]);
        world
            .control(subject, "POST", "batch", &json!({"letters": many, "rubbish": rubbish}))
            .await;
        assert_eq!(world.hooks().len(), 1);
    } else {
        world.control(subject, "POST", "inbound", &json!(many)).await;
    }
    let events = world.events(subject);
    let others = events
        .iter()
        .filter(|event| matches!(event, Event::Other { .. }))
        .count();
    assert_eq!(others, if subject.carrier == Carrier::Meta { 8 } else { 0 });
    let all = messages(events);
    let ids: Vec<String> = all.iter().map(|message| message.carrier_id.clone()).collect();
    let expected: Vec<String> = (0..100).map(|n| format!("ID{n}")).collect();
    assert_eq!(ids, expected);
    for (n, message) in all.iter().enumerate() {
        assert_eq!(message.kind, kinds[n % kinds.len()].1);
        let phone = Phone::parse(&format!("+9725012345{:02}", n % 50)).expect("a phone");
        assert_eq!(
            message.chat.first(),
            Some(&Address::Phone(phone)),
            "each has its own sender"
        );
    }
}
