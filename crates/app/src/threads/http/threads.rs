//! `/api/crm/threads`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use kernel::Problem;
use platform::{
    db::ReadTx,
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::flag_param,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
    outbox::Room,
};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::views::{NoteView, ThreadView};
use crate::{
    AppState,
    accounts::sessions::Caller,
    crm::customers::{self, lookup},
    threads::{
        model::THREAD_STATUSES,
        store::{
            self, note,
            thread::{Column, Entity},
        },
        work,
    },
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// `open`, `waiting` or `closed`.
    status: Option<String>,
    /// A user's id, or `none`.
    assignee_id: Option<String>,
    customer_id: Option<String>,
    /// `true`: only those with something new.
    unread: Option<String>,
    /// `true`: only those in which somebody waits for an answer.
    waiting: Option<String>,
    /// `false`: without those that were put off.
    snoozed: Option<String>,
    label: Option<String>,
    /// `baileys`, `twilio` or `meta`.
    provider: Option<String>,
    /// A customer's name by the beginnings of its words, a phone by its last digits, an e-mail.
    q: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

impl Filter {
    fn condition(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        let mut all = self.whose()?;
        if let Some(status) = &self.status {
            if !THREAD_STATUSES.contains(&status.as_str()) {
                return Err(Problem::invalid(
                    "status",
                    "unknown_status",
                    "is open, waiting or closed",
                ));
            }
            all = all.add(Column::Status.eq(status.as_str()));
        }
        if let Some(unread) = flag_param("unread", self.unread.as_deref())? {
            all = all.add(if unread {
                Column::Unread.gt(0)
            } else {
                Column::Unread.eq(0)
            });
        }
        if flag_param("waiting", self.waiting.as_deref())? == Some(true) {
            all = all.add(Column::WaitingSince.is_not_null());
        }
        if let Some(snoozed) = flag_param("snoozed", self.snoozed.as_deref())? {
            let put_off = Column::SnoozedUntil.gt(tx.now());
            let back = Condition::any()
                .add(Column::SnoozedUntil.is_null())
                .add(Column::SnoozedUntil.lte(tx.now()));
            all = all.add(if snoozed { Condition::all().add(put_off) } else { back });
        }
        if let Some(label) = &self.label {
            // The list is kept as JSON text: a quoted label stands in it as it is.
            let quoted = serde_json::to_string(label).map_err(|_| Problem::internal())?;
            let text = Expr::col(Column::Labels).cast_as("TEXT");
            all = all.add(text.like(sea_orm::sea_query::LikeExpr::new(format!("%{}%", escaped(&quoted))).escape('!')));
        }
        if let Some(provider) = &self.provider {
            all = all.add(Column::Carrier.eq(provider.as_str()));
        }
        if let Some(q) = self.q.as_deref().filter(|q| !q.trim().is_empty()) {
            let found = customers::store::visible_ids(tx, lookup::condition(tx, q));
            all = all.add(Column::CustomerId.in_subquery(found));
        }
        Ok(all)
    }

    fn whose(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        if let Some(customer) = list::id_param("customer_id", self.customer_id.as_deref())? {
            all = all.add(Column::CustomerId.eq(customer));
        }
        match self.assignee_id.as_deref() {
            Some("none") => all = all.add(Column::AssigneeId.is_null()),
            assignee => {
                if let Some(assignee) = list::id_param("assignee_id", assignee)? {
                    all = all.add(Column::AssigneeId.eq(assignee));
                }
            }
        }
        Ok(all)
    }
}

fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// Conversations, the last written in first.
#[utoipa::path(get, path = "/api/crm/threads", params(PagingParams, Filter),
    responses((status = 200, body = Listed<ThreadView>)))]
pub(super) async fn list_threads(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<ThreadView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 3] = [
        Sort {
            name: "last_message_at",
            column: Column::LastMessageAt,
        },
        Sort {
            name: "waiting_since",
            column: Column::WaitingSince,
        },
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
    ];
    let find = store::visible(&tx).filter(filter.condition(&tx)?);
    let page = list::list(find, &paging, &sorts, "-last_message_at", Column::Id).await?;
    Ok(Json(viewed(&tx, page).await?))
}

async fn viewed(tx: &ReadTx, page: Listed<store::thread::Model>) -> Result<Listed<ThreadView>, Problem> {
    Ok(Listed {
        results: ThreadView::many(tx, page.results).await?,
        page: page.page,
        pages: page.pages,
        total: page.total,
        limit: page.limit,
        next_cursor: page.next_cursor,
    })
}

/// One conversation, with its version as `ETag`.
#[utoipa::path(get, path = "/api/crm/threads/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = ThreadView), (status = 404)))]
pub(super) async fn get_thread(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<ThreadView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let thread = store::get(&tx, id).await?;
    Ok(Tagged::new(thread.version, ThreadView::of(&tx, thread).await?))
}

/// Assigns, labels, closes, puts off, links to a customer, or turns the agent on or off.
#[utoipa::path(patch, path = "/api/crm/threads/{id}", params(("id" = i64, Path)), request_body = work::Body,
    responses((status = 200, body = ThreadView), (status = 404), (status = 412), (status = 422)))]
pub(super) async fn update_thread(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<work::Body>,
) -> Result<Tagged<ThreadView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let thread = work::change(&tx, id, &seen, body).await?;
    let (version, view) = (thread.version, ThreadView::of(&tx, thread).await?);
    tx.commit().await?;
    Ok(Tagged::new(version, view))
}

/// Marks everything in a conversation as read.
#[utoipa::path(post, path = "/api/crm/threads/{id}/read", params(("id" = i64, Path)),
    responses((status = 200, body = ThreadView), (status = 404)))]
pub(super) async fn read_thread(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<ThreadView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let thread = work::read(&tx, id).await?;
    let (version, view) = (thread.version, ThreadView::of(&tx, thread).await?);
    tx.commit().await?;
    Ok(Tagged::new(version, view))
}

/// Says that one is writing in a conversation; others see it for a few seconds.
#[utoipa::path(post, path = "/api/crm/threads/{id}/typing", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
pub(super) async fn type_in_thread(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let thread = store::get(&tx, id).await?;
    let payload = json!({
        "thread_id": thread.id,
        "user_id": caller.identity().user,
        "assignee_id": thread.assignee_id,
    });
    app.bus
        .ephemeral(scope.business()?, Room::Business, "thread:typing", payload);
    Ok(StatusCode::NO_CONTENT)
}

/// The notes of a conversation, the newest first.
#[utoipa::path(get, path = "/api/crm/threads/{id}/notes", params(("id" = i64, Path), PagingParams),
    responses((status = 200, body = Listed<NoteView>), (status = 404)))]
pub(super) async fn thread_notes(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    paging: Paging,
) -> Result<Json<Listed<NoteView>>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let thread = store::get(&tx, id).await?;
    let find = tx.find::<note::Entity>().filter(note::Column::ThreadId.eq(thread.id));
    let sorts: [Sort<note::Entity>; 1] = [Sort {
        name: "created_at",
        column: note::Column::CreatedAt,
    }];
    let page = list::list(find, &paging, &sorts, "-created_at", note::Column::Id).await?;
    Ok(Json(page.map(NoteView::from)))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ThreadNoteBody)]
pub(super) struct NoteBody {
    text: String,
    /// Users who are mentioned beside those whose names stand after an `@` in the text.
    mentions: Vec<i64>,
}

/// A note in a conversation, which the other side never sees. Who is mentioned hears of it.
#[utoipa::path(post, path = "/api/crm/threads/{id}/notes", params(("id" = i64, Path)), request_body = NoteBody,
    responses((status = 201, body = NoteView), (status = 404), (status = 422)))]
pub(super) async fn write_thread_note(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    ApiJson(body): ApiJson<NoteBody>,
) -> Result<(StatusCode, Json<NoteView>), ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let note = work::write_note(&tx, id, &body.text, &body.mentions).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(note.into())))
}
