//! Where in the database something about a customer stands, and what becomes of it when two customers are merged or
//! one is forgotten.
//!
//! A new table that speaks of customers needs a line here. A test reads the schema's foreign keys and fails for a
//! table that refers to customers and has none.

use platform::db::{DbError, Rows, WriteTx};
use sea_orm::Value;
use serde_json::json;

pub struct Place {
    pub table: &'static str,
    pub link: Link,
    pub merge: OnMerge,
    pub forget: OnForget,
}

/// How a row is known to be about a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// This column has the customer's id.
    Column(&'static str),
    /// This column has the id of a row of another place, whose own link is a column.
    Through {
        column: &'static str,
        place: &'static str,
        its: &'static str,
    },
}

/// What becomes of the rows of the customer who goes up in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMerge {
    /// They are the kept customer's from then on; the table has an `id`.
    Move,
    /// They follow the row through which they are linked, or tell of the customer who went.
    Stay,
    /// [`super::merge`] does by name what this table needs.
    ByName,
}

#[derive(Clone, Copy, Debug)]
pub enum OnForget {
    Delete,
    /// The row stays, for statistics and for what refers to it, with nothing personal in it.
    Overwrite(&'static [(&'static str, Blank)]),
    /// The row stays as it is: the law wants it kept.
    Keep,
}

/// What is written over something personal.
#[derive(Clone, Copy, Debug)]
pub enum Blank {
    Null,
    Text(&'static str),
    Flag(bool),
    List,
    Object,
    Now,
}

/// Stands where a name or title must stand.
pub const ERASED: &str = "נמחק";
/// Twilio's word for a caller who shows no number.
pub const NO_NUMBER: &str = "anonymous";

use Blank::{Flag, List, Now, Null, Object, Text};
use Link::{Column, Through};
use OnForget::{Delete, Overwrite};
use OnMerge::{ByName, Move, Stay};

pub const PLACES: &[Place] = &[
    Place {
        table: "customer_identities",
        link: Column("customer_id"),
        merge: ByName,
        forget: Delete,
    },
    Place {
        table: "customer_search_tokens",
        link: Column("customer_id"),
        merge: ByName,
        forget: Delete,
    },
    Place {
        table: "customer_merge_moves",
        link: Through {
            column: "merge_id",
            place: "customer_merges",
            its: "kept_id",
        },
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "customer_merges",
        link: Column("kept_id"),
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "customer_merges",
        link: Column("other_id"),
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "call_turns",
        link: Through {
            column: "call_id",
            place: "calls",
            its: "customer_id",
        },
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "recordings",
        link: Through {
            column: "call_id",
            place: "calls",
            its: "customer_id",
        },
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "calls",
        link: Column("customer_id"),
        merge: Move,
        forget: Overwrite(&[
            ("forwarded_from", Null),
            ("next_step", Null),
            ("transcription", Null),
            ("summary", Null),
            ("extracted", Null),
            ("sentiment", Null),
            ("has_recording", Flag(false)),
            ("needs_callback", Flag(false)),
            ("caller_hidden", Flag(true)),
        ]),
    },
    Place {
        table: "task_occurrences",
        link: Through {
            column: "task_id",
            place: "tasks",
            its: "customer_id",
        },
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "customer_import_rows",
        link: Column("customer_id"),
        merge: Move,
        forget: Delete,
    },
    Place {
        table: "customer_bulk_rows",
        link: Column("customer_id"),
        merge: Move,
        forget: Delete,
    },
    Place {
        table: "tasks",
        link: Column("customer_id"),
        merge: Move,
        forget: Overwrite(&[
            ("title", Text(ERASED)),
            ("notes", Null),
            ("status", Text("done")),
            ("completed_at", Now),
            ("alarm_at", Null),
            ("repeat", Null),
        ]),
    },
    Place {
        table: "deal_changes",
        link: Through {
            column: "deal_id",
            place: "deals",
            its: "customer_id",
        },
        merge: Stay,
        forget: Overwrite(&[("reason", Null)]),
    },
    Place {
        table: "deals",
        link: Column("customer_id"),
        merge: Move,
        forget: Overwrite(&[("title", Text(ERASED)), ("lost_reason", Null)]),
    },
    Place {
        table: "message_files",
        link: Through {
            column: "message_id",
            place: "messages",
            its: "customer_id",
        },
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "messages",
        link: Column("customer_id"),
        merge: Move,
        forget: Delete,
    },
    Place {
        table: "thread_addresses",
        link: Through {
            column: "thread_id",
            place: "threads",
            its: "customer_id",
        },
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "thread_notes",
        link: Through {
            column: "thread_id",
            place: "threads",
            its: "customer_id",
        },
        merge: Stay,
        forget: Delete,
    },
    Place {
        table: "threads",
        link: Column("customer_id"),
        merge: Move,
        forget: Delete,
    },
    Place {
        table: "timeline_events",
        link: Column("customer_id"),
        merge: Move,
        forget: Delete,
    },
    Place {
        table: "customer_notes",
        link: Column("customer_id"),
        merge: Move,
        forget: Delete,
    },
];

/// Columns in which a number stands that may be a customer's, whoever the row is linked to.
pub const NUMBERS: &[(&str, &str)] = &[
    ("calls", "from_number"),
    ("calls", "to_number"),
    ("calls", "forwarded_from"),
];

/// Rows that a number or a call ties to a customer though nobody has linked them.
pub const UNLINKED_CALLS: (&str, &str) = ("calls", "customer_id");
pub const UNLINKED_TASKS: (&str, &str) = ("tasks", "customer_id");

/// Columns that hold files of the storage by their keys.
pub const FILES: &[(&str, &str)] = &[("recordings", "storage_key"), ("message_files", "storage_key")];

/// What a person has typed to find somebody, or brought in a file; it is emptied when it names who is forgotten.
pub const TYPED: &[(&str, &str)] = &[("saved_views", "filters"), ("customer_import_errors", "cells")];

impl Place {
    /// The rows of these customers.
    pub fn rows<'t>(&self, tx: &'t WriteTx, customers: &[i64]) -> Result<Rows<'t>, DbError> {
        match self.link {
            Column(column) => Ok(tx.rows(self.table)?.with_any(column, customers.iter().copied())),
            Through { column, place, its } => {
                let parents = tx.rows(place)?.with_any(its, customers.iter().copied());
                Ok(tx.rows(self.table)?.among(column, &parents, "id"))
            }
        }
    }

    /// The place with this table.
    pub fn of(table: &str) -> Option<&'static Self> {
        PLACES.iter().find(|place| place.table == table)
    }
}

impl Blank {
    pub fn value(self, tx: &WriteTx) -> Value {
        match self {
            Null => Value::String(None),
            Text(text) => text.into(),
            Flag(flag) => flag.into(),
            List => json!([]).into(),
            Object => json!({}).into(),
            Now => tx.now().into(),
        }
    }
}
