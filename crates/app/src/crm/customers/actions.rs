//! What is done to customers: by people over HTTP, and by calls, messages and the agent.
//!
//! Each action runs in the caller's transaction and writes the row, its timeline event, its outgoing event and its
//! audit entry together.

use chrono::{DateTime, Utc};
use kernel::{CustomerId, Phone, Problem};
use platform::{
    db::{AuditEntry, ReadTx, WriteTx},
    http::IfMatch,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};
use serde_json::{Map, Value, json};

use super::{
    changes::{self, Change},
    identities, lookup,
    model::{Fields, NotCustomer, Status},
    statuses,
    store::{self, ActiveModel, Column, Entity, Model},
};
use crate::{accounts::users, crm::custom_fields};

pub use super::learned::{Contact, save_contact};

/// A customer that was looked for by phone.
#[derive(Clone, Debug)]
pub struct Found {
    pub customer: Model,
    /// Whether it was made just now.
    pub created: bool,
}

/// The customer with this phone; made when there is none. The same phone any number of times at once gives one
/// customer.
///
/// `source` says where a new one comes from (`call`). Without a name it is called by its phone; see
/// [`Model::given_name`].
pub async fn find_or_create_by_phone(
    tx: &WriteTx,
    phone: &Phone,
    name: Option<&str>,
    source: &str,
) -> Result<Found, Problem> {
    if let Some(customer) = store::by_phone(tx, phone).await? {
        return Ok(Found {
            customer,
            created: false,
        });
    }
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let mut row = new_row(tx, name.unwrap_or(phone.as_str()), source);
    row.phone = Set(Some(phone.as_str().to_owned()));
    let customer = tx.insert(row).await?;
    if !identities::claim_phone(tx, customer.record_id(), phone, 0).await? {
        // Another transaction was first, and has committed: its customer is the one.
        tx.delete_many::<Entity>()?
            .filter(Column::Id.eq(customer.id))
            .exec()
            .await?;
        let customer = store::by_phone(tx, phone).await?.ok_or_else(Problem::internal)?;
        return Ok(Found {
            customer,
            created: false,
        });
    }
    lookup::index_new(tx, &customer).await?;
    created(tx, &customer).await?;
    Ok(Found {
        customer,
        created: true,
    })
}

/// As [`find_or_create_by_phone`], for somebody who is known in one or several ways, the best first; phones are E.164.
/// Ways that are nobody's yet become theirs. Without a name a new customer is called by the first phone, else
/// `nameless`.
pub async fn find_or_create_known(
    tx: &WriteTx,
    known: &[(identities::Kind, String)],
    name: Option<&str>,
    nameless: &str,
    source: &str,
) -> Result<Found, Problem> {
    let mut found = None;
    for (kind, value) in known {
        found = store::by_identity(tx, *kind, value).await?;
        if found.is_some() {
            break;
        }
    }
    let created = found.is_none();
    let customer = if let Some(customer) = found {
        customer
    } else {
        let phone = known.iter().find(|(kind, _)| *kind == identities::Kind::Phone);
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let called = name.or(phone.map(|(_, phone)| phone.as_str())).unwrap_or(nameless);
        let mut row = new_row(tx, called, source);
        row.phone = Set(phone.map(|(_, phone)| phone.clone()));
        tx.insert(row).await?
    };
    for (position, (kind, value)) in known.iter().enumerate() {
        let new = identities::claim(tx, customer.record_id(), *kind, value, position).await?;
        if created && !new {
            // Another transaction was first, and has committed: its customer is the one.
            tx.rows("customer_identities")?
                .with("customer_id", customer.id)
                .delete()
                .await?;
            tx.delete_many::<Entity>()?
                .filter(Column::Id.eq(customer.id))
                .exec()
                .await?;
            let customer = store::by_identity(tx, *kind, value)
                .await?
                .ok_or_else(Problem::internal)?;
            return Ok(Found {
                customer,
                created: false,
            });
        }
    }
    if created {
        lookup::index_new(tx, &customer).await?;
        self::created(tx, &customer).await?;
    }
    Ok(Found { customer, created })
}

/// Sets that this person is not to be written to or called. `false` when it was so already.
pub async fn opt_out(tx: &WriteTx, id: CustomerId) -> Result<bool, Problem> {
    let before = store::locked(tx, id).await?;
    if before.do_not_contact {
        return Ok(false);
    }
    let mut change = Change::of(before);
    change.fields(Fields {
        do_not_contact: Some(true),
        ..Fields::default()
    });
    change.save(tx, "customer.opted_out").await?;
    Ok(true)
}

fn new_row(tx: &WriteTx, name: &str, source: &str) -> ActiveModel {
    let now = tx.now();
    ActiveModel {
        name: Set(name.to_owned()),
        status: Set(Status::New.as_str().to_owned()),
        source: Set(source.to_owned()),
        tags: Set(json!([])),
        custom: Set(json!({})),
        do_not_contact: Set(false),
        blocked: Set(false),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// Sources that the product itself names. Any other is what a person typed, and does not go into the audit log.
const KNOWN_SOURCES: [&str; 6] = ["manual", "call", "whatsapp", "import", "web", "api"];

async fn created(tx: &WriteTx, customer: &Model) -> Result<(), Problem> {
    changes::announce(tx, customer).await?;
    let source = KNOWN_SOURCES.iter().find(|source| **source == customer.source);
    tx.audit(AuditEntry {
        action: "customer.created",
        record_type: "customer",
        record_id: Some(customer.id),
        changes: json!({ "source": source }),
    })
    .await?;
    Ok(())
}

/// A new customer from a form. 409 `duplicate_phone` with `existing_id`.
pub async fn create(tx: &WriteTx, name: &str, mut fields: Fields) -> Result<Model, Problem> {
    check_owner(tx, &fields).await?;
    statuses::check(tx, None, fields.status.as_ref()).await?;
    let said = fields.custom.take().unwrap_or_default();
    fields.custom = Some(custom_fields::applied(tx, &Map::new(), said).await?);
    let phones = fields.phones.applied_to(&[]).unwrap_or_default();
    let emails = fields.emails.applied_to(&[]).unwrap_or_default();
    let row = filled_row(tx, name, fields, &phones, &emails);
    let customer = tx.insert(row).await?;
    identities::set_phones(tx, customer.record_id(), &phones).await?;
    identities::set_emails(tx, customer.record_id(), &emails).await?;
    lookup::index_new(tx, &customer).await?;
    created(tx, &customer).await?;
    Ok(customer)
}

/// The row of a new customer.
pub(super) fn filled_row(tx: &WriteTx, name: &str, fields: Fields, phones: &[Phone], emails: &[String]) -> ActiveModel {
    let mut row = new_row(tx, name, fields.source.as_deref().unwrap_or("manual"));
    row.phone = Set(phones.first().map(|phone| phone.as_str().to_owned()));
    row.email = Set(emails.first().cloned());
    row.company = Set(fields.company.flatten());
    row.tax_id = Set(fields.tax_id.flatten());
    row.address = Set(fields.address.flatten());
    row.status = Set(fields.status.unwrap_or(Status::New).as_str().to_owned());
    row.owner_id = Set(fields.owner_id.flatten());
    row.tags = Set(fields.tags.unwrap_or_default().into());
    row.notes = Set(fields.notes.flatten());
    row.custom = Set(Value::Object(fields.custom.unwrap_or_default()));
    row.do_not_contact = Set(fields.do_not_contact.unwrap_or_default());
    row.language = Set(fields.language.flatten());
    row
}

/// Changes what is mentioned. 412 `stale`, 409 `duplicate_phone`; nothing is written when nothing changes.
pub async fn update(tx: &WriteTx, id: CustomerId, seen: &IfMatch, mut fields: Fields) -> Result<Model, Problem> {
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    check_owner(tx, &fields).await?;
    statuses::check(tx, Some(&before.status), fields.status.as_ref()).await?;
    if let Some(said) = fields.custom.take() {
        let known = before.custom.as_object().cloned().unwrap_or_default();
        fields.custom = Some(custom_fields::applied(tx, &known, said).await?);
    }
    let mut change = Change::of(before);
    let known = identities::of(tx, id).await?;
    if let Some(phones) = fields
        .phones
        .applied_to(&known.phones)
        .filter(|phones| *phones != known.phones)
    {
        identities::set_phones(tx, id, &phones).await?;
        change.phones(&known.phones, &phones);
    }
    if let Some(emails) = fields
        .emails
        .applied_to(&known.emails)
        .filter(|emails| *emails != known.emails)
    {
        identities::set_emails(tx, id, &emails).await?;
        change.emails(&known.emails, &emails);
    }
    change.fields(fields);
    change.save(tx, "customer.updated").await
}

/// 422 for an owner who is not a user of this business.
pub(super) async fn check_owner(tx: &ReadTx, fields: &Fields) -> Result<(), Problem> {
    let Some(owner) = fields.owner_id.flatten() else {
        return Ok(());
    };
    match tx.find::<users::store::Entity>().by_id(owner).one().await? {
        Some(_) => Ok(()),
        None => Err(Problem::invalid(
            "owner_id",
            "unknown_user",
            "is not a user of this business",
        )),
    }
}

/// Takes the customer out of lists and statistics, or (without a reason) back in.
pub async fn mark_not_customer(
    tx: &WriteTx,
    id: CustomerId,
    seen: &IfMatch,
    reason: Option<NotCustomer>,
) -> Result<Model, Problem> {
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    let mut change = Change::of(before);
    change.not_customer(reason.map(NotCustomer::as_str));
    change.save(tx, "customer.marked_not_customer").await
}

/// A blocked caller hears one sentence.
pub async fn block(tx: &WriteTx, id: CustomerId, seen: &IfMatch, blocked: bool) -> Result<Model, Problem> {
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    let mut change = Change::of(before);
    change.blocked(blocked);
    change.save(tx, "customer.blocked").await
}

/// Notes that there was contact at this time; older than what is known, it changes nothing.
pub async fn touch(tx: &WriteTx, id: CustomerId, at: DateTime<Utc>) -> Result<(), Problem> {
    let id = store::current(tx, id).await?;
    let earlier = Condition::any()
        .add(Column::LastContactAt.is_null())
        .add(Column::LastContactAt.lt(at));
    tx.update_many::<Entity>()?
        .col(Column::LastContactAt, at)
        .filter(Condition::all().add(Column::Id.eq(id.get())).add(earlier))
        .exec()
        .await?;
    Ok(())
}
