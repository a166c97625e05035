//! Files that messages brought.

use contracts::whatsapp::{Event, MediaSource};
use kernel::Clock;
use serde_json::{Value, json};

use super::{Subject, World, world::PERSON};
use crate::conformance::assert_fault;

pub async fn conforms(subject: &Subject) {
    let (world, source, id) = with_file(subject).await;
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    let file = carrier.media(&source, 3).await.expect("the file");
    assert_eq!(
        (&file.bytes[..], file.mime_type.as_deref()),
        (&b"abc"[..], Some("image/jpeg"))
    );
    let fault = carrier.media(&source, 2).await.expect_err("too large");
    assert_fault(&fault, "too large", &["rejected"]);
    if subject.knows_hashes {
        lose(&world, subject, &id, &json!({"wrong": true})).await;
        let fault = carrier.media(&source, 1_000).await.expect_err("another file");
        assert_fault(&fault, "another file", &["rejected"]);
    }
    lose(&world, subject, &id, &json!({"gone": true})).await;
    let fault = carrier.media(&source, 1_000).await.expect_err("gone");
    assert_fault(&fault, "gone", &["declined"]);
    asks_nobody_else(subject, &source).await;
}

async fn with_file(subject: &Subject) -> (World, MediaSource, String) {
    let world = World::quiet(subject).await;
    let letter = json!({"from": PERSON, "kind": "image", "file": {"mime_type": "image/jpeg", "content": "YWJj"}});
    let told = world.write(subject, letter).await;
    let id = told["file"].as_str().expect("a file").to_owned();
    let Some(Event::Message(message)) = world.events(subject).into_iter().next() else {
        panic!("no message")
    };
    (world, message.media[0].clone(), id)
}

async fn lose(world: &World, subject: &Subject, file: &str, how: &Value) {
    world.control(subject, "PUT", &format!("files/{file}"), how).await;
}

/// Whoever forges a webhook must not make the server fetch what it names.
async fn asks_nobody_else(subject: &Subject, source: &MediaSource) {
    let world = World::quiet(subject).await;
    let other = crate::stand_in::StandIn::answering(crate::stand_in::Reply::ok("image/jpeg", "secret words")).await;
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    for reference in [other.base.as_str(), "http://169.254.169.254/latest", "../../x", ""] {
        let foreign = MediaSource {
            reference: reference.to_owned(),
            ..source.clone()
        };
        let fault = carrier.media(&foreign, 1_000).await.expect_err(reference);
        assert_fault(&fault, reference, &["rejected", "declined"]);
    }
    assert!(other.seen().is_empty());
}
