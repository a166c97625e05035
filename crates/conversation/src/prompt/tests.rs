use super::*;

fn briefing() -> Briefing {
    Briefing {
        business: "מזגני הצפון".to_owned(),
        agent_name: Some("נועה".to_owned()),
        language: "he-IL".to_owned(),
        now: "Sunday 2026-11-22 14:05".to_owned(),
        facts: vec![("מחיר ביקור".to_owned(), "מאתיים שקלים".to_owned())],
        ..Briefing::default()
    }
}

#[test]
fn the_instructions_hold_the_business_s_own_words_and_what_may_not_be_promised() {
    let prompt = system(&briefing());
    for part in [
        "מזגני הצפון",
        "נועה",
        "feminine",
        "מאתיים שקלים",
        "plural",
        "Never guess",
        "No person can take the call",
    ] {
        assert!(prompt.contains(part), "{part}");
    }
    assert!(!prompt.contains("closed now"));
}

#[test]
fn after_hours_the_opening_is_said_in_words() {
    let prompt = system(&Briefing {
        opens: Some("ביום ראשון בשעה תשע בבוקר".to_owned()),
        transfer_possible: false,
        ..briefing()
    });
    assert!(prompt.contains("closed now"));
    assert!(prompt.contains("ביום ראשון בשעה תשע בבוקר"));
}

#[test]
fn opening_hours_are_there_whether_or_not_it_is_open() {
    let prompt = system(&Briefing {
        hours: vec![
            "בימים ראשון עד חמישי מתשע בבוקר עד שש בערב".to_owned(),
            "בשבת סגור".to_owned(),
        ],
        ..briefing()
    });
    assert!(prompt.contains("Opening hours: בימים ראשון עד חמישי מתשע בבוקר עד שש בערב; בשבת סגור\n"));
    assert!(!system(&briefing()).contains("Opening hours:"));
}

#[test]
fn facts_that_do_not_fit_are_named_for_the_tool() {
    let prompt = system(&Briefing {
        facts: vec![
            ("תקנון".to_owned(), "א".repeat(5_000)),
            ("חניה".to_owned(), "יש".to_owned()),
        ],
        ..briefing()
    });
    assert!(prompt.contains("More facts can be looked up: תקנון"));
    assert!(prompt.contains("Fact – חניה: יש"));
    assert!(prompt.len() < 12_000);
}
