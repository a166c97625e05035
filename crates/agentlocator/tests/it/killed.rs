//! A server that is killed in the middle of calls: nothing that was acknowledged is lost, and every call finds its end.
//!
//! `scripts/chaos` tells the same story with fifty calls on both databases and in real time.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use agentlocator::{
    config::{Settings, Variables},
    wire,
};
use chrono::TimeDelta;
use kernel::{Clock, TestClock};
use serde_json::Value;
use simulator::{call::place, report::CallReport};
use testkit::{Client, Database};
use tokio::time::sleep;

use crate::{
    outside::Outside,
    process::{Machine, PUBLIC, free_port},
};

/// Between two kills, in milliseconds.
const LIFE: std::ops::Range<u64> = 2_000..7_000;
/// Every so long a call comes.
const BETWEEN_CALLS: Duration = Duration::from_millis(1_500);
/// Abandoned calls are looked for when they were silent for a minute, every half minute; then their recordings and
/// summaries are made.
const RECOVERY: Duration = Duration::from_secs(180);
/// A stream's recording is written a second at a time; the rest is on its way.
const UNWRITTEN_MS: i64 = 1_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_nothing_and_leaves_no_call_without_an_end() {
    story(Database::Sqlite, 6, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: scripts/chaos"]
async fn fifty_calls_on_sqlite() {
    story(Database::Sqlite, 50, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: scripts/chaos"]
async fn fifty_calls_on_postgresql() {
    story(Database::Postgres, 50, true).await;
}

async fn story(kind: Database, calls: usize, real_time: bool) {
    let outside = Arc::new(Outside::with_lines(&["name", "need"]).await);
    let mut settings = outside.settings();
    // The calls beyond leave a message, so that there are recordings of both kinds.
    settings.push(("MAX_CONCURRENT_CALLS", "1".to_owned()));
    let Some(machine) = Machine::new(kind, settings).await else {
        return;
    };
    let port = free_port();
    let callers = tokio::spawn(callers(Arc::clone(&outside), port, calls));
    let mut spooled = BTreeMap::new();
    let mut kills = 0;
    while !callers.is_finished() {
        let server = machine.start(port).await;
        sleep(Duration::from_millis(rand::random_range(LIFE))).await;
        server.kill().await;
        kills += 1;
        note_spooled(machine.data_dir(), &mut spooled);
    }
    let reports = callers.await.expect("callers");
    let begun = Instant::now();
    if real_time {
        let server = machine.start(port).await;
        let owner = server.sign_in().await;
        recover(&owner, &reports, &spooled, RECOVERY, || {}).await;
        server.kill().await;
    } else {
        recover_a_minute_later(&machine, &reports, &spooled).await;
    }
    figures(kind, &reports, &spooled, kills, begun.elapsed());
    let left = std::fs::read_dir(machine.data_dir().join("live")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "recordings wait in the spool for ever");
    machine.end().await;
}

async fn callers(outside: Arc<Outside>, port: u16, calls: usize) -> Vec<CallReport> {
    let placed = (0..calls).map(|n| {
        let server = format!("http://127.0.0.1:{port}");
        let from = format!("+9725012{:05}", 34_500 + n);
        let plan = outside.plan(&server, PUBLIC, &from, "+97231234567");
        async move {
            sleep(BETWEEN_CALLS * u32::try_from(n + 1).expect("few")).await;
            place(plan).await.0
        }
    });
    futures::future::join_all(placed).await
}

/// What live recordings lie on the disk, by CallSid, in milliseconds.
fn note_spooled(data_dir: &Path, spooled: &mut BTreeMap<String, i64>) {
    for entry in std::fs::read_dir(data_dir.join("live"))
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = entry.metadata().map_or(0, |file| file.len());
        let ms = i64::try_from(bytes.saturating_sub(44) / 32).expect("a length");
        let call = name.split('.').next().unwrap_or_default().to_owned();
        let known = spooled.entry(call).or_insert(0);
        *known = ms.max(*known);
    }
}

/// The same program in this process, a minute and more later.
async fn recover_a_minute_later(machine: &Machine, reports: &[CallReport], spooled: &BTreeMap<String, i64>) {
    let clock = TestClock::at(Clock::System.now() + TimeDelta::seconds(91));
    let mut variables: Vec<_> = machine.variables.clone();
    variables.push(("PORT".to_owned(), "0".to_owned()));
    let settings =
        Settings::read(&variables.into_iter().collect::<Variables>()).unwrap_or_else(|report| panic!("{report}"));
    let server = wire::build(&settings, Clock::Test(clock.clone()))
        .await
        .expect("a server");
    let running = server.listen(settings.http.address()).await.expect("a free port");
    let client = Client::new(&format!("http://{}", running.address));
    let owner = client.sign_in(&crate::process::owner()).await;
    recover(&owner, reports, spooled, RECOVERY / 4, || {
        clock.advance(TimeDelta::seconds(1));
    })
    .await;
    running.stop(Duration::from_secs(10)).await.expect("stopped");
}

/// Waits until nothing is missing any more.
async fn recover(
    owner: &Client,
    reports: &[CallReport],
    spooled: &BTreeMap<String, i64>,
    limit: Duration,
    tick: impl Fn(),
) {
    let begun = Instant::now();
    loop {
        let mut missing = Vec::new();
        for report in reports {
            missing.extend(missing_of(owner, report, spooled).await);
        }
        if missing.is_empty() {
            return;
        }
        assert!(begun.elapsed() < limit, "still missing: {missing:#?}");
        sleep(Duration::from_millis(300)).await;
        tick();
    }
}

/// What the server owes this call and does not have.
async fn missing_of(owner: &Client, report: &CallReport, spooled: &BTreeMap<String, i64>) -> Vec<String> {
    let sid = &report.call_sid;
    let answer = owner.get(&format!("/api/crm/calls/{sid}")).await;
    if answer.status.as_u16() == 404 {
        let heard_of = report
            .webhooks
            .iter()
            .any(|sent| sent.what == "incoming_call" && is_acknowledged(sent.status));
        return heard_of.then(|| format!("{sid}: the whole call")).into_iter().collect();
    }
    let call = answer.ok();
    let mut missing = Vec::new();
    if call["ended_at"].is_null() {
        missing.push(format!("{sid}: an end, it is {}", call["status"]));
    }
    let of = |source: &str| -> Vec<Value> {
        let all = call["recordings"].as_array().cloned().unwrap_or_default();
        all.into_iter()
            .filter(|one| one["source"] == source && one["state"] == "stored")
            .collect()
    };
    let (messages, streams) = (of("twilio"), of("stream"));
    if messages.len() < acknowledged_recordings(report) {
        missing.push(format!("{sid}: a message that was acknowledged"));
    }
    assert!(
        messages.len() <= report.recordings.len(),
        "{sid}: more messages than were left"
    );
    let stored: i64 = streams.iter().filter_map(|one| one["duration_ms"].as_i64()).sum();
    let expected = spooled.get(sid).copied().unwrap_or_default().max(heard_ms(report));
    if expected > 0 && stored < expected {
        missing.push(format!(
            "{sid}: {} ms of {expected} ms of its conversation",
            expected - stored
        ));
    }
    let opened = report
        .path
        .iter()
        .filter(|step| step.verb.starts_with("Connect"))
        .count();
    assert!(streams.len() <= opened, "{sid}: a conversation twice");
    for one in messages.iter().chain(&streams) {
        let sound = owner.get(one["url"].as_str().expect("a URL")).await;
        if !sound.status.is_success() || sound.body.len() <= 44 {
            missing.push(format!("{sid}: the sound of recording {}", one["id"]));
        }
    }
    missing
}

fn is_acknowledged(status: Option<u16>) -> bool {
    status.is_some_and(|status| (200..300).contains(&status))
}

/// Messages of which at least one callback was answered well.
fn acknowledged_recordings(report: &CallReport) -> usize {
    let of = |what: &str| -> Vec<bool> {
        let sent = report.webhooks.iter().filter(|sent| sent.what == what);
        sent.map(|sent| is_acknowledged(sent.status)).collect()
    };
    let (asked, told) = (of("handle_recording"), of("recording_status"));
    let at = |list: &[bool], n: usize| list.get(n).copied().unwrap_or_default();
    (0..report.recordings.len())
        .filter(|n| at(&asked, *n) || at(&told, *n))
        .count()
}

/// How much of the caller a server took in through the media socket, less what may not be on the disk yet.
fn heard_ms(report: &CallReport) -> i64 {
    let frames = report.stream.as_ref().map_or(0, |stream| stream.frames_sent);
    (i64::try_from(frames * 20).expect("a length") - UNWRITTEN_MS).max(0)
}

#[expect(clippy::print_stdout, reason = "scripts/chaos shows it")]
fn figures(kind: Database, reports: &[CallReport], spooled: &BTreeMap<String, i64>, kills: usize, recovery: Duration) {
    let heard_of = reports
        .iter()
        .filter(|report| report.webhooks.iter().any(|sent| is_acknowledged(sent.status)))
        .count();
    let refused = reports.iter().flat_map(|report| &report.webhooks);
    let refused = refused
        .filter(|sent| sent.status.is_some_and(|status| status >= 400))
        .count();
    println!(
        "{kind:?}: {} calls, {heard_of} of which reached a server; {kills} kills; {} conversations cut off with {:.1} s on \
         disk; {} messages acknowledged; {refused} webhooks answered 4xx or 5xx; nothing lost, all ended {:.0} s after \
         the last start",
        reports.len(),
        spooled.len(),
        Duration::from_millis(spooled.values().sum::<i64>().unsigned_abs()).as_secs_f64(),
        reports.iter().map(acknowledged_recordings).sum::<usize>(),
        recovery.as_secs_f64(),
    );
}
