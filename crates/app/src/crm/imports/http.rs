//! `/api/crm/customers/import` and `/api/crm/imports`.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem, Scope};
use platform::{
    db::ReadTx,
    http::{
        ApiError, PathId,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ColumnTrait, Order};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions::{self, Wanted},
    file::{File, Kind},
    mapping::{Mapping, OwnFields},
    model::Status,
    store::{self, Column, Entity, Model, error},
    upload::{self, Upload},
};
use crate::{
    App, AppState,
    accounts::sessions::Caller,
    api::guarded,
    crm::{custom_fields, customers::model::Status as CustomerStatus},
};

/// Rows that a preview shows.
const FIRST_ROWS: usize = 10;
/// Errors that an import shows; all are counted.
const MOST_ERRORS: u64 = 1_000;
/// Files that are read at the same time: reading takes a processor, and other requests need one.
static TURNS: Semaphore = Semaphore::const_new(2);
/// So long a file waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

pub fn routes() -> OpenApiRouter<AppState> {
    let uploads = OpenApiRouter::new()
        .routes(guarded(Permission::CustomersImport, routes!(import_customers)))
        .routes(guarded(Permission::CustomersImport, routes!(preview_import)))
        .layer(upload::limit());
    OpenApiRouter::new()
        .merge(uploads)
        .routes(guarded(Permission::CustomersImport, routes!(list_imports)))
        .routes(guarded(Permission::CustomersImport, routes!(get_import)))
        .routes(guarded(Permission::CustomersImport, routes!(undo_import)))
}

/// Work that was taken on.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedWork)]
pub struct Accepted {
    pub id: i64,
    pub status: Status,
}

/// The multipart body of an import.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read part by part")]
struct ImportForm {
    /// CSV, XLSX or vCard, at most 25 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// JSON: column → field (`name, first_name, last_name, phone, email, company, tax_id, address, city, status, source,
    /// owner, tags, notes, language, do_not_contact, custom.{key}`) or null. Without it the headings speak.
    mapping: Option<String>,
    /// The status of new customers whose row says none; usually `new`.
    new_status: Option<String>,
    /// Checks everything and writes nothing.
    dry_run: Option<bool>,
    /// The file replaces what is there; usually it only fills what is empty.
    overwrite: Option<bool>,
}

/// The multipart body of a preview.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read part by part")]
struct PreviewForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Of {
    /// For an admin: in which business.
    business_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PreviewColumn {
    name: String,
    /// The field that the heading names.
    field: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Preview {
    kind: Kind,
    columns: Vec<PreviewColumn>,
    /// Column → field, as `mapping` of an import takes it.
    #[schema(value_type = Object)]
    mapping: Value,
    rows: u64,
    /// The first rows, cell by cell.
    first_rows: Vec<Vec<String>>,
}

/// One field of a row that was not taken.
#[derive(Serialize, ToSchema)]
struct ImportError {
    /// As a spreadsheet numbers it: the header is row 1. Cards of a vCard file are numbered from 1.
    row: i64,
    field: String,
    code: String,
    message: String,
    /// What the row holds, by `columns`: the beginning of each cell. Empty for an import of before this was kept.
    cells: Vec<String>,
}

/// An import and how far it has come.
#[derive(Serialize, ToSchema)]
struct Import {
    id: i64,
    status: Status,
    /// `csv`, `google_contacts`, `xlsx` or `vcard`.
    kind: String,
    file_name: String,
    #[schema(value_type = Object)]
    mapping: Value,
    /// The names of the file's columns.
    columns: Vec<String>,
    /// The status of new customers whose row says none; null is `new`.
    new_status: Option<String>,
    dry_run: bool,
    overwrite: bool,
    rows: i64,
    /// Rows that are through.
    done: i64,
    created: i64,
    updated: i64,
    /// Rows that were not taken, whatever number of errors each has.
    skipped: i64,
    /// The first thousand; in a list they are left out.
    errors: Vec<ImportError>,
    /// All of them: one row may have several.
    error_count: i64,
    /// Customers that an undo has put back, and that it left as they are because something was done with them since.
    undone: i64,
    kept: i64,
    /// Why it was given up.
    failure: Option<String>,
    created_by_id: Option<i64>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    undone_at: Option<DateTime<Utc>>,
}

impl Import {
    fn of(import: Model, errors: Vec<error::Model>) -> Self {
        Self {
            id: import.id,
            status: Status::parse(&import.status),
            kind: import.kind,
            file_name: import.file_name,
            mapping: import.mapping,
            columns: texts(import.columns),
            new_status: import.new_status,
            dry_run: import.dry_run,
            overwrite: import.overwrite,
            rows: import.rows,
            done: import.done,
            created: import.created,
            updated: import.updated,
            skipped: import.skipped,
            errors: views(errors),
            error_count: import.error_count,
            undone: import.undone,
            kept: import.kept,
            failure: import.failure,
            created_by_id: import.created_by_id,
            created_at: import.created_at,
            finished_at: import.finished_at,
            undone_at: import.undone_at,
        }
    }
}

/// The row's cells stand with its first error.
fn views(errors: Vec<error::Model>) -> Vec<ImportError> {
    let mut last = (0, Vec::new());
    let views = errors.into_iter().map(|error| {
        if last.0 != error.row_number {
            last = (error.row_number, texts(error.cells));
        }
        ImportError {
            row: error.row_number,
            field: error.field,
            code: error.code,
            message: error.message,
            cells: last.1.clone(),
        }
    });
    views.collect()
}

fn texts(value: Option<Value>) -> Vec<String> {
    value
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_default()
}

fn business_of(uri: &Uri) -> Result<Option<i64>, Problem> {
    let of: Of = from_query(uri.query().unwrap_or_default())?;
    list::id_param("business_id", of.business_id.as_deref())
}

/// Takes a file of customers: rows whose phone somebody has change that customer, the others make new ones.
#[utoipa::path(post, path = "/api/crm/customers/import", params(Of),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 202, body = Accepted), (status = 413), (status = 415), (status = 422)))]
async fn import_customers(
    State(app): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let scope = caller.for_create(business_of(request.uri())?)?;
    let upload = Upload::read(request).await?;
    let own = own_fields(&app, &scope).await?;
    let wanted = on_a_thread(move |stop| wanted(upload, &own, stop)).await?;
    let import = actions::start(&app, &scope, wanted).await?;
    Ok(accepted(&import))
}

fn accepted(import: &Model) -> (StatusCode, Json<Accepted>) {
    let status = Status::parse(&import.status);
    (StatusCode::ACCEPTED, Json(Accepted { id: import.id, status }))
}

/// Checks a file as a whole.
fn wanted(upload: Upload, own: &OwnFields, stop: &CancellationToken) -> Result<Wanted, Problem> {
    let file = File::open(upload.file.clone(), stop)?;
    let new_status = upload.new_status.filter(|text| !text.trim().is_empty());
    let new_status = new_status.map(|text| {
        CustomerStatus::parse(text.trim())
            .ok_or_else(|| Problem::invalid("new_status", "unknown_status", "there is no such status"))
    });
    let mapping = match &upload.mapping {
        Some(text) => Mapping::read(text, &file, own)?,
        None => Mapping::suggested(file.columns(), own).usable()?,
    };
    Ok(Wanted {
        rows: file.count()?,
        new_status: new_status.transpose()?,
        file_name: upload.file_name,
        bytes: upload.file,
        overwrite: upload.overwrite,
        dry_run: upload.dry_run,
        file,
        mapping,
    })
}

/// Reading a file takes a processor for a while: it waits for its turn, and ends when its client has gone. 503 `busy`
/// when the turn does not come.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce(&CancellationToken) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let turn = tokio::time::timeout(LONGEST_WAIT, TURNS.acquire()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(Problem::new(
            503,
            "busy",
            "other files are being read; try again in a minute",
        ));
    };
    let stop = CancellationToken::new();
    let waiting = stop.clone().drop_guard();
    let reading = tokio::task::spawn_blocking(move || {
        let read = work(&stop);
        drop(turn);
        read
    });
    let read = reading.await.map_err(|_| Problem::internal())?;
    drop(waiting);
    read
}

/// What a file holds and which fields its headings name. Nothing is kept.
#[utoipa::path(post, path = "/api/crm/customers/import/preview", params(Of),
    request_body(content = PreviewForm, content_type = "multipart/form-data"),
    responses((status = 200, body = Preview), (status = 413), (status = 415), (status = 422)))]
async fn preview_import(
    State(app): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Json<Preview>, ApiError> {
    let scope = caller.for_create(business_of(request.uri())?)?;
    let upload = Upload::read(request).await?;
    let own = own_fields(&app, &scope).await?;
    Ok(Json(on_a_thread(move |stop| preview(upload, &own, stop)).await?))
}

async fn own_fields(app: &App, scope: &Scope) -> Result<OwnFields, Problem> {
    let tx = app.db.read(scope).await?;
    custom_fields::store::by_key(&tx, custom_fields::model::CUSTOMER).await
}

fn preview(upload: Upload, own: &OwnFields, stop: &CancellationToken) -> Result<Preview, Problem> {
    let file = File::open(upload.file, stop)?;
    let mapping = Mapping::suggested(file.columns(), own);
    let columns = file.columns().iter().map(|name| PreviewColumn {
        name: name.clone(),
        field: mapping.of(name).map(ToString::to_string),
    });
    Ok(Preview {
        kind: file.kind(),
        columns: columns.collect(),
        mapping: mapping.to_json(),
        rows: file.count()?,
        first_rows: file.first(FIRST_ROWS)?.into_iter().map(|row| row.cells).collect(),
    })
}

/// Imports, the newest first.
#[utoipa::path(get, path = "/api/crm/imports", params(PagingParams, Of),
    responses((status = 200, body = Listed<Import>)))]
async fn list_imports(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<Import>>, ApiError> {
    let scope = caller.for_list(business_of(&uri)?)?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 1] = [Sort {
        name: "created_at",
        column: Column::CreatedAt,
    }];
    let page = list::list(tx.find::<Entity>(), &paging, &sorts, "-created_at", Column::Id).await?;
    Ok(Json(page.map(|import| Import::of(import, Vec::new()))))
}

/// One import with its errors.
#[utoipa::path(get, path = "/api/crm/imports/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = Import), (status = 404)))]
async fn get_import(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<Json<Import>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let import = tx.get::<Entity>(id).await?;
    let errors = errors(&tx, &import).await?;
    Ok(Json(Import::of(import, errors)))
}

async fn errors(tx: &ReadTx, import: &store::Model) -> Result<Vec<error::Model>, Problem> {
    Ok(tx
        .find::<error::Entity>()
        .filter(error::Column::ImportId.eq(import.id))
        .order_by(error::Column::RowNumber, Order::Asc)
        .order_by(error::Column::Id, Order::Asc)
        .limit(MOST_ERRORS)
        .all()
        .await?)
}

/// Undoes an import, as long as nothing was done with its customers; 409 `import_in_use` names what was (`depends`).
#[utoipa::path(post, path = "/api/crm/imports/{id}/undo", params(("id" = i64, Path)),
    responses((status = 202, body = Accepted), (status = 404), (status = 409)))]
async fn undo_import(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let import = actions::undo(&tx, id).await?;
    tx.commit().await?;
    Ok(accepted(&import))
}
