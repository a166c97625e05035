//! A change as a timeline tells it: which field, from what to what.

use serde_json::{Map, Value};

use super::model::{NotCustomer, Status};

/// A longer value is cut in the words; the data have all of it.
const MAX_VALUE_CHARS: usize = 60;

/// What a field is called.
pub fn label(field: &str) -> &str {
    match field {
        "name" => "שם",
        "phones" => "טלפון",
        "emails" => "אימייל",
        "company" => "חברה",
        "tax_id" => "ת״ז / ח״פ",
        "address" => "כתובת",
        "status" => "סטטוס",
        "source" => "מקור",
        "owner_id" => "אחראי/ת",
        "tags" => "תגיות",
        "notes" => "הערות",
        "custom" => "שדות נוספים",
        "do_not_contact" => "לא ליצור קשר",
        "language" => "שפה",
        "need" => "צורך",
        "not_customer" => "לא לקוח",
        "blocked" => "חסימה",
        other => other,
    }
}

/// The names of what changed, for a row in a list: one field with its values, several by their names.
pub fn title(differences: &Map<String, Value>) -> String {
    let mut fields = differences.iter();
    match (fields.next(), fields.next()) {
        (Some((field, difference)), None) => sentence(field, difference),
        _ => differences
            .keys()
            .map(|field| label(field))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// One sentence for each field.
pub fn sentences(differences: &Map<String, Value>) -> Vec<String> {
    differences
        .iter()
        .map(|(field, difference)| sentence(field, difference))
        .collect()
}

fn sentence(field: &str, difference: &Value) -> String {
    let label = label(field);
    let (Some(from), Some(to)) = (difference.get("from"), difference.get("to")) else {
        return format!("{label}: עודכן");
    };
    match (value(field, from), value(field, to)) {
        (None, None) => format!("{label}: עודכן"),
        (None, Some(to)) => format!("{label}: {to}"),
        (Some(from), None) => format!("{label}: נמחק ({from})"),
        (Some(from), Some(to)) => format!("{label}: {from} ← {to}"),
    }
}

/// `None` for what is empty, or says nothing to a reader (an id).
fn value(field: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::Bool(true) => "כן".to_owned(),
        Value::Bool(false) => "לא".to_owned(),
        Value::String(word) => match field {
            "status" => status(word).to_owned(),
            "not_customer" => not_customer(word).to_owned(),
            _ => word.clone(),
        },
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let text: String = text.chars().take(MAX_VALUE_CHARS).collect();
    (!text.is_empty()).then_some(text)
}

fn status(word: &str) -> &str {
    match Status::parse(word) {
        Some(
            built_in @ (Status::New | Status::Contacted | Status::Qualified | Status::Customer | Status::Inactive),
        ) => built_in_status(&built_in),
        _ => word,
    }
}

/// The Hebrew word for a status that every business has.
pub const fn built_in_status(status: &Status) -> &'static str {
    match status {
        Status::New => "חדש",
        Status::Contacted => "נוצר קשר",
        Status::Qualified => "רלוונטי",
        Status::Customer => "לקוח פעיל",
        Status::Inactive => "לא פעיל",
        Status::Own(_) => "",
    }
}

fn not_customer(word: &str) -> &str {
    const WORDS: [(NotCustomer, &str); 3] = [
        (NotCustomer::Supplier, "ספק"),
        (NotCustomer::WrongNumber, "טעות במספר"),
        (NotCustomer::Spam, "ספאם"),
    ];
    WORDS
        .iter()
        .find(|(reason, _)| reason.as_str() == word)
        .map_or(word, |(_, said)| said)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(differences: Value) -> (String, Vec<String>) {
        let Value::Object(differences) = differences else {
            panic!("an object");
        };
        (title(&differences), sentences(&differences))
    }

    #[test]
    fn one_change_is_told_whole_and_several_by_name() {
        let (title, _) = of(json!({"status": {"from": "new", "to": "contacted"}}));
        assert_eq!(title, "סטטוס: חדש ← נוצר קשר");
        let (title, all) = of(json!({"name": {"from": "דנה", "to": "רות"}, "company": {"from": null, "to": "אלון"}}));
        assert_eq!(title, "חברה, שם");
        assert_eq!(all, ["חברה: אלון", "שם: דנה ← רות"]);
    }

    #[test]
    fn what_is_emptied_unreadable_or_a_flag_has_words_too() {
        let (_, all) = of(json!({
            "address": {"from": "הרצל 1", "to": null}, "notes": {"changed": true}, "owner_id": {"from": 1, "to": 2},
            "blocked": {"from": false, "to": true}, "status": {"from": "new", "to": "hot"},
            "tags": {"from": [], "to": ["vip", "x"]},
        }));
        assert_eq!(
            all,
            [
                "כתובת: נמחק (הרצל 1)",
                "חסימה: לא ← כן",
                "הערות: עודכן",
                "אחראי/ת: עודכן",
                "סטטוס: חדש ← hot",
                "תגיות: vip, x"
            ]
        );
    }
}
