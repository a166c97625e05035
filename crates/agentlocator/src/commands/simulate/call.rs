//! `simulate call`: one call with its whole report, or many with a table.

use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use simulator::{
    call::{Answering, Manners, Options, Paths, Plan, Spoken, Step},
    load::{self, Load},
    report::{CallReport, Summary, call_text, summary_text},
    script,
    standins::{self, Running, Settings},
    twilio::{
        desk::Desk,
        forms::Parties,
        post::{Manner, Poster},
        sids::sid,
    },
};
use url::Url;

use super::{
    args::CallArgs,
    headers,
    record::{self, Reader},
};
use crate::commands::print;

/// The sound of more calls than this is not kept.
const MOST_KEPT: usize = 20;
const READY_LIMIT: Duration = Duration::from_secs(2);

/// What all calls of a run share.
struct Run {
    args: CallArgs,
    http: simulator::Http,
    headers: Vec<(String, String)>,
    said: Vec<Arc<Spoken>>,
    desk: Option<Desk>,
    first: Url,
    next_server: AtomicUsize,
    /// Kept while the calls run.
    _standins: Option<Running>,
}

pub async fn run(args: CallArgs) -> anyhow::Result<ExitCode> {
    let run = Arc::new(prepare(args).await?);
    let load = Load {
        calls: run.args.calls,
        ramp: Duration::from_secs_f64(run.args.ramp.clamp(0.0, 86_400.0)),
    };
    let mut reports = Vec::new();
    let plan = |n| {
        let run = Arc::clone(&run);
        async move { run.plan(n).await }
    };
    let keep = run.keeps();
    let summary = load::run(load, plan, |n, report| {
        if keep {
            reports.push((n, report));
        }
    })
    .await;
    reports.sort_by_key(|(n, _)| *n);
    show(&run.args, &reports, &summary)?;
    let agreed = on_record(&run, &reports).await?;
    if let Some(folder) = &run.args.out {
        write(folder, &reports, &summary)
            .await
            .with_context(|| format!("{}", folder.display()))?;
    }
    Ok(if agreed {
        verdict(&run.args, &reports, &summary)
    } else {
        ExitCode::FAILURE
    })
}

async fn prepare(args: CallArgs) -> anyhow::Result<Run> {
    let first = args.account.servers.first().context("no server")?.clone();
    let http = simulator::http_client()?;
    let usual: Vec<String> = script::USUAL.iter().map(|key| (*key).to_owned()).collect();
    let wanted = if args.say.is_empty() { &usual } else { &args.say };
    let mut said = Vec::new();
    for what in wanted.iter().take(args.turns.unwrap_or(usize::MAX)) {
        said.push(script::spoken(what).await?);
    }
    let own = if args.no_standins || args.standins.is_some() {
        None
    } else {
        Some(stand_ins(&args).await?)
    };
    let base = args
        .standins
        .clone()
        .or_else(|| own.as_ref().map(|running| running.base.clone()));
    let desk = match &base {
        Some(base) => {
            script::tell(&http, base, &said).await?;
            Some(Desk::connect(http.clone(), base.clone()).await?)
        }
        None => None,
    };
    Ok(Run {
        headers: headers(&args.headers)?,
        http,
        said,
        desk,
        first,
        next_server: AtomicUsize::new(0),
        _standins: own,
        args,
    })
}

async fn stand_ins(args: &CallArgs) -> anyhow::Result<Running> {
    let server = args.account.servers.first().cloned();
    standins::start(Settings {
        listen: args.standins_listen,
        voice: args.voice,
        account_sid: args.account.sid.clone(),
        auth_token: args.account.auth_token.clone(),
        public_base: args.account.public_url.clone().or_else(|| server.clone()),
        server,
        ..Settings::default()
    })
    .await
}

impl Run {
    fn keeps(&self) -> bool {
        self.args.calls <= MOST_KEPT
    }

    async fn plan(&self, n: usize) -> Plan {
        let args = &self.args;
        let server = self.server().await;
        let manner = Manner {
            auth_token: args.account.auth_token.clone(),
            public_base: args.account.public_base(&server),
            server,
            copies: args.duplicate_webhooks,
            bad_signature: args.bad_signature,
            headers: self.headers.clone(),
        };
        let mut steps = script::steps(&self.said, &args.barge_in, args.barge_after_ms);
        steps.extend(args.dtmf.clone().map(Step::Press));
        Plan {
            parties: self.parties(n),
            poster: Poster::new(self.http.clone(), manner),
            desk: self.desk.clone(),
            steps: steps.into(),
            manners: Manners {
                pause_ms: args.pause_ms,
                patience_ms: args.patience_ms,
                linger_ms: (!args.stay).then_some(args.linger_ms),
            },
            paths: Paths {
                incoming: args.incoming_path.clone(),
                status: Some(args.status_path.clone()).filter(|path| !path.is_empty()),
                recording_status: args.recording_status_path.clone(),
                twiml: None,
            },
            drop_after: args
                .drop_after
                .map(|seconds| Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0))),
            dialled: Answering {
                result: args.dial,
                after: Duration::from_millis(args.dial_after_ms),
                talk: Duration::from_millis(args.dial_talk_ms),
                press: args.dial_press.clone(),
            },
            options: Options {
                keep_audio: self.keeps(),
                skip_play: args.skip_play,
                voice_window_ms: args.voice_window_ms,
                silence_window_ms: args.silence_window_ms,
                hang_up_in_recording: args.hang_up_in_recording,
                ..Options::default()
            },
        }
    }

    fn parties(&self, n: usize) -> Parties {
        let args = &self.args;
        let from = match (args.hidden, args.same_caller) {
            (true, _) => "anonymous".to_owned(),
            (false, true) => args.from.clone(),
            (false, false) => higher(&args.from, n),
        };
        Parties {
            account_sid: args.account.sid.clone(),
            call_sid: sid("CA"),
            from,
            to: args.to.clone(),
            forwarded_from: args.forwarded_from.clone(),
            direction: "inbound",
        }
    }

    /// The next server that is ready; the next one anyway when none is.
    async fn server(&self) -> Url {
        let servers = &self.args.account.servers;
        let first = self.next_server.fetch_add(1, Ordering::Relaxed);
        let in_turn = || (0..servers.len()).filter_map(|n| servers.get((first + n) % servers.len()));
        if servers.len() > 1 {
            for server in in_turn() {
                if self.is_ready(server).await {
                    return server.clone();
                }
            }
        }
        in_turn().next().unwrap_or(&self.first).clone()
    }

    async fn is_ready(&self, server: &Url) -> bool {
        let Ok(url) = server.join("/readyz") else { return false };
        let answer = self.http.get(url).timeout(READY_LIMIT).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}

/// A number that many higher, as long as its digits allow.
fn higher(number: &str, by: usize) -> String {
    let digits = number.trim_start_matches('+');
    let raised = digits
        .parse::<u64>()
        .ok()
        .and_then(|value| value.checked_add(u64::try_from(by).ok()?));
    match raised {
        Some(raised) if number.starts_with('+') => format!("+{raised}"),
        _ => number.to_owned(),
    }
}

fn show(args: &CallArgs, reports: &[(usize, CallReport)], summary: &Summary) -> anyhow::Result<()> {
    let alone = reports.first().filter(|_| args.calls == 1).map(|(_, report)| report);
    let text = match (args.json, alone) {
        (true, Some(report)) => serde_json::to_string_pretty(report)? + "\n",
        (true, None) => serde_json::to_string_pretty(summary)? + "\n",
        (false, Some(report)) => call_text(report),
        (false, None) => summary_text(summary),
    };
    print(&text)
}

/// Sets each report against the server's record, when somebody may see it. False when the log says otherwise.
async fn on_record(run: &Run, reports: &[(usize, CallReport)]) -> anyhow::Result<bool> {
    let Some(who) = &run.args.sign_in else { return Ok(true) };
    let reader = Reader::sign_in(run.http.clone(), run.first.clone(), who).await?;
    let mut agreed = true;
    for (n, report) in reports {
        let compared = reader.compare(report, run.args.server_log.as_deref()).await?;
        agreed &= compared.log_agrees != Some(false);
        if run.args.json {
            print(&(serde_json::to_string_pretty(&compared)? + "\n"))?;
        } else {
            print(&record::text(&compared))?;
        }
        if let Some(folder) = &run.args.out {
            tokio::fs::create_dir_all(folder).await?;
            let file = folder.join(format!("{:03}-record.json", n + 1));
            tokio::fs::write(file, serde_json::to_vec_pretty(&compared)?).await?;
        }
    }
    Ok(agreed)
}

async fn write(folder: &Path, reports: &[(usize, CallReport)], summary: &Summary) -> anyhow::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let many = reports.len() != 1;
    if many {
        tokio::fs::write(folder.join("summary.json"), serde_json::to_vec_pretty(summary)?).await?;
        tokio::fs::write(folder.join("summary.txt"), summary_text(summary)).await?;
    }
    for (n, report) in reports {
        let name = |file: &str| {
            folder.join(if many {
                format!("{:03}-{file}", n + 1)
            } else {
                file.to_owned()
            })
        };
        tokio::fs::write(name("report.json"), serde_json::to_vec_pretty(report)?).await?;
        tokio::fs::write(name("report.txt"), call_text(report)).await?;
        for (file, wav) in [("agent.wav", &report.agent_wav), ("call.wav", &report.call_wav)] {
            if let Some(wav) = wav {
                tokio::fs::write(name(file), wav).await?;
            }
        }
    }
    Ok(())
}

/// Well when every call was, or when a bad signature was refused everywhere. Our own lateness is said, not judged: what
/// measures looks at `valid`.
fn verdict(args: &CallArgs, reports: &[(usize, CallReport)], summary: &Summary) -> ExitCode {
    let well = if args.bad_signature {
        let mut deliveries = reports.iter().flat_map(|(_, report)| &report.webhooks);
        deliveries.all(|delivery| delivery.status == Some(403))
    } else {
        summary.clean_calls == summary.calls
    };
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
