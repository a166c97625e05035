//! Twilio's webhooks: each is taken in by one function, answered at once, and kept on disk when the database is away.

use std::{path::Path, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Problem;
use platform::http::ApiError;

use super::{
    answers::Speaker,
    arrivals,
    door::Delivery,
    form::Form,
    handover,
    signature::Verified,
    spool::{Kept, Verdict},
    twiml::{self, Twiml, Verb},
};
use crate::{App, AppState, calls::directory::VoiceBusiness};

/// After this long the caller gets what needs no database. Twilio itself waits 15 s.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often what was kept is tried again.
const REPLAY_EVERY: Duration = Duration::from_secs(2);

/// What goes back to Twilio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Twiml(Twiml),
    /// `OK`, plain text.
    Ok,
    /// 204.
    Nothing,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Twiml(twiml) => twiml.into_response(),
            Self::Ok => "OK".into_response(),
            Self::Nothing => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

/// The webhooks that change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    IncomingCall,
    HandleRecording,
    CallStatus,
    RecordingStatus,
    StreamEnded,
    DialEnded,
    Whisper,
    TakeOver,
    TakeOverEnded,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::IncomingCall,
        Self::HandleRecording,
        Self::CallStatus,
        Self::RecordingStatus,
        Self::StreamEnded,
        Self::DialEnded,
        Self::Whisper,
        Self::TakeOver,
        Self::TakeOverEnded,
    ];

    pub const fn path(self) -> &'static str {
        match self {
            Self::IncomingCall => "/webhook/incoming_call",
            Self::HandleRecording => twiml::HANDLE_RECORDING,
            Self::CallStatus => "/webhook/call_status",
            Self::RecordingStatus => "/webhook/recording_status",
            Self::StreamEnded => twiml::STREAM_ENDED,
            Self::DialEnded => twiml::DIAL_ENDED,
            Self::Whisper => twiml::WHISPER,
            Self::TakeOver => twiml::TAKE_OVER,
            Self::TakeOverEnded => twiml::TAKE_OVER_ENDED,
        }
    }

    fn of_target(target: &str) -> Option<Self> {
        let path = target.split('?').next()?;
        Self::ALL.into_iter().find(|kind| kind.path() == path)
    }

    async fn take_in(self, app: &AppState, delivery: &Delivery) -> Result<Answer, Problem> {
        match self {
            Self::IncomingCall => arrivals::incoming_call(app, delivery).await,
            Self::HandleRecording => Box::pin(arrivals::handle_recording(app, delivery)).await,
            Self::CallStatus => Box::pin(arrivals::call_status(app, delivery)).await,
            Self::RecordingStatus => Box::pin(arrivals::recording_status(app, delivery)).await,
            Self::StreamEnded => Box::pin(arrivals::stream_ended(app, delivery)).await,
            Self::DialEnded => Box::pin(handover::dial_ended(app, delivery)).await,
            Self::Whisper => handover::whisper(app, delivery).await,
            Self::TakeOver => Box::pin(handover::take_over(app, delivery)).await,
            Self::TakeOverEnded => Box::pin(handover::take_over_ended(app, delivery)).await,
        }
    }

    /// What can be answered without the database.
    fn without_database(self, speaker: &Speaker<'_>) -> Answer {
        match self {
            Self::IncomingCall => Answer::Twiml(speaker.voicemail()),
            Self::HandleRecording => Answer::Twiml(speaker.thanks()),
            Self::StreamEnded | Self::DialEnded => Answer::Twiml(speaker.fallback()),
            Self::Whisper | Self::TakeOver => Answer::Twiml(Twiml::new([Verb::Hangup])),
            Self::CallStatus => Answer::Ok,
            Self::RecordingStatus | Self::TakeOverEnded => Answer::Nothing,
        }
    }
}

/// Takes one delivery in; whatever happens, Twilio gets an answer that it can use.
async fn receive(app: &AppState, kind: Kind, delivery: Delivery) -> Response {
    if let Ok(Some(business)) = arrivals::business_of(app, &delivery).await
        && let Err(problem) = app.limits.verified(business.id)
    {
        return ApiError::from(problem).into_response();
    }
    let problem = match tokio::time::timeout(PATIENCE, kind.take_in(app, &delivery)).await {
        Ok(Ok(answer)) => return answer.into_response(),
        Ok(Err(problem)) => problem,
        Err(_) => Problem::new(503, "database_slow", "the database did not answer in time"),
    };
    let path = kind.path();
    if problem.status < 500 {
        tracing::warn!(problem = %problem, path, "a webhook was not understood");
        return fallback_answer(app, kind, &delivery).await.into_response();
    }
    tracing::error!(problem = %problem, path, "a webhook is kept until the database is back");
    metrics::counter!("voice_webhooks_spooled_total", "path" => path).increment(1);
    let kept = Kept {
        target: delivery.target.clone(),
        fields: delivery.form.fields().to_vec(),
        at: delivery.at,
        request_id: delivery.request_id.clone(),
    };
    match app.voice.spool.keep(kept).await {
        Ok(()) => fallback_answer(app, kind, &delivery).await.into_response(),
        Err(err) => {
            tracing::error!(error = %err, path, "a webhook could not be kept");
            match fallback_answer(app, kind, &delivery).await {
                // The caller hears something; for a status Twilio's own retry is the better keeper.
                Answer::Twiml(twiml) => twiml.into_response(),
                Answer::Ok | Answer::Nothing => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            }
        }
    }
}

async fn fallback_answer(app: &App, kind: Kind, delivery: &Delivery) -> Answer {
    let number = delivery.form.get("To").unwrap_or_default();
    let business = app.calls.directory.by_number(&app.db, number).await.ok().flatten();
    kind.without_database(&speaker(app, business.as_deref()))
}

/// Speaks for a business, with this server's addresses.
pub fn speaker<'a>(app: &'a App, business: Option<&'a VoiceBusiness>) -> Speaker<'a> {
    Speaker {
        origin: app.voice.origin.as_ref(),
        links: &app.voice.links,
        business,
        now: app.clock.now(),
    }
}

/// Takes in what was kept, until the process ends.
pub async fn replay_forever(app: AppState) {
    loop {
        if let Err(err) = replay(&app).await {
            tracing::warn!(error = %err, "kept webhooks can not be read");
        }
        tokio::time::sleep(REPLAY_EVERY).await;
    }
}

/// Takes in what was kept. Stops when the database is away; what it refuses keeps nothing else waiting, and is set aside
/// in the end.
pub async fn replay(app: &AppState) -> std::io::Result<()> {
    for (path, kept) in app.voice.spool.waiting().await? {
        let Some(kind) = Kind::of_target(&kept.target) else {
            app.voice.spool.set_aside(&path).await?;
            continue;
        };
        let delivery = Delivery {
            form: Verified::from_spool(Form::from_iter(kept.fields)),
            target: kept.target,
            at: kept.at,
            request_id: kept.request_id,
        };
        match tokio::time::timeout(PATIENCE, kind.take_in(app, &delivery)).await {
            Ok(Ok(_)) => {
                app.voice.spool.done(&path).await?;
                tracing::info!(path = kind.path(), "a kept webhook was taken in");
            }
            Ok(Err(problem)) if problem.status == 503 => break,
            Ok(Err(problem)) => refused(app, &path, kind, &problem).await?,
            Err(_) => break,
        }
    }
    Ok(())
}

/// The database answers, and did not take this one.
async fn refused(app: &App, path: &Path, kind: Kind, problem: &Problem) -> std::io::Result<()> {
    let verdict = if problem.status < 500 {
        Verdict::GiveUp
    } else {
        app.voice.spool.refused(path, app.clock.now())
    };
    let file = path.display();
    match verdict {
        Verdict::TryAgain => tracing::warn!(%problem, path = kind.path(), %file, "a kept webhook was refused"),
        Verdict::StillTrying => {}
        Verdict::GiveUp => {
            tracing::error!(%problem, path = kind.path(), %file, "a kept webhook is set aside");
            app.voice.spool.set_aside(path).await?;
        }
    }
    Ok(())
}

/// A call comes in; the answer is TwiML by the business's mode.
#[utoipa::path(method(get, post), path = "/webhook/incoming_call", responses((status = 200, content_type = "text/xml"), (status = 403)))]
pub async fn incoming_call(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::IncomingCall, delivery).await
}

/// A message was recorded.
#[utoipa::path(post, path = "/webhook/handle_recording", responses((status = 200, content_type = "text/xml"), (status = 403)))]
pub async fn handle_recording(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::HandleRecording, delivery).await
}

/// A call's status changed.
#[utoipa::path(method(get, post), path = "/webhook/call_status", responses((status = 200, content_type = "text/plain"), (status = 403)))]
pub async fn call_status(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::CallStatus, delivery).await
}

/// A recording is there, or will not be.
#[utoipa::path(post, path = "/webhook/recording_status", responses((status = 204), (status = 403)))]
pub async fn recording_status(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::RecordingStatus, delivery).await
}

/// The media socket closed: what the line does next.
#[utoipa::path(method(get, post), path = "/webhook/stream_ended", responses((status = 200, content_type = "text/xml"), (status = 403)))]
pub async fn stream_ended(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::StreamEnded, delivery).await
}

/// A person's phone was rung, with or without an answer.
#[utoipa::path(post, path = "/webhook/dial_ended", responses((status = 200, content_type = "text/xml"), (status = 403)))]
pub async fn dial_ended(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::DialEnded, delivery).await
}

/// What a rung person hears before the caller is put through.
#[utoipa::path(post, path = "/webhook/whisper", responses((status = 200, content_type = "text/xml"), (status = 403)))]
pub async fn whisper(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::Whisper, delivery).await
}

/// A person who was rung to take a call over pressed a key.
#[utoipa::path(post, path = "/webhook/take_over", responses((status = 200, content_type = "text/xml"), (status = 403)))]
pub async fn take_over(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::TakeOver, delivery).await
}

/// The call to a person who was to take over has ended.
#[utoipa::path(post, path = "/webhook/take_over_ended", responses((status = 204), (status = 403)))]
pub async fn take_over_ended(State(app): State<AppState>, delivery: Delivery) -> Response {
    receive(&app, Kind::TakeOverEnded, delivery).await
}

/// What the media stream does, for diagnosis only: nothing changes by it, so an unsigned one is taken, too.
#[utoipa::path(method(get, post), path = "/webhook/stream_status", responses((status = 204), (status = 403)))]
pub async fn stream_status(State(app): State<AppState>, request: axum::extract::Request) -> Response {
    use axum::extract::FromRequest as _;
    if !request.headers().contains_key(super::signature::SIGNATURE) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let delivery = match Delivery::from_request(request, &app).await {
        Ok(delivery) => delivery,
        Err(refused) => return refused,
    };
    let event = match delivery.form.get("StreamEvent") {
        Some("stream-started") => "started",
        Some("stream-stopped") => "stopped",
        Some("stream-error") => "error",
        _ => "other",
    };
    metrics::counter!("twilio_stream_events_total", "event" => event).increment(1);
    if event == "error" {
        tracing::warn!(
            call_sid = delivery.form.get("CallSid"),
            error = delivery.form.get("StreamError"),
            "Twilio reports trouble with a media stream"
        );
    }
    StatusCode::NO_CONTENT.into_response()
}
