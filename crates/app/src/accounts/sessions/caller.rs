//! Who calls: the first door at which a [`Scope`] is minted.

use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, header};
use kernel::{Actor, BusinessId, Module, Permission, PermissionSet, Problem, Reach, Role, Scope, UserId, Visibility};
use platform::{
    db::Owned,
    http::{ApiError, request_id},
};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, Statement};
use serde_json::Value as Json;

use crate::{AppState, accounts::businesses::model};

pub const ACCESS_COOKIE: &str = "access_token";

/// A live session with its user and business.
#[derive(Clone, Debug)]
pub struct Identity {
    pub user: UserId,
    pub business: BusinessId,
    pub session_id: i64,
    pub role: Role,
    pub modules: Json,
    pub own_and_unassigned: bool,
}

impl Identity {
    pub fn permissions(&self) -> PermissionSet {
        self.role.permissions()
    }

    pub fn module_is_on(&self, module: Module) -> bool {
        model::module_is_on(&self.modules, module)
    }
}

/// An authenticated caller of an operation. Gives a scope when the operation's permission is held.
#[derive(Clone)]
pub struct Caller {
    app: AppState,
    identity: Identity,
    permission: Permission,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Put there by the guard; an unguarded route has no caller and answers as to a stranger.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::unauthorized().into())
    }
}

impl Caller {
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The caller's own business.
    pub fn own(&self) -> Result<Scope, Problem> {
        self.check()?;
        Ok(self.mint(Reach::One(self.identity.business)))
    }

    /// The business of one record. An admin's request runs in the record's business; for anyone else another
    /// business's record is not there (404), whatever the permission.
    pub async fn for_record<E: Owned>(&self, id: i64) -> Result<Scope, Problem>
    where
        E::Model: Send + Sync,
    {
        if self.identity.role == Role::Admin {
            let business = self.business_of::<E>(id).await?.ok_or_else(Problem::not_found)?;
            return Ok(self.mint(Reach::One(business)));
        }
        if let Err(refused) = self.check() {
            return match self.business_of::<E>(id).await? {
                Some(business) if business == self.identity.business => Err(refused),
                _ => Err(Problem::not_found()),
            };
        }
        Ok(self.mint(Reach::One(self.identity.business)))
    }

    /// A list: an admin's goes over all businesses unless one is named.
    pub fn for_list(&self, business_id: Option<i64>) -> Result<Scope, Problem> {
        let reach = match (self.identity.role, business_id) {
            (Role::Admin, None) => Reach::All,
            _ => self.named(business_id)?,
        };
        self.check()?;
        Ok(self.mint(reach))
    }

    /// A new record: in the caller's own business unless an admin names another.
    pub fn for_create(&self, business_id: Option<i64>) -> Result<Scope, Problem> {
        let reach = self.named(business_id)?;
        self.check()?;
        Ok(self.mint(reach))
    }

    fn named(&self, business_id: Option<i64>) -> Result<Reach, Problem> {
        match business_id.map(BusinessId::new) {
            None => Ok(Reach::One(self.identity.business)),
            Some(business) if business == self.identity.business || self.identity.role == Role::Admin => {
                Ok(Reach::One(business))
            }
            Some(_) => Err(Problem::not_found()),
        }
    }

    fn check(&self) -> Result<(), Problem> {
        let role = self.identity.role;
        if let Some(module) = self.permission.module()
            && role != Role::Admin
            && !self.identity.module_is_on(module)
        {
            return Err(Problem::new(
                403,
                "module_disabled",
                format!("the module {} is off for this business", module.as_str()),
            ));
        }
        if self.identity.permissions().contains(self.permission) {
            return Ok(());
        }
        tracing::info!(
            action = "permission.refused",
            actor_id = self.identity.user.get(),
            business_id = self.identity.business.get(),
            permission = self.permission.as_str(),
            "audit"
        );
        Err(Problem::forbidden(format!(
            "this needs the permission {}",
            self.permission.as_str()
        )))
    }

    fn mint(&self, reach: Reach) -> Scope {
        let visibility = if self.identity.own_and_unassigned {
            Visibility::OwnAndUnassigned(self.identity.user)
        } else {
            Visibility::All
        };
        Scope::mint(
            reach,
            Actor::User {
                id: self.identity.user,
                role: self.identity.role,
                session_id: self.identity.session_id,
            },
            self.identity.permissions(),
            visibility,
            request_id::current(),
        )
    }

    async fn business_of<E: Owned>(&self, id: i64) -> Result<Option<BusinessId>, Problem>
    where
        E::Model: Send + Sync,
    {
        use sea_orm::{Iterable, PrimaryKeyToColumn};
        let Some(key) = E::PrimaryKey::iter().next() else {
            return Ok(None);
        };
        let tx = self.app.db.system_read("the business of a record").await?;
        let business: Option<i64> = E::find()
            .select_only()
            .column(E::BUSINESS)
            .filter(key.into_column().eq(id))
            .into_tuple()
            .one(tx.conn())
            .await
            .map_err(platform::db::DbError::from)?;
        Ok(business.map(BusinessId::new))
    }
}

/// The caller of a request, or 401.
pub async fn authenticate(app: &AppState, headers: &HeaderMap, permission: Permission) -> Result<Caller, Problem> {
    let token = token(headers).ok_or_else(Problem::unauthorized)?;
    let identity = identify(app, &token).await?.ok_or_else(Problem::unauthorized)?;
    Ok(Caller {
        app: app.clone(),
        identity,
        permission,
    })
}

/// Puts who calls into the request's log lines.
pub fn note(caller: &Caller) {
    platform::telemetry::note_caller(caller.identity.business, Some(caller.identity.user));
}

/// The access token of a request: the header's, else the cookie's.
pub fn token(headers: &HeaderMap) -> Option<String> {
    bearer(headers).or_else(|| cookie(headers))
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, token) = value.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(ACCESS_COOKIE)
        .map(|cookie| cookie.value().to_owned())
}

#[derive(FromQueryResult)]
struct SessionRow {
    role: String,
    modules: Json,
    agent_visibility: String,
}

/// Who a token stands for: its session is not revoked, its user and business are active. `None` otherwise.
pub async fn identify(app: &AppState, token: &str) -> Result<Option<Identity>, Problem> {
    let now = app.clock.now();
    let Some(claims) = app.tokens.read(token, now) else {
        return Ok(None);
    };
    let tx = app.db.system_read("the session of a request").await?;
    let row = SessionRow::find_by_statement(Statement::from_sql_and_values(
        app.db.backend(),
        "SELECT u.role, b.modules, b.agent_visibility FROM sessions s \
         JOIN users u ON u.business_id = s.business_id AND u.id = s.user_id \
         JOIN businesses b ON b.id = s.business_id \
         WHERE s.id = $1 AND s.business_id = $2 AND u.id = $3 AND s.revoked_at IS NULL AND u.active AND b.active",
        [
            claims.session_id.into(),
            claims.business.get().into(),
            claims.user.get().into(),
        ],
    ))
    .one(tx.conn())
    .await
    .map_err(platform::db::DbError::from)?;
    Ok(row.and_then(|row| {
        let role = Role::parse(&row.role)?;
        Some(Identity {
            user: claims.user,
            business: claims.business,
            session_id: claims.session_id,
            role,
            own_and_unassigned: role == Role::Agent && row.agent_visibility == "own_and_unassigned",
            modules: row.modules,
        })
    }))
}
