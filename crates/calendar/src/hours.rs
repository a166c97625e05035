//! Opening hours by weekday.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveTime};
use kernel::FieldError;
use serde::{Deserialize, Serialize};

/// Keys of the days, from Sunday.
pub const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/// Breaks in one day are few; more spans are a mistake.
const MOST_SPANS: usize = 8;

/// `{"sun": [["09:00", "17:00"]], …}`. `24:00` ends a day; a night is two spans, up to `24:00` and from `00:00`.
///
/// A day that is not named is closed. Without any day the business never closes by the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(pub BTreeMap<String, Vec<(String, String)>>);

impl Hours {
    /// What reads of it, from Sunday, each day in order. `24:00` is the day's last millisecond here.
    pub fn week(&self) -> [Vec<(NaiveTime, NaiveTime)>; 7] {
        let day_end = NaiveTime::from_hms_milli_opt(23, 59, 59, 999).unwrap_or_default();
        WEEKDAYS.map(|day| {
            let spans = self.spans(day).into_iter();
            spans.map(|span| (span.from, span.to.unwrap_or(day_end))).collect()
        })
    }

    fn spans(&self, day: &str) -> Vec<Span> {
        let written = self.0.get(day).into_iter().flatten().take(MOST_SPANS);
        let mut spans: Vec<Span> = written.filter_map(Span::read).collect();
        spans.sort_unstable();
        spans
    }

    /// What is wrong, by field: `{field}.sun` and so on.
    pub fn faults(&self, field: &str) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (day, spans) in &self.0 {
            let mut add = |code: &str, message: String| {
                faults.push(FieldError {
                    field: format!("{field}.{day}"),
                    code: code.to_owned(),
                    message,
                });
            };
            if !WEEKDAYS.contains(&day.as_str()) {
                add("unknown_day", format!("days are {}", WEEKDAYS.join(", ")));
            } else if spans.len() > MOST_SPANS {
                add("too_many", format!("a day has at most {MOST_SPANS} spans"));
            } else if !in_order(spans) {
                add("invalid_hours", "spans are [\"09:00\", \"17:00\"], in order".to_owned());
            }
        }
        faults
    }
}

/// Every span reads, ends after it begins, and begins when the one before is over.
fn in_order(spans: &[(String, String)]) -> bool {
    let mut last: Option<Span> = None;
    for written in spans {
        let Some(span) = Span::read(written) else { return false };
        if last.is_some_and(|last| last.to.is_none_or(|to| span.from < to)) {
            return false;
        }
        last = Some(span);
    }
    true
}

/// Part of a day; `to` is `None` at 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub from: NaiveTime,
    pub to: Option<NaiveTime>,
}

impl Span {
    const ALL_DAY: Self = Self {
        from: NaiveTime::MIN,
        to: None,
    };

    fn read((from, to): &(String, String)) -> Option<Self> {
        let from = clock_time(from)?;
        if to == "24:00" {
            return Some(Self { from, to: None });
        }
        let to = clock_time(to)?;
        (from < to).then_some(Self { from, to: Some(to) })
    }

    /// What is left of it when the day ends at `end`.
    pub fn until(self, end: NaiveTime) -> Option<Self> {
        let to = self.to.map_or(end, |to| to.min(end));
        (self.from < to).then_some(Self {
            from: self.from,
            to: Some(to),
        })
    }
}

/// `09:00`
pub fn clock_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

/// Hours as read; what does not read is passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week([Vec<Span>; 7]);

impl Week {
    pub fn new(hours: &Hours) -> Self {
        if hours.0.is_empty() {
            return Self(std::array::from_fn(|_| vec![Span::ALL_DAY]));
        }
        Self(WEEKDAYS.map(|day| hours.spans(day)))
    }

    pub fn on(&self, day: NaiveDate) -> &[Span] {
        usize::try_from(day.weekday().num_days_from_sunday())
            .ok()
            .and_then(|at| self.0.get(at))
            .map_or(&[], Vec::as_slice)
    }
}
