//! A file that somebody brings, as a table: told by its content, never by its name.
//!
//! Rows are read one after another, so that only the file itself is in memory. Whatever a file holds, reading it ends in
//! rows or in a [`Problem`]; limits stand here.

mod separated;
mod text;
mod unpacked;
mod vcard;
mod workbook;

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use bytes::Bytes;
use kernel::Problem;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 25 * 1024 * 1024;
/// Longer tables are refused.
pub const MOST_ROWS: u64 = 200_000;
/// Columns beyond these are not looked at.
pub const MOST_COLUMNS: usize = 200;
/// What a spreadsheet's cell can hold; more is cut.
const LONGEST_CELL_CHARS: usize = 32_767;

/// Between several phones or addresses in one cell, as Google Contacts writes them.
pub const BETWEEN_VALUES: &str = ":::";

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportFileKind)]
pub enum Kind {
    Csv,
    /// A CSV that Google Contacts wrote.
    GoogleContacts,
    Xlsx,
    Vcard,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::GoogleContacts => "google_contacts",
            Self::Xlsx => "xlsx",
            Self::Vcard => "vcard",
        }
    }
}

/// One row below the header, or one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet numbers it: the header is row 1. Cards are numbered from 1.
    pub number: u64,
    /// Trimmed; as many as there are columns at most.
    pub cells: Vec<String>,
}

/// Takes one row; `Break` ends the reading.
pub type Visit<'v> = dyn FnMut(Row) -> ControlFlow<()> + 'v;

/// A file that can be read.
#[derive(Clone, Debug)]
pub struct File {
    kind: Kind,
    columns: Vec<String>,
    content: Content,
    stop: CancellationToken,
}

#[derive(Clone, Debug)]
enum Content {
    Separated { text: String, delimiter: u8 },
    Workbook { bytes: Bytes, sheet: String },
    Cards { text: String },
}

impl File {
    /// Reads a file's kind and header. 422 for what is empty, no table of a known kind, or blows up when unpacked.
    ///
    /// Once `stop` is cancelled nobody waits for the file any more, and every reading of it ends in a [`Problem`].
    pub fn open(bytes: Bytes, stop: &CancellationToken) -> Result<Self, Problem> {
        if bytes.len() > LARGEST_FILE {
            return Err(Problem::new(413, "too_large", "the file is larger than 25 MiB"));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(unreadable("empty_file", "the file is empty"));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            let (sheet, columns) = workbook::open(&bytes, stop)?;
            let content = Content::Workbook { bytes, sheet };
            return Self::with(Kind::Xlsx, columns, content, stop);
        }
        let text = text::decode(&bytes)?;
        if vcard::is_card(&text) {
            let columns = vcard::COLUMNS.map(str::to_owned).to_vec();
            return Self::with(Kind::Vcard, columns, Content::Cards { text }, stop);
        }
        let (delimiter, columns) = separated::open(&text)?;
        let kind = if separated::is_from_google(&columns) {
            Kind::GoogleContacts
        } else {
            Kind::Csv
        };
        Self::with(kind, columns, Content::Separated { text, delimiter }, stop)
    }

    fn with(kind: Kind, columns: Vec<String>, content: Content, stop: &CancellationToken) -> Result<Self, Problem> {
        let columns = named(columns);
        if columns.is_empty() {
            return Err(unreadable("empty_file", "the file has no header"));
        }
        Ok(Self {
            kind,
            columns,
            content,
            stop: stop.clone(),
        })
    }

    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The names of the columns, each once.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Gives every row that is not blank. 422 where the file breaks off.
    pub fn each(&self, visit: &mut Visit<'_>) -> Result<(), Problem> {
        let width = self.columns.len();
        let mut tidy = |row: Row| {
            if self.stop.is_cancelled() {
                return ControlFlow::Break(());
            }
            let cells: Vec<String> = row.cells.iter().take(width).map(|cell| tidied(cell)).collect();
            if cells.iter().all(String::is_empty) {
                return ControlFlow::Continue(());
            }
            visit(Row { cells, ..row })
        };
        let read = match &self.content {
            Content::Separated { text, delimiter } => separated::each(text, *delimiter, &mut tidy),
            Content::Workbook { bytes, sheet } => workbook::each(bytes, sheet, &self.stop, &mut tidy),
            Content::Cards { text } => {
                vcard::each(text, &mut tidy);
                Ok(())
            }
        };
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        read
    }

    /// How many rows there are. 422 `too_many_rows` beyond [`MOST_ROWS`], and for none at all.
    pub fn count(&self) -> Result<u64, Problem> {
        let mut rows = 0_u64;
        self.each(&mut |_| {
            rows += 1;
            if rows > MOST_ROWS {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        match rows {
            0 => Err(unreadable("empty_file", "the file has no rows")),
            rows if rows > MOST_ROWS => Err(unreadable(
                "too_many_rows",
                "the file has more than 200,000 rows: bring it in parts",
            )),
            rows => Ok(rows),
        }
    }

    /// The first rows.
    pub fn first(&self, most: usize) -> Result<Vec<Row>, Problem> {
        let mut rows = Vec::new();
        self.each(&mut |row| {
            rows.push(row);
            if rows.len() >= most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(rows)
    }
}

fn stopped() -> Problem {
    Problem::new(503, "stopped", "nobody waits for the file any more")
}

/// 422 about the file.
fn unreadable(code: &str, message: &str) -> Problem {
    Problem::invalid("file", code, message)
}

/// Without marks of direction and the apostrophe that our own export puts before what looks like a formula.
fn tidied(cell: &str) -> String {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
    let cell = match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t']) => rest,
        _ => cell,
    };
    let kept = cell.chars().filter(|c| *c != '\0');
    kept.take(LONGEST_CELL_CHARS).collect()
}

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Every column with a name of its own: what has none is called by its place, and what comes again is numbered.
fn named(columns: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len().min(MOST_COLUMNS));
    for (at, column) in columns.into_iter().take(MOST_COLUMNS).enumerate() {
        let column: String = tidied(&column).chars().take(200).collect();
        let name = if column.is_empty() {
            format!("#{}", at + 1)
        } else {
            column
        };
        let same = |name: &String| names.contains(name);
        let numbered = std::iter::once(name.clone()).chain((2..).map(|n: u32| format!("{name} ({n})")));
        let free = numbered.take(MOST_COLUMNS + 1).find(|name| !same(name));
        names.push(free.unwrap_or_else(|| format!("#{}", at + 1)));
    }
    // blank columns at the end are the spreadsheet's margin
    while names.last() == Some(&format!("#{}", names.len())) {
        names.pop();
    }
    names
}
