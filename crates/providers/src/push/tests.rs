use std::collections::HashMap;

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey},
};
use base64::Engine;
use contracts::push::Urgency;
use serde_json::Value;

use super::{keys::BASE64, *};

fn bytes(text: &str) -> Vec<u8> {
    BASE64.decode(text).expect("base64url")
}

/// What is given in a vector: names and base64url.
fn sealed_again(given: &HashMap<&str, &str>) -> String {
    let target = Target {
        endpoint: "https://push.example.net/x".to_owned(),
        p256dh: given["p256dh"].to_owned(),
        auth: given["auth"].to_owned(),
    };
    let own = PrivateKey::from_private_key(&ECDH_P256, &bytes(given["own_private"])).expect("a key");
    let salt = bytes(given["salt"]).try_into().expect("a salt");
    let browser = encryption::Browser::read(&target).expect("keys");
    BASE64.encode(encryption::seal_with(&browser, given["text"].as_bytes(), &own, salt).expect("sealed"))
}

#[test]
fn the_vector_of_the_standard() {
    // RFC 8291, section 5 and appendix A.
    let given = HashMap::from([
        (
            "p256dh",
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        ),
        ("auth", "BTBZMqHH6r4Tts7J_aSIgg"),
        ("own_private", "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        ("salt", "DGv6ra1nlYgDCS1FRnbzlw"),
        ("text", "When I grow up, I want to be a watermelon"),
    ]);
    assert_eq!(
        sealed_again(&given),
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl\
         7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    );
}

#[test]
fn another_implementation_makes_the_same_bytes() {
    let fixture: Value = serde_json::from_str(include_str!("fixtures/http_ece.json")).expect("JSON");
    let given: HashMap<&str, &str> = fixture
        .as_object()
        .expect("an object")
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    assert_eq!(sealed_again(&given), given["body"]);
}

fn vapid() -> Vapid {
    let keys = Keys::read(&Keys::generate().expect("keys"), None).expect("keys");
    Vapid::new(keys, "mailto:office@example.com".to_owned())
}

fn target() -> Target {
    let point = PrivateKey::generate(&ECDH_P256)
        .expect("a key")
        .compute_public_key()
        .expect("a point");
    Target {
        endpoint: "https://push.example.net:8443/send/secret?x=1".to_owned(),
        p256dh: BASE64.encode(point.as_ref()),
        auth: BASE64.encode([7; 16]),
    }
}

fn message(bytes: usize) -> Message {
    Message {
        payload: vec![b'x'; bytes],
        ttl_seconds: 60,
        topic: Some("t1".to_owned()),
        urgency: Urgency::High,
    }
}

#[test]
fn the_server_signs_for_the_push_services_origin_and_for_half_a_day() {
    let vapid = vapid();
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let sealed = vapid.seal(&target(), &message(10), now).expect("sealed");
    let headers: HashMap<_, _> = sealed.headers.into_iter().collect();
    assert_eq!(
        (
            headers["ttl"].as_str(),
            headers["topic"].as_str(),
            headers["urgency"].as_str()
        ),
        ("60", "t1", "high")
    );
    assert_eq!(headers["content-encoding"], "aes128gcm");
    let (token, key) = headers["authorization"]
        .strip_prefix("vapid t=")
        .and_then(|rest| rest.split_once(", k="))
        .expect("a token and a key");
    assert_eq!(key, vapid.public_key());
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key))
        .verify(signed.as_bytes(), &bytes(signature))
        .expect("its own signature");
    let claims: Value = serde_json::from_slice(&bytes(signed.split_once('.').expect("two parts").1)).expect("JSON");
    assert_eq!(claims["aud"], "https://push.example.net:8443");
    assert_eq!(claims["sub"], "mailto:office@example.com");
    assert_eq!(claims["exp"], 1_800_000_000 + 12 * 3600);
}

#[test]
fn what_is_sent_fits_and_no_two_are_alike() {
    let (vapid, target) = (vapid(), target());
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let seal = |bytes| vapid.seal(&target, &message(bytes), now);
    assert_eq!(seal(MOST_BYTES).expect("sealed").body.len(), 4096);
    assert!(matches!(seal(MOST_BYTES + 1), Err(Fault::Rejected(_))));
    assert_ne!(seal(5).expect("sealed").body, seal(5).expect("sealed").body);
}

#[test]
fn keys_that_are_none_are_refused() {
    let vapid = vapid();
    let good = target();
    assert!(vapid.check(&good).is_ok());
    let mut off_the_curve = vec![4];
    off_the_curve.extend([1; 64]);
    for (p256dh, auth) in [
        (String::new(), good.auth.clone()),
        (BASE64.encode([4; 64]), good.auth.clone()),
        (BASE64.encode(off_the_curve), good.auth.clone()),
        (good.p256dh.clone(), "short".to_owned()),
        ("!".repeat(87), good.auth.clone()),
    ] {
        let bad = Target {
            p256dh,
            auth,
            ..good.clone()
        };
        assert!(matches!(vapid.check(&bad), Err(Fault::Rejected(_))), "{bad:?}");
    }
    for private in ["", "AAAA", &BASE64.encode([0; 32]), &BASE64.encode([255; 32])] {
        assert!(Keys::read(&private.to_owned().into(), None).is_err(), "{private}");
    }
    let (one, two) = (Keys::generate().expect("keys"), self::vapid().public_key());
    assert!(Keys::read(&one, Some(&two)).is_err());
}
