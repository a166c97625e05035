//! The first customers that a typed query finds.

use kernel::Problem;
use platform::db::ReadTx;

use super::{
    store::{self, Column, Model},
    vocabulary,
};
use crate::crm::search::{
    self, Chunk, layout,
    walk::{self, Index, Range, Readings},
    written_words,
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

/// What may be meant by a query that finds nothing.
pub struct Meant {
    pub chunks: Vec<Chunk>,
    /// The query as it would have been typed.
    pub text: String,
}

/// What a query means that finds none of the customers whom the actor may see: the same keys in the other language, else
/// words that are there in place of those that may be slips of them. `None` when it finds somebody, or that finds nobody.
pub async fn meant(tx: &ReadTx, query: &str) -> Result<Option<Meant>, Problem> {
    let Some(chunks) = search::parse(query) else {
        return Ok(None);
    };
    if !first(tx, &chunks, 1).await?.is_empty() {
        return Ok(None);
    }
    if let Some(other) = in_other_language(query)
        && !first(tx, &other.chunks, 1).await?.is_empty()
    {
        return Ok(Some(other));
    }
    in_spite_of_slips(tx, &chunks).await
}

/// The same keys in the other language.
pub fn in_other_language(query: &str) -> Option<Meant> {
    let text = layout::other(query)?;
    let chunks = search::parse(&text)?;
    Some(Meant { chunks, text })
}

/// Words that customers bear in place of those that may be slips of them, if that finds somebody.
pub async fn in_spite_of_slips(tx: &ReadTx, chunks: &[Chunk]) -> Result<Option<Meant>, Problem> {
    let Some(chunks) = vocabulary::corrected(tx, chunks).await? else {
        return Ok(None);
    };
    let found = first(tx, &chunks, 1).await?;
    Ok(found.first().map(|customer| Meant {
        text: in_words_of(customer, &chunks),
        chunks,
    }))
}

/// Each chunk as the customer's name has it.
fn in_words_of(customer: &Model, chunks: &[Chunk]) -> String {
    let texts = customer.given_name().into_iter().chain(customer.company.as_deref());
    let words: Vec<(&str, String)> = texts.flat_map(written_words).collect();
    let written = |chunk: &Chunk| {
        let mut beginnings = chunk.word_beginnings.iter();
        let word = beginnings.find_map(|beginning| words.iter().find(|(_, folded)| folded.starts_with(beginning)));
        word.map_or(chunk.typed.clone(), |(written, _)| (*written).to_owned())
    };
    chunks.iter().map(written).collect::<Vec<_>>().join(" ")
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
