//! Many customers in one transaction: what imports and bulk edits are made of.
//!
//! The rows are those that the single actions write: customer, identities, search tokens. What a single action tells
//! (timeline, screens, audit) is left to the caller, who tells it once for all.

use kernel::{CustomerId, Phone, Problem};
use platform::db::{ReadTx, WriteTx};
use sea_orm::{ColumnTrait, Condition};
use serde_json::{Map, Value};

use super::{
    actions,
    changes::{self, Change},
    identities::{self, Known},
    lookup,
    model::{Contacts, Fields, Status},
    statuses,
    store::{self, Column, Entity, Model},
};
use crate::{crm::custom_fields, timeline};

/// A customer to be made.
#[derive(Clone, Debug)]
pub struct New {
    pub name: String,
    pub fields: Fields,
}

/// A customer that was changed.
#[derive(Clone, Debug)]
pub struct Edited {
    pub after: Model,
    /// Field → `{from, to}`; with it the change can be undone. Empty when nothing differed.
    pub differences: Map<String, Value>,
}

impl Edited {
    /// The differences as timeline and audit may have them.
    pub fn told(&self) -> Map<String, Value> {
        changes::without_bodies(self.differences.clone())
    }
}

/// What only the database knows of fields that are to be written into many: 422 for an owner who is no user, and for a
/// status, a field of its own or a value of one that the business does not have.
pub async fn check(tx: &ReadTx, fields: &Fields) -> Result<(), Problem> {
    actions::check_owner(tx, fields).await?;
    if let Some(said) = &fields.custom {
        custom_fields::applied(tx, &Map::new(), said.clone()).await?;
    }
    statuses::check(tx, None, fields.status.as_ref()).await
}

/// What the timeline says of one of many changes. `by` says who did it, and by which work.
pub fn event(edited: &Edited, by: &Map<String, Value>) -> timeline::Entry {
    let told = edited.told();
    let title = told.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut data = by.clone();
    data.insert("changes".to_owned(), told.into());
    timeline::Entry {
        customer_id: edited.after.record_id(),
        kind: "change",
        ref_id: format!("customer:{}:{}", edited.after.id, edited.after.version),
        title,
        ts: edited.after.updated_at,
        data: data.into(),
    }
}

/// Makes customers, in a few statements for all of them. The caller has seen that nobody has their phones: one that
/// was taken since fails the transaction with 409 `already_exists`, and it may be tried again.
pub async fn create(tx: &WriteTx, new: Vec<New>) -> Result<Vec<Model>, Problem> {
    let mut known = Vec::with_capacity(new.len());
    let mut rows = Vec::with_capacity(new.len());
    for New { name, fields } in new {
        let of = Known {
            phones: fields.phones.applied_to(&[]).unwrap_or_default(),
            emails: fields.emails.applied_to(&[]).unwrap_or_default(),
        };
        rows.push(actions::filled_row(tx, &name, fields, &of.phones, &of.emails));
        known.push(of);
    }
    let made = tx.insert_all(rows).await?;
    let of: Vec<(CustomerId, &Known)> = made.iter().map(Model::record_id).zip(&known).collect();
    identities::add_all(tx, &of).await?;
    lookup::index_all_new(tx, &made).await?;
    Ok(made)
}

/// Changes a customer as [`actions::update`] does. The caller holds the row and has seen that nobody else has the new
/// phones; when that fails all the same, the transaction must not be committed.
pub async fn edit(tx: &WriteTx, before: Model, known: &Known, fields: Fields) -> Result<Edited, Problem> {
    let id = before.record_id();
    let mut change = Change::of(before);
    let phones = fields.phones.applied_to(&known.phones);
    if let Some(phones) = phones.filter(|phones| *phones != known.phones) {
        identities::set_phones(tx, id, &phones).await?;
        change.phones(&known.phones, &phones);
    }
    let emails = fields.emails.applied_to(&known.emails);
    if let Some(emails) = emails.filter(|emails| *emails != known.emails) {
        identities::set_emails(tx, id, &emails).await?;
        change.emails(&known.emails, &emails);
    }
    change.fields(fields);
    let (after, differences) = change.write_untold(tx).await?;
    Ok(Edited { after, differences })
}

/// What gives a customer back the values of before these differences.
pub fn undoing(differences: &Map<String, Value>) -> Fields {
    let from = |field: &str| differences.get(field)?.get("from").cloned();
    let text = |field: &str| from(field).map(|value| value.as_str().map(str::to_owned));
    let texts = |field: &str| -> Option<Vec<String>> { serde_json::from_value(from(field)?).ok() };
    let phones = texts("phones").map(|all| all.iter().filter_map(|text| Phone::parse(text).ok()).collect());
    Fields {
        name: text("name").flatten(),
        phones: Contacts {
            first: None,
            all: phones,
        },
        emails: Contacts {
            first: None,
            all: texts("emails"),
        },
        company: text("company"),
        tax_id: text("tax_id"),
        address: text("address"),
        status: text("status").flatten().as_deref().and_then(Status::parse),
        source: text("source").flatten(),
        owner_id: from("owner_id").map(|value| value.as_i64()),
        tags: texts("tags"),
        notes: text("notes"),
        custom: from("custom").and_then(|value| value.as_object().cloned()),
        do_not_contact: from("do_not_contact").and_then(|value| value.as_bool()),
        language: text("language"),
    }
}

/// Whether the phones that these fields give the customer are nobody else's.
pub async fn phones_are_free(tx: &WriteTx, customer: i64, fields: &Fields) -> Result<bool, Problem> {
    let phones: Vec<&Phone> = fields.phones.all.iter().flatten().collect();
    if phones.is_empty() {
        return Ok(true);
    }
    let owners = store::by_phones(tx, &phones).await?;
    Ok(owners.values().all(|owner| owner.id == customer))
}

fn these(ids: &[i64]) -> Condition {
    Condition::all().add(Column::Id.is_in(ids.iter().copied()))
}

fn of_these(ids: &[i64]) -> Condition {
    Condition::all().add(identities::Column::CustomerId.is_in(ids.iter().copied()))
}

/// Soft deletion: out of lists and search, their phones free for others.
pub async fn delete(tx: &WriteTx, ids: &[i64]) -> Result<(), Problem> {
    switch(tx, ids, true).await
}

/// Whether a deleted customer's phones are nobody else's meanwhile.
pub async fn may_come_back(tx: &ReadTx, customer: i64) -> Result<bool, Problem> {
    let known = identities::of(tx, CustomerId::new(customer)).await?;
    let phones: Vec<&Phone> = known.phones.iter().collect();
    Ok(phones.is_empty() || store::by_phones(tx, &phones).await?.is_empty())
}

/// Undoes [`delete`]. The caller has seen that nobody has got the phones meanwhile.
pub async fn restore(tx: &WriteTx, ids: &[i64]) -> Result<(), Problem> {
    switch(tx, ids, false).await
}

async fn switch(tx: &WriteTx, ids: &[i64], deleted: bool) -> Result<(), Problem> {
    use sea_orm::sea_query::{Expr, ExprTrait};
    let now = tx.now();
    tx.update_many::<Entity>()?
        .col(Column::DeletedAt, deleted.then_some(now))
        .col(Column::UpdatedAt, now)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(these(ids))
        .exec()
        .await?;
    tx.update_many::<identities::Entity>()?
        .col(identities::Column::Active, !deleted)
        .filter(of_these(ids))
        .exec()
        .await?;
    Ok(())
}

/// Takes customers away as if they had never been there; nothing may refer to them any more.
pub async fn erase(tx: &WriteTx, ids: &[i64]) -> Result<(), Problem> {
    if ids.is_empty() {
        return Ok(());
    }
    lookup::unindex(tx, ids).await?;
    tx.delete_many::<identities::Entity>()?
        .filter(of_these(ids))
        .exec()
        .await?;
    let events = timeline::Column::CustomerId.is_in(ids.iter().copied());
    tx.delete_many::<timeline::Entity>()?.filter(events).exec().await?;
    tx.delete_many::<Entity>()?.filter(these(ids)).exec().await?;
    Ok(())
}

/// These customers, deleted ones among them, locked until the transaction ends.
pub async fn locked(tx: &WriteTx, ids: &[i64]) -> Result<Vec<Model>, Problem> {
    Ok(tx
        .find::<Entity>()
        .filter(these(ids))
        .order_by(store::Column::Id, sea_orm::Order::Asc)
        .lock()
        .all()
        .await?)
}
