//! Acting as a business, or as a person in it: a state of an admin's session, for half an hour, with a reason, and under
//! both names in the audit log. It ends by hand or by time.

pub mod http;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Problem, Role, Scope};
use platform::{
    bus::Revocation,
    db::{AuditEntry, DbError, SystemTx},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    businesses,
    sessions::{caller::Identity, store::session},
    users,
};
use crate::App;

pub const LASTS: TimeDelta = TimeDelta::minutes(30);

/// As whom, and why.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub business_id: i64,
    /// `None`: as the business itself.
    pub user_id: Option<i64>,
    pub reason: String,
}

/// Begins. 409 `already_impersonating`; 404 without such a business, 409 `business_inactive`; 422 for a person who is not
/// active in it, 403 for another admin.
pub async fn begin(app: &App, scope: &Scope, identity: &Identity, wanted: &Wanted) -> Result<(), Problem> {
    if identity.impersonation.is_some() {
        return Err(Problem::conflict(
            "already_impersonating",
            "end what runs before you begin anew",
        ));
    }
    let tx = app.db.system("acting as somebody else").await?;
    check(&tx, wanted).await?;
    let until = tx.now() + LASTS;
    set(&tx, identity.session_id, Some((wanted, until))).await?;
    let entry = AuditEntry {
        action: "impersonation.started",
        record_type: "business",
        record_id: Some(wanted.business_id),
        changes: json!({ "user_id": wanted.user_id, "reason": wanted.reason, "until": until }),
    };
    tx.audit(wanted.business_id, scope, entry).await?;
    tx.commit().await?;
    app.bus.revoke(Revocation::Changed(identity.session_id));
    Ok(())
}

async fn check(tx: &SystemTx, wanted: &Wanted) -> Result<(), Problem> {
    let business = businesses::store::Entity::find_by_id(wanted.business_id)
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(Problem::not_found)?;
    if !business.active {
        return Err(Problem::conflict("business_inactive", "this business is deactivated"));
    }
    let Some(user_id) = wanted.user_id else {
        return Ok(());
    };
    let user = users::store::Entity::find_by_id(user_id)
        .filter(users::store::Column::BusinessId.eq(wanted.business_id))
        .filter(users::store::Column::Active.eq(true))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(|| Problem::invalid("user_id", "unknown_user", "is not an active user of this business"))?;
    if Role::parse(&user.role) == Some(Role::Admin) {
        return Err(Problem::forbidden("nobody acts as another admin"));
    }
    Ok(())
}

/// Ends; nothing happens when there is nothing to end.
pub async fn end(app: &App, scope: &Scope, identity: &Identity) -> Result<(), Problem> {
    let tx = app.db.system("acting as somebody else").await?;
    set(&tx, identity.session_id, None).await?;
    if identity.impersonation.is_some() {
        let entry = AuditEntry {
            action: "impersonation.ended",
            record_type: "business",
            record_id: Some(identity.business.get()),
            changes: json!({}),
        };
        tx.audit(identity.business.get(), scope, entry).await?;
    }
    tx.commit().await?;
    app.bus.revoke(Revocation::Changed(identity.session_id));
    Ok(())
}

async fn set(tx: &SystemTx, session_id: i64, acting: Option<(&Wanted, DateTime<Utc>)>) -> Result<(), DbError> {
    let wanted = acting.map(|(wanted, _)| wanted);
    session::Entity::update_many()
        .col_expr(
            session::Column::ActingBusinessId,
            Expr::value(wanted.map(|wanted| wanted.business_id)),
        )
        .col_expr(
            session::Column::ActingUserId,
            Expr::value(wanted.and_then(|wanted| wanted.user_id)),
        )
        .col_expr(
            session::Column::ActingReason,
            Expr::value(wanted.map(|wanted| wanted.reason.clone())),
        )
        .col_expr(
            session::Column::ActingUntil,
            Expr::value(acting.map(|(_, until)| until)),
        )
        .filter(session::Column::Id.eq(session_id))
        .exec(tx.conn())
        .await?;
    Ok(())
}
