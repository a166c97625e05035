use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use contracts::telephony::{CallState, Telephony};
use kernel::SecretString;
use providers::telephony::twilio::{Settings, Twilio};
use tokio::time::Instant;
use url::Url;

use crate::{
    conformance::{
        assert_fault,
        telephony::{Subject, conforms, new_call},
    },
    http,
    stand_in::{Reply, StandIn},
};

fn account(base: Url) -> Twilio {
    let settings = Settings {
        base,
        account_sid: "AC1".to_owned(),
        auth_token: SecretString::from("token"),
    };
    Twilio::new(http(), settings)
}

fn basic() -> String {
    format!("Basic {}", BASE64_STANDARD.encode("AC1:token"))
}

const CALL: &str = r#"{"sid":"CA1","status":"completed","duration":"42","price":null}"#;

#[tokio::test]
async fn it_conforms() {
    conforms(Subject {
        make: account,
        content_type: "application/json",
        over: CALL.into(),
        recording: "2010-04-01/Accounts/AC1/Recordings/RE1",
    })
    .await;
}

#[tokio::test]
async fn the_state_of_a_call_is_read() {
    let server = StandIn::answering(Reply::ok("application/json", CALL)).await;
    let state = account(server.base.clone()).call_state("CA1").await.unwrap();
    assert_eq!(
        state,
        Some(CallState {
            status: "completed".to_owned(),
            duration_seconds: Some(42)
        })
    );
    let seen = &server.seen()[0];
    assert_eq!(seen.uri.path(), "/2010-04-01/Accounts/AC1/Calls/CA1.json");
    assert_eq!(seen.header("authorization"), basic());
    assert_eq!(seen.header("x-request-id"), "request-1");
}

#[tokio::test]
async fn a_call_that_is_not_known_is_no_fault() {
    let server = StandIn::answering(Reply::status(404, "application/json", r#"{"code":20404}"#)).await;
    assert_eq!(account(server.base.clone()).call_state("CA1").await.unwrap(), None);
}

#[tokio::test]
async fn a_read_is_repeated_and_a_write_is_not() {
    let broken = Reply::status(500, "text/plain", "");
    let server = StandIn::answering_in_turn(vec![broken.clone(), broken, Reply::ok("application/json", CALL)]).await;
    assert!(account(server.base.clone()).call_state("CA1").await.unwrap().is_some());
    assert_eq!(server.seen().len(), 3);

    let server = StandIn::answering(Reply::status(500, "text/plain", "")).await;
    let fault = account(server.base.clone()).hang_up("CA1").await.unwrap_err();
    assert_fault(&fault, "a broken server", &["unknown"]);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_running_call_is_hung_up_and_redirected() {
    let server = StandIn::answering(Reply::ok("application/json", CALL)).await;
    let account = account(server.base.clone());
    account.hang_up("CA1").await.unwrap();
    account.redirect("CA1", "<Response><Hangup/></Response>").await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].text(), "Status=completed");
    assert_eq!(seen[1].text(), "Twiml=%3CResponse%3E%3CHangup%2F%3E%3C%2FResponse%3E");
    assert!(seen.iter().all(|seen| seen.header("authorization") == basic()));
}

#[tokio::test]
async fn a_call_is_placed() {
    let server = StandIn::answering(Reply::status(201, "application/json", CALL)).await;
    assert_eq!(
        account(server.base.clone()).place_call(new_call()).await.unwrap(),
        "CA1"
    );
    let seen = &server.seen()[0];
    assert_eq!(seen.uri.path(), "/2010-04-01/Accounts/AC1/Calls.json");
    for field in [
        "To=%2B972501234567",
        "Timeout=25",
        "StatusCallbackEvent=completed",
        "Twiml=%3CResponse%2F%3E",
    ] {
        assert!(seen.text().contains(field), "{field}");
    }
}

#[tokio::test]
async fn what_twilio_refuses_is_a_fault_that_names_no_number() {
    let refused = Reply::status(
        400,
        "application/json",
        r#"{"code":21211,"message":"secret words +972501234567"}"#,
    );
    let server = StandIn::answering(refused).await;
    let fault = account(server.base.clone()).hang_up("CA1").await.unwrap_err();
    assert_fault(&fault, "a refused number", &["rejected"]);
    assert!(fault.to_string().contains("21211"));
}

#[tokio::test]
async fn a_redirect_is_no_hang_up() {
    let server = StandIn::answering(Reply::redirect("/elsewhere")).await;
    let fault = account(server.base.clone()).hang_up("CA1").await.unwrap_err();
    assert_fault(&fault, "a redirect", &["rejected"]);
}

#[tokio::test]
async fn a_sid_cannot_change_the_path() {
    let server = StandIn::answering(Reply::ok("application/json", CALL)).await;
    for sid in ["", "../../x", "CA1/Recordings", "CA1?x=1", "CA1#"] {
        assert_eq!(
            account(server.base.clone()).call_state(sid).await.unwrap_err().word(),
            "rejected"
        );
    }
    assert!(server.seen().is_empty());
}

fn recording_of(server: &StandIn) -> String {
    server
        .base
        .join("2010-04-01/Accounts/AC1/Recordings/RE1")
        .unwrap()
        .to_string()
}

#[tokio::test]
async fn a_recording_is_downloaded_as_mp3() {
    let server = StandIn::answering(Reply::ok("audio/mpeg", "mp3")).await;
    let bytes = account(server.base.clone())
        .recording(&recording_of(&server))
        .await
        .unwrap();
    assert_eq!(bytes, Some(Bytes::from_static(b"mp3")));
    let seen = &server.seen()[0];
    assert_eq!(seen.uri.path(), "/2010-04-01/Accounts/AC1/Recordings/RE1.mp3");
    assert_eq!(seen.header("authorization"), basic());
}

#[tokio::test]
async fn a_recording_that_is_not_there_yet_is_no_fault() {
    let server = StandIn::answering(Reply::status(404, "text/xml", "")).await;
    assert_eq!(
        account(server.base.clone())
            .recording(&recording_of(&server))
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_redirect_back_to_the_api_host_is_followed_with_credentials() {
    let moved = Reply::redirect("/elsewhere.mp3");
    let server = StandIn::answering_in_turn(vec![moved, Reply::ok("audio/mpeg", "mp3")]).await;
    assert!(
        account(server.base.clone())
            .recording(&recording_of(&server))
            .await
            .unwrap()
            .is_some()
    );
    let seen = server.seen();
    assert_eq!(seen[1].uri.path(), "/elsewhere.mp3");
    assert_eq!(seen[1].header("authorization"), basic());
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let inside = StandIn::answering(Reply::ok("audio/mpeg", "the metadata service")).await;
    let port = inside.base.port().unwrap();
    for target in [
        inside.base.to_string(),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://0x7f000001:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let server = StandIn::answering(Reply::redirect(&target)).await;
        let fault = account(server.base.clone())
            .recording(&recording_of(&server))
            .await
            .unwrap_err();
        assert_fault(&fault, &target, &["rejected"]);
    }
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn redirects_without_end_are_given_up() {
    let server = StandIn::answering(Reply::redirect("/again")).await;
    let fault = account(server.base.clone())
        .recording(&recording_of(&server))
        .await
        .unwrap_err();
    assert_fault(&fault, "redirects", &["unknown"]);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_recording_without_end_is_cut_and_one_that_breaks_off_is_a_fault() {
    let endless = Reply::Endless {
        content_type: "audio/mpeg",
        piece: Bytes::from(vec![0; 1024 * 1024]),
    };
    let broken = Reply::Broken {
        content_type: "audio/mpeg",
        beginning: Bytes::from_static(b"half"),
    };
    for reply in [endless, broken] {
        let server = StandIn::answering(reply).await;
        let fault = account(server.base.clone())
            .recording(&recording_of(&server))
            .await
            .unwrap_err();
        assert_fault(&fault, "a bad recording", &["unknown"]);
    }
}

#[tokio::test]
async fn nobody_else_is_asked_for_a_recording() {
    let other = StandIn::answering(Reply::ok("audio/mpeg", "mp3")).await;
    let server = StandIn::answering(Reply::ok("audio/mpeg", "mp3")).await;
    let fault = account(server.base.clone())
        .recording(&recording_of(&other))
        .await
        .unwrap_err();
    assert_fault(&fault, "another host", &["rejected"]);
    assert!(other.seen().is_empty() && server.seen().is_empty());
}

#[tokio::test]
async fn a_long_retry_after_is_left_to_the_job() {
    let server = StandIn::answering(Reply::limited(60)).await;
    let began = Instant::now();
    let fault = account(server.base.clone())
        .recording(&recording_of(&server))
        .await
        .unwrap_err();
    assert!(
        matches!(
            fault,
            contracts::Fault::Unavailable {
                retry_after_seconds: Some(60),
                ..
            }
        ),
        "{fault}"
    );
    assert!(began.elapsed() < Duration::from_secs(2));
}
