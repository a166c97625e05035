//! `Idempotency-Key`: a write that is sent twice is done once.
//!
//! A key belongs to a person, a business, a method and an address with its query, and is kept for a day. The first request runs and its answer is kept; the same
//! again gets that answer with `Idempotent-Replay: true`. While the first one runs, and when the same key comes with
//! another body, the second is refused. An answer that says "try again" (429, 5xx) is not kept, and of one that says
//! `Cache-Control: no-store`, because a secret stands in it, the status alone: a repeated request gets 409
//! `answer_not_kept` instead of the secret.

#[cfg(test)]
mod tests;

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest as _, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use kernel::{BusinessId, Problem, UserId};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, Statement,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::{ApiError, client_address::Source, json, request_id};
use crate::db::{Db, DbError, retrying};

pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub const REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");

const LONGEST_KEY: usize = 255;
/// A path is kept so far; beyond that there is no record's.
const LONGEST_PATH: usize = 500;
/// A larger answer is not kept; the request would then be done again.
const LARGEST_ANSWER: usize = 1024 * 1024;
/// How long a key stands.
pub const KEPT: TimeDelta = TimeDelta::hours(24);
/// After this long without an answer the process that ran the request is taken for dead.
const RUNS_AT_MOST: TimeDelta = TimeDelta::minutes(2);
/// How many old keys one request clears away.
const SWEPT_AT_ONCE: u64 = 50;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub user_id: i64,
    /// Method and path: whose traces the answer may show.
    pub path: String,
    /// A digest of all that the header's key belongs to, and of the key.
    pub key: String,
    pub body_sha256: String,
    pub status: Option<i32>,
    pub content_type: Option<String>,
    pub body: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A request that has a key.
struct Asked {
    business: i64,
    user: i64,
    path: String,
    key: String,
    body_sha256: String,
}

impl Asked {
    fn new(business: BusinessId, user: UserId, key: &str, parts: &Parts, body: &[u8]) -> Self {
        let (method, uri) = (&parts.method, &parts.uri);
        let query = uri.query().unwrap_or_default();
        let whole = format!("{business}\n{method}\n{}\n{query}\n{key}", uri.path());
        Self {
            business: business.get(),
            user: user.get(),
            path: format!("{method} {}", uri.path()).chars().take(LONGEST_PATH).collect(),
            key: hex::encode(Sha256::digest(whole)),
            body_sha256: hex::encode(Sha256::digest(body)),
        }
    }

    fn row(&self, now: DateTime<Utc>) -> ActiveModel {
        ActiveModel {
            business_id: Set(self.business),
            user_id: Set(self.user),
            path: Set(self.path.clone()),
            key: Set(self.key.clone()),
            body_sha256: Set(self.body_sha256.clone()),
            created_at: Set(now),
            ..Default::default()
        }
    }
}

/// What is to be done with it.
enum Begin {
    /// It is the first; its row's id.
    Run(i64),
    Replay(Box<Model>),
    Running,
    OtherBody,
}

/// Runs a signed-in person's write once per key. Without the header, or for a read, it just runs. The body is held until
/// the request has run: to be asked for those only who may do what they want.
pub async fn once(db: &Db, business: BusinessId, user: UserId, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match keyed(db, business, user, request, next).await {
        Ok(response) => response,
        Err(err) => err.into_response(),
    }
}

async fn keyed(
    db: &Db,
    business: BusinessId,
    user: UserId,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let key = read_key(&request)?;
    let (parts, body) = request.into_parts();
    // As large as the operation takes, and no larger.
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &())
        .await
        .map_err(|rejection| json::unreadable(&rejection))?;
    let asked = Asked::new(business, user, &key, &parts, &body);
    let id = match begin(db, &asked).await? {
        Begin::Run(id) => id,
        Begin::Replay(kept) => return Ok(replay(*kept)),
        Begin::Running => {
            let mut problem =
                Problem::conflict("idempotency_in_progress", "the first request with this key still runs");
            problem.retry_after_seconds = Some(1);
            return Err(problem.into());
        }
        Begin::OtherBody => {
            return Err(Problem::new(422, "idempotency_key_reused", "this key came with another body before").into());
        }
    };
    let request = Request::from_parts(parts, Body::from(body));
    run(db.clone(), id, request, next).await
}

fn read_key(request: &Request) -> Result<String, Problem> {
    request
        .headers()
        .get(KEY)
        .and_then(|value| value.to_str().ok())
        .filter(|key| (1..=LONGEST_KEY).contains(&key.len()))
        .map(str::to_owned)
        .ok_or_else(|| {
            Problem::malformed(
                "invalid_idempotency_key",
                format!("Idempotency-Key is 1 to {LONGEST_KEY} visible ASCII characters"),
            )
        })
}

/// Runs the request to its end even when the client goes away, so that its answer is kept.
async fn run(db: Db, id: i64, request: Request, next: Next) -> Result<Response, ApiError> {
    let work = async move {
        let response = next.run(request).await;
        keep(&db, id, response).await
    };
    let work = Source::current().scoped(work);
    let work = request_id::scoped(request_id::current(), work).in_current_span();
    match tokio::spawn(work).await {
        Ok(response) => response,
        Err(err) => {
            tracing::error!(error = %err, "a request with an idempotency key panicked");
            Err(Problem::internal().into())
        }
    }
}

async fn begin(db: &Db, asked: &Asked) -> Result<Begin, DbError> {
    retrying(async || {
        let tx = db.system("idempotency keys").await?;
        let now = tx.now();
        sweep(tx.conn(), db, now).await?;
        let inserted = Entity::insert(asked.row(now))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_with_returning(tx.conn())
            .await;
        let begin = match inserted {
            Ok(first) => Begin::Run(first.id),
            Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => again(tx.conn(), asked, now).await?,
            Err(err) => return Err(err.into()),
        };
        tx.commit().await?;
        Ok(begin)
    })
    .await
}

/// The key was seen before.
async fn again(conn: &impl ConnectionTrait, asked: &Asked, now: DateTime<Utc>) -> Result<Begin, DbError> {
    let seen = Entity::find()
        .filter(Column::UserId.eq(asked.user))
        .filter(Column::Path.eq(asked.path.as_str()))
        .filter(Column::Key.eq(asked.key.as_str()))
        .one(conn)
        .await?;
    let Some(seen) = seen else {
        return Ok(Begin::Running);
    };
    let same = seen.body_sha256 == asked.body_sha256;
    let age = now - seen.created_at;
    if age >= KEPT || (seen.status.is_none() && age >= RUNS_AT_MOST && same) {
        return take_over(conn, &seen, &asked.body_sha256, now).await;
    }
    Ok(if !same {
        Begin::OtherBody
    } else if seen.status.is_none() {
        Begin::Running
    } else {
        Begin::Replay(Box::new(seen))
    })
}

/// Makes an expired row the new request's, unless another request has just done so.
async fn take_over(conn: &impl ConnectionTrait, seen: &Model, sha: &str, now: DateTime<Utc>) -> Result<Begin, DbError> {
    let taken = Entity::update_many()
        .col_expr(Column::BodySha256, Expr::value(sha))
        .col_expr(Column::Status, Expr::value(None::<i32>))
        .col_expr(Column::Body, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::CreatedAt, Expr::value(now))
        .filter(Column::Id.eq(seen.id))
        .filter(Column::CreatedAt.eq(seen.created_at))
        .exec(conn)
        .await?;
    Ok(if taken.rows_affected == 1 {
        Begin::Run(seen.id)
    } else {
        Begin::Running
    })
}

async fn sweep(conn: &impl ConnectionTrait, db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
    conn.execute_raw(Statement::from_sql_and_values(
        db.backend(),
        format!(
            "DELETE FROM idempotency_keys WHERE id IN (SELECT id FROM idempotency_keys \
             WHERE created_at < $1 ORDER BY created_at LIMIT {SWEPT_AT_ONCE})"
        ),
        [(now - KEPT).into()],
    ))
    .await?;
    Ok(())
}

/// Keeps the answer for the next time, or forgets the key when the request may be tried again.
async fn keep(db: &Db, id: i64, response: Response) -> Result<Response, ApiError> {
    let status = response.status();
    let small = response.headers().get(header::CONTENT_LENGTH).is_none_or(|length| {
        length
            .to_str()
            .ok()
            .and_then(|length| length.parse::<usize>().ok())
            .is_some_and(|length| length <= LARGEST_ANSWER)
    });
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || !small {
        forget(db, id).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_ANSWER).await else {
        forget(db, id).await?;
        return Err(Problem::internal().into());
    };
    if status.is_success() && holds_a_secret(&parts.headers) {
        let kept = Problem::conflict(
            "answer_not_kept",
            "it was done; its answer held a secret and is not kept",
        );
        let kept = to_bytes(super::error::render(&kept).into_body(), LARGEST_ANSWER).await;
        let content_type = Some("application/problem+json".to_owned());
        write_answer(db, id, StatusCode::CONFLICT, content_type, kept.unwrap_or_default()).await?;
        return Ok(Response::from_parts(parts, Body::from(body)));
    }
    let content_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    write_answer(db, id, status, content_type, body.clone()).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn holds_a_secret(headers: &http::HeaderMap) -> bool {
    headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes() == b"no-store")
}

async fn write_answer(
    db: &Db,
    id: i64,
    status: StatusCode,
    content_type: Option<String>,
    body: Bytes,
) -> Result<(), DbError> {
    retrying(async || {
        let tx = db.system("idempotency keys").await?;
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(i32::from(status.as_u16())))
            .col_expr(Column::ContentType, Expr::value(content_type.clone()))
            .col_expr(Column::Body, Expr::value(body.to_vec()))
            .filter(Column::Id.eq(id))
            .exec(tx.conn())
            .await?;
        tx.commit().await
    })
    .await
}

async fn forget(db: &Db, id: i64) -> Result<(), DbError> {
    retrying(async || {
        let tx = db.system("idempotency keys").await?;
        Entity::delete_by_id(id).exec(tx.conn()).await?;
        tx.commit().await
    })
    .await
}

fn replay(kept: Model) -> Response {
    let mut response = Response::new(Body::from(kept.body.unwrap_or_default()));
    *response.status_mut() = kept
        .status
        .and_then(|status| u16::try_from(status).ok())
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::OK);
    let content_type = kept.content_type.and_then(|value| HeaderValue::from_str(&value).ok());
    if let Some(content_type) = content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    response.headers_mut().insert(REPLAY, HeaderValue::from_static("true"));
    response
}
