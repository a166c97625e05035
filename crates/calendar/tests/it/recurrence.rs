use calendar::Repeat;
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{Asia::Jerusalem, Tz};
use proptest::prelude::*;

use super::{rows, utc};

#[test]
fn occurrences_are_as_in_the_table() {
    let mut seen = 0;
    for row in rows(include_str!("../fixtures/recurrences.txt")) {
        let zone: Tz = row[0].parse().expect("a zone");
        let wall = NaiveDateTime::parse_from_str(row[1], "%Y-%m-%dT%H:%M").expect("a start");
        let start = zone.from_local_datetime(&wall).earliest().expect("a start").to_utc();
        let repeat = Repeat::parse(row[2], zone).unwrap_or_else(|err| panic!("{}: {err}", row[2]));
        let expected: Vec<DateTime<Utc>> = row[3].split(',').filter(|at| *at != "-").map(utc).collect();
        let mut after = start - TimeDelta::seconds(1);
        for at in &expected {
            let next = repeat.next_after(start, after);
            assert_eq!(next, Some(*at), "{row:?} after {after}");
            after = *at;
            seen += 1;
        }
        if expected.len() < 7 {
            let next = repeat.next_after(start, after);
            assert!(
                next.is_none_or(|at| at > utc("2050-12-31T21:00Z")),
                "{row:?} then {next:?}"
            );
        }
    }
    assert!(seen > 3_000, "{seen} occurrences");
}

fn next(rule: &str, start: &str, after: &str) -> Option<DateTime<Utc>> {
    let repeat = Repeat::parse(rule, Jerusalem).expect("a rule");
    repeat.next_after(utc(start), utc(after))
}

#[test]
fn the_wall_clock_stays_when_the_clocks_change() {
    // 09:00 in Jerusalem, in winter and in summer.
    assert_eq!(
        next("FREQ=WEEKLY", "2026-03-24T07:00:00Z", "2026-03-24T07:00:00Z"),
        Some(utc("2026-03-31T06:00:00Z"))
    );
}

#[test]
fn a_long_series_is_not_walked_through() {
    assert_eq!(
        next("FREQ=DAILY;INTERVAL=7", "1900-01-01T07:00:00Z", "2199-12-31T12:00:00Z")
            .map(|at| at > utc("2199-12-31T12:00:00Z")),
        Some(true)
    );
    assert_eq!(
        next("FREQ=DAILY;COUNT=10000", "1900-01-01T07:00:00Z", "2199-12-31T12:00:00Z"),
        None
    );
}

#[test]
fn the_last_day_is_included_whole() {
    let last = next(
        "FREQ=DAILY;UNTIL=20261122",
        "2026-11-20T21:30:00Z",
        "2026-11-21T21:30:00Z",
    );
    assert_eq!(last, Some(utc("2026-11-22T21:30:00Z")));
    assert_eq!(
        next(
            "FREQ=DAILY;UNTIL=20261122",
            "2026-11-20T21:30:00Z",
            "2026-11-22T21:30:00Z"
        ),
        None
    );
}

#[test]
fn nonsense_is_refused_with_its_reason() {
    let cases = [
        ("", " is not a part such as FREQ=DAILY"),
        ("FREQ", "FREQ is not a part such as FREQ=DAILY"),
        ("INTERVAL=2", "FREQ is missing"),
        ("FREQ=HOURLY", "FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ stands twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is out of range"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is not a number"),
        (
            "FREQ=DAILY;COUNT=3;UNTIL=20261122",
            "COUNT and UNTIL exclude each other",
        ),
        ("FREQ=DAILY;COUNT=99999999999", "COUNT is not a number"),
        (
            "FREQ=DAILY;UNTIL=tomorrow",
            "UNTIL is a time such as 20271231T220000Z or a day such as 20271231",
        ),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY has a value that does not read"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY has a value that does not read"),
        (
            "FREQ=WEEKLY;BYDAY=1SU",
            "BYDAY has numbers only with MONTHLY and YEARLY",
        ),
        ("FREQ=MONTHLY;BYDAY=6SU", "BYDAY names a day that no month has"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "BYMONTHDAY has a value that does not read",
        ),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "BYMONTHDAY is a day that these months do not have",
        ),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not supported"),
        ("FREQ=DAILY;COLOR=RED", "COLOR is not a part of a rule"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH"),
        ("FREQ=DAILY;BYDAY=אב", "BYDAY has a value that does not read"),
    ];
    for (rule, reason) in cases {
        let err = Repeat::parse(rule, Jerusalem).expect_err(rule);
        assert_eq!(err.to_string().trim(), reason.trim(), "{rule}");
    }
    assert!(Repeat::parse(&"FREQ=DAILY;".repeat(100), Jerusalem).is_err());
    assert!(Repeat::parse("rrule:freq=daily", Jerusalem).is_ok());
}

fn rule() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        (1..1500_u32).prop_map(|n| format!("INTERVAL={n}")),
        (1..11_000_u32).prop_map(|n| format!("COUNT={n}")),
        (1900..2400_i32).prop_map(|n| format!("UNTIL={n}0228")),
        (-54..54_i32).prop_map(|n| format!("BYDAY={n}SU,MO")),
        Just("BYDAY=FR,SA".to_owned()),
        (-31..32_i32).prop_map(|n| format!("BYMONTHDAY={n}")),
        (1..13_u32).prop_map(|n| format!("BYMONTH={n}")),
        (-366..367_i32).prop_map(|n| format!("BYSETPOS={n}")),
        Just("WKST=SU".to_owned()),
    ];
    let frequency = prop_oneof![Just("DAILY"), Just("WEEKLY"), Just("MONTHLY"), Just("YEARLY")];
    (frequency, prop::collection::vec(part, 0..5)).prop_map(|(frequency, parts)| {
        let mut rule = format!("FREQ={frequency}");
        for part in parts {
            rule.push(';');
            rule.push_str(&part);
        }
        rule
    })
}

proptest! {
    #[test]
    fn the_next_is_later_and_ever_the_same(
        rule in rule(),
        start in prop_oneof![Just(i64::MIN / 2_000_000), -2_000_000_000..5_000_000_000_i64],
        after in prop_oneof![Just(DateTime::<Utc>::MAX_UTC), Just(DateTime::<Utc>::MIN_UTC),
            (-5_000_000_000..20_000_000_000_i64).prop_map(|at| DateTime::from_timestamp(at, 0).expect("a time"))],
    ) {
        let start = DateTime::from_timestamp(start, 0).unwrap_or(DateTime::<Utc>::MIN_UTC);
        if let Ok(repeat) = Repeat::parse(&rule, Jerusalem)
            && let Some(next) = repeat.next_after(start, after)
        {
            prop_assert!(next > after && next >= start);
            prop_assert_eq!(repeat.next_after(start, next - TimeDelta::nanoseconds(1)), Some(next));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}", value in "[-A-Z0-9,;=:]{0,40}") {
        let _ = Repeat::parse(&text, Jerusalem);
        let _ = Repeat::parse(&format!("FREQ=DAILY;{value}"), Jerusalem);
        let _ = Repeat::parse(&format!("FREQ=DAILY;UNTIL={value}"), Jerusalem);
    }
}
