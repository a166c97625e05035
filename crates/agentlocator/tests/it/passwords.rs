//! Choosing a new password, by the old one and by a mailed link.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulator::mail::{Behaviour, Letter};
use testkit::{Answer, Client, PASSWORD, Person, TestApp, eventually};

const NEW: &str = "another correct horse";

async fn forgot(app: &TestApp, email: &str) -> Answer {
    app.client
        .post("/api/auth/password/forgot", json!({ "email": email }))
        .await
}

async fn sign_in_with(app: &TestApp, person: &Person, password: &str) -> Answer {
    app.client
        .post(
            "/api/auth/token",
            json!({ "email": person.email, "password": password }),
        )
        .await
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    app.client
        .post(
            "/api/auth/password/reset",
            json!({ "token": token, "new_password": password }),
        )
        .await
}

/// The letters to a person, once there are so many.
async fn letters(app: &TestApp, person: &Person, count: usize) -> Vec<Letter> {
    eventually("letters", || async {
        let letters = app.mails.state.letters().into_iter();
        let own: Vec<Letter> = letters.filter(|letter| letter.to == [person.email.clone()]).collect();
        (own.len() >= count).then_some(own)
    })
    .await
}

fn token(letter: &Letter) -> String {
    let link = letter.link().expect("a link");
    let (address, token) = link.split_once("?token=").expect("a token");
    assert_eq!(address, "https://agent.example.com/reset");
    token.to_owned()
}

fn code(answer: &Answer) -> Value {
    answer.status(422)["errors"][0]["code"].clone()
}

async fn me(client: &Client) -> u16 {
    client.get("/api/auth/me").await.status.as_u16()
}

testkit::on_both_databases! {
    async fn a_forgotten_password_is_replaced_by_a_mailed_link(app: &TestApp) {
        let owner = &app.a.owner;
        let signed_in = app.sign_in(owner).await;
        forgot(app, &format!(" {} ", owner.email.to_uppercase())).await.status(202);
        let letter = letters(app, owner, 1).await.remove(0);
        assert_eq!(letter.from, "office@agent.example.com");
        assert_eq!(letter.header("Subject").as_deref(), Some("בחירת סיסמה חדשה"));
        let html = letter.part("text/html").expect("a page");
        assert!(html.contains("dir=\"rtl\"") && html.contains("/reset?token="), "{html}");
        let token = token(&letter);
        for (weak, why) in [("short", "too_short"), (owner.email.as_str(), "is_email"), ("Password123!", "too_common")] {
            assert_eq!(code(&reset(app, &token, weak).await), why, "and the link is still good");
        }
        reset(app, &token, NEW).await.status(204);
        assert_eq!(me(&signed_in).await, 401, "all sessions are over");
        sign_in_with(app, owner, PASSWORD).await.status(401);
        sign_in_with(app, owner, NEW).await.ok();
        assert_eq!(code(&reset(app, &token, "a third correct horse").await), "invalid_token");
        let told = letters(app, owner, 2).await.remove(1);
        assert_eq!(told.header("Subject").as_deref(), Some("הסיסמה הוחלפה"));
        app.jobs_done().await;
    }

    async fn a_stranger_s_address_is_answered_alike_and_nothing_goes(app: &TestApp) {
        let known = forgot(app, &app.a.owner.email).await;
        let unknown = forgot(app, "nobody@example.com").await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
        assert_eq!(known.headers.len(), unknown.headers.len());
        forgot(app, "not an address").await.status(202);
        forgot(app, "").await.problem(400, "missing_field");
        letters(app, &app.a.owner, 1).await;
        app.jobs_done().await;
        assert_eq!(app.mails.state.letters().len(), 1);
    }

    async fn a_link_is_good_for_half_an_hour_and_one_use_makes_all_worthless(app: &TestApp) {
        let owner = &app.a.owner;
        forgot(app, &owner.email).await.status(202);
        let late = token(&letters(app, owner, 1).await[0]);
        app.advance(TimeDelta::minutes(30));
        assert_eq!(code(&reset(app, &late, NEW).await), "invalid_token");
        app.jobs_done().await;
        for more in 2..=3 {
            forgot(app, &owner.email).await.status(202);
            letters(app, owner, more).await;
            app.jobs_done().await;
        }
        let sent = letters(app, owner, 3).await;
        reset(app, &token(&sent[1]), NEW).await.status(204);
        assert_eq!(code(&reset(app, &token(&sent[2]), NEW).await), "invalid_token");
        assert_eq!(code(&reset(app, "0123", NEW).await), "invalid_token");
        app.jobs_done().await;
    }

    async fn a_link_goes_with_the_address_it_was_sent_to_and_with_the_person(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = format!("/api/users/{}", app.a.agent.id);
        forgot(app, &app.a.agent.email).await.status(202);
        let old = token(&letters(app, &app.a.agent, 1).await[0]);
        owner.patch(&agent, json!({"email": "new@example.com"})).await.ok();
        assert_eq!(code(&reset(app, &old, NEW).await), "invalid_token");
        let moved = Person { email: "new@example.com".to_owned(), ..app.a.agent.clone() };
        forgot(app, &moved.email).await.status(202);
        let second = token(&letters(app, &moved, 1).await[0]);
        owner.patch(&agent, json!({"password": "one that is set"})).await.ok();
        assert_eq!(code(&reset(app, &second, NEW).await), "invalid_token");
        forgot(app, &moved.email).await.status(202);
        let third = token(&letters(app, &moved, 2).await[1]);
        owner.post(&format!("{agent}/deactivate"), json!({})).await.ok();
        owner.post(&format!("{agent}/reactivate"), json!({})).await.ok();
        assert_eq!(code(&reset(app, &third, NEW).await), "invalid_token");
        sign_in_with(app, &moved, "one that is set").await.ok();
    }

    async fn nobody_is_flooded_with_letters(app: &TestApp) {
        for _ in 0..8 {
            forgot(app, &app.a.agent.email).await.status(202);
            app.jobs_done().await;
        }
        assert_eq!(app.mails.state.letters().len(), 5);
    }

    async fn a_mailed_token_is_nowhere_in_the_database(app: &TestApp) {
        app.mails.state.behave(Behaviour::Busy);
        forgot(app, &app.a.owner.email).await.status(202);
        let payload = eventually("a job that waits", || async {
            let tx = app.state.db.system_read("test: what was written").await.expect("a transaction");
            let sql = "SELECT payload FROM jobs WHERE kind = 'mail.send' AND attempts > 0 AND state = 'queued'";
            let statement = sea_orm::Statement::from_string(app.state.db.backend(), sql);
            let row = sea_orm::ConnectionTrait::query_one_raw(tx.conn(), statement).await.expect("rows");
            row.map(|row| row.try_get_by_index::<Value>(0).expect("a payload"))
        })
        .await;
        app.mails.state.behave(Behaviour::Ok);
        app.advance(TimeDelta::minutes(1));
        let token = token(&letters(app, &app.a.owner, 1).await[0]);
        assert!(!payload.to_string().contains(&token), "{payload}");
        reset(app, &token, NEW).await.status(204);
        app.jobs_done().await;
    }

    async fn only_what_certainly_did_not_go_is_tried_again(app: &TestApp) {
        app.mails.state.behave(Behaviour::TakesAndBreaks);
        forgot(app, &app.a.owner.email).await.status(202);
        letters(app, &app.a.owner, 1).await;
        app.jobs_done().await;
        app.mails.state.behave(Behaviour::NotNow);
        forgot(app, &app.a.agent.email).await.status(202);
        app.jobs_done().await;
        app.mails.state.behave(Behaviour::Ok);
        app.advance(TimeDelta::minutes(5));
        letters(app, &app.a.agent, 1).await;
        app.jobs_done().await;
        app.advance(TimeDelta::hours(2));
        app.jobs_done().await;
        assert_eq!(app.mails.state.letters().len(), 2, "what may have gone did not go twice");
        assert_eq!(app.mails.state.conversations().len(), 3);
    }

    async fn without_a_mail_server_the_answer_is_the_same(app: &TestApp) with [("SMTP_URL", ""), ("MAIL_FROM", "")] {
        forgot(app, &app.a.owner.email).await.status(202);
        app.jobs_done().await;
        assert!(app.mails.state.conversations().is_empty());
        let path = format!("/api/users/{}/reset_password", app.a.agent.id);
        let refused = app.sign_in(&app.a.owner).await.post(&path, json!({})).await.problem(501, "provider_not_configured");
        assert_eq!(refused["missing"], json!(["SMTP_URL"]));
    }

    async fn without_a_public_address_nobody_is_told_that_a_link_was_sent(app: &TestApp) with [("PUBLIC_BASE_URL", "")] {
        let path = format!("/api/users/{}/reset_password", app.a.agent.id);
        let refused = app.sign_in(&app.a.owner).await.post(&path, json!({})).await.problem(501, "provider_not_configured");
        assert_eq!(refused["missing"], json!(["PUBLIC_BASE_URL"]));
    }

    async fn who_may_send_a_link_is_decided_by_roles(app: &TestApp) {
        let path = |person: &Person| format!("/api/users/{}/reset_password", person.id);
        let manager = app.sign_in(&app.a.manager).await;
        let sent = manager.post(&path(&app.a.agent), json!({})).await.status(202);
        assert_eq!(sent["status"], "queued");
        assert!(sent["id"].is_i64());
        manager.post(&path(&app.a.owner), json!({})).await.problem(403, "forbidden");
        manager.post(&path(&app.b.agent), json!({})).await.problem(404, "not_found");
        let agent = app.sign_in(&app.a.agent).await;
        agent.post(&path(&app.a.agent), json!({})).await.problem(403, "forbidden");
        let owner = app.sign_in(&app.a.owner).await;
        owner.post(&path(&app.admin), json!({})).await.problem(403, "forbidden");
        app.sign_in(&app.admin).await.post(&path(&app.b.owner), json!({})).await.status(202);
        let token = token(&letters(app, &app.b.owner, 1).await[0]);
        reset(app, &token, NEW).await.status(204);
        letters(app, &app.a.agent, 1).await;
        app.jobs_done().await;
    }

    async fn a_changed_password_ends_the_other_sessions(app: &TestApp) {
        let (here, there) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.owner).await);
        let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
        let wrong = here.post("/api/auth/password", change("not it at all", NEW)).await;
        assert_eq!(code(&wrong), "wrong");
        here.post("/api/auth/password", change(PASSWORD, NEW)).await.status(204);
        assert_eq!((me(&here).await, me(&there).await), (200, 401));
        sign_in_with(app, &app.a.owner, NEW).await.ok();
    }
}
