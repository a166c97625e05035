use std::collections::BTreeSet;

use calendar::{HebrewDate, HebrewMonth, Holiday};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::{day, rows};

const COMMON: [HebrewMonth; 12] = {
    use HebrewMonth::*;
    [
        Tishri, Heshvan, Kislev, Tevet, Shvat, Adar, Nisan, Iyar, Sivan, Tammuz, Av, Elul,
    ]
};
const LEAP: [HebrewMonth; 13] = {
    use HebrewMonth::*;
    [
        Tishri, Heshvan, Kislev, Tevet, Shvat, AdarI, Adar, Nisan, Iyar, Sivan, Tammuz, Av, Elul,
    ]
};

#[test]
fn every_day_from_1899_to_2101_is_as_in_the_table() {
    let mut seen = 0;
    for row in rows(include_str!("../fixtures/hebrew_years.txt")) {
        let year: i32 = row[0].parse().expect("a year");
        let mut date = day(row[1]);
        let lengths: Vec<u32> = row[2]
            .split(',')
            .map(|length| length.parse().expect("a length"))
            .collect();
        let months: &[HebrewMonth] = if lengths.len() == 13 { &LEAP } else { &COMMON };
        assert_eq!(months.len(), lengths.len());
        for (month, length) in months.iter().zip(lengths) {
            for number in 1..=length {
                let expected = HebrewDate {
                    year,
                    month: *month,
                    day: number,
                };
                assert_eq!(HebrewDate::of(date), Some(expected), "{date}");
                assert_eq!(expected.to_gregorian(), Some(date), "{expected:?}");
                date = date + Days::new(1);
                seen += 1;
            }
            let beyond = HebrewDate {
                year,
                month: *month,
                day: length + 1,
            };
            assert_eq!(beyond.to_gregorian(), None, "{beyond:?}");
        }
    }
    assert!(seen > 73_000, "{seen} days");
}

#[test]
fn a_common_year_has_no_first_adar() {
    let date = HebrewDate {
        year: 5786,
        month: HebrewMonth::AdarI,
        day: 1,
    };
    assert_eq!(date.to_gregorian(), None);
}

/// The day and the name in JSON of those that the table knows.
fn found(first: &str, last: &str, national: bool) -> BTreeSet<(NaiveDate, String)> {
    let known_elsewhere = [
        Holiday::YomHashoah,
        Holiday::YomHazikaron,
        Holiday::YomHaatzmaut,
        Holiday::YomYerushalayim,
    ];
    let mut first = day(first);
    let mut found = BTreeSet::new();
    while first <= day(last) {
        for (day, holiday) in Holiday::between(first, (first + Days::new(364)).min(day(last))) {
            if known_elsewhere.contains(&holiday) == national {
                let name = serde_json::to_value(holiday).expect("json");
                found.insert((day, name.as_str().expect("a name").to_owned()));
            }
        }
        first = first + Days::new(365);
    }
    found
}

#[test]
fn festivals_and_eves_are_as_in_the_table() {
    let expected: BTreeSet<_> = rows(include_str!("../fixtures/festivals.txt"))
        .map(|row| (day(row[0]), row[1].to_owned()))
        .collect();
    let found = found("2020-01-01", "2060-12-31", false);
    let missing: Vec<_> = expected.difference(&found).take(5).collect();
    let surplus: Vec<_> = found.difference(&expected).take(5).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "missing {missing:?}, surplus {surplus:?}"
    );
}

#[test]
fn memorial_and_independence_day_move_as_the_law_says() {
    let found = found("2004-01-01", "2100-12-31", true);
    for row in rows(include_str!("../fixtures/national_days.txt")) {
        assert!(found.contains(&(day(row[1]), "yom_hazikaron".to_owned())), "{row:?}");
        assert!(found.contains(&(day(row[2]), "yom_haatzmaut".to_owned())), "{row:?}");
    }
    let of = |name: &str| found.iter().filter(|(_, other)| other == name).count();
    for name in ["yom_hazikaron", "yom_haatzmaut", "yom_hashoah", "yom_yerushalayim"] {
        assert_eq!(of(name), 97, "{name} once a year");
    }
}

#[test]
fn holocaust_day_keeps_off_the_sabbath() {
    // 27 Nisan on a Sunday moves to Monday, on a Friday to Thursday.
    assert_eq!(Holiday::on(day("2024-05-06")), [Holiday::YomHashoah]);
    assert_eq!(Holiday::on(day("2025-04-24")), [Holiday::YomHashoah]);
    assert_eq!(Holiday::on(day("2026-04-14")), [Holiday::YomHashoah]);
}

proptest! {
    #[test]
    fn any_day_is_read_or_not_but_never_fails(number in -99_000_000..=95_000_000_i32) {
        if let Some(day) = NaiveDate::from_num_days_from_ce_opt(number) {
            if let Some(date) = HebrewDate::of(day) {
                prop_assert_eq!(date.to_gregorian(), Some(day));
            }
            prop_assert!(Holiday::on(day).len() <= 2);
        }
    }
}

#[test]
fn the_first_and_the_last_day_of_the_machine_are_no_hebrew_days() {
    assert_eq!(HebrewDate::of(NaiveDate::MIN), None);
    assert_eq!(HebrewDate::of(NaiveDate::MAX), None);
    assert_eq!(Holiday::between(NaiveDate::MAX, NaiveDate::MAX), []);
    let far = HebrewDate {
        year: i32::MAX,
        month: HebrewMonth::Elul,
        day: u32::MAX,
    };
    assert_eq!(far.to_gregorian(), None);
}
