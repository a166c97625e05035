//! Looking at calls.

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{Phone, Problem};
use platform::{
    db::ReadTx,
    http::{
        ApiError,
        fields::{flag_param, text_param, time_param},
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
        range::{self, asked, with_range},
    },
    storage::Storage,
};
use sea_orm::{ColumnTrait, Condition, sea_query::LikeExpr};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::named;
use crate::{
    AppState,
    accounts::sessions::Caller,
    calls::{
        actions, jobs,
        model::{Direction, Outcome, Status},
        store::{self, call, recording},
        turn::Turn,
        views::{self, CallRow, CallView},
        waiting::{self, Asked, Reason, WaitingView},
    },
    crm::customers,
};

/// How much of a recording is read from storage at a time.
const PIECE: u64 = 256 * 1024;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    customer_id: Option<String>,
    /// Twilio's word, or `recorded`.
    status: Option<String>,
    /// `in` or `out`.
    direction: Option<String>,
    /// From this day or time on; or calls from this number.
    from: Option<String>,
    /// Before this time, or up to and with this day; or calls to this number.
    to: Option<String>,
    /// Words in summary and transcript, a part of a number, or a customer's name.
    q: Option<String>,
    has_recording: Option<String>,
    outcome: Option<String>,
    needs_callback: Option<String>,
    /// Somebody dealt with it at or after this time.
    handled_from: Option<String>,
    /// Somebody dealt with it before this time.
    handled_to: Option<String>,
    /// `true`: only what statistics count: not the calls of those who are marked as no customer.
    counted: Option<String>,
    /// Test calls are listed only when asked for.
    test: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

impl Filter {
    fn condition(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        use call::Column as C;
        let mut all = self.what(tx)?;
        if let Some(from) = time_param("handled_from", self.handled_from.as_deref())? {
            all = all.add(C::HandledAt.gte(from));
        }
        if let Some(to) = time_param("handled_to", self.handled_to.as_deref())? {
            all = all.add(C::HandledAt.lt(to));
        }
        match flag_param("counted", self.counted.as_deref())? {
            Some(true) => Ok(all.add(store::counted(tx))),
            _ => Ok(all),
        }
    }

    fn what(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        use call::Column as C;
        let test = flag_param("test", self.test.as_deref())?.unwrap_or(false);
        let mut all = Condition::all().add(C::Test.eq(test));
        if let Some(customer) = list::id_param("customer_id", self.customer_id.as_deref())? {
            all = all.add(C::CustomerId.eq(customer));
        }
        all = match self.status.as_deref() {
            None => all,
            Some("recorded") => all.add(C::HasRecording.eq(true)),
            Some(word) => all.add(C::Status.eq(known("status", word, Status::parse)?.as_str())),
        };
        if let Some(word) = self.direction.as_deref() {
            all = all.add(C::Direction.eq(known("direction", word, Direction::parse)?.as_str()));
        }
        if let Some(word) = self.outcome.as_deref() {
            all = all.add(C::Outcome.eq(known("outcome", word, Outcome::parse)?.as_str()));
        }
        if let Some(flag) = flag_param("has_recording", self.has_recording.as_deref())? {
            all = all.add(C::HasRecording.eq(flag));
        }
        if let Some(flag) = flag_param("needs_callback", self.needs_callback.as_deref())? {
            all = all.add(C::NeedsCallback.eq(flag));
        }
        if let Some(text) = self.from.as_deref() {
            all = all.add(match bound("from", text, Day::Begins)? {
                Bound::Time(at) => C::CreatedAt.gte(at),
                Bound::Number(number) => C::FromNumber.eq(number),
            });
        }
        if let Some(text) = self.to.as_deref() {
            all = all.add(match bound("to", text, Day::Ends)? {
                Bound::Time(at) => C::CreatedAt.lt(at),
                Bound::Number(number) => C::ToNumber.eq(number),
            });
        }
        match self.q.as_deref() {
            Some(text) => Ok(all.add(matching(tx, text_param("q", text)?))),
            None => Ok(all),
        }
    }
}

fn known<T>(field: &str, word: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    parse(word).ok_or_else(|| Problem::invalid(field, "unknown_value", format!("{word} is not one of its values")))
}

enum Bound {
    Time(DateTime<Utc>),
    Number(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Day {
    Begins,
    Ends,
}

/// A day or time in the years that a database keeps, else a phone number.
fn bound(field: &str, text: &str, day: Day) -> Result<Bound, Problem> {
    if let Ok(number) = Phone::parse(text)
        && text.parse::<NaiveDate>().is_err()
    {
        return Ok(Bound::Number(number.into()));
    }
    let time = time_param(field, Some(text))?;
    let whole_day = day == Day::Ends && text.parse::<NaiveDate>().is_ok();
    let time = time.map(|time| if whole_day { time + TimeDelta::days(1) } else { time });
    time.map(Bound::Time)
        .ok_or_else(|| Problem::invalid(field, "invalid_bound", "is a day, an RFC 3339 time or a phone number"))
}

/// Words anywhere in what was said, digits anywhere in a number, or the customer's name.
fn matching(tx: &ReadTx, text: &str) -> Condition {
    use call::Column as C;
    let text = text.trim();
    let like = || {
        LikeExpr::new(format!(
            "%{}%",
            text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
        ))
        .escape('\\')
    };
    let by_name = Condition::all().add(customers::store::Column::Name.like(like()));
    let mut any = Condition::any()
        .add(C::Summary.like(like()))
        .add(C::Transcription.like(like()))
        .add(C::CallSid.eq(text))
        .add(C::CustomerId.in_subquery(store::customers_in_sight(tx, by_name)));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() >= 3 {
        let national = digits.trim_start_matches('0').to_owned();
        let like = || LikeExpr::new(format!("%{national}%"));
        any = any.add(C::FromNumber.like(like())).add(C::ToNumber.like(like()));
    }
    any
}

/// Calls, the newest first.
#[utoipa::path(get, path = "/api/crm/calls", params(PagingParams, Filter),
    responses((status = 200, body = Listed<CallRow>)))]
pub(super) async fn list_calls(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<CallRow>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let find = store::visible(&tx).filter(filter.condition(&tx)?);
    let sorts: [Sort<call::Entity>; 3] = [
        Sort {
            name: "created_at",
            column: call::Column::CreatedAt,
        },
        Sort {
            name: "started_at",
            column: call::Column::StartedAt,
        },
        Sort {
            name: "duration_seconds",
            column: call::Column::DurationSeconds,
        },
    ];
    let listed = list::list(find, &paging, &sorts, "-created_at", call::Column::Id).await?;
    let names = views::names(&tx, &listed.results).await?;
    let now = tx.now();
    Ok(Json(listed.map(|call| {
        let name = views::name_of(&names, &call);
        CallRow::new(&call, name, now)
    })))
}

/// One call, by id or by Twilio's sid, with its turns and recordings.
#[utoipa::path(get, path = "/api/crm/calls/{id}", params(("id" = String, Path, description = "id or CallSid")),
    responses((status = 200, body = CallView), (status = 404)))]
pub(super) async fn get_call(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CallView>, ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let tx = app.db.read(&scope).await?;
    let call = tx.get::<call::Entity>(id).await?;
    Ok(Json(views::whole(&tx, call).await?))
}

/// What was said.
#[derive(Serialize, ToSchema)]
#[schema(as = CallTranscript)]
pub(super) struct TranscriptView {
    call_id: i64,
    call_sid: String,
    /// One line per speaker and turn.
    text: String,
    turns: Vec<Turn>,
}

/// What was said in a call.
#[utoipa::path(get, path = "/api/calls/{id}/transcript", params(("id" = String, Path, description = "id or CallSid")),
    responses((status = 200, body = TranscriptView), (status = 404)))]
pub(super) async fn transcript(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TranscriptView>, ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let tx = app.db.read(&scope).await?;
    let call = tx.get::<call::Entity>(id).await?;
    let turns = actions::turns(&tx, id).await?;
    let text = match call.transcription {
        Some(text) => text,
        None => jobs::transcript(&turns, std::iter::empty()),
    };
    Ok(Json(TranscriptView {
        call_id: id,
        call_sid: call.call_sid,
        text,
        turns,
    }))
}

/// Who waits to be called back: one row per customer or number, who waits longest first.
#[utoipa::path(get, path = "/api/calls/waiting", params(PagingParams, WaitingFilter),
    responses((status = 200, body = Listed<WaitingView>)))]
pub(super) async fn waiting(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<WaitingView>>, ApiError> {
    let filter: WaitingFilter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let rows = waiting::rows(&tx, &filter.asked()?).await?;
    Ok(Json(paged(rows, &paging)))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WaitingFilter {
    /// Only calls that came at or after this time.
    from: Option<String>,
    /// Only calls that came before this time.
    before: Option<String>,
    /// Only who waits for this: `person`, `message`, `hung_up` or `hidden`.
    reason: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

impl WaitingFilter {
    fn asked(&self) -> Result<Asked, Problem> {
        let reason = self.reason.as_deref();
        Ok(Asked {
            from: time_param("from", self.from.as_deref())?,
            before: time_param("before", self.before.as_deref())?,
            reason: reason.map(|word| known("reason", word, Reason::parse)).transpose()?,
        })
    }
}

fn paged(rows: Vec<WaitingView>, paging: &Paging) -> Listed<WaitingView> {
    let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let skip = usize::try_from((paging.page - 1).saturating_mul(paging.limit)).unwrap_or(usize::MAX);
    let take = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    Listed {
        results: rows.into_iter().skip(skip).take(take).collect(),
        page: paging.page,
        pages: total.div_ceil(paging.limit),
        total,
        limit: paging.limit,
        next_cursor: None,
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// One of the call's `recordings`; without it, the one to play first.
    recording: Option<String>,
}

/// A call's sound, whole or in parts.
#[utoipa::path(get, path = "/api/calls/{id}/recording", params(("id" = String, Path, description = "id or CallSid"), Which),
    responses((status = 200, content_type = "audio/*"), (status = 206, content_type = "audio/*"), (status = 404), (status = 416)))]
pub(super) async fn recording(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let which: Which = from_query(uri.query().unwrap_or_default())?;
    let which = list::id_param("recording", which.recording.as_deref())?;
    let (scope, id) = named(&app, &caller, &id).await?;
    let tx = app.db.read(&scope).await?;
    let call = tx.get::<call::Entity>(id).await?;
    let found = views::recordings(&tx, call.id).await?;
    drop(tx);
    let found = found
        .into_iter()
        .filter(|recording| which.is_none_or(|which| recording.id == which))
        .find_map(|recording| recording.storage_key.clone().map(|key| (recording, key)));
    let (recording, key) = found.ok_or_else(Problem::not_found)?;
    let length = app.storage.size(&key).await.map_err(Problem::from)?;
    let mut response = sound(app.storage.clone(), key, length, &recording, &headers);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    Ok(response)
}

fn sound(storage: Storage, key: String, length: u64, recording: &recording::Model, headers: &HeaderMap) -> Response {
    let kind = recording.content_type.as_deref().unwrap_or("application/octet-stream");
    let (status, part) = match asked(headers, length) {
        range::Asked::Whole => (StatusCode::OK, None),
        range::Asked::Part(from, to) => (StatusCode::PARTIAL_CONTENT, Some((from, to))),
        range::Asked::Nowhere => return range::nowhere(length),
    };
    let (from, to) = part.unwrap_or((0, length));
    let mut response = with_range(status, pieces(storage, key, from, to), kind, part, length);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
    response
}

/// The bytes of a stored file, read a piece at a time as they are sent.
fn pieces(storage: Storage, key: String, from: u64, to: u64) -> Body {
    Body::from_stream(futures::stream::unfold(from, move |at| {
        let (storage, key) = (storage.clone(), key.clone());
        async move {
            if at >= to {
                return None;
            }
            let end = at.saturating_add(PIECE).min(to);
            let piece: Result<Bytes, _> = storage.get_range(&key, at..end).await;
            let next = if piece.is_ok() { end } else { to };
            Some((piece, next))
        }
    }))
}
