//! The first customers that a typed query finds.

use kernel::Problem;
use platform::db::ReadTx;

use super::{
    store::{self, Column, Model},
    vocabulary,
};
use crate::crm::search::{
    Chunk,
    walk::{self, Index, Range, Readings},
};

static WORDS: Index = Index {
    table: "customer_search_tokens",
    record: "customer_id",
    column: "token",
    kind: None,
};
static PHONE_ENDINGS: Index = Index {
    table: "customer_identities",
    record: "customer_id",
    column: "reversed_digits",
    kind: None,
};
static PHONES: Index = Index {
    table: "customer_identities",
    record: "customer_id",
    column: "value",
    kind: Some("phone"),
};
static EMAILS: Index = Index {
    table: "customer_identities",
    record: "customer_id",
    column: "value",
    kind: Some("email"),
};

/// Customers whom the actor may see, and who have every chunk.
pub async fn first(tx: &ReadTx, chunks: &[Chunk], limit: usize) -> Result<Vec<Model>, Problem> {
    let all: Vec<Readings> = chunks.iter().map(readings).collect();
    if all.iter().any(Vec::is_empty) {
        return Ok(Vec::new());
    }
    Ok(walk::first(tx, || store::visible(tx), Column::Id, &all, limit).await?)
}

/// As [`first`], for a query that finds nothing: with words that are there in place of those that may be slips of them.
pub async fn in_spite_of_slips(tx: &ReadTx, chunks: &[Chunk], limit: usize) -> Result<Vec<Model>, Problem> {
    match vocabulary::corrected(tx, chunks).await? {
        Some(corrected) => first(tx, &corrected, limit).await,
        None => Ok(Vec::new()),
    }
}

fn readings(chunk: &Chunk) -> Readings {
    let range = |of: &'static Index, beginning: &String| Range {
        of,
        beginning: beginning.clone(),
    };
    let words = chunk.word_beginnings.iter().map(|word| range(&WORDS, word));
    let endings = chunk
        .phone
        .iter()
        .map(|phone| range(&PHONE_ENDINGS, &phone.reversed_digits));
    let phones = chunk.phone.iter().filter_map(|phone| phone.beginning.as_ref());
    let phones = phones.map(|beginning| range(&PHONES, beginning));
    let emails = chunk.email_beginning.iter().map(|email| range(&EMAILS, email));
    endings.chain(phones).chain(words).chain(emails).collect()
}
