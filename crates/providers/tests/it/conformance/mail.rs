//! What every company that takes letters must do.

use contracts::mail::{Letter, Mailer};
use kernel::Pii;
use simulator::mail::{Behaviour, Running, Settings, start};
use url::Url;

use super::assert_fault;

pub fn letter() -> Letter {
    Letter {
        id: "job-17".to_owned(),
        to: Pii::new("dana@example.com".to_owned()),
        subject: "בחירת סיסמה חדשה לחשבון שלך במערכת, בדיוק כפי שביקשת".to_owned(),
        text: "שלום דנה,\n.\n..שורה עם נקודות\nhttps://agent.example.com/reset?token=0123456789abcdef\n".to_owned(),
        html: "<p dir=\"rtl\">שלום דנה &amp; כולם</p>".to_owned(),
    }
}

pub async fn server(credentials: Option<(&str, &str)>) -> Running {
    start(Settings {
        credentials: credentials.map(|(user, password)| (user.to_owned(), password.to_owned())),
        ..Settings::default()
    })
    .await
    .expect("a mail server")
}

/// One company, made on the address of its server.
pub async fn conforms<Company: Mailer>(make: impl Fn(&Url) -> Company) {
    hands_a_letter_over_as_it_is(&make).await;
    says_what_became_of_it(&make).await;
    takes_no_address_that_is_a_command(&make).await;
}

async fn hands_a_letter_over_as_it_is<Company: Mailer>(make: &impl Fn(&Url) -> Company) {
    let server = server(Some(("office@example.com", "p:w/1"))).await;
    let company = make(&server.url);
    company.check().await.expect("it would take letters");
    assert!(server.state.letters().is_empty(), "a check sends nothing");
    company.send(&letter()).await.expect("taken");
    company.send(&letter()).await.expect("taken");
    let taken = server.state.letters();
    let (first, again) = (&taken[0], &taken[1]);
    assert_eq!(first.to, ["dana@example.com"]);
    assert!(first.raw.is_ascii(), "any server takes it");
    assert_eq!(first.header("Subject").as_deref(), Some(letter().subject.as_str()));
    let plain = |text: String| text.replace("\r\n", "\n").trim_end().to_owned();
    assert_eq!(first.part("text/plain").map(plain), Some(plain(letter().text)));
    assert_eq!(first.part("text/html").map(plain), Some(plain(letter().html)));
    assert_eq!(
        first.link().as_deref(),
        Some("https://agent.example.com/reset?token=0123456789abcdef")
    );
    assert_eq!(
        first.header("Message-ID"),
        again.header("Message-ID"),
        "a letter keeps its name"
    );
    assert_eq!(first.header("Auto-Submitted").as_deref(), Some("auto-generated"));
}

/// Behaviour of the server, the faults that it may be called, and whether the letter arrived all the same.
async fn says_what_became_of_it<Company: Mailer>(make: &impl Fn(&Url) -> Company) {
    let cases: [(Behaviour, &[&str], usize); 9] = [
        (Behaviour::Down, &["unavailable"], 0),
        (Behaviour::Rubbish, &["unavailable"], 0),
        (Behaviour::Busy, &["unavailable"], 0),
        (Behaviour::NotNow, &["unavailable"], 0),
        (Behaviour::NoMailbox, &["declined"], 0),
        (Behaviour::Refuses, &["rejected"], 0),
        (Behaviour::BadLogin, &["misconfigured"], 0),
        // What may have been taken is not called anything else.
        (Behaviour::TakesAndBreaks, &["unknown"], 1),
        (Behaviour::BreaksInTheMiddle, &["unknown"], 0),
    ];
    for (behaviour, words, taken) in cases {
        let server = server(Some(("office", "right"))).await;
        server.state.behave(behaviour);
        let company = make(&server.url);
        let case = format!("{behaviour:?}");
        let fault = company.send(&letter()).await.expect_err(&case);
        assert_fault(&fault, &case, words);
        assert_eq!(server.state.letters().len(), taken, "{case}");
        assert!(server.state.conversations().len() <= 1, "{case}: it is not tried twice");
    }
    let gone = server(None).await.url.clone();
    let fault = make(&gone).send(&letter()).await.expect_err("nobody there");
    assert_fault(&fault, "nobody there", &["unavailable"]);
}

async fn takes_no_address_that_is_a_command<Company: Mailer>(make: &impl Fn(&Url) -> Company) {
    let server = server(None).await;
    for to in ["dana@example.com>\r\nRCPT TO:<noa@example.com", "", "@"] {
        let letter = Letter {
            to: Pii::new(to.to_owned()),
            ..letter()
        };
        let fault = make(&server.url).send(&letter).await.expect_err(to);
        assert_fault(&fault, to, &["declined", "rejected"]);
    }
    assert!(server.state.conversations().is_empty());
}
