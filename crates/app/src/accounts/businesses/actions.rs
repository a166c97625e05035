//! What an admin does to businesses: making them, closing them, opening them again.

use kernel::{BusinessId, Problem};
use platform::{
    db::{AuditEntry, DbError, WriteTx},
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde_json::json;

use super::store::{Entity, Model};
use crate::accounts::sessions::store::session;

const LONGEST_NAME: usize = 200;

/// The name of a new business. 400 `name_required` when it is missing or blank.
pub fn new_name(name: Option<&str>) -> Result<String, Problem> {
    let name = name.unwrap_or_default();
    if name.trim().is_empty() {
        let mut problem = Problem::missing("name");
        problem.code = "name_required";
        return Err(problem);
    }
    sound_name(name)
}

/// The name that a business shall have. 400 `invalid_name` when it is blank.
pub fn changed_name(name: Option<&str>) -> Result<String, Problem> {
    let name = name.unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Problem::malformed("invalid_name", "a business has a name"));
    }
    sound_name(name)
}

fn sound_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.chars().count() > LONGEST_NAME {
        return Err(Problem::invalid("name", "too_long", "use 200 characters or fewer"));
    }
    if name.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "name",
            "invalid_characters",
            "contains control characters",
        ));
    }
    Ok(name.to_owned())
}

/// The name is the one thing of a business that must be unlike all others'.
pub fn name_taken(err: DbError) -> Problem {
    if err.is_duplicate() {
        Problem::conflict("name_exists", "there is a business of this name")
    } else {
        err.into()
    }
}

/// Tells screens to look at the business again.
pub fn event(id: i64) -> Event {
    Event {
        room: Room::Business,
        name: "business:updated",
        payload: json!({ "business_id": id }),
    }
}

pub async fn locked(tx: &WriteTx, id: i64) -> Result<Model, Problem> {
    tx.find::<Entity>()
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)
}

/// Closes a business: its people are out at once and cannot sign in; what it has stays, and its webhooks are still
/// answered and stored. 409 `own_business` for the admin's own, who would be out as well.
pub async fn deactivate(tx: &WriteTx, id: i64, admins_own: BusinessId) -> Result<Model, Problem> {
    if admins_own.get() == id {
        return Err(Problem::conflict(
            "own_business",
            "this is your own business: you could not sign in any more",
        ));
    }
    let business = locked(tx, id).await?;
    let now = tx.now();
    tx.update_many::<session::Entity>()?
        .col(session::Column::RevokedAt, now)
        .filter(session::Column::RevokedAt.is_null())
        .exec()
        .await?;
    set_active(tx, business, false, "business.deactivated").await
}

/// Opens it again; its people sign in anew.
pub async fn reactivate(tx: &WriteTx, id: i64) -> Result<Model, Problem> {
    let business = locked(tx, id).await?;
    set_active(tx, business, true, "business.reactivated").await
}

async fn set_active(tx: &WriteTx, business: Model, active: bool, action: &'static str) -> Result<Model, Problem> {
    if business.active == active {
        return Ok(business);
    }
    let version = business.version;
    let mut row = business.into_active_model();
    row.active = Set(active);
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    let after = tx.update(row).await?;
    tx.audit(AuditEntry {
        action,
        record_type: "business",
        record_id: Some(after.id),
        changes: json!({ "active": { "from": !active, "to": active } }),
    })
    .await?;
    Ok(after)
}
