use super::*;

#[test]
fn a_stranger_is_asked_for_name_need_and_time() {
    let mut script = Script::new(None, false);
    assert_eq!(script.begin().say, [Key::AskName]);
    let named = script.answer(Answer::Text("שלום, קוראים לי דנה כהן."));
    assert_eq!(named.say, [Key::NiceToMeet, Key::AskNeed]);
    assert_eq!(
        named.tools,
        [Tool::SaveContact(Contact {
            name: Some("דנה כהן".to_owned()),
            ..Contact::default()
        })]
    );
    let needed = script.answer(Answer::Text("מזגן שלא עובד"));
    assert_eq!(needed.say, [Key::Understood, Key::AskCallbackTime]);
    let done = script.answer(Answer::Text("מחר בבוקר"));
    assert!(done.over);
    assert_eq!(
        done.tools,
        [Tool::CreateTask {
            title: "לחזור אל דנה כהן – מזגן שלא עובד – מחר בבוקר".to_owned(),
            due_at: None
        }]
    );
}

#[test]
fn a_known_caller_is_not_asked_for_a_name() {
    let mut script = Script::new(Some("דנה".to_owned()), false);
    assert_eq!(script.begin().say, [Key::AskNeed]);
}

#[test]
fn a_hidden_caller_is_asked_for_a_number_before_the_time() {
    let mut script = Script::new(Some("דנה".to_owned()), true);
    script.begin();
    assert_eq!(
        script.answer(Answer::Text("חשבונית")).say,
        [Key::Understood, Key::AskHiddenNumber]
    );
    script.number_is_settled();
    assert_eq!(script.begin().say, [Key::AskCallbackTime]);
}

#[test]
fn answers_without_text_leave_the_recording_to_listen_to_and_no_empty_task() {
    let mut script = Script::new(None, false);
    script.begin();
    assert!(!script.has_audio());
    for _ in 0..2 {
        assert_eq!(script.answer(Answer::Audio).tools, []);
    }
    let done = script.answer(Answer::Audio);
    assert!(done.over && done.tools.is_empty() && script.has_audio());
}

#[test]
fn names_lose_the_words_around_them() {
    for (said, name) in [
        ("דנה", "דנה"),
        ("אני יוסי.", "יוסי"),
        ("היי, זה משה לוי", "משה לוי"),
        ("My name is Dana", "Dana"),
        ("שלום", "שלום"),
        ("זהבה", "זהבה"),
    ] {
        assert_eq!(bare_name(said), name);
    }
}

#[test]
fn what_a_model_could_not_answer_is_not_asked_for_again() {
    let mut script = Script::new(None, false);
    script.overheard("שלום, קוראים לי דנה כהן.");
    assert_eq!(script.begin().say, [Key::AskNeed]);
    assert_eq!(script.name.as_deref(), Some("דנה כהן"));
    let mut script = Script::new(None, false);
    script.overheard("יש לי נזילה בבית");
    assert_eq!(script.begin().say, [Key::AskName]);
    assert_eq!(script.need.as_deref(), Some("יש לי נזילה בבית"));
    let mut script = Script::new(None, false);
    script.overheard("שלום");
    assert_eq!((script.name, script.need), (None, None));
}
