//! The first visible sheet of an Excel workbook (XLSX).
//!
//! A workbook is a ZIP of XML: small outside, it may be huge inside. So everything in it is unpacked once into nothing
//! and counted before it is parsed, and cells are taken one after another, never as a grid.

use std::{
    io::{Cursor, Read, sink},
    ops::ControlFlow,
};

use bytes::Bytes;
use calamine::{Cell, Data, DataRef, Reader, SheetType, SheetVisible, Xlsx};
use kernel::Problem;

use super::{MOST_COLUMNS, Row, Visit, unreadable};

/// What all parts of a workbook may be when unpacked.
const LARGEST_UNPACKED: u64 = 256 * 1024 * 1024;
/// The table of texts is held in memory.
const LARGEST_TEXTS: u64 = 64 * 1024 * 1024;
const TEXTS: &str = "xl/sharedStrings.xml";
/// More parts than a workbook of tables has.
const MOST_PARTS: usize = 2_000;
/// Rows of Excel; a cell further down is damage.
const LAST_ROW: u32 = 1_048_576;

type Workbook = Xlsx<Cursor<Bytes>>;

/// The name of the sheet and its header.
pub fn open(bytes: &Bytes) -> Result<(String, Vec<String>), Problem> {
    check_size(bytes)?;
    let mut workbook = workbook(bytes)?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    for sheet in sheets {
        let mut header = None;
        rows(&mut workbook, &sheet, &mut |row| {
            if row.cells.iter().all(|cell| cell.trim().is_empty()) {
                return ControlFlow::Continue(());
            }
            header = Some(row.cells);
            ControlFlow::Break(())
        })?;
        if let Some(header) = header {
            return Ok((sheet, header));
        }
    }
    Err(unreadable("empty_file", "the workbook has no table"))
}

pub fn each(bytes: &Bytes, sheet: &str, visit: &mut Visit<'_>) -> Result<(), Problem> {
    let mut past_header = false;
    rows(&mut workbook(bytes)?, sheet, &mut |row| {
        if past_header {
            return visit(row);
        }
        past_header = row.cells.iter().any(|cell| !cell.trim().is_empty());
        ControlFlow::Continue(())
    })
}

/// Unpacks every part into nothing: what a ZIP says of its own sizes is not believed.
fn check_size(bytes: &Bytes) -> Result<(), Problem> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.clone())).map_err(|_| damaged())?;
    if archive.len() > MOST_PARTS {
        return Err(too_large());
    }
    let mut unpacked = 0;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| damaged())?;
        let is_texts = part.name().is_ok_and(|name| name.eq_ignore_ascii_case(TEXTS));
        let most = if is_texts {
            LARGEST_TEXTS
        } else {
            LARGEST_UNPACKED - unpacked
        };
        let size = std::io::copy(&mut part.take(most + 1), &mut sink()).map_err(|_| damaged())?;
        unpacked += size;
        if size > most || unpacked > LARGEST_UNPACKED {
            return Err(too_large());
        }
    }
    Ok(())
}

fn workbook(bytes: &Bytes) -> Result<Workbook, Problem> {
    Xlsx::new(Cursor::new(bytes.clone())).map_err(|_| damaged())
}

/// Every row from the first cell on, blank ones between left out.
fn rows(workbook: &mut Workbook, sheet: &str, visit: &mut Visit<'_>) -> Result<(), Problem> {
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|_| damaged())?;
    let mut row: Option<Row> = None;
    while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
        let (down, across) = cell.get_position();
        let number = u64::from(down) + 1;
        if down >= LAST_ROW || row.as_ref().is_some_and(|row| row.number > number) {
            return Err(damaged());
        }
        if let Some(done) = row.take_if(|row| row.number < number)
            && visit(done) == ControlFlow::Break(())
        {
            return Ok(());
        }
        let row = row.get_or_insert(Row {
            number,
            cells: Vec::new(),
        });
        place(row, across, &cell);
    }
    if let Some(row) = row {
        let _ = visit(row);
    }
    Ok(())
}

fn place(row: &mut Row, across: u32, cell: &Cell<DataRef<'_>>) {
    let Ok(at) = usize::try_from(across) else { return };
    if at >= MOST_COLUMNS {
        return;
    }
    let text = written(&Data::from(cell.get_value().clone()));
    if row.cells.len() <= at {
        row.cells.resize(at + 1, String::new());
    }
    if let Some(place) = row.cells.get_mut(at) {
        *place = text;
    }
}

/// A cell as a person would type it. A phone that Excel took for a number comes without a fraction or an exponent.
fn written(value: &Data) -> String {
    match value {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

fn damaged() -> Problem {
    unreadable("not_a_table", "the file is no XLSX workbook, or it is damaged")
}

fn too_large() -> Problem {
    unreadable("too_large_unpacked", "the workbook is too large when unpacked")
}
