use super::*;
use crate::audio::{RATE_HZ, tone_speech};

const MS: u64 = 1_000;

fn spoken(text: &str) -> Arc<Spoken> {
    Arc::new(Spoken::new(text, &tone_speech(text, RATE_HZ)))
}

fn caller(steps: impl IntoIterator<Item = Step>) -> Caller {
    Caller::new(steps.into_iter().collect(), Manners::default(), 0, false)
}

/// Runs from `from_ms` until something other than silence happens; gives when and what.
fn until_something(caller: &mut Caller, from_ms: u64, agent: impl Fn(u64) -> Agent) -> (u64, Doing) {
    (from_ms..60_000)
        .step_by(20)
        .map(|ms| (ms, caller.next(ms * MS, agent(ms))))
        .find(|(_, doing)| *doing != Doing::Silent)
        .expect("something happens within a minute")
}

/// An agent that speaks during these times.
fn speaking(spans: &'static [(u64, u64)]) -> impl Fn(u64) -> Agent {
    move |now| Agent {
        speaking_since_us: spans
            .iter()
            .find(|(from, to)| (*from..*to).contains(&now))
            .map(|(from, _)| from * MS),
        last_heard_us: spans
            .iter()
            .filter(|(from, _)| *from < now)
            .map(|(_, to)| now.min(*to) * MS)
            .max(),
    }
}

#[test]
fn a_caller_lets_the_agent_finish() {
    let mut caller = caller([Step::Say(spoken("שלום"))]);
    let (at, doing) = until_something(&mut caller, 0, speaking(&[(100, 2_000)]));
    assert_eq!(at, 2_700);
    assert!(matches!(doing, Doing::Speaking { first: true, .. }));
}

#[test]
fn one_who_barges_in_does_not() {
    let mut caller = caller([Step::BargeIn {
        what: spoken("רגע"),
        after_ms: 800,
    }]);
    let (at, _) = until_something(&mut caller, 0, speaking(&[(100, 5_000)]));
    assert_eq!(at, 900);
    assert!(caller.barging_in);
}

#[test]
fn an_utterance_is_sent_frame_by_frame_and_then_the_answer_is_awaited() {
    let what = spoken("שלום לכם");
    let frames = what.mulaw.len() / FRAME_SAMPLES;
    let mut caller = caller([Step::Say(what), Step::Say(spoken("כן"))]);
    let agent = speaking(&[(0, 500), (4_000, 5_000)]);
    let (begun, _) = until_something(&mut caller, 0, &agent);
    let mut sent = 1;
    let mut at = begun + 20;
    while caller.saying().is_some() {
        assert!(matches!(caller.next(at * MS, agent(at)), Doing::Speaking { .. }));
        (sent, at) = (sent + 1, at + 20);
    }
    assert_eq!(sent, frames);
    let (next, _) = until_something(&mut caller, at, &agent);
    assert_eq!(next, 5_700);
}

#[test]
fn patience_ends() {
    let mut caller = caller([Step::Say(spoken("הלו"))]);
    let (at, _) = until_something(&mut caller, 0, |_| Agent::default());
    assert_eq!(at, 15_000);
}

#[test]
fn keys_are_pressed_one_after_the_other() {
    let mut caller = caller([Step::Press("12".to_owned())]);
    let agent = speaking(&[(0, 100)]);
    let (first_at, first) = until_something(&mut caller, 0, &agent);
    let (second_at, second) = until_something(&mut caller, first_at + 20, &agent);
    assert_eq!((first, second), (Doing::Pressing('1'), Doing::Pressing('2')));
    assert_eq!(second_at - first_at, 20);
}

#[test]
fn after_the_last_answer_the_caller_hangs_up() {
    let mut caller = caller([]);
    let (at, doing) = until_something(&mut caller, 0, speaking(&[(0, 1_000)]));
    assert_eq!((at, doing), (2_500, Doing::HangUp));
}

#[test]
fn one_who_stays_waits_for_the_server() {
    let manners = Manners {
        linger_ms: None,
        ..Manners::default()
    };
    let mut caller = Caller::new(VecDeque::new(), manners, 0, false);
    for ms in (0..120_000).step_by(20) {
        assert_eq!(caller.next(ms * MS, speaking(&[(0, 1_000)])(ms)), Doing::Silent);
    }
}

#[test]
fn after_a_played_greeting_the_caller_speaks_first() {
    let steps = [Step::Say(spoken("שלום"))].into_iter().collect();
    let mut caller = Caller::new(steps, Manners::default(), 0, true);
    let (at, _) = until_something(&mut caller, 0, |_| Agent::default());
    assert_eq!(at, 1_200);
}
