use calendar::{BusinessTime, Holiday, HolidayRule, Language, Settings, Snooze, moment};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Jerusalem;
use serde_json::{Value, json};

use super::{day, utc};

fn usual_hours() -> Value {
    json!({
        "sun": [["09:00", "18:00"]],
        "mon": [["09:00", "18:00"]],
        "tue": [["09:00", "13:00"], ["16:00", "19:00"]],
        "wed": [["09:00", "18:00"]],
        "thu": [["09:00", "18:00"]],
        "fri": [["09:00", "13:00"]],
        "sat": [],
    })
}

fn business(settings: &Value) -> BusinessTime {
    let (settings, faults) = Settings::read(settings);
    assert_eq!(faults, []);
    BusinessTime::new(&settings, Jerusalem)
}

fn usual() -> BusinessTime {
    business(&json!({ "hours": usual_hours() }))
}

fn opening(business: &BusinessTime, after: &str) -> Option<DateTime<Utc>> {
    business.next_opening(utc(after)).map(|opening| opening.at)
}

#[test]
fn open_by_the_business_own_clock() {
    // 2026-11-19 is a Thursday; Jerusalem is two hours ahead in winter.
    assert!(!usual().is_open(utc("2026-11-19T06:59Z")));
    assert!(usual().is_open(utc("2026-11-19T07:00Z")));
    assert!(!usual().is_open(utc("2026-11-19T16:00Z")));
    assert_eq!(opening(&usual(), "2026-11-19T16:00Z"), Some(utc("2026-11-20T07:00Z")));
    assert_eq!(
        usual().next_closing(utc("2026-11-20T07:00Z")),
        Some(utc("2026-11-20T11:00Z"))
    );
}

#[test]
fn the_noon_break_ends_today_and_the_morning_closed_last() {
    let noon = "2026-11-24T12:00Z";
    assert_eq!(opening(&usual(), noon), Some(utc("2026-11-24T14:00Z")));
    assert_eq!(usual().last_closing(utc(noon)), Some(utc("2026-11-24T11:00Z")));
    assert_eq!(
        usual().last_closing(utc("2026-11-22T10:00Z")),
        Some(utc("2026-11-20T11:00Z"))
    );
}

#[test]
fn while_open_the_next_opening_is_the_one_after_closing() {
    assert_eq!(opening(&usual(), "2026-11-22T10:00Z"), Some(utc("2026-11-23T07:00Z")));
}

#[test]
fn nights_are_one_span() {
    let bar = business(&json!({
        "hours": {"sun": [["20:00", "24:00"]], "mon": [["00:00", "03:00"]]},
        "shabbat": {"observe": false},
    }));
    assert!(bar.is_open(utc("2026-11-22T22:00Z")));
    assert_eq!(
        bar.next_closing(utc("2026-11-22T19:00Z")),
        Some(utc("2026-11-23T01:00Z"))
    );
    assert_eq!(opening(&bar, "2026-11-22T19:00Z"), Some(utc("2026-11-29T18:00Z")));
    assert_eq!(
        bar.last_closing(utc("2026-11-23T00:30Z")),
        Some(utc("2026-11-16T01:00Z"))
    );
}

#[test]
fn closed_all_week_never_opens() {
    let closed = business(&json!({"hours": {"sun": []}}));
    let at = utc("2026-11-22T10:00Z");
    assert!(!closed.is_open(at));
    assert_eq!(closed.next_opening(at), None);
    assert_eq!((closed.next_closing(at), closed.last_closing(at)), (None, None));
    assert_eq!(
        (closed.work_due(at), closed.snooze(Snooze::NextOpening, at)),
        (None, None)
    );
}

#[test]
fn without_hours_it_closes_for_sabbath_only_and_without_sabbath_never() {
    let always = business(&json!({}));
    assert!(always.is_open(utc("2026-11-22T01:00Z")));
    assert_eq!(
        always.next_closing(utc("2026-11-22T01:00Z")),
        always.next_observance(utc("2026-11-22T01:00Z")).map(|next| next.starts)
    );
    let plain = BusinessTime::new(&Settings::plain(calendar::Hours::default(), &[]), Jerusalem);
    let at = utc("2026-11-21T10:00Z");
    assert!(plain.is_open(at));
    assert_eq!(
        (plain.next_opening(at), plain.next_closing(at), plain.last_closing(at)),
        (None, None, None)
    );
    assert_eq!(plain.work_due(at), Some(at));
    assert_eq!(plain.holds_back(at), None);
}

#[test]
fn holidays_close_and_eves_are_half() {
    // Rosh Hashana of 5787 is on Saturday and Sunday, 12 and 13 September 2026; Yom Kippur on Monday the 21st.
    let usual = usual();
    assert_eq!(opening(&usual, "2026-09-11T10:00Z"), Some(utc("2026-09-14T06:00Z")));
    let eve = usual.day(day("2026-09-20"));
    assert_eq!(
        (eve.rule, eve.holidays),
        (HolidayRule::Half, vec![Holiday::ErevYomKippur])
    );
    assert_eq!(eve.open, [(utc("2026-09-20T06:00Z"), utc("2026-09-20T10:00Z"))]);
    assert!(usual.day(day("2026-09-21")).open.is_empty());
    // Independence Day of 5786 moves from Wednesday nowhere: 22 April 2026.
    assert_eq!(usual.day(day("2026-04-22")).rule, HolidayRule::Closed);
    assert!(usual.observance(utc("2026-04-22T10:00Z")).is_none());
}

#[test]
fn the_business_own_rules_and_days_win() {
    let own = business(&json!({
        "hours": usual_hours(),
        "holiday_rules": {"yom_haatzmaut": "open", "purim": "half", "hol_hamoed_sukkot": "closed"},
        "holidays": ["2026-11-24", {"date": "2026-11-25", "rule": "half", "name": "יום גיבוש"}, {"date": "2026-09-20", "rule": "open"}],
        "half_day_ends": "12:00",
    }));
    assert_eq!(own.day(day("2026-04-22")).rule, HolidayRule::Open);
    assert_eq!(own.day(day("2026-03-03")).rule, HolidayRule::Half);
    assert!(own.day(day("2026-09-29")).open.is_empty());
    assert_eq!(opening(&own, "2026-11-23T20:00Z"), Some(utc("2026-11-25T07:00Z")));
    assert_eq!(
        own.next_closing(utc("2026-11-25T08:00Z")),
        Some(utc("2026-11-25T10:00Z"))
    );
    assert_eq!(own.day(day("2026-11-25")).name.as_deref(), Some("יום גיבוש"));
    // An open eve of Yom Kippur still ends before it begins: 40 minutes before a sunset at 18:41.
    let eve = own.day(day("2026-09-20")).open;
    assert!(
        eve[0].1 < utc("2026-09-20T15:02Z") && eve[0].1 > utc("2026-09-20T14:55Z"),
        "{eve:?}"
    );
}

#[test]
fn sabbath_lasts_from_candles_to_nightfall() {
    let sabbath = usual().next_observance(utc("2026-11-19T10:00Z")).expect("a Sabbath");
    // Sunset in Jerusalem on 20 November 2026 is at 16:37, the day after too.
    let near = |at: DateTime<Utc>, expected: &str| (at - utc(expected)).num_minutes().abs() <= 2;
    assert!(near(sabbath.starts, "2026-11-20T13:58Z"), "{sabbath:?}");
    assert!(near(sabbath.ends, "2026-11-21T15:27Z"), "{sabbath:?}");
    assert!(sabbath.holidays.is_empty());
    assert!(usual().observance(sabbath.starts - TimeDelta::seconds(1)).is_none());
    assert_eq!(usual().observance(sabbath.starts), Some(sabbath.clone()));
    assert!(usual().observance(sabbath.ends).is_none());
}

#[test]
fn rosh_hashana_before_a_sabbath_is_one_window() {
    // 23 and 24 September 2025, Tuesday and Wednesday; in 2024 Thursday and Friday, and then Sabbath.
    let window = usual().observance(utc("2024-10-04T10:00Z")).expect("a window");
    assert_eq!(
        (window.first_day, window.last_day),
        (day("2024-10-03"), day("2024-10-05"))
    );
    assert_eq!(window.holidays, [Holiday::RoshHashana]);
    let alone = usual().observance(utc("2025-09-23T10:00Z")).expect("a window");
    assert_eq!(
        (alone.first_day, alone.last_day),
        (day("2025-09-23"), day("2025-09-24"))
    );
}

#[test]
fn what_is_automatic_waits_for_the_opening_after_sabbath() {
    let friday_night = utc("2026-11-20T18:00Z");
    assert_eq!(usual().holds_back(friday_night), Some(utc("2026-11-22T07:00Z")));
    assert_eq!(usual().holds_back(utc("2026-11-20T12:00Z")), None);
    assert_eq!(usual().holds_back(utc("2026-11-21T20:00Z")), None);
    let never_opens = business(&json!({"hours": {"sun": []}}));
    let ends = never_opens.observance(friday_night).expect("a Sabbath").ends;
    assert_eq!(
        never_opens.holds_back(friday_night),
        Some(ends + TimeDelta::minutes(30))
    );
    let evening = business(&json!({"hours": {"sat": [["10:00", "23:00"]]}}));
    assert_eq!(evening.holds_back(friday_night), Some(ends + TimeDelta::minutes(30)));
    assert_eq!(opening(&evening, "2026-11-20T18:00Z"), Some(ends));
}

#[test]
fn what_fell_due_on_a_sabbath_waits_for_its_release_after_it_too() {
    let ahead = |at: &str| usual().releases_ahead(utc(at));
    let opening = utc("2026-11-22T07:00Z");
    let [(kept, release)] = &ahead("2026-11-21T20:00Z")[..] else {
        panic!("one Sabbath is over and not released")
    };
    assert!(kept.contains(utc("2026-11-21T10:00Z")));
    assert_eq!(*release, opening);
    assert_eq!(ahead("2026-11-21T10:00Z"), [], "while it is kept");
    assert_eq!(ahead("2026-11-22T07:00Z"), [], "at the opening");
    // Rosh Hashana and the Sabbath after it are one window, and the opening after them is theirs.
    let [(kept, release)] = &ahead("2028-09-23T20:00Z")[..] else {
        panic!("one window")
    };
    assert!(kept.contains(utc("2028-09-21T10:00Z")));
    assert_eq!(*release, utc("2028-09-24T06:00Z"));
}

#[test]
fn sabbath_by_fixed_hours_keeps_the_clock_in_summer_and_winter() {
    let fixed = business(&json!({"shabbat": {"fixed": {"starts": "16:00", "ends": "20:30"}}}));
    let winter = fixed.observance(utc("2026-11-21T10:00Z")).expect("a Sabbath");
    assert_eq!(
        (winter.starts, winter.ends),
        (utc("2026-11-20T14:00Z"), utc("2026-11-21T18:30Z"))
    );
    let summer = fixed.observance(utc("2026-07-11T10:00Z")).expect("a Sabbath");
    assert_eq!(
        (summer.starts, summer.ends),
        (utc("2026-07-10T13:00Z"), utc("2026-07-11T17:30Z"))
    );
}

#[test]
fn who_keeps_no_sabbath_is_not_held_back() {
    let open = business(&json!({"hours": {"sat": [["10:00", "14:00"]]}, "shabbat": {"observe": false}}));
    assert!(open.is_open(utc("2026-11-21T09:00Z")));
    assert_eq!(open.holds_back(utc("2026-11-21T09:00Z")), None);
    assert_eq!(open.next_observance(utc("2026-11-21T09:00Z")), None);
}

#[test]
fn a_holiday_that_the_business_calls_open_is_not_kept() {
    let open = business(&json!({"hours": usual_hours(), "holiday_rules": {"shavuot": "open", "erev_shavuot": "open"}}));
    // Shavuot of 5786 is on Friday, 22 May 2026.
    assert!(open.is_open(utc("2026-05-22T08:00Z")));
    assert!(!usual().is_open(utc("2026-05-22T08:00Z")));
    assert_eq!(open.holds_back(utc("2026-05-22T08:00Z")), None);
}

#[test]
fn work_is_due_in_opening_hours() {
    let due = |at: &str| usual().work_due(utc(at));
    assert_eq!(due("2026-11-22T10:00Z"), Some(utc("2026-11-22T10:00Z")));
    assert_eq!(due("2026-11-22T15:50Z"), Some(utc("2026-11-23T07:15Z")));
    assert_eq!(due("2026-11-20T20:00Z"), Some(utc("2026-11-22T07:15Z")));
    let brief = business(&json!({"hours": {"sun": [["09:00", "09:10"]]}}));
    assert_eq!(brief.work_due(utc("2026-11-22T10:00Z")), Some(utc("2026-11-29T07:00Z")));
}

#[test]
fn snoozed_till_then() {
    let now = utc("2026-11-20T20:00Z");
    let until = |preset: &str| usual().snooze(Snooze::parse(preset).expect("a preset"), now);
    assert_eq!(until("10m"), Some(utc("2026-11-20T20:10Z")));
    assert_eq!(until("1h"), Some(utc("2026-11-20T21:00Z")));
    assert_eq!(until("tomorrow"), Some(utc("2026-11-21T07:00Z")));
    assert_eq!(until("next_opening"), Some(utc("2026-11-22T07:00Z")));
    assert_eq!(Snooze::parse("2h"), None);
    // The night of the change is an hour shorter; 09:00 stays 09:00.
    let before_summer = usual().snooze(Snooze::Tomorrow, utc("2026-03-26T10:00Z"));
    assert_eq!(before_summer, Some(utc("2026-03-27T06:00Z")));
}

#[test]
fn an_opening_is_said_in_words() {
    let now = utc("2026-11-20T20:00Z");
    let opening = usual().next_opening(now).expect("an opening");
    assert_eq!(opening.words(now, Language::He), "יום א׳ בשעה 9:00");
    assert_eq!(opening.words(now, Language::En), "Sunday at 9:00");
    let said = |at: &str, language| moment(utc(at), now, Jerusalem, language);
    assert_eq!(said("2026-11-20T21:05Z", Language::He), "היום בשעה 23:05");
    assert_eq!(said("2026-11-20T22:00Z", Language::He), "מחר בשעה 0:00");
    assert_eq!(said("2026-11-19T16:00Z", Language::He), "אתמול בשעה 18:00");
    assert_eq!(said("2026-11-28T18:00Z", Language::He), "שבת 28.11 בשעה 20:00");
    assert_eq!(said("2027-01-03T07:00Z", Language::He), "יום א׳ 3.1.2027 בשעה 9:00");
    assert_eq!(said("2026-11-29T07:00Z", Language::En), "Sunday 29 Nov at 9:00");
    assert_eq!(moment(DateTime::<Utc>::MAX_UTC, now, Jerusalem, Language::He), "");
}

#[test]
fn hours_across_a_clock_change() {
    // On 2026-03-27 02:00 becomes 03:00; on 2026-10-25 02:00 becomes 01:00.
    let night = business(&json!({
        "hours": {"fri": [["01:30", "02:30"], ["02:45", "04:00"]], "sun": [["01:30", "02:30"]]},
        "shabbat": {"observe": false},
    }));
    let spring = night.day(day("2026-03-27")).open;
    assert_eq!(spring, [(utc("2026-03-26T23:30Z"), utc("2026-03-27T01:00Z"))]);
    let autumn = night.day(day("2026-10-25")).open;
    assert_eq!(autumn, [(utc("2026-10-24T22:30Z"), utc("2026-10-25T00:30Z"))]);
}

#[test]
fn the_ends_of_time_have_no_answer() {
    for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert!(!usual().is_open(at));
        assert_eq!(
            (opening(&usual(), "2400-12-31T23:00Z"), usual().work_due(at)),
            (None, None)
        );
        assert_eq!(usual().snooze(Snooze::Tomorrow, at), None);
        assert_eq!(usual().holds_back(at), None);
    }
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        assert!(usual().day(date).open.is_empty());
    }
}

#[test]
fn an_opening_within_half_an_hour_of_the_end_does_not_hasten() {
    let soon = business(&json!({
        "hours": {"sat": [["18:00", "23:00"]]},
        "shabbat": {"fixed": {"starts": "16:00", "ends": "17:45"}},
    }));
    assert_eq!(
        soon.holds_back(utc("2026-11-21T10:00Z")),
        Some(utc("2026-11-21T16:15Z"))
    );
}
