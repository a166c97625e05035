//! The call without a model, and without a recogniser.

use super::scene::*;
use crate::call::*;

#[test]
fn without_a_model_name_need_and_time_are_asked_and_a_task_is_left() {
    let mut scene = Scene::new(scripted());
    scene.run(3_500);
    scene.says(300, 900, Ear::Text("דנה כהן")).run(6_000);
    scene.says(300, 1_500, Ear::Text("המזגן לא מקרר")).run(7_000);
    scene.says(300, 900, Ear::Text("מחר בבוקר")).run(12_000);
    let names: Vec<_> = scene.tools().into_iter().map(|call| call.name).collect();
    assert_eq!(names, ["save_contact", "save_contact", "save_contact", "create_task"]);
    let wished = &scene.tools()[2].arguments;
    assert_eq!(
        (&wished["callback_at"], &wished["callback_words"]),
        (
            &serde_json::json!("2026-11-23T07:00:00+00:00"),
            &serde_json::json!("מחר בבוקר")
        )
    );
    let left = scene.left().expect("over");
    assert_eq!(left.how, Exit::Over);
    assert!(left.wants_callback && left.spoke);
    let turns = scene.turns();
    assert_eq!(turns.len(), 4, "{turns:?}");
    assert!(turns.iter().all(|turn| turn.mind == Mind::Script));
    assert_eq!(turns[1].caller_text.as_deref(), Some("דנה כהן"));
    assert!(turns[2].latency.total_ms.is_some());
}

#[test]
fn without_a_recogniser_answers_are_kept_as_audio_with_their_places() {
    let mut scene = Scene::new(Config {
        engines: Engines {
            recogniser: false,
            model: true,
        },
        ..config()
    });
    scene.run(3_500);
    scene.makes_noise(300, 900).run(6_000);
    scene.makes_noise(300, 2_500).run(9_000);
    scene.makes_noise(300, 900).run(14_000);
    assert_eq!(scene.count(|effect| matches!(effect, Effect::Recognise { .. })), 0);
    let turns = scene.turns();
    let audio: Vec<_> = turns.iter().filter(|turn| turn.caller_from_ms.is_some()).collect();
    assert_eq!(audio.len(), 3);
    assert!(
        audio
            .iter()
            .all(|turn| turn.caller_text.is_none() && turn.caller_from_ms < turn.caller_to_ms)
    );
    let left = scene.left().expect("over");
    assert_eq!(left.how, Exit::Over);
    assert!(left.wants_callback && scene.tools().is_empty());
}

#[test]
fn a_caller_who_hangs_up_in_the_middle_is_still_to_be_called_back() {
    let mut scene = Scene::new(Config {
        engines: Engines {
            recogniser: false,
            model: false,
        },
        ..config()
    });
    scene.run(3_500);
    scene.makes_noise(300, 900).run(3_000);
    scene.give(Input::Stopped);
    assert!(scene.left().expect("left").wants_callback);
}

#[test]
fn after_hours_the_script_says_so_first() {
    let at = |text: &str| chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect("a time");
    let gender = contracts::tts::Gender::Feminine;
    let mut scene = Scene::new(Config {
        opening: crate::sentences::opening(at("2026-11-20T18:00"), at("2026-11-22T09:00"), gender),
        ..scripted()
    });
    scene.run(12_000);
    let said = scene.said().join(" ");
    assert!(
        said.starts_with("אנחנו סגורים עכשיו. נפתח שוב ביום ראשון בשעה תשע בבוקר. איך קוראים לכם, בבקשה?"),
        "{said}"
    );
}

#[test]
fn an_answer_that_the_caller_takes_up_again_is_one_answer() {
    let mut scene = Scene::new(scripted());
    scene.run(3_500);
    // The question that follows «דנה» is stopped before its first word.
    scene.tts_ms = 700;
    scene
        .says(300, 600, Ear::Text("דנה"))
        .says(1_800, 700, Ear::Text("כהן"))
        .run(9_000);
    let names: Vec<_> = scene
        .tools()
        .into_iter()
        .map(|call| call.arguments.to_string())
        .collect();
    assert_eq!(names.last().map(String::as_str), Some(r#"{"name":"דנה כהן"}"#));
    assert_eq!(
        scene
            .said()
            .iter()
            .filter(|line| line.as_str() == "במה אפשר לעזור?")
            .count(),
        2
    );
}
