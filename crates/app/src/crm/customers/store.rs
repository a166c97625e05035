//! The table `customers` and how its rows are found.

use std::collections::{HashMap, HashSet};

use kernel::{CustomerId, Phone, Problem};
use platform::db::{Find, Owned, ReadTx};
use sea_orm::{
    Condition, FromQueryResult, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, SelectStatement},
};

use super::identities;
use crate::crm::sight;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customers")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    /// The phone itself while nobody has said a name; see [`Model::given_name`].
    pub name: String,
    pub company: Option<String>,
    pub tax_id: Option<String>,
    pub address: Option<String>,
    pub status: String,
    pub source: String,
    pub owner_id: Option<i64>,
    /// A list of texts.
    pub tags: Json,
    pub notes: Option<String>,
    /// The business's own fields by name.
    pub custom: Json,
    pub do_not_contact: bool,
    pub language: Option<String>,
    /// What the customer said they want, as the agent understood it.
    pub need: Option<String>,
    /// Why this is no lead; such rows are in no list and no statistic.
    pub not_customer: Option<String>,
    /// A blocked caller hears one sentence.
    pub blocked: bool,
    /// The first phone, E.164; all of them are identities.
    pub phone: Option<String>,
    /// The first e-mail, lower case.
    pub email: Option<String>,
    pub last_contact_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    /// The customer in whom this one went up. Such a row is deleted, too.
    pub merged_into_id: Option<i64>,
    /// When everything personal was erased; what is left of the row only holds calls and statistics together.
    pub forgotten_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

impl Model {
    pub const fn record_id(&self) -> CustomerId {
        CustomerId::new(self.id)
    }

    /// The name, once somebody has said one.
    pub fn given_name(&self) -> Option<&str> {
        (self.phone.as_ref() != Some(&self.name)).then_some(self.name.as_str())
    }
}

/// The customers that the actor may see; deleted ones are not among them.
pub fn visible(tx: &ReadTx) -> Find<'_, Entity> {
    in_sight(tx).filter(Column::DeletedAt.is_null())
}

/// The deleted customers that may be restored, as far as the actor may see them.
pub fn deleted(tx: &ReadTx) -> Find<'_, Entity> {
    in_sight(tx)
        .filter(Column::DeletedAt.is_not_null())
        .filter(Column::MergedIntoId.is_null())
        .filter(Column::ForgottenAt.is_null())
}

/// A query of the ids of those for whom this holds, as far as the actor may see them.
pub fn visible_ids(tx: &ReadTx, holds: Condition) -> SelectStatement {
    let mut ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::DeletedAt.is_null())
        .filter(sight::condition(tx, Column::OwnerId))
        .filter(holds);
    if let Ok(business) = tx.scope().business() {
        ids = ids.filter(Column::BusinessId.eq(business.get()));
    }
    ids.into_query()
}

/// A query of the ids of those who are marked as no customer: what they did is in no statistic.
pub fn not_customers(tx: &ReadTx) -> SelectStatement {
    let mut ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::NotCustomer.is_not_null());
    if let Ok(business) = tx.scope().business() {
        ids = ids.filter(Column::BusinessId.eq(business.get()));
    }
    ids.into_query()
}

/// Where those come from whom an import brought, unless their row said otherwise.
pub const IMPORTED: &str = "import";

/// What statistics count as new leads: not those who were the business's before, and were only brought over.
pub fn counted() -> Condition {
    let real = Column::NotCustomer.is_null();
    Condition::all().add(real).add(Column::Source.ne(IMPORTED))
}

/// Deleted or not.
fn in_sight(tx: &ReadTx) -> Find<'_, Entity> {
    sight::visible(tx, Column::OwnerId)
}

/// 404 for one that is not there, deleted, another business's, or not the actor's to see; 410 `merged` with
/// `merged_into` for one that went up in another.
pub async fn get(tx: &ReadTx, id: CustomerId) -> Result<Model, Problem> {
    match visible(tx).by_id(id).one().await? {
        Some(customer) => Ok(customer),
        None => Err(why_not(tx, id).await?),
    }
}

/// As [`get`], for who wants to know only that the customer is there.
pub async fn check(tx: &ReadTx, id: CustomerId) -> Result<(), Problem> {
    #[derive(FromQueryResult)]
    struct Known {
        id: i64,
    }
    let known = visible(tx)
        .by_id(id)
        .map(|select| select.select_only().column(Column::Id));
    match known.one_as::<Known>().await? {
        Some(known) if known.id == id.get() => Ok(()),
        _ => Err(why_not(tx, id).await?),
    }
}

/// As [`get`], locked until the transaction ends.
pub async fn locked(tx: &ReadTx, id: CustomerId) -> Result<Model, Problem> {
    match visible(tx).by_id(id).lock().one().await? {
        Some(customer) => Ok(customer),
        None => Err(why_not(tx, id).await?),
    }
}

/// Why a customer is not to be had.
pub async fn why_not(tx: &ReadTx, id: CustomerId) -> Result<Problem, Problem> {
    let last = current(tx, id).await?;
    if last == id || visible(tx).by_id(last).one().await?.is_none() {
        return Ok(Problem::not_found());
    }
    Ok(Problem::new(410, "merged", "this customer went up in another one").with("merged_into", last.get().into()))
}

/// More merges one after another than anybody makes.
pub(super) const LONGEST_CHAIN: usize = 50;

/// In whom this customer lives on: itself, unless it was merged. For work that remembers a customer over a time in
/// which people may have merged it (a running call).
pub async fn current(tx: &ReadTx, id: CustomerId) -> Result<CustomerId, Problem> {
    let mut current = id;
    for _ in 0..LONGEST_CHAIN {
        let row = tx.find::<Entity>().by_id(current).one().await?;
        match row.and_then(|row| row.merged_into_id) {
            Some(next) => current = CustomerId::new(next),
            None => break,
        }
    }
    Ok(current)
}

/// Whether nothing may be written down about this customer any more. For work that began before they were forgotten.
pub async fn is_forgotten(tx: &ReadTx, id: Option<i64>) -> Result<bool, Problem> {
    let Some(id) = id else {
        return Ok(false);
    };
    let row = tx.find::<Entity>().by_id(id).one().await?;
    Ok(row.is_some_and(|row| row.forgotten_at.is_some()))
}

/// What these customers are called, by id: those that the actor may see, and for whom somebody has said a name.
pub async fn names(tx: &ReadTx, ids: impl IntoIterator<Item = i64>) -> Result<HashMap<i64, String>, Problem> {
    let ids: HashSet<i64> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = visible(tx).filter(Column::Id.is_in(ids)).all().await?;
    Ok(found
        .into_iter()
        .filter_map(|customer| Some((customer.id, customer.given_name()?.to_owned())))
        .collect())
}

/// As [`by_phone`], for many phones in two queries: by phone, those that somebody has.
pub async fn by_phones(tx: &ReadTx, phones: &[&Phone]) -> Result<HashMap<String, Model>, Problem> {
    let owners = tx
        .find::<identities::Entity>()
        .filter(Expr::cust(ACTIVE_PHONE))
        .filter(identities::Column::Value.is_in(phones.iter().map(|phone| phone.as_str())))
        .all()
        .await?;
    if owners.is_empty() {
        return Ok(HashMap::new());
    }
    let customers = tx
        .find::<Entity>()
        .filter(Column::Id.is_in(owners.iter().map(|owner| owner.customer_id)))
        .filter(Column::DeletedAt.is_null())
        .all()
        .await?;
    let customers: HashMap<i64, Model> = customers.into_iter().map(|customer| (customer.id, customer)).collect();
    Ok(owners
        .into_iter()
        .filter_map(|owner| Some((owner.value, customers.get(&owner.customer_id)?.clone())))
        .collect())
}

/// Whose identity of this kind this is.
pub async fn by_identity(tx: &ReadTx, kind: identities::Kind, value: &str) -> Result<Option<Model>, Problem> {
    let owner = tx
        .find::<identities::Entity>()
        .filter(identities::Column::Kind.eq(kind.as_str()))
        .filter(identities::Column::Value.eq(value))
        .filter(identities::Column::Active.eq(true))
        .limit(1)
        .one()
        .await?;
    let Some(owner) = owner else { return Ok(None) };
    let customer = tx.find::<Entity>().by_id(owner.customer_id);
    Ok(customer.filter(Column::DeletedAt.is_null()).one().await?)
}

/// A literal, because a bound value would make SQLite plan the query anew each time, for the sake of a partial index.
const ACTIVE_PHONE: &str = "kind = 'phone' AND active";

/// Whose phone this is, in one query: it stands in the path of every incoming call.
pub async fn by_phone(tx: &ReadTx, phone: &Phone) -> Result<Option<Model>, Problem> {
    let business = tx.scope().business()?;
    let owner = identities::Entity::find()
        .select_only()
        .column(identities::Column::CustomerId)
        .filter(identities::Column::BusinessId.eq(business.get()))
        .filter(Expr::cust(ACTIVE_PHONE))
        .filter(identities::Column::Value.eq(phone.as_str()))
        .into_query();
    Ok(tx
        .find::<Entity>()
        .filter(Column::Id.in_subquery(owner))
        .filter(Column::DeletedAt.is_null())
        .one()
        .await?)
}
