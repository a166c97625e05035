//! `/api/whatsapp/private`: chats of which nothing is kept.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::{
    db::{AuditEntry, WriteTx},
    http::{
        ApiError, ApiJson, PathId,
        list::{self, Listed, Paging, PagingParams, Sort},
    },
};
use sea_orm::{ActiveValue::Set, ColumnTrait, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::send;
use crate::{
    AppState,
    accounts::sessions::Caller,
    crm::search::tokens,
    threads::{
        inbound::private_hash,
        model,
        store::{
            self, address, message,
            private::{ActiveModel, Column, Entity, Model},
        },
    },
    timeline,
};

/// A private chat; whose it is cannot be told from it.
#[derive(Serialize, ToSchema)]
#[schema(as = PrivateChat)]
pub(super) struct PrivateView {
    id: i64,
    created_at: DateTime<Utc>,
}

impl From<Model> for PrivateView {
    fn from(private: Model) -> Self {
        Self {
            id: private.id,
            created_at: private.created_at,
        }
    }
}

/// One of the two.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PrivateChatBody)]
pub(super) struct PrivateBody {
    /// A phone, or an id of WhatsApp's own.
    address: Option<String>,
    /// A conversation that is here already: it is erased.
    thread_id: Option<i64>,
}

/// The private chats, the newest first.
#[utoipa::path(get, path = "/api/whatsapp/private", params(PagingParams), responses((status = 200, body = Listed<PrivateView>)))]
pub(super) async fn list_private(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
) -> Result<Json<Listed<PrivateView>>, ApiError> {
    let scope = caller.own()?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 1] = [Sort {
        name: "created_at",
        column: Column::CreatedAt,
    }];
    let page = list::list(tx.find::<Entity>(), &paging, &sorts, "-created_at", Column::Id).await?;
    Ok(Json(page.map(PrivateView::from)))
}

/// Marks a chat as private: nothing of it is kept, shown or answered from now on, and what was kept is erased.
#[utoipa::path(post, path = "/api/whatsapp/private", request_body = PrivateBody,
    responses((status = 204), (status = 404), (status = 422)))]
pub(super) async fn make_private(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<PrivateBody>,
) -> Result<StatusCode, ApiError> {
    let scope = caller.own()?;
    let tx = app.db.write(&scope).await?;
    let (known, thread) = named(&tx, &body).await?;
    for one in &known {
        let row = ActiveModel {
            hash: Set(private_hash(&app, one)),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        let mut once = OnConflict::new();
        once.do_nothing();
        tx.insert_or(row, once).await?;
    }
    let files = match thread {
        Some(thread) => erase(&tx, thread).await?,
        None => Vec::new(),
    };
    tx.audit(AuditEntry {
        action: "whatsapp.chat_made_private",
        record_type: "private_chat",
        record_id: None,
        changes: json!({}),
    })
    .await?;
    tx.commit().await?;
    for key in files {
        if let Err(err) = app.storage.delete(&key).await {
            tracing::error!(error = %err, "a file of a private chat is still there");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// By what the chat is known, and its thread when it has one.
async fn named(tx: &WriteTx, body: &PrivateBody) -> Result<(Vec<contracts::whatsapp::Address>, Option<i64>), Problem> {
    let thread = match (body.thread_id, body.address.as_deref()) {
        (Some(thread), _) => Some(store::get(tx, thread).await?.id),
        (None, Some(text)) => {
            let one = send::address(text)?;
            let (kind, value) = model::address_words(&one);
            let known = tx
                .find::<address::Entity>()
                .filter(address::Column::Kind.eq(kind))
                .filter(address::Column::Value.eq(value))
                .one()
                .await?;
            match known {
                Some(known) => Some(known.thread_id),
                None => return Ok((vec![one], None)),
            }
        }
        (None, None) => return Err(Problem::missing("address")),
    };
    let rows = tx
        .find::<address::Entity>()
        .filter(address::Column::ThreadId.eq(thread.unwrap_or_default()))
        .all()
        .await?;
    let known = rows.iter().filter_map(|row| model::address_of(&row.kind, &row.value));
    Ok((known.collect(), thread))
}

/// Takes a thread away with all that it holds, and gives the keys of its files.
async fn erase(tx: &WriteTx, thread: i64) -> Result<Vec<String>, Problem> {
    let messages = tx.rows("messages")?.with("thread_id", thread);
    let ids = messages.ids().await?;
    tokens::erase(tx, tokens::Kind::Message, &ids).await?;
    let files = tx.rows("message_files")?.among("message_id", &messages, "id");
    let keys = files.texts("storage_key").await?;
    files.delete().await?;
    tx.delete_many::<message::Entity>()?
        .filter(message::Column::ThreadId.eq(thread))
        .exec()
        .await?;
    for table in ["thread_addresses", "thread_notes"] {
        tx.rows(table)?.with("thread_id", thread).delete().await?;
    }
    tx.delete_many::<timeline::Entity>()?
        .filter(timeline::Column::Kind.eq("whatsapp"))
        .filter(timeline::Column::RefId.starts_with(format!("{thread}:")))
        .exec()
        .await?;
    crate::notifications::take_back(tx, &[crate::threads::alerts::link(thread)]).await?;
    tx.rows("threads")?.with("id", thread).delete().await?;
    Ok(keys)
}

/// The chat is kept again from now on.
#[utoipa::path(delete, path = "/api/whatsapp/private/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
pub(super) async fn end_private(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    tx.get::<Entity>(id).await?;
    tx.rows("private_chats")?.with("id", id).delete().await?;
    tx.audit(AuditEntry {
        action: "whatsapp.chat_no_longer_private",
        record_type: "private_chat",
        record_id: Some(id),
        changes: json!({}),
    })
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
