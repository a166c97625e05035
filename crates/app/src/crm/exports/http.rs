//! `/api/crm/customers/export.csv` and `.xlsx`: what the list shows, as a file.

use std::path::PathBuf;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, Uri, header},
    response::Response,
};
use futures::{Stream, stream};
use kernel::{Permission, Problem, Scope};
use platform::{
    db::{AuditEntry, Find, ReadTx},
    http::{
        ApiError,
        list::{from_query, id_param},
    },
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    csv,
    table::{self, Lang, Words},
    workbook,
};
use crate::{
    AppState,
    accounts::sessions::Caller,
    api::guarded,
    crm::customers::{filter::Filter, store::Entity},
};

/// More rows go into no workbook; a CSV has no limit.
const MOST_ROWS: u64 = 200_000;
/// Pages of rows that wait for the writer of a workbook.
const READ_AHEAD: usize = 2;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::CustomersExport, routes!(export_csv)))
        .routes(guarded(Permission::CustomersExport, routes!(export_xlsx)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct How {
    /// Language of the headings: `he` (usual) or `en`.
    lang: Option<String>,
}

/// One export being made.
#[derive(Clone)]
struct Export {
    app: AppState,
    scope: Scope,
    /// The list's query, read anew for each page.
    query: String,
    words: Words,
}

impl Export {
    /// Checks the query, and notes in the audit log who takes what.
    async fn begin(app: AppState, caller: &Caller, uri: &Uri, format: &'static str) -> Result<(Self, u64), Problem> {
        let query = uri.query().unwrap_or_default().to_owned();
        let named: Map<String, Value> = from_query(&query)?;
        let business = named.get("business_id").and_then(Value::as_str);
        let scope = caller.for_create(id_param("business_id", business)?)?;
        let how: How = from_query(&query)?;
        let lang = Lang::read(how.lang.as_deref())?;
        let tx = app.db.read(&scope).await?;
        let rows = matching(&tx, &query)?.count().await?;
        let words = Words::of(&tx, lang).await?;
        tx.done().await?;
        let tx = app.db.write(&scope).await?;
        let filters: Vec<&String> = named.keys().collect();
        tx.audit(AuditEntry {
            action: "customers.exported",
            record_type: "customer",
            record_id: None,
            changes: json!({ "format": format, "rows": rows, "filters": filters }),
        })
        .await?;
        tx.commit().await?;
        let export = Self {
            app,
            scope,
            query,
            words,
        };
        Ok((export, rows))
    }

    async fn page(&self, last: Option<i64>) -> Result<(Vec<Vec<String>>, Option<i64>), Problem> {
        let tx = self.app.db.read(&self.scope).await?;
        let page = table::next(&tx, matching(&tx, &self.query)?, &self.words, last).await?;
        tx.done().await?;
        Ok(page)
    }

    /// Page after page. An error ends the answer before its end, so that nobody takes a part for the whole.
    fn lines(self) -> impl Stream<Item = Result<String, Problem>> {
        stream::try_unfold(Some(None), move |at| {
            let export = self.clone();
            async move {
                let Some(last) = at else { return Ok(None) };
                let mut text = String::new();
                if last.is_none() {
                    text.push_str(csv::MARK);
                    text.push_str(&csv::line(table::headings(export.words.lang)));
                }
                let (rows, last) = export.page(last).await?;
                for row in &rows {
                    text.push_str(&csv::line(row.iter().map(String::as_str)));
                }
                Ok(Some((text, last.map(Some))))
            }
        })
    }
}

fn matching<'t>(tx: &'t ReadTx, query: &str) -> Result<Find<'t, Entity>, Problem> {
    let filter: Filter = from_query(query)?;
    filter.find(tx)
}

/// The customers that the list shows with these filters, newest first: UTF-8 with a mark, CRLF. A cell that begins like
/// a formula has an apostrophe before it.
#[utoipa::path(get, path = "/api/crm/customers/export.csv", params(Filter, How),
    responses((status = 200, content_type = "text/csv"), (status = 422)))]
async fn export_csv(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Response, ApiError> {
    let (export, _) = Export::begin(app, &caller, &uri, "csv").await?;
    let body = Body::from_stream(export.lines());
    Ok(file(
        body,
        "text/csv; charset=utf-8",
        "attachment; filename=\"customers.csv\"",
    ))
}

/// The same as an Excel workbook. 422 `too_many_rows` above 200,000 customers.
#[utoipa::path(get, path = "/api/crm/customers/export.xlsx", params(Filter, How),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 422)))]
async fn export_xlsx(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Response, ApiError> {
    let (export, rows) = Export::begin(app, &caller, &uri, "xlsx").await?;
    if rows > MOST_ROWS {
        return Err(Problem::new(422, "too_many_rows", "a workbook takes 200,000 rows: take a CSV").into());
    }
    let path = written(&export).await?;
    let opened = tokio::fs::File::open(&path).await;
    // The open file stays readable; its name is not needed any more.
    if let Err(err) = tokio::fs::remove_file(&path).await {
        tracing::warn!(error = %err, "a workbook's file is left behind");
    }
    let body = Body::from_stream(ReaderStream::new(opened.map_err(|err| unwritten(&err))?));
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(body, kind, "attachment; filename=\"customers.xlsx\""))
}

/// The workbook's file.
async fn written(export: &Export) -> Result<PathBuf, Problem> {
    let scratch = export.app.settings.data_dir.join("scratch");
    tokio::fs::create_dir_all(&scratch)
        .await
        .map_err(|err| unwritten(&err))?;
    let path = scratch.join(format!("{}.xlsx", uuid::Uuid::new_v4().simple()));
    let (rows, taken) = mpsc::channel(READ_AHEAD);
    let (lang, to) = (export.words.lang, path.clone());
    let writing = tokio::task::spawn_blocking(move || workbook::write(&to, &scratch, lang, taken));
    let mut last = None;
    loop {
        let (page, next) = export.page(last).await?;
        if next.is_none() || rows.send(page).await.is_err() {
            break;
        }
        last = next;
    }
    drop(rows);
    writing.await.map_err(|_| Problem::internal())??;
    Ok(path)
}

fn unwritten(err: &std::io::Error) -> Problem {
    tracing::error!(error = %err, "the data directory can not be used");
    Problem::internal()
}

fn file(body: Body, kind: &'static str, disposition: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
