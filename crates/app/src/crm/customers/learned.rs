//! What the agent learns about a caller, during the call and from its transcript.

use chrono::{DateTime, Utc};
use kernel::{CustomerId, Problem};
use platform::db::WriteTx;
use serde_json::{Map, Value, json};

use super::{
    changes::{self, Change},
    identities, model,
    store::{self, Model},
    values,
};
use crate::timeline;

/// A model may repeat itself without end; what is kept of it is short.
const MAX_SAID_NAME_CHARS: usize = 100;
const MAX_NEED_CHARS: usize = 1_000;

/// What a customer said about themselves.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    pub name: Option<String>,
    pub need: Option<String>,
    pub email: Option<String>,
    pub callback_at: Option<DateTime<Utc>>,
    /// The call in which it was said.
    pub call_id: Option<i64>,
}

impl Contact {
    /// 422 for an e-mail that is none; the rest is trimmed and cut.
    fn checked(self) -> Result<Self, Problem> {
        let email = self
            .email
            .as_deref()
            .filter(|text| !text.trim().is_empty())
            .map(|text| {
                values::email(text)
                    .ok_or_else(|| Problem::invalid("email", "invalid_email", "is not an e-mail address"))
            });
        Ok(Self {
            name: self.name.and_then(|text| short(&text, MAX_SAID_NAME_CHARS)),
            need: self.need.and_then(|text| short(&text, MAX_NEED_CHARS)),
            email: email.transpose()?,
            ..self
        })
    }

    fn said(&self) -> Map<String, Value> {
        let mut said = Map::new();
        let mut note = |name: &str, value: Option<Value>| said.extend(value.map(|value| (name.to_owned(), value)));
        note("name", self.name.clone().map(Value::from));
        note("need", self.need.clone().map(Value::from));
        note("email", self.email.clone().map(Value::from));
        note("callback_at", self.callback_at.map(|at| json!(at)));
        said
    }
}

fn short(text: &str, most: usize) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(most).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Keeps what a customer said. A person's work is not written over: a name only replaces none, or that of a lead from
/// a call on which nobody has worked; an e-mail is added. What was said is in the timeline in any case, one row for
/// each call. What is said to belong to a customer who was merged meanwhile goes to the one who was kept.
pub async fn save_contact(tx: &WriteTx, id: CustomerId, contact: Contact) -> Result<(), Problem> {
    let contact = contact.checked()?;
    let id = store::current(tx, id).await?;
    let before = store::locked(tx, id).await?;
    let untouched =
        ["call", "whatsapp"].contains(&before.source.as_str()) && before.status == model::Status::New.as_str();
    let may_rename = before.given_name().is_none() || untouched;
    let mut change = Change::of(before);
    if let Some(name) = contact.name.as_deref().filter(|_| may_rename) {
        change.name(name);
    }
    if let Some(need) = contact.need.as_deref() {
        change.need(need);
    }
    if let Some(email) = &contact.email {
        let known = identities::of(tx, id).await?;
        if !known.emails.contains(email) {
            let mut emails = known.emails.clone();
            emails.push(email.clone());
            identities::set_emails(tx, id, &emails).await?;
            change.emails(&known.emails, &emails);
        }
    }
    let (customer, changes) = change.write(tx, "customer.updated").await?;
    remember(tx, &customer, &contact, changes).await
}

/// One row for a call: what is said later in it is added to what was said before.
async fn remember(
    tx: &WriteTx,
    customer: &Model,
    contact: &Contact,
    changes: Map<String, Value>,
) -> Result<(), Problem> {
    let said = contact.said();
    if said.is_empty() {
        return Ok(());
    }
    let ref_id = match contact.call_id {
        Some(call) => format!("call:{call}"),
        None => format!("customer:{}:{}", customer.id, customer.version),
    };
    let earlier = timeline::find(tx, "ai", &ref_id).await?;
    let ts = earlier.as_ref().map_or_else(|| tx.now(), |earlier| earlier.ts);
    let mut data = match earlier.map(|earlier| earlier.data) {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    let mut all_changes = match data.remove("changes") {
        Some(Value::Object(changes)) => changes,
        _ => Map::new(),
    };
    all_changes.extend(changes);
    data.extend(said);
    data.extend(changes::by(tx.scope()));
    data.insert("call_id".to_owned(), contact.call_id.into());
    let title = ["need", "name"]
        .iter()
        .find_map(|field| data.get(*field)?.as_str())
        .unwrap_or_default()
        .to_owned();
    data.insert("changes".to_owned(), Value::Object(all_changes));
    let data = Value::Object(data);
    timeline::put(
        tx,
        timeline::Entry {
            customer_id: customer.record_id(),
            kind: "ai",
            ref_id,
            title,
            ts,
            data,
        },
    )
    .await
}
