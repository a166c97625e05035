//! Engines that are down, slow, or answer rubbish: the caller always hears something sensible within six seconds.

use super::scene::*;
use crate::call::*;

/// The longest time in which the caller waited in silence after speaking.
fn longest_wait(scene: &Scene) -> Ms {
    let mut longest = 0;
    let mut waiting: Option<Ms> = None;
    for (at, effect) in &scene.log {
        match effect {
            Effect::Recognise { .. } => {
                waiting.get_or_insert(*at);
            }
            Effect::Say { .. } | Effect::Leave(_) => {
                longest = longest.max(waiting.take().map_or(0, |since| at - since));
            }
            _ => {}
        }
    }
    longest.max(waiting.map_or(0, |since| scene.now - since))
}

fn after_one_question(scene: &mut Scene, ear: Ear) {
    scene.says(500, 1_000, ear).run(14_000);
}

#[test]
fn a_model_that_fails_hangs_or_says_nothing_is_replaced_by_the_script() {
    for answer in [Answer::Fails, Answer::Never] {
        let mut scene = Scene::new(config());
        scene.answers.push_back(answer);
        after_one_question(&mut scene, Ear::Text("יש לי נזילה"));
        assert!(longest_wait(&scene) <= 6_000);
        assert!(
            scene.said().iter().any(|line| line.contains("איך קוראים לכם")),
            "{:?}",
            scene.said()
        );
    }
    let mut scene = Scene::new(config());
    scene.answers.extend([Answer::Empty, Answer::Empty]);
    after_one_question(&mut scene, Ear::Text("שלום"));
    assert_eq!(scene.said()[0], "סליחה, יש לי תקלה קטנה. אפשר לחזור על זה?");
    scene.says(500, 1_000, Ear::Text("אמרתי שלום")).run(5_000);
    assert!(
        scene.said().iter().any(|line| line.contains("איך קוראים לכם")),
        "{:?}",
        scene.said()
    );
}

#[test]
fn a_recogniser_that_fails_or_hangs_or_hears_nothing_is_apologised_for_and_then_replaced() {
    for ear in [Ear::Fails, Ear::Never] {
        let mut scene = Scene::new(config());
        after_one_question(&mut scene, ear);
        assert!(longest_wait(&scene) <= 6_000);
        scene.says(100, 1_000, ear).run(9_000);
        assert!(
            scene.said().iter().any(|line| line.contains("איך קוראים לכם")),
            "{:?}",
            scene.said()
        );
    }
    let mut scene = Scene::new(config());
    for _ in 0..3 {
        scene.says(200, 900, Ear::Text(" . ")).run(6_500);
    }
    assert_eq!(scene.said()[0], "סליחה, לא שמעתי. אפשר לחזור על זה?");
    assert!(
        scene.said().iter().any(|line| line.contains("איך קוראים לכם")),
        "{:?}",
        scene.said()
    );
}

#[test]
fn with_no_voice_at_all_the_recording_flow_takes_over() {
    for voice in [Speaks::Fails, Speaks::Never] {
        let mut scene = Scene::new(config());
        scene.voice = voice;
        after_one_question(&mut scene, Ear::Text("שלום"));
        assert_eq!(scene.left().expect("left").how, Exit::ToRecording);
        let asked = scene.when(|effect| matches!(effect, Effect::Recognise { .. })).unwrap();
        let left = scene.when(|effect| matches!(effect, Effect::Leave(_))).unwrap();
        assert!(left - asked <= 7_000, "{}", left - asked);
    }
}

#[test]
fn with_only_the_bundled_clips_the_model_gives_way_to_the_script() {
    let mut scene = Scene::new(config());
    scene.only_clips = true;
    after_one_question(&mut scene, Ear::Text("שלום"));
    assert!(scene.left().is_none());
    assert!(
        scene.said().iter().any(|line| line.contains("איך קוראים לכם")),
        "{:?}",
        scene.said()
    );
}

#[test]
fn everything_slow_is_covered_and_nothing_is_silent_for_six_seconds() {
    let mut scene = Scene::new(config());
    (scene.stt_ms, scene.llm_ms, scene.tts_ms) = (2_500, 2_500, 1_500);
    after_one_question(&mut scene, Ear::Text("שלום"));
    assert!(longest_wait(&scene) <= 6_000, "{}", longest_wait(&scene));
    assert!(scene.left().is_none());
    assert_eq!(scene.turns()[0].agent_text, "בסדר.");
}

#[test]
fn a_model_that_never_stops_is_stopped() {
    let mut scene = Scene::new(config());
    scene.says(500, 1_000, Ear::Text("שלום")).run(2_500);
    for n in 0..2_000 {
        scene.give(Input::Model {
            generation: 1,
            delta: contracts::llm::Delta::Text(format!("משפט מספר {n}. ")),
        });
    }
    let chars: usize = scene.said().iter().map(|line| line.chars().count()).sum();
    assert!(chars < 1_100, "{chars}");
    assert!(scene.count(|effect| matches!(effect, Effect::CancelThinking { .. })) >= 1);
}

#[test]
fn a_tool_that_does_not_come_back_is_given_up_and_rubbish_tools_are_answered() {
    let mut scene = Scene::new(config());
    scene.tool_ms = 60_000;
    scene
        .answers
        .push_back(Answer::Tool("create_task", serde_json::json!({"title": "לחזור"})));
    scene.answers.push_back(Answer::Text("לא הצלחתי לרשום."));
    after_one_question(&mut scene, Ear::Text("תחזרו אליי"));
    assert!(
        scene.said().iter().any(|line| line == "לא הצלחתי לרשום."),
        "{:?}",
        scene.said()
    );

    let mut scene = Scene::new(config());
    for _ in 0..10 {
        scene.answers.push_back(Answer::Tool("rm_rf", no_arguments()));
    }
    after_one_question(&mut scene, Ear::Text("שלום"));
    assert!(scene.tools().is_empty());
    assert!(scene.count(|effect| matches!(effect, Effect::Think { .. })) <= 5);
    assert!(!scene.said().is_empty());
}

#[test]
fn a_dead_line_and_a_drain_end_the_call() {
    let mut scene = Scene::new(config());
    scene.run(1_000);
    let last = scene.call.step(Input::Tick, 17_000);
    assert!(matches!(
        &last[..],
        [.., Effect::Leave(Leaving { how: Exit::HungUp, .. })]
    ));
    let mut scene = Scene::new(config());
    scene.run(1_000);
    scene.give(Input::Drain);
    assert_eq!(scene.left().expect("left").how, Exit::ToRecording);
}
