//! `/api/users`.

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::Permission;
use platform::http::{
    ApiError,
    list::{self, Listed, Paging, PagingParams, Sort, from_query},
};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::store::{Column, Entity, Model};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(guarded(Permission::UsersRead, routes!(list_users)))
}

/// A person who signs in.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    pub id: i64,
    pub business_id: i64,
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    /// `admin`, `owner`, `manager` or `agent`.
    pub role: String,
    pub active: bool,
    /// Whether calls may be passed to this person now.
    pub available: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
}

impl From<&Model> for UserView {
    fn from(user: &Model) -> Self {
        Self {
            id: user.id,
            business_id: user.business_id,
            name: user.name.clone(),
            email: user.email.clone(),
            phone: user.phone.clone(),
            role: user.role.clone(),
            active: user.active,
            available: user.available,
            last_seen_at: user.last_seen_at,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// For an admin: only this business.
    business_id: Option<String>,
}

/// The people of the business.
#[utoipa::path(get, path = "/api/users", params(PagingParams, Filter),
    responses((status = 200, body = Listed<UserView>)))]
async fn list_users(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<UserView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let business = list::id_param("business_id", filter.business_id.as_deref())?;
    let scope = caller.for_list(business)?;
    let tx = app.db.read(&scope).await?;
    let sorts = [
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
        Sort {
            name: "name",
            column: Column::Name,
        },
    ];
    let find = tx.find::<Entity>().filter(Column::Active.eq(true));
    let users = list::list(find, &paging, &sorts, "-created_at", Column::Id).await?;
    Ok(Json(users.map(|user| UserView::from(&user))))
}
