//! The table `customer_identities`: by which phones and addresses a customer is known.
//!
//! A phone belongs to one undeleted customer of a business at most; the database keeps that. An e-mail may be shared.

use std::collections::HashMap;

use kernel::{CustomerId, Phone, Problem};
use platform::db::{Owned, ReadTx, WriteTx};
use sea_orm::{ActiveValue::Set, Condition, Order, entity::prelude::*, sea_query::OnConflict};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_identities")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub customer_id: i64,
    pub kind: String,
    pub value: String,
    /// A phone's digits from last to first: a search by suffix is one by prefix here.
    pub reversed_digits: Option<String>,
    /// 0 is the first.
    pub position: i32,
    /// False while the customer is deleted.
    pub active: bool,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Phone,
    Email,
    /// WhatsApp's id of somebody who hides their phone.
    Lid,
    /// The same from Meta.
    Bsuid,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Phone, Self::Email, Self::Lid, Self::Bsuid];

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Lid => "lid",
            Self::Bsuid => "bsuid",
        }
    }
}

/// The phones and e-mails of one customer, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub phones: Vec<Phone>,
    pub emails: Vec<String>,
}

/// The phones and e-mails of these customers.
pub async fn of_many(tx: &ReadTx, customers: &[i64]) -> Result<HashMap<i64, Known>, Problem> {
    let mut known: HashMap<i64, Known> = HashMap::with_capacity(customers.len());
    if customers.is_empty() {
        return Ok(known);
    }
    let rows = tx
        .find::<Entity>()
        .filter(Column::CustomerId.is_in(customers.iter().copied()))
        .order_by(Column::Position, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .all()
        .await?;
    for row in rows {
        let of = known.entry(row.customer_id).or_default();
        if row.kind == Kind::Phone.as_str() {
            of.phones.extend(Phone::parse(&row.value));
        } else if row.kind == Kind::Email.as_str() {
            of.emails.push(row.value);
        }
    }
    Ok(known)
}

pub async fn of(tx: &ReadTx, customer: CustomerId) -> Result<Known, Problem> {
    Ok(of_many(tx, &[customer.get()])
        .await?
        .remove(&customer.get())
        .unwrap_or_default())
}

fn row(tx: &WriteTx, customer: CustomerId, kind: Kind, value: &str, position: usize) -> ActiveModel {
    let reversed = (kind == Kind::Phone).then(|| value.chars().rev().filter(char::is_ascii_digit).collect());
    ActiveModel {
        customer_id: Set(customer.get()),
        kind: Set(kind.as_str().to_owned()),
        value: Set(value.to_owned()),
        reversed_digits: Set(reversed),
        position: Set(i32::try_from(position).unwrap_or(i32::MAX)),
        active: Set(true),
        created_at: Set(tx.now()),
        ..Default::default()
    }
}

/// Gives the customer this phone, unless it is somebody's already (or becomes so at the same moment).
pub async fn claim_phone(tx: &WriteTx, customer: CustomerId, phone: &Phone, position: usize) -> Result<bool, Problem> {
    claim(tx, customer, Kind::Phone, phone.as_str(), position).await
}

/// As [`claim_phone`], for what is known to be of its kind's form. An e-mail may be several customers'.
pub async fn claim(
    tx: &WriteTx,
    customer: CustomerId,
    kind: Kind,
    value: &str,
    position: usize,
) -> Result<bool, Problem> {
    let row = row(tx, customer, kind, value, position);
    let mut or_nothing = OnConflict::new();
    or_nothing.do_nothing();
    Ok(tx.insert_or(row, or_nothing).await?.is_some())
}

/// Rows that one statement writes: both databases bind some 32,000 values at most.
const ROWS_AT_ONCE: usize = 2_000;

/// The phones and e-mails of new customers, in few statements. A phone that is somebody else's fails the whole.
pub async fn add_all(tx: &WriteTx, of: &[(CustomerId, &Known)]) -> Result<(), Problem> {
    let mut rows = Vec::new();
    for (customer, known) in of {
        let phones = known.phones.iter().enumerate();
        rows.extend(phones.map(|(at, phone)| row(tx, *customer, Kind::Phone, phone.as_str(), at)));
        let emails = known.emails.iter().enumerate();
        rows.extend(emails.map(|(at, email)| row(tx, *customer, Kind::Email, email, at)));
    }
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        tx.insert_all(rows.by_ref().take(ROWS_AT_ONCE).collect()).await?;
    }
    Ok(())
}

/// Makes these the customer's phones. 409 `duplicate_phone` with `existing_id` when one is somebody else's.
pub async fn set_phones(tx: &WriteTx, customer: CustomerId, phones: &[Phone]) -> Result<(), Problem> {
    drop_all(tx, customer, Kind::Phone).await?;
    // In one order for everybody, so that two who want the same phones do not wait for each other.
    let mut numbered: Vec<(usize, &Phone)> = phones.iter().enumerate().collect();
    numbered.sort_by_key(|(_, phone)| *phone);
    for (position, phone) in numbered {
        if !claim_phone(tx, customer, phone, position).await? {
            return Err(duplicate_phone(tx, phone).await?);
        }
    }
    Ok(())
}

pub async fn set_emails(tx: &WriteTx, customer: CustomerId, emails: &[String]) -> Result<(), Problem> {
    drop_all(tx, customer, Kind::Email).await?;
    let numbered = emails.iter().enumerate();
    let rows = numbered
        .map(|(position, email)| row(tx, customer, Kind::Email, email, position))
        .collect();
    let mut or_nothing = OnConflict::new();
    or_nothing.do_nothing();
    tx.insert_many(rows, or_nothing).await?;
    Ok(())
}

async fn drop_all(tx: &WriteTx, customer: CustomerId, kind: Kind) -> Result<(), Problem> {
    let these = Condition::all()
        .add(Column::CustomerId.eq(customer.get()))
        .add(Column::Kind.eq(kind.as_str()));
    tx.delete_many::<Entity>()?.filter(these).exec().await?;
    Ok(())
}

async fn duplicate_phone(tx: &ReadTx, phone: &Phone) -> Result<Problem, Problem> {
    let owner = super::store::by_phone(tx, phone).await?;
    taken(tx, owner.map(|owner| owner.id)).await
}

/// 409 `duplicate_phone`, with `existing_id` when the actor may see whose phone it is, else null.
pub async fn taken(tx: &ReadTx, by: Option<i64>) -> Result<Problem, Problem> {
    let owner = match by {
        Some(id) => super::store::visible(tx).by_id(id).one().await?,
        None => None,
    };
    let problem = Problem::conflict("duplicate_phone", "another customer has this phone");
    Ok(problem.with("existing_id", owner.map(|owner| owner.id).into()))
}
