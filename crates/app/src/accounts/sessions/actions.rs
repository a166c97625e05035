//! Signing in, staying signed in, signing out.

use kernel::{Actor, BusinessId, PermissionSet, Problem, Reach, Role, Scope, SecretString, UserId, Visibility};
use platform::{
    bus::Revocation,
    db::{AuditEntry, DbError, SystemTx},
    http::request_id,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr,
};
use serde_json::{Value, json};

use super::{
    known,
    store::{refresh_token, session},
    tokens,
};
use crate::{
    AppState,
    accounts::{
        businesses, password, resets,
        totp::{self, actions::SecondFactor},
        users::{self, invitations},
    },
};

/// Where a sign-in comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// The two tokens of a session.
#[derive(Debug)]
pub struct Granted {
    pub user: users::store::Model,
    pub business: businesses::store::Model,
    pub access: String,
    pub refresh: String,
}

/// 401 with one text for a wrong password, an unknown e-mail, and a deactivated person or business.
fn refused() -> Problem {
    Problem::new(401, "unauthorized", "e-mail or password are not right")
}

/// Signs in with e-mail, password and, where it is on, a code of the second factor.
pub async fn sign_in(
    app: &AppState,
    email: &str,
    given: SecretString,
    code: Option<SecretString>,
    origin: Origin,
) -> Result<Granted, Problem> {
    let email = email.trim().to_lowercase();
    if !known::is_possible(&email) {
        return Err(refused());
    }
    let tx = app.db.system_read("sign-in").await?;
    let user = users::store::Entity::find()
        .filter(users::store::Column::Email.eq(&email))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?;
    drop(tx);
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let right = password::verify(given, hash).await;
    let Some(user) = user else {
        return refuse(app, &email, NOBODY, "unknown").await;
    };
    let tx = app.db.system("sign-in").await?;
    let business = business_of(&tx, &user).await?;
    let business = business.filter(|business| business.active && user.active && right);
    let Some(business) = business else {
        drop(tx);
        return refuse(app, &email, Who::of(&user), "password").await;
    };
    match totp::actions::check(app, &tx, &user, code.as_ref()).await? {
        SecondFactor::Off | SecondFactor::Right => open(app, tx, user, business, origin).await,
        SecondFactor::Missing => Err(Problem::new(
            401,
            "totp_required",
            "give the code of your second factor, too",
        )),
        SecondFactor::Wrong => {
            drop(tx);
            refuse(app, &email, Who::of(&user), "totp").await
        }
    }
}

/// Records a refused sign-in, as far as there is room for it, and refuses. Known and unknown addresses are counted
/// alike, so that neither takes longer.
async fn refuse(app: &AppState, email: &str, who: Who, why: &'static str) -> Result<Granted, Problem> {
    if let Some(unwritten) = app.refusals.admit_sign_in(email) {
        let tx = app.db.system("sign-in").await?;
        let changes = json!({ "why": why, "unwritten_before": unwritten });
        note_with(&tx, &who, "session.refused", None, changes).await?;
        tx.commit().await?;
    }
    Err(refused())
}

async fn business_of(tx: &SystemTx, user: &users::store::Model) -> Result<Option<businesses::store::Model>, DbError> {
    Ok(businesses::store::Entity::find_by_id(user.business_id)
        .one(tx.conn())
        .await?)
}

/// Somebody who was invited comes in.
pub async fn join(
    app: &AppState,
    tx: SystemTx,
    user: users::store::Model,
    business: businesses::store::Model,
    origin: Origin,
) -> Result<Granted, Problem> {
    note(&tx, Who::of(&user), "user.joined", None).await?;
    open(app, tx, user, business, origin).await
}

/// Opens a session for a person who has shown who they are.
pub async fn open(
    app: &AppState,
    tx: SystemTx,
    user: users::store::Model,
    business: businesses::store::Model,
    origin: Origin,
) -> Result<Granted, Problem> {
    let now = tx.now();
    let session = session::ActiveModel {
        business_id: Set(user.business_id),
        user_id: Set(user.id),
        user_agent: Set(origin.user_agent.map(|text| text.chars().take(300).collect())),
        ip: Set(origin.ip),
        created_at: Set(now),
        last_seen_at: Set(now),
        expires_at: Set(now + tokens::REFRESH),
        ..Default::default()
    }
    .insert(tx.conn())
    .await
    .map_err(DbError::from)?;
    users::store::Entity::update_many()
        .col_expr(users::store::Column::LastSeenAt, Expr::value(now))
        .filter(users::store::Column::Id.eq(user.id))
        .exec(tx.conn())
        .await
        .map_err(DbError::from)?;
    let refresh = new_refresh(&tx, user.business_id, session.id).await?;
    note(&tx, Who::of(&user), "session.opened", Some(session.id)).await?;
    tx.commit().await?;
    let access = app
        .tokens
        .issue(UserId::new(user.id), BusinessId::new(user.business_id), session.id, now)?;
    Ok(Granted {
        user,
        business,
        access,
        refresh,
    })
}

async fn new_refresh(tx: &SystemTx, business_id: i64, session_id: i64) -> Result<String, DbError> {
    let token = tokens::random();
    refresh_token::ActiveModel {
        business_id: Set(business_id),
        session_id: Set(session_id),
        token_hash: Set(tokens::fingerprint(&token)),
        created_at: Set(tx.now()),
        expires_at: Set(tx.now() + tokens::REFRESH),
        ..Default::default()
    }
    .insert(tx.conn())
    .await?;
    Ok(token)
}

/// Exchanges a refresh token for a new pair. One that was used before ends its whole session: either it was stolen, or
/// the thief was first.
pub async fn refresh(app: &AppState, token: &str) -> Result<Granted, Problem> {
    let tx = app.db.system("refresh").await?;
    let now = tx.now();
    let claimed = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(now))
        .filter(refresh_token::Column::TokenHash.eq(tokens::fingerprint(token)))
        .filter(refresh_token::Column::UsedAt.is_null())
        .filter(refresh_token::Column::ExpiresAt.gt(now))
        .exec(tx.conn())
        .await
        .map_err(DbError::from)?
        .rows_affected;
    let row = refresh_token::Entity::find()
        .filter(refresh_token::Column::TokenHash.eq(tokens::fingerprint(token)))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(Problem::unauthorized)?;
    if claimed == 0 {
        if row.used_at.is_some() {
            revoke_session(&tx, row.session_id).await?;
            if let Some((user, _)) = person_of(&tx, row.session_id).await? {
                note(&tx, Who::of(&user), "session.token_reused", Some(row.session_id)).await?;
            }
            tracing::warn!(
                session_id = row.session_id,
                "a refresh token came twice, its session is ended"
            );
            tx.commit().await?;
            app.bus.revoke(Revocation::Session(row.session_id));
        }
        return Err(Problem::unauthorized());
    }
    let Some((user, business)) = live(&tx, row.session_id).await? else {
        return Err(Problem::unauthorized());
    };
    let refresh = new_refresh(&tx, row.business_id, row.session_id).await?;
    still_here(&tx, row.session_id).await?;
    tx.commit().await?;
    let access = app.tokens.issue(
        UserId::new(user.id),
        BusinessId::new(user.business_id),
        row.session_id,
        now,
    )?;
    Ok(Granted {
        user,
        business,
        access,
        refresh,
    })
}

/// The person and business of a session that still holds.
async fn live(
    tx: &SystemTx,
    session_id: i64,
) -> Result<Option<(users::store::Model, businesses::store::Model)>, DbError> {
    let person = person_of(tx, session_id).await?;
    let Some((user, session)) = person.filter(|(user, session)| user.active && session.revoked_at.is_none()) else {
        return Ok(None);
    };
    let business = business_of(tx, &user).await?;
    Ok(business
        .filter(|business| business.active && session.business_id == business.id)
        .map(|business| (user, business)))
}

/// Whose a session is, whether it still holds or not.
async fn person_of(tx: &SystemTx, session_id: i64) -> Result<Option<(users::store::Model, session::Model)>, DbError> {
    let Some(session) = session::Entity::find_by_id(session_id).one(tx.conn()).await? else {
        return Ok(None);
    };
    let user = users::store::Entity::find_by_id(session.user_id).one(tx.conn()).await?;
    Ok(user.map(|user| (user, session)))
}

/// The session was used just now, and lives as long as its newest refresh token.
async fn still_here(tx: &SystemTx, session_id: i64) -> Result<(), DbError> {
    session::Entity::update_many()
        .col_expr(session::Column::LastSeenAt, Expr::value(tx.now()))
        .col_expr(session::Column::ExpiresAt, Expr::value(tx.now() + tokens::REFRESH))
        .filter(session::Column::Id.eq(session_id))
        .exec(tx.conn())
        .await?;
    Ok(())
}

async fn revoke_session(tx: &SystemTx, session_id: i64) -> Result<(), DbError> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(tx.now()))
        .filter(session::Column::Id.eq(session_id))
        .filter(session::Column::RevokedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Ends a session: its access and refresh tokens are worth nothing from now on.
pub async fn sign_out(app: &AppState, session_id: i64) -> Result<(), Problem> {
    let tx = app.db.system("sign-out").await?;
    end_session(&tx, session_id).await?;
    tx.commit().await?;
    app.bus.revoke(Revocation::Session(session_id));
    Ok(())
}

/// Ends the session that a refresh token belongs to.
pub async fn sign_out_by_refresh(app: &AppState, token: &str) -> Result<(), Problem> {
    let tx = app.db.system("sign-out").await?;
    let row = refresh_token::Entity::find()
        .filter(refresh_token::Column::TokenHash.eq(tokens::fingerprint(token)))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?;
    let Some(row) = row else {
        return Ok(());
    };
    end_session(&tx, row.session_id).await?;
    tx.commit().await?;
    app.bus.revoke(Revocation::Session(row.session_id));
    Ok(())
}

async fn end_session(tx: &SystemTx, session_id: i64) -> Result<(), DbError> {
    let person = person_of(tx, session_id).await?;
    if let Some((user, _)) = person.filter(|(_, session)| session.revoked_at.is_none()) {
        revoke_session(tx, session_id).await?;
        note(tx, Who::of(&user), "session.closed", Some(session_id)).await?;
    }
    Ok(())
}

/// Changes the own password; all other sessions end.
pub async fn change_password(
    app: &AppState,
    user_id: i64,
    keep_session: i64,
    current: SecretString,
    new: SecretString,
) -> Result<(), Problem> {
    let tx = app.db.system_read("password change").await?;
    let user = users::store::Entity::find_by_id(user_id)
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(Problem::unauthorized)?;
    drop(tx);
    if !password::verify(current, user.password_hash.clone()).await {
        return Err(Problem::invalid(
            "current_password",
            "wrong",
            "this is not the password",
        ));
    }
    password::check(&new, &user.email)?;
    let hash = password::hash(new).await?;
    let tx = app.db.system("password change").await?;
    let ended = set_password(&tx, user_id, hash, Some(keep_session)).await?;
    note_of(&tx, &user, "password.changed").await?;
    tx.commit().await?;
    for session in ended {
        app.bus.revoke(Revocation::Session(session));
    }
    Ok(())
}

/// Keeps a new password's hash. All sessions but `keep` end, and links by which a password can be chosen, invitations
/// included. Gives the sessions that were ended.
pub async fn set_password(tx: &SystemTx, user_id: i64, hash: String, keep: Option<i64>) -> Result<Vec<i64>, DbError> {
    users::store::Entity::update_many()
        .col_expr(users::store::Column::PasswordHash, Expr::value(hash))
        .filter(users::store::Column::Id.eq(user_id))
        .exec(tx.conn())
        .await?;
    resets::store::Entity::update_many()
        .col_expr(resets::store::Column::UsedAt, Expr::value(tx.now()))
        .filter(resets::store::Column::UserId.eq(user_id))
        .filter(resets::store::Column::UsedAt.is_null())
        .exec(tx.conn())
        .await?;
    invitations::Entity::update_many()
        .col_expr(invitations::Column::RevokedAt, Expr::value(tx.now()))
        .filter(invitations::Column::UserId.eq(user_id))
        .filter(invitations::Column::UsedAt.is_null())
        .filter(invitations::Column::RevokedAt.is_null())
        .exec(tx.conn())
        .await?;
    let open: Vec<i64> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::Id.ne(keep.unwrap_or_default()))
        .filter(session::Column::RevokedAt.is_null())
        .into_tuple()
        .all(tx.conn())
        .await?;
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(tx.now()))
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::Id.ne(keep.unwrap_or_default()))
        .filter(session::Column::RevokedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(open)
}

/// An entry about a person's own account, made by that person.
pub async fn note_of(tx: &SystemTx, user: &users::store::Model, action: &'static str) -> Result<(), DbError> {
    note(tx, Who::of(user), action, None).await
}

/// Whom an entry in the audit log is about; nobody's entries stand under business 0.
struct Who {
    business: BusinessId,
    user: UserId,
    role: Role,
}

const NOBODY: Who = Who {
    business: BusinessId::new(0),
    user: UserId::new(0),
    role: Role::Agent,
};

impl Who {
    fn of(user: &users::store::Model) -> Self {
        Self {
            business: BusinessId::new(user.business_id),
            user: UserId::new(user.id),
            role: Role::parse(&user.role).unwrap_or(Role::Agent),
        }
    }
}

async fn note(tx: &SystemTx, who: Who, action: &'static str, session_id: Option<i64>) -> Result<(), DbError> {
    note_with(tx, &who, action, session_id, json!({})).await
}

async fn note_with(
    tx: &SystemTx,
    who: &Who,
    action: &'static str,
    session_id: Option<i64>,
    changes: Value,
) -> Result<(), DbError> {
    let scope = Scope::mint(
        Reach::One(who.business),
        Actor::User {
            id: who.user,
            role: who.role,
            session_id: session_id.unwrap_or_default(),
        },
        PermissionSet::default(),
        Visibility::All,
        request_id::current(),
    );
    let entry = AuditEntry {
        action,
        record_type: "session",
        record_id: session_id,
        changes,
    };
    tx.audit(who.business.get(), &scope, entry).await
}
