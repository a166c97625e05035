//! CSV, with a comma, semicolon or tab between the cells, quotes, and line breaks inside them.

use std::ops::ControlFlow;

use csv::{Reader, ReaderBuilder, StringRecord};
use kernel::Problem;

use super::{MOST_COLUMNS, Row, Visit, unreadable};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// Excel's own first line, which names the delimiter.
const SAYS_DELIMITER: &str = "sep=";

/// The delimiter and the header.
pub fn open(text: &str) -> Result<(u8, Vec<String>), Problem> {
    let delimiter = delimiter(text);
    let mut records = reader(text, delimiter);
    let mut record = StringRecord::new();
    loop {
        match records.read_record(&mut record) {
            Ok(true) if record.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(true) => return Ok((delimiter, record.iter().take(MOST_COLUMNS).map(str::to_owned).collect())),
            Ok(false) => return Err(unreadable("empty_file", "the file has no header")),
            Err(_) => return Err(broken()),
        }
    }
}

/// Whether Google Contacts wrote this header.
pub fn is_from_google(columns: &[String]) -> bool {
    columns
        .iter()
        .any(|name| name == "Phone 1 - Value" || name == "E-mail 1 - Value")
}

pub fn each(text: &str, delimiter: u8, visit: &mut Visit<'_>) -> Result<(), Problem> {
    let mut records = reader(text, delimiter);
    let mut record = StringRecord::new();
    let (mut number, mut past_header) = (0_u64, false);
    while records.read_record(&mut record).map_err(|_| broken())? {
        number += 1;
        if !past_header {
            past_header = record.iter().any(|cell| !cell.trim().is_empty());
            continue;
        }
        let cells = record.iter().take(MOST_COLUMNS).map(str::to_owned).collect();
        if visit(Row { number, cells }) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(body(text).as_bytes())
}

/// The text without Excel's line about the delimiter.
fn body(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, rest)) if said(first).is_some() => rest,
        _ => text,
    }
}

fn said(line: &str) -> Option<u8> {
    let delimiter = line.trim_end_matches('\r').strip_prefix(SAYS_DELIMITER)?;
    DELIMITERS.into_iter().find(|known| delimiter.as_bytes() == [*known])
}

/// What stands most often in the first line, quoted parts aside.
fn delimiter(text: &str) -> u8 {
    let text = text.trim_start();
    if let Some(said) = text.split_once('\n').and_then(|(first, _)| said(first)) {
        return said;
    }
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => {
                for (count, known) in counts.iter_mut().zip(DELIMITERS) {
                    *count += usize::from(byte == known);
                }
            }
        }
    }
    let best = counts.iter().zip(DELIMITERS).rev().max_by_key(|(count, _)| **count);
    best.map_or(b',', |(_, delimiter)| delimiter)
}

fn broken() -> Problem {
    unreadable("not_a_table", "the file can not be read as a table")
}
