//! Codes of an authenticator app.

use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Answer, Client, PASSWORD, TestApp};
use totp_rs::{Builder, Secret};

fn code(app: &TestApp, secret: &str) -> String {
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).expect("a secret"))
        .build()
        .expect("a factor");
    let now = u64::try_from(app.clock.now().timestamp()).expect("a time");
    totp.generate(now).to_string()
}

async fn sign_in(app: &TestApp, totp: Option<&str>) -> Answer {
    let mut given = json!({ "email": app.a.owner.email, "password": PASSWORD });
    if let Some(totp) = totp {
        given["totp"] = totp.into();
    }
    app.client.post("/api/auth/token", given).await
}

/// Turned on, with its secret and recovery codes.
async fn turned_on(app: &TestApp, client: &Client) -> (String, Vec<String>) {
    let begun = client.post("/api/auth/totp/enroll", json!({})).await;
    assert_eq!(begun.header("cache-control"), Some("no-store"));
    let begun = begun.ok();
    let secret = begun["secret"].as_str().expect("a secret").to_owned();
    let uri = begun["otpauth_uri"].as_str().expect("an address");
    assert!(
        uri.starts_with("otpauth://totp/AgentLocator") && uri.contains(&secret),
        "{uri}"
    );
    assert!(
        begun["qr_svg"]
            .as_str()
            .is_some_and(|svg| svg.starts_with("<svg") && svg.ends_with("</svg>"))
    );
    let done = client
        .post("/api/auth/totp/verify", json!({ "code": code(app, &secret) }))
        .await
        .ok();
    let codes = done["recovery_codes"].as_array().expect("codes").iter();
    (
        secret,
        codes.map(|code| code.as_str().expect("a code").to_owned()).collect(),
    )
}

testkit::on_both_databases! {
    async fn with_a_second_factor_a_password_is_not_enough(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (secret, codes) = turned_on(app, &owner).await;
        assert_eq!(codes.len(), 10);
        sign_in(app, None).await.problem(401, "totp_required");
        sign_in(app, Some("000000")).await.problem(401, "unauthorized");
        let wrong = json!({ "email": app.a.owner.email, "password": "not the password", "totp": "000000" });
        app.client.post("/api/auth/token", wrong).await.problem(401, "unauthorized");
        sign_in(app, Some(&code(app, &secret))).await.problem(401, "unauthorized");
        app.advance(TimeDelta::seconds(60));
        let now = code(app, &secret);
        sign_in(app, Some(&now)).await.ok();
        sign_in(app, Some(&now)).await.problem(401, "unauthorized");
        app.advance(TimeDelta::seconds(30));
        sign_in(app, Some(&code(app, &secret))).await.ok();
        let rows = owner.get("/api/admin/audit?action=totp.enabled").await.ok();
        assert_eq!(rows["total"], 1);
        let refused = owner.get("/api/admin/audit?action=session.refused").await.ok();
        assert_eq!(refused["results"][0]["changes"]["why"], "totp");
    }

    async fn of_many_who_come_with_one_code_one_is_let_in(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (secret, codes) = turned_on(app, &owner).await;
        app.advance(TimeDelta::seconds(60));
        for given in [code(app, &secret), codes[0].clone()] {
            let tries = (0..6).map(|_| sign_in(app, Some(&given)));
            let answers = futures::future::join_all(tries).await;
            let let_in = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(let_in, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        }
    }

    async fn a_recovery_code_lets_in_once_however_it_is_typed(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (_, codes) = turned_on(app, &owner).await;
        sign_in(app, Some(&format!(" {} ", codes[3].to_uppercase().replace('-', " ")))).await.ok();
        sign_in(app, Some(&codes[3])).await.problem(401, "unauthorized");
        sign_in(app, Some(&codes[4])).await.ok();
        let state = owner.get("/api/auth/totp").await.ok();
        assert_eq!((&state["on"], &state["recovery_codes_left"]), (&json!(true), &json!(8)));
    }

    async fn it_is_turned_off_by_a_code_or_the_password_alone(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        owner.post("/api/auth/totp/verify", json!({ "code": "123456" })).await.problem(409, "totp_not_enrolled");
        owner.post("/api/auth/totp/disable", json!({ "password": PASSWORD })).await.problem(409, "totp_off");
        let (_, codes) = turned_on(app, &owner).await;
        owner.post("/api/auth/totp/enroll", json!({})).await.problem(409, "totp_on");
        owner.post("/api/auth/totp/disable", json!({})).await.problem(400, "missing_field");
        for wrong in [json!({ "code": "000000" }), json!({ "password": "not the password" })] {
            owner.post("/api/auth/totp/disable", wrong).await.status(422);
        }
        sign_in(app, None).await.problem(401, "totp_required");
        owner.post("/api/auth/totp/disable", json!({ "code": codes[0] })).await.status(204);
        sign_in(app, None).await.ok();
        turned_on(app, &owner).await;
        owner.post("/api/auth/totp/disable", json!({ "password": PASSWORD })).await.status(204);
        sign_in(app, None).await.ok();
    }

    async fn a_secret_is_sealed_at_rest_and_codes_are_not_kept(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let (secret, codes) = turned_on(app, &owner).await;
        let tx = app.state.db.system_read("test: what was written").await.expect("a transaction");
        for (sql, plain) in [
            ("SELECT sealed_secret FROM user_totp", &secret),
            ("SELECT code_hash FROM recovery_codes", &codes[0]),
        ] {
            let statement = sea_orm::Statement::from_string(app.state.db.backend(), sql);
            let rows = sea_orm::ConnectionTrait::query_all_raw(tx.conn(), statement).await.expect("rows");
            assert!(!rows.is_empty());
            for row in rows {
                let kept: String = row.try_get_by_index(0).expect("text");
                assert!(!kept.contains(plain.as_str()) && !kept.contains(&plain.replace('-', "")), "{kept}");
            }
        }
        let request = |key: &str| {
            owner.request(reqwest::Method::POST, "/api/auth/totp/enroll").header("Idempotency-Key", key).json(&json!({}))
        };
        owner.post("/api/auth/totp/disable", json!({ "password": PASSWORD })).await.status(204);
        let first: Value = owner.send(request("once")).await.ok();
        assert!(first["secret"].is_string());
        owner.send(request("once")).await.problem(409, "answer_not_kept");
    }
}
