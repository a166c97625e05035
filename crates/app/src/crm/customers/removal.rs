//! Deleting a customer, and within 30 days bringing them back.

use chrono::TimeDelta;
use kernel::{CustomerId, Problem};
use platform::{
    db::{DbError, WriteTx},
    http::IfMatch,
};
use sea_orm::{ActiveValue::Set, ColumnTrait};

use super::{
    changes::{self, Change},
    identities, lookup,
    store::{self, Model},
};
use crate::timeline;

/// So long a deleted customer can be restored; then they are forgotten.
pub const RESTORED_WITHIN: TimeDelta = TimeDelta::days(30);

/// Takes a customer out of lists and search, and frees their phones.
pub async fn delete(tx: &WriteTx, id: CustomerId, seen: &IfMatch) -> Result<(), Problem> {
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    tx.rows("customer_identities")?
        .with("customer_id", id.get())
        .set([("active", false.into())])
        .await?;
    let mut change = Change::of(before);
    change.row().deleted_at = Set(Some(tx.now()));
    let (after, _) = change.write(tx, "customer.deleted").await?;
    remember(tx, &after, "deleted", "נמחק").await
}

/// Brings a deleted customer back; one who is not deleted stays as they are. 409 `duplicate_phone` with `existing_id`
/// when somebody else has got the phone meanwhile.
pub async fn restore(tx: &WriteTx, id: CustomerId) -> Result<Model, Problem> {
    let Some(before) = store::deleted(tx).by_id(id).lock().one().await? else {
        return store::get(tx, id).await;
    };
    if before.deleted_at.is_some_and(|at| at + RESTORED_WITHIN < tx.now()) {
        return Err(Problem::not_found());
    }
    check_phones(tx, id).await?;
    let taken_meanwhile = |err: DbError| match err {
        DbError::Duplicate(_) => Problem::conflict("duplicate_phone", "another customer has this phone"),
        err => err.into(),
    };
    tx.rows("customer_identities")?
        .with("customer_id", id.get())
        .set([("active", true.into())])
        .await
        .map_err(taken_meanwhile)?;
    let mut change = Change::of(before);
    change.row().deleted_at = Set(None);
    let (after, _) = change.write(tx, "customer.restored").await?;
    lookup::index(tx, &after).await?;
    remember(tx, &after, "restored", "שוחזר").await?;
    Ok(after)
}

async fn check_phones(tx: &WriteTx, id: CustomerId) -> Result<(), Problem> {
    let own = tx
        .find::<identities::Entity>()
        .filter(identities::Column::CustomerId.eq(id.get()))
        .filter(identities::Column::Kind.ne("email"))
        .all()
        .await?;
    let taken = tx
        .find::<identities::Entity>()
        .filter(identities::Column::Active.into_expr())
        .filter(identities::Column::CustomerId.ne(id.get()))
        .filter(identities::Column::Value.is_in(own.iter().map(|row| row.value.as_str())))
        .all()
        .await?;
    let same = taken
        .iter()
        .find(|taken| own.iter().any(|row| row.kind == taken.kind && row.value == taken.value));
    match same {
        None => Ok(()),
        Some(taken) => Err(identities::taken(tx, Some(taken.customer_id)).await?),
    }
}

async fn remember(tx: &WriteTx, customer: &Model, action: &str, title: &str) -> Result<(), Problem> {
    let mut data = changes::by_name(tx).await?;
    data.insert("action".to_owned(), action.into());
    timeline::put(
        tx,
        timeline::Entry {
            customer_id: customer.record_id(),
            kind: "change",
            ref_id: format!("customer:{}:{}", customer.id, customer.version),
            title: title.to_owned(),
            ts: customer.updated_at,
            data: data.into(),
        },
    )
    .await
}
