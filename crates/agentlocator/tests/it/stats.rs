//! Figures: by the business's own days, equal to the lists that they open, and without a trace of what does not count.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use testkit::{Business, Client, Database, TestApp, eventually};

const OVERVIEW: &str = "/api/stats/overview";
const SINCE: &str = "/api/stats/since_closing";

/// Every number that names its list: the list's path, and the number.
pub fn counted(figures: &Value) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    match figures {
        Value::Object(members) => {
            if let (Some(query), Some(total)) = (figures["query"].as_str(), figures["total"].as_u64()) {
                found.push((query.to_owned(), total));
            }
            members.values().for_each(|value| found.extend(counted(value)));
        }
        Value::Array(values) => values.iter().for_each(|value| found.extend(counted(value))),
        _ => {}
    }
    found
}

/// Asks each list whether it has as many as was said.
pub async fn equal_their_lists(client: &Client, figures: &Value) {
    let all = counted(figures);
    assert!(all.len() >= 13, "{figures:#}");
    for (query, total) in all {
        assert_eq!(client.get(&query).await.ok()["total"], total, "{query}");
    }
}

/// A call as it stands in the table.
struct Call<'a> {
    at: &'a str,
    outcome: &'a str,
    seconds: i64,
    more: &'a [(&'a str, sea_orm::Value)],
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

async fn put(app: &TestApp, business: &Business, number: usize, call: &Call<'_>) {
    let at = at(call.at);
    let mut columns = vec![
        ("business_id", business.id.into()),
        ("call_sid", format!("CA{}-{number}", business.id).into()),
        ("direction", "in".into()),
        ("from_number", "+972501111111".into()),
        ("to_number", "+97231234567".into()),
        ("status", "completed".into()),
        ("mode", "realtime".into()),
        ("started_at", at.into()),
        ("last_seen_at", at.into()),
        ("created_at", at.into()),
        ("updated_at", at.into()),
        ("ended_at", (at + TimeDelta::seconds(call.seconds)).into()),
        ("duration_seconds", call.seconds.into()),
        ("outcome", call.outcome.into()),
    ];
    for (name, value) in call.more {
        columns.retain(|(known, _)| known != name);
        columns.push((name, value.clone()));
    }
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "INSERT INTO calls ({}) VALUES ({})",
        names.join(", "),
        places.join(", ")
    );
    app.sql(&sql, columns.into_iter().map(|(_, value)| value).collect())
        .await;
}

fn of_day<'a>(overview: &'a Value, date: &str) -> &'a Value {
    let days = overview["days"].as_array().expect("days");
    days.iter().find(|day| day["date"] == date).expect(date)
}

async fn rang(app: &TestApp, sid: &str, from: &str) {
    let fields = [("CallSid", sid), ("From", from), ("To", app.a.number.as_str())];
    let fields: Vec<_> = fields
        .into_iter()
        .chain([("CallStatus", "ringing"), ("Direction", "inbound")])
        .collect();
    app.webhook("/webhook/incoming_call", &fields).await.ok();
    let fields = [
        ("CallSid", sid),
        ("To", app.a.number.as_str()),
        ("CallStatus", "completed"),
        ("CallDuration", "2"),
    ];
    app.webhook("/webhook/call_status", &fields).await.ok();
}

testkit::on_both_databases! {
    async fn a_day_begins_when_the_business_s_clock_says_so(app: &TestApp) {
        // 2026-03-27 has 23 hours in Israel, 2026-10-25 has 25.
        let moments = [
            ("2026-03-26T21:59:59Z", "2026-03-26"), ("2026-03-26T22:00:00Z", "2026-03-27"), ("2026-03-27T20:59:59Z", "2026-03-27"), ("2026-03-27T21:00:00Z", "2026-03-28"),
            ("2026-10-24T20:59:59.999Z", "2026-10-24"), ("2026-10-24T21:00:00Z", "2026-10-25"), ("2026-10-24T23:30:00Z", "2026-10-25"), ("2026-10-25T21:59:59Z", "2026-10-25"),
            ("2026-10-25T22:00:00Z", "2026-10-26"),
        ];
        for (number, (at, _)) in moments.iter().enumerate() {
            put(app, &app.a, number, &Call { at, outcome: "talked", seconds: 30, more: &[] }).await;
        }
        let owner = app.sign_in(&app.a.owner).await;
        let year = owner.get(&format!("{OVERVIEW}?from=2026-01-01&to=2026-12-31")).await.ok();
        assert_eq!((&year["timezone"], year["days"].as_array().map(Vec::len)), (&json!("Asia/Jerusalem"), Some(365)));
        assert_eq!((&year["totals"]["calls"]["incoming"], &year["totals"]["calls"]["talk_seconds"]), (&json!(9), &json!(270)));
        for date in ["2026-03-26", "2026-03-27", "2026-03-28", "2026-10-24", "2026-10-25", "2026-10-26"] {
            let day = of_day(&year, date);
            let expected = moments.iter().filter(|(_, of)| *of == date).count();
            assert_eq!(day["calls"]["incoming"], expected, "{date}");
            let list = format!("/api/crm/calls?counted=true&from={}&to={}", day["from"].as_str().expect("a time"), day["to"].as_str().expect("a time"));
            assert_eq!(owner.get(&list).await.ok()["total"], expected, "{list}");
        }
        // Another business has other days and none of these calls.
        app.sql("UPDATE businesses SET timezone = 'America/New_York' WHERE id = $1", vec![app.b.id.into()]).await;
        let stranger = app.sign_in(&app.b.owner).await;
        put(app, &app.b, 1, &Call { at: "2026-10-25T03:59:59Z", outcome: "talked", seconds: 1, more: &[] }).await;
        let theirs = stranger.get(&format!("{OVERVIEW}?from=2026-10-01&to=2026-10-31")).await.ok();
        assert_eq!((&theirs["totals"]["calls"]["incoming"], &of_day(&theirs, "2026-10-24")["calls"]["incoming"]), (&json!(1), &json!(1)));
        for wrong in ["from=soon", "from=2026-02-30", "from=2026-01-02&to=2026-01-01", "from=2025-01-01&to=2026-12-31"] {
            owner.get(&format!("{OVERVIEW}?{wrong}")).await.problem(422, "invalid");
        }
        let usual = owner.get(OVERVIEW).await.ok();
        assert_eq!((&usual["from"], &usual["to"]), (&json!("2026-10-20"), &json!("2026-11-18")));
    }

    async fn calls_are_told_apart_and_what_does_not_count_leaves_no_trace(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let spam = owner.post("/api/crm/customers", json!({"name": "x"})).await.status(201);
        let id = spam["id"].as_i64().expect("an id");
        let noon = "2026-11-17T10:00:00Z";
        let handled = |minutes: i64| -> [(&'static str, sea_orm::Value); 2] {
            [("callback_since", at(noon).into()), ("handled_at", (at(noon) + TimeDelta::minutes(minutes)).into())]
        };
        let (five, ten, hour) = (handled(5), handled(10), handled(60));
        let calls = [
            Call { at: noon, outcome: "talked", seconds: 60, more: &[] }, Call { at: noon, outcome: "transferred", seconds: 120, more: &[] },
            Call { at: noon, outcome: "message", seconds: 20, more: &five }, Call { at: noon, outcome: "abandoned", seconds: 1, more: &ten },
            Call { at: noon, outcome: "abandoned", seconds: 1, more: &hour }, Call { at: noon, outcome: "missed", seconds: 0, more: &[("needs_callback", true.into()), ("callback_since", at(noon).into())] },
            Call { at: noon, outcome: "not_reached", seconds: 0, more: &[("direction", "out".into())] },
            Call { at: noon, outcome: "talked", seconds: 999, more: &[("test", true.into())] }, Call { at: noon, outcome: "talked", seconds: 999, more: &[("customer_id", id.into())] },
        ];
        for (number, call) in calls.iter().enumerate() {
            put(app, &app.a, number, call).await;
        }
        for (number, ms) in (1..=100).map(|step| step * 10).enumerate() {
            // A hundred answers in the first call, slow ones in the test call and in that of no customer.
            for (sid, slow) in [("0", 0), ("7", 60_000), ("8", 60_000)] {
                app.sql(
                    "INSERT INTO call_turns (business_id, call_id, turn_id, agent_text, t_total_ms, mode, tools, created_at) \
                     SELECT business_id, id, $1, '', $2, 'realtime', '[]', created_at FROM calls WHERE call_sid = $3",
                    vec![i32::try_from(number).expect("small").into(), i64::from(ms + slow).into(), format!("CA{}-{sid}", app.a.id).into()],
                ).await;
            }
        }
        owner.post(&format!("/api/crm/customers/{id}/not_customer"), json!({"reason": "spam"})).await.ok();
        let figures = owner.get(&format!("{OVERVIEW}?from=2026-11-17&to=2026-11-17")).await.ok();
        let calls = &figures["days"][0]["calls"];
        assert_eq!((&calls["incoming"], &calls["outgoing"], &calls["answered"], &calls["waiting"]), (&json!(6), &json!(1), &json!(3), &json!(1)));
        assert_eq!(calls["by_outcome"], json!({"talked": 1, "transferred": 1, "message": 1, "abandoned": 2, "missed": 1, "not_reached": 1}));
        assert_eq!((&calls["answered_share"], &calls["talk_seconds"]), (&json!(0.5), &json!(202)));
        assert_eq!((&calls["handled"], &calls["median_handle_seconds"]), (&json!(3), &json!(600)));
        assert_eq!(figures["days"][0]["turns"], json!({"count": 100, "p50_ms": 500, "p95_ms": 950}));
        assert_eq!(figures["totals"]["calls"], *calls, "one day is all days");
        for (outcome, times) in calls["by_outcome"].as_object().expect("outcomes") {
            let list = format!("/api/crm/calls?counted=true&from=2026-11-17T00:00:00%2B02:00&to=2026-11-18T00:00:00%2B02:00&outcome={outcome}");
            assert_eq!(owner.get(&list).await.ok()["total"], *times, "{list}");
        }
    }

    async fn customers_tasks_and_deals_of_a_day(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let spam = owner.post("/api/crm/customers", json!({"name": "x"})).await.status(201);
        for (name, status) in [("א", "new"), ("ב", "customer"), ("ג", "customer")] {
            owner.post("/api/crm/customers", json!({"name": name, "status": status})).await.status(201);
        }
        for of in [Value::Null, spam["id"].clone()] {
            let done = owner.post("/api/tasks", json!({"title": "x", "customer_id": of, "due_at": "2026-11-18T09:00:00Z"})).await.status(201);
            owner.post(&format!("/api/tasks/{}/complete", done["id"]), Value::Null).await.ok();
            owner.post("/api/tasks", json!({"title": "late", "customer_id": of, "due_at": "2026-11-18T09:00:00Z"})).await.status(201);
            owner.post("/api/tasks", json!({"title": "later", "customer_id": of, "due_at": "2026-11-18T12:00:00Z"})).await.status(201);
            for (verb, amount, currency) in [("win", 1000, "ILS"), ("win", 500, "ILS"), ("lose", 70, "ILS"), ("win", 9, "USD")] {
                let deal = owner.post("/api/deals", json!({"title": "x", "customer_id": of, "amount_minor": amount, "currency": currency})).await.status(201);
                owner.post(&format!("/api/deals/{}/{verb}", deal["id"]), if verb == "lose" { json!({"reason": "x"}) } else { json!({}) }).await.ok();
            }
        }
        owner.post(&format!("/api/crm/customers/{}/not_customer", spam["id"]), json!({"reason": "spam"})).await.ok();
        let path = format!("{OVERVIEW}?from=2026-11-18&to=2026-11-18");
        let day = owner.get(&path).await.ok()["days"][0].clone();
        assert_eq!(day["customers"], json!({"new": 3, "by_source": {"manual": 3}, "by_status": {"new": 1, "customer": 2}}));
        assert_eq!(day["tasks"], json!({"done": 1, "due": 3, "overdue": 1}));
        assert_eq!(day["deals"], json!({"created": 4, "won": 3, "lost": 1, "sums": [
            {"currency": "ILS", "won_minor": 1500, "lost_minor": 70}, {"currency": "USD", "won_minor": 9, "lost_minor": 0}]}));
        let (from, to) = (day["from"].as_str().expect("a time"), day["to"].as_str().expect("a time"));
        for (list, total) in [
            (format!("/api/crm/customers?created_from={from}&created_to={to}"), 3), (format!("/api/deals?counted=true&status=won&closed_from={from}&closed_to={to}"), 3),
            (format!("/api/deals?counted=true&status=lost&closed_from={from}&closed_to={to}"), 1),
        ] {
            assert_eq!(owner.get(&list).await.ok()["total"], total, "{list}");
        }
        let seen = agent.get(&path).await.ok();
        assert!(!seen.to_string().contains("sums"), "an agent sees no money: {seen}");
        assert_eq!(seen["days"][0]["deals"]["won"], 3);
    }

    async fn who_was_brought_over_is_no_new_lead(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        for source in ["import", "manual", "call"] {
            owner.post("/api/crm/customers", json!({"name": source, "source": source})).await.status(201);
        }
        let since = owner.get(SINCE).await.ok();
        assert_eq!(since["new_customers"]["total"], 2);
        equal_their_lists(&owner, &since).await;
        let overview = owner.get(OVERVIEW).await.ok();
        assert_eq!(overview["totals"]["customers"]["new"], 2);
        assert_eq!(overview["totals"]["customers"]["by_source"], json!({"call": 1, "manual": 1}));
        assert_eq!(owner.get("/api/crm/customers").await.ok()["total"], 3);
    }

    async fn what_happened_since_closing_is_what_the_lists_say(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        // Noon on Wednesday; it closed on Tuesday at six.
        let empty = owner.get(SINCE).await.ok();
        assert_eq!((&empty["since"], &empty["is_open"], &empty["opens_at"]), (&json!("2026-11-17T16:00:00Z"), &json!(true), &Value::Null));
        assert_eq!((&empty["line"]["state"], &empty["line"]["last_heard_at"]), (&json!("never_heard"), &Value::Null));
        let before = Call { at: "2026-11-17T15:59:59Z", outcome: "missed", seconds: 0,
            more: &[("needs_callback", true.into()), ("callback_since", at("2026-11-17T15:59:59Z").into()), ("from_number", "+972509999999".into())] };
        put(app, &app.a, 1, &before).await;
        for (sid, from) in [("CA1", "+972501111111"), ("CA2", "+972501111111"), ("CA3", "anonymous"), ("CA4", "+972502222222"), ("CA5", "+972503333333"), ("CA6", "+972504444444")] {
            rang(app, sid, from).await;
            app.advance(TimeDelta::seconds(30));
        }
        // What a call leaves to be done would say again how it ended.
        app.jobs_done().await;
        app.sql("UPDATE calls SET outcome = 'message' WHERE call_sid = 'CA4'", vec![]).await;
        app.sql("UPDATE calls SET wants_person = $1 WHERE call_sid = 'CA2'", vec![true.into()]).await;
        owner.post("/api/calls/CA5/handle", json!({})).await.ok();
        let spam = owner.get("/api/calls/CA6").await.ok()["customer_id"].clone();
        owner.post(&format!("/api/crm/customers/{spam}/not_customer"), json!({"reason": "spam"})).await.ok();
        owner.post("/api/calls/test", json!({})).await.status(201);
        let figures = owner.get(SINCE).await.ok();
        equal_their_lists(&owner, &figures).await;
        let calls = &figures["calls"];
        assert_eq!((&calls["all"]["total"], &calls["settled"]["total"], &calls["waiting"]["total"], &calls["handled"]["total"]), (&json!(5), &json!(1), &json!(4), &json!(1)));
        let waiting = &figures["waiting"];
        let groups: Vec<_> = waiting["groups"].as_array().expect("groups").iter().map(|group| (group["reason"].as_str().expect("a word"), group["total"].as_u64().expect("a number"))).collect();
        assert_eq!(groups, [("person", 1), ("message", 1), ("hung_up", 0), ("hidden", 1)]);
        let rows: Vec<_> = waiting["rows"].as_array().expect("rows").iter().map(|row| (row["from_number"].as_str().expect("a number"), row["attempts"].as_u64())).collect();
        assert_eq!(rows, [("+972501111111", Some(2)), ("+972502222222", Some(1)), ("anonymous", Some(1))], "the most urgent first");
        assert_eq!((&waiting["callers"]["total"], &waiting["earlier"]["total"]), (&json!(3), &json!(1)));
        assert!(figures["line"]["last_heard_at"].is_string());
        assert_eq!(figures["line"]["state"], "limited", "no recogniser, and only the basic voice: {figures}");
        // Handling a row's call settles all of its caller's.
        owner.post(&format!("/api/calls/{}/handle", waiting["rows"][0]["last_call_id"]), json!({})).await.ok();
        assert_eq!(owner.get(SINCE).await.ok()["waiting"]["groups"][0]["total"], 0);
        // A stranger has nothing of it, a key for figures alone no names, and the admin names the business.
        assert_eq!(app.sign_in(&app.b.owner).await.get(SINCE).await.ok()["calls"]["all"]["total"], 0);
        let key = owner.post("/api/api_keys", json!({"name": "k", "scopes": ["stats:read"]})).await.status(201);
        let by_key = app.client.with_token(key["secret"].as_str().expect("a secret")).get(SINCE).await.ok();
        assert_eq!((&by_key["waiting"]["rows"], &by_key["waiting"]["callers"]["total"]), (&json!([]), &json!(2)));
        let admin = app.sign_in(&app.admin).await;
        let theirs = admin.get(&format!("{SINCE}?business_id={}", app.b.id)).await.ok();
        assert_eq!(theirs["calls"]["all"]["total"], 0);
        equal_their_lists(&admin, &theirs).await;
        app.leaves_jobs();
    }

    async fn an_agent_of_narrow_sight_sees_figures_of_what_they_see(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        rang(app, "CA1", "+972501111111").await;
        rang(app, "CA2", "+972502222222").await;
        let theirs = owner.get("/api/calls/CA1").await.ok()["customer_id"].clone();
        owner.patch(&format!("/api/crm/customers/{theirs}"), json!({"owner_id": app.a.manager.id})).await.ok();
        owner.patch(&format!("/api/businesses/{}/settings", app.a.id), json!({"agent_visibility": "own_and_unassigned"})).await.ok();
        let figures = agent.get(SINCE).await.ok();
        equal_their_lists(&agent, &figures).await;
        assert_eq!((&figures["calls"]["all"]["total"], &figures["waiting"]["callers"]["total"]), (&json!(1), &json!(1)));
        assert_eq!(agent.get(OVERVIEW).await.ok()["totals"]["calls"]["incoming"], 1);
        assert_eq!(owner.get(OVERVIEW).await.ok()["totals"]["calls"]["incoming"], 2);
        app.leaves_jobs();
    }

    async fn owners_are_told_after_closing_and_before_opening(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        owner.patch("/api/notifications/preferences", json!({"kinds": {"daily_digest": {"email": true, "push": false}}})).await.ok();
        rang(app, "CA1", "+972501111111").await;
        // No work is under way while the clock jumps: it would be taken for cut off.
        app.jobs_done().await;
        // Wednesday, a quarter past six.
        app.advance(TimeDelta::minutes(6 * 60 + 15));
        let titles = async |many: usize| {
            let owner = app.sign_in(&app.a.owner).await;
            eventually("a digest", || async {
                let list = owner.get("/api/notifications").await.ok();
                let titles: Vec<String> = list["results"].as_array().expect("results").iter().filter(|one| one["kind"] == "daily_digest")
                    .map(|one| one["title"].as_str().expect("a title").to_owned()).collect();
                (titles.len() >= many).then_some(titles)
            }).await
        };
        assert_eq!(titles(1).await, ["סיכום היום: שיחה אחת · אחד ניתק לפני שדיבר"]);
        app.advance(TimeDelta::minutes(10));
        app.jobs_done().await;
        // Thursday, twenty to nine.
        app.advance(TimeDelta::minutes(14 * 60 + 15));
        assert_eq!(titles(2).await[0], "מאז הסגירה: אין שיחות · אין מי שממתין לחזרה");
        let letters = eventually("both letters", || async {
            let letters = app.mails.state.letters();
            (letters.len() >= 2).then_some(letters)
        }).await;
        assert_eq!(letters.len(), 2, "once each, to who chose it");
        app.leaves_jobs();
    }
}

/// A hundred thousand calls with three turns each over a year: the whole year is told within a second.
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
async fn a_hundred_thousand(database: Database) {
    testkit::tell(database, testkit::Changes::default(), |app| async move {
        let app = &*app;
        let (numbers, moment) = match database {
            Database::Sqlite => (
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)",
                "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2025-11-18 00:00:00', '+' || (i * 315) || ' seconds')",
            ),
            Database::Postgres => (
                "WITH n AS (SELECT generate_series(1, 100000) AS i)",
                "timestamptz '2025-11-18 00:00:00+00' + i * interval '315 seconds'",
            ),
        };
        app.sql(
            &format!(
                "{numbers} INSERT INTO calls (business_id, call_sid, direction, from_number, to_number, status, mode, started_at, \
                 last_seen_at, created_at, updated_at, ended_at, duration_seconds, outcome) SELECT $1, 'CA' || i, 'in', '+972501111111', \
                 '+97231234567', 'completed', 'realtime', at, at, at, at, at, i % 300, CASE WHEN i % 3 = 0 THEN 'talked' ELSE 'abandoned' END \
                 FROM (SELECT i, {moment} AS at FROM n) AS c"
            ),
            vec![app.a.id.into()],
        )
        .await;
        app.sql(
            "INSERT INTO call_turns (business_id, call_id, turn_id, agent_text, t_total_ms, mode, tools, created_at) \
             SELECT c.business_id, c.id, t.n, '', (c.id * 7 + t.n * 13) % 1500, 'realtime', '[]', c.created_at \
             FROM calls c CROSS JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) t",
            vec![],
        )
        .await;
        app.sql("ANALYZE", vec![]).await;
        let owner = app.sign_in(&app.a.owner).await;
        for (query, calls) in [("from=2025-11-18&to=2026-11-18", 100_000), ("from=2026-11-01&to=2026-11-18", 4_753)] {
            let began = std::time::Instant::now();
            let figures = owner.get(&format!("{OVERVIEW}?{query}")).await.ok();
            println!("{database:?} {query}: {:?}", began.elapsed());
            let found = figures["totals"]["calls"]["incoming"].as_i64().expect("a number");
            assert!((found - calls).abs() < 300, "{found}");
            assert_eq!(figures["totals"]["turns"]["count"], found * 3);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes four hundred thousand rows"]
async fn a_year_of_a_hundred_thousand_calls_on_sqlite() {
    a_hundred_thousand(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes four hundred thousand rows"]
async fn a_year_of_a_hundred_thousand_calls_on_postgres() {
    a_hundred_thousand(Database::Postgres).await;
}
