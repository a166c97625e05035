//! Everything that happened with a customer, in one table, newest first.
//!
//! A producer writes its event in the transaction of the thing itself, so the timeline cannot disagree with the
//! record. One thing has one row: when it moves on, its row is written again in place. Reading across the producers'
//! own tables never happens.

mod cursor;
mod store;

use kernel::{CustomerId, Problem};
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, prelude::DateTimeUtc, sea_query::OnConflict};

pub use cursor::Cursor;
pub use store::{Ask, Column, Entity, Model, Shown, newest};

/// The kinds of events, as `types=` of the timeline names them.
pub const KINDS: [&str; 12] = [
    "call",
    "whatsapp",
    "task",
    "invoice",
    "contract",
    "signature",
    "payment",
    "deal",
    "note",
    "change",
    "import",
    "ai",
];

/// What happened. `(kind, ref_id)` is its identity within the business.
#[derive(Clone, Debug)]
pub struct Entry {
    pub customer_id: CustomerId,
    /// One of [`KINDS`].
    pub kind: &'static str,
    /// The id of the thing, within its kind.
    pub ref_id: String,
    /// A few words for the list; a message's body or a transcript never stands here.
    pub title: String,
    pub ts: DateTimeUtc,
    /// What the page needs to draw the row.
    pub data: serde_json::Value,
}

/// Writes an event, or writes it anew where it stands already (with another customer, too: a call was linked).
pub async fn put(tx: &WriteTx, entry: Entry) -> Result<(), Problem> {
    put_all(tx, vec![entry]).await
}

/// As [`put`], for many events of different things in one statement.
pub async fn put_all(tx: &WriteTx, entries: Vec<Entry>) -> Result<(), Problem> {
    let rows = entries.into_iter().map(row).collect();
    let mut in_place = OnConflict::columns([Column::BusinessId, Column::Kind, Column::RefId]);
    in_place.update_columns([Column::CustomerId, Column::Title, Column::Ts, Column::Data]);
    tx.insert_many(rows, in_place).await?;
    Ok(())
}

fn row(entry: Entry) -> store::ActiveModel {
    store::ActiveModel {
        customer_id: Set(entry.customer_id.get()),
        kind: Set(entry.kind.to_owned()),
        ref_id: Set(entry.ref_id),
        title: Set(entry.title),
        ts: Set(entry.ts),
        data: Set(entry.data),
        ..Default::default()
    }
}

/// The event of a thing, if it has one: for a producer that adds to what it wrote before.
pub async fn find(tx: &WriteTx, kind: &'static str, ref_id: &str) -> Result<Option<Model>, Problem> {
    let this = Condition::all()
        .add(Column::Kind.eq(kind))
        .add(Column::RefId.eq(ref_id));
    Ok(tx.find::<Entity>().filter(this).one().await?)
}

/// Takes an event out again (a call was unlinked from its customer).
pub async fn take_out(tx: &WriteTx, kind: &'static str, ref_id: &str) -> Result<(), Problem> {
    let this = Condition::all()
        .add(Column::Kind.eq(kind))
        .add(Column::RefId.eq(ref_id));
    tx.delete_many::<Entity>()?.filter(this).exec().await?;
    Ok(())
}
