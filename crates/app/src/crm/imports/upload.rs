//! The multipart body of an import.

use axum::{
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
    http::StatusCode,
};
use bytes::{Bytes, BytesMut};
use kernel::Problem;

use super::file::LARGEST_FILE;

/// The other parts: a mapping of some hundred columns.
const LARGEST_PART: usize = 256 * 1024;
/// Room for the boundaries and headers around the file.
const AROUND: usize = 1024 * 1024;
const MOST_PARTS: usize = 10;

/// What was uploaded.
#[derive(Debug, Default)]
pub struct Upload {
    pub file: Bytes,
    pub file_name: String,
    pub mapping: Option<String>,
    pub new_status: Option<String>,
    pub dry_run: bool,
    pub overwrite: bool,
}

/// The largest body of an upload; put over the routes that take one.
pub fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_FILE + LARGEST_PART + AROUND)
}

impl Upload {
    /// 415 for another content type, 400 `missing_field` without a file, 413 for one above 25 MiB.
    pub async fn read(request: Request) -> Result<Self, Problem> {
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| Problem::new(415, "unsupported_media_type", "send multipart/form-data"))?;
        let mut upload = Self::default();
        let (mut found, mut read) = (false, 0);
        while let Some(part) = parts.next_field().await.map_err(|err| broken(err.status()))? {
            read += 1;
            if read > MOST_PARTS {
                return Err(Problem::invalid("file", "too_many_parts", "there are too many parts"));
            }
            match part.name().unwrap_or_default() {
                "file" => {
                    part.file_name().unwrap_or_default().clone_into(&mut upload.file_name);
                    upload.file = bytes(part, LARGEST_FILE).await?;
                    found = true;
                }
                "mapping" => upload.mapping = Some(text("mapping", part).await?),
                "new_status" => upload.new_status = Some(text("new_status", part).await?),
                "dry_run" => upload.dry_run = flag("dry_run", part).await?,
                "overwrite" => upload.overwrite = flag("overwrite", part).await?,
                other => {
                    let name = other.escape_default().to_string();
                    return Err(Problem::invalid(&name, "unknown_field", "there is no such part"));
                }
            }
        }
        if found {
            Ok(upload)
        } else {
            Err(Problem::missing("file"))
        }
    }
}

async fn bytes(mut part: Field<'_>, most: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = part.chunk().await.map_err(|err| broken(err.status()))? {
        if bytes.len() + piece.len() > most {
            return Err(Problem::new(413, "too_large", "the file is larger than 25 MiB"));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

async fn text(name: &str, part: Field<'_>) -> Result<String, Problem> {
    let bytes = bytes(part, LARGEST_PART).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Problem::invalid(name, "wrong_type", "is no text"))?;
    Ok(text.to_owned())
}

async fn flag(name: &str, part: Field<'_>) -> Result<bool, Problem> {
    match text(name, part).await?.trim() {
        "true" | "1" => Ok(true),
        "" | "false" | "0" => Ok(false),
        _ => Err(Problem::invalid(name, "wrong_type", "is true or false")),
    }
}

fn broken(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(413, "too_large", "the file is larger than 25 MiB")
    } else {
        Problem::malformed("invalid_body", "the multipart body can not be read")
    }
}
