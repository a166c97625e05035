//! What a business owns: one record of each kind, marked so that it would be seen in another's answers.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use testkit::{Business, Client, Person, TestApp};

use super::rules::Record;

/// Stands in the names of business a's records only.
pub const MARK: &str = "seen-by-its-own-business-only";

/// A number that was not given before, for what must be unique.
pub fn number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

#[derive(Clone, Debug)]
pub struct Records {
    pub business: String,
    pub customer: String,
    pub task: String,
    pub call: String,
    pub call_sid: String,
    pub user: String,
}

impl Records {
    pub async fn make(app: &TestApp, business: &Business) -> Self {
        let owner = app.sign_in(&business.owner).await;
        let mark = if business.id == app.a.id { MARK } else { "other" };
        let customer = json!({ "name": format!("Dana {mark}"), "phone": format!("+9725011{:05}", number()) });
        let customer = owner.post("/api/crm/customers", customer).await.ok();
        let task = json!({ "title": format!("Call back {mark}"), "customer_id": customer["id"] });
        let task = owner.post("/api/tasks", task).await.ok();
        let call_sid = format!("CA{mark}{}", number());
        let call = ring(app, business, &call_sid, &owner).await;
        Self {
            business: business.id.to_string(),
            customer: customer["id"].to_string(),
            task: task["id"].to_string(),
            call: call["id"].to_string(),
            call_sid,
            user: business.agent.id.to_string(),
        }
    }

    /// Records that nobody has.
    pub fn with_id(id: &str) -> Self {
        let id = || id.to_owned();
        Self {
            business: id(),
            customer: id(),
            task: id(),
            call: id(),
            call_sid: id(),
            user: id(),
        }
    }

    /// The path with the record's id in its place.
    pub fn fill(&self, path: &str, record: Option<Record>) -> String {
        let id = match record {
            None => return path.to_owned(),
            Some(Record::Business) => &self.business,
            Some(Record::Customer) => &self.customer,
            Some(Record::Task) => &self.task,
            Some(Record::Call) => &self.call,
        };
        path.replace("{id}", id)
    }

    /// The id as JSON has it.
    pub fn json(id: &str) -> Value {
        id.parse::<i64>().map_or(Value::Null, Value::from)
    }

    /// The records as their owner finds them.
    pub async fn as_seen_by(&self, owner: &Client) -> Vec<Value> {
        let mut seen = Vec::new();
        for path in [
            format!("/api/crm/customers/{}", self.customer),
            format!("/api/tasks/{}", self.task),
            format!("/api/calls/{}", self.call),
            format!("/api/customers/{}/timeline", self.customer),
            format!("/api/businesses/{}/settings", self.business),
            "/api/crm/customers".to_owned(),
            "/api/tasks".to_owned(),
            "/api/crm/calls".to_owned(),
            "/api/users".to_owned(),
        ] {
            seen.push(owner.get(&path).await.ok());
        }
        seen
    }
}

/// A caller who shows no number, so that no customer comes of it; the call rings on.
async fn ring(app: &TestApp, business: &Business, call_sid: &str, owner: &Client) -> Value {
    let fields = [
        ("CallSid", call_sid),
        ("AccountSid", app.account_sid()),
        ("From", "anonymous"),
        ("To", business.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    app.webhook("/webhook/incoming_call", &fields).await.ok();
    owner.get(&format!("/api/calls/{call_sid}")).await.ok()
}

pub async fn switch_modules(app: &TestApp, business: &Business, on: bool) {
    let modules: serde_json::Map<String, Value> = kernel::Module::ALL
        .iter()
        .map(|module| (module.as_str().to_owned(), json!({ "licensed": true, "on": on })))
        .collect();
    app.sql(
        "UPDATE businesses SET modules = $1 WHERE id = $2",
        vec![Value::Object(modules).into(), business.id.into()],
    )
    .await;
}

pub async fn close(app: &TestApp, business: &Business) {
    app.sql(
        "UPDATE businesses SET active = $1 WHERE id = $2",
        vec![false.into(), business.id.into()],
    )
    .await;
}

pub async fn dismiss(app: &TestApp, person: &Person) {
    app.sql(
        "UPDATE users SET active = $1 WHERE id = $2",
        vec![false.into(), person.id.into()],
    )
    .await;
}
