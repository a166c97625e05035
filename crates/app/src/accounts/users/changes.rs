//! What people with the right to do so do to other people of their business.
//!
//! Nobody makes or changes somebody of a higher role than their own, and a business keeps an owner.

use kernel::{Permission, Phone, Problem, Role, UserId};
use platform::{
    db::{AuditEntry, WriteTx},
    http::IfMatch,
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde_json::{Map, Value, json};

use super::{
    invitations,
    store::{ActiveModel, Column, Entity, Model},
};
use crate::{
    accounts::{businesses, resets, sessions::store::session},
    api::hand_over,
};

/// A person to make, with sound fields.
pub struct New {
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub role: Role,
    /// `None`: the person is invited.
    pub password_hash: Option<String>,
}

/// What changes of a person; what is `None` stays.
#[derive(Default)]
pub struct Change {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<Option<String>>,
    pub role: Option<Role>,
    pub available: Option<bool>,
    pub active: Option<bool>,
    pub password_hash: Option<String>,
    /// Who gets the work of somebody who is sent away; nobody's from then on without it.
    pub hand_over_to: Option<i64>,
}

/// A phone in E.164; blank is none.
pub fn checked_phone(text: &str) -> Result<Option<String>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Phone::parse(text)
        .map(|phone| Some(phone.into()))
        .map_err(|err| Problem::invalid("phone", "invalid_phone", err.to_string()))
}

/// 403 when `role` stands above the one who acts.
pub fn check_rank(by: Role, role: Role) -> Result<(), Problem> {
    if role.is_above(by) {
        return Err(Problem::forbidden(format!(
            "a person of the role {} is not yours to make or change",
            role.as_str()
        )));
    }
    Ok(())
}

/// Makes a person in the scope's business. 409 `email_exists` when the e-mail is taken, in whatever business.
pub async fn create(tx: &WriteTx, by: Role, new: New) -> Result<Model, Problem> {
    check_rank(by, new.role)?;
    if new.password_hash.is_some() {
        tx.scope().require(Permission::UsersCredentials)?;
    }
    let now = tx.now();
    let row = ActiveModel {
        name: Set(new.name),
        email: Set(new.email),
        phone: Set(new.phone),
        role: Set(new.role.as_str().to_owned()),
        active: Set(true),
        available: Set(true),
        password_hash: Set(new.password_hash),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let user = tx.insert(row).await.map_err(email_taken)?;
    let changes = json!({ "role": user.role, "invited": user.password_hash.is_none() });
    tell(tx, &user, "user.created", changes).await?;
    Ok(user)
}

fn email_taken(err: platform::db::DbError) -> Problem {
    if err.is_duplicate() {
        Problem::conflict("email_exists", "this e-mail can not be taken for another person")
    } else {
        err.into()
    }
}

/// The person with this id, locked, whom one of role `by` may change.
pub async fn changeable(tx: &WriteTx, by: Role, id: i64) -> Result<Model, Problem> {
    let user = tx
        .find::<Entity>()
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)?;
    check_rank(by, role_of(&user))?;
    Ok(user)
}

pub fn role_of(user: &Model) -> Role {
    Role::parse(&user.role).unwrap_or(Role::Agent)
}

/// Changes what is mentioned. A new e-mail or password, and leaving, make links that are under way worthless. 409
/// `last_owner`, `email_exists`, `own_account`; 412 `stale`; 403 `impersonating` for e-mail and password.
pub async fn update(tx: &WriteTx, by: Role, id: i64, seen: &IfMatch, change: Change) -> Result<Model, Problem> {
    // The business's row before the person's: of two who take the last owners' rights from each other, one waits here.
    let business = tx.scope().business()?;
    businesses::actions::locked(tx, business.get()).await?;
    let before = changeable(tx, by, id).await?;
    seen.check(before.version)?;
    let leaves = change.active == Some(false) && before.active;
    if let Some(role) = change.role {
        check_rank(by, role)?;
    }
    let demoted = change.role.is_some_and(|role| role_of(&before).is_above(role));
    if leaves || demoted {
        keep_own_admin(tx, &before)?;
        keep_an_owner(tx, &before).await?;
    }
    let (handed_over_to, new_password) = (change.hand_over_to, change.password_hash.is_some());
    let moves = change.email.as_ref().is_some_and(|email| *email != before.email);
    if moves || new_password {
        tx.scope().require(Permission::UsersCredentials)?;
    }
    if moves || new_password || leaves {
        void_links(tx, id).await?;
    }
    let (row, mut changes) = differences(tx, &before, change);
    if leaves {
        changes.insert("handed_over".to_owned(), depart(tx, &before, handed_over_to).await?);
    } else if new_password {
        end_sessions(tx, id).await?;
    }
    if changes.is_empty() {
        return Ok(before);
    }
    let after = tx.update(row).await.map_err(email_taken)?;
    let action = if leaves { "user.deactivated" } else { "user.updated" };
    tell(tx, &after, action, Value::Object(changes)).await?;
    Ok(after)
}

fn differences(tx: &WriteTx, before: &Model, change: Change) -> (ActiveModel, Map<String, Value>) {
    let mut row = before.clone().into_active_model();
    let mut changes = Map::new();
    macro_rules! take {
        ($($field:ident: $value:expr),* $(,)?) => {$(
            if let Some(value) = $value && value != before.$field {
                changes.insert(stringify!($field).to_owned(), json!({ "from": before.$field, "to": value }));
                row.$field = Set(value);
            }
        )*};
    }
    take! {
        name: change.name,
        email: change.email,
        role: change.role.map(|role| role.as_str().to_owned()),
        available: change.available,
        active: change.active,
    }
    if let Some(phone) = change.phone
        && phone != before.phone
    {
        // No number stands in the audit log.
        changes.insert("phone".to_owned(), json!({ "set": phone.is_some() }));
        row.phone = Set(phone);
    }
    if let Some(hash) = change.password_hash {
        changes.insert("password".to_owned(), json!({ "set": true }));
        row.password_hash = Set(Some(hash));
    }
    row.version = Set(before.version + 1);
    row.updated_at = Set(tx.now());
    (row, changes)
}

/// An admin who took it from themselves could not give it back.
fn keep_own_admin(tx: &WriteTx, user: &Model) -> Result<(), Problem> {
    if role_of(user) == Role::Admin && tx.scope().actor().user_id() == Some(UserId::new(user.id)) {
        return Err(Problem::conflict("own_account", "another admin has to do this to you"));
    }
    Ok(())
}

/// 409 `last_owner` when this is the only one who owns the business. One who was invited and has not come yet owns
/// nothing as long as another one signs in. The business's row must be locked.
async fn keep_an_owner(tx: &WriteTx, user: &Model) -> Result<(), Problem> {
    if role_of(user) != Role::Owner || !user.active {
        return Ok(());
    }
    let mut others = tx
        .find::<Entity>()
        .filter(Column::Role.eq(Role::Owner.as_str()))
        .filter(Column::Active.eq(true))
        .filter(Column::Id.ne(user.id));
    if user.password_hash.is_some() {
        others = others.filter(Column::PasswordHash.is_not_null());
    }
    if others.count().await? == 0 {
        return Err(Problem::conflict("last_owner", "a business keeps an owner"));
    }
    Ok(())
}

/// Somebody leaves: their sessions end, and their work is somebody else's, or nobody's.
async fn depart(tx: &WriteTx, user: &Model, to: Option<i64>) -> Result<Value, Problem> {
    if let Some(to) = to {
        let known = tx.find::<Entity>().by_id(to).one().await?;
        if known.is_none_or(|known| !known.active || known.id == user.id) {
            return Err(Problem::invalid(
                "hand_over_to",
                "unknown_user",
                "is not another active user of this business",
            ));
        }
    }
    end_sessions(tx, user.id).await?;
    let handed = hand_over::all(tx, UserId::new(user.id), to.map(UserId::new)).await?;
    Ok(json!({ "to": to, "customers": handed.customers, "tasks": handed.tasks, "calls": handed.calls }))
}

/// Addresses by which the person could choose a password are worth nothing any more.
async fn void_links(tx: &WriteTx, user_id: i64) -> Result<(), Problem> {
    invitations::revoke(tx, user_id).await?;
    resets::actions::void(tx, user_id).await
}

async fn end_sessions(tx: &WriteTx, user_id: i64) -> Result<(), Problem> {
    tx.update_many::<session::Entity>()?
        .col(session::Column::RevokedAt, tx.now())
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::RevokedAt.is_null())
        .exec()
        .await?;
    Ok(())
}

/// Screens and audit.
async fn tell(tx: &WriteTx, user: &Model, action: &'static str, changes: Value) -> Result<(), Problem> {
    tx.emit(Event {
        room: Room::Business,
        name: "user:updated",
        payload: json!({ "user_id": user.id, "name": user.name, "role": user.role, "active": user.active }),
    })
    .await?;
    tx.audit(AuditEntry {
        action,
        record_type: "user",
        record_id: Some(user.id),
        changes,
    })
    .await?;
    Ok(())
}
