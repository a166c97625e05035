//! Making people.

use kernel::{Problem, Role, SecretString};
use platform::db::{Db, DbError, SystemTx};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::store;
use crate::accounts::{businesses, password};

const LONGEST_NAME: usize = 200;
/// The longest address that mail knows.
pub const LONGEST_EMAIL: usize = 254;

/// A person to make.
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password: SecretString,
}

/// A person whose fields are sound and whose password is hashed.
pub struct CheckedUser {
    name: String,
    email: String,
    role: Role,
    password_hash: String,
}

/// A trimmed name of 1 to 200 characters.
pub fn checked_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Problem::missing("name"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(Problem::invalid("name", "too_long", "use 200 characters or fewer"));
    }
    Ok(name.to_owned())
}

/// A lower-case e-mail address.
pub fn checked_email(email: &str) -> Result<String, Problem> {
    let email = email.trim().to_lowercase();
    if email.is_empty() {
        return Err(Problem::missing("email"));
    }
    if email.len() > LONGEST_EMAIL || garde::rules::email::parse_email(&email).is_err() {
        return Err(Problem::invalid(
            "email",
            "invalid_email",
            "this is not an e-mail address",
        ));
    }
    Ok(email)
}

/// Checks a new person's fields, before any transaction: hashing takes its time.
pub async fn check(new: NewUser) -> Result<CheckedUser, Problem> {
    let email = checked_email(&new.email)?;
    let name = checked_name(&new.name)?;
    password::check(&new.password, &email)?;
    Ok(CheckedUser {
        name,
        email,
        role: new.role,
        password_hash: password::hash(new.password).await?,
    })
}

/// 409 `email_exists` when the e-mail is taken, in whatever business.
pub async fn insert(tx: &SystemTx, business_id: i64, new: CheckedUser) -> Result<store::Model, Problem> {
    let now = tx.now();
    let row = store::ActiveModel {
        business_id: Set(business_id),
        name: Set(new.name),
        email: Set(new.email),
        role: Set(new.role.as_str().to_owned()),
        active: Set(true),
        available: Set(true),
        password_hash: Set(Some(new.password_hash)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    match row.insert(tx.conn()).await.map_err(DbError::from) {
        Ok(user) => Ok(user),
        Err(err) if err.is_duplicate() => Err(Problem::conflict(
            "email_exists",
            "this e-mail can not be taken for another person",
        )),
        Err(err) => Err(err.into()),
    }
}

/// Makes a person from the command line; the business is made when it is new, and is the first one when none is named.
pub async fn create(db: &Db, business: Option<&str>, new: NewUser) -> Result<store::Model, Problem> {
    let new = check(new).await?;
    let tx = db.system("user create").await?;
    let business = match business {
        Some(name) => businesses::model::named_or_new(&tx, name).await?,
        None => businesses::store::Entity::find()
            .filter(businesses::store::Column::Active.eq(true))
            .one(tx.conn())
            .await
            .map_err(DbError::from)?
            .ok_or_else(Problem::not_found)?,
    };
    let user = insert(&tx, business.id, new).await?;
    tx.commit().await?;
    Ok(user)
}
