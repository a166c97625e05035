//! The admin: acting as somebody else, the platform's numbers and jobs, what it gives to every business.

use chrono::TimeDelta;
use serde_json::{Value, json};

const IMPERSONATE: &str = "/api/admin/impersonate";

testkit::on_both_databases! {
    async fn an_admin_acts_as_a_person_under_both_names_until_it_ends(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let body = |user: Option<i64>| json!({"business_id": app.b.id, "user_id": user, "reason": "a call for help"});
        admin.post(IMPERSONATE, json!({"business_id": app.b.id})).await.problem(400, "missing_field");
        admin.post(IMPERSONATE, json!({"business_id": app.b.id, "reason": " "})).await.problem(400, "missing_field");
        admin.post(IMPERSONATE, json!({"business_id": 999_999, "reason": "x"})).await.problem(404, "not_found");
        admin.post(IMPERSONATE, body(Some(app.a.agent.id))).await.problem(422, "invalid");
        assert_eq!(admin.get("/api/auth/me").await.ok()["impersonation"], Value::Null);

        let me = admin.post(IMPERSONATE, body(Some(app.b.manager.id))).await.status(200);
        assert_eq!((&me["user"]["id"], &me["business"]["id"]), (&json!(app.b.manager.id), &json!(app.b.id)));
        assert_eq!(me["impersonation"], json!({
            "business_id": app.b.id, "user_id": app.b.manager.id, "by": app.admin.id, "reason": "a call for help",
            "expires_at": "2026-11-18T10:30:00Z",
        }));
        assert_eq!(admin.get("/api/auth/me").await.ok(), me);
        admin.post(IMPERSONATE, body(None)).await.problem(409, "already_impersonating");
        // Only what the manager may, and only there.
        admin.get("/api/admin/stats").await.problem(403, "forbidden");
        admin.get(&format!("/api/businesses/{}", app.a.id)).await.problem(404, "not_found");
        assert_eq!(admin.get("/api/businesses").await.ok()["total"], 1);
        admin.patch(&format!("/api/users/{}", app.b.owner.id), json!({"name": "x"})).await.problem(403, "forbidden");
        let customer = admin.post("/api/crm/customers", json!({"name": "Dana"})).await.status(201);
        assert_eq!(customer["business_id"], app.b.id);
        let entry = app.audited(app.b.id, "customer.created").await.pop().expect("an entry");
        assert_eq!((entry.actor_id, entry.acting_as_id), (Some(app.admin.id), Some(app.b.manager.id)));
        // Credentials stay their own.
        let change = json!({"current_password": testkit::PASSWORD, "new_password": "another correct horse"});
        admin.post("/api/auth/password", change).await.problem(403, "impersonating");
        admin.patch("/api/auth/me", json!({"phone": "0501234567"})).await.problem(403, "impersonating");
        for own in [json!({"password": "a long enough one"}), json!({"email": "taken.over@example.com"})] {
            admin.patch(&format!("/api/users/{}", app.b.agent.id), own).await.problem(403, "impersonating");
        }
        let known = json!({"name": "x", "email": "known@example.com", "role": "agent", "password": "a long enough one"});
        admin.post("/api/users", known).await.problem(403, "impersonating");
        admin.patch(&format!("/api/users/{}", app.b.agent.id), json!({"name": "Avi"})).await.ok();

        admin.delete(IMPERSONATE).await.status(204);
        admin.delete(IMPERSONATE).await.status(204);
        let me = admin.get("/api/auth/me").await.ok();
        assert_eq!((&me["user"]["id"], &me["impersonation"]), (&json!(app.admin.id), &Value::Null));
        let started = app.audited(app.b.id, "impersonation.started").await;
        assert_eq!((started.len(), started[0].actor_id, &started[0].changes["reason"]), (1, Some(app.admin.id), &json!("a call for help")));
        assert_eq!(app.audited(app.b.id, "impersonation.ended").await.len(), 1);
        let after = admin.post("/api/crm/customers", json!({"name": "Own"})).await.status(201);
        assert_eq!(after["business_id"], app.a.id);
        let entry = app.audited(app.a.id, "customer.created").await.pop().expect("an entry");
        assert_eq!((entry.actor_id, entry.acting_as_id), (Some(app.admin.id), None));
    }

    async fn it_ends_after_half_an_hour_and_with_whom_it_is_about(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let begin = || json!({"business_id": app.b.id, "user_id": app.b.agent.id, "reason": "help"});
        admin.post(IMPERSONATE, begin()).await.ok();
        app.advance(TimeDelta::minutes(14));
        assert_eq!(admin.get("/api/auth/me").await.ok()["user"]["id"], app.b.agent.id);
        let admin = app.sign_in(&app.admin).await;
        assert_eq!(admin.get("/api/auth/me").await.ok()["impersonation"], Value::Null, "of that session alone");
        admin.post(IMPERSONATE, begin()).await.ok();
        app.sql("UPDATE sessions SET acting_until = $1 WHERE acting_until IS NOT NULL", vec![app.state.clock.now().into()]).await;
        let me = admin.get("/api/auth/me").await.ok();
        assert_eq!((&me["user"]["id"], &me["impersonation_ended"]), (&json!(app.admin.id), &json!(true)), "by time");
        admin.post("/api/crm/customers", json!({"name": "Meant for b"})).await.problem(409, "impersonation_ended");
        admin.get("/api/crm/customers").await.ok();
        admin.delete(IMPERSONATE).await.status(204);
        assert_eq!(admin.get("/api/auth/me").await.ok()["impersonation_ended"], false);
        admin.post("/api/crm/customers", json!({"name": "Own"})).await.status(201);
        admin.post(IMPERSONATE, begin()).await.ok();
        let owner = app.sign_in(&app.b.owner).await;
        owner.delete(&format!("/api/users/{}", app.b.agent.id)).await.status(204);
        assert_eq!(admin.get("/api/auth/me").await.ok()["user"]["id"], app.admin.id, "one who is gone is not acted as");
        admin.post("/api/tasks", json!({"title": "Meant for b"})).await.problem(409, "impersonation_ended");
        for person in [&app.a.owner, &app.a.manager, &app.a.agent] {
            let client = app.sign_in(person).await;
            client.post(IMPERSONATE, json!({"business_id": app.a.id, "reason": "x"})).await.problem(403, "forbidden");
            client.delete(IMPERSONATE).await.problem(403, "forbidden");
        }
    }

    async fn an_admin_acts_as_a_business_that_has_nobody_yet(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let made = admin.post("/api/businesses", json!({"name": "Empty"})).await.status(201);
        let me = admin.post(IMPERSONATE, json!({"business_id": made["id"], "reason": "setting it up"})).await.ok();
        assert_eq!((&me["user"]["id"], &me["business"]["name"]), (&json!(app.admin.id), &json!("Empty")));
        assert_eq!((&me["impersonation"]["user_id"], &me["impersonation"]["by"]), (&Value::Null, &json!(app.admin.id)));
        let task = admin.post("/api/tasks", json!({"title": "First"})).await.status(201);
        let done = admin.post(&format!("/api/tasks/{}/complete", task["id"]), json!({})).await.ok();
        assert_eq!((&done["business_id"], &done["completed_by_id"]), (&made["id"], &Value::Null), "nobody of the business did it");
        assert_eq!(admin.get("/api/tasks").await.ok()["total"], 1);
        let entry = app.audited(made["id"].as_i64().expect("an id"), "task.completed").await.pop().expect("an entry");
        assert_eq!((entry.actor_id, entry.acting_as_id), (Some(app.admin.id), Some(app.admin.id)));
        admin.delete(&format!("/api/businesses/{}", made["id"])).await.problem(403, "forbidden");
        admin.delete(IMPERSONATE).await.status(204);
        assert_eq!(admin.delete(&format!("/api/businesses/{}", made["id"])).await.status(200), json!({"ok": true}));
        admin.post(IMPERSONATE, json!({"business_id": made["id"], "reason": "x"})).await.problem(409, "business_inactive");
    }

    async fn an_admin_works_in_another_business_without_acting_as_anybody(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let task = admin.post("/api/tasks", json!({"title": "Theirs", "business_id": app.b.id})).await.status(201);
        let done = admin.post(&format!("/api/tasks/{}/complete", task["id"]), json!({})).await.ok();
        assert_eq!((&done["status"], &done["completed_by_id"]), (&json!("done"), &Value::Null));
    }

    async fn the_platform_is_counted_over_all_businesses(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        for person in [&app.a.owner, &app.b.owner] {
            let client = app.sign_in(person).await;
            client.post("/api/crm/customers", json!({"name": "Dana"})).await.status(201);
            client.post("/api/tasks", json!({"title": "x"})).await.status(201);
        }
        app.sign_in(&app.b.agent).await.post("/api/tasks", json!({"title": "y"})).await.status(201);
        let stats = admin.get("/api/admin/stats").await.ok();
        // The third is the one that every fresh server makes.
        assert_eq!(stats["total"], json!({"calls": 0, "customers": 2, "tasks": 3, "users": 7}));
        assert_eq!((&stats["businesses"], &stats["active_businesses"]), (&json!(3), &json!(3)));
        let of_b = stats["per_business"].as_array().expect("businesses").iter().find(|row| row["business_id"] == app.b.id);
        let of_b = of_b.expect("business b");
        assert_eq!((&of_b["customers"], &of_b["tasks"], &of_b["users"]), (&json!(1), &json!(2), &json!(3)));
        let days = stats["by_day"].as_array().expect("days");
        assert_eq!(days.len(), 30);
        assert_eq!(days[29], json!({"day": "2026-11-18", "calls": 0, "customers": 2, "tasks": 3, "users": 7}));
        assert_eq!(days[28], json!({"day": "2026-11-17", "calls": 0, "customers": 0, "tasks": 0, "users": 0}));
        let day = admin.get("/api/admin/stats?from=2026-11-18&to=2026-11-19").await.ok();
        assert_eq!(day["by_day"].as_array().map(Vec::len), Some(1));
        admin.get("/api/admin/stats?from=2026-11-19&to=2026-11-18").await.problem(422, "invalid");
    }

    async fn a_job_that_was_given_up_is_seen_and_tried_again(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let now = app.state.clock.now();
        app.sql(
            "INSERT INTO jobs (business_id, kind, payload, state, run_at, attempts, max_attempts, last_error, request_id, created_at, finished_at) \
             VALUES ($1, 'calls.after_call', $2, 'dead', $3, 4, 4, 'it broke', 'r1', $3, $3)",
            vec![app.b.id.into(), json!({"call_id": 999_999}).into(), now.into()],
        )
        .await;
        let jobs = admin.get("/api/admin/jobs").await.ok();
        let failure = &jobs["failures"][0];
        assert_eq!((&failure["kind"], &failure["last_error"], &failure["business_id"]), (&json!("calls.after_call"), &json!("it broke"), &json!(app.b.id)));
        let dead = jobs["queue"].as_array().expect("a queue").iter().find(|count| count["state"] == "dead");
        assert_eq!(dead.expect("dead ones")["jobs"], 1);
        let path = format!("/api/admin/jobs/{}/retry", failure["id"]);
        assert_eq!(admin.post(&path, json!({})).await.status(202)["status"], "queued");
        assert_eq!(app.audited(app.b.id, "job.retried").await.len(), 1);
        // Its call is not there: it is given up again, once the server has tried.
        testkit::eventually("the job to be tried", || async {
            let jobs = admin.get("/api/admin/jobs").await.ok();
            jobs["failures"][0]["last_error"].as_str().is_some_and(|why| why != "it broke").then_some(())
        })
        .await;
        admin.post("/api/admin/jobs/999999/retry", json!({})).await.problem(404, "not_found");
    }

    async fn work_of_a_module_that_is_off_waits(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let modules = format!("/api/businesses/{}/modules", app.b.id);
        admin.patch(&modules, json!({"calls": {"on": false}})).await.ok();
        let insert = "INSERT INTO jobs (business_id, kind, payload, state, run_at, attempts, max_attempts, request_id, created_at) \
                      VALUES ($1, 'calls.after_call', $2, 'queued', $3, 0, 1, 'r1', $3)";
        for business in [app.a.id, app.b.id] {
            app.sql(insert, vec![business.into(), json!({"call_id": 999_999}).into(), app.state.clock.now().into()]).await;
        }
        let failed = async |business: i64| {
            let jobs = admin.get("/api/admin/jobs").await.ok();
            let failures = jobs["failures"].as_array().expect("failures").clone();
            failures.iter().any(|job| job["business_id"] == business)
        };
        testkit::eventually("a's to be tried", || async { failed(app.a.id).await.then_some(()) }).await;
        assert!(!failed(app.b.id).await, "b's waits");
        admin.patch(&modules, json!({"calls": {"on": true}})).await.ok();
        testkit::eventually("b's to be tried", || async { failed(app.b.id).await.then_some(()) }).await;
    }

    async fn nothing_is_made_in_a_business_that_is_not_there(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        for (path, body) in [
            ("/api/users", json!({"name": "x", "email": "x@example.com", "role": "agent"})),
            ("/api/crm/customers", json!({"name": "x"})),
            ("/api/tasks", json!({"title": "x"})),
            ("/api/deals", json!({"title": "x"})),
            ("/api/pipelines", json!({"name": "x", "stages": [{"name": "y", "probability": 10}]})),
        ] {
            let mut body = body;
            body["business_id"] = json!(999_999);
            admin.post(path, body).await.problem(404, "not_found");
        }
    }

    async fn a_business_inherits_what_it_does_not_say_itself(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let prompt = "/api/admin/prompts/agent";
        assert_eq!(admin.get(prompt).await.ok()["text"], Value::Null);
        admin.put(prompt, json!({"text": "Offer a visit."})).await.ok();
        let read = admin.get(prompt).await.ok();
        assert_eq!((&read["text"], &read["updated_by_id"]), (&json!("Offer a visit."), &json!(app.admin.id)));
        admin.put("/api/admin/greetings", json!({"greetings": {"he-IL": "הגעתם ל{business}", "en-US": "Hello"}})).await.ok();
        admin.put("/api/admin/greetings", json!({"greetings": {"xx": "?"}})).await.problem(422, "invalid");
        admin.put("/api/admin/templates/reminder", json!({"text": "See you"})).await.ok();
        assert_eq!(admin.get("/api/admin/templates/reminder").await.ok()["text"], "See you");
        admin.get("/api/admin/prompts/No%20Key").await.problem(404, "not_found");
        let known = async |id: i64| {
            let directory = &app.state.calls.directory;
            directory.by_id(&app.state.db, id.into()).await.expect("loaded").expect("a business")
        };
        let inherits = known(app.a.id).await;
        assert_eq!(inherits.agent_prompt.as_deref(), Some("Offer a visit."));
        assert_eq!(inherits.greeting_text, Some(format!("הגעתם ל{}", app.a.name)));
        let own = json!({"agent_prompt": "Be kind.", "greeting_text": "שלום"});
        app.sign_in(&app.a.owner).await.patch(&format!("/api/businesses/{}/settings", app.a.id), own).await.ok();
        let says = known(app.a.id).await;
        assert_eq!((says.agent_prompt.as_deref(), says.greeting_text.as_deref()), (Some("Be kind."), Some("שלום")));
        admin.put(prompt, json!({"text": null})).await.ok();
        assert_eq!(known(app.b.id).await.agent_prompt, None);
        assert_eq!(app.audited(0, "platform.default_changed").await.len(), 5);
    }
}
