//! Whom a task concerns, and who gets the work that nobody was given.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{Problem, Role};
use platform::db::{ReadTx, WriteTx};
use sea_orm::{ColumnTrait, FromQueryResult, QuerySelect};

use super::{
    model::{NewTask, Status},
    store::{Column, Entity},
};
use crate::{
    accounts::{businesses::hours::Office, users},
    crm::customers,
};

/// The people of a business who can be told, and who looks after which customer.
pub struct Concerned {
    active: HashSet<i64>,
    managers: Vec<i64>,
    owner_of_customer: HashMap<i64, i64>,
}

impl Concerned {
    /// For what concerns these customers.
    pub async fn load(tx: &ReadTx, customers: impl IntoIterator<Item = i64>) -> Result<Self, Problem> {
        let people = people(tx).await?;
        let managers = people.iter().filter(|user| {
            [Role::Owner, Role::Manager]
                .iter()
                .any(|role| role.as_str() == user.role)
        });
        let managers = managers.map(|user| user.id).collect();
        let ids: HashSet<i64> = customers.into_iter().collect();
        Ok(Self {
            active: people.iter().map(|user| user.id).collect(),
            managers,
            owner_of_customer: owners(tx, ids).await?,
        })
    }

    /// Who is told: the one who has it, else who looks after the customer, else all managers and owners.
    pub fn by(&self, assignee: Option<i64>, customer: Option<i64>) -> Vec<i64> {
        let owner = customer.and_then(|customer| self.owner_of_customer.get(&customer).copied());
        let one = [assignee, owner]
            .into_iter()
            .flatten()
            .find(|user| self.active.contains(user));
        one.map_or_else(|| self.managers.clone(), |user| vec![user])
    }
}

async fn people(tx: &ReadTx) -> Result<Vec<users::store::Model>, Problem> {
    use users::store::{Column, Entity};
    Ok(tx
        .find::<Entity>()
        .filter(Column::Active.eq(true))
        .order_by(Column::Id, sea_orm::Order::Asc)
        .all()
        .await?)
}

#[derive(FromQueryResult)]
struct Owned {
    id: i64,
    owner_id: Option<i64>,
}

async fn owners(tx: &ReadTx, customers: HashSet<i64>) -> Result<HashMap<i64, i64>, Problem> {
    use customers::store::{Column, Entity};
    if customers.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<Owned> = tx
        .find::<Entity>()
        .filter(Column::Id.is_in(customers))
        .filter(Column::OwnerId.is_not_null())
        .map(|select| select.select_only().columns([Column::Id, Column::OwnerId]))
        .all_as()
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|customer| Some((customer.id, customer.owner_id?)))
        .collect())
}

/// When and by whom work is done that a call, a rule or the agent made.
pub async fn plan(tx: &WriteTx, task: &mut NewTask) -> Result<(), Problem> {
    let office = Office::of_scope(tx).await?;
    let due = due(&office, task.due_at, tx.now());
    task.due_at = due.or(task.due_at);
    if task.assignee_id.is_none() {
        task.assignee_id = someone(tx, task.customer_id).await?;
    }
    Ok(())
}

/// When a wish is fulfilled: as it says, or when the business opens after it.
pub async fn due_on_wish(tx: &WriteTx, wish: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    let office = Office::of_scope(tx).await?;
    Ok(due(&office, Some(wish), tx.now()).unwrap_or(wish))
}

/// A wish within the hours stands; anything else is due when there is somebody to do it.
fn due(office: &Office, wish: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match wish.filter(|wish| *wish > now) {
        Some(wish) if office.is_open(wish) => Some(wish),
        wish => office.work_due(wish.unwrap_or(now)),
    }
}

#[derive(FromQueryResult)]
struct Load {
    assignee_id: Option<i64>,
    tasks: i64,
}

/// Who looks after the customer if available, else whoever of those available has least to do.
async fn someone(tx: &ReadTx, customer: Option<i64>) -> Result<Option<i64>, Problem> {
    let available: Vec<i64> = people(tx)
        .await?
        .into_iter()
        .filter(|user| user.available && user.role != Role::Admin.as_str())
        .map(|user| user.id)
        .collect();
    let owner = owners(tx, customer.into_iter().collect()).await?.into_values().next();
    if let Some(owner) = owner.filter(|owner| available.contains(owner)) {
        return Ok(Some(owner));
    }
    let loads: Vec<Load> = tx
        .find::<Entity>()
        .filter(Column::Status.ne(Status::Done.as_str()))
        .filter(Column::AssigneeId.is_in(available.iter().copied()))
        .map(|select| {
            select
                .select_only()
                .column(Column::AssigneeId)
                .column_as(Column::Id.count(), "tasks")
                .group_by(Column::AssigneeId)
        })
        .all_as()
        .await?;
    let of: HashMap<i64, i64> = loads
        .into_iter()
        .filter_map(|load| Some((load.assignee_id?, load.tasks)))
        .collect();
    Ok(available
        .into_iter()
        .min_by_key(|user| (of.get(user).copied().unwrap_or(0), *user)))
}
