use proptest::prelude::*;

use super::*;

fn standing() -> impl Strategy<Value = Standing> {
    (proptest::sample::select(Status::ALL), any::<bool>()).prop_map(|(status, guessed)| Standing {
        status,
        guessed: guessed && status.is_terminal(),
    })
}

proptest! {
    #[test]
    fn callbacks_in_any_order_end_alike(mut heard in proptest::collection::vec(standing(), 1..8), seed in any::<u64>()) {
        let begin = Standing::reported(Status::Queued);
        let one = heard.iter().fold(begin, |known, news| known.with(*news));
        let mut rotated = heard.clone();
        let middle = usize::try_from(seed).unwrap_or(0) % rotated.len();
        rotated.rotate_left(middle);
        heard.reverse();
        prop_assert_eq!(heard.iter().fold(begin, |known, news| known.with(*news)), one);
        prop_assert_eq!(rotated.iter().fold(begin, |known, news| known.with(*news)), one);
    }

    #[test]
    fn hearing_it_twice_changes_nothing(a in standing(), b in standing()) {
        prop_assert_eq!(a.with(b).with(b), a.with(b));
    }

    #[test]
    fn an_ended_call_never_runs_again(a in standing(), b in standing()) {
        prop_assert!(!a.status.is_terminal() || a.with(b).status.is_terminal());
    }
}

#[test]
fn a_reported_end_corrects_a_concluded_one() {
    let guessed = Standing::guessed(Status::Failed);
    assert_eq!(
        guessed.with(Standing::reported(Status::Completed)),
        Standing::reported(Status::Completed)
    );
    assert_eq!(
        guessed.with(Standing::reported(Status::Canceled)),
        Standing::reported(Status::Canceled)
    );
    assert_eq!(guessed.with(Standing::reported(Status::InProgress)), guessed);
}

fn facts() -> Facts {
    Facts {
        direction: Direction::In,
        status: Status::Completed,
        spoke: false,
        left_message: false,
        person_seconds: None,
        wants_person: false,
    }
}

#[test]
fn hung_up_before_a_word_waits_for_a_call() {
    assert_eq!(facts().outcome(), Some(Outcome::Abandoned));
    assert!(facts().needs_callback());
}

#[test]
fn a_talk_with_the_agent_is_settled_unless_a_person_was_wanted() {
    let talked = Facts { spoke: true, ..facts() };
    assert_eq!(talked.outcome(), Some(Outcome::Talked));
    assert!(!talked.needs_callback());
    assert!(
        Facts {
            wants_person: true,
            ..talked
        }
        .needs_callback()
    );
    let put_through = Facts {
        wants_person: true,
        person_seconds: Some(3),
        ..talked
    };
    assert_eq!(put_through.outcome(), Some(Outcome::Transferred));
    assert!(!put_through.needs_callback());
}

#[test]
fn a_message_waits_for_a_call() {
    let message = Facts {
        spoke: true,
        left_message: true,
        ..facts()
    };
    assert_eq!(message.outcome(), Some(Outcome::Message));
    assert!(message.needs_callback());
}

#[test]
fn a_call_that_we_failed_to_take_was_missed() {
    let missed = Facts {
        status: Status::Failed,
        ..facts()
    };
    assert_eq!(missed.outcome(), Some(Outcome::Missed));
    assert!(missed.needs_callback());
}

#[test]
fn an_outgoing_call_was_talked_or_reached_nobody() {
    let out = Facts {
        direction: Direction::Out,
        ..facts()
    };
    assert_eq!(out.outcome(), Some(Outcome::NotReached));
    assert!(!out.needs_callback());
    assert_eq!(
        Facts {
            person_seconds: Some(40),
            ..out
        }
        .outcome(),
        Some(Outcome::Talked)
    );
}

#[test]
fn a_running_call_has_no_outcome_yet() {
    assert_eq!(
        Facts {
            status: Status::InProgress,
            ..facts()
        }
        .outcome(),
        None
    );
}

#[test]
fn twilios_words_are_known() {
    for word in [
        "queued",
        "ringing",
        "in-progress",
        "completed",
        "busy",
        "failed",
        "no-answer",
        "canceled",
    ] {
        assert_eq!(Status::of_callback(word).map(Status::as_str), Some(word));
    }
    assert_eq!(Status::of_callback("initiated"), Some(Status::Queued));
    assert_eq!(Status::of_callback("nonsense"), None);
}
