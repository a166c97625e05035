//! Everything that is one person's becomes another's in one step: each subject that knows of people has its line here.

use kernel::{Problem, UserId};
use platform::db::WriteTx;

use crate::{calls, crm, threads};

/// How much was handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    pub customers: u64,
    pub tasks: u64,
    pub calls: u64,
    pub deals: u64,
    pub threads: u64,
}

/// In the transaction in which the person leaves. Without `to` it is nobody's from then on.
pub async fn all(tx: &WriteTx, from: UserId, to: Option<UserId>) -> Result<HandedOver, Problem> {
    Ok(HandedOver {
        customers: crm::customers::hand_over(tx, from, to).await?,
        tasks: crm::tasks::hand_over(tx, from, to).await?,
        calls: calls::hand_over(tx, from, to).await?,
        deals: crm::deals::hand_over(tx, from, to).await?,
        threads: threads::hand_over(tx, from, to).await?,
    })
}
