use proptest::prelude::*;
use serde_json::json;

use super::{
    body::CustomerBody,
    model::{Contacts, Fields},
    values::email,
};

fn read(body: serde_json::Value) -> Result<Fields, kernel::Problem> {
    serde_json::from_value::<CustomerBody>(body)
        .expect("the right types")
        .checked()
}

fn fault(body: serde_json::Value) -> (u16, String) {
    let problem = read(body).expect_err("a fault");
    (
        problem.status,
        problem
            .errors
            .first()
            .map(|error| error.field.clone())
            .unwrap_or_default(),
    )
}

#[test]
fn a_name_is_trimmed_and_never_blank() {
    assert_eq!(
        read(json!({"name": "  דנה  "})).expect("fields").name.as_deref(),
        Some("דנה")
    );
    for name in [json!(null), json!(""), json!("  \t")] {
        let problem = read(json!({ "name": name })).expect_err("blank");
        assert_eq!((problem.status, problem.code), (400, "name_required"));
    }
    let without = serde_json::from_value::<CustomerBody>(json!({}))
        .expect("a body")
        .for_creation();
    assert_eq!(without.expect_err("no name").code, "name_required");
}

#[test]
fn every_fault_is_told_at_once() {
    let body =
        json!({"name": "x\u{0}", "phone": "abc", "emails": ["a@b.co", "nope"], "status": "HOT", "tax_id": "123456789"});
    let problem = read(body).expect_err("faults");
    let fields: Vec<&str> = problem.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["name", "phone", "emails[1]", "tax_id", "status"]);
    assert_eq!(problem.status, 422);
}

#[test]
fn nul_and_overlong_values_are_refused() {
    assert_eq!(fault(json!({"name": "x".repeat(201)})), (422, "name".to_owned()));
    assert_eq!(fault(json!({"custom": {"a": "\u{0}"}})), (422, "custom.a".to_owned()));
    assert_eq!(fault(json!({"custom": {"a": {"b": 1}}})), (422, "custom.a".to_owned()));
    assert_eq!(fault(json!({"tags": ["x".repeat(51)]})), (422, "tags[0]".to_owned()));
    assert_eq!(fault(json!({"tags": vec!["x"; 51]})), (422, "tags".to_owned()));
    assert_eq!(
        fault(json!({"phones": vec!["0501234567"; 21]})),
        (422, "phones".to_owned())
    );
    assert_eq!(fault(json!({"notes": "x".repeat(20_001)})), (422, "notes".to_owned()));
    assert_eq!(fault(json!({"language": "עברית"})), (422, "language".to_owned()));
}

#[test]
fn null_empties_and_what_is_not_mentioned_stays() {
    let fields = read(json!({"company": null, "notes": ""})).expect("fields");
    assert_eq!(fields.company, Some(None));
    assert_eq!(fields.notes, Some(None));
    assert_eq!(fields.address, None);
}

#[test]
fn an_israeli_id_has_its_check_digit() {
    for good in ["000000018", "18", "51-000000-3", "123456782"] {
        assert!(read(json!({"tax_id": good})).is_ok(), "{good}");
    }
    assert_eq!(
        read(json!({"tax_id": "18"})).expect("fields").tax_id,
        Some(Some("000000018".to_owned()))
    );
    for bad in ["123456789", "0", "abc", "1234567890", "١٨"] {
        assert!(read(json!({"tax_id": bad})).is_err(), "{bad}");
    }
}

#[test]
fn the_first_contact_leads_and_none_is_there_twice() {
    let said = Contacts {
        first: Some(Some("b")),
        all: Some(vec!["a", "b", "a"]),
    };
    assert_eq!(said.applied_to(&[]), Some(vec!["b", "a"]));
    let replaced = Contacts {
        first: Some(Some("c")),
        all: None,
    };
    assert_eq!(replaced.applied_to(&["a", "b"]), Some(vec!["c", "b"]));
    let taken = Contacts {
        first: Some(None),
        all: None,
    };
    assert_eq!(taken.applied_to(&["a", "b"]), Some(vec!["b"]));
    assert_eq!(Contacts::<&str>::default().applied_to(&["a"]), None);
}

#[test]
fn e_mails_are_lower_case_and_plausible() {
    assert_eq!(email(" Dana@Example.CO.il "), Some("dana@example.co.il".to_owned()));
    for bad in [
        "",
        "@",
        "a@b",
        "a b@c.d",
        "a@@b.c",
        "a@.b",
        "a@b.",
        "a@-b.c",
        "\"a\"@b.c",
        "a\n@b.c",
    ] {
        assert_eq!(email(bad), None, "{bad:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = read(json!({"name": text, "phone": text, "email": text, "tax_id": text, "language": text}));
    }

    #[test]
    fn one_wrong_digit_breaks_the_check(id in 1_u32..99_999_999, at in 0_usize..9, by in 1_u32..10) {
        let good = (0..10).map(|check| format!("{id:08}{check}")).find(|id| read(json!({"tax_id": id})).is_ok()).expect("one fits");
        let mut digits: Vec<u32> = good.chars().filter_map(|c| c.to_digit(10)).collect();
        digits[at] = (digits[at] + by) % 10;
        let wrong: String = digits.iter().map(u32::to_string).collect();
        let refused = read(json!({"tax_id": wrong})).is_err();
        prop_assert!(refused);
    }
}
