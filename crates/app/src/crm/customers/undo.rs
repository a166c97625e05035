//! Taking a merge back: what came over goes back, what has happened since stays where it happened.

use kernel::{CustomerId, Problem, UserId};
use platform::db::{AuditEntry, WriteTx};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    changes::{self, Change},
    identities::{self, Kind},
    lookup,
    merge::{first_contacts, merged_event},
    merges::{self, Entity, UNDONE_WITHIN},
    places::{Link, OnMerge, PLACES},
    store::{self, Model},
};
use crate::timeline;

/// Gives both customers. 409 `already_undone`, `too_late` after 30 days; 410 when the kept one was itself merged since.
pub async fn undo(tx: &WriteTx, merge_id: i64) -> Result<(Model, Model), Problem> {
    let merge = tx.find::<Entity>().by_id(merge_id).lock().one().await?;
    let merge = merge.ok_or_else(Problem::not_found)?;
    let kept = store::locked(tx, CustomerId::new(merge.kept_id)).await?;
    if merge.undone_at.is_some() {
        return Err(Problem::conflict("already_undone", "this merge was undone before"));
    }
    if merge.created_at + UNDONE_WITHIN < tx.now() {
        return Err(Problem::conflict("too_late", "a merge can be undone for 30 days"));
    }
    let other = tx.find::<store::Entity>().by_id(merge.other_id).lock().one().await?;
    let other = other.ok_or_else(Problem::not_found)?;
    give_back_history(tx, &merge).await?;
    give_back_identities(tx, &merge).await?;
    let other = reopen(tx, other).await?;
    let kept = restore_fields(tx, kept, &merge).await?;
    tell(tx, &kept, &other, &merge).await?;
    let mut row = merge.into_active_model();
    row.undone_at = Set(Some(tx.now()));
    row.undone_by_id = Set(tx.scope().person().map(UserId::get));
    // They are not needed any more, and are about a person of whom this record is not.
    row.kept_before = Set(json!({}));
    row.kept_after = Set(json!({}));
    row.identities = Set(json!([]));
    tx.update(row).await?;
    Ok((kept, other))
}

/// What came over and is the kept customer's still.
async fn give_back_history(tx: &WriteTx, merge: &merges::Model) -> Result<(), Problem> {
    for place in PLACES.iter().filter(|place| place.merge == OnMerge::Move) {
        let Link::Column(column) = place.link else { continue };
        let moved = tx
            .rows("customer_merge_moves")?
            .with("merge_id", merge.id)
            .with("place", place.table);
        tx.rows(place.table)?
            .with(column, merge.kept_id)
            .among("id", &moved, "row_id")
            .set([(column, merge.other_id.into())])
            .await?;
    }
    tx.rows("customer_merge_moves")?
        .with("merge_id", merge.id)
        .delete()
        .await?;
    Ok(())
}

/// Phones and addresses go back, except one that somebody else has got since.
async fn give_back_identities(tx: &WriteTx, merge: &merges::Model) -> Result<(), Problem> {
    for identity in merge.identities() {
        let Some(kind) = Kind::parse(&identity.kind) else {
            continue;
        };
        if !identity.shared {
            tx.rows("customer_identities")?
                .with("customer_id", merge.kept_id)
                .with("kind", kind.as_str())
                .with("value", identity.value.as_str())
                .delete()
                .await?;
        }
        let position = usize::try_from(identity.position).unwrap_or_default();
        identities::claim(tx, CustomerId::new(merge.other_id), kind, &identity.value, position).await?;
    }
    Ok(())
}

/// The other customer is in lists and search again.
async fn reopen(tx: &WriteTx, other: Model) -> Result<Model, Problem> {
    let (phone, email) = first_contacts(tx, other.record_id()).await?;
    let mut change = Change::of(other);
    let row = change.row();
    row.deleted_at = Set(None);
    row.merged_into_id = Set(None);
    row.phone = Set(phone);
    row.email = Set(email);
    let (other, _) = change.write(tx, "customer.unmerged").await?;
    lookup::index(tx, &other).await?;
    Ok(other)
}

/// What the merge wrote into the kept record goes back to what it was, unless somebody has changed it since.
async fn restore_fields(tx: &WriteTx, kept: Model, merge: &merges::Model) -> Result<Model, Problem> {
    let (before, after) = (object(&merge.kept_before), object(&merge.kept_after));
    let (phone, email) = first_contacts(tx, kept.record_id()).await?;
    let mut row = kept.clone().into_active_model();
    macro_rules! restore {
        ($($field:ident),* $(,)?) => {$(
            let untouched = after.get(stringify!($field)) == Some(&json!(kept.$field));
            if let Some(value) = read(&before, stringify!($field)).filter(|_| untouched) {
                row.$field = Set(value);
            }
        )*};
    }
    restore! {
        name, company, tax_id, address, owner_id, notes, language, need, tags, custom, do_not_contact, last_contact_at,
    }
    row.phone = Set(phone);
    row.email = Set(email);
    row.version = Set(kept.version + 1);
    row.updated_at = Set(tx.now());
    let kept = tx.update(row).await?;
    lookup::index(tx, &kept).await?;
    changes::announce(tx, &kept).await?;
    Ok(kept)
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn read<T: DeserializeOwned>(fields: &Map<String, Value>, name: &str) -> Option<T> {
    serde_json::from_value(fields.get(name)?.clone()).ok()
}

/// Neither timeline keeps the other's name: each may be forgotten by itself again.
async fn tell(tx: &WriteTx, kept: &Model, other: &Model, merge: &merges::Model) -> Result<(), Problem> {
    let entry = |customer: &Model, with: &Model, ref_id: String, by: Map<String, Value>| {
        let mut data = by;
        data.insert("action".to_owned(), "unmerged".into());
        data.insert("merge_id".to_owned(), merge.id.into());
        data.insert("other_id".to_owned(), with.id.into());
        timeline::Entry {
            customer_id: customer.record_id(),
            kind: "change",
            ref_id,
            title: "מיזוג שבוטל".to_owned(),
            ts: tx.now(),
            data: Value::Object(data),
        }
    };
    let by = changes::by_name(tx).await?;
    let entries = vec![
        entry(kept, other, merged_event(merge.id), by.clone()),
        entry(other, kept, format!("unmerge:{}", merge.id), by),
    ];
    timeline::put_all(tx, entries).await?;
    tx.audit(AuditEntry {
        action: "customer.merge_undone",
        record_type: "customer",
        record_id: Some(kept.id),
        changes: json!({ "other_id": other.id, "merge_id": merge.id }),
    })
    .await?;
    Ok(())
}
