//! The program as an operator runs it, beside a running server.

use std::process::{Output, Stdio};

use serde_json::Value;
use testkit::{PASSWORD, TestApp};
use tokio::{io::AsyncWriteExt, process::Command};

/// Runs the program on the story's database, in an environment of nothing else.
async fn run(app: &TestApp, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_agentlocator"))
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", app.database_url())
        .env("DATA_DIR", app.data_dir())
        .current_dir(app.data_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).await.expect("written");
    drop(stdin);
    child.wait_with_output().await.expect("its end")
}

fn create<'a>(email: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [
        &[
            "user",
            "create",
            "--email",
            email,
            "--role",
            "owner",
            "--password-stdin",
        ],
        more,
    ]
    .concat()
}

testkit::on_both_databases! {
    async fn a_person_is_made_beside_the_running_server(app: &TestApp) {
        let done = run(app, &create("new@example.com", &["--business", "עסק חדש", "--name", "נועה"]), PASSWORD).await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let made: Value = serde_json::from_slice(&done.stdout).expect("JSON");
        let person = testkit::Person {
            id: made["id"].as_i64().expect("an id"),
            business_id: made["business_id"].as_i64().expect("an id"),
            email: "new@example.com".to_owned(),
            role: kernel::Role::Owner,
        };
        assert!(person.business_id != app.a.id && person.business_id != app.b.id, "the business is new");
        let me = app.sign_in(&person).await.get("/api/auth/me").await.ok();
        assert_eq!((&me["user"]["name"], &me["business"]["name"]), (&Value::from("נועה"), &Value::from("עסק חדש")));
    }

    async fn a_taken_address_changes_nothing(app: &TestApp) {
        let done = run(app, &create(&app.a.owner.email, &["--business", "Never made"]), PASSWORD).await;
        assert_eq!(done.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&done.stderr).contains("email_exists"));
        let again = run(app, &create("second@example.com", &["--business", "Never made"]), "short").await;
        assert_eq!(again.status.code(), Some(1), "a weak password is refused");
        app.sign_in(&app.a.owner).await.get("/api/auth/me").await.ok();
    }

    async fn the_settings_are_printed_without_secrets(app: &TestApp) {
        let done = run(app, &["config"], "").await;
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success() && text.contains("APP_ENV"), "{text}");
        let password = app.database_url().split(['/', ':', '@']).nth(4).filter(|_| app.database_url().starts_with("postgres"));
        assert!(password.is_none_or(|password| !text.contains(password)), "{text}");
    }

    async fn migrating_what_is_current_changes_nothing(app: &TestApp) {
        let done = run(app, &["migrate"], "").await;
        assert!(done.status.success());
        assert_eq!(String::from_utf8_lossy(&done.stdout), "The schema is up to date.\n");
    }
}
