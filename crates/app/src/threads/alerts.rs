//! Messages of which people are told.

use kernel::Problem;
use platform::db::WriteTx;

use super::store::{message, thread};
use crate::{
    crm::{customers::store::Model as Customer, tasks::people::Concerned},
    notifications::{Kind, News, tell},
};

/// The first unread message of a thread. What follows before somebody reads it is told no more.
pub async fn arrived(
    tx: &WriteTx,
    thread: &thread::Model,
    message: &message::Model,
    customer: Option<&Customer>,
) -> Result<(), Problem> {
    let customer_id = customer.map(|customer| customer.id);
    let people = Concerned::load(tx, customer_id)
        .await?
        .by(thread.assignee_id, customer_id);
    let title = format!("הודעה חדשה בוואטסאפ: {}", name(thread, customer));
    let ref_id = format!("message:{}", message.id);
    tell(tx, news(people, Kind::Message, &title, thread, &ref_id)).await
}

/// The agent gives the thread to a person.
pub async fn handed_over(
    tx: &WriteTx,
    thread: &thread::Model,
    customer: Option<&Customer>,
    reason: &str,
) -> Result<(), Problem> {
    let customer_id = customer.map(|customer| customer.id);
    let people = Concerned::load(tx, customer_id)
        .await?
        .by(thread.assignee_id, customer_id);
    let title = format!("נדרש מענה של אדם בהתכתבות: {} ({reason})", name(thread, customer));
    let ref_id = format!("thread:{}:{}", thread.id, thread.version);
    tell(tx, news(people, Kind::Handover, &title, thread, &ref_id)).await
}

fn name<'a>(thread: &'a thread::Model, customer: Option<&'a Customer>) -> &'a str {
    customer
        .map(|customer| customer.name.as_str())
        .or(thread.name.as_deref())
        .unwrap_or("וואטסאפ")
}

/// Where a thread is read.
pub fn link(thread: i64) -> String {
    format!("/inbox?thread={thread}")
}

fn news(people: Vec<i64>, kind: Kind, title: &str, thread: &thread::Model, ref_id: &str) -> Vec<News> {
    people
        .into_iter()
        .map(|user_id| News {
            user_id,
            kind,
            title: title.to_owned(),
            link: link(thread.id),
            ref_id: ref_id.to_owned(),
        })
        .collect()
}
