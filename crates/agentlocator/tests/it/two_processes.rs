//! Two processes on one PostgreSQL, as behind one address: what happens on one is seen, and can be acted on, on the other.

use std::{process::Stdio, sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use simulator::{
    call::{Manners, Plan, Step, place},
    report::CallReport,
    standins::Settings,
};
use testkit::{Client, Database, eventually};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    outside::{AUTH_TOKEN, Outside},
    process::{Machine, PUBLIC, Server, free_port},
};

const NUMBER: &str = "+97231234567";
/// What a process counts when it has ended a job.
const JOBS: &str = "jobs_finished_total{";
/// How many jobs a process is at.
const RUNNING: &str = "jobs_running{";
const SUMMARY: &str = "calls.after_call";

/// A browser on one of the servers, speaking Socket.IO by hand.
struct Browser(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Browser {
    async fn open(server: &Server, token: &str) -> Self {
        let address = server.base.replace("http://", "ws://");
        let url = format!("{address}/socket.io/?EIO=4&transport=websocket");
        let mut browser = Self(connect_async(url).await.expect("a socket").0);
        assert!(browser.next().await.starts_with("0{"));
        let hello = format!("40{}", json!({ "token": token }));
        browser.0.send(Message::text(hello)).await.expect("sent");
        assert!(browser.next().await.starts_with("40{"));
        browser
    }

    async fn next(&mut self) -> String {
        loop {
            let message = timeout(Duration::from_secs(60), self.0.next()).await.expect("in time");
            let text = message
                .expect("open")
                .expect("a message")
                .into_text()
                .expect("text")
                .to_string();
            if text != "2" {
                return text;
            }
            self.0.send(Message::text("3")).await.expect("sent");
        }
    }

    /// The next event of this name about this call.
    async fn hears(&mut self, name: &str, call_sid: &str) -> Value {
        loop {
            let text = self.next().await;
            let event: Value = serde_json::from_str(text.strip_prefix("42").unwrap_or("null")).expect("JSON");
            if event[0] == name && event[1]["call_sid"] == call_sid {
                return event[1].clone();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_are_one_server() {
    let outside = Arc::new(Outside::with_lines(&["name", "need"]).await);
    let mut settings = outside.settings();
    settings.push(("DRAIN_SECONDS", "40".to_owned()));
    let Some(machine) = Machine::new(Database::Postgres, settings).await else {
        return;
    };
    let (one, two) = tokio::join!(machine.start(free_port()), machine.start(free_port()));
    let owner = two.sign_in().await;
    let mut browser = Browser::open(&two, owner.token().expect("a token")).await;
    an_event_of_one_reaches_a_browser_of_the_other_and_so_does_a_hang_up(&outside, &one, &owner, &mut browser).await;
    a_job_runs_once(&outside, &one, &two).await;
    while_one_drains_new_calls_go_to_the_other(&outside, &machine, one, &two, &owner).await;
    two.terminate().await;
    assert!(two.ended().await.success());
    machine.end().await;
}

fn staying(outside: &Outside, server: &Server, from: &str) -> Plan {
    let mut plan = outside.plan(&server.base, PUBLIC, from, NUMBER);
    plan.manners = Manners {
        linger_ms: None,
        ..Manners::default()
    };
    plan.drop_after = Some(Duration::from_secs(25));
    plan
}

async fn running(owner: &Client, call_sid: &str) {
    eventually("a call that runs", || async {
        let answer = owner.get(&format!("/api/crm/calls/{call_sid}")).await;
        (answer.status.is_success() && answer.ok()["turns"].as_array().is_some_and(|turns| !turns.is_empty()))
            .then_some(())
    })
    .await;
}

async fn an_event_of_one_reaches_a_browser_of_the_other_and_so_does_a_hang_up(
    outside: &Outside,
    one: &Server,
    owner: &Client,
    browser: &mut Browser,
) {
    let plan = staying(outside, one, "+972501234501");
    let sid = plan.parties.call_sid.clone();
    let call = tokio::spawn(place(plan));
    let started = browser.hears("call:started", &sid).await;
    assert_eq!(started["from_number"], "+972501234501", "{started}");
    running(owner, &sid).await;
    owner
        .post(&format!("/api/calls/{sid}/hangup"), json!({}))
        .await
        .status(202);
    let (report, _) = call.await.expect("a call");
    assert_eq!(report.ended, "TwiML ended", "{report:#?}");
    assert_eq!(
        report.stream.as_ref().map(|stream| stream.closed_by.as_str()),
        Some("server")
    );
    let ended = browser.hears("call:ended", &sid).await;
    assert_eq!(ended["status"], "completed", "{ended}");
}

async fn a_job_runs_once(outside: &Outside, one: &Server, two: &Server) {
    let placed = (0..6).map(|n| {
        let server = if n % 2 == 0 { one } else { two };
        let mut plan = outside.plan(&server.base, PUBLIC, &format!("+97250123460{n}"), NUMBER);
        plan.steps = [Step::Silence { ms: 200 }].into();
        plan.drop_after = Some(Duration::from_secs(2));
        place(plan)
    });
    let reports = futures::future::join_all(placed).await;
    assert!(reports.iter().all(|(report, _)| report.is_clean()), "{reports:#?}");
    // These six, and the one that was hung up before.
    let calls = 7.0;
    eventually("each call's summary", || async {
        let done = summarised(one).await + summarised(two).await;
        let resting = counted(one, RUNNING).await + counted(two, RUNNING).await;
        (done >= calls && resting < 0.5).then_some(())
    })
    .await;
    let done = summarised(one).await + summarised(two).await;
    assert!((done - calls).abs() < 0.5, "{done} for {calls} calls");
}

/// How many calls this process has summarised.
async fn summarised(server: &Server) -> f64 {
    counted(server, JOBS).await
}

/// What this process's metrics of that name say of summaries, summed.
async fn counted(server: &Server, name: &str) -> f64 {
    let text = server.client.get("/metrics").await.text();
    let counts = text
        .lines()
        .filter(|line| line.starts_with(name) && line.contains(SUMMARY));
    counts
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

async fn while_one_drains_new_calls_go_to_the_other(
    outside: &Outside,
    machine: &Machine,
    one: Server,
    two: &Server,
    owner: &Client,
) {
    let mut plan = staying(outside, &one, "+972501234502");
    plan.manners.linger_ms = Some(1_500);
    let sid = plan.parties.call_sid.clone();
    let call = tokio::spawn(place(plan));
    running(owner, &sid).await;
    one.terminate().await;
    eventually("a server that says that it drains", || async {
        (!one.is_ready().await).then_some(())
    })
    .await;
    assert!(two.is_ready().await);
    let placed = call_by_command(outside, machine, [&one, two]).await;
    assert!(placed["stream"].is_object(), "a conversation, no message: {placed:#}");
    assert_eq!(placed["stream"]["closed_by"], "twilio", "{placed:#}");
    let (report, _) = call.await.expect("a call");
    assert_whole(&report);
    assert!(one.ended().await.success());
    let call = owner.get(&format!("/api/crm/calls/{sid}")).await.ok();
    assert_eq!(call["status"], "completed", "{call:#}");
    eventually("the recording of the drained process", || async {
        let call = owner.get(&format!("/api/crm/calls/{sid}")).await.ok();
        (call["recordings"][0]["state"] == "stored").then_some(())
    })
    .await;
}

/// The call went on to its end as if nothing had happened.
fn assert_whole(report: &CallReport) {
    assert!(report.is_clean(), "{report:#?}");
    assert_eq!(report.ended, "the caller hung up", "{report:#?}");
    let turns = report.stream.as_ref().map_or(0, |stream| stream.turns.len());
    assert_eq!(turns, 2, "{report:#?}");
}

/// Twilio behind an address that knows which servers are ready: the command that anyone can run.
async fn call_by_command(outside: &Outside, machine: &Machine, servers: [&Server; 2]) -> Value {
    let [one, two] = servers.map(|server| server.base.as_str());
    let standins = outside.standins.base.as_str();
    let account = Settings::default().account_sid;
    let arguments = [
        "simulate",
        "call",
        "--server",
        one,
        "--server",
        two,
        "--public-url",
        PUBLIC,
        "--auth-token",
        AUTH_TOKEN,
        "--account-sid",
        &account,
        "--standins",
        standins,
        "--turns",
        "1",
        "--json",
    ];
    let run = machine
        .program(&arguments)
        .stdout(Stdio::piped())
        .output()
        .await
        .expect("the program ran");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    serde_json::from_slice(&run.stdout).expect("a report")
}
