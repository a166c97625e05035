//! `/api/files`: files that a person is about to send.

use axum::{
    Json,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State, multipart::Field},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use kernel::Problem;
use platform::http::{
    ApiError, PathId,
    fields::{Faults, Lines},
};
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::messages::served;
use crate::{
    AppState,
    accounts::sessions::Caller,
    threads::{
        files::{MOST_BYTES, known_type},
        store::upload::{ActiveModel, Entity, Model},
    },
};

/// Room for the boundaries and headers around the file.
const AROUND: usize = 1024 * 1024;
const MOST_PARTS: usize = 5;

/// The largest body of an upload; put over the route that takes one.
pub fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(most() + AROUND)
}

fn most() -> usize {
    usize::try_from(MOST_BYTES).unwrap_or(usize::MAX)
}

/// A file that was uploaded. Its id is the `media_id` of what is sent; it is kept for a day.
#[derive(Serialize, ToSchema)]
#[schema(as = UploadedFile)]
pub(super) struct UploadView {
    id: i64,
    name: String,
    content_type: String,
    size: i64,
    sha256: String,
}

impl From<Model> for UploadView {
    fn from(upload: Model) -> Self {
        Self {
            id: upload.id,
            name: upload.name,
            content_type: upload.content_type,
            size: upload.size_bytes,
            sha256: upload.sha256,
        }
    }
}

/// The multipart body of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read part by part")]
pub(super) struct UploadForm {
    /// At most 25 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

struct Given {
    name: String,
    content_type: String,
    bytes: Bytes,
}

async fn read(request: Request) -> Result<Given, Problem> {
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|_| Problem::new(415, "unsupported_media_type", "send multipart/form-data"))?;
    for _ in 0..MOST_PARTS {
        let part = parts.next_field().await.map_err(|err| broken(err.status()))?;
        let Some(part) = part else { break };
        if part.name() == Some("file") {
            return Ok(Given {
                name: part.file_name().unwrap_or("file").to_owned(),
                content_type: part.content_type().unwrap_or_default().to_owned(),
                bytes: whole(part).await?,
            });
        }
    }
    Err(Problem::missing("file"))
}

async fn whole(mut part: Field<'_>) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = part.chunk().await.map_err(|err| broken(err.status()))? {
        if bytes.len() + piece.len() > most() {
            return Err(broken(StatusCode::PAYLOAD_TOO_LARGE));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

fn broken(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(413, "too_large", "the file is larger than 25 MiB")
    } else {
        Problem::malformed("invalid_body", "the multipart body can not be read")
    }
}

/// Uploads a file.
#[utoipa::path(post, path = "/api/files", request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = UploadView), (status = 413), (status = 415), (status = 422)))]
pub(super) async fn upload_file(
    State(app): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<UploadView>), ApiError> {
    let scope = caller.own()?;
    let given = read(request).await?;
    let mut faults = Faults::default();
    let name = faults.text("file", &given.name, 200, Lines::One);
    faults.done()?;
    let (content_type, ending) = known_type(Some(&given.content_type));
    let business = scope.business()?;
    let key = format!("uploads/{business}/{}.{ending}", uuid::Uuid::new_v4().simple());
    let row = ActiveModel {
        name: Set(name.unwrap_or_else(|| "file".to_owned())),
        content_type: Set(content_type.to_owned()),
        size_bytes: Set(i64::try_from(given.bytes.len()).unwrap_or(i64::MAX)),
        sha256: Set(hex::encode(Sha256::digest(&given.bytes))),
        storage_key: Set(key.clone()),
        created_by_id: Set(scope.person().map(i64::from)),
        created_at: Set(app.clock.now()),
        ..Default::default()
    };
    app.storage.put(&key, given.bytes).await.map_err(Problem::from)?;
    let tx = app.db.write(&scope).await?;
    let upload = tx.insert(row).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(upload.into())))
}

/// A file that was uploaded, whole or in parts.
#[utoipa::path(get, path = "/api/files/{id}", params(("id" = i64, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 206, content_type = "application/octet-stream"),
        (status = 404), (status = 416)))]
pub(super) async fn uploaded_file(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let upload = tx.get::<Entity>(id).await?;
    drop(tx);
    let content = app.storage.get(&upload.storage_key).await.map_err(Problem::from)?;
    Ok(served(content, Some(&upload.content_type), &headers))
}
