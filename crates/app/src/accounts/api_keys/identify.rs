//! Whose key a request shows.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{BusinessId, Problem, Role, UserId};
use platform::db::DbError;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde_json::Value as Json;
use subtle::ConstantTimeEq;

use super::{prefix, scopes};
use crate::{
    AppState,
    accounts::{
        businesses::settings::OWN_AND_UNASSIGNED,
        sessions::{
            caller::{Identity, KeyIdentity},
            tokens,
        },
    },
};

/// `last_used_at` is that old at most: reading with a key is no write each time.
const USED_WITHIN: TimeDelta = TimeDelta::minutes(1);

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    business_id: i64,
    secret_hash: String,
    scopes: Json,
    made_by_id: i64,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    role: String,
    /// The maker's own business; another one than the key's when an admin made it.
    home: i64,
    modules: Json,
    agent_visibility: String,
    agents_see_money: bool,
}

impl KeyRow {
    /// The maker's role now, in the key's business: an admin's key is an owner's, whoever has ceased to be an admin has no
    /// place in a foreign business any more.
    fn role(&self) -> Option<Role> {
        match Role::parse(&self.role)? {
            Role::Admin => Some(Role::Owner),
            role => (self.home == self.business_id).then_some(role),
        }
    }
}

/// What a key stands for: it has not run out, its maker and business are active. `None` otherwise. It never sees nor may
/// more than its maker does now.
pub async fn key(app: &AppState, token: &str) -> Result<Option<Identity>, Problem> {
    let Some(prefix) = prefix(token) else {
        return Ok(None);
    };
    let Some(row) = find(app, prefix).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    let right: bool = tokens::fingerprint(token)
        .as_bytes()
        .ct_eq(row.secret_hash.as_bytes())
        .into();
    if !right || row.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    let Some(role) = row.role() else {
        return Ok(None);
    };
    if row.last_used_at.is_none_or(|used| used + USED_WITHIN <= now) {
        touch(app, row.id, now).await;
    }
    let scopes: Vec<String> = serde_json::from_value(row.scopes).unwrap_or_default();
    Ok(Some(Identity {
        user: UserId::new(row.made_by_id),
        business: BusinessId::new(row.business_id),
        home: BusinessId::new(row.business_id),
        session_id: 0,
        role,
        key: Some(KeyIdentity {
            id: row.id,
            permissions: scopes::permissions(&scopes),
        }),
        modules: row.modules,
        own_and_unassigned: role == Role::Agent && row.agent_visibility == OWN_AND_UNASSIGNED,
        sees_money: role != Role::Agent || row.agents_see_money,
        impersonation: None,
        acting_is_over: false,
    }))
}

async fn find(app: &AppState, prefix: &str) -> Result<Option<KeyRow>, DbError> {
    let tx = app.db.system_read("the key of a request").await?;
    let row = KeyRow::find_by_statement(Statement::from_sql_and_values(
        app.db.backend(),
        "SELECT k.id, k.business_id, k.secret_hash, k.scopes, k.made_by_id, k.expires_at, k.last_used_at, u.role, \
         u.business_id AS home, b.modules, b.agent_visibility, b.agents_see_money FROM api_keys k \
         JOIN users u ON u.id = k.made_by_id JOIN businesses h ON h.id = u.business_id \
         JOIN businesses b ON b.id = k.business_id WHERE k.prefix = $1 AND u.active AND h.active AND b.active",
        [prefix.into()],
    ))
    .one(tx.conn())
    .await?;
    Ok(row)
}

/// A request is not refused because this can not be written.
async fn touch(app: &AppState, id: i64, now: DateTime<Utc>) {
    let written = async {
        let tx = app.db.system("a key's last use").await?;
        tx.conn()
            .execute_raw(Statement::from_sql_and_values(
                app.db.backend(),
                "UPDATE api_keys SET last_used_at = $1 WHERE id = $2",
                [now.into(), id.into()],
            ))
            .await?;
        tx.commit().await
    };
    let written: Result<(), DbError> = written.await;
    if let Err(err) = written {
        tracing::warn!(error = %err.cause(), "a key's last use could not be written");
    }
}
