//! Letting a media socket in whose token was good: what its conversation needs is loaded.

use std::sync::Arc;

use kernel::{BusinessId, CallId, CustomerId, Phone, Problem, Scope};
use platform::db::{Db, DbError};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    actions,
    live::{KnownCustomer, LiveCall, Presence, Refused},
    model::{Standing, Status},
    store::call,
};
use crate::{App, crm};

/// Takes the call in hand for a media socket, with the agent's right to it as `scope` makes it.
pub async fn admit(
    app: &App,
    call_sid: &str,
    scope: impl FnOnce(BusinessId, CallId) -> Scope,
) -> Result<LiveCall, Refused> {
    let call = find(&app.db, call_sid)
        .await
        .map_err(|_| Refused::Unavailable)?
        .ok_or(Refused::UnknownCall)?;
    if call.ended_at.is_some() {
        return Err(Refused::NotNow);
    }
    let (id, business_id) = (CallId::new(call.id), BusinessId::new(call.business_id));
    if !app.calls.registry.socket_opened(call_sid, id, business_id, call.test) {
        return Err(Refused::NotNow);
    }
    // From here on dropping it frees the place.
    let presence = Arc::new(Presence {
        call_id: id,
        registry: Arc::downgrade(&app.calls.registry),
    });
    let business = app
        .calls
        .directory
        .by_id(&app.db, business_id)
        .await
        .map_err(|_| Refused::Unavailable)?
        .ok_or(Refused::UnknownCall)?;
    let scope = scope(business_id, id);
    let customer = begin(app, &scope, call.id).await.map_err(|problem| {
        tracing::error!(%problem, call_sid, "a media socket could not be let in");
        Refused::Unavailable
    })?;
    let now = app.clock.now();
    Ok(LiveCall {
        scope,
        call_id: id,
        call_sid: call.call_sid,
        test: call.test,
        customer,
        caller_hidden: call.caller_hidden,
        after_hours: business.calendar.next_opening(now),
        closed: !business.calendar.is_open(now),
        greeting_played: call.greeting_played && call.turn_count == 0,
        turns_before: call.turn_count,
        business,
        presence,
    })
}

async fn find(db: &Db, call_sid: &str) -> Result<Option<call::Model>, DbError> {
    let tx = db.system_read("the call of a media socket").await?;
    Ok(call::Entity::find()
        .filter(call::Column::CallSid.eq(call_sid))
        .one(tx.conn())
        .await?)
}

/// The call runs now, and what was planned for an earlier socket is void.
async fn begin(app: &App, scope: &Scope, id: i64) -> Result<Option<KnownCustomer>, Problem> {
    let tx = app.db.write(scope).await?;
    let call = actions::by_id(&tx, id).await?;
    let mut row = call.into_active_model();
    row.next_step = Set(None);
    row.node = Set(Some(app.calls.node.clone()));
    row.last_seen_at = Set(tx.now());
    let call = tx.update(row).await?;
    let now = tx.now();
    let call = actions::hear_status(&tx, call, Standing::reported(Status::InProgress), None, now).await?;
    tx.emit(actions::event("call:updated", &call)).await?;
    let customer = match call.customer_id {
        Some(id) => Some(tx.get::<crm::customers::store::Entity>(id).await?),
        None => None,
    };
    tx.commit().await?;
    Ok(customer.map(|customer| KnownCustomer {
        id: CustomerId::new(customer.id),
        name: customer.given_name().map(ToOwned::to_owned).unwrap_or_default(),
        phone: customer.phone.as_deref().and_then(|phone| Phone::parse(phone).ok()),
    }))
}
