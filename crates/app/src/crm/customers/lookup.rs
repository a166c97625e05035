//! The table `customer_search_tokens`, and the condition that a typed query becomes.
//!
//! Every word of a name or company stands in the table under each of its stems, so that any beginning is one range of
//! its key, on both databases alike.

use std::collections::BTreeSet;

use kernel::{CustomerId, Problem, Reach};
use platform::db::{Owned, ReadTx, WriteTx};
use sea_orm::{
    ActiveValue::Set,
    Condition, FromQueryResult, QuerySelect, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, OnConflict, SelectStatement, UnionType},
};

use super::{
    former,
    identities::{self, Kind},
    store, vocabulary,
};
use crate::{
    accounts::businesses,
    crm::search::{self, Chunk},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_search_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub business_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// Before the whole folded name, by which a like name is found. No word begins with it.
const WHOLE_NAME: char = '=';
/// Rows of the index that one statement writes: both databases bind some 32,000 values at most.
const TOKENS_AT_ONCE: usize = 5_000;
/// Further ones with the same name are not told.
const MAX_NAMESAKES: u64 = 10;

/// Indexes a customer's names and companies in place of what was indexed before: those of records that went up in this
/// one, too.
pub async fn index(tx: &WriteTx, customer: &store::Model) -> Result<(), Problem> {
    let before = take_out(tx, &[customer.id]).await?;
    let former = former::of_many(tx, &[customer.id]).await?.remove(&customer.id);
    add(tx, &[(customer, former.unwrap_or_default())]).await?;
    vocabulary::drop_unused(tx, &before).await
}

/// Takes customers out of the search.
pub async fn unindex(tx: &WriteTx, customers: &[i64]) -> Result<(), Problem> {
    let before = take_out(tx, customers).await?;
    vocabulary::drop_unused(tx, &before).await
}

/// Gives the words under which they could be found.
async fn take_out(tx: &WriteTx, customers: &[i64]) -> Result<BTreeSet<String>, Problem> {
    let mut words = BTreeSet::new();
    for customers in customers.chunks(TOKENS_AT_ONCE) {
        let theirs = || Column::CustomerId.is_in(customers.iter().copied());
        let tokens = tx.find::<Entity>().filter(theirs()).all().await?;
        words.extend(tokens.into_iter().map(|row| row.token));
        tx.delete_many::<Entity>()?.filter(theirs()).exec().await?;
    }
    Ok(words)
}

/// Those of these words that a customer bears.
pub async fn borne(tx: &WriteTx, words: &[&String]) -> Result<BTreeSet<String>, Problem> {
    let found = tx
        .find::<Entity>()
        .filter(Column::Token.is_in(words.iter().copied()))
        .map(|select| select.select_only().column(Column::Token).distinct())
        .all_as::<Word>()
        .await?;
    Ok(found.into_iter().map(|row| row.token).collect())
}

#[derive(FromQueryResult)]
struct Word {
    token: String,
}

/// Indexes a customer that was not indexed before.
pub async fn index_new(tx: &WriteTx, customer: &store::Model) -> Result<(), Problem> {
    index_all_new(tx, std::slice::from_ref(customer)).await
}

/// As [`index_new`], for many.
pub async fn index_all_new(tx: &WriteTx, customers: &[store::Model]) -> Result<(), Problem> {
    let customers: Vec<_> = customers.iter().map(|customer| (customer, Vec::new())).collect();
    add(tx, &customers).await
}

/// With each customer the records that went up in it.
async fn add(tx: &WriteTx, customers: &[(&store::Model, Vec<store::Model>)]) -> Result<(), Problem> {
    let rows: Vec<ActiveModel> = customers
        .iter()
        .flat_map(|(customer, former)| rows_of(customer, former))
        .collect();
    let records = customers
        .iter()
        .flat_map(|(customer, former)| std::iter::once(*customer).chain(former));
    vocabulary::add(tx, &search::whole_words(records.flat_map(texts_of))).await?;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut or_nothing = OnConflict::new();
        or_nothing.do_nothing();
        tx.insert_many(rows.by_ref().take(TOKENS_AT_ONCE).collect(), or_nothing)
            .await?;
    }
    Ok(())
}

/// What a customer is found by. Nobody has said a name: nothing.
fn texts_of(customer: &store::Model) -> impl Iterator<Item = &str> {
    let name = customer.given_name();
    let company = name.and(customer.company.as_deref());
    name.into_iter().chain(company)
}

/// The tokens of a customer of this name and company.
pub fn tokens_of(name: &str, company: Option<&str>) -> BTreeSet<String> {
    let mut tokens = search::index_tokens([name].into_iter().chain(company));
    tokens.extend(whole_name(name));
    tokens
}

fn rows_of(customer: &store::Model, former: &[store::Model]) -> Vec<ActiveModel> {
    let named = std::iter::once(customer).chain(former);
    let tokens: BTreeSet<String> = named
        .filter_map(|record| Some(tokens_of(record.given_name()?, record.company.as_deref())))
        .flatten()
        .collect();
    let row = |token| ActiveModel {
        token: Set(token),
        customer_id: Set(customer.id),
        ..Default::default()
    };
    tokens.into_iter().map(row).collect()
}

fn whole_name(name: &str) -> Option<String> {
    let key = search::name_key(name);
    (!key.is_empty()).then(|| format!("{WHOLE_NAME}{key}"))
}

/// Undeleted customers other than this one with a like name (the same words in any order and spelling) or one of
/// these e-mails.
pub async fn alike(tx: &ReadTx, but: CustomerId, name: &str, emails: &[String]) -> Result<Vec<i64>, Problem> {
    let mut same = Condition::any();
    if let Some(key) = whole_name(name) {
        let namesakes = tokens(tx).filter(Column::Token.eq(key)).limit(MAX_NAMESAKES + 1);
        same = same.add(store::Column::Id.in_subquery(namesakes.into_query()));
    }
    if !emails.is_empty() {
        let sharing = identities(tx, Kind::Email)
            .filter(identities::Column::Value.is_in(emails))
            .limit(MAX_NAMESAKES + 1);
        same = same.add(store::Column::Id.in_subquery(sharing.into_query()));
    }
    if same.is_empty() {
        return Ok(Vec::new());
    }
    let found = store::visible(tx).filter(same).filter(store::Column::Id.ne(but.get()));
    let found = found
        .order_by(store::Column::Id, sea_orm::Order::Asc)
        .limit(MAX_NAMESAKES)
        .all()
        .await?;
    Ok(found.into_iter().map(|customer| customer.id).collect())
}

/// What `q=` means for a list of customers.
pub fn condition(tx: &ReadTx, query: &str) -> Condition {
    if query.trim().is_empty() {
        return Condition::all();
    }
    match search::parse(query) {
        Some(chunks) => having(tx, &chunks),
        None => Condition::all().add(Expr::cust("1 = 0")),
    }
}

/// Customers who have all of these.
pub fn having(tx: &ReadTx, chunks: &[Chunk]) -> Condition {
    chunks
        .iter()
        .fold(Condition::all(), |all, chunk| match readings(tx, chunk) {
            Some(ids) => all.add(store::Column::Id.in_subquery(ids)),
            None => all.add(Expr::cust("1 = 0")),
        })
}

/// Customers with exactly this phone or address.
pub fn known_as(tx: &ReadTx, kind: Kind, value: &str) -> Expr {
    let owners = identities(tx, kind).filter(identities::Column::Value.eq(value));
    store::Column::Id.in_subquery(owners.into_query())
}

/// The ids that any reading of a chunk gives.
fn readings(tx: &ReadTx, chunk: &Chunk) -> Option<SelectStatement> {
    let words = chunk
        .word_beginnings
        .iter()
        .map(|beginning| begins(tokens(tx), Column::Token, beginning).into_query());
    let suffix = chunk.phone.iter().map(|phone| {
        let phones = identities(tx, Kind::Phone);
        begins(phones, identities::Column::ReversedDigits, &phone.reversed_digits).into_query()
    });
    let prefix = chunk
        .phone
        .iter()
        .filter_map(|phone| phone.beginning.as_deref())
        .map(|beginning| begins(identities(tx, Kind::Phone), identities::Column::Value, beginning).into_query());
    let email = chunk
        .email_beginning
        .iter()
        .map(|beginning| begins(identities(tx, Kind::Email), identities::Column::Value, beginning).into_query());
    words.chain(suffix).chain(prefix).chain(email).reduce(|mut all, next| {
        all.union(UnionType::All, next);
        all
    })
}

fn begins<E: EntityTrait>(select: Select<E>, column: E::Column, beginning: &str) -> Select<E> {
    // the last character there is: what begins so sorts between
    let end = format!("{beginning}\u{10ffff}");
    select.filter(column.gte(beginning)).filter(column.lt(end))
}

fn tokens(tx: &ReadTx) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::CustomerId)
        .filter(in_reach(tx, Column::BusinessId))
}

fn identities(tx: &ReadTx, kind: Kind) -> Select<identities::Entity> {
    identities::Entity::find()
        .select_only()
        .column(identities::Column::CustomerId)
        .filter(in_reach(tx, identities::Column::BusinessId))
        .filter(identities::Column::Kind.eq(kind.as_str()))
}

/// The keys begin with the business, so an admin's search over all of them names each one.
fn in_reach<C: ColumnTrait>(tx: &ReadTx, column: C) -> Expr {
    match tx.scope().reach() {
        Reach::One(business) => column.eq(business.get()),
        Reach::All => {
            let all = businesses::store::Entity::find()
                .select_only()
                .column(businesses::store::Column::Id);
            column.in_subquery(all.into_query())
        }
    }
}
