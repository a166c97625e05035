//! Calls that run: passed on, ended, and whispered into.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use kernel::{CallId, Problem, Scope};
use platform::{
    bus::{CallCommand, CallCommandKind, CommandAnswer, Delivery},
    http::{ApiError, ApiJson},
    jobs::Enqueue,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Accepted, accepted, phone_of, placeable};
use crate::{
    App, AppState,
    accounts::sessions::Caller,
    calls::{
        actions::{self, audit},
        http::{named, own_user},
        model::{NextStep, Standing, Status},
        store::call,
    },
    channels::voice::jobs::RingPerson,
};

/// How long the process that holds the call's socket may take to act.
const COMMAND: Duration = Duration::from_secs(3);
/// Twilio's REST may take this long.
const REST: Duration = Duration::from_secs(10);
/// The longest instruction to the agent, in characters.
const MOST_WHISPER: usize = 1_000;

/// A call that runs. 409 `call_ended` for one that is over.
async fn running(app: &App, scope: &Scope, id: i64) -> Result<call::Model, Problem> {
    let tx = app.db.read(scope).await?;
    let call = tx.get::<call::Entity>(id).await?;
    if call.ended_at.is_some() {
        return Err(Problem::conflict("call_ended", "the call is over"));
    }
    Ok(call)
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TransferBody {
    /// Who shall take the call; without it, you.
    user_id: Option<i64>,
}

/// Passes a running call on: rings that person's own phone, then the others in the call-out order.
#[utoipa::path(post, path = "/api/calls/{id}/transfer", params(("id" = String, Path, description = "id or CallSid")),
    request_body = TransferBody,
    responses((status = 202, body = Accepted), (status = 404), (status = 409), (status = 422), (status = 501)))]
pub(super) async fn transfer(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    ApiJson(body): ApiJson<TransferBody>,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let call = running(&app, &scope, id).await?;
    let user = body
        .user_id
        .or_else(|| own_user(&scope))
        .ok_or_else(|| Problem::missing("user_id"))?;
    phone_of(&app, &scope, user).await?;
    if call.test {
        return Err(Problem::conflict("test_call", "a test call has no line that could be passed on").into());
    }
    placeable(&app)?;
    let tx = app.db.write(&scope).await?;
    let job = RingPerson {
        call_id: id,
        at: 0,
        first: Some(user),
    };
    tx.enqueue(&job, Enqueue::once(format!("ring:{id}:0"))).await?;
    audit(&tx, "call.transferred", id, json!({ "user_id": user })).await?;
    tx.commit().await?;
    Ok(accepted(id, "ringing"))
}

async fn command(app: &App, scope: &Scope, id: i64, kind: CallCommandKind) -> Result<Delivery, Problem> {
    let command = CallCommand {
        business_id: scope.business()?,
        call_id: CallId::new(id),
        kind,
    };
    Ok(app.bus.send_command(command, COMMAND).await)
}

/// Ends a running call.
#[utoipa::path(post, path = "/api/calls/{id}/hangup", params(("id" = String, Path, description = "id or CallSid")),
    responses((status = 202, body = Accepted), (status = 404), (status = 409), (status = 502)))]
pub(super) async fn hang_up(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let call = running(&app, &scope, id).await?;
    let tx = app.db.write(&scope).await?;
    let call = actions::plan(&tx, actions::by_id(&tx, call.id).await?, &NextStep::Over).await?;
    audit(&tx, "call.hung_up", id, json!({})).await?;
    tx.commit().await?;
    if command(&app, &scope, id, CallCommandKind::HangUp).await? == Delivery::Answered(CommandAnswer::Done) {
        return Ok(accepted(id, "ending"));
    }
    end_line(&app, &scope, call).await?;
    Ok(accepted(id, "ending"))
}

/// Ends a line that no media socket holds.
async fn end_line(app: &App, scope: &Scope, call: call::Model) -> Result<(), Problem> {
    match &app.telephony {
        Some(telephony) if !call.test => {
            let ended = tokio::time::timeout(REST, telephony.hang_up(&call.call_sid)).await;
            match ended {
                Ok(Ok(())) => Ok(()),
                Ok(Err(fault)) => Err(Problem::new(502, "provider_rejected", fault.to_string())),
                Err(_) => Err(Problem::new(502, "provider_slow", "Twilio did not answer in time")),
            }
        }
        _ => {
            let tx = app.db.write(scope).await?;
            let call = actions::by_id(&tx, call.id).await?;
            let sid = call.call_sid.clone();
            let now = tx.now();
            actions::hear_status(&tx, call, Standing::guessed(Status::Completed), None, now).await?;
            tx.commit().await?;
            app.calls.registry.ended(&sid);
            Ok(())
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WhisperBody {
    /// An instruction to the agent; the caller does not hear it.
    text: String,
}

/// Tells the agent something in the middle of a call.
#[utoipa::path(post, path = "/api/calls/{id}/whisper", params(("id" = String, Path, description = "id or CallSid")),
    request_body = WhisperBody, responses((status = 202, body = Accepted), (status = 404), (status = 409)))]
pub(super) async fn whisper(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    ApiJson(body): ApiJson<WhisperBody>,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let text = body.text.trim();
    if text.is_empty() {
        return Err(Problem::missing("text").into());
    }
    if text.chars().count() > MOST_WHISPER {
        return Err(Problem::invalid("text", "too_long", format!("has more than {MOST_WHISPER} characters")).into());
    }
    running(&app, &scope, id).await?;
    let kind = CallCommandKind::Whisper { text: text.to_owned() };
    match command(&app, &scope, id, kind).await? {
        Delivery::Answered(CommandAnswer::Done) => {}
        Delivery::Answered(CommandAnswer::Refused(why)) => {
            return Err(Problem::conflict("refused", format!("the call did not take it: {why}")).into());
        }
        Delivery::NobodyHasIt => {
            return Err(Problem::conflict("not_live", "no conversation with the agent is running").into());
        }
    }
    let tx = app.db.write(&scope).await?;
    audit(&tx, "call.whispered", id, json!({})).await?;
    tx.commit().await?;
    Ok(accepted(id, "sent"))
}
