//! A webhook speaks of a call: it is written once, with its customer, timeline entry and event.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, sea_query::OnConflict};

use super::{
    by_sid,
    caller::{Caller, numbers},
    event,
    shown::{entry, show},
};
use crate::{
    calls::{
        directory::VoiceBusiness,
        model::{Direction, Mode, Status},
        store::call,
    },
    crm, timeline,
};

/// What a webhook says of a call.
#[derive(Clone, Debug)]
pub struct Announced {
    pub call_sid: String,
    pub account_sid: Option<String>,
    /// As Twilio gives it; empty in callbacks that do not name it.
    pub from: String,
    pub to: String,
    pub forwarded_from: Option<String>,
    pub direction: Direction,
    pub status: Status,
    pub at: DateTime<Utc>,
    pub mode: Mode,
    pub greeting_played: bool,
}

/// A call as it stands, and whether it is new.
#[derive(Clone, Debug)]
pub struct Noted {
    pub call: call::Model,
    pub created: bool,
    /// The caller is one whom the business does not want to hear.
    pub blocked: bool,
}

/// Writes the call if it is not there yet, with its customer, timeline entry and event.
pub async fn note(tx: &WriteTx, business: &VoiceBusiness, announced: &Announced) -> Result<Noted, Problem> {
    let (caller, customer) = Box::pin(customer_of(tx, business, announced)).await?;
    let blocked = customer.as_ref().is_some_and(|customer| customer.blocked);
    let row = row_of(
        business,
        announced,
        &caller,
        customer.map(|customer| customer.id),
        tx.now(),
    );
    let mut once = OnConflict::column(call::Column::CallSid);
    once.do_nothing();
    if let Some(call) = tx.insert_or(row, once).await? {
        show(tx, &call).await?;
        tx.emit(event("call:started", &call)).await?;
        return Ok(Noted {
            call,
            created: true,
            blocked,
        });
    }
    let known = by_sid(tx, &announced.call_sid).await?.ok_or_else(Problem::not_found)?;
    let call = fill_in(tx, business, known, announced).await?;
    Ok(Noted {
        call,
        created: false,
        blocked,
    })
}

/// Writes many new calls of known customers at once, which costs a database with one writer far less than one by one.
/// `None` for what takes more than that (a caller not known yet, a call announced before): that is [`note`]'s work.
pub async fn note_known(
    tx: &WriteTx,
    business: &VoiceBusiness,
    announced: &[&Announced],
) -> Result<Vec<Option<Noted>>, Problem> {
    let callers: Vec<Caller> = announced
        .iter()
        .map(|one| Caller::read(business, &one.from, one.forwarded_from.as_deref()))
        .collect();
    let phones: Vec<_> = callers.iter().filter_map(Caller::phone).collect();
    let customers = crm::customers::store::by_phones(tx, &phones).await?;
    let mut sids: HashSet<String> = by_sids(tx, announced).await?.into_keys().collect();
    let (mut rows, mut blocked) = (Vec::new(), HashMap::new());
    for (one, caller) in announced.iter().zip(&callers) {
        let customer = caller.phone().and_then(|phone| customers.get(phone.as_str()));
        let simple = one.direction == Direction::In && customer.is_some() == caller.phone().is_some();
        if simple && sids.insert(one.call_sid.clone()) {
            blocked.insert(one.call_sid.clone(), customer.is_some_and(|customer| customer.blocked));
            rows.push(row_of(
                business,
                one,
                caller,
                customer.map(|customer| customer.id),
                tx.now(),
            ));
        }
    }
    if rows.is_empty() {
        return Ok(announced.iter().map(|_| None).collect());
    }
    let mut once = OnConflict::column(call::Column::CallSid);
    once.do_nothing();
    tx.insert_many(rows, once).await?;
    let mut calls = by_sids(tx, announced).await?;
    calls.retain(|sid, _| blocked.contains_key(sid));
    timeline::put_all(tx, calls.values().filter_map(entry).collect()).await?;
    tx.emit_all(calls.values().map(|call| event("call:started", call)).collect())
        .await?;
    Ok(announced
        .iter()
        .map(|one| {
            Some(Noted {
                call: calls.remove(&one.call_sid)?,
                created: true,
                blocked: blocked.get(&one.call_sid).copied().unwrap_or_default(),
            })
        })
        .collect())
}

async fn by_sids(tx: &ReadTx, announced: &[&Announced]) -> Result<HashMap<String, call::Model>, Problem> {
    let sids = announced.iter().map(|one| one.call_sid.as_str());
    let found = tx
        .find::<call::Entity>()
        .filter(call::Column::CallSid.is_in(sids))
        .all()
        .await?;
    Ok(found.into_iter().map(|call| (call.call_sid.clone(), call)).collect())
}

async fn customer_of(
    tx: &WriteTx,
    business: &VoiceBusiness,
    announced: &Announced,
) -> Result<(Caller, Option<crm::customers::store::Model>), Problem> {
    let other_side = match announced.direction {
        Direction::In => &announced.from,
        Direction::Out => &announced.to,
    };
    let caller = Caller::read(business, other_side, announced.forwarded_from.as_deref());
    let customer = match (&caller, announced.direction) {
        (Caller::Someone(phone), Direction::In) => {
            let found = crm::customers::actions::find_or_create_by_phone(tx, phone, None, "call").await?;
            Some(found.customer)
        }
        _ => None,
    };
    Ok((caller, customer))
}

fn row_of(
    business: &VoiceBusiness,
    announced: &Announced,
    caller: &Caller,
    customer_id: Option<i64>,
    now: DateTime<Utc>,
) -> call::ActiveModel {
    let (from_number, to_number) = numbers(business, announced, caller);
    call::ActiveModel {
        call_sid: Set(announced.call_sid.clone()),
        account_sid: Set(announced.account_sid.clone()),
        customer_id: Set(customer_id),
        caller_hidden: Set(*caller == Caller::Hidden),
        direction: Set(announced.direction.as_str().to_owned()),
        from_number: Set(from_number),
        to_number: Set(to_number),
        forwarded_from: Set(announced.forwarded_from.clone()),
        status: Set(announced.status.as_str().to_owned()),
        mode: Set(announced.mode.as_str().to_owned()),
        greeting_played: Set(announced.greeting_played),
        started_at: Set(announced.at),
        ..call::ActiveModel::blank(now)
    }
}

/// A call that a callback without numbers made known gets them when one with numbers comes.
async fn fill_in(
    tx: &WriteTx,
    business: &VoiceBusiness,
    known: call::Model,
    announced: &Announced,
) -> Result<call::Model, Problem> {
    if !known.to_number.is_empty() || announced.to.is_empty() {
        return Ok(known);
    }
    let (caller, customer) = Box::pin(customer_of(tx, business, announced)).await?;
    let mut row = known.into_active_model();
    let (from_number, to_number) = numbers(business, announced, &caller);
    row.from_number = Set(from_number);
    row.to_number = Set(to_number);
    row.forwarded_from = Set(announced.forwarded_from.clone());
    row.caller_hidden = Set(caller == Caller::Hidden);
    row.customer_id = Set(customer.map(|customer| customer.id));
    row.direction = Set(announced.direction.as_str().to_owned());
    row.updated_at = Set(tx.now());
    let call = tx.update(row).await?;
    show(tx, &call).await?;
    Ok(call)
}
