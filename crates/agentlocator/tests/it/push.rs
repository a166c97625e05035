//! Web push, against a push service that checks signatures and opens what arrives.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::standins::{self, Running, Settings, VoiceKind};
use testkit::{Changes, Client, Database, TestApp, eventually, tell};

const SUBSCRIPTIONS: &str = "/api/push/subscriptions";

async fn standins() -> Running {
    standins::start(Settings {
        voice: VoiceKind::Tones,
        ..Settings::default()
    })
    .await
    .expect("stand-ins")
}

fn allowed(standins: &Running) -> Changes {
    let target = format!("127.0.0.1:{}", standins.base.port().expect("a port"));
    vec![("OUTBOUND_ALLOW", target)].into()
}

/// A person's browser: registered at the push service and at the server.
struct Browser {
    id: String,
    at: Client,
    subscription: Value,
}

impl Browser {
    async fn of(app: &TestApp, standins: &Running, person: &Client) -> Self {
        let at = Client::new(standins.base.as_str().trim_end_matches('/'));
        let key = person.get("/api/push/vapid_public_key").await.ok();
        let asked = json!({ "application_server_key": key["public_key"], "now": app.clock.now().timestamp() });
        let made = at.post("/_push/browsers", asked).await.status(201);
        person
            .post(SUBSCRIPTIONS, made["subscription"].clone())
            .await
            .status(201);
        Self {
            id: made["id"].as_str().expect("an id").to_owned(),
            at,
            subscription: made["subscription"].clone(),
        }
    }

    fn path(&self) -> String {
        format!("/_push/browsers/{}", self.id)
    }

    async fn arrived(&self) -> Vec<Value> {
        let seen = self.at.get(&self.path()).await.ok();
        seen["arrived"].as_array().cloned().unwrap_or_default()
    }

    async fn hears(&self, times: usize) -> Vec<Value> {
        eventually("a push", || async {
            let arrived = self.arrived().await;
            (arrived.len() >= times).then_some(arrived)
        })
        .await
    }
}

async fn devices(person: &Client) -> u64 {
    let answer = person.post("/api/push/test", Value::Null).await;
    if answer.status == 409 {
        return 0;
    }
    answer.status(202)["devices"].as_u64().expect("a number")
}

macro_rules! stories {
    ($($name:ident($app:ident, $standins:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn story(database: Database) {
                let standins = standins().await;
                let changes = allowed(&standins);
                tell(database, changes, |app| async move {
                    let ($app, $standins) = (&*app, &standins);
                    $body
                })
                .await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                story(Database::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                story(Database::Postgres).await;
            }
        }
    )*};
}

stories! {
    a_test_push_arrives_signed_and_sealed(app, standins) {
        let agent = app.sign_in(&app.a.agent).await;
        agent.post("/api/push/test", Value::Null).await.problem(409, "no_device");
        let browser = Browser::of(app, standins, &agent).await;
        let queued = agent.post("/api/push/test", Value::Null).await.status(202);
        let arrived = browser.hears(1).await;
        let said = &arrived[0]["payload"];
        assert_eq!(said["web_push"], 8030);
        assert_eq!(said["notification"]["navigate"], "https://agent.example.com/crm");
        assert_eq!(said["notification"]["data"]["id"], queued["id"]);
        assert_eq!((&arrived[0]["urgency"], &arrived[0]["ttl"]), (&json!("high"), &json!(86_400)));
    }

    an_alarm_is_pushed_and_many_at_once_are_one(app, standins) {
        let agent = app.sign_in(&app.a.agent).await;
        let browser = Browser::of(app, standins, &agent).await;
        let due = app.clock.now() + chrono::TimeDelta::minutes(5);
        for n in 0..10 {
            let body = json!({"title": format!("משימה {n}"), "due_at": due, "assignee_id": app.a.agent.id});
            agent.post("/api/tasks", body).await.status(201);
        }
        app.advance(chrono::TimeDelta::minutes(6));
        let arrived = browser.hears(1).await;
        app.jobs_done().await;
        assert_eq!(browser.arrived().await.len(), 1);
        let title = arrived[0]["payload"]["notification"]["title"].as_str().expect("a title");
        assert!(title.starts_with("משימה") && title.ends_with("ועוד 9"), "{title}");
    }

    a_browser_that_is_gone_is_forgotten(app, standins) {
        let agent = app.sign_in(&app.a.agent).await;
        let browser = Browser::of(app, standins, &agent).await;
        let other = Browser::of(app, standins, &agent).await;
        browser.at.delete(&browser.path()).await.status(204);
        assert_eq!(devices(&agent).await, 2);
        other.hears(1).await;
        app.jobs_done().await;
        assert_eq!(devices(&agent).await, 1);
        let ended = agent.request(Method::DELETE, SUBSCRIPTIONS).json(&json!({"endpoint": other.subscription["endpoint"]}));
        agent.send(ended).await.status(204);
        assert_eq!(devices(&agent).await, 0);
    }

    a_busy_push_service_is_asked_again_when_it_said(app, standins) {
        let agent = app.sign_in(&app.a.agent).await;
        let browser = Browser::of(app, standins, &agent).await;
        let busy = json!({"status": 429, "retry_after": "600", "times": 1});
        browser.at.put(&browser.path(), busy).await.status(204);
        assert_eq!(devices(&agent).await, 1);
        eventually("a push put off", || async {
            let tx = app.state.db.system_read("test: jobs").await.expect("a transaction");
            let counts = sea_orm::Statement::from_string(app.state.db.backend(),
                "SELECT run_at FROM jobs WHERE kind = 'notifications.push' AND state = 'queued' AND attempts = 1");
            let row = sea_orm::ConnectionTrait::query_one_raw(tx.conn(), counts).await.expect("read")?;
            let at: chrono::DateTime<chrono::Utc> = row.try_get("", "run_at").expect("a time");
            (at == app.clock.now() + chrono::TimeDelta::minutes(10)).then_some(())
        }).await;
        assert_eq!(browser.arrived().await.len(), 0);
        app.advance(chrono::TimeDelta::minutes(11));
        browser.hears(1).await;
    }

    a_browser_that_changes_hands_is_the_new_persons(app, standins) {
        let (agent, stranger) = (app.sign_in(&app.a.agent).await, app.sign_in(&app.b.owner).await);
        let browser = Browser::of(app, standins, &agent).await;
        stranger.post(SUBSCRIPTIONS, browser.subscription.clone()).await.status(201);
        assert_eq!(devices(&agent).await, 0);
        assert_eq!(devices(&stranger).await, 1);
        browser.hears(1).await;
    }

    an_address_that_we_do_not_go_to_is_refused(app, standins) {
        let agent = app.sign_in(&app.a.agent).await;
        let browser = Browser::of(app, standins, &agent).await;
        for endpoint in ["http://push.example.net/x", "https://127.0.0.1/x", "https://10.0.0.1/x", "https://[::1]/x", "ftp://x/y",
            "http://169.254.169.254/latest", "nothing", "https://127.0.0.1:1/x"] {
            let body = json!({"endpoint": endpoint, "keys": browser.subscription["keys"]});
            agent.post(SUBSCRIPTIONS, body).await.problem(422, "invalid");
        }
        let body = json!({"endpoint": "https://push.example.net/x", "keys": {"p256dh": "x", "auth": "y"}});
        agent.post(SUBSCRIPTIONS, body).await.problem(422, "invalid");
        agent.post(SUBSCRIPTIONS, json!({"endpoint": "", "keys": browser.subscription["keys"]})).await.problem(400, "missing_field");
    }
}
