//! What a customer is made of. Nothing here touches the database; see [`super::body`] for how a client writes one.

use kernel::Phone;
use platform::http::fields::Mentioned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// How far a lead has come. Every business has the first five; [`super::statuses`] holds what one has added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    New,
    Contacted,
    Qualified,
    Customer,
    Inactive,
    /// One of the business's own, by its key. Whether it is there is known to the database only.
    Own(String),
}

impl Status {
    pub const BUILT_IN: [Self; 5] = [
        Self::New,
        Self::Contacted,
        Self::Qualified,
        Self::Customer,
        Self::Inactive,
    ];

    pub fn as_str(&self) -> &str {
        match self {
            Self::New => "new",
            Self::Contacted => "contacted",
            Self::Qualified => "qualified",
            Self::Customer => "customer",
            Self::Inactive => "inactive",
            Self::Own(key) => key,
        }
    }

    /// `None` for what can not be a status.
    pub fn parse(text: &str) -> Option<Self> {
        let built_in = Self::BUILT_IN.into_iter().find(|status| status.as_str() == text);
        built_in.or_else(|| is_key(text).then(|| Self::Own(text.to_owned())))
    }
}

/// Whether this can be the key of a status or field: a lower-case letter, then letters, digits and `_`, 40 at most.
pub fn is_key(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Why somebody who rang is no lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotCustomer {
    Supplier,
    WrongNumber,
    Spam,
}

impl NotCustomer {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::WrongNumber => "wrong_number",
            Self::Spam => "spam",
        }
    }
}

/// What is to be written: a checked [`super::body::CustomerBody`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    pub name: Option<String>,
    pub phones: Contacts<Phone>,
    pub emails: Contacts<String>,
    pub company: Mentioned<String>,
    pub tax_id: Mentioned<String>,
    pub address: Mentioned<String>,
    pub status: Option<Status>,
    pub source: Option<String>,
    pub owner_id: Mentioned<i64>,
    pub tags: Option<Vec<String>>,
    pub notes: Mentioned<String>,
    pub custom: Option<Map<String, Value>>,
    pub do_not_contact: Option<bool>,
    pub language: Mentioned<String>,
}

/// What is said about phones or e-mails: the first one, all of them, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contacts<T> {
    pub first: Mentioned<T>,
    pub all: Option<Vec<T>>,
}

impl<T> Default for Contacts<T> {
    fn default() -> Self {
        Self { first: None, all: None }
    }
}

impl<T: Clone + PartialEq> Contacts<T> {
    /// The list that comes of it; `None` when nothing was said.
    pub fn applied_to(&self, current: &[T]) -> Option<Vec<T>> {
        let rest = match (&self.first, &self.all) {
            (None, None) => return None,
            (_, Some(all)) => all.clone(),
            // the first one is replaced, the others stay
            (Some(_), None) => current.iter().skip(1).cloned().collect(),
        };
        let first = self.first.clone().flatten();
        let mut list: Vec<T> = Vec::with_capacity(rest.len() + 1);
        for contact in first.into_iter().chain(rest) {
            if !list.contains(&contact) {
                list.push(contact);
            }
        }
        Some(list)
    }
}
