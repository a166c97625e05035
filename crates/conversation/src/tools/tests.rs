use proptest::prelude::*;

use super::*;

const ZONE: Tz = chrono_tz::Asia::Jerusalem;

fn asked(name: &str, arguments: Value) -> ToolCall {
    ToolCall {
        id: "c1".to_owned(),
        name: name.to_owned(),
        arguments,
    }
}

#[test]
fn a_time_without_zone_is_the_business_s() {
    let call = asked(
        CREATE_TASK,
        json!({"title": "לחזור לדנה", "due_at": "2026-11-22T10:30"}),
    );
    let Ok(Tool::CreateTask { due_at: Some(at), .. }) = parse(&call, ZONE) else {
        panic!("a task with a time");
    };
    assert_eq!(at.to_rfc3339(), "2026-11-22T08:30:00+00:00");
}

#[test]
fn what_is_missing_or_unknown_is_told_to_the_model() {
    assert!(parse(&asked(CREATE_TASK, json!({})), ZONE).is_err());
    assert!(parse(&asked(SAVE_CONTACT, json!({"name": "  "})), ZONE).is_err());
    assert!(parse(&asked("send_money", json!({})), ZONE).is_err());
    assert!(parse(&asked(END_CALL, Value::Null), ZONE).is_err());
    assert!(parse(&asked(CREATE_TASK, json!({"title": "x", "due_at": "tomorrow"})), ZONE).is_err());
}

#[test]
fn every_described_tool_can_be_read_back() {
    for tool in [
        Tool::SaveContact(Contact {
            name: Some("דנה".to_owned()),
            callback_at: DateTime::from_timestamp(1_800_000_000, 0),
            ..Contact::default()
        }),
        Tool::CreateTask {
            title: "לחזור".to_owned(),
            due_at: None,
        },
        Tool::LookupBusinessFact {
            topic: "מחיר".to_owned(),
        },
        Tool::TransferToPerson {
            reason: "ביקשה".to_owned(),
        },
        Tool::EndCall {
            reason: "סיימנו".to_owned(),
        },
    ] {
        let call = call("1".to_owned(), &tool);
        assert!(specs().iter().any(|spec| spec.name == call.name));
        assert_eq!(parse(&call, ZONE), Ok(tool));
    }
}

proptest! {
    #[test]
    fn rubbish_arguments_do_not_panic(name in "[a-z_]{0,24}", text in "\\PC{0,60}") {
        for arguments in [json!({"title": text, "due_at": text, "callback_at": text, "name": 3}), json!([text]), json!(text)] {
            for known in [CREATE_TASK, SAVE_CONTACT, name.as_str()] {
                let _ = parse(&asked(known, arguments.clone()), ZONE);
            }
        }
    }
}
