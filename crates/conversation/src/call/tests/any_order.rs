//! Whatever comes in whatever order: nothing panics, every call ends, and nothing follows its end.

use contracts::llm::{Delta, ToolCall};
use proptest::prelude::*;
use serde_json::json;

use super::scene::{LOUD, QUIET, config};
use crate::call::*;

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[א-ת .?,]{0,40}",
        "\\PC{0,40}",
        Just("נציג".to_owned()),
        Just("תחזרו אליי מחר בבוקר".to_owned()),
        Just("כן".to_owned()),
        Just("050 123 4567".to_owned()),
        Just(String::new()),
    ]
}

fn any_delta() -> impl Strategy<Value = Delta> {
    let tools = [
        "save_contact",
        "create_task",
        "transfer_to_person",
        "end_call",
        "lookup_business_fact",
        "x",
    ];
    prop_oneof![
        any_text().prop_map(Delta::Text),
        (0..tools.len(), 0..4_u32).prop_map(move |(tool, id)| Delta::ToolCall(ToolCall {
            id: format!("t{id}"),
            name: tools[tool].to_owned(),
            arguments: json!({"title": "t", "name": "n", "topic": "t", "reason": "r"}),
        })),
        (any::<u32>(), any::<u32>()).prop_map(|(input_tokens, output_tokens)| Delta::Usage {
            input_tokens,
            output_tokens
        }),
    ]
}

fn any_input() -> impl Strategy<Value = Input> {
    let id = 0..8_u32;
    let outcome = any::<bool>().prop_map(|ok| ToolOutcome {
        ok,
        content: String::new(),
        summary: String::new(),
    });
    prop_oneof![
        8 => Just(Input::Frame(LOUD)),
        4 => Just(Input::Frame(QUIET)),
        1 => (any::<f32>(), any::<f32>()).prop_map(|(speech, level_db)| Input::Frame(Frame { speech, level_db })),
        1 => Just(Input::Begin),
        2 => Just(Input::Tick),
        4 => (id.clone(), any_text()).prop_map(|(utterance, text)| Input::Recognised { utterance, text }),
        1 => id.clone().prop_map(|utterance| Input::NotRecognised { utterance }),
        4 => (id.clone(), any_delta()).prop_map(|(generation, delta)| Input::Model { generation, delta }),
        2 => id.clone().prop_map(|generation| Input::ModelDone { generation }),
        1 => id.clone().prop_map(|generation| Input::ModelFailed { generation }),
        2 => (0..4_u32, outcome).prop_map(|(id, outcome)| Input::ToolDone { id: format!("t{id}"), outcome }),
        4 => id.clone().prop_map(|speech| Input::SpeechStarted { speech }),
        2 => (id.clone(), any::<u64>()).prop_map(|(speech, length_ms)| Input::SpeechMade { speech, length_ms }),
        1 => id.clone().prop_map(|speech| Input::SpeechFailed { speech }),
        2 => (id.clone(), any::<u64>()).prop_map(|(speech, at)| Input::Mark(Mark { speech, place: Place::At(at) })),
        3 => id.prop_map(|speech| Input::Mark(Mark { speech, place: Place::End })),
        1 => proptest::char::any().prop_map(Input::Digit),
        2 => (0..13_usize).prop_map(|at| Input::Digit(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A'][at])),
        1 => any_text().prop_map(|text| Input::Command(Command::Whisper(text))),
    ]
}

fn any_config() -> impl Strategy<Value = Config> {
    (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(recogniser, model, hidden, played, possible)| Config {
            engines: Engines { recogniser, model },
            caller: Caller { name: None, hidden },
            greeting: if played {
                Greeting::Played {
                    text: "שלום".to_owned(),
                    length_ms: 4_000,
                }
            } else {
                Greeting::Spoken(None)
            },
            transfer: if possible {
                Transfer::Possible
            } else {
                Transfer::Impossible
            },
            ..config()
        })
}

fn leaves(effects: &[Effect]) -> usize {
    effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Leave(_)))
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_call_ends_once_and_nothing_follows(config in any_config(), inputs in prop::collection::vec((any_input(), 0..900_u64), 0..250)) {
        let limit = config.limits.call_ms;
        let mut call = Call::new(config, Box::new(Adaptive::default()));
        let mut ends = leaves(&call.step(Input::Begin, 0));
        let mut now = 0;
        for (input, after) in inputs {
            now += after;
            let over = call.is_over();
            let effects = call.step(input, now);
            prop_assert!(!over || effects.is_empty());
            if leaves(&effects) > 0 {
                prop_assert!(matches!(effects.last(), Some(Effect::Leave(_))));
            }
            ends += leaves(&effects);
        }
        // The line goes on with silence; the limit alone must end it.
        let until = now.max(limit) + 30_000;
        while now < until {
            now += 100;
            ends += leaves(&call.step(Input::Frame(QUIET), now));
        }
        prop_assert_eq!(ends, 1);
        prop_assert!(call.is_over());
    }

    #[test]
    fn a_line_that_goes_dead_ends_the_call(inputs in prop::collection::vec((any_input(), 0..100_u64), 0..60)) {
        let mut call = Call::new(config(), Box::new(Adaptive::default()));
        let mut now = 0;
        let _ = call.step(Input::Begin, now);
        for (input, after) in inputs {
            now += after;
            let _ = call.step(input, now);
        }
        let _ = call.step(Input::Tick, now + 16_000);
        prop_assert!(call.is_over());
    }
}
