//! Who may listen to events over Socket.IO: the same sessions that may call the API.

use std::collections::HashSet;

use async_trait::async_trait;
use http::HeaderMap;
use kernel::{CallId, Module, Permission, Role};
use platform::{
    db::DbError,
    realtime::{Authenticator, Identity},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use crate::{
    AppState,
    accounts::{
        businesses,
        sessions::{caller, store::session},
        users,
    },
};

/// The product's part of the sockets' door.
pub struct Listeners(pub AppState);

#[async_trait]
impl Authenticator for Listeners {
    async fn authenticate(&self, headers: &HeaderMap, token: Option<&str>) -> Option<Identity> {
        let token = token.map(str::to_owned).or_else(|| caller::token(headers))?;
        match caller::identify(&self.0, &token).await {
            Ok(identity) => identity.map(|identity| Identity {
                business: identity.business,
                user: identity.user,
                session: identity.session_id,
            }),
            Err(problem) => {
                tracing::warn!(%problem, "a listener could not be looked up");
                None
            }
        }
    }

    async fn may_follow(&self, identity: &Identity, call: CallId) -> bool {
        self.follows(identity, call).await.unwrap_or_else(|err| {
            tracing::warn!(error = %err, "a listener's call could not be looked up");
            false
        })
    }

    async fn no_longer(&self, identities: &[Identity]) -> Vec<Identity> {
        match self.still_good(identities).await {
            Ok(good) => identities
                .iter()
                .filter(|identity| !good.contains(&identity.session))
                .cloned()
                .collect(),
            // Better a listener too long than none while the database is away.
            Err(err) => {
                tracing::warn!(error = %err, "listeners' sessions could not be looked up");
                Vec::new()
            }
        }
    }
}

impl Listeners {
    async fn follows(&self, identity: &Identity, call: CallId) -> Result<bool, DbError> {
        let tx = self.0.db.system_read("following a call").await?;
        let user = users::store::Entity::find_by_id(identity.user.get())
            .one(tx.conn())
            .await?;
        let Some(role) = user.and_then(|user| Role::parse(&user.role)) else {
            return Ok(false);
        };
        let business = tx
            .conn()
            .query_one_raw(Statement::from_sql_and_values(
                self.0.db.backend(),
                "SELECT business_id FROM calls WHERE id = $1",
                [call.get().into()],
            ))
            .await?
            .map(|row| row.try_get_by_index::<i64>(0))
            .transpose()?;
        if role == Role::Admin {
            return Ok(business.is_some());
        }
        if business != Some(identity.business.get()) || !role.permissions().contains(Permission::CallsRead) {
            return Ok(false);
        }
        let business = businesses::store::Entity::find_by_id(identity.business.get())
            .one(tx.conn())
            .await?;
        Ok(business.is_some_and(|business| businesses::model::module_is_on(&business.modules, Module::Calls)))
    }

    /// Sessions that are not revoked, of people and businesses that are active.
    async fn still_good(&self, identities: &[Identity]) -> Result<HashSet<i64>, DbError> {
        let tx = self.0.db.system_read("listeners' sessions").await?;
        let sessions = session::Entity::find()
            .filter(session::Column::Id.is_in(identities.iter().map(|identity| identity.session)))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(self.0.clock.now()))
            .all(tx.conn())
            .await?;
        let people: HashSet<i64> = users::store::Entity::find()
            .filter(users::store::Column::Id.is_in(sessions.iter().map(|session| session.user_id)))
            .filter(users::store::Column::Active.eq(true))
            .all(tx.conn())
            .await?
            .into_iter()
            .map(|user| user.id)
            .collect();
        let closed: HashSet<i64> = businesses::store::Entity::find()
            .filter(businesses::store::Column::Id.is_in(sessions.iter().map(|session| session.business_id)))
            .filter(businesses::store::Column::Active.eq(false))
            .all(tx.conn())
            .await?
            .into_iter()
            .map(|business| business.id)
            .collect();
        Ok(sessions
            .into_iter()
            .filter(|session| people.contains(&session.user_id) && !closed.contains(&session.business_id))
            .map(|session| session.id)
            .collect())
    }
}
