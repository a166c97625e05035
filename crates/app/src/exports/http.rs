//! `/api/exports`: everything of a business as one archive, for its owner.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    db::{AuditEntry, WriteTx},
    http::{
        ApiError, PathId,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
    jobs::Enqueue,
    storage::{Storage, StorageError},
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    jobs::MakeExport,
    model::Status,
    store::{ActiveModel, Column, Entity, Model},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

/// How much of an archive is read from storage at a time.
const PIECE: u64 = 1024 * 1024;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::ExportAll, routes!(list_exports)))
        .routes(guarded(Permission::ExportAll, routes!(export_everything)))
        .routes(guarded(Permission::ExportAll, routes!(get_export)))
        .routes(guarded(Permission::ExportAll, routes!(export_file)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Of {
    /// For an admin: of which business.
    business_id: Option<String>,
}

fn business_of(uri: &Uri) -> Result<Option<i64>, Problem> {
    let of: Of = from_query(uri.query().unwrap_or_default())?;
    list::id_param("business_id", of.business_id.as_deref())
}

/// An archive of everything.
#[derive(Serialize, ToSchema)]
struct Export {
    id: i64,
    status: Status,
    size_bytes: Option<i64>,
    /// What it holds: `customers, notes, tasks, calls, recordings, missing_recordings`.
    #[schema(value_type = Object)]
    counts: Value,
    /// Where it is fetched, while it is there.
    url: Option<String>,
    failure: Option<String>,
    created_by_id: Option<i64>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    /// A day after it was made it is deleted.
    expires_at: Option<DateTime<Utc>>,
}

impl Export {
    fn of(export: Model, now: DateTime<Utc>) -> Self {
        let status = standing(&export, now);
        Self {
            id: export.id,
            status,
            size_bytes: export.size_bytes,
            counts: export.counts,
            url: (status == Status::Done).then(|| format!("/api/exports/{}/file", export.id)),
            failure: export.failure,
            created_by_id: export.created_by_id,
            created_at: export.created_at,
            finished_at: export.finished_at,
            expires_at: export.expires_at,
        }
    }
}

/// Its day may be over before it is deleted.
fn standing(export: &Model, now: DateTime<Utc>) -> Status {
    match Status::parse(&export.status) {
        Status::Done if export.expires_at.is_some_and(|at| at <= now) => Status::Expired,
        status => status,
    }
}

#[derive(Serialize, ToSchema)]
struct AcceptedExport {
    id: i64,
    status: Status,
}

/// Archives, the newest first.
#[utoipa::path(get, path = "/api/exports", params(PagingParams, Of),
    responses((status = 200, body = Listed<Export>)))]
async fn list_exports(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<Export>>, ApiError> {
    let scope = caller.for_list(business_of(&uri)?)?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 1] = [Sort {
        name: "created_at",
        column: Column::CreatedAt,
    }];
    let page = list::list(tx.find::<Entity>(), &paging, &sorts, "-created_at", Column::Id).await?;
    let now = tx.now();
    Ok(Json(page.map(|export| Export::of(export, now))))
}

/// Makes an archive of customers, notes, tasks, and calls with transcripts and sound, with an index to read. While one
/// is being made: 409 `export_running` with its `id`.
#[utoipa::path(post, path = "/api/exports", params(Of),
    responses((status = 202, body = AcceptedExport), (status = 409)))]
async fn export_everything(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
) -> Result<(StatusCode, Json<AcceptedExport>), ApiError> {
    let scope = caller.for_create(business_of(&uri)?)?;
    let tx = app.db.write(&scope).await?;
    let export = start(&tx).await?;
    tx.commit().await?;
    let accepted = AcceptedExport {
        id: export.id,
        status: Status::parse(&export.status),
    };
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

async fn start(tx: &WriteTx) -> Result<Model, Problem> {
    let open = Column::Status.is_in([Status::Queued.as_str(), Status::Running.as_str()]);
    if let Some(running) = tx.find::<Entity>().filter(open).one().await? {
        return Err(Problem::conflict("export_running", "an archive is being made").with("id", running.id.into()));
    }
    let key = format!(
        "exports/{}/{}.zip",
        tx.scope().business()?,
        uuid::Uuid::new_v4().simple()
    );
    let row = ActiveModel {
        status: Set(Status::Queued.as_str().to_owned()),
        storage_key: Set(key),
        counts: Set(json!({})),
        created_by_id: Set(tx.scope().actor().user_id().map(kernel::UserId::get)),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let export = tx.insert(row).await?;
    tx.enqueue(&MakeExport { export_id: export.id }, Enqueue::default())
        .await?;
    audit(tx, "business.exported", export.id).await?;
    Ok(export)
}

async fn audit(tx: &WriteTx, action: &'static str, id: i64) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "export",
        record_id: Some(id),
        changes: json!({}),
    })
    .await?;
    Ok(())
}

/// One archive.
#[utoipa::path(get, path = "/api/exports/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = Export), (status = 404)))]
async fn get_export(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<Json<Export>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let export = tx.get::<Entity>(id).await?;
    Ok(Json(Export::of(export, tx.now())))
}

/// The archive itself, a ZIP. 409 `export_not_ready` until it is made, 410 `export_expired` after its day.
#[utoipa::path(get, path = "/api/exports/{id}/file", params(("id" = i64, Path)),
    responses((status = 200, content_type = "application/zip"), (status = 404), (status = 409), (status = 410)))]
async fn export_file(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<Response, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let export = tx.get::<Entity>(id).await?;
    match standing(&export, tx.now()) {
        Status::Done => {}
        Status::Expired => return Err(expired().into()),
        _ => return Err(Problem::conflict("export_not_ready", "the archive is not made yet").into()),
    }
    let size = match app.storage.size(&export.storage_key).await {
        Err(StorageError::NotFound) => return Err(expired().into()),
        size => size.map_err(Problem::from)?,
    };
    audit(&tx, "business.export_downloaded", id).await?;
    tx.commit().await?;
    let mut response = Response::new(pieces(app.storage.clone(), export.storage_key, size));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    let disposition = HeaderValue::from_static("attachment; filename=\"agentlocator-export.zip\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn expired() -> Problem {
    Problem::new(410, "export_expired", "the archive was there for a day: make a new one")
}

/// The file, read as it is sent.
fn pieces(storage: Storage, key: String, size: u64) -> Body {
    Body::from_stream(futures::stream::try_unfold(0, move |at| {
        let (storage, key) = (storage.clone(), key.clone());
        async move {
            if at >= size {
                return Ok::<_, StorageError>(None);
            }
            let end = (at + PIECE).min(size);
            Ok(Some((storage.get_range(&key, at..end).await?, end)))
        }
    }))
}
