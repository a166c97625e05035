//! `GET /api/admin/audit`.

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    db::{AuditColumn as Column, AuditLog, AuditRow},
    http::{
        ApiError,
        fields::{text_param, time_param},
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{AppState, accounts::sessions::Caller, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(guarded(Permission::AuditRead, routes!(list_audit)))
}

/// Who did what.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditRow)]
struct RowView {
    id: i64,
    at: DateTime<Utc>,
    /// A user's, key's or call's id, as `actor_kind` says.
    actor_id: Option<i64>,
    /// `user`, `api_key`, `agent`, a provider's name or a job's kind.
    actor_kind: String,
    /// The person as whom an admin acted.
    acting_as_id: Option<i64>,
    /// 0 for what belongs to no business.
    business_id: i64,
    /// For example `customer.updated`.
    action: String,
    record_type: String,
    record_id: Option<i64>,
    /// Names of fields with what was before and after.
    #[schema(value_type = Object)]
    changes: serde_json::Value,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: String,
    /// The place in the business's chain, from 1.
    seq: i64,
    /// Keyed over the row and the one before it.
    hash: String,
    prev_hash: String,
}

impl From<AuditRow> for RowView {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor_id: row.actor_id,
            actor_kind: row.actor_kind,
            acting_as_id: row.acting_as_id,
            business_id: row.business_id,
            action: row.action,
            record_type: row.record_type,
            record_id: row.record_id,
            changes: row.changes,
            ip: row.ip,
            user_agent: row.user_agent,
            request_id: row.request_id,
            seq: row.seq,
            hash: row.hash,
            prev_hash: row.prev_hash,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    action: Option<String>,
    actor_id: Option<String>,
    /// `user`, `api_key`, `agent`, …
    actor_kind: Option<String>,
    record_type: Option<String>,
    record_id: Option<String>,
    /// From this time on, or from the beginning of this day (UTC).
    from: Option<String>,
    /// Before this time, or before this day (UTC).
    to: Option<String>,
    /// For an admin: only this business; 0 for what belongs to none.
    business_id: Option<String>,
}

impl Filter {
    fn condition(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        for (name, column, text) in [
            ("action", Column::Action, &self.action),
            ("actor_kind", Column::ActorKind, &self.actor_kind),
            ("record_type", Column::RecordType, &self.record_type),
        ] {
            if let Some(text) = text {
                all = all.add(column.eq(text_param(name, text)?));
            }
        }
        for (name, column, text) in [
            ("actor_id", Column::ActorId, &self.actor_id),
            ("record_id", Column::RecordId, &self.record_id),
        ] {
            if let Some(id) = list::id_param(name, text.as_deref())? {
                all = all.add(column.eq(id));
            }
        }
        if let Some(from) = time_param("from", self.from.as_deref())? {
            all = all.add(Column::At.gte(from));
        }
        if let Some(to) = time_param("to", self.to.as_deref())? {
            all = all.add(Column::At.lt(to));
        }
        Ok(all)
    }
}

/// What was done in the business, the newest first. An owner reads the own business's, an admin all.
#[utoipa::path(get, path = "/api/admin/audit", params(PagingParams, Filter),
    responses((status = 200, body = Listed<RowView>), (status = 422)))]
async fn list_audit(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<RowView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let condition = filter.condition()?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<AuditLog>; 2] = ["at", "created_at"].map(|name| Sort {
        name,
        column: Column::At,
    });
    let find = tx.find::<AuditLog>().filter(condition);
    let page = list::list(find, &paging, &sorts, "-at", Column::Id).await?;
    Ok(Json(page.map(RowView::from)))
}
