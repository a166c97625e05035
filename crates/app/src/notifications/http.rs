//! `/api/notifications`: a person's own list, and how they want to be told.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::http::{
    ApiError, ApiJson,
    fields::flag_param,
    list::{self, Listed, Paging, PagingParams, Sort, from_query},
};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Kind,
    actions::read_event,
    kinds::Ways,
    preferences::{self, WaysBody},
    push,
    store::{Column, Entity, Model, own, unread},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

/// More ids than a page of the list shows nobody marks at once.
const MOST_IDS: usize = 500;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::Notifications, routes!(list_notifications)))
        .routes(guarded(Permission::Notifications, routes!(read_notifications)))
        .routes(guarded(
            Permission::Notifications,
            routes!(get_preferences, change_preferences),
        ))
        .merge(push::http::routes())
}

/// Something that its reader was told of.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification)]
struct NotificationView {
    id: i64,
    /// `task_due`, `missed_call`, …
    kind: String,
    title: String,
    /// A path of the web app.
    link: String,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

impl From<Model> for NotificationView {
    fn from(one: Model) -> Self {
        Self {
            id: one.id,
            kind: one.kind,
            title: one.title,
            link: one.link,
            created_at: one.created_at,
            read_at: one.read_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Notifications {
    #[serde(flatten)]
    list: Listed<NotificationView>,
    /// How many are not read, in the whole list.
    unread: u64,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `true`: only those that are not read.
    unread: Option<String>,
    kind: Option<String>,
}

/// The caller's own notifications, the newest first.
#[utoipa::path(get, path = "/api/notifications", params(PagingParams, Filter),
    responses((status = 200, body = Notifications)))]
async fn list_notifications(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Notifications>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.own()?;
    let user_id = caller.identity().user.get();
    let mut condition = own(user_id);
    match flag_param("unread", filter.unread.as_deref())? {
        Some(true) => condition = condition.add(Column::ReadAt.is_null()),
        Some(false) => condition = condition.add(Column::ReadAt.is_not_null()),
        None => {}
    }
    if let Some(kind) = &filter.kind {
        let kind = Kind::parse(kind)
            .ok_or_else(|| Problem::invalid("kind", "unknown_kind", "is not a kind of notification"))?;
        condition = condition.add(Column::Kind.eq(kind.as_str()));
    }
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 1] = [Sort {
        name: "created_at",
        column: Column::CreatedAt,
    }];
    let find = tx.find::<Entity>().filter(condition);
    let page = list::list(find, &paging, &sorts, "-created_at", Column::Id).await?;
    Ok(Json(Notifications {
        list: page.map(NotificationView::from),
        unread: unread(&tx, user_id).await?,
    }))
}

/// Either some of them, or all.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ReadBody {
    ids: Option<Vec<i64>>,
    all: Option<bool>,
}

#[derive(Serialize, ToSchema)]
struct Unread {
    unread: u64,
}

/// Marks the caller's notifications as read, by `ids` or `all: true`; ids of others are passed over.
#[utoipa::path(post, path = "/api/notifications/read", request_body = ReadBody,
    responses((status = 200, body = Unread), (status = 400), (status = 422)))]
async fn read_notifications(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<ReadBody>,
) -> Result<Json<Unread>, ApiError> {
    let scope = caller.own()?;
    let user_id = caller.identity().user.get();
    let mut which = own(user_id).add(Column::ReadAt.is_null());
    match (body.ids, body.all) {
        (_, Some(true)) => {}
        (Some(ids), _) if ids.len() <= MOST_IDS => which = which.add(Column::Id.is_in(ids)),
        (Some(_), _) => {
            return Err(Problem::invalid("ids", "too_many", format!("names more than {MOST_IDS}")).into());
        }
        (None, _) => return Err(Problem::missing("ids").into()),
    }
    let tx = app.db.write(&scope).await?;
    let read = tx
        .update_many::<Entity>()?
        .col(Column::ReadAt, tx.now())
        .filter(which)
        .exec()
        .await?;
    let unread = unread(&tx, user_id).await?;
    if read > 0 {
        // The same person's other screens.
        tx.emit(read_event(caller.identity().user, unread)).await?;
    }
    tx.commit().await?;
    Ok(Json(Unread { unread }))
}

/// For every kind, the ways in which the caller is told.
#[derive(Serialize, ToSchema)]
struct Preferences {
    kinds: BTreeMap<&'static str, Ways>,
}

/// How the caller is told of what.
#[utoipa::path(get, path = "/api/notifications/preferences", responses((status = 200, body = Preferences)))]
async fn get_preferences(State(app): State<AppState>, caller: Caller) -> Result<Json<Preferences>, ApiError> {
    let tx = app.db.read(&caller.own()?).await?;
    let kinds = preferences::all(&tx, caller.identity().user.get()).await?;
    Ok(Json(Preferences { kinds }))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct PreferencesBody {
    kinds: BTreeMap<String, WaysBody>,
}

/// Changes the ways that are mentioned, of the kinds that are mentioned.
#[utoipa::path(patch, path = "/api/notifications/preferences", request_body = PreferencesBody,
    responses((status = 200, body = Preferences), (status = 422)))]
async fn change_preferences(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<PreferencesBody>,
) -> Result<Json<Preferences>, ApiError> {
    let scope = caller.own()?;
    let user_id = caller.identity().user.get();
    let tx = app.db.write(&scope).await?;
    preferences::change(&tx, user_id, body.kinds).await?;
    let kinds = preferences::all(&tx, user_id).await?;
    tx.commit().await?;
    Ok(Json(Preferences { kinds }))
}
