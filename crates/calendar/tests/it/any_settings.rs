use calendar::{BusinessTime, Holiday, HolidayRule, Language, Settings, Snooze};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Asia::Jerusalem, Tz};
use proptest::prelude::*;
use serde_json::json;

use super::{day, utc};

fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..24_u32, 0..60_u32).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}")),
        Just("24:00".to_owned()),
        Just("02:30".to_owned()),
        Just("never".to_owned()),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    let weekday = prop::sample::select(vec!["sun", "mon", "tue", "wed", "thu", "fri", "sat", "day"]);
    let spans = prop::collection::vec((time(), time()), 0..4);
    let hours = prop::collection::btree_map(weekday.prop_map(str::to_owned), spans, 0..8);
    let rule = prop::sample::select(vec![HolidayRule::Open, HolidayRule::Half, HolidayRule::Closed]);
    let special = prop::collection::vec((0..400_i64, rule.clone()), 0..20);
    let rules = prop::collection::btree_map(prop::sample::select(Holiday::ALL), rule, 0..10);
    let fixed = prop::option::of((0..1440_u32, 0..1440_u32));
    let sun = (any::<bool>(), 0..=200_u32, prop_oneof![0..=200_u32, Just(u32::MAX)]);
    (hours, special, rules, time(), sun, fixed).prop_map(|(hours, special, rules, half_day_ends, sun, fixed)| {
        let first = day("2026-01-01");
        let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let json = json!({
            "hours": hours,
            "holidays": special.iter().map(|(at, rule)| json!({"date": first + TimeDelta::days(*at), "rule": rule})).collect::<Vec<_>>(),
            "holiday_rules": rules,
            "half_day_ends": half_day_ends,
            "shabbat": {
                "observe": sun.0,
                "start_minutes_before_sunset": sun.1,
                "end_minutes_after_sunset": sun.2,
                "fixed": fixed.map(|(from, to)| json!({"starts": clock(from), "ends": clock(to)})),
            },
        });
        serde_json::from_value(json).expect("settings")
    })
}

fn zone() -> impl Strategy<Value = Tz> {
    use chrono_tz::{
        Africa::Cairo,
        America::{Havana, New_York, Santiago},
        Asia::Beirut,
        Australia::Lord_Howe,
        Pacific::Apia,
    };
    prop::sample::select(vec![
        Jerusalem, Jerusalem, Cairo, Havana, New_York, Santiago, Beirut, Lord_Howe, Apia,
    ])
}

fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    let from = |at: &str| utc(at).timestamp();
    prop_oneof![
        8 => from("2026-01-01T00:00Z")..from("2027-02-01T00:00Z"),
        // About the changes of the clocks in Jerusalem.
        2 => from("2026-03-26T20:00Z")..from("2026-03-27T06:00Z"),
        2 => from("2026-10-24T20:00Z")..from("2026-10-25T06:00Z"),
        1 => from("2011-12-29T00:00Z")..from("2012-01-01T00:00Z"),
        1 => DateTime::<Utc>::MIN_UTC.timestamp()..DateTime::<Utc>::MAX_UTC.timestamp(),
        1 => prop_oneof![Just(DateTime::<Utc>::MIN_UTC.timestamp()), Just(DateTime::<Utc>::MAX_UTC.timestamp())],
    ]
    .prop_map(|seconds| DateTime::from_timestamp(seconds, 0).expect("a time"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_settings_at_any_time(settings in settings(), zone in zone(), at in any_time()) {
        let business = BusinessTime::new(&settings, zone);
        let open = business.is_open(at);
        let tick = TimeDelta::seconds(1);
        if let Some(opening) = business.next_opening(at) {
            prop_assert!(opening.at > at && business.is_open(opening.at) && !business.is_open(opening.at - tick));
            prop_assert!(!opening.words(at, Language::He).is_empty());
            prop_assert!(open || business.next_closing(at).is_none_or(|closing| closing > opening.at));
        }
        if let Some(closing) = business.next_closing(at) {
            prop_assert!(closing > at && !business.is_open(closing) && business.is_open(closing - tick));
            prop_assert!(business.last_closing(closing).is_some_and(|last| last == closing));
        }
        if let Some(closed) = business.last_closing(at) {
            prop_assert!(closed <= at && !business.is_open(closed) && business.is_open(closed - tick));
        }
        if let Some(due) = business.work_due(at) {
            prop_assert!(due >= at && business.is_open(due));
        }
        for preset in Snooze::ALL {
            prop_assert!(business.snooze(*preset, at).is_none_or(|until| until > at));
        }
    }

    #[test]
    fn what_is_held_back_leaves_when_nothing_is_kept(settings in settings(), zone in zone(), at in any_time()) {
        let business = BusinessTime::new(&settings, zone);
        let kept = business.observance(at);
        prop_assert_eq!(kept.is_some(), business.holds_back(at).is_some());
        if let (Some(kept), Some(release)) = (kept, business.holds_back(at)) {
            prop_assert!(!business.is_open(at));
            prop_assert!(release >= kept.ends + TimeDelta::minutes(30));
            prop_assert!(business.observance(release).is_none(), "{:?}", business.observance(release));
        }
        if let Some(next) = business.next_observance(at) {
            prop_assert!(next.starts > at && business.observance(next.starts).is_some());
        }
    }
}
