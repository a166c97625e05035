use calendar::{City, Holiday, HolidayRule, Settings, SpecialDay};
use serde_json::{Value, json};

use super::day;

fn fields(json: &Value) -> Vec<(String, String)> {
    let (_, faults) = Settings::read(json);
    faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
}

#[test]
fn what_is_not_said_has_its_default() {
    let (settings, faults) = Settings::read(&json!({}));
    assert_eq!((settings.clone(), faults), (Settings::default(), vec![]));
    assert!(settings.shabbat.observe);
    let minutes = (
        settings.shabbat.start_minutes_before_sunset,
        settings.shabbat.end_minutes_after_sunset,
    );
    assert_eq!(minutes, (40, 50));
    assert_eq!(Settings::read(&Value::Null).0, Settings::default());
}

#[test]
fn settings_read_as_they_are_written() {
    let json = json!({
        "hours": {"sun": [["09:00", "13:00"], ["16:00", "24:00"]], "mon": []},
        "holidays": ["2026-09-12", {"date": "2026-12-31", "rule": "half", "name": "סוף שנה"}],
        "holiday_rules": {"purim": "half", "yom_haatzmaut": "open"},
        "half_day_ends": "12:30",
        "shabbat": {
            "observe": true,
            "start_minutes_before_sunset": 30,
            "end_minutes_after_sunset": 60,
            "city": "beer_sheva",
            "fixed": {"starts": "16:00", "ends": "20:30"},
        },
    });
    let (settings, faults) = Settings::read(&json);
    assert_eq!(faults, []);
    assert_eq!(serde_json::to_value(&settings).expect("json"), json);
    assert_eq!(serde_json::from_value::<Settings>(json).expect("settings"), settings);
    assert_eq!(settings.holidays[0], SpecialDay::closed(day("2026-09-12")));
    assert_eq!(settings.holiday_rules[&Holiday::Purim], HolidayRule::Half);
    assert_eq!(settings.shabbat.city, City::BeerSheva);
}

#[test]
fn every_fault_names_its_field() {
    let found = fields(&json!({
        "hours": {"sun": [["17:00", "09:00"]], "mon": [["09:00", "12:00"], ["11:00", "13:00"]], "day": [], "tue": [["9", "10"]]},
        "holidays": ["2026-09-12", "2026-02-30", {"date": "2026-01-01", "name": "x".repeat(121)}, 7],
        "holiday_rules": {"purim": "shut", "xmas": "closed"},
        "half_day_ends": "noon",
        "shabbat": {"city": "paris", "start_minutes_before_sunset": 181, "end_minutes_after_sunset": -1,
                    "fixed": {"starts": "25:00", "ends": "20:00"}, "since": 1},
        "colour": "red",
    }));
    let expected = [
        ("colour", "unknown_field"),
        ("half_day_ends", "invalid_time"),
        ("holiday_rules.purim", "unknown_value"),
        ("holiday_rules.xmas", "unknown_holiday"),
        ("holidays[1]", "invalid_date"),
        ("holidays[2].name", "too_long"),
        ("holidays[3]", "invalid_date"),
        ("hours.day", "unknown_day"),
        ("hours.mon", "invalid_hours"),
        ("hours.sun", "invalid_hours"),
        ("hours.tue", "invalid_hours"),
        ("shabbat.city", "unknown_city"),
        ("shabbat.end_minutes_after_sunset", "invalid"),
        ("shabbat.fixed", "invalid"),
        ("shabbat.since", "unknown_field"),
        ("shabbat.start_minutes_before_sunset", "out_of_range"),
    ];
    let mut found: Vec<(&str, &str)> = found
        .iter()
        .map(|(field, code)| (field.as_str(), code.as_str()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_faulty_part_leaves_the_others() {
    let (settings, faults) = Settings::read(&json!({
        "holidays": ["never", "2026-09-12"],
        "shabbat": {"city": "paris", "observe": false},
    }));
    assert_eq!(faults.len(), 2);
    assert_eq!(settings.holidays, [SpecialDay::closed(day("2026-09-12"))]);
    assert!(!settings.shabbat.observe);
}

#[test]
fn a_wrong_kind_of_json_is_a_fault() {
    for json in [json!([]), json!("x"), json!(1)] {
        assert_eq!(fields(&json), [("settings".to_owned(), "invalid".to_owned())]);
    }
    assert_eq!(
        fields(&json!({"shabbat": []})),
        [("shabbat".to_owned(), "invalid".to_owned())]
    );
    assert_eq!(
        fields(&json!({"holidays": {}})),
        [("holidays".to_owned(), "invalid".to_owned())]
    );
    assert_eq!(
        fields(&json!({"hours": {"sun": "x"}})),
        [("hours".to_owned(), "invalid".to_owned())]
    );
}
