//! The list of notifications, how people want to be told, and what is told of.

use app::notifications::{Kind, News, incidents};
use kernel::{BusinessId, Scope};
use serde_json::{Value, json};
use testkit::{Client, TestApp, eventually};

use crate::alarms::heard;

const LIST: &str = "/api/notifications";

fn scope(app: &TestApp) -> Scope {
    platform::jobs::clockwork(BusinessId::new(app.a.id), "test")
}

async fn ring(app: &TestApp, client: &Client, title: &str, assignee: i64) {
    let body = json!({ "title": title, "due_at": app.clock.now(), "assignee_id": assignee });
    client.post("/api/tasks", body).await.status(201);
}

async fn listed(client: &Client, total: u64) -> Value {
    eventually("notifications", || async {
        let list = client.get(LIST).await.ok();
        (list["total"].as_u64() >= Some(total)).then_some(list)
    })
    .await
}

testkit::on_both_databases! {
    async fn a_person_reads_their_own(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        for title in ["א", "ב", "ג"] {
            ring(app, &owner, title, app.a.agent.id).await;
        }
        let list = listed(&agent, 3).await;
        assert_eq!(list["unread"], 3);
        let first = &list["results"][0];
        assert!(first["link"].as_str().is_some_and(|link| link.starts_with("/tasks?task=")), "{first}");
        assert_eq!(owner.get(LIST).await.ok()["total"], 0, "another's are not seen");
        let told = eventually("events", || async {
            let told = heard(&agent, "notification").await;
            (told.len() == 3).then_some(told)
        }).await;
        assert_eq!(told[2], json!({"id": first["id"], "kind": "task_due", "title": first["title"], "link": first["link"]}));

        assert_eq!(owner.post(&format!("{LIST}/read"), json!({"ids": [first["id"]]})).await.ok()["unread"], 0);
        assert_eq!(agent.post(&format!("{LIST}/read"), json!({"ids": [first["id"]]})).await.ok()["unread"], 2);
        assert_eq!(agent.get(&format!("{LIST}?unread=true")).await.ok()["total"], 2);
        assert_eq!(agent.post(&format!("{LIST}/read"), json!({"all": true})).await.ok()["unread"], 0);
        agent.post(&format!("{LIST}/read"), json!({})).await.problem(400, "missing_field");
        agent.get(&format!("{LIST}?kind=x")).await.problem(422, "invalid");
    }

    async fn whoever_does_a_task_settles_it_on_every_bell(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        ring(app, &owner, "א", app.a.agent.id).await;
        ring(app, &owner, "ב", app.a.agent.id).await;
        let list = listed(&agent, 2).await;
        let link = list["results"][0]["link"].as_str().expect("a link");
        let task = link.rsplit('=').next().expect("an id");
        owner.post(&format!("/api/tasks/{task}/complete"), Value::Null).await.ok();
        let left = agent.get(LIST).await.ok();
        assert_eq!((&left["unread"], &left["total"]), (&json!(1), &json!(2)), "{left}");
        eventually("the agent's screens", || async {
            (heard(&agent, "notifications:read").await == [json!({"unread": 1})]).then_some(())
        }).await;
    }

    async fn each_chooses_how_to_be_told(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let path = format!("{LIST}/preferences");
        let usual = agent.get(&path).await.ok();
        assert_eq!(usual["kinds"]["task_due"], json!({"screen": true, "push": true, "email": false, "whatsapp": false}));
        assert!(usual["kinds"]["line_down"].is_object() && usual["kinds"]["test"].is_null(), "{usual}");
        let chosen = agent.patch(&path, json!({"kinds": {"task_due": {"screen": false, "push": false}}})).await.ok();
        assert_eq!(chosen["kinds"]["task_due"], json!({"screen": false, "push": false, "email": false, "whatsapp": false}));
        let chosen = agent.patch(&path, json!({"kinds": {"task_due": {"email": true}}})).await.ok();
        assert_eq!(chosen["kinds"]["task_due"], json!({"screen": false, "push": false, "email": true, "whatsapp": false}));
        agent.patch(&path, json!({"kinds": {"birthday": {"email": true}}})).await.problem(422, "invalid");
        ring(app, &owner, "א", app.a.agent.id).await;
        eventually("the alarm", || async { (heard(&agent, "task:due").await.len() == 1).then_some(()) }).await;
        assert_eq!(agent.get(LIST).await.ok()["total"], 0, "not on the screen");
        assert_eq!(owner.get(&path).await.ok(), usual, "each for themselves");
    }

    async fn who_wants_letters_gets_them_and_many_at_once_are_one(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let letters = |many: usize| async move {
            eventually("letters", || async {
                let letters: Vec<_> = app.mails.state.letters().into_iter()
                    .filter(|letter| letter.to == [app.a.agent.email.clone()]).collect();
                (letters.len() >= many).then_some(letters)
            }).await
        };
        agent.patch(&format!("{LIST}/preferences"), json!({"kinds": {"task_due": {"email": true}}})).await.ok();
        ring(app, &owner, "להתקשר אל דנה", app.a.agent.id).await;
        let letter = letters(1).await.remove(0);
        assert!(letter.header("Subject").is_some_and(|subject| subject.contains("להתקשר אל דנה")), "{letter:?}");
        let task = owner.get("/api/tasks").await.ok()["results"][0]["id"].clone();
        assert_eq!(letter.link(), Some(format!("https://agent.example.com/tasks?task={task}")));
        let tx = app.state.db.write(&scope(app)).await.expect("a transaction");
        let news = (0..5).map(|number| News {
            user_id: app.a.agent.id,
            kind: Kind::TaskDue,
            title: format!("task {number}"),
            link: "/tasks".to_owned(),
            ref_id: format!("test {number}"),
        });
        app::notifications::tell(&tx, news.collect()).await.expect("told");
        tx.commit().await.expect("committed");
        let text = letters(2).await[1].part("text/plain").expect("a text");
        assert!(text.contains("task 0") && text.contains("ועוד 4 עדכונים"), "{text}");
        app.jobs_done().await;
        assert_eq!(letters(2).await.len(), 2, "and no more");
    }

    async fn a_letter_about_what_was_taken_back_does_not_go(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        agent.patch(&format!("{LIST}/preferences"), json!({"kinds": {"mention": {"email": true}}})).await.ok();
        // From Wednesday to Saturday noon, when nothing leaves.
        app.advance(chrono::TimeDelta::hours(72));
        let tx = app.state.db.write(&scope(app)).await.expect("a transaction");
        let news = |title: &str| News {
            user_id: app.a.agent.id,
            kind: Kind::Mention,
            title: title.to_owned(),
            link: format!("/{title}"),
            ref_id: title.to_owned(),
        };
        app::notifications::tell(&tx, vec![news("gone"), news("stays")]).await.expect("told");
        app::notifications::take_back(&tx, &["/gone".to_owned()]).await.expect("taken back");
        tx.commit().await.expect("committed");
        drop(owner);
        app.jobs_done().await;
        let own = || app.mails.state.letters().into_iter().filter(|letter| letter.to == [app.a.agent.email.clone()]);
        assert_eq!(own().count(), 0, "on the Sabbath");
        app.advance(chrono::TimeDelta::hours(21));
        eventually("a letter", || async { (own().count() > 0).then_some(()) }).await;
        app.jobs_done().await;
        assert_eq!(own().filter_map(|letter| letter.header("Subject")).collect::<Vec<_>>(), ["stays"]);
    }

    async fn an_incident_is_told_once_and_once_when_it_is_over(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let kind = Kind::LineDown;
        for _ in 0..3 {
            let tx = app.state.db.write(&scope(app)).await.expect("a transaction");
            incidents::begin(&tx, kind, "twilio", "הקו לא עונה").await.expect("noted");
            tx.commit().await.expect("committed");
        }
        let list = listed(&owner, 1).await;
        assert_eq!((&list["total"], &list["results"][0]["kind"]), (&json!(1), &json!("line_down")));
        for _ in 0..2 {
            let tx = app.state.db.write(&scope(app)).await.expect("a transaction");
            incidents::end(&tx, kind, "twilio", "הקו חזר").await.expect("noted");
            tx.commit().await.expect("committed");
        }
        assert_eq!(owner.get(LIST).await.ok()["total"], 2);
        let tx = app.state.db.write(&scope(app)).await.expect("a transaction");
        assert!(incidents::begin(&tx, kind, "twilio", "הקו לא עונה").await.expect("noted"), "another one");
        tx.commit().await.expect("committed");
        assert_eq!(owner.get(LIST).await.ok()["total"], 3);
        let agent = app.sign_in(&app.a.agent).await;
        assert_eq!(agent.get(LIST).await.ok()["total"], 0, "not an agent's matter");
    }

    async fn a_missed_call_is_told(app: &TestApp) {
        let (owner, agent) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.a.agent).await);
        let sid = "CA00000000000000000000000000000077";
        let fields = |status| [("CallSid", sid), ("AccountSid", app.account_sid()), ("From", "+972501234567"),
            ("To", app.a.number.as_str()), ("CallStatus", status), ("Direction", "inbound")];
        app.webhook("/webhook/incoming_call", &fields("ringing")).await.ok();
        for _ in 0..2 {
            app.webhook("/webhook/call_status", &fields("completed")).await.ok();
        }
        let list = listed(&owner, 1).await;
        assert_eq!((&list["total"], &list["results"][0]["kind"]), (&json!(1), &json!("missed_call")), "{list}");
        assert_eq!(agent.get(LIST).await.ok()["total"], 0);
        app.leaves_jobs();
    }

    async fn a_job_that_was_given_up_is_told(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        app.sql("INSERT INTO jobs (business_id, kind, payload, state, run_at, attempts, max_attempts, request_id, created_at, \
            finished_at) VALUES ($1, 'calls.after_call', $2, 'dead', $3, 1, 1, 'r', $3, $3)",
            vec![app.a.id.into(), json!({}).into(), app.clock.now().into()]).await;
        app.advance(chrono::TimeDelta::seconds(20));
        let list = listed(&owner, 1).await;
        assert_eq!(list["results"][0]["kind"], "job_given_up");
        app.advance(chrono::TimeDelta::seconds(20));
        app.jobs_done().await;
        assert_eq!(owner.get(LIST).await.ok()["total"], 1);
    }
}
