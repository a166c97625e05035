//! What Twilio tells of a call, turned into actions, and what the line does next.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use conversation::sentences::Key;
use kernel::Problem;
use platform::{db::WriteTx, jobs::Enqueue};
use sha2::{Digest, Sha256};

use super::{
    answers::{self, Reason},
    door::Delivery,
    hooks::{Answer, speaker},
    speech,
    twiml::{Twiml, Verb},
};
use crate::{
    App, AppState,
    calls::{
        actions::{self, Announced, Noted, Recorded},
        directory::VoiceBusiness,
        hours::WhileKept,
        jobs::{FetchRecording, after_call},
        model::{Direction, Mode, NextStep, Standing, Status},
        store::call,
    },
};

/// A caller is not asked again for a lost message after this long.
const ASK_AGAIN_WITHIN_SECONDS: i64 = 300;

/// `POST /webhook/incoming_call`
pub async fn incoming_call(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let business = business_of(app, delivery).await?;
    let Some(business) = business else {
        tracing::warn!(why = "no_business", "a call to a number of nobody");
        return Ok(Answer::Twiml(speaker(app, None).one_sentence(Key::Unavailable)));
    };
    let speaker = speaker(app, Some(&business));
    let Some(call_sid) = delivery.form.get("CallSid") else {
        return Ok(Answer::Twiml(speaker.voicemail()));
    };
    let closed = unanswered(&business, app.clock.now());
    let (mode, reason) = if closed.is_some() {
        (Mode::Voicemail, None)
    } else {
        decide(app, &business, call_sid)
    };
    let announced = announced(delivery, call_sid, mode);
    let scope = delivery.scope(business.id);
    let intake = &app.calls.intake;
    let Noted { call, blocked, created } = intake.note(app, scope, business.clone(), announced).await?;
    if created {
        log_arrival(&call, reason.map(Reason::word).or(closed.map(|(why, _)| why)));
    }
    Ok(Answer::Twiml(if blocked {
        speaker.one_sentence(Key::Blocked)
    } else if let Some((_, sentence)) = closed {
        speaker.one_sentence(sentence)
    } else {
        match (speaker.origin, Mode::parse(&call.mode)) {
            (Some(origin), Some(Mode::Realtime)) => {
                speech::prepare(app, &business);
                speaker.realtime(origin, call_sid)
            }
            _ => speaker.voicemail(),
        }
    }))
}

/// Why a business's calls are not taken at all, and what their callers are told.
fn unanswered(business: &VoiceBusiness, now: DateTime<Utc>) -> Option<(&'static str, Key)> {
    if !business.active {
        Some(("business_inactive", Key::Unavailable))
    } else if !business.answers_calls {
        Some(("module_off", Key::Unavailable))
    } else if business.while_kept == WhileKept::Closed && business.calendar.is_kept(now) {
        Some(("sabbath", Key::AfterHours))
    } else {
        None
    }
}

fn log_arrival(call: &call::Model, why: Option<&'static str>) {
    metrics::counter!("calls_total", "mode" => call.mode.clone()).increment(1);
    tracing::info!(
        call_sid = call.call_sid,
        business_id = call.business_id,
        mode = call.mode,
        why,
        hidden = call.caller_hidden,
        "a call came in"
    );
}

/// The business by the called number (for our own outgoing calls, by the calling one).
pub async fn business_of(app: &App, delivery: &Delivery) -> Result<Option<Arc<VoiceBusiness>>, Problem> {
    let ours = match direction(delivery) {
        Direction::In => delivery.form.get("To"),
        Direction::Out => delivery.form.get("From"),
    };
    Ok(app.calls.directory.by_number(&app.db, ours.unwrap_or_default()).await?)
}

fn direction(delivery: &Delivery) -> Direction {
    match delivery.form.get("Direction") {
        Some(word) if word.starts_with("outbound") => Direction::Out,
        _ => Direction::In,
    }
}

/// How this call is answered, and why not otherwise. A call that gets a conversation is counted in.
fn decide(app: &App, business: &VoiceBusiness, call_sid: &str) -> (Mode, Option<Reason>) {
    match possible_mode(app, business) {
        (Mode::Realtime, _)
            if !app
                .calls
                .registry
                .accept(call_sid, app.settings.voice.max_concurrent_calls) =>
        {
            (Mode::Voicemail, Some(Reason::TooManyCalls))
        }
        decided => decided,
    }
}

fn possible_mode(app: &App, business: &VoiceBusiness) -> (Mode, Option<Reason>) {
    match answers::wanted_mode(business, &app.settings.voice.call_mode, app.clock.now()) {
        Mode::Voicemail => (Mode::Voicemail, None),
        Mode::TurnBased => (Mode::Voicemail, Some(Reason::NotBuilt)),
        Mode::Realtime if app.voice.origin.is_none() => (Mode::Voicemail, Some(Reason::NoPublicUrl)),
        Mode::Realtime if app.drain.is_draining() => (Mode::Voicemail, Some(Reason::Draining)),
        Mode::Realtime => (Mode::Realtime, None),
    }
}

fn announced(delivery: &Delivery, call_sid: &str, mode: Mode) -> Announced {
    let form = &delivery.form;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    Announced {
        call_sid: call_sid.to_owned(),
        account_sid: form.get("AccountSid").map(ToOwned::to_owned),
        from: text("From"),
        to: text("To"),
        forwarded_from: form.get("ForwardedFrom").map(ToOwned::to_owned),
        direction: direction(delivery),
        status: form
            .get("CallStatus")
            .and_then(Status::of_callback)
            .filter(|status| !status.is_terminal())
            .unwrap_or(Status::Ringing),
        at: delivery.at,
        mode,
        greeting_played: mode == Mode::Realtime,
    }
}

/// The call that a callback is about, written if it is not there yet.
pub async fn call_of(
    app: &App,
    tx: &WriteTx,
    business: &VoiceBusiness,
    delivery: &Delivery,
    call_sid: &str,
) -> Result<call::Model, Problem> {
    if let Some(id) = delivery.query_number("call") {
        // Of an outgoing call this may be the first time that Twilio's sid is heard.
        return actions::placed(tx, id, call_sid).await;
    }
    let known = actions::by_sid(tx, call_sid).await?;
    let complete = known.as_ref().is_some_and(|call| !call.to_number.is_empty());
    if let Some(call) = known.filter(|_| complete || delivery.form.get("To").is_none()) {
        return Ok(call);
    }
    let (mode, _) = possible_mode(app, business);
    let announced = announced(delivery, call_sid, mode);
    Ok(Box::pin(actions::note(tx, business, &announced)).await?.call)
}

/// `POST /webhook/call_status`
pub async fn call_status(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let form = &delivery.form;
    let (Some(call_sid), Some(status)) = (
        form.get("CallSid"),
        form.get("CallStatus").and_then(Status::of_callback),
    ) else {
        tracing::debug!("a status without a call or a known word");
        return Ok(Answer::Ok);
    };
    let Some(business) = business_of(app, delivery).await? else {
        return Ok(Answer::Ok);
    };
    let tx = app.db.write(&delivery.scope(business.id)).await?;
    let call = call_of(app, &tx, &business, delivery, call_sid).await?;
    let duration = form.number("CallDuration").filter(|seconds| *seconds >= 0);
    hear(&tx, call, status, duration, delivery).await?;
    tx.commit().await?;
    if status.is_terminal() {
        app.calls.registry.ended(call_sid);
    }
    Ok(Answer::Ok)
}

/// Takes a status in; an ended call gets its summary.
async fn hear(
    tx: &WriteTx,
    call: call::Model,
    status: Status,
    duration_seconds: Option<i64>,
    delivery: &Delivery,
) -> Result<call::Model, Problem> {
    let running = call.ended_at.is_none();
    let news = Standing::reported(status);
    let call = actions::hear_status(tx, call, news, duration_seconds, delivery.at).await?;
    if running && call.ended_at.is_some() {
        after_call(tx, &call).await?;
    }
    Ok(call)
}

/// `POST /webhook/handle_recording`
pub async fn handle_recording(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let business = business_of(app, delivery).await?;
    let speaker = speaker(app, business.as_deref());
    let (Some(business), Some(call_sid)) = (&business, delivery.form.get("CallSid")) else {
        return Ok(Answer::Twiml(speaker.thanks()));
    };
    let tx = app.db.write(&delivery.scope(business.id)).await?;
    let call = call_of(app, &tx, business, delivery, call_sid).await?;
    let recorded = recorded(delivery, call_sid);
    let arrived = recorded.url.is_some();
    if arrived {
        store(&tx, &call, recorded).await?;
    }
    tx.commit().await?;
    let ended = Status::parse(&call.status).is_some_and(Status::is_terminal);
    let young = (delivery.at - call.started_at).num_seconds() < ASK_AGAIN_WITHIN_SECONDS;
    Ok(Answer::Twiml(if arrived || ended || !young {
        speaker.thanks()
    } else {
        tracing::warn!(call_sid, "a recording without an address");
        speaker.record_again()
    }))
}

/// Writes a recording and the job that fetches it, once.
async fn store(tx: &WriteTx, call: &call::Model, recorded: Recorded) -> Result<(), Problem> {
    let fetchable = recorded.url.is_some();
    let Some(recording) = actions::keep_recording(tx, call, recorded).await? else {
        return Ok(());
    };
    if fetchable {
        let job = FetchRecording {
            recording_id: recording.id,
        };
        tx.enqueue(&job, Enqueue::once(format!("recording:{}", recording.id)))
            .await?;
    }
    if call.ended_at.is_some() {
        actions::settle(tx, call.clone()).await?;
    }
    Ok(())
}

fn recorded(delivery: &Delivery, call_sid: &str) -> Recorded {
    let form = &delivery.form;
    let url = form.get("RecordingUrl").map(ToOwned::to_owned);
    let sid = form.get("RecordingSid").map_or_else(
        || {
            let of = format!("{call_sid} {}", url.as_deref().unwrap_or_default());
            let digest = hex::encode(Sha256::digest(of.as_bytes()));
            format!("url-{}", digest.get(..32).unwrap_or(&digest))
        },
        ToOwned::to_owned,
    );
    Recorded {
        sid,
        url,
        duration_ms: form
            .number("RecordingDuration")
            .filter(|seconds| (0..=86_400).contains(seconds))
            .map(|seconds| seconds * 1_000),
        channels: form.number("RecordingChannels").and_then(|count| count.try_into().ok()),
        error: form
            .get("RecordingErrorCode")
            .or_else(|| form.get("ErrorCode"))
            .filter(|code| *code != "0")
            .map(ToOwned::to_owned),
    }
}

/// `POST /webhook/recording_status`
pub async fn recording_status(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let form = &delivery.form;
    let (Some(call_sid), Some(business)) = (form.get("CallSid"), business_of_recording(app, delivery).await?) else {
        return Ok(Answer::Nothing);
    };
    let status = form.get("RecordingStatus").unwrap_or("completed");
    if status == "in-progress" {
        return Ok(Answer::Nothing);
    }
    let mut recorded = recorded(delivery, call_sid);
    if status != "completed" {
        recorded.url = None;
        recorded.error = recorded.error.or_else(|| Some(status.to_owned()));
    }
    let tx = app.db.write(&delivery.scope(business.id)).await?;
    let call = call_of(app, &tx, &business, delivery, call_sid).await?;
    store(&tx, &call, recorded).await?;
    tx.commit().await?;
    Ok(Answer::Nothing)
}

/// A recording's callback names no number: the call says whose it is, if we know it.
async fn business_of_recording(app: &App, delivery: &Delivery) -> Result<Option<Arc<VoiceBusiness>>, Problem> {
    if delivery.form.get("To").is_none()
        && let Some(call_sid) = delivery.form.get("CallSid")
        && let Some(business) = crate::calls::directory::business_of_call(&app.db, call_sid).await?
    {
        return Ok(app.calls.directory.by_id(&app.db, business).await?);
    }
    business_of(app, delivery).await
}

/// `POST /webhook/stream_ended`
pub async fn stream_ended(app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
    let business = business_of(app, delivery).await?;
    let speaker = speaker(app, business.as_deref());
    let (Some(business), Some(call_sid)) = (&business, delivery.form.get("CallSid")) else {
        return Ok(Answer::Twiml(speaker.fallback()));
    };
    let tx = app.db.write(&delivery.scope(business.id)).await?;
    let mut call = call_of(app, &tx, business, delivery, call_sid).await?;
    if let Some(status) = delivery.form.get("CallStatus").and_then(Status::of_callback) {
        call = hear(&tx, call, status, None, delivery).await?;
    }
    let step = actions::planned(&call);
    if let Some(NextStep::Bridge {
        room,
        user_id,
        since,
        handed: false,
    }) = step.clone()
    {
        let handed = NextStep::Bridge {
            room,
            user_id,
            since,
            handed: true,
        };
        call = actions::plan(&tx, call, &handed).await?;
    }
    tx.commit().await?;
    if call.ended_at.is_some() {
        app.calls.registry.ended(call_sid);
        return Ok(Answer::Twiml(Twiml::new([Verb::Hangup])));
    }
    Ok(Answer::Twiml(match step {
        Some(NextStep::Over) => Twiml::new([Verb::Hangup]),
        Some(NextStep::Dial { to, .. }) => speaker.dial(&to, call.id),
        Some(NextStep::Bridge { room, .. }) => speaker.bridge(&room, call.id),
        Some(NextStep::Unavailable) => speaker.nobody_available(),
        // Nothing was planned when the process that held the socket went away.
        Some(NextStep::Record) | None => speaker.fallback(),
    }))
}
