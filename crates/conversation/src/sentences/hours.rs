//! A week's opening hours in words: «בימים ראשון עד חמישי מתשע בבוקר עד שש בערב». They stand in a model's instructions,
//! so they have no phonemes and no clip.

use chrono::{NaiveTime, Timelike, Weekday};
use contracts::tts::Gender;

use super::{
    get, joined_text,
    opening::{on_weekday, time_of_day},
};

/// From Sunday; each day's openings and closings in order. A day that ends at midnight closes after 23:59.
pub type Week = [Vec<(NaiveTime, NaiveTime)>; 7];

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Sun, "ראשון"),
    (Weekday::Mon, "שני"),
    (Weekday::Tue, "שלישי"),
    (Weekday::Wed, "רביעי"),
    (Weekday::Thu, "חמישי"),
    (Weekday::Fri, "שישי"),
    (Weekday::Sat, "שבת"),
];
const MIDNIGHT: &str = "חצות";

/// One line for each stretch of days with the same hours, then the days of the coming week that are closed out of turn.
pub fn hours(week: &Week, closed_this_week: &[Weekday]) -> Vec<String> {
    let days: Vec<_> = DAYS.iter().zip(week).collect();
    let mut lines: Vec<String> = days
        .chunk_by(|(_, spans), (_, next)| spans == next)
        .filter_map(|stretch| {
            let ((first, spans), (last, _)) = (stretch.first()?, stretch.last()?);
            Some(format!("{} {}", on_days(first, last), open(spans)))
        })
        .collect();
    if !closed_this_week.is_empty() {
        let days: Vec<_> = closed_this_week.iter().map(|day| text_of_day(*day)).collect();
        lines.push(format!("בשבוע הקרוב סגור גם {}", days.join(" וגם ")));
    }
    lines
}

fn on_days((first, name): &(Weekday, &str), (last, last_name): &(Weekday, &str)) -> String {
    match (first, last) {
        (Weekday::Sun, Weekday::Sat) => "בכל יום".to_owned(),
        _ if first == last => text_of_day(*first).to_owned(),
        _ => format!("בימים {name} עד {last_name}"),
    }
}

const fn text_of_day(day: Weekday) -> &'static str {
    get(on_weekday(day), Gender::Feminine).text
}

fn open(spans: &[(NaiveTime, NaiveTime)]) -> String {
    if spans.is_empty() {
        return "סגור".to_owned();
    }
    let spans = spans
        .iter()
        .map(|(from, to)| format!("מ{} עד {}", in_words(*from), in_words(*to)));
    spans.collect::<Vec<_>>().join(" וגם ")
}

fn in_words(time: NaiveTime) -> String {
    if matches!((time.hour(), time.minute()), (0, 0) | (23, 59)) {
        return MIDNIGHT.to_owned();
    }
    let words: Vec<_> = time_of_day(&time)
        .into_iter()
        .map(|key| get(key, Gender::Feminine))
        .collect();
    joined_text(&words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(spans: &[(&str, &str)]) -> Vec<(NaiveTime, NaiveTime)> {
        spans
            .iter()
            .map(|(from, to)| (from.parse().expect("a time"), to.parse().expect("a time")))
            .collect()
    }

    #[test]
    fn days_alike_are_said_together() {
        let usual = day(&[("09:00", "18:30")]);
        let mut week: Week = std::array::from_fn(|_| usual.clone());
        week[5] = day(&[("08:15", "13:00")]);
        week[6] = Vec::new();
        assert_eq!(
            hours(&week, &[]),
            [
                "בימים ראשון עד חמישי מתשע בבוקר עד שש וחצי בערב",
                "ביום שישי משמונה ורבע בבוקר עד אחת אחר הצהריים",
                "בשבת סגור",
            ]
        );
    }

    #[test]
    fn breaks_midnights_and_closed_days_are_said() {
        let split = day(&[("00:00", "12:00"), ("16:00", "23:59:59.999")]);
        let week: Week = std::array::from_fn(|_| split.clone());
        assert_eq!(
            hours(&week, &[Weekday::Tue, Weekday::Sat]),
            [
                "בכל יום מחצות עד שתים עשרה בצהריים וגם מארבע אחר הצהריים עד חצות",
                "בשבוע הקרוב סגור גם ביום שלישי וגם בשבת",
            ]
        );
    }
}
