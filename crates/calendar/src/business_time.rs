//! A business's week, holidays and Sabbaths put together: open or closed, and what follows from it.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    holidays::{Holiday, HolidayRule},
    hours::{Span, Week, clock_time},
    observance::{Keeping, Observance},
    settings::{Settings, SpecialDay},
    words::{self, Language},
    zone::{self, Reading, local_day},
};

/// How many days an opening or closing is looked for.
pub const HORIZON_DAYS: usize = 100;
/// Work is due this long after the opening, when people have arrived.
const AFTER_OPENING: TimeDelta = TimeDelta::minutes(15);
/// What waited for the end of a Sabbath waits this much longer.
const AFTER_OBSERVANCE: TimeDelta = TimeDelta::minutes(30);
/// How many days back a Sabbath or holiday is looked for whose release is still ahead.
const RELEASED_WITHIN: Days = Days::new(14);
/// When the day starts for what is put off till tomorrow.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
const NOON_AND_ONE: NaiveTime = match NaiveTime::from_hms_opt(13, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// When a business is open, by its hours, days off, holidays and Sabbaths.
///
/// Open is a moment within the hours of its day that no kept Sabbath or holiday covers. Every answer is found in
/// bounded time, and missing after [`HORIZON_DAYS`].
#[derive(Clone, Debug)]
pub struct BusinessTime {
    week: Week,
    special: BTreeMap<NaiveDate, SpecialDay>,
    half_day_ends: NaiveTime,
    keeping: Keeping,
}

/// A moment at which the business opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub at: DateTime<Utc>,
    pub zone: Tz,
}

impl Opening {
    /// As the business's clock shows it.
    pub fn local(&self) -> DateTime<Tz> {
        self.at.with_timezone(&self.zone)
    }

    /// «יום א׳ בשעה 9:00», as seen at `now`; see [`crate::moment`].
    pub fn words(&self, now: DateTime<Utc>, language: Language) -> String {
        words::moment(self.at, now, self.zone, language)
    }
}

/// How long something is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Snooze {
    #[serde(rename = "10m")]
    TenMinutes,
    #[serde(rename = "1h")]
    Hour,
    /// 09:00 of the next day, by the business's clock.
    #[serde(rename = "tomorrow")]
    Tomorrow,
    #[serde(rename = "next_opening")]
    NextOpening,
}

impl Snooze {
    pub const ALL: &[Self] = &[Self::TenMinutes, Self::Hour, Self::Tomorrow, Self::NextOpening];

    /// `10m`, `1h`, `tomorrow`, `next_opening`
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TenMinutes => "10m",
            Self::Hour => "1h",
            Self::Tomorrow => "tomorrow",
            Self::NextOpening => "next_opening",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|preset| preset.as_str() == word)
    }
}

/// What a day is to the business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayPlan {
    pub date: NaiveDate,
    /// Of the day given by hand, or else the strictest of its holidays' rules.
    pub rule: HolidayRule,
    /// By the Hebrew calendar, whatever the rule.
    pub holidays: Vec<Holiday>,
    /// Given by hand.
    pub name: Option<String>,
    /// When it is open, in order, from and until.
    pub open: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

type Window = (DateTime<Utc>, DateTime<Utc>);

impl BusinessTime {
    /// Passes over what [`Settings::faults`] would tell.
    pub fn new(settings: &Settings, zone: Tz) -> Self {
        Self {
            week: Week::new(&settings.hours),
            special: settings.holidays.iter().map(|day| (day.date, day.clone())).collect(),
            half_day_ends: clock_time(&settings.half_day_ends).unwrap_or(NOON_AND_ONE),
            keeping: Keeping {
                zone,
                shabbat: settings.shabbat,
                rules: settings.holiday_rules.clone(),
            },
        }
    }

    pub const fn zone(&self) -> Tz {
        self.keeping.zone
    }

    pub fn day(&self, date: NaiveDate) -> DayPlan {
        DayPlan {
            date,
            rule: self.rule(date),
            holidays: Holiday::on(date),
            name: self.special.get(&date).and_then(|day| day.name.clone()),
            open: self.open_on(date),
        }
    }

    fn rule(&self, date: NaiveDate) -> HolidayRule {
        if let Some(day) = self.special.get(&date) {
            return day.rule;
        }
        let holidays = Holiday::on(date).into_iter();
        holidays
            .map(|holiday| self.keeping.rule(holiday))
            .max()
            .unwrap_or(HolidayRule::Open)
    }

    /// The hours of a day as moments, in order and disjoint, less what is kept.
    fn open_on(&self, date: NaiveDate) -> Vec<Window> {
        let rule = self.rule(date);
        if rule == HolidayRule::Closed {
            return Vec::new();
        }
        let moments = |span: Span| {
            let from = zone::on(self.zone(), date, Some(span.from), Reading::Opening)?;
            let to = zone::on(self.zone(), date, span.to, Reading::Closing)?;
            (from < to).then_some((from, to))
        };
        let mut open: Vec<Window> = Vec::new();
        for span in self.week.on(date) {
            let span = match rule {
                HolidayRule::Half => span.until(self.half_day_ends),
                _ => Some(*span),
            };
            let Some((from, to)) = span.and_then(moments) else {
                continue;
            };
            match open.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => open.push((from, to)),
            }
        }
        if open.is_empty() {
            return open;
        }
        let kept = self.keeping.windows(date, date);
        kept.iter().fold(open, |open, window| without(&open, window))
    }

    /// The windows of the day before `at` and of the days after it, in order. Those of neighbouring days may touch.
    fn openings_from(&self, at: DateTime<Utc>) -> impl Iterator<Item = Window> {
        let first = local_day(self.zone(), at).and_then(|day| day.pred_opt());
        first
            .into_iter()
            .flat_map(|first| first.iter_days().take(HORIZON_DAYS + 2))
            .flat_map(|day| self.open_on(day))
    }

    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        local_day(self.zone(), at).is_some_and(|today| {
            [today.pred_opt(), Some(today), today.succ_opt()]
                .into_iter()
                .flatten()
                .flat_map(|day| self.open_on(day))
                .any(|(from, to)| from <= at && at < to)
        })
    }

    /// The first moment after `after` at which a closed business opens. While it is open, this is the opening after
    /// the next closing. `None` when it never closes or does not open any more.
    pub fn next_opening(&self, after: DateTime<Utc>) -> Option<Opening> {
        let mut open_until: Option<DateTime<Utc>> = None;
        for (from, to) in self.openings_from(after) {
            if from > after && open_until.is_none_or(|until| until < from) {
                return Some(Opening {
                    at: from,
                    zone: self.zone(),
                });
            }
            open_until = open_until.max(Some(to));
        }
        None
    }

    /// The first moment after `after` at which the open business closes.
    pub fn next_closing(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut open_until: Option<DateTime<Utc>> = None;
        for (from, to) in self.openings_from(after) {
            if let Some(until) = open_until.filter(|until| *until < from && after < *until) {
                return Some(until);
            }
            open_until = open_until.max(Some(to));
        }
        let seen_until = local_day(self.zone(), after)?.iter_days().nth(HORIZON_DAYS)?;
        let seen_until = zone::on(self.zone(), seen_until, None, Reading::Opening)?;
        open_until.filter(|until| after < *until && *until < seen_until)
    }

    /// The last moment up to `before` at which the business closed.
    pub fn last_closing(&self, before: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let last = local_day(self.zone(), before)?.succ_opt()?.succ_opt()?;
        let mut opens_next: Option<DateTime<Utc>> = None;
        let days = std::iter::successors(Some(last), NaiveDate::pred_opt).take(HORIZON_DAYS + 3);
        for (from, to) in days.flat_map(|day| self.open_on(day).into_iter().rev()) {
            if to <= before && opens_next.is_none_or(|next| to < next) {
                return Some(to);
            }
            opens_next = Some(from);
        }
        None
    }

    /// When work that arose at `at` is due: at once while there are 15 minutes left before closing, else 15 minutes
    /// into the next opening, or at the opening itself if it is shorter. `None` when it does not open any more.
    pub fn work_due(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(at) {
            let closing = self.next_closing(at);
            if closing.is_none_or(|closing| closing - at >= AFTER_OPENING) {
                return Some(at);
            }
        }
        let opening = self.next_opening(at)?.at;
        let due = opening + AFTER_OPENING;
        Some(if self.is_open(due) { due } else { opening })
    }

    /// The Sabbath or holiday that is kept at `at`.
    pub fn observance(&self, at: DateTime<Utc>) -> Option<Observance> {
        self.observances_near(at).into_iter().find(|window| window.contains(at))
    }

    /// The next Sabbath or holiday that begins after `after`; there is one within nine days, if any is kept.
    pub fn next_observance(&self, after: DateTime<Utc>) -> Option<Observance> {
        let today = local_day(self.zone(), after)?;
        let last = today.iter_days().nth(9)?;
        let windows = self.keeping.windows(today, last);
        windows.into_iter().find(|window| window.starts > after)
    }

    fn observances_near(&self, at: DateTime<Utc>) -> Vec<Observance> {
        let days = local_day(self.zone(), at).and_then(|today| Some((today.pred_opt()?, today.succ_opt()?)));
        days.map_or_else(Vec::new, |(first, last)| self.keeping.windows(first, last))
    }

    /// `None` when automatic things may leave at `at`. While a Sabbath or holiday is kept, the moment at which they
    /// may: 30 minutes after its end, or the next opening if that is later. Nothing is kept at that moment.
    pub fn holds_back(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut release = self.release(at)?;
        // With fixed hours one window may begin within half an hour of another's end; not many in a row.
        for _ in 0..4 {
            match self.release(release) {
                Some(later) => release = later,
                None => break,
            }
        }
        Some(release)
    }

    /// The Sabbaths and holidays that ended before `at` and whose [release](Self::holds_back) is still ahead, each with
    /// it: what fell due in one of them waits until then, though nothing is kept at `at`.
    pub fn releases_ahead(&self, at: DateTime<Utc>) -> Vec<(Observance, DateTime<Utc>)> {
        let days = local_day(self.zone(), at).and_then(|today| Some((today.checked_sub_days(RELEASED_WITHIN)?, today)));
        let windows = days.map_or_else(Vec::new, |(first, last)| self.keeping.windows(first, last));
        let over = windows.into_iter().filter(|window| window.ends <= at);
        over.filter_map(|window| {
            let release = self.holds_back(window.starts)?;
            (release > at).then_some((window, release))
        })
        .collect()
    }

    fn release(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ends = self.observance(at)?.ends;
        let rested = ends + AFTER_OBSERVANCE;
        if self.is_open(ends) {
            return Some(rested);
        }
        let opening = self.next_opening(ends).map(|opening| opening.at);
        Some(opening.map_or(rested, |opening| opening.max(rested)))
    }

    /// When something that is put off at `now` comes back. `None` only for [`Snooze::NextOpening`] where there is no
    /// next opening, and outside the years 1800–2400.
    pub fn snooze(&self, preset: Snooze, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = local_day(self.zone(), now)?;
        match preset {
            Snooze::TenMinutes => Some(now + TimeDelta::minutes(10)),
            Snooze::Hour => Some(now + TimeDelta::hours(1)),
            Snooze::Tomorrow => zone::on(self.zone(), today.succ_opt()?, Some(MORNING), Reading::Appointment),
            Snooze::NextOpening => self.next_opening(now).map(|opening| opening.at),
        }
    }
}

/// What of `open` lies outside a window.
fn without(open: &[Window], window: &Observance) -> Vec<Window> {
    let parts = |&(from, to): &Window| [(from, to.min(window.starts)), (from.max(window.ends), to)];
    let outside = |&(from, to): &Window| to <= window.starts || window.ends <= from;
    open.iter()
        .flat_map(|span| {
            if outside(span) {
                [*span, (span.1, span.1)]
            } else {
                parts(span)
            }
        })
        .filter(|(from, to)| from < to)
        .collect()
}
