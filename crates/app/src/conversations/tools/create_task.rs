//! `create_task`: something for a person of the business to do, tied to the call and its customer. Due when the caller
//! wants to be called back, if nothing else was said of it.

use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};

use super::{Around, Done, ONLY_A_TEST};
use crate::{
    calls::actions,
    crm::{
        customers,
        tasks::{
            self,
            model::{NewTask, Priority, Source},
        },
    },
};

pub async fn run(around: Around<'_>, title: String, due_at: Option<DateTime<Utc>>) -> Result<Done, Problem> {
    let scope = around.scope;
    scope.require(Permission::TasksWrite)?;
    if around.is_test() {
        return Ok(Done::new(ONLY_A_TEST, title));
    }
    let tx = around.app.db.write(scope).await?;
    let customer = match around.customer {
        // merged into another during the call, perhaps
        Some(customer) => Some(customers::store::current(&tx, customer).await?),
        None => None,
    };
    let wish = match around.call() {
        Some(live) => actions::by_id(&tx, live.call_id.get()).await?.extracted().callback_at,
        None => None,
    };
    let task = NewTask {
        title: title.clone(),
        notes: None,
        customer_id: customer.map(i64::from),
        call_id: around.call().map(|live| live.call_id.get()),
        assignee_id: None,
        due_at: due_at.or(wish),
        priority: Priority::Normal,
        source: around.call().map_or(Source::Whatsapp, |_| Source::Call),
        ..NewTask::default()
    };
    tasks::actions::create(&tx, task).await?;
    tx.commit().await?;
    Ok(Done::new(
        "the task was created; a person of the business will see it",
        title,
    ))
}
