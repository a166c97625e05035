//! Customers as an Excel workbook, written row by row into a file.

use std::path::Path;

use kernel::Problem;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use tokio::sync::mpsc;

use super::table::{Lang, headings};

/// What a spreadsheet's cell can hold.
const LONGEST_CELL_CHARS: usize = 32_767;

/// Writes what comes until nobody sends any more. Texts stay texts: no cell is a formula.
pub fn write(
    path: &Path,
    scratch: &Path,
    lang: Lang,
    mut rows: mpsc::Receiver<Vec<Vec<String>>>,
) -> Result<(), Problem> {
    let mut written = || -> Result<(), XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(scratch)?;
        let sheet = workbook.add_worksheet_with_constant_memory();
        let sheet = sheet?;
        sheet.set_name(lang.of("לקוחות", "Customers"))?;
        sheet.set_right_to_left(lang == Lang::He);
        let bold = Format::new().set_bold();
        for (at, heading) in (0_u16..).zip(headings(lang)) {
            sheet.write_string_with_format(0, at, heading, &bold)?;
        }
        let mut number = 0_u32;
        while let Some(some) = rows.blocking_recv() {
            for row in some {
                number += 1;
                for (at, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
                    let cell: String = cell.chars().take(LONGEST_CELL_CHARS).collect();
                    sheet.write_string(number, at, cell)?;
                }
            }
        }
        workbook.save(path)
    };
    written().map_err(|err| {
        tracing::error!(error = %err, "a workbook could not be written");
        Problem::internal()
    })
}
