//! What somebody writes to the business, in words that no carrier has.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::decoded;

/// A message from outside. Each carrier puts it into its own form; what it has no form for is left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Letter {
    /// `+972…`, a business-scoped id as `IL.…`, or `…@lid`.
    pub from: String,
    /// The business's number, or Meta's id of one; the stand-in's own when empty.
    pub to: String,
    pub name: Option<String>,
    /// One of our kinds; `text` when empty. Any other word is sent as it is.
    pub kind: String,
    pub text: Option<String>,
    pub file: Option<File>,
    /// Latitude and longitude.
    pub location: Option<(f64, f64)>,
    /// The id and the title of a button.
    pub choice: Option<(String, String)>,
    /// Name and phone.
    pub contact: Option<(String, String)>,
    /// The message that is answered, or that a reaction is about.
    pub reply_to: Option<String>,
    pub edits: Option<String>,
    pub deletes: Option<String>,
    /// The carrier's id; a new one when there is none.
    pub id: Option<String>,
    /// Seconds since 1970; now when there is none.
    pub at: Option<i64>,
    /// How often it is delivered at once; nought counts as once.
    pub copies: usize,
    pub signature: Signature,
    /// For the bridge: written on the business's own phone; came while it was away.
    pub from_me: bool,
    pub backlog: bool,
}

/// How a webhook is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    #[default]
    Good,
    /// With another secret.
    Bad,
    /// All copies with one and the same, where each should have its own.
    Replayed,
    Missing,
}

/// A file in a message.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    pub mime_type: String,
    pub name: Option<String>,
    /// Base64.
    pub content: String,
    /// So many zeros instead of a content.
    pub zeros: usize,
}

const MOST_ZEROS: usize = 64 << 20;

impl File {
    pub fn bytes(&self) -> Bytes {
        if self.zeros > 0 {
            vec![0; self.zeros.min(MOST_ZEROS)].into()
        } else {
            decoded(&self.content)
        }
    }
}

impl Letter {
    pub fn text(from: &str, text: &str) -> Self {
        Self {
            from: from.to_owned(),
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }

    pub fn kind(&self) -> &str {
        if self.kind.is_empty() { "text" } else { &self.kind }
    }

    /// Whether the writer hides the phone.
    pub fn hidden(&self) -> bool {
        !self.from.starts_with('+')
    }

    /// The phone's digits.
    pub fn digits(&self) -> &str {
        self.from.trim_start_matches('+')
    }
}

/// One letter, or several in one webhook where the carrier does that.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Letters {
    One(Box<Letter>),
    Many(Vec<Letter>),
}

impl Letters {
    pub fn into_vec(self) -> Vec<Letter> {
        match self {
            Self::One(letter) => vec![*letter],
            Self::Many(letters) => letters,
        }
    }
}
