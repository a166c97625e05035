//! The demo's calls, over the real webhooks and the media socket.

use std::time::Duration;

use anyhow::bail;
use simulator::{
    call::{Answering, Manners, Options, Paths, Plan, place},
    report::CallReport,
    script,
    standins::{self, Running as StandIns},
    twilio::{
        desk::Desk,
        forms::Parties,
        post::{Manner, Poster},
        sids::sid,
    },
};

/// The number that is called.
const NUMBER: &str = "+97235550100";
/// Somebody without a number who hangs up at the greeting.
const ABANDONED: Duration = Duration::from_secs(2);

/// Places one whole call and, beside it, one that nobody stayed for; gives the whole one's sid.
pub(super) async fn calls(origin: &str, auth_token: &str, stand_ins: &StandIns) -> anyhow::Result<String> {
    let http = simulator::http_client()?;
    let mut said = Vec::new();
    for key in script::USUAL {
        said.push(script::spoken(key).await?);
    }
    script::tell(&http, &stand_ins.base, &said).await?;
    let poster = Poster::new(
        http.clone(),
        Manner {
            auth_token: auth_token.to_owned(),
            public_base: origin.parse()?,
            server: origin.parse()?,
            copies: 1,
            bad_signature: false,
            headers: Vec::new(),
        },
    );
    let whole = Plan {
        parties: parties("+972505550199"),
        poster,
        desk: Some(Desk::connect(http, stand_ins.base.clone()).await?),
        steps: script::steps(&said, &[], 0).into(),
        manners: Manners {
            linger_ms: Some(4_000),
            ..Manners::default()
        },
        paths: Paths::default(),
        drop_after: None,
        dialled: Answering::default(),
        options: Options {
            keep_audio: false,
            ..Options::default()
        },
    };
    let abandoned = Plan {
        parties: parties("anonymous"),
        steps: std::collections::VecDeque::new(),
        drop_after: Some(ABANDONED),
        ..whole.clone()
    };
    let call_sid = whole.parties.call_sid.clone();
    let ((report, _), _) = Box::pin(both(whole, abandoned)).await;
    check(&report)?;
    Ok(call_sid)
}

type Ended = (CallReport, simulator::report::Pace);

async fn both(whole: Plan, abandoned: Plan) -> (Ended, Ended) {
    tokio::join!(place(whole), place(abandoned))
}

fn parties(from: &str) -> Parties {
    Parties {
        account_sid: standins::Settings::default().account_sid,
        call_sid: sid("CA"),
        from: from.to_owned(),
        to: NUMBER.to_owned(),
        forwarded_from: None,
        direction: "inbound",
    }
}

fn check(report: &CallReport) -> anyhow::Result<()> {
    if report.is_clean() {
        return Ok(());
    }
    bail!("the demo's call went wrong:\n{}", simulator::report::call_text(report))
}
