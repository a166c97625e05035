//! The carriers of WhatsApp under their common suite.

use contracts::whatsapp::{
    Carrier, WhatsApp,
    link::{Link, Presence},
};
use kernel::{Clock, Phone, SecretString};
use providers::whatsapp::{
    baileys::{self, Baileys, BaileysReader},
    meta::{self, Meta, MetaReader},
    twilio::{self, TwilioReader, TwilioWhatsApp},
};
use serde_json::json;
use simulator::standins::{whatsapp_meta::Account, whatsapp_twilio::NUMBER};
use url::Url;

use crate::{
    conformance::whatsapp::{
        Subject, World, conforms, survives,
        world::{PERSON, SECRET, TOKEN, to_person},
    },
    http,
};

fn twilio(base: &Url, clock: Clock) -> Box<dyn WhatsApp> {
    let settings = twilio::Settings {
        base: base.clone(),
        account_sid: simulator::standins::Settings::default().account_sid,
        auth_token: SecretString::from(TOKEN),
        from: Phone::parse(NUMBER).ok(),
    };
    Box::new(TwilioWhatsApp::new(http(), settings, clock))
}

fn meta(base: &Url, _: Clock) -> Box<dyn WhatsApp> {
    let settings = meta::Settings {
        base: base.join("graph").unwrap(),
        version: meta::DEFAULT_VERSION.to_owned(),
        phone_number_id: Account::default().phone_number_id,
        token: SecretString::from(TOKEN),
        number: None,
    };
    Box::new(Meta::new(http(), settings))
}

fn bridge(base: &Url, clock: Clock) -> Baileys {
    let settings = baileys::Settings {
        base: base.clone(),
        secret: SecretString::from(SECRET),
        business_id: 1,
    };
    Baileys::new(http(), settings, clock)
}

const TWILIO: Subject = Subject {
    carrier: Carrier::Twilio,
    make: twilio,
    reader: || Box::new(TwilioReader::default()),
    sent: |standins| standins.state.whatsapp_twilio.sent(),
    control: "_whatsapp/twilio",
    session: "",
    refusals: &[
        ("63016", 400, "outside_window"),
        ("63018", 400, "later"),
        ("20429", 429, "later"),
        ("63012", 400, "unknown"),
        ("63014", 400, "refused"),
        ("21211", 400, "refused"),
        ("21614", 400, "refused"),
        ("20003", 401, "unusable"),
        ("63051", 400, "unusable"),
        ("63051", 403, "unusable"),
        ("99999", 400, "refused"),
        ("20500", 500, "unknown"),
        ("63018", 503, "unknown"),
    ],
    finds: true,
    hidden: "IL.13491208655302741918",
    knows_edits: false,
    knows_hashes: false,
};

const META: Subject = Subject {
    carrier: Carrier::Meta,
    make: meta,
    reader: || Box::new(MetaReader::default()),
    sent: |standins| standins.state.whatsapp_meta.sent(),
    control: "_whatsapp/meta",
    session: "",
    refusals: &[
        ("131047", 400, "outside_window"),
        ("1", 400, "later"),
        ("2", 400, "later"),
        ("4", 400, "later"),
        ("80007", 429, "later"),
        ("130429", 429, "later"),
        ("131056", 429, "later"),
        ("131000", 400, "later"),
        ("131016", 400, "later"),
        ("133004", 400, "later"),
        ("131026", 400, "refused"),
        ("131021", 400, "refused"),
        ("131030", 400, "refused"),
        ("131050", 400, "refused"),
        ("131048", 429, "refused"),
        ("131049", 400, "refused"),
        ("130472", 400, "refused"),
        ("368", 403, "refused"),
        ("131031", 403, "refused"),
        ("0", 401, "unusable"),
        ("3", 400, "unusable"),
        ("10", 403, "unusable"),
        ("190", 401, "unusable"),
        ("200", 403, "unusable"),
        ("299", 403, "unusable"),
        ("131005", 403, "unusable"),
        ("131042", 400, "unusable"),
        ("131045", 400, "unusable"),
        ("133010", 400, "unusable"),
        ("132000", 400, "refused"),
        ("132001", 404, "refused"),
        ("132016", 400, "refused"),
        ("132068", 400, "refused"),
        ("132069", 400, "refused"),
        ("131052", 400, "refused"),
        ("131053", 400, "refused"),
        ("100", 400, "refused"),
        ("131008", 400, "refused"),
        ("131009", 400, "refused"),
        ("131000", 500, "unknown"),
        ("131016", 503, "unknown"),
    ],
    finds: false,
    hidden: "IL.13491208655302741918",
    knows_edits: true,
    knows_hashes: true,
};

const BAILEYS: Subject = Subject {
    carrier: Carrier::Baileys,
    make: |base, clock| Box::new(bridge(base, clock)),
    reader: || Box::new(BaileysReader::default()),
    sent: |standins| standins.state.whatsapp_bridge.sent(),
    control: "_whatsapp/bridge",
    session: "/1",
    refusals: &[
        ("in_progress", 409, "unknown"),
        ("not_connected", 409, "unusable"),
        ("logged_out", 409, "unusable"),
        ("busy", 429, "later"),
        ("busy", 503, "later"),
        ("not_on_whatsapp", 422, "refused"),
        ("bad_signature", 403, "unusable"),
        ("invalid_message", 400, "refused"),
        ("something", 500, "unknown"),
    ],
    finds: true,
    hidden: "11122233344455@lid",
    knows_edits: true,
    knows_hashes: true,
};

#[tokio::test]
async fn twilio_conforms() {
    conforms(&TWILIO).await;
}

#[tokio::test]
async fn meta_conforms() {
    conforms(&META).await;
}

#[tokio::test]
async fn baileys_conforms() {
    conforms(&BAILEYS).await;
}

#[tokio::test]
async fn twilio_survives() {
    survives(&TWILIO).await;
}

#[tokio::test]
async fn meta_survives() {
    survives(&META).await;
}

#[tokio::test]
async fn baileys_survives() {
    survives(&BAILEYS).await;
}

#[tokio::test]
async fn a_session_is_linked_asked_and_ended() {
    let world = World::quiet(&BAILEYS).await;
    let bridge = bridge(&world.standins.base, Clock::System);
    let phone = Phone::parse(PERSON).unwrap();
    assert_eq!(bridge.qr().await.unwrap(), None, "linked already");
    assert_eq!(bridge.pair(&phone).await.unwrap_err().word(), "declined");
    bridge.logout().await.unwrap();
    assert!(!bridge.connection().await.unwrap().connected);
    assert!(bridge.qr().await.unwrap().unwrap().text.starts_with("2@"));
    assert!(bridge.connection().await.unwrap().qr_available);
    assert_eq!(bridge.pair(&phone).await.unwrap().len(), 8);
    assert!(bridge.on_whatsapp(&phone).await.unwrap());
    world.standins.state.whatsapp_bridge.stranger(PERSON);
    assert!(!bridge.on_whatsapp(&phone).await.unwrap());
    bridge.presence(&to_person(), Presence::Composing).await.unwrap();
    assert_eq!(
        world.standins.state.whatsapp_bridge.typing(),
        [json!({"to": PERSON, "state": "composing"})]
    );
}

#[tokio::test]
async fn a_session_that_ends_is_told() {
    let world = World::quiet(&BAILEYS).await;
    let session = json!({"connected": false, "reason": "replaced", "qr": null, "number": null});
    world.control(&BAILEYS, "PUT", "sessions/7", &session).await;
    let events = world.events(&BAILEYS);
    let contracts::whatsapp::Event::Link(news) = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!((news.account.business_id, news.connected), (Some(7), false));
    assert_eq!(news.reason.as_deref(), Some("replaced"));
}

/// The bridge takes no message for a session that is not linked, and Meta's and Twilio's window can be closed.
#[tokio::test]
async fn rules_of_the_stand_ins_are_told_as_what_they_are() {
    let world = World::quiet(&BAILEYS).await;
    let bridge = bridge(&world.standins.base, Clock::System);
    world.standins.state.whatsapp_bridge.stranger(PERSON);
    let message = crate::conformance::whatsapp::world::text("m1");
    assert_eq!(bridge.send(&message).await.unwrap_err().code(), Some("not_on_whatsapp"));
    bridge.logout().await.unwrap();
    assert_eq!(bridge.send(&message).await.unwrap_err().code(), Some("logged_out"));
    for subject in [&TWILIO, &META] {
        let world = World::quiet(subject).await;
        world
            .control(subject, "PUT", "plan", &json!({"statuses": [], "window": "refuse"}))
            .await;
        let carrier = (subject.make)(&world.standins.base, Clock::System);
        assert_eq!(carrier.send(&message).await.unwrap_err().word(), "outside_window");
        world.write(subject, json!({"from": PERSON, "text": "x"})).await;
        carrier.send(&message).await.unwrap();
    }
}
