//! Messages of a thread, of a customer, of a business; and their files.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::Response,
};
use kernel::Problem;
use platform::{
    db::ReadTx,
    http::{
        ApiError, PathId,
        fields::time_param,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
        range,
    },
};
use sea_orm::{ColumnTrait, Condition};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::MessageView;
use crate::{
    AppState,
    accounts::sessions::Caller,
    threads::{
        files::known_type,
        model::{MEDIA_KINDS, Status},
        store::{
            self, file,
            message::{Column, Entity},
            thread,
        },
    },
};

async fn viewed(tx: &ReadTx, page: Listed<store::message::Model>) -> Result<Listed<MessageView>, Problem> {
    Ok(Listed {
        results: MessageView::many(tx, page.results).await?,
        page: page.page,
        pages: page.pages,
        total: page.total,
        limit: page.limit,
        next_cursor: page.next_cursor,
    })
}

const fn sorts() -> [Sort<Entity>; 2] {
    [
        Sort {
            name: "at",
            column: Column::At,
        },
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
    ]
}

/// The messages of a conversation, the last first.
#[utoipa::path(get, path = "/api/crm/threads/{id}/messages", params(("id" = i64, Path), PagingParams),
    responses((status = 200, body = Listed<MessageView>), (status = 404)))]
pub(super) async fn thread_messages(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    paging: Paging,
) -> Result<Json<Listed<MessageView>>, ApiError> {
    let scope = caller.for_record::<thread::Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let thread = store::get(&tx, id).await?;
    let find = tx.find::<Entity>().filter(Column::ThreadId.eq(thread.id));
    let by_id = [Sort {
        name: "id",
        column: Column::Id,
    }];
    let page = list::list(find, &paging, &by_id, "-id", Column::Id).await?;
    Ok(Json(viewed(&tx, page).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    customer_id: Option<String>,
    /// At this time or later, or on this day (UTC) or later.
    from: Option<String>,
    /// Before this time, or before this day (UTC).
    to: Option<String>,
    /// `in` or `out`.
    direction: Option<String>,
    /// One kind, or `media` for all with a file.
    kind: Option<String>,
    status: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

impl Filter {
    fn condition(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        if let Some(customer) = list::id_param("customer_id", self.customer_id.as_deref())? {
            all = all.add(Column::CustomerId.eq(customer));
        }
        if let Some(from) = time_param("from", self.from.as_deref())? {
            all = all.add(Column::At.gte(from));
        }
        if let Some(to) = time_param("to", self.to.as_deref())? {
            all = all.add(Column::At.lt(to));
        }
        match self.direction.as_deref() {
            None => {}
            Some(direction @ ("in" | "out")) => all = all.add(Column::Direction.eq(direction)),
            Some(_) => return Err(Problem::invalid("direction", "unknown_value", "is in or out")),
        }
        match self.kind.as_deref() {
            None => {}
            Some("media") => all = all.add(Column::Kind.is_in(MEDIA_KINDS)),
            Some(kind) => all = all.add(Column::Kind.eq(kind)),
        }
        if let Some(status) = &self.status {
            let status = Status::parse(status)
                .ok_or_else(|| Problem::invalid("status", "unknown_status", "is no status of a message"))?;
            all = all.add(Column::Status.eq(status.as_str()));
        }
        Ok(all)
    }
}

/// Messages of all conversations, the last first.
#[utoipa::path(get, path = "/api/whatsapp/messages", params(PagingParams, Filter),
    responses((status = 200, body = Listed<MessageView>)))]
pub(super) async fn list_messages(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<MessageView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let mut find = tx.find::<Entity>().filter(filter.condition()?);
    if scope.visibility() != kernel::Visibility::All {
        // Of threads that the actor may see.
        find = find.filter(Column::ThreadId.in_subquery(store::visible_ids(&tx)));
    }
    let page = list::list(find, &paging, &sorts(), "-at", Column::Id).await?;
    Ok(Json(viewed(&tx, page).await?))
}

/// One file of a message, whole or in parts.
#[utoipa::path(get, path = "/api/whatsapp/files/{id}", params(("id" = i64, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 206, content_type = "application/octet-stream"),
        (status = 404), (status = 416)))]
pub(super) async fn message_file(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let scope = caller.for_record::<file::Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let file = tx.get::<file::Entity>(id).await?;
    let message = tx.get::<Entity>(file.message_id).await?;
    store::get(&tx, message.thread_id).await?;
    drop(tx);
    let key = file.storage_key.filter(|_| message.deleted_at.is_none());
    let key = key.ok_or_else(Problem::not_found)?;
    let content = app.storage.get(&key).await.map_err(Problem::from)?;
    Ok(served(content, file.mime_type.as_deref(), &headers))
}

/// A file of ours as a browser or a carrier gets it: shown when its type is one that we know, downloaded otherwise.
pub fn served(content: bytes::Bytes, said: Option<&str>, headers: &HeaderMap) -> Response {
    let (mime, _) = known_type(said);
    let mut response = range::ranged(content, mime, headers);
    let disposition = if mime == "application/octet-stream" {
        "attachment"
    } else {
        "inline"
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    response
}
