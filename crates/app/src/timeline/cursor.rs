//! Where a timeline goes on: the time and id of the last event that was given.

use chrono::{DateTime, Utc};
use kernel::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub ts: DateTime<Utc>,
    pub id: i64,
}

impl Cursor {
    /// 400 `invalid_cursor` for what [`Cursor::encode`] did not make.
    pub fn decode(text: &str) -> Result<Self, Problem> {
        Self::read(text).ok_or_else(|| Problem::malformed("invalid_cursor", "this cursor is not ours"))
    }

    fn read(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('.')?;
        Some(Self {
            ts: DateTime::from_timestamp_micros(micros.parse().ok()?)?,
            id: id.parse().ok()?,
        })
    }

    pub fn encode(self) -> String {
        format!("{}.{}", self.ts.timestamp_micros(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_cursor_is_malformed() {
        for text in [
            "",
            "1",
            ".",
            "a.b",
            "1.",
            "99999999999999999999.1",
            "9223372036854775807.1",
        ] {
            assert_eq!(
                Cursor::decode(text).map_err(|problem| problem.code),
                Err("invalid_cursor"),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(micros in 0_i64..4_102_444_800_000_000, id in 1_i64..) {
            let cursor = Cursor { ts: DateTime::from_timestamp_micros(micros).expect("a time"), id };
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        }
    }
}
