//! What the server put on record about a simulated call, beside what the caller heard and what the log says.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, time::Duration};

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde_json::{Value, json};
use simulator::{Http, report::CallReport};
use tokio::time::{Instant, sleep};
use url::Url;

const LIMIT: Duration = Duration::from_secs(10);
/// How long the work after a call may take.
const ON_RECORD: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(300);
const TIMES: [&str; 4] = ["t_audio_ms", "t_nlp_ms", "t_tts_ms", "t_total_ms"];

/// A person of the business, who may see its calls.
pub struct Reader {
    http: Http,
    server: Url,
    token: String,
}

/// The server's record, set against the simulator's own.
#[derive(Debug, Serialize)]
pub struct Compared {
    pub call: Value,
    pub turns: Vec<ComparedTurn>,
    /// Whether every turn's times stand in the log as they stand in the record; null without a log.
    pub log_agrees: Option<bool>,
}

#[derive(Debug, Serialize)]
pub struct ComparedTurn {
    pub turn_id: i64,
    pub caller_text: Option<String>,
    pub agent_text: String,
    pub interrupted: bool,
    pub times_ms: BTreeMap<&'static str, Option<i64>>,
    /// From the end of the caller's voice to the first audible sound, as the caller heard it.
    pub heard_after_ms: Option<f64>,
    pub in_log: Option<bool>,
}

impl Reader {
    /// `who` is e-mail:password.
    pub async fn sign_in(http: Http, server: Url, who: &str) -> anyhow::Result<Self> {
        let (email, password) = who.split_once(':').context("sign in as e-mail:password")?;
        let body = json!({"email": email, "password": password});
        let answer = http
            .post(server.join("/api/auth/token")?)
            .timeout(LIMIT)
            .json(&body)
            .send()
            .await?;
        if !answer.status().is_success() {
            bail!("signing in was answered with {}", answer.status());
        }
        let answer: Value = answer.json().await?;
        let token = answer
            .get("access_token")
            .and_then(Value::as_str)
            .context("no access token")?
            .to_owned();
        Ok(Self { http, server, token })
    }

    /// Waits until the call is over and settled, and sets it against the report.
    pub async fn compare(&self, report: &CallReport, log: Option<&Path>) -> anyhow::Result<Compared> {
        let call = self.settled(&report.call_sid).await?;
        let logged = match log {
            Some(file) => Some(logged_turns(&tokio::fs::read_to_string(file).await?, &report.call_sid)),
            None => None,
        };
        let turns: Vec<_> = call
            .get("turns")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|turn| compared(turn, report, logged.as_ref()))
            .collect();
        let log_agrees = logged.map(|_| turns.iter().all(|turn| turn.in_log != Some(false)));
        Ok(Compared {
            call,
            turns,
            log_agrees,
        })
    }

    async fn settled(&self, call_sid: &str) -> anyhow::Result<Value> {
        let until = Instant::now() + ON_RECORD;
        loop {
            let url = self.server.join(&format!("/api/calls/{call_sid}"))?;
            let answer = self
                .http
                .get(url)
                .timeout(LIMIT)
                .bearer_auth(&self.token)
                .send()
                .await?;
            let call: Value = if answer.status().is_success() {
                answer.json().await?
            } else {
                Value::Null
            };
            let is = |member: &str| call.get(member).is_some_and(|value| !value.is_null());
            let over = call
                .get("status")
                .is_some_and(|status| status != "in-progress" && status != "ringing");
            if (over && is("outcome") && is("recording_url")) || Instant::now() > until {
                return Ok(call);
            }
            sleep(LOOK_AGAIN).await;
        }
    }
}

fn compared(turn: &Value, report: &CallReport, logged: Option<&BTreeMap<i64, Times>>) -> ComparedTurn {
    let number = |member: &str| turn.get(member).and_then(Value::as_i64);
    let text = |member: &str| turn.get(member).and_then(Value::as_str).map(str::to_owned);
    let turn_id = number("turn_id").unwrap_or_default();
    let times_ms: BTreeMap<_, _> = TIMES.map(|name| (name, number(name))).into();
    let in_log = logged.map(|logged| logged.get(&turn_id).is_some_and(|times| same(times, &times_ms)));
    let caller_text = text("caller_text");
    let heard_after_ms = report
        .stream
        .iter()
        .flat_map(|stream| &stream.turns)
        .find(|heard| caller_text.as_deref().is_some_and(|text| text.contains(&heard.said)))
        .and_then(|heard| heard.answer_after_ms);
    ComparedTurn {
        turn_id,
        agent_text: text("agent_text").unwrap_or_default(),
        interrupted: turn.get("interrupted").and_then(Value::as_bool).unwrap_or_default(),
        // A turn that nobody answered is not logged.
        in_log: in_log.filter(|_| times_ms.values().any(Option::is_some)),
        caller_text,
        times_ms,
        heard_after_ms,
    }
}

type Times = BTreeMap<String, i64>;

fn same(logged: &Times, recorded: &BTreeMap<&'static str, Option<i64>>) -> bool {
    recorded
        .iter()
        .all(|(name, value)| logged.get(*name).copied() == *value)
}

/// The `turn_metrics` lines of one call, plain or JSON, by turn.
fn logged_turns(log: &str, call_sid: &str) -> BTreeMap<i64, Times> {
    log.lines()
        .filter(|line| line.contains("turn_metrics") && line.contains(call_sid))
        .filter_map(|line| {
            let times = numbers(line);
            Some((*times.get("turn_id")?, times))
        })
        .collect()
}

/// `name=12` and `"name":12`.
fn numbers(line: &str) -> Times {
    line.split([' ', ',', '{', '}'])
        .filter_map(|word| {
            let (name, value) = word.split_once('=').or_else(|| word.split_once(':'))?;
            Some((name.trim_matches('"').to_owned(), value.parse().ok()?))
        })
        .collect()
}

/// As a person reads it.
pub fn text(compared: &Compared) -> String {
    let member = |name: &str| {
        compared
            .call
            .get(name)
            .map_or_else(|| "-".to_owned(), ToString::to_string)
    };
    let mut text = format!(
        "on record: status {}, outcome {}, {} s, summary {}\n",
        member("status"),
        member("outcome"),
        member("duration_seconds"),
        member("summary")
    );
    for turn in &compared.turns {
        let times: Vec<_> = turn
            .times_ms
            .iter()
            .map(|(name, ms)| format!("{name} {}", ms.map_or("-".to_owned(), |ms| ms.to_string())))
            .collect();
        let _ = writeln!(
            text,
            "  turn {}: «{}» → «{}»{}\n          {}, heard after {}{}",
            turn.turn_id,
            turn.caller_text.as_deref().unwrap_or("-"),
            turn.agent_text,
            if turn.interrupted { " (interrupted)" } else { "" },
            times.join(", "),
            turn.heard_after_ms.map_or("-".to_owned(), |ms| format!("{ms:.0} ms")),
            match turn.in_log {
                Some(true) => ", the same in the log",
                Some(false) => ", NOT the same in the log",
                None => "",
            }
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_read_from_plain_and_json_logs() {
        let log = "x INFO WS_START call_sid=\"CA1\"\n\
                   x INFO turn_metrics event=\"turn_metrics\" call_sid=\"CA1\" turn_id=2 t_audio_ms=576 t_total_ms=803\n\
                   {\"fields\":{\"event\":\"turn_metrics\",\"call_sid\":\"CA1\",\"turn_id\":3,\"t_total_ms\":617}}\n\
                   x INFO turn_metrics call_sid=\"CA2\" turn_id=4 t_total_ms=1\n";
        let turns = logged_turns(log, "CA1");
        assert_eq!(turns.keys().copied().collect::<Vec<_>>(), [2, 3]);
        assert_eq!(turns[&2]["t_total_ms"], 803);
        assert_eq!(turns[&3]["t_total_ms"], 617);
    }
}
