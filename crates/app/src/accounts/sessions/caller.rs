//! Who calls: the first door at which a [`Scope`] is minted.

use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, header};
use kernel::{Actor, BusinessId, Module, Permission, PermissionSet, Problem, Reach, Role, Scope, UserId, Visibility};
use platform::{
    db::{DbError, Owned, SystemTx},
    http::{ApiError, request_id},
};
use sea_orm::{ColumnTrait, EntityTrait as _, FromQueryResult, QueryFilter, QuerySelect, Statement};
use serde_json::Value as Json;

use crate::{
    AppState,
    accounts::{
        api_keys,
        businesses::{self, model, settings::OWN_AND_UNASSIGNED},
        users,
    },
};

pub const ACCESS_COOKIE: &str = "access_token";

/// A live session with its user and business – while an admin acts as somebody else, those of that somebody – or an API
/// key with the person who made it.
#[derive(Clone, Debug)]
pub struct Identity {
    pub user: UserId,
    pub business: BusinessId,
    /// The business whose user this is: another one when an admin acts as a business, and not as a person in it.
    pub home: BusinessId,
    /// 0 for a key.
    pub session_id: i64,
    /// A key's is never above owner: it acts in one business.
    pub role: Role,
    pub key: Option<KeyIdentity>,
    pub modules: Json,
    pub own_and_unassigned: bool,
    pub sees_money: bool,
    pub impersonation: Option<Impersonation>,
    /// An admin who acted as somebody else until that ended by itself, and has not said yet that they know.
    pub acting_is_over: bool,
}

/// An admin's session that acts as a business, or as a person in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impersonation {
    pub by: UserId,
    /// `None`: as the business itself.
    pub user: Option<UserId>,
    pub reason: String,
    pub until: DateTime<Utc>,
}

/// What a key narrows its maker to.
#[derive(Clone, Copy, Debug)]
pub struct KeyIdentity {
    pub id: i64,
    pub permissions: PermissionSet,
}

impl Identity {
    pub fn permissions(&self) -> PermissionSet {
        let of_role = self.role.permissions();
        let own = self.key.map_or(of_role, |key| of_role.and(key.permissions));
        if self.impersonation.is_none() {
            return own;
        }
        // Who acts as somebody else may end that, whatever the other's role, and leaves alone what is the other's own.
        own.iter()
            .filter(|permission| !permission.in_person())
            .chain([Permission::Impersonate])
            .collect()
    }

    /// By whom requests are counted and repeated: a key is not its maker.
    pub fn acts_as(&self) -> UserId {
        self.key.map_or(self.user, |key| UserId::new(-key.id))
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
    pub const fn new(app: AppState, identity: Identity, permission: Permission) -> Self {
        Self {
            app,
            identity,
            permission,
        }
    }

    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What is asked before anything else of an operation: 403 `impersonating` where it is about what belongs to a
    /// person alone, for an admin who acts as them; 409 `impersonation_ended` for what an admin changes while they may
    /// believe that they still act as somebody else.
    pub fn admitted(&self, method: &Method) -> Result<(), Problem> {
        if self.permission.in_person() && self.identity.impersonation.is_some() {
            return Err(Problem::impersonating());
        }
        if self.identity.acting_is_over && !method.is_safe() && self.permission != Permission::Impersonate {
            return Err(Problem::conflict(
                "impersonation_ended",
                "you do not act as somebody else any more; say that you know with DELETE /api/admin/impersonate",
            ));
        }
        Ok(())
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

    /// Whether the caller holds a further permission, and its module is on: for an answer of several parts.
    pub fn may(&self, permission: Permission) -> bool {
        self.missing_module(permission).is_none() && self.identity.permissions().contains(permission)
    }

    fn missing_module(&self, permission: Permission) -> Option<Module> {
        let module = permission.module()?;
        (self.identity.role != Role::Admin && !self.identity.module_is_on(module)).then_some(module)
    }

    fn check(&self) -> Result<(), Problem> {
        if let Some(module) = self.missing_module(self.permission) {
            return Err(Problem::new(
                403,
                "module_disabled",
                format!("the module {} is off for this business", module.as_str()),
            ));
        }
        if self.identity.permissions().contains(self.permission) {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "this needs the permission {}",
            self.permission.as_str()
        )))
    }

    /// For the record of a refusal: what the caller is, with no permission.
    pub fn as_refused(&self) -> Scope {
        Scope::mint(
            Reach::One(self.identity.business),
            self.actor(),
            PermissionSet::default(),
            Visibility::All,
            request_id::current(),
        )
    }

    /// The permission that the operation needs.
    pub const fn permission(&self) -> Permission {
        self.permission
    }

    fn actor(&self) -> Actor {
        let Identity {
            user, role, session_id, ..
        } = self.identity;
        match self.identity.key {
            Some(key) => Actor::ApiKey {
                id: key.id,
                made_by: user,
            },
            None => Actor::User {
                id: user,
                role,
                session_id,
            },
        }
    }

    /// The business whose user the caller is, for looking at that user's own record.
    pub(super) fn home(&self) -> Scope {
        self.mint(Reach::One(self.identity.home))
    }

    fn mint(&self, reach: Reach) -> Scope {
        let identity = &self.identity;
        let visibility = if identity.own_and_unassigned {
            Visibility::OwnAndUnassigned(identity.user)
        } else {
            Visibility::All
        };
        let scope = Scope::mint(
            reach,
            self.actor(),
            identity.permissions(),
            visibility,
            request_id::current(),
        )
        .of_user_in(identity.home);
        let scope = if identity.sees_money {
            scope
        } else {
            scope.without_money()
        };
        match &identity.impersonation {
            Some(impersonation) => scope.by_admin(impersonation.by),
            None => scope,
        }
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
            .map_err(DbError::from)?;
        Ok(business.map(BusinessId::new))
    }
}

/// The caller of a request, or 401.
pub async fn authenticate(app: &AppState, headers: &HeaderMap, permission: Permission) -> Result<Caller, Problem> {
    let token = token(headers).ok_or_else(Problem::unauthorized)?;
    let identity = if api_keys::is_key(&token) {
        api_keys::identify::key(app, &token).await?
    } else {
        identify(app, &token).await?
    };
    let identity = identity.ok_or_else(Problem::unauthorized)?;
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
    session_id: i64,
    user_id: i64,
    business_id: i64,
    role: String,
    modules: Json,
    agent_visibility: String,
    agents_see_money: bool,
    acting_business_id: Option<i64>,
    acting_user_id: Option<i64>,
    acting_reason: Option<String>,
    acting_until: Option<DateTime<Utc>>,
}

const LIVE_SESSION: &str = "SELECT s.id AS session_id, s.user_id, s.business_id, u.role, b.modules, b.agent_visibility, \
     b.agents_see_money, s.acting_business_id, s.acting_user_id, s.acting_reason, s.acting_until FROM sessions s \
     JOIN users u ON u.business_id = s.business_id AND u.id = s.user_id \
     JOIN businesses b ON b.id = s.business_id \
     WHERE s.revoked_at IS NULL AND u.active AND b.active AND s.expires_at > $1";

/// Who a token stands for: its session is not revoked and not over, its user and business are active. `None` otherwise.
pub async fn identify(app: &AppState, token: &str) -> Result<Option<Identity>, Problem> {
    let Some(claims) = app.tokens.read(token, app.clock.now()) else {
        return Ok(None);
    };
    let identity = of_session(app, claims.session_id).await?;
    Ok(identity.filter(|identity| {
        let own = (identity.user, identity.business) == (claims.user, claims.business);
        // A session's own claims stay those of the admin while it acts as somebody else.
        own || identity
            .impersonation
            .as_ref()
            .is_some_and(|as_other| as_other.by == claims.user)
    }))
}

/// Who acts in a session now; `None` when it does not hold any more.
pub async fn of_session(app: &AppState, session_id: i64) -> Result<Option<Identity>, Problem> {
    Ok(of_sessions(app, &[session_id]).await?.pop())
}

/// Who acts now in those of these sessions that hold.
pub async fn of_sessions(app: &AppState, session_ids: &[i64]) -> Result<Vec<Identity>, DbError> {
    if session_ids.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (0..session_ids.len()).map(|n| format!("${}", n + 2)).collect();
    let sql = format!("{LIVE_SESSION} AND s.id IN ({})", places.join(", "));
    let now = std::iter::once(app.clock.now().into());
    let values = now.chain(session_ids.iter().map(|id| (*id).into()));
    let statement = Statement::from_sql_and_values(app.db.backend(), sql, values);
    let rows: Vec<SessionRow> = app.db.system_rows("the session of a request", statement).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(role) = Role::parse(&row.role) else { continue };
        let acts = role == Role::Admin && row.acting_until.is_some();
        let acting = if acts {
            let tx = app.db.system_read("as whom an admin acts").await?;
            acting(&tx, app.clock.now(), &row).await?
        } else {
            None
        };
        found.push(acting.unwrap_or_else(|| Identity {
            acting_is_over: acts,
            ..own(row, role)
        }));
    }
    Ok(found)
}

fn own(row: SessionRow, role: Role) -> Identity {
    Identity {
        user: UserId::new(row.user_id),
        business: BusinessId::new(row.business_id),
        home: BusinessId::new(row.business_id),
        session_id: row.session_id,
        role,
        key: None,
        own_and_unassigned: role == Role::Agent && row.agent_visibility == OWN_AND_UNASSIGNED,
        sees_money: role != Role::Agent || row.agents_see_money,
        modules: row.modules,
        impersonation: None,
        acting_is_over: false,
    }
}

/// As whom an admin's session acts; `None` when it does not, when its time is over, and when that business or person is
/// not active any more.
async fn acting(tx: &SystemTx, now: DateTime<Utc>, row: &SessionRow) -> Result<Option<Identity>, DbError> {
    let (Some(business_id), Some(until)) = (row.acting_business_id, row.acting_until) else {
        return Ok(None);
    };
    let business = businesses::store::Entity::find_by_id(business_id)
        .one(tx.conn())
        .await?
        .filter(|business| business.active && now < until);
    let Some(business) = business else {
        return Ok(None);
    };
    let (user, home, role) = match row.acting_user_id {
        None => (row.user_id, row.business_id, Role::Owner),
        Some(user_id) => {
            let user = users::store::Entity::find_by_id(user_id).one(tx.conn()).await?;
            let user = user.filter(|user| user.active && user.business_id == business_id);
            match user.and_then(|user| Role::parse(&user.role)) {
                // One who has become an admin meanwhile is not acted as.
                None | Some(Role::Admin) => return Ok(None),
                Some(role) => (user_id, business_id, role),
            }
        }
    };
    Ok(Some(Identity {
        user: UserId::new(user),
        business: BusinessId::new(business_id),
        home: BusinessId::new(home),
        session_id: row.session_id,
        role,
        key: None,
        own_and_unassigned: role == Role::Agent && business.agent_visibility == OWN_AND_UNASSIGNED,
        sees_money: role != Role::Agent || business.agents_see_money,
        modules: business.modules,
        impersonation: Some(Impersonation {
            by: UserId::new(row.user_id),
            user: row.acting_user_id.map(UserId::new),
            reason: row.acting_reason.clone().unwrap_or_default(),
            until,
        }),
        acting_is_over: false,
    }))
}
