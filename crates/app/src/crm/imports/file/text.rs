//! The text of a file, whatever it is encoded in: UTF-8 and UTF-16 with or without a mark, else windows-1255.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1255};
use kernel::Problem;

use super::unreadable;

/// So much of a file tells its encoding.
const SAMPLE_BYTES: usize = 4_096;

/// 422 `not_a_table` for what is no text at all.
pub fn decode(bytes: &[u8]) -> Result<String, Problem> {
    let (encoding, skipped) = Encoding::for_bom(bytes).unwrap_or_else(|| (guess(bytes), 0));
    let bytes = bytes.get(skipped..).unwrap_or_default();
    let text = encoding.decode_without_bom_handling(bytes).0;
    let sample = text.chars().take(SAMPLE_BYTES);
    let strange = sample.filter(|c| c.is_control() && !c.is_whitespace()).count();
    if strange > 8 || text.trim().is_empty() {
        return Err(unreadable(
            "not_a_table",
            "this is no CSV, XLSX or vCard file, or it is damaged",
        ));
    }
    Ok(text.into_owned())
}

/// Text in UTF-16 without a mark has a zero in every second byte, on the side of the high half.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..bytes.len().min(SAMPLE_BYTES)).unwrap_or_default();
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = sample.len() / 16;
    if odd > many && odd > even * 4 {
        return UTF_16LE;
    }
    if even > many && even > odd * 4 {
        return UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1255
    }
}
