//! Engines that are down, slow, broken or talk rubbish: the caller hears something, and soon, whatever happens.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use simulator::{
    audio::{FRAME_SAMPLES, is_audible},
    call::place,
    report::CallReport,
    standins::{Engine, Fault, Mode},
};
use testkit::{Changes, Database, TestApp, eventually};

use crate::outside::Outside;

/// Nobody is left in silence for longer.
const PATIENCE_MS: usize = 6_000;
const PIECE_MS: usize = 20;
/// A call that is not over by then is not a call.
const LONGEST: Duration = Duration::from_secs(40);
const PUBLIC: &str = "https://agent.example.com";

const ENGINES: [&[Engine]; 3] = [&[Engine::Stt], &[Engine::Llm], &[Engine::Tts, Engine::Gtts]];
const MODES: [Mode; 5] = [Mode::Down, Mode::Slow, Mode::Rubbish, Mode::Reset, Mode::Http500];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_engine_fails_however_the_caller_hears_something_within_six_seconds() {
    let cases = ENGINES.iter().flat_map(|engines| MODES.map(|mode| (*engines, mode)));
    // Each on a server of its own: one that has failed is left out for a while.
    let told = futures::future::join_all(cases.map(|(engines, mode)| tokio::spawn(story(engines, mode)))).await;
    let mut table = String::new();
    let mut bad = 0;
    for told in told {
        let (line, fine) = told.expect("a story that ends");
        let _ = writeln!(table, "{line}");
        bad += usize::from(!fine);
    }
    println!("{table}");
    assert_eq!(bad, 0, "\n{table}");
}

/// One call to a server whose engines fail so; what became of it, and whether it was well.
async fn story(engines: &'static [Engine], mode: Mode) -> (String, bool) {
    let outside = Arc::new(Outside::with_lines(&["name", "need"]).await);
    let changes = Changes::from(outside.settings());
    let (send, told) = tokio::sync::oneshot::channel();
    testkit::tell(Database::Sqlite, changes, |app| async move {
        app.leaves_jobs();
        let _ = send.send(Box::pin(call(&app, &outside, engines, mode)).await);
    })
    .await;
    told.await.expect("told")
}

async fn call(app: &TestApp, outside: &Outside, engines: &[Engine], mode: Mode) -> (String, bool) {
    for engine in engines {
        outside.standins.state.faults.set(*engine, Fault { mode, delay_ms: 0 });
    }
    let mut plan = outside.plan(
        &format!("http://{}", app.address),
        PUBLIC,
        "+972501234567",
        &app.a.number,
    );
    plan.drop_after = Some(LONGEST);
    let call_sid = plan.parties.call_sid.clone();
    let (report, _) = place(plan).await;
    let owner = app.sign_in(&app.a.owner).await;
    let call = eventually("an end of the call", || async {
        let call = owner.get(&format!("/api/crm/calls/{call_sid}")).await.ok();
        (call["status"] == "completed").then_some(call)
    })
    .await;
    let silence = longest_silence_ms(&report);
    let refused = report
        .webhooks
        .iter()
        .filter(|sent| sent.status.is_none_or(|status| status >= 400))
        .count();
    let spoke = report.stream.as_ref().is_some_and(|stream| !stream.turns.is_empty());
    let fine = spoke && silence <= PATIENCE_MS && is_heard_after_each_turn(&report) && refused == 0;
    let line = format!(
        "{} {:<14} longest silence {silence:>5} ms, answers after {:?}, {} webhooks refused, {}, outcome {}, {:?}, {:?}",
        if fine { "well" } else { "BAD " },
        format!("{:?} {mode:?}", engines[0]),
        answers(&report),
        refused,
        report.ended,
        call["outcome"],
        report
            .path
            .iter()
            .map(|step| step.verb.split(' ').next().unwrap_or_default())
            .collect::<Vec<_>>(),
        report
            .errors
            .iter()
            .map(|noted| noted.trouble.to_string())
            .collect::<Vec<_>>(),
    );
    (line, fine)
}

/// When the agent was heard after each of the caller's utterances, as the report has it.
fn answers(report: &CallReport) -> Vec<String> {
    let turns = report.stream.iter().flat_map(|stream| &stream.turns);
    turns
        .map(|turn| {
            turn.answer_after_ms
                .map_or_else(|| "-".to_owned(), |ms| format!("{ms:.0}"))
        })
        .collect()
}

/// The call in pieces of 20 ms: whether the caller and the agent are audible.
fn pieces(report: &CallReport) -> Vec<(bool, bool)> {
    let wav = report.call_wav.as_deref().expect("the sound of the call");
    let samples: Vec<i16> = wav[44..]
        .chunks_exact(2)
        .map(|two| i16::from_le_bytes([two[0], two[1]]))
        .collect();
    samples
        .chunks(2 * FRAME_SAMPLES)
        .map(|both| {
            let side = |at: usize| both.iter().skip(at).step_by(2).copied().collect::<Vec<_>>();
            (is_audible(&side(0)), is_audible(&side(1)))
        })
        .collect()
}

/// The longest time in which nobody was heard.
fn longest_silence_ms(report: &CallReport) -> usize {
    let (mut longest, mut run) = (0, 0);
    for (caller, agent) in pieces(report) {
        run = if caller || agent { 0 } else { run + PIECE_MS };
        longest = longest.max(run);
    }
    longest
}

/// After each utterance the agent speaks before the caller's patience ends.
fn is_heard_after_each_turn(report: &CallReport) -> bool {
    let pieces = pieces(report);
    report.stream.iter().flat_map(|stream| &stream.turns).all(|turn| {
        let said = Duration::from_secs_f64(turn.voice_to_ms / 1_000.0).as_millis();
        let before = usize::try_from(said).expect("a short call") / PIECE_MS;
        pieces
            .iter()
            .skip(before)
            .take(PATIENCE_MS / PIECE_MS)
            .any(|(_, agent)| *agent)
    })
}
