//! Sending the link, and choosing a new password by it.

use chrono::TimeDelta;
use kernel::{Actor, BusinessId, Problem, Role, SecretString, UserId};
use platform::{
    bus::Revocation,
    db::{AuditEntry, DbError, WriteTx},
    jobs::Enqueue,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::store;
use crate::{
    App, AppState,
    accounts::{
        businesses, password,
        sessions::{self, tokens},
        users,
    },
    mail::{self, Message, SendMail},
};

const VALID: TimeDelta = TimeDelta::minutes(30);
/// Links of one person that are good at a time: more letters would only be a nuisance.
const MOST_LINKS: u64 = 5;

/// Writes the letter with the link; it goes after the commit. Gives the job's id, or `None` when the person has enough
/// of them already.
pub async fn send_link(app: &App, tx: &WriteTx, user: &users::store::Model) -> Result<Option<i64>, Problem> {
    let now = tx.now();
    let open = tx
        .find::<store::Entity>()
        .filter(store::Column::UserId.eq(user.id))
        .filter(store::Column::UsedAt.is_null())
        .filter(store::Column::ExpiresAt.gt(now))
        .count()
        .await?;
    if open >= MOST_LINKS {
        tracing::warn!(
            user_id = user.id,
            "no mail went: this person has several good links already"
        );
        return Ok(None);
    }
    let token = tokens::random();
    let until = now + VALID;
    tx.insert(store::ActiveModel {
        user_id: Set(user.id),
        token_hash: Set(tokens::fingerprint(&token)),
        created_at: Set(now),
        expires_at: Set(until),
        ..Default::default()
    })
    .await?;
    let mail = SendMail {
        to: user.email.clone(),
        message: Message::PasswordReset {
            name: user.name.clone(),
            sealed_token: mail::seal_token(&app.seals.mail, &user.email, &token).ok_or_else(Problem::internal)?,
            until,
        },
    };
    let job = tx.enqueue(&mail, Enqueue::default()).await?;
    tx.audit(AuditEntry {
        action: "password.reset_sent",
        record_type: "user",
        record_id: Some(user.id),
        changes: json!({}),
    })
    .await?;
    Ok(job)
}

/// Makes what is under way to a person worthless.
pub async fn void(tx: &WriteTx, user_id: i64) -> Result<(), Problem> {
    tx.update_many::<store::Entity>()?
        .col(store::Column::UsedAt, tx.now())
        .filter(store::Column::UserId.eq(user_id))
        .filter(store::Column::UsedAt.is_null())
        .exec()
        .await?;
    Ok(())
}

/// Who acts may send the link to this person: nobody resets the password of a higher role. 403 otherwise.
pub fn may_reset(actor: &Actor, target: &users::store::Model) -> Result<(), Problem> {
    let Actor::User { role, .. } = actor else {
        return Err(Problem::forbidden("only people reset passwords"));
    };
    let target = Role::parse(&target.role).ok_or_else(Problem::internal)?;
    if rank(*role) >= rank(target) {
        Ok(())
    } else {
        Err(Problem::forbidden("this person has a higher role than yours"))
    }
}

const fn rank(role: Role) -> u8 {
    match role {
        Role::Agent => 0,
        Role::Manager => 1,
        Role::Owner => 2,
        Role::Admin => 3,
    }
}

fn worthless() -> Problem {
    Problem::invalid(
        "token",
        "invalid_token",
        "this link was used, has run out, or is not ours",
    )
}

/// Sets a new password by the link's token; all sessions of the person end. 422 `invalid_token` for one that was used,
/// has run out or was never given; a password that is refused does not use it up.
pub async fn reset(app: &AppState, token: &str, new: SecretString) -> Result<(), Problem> {
    let row = found(app, token).await?;
    let user = holder(app, &row).await?;
    password::check(&new, &user.email)?;
    let hash = password::hash(new).await?;
    let tx = app.db.system("password reset").await?;
    let now = tx.now();
    // Every link that the person has: one of them was enough.
    let taken = store::Entity::update_many()
        .col_expr(store::Column::UsedAt, Expr::value(now))
        .filter(store::Column::Id.eq(row.id))
        .filter(store::Column::UsedAt.is_null())
        .filter(store::Column::ExpiresAt.gt(now))
        .exec(tx.conn())
        .await
        .map_err(DbError::from)?
        .rows_affected;
    if taken == 0 {
        return Err(worthless());
    }
    sessions::actions::set_password(&tx, user.id, hash, None).await?;
    sessions::actions::note_of(&tx, &user, "password.reset").await?;
    let told = SendMail {
        to: user.email.clone(),
        message: Message::PasswordChanged {
            name: user.name.clone(),
        },
    };
    tx.enqueue(Some(BusinessId::new(user.business_id)), &told, Enqueue::default())
        .await?;
    tx.commit().await?;
    app.bus.revoke(Revocation::User(UserId::new(user.id)));
    Ok(())
}

async fn found(app: &AppState, token: &str) -> Result<store::Model, Problem> {
    let tx = app.db.system_read("password reset").await?;
    store::Entity::find()
        .filter(store::Column::TokenHash.eq(tokens::fingerprint(token)))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .filter(|row| row.used_at.is_none() && row.expires_at > tx.now())
        .ok_or_else(worthless)
}

async fn holder(app: &AppState, row: &store::Model) -> Result<users::store::Model, Problem> {
    let tx = app.db.system_read("password reset").await?;
    live_user(&tx, users::store::Column::Id.eq(row.user_id))
        .await?
        .ok_or_else(worthless)
}

/// The active person of an active business.
pub(super) async fn live_user(
    tx: &platform::db::SystemTx,
    which: sea_orm::sea_query::SimpleExpr,
) -> Result<Option<users::store::Model>, DbError> {
    let user = users::store::Entity::find()
        .filter(which)
        .filter(users::store::Column::Active.eq(true))
        .one(tx.conn())
        .await?;
    let Some(user) = user else { return Ok(None) };
    let business = businesses::store::Entity::find_by_id(user.business_id)
        .filter(businesses::store::Column::Active.eq(true))
        .one(tx.conn())
        .await?;
    Ok(business.map(|_| user))
}
