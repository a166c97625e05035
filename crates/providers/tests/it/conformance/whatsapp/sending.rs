//! What goes out, what is refused, and what is found again.

use chrono::TimeDelta;
use contracts::whatsapp::{Body, Carrier, Found, Kind, Quoted, Sought, Status, Template};
use kernel::{Clock, TestClock};
use serde_json::json;

use super::{
    Subject, World,
    world::{outgoing, text, to_person},
};

pub async fn conforms(subject: &Subject) {
    each_kind_goes_out_once(subject).await;
    what_is_refused_is_told_by_its_code(subject).await;
    a_limit_says_how_long(subject).await;
    a_stranger_to_the_account_may_not_send(subject).await;
    what_is_too_much_is_not_even_tried(subject).await;
    a_lost_message_is_looked_for(subject).await;
}

fn bodies() -> Vec<Body> {
    let file = |kind, mime_type: &str| Body::Media {
        kind,
        url: "https://agent.example.com/media/files/t".to_owned(),
        mime_type: mime_type.to_owned(),
        file_name: Some("הצעה.pdf".to_owned()),
        caption: Some("ההצעה".to_owned()),
    };
    vec![
        Body::Text("שלום\nשורה שנייה 🙂 \"מרכאות\" & = +".to_owned()),
        file(Kind::Image, "image/jpeg"),
        file(Kind::Voice, "audio/ogg"),
        file(Kind::Document, "application/pdf"),
        Body::Template(Template {
            reference: "HX00000000000000000000000000000001".to_owned(),
            language: "he".to_owned(),
            variables: vec![
                ("1".to_owned(), "דנה \"הגדולה\"".to_owned()),
                ("2".to_owned(), "09:00".to_owned()),
            ],
            text: "דנה, נתראה ב־09:00".to_owned(),
        }),
    ]
}

async fn each_kind_goes_out_once(subject: &Subject) {
    let world = World::quiet(subject).await;
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    assert_eq!(carrier.carrier(), subject.carrier);
    assert!(carrier.connection().await.expect("an answer").connected);
    for (n, body) in bodies().into_iter().enumerate() {
        let mut message = outgoing(&format!("m{n}"), body.clone());
        message.reply_to = Some(Quoted {
            carrier_id: "wamid.theirs".to_owned(),
            text: Some("מתי אתם פתוחים?".to_owned()),
            from_me: false,
        });
        let accepted = carrier
            .send(&message)
            .await
            .unwrap_or_else(|fault| panic!("{body:?}: {fault}"));
        assert!(matches!(accepted.status, Status::Sending | Status::Sent));
        let taken = (subject.sent)(&world.standins);
        let last = taken.last().expect("a message");
        assert_eq!(taken.len(), n + 1);
        assert_eq!(accepted.carrier_id.as_deref(), Some(last.id.as_str()));
        match &body {
            Body::Text(text) => assert_eq!(last.text.as_ref(), Some(text), "not a letter is lost"),
            Body::Media { url, .. } => assert_eq!(last.media_url.as_ref(), Some(url)),
            Body::Template(template) => {
                let whole = last.request.to_string();
                assert!(whole.contains("09:00"), "{whole}");
                assert!(last.template.as_ref().is_none_or(|sent| *sent == template.reference));
            }
        }
        if subject.carrier != Carrier::Twilio {
            assert_eq!(last.client_id.as_deref(), Some(message.id.as_str()));
            assert_eq!(last.reply_to.as_deref(), Some("wamid.theirs"));
        }
        if subject.carrier == Carrier::Baileys {
            assert_eq!(
                last.request["reply_to_text"], "מתי אתם פתוחים?",
                "the bridge keeps no messages"
            );
            assert_eq!(last.request["reply_to_from_me"], false);
        }
    }
}

async fn what_is_refused_is_told_by_its_code(subject: &Subject) {
    let world = World::quiet(subject).await;
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    for (code, status, word) in subject.refusals {
        world
            .trouble(subject, json!({"kind": "refuse", "code": code, "status": status}))
            .await;
        let fault = carrier.send(&text("m1")).await.expect_err(code);
        assert_eq!(fault.word(), *word, "{code}: {fault}");
        if *word != "unknown" {
            assert_eq!(fault.code(), Some(*code), "{fault}");
        }
    }
    assert!((subject.sent)(&world.standins).is_empty());
    carrier.send(&text("m1")).await.expect("and then it goes");
}

async fn a_limit_says_how_long(subject: &Subject) {
    let world = World::quiet(subject).await;
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    for retry_after in [Some(7), None] {
        world
            .trouble(subject, json!({"kind": "limit", "retry_after": retry_after}))
            .await;
        match carrier.send(&text("m1")).await.expect_err("limited") {
            contracts::whatsapp::SendFault::Later {
                retry_after_seconds, ..
            } => assert_eq!(retry_after_seconds, retry_after),
            other => panic!("{other}"),
        }
    }
    assert!((subject.sent)(&world.standins).is_empty());
}

/// The stand-ins know other credentials.
async fn a_stranger_to_the_account_may_not_send(subject: &Subject) {
    let strangers = simulator::standins::start(simulator::standins::Settings {
        auth_token: "another".to_owned(),
        meta: simulator::standins::whatsapp_meta::Account {
            token: "another".to_owned(),
            ..Default::default()
        },
        ..Default::default()
    })
    .await
    .expect("stand-ins");
    let carrier = (subject.make)(&strangers.base, Clock::System);
    assert_eq!(carrier.send(&text("m1")).await.expect_err("refused").word(), "unusable");
    assert!((subject.sent)(&strangers).is_empty());
}

async fn what_is_too_much_is_not_even_tried(subject: &Subject) {
    if subject.carrier == Carrier::Baileys {
        return;
    }
    let world = World::quiet(subject).await;
    let carrier = (subject.make)(&world.standins.base, Clock::System);
    let long = outgoing("m1", Body::Text("ש".repeat(4_097)));
    assert_eq!(carrier.send(&long).await.expect_err("too long").word(), "refused");
    assert!((subject.sent)(&world.standins).is_empty());
}

async fn a_lost_message_is_looked_for(subject: &Subject) {
    let world = World::quiet(subject).await;
    let clock = TestClock::at(Clock::System.now());
    let carrier = (subject.make)(&world.standins.base, Clock::Test(clock.clone()));
    let lost = Sought {
        id: "m1".to_owned(),
        from: None,
        to: to_person(),
        text: Some("שלום m1".to_owned()),
        sent_at: clock.now(),
    };
    assert_eq!(
        carrier.find(&lost).await.expect("an answer"),
        Found::Unclear,
        "it may be on its way"
    );
    clock.advance(TimeDelta::minutes(4));
    carrier.send(&text("m2")).await.expect("another");
    world
        .trouble(subject, json!({"kind": "broken", "status": 502, "taken": true}))
        .await;
    assert_eq!(
        carrier.send(&text("m1")).await.expect_err("no answer").word(),
        "unknown"
    );
    let found = carrier.find(&lost).await.expect("an answer");
    let taken = (subject.sent)(&world.standins);
    let there = Found::There {
        carrier_id: taken[1].id.clone(),
        status: Status::Sending,
    };
    assert_eq!(found, if subject.finds { there } else { Found::Unclear });
    never_came(subject, &clock, lost).await;
}

async fn never_came(subject: &Subject, clock: &TestClock, lost: Sought) {
    let world = World::quiet(subject).await;
    let carrier = (subject.make)(&world.standins.base, Clock::Test(clock.clone()));
    world
        .trouble(subject, json!({"kind": "broken", "status": 502, "taken": false}))
        .await;
    assert_eq!(
        carrier.send(&text("m1")).await.expect_err("no answer").word(),
        "unknown"
    );
    if subject.carrier == Carrier::Twilio {
        clock.advance(TimeDelta::minutes(20));
    }
    let never = Sought {
        id: "m9".to_owned(),
        text: Some("other words".to_owned()),
        ..lost
    };
    let expected = if subject.finds { Found::Nowhere } else { Found::Unclear };
    assert_eq!(carrier.find(&never).await.expect("an answer"), expected);
    if subject.carrier == Carrier::Twilio {
        for id in ["m3", "m4"] {
            carrier
                .send(&outgoing(id, Body::Text("twice".to_owned())))
                .await
                .expect("taken");
        }
        let twice = Sought {
            text: Some("twice".to_owned()),
            sent_at: Clock::System.now(),
            ..never
        };
        assert_eq!(
            carrier.find(&twice).await.expect("an answer"),
            Found::Unclear,
            "two fit"
        );
    }
}
