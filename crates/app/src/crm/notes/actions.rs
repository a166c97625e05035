//! What is done to notes, each with its timeline event, its mentions and its audit entry.

use kernel::{CustomerId, Permission, Problem, UserId};
use platform::{
    db::{AuditEntry, WriteTx},
    http::{
        IfMatch,
        fields::{Faults, Lines},
    },
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use super::{
    mentions,
    store::{ActiveModel, Entity, Model},
};
use crate::{
    crm::{
        customers::{changes, store},
        search::tokens,
    },
    timeline,
};

const MAX_TEXT_CHARS: usize = 20_000;
/// Of a long note the list shows its beginning.
const MAX_TITLE_CHARS: usize = 160;

/// What a person writes.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub text: String,
    /// Users whom the client names by id; those who stand in the text are found.
    pub mentions: Vec<i64>,
}

fn checked(text: &str) -> Result<String, Problem> {
    let mut faults = Faults::default();
    let text = faults.text("text", text, MAX_TEXT_CHARS, Lines::Many);
    faults.done()?;
    text.ok_or_else(|| Problem::missing("text"))
}

/// A new note about a customer whom the actor may see.
pub async fn create(tx: &WriteTx, customer: CustomerId, written: Written) -> Result<Model, Problem> {
    let customer = store::get(tx, customer).await?;
    let text = checked(&written.text)?;
    let mentioned = mentions::read(tx, &text, &written.mentions).await?;
    let row = ActiveModel {
        customer_id: Set(customer.id),
        author_id: Set(tx.scope().person().map(UserId::get)),
        text: Set(text),
        mentions: Set(json!(mentioned)),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let note = tx.insert(row).await?;
    tokens::index_new(tx, tokens::Kind::Note, &[(note.id, &[Some(&note.text)])]).await?;
    show(tx, &note).await?;
    mentions::tell(tx, &note, &customer, &mentioned).await?;
    audited(tx, &note, "note.created").await?;
    Ok(note)
}

/// Writes one's own note anew. 403 `forbidden` for somebody else's.
pub async fn update(tx: &WriteTx, id: i64, seen: &IfMatch, written: Written) -> Result<Model, Problem> {
    let (before, customer) = locked(tx, id).await?;
    seen.check(before.version)?;
    if !is_own(tx, &before) {
        return Err(Problem::forbidden("a note is changed by who wrote it"));
    }
    let text = checked(&written.text)?;
    let mentioned = mentions::read(tx, &text, &written.mentions).await?;
    if text == before.text && mentioned == before.mentioned() {
        return Ok(before);
    }
    let earlier = before.mentioned();
    let version = before.version;
    let mut row = before.into_active_model();
    row.text = Set(text);
    row.mentions = Set(json!(mentioned));
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    let note = tx.update(row).await?;
    tokens::index(tx, tokens::Kind::Note, note.id, &[Some(&note.text)]).await?;
    show(tx, &note).await?;
    // Nobody hears twice of one note.
    let new: Vec<i64> = mentioned.into_iter().filter(|user| !earlier.contains(user)).collect();
    mentions::tell(tx, &note, &customer, &new).await?;
    audited(tx, &note, "note.updated").await?;
    Ok(note)
}

/// Takes a note away: one's own, or anybody's for who may delete customers.
pub async fn delete(tx: &WriteTx, id: i64) -> Result<(), Problem> {
    let (note, _) = locked(tx, id).await?;
    if !is_own(tx, &note) && !tx.scope().may(Permission::CustomersDelete) {
        return Err(Problem::forbidden("a note is taken away by who wrote it"));
    }
    timeline::take_out(tx, "note", &note.id.to_string()).await?;
    tokens::erase(tx, tokens::Kind::Note, &[note.id]).await?;
    tx.rows("customer_notes")?.with("id", note.id).delete().await?;
    audited(tx, &note, "note.deleted").await
}

fn is_own(tx: &WriteTx, note: &Model) -> bool {
    let actor = tx.scope().actor().user_id().map(UserId::get);
    actor.is_some() && actor == note.author_id
}

/// 404 for a note about a customer whom the actor may not see.
async fn locked(tx: &WriteTx, id: i64) -> Result<(Model, store::Model), Problem> {
    let note = tx.find::<Entity>().by_id(id).lock().one().await?;
    let note = note.ok_or_else(Problem::not_found)?;
    let customer = store::get(tx, CustomerId::new(note.customer_id)).await?;
    Ok((note, customer))
}

/// The note's one row on the timeline: where it was written, as it reads now.
async fn show(tx: &WriteTx, note: &Model) -> Result<(), Problem> {
    let mut data = changes::by_name(tx).await?;
    data.insert("note_id".to_owned(), note.id.into());
    data.insert("text".to_owned(), note.text.as_str().into());
    data.insert("author_id".to_owned(), note.author_id.into());
    data.insert("mentions".to_owned(), note.mentions.clone());
    data.insert("edited".to_owned(), (note.version > 1).into());
    let first_line = note.text.lines().next().unwrap_or_default();
    timeline::put(
        tx,
        timeline::Entry {
            customer_id: CustomerId::new(note.customer_id),
            kind: "note",
            ref_id: note.id.to_string(),
            title: first_line.chars().take(MAX_TITLE_CHARS).collect(),
            ts: note.created_at,
            data: Value::Object(data),
        },
    )
    .await
}

async fn audited(tx: &WriteTx, note: &Model, action: &'static str) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "note",
        record_id: Some(note.id),
        changes: json!({ "customer_id": note.customer_id }),
    })
    .await?;
    Ok(())
}
