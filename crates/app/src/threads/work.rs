//! What people do with threads: read them, take them, label them, put them off, close them, write notes in them; and
//! how the agent gives one to a person.

use kernel::{CustomerId, Problem, UserId};
use platform::{
    db::{AuditEntry, ReadTx, WriteTx},
    http::{
        IfMatch,
        fields::{Faults, Lines, Mentioned, mentioned},
    },
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    alerts,
    model::THREAD_STATUSES,
    show,
    store::{self, message, note, thread},
};
use crate::{
    accounts::users,
    crm::{customers, notes::mentions},
    notifications::{self, Kind, News},
};

const MOST_LABELS: usize = 20;
const MAX_NOTE_CHARS: usize = 5_000;

/// A change of a thread: what is not mentioned stays, `null` empties.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ThreadBody)]
pub struct Body {
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub assignee_id: Mentioned<i64>,
    pub labels: Option<Vec<String>>,
    /// `open`, `waiting` or `closed`.
    pub status: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Mentioned<String>,
    /// Whether the agent may answer here.
    pub bot: Option<bool>,
    /// Whose thread it is.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub customer_id: Mentioned<i64>,
}

/// Changes what is mentioned. 412 `stale`; 422 for a user or customer who is not of this business.
pub async fn change(tx: &WriteTx, id: i64, seen: &IfMatch, body: Body) -> Result<thread::Model, Problem> {
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    check_people(tx, &body).await?;
    let mut faults = Faults::default();
    let mut row = before.clone().into_active_model();
    let mut changes = Map::new();
    macro_rules! take {
        ($($field:ident: $value:expr),* $(,)?) => {$(
            if let Some(value) = $value && value != before.$field {
                changes.insert(stringify!($field).to_owned(), json!({ "from": before.$field, "to": value }));
                row.$field = Set(value);
            }
        )*};
    }
    take! {
        assignee_id: body.assignee_id,
        labels: body.labels.map(|labels| checked_labels(&mut faults, &labels)),
        status: body.status.map(|status| checked_status(&mut faults, status)),
        snoozed_until: body.snoozed_until.map(|until| until.and_then(|until| faults.time("snoozed_until", &until))),
        bot: body.bot,
        customer_id: body.customer_id,
    }
    faults.done()?;
    if changes.is_empty() {
        return Ok(before);
    }
    if changes.contains_key("bot") {
        row.bot_off_reason = Set((!*row.bot.as_ref()).then(|| "turned_off".to_owned()));
    }
    if row.status.as_ref() == "closed" {
        row.waiting_since = Set(None);
        row.unread = Set(0);
    }
    let linked = changes.contains_key("customer_id");
    row.version = Set(before.version + 1);
    row.updated_at = Set(tx.now());
    let after = tx.update(row).await?;
    if linked {
        relink(tx, &after).await?;
    }
    show::changed_thread(tx, &after).await?;
    audited(tx, &after, "thread.updated", Value::Object(changes)).await?;
    Ok(after)
}

async fn check_people(tx: &ReadTx, body: &Body) -> Result<(), Problem> {
    if let Some(user) = body.assignee_id.flatten() {
        let known = tx.find::<users::store::Entity>().by_id(user).one().await?;
        if known.is_none_or(|user| !user.active) {
            return Err(Problem::invalid(
                "assignee_id",
                "unknown_user",
                "is not a user of this business",
            ));
        }
    }
    if let Some(customer) = body.customer_id.flatten() {
        let known = customers::store::visible(tx).by_id(customer).one().await?;
        if known.is_none() {
            let what = "is not a customer of this business";
            return Err(Problem::invalid("customer_id", "unknown_customer", what));
        }
    }
    Ok(())
}

fn checked_labels(faults: &mut Faults, given: &[String]) -> Value {
    let mut labels: Vec<String> = Vec::new();
    for label in given.iter().take(MOST_LABELS) {
        let label = faults.text("labels", label, 60, Lines::One);
        labels.extend(label.filter(|label| !labels.contains(label)));
    }
    json!(labels)
}

fn checked_status(faults: &mut Faults, status: String) -> String {
    if !THREAD_STATUSES.contains(&status.as_str()) {
        faults.add("status", "unknown_value", "is open, waiting or closed");
    }
    status
}

/// The messages go along with their thread.
pub async fn relink(tx: &WriteTx, thread: &thread::Model) -> Result<(), Problem> {
    tx.update_many::<message::Entity>()?
        .col(message::Column::CustomerId, thread.customer_id)
        .filter(message::Column::ThreadId.eq(thread.id))
        .exec()
        .await?;
    Ok(())
}

/// Nothing in it is new any more.
pub async fn read(tx: &WriteTx, id: i64) -> Result<thread::Model, Problem> {
    let before = store::locked(tx, id).await?;
    if before.unread == 0 {
        return Ok(before);
    }
    let mut row = before.into_active_model();
    row.unread = Set(0);
    row.updated_at = Set(tx.now());
    let thread = tx.update(row).await?;
    show::changed_thread(tx, &thread).await?;
    Ok(thread)
}

/// A note for the people of the business. Who is mentioned hears of it.
pub async fn write_note(tx: &WriteTx, id: i64, text: &str, named: &[i64]) -> Result<note::Model, Problem> {
    let thread = store::get(tx, id).await?;
    let mut faults = Faults::default();
    let text = faults.text("text", text, MAX_NOTE_CHARS, Lines::Many);
    faults.done()?;
    let text = text.ok_or_else(|| Problem::missing("text"))?;
    let mentioned = mentions::read(tx, &text, named).await?;
    let author = tx.scope().person().map(UserId::get);
    let row = note::ActiveModel {
        thread_id: Set(thread.id),
        author_id: Set(author),
        text: Set(text),
        mentions: Set(json!(mentioned)),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let note = tx.insert(row).await?;
    let news = mentioned
        .into_iter()
        .filter(|user| Some(*user) != author)
        .map(|user_id| News {
            user_id,
            kind: Kind::Mention,
            title: "אוזכרת בהתכתבות".to_owned(),
            link: alerts::link(thread.id),
            ref_id: format!("thread_note:{}", note.id),
        });
    notifications::tell(tx, news.collect()).await?;
    show::changed_thread(tx, &thread).await?;
    audited(tx, &thread, "thread.note_created", json!({ "note_id": note.id })).await?;
    Ok(note)
}

/// Gives the thread to a person: the agent is silent from here on, and people are told why.
pub async fn give_to_person(tx: &WriteTx, id: i64, code: &str, reason: &str) -> Result<thread::Model, Problem> {
    let before = store::locked(tx, id).await?;
    if !before.bot {
        return Ok(before);
    }
    let version = before.version;
    let mut row = before.into_active_model();
    row.bot = Set(false);
    row.bot_off_reason = Set(Some(code.to_owned()));
    row.handed_over_at = Set(Some(tx.now()));
    row.status = Set("open".to_owned());
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    let thread = tx.update(row).await?;
    let customer = match thread.customer_id {
        Some(id) => {
            tx.find::<customers::store::Entity>()
                .by_id(CustomerId::new(id))
                .one()
                .await?
        }
        None => None,
    };
    alerts::handed_over(tx, &thread, customer.as_ref(), reason).await?;
    show::changed_thread(tx, &thread).await?;
    audited(tx, &thread, "thread.handed_over", json!({ "reason": code })).await?;
    Ok(thread)
}

async fn audited(tx: &WriteTx, thread: &thread::Model, action: &'static str, changes: Value) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "thread",
        record_id: Some(thread.id),
        changes,
    })
    .await?;
    Ok(())
}
