//! Calls that the API was asked to place: somebody is rung, answers or not, and the call is lived like any other.

use std::time::Duration;

use tokio::time::sleep;
use url::Url;

use super::{Shared, twilio::NewCall};
use crate::{
    audio::{RATE_HZ, tone_speech},
    call::{Answering, DialResult, Manners, Options, Paths, Plan, Spoken, Step, place},
    lines,
    twilio::{
        desk::{Desk, Known},
        forms::Parties,
        post::{Expect, Manner, Poster},
        sids::sid,
    },
};

/// Begins the call and gives its sid.
pub fn begin(state: &Shared, new: NewCall) -> Known {
    let known = Known {
        call_sid: sid("CA"),
        account_sid: state.settings.account_sid.clone(),
        from: new.from.clone(),
        to: new.to.clone(),
        direction: "outbound-api".to_owned(),
        status: "queued".to_owned(),
        duration_seconds: None,
    };
    state.exchange.put(known.clone());
    let (state, call) = (state.clone(), known.clone());
    tokio::spawn(async move {
        if let Err(error) = Box::pin(live(&state, call, new)).await {
            tracing::error!(%error, "a placed call could not be played");
        }
    });
    known
}

async fn live(state: &Shared, known: Known, new: NewCall) -> anyhow::Result<()> {
    let parties = Parties {
        account_sid: known.account_sid.clone(),
        call_sid: known.call_sid.clone(),
        from: known.from.clone(),
        to: known.to.clone(),
        forwarded_from: None,
        direction: "outbound-api",
    };
    let named = new.url.as_ref().or(new.status_callback.as_ref());
    let named: Option<Url> = named.map(|url| url.parse()).transpose()?;
    let public_base = state
        .settings
        .public_base
        .clone()
        .or_else(|| named.clone())
        .unwrap_or_else(|| state.base.clone());
    let server = state.settings.server.clone().unwrap_or_else(|| public_base.clone());
    let manner = Manner {
        auth_token: state.settings.auth_token.clone(),
        public_base,
        server,
        copies: 1,
        bad_signature: false,
        headers: Vec::new(),
    };
    let poster = Poster::new(state.http.clone(), manner);
    let dialled = state.exchange.answering();
    tell(&poster, &parties, &new, "initiated", "initiated").await;
    tell(&poster, &parties, &new, "ringing", "ringing").await;
    let ring = Duration::from_secs(new.ring_seconds);
    let unanswered = dialled.result == DialResult::NoAnswer || dialled.after > ring;
    sleep(if unanswered { ring } else { dialled.after }).await;
    let result = if unanswered {
        DialResult::NoAnswer
    } else {
        dialled.result
    };
    if result != DialResult::Answered {
        state.exchange.put(Known {
            status: result.word().to_owned(),
            duration_seconds: Some(0),
            ..known
        });
        tell(&poster, &parties, &new, "completed", result.word()).await;
        return Ok(());
    }
    tell(&poster, &parties, &new, "answered", "in-progress").await;
    let desk = Desk::connect(state.http.clone(), state.base.clone()).await?;
    place(plan(parties, poster, desk, dialled, &new)).await;
    Ok(())
}

fn plan(parties: Parties, poster: Poster, desk: Desk, dialled: Answering, new: &NewCall) -> Plan {
    let hello = lines::find("hello").map_or_else(
        || Spoken::new("", &tone_speech("שלום", RATE_HZ)),
        |line| Spoken::new(line.text, &line.samples()),
    );
    Plan {
        parties,
        poster,
        desk: Some(desk),
        steps: [Step::Press(dialled.press.clone()), Step::Say(hello.into())].into(),
        manners: Manners::default(),
        paths: Paths {
            incoming: new.url.clone().unwrap_or_default(),
            status: new.status_callback.clone(),
            recording_status: None,
            twiml: new.twiml.clone(),
        },
        drop_after: None,
        dialled,
        options: Options {
            keep_audio: false,
            ..Options::default()
        },
    }
}

/// Only `completed` is told unless more was asked for; the end of an answered call is told by the call itself.
async fn tell(poster: &Poster, parties: &Parties, new: &NewCall, event: &str, status: &str) {
    let Some(callback) = &new.status_callback else { return };
    if event != "completed" && !new.status_events.iter().any(|asked| asked == event) {
        return;
    }
    let Ok(url) = poster.public(callback) else { return };
    let fields = parties.status(status, 0, 0, "");
    let (_, trouble) = poster.post("call_status", &url, &fields, Expect::Anything).await;
    if let Some(trouble) = trouble {
        tracing::warn!(%trouble, "a status callback was not taken");
    }
}
