use bytes::Bytes;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    file::{File, Kind, Row},
    headings::recognise,
    mapping::{Mapping, OwnFields, Owners},
    person::{Draft, Plan, RowError},
    target::Target,
};

fn open(text: &str) -> File {
    File::open(Bytes::from(text.to_owned()), &CancellationToken::new()).expect("a file")
}

#[test]
fn hebrew_and_english_headings_are_recognised() {
    for (heading, field) in [
        ("שם", "name"),
        ("שם מלא", "name"),
        (" שם  הלקוח:", "name"),
        ("שם פרטי", "first_name"),
        ("משפחה", "last_name"),
        ("טלפון", "phone"),
        ("נייד", "phone"),
        ("טל'", "phone"),
        ("מס' טלפון", "phone"),
        ("טלפון 2", "phone"),
        ("דוא\"ל", "email"),
        ("דוא״ל", "email"),
        ("אימייל", "email"),
        ("חברה", "company"),
        ("ח.פ", "tax_id"),
        ("ח.פ.", "tax_id"),
        ("ח\"פ", "tax_id"),
        ("ח.פ / ת.ז", "tax_id"),
        ("ת.ז.", "tax_id"),
        ("כתובת", "address"),
        ("עיר", "city"),
        ("הערות", "notes"),
        ("תגיות", "tags"),
        ("סטטוס", "status"),
        ("אחראי", "owner"),
        ("Phone 1 - Value", "phone"),
        ("E-mail 2 - Value", "email"),
        ("Organization 1 - Name", "company"),
        ("Given Name", "first_name"),
        ("Mobile Phone", "phone"),
        ("PHONE", "phone"),
        ("tax_id", "tax_id"),
        ("custom.size", "custom.size"),
    ] {
        assert_eq!(
            recognise(heading).map(|target| target.to_string()),
            Some(field.to_owned()),
            "{heading}"
        );
    }
    for heading in ["", "מחיר", "123", "2", "שם 2", "Birthday"] {
        assert_eq!(recognise(heading), None, "{heading}");
    }
}

#[test]
fn the_headings_of_our_own_export_are_recognised() {
    use crate::crm::exports::table::{Lang, headings};
    for lang in [Lang::He, Lang::En] {
        let columns: Vec<String> = headings(lang).map(str::to_owned).to_vec();
        let mapping = Mapping::suggested(&columns, &OwnFields::new());
        let unknown: Vec<&String> = columns.iter().filter(|column| mapping.of(column).is_none()).collect();
        assert_eq!(
            unknown.len(),
            4,
            "id, more fields and the times are not read back: {unknown:?}"
        );
    }
}

#[test]
fn a_mapping_is_checked_against_the_file() {
    let file = open("a,b,c\n1,2,3\n");
    let code = |text: &str| {
        Mapping::read(text, &file, &OwnFields::new())
            .expect_err("refused")
            .errors[0]
            .code
            .clone()
    };
    assert_eq!(code("[]"), "invalid_json");
    assert_eq!(code(r#"{"a":"name","z":"phone"}"#), "unknown_column");
    assert_eq!(code(r#"{"a":"name","b":"shoe"}"#), "unknown_field");
    assert_eq!(code(r#"{"a":"name","b":"name"}"#), "field_taken");
    assert_eq!(code(r#"{"a":1}"#), "wrong_type");
    assert_eq!(code(r#"{"a":"notes"}"#), "nobody_named");
    assert_eq!(code("{}"), "nobody_named");
    let mapping = Mapping::read(r#"{"a":"phone","b":"phone","c":null}"#, &file, &OwnFields::new()).expect("a mapping");
    assert_eq!(mapping.placed(file.columns()), [(0, Target::Phone), (1, Target::Phone)]);
    assert_eq!(Mapping::from_json(&mapping.to_json()), mapping);
}

fn read(columns: &[&str], cells: &[&str]) -> Result<Draft, Vec<RowError>> {
    let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
    let plan = Plan {
        fields: Mapping::suggested(&columns, &OwnFields::new()).placed(&columns),
        owners: Owners::of([
            (7, "דנה".to_owned(), "Dana@example.com".to_owned()),
            (8, "יוסי".to_owned(), "y1@example.com".to_owned()),
            (9, "יוסי".to_owned(), "y2@example.com".to_owned()),
        ]),
        own: OwnFields::new(),
    };
    let cells = cells.iter().map(|&cell| cell.to_owned()).collect();
    plan.read(&Row { number: 2, cells })
}

fn phones(draft: &Draft) -> Vec<&str> {
    draft.phones().iter().map(kernel::Phone::as_str).collect()
}

#[test]
fn a_row_becomes_a_customer() {
    let columns = [
        "שם פרטי",
        "שם משפחה",
        "נייד",
        "טלפון",
        "דוא\"ל",
        "ח.פ",
        "כתובת",
        "עיר",
        "סטטוס",
        "תגיות",
        "אחראי",
        "לא ליצור קשר",
    ];
    let cells = [
        "דנה",
        "כהן",
        "501234567",
        "03-5551234 / 0521112222",
        "Dana@Example.com;x@y.co",
        "123456782",
        "הרצל 1",
        "חיפה",
        "לקוח פעיל",
        "vip, חם ::: * myContacts",
        "dana@example.com",
        "כן",
    ];
    let draft = read(&columns, &cells).expect("a draft");
    assert_eq!(draft.name, "דנה כהן");
    assert_eq!(phones(&draft), ["+972501234567", "+97235551234", "+972521112222"]);
    let fields = draft.fields;
    assert_eq!(fields.emails.all.expect("e-mails"), ["dana@example.com", "x@y.co"]);
    assert_eq!(fields.address, Some(Some("הרצל 1, חיפה".to_owned())));
    assert_eq!(
        fields.status.map(|status| status.as_str().to_owned()),
        Some("customer".to_owned())
    );
    assert_eq!(fields.tags.expect("tags"), ["vip", "חם"]);
    assert_eq!((fields.owner_id, fields.do_not_contact), (Some(Some(7)), Some(true)));
}

#[test]
fn who_has_no_name_is_called_by_what_is_there() {
    let columns = ["name", "company", "phone", "email"];
    for (cells, name) in [
        (["", "מוסך", "0501234567", ""], "מוסך"),
        (["", "", "0501234567", "a@b.co"], "+972501234567"),
        (["", "", "", "a@b.co"], "a@b.co"),
    ] {
        assert_eq!(read(&columns, &cells).expect("a draft").name, name);
    }
    let nobody = read(&["name", "notes"], &["", "x"]).expect_err("refused");
    assert_eq!(
        (nobody[0].field.as_str(), nobody[0].code.as_str()),
        ("name", "name_required")
    );
}

#[test]
fn everything_that_is_wrong_with_a_row_is_told() {
    let columns = ["name", "phone", "email", "tax_id", "owner", "status", "do not contact"];
    let errors = read(&columns, &["x", "12", "no", "1", "יוסי", "hot potato", "maybe"]).expect_err("refused");
    let told: Vec<String> = errors
        .iter()
        .map(|error| format!("{}:{}", error.field, error.code))
        .collect();
    for fault in [
        "phone:invalid_phone",
        "email:invalid_email",
        "tax_id:invalid_tax_id",
        "owner:unknown_user",
        "status:unknown_status",
        "do_not_contact:wrong_type",
    ] {
        assert!(told.iter().any(|one| one == fault), "{fault} in {told:?}");
    }
    assert!(errors.iter().all(|error| error.row == 2));
}

#[test]
fn a_number_without_its_area_is_refused_and_shown_as_it_stands() {
    for number in ["12345", "5551234"] {
        let errors = read(&["name", "phone"], &["x", number]).expect_err("refused");
        assert_eq!(errors.len(), 1);
        assert_eq!(
            (errors[0].field.as_str(), errors[0].code.as_str()),
            ("phone", "invalid_phone")
        );
        assert_eq!(errors[0].cells, ["x", number]);
    }
    let long = "x".repeat(500);
    let errors = read(&["name", "notes"], &["", &long]).expect_err("refused");
    assert_eq!(errors[0].cells[1].len(), 100);
}

#[test]
fn the_same_fault_of_one_cell_is_told_once() {
    let errors = read(&["name", "email"], &["x", "this is no mail"]).expect_err("refused");
    let told: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| (error.field.as_str(), error.code.as_str()))
        .collect();
    assert_eq!(told, [("email", "invalid_email")]);
}

#[test]
fn google_contacts_speak_for_themselves() {
    let text = "First Name,Last Name,Organization Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Value,Notes\n\
        דנה,כהן,מוסך,* myContacts ::: vip,Home,d@x.co ::: e@x.co,Mobile,050-1234567,03-5551234,hi\n";
    let file = open(text);
    assert_eq!(file.kind(), Kind::GoogleContacts);
    assert_eq!(
        Mapping::suggested(file.columns(), &OwnFields::new()).to_json(),
        json!({
            "First Name": "first_name", "Last Name": "last_name", "Organization Name": "company", "Labels": "tags",
            "E-mail 1 - Value": "email", "Phone 1 - Value": "phone", "Phone 2 - Value": "phone", "Notes": "notes",
        })
    );
}
