use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

use super::*;

/// Requests signed by Twilio's own Python library; see `fixtures/generate.py`.
const SIGNED: &str = include_str!("../fixtures/signatures.json");

#[derive(Deserialize)]
struct Signed {
    token: String,
    cases: Vec<Case>,
}

#[derive(Clone, Deserialize)]
struct Case {
    name: String,
    origin: String,
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Case {
    fn headers(&self) -> HeaderMap {
        self.headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                    HeaderValue::from_str(value).expect("a value"),
                )
            })
            .collect()
    }

    fn verify(&self, token: Option<&str>) -> Result<Verified<Form>, Refusal> {
        let headers = self.headers();
        Check {
            token,
            origins: std::slice::from_ref(&self.origin),
        }
        .verify(Incoming {
            is_get: self.method == "GET",
            target: &self.target,
            headers: &headers,
            body: self.body.as_bytes(),
        })
    }
}

fn signed() -> Signed {
    serde_json::from_str(SIGNED).expect("the fixture")
}

#[test]
fn what_twilios_own_library_signs_is_accepted() {
    let signed = signed();
    assert!(signed.cases.len() > 20);
    for case in signed.cases {
        let form = case
            .verify(Some(&signed.token))
            .unwrap_or_else(|why| panic!("{}: {why:?}", case.name));
        assert_eq!(form.get("CallSid"), Some("CA5f1e"), "{}", case.name);
        assert!(form.is_signed());
    }
}

#[test]
fn one_changed_byte_is_refused() {
    let signed = signed();
    for case in signed.cases {
        let token = Some(signed.token.as_str());
        let mut body = case.clone();
        body.body = case.body.replacen("CA5f1e", "CA5f1f", 1);
        body.target = case.target.replacen("CA5f1e", "CA5f1f", 1);
        assert_eq!(body.verify(token).err(), Some(Refusal::WrongSignature), "{}", case.name);
        let mut path = case.clone();
        path.target = case.target.replacen("webhook", "webhooc", 1);
        assert_eq!(path.verify(token).err(), Some(Refusal::WrongSignature), "{}", case.name);
        let signature = case.headers[SIGNATURE].clone();
        for at in 0..signature.len() {
            let mut other = signature.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let mut case = case.clone();
            case.headers
                .insert(SIGNATURE.to_owned(), String::from_utf8(other).expect("ascii"));
            assert_eq!(case.verify(token).err(), Some(Refusal::WrongSignature), "{}", case.name);
        }
        assert!(case.verify(Some("another-token")).is_err(), "{}", case.name);
    }
}

#[test]
fn no_signature_is_refused_unless_there_is_no_token() {
    let signed = signed();
    let mut case = signed.cases[0].clone();
    case.headers.remove(SIGNATURE);
    assert_eq!(case.verify(Some(&signed.token)).err(), Some(Refusal::Unsigned));
    let form = case.verify(None).expect("development");
    assert!(!form.is_signed());
}

#[test]
fn any_of_several_origins_will_do() {
    let signed = signed();
    let case = &signed.cases[0];
    let headers = case.headers();
    let origins = ["https://other.example.com".to_owned(), case.origin.clone()];
    let check = Check {
        token: Some(&signed.token),
        origins: &origins,
    };
    let incoming = Incoming {
        is_get: false,
        target: &case.target,
        headers: &headers,
        body: case.body.as_bytes(),
    };
    assert!(check.verify(incoming).is_ok());
}

#[test]
fn the_media_sockets_upgrade_is_signed_over_wss() {
    let origins = ["https://voice.example.com".to_owned()];
    let key = Key::new("token", "").expect("a key");
    let check = Check {
        token: Some("token"),
        origins: &origins,
    };
    let mut headers = HeaderMap::new();
    assert_eq!(
        check.verify_upgrade("/ws/twilio-media", &headers),
        Err(Refusal::Unsigned)
    );
    let signature = key.sign(&["wss://voice.example.com/ws/twilio-media"]);
    headers.insert(SIGNATURE, HeaderValue::from_str(&signature).expect("ascii"));
    assert_eq!(check.verify_upgrade("/ws/twilio-media", &headers), Ok(()));
    assert_eq!(
        check.verify_upgrade("/ws/other", &headers),
        Err(Refusal::WrongSignature)
    );
}

#[test]
fn a_handshake_may_be_signed_with_or_without_the_last_slash() {
    let origins = ["https://voice.example.com".to_owned()];
    let key = Key::new("token", "").expect("a key");
    let check = Check {
        token: Some("token"),
        origins: &origins,
    };
    for (asked, signed, taken) in [
        ("/ws/twilio-media", "/ws/twilio-media/", true),
        ("/ws/twilio-media/", "/ws/twilio-media", true),
        ("/ws/twilio-media?x=1", "/ws/twilio-media/?x=1", true),
        ("/ws/twilio-media", "/ws/twilio-media//", false),
        ("/ws/twilio-media", "/ws/twilio-medi", false),
    ] {
        for port in ["", ":443"] {
            let mut headers = HeaderMap::new();
            let signature = key.sign(&["wss://voice.example.com", port, signed]);
            headers.insert(SIGNATURE, HeaderValue::from_str(&signature).expect("ascii"));
            let verdict = check.verify_upgrade(asked, &headers);
            assert_eq!(verdict.is_ok(), taken, "{asked} signed as {port}{signed}");
        }
    }
}

#[test]
fn ports_are_told_from_addresses() {
    assert_eq!(with_port("https://[::1]"), "https://[::1]:443");
    assert_eq!(without_port("http://[::1]:5000"), "http://[::1]");
    assert_eq!(with_port("http://a.example"), "http://a.example:80");
}

proptest! {
    #[test]
    fn nothing_that_comes_panics(target in "/\\PC{0,60}", body in "\\PC{0,60}", signature in "[ -~]{0,60}", origin in "\\PC{0,30}") {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, HeaderValue::from_str(&signature).expect("visible"));
        let origins = [origin];
        let check = Check { token: Some("token"), origins: &origins };
        let incoming = Incoming { is_get: false, target: &target, headers: &headers, body: body.as_bytes() };
        prop_assert!(check.verify(incoming).is_err());
    }
}
