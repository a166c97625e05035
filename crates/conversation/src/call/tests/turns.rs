//! Who speaks when: end of turn, interruption, marks, coughs.

use super::scene::*;
use crate::call::*;

const LONG: &str = "אנחנו פתוחים בימים ראשון עד חמישי מתשע עד שש. בימי שישי מתשע עד אחת בצהריים.";

#[test]
fn a_question_is_answered_and_both_are_kept_with_their_places_and_times() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text("פתוח עד שש."));
    scene.says(1_000, 1_500, Ear::Text("עד מתי פתוח?")).run(8_000);
    let turns = scene.turns();
    assert_eq!(turns.len(), 1);
    let turn = &turns[0];
    assert_eq!(turn.caller_text.as_deref(), Some("עד מתי פתוח?"));
    assert_eq!(turn.agent_text, "פתוח עד שש.");
    assert!(!turn.interrupted);
    let latency = turn.latency;
    let (Some(audio), Some(nlp), Some(tts), Some(total)) =
        (latency.audio_ms, latency.nlp_ms, latency.tts_ms, latency.total_ms)
    else {
        panic!("every part is timed: {latency:?}");
    };
    assert_eq!(audio + nlp + tts, total);
    assert!((700..=900).contains(&audio), "{audio}");
    assert!(
        (700..=1_000).contains(&(turn.caller_from_ms.unwrap_or(0) + 240)),
        "{turn:?}"
    );
    assert!((2_400..=2_600).contains(&turn.caller_to_ms.unwrap_or(0)), "{turn:?}");
    assert!(turn.agent_from_ms < turn.agent_to_ms);
}

#[test]
fn the_first_sentence_is_spoken_while_the_rest_is_written() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text(LONG));
    scene.says(500, 1_000, Ear::Text("מתי פתוח?")).run(10_000);
    let first_say = scene.when(|effect| matches!(effect, Effect::Say { .. }));
    let think = scene.when(|effect| matches!(effect, Effect::Think { .. }));
    assert!(first_say.unwrap() - think.unwrap() < 400, "before the model was done");
    assert_eq!(scene.said().len(), 2);
}

#[test]
fn voice_over_the_agent_clears_and_keeps_only_what_was_heard() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text(LONG));
    scene.says(500, 1_000, Ear::Text("מתי פתוח?")).run(2_700);
    assert!(scene.count(|effect| matches!(effect, Effect::Clear)) == 0);
    let started = scene.now;
    scene.says(1_000, 1_200, Ear::Text("רק רציתי לדעת מחר")).run(12_000);
    let cleared = scene.when(|effect| matches!(effect, Effect::Clear)).expect("a clear");
    assert!(
        (started + 1_180..=started + 1_240).contains(&cleared),
        "{} after {started}",
        cleared - started
    );
    let turn = &scene.turns()[0];
    assert!(turn.interrupted);
    assert!(LONG.starts_with(&turn.agent_text), "{}", turn.agent_text);
    assert!(
        (10..60).contains(&turn.agent_text.chars().count()),
        "{}",
        turn.agent_text
    );
    // The model is told what was heard, not what it wrote.
    let told = format!("{:?}", scene.last_prompt());
    assert!(!told.contains("בצהריים"), "{told}");
    assert!(told.contains("interrupted"));
    assert_eq!(scene.turns()[1].caller_text.as_deref(), Some("רק רציתי לדעת מחר"));
}

#[test]
fn marks_and_audio_of_a_cleared_answer_are_not_taken_for_the_next_one() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text(LONG));
    scene.answers.push_back(Answer::Text("גם מחר פתוח עד שש בערב."));
    scene.says(500, 1_000, Ear::Text("מתי פתוח?")).run(2_700);
    scene.says(600, 800, Ear::Text("ומחר?")).run(1_300);
    for speech in 1..=2 {
        scene.give(Input::Mark(Mark {
            speech,
            place: Place::End,
        }));
        scene.give(Input::SpeechStarted { speech });
        scene.give(Input::SpeechMade { speech, length_ms: 3 });
    }
    scene.run(9_000);
    let turns = scene.turns();
    assert_eq!(turns[1].agent_text, "גם מחר פתוח עד שש בערב.");
    assert!(!turns[1].interrupted);
    assert!(turns[0].agent_text.chars().count() < 40);
}

#[test]
fn a_cough_and_a_murmur_do_not_stop_the_agent() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text(LONG));
    scene.says(500, 1_000, Ear::Text("מתי פתוח?")).run(2_700);
    scene
        .makes_noise(300, 160)
        .makes_noise(900, 100)
        .makes_noise(1_300, 180)
        .run(9_000);
    assert_eq!(scene.count(|effect| matches!(effect, Effect::Clear)), 0);
    assert_eq!(scene.turns()[0].agent_text, LONG);
    assert_eq!(scene.count(|effect| matches!(effect, Effect::Recognise { .. })), 1);
}

#[test]
fn an_interruption_that_was_only_mm_lets_the_agent_go_on_where_it_was() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text(LONG));
    scene.says(500, 1_000, Ear::Text("מתי פתוח?")).run(2_700);
    scene.says(800, 320, Ear::Text("אממ")).run(14_000);
    let heard: Vec<_> = scene.turns().iter().map(|turn| turn.agent_text.clone()).collect();
    assert_eq!(heard[..2].join(" "), LONG);
    assert_eq!(scene.turns()[1].caller_text.as_deref(), Some("אממ"));
}

#[test]
fn an_interruption_by_noise_leaves_nothing_to_listen_to() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text(LONG));
    scene.says(500, 1_000, Ear::Text("מתי פתוח?")).run(2_700);
    scene.says(800, 320, Ear::Text("")).run(14_000);
    let turn = &scene.turns()[1];
    assert_eq!((turn.caller_text.as_deref(), turn.caller_from_ms), (None, None));
    assert!(LONG.ends_with(&turn.agent_text));
}

#[test]
fn a_caller_who_goes_on_after_a_pause_is_answered_once_for_all_of_it() {
    let mut scene = Scene::new(config());
    scene.answers.push_back(Answer::Text("לא אמור להישמע."));
    scene.answers.push_back(Answer::Text("רשמתי."));
    scene
        .says(500, 900, Ear::Text("אני רוצה להזמין"))
        .says(2_200, 900, Ear::Text("טכנאי למחר"));
    scene.run(9_000);
    let turns = scene.turns();
    assert_eq!(turns.len(), 1, "{turns:?}");
    assert_eq!(turns[0].caller_text.as_deref(), Some("אני רוצה להזמין טכנאי למחר"));
    assert_eq!(turns[0].agent_text, "רשמתי.");
}

#[test]
fn a_line_that_returns_no_marks_still_gets_its_turns() {
    let mut scene = Scene::new(config());
    scene.marks = false;
    scene.answers.push_back(Answer::Text("פתוח עד שש."));
    scene.says(500, 1_000, Ear::Text("עד מתי?")).run(7_000);
    assert_eq!(scene.turns()[0].agent_text, "פתוח עד שש.");
}

#[test]
fn a_greeting_that_the_agent_says_may_be_interrupted() {
    let mut scene = Scene::new(Config {
        greeting: Greeting::Spoken(Some("שלום וברוכים הבאים למזגני הצפון, כאן נועה הדיגיטלית.".to_owned())),
        ..config()
    });
    scene.says(1_200, 1_000, Ear::Text("כמה עולה ביקור?")).run(9_000);
    let turns = scene.turns();
    assert!(turns[0].interrupted);
    assert!(turns[0].agent_text.starts_with("שלום"), "{turns:?}");
    assert_eq!(turns[1].caller_text.as_deref(), Some("כמה עולה ביקור?"));
}

#[test]
fn a_greeting_that_was_played_is_the_first_of_the_record_and_the_recording() {
    let played = |turns_before| {
        let mut scene = Scene::new(Config {
            greeting: Greeting::Played {
                text: GREETING.to_owned(),
                length_ms: 4_200,
            },
            turns_before,
            ..config()
        });
        scene.says(1_000, 1_500, Ear::Text("עד מתי פתוח?")).run(8_000);
        assert!(format!("{:?}", scene.last_prompt()).contains(GREETING));
        scene.all_turns()
    };
    let turns = played(0);
    assert_eq!(turns.len(), 2, "{turns:?}");
    assert_eq!(turns[0].agent_text, GREETING);
    assert_eq!((turns[0].agent_from_ms, turns[0].agent_to_ms), (Some(0), Some(4_200)));
    let said_at = turns[1].caller_from_ms.expect("the caller's") + 240;
    assert!((5_000..=5_200).contains(&said_at), "{said_at}");
    let again = played(3);
    assert_eq!(again[0].caller_text.as_deref(), Some("עד מתי פתוח?"), "{again:?}");
}

#[test]
fn what_is_said_right_at_the_end_of_an_answer_is_an_exchange_of_its_own() {
    // Too late to interrupt it, and too early to come after it.
    for early_ms in [60, 100, 140] {
        let mut scene = Scene::new(config());
        scene.answers.push_back(Answer::Text("פתוח עד שש."));
        scene.answers.push_back(Answer::Text("גם מחר."));
        scene.says(500, 1_000, Ear::Text("עד מתי?")).run(3_100);
        let ends = scene
            .when(|effect| matches!(effect, Effect::Say { .. }))
            .map(|said| said + scene.tts_ms + 11 * MS_PER_CHAR)
            .expect("an answer");
        let after_ms = ends - early_ms - scene.now;
        scene.says(after_ms, 900, Ear::Text("ומחר?")).run(8_000);
        let heard: Vec<_> = scene
            .turns()
            .into_iter()
            .map(|turn| (turn.caller_text.unwrap_or_default(), turn.agent_text))
            .collect();
        assert_eq!(heard.len(), 2, "{early_ms}: {heard:?}");
        assert_eq!(heard[0], ("עד מתי?".to_owned(), "פתוח עד שש.".to_owned()), "{early_ms}");
        assert_eq!(heard[1].0, "ומחר?", "{early_ms}");
    }
}

#[test]
fn nobody_is_asked_to_repeat_while_they_are_repeating() {
    let mut scene = Scene::new(config());
    scene.stt_ms = 900;
    scene.answers.push_back(Answer::Text("רשמתי."));
    scene
        .says(500, 900, Ear::Text(""))
        .says(2_300, 2_000, Ear::Text("אני צריכה טכנאי למחר"));
    scene.run(9_000);
    assert!(
        !scene.said().iter().any(|line| line.contains("לא שמעתי")),
        "{:?}",
        scene.said()
    );
    assert_eq!(scene.said().last().map(String::as_str), Some("רשמתי."));
}
