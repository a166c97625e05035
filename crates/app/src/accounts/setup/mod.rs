//! The first owner: made in the browser by whoever has the one-time address printed at start.

pub mod http;

use std::sync::Mutex;

use kernel::{Problem, SecretString};
use platform::db::{Db, DbError};
use sea_orm::{ColumnTrait as _, EntityTrait, PaginatorTrait, QueryFilter as _, QuerySelect as _, sea_query::Expr};
use subtle::ConstantTimeEq;

use super::{
    businesses,
    sessions::{
        actions::{self, Granted, Origin},
        tokens,
    },
    users,
};
use crate::AppState;

/// Open while there is no user; the token stands in the printed address only.
#[derive(Debug, Default)]
pub struct SetupDoor(Mutex<Option<String>>);

impl SetupDoor {
    /// Opens the door when the server has no users yet, and gives the token for the address.
    pub async fn open_if_empty(&self, db: &Db) -> Result<Option<String>, DbError> {
        let tx = db.system_read("is there a user").await?;
        let users = users::store::Entity::find().count(tx.conn()).await?;
        let token = (users == 0).then(tokens::random);
        if let Ok(mut door) = self.0.lock() {
            door.clone_from(&token);
        }
        Ok(token)
    }

    fn fits(&self, given: &str) -> bool {
        self.0.lock().is_ok_and(|door| {
            door.as_ref()
                .is_some_and(|token| token.as_bytes().ct_eq(given.as_bytes()).into())
        })
    }

    fn close(&self) {
        if let Ok(mut door) = self.0.lock() {
            *door = None;
        }
    }
}

/// The first person of a fresh server.
pub struct FirstOwner {
    pub name: String,
    pub email: String,
    pub password: SecretString,
    pub business_name: Option<String>,
}

/// Makes the first owner in the first business and signs them in. 404 once there is a user, or with a wrong token.
pub async fn first_owner(app: &AppState, token: &str, owner: FirstOwner, origin: Origin) -> Result<Granted, Problem> {
    if !app.setup.fits(token) {
        return Err(Problem::not_found());
    }
    let new = users::actions::NewUser {
        name: owner.name,
        email: owner.email,
        role: kernel::Role::Owner,
        password: owner.password,
    };
    let new = users::actions::check(new).await?;
    let tx = app.db.system("the first owner").await?;
    let business = businesses::store::Entity::find()
        .filter(businesses::store::Column::Active.eq(true))
        .limit(1)
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(Problem::not_found)?;
    // Locks the business's row, so that of two who come at once one finds the other's user.
    let mut lock = businesses::store::Entity::update_many()
        .col_expr(businesses::store::Column::UpdatedAt, Expr::value(tx.now()))
        .filter(businesses::store::Column::Id.eq(business.id));
    if let Some(name) = owner.business_name.filter(|name| !name.trim().is_empty()) {
        lock = lock.col_expr(
            businesses::store::Column::Name,
            Expr::value(users::actions::checked_name(&name)?),
        );
    }
    lock.exec(tx.conn()).await.map_err(DbError::from)?;
    if users::store::Entity::find()
        .count(tx.conn())
        .await
        .map_err(DbError::from)?
        > 0
    {
        return Err(Problem::not_found());
    }
    let user = users::actions::insert(&tx, business.id, new).await?;
    let business = businesses::store::Entity::find_by_id(business.id)
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(Problem::not_found)?;
    let granted = actions::open(app, tx, user, business, origin).await?;
    app.setup.close();
    Ok(granted)
}
