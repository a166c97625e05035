//! `/api/users`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::{ExposeSecret as _, Permission, Problem, Role, SecretString};
use platform::{
    bus::Revocation,
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions::{checked_email, checked_name},
    changes::{self, Change, New, checked_phone},
    invitations::{self, Issued},
    invite_http,
    store::{Column, Entity, Model},
};
use crate::{
    App, AppState,
    accounts::{password, sessions::Caller},
    api::guarded,
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::UsersRead, routes!(list_users)))
        .routes(guarded(Permission::UsersWrite, routes!(create_user)))
        .routes(guarded(Permission::UsersRead, routes!(get_user)))
        .routes(guarded(Permission::UsersWrite, routes!(update_user)))
        .routes(guarded(Permission::UsersWrite, routes!(delete_user)))
        .routes(guarded(Permission::UsersWrite, routes!(deactivate_user)))
        .routes(guarded(Permission::UsersWrite, routes!(reactivate_user)))
        .merge(invite_http::routes())
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
    /// Was asked in and has not come yet.
    pub invited: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
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
            invited: user.password_hash.is_none(),
            last_seen_at: user.last_seen_at,
            created_at: user.created_at,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `true` (usually), `false` for those who were deactivated, or `all`.
    active: Option<String>,
    role: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

impl Filter {
    fn condition(&self) -> Result<Condition, Problem> {
        let all = Condition::all();
        let all = match self.active.as_deref() {
            None | Some("true" | "1") => all.add(Column::Active.eq(true)),
            Some("false" | "0") => all.add(Column::Active.eq(false)),
            Some("all") => all,
            Some(_) => return Err(Problem::invalid("active", "wrong_type", "is true, false or all")),
        };
        match self.role.as_deref() {
            None => Ok(all),
            Some(role) => Ok(all.add(Column::Role.eq(known_role(role)?.as_str()))),
        }
    }
}

fn known_role(text: &str) -> Result<Role, Problem> {
    Role::parse(text).ok_or_else(|| Problem::invalid("role", "unknown_role", "is admin, owner, manager or agent"))
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
    let condition = filter.condition()?;
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
    let find = tx.find::<Entity>().filter(condition);
    let users = list::list(find, &paging, &sorts, "-created_at", Column::Id).await?;
    Ok(Json(users.map(|user| UserView::from(&user))))
}

fn tagged(user: &Model) -> Tagged<UserView> {
    Tagged::new(user.version, user.into())
}

/// A person to make, or what changes of one: what is not mentioned stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = UserChange)]
#[serde(deny_unknown_fields)]
struct Body {
    /// Required for a new one.
    name: Option<String>,
    /// Required for a new one.
    email: Option<String>,
    /// An empty text removes it.
    phone: Option<String>,
    /// `admin`, `owner`, `manager` or `agent`, none above your own. Required for a new one.
    role: Option<String>,
    /// For an admin, with a new one: the business.
    business_id: Option<i64>,
    active: Option<bool>,
    /// Whether calls may be passed to this person now.
    available: Option<bool>,
    /// A new person without one is invited.
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    /// With `active: false`: who gets the customers, open tasks and claimed calls.
    hand_over_to: Option<i64>,
}

/// A hash of an acceptable password; blank is none.
async fn hashed(given: Option<SecretString>, email: &str) -> Result<Option<String>, Problem> {
    match given.filter(|given| !given.expose_secret().is_empty()) {
        None => Ok(None),
        Some(given) => {
            password::check(&given, email)?;
            Ok(Some(password::hash(given).await?))
        }
    }
}

fn required_name(name: Option<&str>) -> Result<String, Problem> {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| {
        let mut problem = Problem::missing("name");
        problem.code = "name_required";
        problem
    })?;
    checked_name(name)
}

/// A new person; one without a password is invited.
#[derive(Serialize, ToSchema)]
struct NewUser {
    #[serde(flatten)]
    user: UserView,
    /// Shown this once: seven days, one use.
    #[serde(skip_serializing_if = "Option::is_none")]
    invite_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invite_expires_at: Option<DateTime<Utc>>,
}

/// A new person. Without a password the answer has `invite_url`, once.
#[utoipa::path(post, path = "/api/users", request_body = Body,
    responses((status = 201, body = NewUser), (status = 400), (status = 403), (status = 409), (status = 422)))]
async fn create_user(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<Body>,
) -> Result<Tagged<NewUser>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let email = checked_email(body.email.as_deref().unwrap_or_default())?;
    let role = body.role.as_deref().filter(|role| !role.trim().is_empty());
    let new = New {
        name: required_name(body.name.as_deref())?,
        phone: checked_phone(body.phone.as_deref().unwrap_or_default())?,
        role: known_role(role.ok_or_else(|| Problem::missing("role"))?)?,
        password_hash: hashed(body.password, &email).await?,
        email,
    };
    app.limits.name_address(caller.identity().acts_as())?;
    let tx = app.db.write(&scope).await?;
    let user = changes::create(&tx, caller.identity().role, new).await?;
    let issued = match user.password_hash {
        None => Some(invitations::issue(&app, &tx, &user).await?),
        Some(_) => None,
    };
    tx.commit().await?;
    // Calls know people by their phones.
    app.calls.directory.invalidate();
    let (invite_url, invite_expires_at) = issued.map(|Issued { url, expires_at }| (url, expires_at)).unzip();
    let view = NewUser {
        user: UserView::from(&user),
        invite_url,
        invite_expires_at,
    };
    Ok(Tagged::created(user.version, view))
}

/// One person, with their version as `ETag`.
#[utoipa::path(get, path = "/api/users/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = UserView), (status = 404)))]
async fn get_user(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<UserView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    Ok(tagged(&tx.get::<Entity>(id).await?))
}

/// Changes what is mentioned. 409 `last_owner`; with `active: false` the work goes to `hand_over_to`.
#[utoipa::path(patch, path = "/api/users/{id}", params(("id" = i64, Path)), request_body = Body,
    responses((status = 200, body = UserView), (status = 403), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn update_user(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<Body>,
) -> Result<Tagged<UserView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let known = tx.get::<Entity>(id).await?;
    tx.done().await?;
    if body.business_id.is_some_and(|business| business != known.business_id) {
        return Err(Problem::invalid("business_id", "fixed", "a person stays in their business").into());
    }
    let email = body.email.as_deref().map(checked_email).transpose()?;
    if email.as_ref().is_some_and(|email| *email != known.email) {
        app.limits.name_address(caller.identity().acts_as())?;
    }
    if body.password.is_some() {
        // What another may set for somebody who forgot it, oneself changes by knowing the old one.
        if caller.identity().user.get() == id {
            return Err(Problem::forbidden("your own password is changed at /api/auth/password").into());
        }
        changes::check_rank(caller.identity().role, changes::role_of(&known))?;
    }
    let change = Change {
        name: body.name.as_deref().map(|name| required_name(Some(name))).transpose()?,
        phone: body.phone.as_deref().map(checked_phone).transpose()?,
        role: body.role.as_deref().map(known_role).transpose()?,
        available: body.available,
        active: body.active,
        password_hash: hashed(body.password, email.as_deref().unwrap_or(&known.email)).await?,
        hand_over_to: body.hand_over_to,
        email,
    };
    change_user(&app, &caller, id, &seen, change).await
}

async fn change_user(
    app: &App,
    caller: &Caller,
    id: i64,
    seen: &IfMatch,
    change: Change,
) -> Result<Tagged<UserView>, ApiError> {
    let out = change.active == Some(false) || change.password_hash.is_some();
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let user = changes::update(&tx, caller.identity().role, id, seen, change).await?;
    tx.commit().await?;
    app.calls.directory.invalidate();
    if out {
        app.bus.revoke(Revocation::User(id.into()));
    }
    Ok(tagged(&user))
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HandOver {
    /// Who gets the customers, open tasks and claimed calls; nobody's from then on without it.
    hand_over_to: Option<String>,
}

impl HandOver {
    fn change(uri: &Uri) -> Result<Change, Problem> {
        let query: Self = from_query(uri.query().unwrap_or_default())?;
        Ok(Change {
            active: Some(false),
            hand_over_to: list::id_param("hand_over_to", query.hand_over_to.as_deref())?,
            ..Change::default()
        })
    }
}

/// Deactivates the person; what they did stays under their name.
#[utoipa::path(delete, path = "/api/users/{id}", params(("id" = i64, Path), HandOver),
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn delete_user(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    uri: Uri,
) -> Result<StatusCode, ApiError> {
    change_user(&app, &caller, id, &seen, HandOver::change(&uri)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// As `DELETE`, and answers with the person.
#[utoipa::path(post, path = "/api/users/{id}/deactivate", params(("id" = i64, Path), HandOver),
    responses((status = 200, body = UserView), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn deactivate_user(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    uri: Uri,
) -> Result<Tagged<UserView>, ApiError> {
    change_user(&app, &caller, id, &seen, HandOver::change(&uri)?).await
}

/// Lets the person in again; what was handed over stays where it is.
#[utoipa::path(post, path = "/api/users/{id}/reactivate", params(("id" = i64, Path)),
    responses((status = 200, body = UserView), (status = 403), (status = 404)))]
async fn reactivate_user(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<Tagged<UserView>, ApiError> {
    let change = Change {
        active: Some(true),
        ..Change::default()
    };
    change_user(&app, &caller, id, &seen, change).await
}
