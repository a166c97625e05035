//! What the demo's owner does over the API: sign in, write down customers and tasks, and look at the call.

use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const LIMIT: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Name, phone, status and notes.
const CUSTOMERS: &[(&str, &str, &str, &str)] = &[
    (
        "רונית אברהם",
        "052-555-0101",
        "customer",
        "מטבח חדש בדירה בגבעתיים. מרוצה, הפנתה שתי חברות.",
    ),
    (
        "אבי דהן",
        "054-555-0102",
        "qualified",
        "שיפוץ חדר אמבטיה, ממתין להצעת מחיר.",
    ),
    ("מיכל ברק", "050-555-0103", "contacted", ""),
    (
        "משפחת פרץ",
        "053-555-0104",
        "new",
        "התקשרו פעמיים בערב, לחזור אחרי 18:00.",
    ),
];

/// Title, the customer's place in the list above, and in how many hours it is due: an alarm would cover what one came
/// to see.
const TASKS: &[(&str, usize, i64)] = &[
    ("לשלוח הצעת מחיר לחדר האמבטיה", 1, 4),
    ("לתאם מדידה במטבח", 0, 26),
    ("לחזור למשפחת פרץ אחרי שש", 3, 7),
    ("לברר מועד אספקה של השיש", 0, 2),
];

pub(super) struct Office {
    http: simulator::Http,
    origin: String,
    token: String,
    business_id: i64,
}

impl Office {
    pub(super) async fn sign_in(origin: &str, email: &str, password: &str) -> anyhow::Result<Self> {
        let mut office = Self {
            http: simulator::http_client()?,
            origin: origin.to_owned(),
            token: String::new(),
            business_id: 0,
        };
        let answer = office
            .post("/api/auth/token", &json!({"email": email, "password": password}))
            .await?;
        office.token = text(&answer, "/access_token").context("no access token")?;
        let me = office
            .get("/api/auth/me")
            .await?
            .context("the owner is not signed in")?;
        office.business_id = number(&me, "/business/id").context("the owner has no business")?;
        Ok(office)
    }

    /// Customers, tasks and what the business says about itself.
    pub(super) async fn furnish(&self, now: DateTime<Utc>) -> anyhow::Result<()> {
        let settings = json!({
            "agent_name": "מאיה",
            "facts": {
                "מחירים": "הצעת מחיר היא ללא עלות, אחרי ביקור מדידה.",
                "כתובת": "רחוב הרצל עשר, רמת גן.",
            },
        });
        let path = format!("/api/businesses/{}/settings", self.business_id);
        self.send(self.http.patch(self.at(&path)).json(&settings), &path)
            .await?;
        let mut ids = Vec::new();
        for (name, phone, status, notes) in CUSTOMERS {
            let customer = json!({"name": name, "phone": phone, "status": status, "notes": notes});
            let made = self.post("/api/crm/customers", &customer).await?;
            ids.push(number(&made, "/id").context("a customer without id")?);
        }
        for (title, customer, hours) in TASKS {
            let due_at = now + TimeDelta::hours(*hours);
            let task = json!({"title": title, "customer_id": ids.get(*customer), "due_at": due_at.to_rfc3339()});
            self.post("/api/tasks", &task).await?;
        }
        Ok(())
    }

    /// Waits until the call is over, with words and sound; gives its id, and in a few words what is there.
    pub(super) async fn call_on_record(&self, call_sid: &str, limit: Duration) -> anyhow::Result<(i64, String)> {
        let until = Instant::now() + limit;
        loop {
            let call = self.get(&format!("/api/calls/{call_sid}")).await?.unwrap_or_default();
            let status = text(&call, "/status").unwrap_or_default();
            let (turns, sounds) = (count(&call, "/turns"), count(&call, "/recordings"));
            let summary = text(&call, "/summary");
            if status == "completed" && turns > 0 && sounds > 0 && summary.is_some() {
                let seconds = number(&call, "/duration_seconds").unwrap_or_default();
                let id = number(&call, "/id").context("the call has no id")?;
                return Ok((id, format!("{turns} turns, {seconds} s")));
            }
            if Instant::now() > until {
                bail!(
                    "the call is not on record: status {status}, {turns} turns, {sounds} recordings, summary {summary:?}"
                );
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.post(self.at(path)).json(body), path)
            .await?
            .with_context(|| format!("{path}: not found"))
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Option<Value>> {
        self.send(self.http.get(self.at(path)), path).await
    }

    /// `None` for 404.
    async fn send(&self, request: simulator::HttpRequest, path: &str) -> anyhow::Result<Option<Value>> {
        let request = if self.token.is_empty() {
            request
        } else {
            request.bearer_auth(&self.token)
        };
        let answer = request.timeout(LIMIT).send().await.with_context(|| path.to_owned())?;
        let status = answer.status();
        if status == axum::http::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{path} answered {status}: {text}");
        }
        Ok(Some(serde_json::from_str(&text).unwrap_or_default()))
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer)?.as_i64()
}

fn count(value: &Value, pointer: &str) -> usize {
    value.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len)
}
