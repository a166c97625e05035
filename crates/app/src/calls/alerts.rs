//! Calls of which people are told: one that waits to be called back, and one whose caller asks for a person.

use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use serde_json::Value;

use super::store::call;
use crate::{
    accounts::{businesses, users},
    crm::{self, tasks::people::Concerned},
    notifications::{Kind, News, tell},
};

/// A call began to wait for a call back.
pub async fn missed(tx: &WriteTx, call: &call::Model) -> Result<(), Problem> {
    let people = Concerned::load(tx, call.customer_id).await?.by(None, call.customer_id);
    let title = format!("שיחה ממתינה לחזרה: {}", caller(tx, call).await?);
    tell(tx, news(people, Kind::MissedCall, &title, call)).await
}

/// The agent hands the caller over: those whom it will ring are told, or whoever is concerned when it has no list.
pub async fn handed_over(tx: &WriteTx, call: &call::Model) -> Result<(), Problem> {
    let mut people = call_out_order(tx).await?;
    if people.is_empty() {
        people = Concerned::load(tx, call.customer_id).await?.by(None, call.customer_id);
    }
    let title = format!("בקשה לשוחח עם נציג: {}", caller(tx, call).await?);
    tell(tx, news(people, Kind::Handover, &title, call)).await
}

fn news(people: Vec<i64>, kind: Kind, title: &str, call: &call::Model) -> Vec<News> {
    people
        .into_iter()
        .map(|user_id| News {
            user_id,
            kind,
            title: title.to_owned(),
            link: link_of(call.id),
            ref_id: format!("call:{}", call.id),
        })
        .collect()
}

/// The call's page in the web app.
pub fn link_of(call: i64) -> String {
    format!("/calls/{call}")
}

async fn call_out_order(tx: &ReadTx) -> Result<Vec<i64>, Problem> {
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    let wanted = business.call_out_order.as_array().into_iter().flatten();
    let mut people = Vec::new();
    for id in wanted.filter_map(Value::as_i64) {
        let user = tx.find::<users::store::Entity>().by_id(id).one().await?;
        people.extend(user.filter(|user| user.active).map(|user| user.id));
    }
    Ok(people)
}

/// Who calls, as a list shows it.
async fn caller(tx: &ReadTx, call: &call::Model) -> Result<String, Problem> {
    const HIDDEN: &str = "מספר חסוי";
    if let Some(id) = call.customer_id {
        let customer = tx.find::<crm::customers::store::Entity>().by_id(id).one().await?;
        if let Some(customer) = customer {
            return Ok(customer.name);
        }
    }
    Ok(if call.caller_hidden || call.from_number.is_empty() {
        HIDDEN.to_owned()
    } else {
        call.from_number.clone()
    })
}
