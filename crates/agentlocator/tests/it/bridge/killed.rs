//! Server and bridge are killed at random while messages go both ways: what leaves does so once or is `unknown`, and what
//! comes stands in the conversation once, or was counted by the bridge as lost.
//!
//! `scripts/chaos` tells the same story with two hundred messages each way on both databases.

use std::{collections::BTreeMap, time::Duration};

use agentlocator::{
    config::{Settings, Variables},
    wire,
};
use chrono::TimeDelta;
use kernel::{Clock, TestClock};
use serde_json::{Value, json};
use testkit::{Client, Database, eventually};
use tokio::{
    process::Child,
    time::{Instant, sleep},
};

use super::web::{DANA, World, connected, messages, thread};
use crate::process::Server;

/// Between two kills, in milliseconds.
const LIFE: std::ops::Range<u64> = 700..2_500;
const AT_ONCE: usize = 4;
/// What a repeated request is answered while the first one runs, or its process was killed less than two minutes ago.
const RUNS_STILL: u16 = 409;
/// By then it was; a sending that was cut off is given up, and its message is looked for.
const LATER: TimeDelta = TimeDelta::seconds(125);
const SETTLED_WITHIN: Duration = Duration::from_secs(45);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_or_bridge_doubles_nothing_and_loses_nothing_uncounted() {
    story(Database::Sqlite, 60, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: scripts/chaos"]
async fn two_hundred_each_way_on_sqlite() {
    story(Database::Sqlite, 200, 16).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: scripts/chaos"]
async fn two_hundred_each_way_on_postgresql() {
    story(Database::Postgres, 200, 16).await;
}

async fn story(kind: Database, count: usize, kills: usize) {
    let Some(world) = World::new(kind).await else {
        return;
    };
    let server = world.server().await;
    let bridge = world.bridge().await;
    let owner = server.sign_in().await;
    world.link(&owner).await;
    let contact = json!({ "phone": DANA, "name": "דנה", "receipts": ["delivered", "read"] });
    world.act("put_contact", contact).await;
    world.write("ראשונה").await;
    let id = thread(&owner).await;

    let killing = kill_all(&world, server, bridge, kills);
    let (left, (), (server, bridge)) = tokio::join!(send_all(&owner, id, count), write_all(&world, count), killing);
    server.kill().await;
    let found = settle_later(&world, id, count, &left).await;
    figures(kind, count, kills, &found);
    drop(bridge);
    world.machine.end().await;
}

/// The same program in this process, a minute and more later.
async fn settle_later(world: &World, thread: i64, count: usize, left: &[usize]) -> Found {
    let clock = TestClock::at(Clock::System.now() + LATER);
    let mut variables: Vec<_> = world.machine.variables.clone();
    variables.push(("PORT".to_owned(), world.server_port.to_string()));
    let settings = Settings::read(&variables.into_iter().collect::<Variables>());
    let settings = settings.unwrap_or_else(|report| panic!("{report}"));
    let server = wire::build(&settings, Clock::Test(clock.clone()))
        .await
        .expect("a server");
    let running = server.listen(settings.http.address()).await.expect("its port");
    let client = Client::new(&format!("http://{}", running.address));
    let owner = client.sign_in(&crate::process::owner()).await;
    connected(&owner).await;
    for n in left {
        assert_ne!(send(&owner, thread, *n).await, RUNS_STILL, "for ever");
    }
    let found = settle(world, &owner, thread, count, || clock.advance(TimeDelta::seconds(1))).await;
    running.stop(Duration::from_secs(10)).await.expect("stopped");
    found
}

/// Either of the two, and it is started again; gives what runs in the end.
async fn kill_all(world: &World, mut server: Server, mut bridge: Child, kills: usize) -> (Server, Child) {
    for _ in 0..kills {
        sleep(Duration::from_millis(rand::random_range(LIFE))).await;
        if rand::random_bool(0.5) {
            server.kill().await;
            server = world.server().await;
        } else {
            bridge.kill().await.expect("killed");
            bridge = world.bridge().await;
        }
    }
    (server, bridge)
}

/// As a browser does it: without an answer the same request goes again, under the same key. Gives those of which the
/// server believes that they still run.
async fn send_all(owner: &Client, thread: i64, count: usize) -> Vec<usize> {
    let sending = (0..AT_ONCE).map(|worker| async move {
        let mut left = Vec::new();
        for n in (worker..count).step_by(AT_ONCE) {
            if send(owner, thread, n).await == RUNS_STILL {
                left.push(n);
            }
        }
        left
    });
    futures::future::join_all(sending).await.concat()
}

/// The status of the answer, once there is one.
async fn send(owner: &Client, thread: i64, n: usize) -> u16 {
    let body = json!({ "thread_id": thread, "text": format!("יוצאת {n}") });
    eventually("an answer", || async {
        let request = owner.request(reqwest::Method::POST, "/api/whatsapp/send");
        let request = request.header("idempotency-key", format!("out-{thread}-{n}"));
        let status = request.json(&body).send().await.ok()?.status().as_u16();
        matches!(status, 200 | 502 | RUNS_STILL).then_some(status)
    })
    .await
}

async fn write_all(world: &World, count: usize) {
    for n in 0..count {
        world.write(&format!("נכנסת {n}")).await;
        sleep(Duration::from_millis(rand::random_range(0..80))).await;
    }
}

/// What is so when all has come to rest.
struct Found {
    reached: usize,
    unknown: usize,
    failed: usize,
    told: usize,
    lost: usize,
}

/// Waits until every message has its place.
async fn settle(world: &World, owner: &Client, thread: i64, count: usize, tick: impl Fn()) -> Found {
    let begun = Instant::now();
    loop {
        let all = messages(owner, thread).await;
        let lost = lost(owner).await;
        let told = (0..count)
            .filter(|n| times(&all, "in", &format!("נכנסת {n}")) == 1)
            .count();
        let out: Vec<&Value> = all.iter().filter(|message| message["direction"] == "out").collect();
        let waiting = out
            .iter()
            .filter(|message| message["status"] == "queued" || message["status"] == "sending");
        let waiting = waiting.count();
        let found = check(world, &all, &out, told, lost).await;
        if told + lost >= count && waiting == 0 {
            assert_eq!(out.len(), count, "a request makes one message");
            return found;
        }
        assert!(
            begun.elapsed() < SETTLED_WITHIN,
            "{told} of {count} told, {lost} counted as lost, {waiting} are on their way"
        );
        sleep(Duration::from_millis(300)).await;
        tick();
    }
}

/// What must hold at any moment.
async fn check(world: &World, all: &[Value], out: &[&Value], told: usize, lost: usize) -> Found {
    let mut written = BTreeMap::<String, usize>::new();
    for message in all {
        *written
            .entry(format!("{} {}", message["direction"], message["text"]))
            .or_default() += 1;
    }
    written.retain(|_, times| *times > 1);
    assert!(written.is_empty(), "twice in the conversation: {written:?}");
    let mut reached = BTreeMap::<String, u64>::new();
    for message in world.reached().await {
        *reached.entry(message["text"].to_string()).or_default() += message["frames"].as_u64().unwrap_or(1);
    }
    let twice: Vec<_> = reached.iter().filter(|(_, frames)| **frames > 1).collect();
    assert!(twice.is_empty(), "twice at WhatsApp: {twice:?}");
    let of = |status: &'static str| out.iter().filter(move |message| message["status"] == status);
    for message in ["sent", "delivered", "read"].into_iter().flat_map(of) {
        assert!(
            reached.contains_key(&message["text"].to_string()),
            "never left: {message}"
        );
    }
    for message in of("failed") {
        assert!(
            !reached.contains_key(&message["text"].to_string()),
            "left all the same: {message}"
        );
    }
    Found {
        reached: reached.len(),
        unknown: of("unknown").count(),
        failed: of("failed").count(),
        told,
        lost,
    }
}

fn times(all: &[Value], direction: &str, text: &str) -> usize {
    let found = all
        .iter()
        .filter(|message| message["direction"] == direction && message["text"] == text);
    found.count()
}

/// What the bridge says that it could not keep.
async fn lost(owner: &Client) -> usize {
    let status = owner.get("/api/whatsapp/status").await.ok();
    let detail = status["detail"].as_str().unwrap_or_default();
    let part = detail.split("; ").find(|part| part.contains("could not be kept"));
    let number = part.and_then(|part| part.split(' ').next()?.parse().ok());
    number.unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "scripts/chaos shows it")]
fn figures(kind: Database, count: usize, kills: usize, found: &Found) {
    println!(
        "{kind:?}: {count} messages each way, {kills} kills of server or bridge; {} reached WhatsApp, each once, {} unknown, \
         {} failed; {} came in, each once, {} counted as lost",
        found.reached, found.unknown, found.failed, found.told, found.lost
    );
}
