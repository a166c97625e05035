use contracts::mail::Mailer;
use providers::mail::smtp::{Server, Settings, Smtp, sender};
use url::Url;

use crate::conformance::{
    assert_fault,
    mail::{conforms, letter, server},
};

fn at(url: &Url) -> Smtp {
    Smtp::new(Settings {
        server: Server::parse(url.as_str()).expect("a server"),
        from: sender("העסק <office@example.com>").expect("a sender"),
    })
}

#[tokio::test]
async fn it_conforms() {
    conforms(at).await;
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_does_not_encrypt() {
    let server = server(Some(("office", "secret words"))).await;
    let mut url = server.url.clone();
    url.set_query(Some("tls=required"));
    let fault = at(&url).send(&letter()).await.expect_err("plain text");
    assert_fault(&fault, "plain text", &["misconfigured"]);
    let said = server.state.conversations().concat();
    assert!(
        said.iter().all(|line| line.starts_with("EHLO") || line == "QUIT"),
        "{said:?}"
    );
}

#[tokio::test]
async fn who_has_no_name_does_not_sign_in() {
    let server = server(None).await;
    at(&server.url).send(&letter()).await.expect("taken");
    let said = server.state.conversations().concat();
    assert!(!said.iter().any(|line| line.starts_with("AUTH")));
    assert_eq!(said.last().map(String::as_str), Some("QUIT"));
    assert_eq!(
        server.state.letters()[0].header("From").as_deref(),
        Some("העסק <office@example.com>")
    );
}
