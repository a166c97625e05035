//! The days of a business's own clock, and how the database sorts moments into them.
//!
//! A database on its own does not know when clocks change. So a range is cut where they do: within each piece a day is
//! the number of whole days in the seconds since 1970, moved by the piece's distance from UTC. A day on which clocks
//! change is a piece of its own, and everything in it is of that day.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use kernel::Problem;
use platform::db::{Find, Owned};
use sea_orm::{ColumnTrait, DbBackend, FromQueryResult, IdenStatic, Select, sea_query::Expr};

/// A year, and a month to compare it with.
pub const MOST_DAYS: i64 = 400;
const SECONDS_OF_A_DAY: i64 = 86_400;

/// Days in a row, by a business's clock.
#[derive(Clone, Debug)]
pub struct Range {
    pub zone: Tz,
    pub days: Vec<Day>,
    pieces: Vec<Piece>,
}

/// A day, from its first moment until that of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// Of the clock from UTC.
    offset_seconds: i64,
    /// The one day that all of it is of.
    only: Option<NaiveDate>,
}

impl Range {
    /// From one day up to and with another. 422 when there are none or too many.
    pub fn new(zone: Tz, first: NaiveDate, last: NaiveDate) -> Result<Self, Problem> {
        let many = (last - first).num_days() + 1;
        if many < 1 {
            return Err(Problem::invalid("to", "before_from", "is not before from"));
        }
        if many > MOST_DAYS {
            let most = format!("a range has {MOST_DAYS} days at most");
            return Err(Problem::invalid("from", "range_too_long", most));
        }
        let dates = first.iter_days().take(usize::try_from(many).unwrap_or_default());
        let days: Vec<Day> = dates.filter_map(|date| day(zone, date)).collect();
        Ok(Self {
            zone,
            pieces: pieces(zone, &days),
            days,
        })
    }

    /// Where in [`Range::days`] a day of a piece stands.
    fn place(&self, piece: &Piece, number: i64) -> Option<usize> {
        let date = match piece.only {
            Some(date) => date,
            None => NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_days(Days::new(u64::try_from(number).ok()?))?,
        };
        let first = self.days.first()?.date;
        usize::try_from((date - first).num_days()).ok()
    }
}

/// Midnight by the zone's clock; the first moment after it where the clock skips it.
fn midnight(zone: Tz, date: NaiveDate) -> Option<DateTime<Utc>> {
    (0..=12).find_map(|quarter| {
        let wall = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(15 * quarter);
        let found = zone.from_local_datetime(&wall).earliest();
        found.map(|moment| moment.with_timezone(&Utc))
    })
}

fn day(zone: Tz, date: NaiveDate) -> Option<Day> {
    Some(Day {
        date,
        from: midnight(zone, date)?,
        to: midnight(zone, date.succ_opt()?)?,
    })
}

fn pieces(zone: Tz, days: &[Day]) -> Vec<Piece> {
    let offset = |at: DateTime<Utc>| {
        let offset = zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        i64::from(offset.local_minus_utc())
    };
    let mut pieces: Vec<Piece> = Vec::new();
    for day in days {
        let (begins, ends) = (offset(day.from), offset(day.to - TimeDelta::seconds(1)));
        let changes = begins != ends;
        match pieces.last_mut() {
            Some(last) if !changes && last.only.is_none() && last.offset_seconds == begins => last.to = day.to,
            _ => pieces.push(Piece {
                from: day.from,
                to: day.to,
                offset_seconds: begins,
                only: changes.then_some(day.date),
            }),
        }
    }
    pieces
}

/// A row that says of which day it is.
pub trait OfDay: FromQueryResult + Send + Sync {
    /// The column `day`.
    fn day(&self) -> i64;
}

/// Reads rows by the day of a moment. `shape` selects what else is wanted; the day is selected and grouped by here.
pub async fn by_day<E, M>(
    range: &Range,
    backend: DbBackend,
    find: Find<'_, E>,
    moment: E::Column,
    shape: impl Fn(Select<E>) -> Select<E>,
) -> Result<Vec<(usize, M)>, Problem>
where
    E: Owned,
    E::Model: Send + Sync,
    M: OfDay,
{
    use sea_orm::QuerySelect as _;
    let mut rows = Vec::new();
    for piece in &range.pieces {
        let number = number(backend, &column::<E>(moment), piece.offset_seconds);
        let of_piece = find.clone().filter(moment.gte(piece.from)).filter(moment.lt(piece.to));
        let found: Vec<M> = of_piece
            .map(|select| shape(select.select_only().expr_as(number.clone(), "day").group_by(number)))
            .all_as()
            .await?;
        rows.extend(
            found
                .into_iter()
                .filter_map(|row| Some((range.place(piece, row.day())?, row))),
        );
    }
    Ok(rows)
}

/// `table.column`
pub fn column<E: Owned>(column: E::Column) -> String {
    format!("{}.{}", E::default().table_name(), column.as_str())
}

/// Seconds since 1970 of a moment.
pub fn seconds(backend: DbBackend, moment: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST(floor(extract(epoch FROM {moment})) AS BIGINT)"),
        _ => format!("unixepoch({moment})"),
    }
}

fn number(backend: DbBackend, moment: &str, offset_seconds: i64) -> Expr {
    let seconds = seconds(backend, moment);
    Expr::cust(format!("(({seconds}) + {offset_seconds}) / {SECONDS_OF_A_DAY}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(zone: Tz, first: &str, last: &str) -> Range {
        Range::new(zone, first.parse().expect("a day"), last.parse().expect("a day")).expect("a range")
    }

    fn ends(range: &Range) -> (DateTime<Utc>, DateTime<Utc>) {
        let (first, last) = (range.days.first(), range.days.last());
        (first.expect("a first day").from, last.expect("a last day").to)
    }

    #[test]
    fn a_range_is_cut_where_clocks_change() {
        // Israel: 2026-03-27 has 23 hours, 2026-10-25 has 25.
        let year = range(chrono_tz::Asia::Jerusalem, "2026-01-01", "2026-12-31");
        let hours = |date: &str| {
            let date: NaiveDate = date.parse().expect("a day");
            let day = year.days.iter().find(|day| day.date == date).expect("that day");
            (day.to - day.from).num_hours()
        };
        assert_eq!(
            (hours("2026-03-27"), hours("2026-10-25"), hours("2026-06-01")),
            (23, 25, 24)
        );
        let cuts: Vec<_> = year
            .pieces
            .iter()
            .map(|piece| (piece.offset_seconds / 3600, piece.only.is_some()))
            .collect();
        assert_eq!(cuts, [(2, false), (2, true), (3, false), (3, true), (2, false)]);
        assert!(
            year.days.windows(2).all(|pair| pair[0].to == pair[1].from),
            "no moment is lost"
        );
        assert!(year.pieces.windows(2).all(|pair| pair[0].to == pair[1].from));
        let (first, last) = ends(&year);
        assert_eq!(year.pieces.first().map(|piece| piece.from), Some(first));
        assert_eq!(year.pieces.last().map(|piece| piece.to), Some(last));
    }

    #[test]
    fn every_moment_falls_into_the_day_that_the_clock_shows() {
        for zone in [
            chrono_tz::Asia::Jerusalem,
            chrono_tz::Asia::Kolkata,
            chrono_tz::America::Havana,
            chrono_tz::Asia::Beirut,
        ] {
            let year = range(zone, "2026-01-01", "2026-12-31");
            let (mut at, end) = ends(&year);
            while at < end {
                let piece = year
                    .pieces
                    .iter()
                    .find(|piece| piece.from <= at && at < piece.to)
                    .expect("a piece");
                let number = (at.timestamp() + piece.offset_seconds).div_euclid(SECONDS_OF_A_DAY);
                let place = year.place(piece, number).expect("a day");
                assert_eq!(
                    year.days[place].date,
                    at.with_timezone(&zone).date_naive(),
                    "{zone} {at}"
                );
                at += TimeDelta::minutes(15);
            }
        }
    }

    #[test]
    fn a_range_is_bounded() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let zone = chrono_tz::Asia::Jerusalem;
        assert!(Range::new(zone, day("2026-01-02"), day("2026-01-01")).is_err());
        assert!(Range::new(zone, day("2025-01-01"), day("2026-02-04")).is_ok());
        assert!(Range::new(zone, day("2025-01-01"), day("2026-02-05")).is_err());
    }
}
