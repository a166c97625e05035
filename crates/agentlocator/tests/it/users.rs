//! People: made, invited, changed by whom they may be, and sent away with their work handed over.

use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, Person, TestApp};

const LIST: &str = "/api/users";

fn path(id: &Value) -> String {
    format!("{LIST}/{id}")
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> testkit::Answer {
    app.client
        .post("/api/auth/token", json!({"email": email, "password": password}))
        .await
}

/// The token of an invitation's address.
fn token(invite_url: &Value) -> String {
    let url = invite_url.as_str().expect("an address");
    assert!(url.starts_with("https://agent.example.com/invite?token="), "{url}");
    url.split('=').next_back().expect("a token").to_owned()
}

async fn invite(client: &Client, email: &str, role: &str) -> Value {
    let body = json!({"name": "רות", "email": email, "role": role});
    client.post(LIST, body).await.status(201)
}

testkit::on_both_databases! {
    async fn a_person_is_made_with_a_password_and_signs_in(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let body = json!({"name": " רות ", "email": "Ruth@Example.com", "role": "agent", "phone": "050-123-4567", "password": "a long enough one"});
        let made = owner.post(LIST, body.clone()).await.status(201);
        assert_eq!((&made["name"], &made["email"], &made["phone"]), (&json!("רות"), &json!("ruth@example.com"), &json!("+972501234567")));
        assert_eq!((&made["business_id"], &made["active"], &made["invited"]), (&json!(app.a.id), &json!(true), &json!(false)));
        assert!(made.get("invite_url").is_none() && made.get("password").is_none(), "{made}");
        sign_in(app, "ruth@example.com", "a long enough one").await.ok();
        let seen = owner.get(&path(&made["id"])).await.ok();
        assert!(seen["last_seen_at"].is_string() && seen["created_at"].is_string(), "{seen}");
        owner.post(LIST, body).await.problem(409, "email_exists");
        for (wrong, status, code) in [
            (json!({"email": "x@example.com", "role": "agent"}), 400, "name_required"),
            (json!({"name": "x", "role": "agent"}), 400, "missing_field"),
            (json!({"name": "x", "email": "x@example.com"}), 400, "missing_field"),
            (json!({"name": "x", "email": "nope", "role": "agent"}), 422, "invalid"),
            (json!({"name": "x", "email": "x@example.com", "role": "boss"}), 422, "invalid"),
            (json!({"name": "x", "email": "x@example.com", "role": "agent", "password": "short"}), 422, "invalid"),
            (json!({"name": "x", "email": "x@example.com", "role": "agent", "phone": "1"}), 422, "invalid"),
            (json!({"name": "x", "email": "x@example.com", "role": "agent", "business_id": app.b.id}), 404, "not_found"),
        ] {
            owner.post(LIST, wrong).await.problem(status, code);
        }
        let stranger = app.sign_in(&app.b.owner).await;
        stranger.get(&path(&made["id"])).await.problem(404, "not_found");
        stranger.patch(&path(&made["id"]), json!({"name": "x"})).await.problem(404, "not_found");
    }

    async fn nobody_makes_or_changes_somebody_above_them(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let owner = app.sign_in(&app.a.owner).await;
        let manager = app.sign_in(&app.a.manager).await;
        let agent = app.sign_in(&app.a.agent).await;
        let ask = |role: &str| json!({"name": "x", "email": format!("{role}-new@example.com"), "role": role});
        for (client, refused) in [(&agent, &["agent", "manager", "owner", "admin"][..]), (&manager, &["owner", "admin"]), (&owner, &["admin"])] {
            for role in refused {
                client.post(LIST, ask(role)).await.problem(403, "forbidden");
            }
        }
        manager.post(LIST, ask("manager")).await.status(201);
        owner.post(LIST, ask("owner")).await.status(201);
        admin.post(LIST, ask("admin")).await.status(201);
        let (of_owner, of_admin, of_agent) = (path(&json!(app.a.owner.id)), path(&json!(app.admin.id)), path(&json!(app.a.agent.id)));
        manager.patch(&of_owner, json!({"name": "x"})).await.problem(403, "forbidden");
        manager.delete(&of_owner).await.problem(403, "forbidden");
        manager.patch(&of_agent, json!({"role": "owner"})).await.problem(403, "forbidden");
        owner.patch(&of_admin, json!({"password": "a long enough one"})).await.problem(403, "forbidden");
        owner.patch(&of_agent, json!({"role": "admin"})).await.problem(403, "forbidden");
        assert_eq!(manager.patch(&of_agent, json!({"role": "manager", "available": false})).await.ok()["role"], "manager");
        // From one request to the next.
        agent.post(LIST, ask("agent")).await.status(201);
        admin.patch(&of_admin, json!({"role": "owner"})).await.problem(409, "own_account");
        admin.delete(&of_admin).await.problem(409, "own_account");
    }

    async fn a_business_keeps_an_owner(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let admin = app.sign_in(&app.admin).await;
        let own = path(&json!(app.a.owner.id));
        for client in [&owner, &admin] {
            client.patch(&own, json!({"role": "agent"})).await.problem(409, "last_owner");
            client.patch(&own, json!({"active": false})).await.problem(409, "last_owner");
            client.delete(&own).await.problem(409, "last_owner");
        }
        // Who was asked in and has not come yet does not own it.
        let second = invite(&owner, "second@example.com", "owner").await;
        owner.delete(&own).await.problem(409, "last_owner");
        let answer = json!({"password": "a long enough one"});
        app.client.post(&format!("/api/auth/invite/{}", token(&second["invite_url"])), answer).await.ok();
        owner.delete(&own).await.status(204);
        owner.get("/api/auth/me").await.problem(401, "unauthorized");
        admin.delete(&path(&second["id"])).await.problem(409, "last_owner");
    }

    async fn of_two_owners_who_demote_each_other_at_once_one_stays(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for round in 0..3 {
            let email = format!("rival{round}@example.com");
            let body = json!({"name": "Rival", "email": email, "role": "owner", "password": testkit::PASSWORD});
            let rival = owner.post(LIST, body).await.status(201);
            let person = Person { id: rival["id"].as_i64().expect("an id"), email, ..app.a.owner.clone() };
            let rival = app.sign_in(&person).await;
            let (own, theirs) = (path(&json!(app.a.owner.id)), path(&json!(person.id)));
            let (first, second) = tokio::join!(owner.patch(&theirs, json!({"role": "manager"})), rival.patch(&own, json!({"role": "manager"})));
            let statuses = [first.status.as_u16(), second.status.as_u16()];
            assert!(statuses.contains(&200) && statuses.iter().any(|status| [403, 409].contains(status)), "{statuses:?}");
            // Whoever stayed gives it back, and the next round begins with one owner.
            let admin = app.sign_in(&app.admin).await;
            assert_eq!(admin.get(&format!("{LIST}?role=owner&business_id={}", app.a.id)).await.ok()["total"], 1);
            admin.patch(&own, json!({"role": "owner"})).await.ok();
            admin.patch(&theirs, json!({"role": "agent"})).await.ok();
        }
    }

    async fn an_invitation_lets_one_person_in_once(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let invited = invite(&owner, "ruth@example.com", "manager").await;
        assert_eq!(invited["invited"], true);
        let letter = testkit::eventually("the invitation", || async {
            app.mails.state.letters().into_iter().find(|letter| letter.to == ["ruth@example.com"])
        }).await;
        assert_eq!(letter.link().as_deref(), invited["invite_url"].as_str());
        assert!(letter.header("Subject").is_some_and(|subject| subject.contains(&app.a.name)));
        sign_in(app, "ruth@example.com", "").await.status(400);
        let address = format!("/api/auth/invite/{}", token(&invited["invite_url"]));
        let shown = app.client.get(&address).await.ok();
        assert_eq!(shown, json!({"name": "רות", "email": "ruth@example.com", "role": "manager", "business_name": app.a.name}));
        app.client.post(&address, json!({"password": "short"})).await.problem(422, "invalid");
        app.client.post(&address, json!({"password": "ruth@example.com"})).await.problem(422, "invalid");
        let answer = || app.client.post(&address, json!({"password": "a long enough one", "phone": "0501112233"}));
        let (first, second) = tokio::join!(answer(), answer());
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410], "one use");
        let came = if first.status == 200 { &first } else { &second };
        assert_eq!(came.ok()["user"]["phone"], "+972501112233");
        assert!(came.headers.get_all("set-cookie").iter().count() >= 2, "signed in");
        app.client.get(&address).await.problem(410, "gone");
        sign_in(app, "ruth@example.com", "a long enough one").await.ok();
        owner.post(&format!("{}/invite", path(&invited["id"])), json!({})).await.problem(409, "already_joined");
        app.client.get("/api/auth/invite/nothing").await.problem(404, "not_found");
        assert_eq!(app.audited(app.a.id, "user.joined").await.len(), 1);
    }

    async fn an_invitation_ends_by_time_by_hand_and_by_a_newer_one(app: &TestApp) {
        let manager = app.sign_in(&app.a.manager).await;
        let invited = invite(&manager, "ruth@example.com", "agent").await;
        let look = async |url: &Value| app.client.get(&format!("/api/auth/invite/{}", token(url))).await.status.as_u16();
        let of_invite = format!("{}/invite", path(&invited["id"]));
        let again = manager.post(&of_invite, json!({})).await.ok();
        assert_eq!((look(&invited["invite_url"]).await, look(&again["invite_url"]).await), (410, 200));
        manager.delete(&of_invite).await.status(204);
        assert_eq!(look(&again["invite_url"]).await, 410);
        let third = manager.post(&of_invite, json!({})).await.ok();
        app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        assert_eq!(look(&third["invite_url"]).await, 200);
        app.advance(TimeDelta::seconds(1));
        assert_eq!(look(&third["invite_url"]).await, 410);
        let manager = app.sign_in(&app.a.manager).await;
        let fourth = manager.post(&of_invite, json!({})).await.ok();
        manager.delete(&path(&invited["id"])).await.status(204);
        assert_eq!(look(&fourth["invite_url"]).await, 410, "whoever is sent away is not asked in");
        manager.post(&of_invite, json!({})).await.problem(409, "user_inactive");
        app.leaves_jobs();
    }

    async fn an_invitation_goes_with_the_address_it_was_sent_to_and_with_the_person(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let invited = invite(&owner, "wrong@example.com", "owner").await;
        let address = |url: &Value| format!("/api/auth/invite/{}", token(url));
        let own = path(&invited["id"]);
        owner.patch(&own, json!({"email": "wrong@example.com", "name": "Ruth"})).await.ok();
        app.client.get(&address(&invited["invite_url"])).await.ok();
        owner.patch(&own, json!({"email": "ruth@example.com"})).await.ok();
        let wrong = app.client.post(&address(&invited["invite_url"]), json!({"password": "a long enough one"})).await;
        wrong.problem(410, "gone");
        let again = owner.post(&format!("{own}/invite"), json!({})).await.ok();
        owner.post(&format!("{own}/deactivate"), json!({})).await.ok();
        owner.post(&format!("{own}/reactivate"), json!({})).await.ok();
        app.client.get(&address(&again["invite_url"])).await.problem(410, "gone");
        app.leaves_jobs();
    }

    async fn who_leaves_hands_everything_over_in_one_step(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let customer = json!({"name": "Dana", "phone": "0501234567", "owner_id": app.a.agent.id});
        let customer = owner.post("/api/crm/customers", customer).await.status(201);
        let task = |title: &str| json!({"title": title, "customer_id": customer["id"], "assignee_id": app.a.agent.id});
        let open = owner.post("/api/tasks", task("open")).await.status(201);
        let done = owner.post("/api/tasks", task("done")).await.status(201);
        agent.post(&format!("/api/tasks/{}/complete", done["id"]), json!({})).await.ok();
        let fields = [
            ("CallSid", "CAwaiting"), ("AccountSid", app.account_sid()), ("From", "+972501234567"), ("To", app.a.number.as_str()),
            ("CallStatus", "ringing"), ("Direction", "inbound"),
        ];
        app.webhook("/webhook/incoming_call", &fields).await.ok();
        agent.post("/api/calls/CAwaiting/claim", json!({})).await.ok();

        let leave = |to: i64| format!("{}/deactivate?hand_over_to={to}", path(&json!(app.a.agent.id)));
        for nobody in [app.b.owner.id, app.a.agent.id, 999_999] {
            owner.post(&leave(nobody), json!({})).await.problem(422, "invalid");
        }
        agent.get("/api/auth/me").await.ok();
        let gone = owner.post(&leave(app.a.manager.id), json!({})).await.ok();
        assert_eq!(gone["active"], false);
        agent.get("/api/auth/me").await.problem(401, "unauthorized");
        sign_in(app, &app.a.agent.email, testkit::PASSWORD).await.problem(401, "unauthorized");
        let to = json!(app.a.manager.id);
        assert_eq!(owner.get(&format!("/api/crm/customers/{}", customer["id"])).await.ok()["owner_id"], to);
        assert_eq!(owner.get(&format!("/api/tasks/{}", open["id"])).await.ok()["assignee_id"], to);
        assert_eq!(owner.get(&format!("/api/tasks/{}", done["id"])).await.ok()["assignee_id"], app.a.agent.id, "what is done stays");
        assert_eq!(owner.get("/api/calls/CAwaiting").await.ok()["claimed_by_id"], to);
        let timeline = owner.get(&format!("/api/customers/{}/timeline?types=task", customer["id"])).await.ok();
        let moved = timeline["items"].as_array().expect("items").iter().any(|item| item["data"]["assignee_id"] == to);
        assert!(moved, "the timeline agrees: {timeline}");
        let entry = app.audited(app.a.id, "user.deactivated").await.pop().expect("an entry");
        assert_eq!(entry.changes["handed_over"], json!({"to": to, "customers": 1, "tasks": 1, "calls": 1}));
        assert_eq!(owner.get(LIST).await.ok()["total"], 3, "admin, owner, manager");
        assert_eq!(owner.get("/api/users?active=false").await.ok()["results"][0]["id"], app.a.agent.id);

        // Without a heir it is nobody's.
        owner.delete(&path(&to)).await.status(204);
        assert_eq!(owner.get(&format!("/api/crm/customers/{}", customer["id"])).await.ok()["owner_id"], Value::Null);
        assert_eq!(owner.get("/api/calls/CAwaiting").await.ok()["claimed_by_id"], Value::Null);
        owner.post(&format!("{}/reactivate", path(&to)), json!({})).await.ok();
        app.sign_in(&app.a.manager).await.get("/api/auth/me").await.ok();
        app.leaves_jobs();
    }

    async fn a_password_set_by_another_ends_the_sessions(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        owner.patch(&path(&json!(app.a.owner.id)), json!({"password": "a long enough one"})).await.problem(403, "forbidden");
        let of_agent = path(&json!(app.a.agent.id));
        owner.patch(&of_agent, json!({"password": "short"})).await.problem(422, "invalid");
        owner.patch(&of_agent, json!({"password": "a long enough one"})).await.ok();
        agent.get("/api/auth/me").await.problem(401, "unauthorized");
        sign_in(app, &app.a.agent.email, testkit::PASSWORD).await.status(401);
        sign_in(app, &app.a.agent.email, "a long enough one").await.ok();
        let entry = app.audited(app.a.id, "user.updated").await.pop().expect("an entry");
        assert_eq!(entry.changes["password"], json!({"set": true}), "the audit log holds no secret");
    }
}
