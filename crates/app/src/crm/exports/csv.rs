//! CSV as Excel opens it: UTF-8 with a mark, CRLF, and no cell that a spreadsheet would run as a formula.

use std::borrow::Cow;

use kernel::Phone;

/// Tells programs that what follows is UTF-8.
pub const MARK: &str = "\u{feff}";

/// One line with its end.
pub fn line<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let mut line = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        put(&mut line, &guarded(cell));
    }
    line.push_str("\r\n");
    line
}

fn put(line: &mut String, cell: &str) {
    if !cell.contains(['"', ',', '\n', '\r', ';', '\t']) {
        line.push_str(cell);
        return;
    }
    line.push('"');
    line.push_str(&cell.replace('"', "\"\""));
    line.push('"');
}

/// A cell that begins like a formula gets an apostrophe before it; a well-formed E.164 phone is none.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    let like_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_phone = || Phone::parse(cell).is_ok_and(|phone| phone.as_str() == cell);
    if like_formula && !is_phone() {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_disarmed() {
        for cell in [
            "=1+1",
            "+1",
            "-2",
            "@SUM(A1)",
            "\tx",
            "=cmd|' /C calc'!A0",
            "+972abc",
            "+",
        ] {
            assert_eq!(guarded(cell), format!("'{cell}"), "{cell}");
        }
        for cell in ["+972501234567", "דנה", "a=b", "", "1-2", "'x"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(
            line(["דנה \"דן\" כהן", "a,b", "שתי\nשורות", ""]),
            "\"דנה \"\"דן\"\" כהן\",\"a,b\",\"שתי\nשורות\",\r\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(cells in proptest::collection::vec("[^\0\r]{0,20}", 2..6)) {
            let text = format!("{MARK}{}", line(cells.iter().map(String::as_str)));
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let mut record = ::csv::StringRecord::new();
            prop_assert!(reader.read_record(&mut record).expect("a line"));
            let read: Vec<&str> = record.iter().collect();
            let written: Vec<_> = cells.iter().map(|cell| guarded(cell)).collect();
            prop_assert_eq!(read, written);
        }
    }
}
