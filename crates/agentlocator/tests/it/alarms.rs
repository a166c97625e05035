//! Alarms of tasks: raised when they are due, once, to whom they concern.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::BusinessId;
use serde_json::{Value, json};
use testkit::{Client, Database, Person, TestApp, eventually};

use crate::process::{Beside, Machine, free_port};

const LIST: &str = "/api/tasks";

/// What a person's screens were told by this name, the oldest first.
pub async fn heard(client: &Client, name: &str) -> Vec<Value> {
    let events = client.get("/api/events?after=0").await.ok();
    let events = events["events"].as_array().expect("events");
    let of_name = events.iter().filter(|event| event["name"] == name);
    of_name.map(|event| event["payload"].clone()).collect()
}

async fn rings(client: &Client, times: usize) -> Vec<Value> {
    eventually("alarms", || async {
        let heard = heard(client, "task:due").await;
        (heard.len() >= times).then_some(heard)
    })
    .await
}

/// Another task, due now and the owner's, rings: so what was due before it has been looked at.
async fn look(app: &TestApp, owner: &Client, person: &Person) {
    let before = heard(owner, "task:due").await.len();
    let body = json!({ "title": "mark", "due_at": app.clock.now(), "assignee_id": person.id });
    owner.post(LIST, body).await.status(201);
    rings(owner, before + 1).await;
}

fn minutes(app: &TestApp, minutes: i64) -> DateTime<Utc> {
    app.clock.now() + TimeDelta::minutes(minutes)
}

/// Until when the alarm of the one task was put off.
async fn put_off(app: &TestApp) -> String {
    let asked = "SELECT alarm_at FROM tasks WHERE alarm_at IS NOT NULL";
    let until = eventually("an alarm that waits", || async {
        let tx = app.state.db.system_read("test: alarms").await.expect("a transaction");
        let statement = sea_orm::Statement::from_string(app.state.db.backend(), asked);
        let row = sea_orm::ConnectionTrait::query_one_raw(tx.conn(), statement).await;
        let at: DateTime<Utc> = row.expect("a row")?.try_get("", "alarm_at").expect("a time");
        (at > app.clock.now()).then_some(at)
    })
    .await;
    until.to_rfc3339()
}

async fn make(client: &Client, body: Value) -> Value {
    client.post(LIST, body).await.status(201)
}

testkit::on_both_databases! {
    async fn a_task_rings_once_and_for_whom_it_concerns(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let manager = app.sign_in(&app.a.manager).await;
        let customer = owner.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        app.sql("UPDATE customers SET owner_id = $1 WHERE id = $2",
            vec![app.a.agent.id.into(), customer["id"].as_i64().into()]).await;
        let assigned = make(&owner, json!({"title": "א", "due_at": minutes(app, 5), "assignee_id": app.a.manager.id})).await;
        let of_customer = make(&owner, json!({"title": "ב", "due_at": minutes(app, 5), "customer_id": customer["id"]})).await;
        let nobodys = make(&owner, json!({"title": "ג", "due_at": minutes(app, 5)})).await;
        let done = make(&owner, json!({"title": "ד", "due_at": minutes(app, 5), "assignee_id": app.a.owner.id})).await;
        owner.post(&format!("{LIST}/{}/complete", done["id"]), Value::Null).await.ok();
        look(app, &owner, &app.a.owner).await;
        assert_eq!(heard(&manager, "task:due").await, Vec::<Value>::new(), "not before it is due");

        app.advance(TimeDelta::minutes(6));
        let rung = rings(&manager, 2).await;
        let titles: Vec<&Value> = rung.iter().map(|alarm| &alarm["title"]).collect();
        assert_eq!(titles, ["א", "ג"]);
        assert_eq!(rung[0]["task_id"], assigned["id"]);
        assert_eq!(rung[0]["due_at"], assigned["due_at"]);
        assert_eq!(rung[0]["occurrence_id"], format!("{}-1", assigned["id"]));
        let rung = rings(&agent, 1).await;
        assert_eq!((&rung[0]["task_id"], &rung[0]["customer_id"]), (&of_customer["id"], &customer["id"]));
        look(app, &owner, &app.a.owner).await;
        assert_eq!(heard(&agent, "task:due").await.len(), 1, "once");
        let of_owner = heard(&owner, "task:due").await;
        assert_eq!(of_owner.iter().filter(|alarm| alarm["title"] != "mark").count(), 1);
        assert_eq!(of_owner[1]["task_id"], nobodys["id"]);
        let list = manager.get("/api/notifications").await.ok();
        assert_eq!((&list["unread"], &list["results"][0]["kind"]), (&json!(2), &json!("task_due")), "{list}");
    }

    async fn a_reminder_comes_before_and_a_changed_time_rings_anew(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let body = json!({"title": "א", "due_at": minutes(app, 60), "remind_before_minutes": 30, "assignee_id": app.a.agent.id});
        let task = make(&agent, body).await;
        app.advance(TimeDelta::minutes(31));
        // An access token is good for a quarter of an hour.
        let agent = app.sign_in(&app.a.agent).await;
        rings(&agent, 1).await;
        let path = format!("{LIST}/{}", task["id"]);
        agent.patch(&path, json!({"title": "ב"})).await.ok();
        agent.patch(&path, json!({"due_at": minutes(app, 40), "remind_before_minutes": null})).await.ok();
        app.advance(TimeDelta::minutes(41));
        let agent = app.sign_in(&app.a.agent).await;
        let rung = rings(&agent, 2).await;
        assert_ne!(rung[0]["occurrence_id"], rung[1]["occurrence_id"]);
        assert_eq!(rung.len(), 2);
    }

    async fn a_task_that_is_put_off_rings_again_as_another_occurrence(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let task = make(&agent, json!({"title": "א", "due_at": minutes(app, 1), "assignee_id": app.a.agent.id})).await;
        let path = format!("{LIST}/{}/snooze", task["id"]);
        app.advance(TimeDelta::minutes(2));
        rings(&agent, 1).await;
        // Wednesday noon in Israel, open until six.
        for (body, until) in [
            (json!({"preset": "10m"}), minutes(app, 10)),
            (json!({"preset": "1h"}), minutes(app, 60)),
            (json!({"preset": "tomorrow"}), "2026-11-19T07:00:00Z".parse().expect("a time")),
            (json!({"until": "2026-11-18T10:30:00Z"}), "2026-11-18T10:30:00Z".parse().expect("a time")),
        ] {
            let put_off = agent.post(&path, body).await.ok();
            assert_eq!((&put_off["status"], &put_off["due_at"]), (&json!("snoozed"), &json!(until)));
        }
        app.advance(TimeDelta::minutes(29));
        let agent = app.sign_in(&app.a.agent).await;
        let rung = rings(&agent, 2).await;
        assert_ne!(rung[0]["occurrence_id"], rung[1]["occurrence_id"]);
        let task = agent.get(&format!("{LIST}/{}", task["id"])).await.ok();
        assert_eq!(task["status"], "open", "awake again");
        for wrong in [json!({}), json!({"preset": "later"}), json!({"until": "2026-11-18T09:00:00Z"}), json!({"until": "soon"}),
            json!({"until": "2026-12-18T09:00:00Z", "preset": "1h"}), json!({"minutes": 5})] {
            assert!(agent.post(&path, wrong).await.status.is_client_error());
        }
        agent.post(&format!("{LIST}/{}/complete", task["id"]), Value::Null).await.ok();
        agent.post(&path, json!({"preset": "1h"})).await.problem(409, "task_done");
    }

    async fn what_repeats_has_its_next_task_when_it_falls_due(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let body = json!({"title": "א", "due_at": minutes(app, 10), "repeat": "FREQ=DAILY;COUNT=3", "assignee_id": app.a.agent.id});
        let first = make(&agent, body).await;
        agent.post(LIST, json!({"title": "x", "repeat": "FREQ=DAILY"})).await.problem(422, "invalid");
        agent.post(LIST, json!({"title": "x", "repeat": "every day", "due_at": minutes(app, 10)})).await.problem(422, "invalid");
        app.advance(TimeDelta::minutes(11));
        rings(&agent, 1).await;
        let tasks = agent.get(&format!("{LIST}?sort=due_at")).await.ok();
        let due: Vec<&Value> = tasks["results"].as_array().expect("tasks").iter().map(|task| &task["due_at"]).collect();
        assert_eq!(due, [&first["due_at"], &json!("2026-11-19T10:10:00Z")]);
        // Done before it is due: the series goes on.
        let second = &tasks["results"][1];
        assert_eq!(second["repeat"], "FREQ=DAILY;COUNT=3");
        agent.post(&format!("{LIST}/{}/complete", second["id"]), Value::Null).await.ok();
        let tasks = agent.get(&format!("{LIST}?sort=due_at")).await.ok();
        assert_eq!(tasks["results"][2]["due_at"], "2026-11-20T10:10:00Z");
        // The third is the last one.
        app.advance(TimeDelta::hours(49));
        let agent = app.sign_in(&app.a.agent).await;
        rings(&agent, 2).await;
        assert_eq!(agent.get(LIST).await.ok()["total"], 3);
    }

    async fn an_undo_rings_only_if_it_has_not_rung(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let task = make(&agent, json!({"title": "א", "due_at": minutes(app, 1), "assignee_id": app.a.agent.id})).await;
        let complete = format!("{LIST}/{}/complete", task["id"]);
        let reopen = format!("{LIST}/{}/reopen", task["id"]);
        agent.post(&complete, Value::Null).await.ok();
        agent.post(&reopen, Value::Null).await.ok();
        app.advance(TimeDelta::minutes(2));
        rings(&agent, 1).await;
        agent.post(&complete, Value::Null).await.ok();
        agent.post(&reopen, Value::Null).await.ok();
        look(app, &owner, &app.a.owner).await;
        assert_eq!(heard(&agent, "task:due").await.len(), 1);
    }

    async fn only_an_agent_may_not_delete(app: &TestApp) {
        let (agent, manager) = (app.sign_in(&app.a.agent).await, app.sign_in(&app.a.manager).await);
        let customer = agent.post("/api/crm/customers", json!({"name": "דנה"})).await.status(201);
        let body = json!({"title": "א", "due_at": minutes(app, 1), "assignee_id": app.a.agent.id, "customer_id": customer["id"]});
        let task = make(&agent, body).await;
        app.advance(TimeDelta::minutes(2));
        rings(&agent, 1).await;
        let path = format!("{LIST}/{}", task["id"]);
        agent.delete(&path).await.problem(403, "forbidden");
        manager.delete(&path).await.status(204);
        manager.delete(&path).await.problem(404, "not_found");
        let events = manager.get(&format!("/api/customers/{}/timeline", customer["id"])).await.ok();
        assert_eq!(events["items"], json!([]));
    }

    async fn on_the_sabbath_alarms_wait(app: &TestApp) {
        // From Wednesday to Saturday noon.
        app.advance(TimeDelta::hours(72));
        let agent = app.sign_in(&app.a.agent).await;
        make(&agent, json!({"title": "א", "due_at": minutes(app, 1), "assignee_id": app.a.agent.id})).await;
        app.advance(TimeDelta::minutes(2));
        // Sunday's opening is later than half an hour after the Sabbath's end.
        assert_eq!(put_off(app).await, "2026-11-22T07:00:00+00:00");
        app.advance(TimeDelta::hours(21));
        let agent = app.sign_in(&app.a.agent).await;
        rings(&agent, 1).await;
    }

    async fn what_fell_due_on_a_sabbath_waits_though_nobody_looked_before_its_end(app: &TestApp) {
        app.advance(TimeDelta::hours(60));
        let agent = app.sign_in(&app.a.agent).await;
        make(&agent, json!({"title": "א", "due_at": minutes(app, 600), "assignee_id": app.a.agent.id})).await;
        // At once from Saturday midnight to eight in the evening.
        app.advance(TimeDelta::hours(20));
        assert_eq!(put_off(app).await, "2026-11-22T07:00:00+00:00");
        let agent = app.sign_in(&app.a.agent).await;
        assert_eq!(heard(&agent, "task:due").await, Vec::<Value>::new());
    }

    async fn work_that_nobody_was_given_is_spread_and_due_when_somebody_is_there(app: &TestApp) {
        use app::crm::tasks::{actions, model::{NewTask, Source}};
        // Six hours on, Wednesday evening: closed.
        app.advance(TimeDelta::hours(7));
        let scope = platform::jobs::clockwork(BusinessId::new(app.a.id), "test");
        let tx = app.state.db.write(&scope).await.expect("a transaction");
        let mut whose = Vec::new();
        for n in 0..6 {
            let new = NewTask { title: format!("{n}"), source: Source::Call, ..NewTask::default() };
            let task = actions::create(&tx, new).await.expect("a task");
            assert_eq!(task.due_at.expect("due").to_rfc3339(), "2026-11-19T07:15:00+00:00");
            whose.push(task.assignee_id.expect("somebody"));
        }
        let wish = Some("2026-11-19T08:30:00Z".parse().expect("a time"));
        let new = NewTask { title: "wish".to_owned(), source: Source::Call, due_at: wish, ..NewTask::default() };
        assert_eq!(actions::create(&tx, new).await.expect("a task").due_at, wish, "a wish within the hours stands");
        drop(tx);
        let team = [app.a.owner.id, app.a.manager.id, app.a.agent.id];
        for person in team {
            assert_eq!(whose.iter().filter(|one| **one == person).count(), 2, "{whose:?}");
        }
    }

    async fn five_hundred_at_once_ring_once_each(app: &TestApp) {
        let agent = app.sign_in(&app.a.agent).await;
        let due = minutes(app, 5);
        many(app, 500, due).await;
        app.advance(TimeDelta::minutes(6));
        eventually("all alarms", || async { (raised(app).await == 500).then_some(()) }).await;
        let list = agent.get("/api/notifications?limit=1").await.ok();
        assert_eq!(list["unread"], 500);
    }
}

/// Writes tasks behind the server's back, all due then, all the agent's.
async fn many(app: &TestApp, tasks: i64, due: DateTime<Utc>) {
    let rows: Vec<String> = (0..tasks)
        .map(|n| format!("($1, 'task {n}', $2, $3, $3, 1, 'open', 'manual', 'normal', 1, $4, $4)"))
        .collect();
    app.sql(
        &format!(
            "INSERT INTO tasks (business_id, title, assignee_id, due_at, alarm_at, occurrence, status, source, priority, version, \
             created_at, updated_at) VALUES {}",
            rows.join(", ")
        ),
        vec![
            app.a.id.into(),
            app.a.agent.id.into(),
            due.into(),
            app.clock.now().into(),
        ],
    )
    .await;
}

async fn raised(app: &TestApp) -> i64 {
    let tx = app.state.db.system_read("test: alarms").await.expect("a transaction");
    let asked = "SELECT COUNT(*) AS n FROM task_occurrences";
    let statement = sea_orm::Statement::from_string(app.state.db.backend(), asked);
    let row = sea_orm::ConnectionTrait::query_one_raw(tx.conn(), statement).await;
    row.expect("a count")
        .expect("a count")
        .try_get("", "n")
        .expect("a number")
}

const TASKS: u32 = 10_000;
/// From when an alarm is due until browsers are told, in seconds.
const LATE: &str = "EXTRACT(EPOCH FROM e.published_at - (e.payload->>'due_at')::timestamptz)";

/// Ten thousand tasks fall due within a minute; of two processes one is killed midway. Says how late they were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute and a half of real time"]
async fn ten_thousand_in_a_minute_and_one_of_two_processes_killed() {
    let Some(machine) = Machine::new(Database::Postgres, Vec::new()).await else {
        return;
    };
    let (one, two) = tokio::join!(machine.start(free_port()), machine.start(free_port()));
    let beside = Beside::of(&machine).await;
    beside
        .run(&format!(
            "INSERT INTO tasks (business_id, title, assignee_id, due_at, alarm_at, occurrence, status, source, priority, version, \
             created_at, updated_at) SELECT u.business_id, 'task ' || n, u.id, d.at, d.at, 1, 'open', 'manual', 'normal', 1, now(), now() \
             FROM users u, generate_series(1, {TASKS}) n, \
             LATERAL (SELECT now() + interval '10 seconds' + n * interval '60 seconds' / {TASKS} AS at) d"
        ))
        .await;
    eventually("half of the alarms", || async {
        let raised = beside.number("SELECT COUNT(*) FROM task_occurrences").await;
        (raised >= f64::from(TASKS / 2)).then_some(())
    })
    .await;
    one.kill().await;
    eventually("all alarms", || async {
        let told = "SELECT COUNT(*) FROM outbox_events WHERE name = 'task:due' AND published_at IS NOT NULL";
        (beside.number(told).await >= f64::from(TASKS)).then_some(())
    })
    .await;
    let due = "FROM outbox_events e WHERE e.name = 'task:due'";
    let all = beside.number(&format!("SELECT COUNT(*) {due}")).await;
    let each = beside
        .number(&format!("SELECT COUNT(DISTINCT e.payload->>'occurrence_id') {due}"))
        .await;
    let listed = beside
        .number("SELECT COUNT(*) FROM notifications WHERE kind = 'task_due'")
        .await;
    let last = beside.number(&format!("SELECT MAX({LATE}) {due}")).await;
    let usual = beside
        .number(&format!(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY {LATE}) {due}"
        ))
        .await;
    let most = beside
        .number(&format!(
            "SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY {LATE}) {due}"
        ))
        .await;
    println!(
        "{all} alarms, {each} occurrences, {listed} notifications; late: median {usual:.2} s, p99 {most:.2} s, worst {last:.2} s"
    );
    let wanted = f64::from(TASKS);
    assert!([all, each, listed].iter().all(|counted| (counted - wanted).abs() < 0.5));
    assert!(most <= 2.0 && last <= 15.0);
    drop(two);
    machine.end().await;
}
