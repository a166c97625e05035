//! Businesses: made, named, switched, closed and opened again.

use serde_json::{Value, json};

const LIST: &str = "/api/businesses";

testkit::on_both_databases! {
    async fn an_admin_makes_a_business_and_it_answers_for_itself(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        for body in [json!({}), json!({"name": null}), json!({"name": "  "}), json!({"domain": "x.example"})] {
            let problem = admin.post(LIST, body).await.problem(400, "name_required");
            assert_eq!(problem["errors"][0]["field"], "name");
        }
        let made = admin.post(LIST, json!({
            "name": " מוסך לוי ", "domain": "levi.example", "language": "en-US", "call_mode": "voicemail",
            "phone_numbers": [{"number": "03-555-1234"}], "modules": {"billing": {"licensed": false}},
        })).await.status(201);
        assert_eq!((&made["name"], &made["active"], &made["timezone"]), (&json!("מוסך לוי"), &json!(true), &json!("Asia/Jerusalem")));
        assert_eq!(made["phone_numbers"], json!([{"number": "+97235551234", "voice": true, "whatsapp": false}]));
        assert_eq!(made["modules"]["billing"], json!({"licensed": false, "on": true}));
        assert_eq!(made["modules"]["crm"], json!({"licensed": true, "on": true}));
        admin.post(LIST, json!({"name": "מוסך לוי"})).await.problem(409, "name_exists");
        admin.post(LIST, json!({"name": 5})).await.status(422);
        admin.post(LIST, json!({"name": "x", "naem": "y"})).await.status(422);
        admin.post(LIST, json!({"name": "x".repeat(201)})).await.status(422);
        // A number of another business is refused, and nothing of the new business stays.
        admin.post(LIST, json!({"name": "Taken", "phone_numbers": [{"number": app.b.number}]})).await.problem(409, "number_taken");
        assert_eq!(admin.get("/api/businesses?q=Taken").await.ok()["total"], 0);
        assert_eq!(admin.get("/api/businesses?q=לוי").await.ok()["results"][0]["id"], made["id"]);

        let customer = json!({"name": "Dana", "business_id": made["id"]});
        let customer = admin.post("/api/crm/customers", customer).await.status(201);
        assert_eq!(customer["business_id"], made["id"]);
        for person in [&app.a.owner, &app.a.manager, &app.a.agent] {
            let client = app.sign_in(person).await;
            let list = client.get(LIST).await.ok();
            assert_eq!((&list["total"], &list["results"][0]["id"]), (&json!(1), &json!(app.a.id)));
            client.post(LIST, json!({"name": "Mine"})).await.problem(403, "forbidden");
            client.get(&format!("{LIST}/{}", made["id"])).await.problem(404, "not_found");
            client.delete(&format!("{LIST}/{}", made["id"])).await.problem(404, "not_found");
            client.delete(&format!("{LIST}/{}", app.a.id)).await.problem(403, "forbidden");
        }
    }

    async fn a_business_is_changed_by_put_as_by_patch(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let path = format!("{LIST}/{}", app.b.id);
        let put = admin.put(&path, json!({"domain": "b.example"})).await.ok();
        assert_eq!((&put["name"], &put["domain"]), (&json!(app.b.name), &json!("b.example")));
        let patched = admin.patch(&path, json!({"name": "Renamed"})).await.ok();
        assert_eq!((&patched["name"], &patched["domain"]), (&json!("Renamed"), &json!("b.example")));
        for blank in [json!({"name": ""}), json!({"name": " "}), json!({"name": null})] {
            admin.put(&path, blank.clone()).await.problem(400, "invalid_name");
            admin.patch(&path, blank).await.problem(400, "invalid_name");
        }
        admin.patch(&path, json!({"name": app.a.name})).await.problem(409, "name_exists");
        admin.patch(&path, json!({"timezone": "Mars/Base"})).await.problem(422, "invalid");
        let stale = admin.request(reqwest::Method::PATCH, &path).header("If-Match", "\"1\"").json(&json!({"domain": "c.example"}));
        admin.send(stale).await.problem(412, "stale");
        let entries = app.audited(app.b.id, "business.updated").await;
        assert_eq!(entries.last().expect("an entry").changes["name"], json!({"from": app.b.name, "to": "Renamed"}));
    }

    async fn an_owner_renames_the_business_in_its_settings_and_a_manager_does_not(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let manager = app.sign_in(&app.a.manager).await;
        let path = format!("{LIST}/{}/settings", app.a.id);
        manager.patch(&path, json!({"name": "Mine now"})).await.problem(403, "forbidden");
        manager.patch(&path, json!({"name": app.a.name, "greeting_text": "שלום"})).await.ok();
        owner.patch(&path, json!({"name": " "})).await.problem(400, "invalid_name");
        owner.patch(&path, json!({"name": app.b.name})).await.problem(409, "name_exists");
        assert_eq!(owner.patch(&path, json!({"name": "Ours"})).await.ok()["name"], "Ours");
    }

    async fn settings_say_when_it_rests_and_what_the_law_wants(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let path = format!("{LIST}/{}/settings", app.a.id);
        let usual = owner.get(&path).await.ok();
        assert_eq!(usual["shabbat"], json!({
            "observe": true, "start_minutes_before_sunset": 40, "end_minutes_after_sunset": 50, "city": "jerusalem", "fixed": null,
        }));
        assert_eq!((&usual["shabbat_mode"], &usual["legal"], &usual["agent_visibility"], &usual["agents_see_money"]),
            (&json!("agent"), &Value::Null, &json!("all"), &json!(false)));
        let wanted = json!({
            "shabbat": {"city": "tel_aviv", "fixed": {"starts": "16:00", "ends": "20:30"}}, "shabbat_mode": "closed",
            "holidays": ["2026-09-12", {"date": "2026-09-13", "rule": "half", "name": "יום כיף"}], "holiday_rules": {"purim": "open"},
            "half_day_ends": "12:30", "agent_visibility": "own_and_unassigned", "agents_see_money": true,
            "legal": {"name": "לוי בע״מ", "tax_id": "51429315-8", "dealer_type": "company", "address": "הרצל 1, חיפה"},
            "lead_sources": [{"key": "yad2", "name": "יד2"}],
        });
        let set = owner.patch(&path, wanted).await.ok();
        assert_eq!((&set["shabbat"]["city"], &set["shabbat"]["start_minutes_before_sunset"]), (&json!("tel_aviv"), &json!(40)));
        assert_eq!(set["holidays"][1], json!({"date": "2026-09-13", "rule": "half", "name": "יום כיף"}));
        assert_eq!(set["legal"]["tax_id"], "514293158");
        assert_eq!(owner.get(&path).await.ok(), set);
        for wrong in [
            json!({"shabbat": {"city": "Tel Aviv"}}), json!({"shabbat": {"start_minutes_before_sunset": 181}}),
            json!({"shabbat": {"fixed": {"starts": "late", "ends": "20:00"}}}), json!({"shabbat_mode": "open"}),
            json!({"holidays": ["soon"]}), json!({"holidays": [{"date": "2026-09-13", "rule": "maybe"}]}),
            json!({"holiday_rules": {"purim": "never"}}), json!({"half_day_ends": "noon"}), json!({"agent_visibility": "none"}),
            json!({"legal": {"name": "x", "tax_id": "123456789", "dealer_type": "company", "address": "y"}}),
            json!({"legal": {"name": "x", "tax_id": "18", "dealer_type": "big", "address": "y"}}),
            json!({"lead_sources": [{"key": "A b", "name": "x"}]}),
            json!({"lead_sources": [{"key": "a", "name": "x"}, {"key": "a", "name": "y"}]}),
        ] {
            owner.patch(&path, wrong).await.problem(422, "invalid");
        }
        assert_eq!(owner.get(&path).await.ok(), set, "what is refused changes nothing");
    }

    async fn a_module_needs_licence_and_switch(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let owner = app.sign_in(&app.b.owner).await;
        let manager = app.sign_in(&app.b.manager).await;
        let path = format!("{LIST}/{}/modules", app.b.id);
        manager.patch(&path, json!({"crm": {"on": false}})).await.problem(403, "forbidden");
        owner.patch(&path, json!({"crm": {"licensed": false}})).await.problem(403, "forbidden");
        owner.patch(&path, json!({"fax": {"on": true}})).await.problem(422, "invalid");
        let off = owner.patch(&path, json!({"crm": {"on": false}})).await.ok();
        assert_eq!((&off["crm"], &off["calls"]), (&json!({"licensed": true, "on": false}), &json!({"licensed": true, "on": true})));
        owner.get("/api/crm/customers").await.problem(403, "module_disabled");
        owner.get("/api/crm/calls").await.ok();
        owner.patch(&path, json!({"crm": {"on": true}})).await.ok();
        owner.get("/api/crm/customers").await.ok();

        admin.patch(&path, json!({"crm": {"licensed": false}})).await.ok();
        manager.get("/api/crm/customers").await.problem(403, "module_disabled");
        owner.patch(&path, json!({"crm": {"on": false}})).await.ok();
        owner.patch(&path, json!({"crm": {"on": true}})).await.problem(409, "not_licensed");
        assert_eq!(owner.get("/api/auth/me").await.ok()["modules"]["crm"], json!({"licensed": false, "on": false}));
        // The admin looks after it all the same.
        admin.get(&format!("/api/crm/customers?business_id={}", app.b.id)).await.ok();
    }

    async fn a_closed_business_is_out_at_once_and_its_calls_are_still_stored(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let owner = app.sign_in(&app.b.owner).await;
        let path = format!("{LIST}/{}", app.b.id);
        assert_eq!(admin.delete(&path).await.status(200), json!({"ok": true}));
        assert_eq!(admin.delete(&path).await.status(200), json!({"ok": true}), "twice is once");
        owner.get("/api/auth/me").await.problem(401, "unauthorized");
        let credentials = |password: &str| json!({"email": app.b.owner.email, "password": password});
        let right = app.client.post("/api/auth/token", credentials(testkit::PASSWORD)).await;
        let wrong = app.client.post("/api/auth/token", credentials("not the password")).await;
        let text = |answer: &testkit::Answer| {
            let mut problem = answer.status(401);
            problem["request_id"] = Value::Null;
            problem
        };
        assert_eq!(text(&right), text(&wrong), "as with a wrong password");

        let fields = [
            ("CallSid", "CAclosed"), ("AccountSid", app.account_sid()), ("From", "+972501112233"), ("To", app.b.number.as_str()),
            ("CallStatus", "ringing"), ("Direction", "inbound"),
        ];
        let answer = app.webhook("/webhook/incoming_call", &fields).await;
        assert!(answer.status == 200 && answer.text().contains("<Hangup"), "a polite sentence: {}", answer.text());
        assert_eq!(admin.get("/api/calls/CAclosed").await.ok()["business_id"], app.b.id);

        assert_eq!(admin.post(&format!("{path}/reactivate"), json!({})).await.ok()["active"], true);
        owner.get("/api/auth/me").await.problem(401, "unauthorized");
        app.sign_in(&app.b.owner).await.get("/api/auth/me").await.ok();
        assert_eq!(app.audited(app.b.id, "business.deactivated").await.len(), 1);
        admin.delete(&format!("{LIST}/{}", app.a.id)).await.problem(409, "own_business");
        app.leaves_jobs();
    }

    async fn two_who_take_one_name_at_once_leave_one(app: &TestApp) {
        let admin = app.sign_in(&app.admin).await;
        let make = || admin.post(LIST, json!({"name": "Once"}));
        let answers = futures::future::join_all([make(), make(), make(), make()]).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
    }
}
