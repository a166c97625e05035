//! What nobody may do with the line: keep callers out, block the spool, dial the whole world, and learn of the people whom
//! they may not see.

use serde_json::{Value, json};
use testkit::{Client, TestApp, eventually};

async fn ring(app: &TestApp, sid: &str, from: &str) -> String {
    let fields = [
        ("CallSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", from),
        ("To", app.a.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    app.webhook("/webhook/incoming_call", &fields).await.text()
}

async fn phone(app: &TestApp, user: i64) {
    app.sql(
        "UPDATE users SET phone = $1 WHERE id = $2",
        vec!["+972529999999".into(), user.into()],
    )
    .await;
}

async fn dials(client: &Client, body: Value) -> testkit::Answer {
    client.post("/api/calls", body).await
}

/// A callback as an earlier process kept it.
fn keep(app: &TestApp, name: &str, sid: &str) -> std::path::PathBuf {
    let fields = [
        ("CallSid", sid),
        ("From", "+972501234567"),
        ("To", app.a.number.as_str()),
        ("CallStatus", "completed"),
        ("CallDuration", "3"),
    ];
    let kept = json!({"target": "/webhook/call_status", "fields": fields, "at": app.clock.now(), "request_id": "r"});
    let dir = app.data_dir().join("spool");
    std::fs::create_dir_all(&dir).expect("a directory");
    let path = dir.join(format!("{name}.json"));
    std::fs::write(&path, kept.to_string()).expect("kept");
    path
}

testkit::on_both_databases! {
    async fn test_calls_are_few_and_take_no_caller_s_place(app: &TestApp) with [("MAX_CONCURRENT_CALLS", "2")] {
        let owner = app.sign_in(&app.a.owner).await;
        let mut last = Value::Null;
        for _ in 0..3 {
            last = owner.post("/api/calls/test", json!({})).await.status(201);
        }
        owner.post("/api/calls/test", json!({})).await.problem(409, "too_many_calls");
        app.sign_in(&app.b.owner).await.post("/api/calls/test", json!({})).await.status(201);
        for sid in ["CA1", "CA2"] {
            assert!(ring(app, sid, "+972501234567").await.contains("<Stream "), "{sid}");
        }
        assert!(ring(app, "CA3", "+972501234567").await.contains("<Record "), "callers have their own limit");
        owner.post(&format!("/api/calls/{}/hangup", last["call_id"]), json!({})).await.status(202);
        owner.post("/api/calls/test", json!({})).await.status(201);
    }

    async fn what_no_database_keeps_is_left_out_of_a_webhook(app: &TestApp) {
        ring(app, "CA\u{0}1", "+9725012\u{0}34567").await;
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(owner.get("/api/calls/CA1").await.ok()["from_number"], "+972501234567");
    }

    async fn a_kept_webhook_that_the_database_refuses_holds_up_no_other(app: &TestApp) {
        if app.state.db.is_postgres() {
            app.sql("CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF NEW.call_sid = 'CApoison' THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$", vec![]).await;
            app.sql("CREATE TRIGGER poison BEFORE INSERT ON calls FOR EACH ROW EXECUTE FUNCTION poison()", vec![]).await;
        } else {
            app.sql("CREATE TRIGGER poison BEFORE INSERT ON calls WHEN NEW.call_sid = 'CApoison' \
                 BEGIN SELECT RAISE(ABORT, 'poison'); END", vec![]).await;
        }
        let owner = app.sign_in(&app.a.owner).await;
        let (poisoned, old, good) = (keep(app, "1", "CApoison"), keep(app, "2", "CA\u{0}2"), keep(app, "3", "CA3"));
        // A callback like the others makes the spool look.
        ring(app, "CApoison", "+972501234567").await;
        eventually("the others to be taken in", || async {
            (!old.exists() && !good.exists()).then_some(())
        })
        .await;
        for sid in ["CA2", "CA3"] {
            assert_eq!(owner.get(&format!("/api/calls/{sid}")).await.ok()["status"], "completed");
        }
        assert!(poisoned.exists(), "it is tried for a while");
        app.advance(chrono::TimeDelta::minutes(61));
        eventually("it to be set aside", || async { poisoned.with_extension("rejected").exists().then_some(()) }).await;
        // It came over the line, too, and goes the same way.
        app.advance(chrono::TimeDelta::minutes(61));
        app.leaves_jobs();
    }

    async fn who_does_not_want_to_be_called_is_not_by_any_way(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        phone(app, app.a.owner.id).await;
        let silent = json!({"name": "שקט", "phone": "+972501000001", "do_not_contact": true});
        let silent = owner.post("/api/crm/customers", silent).await.status(201);
        let other = owner.post("/api/crm/customers", json!({"name": "דנה", "phone": "+972501000002"})).await.status(201);
        for body in [
            json!({"customer_id": silent["id"]}),
            json!({"to": "050-100-0001"}),
            json!({"customer_id": other["id"], "to": "+972501000001"}),
            json!({"customer_id": silent["id"], "to": "+972501000009"}),
        ] {
            dials(&owner, body).await.problem(409, "do_not_contact");
        }
        dials(&owner, json!({"customer_id": other["id"]})).await.status(202);
        app.leaves_jobs();
    }

    async fn far_countries_are_called_only_where_a_customer_lives_there(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        phone(app, app.a.owner.id).await;
        let refused = dials(&owner, json!({"to": "+88213000000"})).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "country_not_called", "{refused}");
        dials(&owner, json!({"to": "+442079460000"})).await.problem(422, "invalid");
        dials(&owner, json!({"to": "+972501000009"})).await.status(202);
        owner.post("/api/crm/customers", json!({"name": "Anna", "phone": "+442079460000"})).await.status(201);
        dials(&owner, json!({"to": "+442079460000"})).await.status(202);
        app.leaves_jobs();
    }

    async fn a_business_dials_so_often_in_an_hour(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        phone(app, app.a.owner.id).await;
        let first = dials(&owner, json!({"to": "+972501000009"})).await.status(202);
        for n in 0..119 {
            app.sql(
                "INSERT INTO calls (business_id, call_sid, caller_hidden, test, direction, from_number, to_number, status, mode, \
                 greeting_played, started_at, last_seen_at, turn_count, has_recording, wants_person, end_guessed, needs_callback, \
                 version, created_at, updated_at) SELECT business_id, $1, caller_hidden, test, direction, from_number, to_number, \
                 status, mode, greeting_played, started_at, last_seen_at, turn_count, has_recording, wants_person, end_guessed, \
                 needs_callback, version, created_at, updated_at FROM calls WHERE id = $2",
                vec![format!("CAdialled{n}").into(), first["id"].as_i64().into()],
            )
            .await;
        }
        let refused = dials(&owner, json!({"to": "+972501000009"})).await;
        assert!(refused.header("retry-after").is_some());
        refused.problem(429, "too_many_calls");
        app.advance(chrono::TimeDelta::minutes(61));
        let owner = app.sign_in(&app.a.owner).await;
        dials(&owner, json!({"to": "+972501000009"})).await.status(202);
        app.leaves_jobs();
    }

    async fn dialling_a_number_tells_nothing_of_whose_it_is(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let theirs = json!({"name": "Theirs", "phone": "+972501000003", "owner_id": app.a.manager.id});
        owner.post("/api/crm/customers", theirs).await.status(201);
        let settings = format!("/api/businesses/{}/settings", app.a.id);
        owner.patch(&settings, json!({"agent_visibility": "own_and_unassigned"})).await.ok();
        phone(app, app.a.agent.id).await;
        let agent = app.sign_in(&app.a.agent).await;
        let placed = dials(&agent, json!({"to": "+972501000003"})).await.status(202);
        let path = format!("/api/calls/{}", placed["id"]);
        for shown in [
            agent.get(&path).await.ok(),
            agent.get("/api/crm/calls").await.ok(),
            agent.get("/api/crm/calls?q=0501000003").await.ok(),
        ] {
            let shown = shown.to_string();
            assert!(shown.contains("+972501000003") && !shown.contains("Theirs"), "{shown}");
        }
        assert_eq!(agent.get("/api/crm/calls?q=Theirs").await.ok()["total"], 0);
        assert_eq!(owner.get(&path).await.ok()["customer_name"], "Theirs");
        app.leaves_jobs();
    }

    async fn times_and_ids_that_no_database_keeps_are_refused(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for query in ["from=%2B262142-12-31", "to=-262143-01-01", "from=+262142-12-31&to=-262143-01-01", "to=9999-12-31"] {
            owner.get(&format!("/api/calls?{query}")).await.problem(422, "invalid");
        }
        for path in ["/api/calls/%00", "/api/calls/CA%001", "/api/calls/%00/transcript", "/api/calls/%D7%90"] {
            let answer = owner.get(path).await;
            assert!([404, 422].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        }
    }
}
