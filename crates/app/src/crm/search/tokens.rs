//! The table `search_tokens`: words of records that are found by their text – tasks, notes, calls,
//! messages.
//!
//! Customers have a table of their own of the same design, see [`crate::crm::customers::lookup`].

use std::collections::BTreeSet;

use kernel::Problem;
use platform::db::{Owned, WriteTx};
use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};

use super::{
    Chunk,
    fold::text_tokens,
    walk::{Index, Range, Readings},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "search_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub business_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub record_id: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// Whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Task,
    Note,
    Call,
    Message,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Note => "note",
            Self::Call => "call",
            Self::Message => "message",
        }
    }
}

/// Rows that one statement writes: both databases bind some 32,000 values at most.
const ROWS_AT_ONCE: usize = 5_000;

/// All under which a record with these texts is found.
pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    text_tokens(texts)
}

/// Makes a record findable by these texts, in place of what it was found by before.
pub async fn index(tx: &WriteTx, kind: Kind, id: i64, texts: &[Option<&str>]) -> Result<(), Problem> {
    erase(tx, kind, &[id]).await?;
    index_new(tx, kind, &[(id, texts)]).await
}

/// As [`index`], for records that were not indexed before.
pub async fn index_new(tx: &WriteTx, kind: Kind, records: &[(i64, &[Option<&str>])]) -> Result<(), Problem> {
    let row = |token, id| ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        token: Set(token),
        record_id: Set(id),
        ..Default::default()
    };
    let mut rows = records.iter().flat_map(|(id, texts)| {
        let tokens = of_texts(texts.iter().copied().flatten());
        tokens.into_iter().map(|token| row(token, *id))
    });
    loop {
        let some: Vec<ActiveModel> = rows.by_ref().take(ROWS_AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        let mut or_nothing = OnConflict::new();
        or_nothing.do_nothing();
        tx.insert_many(some, or_nothing).await?;
    }
}

/// Takes records out of the search.
pub async fn erase(tx: &WriteTx, kind: Kind, ids: &[i64]) -> Result<(), Problem> {
    for ids in ids.chunks(ROWS_AT_ONCE) {
        tx.rows("search_tokens")?
            .with("kind", kind.as_str())
            .with_any("record_id", ids.iter().copied())
            .delete()
            .await?;
    }
    Ok(())
}

/// Where the words of each kind stand.
static INDEXES: [(Kind, Index); 4] = [
    (Kind::Task, words_of("task")),
    (Kind::Note, words_of("note")),
    (Kind::Call, words_of("call")),
    (Kind::Message, words_of("message")),
];

const fn words_of(kind: &'static str) -> Index {
    Index {
        table: "search_tokens",
        record: "record_id",
        column: "token",
        kind: Some(kind),
    }
}

/// How a record of this kind is found by a query. `None` for a query with a chunk that can be no word.
pub fn readings(kind: Kind, chunks: &[Chunk]) -> Option<Vec<Readings>> {
    let (_, of) = INDEXES.iter().find(|(own, _)| *own == kind)?;
    let ranges = |chunk: &Chunk| {
        let beginnings = chunk.word_beginnings.iter().cloned();
        beginnings
            .map(|beginning| Range { of, beginning })
            .collect::<Readings>()
    };
    let all: Vec<Readings> = chunks.iter().map(ranges).collect();
    all.iter().all(|readings| !readings.is_empty()).then_some(all)
}
