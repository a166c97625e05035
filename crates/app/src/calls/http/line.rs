//! Acting on the line itself: placing calls, taking them over, whispering, hanging up, trying the agent.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
};
use kernel::{BusinessId, CallId, Phone, Problem, Scope};
use platform::{
    bus::{CallCommand, CallCommandKind, CommandAnswer, Delivery},
    http::{ApiError, ApiJson},
    jobs::Enqueue,
};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{audit, named, own_user};
use crate::{
    App, AppState,
    accounts::{sessions::Caller, users},
    calls::{
        actions,
        directory::VoiceBusiness,
        jobs::{NOT_YET_PLACED, PlaceCall, RingPerson},
        model::{Direction, Mode, NextStep, Standing, Status},
        store::call,
    },
    channels::voice::twiml::MEDIA_SOCKET,
    crm::customers,
};

/// How long the process that holds the call's socket may take to act.
const COMMAND: Duration = Duration::from_secs(3);
/// Twilio's REST may take this long.
const REST: Duration = Duration::from_secs(10);
/// The longest instruction to the agent, in characters.
const MOST_WHISPER: usize = 1_000;

/// Accepted; it happens in the background.
#[derive(Serialize, ToSchema)]
pub(super) struct Accepted {
    /// The call's id.
    id: i64,
    status: &'static str,
}

fn accepted(id: i64, status: &'static str) -> (StatusCode, Json<Accepted>) {
    (StatusCode::ACCEPTED, Json(Accepted { id, status }))
}

/// A call that runs. 409 `call_ended` for one that is over.
async fn running(app: &App, scope: &Scope, id: i64) -> Result<call::Model, Problem> {
    let tx = app.db.read(scope).await?;
    let call = tx.get::<call::Entity>(id).await?;
    if call.ended_at.is_some() {
        return Err(Problem::conflict("call_ended", "the call is over"));
    }
    Ok(call)
}

async fn business(app: &App, id: BusinessId) -> Result<std::sync::Arc<VoiceBusiness>, Problem> {
    app.calls
        .directory
        .by_id(&app.db, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// 501 with what is missing unless calls can be placed.
fn placeable(app: &App) -> Result<(), Problem> {
    let mut missing = Vec::new();
    if app.telephony.is_none() {
        missing.extend(["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]);
    }
    if app.calls.origin.is_none() {
        missing.push("PUBLIC_BASE_URL");
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Problem::not_configured(&missing))
    }
}

/// A person's phone, or 422 `user_phone_missing`.
async fn phone_of(app: &App, scope: &Scope, user: i64) -> Result<String, Problem> {
    let tx = app.db.read(scope).await?;
    let user = tx
        .find::<users::store::Entity>()
        .by_id(user)
        .one()
        .await?
        .filter(|user| user.active)
        .ok_or_else(|| Problem::invalid("user_id", "unknown_user", "is not a user of this business"))?;
    user.phone.ok_or_else(|| {
        Problem::new(
            422,
            "user_phone_missing",
            "this person has no phone number in the settings",
        )
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceBody {
    customer_id: Option<i64>,
    /// A number, when there is no customer.
    to: Option<String>,
}

/// Calls someone: rings your own phone first, then theirs.
#[utoipa::path(post, path = "/api/calls", request_body = PlaceBody,
    responses((status = 202, body = Accepted), (status = 409), (status = 422), (status = 501)))]
pub(super) async fn place_call(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<PlaceBody>,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let scope = match body.customer_id {
        Some(id) => caller.for_record::<customers::store::Entity>(id).await?,
        None => caller.own()?,
    };
    let user =
        own_user(&caller, &scope)?.ok_or_else(|| Problem::forbidden("calls are placed by people of the business"))?;
    let (to, customer_id) = callee(&app, &scope, &body).await?;
    placeable(&app)?;
    let phone = phone_of(&app, &scope, user).await?;
    let business = business(&app, scope.business()?).await?;
    let from = business
        .caller_id()
        .ok_or_else(|| Problem::conflict("no_number", "the business has no phone number to call from"))?;
    let tx = app.db.write(&scope).await?;
    let now = tx.now();
    let row = call::ActiveModel {
        call_sid: Set(format!("{NOT_YET_PLACED}{}", Uuid::now_v7())),
        customer_id: Set(customer_id),
        user_id: Set(Some(user)),
        direction: Set(Direction::Out.as_str().to_owned()),
        from_number: Set(from.to_owned()),
        to_number: Set(to),
        status: Set(Status::Queued.as_str().to_owned()),
        ..blank(now)
    };
    let call = tx.insert(row).await?;
    actions::show(&tx, &call).await?;
    tx.emit(actions::event("call:started", &call)).await?;
    let job = PlaceCall {
        call_id: call.id,
        phone,
    };
    tx.enqueue(&job, Enqueue::once(format!("place:{}", call.id))).await?;
    audit(&tx, "call.placed", call.id, json!({ "customer_id": customer_id })).await?;
    tx.commit().await?;
    Ok(accepted(call.id, "queued"))
}

/// What every new row has alike.
fn blank(now: chrono::DateTime<chrono::Utc>) -> call::ActiveModel {
    call::ActiveModel {
        mode: Set(Mode::Realtime.as_str().to_owned()),
        caller_hidden: Set(false),
        test: Set(false),
        greeting_played: Set(false),
        turn_count: Set(0),
        has_recording: Set(false),
        wants_person: Set(false),
        end_guessed: Set(false),
        needs_callback: Set(false),
        version: Set(1),
        started_at: Set(now),
        last_seen_at: Set(now),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// Whom to call: a customer by its phone, or a number.
async fn callee(app: &App, scope: &Scope, body: &PlaceBody) -> Result<(String, Option<i64>), Problem> {
    let tx = app.db.read(scope).await?;
    let customer = match (body.customer_id, body.to.as_deref()) {
        (Some(id), _) => Some(tx.get::<customers::store::Entity>(id).await?),
        (None, Some(_)) => None,
        (None, None) => return Err(Problem::missing("to")),
    };
    let number = body
        .to
        .clone()
        .or_else(|| customer.as_ref().and_then(|customer| customer.phone.clone()))
        .ok_or_else(|| Problem::new(422, "customer_phone_missing", "this customer has no phone number"))?;
    let phone = Phone::parse(&number).map_err(|_| Problem::invalid("to", "invalid_phone", "is not a phone number"))?;
    let customer = match customer {
        Some(customer) => Some(customer),
        None => customers::store::by_phone(&tx, &phone).await?,
    };
    if customer.as_ref().is_some_and(|customer| customer.do_not_contact) {
        return Err(Problem::conflict(
            "do_not_contact",
            "this customer does not want to be called",
        ));
    }
    Ok((phone.into(), customer.map(|customer| customer.id)))
}

/// How a browser plays the caller's part.
#[derive(Serialize, ToSchema)]
pub(super) struct TestCall {
    call_id: i64,
    call_sid: String,
    /// The media socket.
    stream_url: String,
    /// To be sent as the custom parameter `token` of the `start` message.
    token: String,
}

/// Begins a test call: the browser's microphone takes the caller's place.
#[utoipa::path(post, path = "/api/calls/test", responses((status = 201, body = TestCall), (status = 409)))]
pub(super) async fn test_call(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<TestCall>), ApiError> {
    let scope = caller.own()?;
    let call_sid = format!("CAtest{}", Uuid::now_v7().simple());
    let limit = app.settings.voice.max_concurrent_calls;
    if app.drain.is_draining() || !app.calls.registry.accept(&call_sid, limit) {
        return Err(Problem::conflict("too_many_calls", "no more calls can be taken now").into());
    }
    let business = business(&app, scope.business()?).await?;
    let tx = app.db.write(&scope).await?;
    let row = call::ActiveModel {
        call_sid: Set(call_sid.clone()),
        user_id: Set(own_user(&caller, &scope)?),
        direction: Set(Direction::In.as_str().to_owned()),
        from_number: Set("browser".to_owned()),
        to_number: Set(business.caller_id().unwrap_or("browser").to_owned()),
        status: Set(Status::Ringing.as_str().to_owned()),
        test: Set(true),
        ..blank(tx.now())
    };
    let call = tx.insert(row).await?;
    audit(&tx, "call.tested", call.id, json!({})).await?;
    tx.commit().await?;
    let test = TestCall {
        call_id: call.id,
        token: app.calls.links.media_token(&call_sid, app.clock.now()),
        call_sid,
        stream_url: socket_url(&app, &headers),
    };
    Ok((StatusCode::CREATED, Json(test)))
}

/// The media socket as this browser reaches it: on the host that it is talking to.
fn socket_url(app: &App, headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(header::HOST.as_str()) else {
        return MEDIA_SOCKET.to_owned();
    };
    let public = app.settings.public_base_url.as_ref();
    let public_here = public.is_some_and(|url| url.scheme() == "https" && url.authority() == host);
    let forwarded = app.settings.trust_proxy && text("x-forwarded-proto") == Some("https");
    let from_https_page = text(header::ORIGIN.as_str()) == Some(&format!("https://{host}"));
    let scheme = if public_here || forwarded || from_https_page {
        "wss"
    } else {
        "ws"
    };
    format!("{scheme}://{host}{MEDIA_SOCKET}")
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
    let user = match body.user_id {
        Some(user) => user,
        None => own_user(&caller, &scope)?.ok_or_else(|| Problem::missing("user_id"))?,
    };
    let call = running(&app, &scope, id).await?;
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
