use calendar::City;

use super::{day, rows, utc};

#[test]
fn sunset_is_within_a_minute_of_the_table() {
    let mut worst = 0;
    let mut seen = 0;
    for row in rows(include_str!("../fixtures/sunsets.txt")) {
        let city: City = serde_json::from_value(row[0].into()).expect("a city");
        let sunset = city.sunset(day(row[1])).expect("a sunset");
        worst = worst.max((sunset - utc(row[2])).num_seconds().abs());
        seen += 1;
    }
    assert_eq!(seen, 710);
    assert!(worst <= 60, "{worst} seconds");
}

#[test]
fn every_city_has_a_sunset_in_the_afternoon() {
    for city in City::ALL {
        for date in day("2026-01-01").iter_days().take(366) {
            let sunset = city.sunset(date).expect("a sunset");
            let from_midnight = (sunset - date.and_hms_opt(0, 0, 0).expect("midnight").and_utc()).num_minutes();
            assert!((14 * 60 + 20..17 * 60).contains(&from_midnight), "{city:?} {sunset}");
        }
    }
}
