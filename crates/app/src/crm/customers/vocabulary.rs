//! The table `search_trigrams`: every word of customers' names once, for a query in which a word is mistyped.
//!
//! A word is there while a customer bears it, and no longer: a rare name says who somebody is.

use std::collections::BTreeSet;

use kernel::Problem;
use platform::db::{Owned, ReadTx, WriteTx};
use sea_orm::{
    ActiveValue::Set,
    FromQueryResult, Order, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Func, OnConflict},
};

use super::lookup;
use crate::crm::search::{
    Chunk,
    trigram::{is_comparable, lengths, slips, trigrams},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "search_trigrams")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub business_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub trigram: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub word: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// Words that one statement speaks of; each has a dozen trigrams, and both databases bind some 32,000 values at most.
const WORDS_AT_ONCE: usize = 500;
/// Words with the most trigrams in common that are compared letter by letter. Two letters in the wrong order may leave
/// a short word no more in common than its first letter.
const MAX_CANDIDATES: u64 = 2_000;
/// The most alike of them are searched for.
const MAX_ALIKE: usize = 20;

/// Adds the words that are not there yet, in one order for everybody, so that two who add the same do not wait for each
/// other.
pub async fn add(tx: &WriteTx, words: &BTreeSet<String>) -> Result<(), Problem> {
    let words: Vec<&String> = words.iter().filter(|word| is_comparable(word)).collect();
    for words in words.chunks(WORDS_AT_ONCE) {
        let firsts: BTreeSet<String> = words.iter().filter_map(|word| trigrams(word).pop_first()).collect();
        let known = tx
            .find::<Entity>()
            .filter(Column::Trigram.is_in(firsts))
            .filter(Column::Word.is_in(words.iter().copied()))
            .all()
            .await?;
        let known: BTreeSet<String> = known.into_iter().map(|row| row.word).collect();
        let new = words.iter().filter(|word| !known.contains(**word));
        let rows = new.flat_map(|word| {
            trigrams(word).into_iter().map(|trigram| ActiveModel {
                trigram: Set(trigram),
                word: Set((*word).clone()),
                ..Default::default()
            })
        });
        let mut or_nothing = OnConflict::new();
        or_nothing.do_nothing();
        tx.insert_many(rows.collect(), or_nothing).await?;
    }
    Ok(())
}

/// Takes those of these words out that no customer bears any more.
pub async fn drop_unused(tx: &WriteTx, words: &BTreeSet<String>) -> Result<(), Problem> {
    let words: Vec<&String> = words.iter().filter(|word| is_comparable(word)).collect();
    for words in words.chunks(WORDS_AT_ONCE) {
        let used = lookup::borne(tx, words).await?;
        let gone: Vec<&String> = words.iter().copied().filter(|word| !used.contains(*word)).collect();
        if gone.is_empty() {
            continue;
        }
        let trigrams: BTreeSet<String> = gone.iter().flat_map(|word| trigrams(word)).collect();
        tx.rows("search_trigrams")?
            .with_any("trigram", trigrams)
            .with_any("word", gone.into_iter().cloned())
            .delete()
            .await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Candidate {
    word: String,
}

/// The query with words that are there in place of those that may be slips of them; `None` when nothing is like it.
pub async fn corrected(tx: &ReadTx, chunks: &[Chunk]) -> Result<Option<Vec<Chunk>>, Problem> {
    let mut corrected = Vec::with_capacity(chunks.len());
    let mut changed = false;
    for chunk in chunks {
        let mut chunk = chunk.clone();
        if let Some(typed) = chunk.word_beginnings.first().cloned() {
            let alike = alike(tx, &typed).await?;
            changed |= !alike.is_empty();
            chunk.word_beginnings.extend(alike);
        }
        corrected.push(chunk);
    }
    Ok(changed.then_some(corrected))
}

async fn alike(tx: &ReadTx, typed: &str) -> Result<Vec<String>, Problem> {
    let trigrams = trigrams(typed);
    if trigrams.is_empty() {
        return Ok(Vec::new());
    }
    let common = Expr::col(Column::Trigram).count();
    let letters = Expr::expr(Func::char_length(Expr::col(Column::Word)));
    let find = tx
        .find::<Entity>()
        .filter(Column::Trigram.is_in(trigrams))
        .filter(letters.is_in(lengths(typed)));
    let candidates = find
        .map(|select| {
            select
                .select_only()
                .column(Column::Word)
                .group_by(Column::Word)
                .order_by(common, Order::Desc)
                .order_by(Column::Word, Order::Asc)
        })
        .limit(MAX_CANDIDATES)
        .all_as::<Candidate>()
        .await?;
    let words = candidates.into_iter().map(|candidate| candidate.word);
    let mut near: Vec<(usize, String)> = words
        .filter_map(|word| Some((slips(typed, &word)?, word)))
        .filter(|(strokes, _)| *strokes > 0)
        .collect();
    near.sort_unstable();
    Ok(near.into_iter().take(MAX_ALIKE).map(|(_, word)| word).collect())
}
