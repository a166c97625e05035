//! Which business a verified webhook is about, and the right to its data. Only what was believed is given a scope here.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::whatsapp::{Account, Carrier};
use kernel::{Actor, BusinessId, Permission, PermissionSet, Problem, Reach, Scope, Visibility};
use platform::db::DbError;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, Statement};

use super::believed::Believed;
use crate::{
    App,
    calls::directory::VoiceBusiness,
    threads::{files, store::delivery},
};

/// How long signatures are remembered: twice the time for which one is good.
const REMEMBERED: TimeDelta = TimeDelta::minutes(10);

/// The right to one business's data, for what its carrier tells.
pub fn scope(of: &Believed, business: BusinessId, request_id: &str) -> Scope {
    mint(business, Actor::Provider(of.carrier().word()), request_id)
}

/// The right to look at one file, for whoever brought its token.
pub fn file_scope(app: &App, token: &str) -> Option<(Scope, i64)> {
    let (business, file) = files::of_token(app, token, app.clock.now())?;
    let scope = mint(
        business,
        Actor::Provider("file_token"),
        &platform::http::request_id::current(),
    );
    Some((scope, file))
}

fn mint(business: BusinessId, actor: Actor, request_id: &str) -> Scope {
    let may: PermissionSet = [
        Permission::CustomersRead,
        Permission::CustomersWrite,
        Permission::TimelineRead,
        Permission::ThreadsRead,
        Permission::ThreadsWrite,
        Permission::MessagesRead,
        Permission::MessagesSend,
    ]
    .into_iter()
    .collect();
    Scope::mint(Reach::One(business), actor, may, Visibility::All, request_id)
}

/// Whose account it is. `None` for nobody's here, and for a business whose module is off.
pub async fn business_of(app: &App, account: &Account) -> Result<Option<Arc<VoiceBusiness>>, DbError> {
    let directory = &app.calls.directory;
    let found = if let Some(id) = account.business_id {
        directory.by_id(&app.db, BusinessId::new(id)).await?
    } else {
        match by_name(app, account).await? {
            Some(business) => Some(business),
            None if is_servers_own(app, account) => directory.only_one(&app.db).await?,
            None => None,
        }
    };
    Ok(found.filter(|business| business.active && business.reads_messages))
}

async fn by_name(app: &App, account: &Account) -> Result<Option<Arc<VoiceBusiness>>, DbError> {
    let names = [
        account.meta_phone_number_id.as_deref(),
        account.number.as_ref().map(kernel::Phone::as_str),
    ];
    for name in names.into_iter().flatten() {
        if let Some(business) = app.calls.directory.by_whatsapp(&app.db, name).await? {
            return Ok(Some(business));
        }
    }
    Ok(None)
}

/// The number of the server's own settings, which is the only business's.
fn is_servers_own(app: &App, account: &Account) -> bool {
    let settings = &app.whatsapp.settings;
    let number = account.number.is_some() && account.number == settings.twilio_from;
    let meta = account.meta_phone_number_id.is_some() && account.meta_phone_number_id == settings.meta_phone_number_id;
    number || meta
}

/// Remembers a signature. `false` when it was seen before.
pub async fn first_time(app: &App, signature: &str, now: DateTime<Utc>) -> Result<bool, Problem> {
    let tx = app.db.system("a signature is good once").await?;
    let sql = |sql, values: Vec<sea_orm::Value>| Statement::from_sql_and_values(app.db.backend(), sql, values);
    let remember = sql(
        "INSERT INTO webhook_signatures (signature, seen_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        vec![signature.into(), now.into()],
    );
    let new = tx
        .conn()
        .execute_raw(remember)
        .await
        .map_err(DbError::from)?
        .rows_affected()
        > 0;
    tx.commit().await?;
    Ok(new)
}

/// Forgets signatures that would not be believed any more.
pub async fn forget_signatures(app: &App) -> Result<(), DbError> {
    let tx = app.db.system("a signature is good once").await?;
    let before = app.clock.now() - REMEMBERED;
    tx.conn()
        .execute_raw(Statement::from_sql_and_values(
            app.db.backend(),
            "DELETE FROM webhook_signatures WHERE seen_at < $1",
            [before.into()],
        ))
        .await?;
    tx.commit().await
}

/// Keeps a body for later, or for an admin to see.
pub async fn keep(
    app: &App,
    of: &Believed,
    business: Option<BusinessId>,
    state: &str,
    reason: &str,
) -> Result<i64, Problem> {
    let tx = app.db.system("what a webhook brought").await?;
    let row = delivery::ActiveModel {
        business_id: Set(business.map(BusinessId::get)),
        carrier: Set(of.carrier().word().to_owned()),
        body: Set(of.body().to_vec()),
        state: Set(state.to_owned()),
        reason: Set(Some(reason.chars().take(300).collect())),
        request_id: Set(platform::http::request_id::current()),
        received_at: Set(tx.now()),
        ..Default::default()
    };
    let row = row.insert(tx.conn()).await.map_err(DbError::from)?;
    if state == "waiting" {
        let job = super::jobs::TakeIn { delivery_id: row.id };
        tx.enqueue(
            business,
            &job,
            platform::jobs::Enqueue::once(format!("delivery:{}", row.id)),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(row.id)
}

/// A body that was kept.
pub async fn kept(app: &App, id: i64) -> Result<Option<(delivery::Model, Believed)>, Problem> {
    use sea_orm::EntityTrait as _;
    let tx = app.db.system_read("what a webhook brought").await?;
    let row = delivery::Entity::find_by_id(id)
        .one(tx.conn())
        .await
        .map_err(DbError::from)?;
    Ok(row.and_then(|row| {
        let carrier: Carrier = row.carrier.parse().ok()?;
        let body = bytes::Bytes::from(row.body.clone());
        Some((row, Believed::from_journal(carrier, body)))
    }))
}

/// A body that was kept for a business which does not take it any more: an admin sees it.
pub async fn nobody_takes(app: &App, id: i64) -> Result<(), Problem> {
    let tx = app.db.system("what a webhook brought").await?;
    tx.conn()
        .execute_raw(Statement::from_sql_and_values(
            app.db.backend(),
            "UPDATE whatsapp_deliveries SET state = 'unrouted', reason = 'no business takes it' WHERE id = $1",
            [id.into()],
        ))
        .await
        .map_err(DbError::from)?;
    tx.commit().await?;
    Ok(())
}

/// What was worked in, or is too old for anybody to look at.
pub async fn drop_kept(app: &App, id: i64) -> Result<(), Problem> {
    use sea_orm::EntityTrait as _;
    let tx = app.db.system("what a webhook brought").await?;
    delivery::Entity::delete_by_id(id)
        .exec(tx.conn())
        .await
        .map_err(DbError::from)?;
    tx.commit().await?;
    Ok(())
}

/// The latest bodies that belong to nobody here.
pub async fn unrouted(app: &App, most: u64) -> Result<Vec<delivery::Model>, Problem> {
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
    let tx = app.db.system_read("what a webhook brought").await?;
    Ok(delivery::Entity::find()
        .filter(delivery::Column::State.ne("waiting"))
        .order_by_desc(delivery::Column::Id)
        .limit(most)
        .all(tx.conn())
        .await
        .map_err(DbError::from)?)
}
