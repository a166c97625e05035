//! The last look at a log line before it is written: phone numbers in it are masked.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::LazyLock,
};

use kernel::mask_phone;
use regex::{Captures, Regex};
use tracing_subscriber::fmt::MakeWriter;

/// `+` and 8 to 15 digits; `972…` and `05…`, `02…` as they are dialled here, when they stand alone.
const PHONES: &str = r"\+\d{8,15}\b|\b(?:972\d{8,9}|0[2-9]\d{7,8})\b";

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static PHONE: LazyLock<Regex> = LazyLock::new(|| Regex::new(PHONES).expect("the pattern for phones"));

/// A maker of writers whose lines show no phone number.
pub(super) struct Masked<W>(pub W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Masked<W> {
    type Writer = MaskedWriter<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        MaskedWriter(self.0.make_writer())
    }

    fn make_writer_for(&'w self, meta: &tracing::Metadata<'_>) -> Self::Writer {
        MaskedWriter(self.0.make_writer_for(meta))
    }
}

pub(super) struct MaskedWriter<W>(W);

/// The subscriber writes each line in one piece.
impl<W: Write> Write for MaskedWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) => self.0.write_all(mask(text).as_bytes())?,
            Err(_) => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn mask(line: &str) -> Cow<'_, str> {
    PHONE.replace_all(line, |found: &Captures<'_>| {
        found
            .get(0)
            .map_or_else(String::new, |phone| mask_phone(phone.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_slipped_into_a_line_is_masked() {
        for (line, masked) in [
            ("from +972501234567 to", "from +972******567 to"),
            ("from=0501234567,", "from=050****567,"),
            (r#"{"to":"972501234567"}"#, r#"{"to":"9725*****567"}"#),
        ] {
            assert_eq!(mask(line), masked);
        }
    }

    #[test]
    fn ids_times_and_amounts_stay_readable() {
        for line in [
            "2026-11-20T13:53:39.123456Z INFO call_sid=CA0123456789abcdef0123456789abcdef",
            "request_id=0193a012-3456-7890-8abc-012345678901 status=200 id=1234567890",
            "duration_ms=0.123456789",
        ] {
            assert_eq!(mask(line), line);
        }
    }
}
