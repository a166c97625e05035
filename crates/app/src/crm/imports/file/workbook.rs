//! The first visible sheet of an Excel workbook (XLSX).
//!
//! A workbook is a ZIP of XML: small outside, it may be huge inside. So all of it is counted before it is parsed (see
//! [`super::unpacked`]), and cells are taken one after another, never as a grid.

use std::ops::ControlFlow;

use bytes::Bytes;
use calamine::{Cell, Data, DataRef, Reader, SheetType, SheetVisible, Xlsx};
use kernel::Problem;
use tokio_util::sync::CancellationToken;

use super::{
    MOST_COLUMNS, Row, Visit,
    unpacked::{self, Metered, damaged},
    unreadable,
};

/// A table is looked for in the first visible sheets only.
const MOST_SHEETS: usize = 20;
/// Rows of Excel; a cell further down is damage.
const LAST_ROW: u32 = 1_048_576;

type Workbook = Xlsx<Metered>;

/// The name of the sheet and its header.
pub fn open(bytes: &Bytes, stop: &CancellationToken) -> Result<(String, Vec<String>), Problem> {
    unpacked::check(bytes, stop)?;
    let mut workbook = workbook(bytes, stop)?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .take(MOST_SHEETS)
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

pub fn each(bytes: &Bytes, sheet: &str, stop: &CancellationToken, visit: &mut Visit<'_>) -> Result<(), Problem> {
    let mut past_header = false;
    rows(&mut workbook(bytes, stop)?, sheet, &mut |row| {
        if past_header {
            return visit(row);
        }
        past_header = row.cells.iter().any(|cell| !cell.trim().is_empty());
        ControlFlow::Continue(())
    })
}

fn workbook(bytes: &Bytes, stop: &CancellationToken) -> Result<Workbook, Problem> {
    Xlsx::new(Metered::new(bytes, stop)).map_err(|_| damaged())
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
