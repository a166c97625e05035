//! What the agent does: tools, transfers, digits, commands, hidden callers, limits.

use contracts::llm::Message;
use serde_json::json;

use super::scene::*;
use crate::call::*;

fn exit(scene: &Scene) -> Exit {
    scene.left().expect("the call has ended").how
}

#[test]
fn a_tool_runs_and_its_result_reaches_the_model() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::TextAndTool(
        "רגע, אני רושמת. ",
        "save_contact",
        json!({"name": "דנה"}),
    ));
    scene.answers.push_back(Answer::Text("נעים מאוד, דנה."));
    scene.says(500, 1_000, Ear::Text("קוראים לי דנה")).run(9_000);
    assert_eq!(scene.tools().len(), 1);
    let turn = &scene.turns()[0];
    assert_eq!(turn.agent_text, "רגע, אני רושמת. נעים מאוד, דנה.");
    assert!(turn.tools[0].ok);
    assert_eq!(turn.tools[0].summary, "done");
    assert!(
        scene
            .last_prompt()
            .iter()
            .any(|message| matches!(message, Message::ToolResult { .. }))
    );
}

#[test]
fn a_slow_tool_is_covered_by_one_moment() {
    let mut scene = Scene::new(config());
    scene.tool_ms = 3_000;
    scene
        .answers
        .push_back(Answer::Tool("lookup_business_fact", json!({"topic": "מחיר"})));
    scene.answers.push_back(Answer::Text("מאתיים שקלים."));
    scene.says(500, 1_000, Ear::Text("כמה עולה?")).run(9_000);
    assert_eq!(scene.said(), ["רגע, אני בודקת.", "מאתיים שקלים."]);
    let asked = scene.when(|effect| matches!(effect, Effect::Recognise { .. })).unwrap();
    let filler = scene.when(|effect| matches!(effect, Effect::Say { .. })).unwrap();
    assert!((1_480..=1_560).contains(&(filler - asked)), "{}", filler - asked);
    assert_eq!(scene.turns()[0].agent_text, "מאתיים שקלים.", "a filler is no answer");
}

#[test]
fn a_person_is_asked_for_in_words_and_the_transfer_begins_in_the_same_turn() {
    let mut scene = Scene::new(config());
    scene.says(500, 900, Ear::Text("תעבירי אותי לנציג בבקשה")).run(6_000);
    assert_eq!(scene.count(|effect| matches!(effect, Effect::Think { .. })), 0);
    assert!(matches!(exit(&scene), Exit::Transfer { .. }));
    assert_eq!(scene.tools()[0].name, "transfer_to_person");
    assert_eq!(scene.said(), ["אני מעבירה אתכם לנציג. רק רגע."]);
    assert_eq!(scene.turns()[0].agent_text, "אני מעבירה אתכם לנציג. רק רגע.");
}

#[test]
fn with_nobody_there_the_wish_for_a_person_is_kept_and_a_message_taken() {
    let mut scene = Scene::new(Config {
        transfer: Transfer::Impossible,
        ..config()
    });
    scene.says(500, 900, Ear::Text("נציג")).run(5_000);
    assert!(scene.left().is_none());
    scene.give(Input::Stopped);
    let left = scene.left().expect("left");
    assert!(left.wants_person && left.wants_callback);
    assert_eq!(left.how, Exit::HungUp);
}

#[test]
fn the_model_s_transfer_waits_for_the_tool_and_its_goodbye_ends_the_call() {
    let mut scene = Scene::new(config());
    scene
        .answers
        .push_back(Answer::Tool("transfer_to_person", json!({"reason": "כועסת"})));
    scene.says(500, 900, Ear::Text("זה לא יתכן!")).run(6_000);
    assert_eq!(
        exit(&scene),
        Exit::Transfer {
            reason: "כועסת".to_owned()
        }
    );
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::TextAndTool(
        "תודה ולהתראות. ",
        "end_call",
        json!({"reason": "סיימנו"}),
    ));
    scene.says(500, 900, Ear::Text("זהו, תודה")).run(6_000);
    assert_eq!(exit(&scene), Exit::Over);
    assert_eq!(scene.said(), ["תודה ולהתראות."]);
    assert_eq!(scene.turns()[0].agent_text, "תודה ולהתראות.");
}

#[test]
fn zero_reaches_a_person_and_other_digits_reach_the_model() {
    let mut scene = Scene::new(config());
    scene.run(500);
    scene.give(Input::Digit('0'));
    scene.run(4_000);
    assert!(matches!(exit(&scene), Exit::Transfer { .. }));

    let mut scene = Scene::new(config());
    scene.run(500);
    for digit in ['1', '2', '0'] {
        scene.give(Input::Digit(digit));
        scene.run(200);
    }
    scene.run(6_000);
    assert_eq!(scene.last_prompt().last(), Some(&Message::User("120".to_owned())));
}

#[test]
fn a_star_ends_what_is_being_said_at_once() {
    let mut scene = Scene::new(config());
    scene.says(200, 3_000, Ear::Text("שלום")).run(1_000);
    scene.give(Input::Digit('*'));
    assert_eq!(
        scene.when(|effect| matches!(effect, Effect::Recognise { .. })),
        Some(1_000)
    );
}

#[test]
fn a_hidden_caller_s_number_is_read_back_and_linked_only_after_a_yes() {
    let mut scene = Scene::new(Config {
        caller: Caller {
            hidden: true,
            ..Caller::default()
        },
        ..config()
    });
    scene.answers.push_back(Answer::Text("לאיזה מספר לחזור?"));
    scene.says(300, 800, Ear::Text("שלום")).run(4_000);
    scene.says(100, 2_000, Ear::Text("050-123-4568")).run(12_000);
    assert_eq!(scene.count(|effect| matches!(effect, Effect::LinkCaller(_))), 0);
    scene.says(4_000, 500, Ear::Text("לא")).run(9_000);
    assert_eq!(scene.count(|effect| matches!(effect, Effect::LinkCaller(_))), 0);
    scene
        .says(100, 2_000, Ear::Text("אפס חמש אפס אחת שתיים שלוש ארבע חמש שש שבע"))
        .run(12_000);
    scene.answers.push_back(Answer::Text("תודה, במה אפשר לעזור?"));
    scene.says(4_000, 500, Ear::Text("כן, נכון")).run(9_000);
    let linked = scene.log.iter().find_map(|(_, effect)| match effect {
        Effect::LinkCaller(phone) => Some(phone.expose().as_str().to_owned()),
        _ => None,
    });
    assert_eq!(linked.as_deref(), Some("+972501234567"));
    assert!(scene.said().iter().any(|line| line == "שבע."));
}

#[test]
fn whisper_reaches_the_model_and_not_the_caller() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text("יש לנו מבצע החודש."));
    scene.run(1_000);
    scene.give(Input::Command(Command::Whisper("ספרי על המבצע".to_owned())));
    scene.run(4_000);
    assert!(format!("{:?}", scene.last_prompt()).contains("ספרי על המבצע"));
    assert_eq!(scene.said(), ["יש לנו מבצע החודש."]);
}

#[test]
fn a_person_takes_over_or_hangs_up_in_the_middle_of_a_sentence() {
    let mut scene = Scene::new(config());
    scene
        .answers
        .push_back(Answer::Text("תשובה ארוכה מאוד שלא נגמרת מהר בכלל וממשיכה עוד ועוד."));
    scene.says(500, 900, Ear::Text("שלום")).run(3_000);
    scene.give(Input::Command(Command::TakeOver));
    scene.run(4_000);
    assert_eq!(exit(&scene), Exit::TakenOver);
    let mut scene = Scene::new(config());
    scene.says(500, 900, Ear::Text("שלום")).run(3_000);
    scene.give(Input::Command(Command::HangUp));
    assert_eq!(exit(&scene), Exit::HungUp);
}

#[test]
fn a_call_does_not_outlive_its_limits() {
    let mut scene = Scene::new(Config {
        limits: Limits {
            call_ms: 20_000,
            ..Limits::default()
        },
        ..config()
    });
    scene.says(15_000, 20_000, Ear::Text("בלה")).run(40_000);
    assert_eq!(exit(&scene), Exit::Over);
    assert!(scene.now < 27_000, "{}", scene.now);

    let mut scene = Scene::new(Config {
        limits: Limits {
            tokens: 100,
            ..Limits::default()
        },
        ..config()
    });
    scene.says(500, 900, Ear::Text("שלום לכם")).run(5_000);
    scene.says(500, 900, Ear::Text("יש לי שאלה")).run(5_000);
    assert_eq!(scene.count(|effect| matches!(effect, Effect::Think { .. })), 1);
    assert!(scene.said().iter().any(|line| line.contains("איך קוראים לכם")));
}

#[test]
fn nobody_speaks_two_reprompts_then_goodbye() {
    let mut scene = Scene::new(config());
    scene.run(60_000);
    assert_eq!(scene.said().len(), 3, "{:?}", scene.said());
    assert_eq!(exit(&scene), Exit::Over);
    assert!(!scene.left().expect("left").spoke);
}

#[test]
fn who_asks_to_be_called_back_or_is_promised_it_is_waited_for() {
    for (said, answer, waits) in [
        ("אפשר לחזור אליי מחר בבוקר?", "בוודאי.", true),
        ("יש לי נזילה", "ניצור איתכם קשר מחר.", true),
        ("יש לי נזילה", "רוצים שנחזור אליכם?", false),
        ("תודה, הבנתי", "בשמחה.", false),
    ] {
        let mut scene = Scene::new(config());
        scene.answers.push_back(Answer::Text(answer));
        scene.says(500, 1_500, Ear::Text(said)).run(7_000);
        scene.give(Input::Stopped);
        assert_eq!(scene.left().expect("left").wants_callback, waits, "{said} {answer}");
    }
}

#[test]
fn when_to_call_back_is_noted_by_the_business_s_clock_and_only_where_it_is_meant() {
    let mut scene = Scene::new(config());
    scene
        .says(500, 1_500, Ear::Text("התור שלי מחר בשש, אפשר לדחות?"))
        .run(7_000);
    assert!(scene.tools().is_empty());
    scene.says(500, 1_500, Ear::Text("אז תחזרו אליי")).run(7_000);
    scene.says(500, 1_500, Ear::Text("ביום שני אחרי ארבע")).run(7_000);
    let tools = scene.tools();
    assert_eq!(tools.len(), 1, "{tools:?}");
    assert_eq!(
        tools[0].arguments,
        json!({"callback_at": "2026-11-23T14:00:00+00:00", "callback_words": "ביום שני אחרי ארבע"})
    );
}
