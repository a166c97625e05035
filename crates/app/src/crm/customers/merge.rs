//! Two customers who are one person become one record, with the history of both.
//!
//! The kept record wins, what it has empty is filled, tags and own fields are united. The other row stays, deleted and
//! pointing to the kept one, with all that it had; [`super::undo`] brings it back.

use std::time::Duration;

use kernel::{CustomerId, Problem, UserId};
use platform::{
    db::{AuditEntry, WriteTx},
    http::IfMatch,
    jobs::Enqueue,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, Order};
use serde_json::{Map, Value, json};

use super::{
    changes::{self, Change},
    identities,
    jobs::GatherMerged,
    lookup,
    merges::{self, Identity},
    places::{OnMerge, PLACES, Place},
    store::{self, Model},
};
use crate::timeline;

/// By then everything that was under way with the other customer has been written.
const GATHER_AFTER: Duration = Duration::from_secs(60);

/// Merges `other` into `kept`. 422 for one and the same, 404 for one that is not there, 410 for one that was merged.
pub async fn merge(
    tx: &WriteTx,
    kept: CustomerId,
    seen: &IfMatch,
    other: CustomerId,
) -> Result<(Model, merges::Model), Problem> {
    if kept == other {
        return Err(Problem::invalid("other_id", "same_customer", "is the same customer"));
    }
    let (kept, other) = both(tx, kept, other).await?;
    seen.check(kept.version)?;
    let identities = take_identities(tx, &kept, &other).await?;
    let united = United::of(tx, &kept, &other).await?;
    let record = record(tx, &kept, &other, &united, identities).await?;
    move_history(tx, &record).await?;
    let lost = losses(&kept, &other, &united);
    let kept = united.save(tx, kept).await?;
    let other = close(tx, other, &kept).await?;
    lookup::index(tx, &kept).await?;
    tell(tx, &kept, &other, &record, lost).await?;
    let later = tx.now() + GATHER_AFTER;
    tx.enqueue(&GatherMerged { merge_id: record.id }, Enqueue::at(later))
        .await?;
    Ok((kept, record))
}

/// Both rows, locked in one order for everybody.
async fn both(tx: &WriteTx, kept: CustomerId, other: CustomerId) -> Result<(Model, Model), Problem> {
    if kept.get() < other.get() {
        let kept = store::locked(tx, kept).await?;
        Ok((kept, named(tx, other).await?))
    } else {
        let named = named(tx, other).await;
        let kept = store::locked(tx, kept).await?;
        Ok((kept, named?))
    }
}

/// The other customer is named in the body, so what is wrong with it is about that field.
async fn named(tx: &WriteTx, other: CustomerId) -> Result<Model, Problem> {
    store::locked(tx, other).await.map_err(|problem| match problem.status {
        404 => Problem::invalid("other_id", "unknown_customer", "is not a customer of this business"),
        _ => problem,
    })
}

/// Gives the kept customer the other's phones and addresses, after its own. Says what the other had.
async fn take_identities(tx: &WriteTx, kept: &Model, other: &Model) -> Result<Vec<Identity>, Problem> {
    let rows = tx
        .find::<identities::Entity>()
        .filter(identities::Column::CustomerId.is_in([kept.id, other.id]))
        .order_by(identities::Column::Position, Order::Asc)
        .order_by(identities::Column::Id, Order::Asc)
        .all()
        .await?;
    let has = |row: &identities::Model| {
        rows.iter()
            .any(|own| own.customer_id == kept.id && own.kind == row.kind && own.value == row.value)
    };
    let theirs: Vec<Identity> = rows
        .iter()
        .filter(|row| row.customer_id == other.id)
        .map(|row| Identity {
            kind: row.kind.clone(),
            value: row.value.clone(),
            position: row.position,
            shared: has(row),
        })
        .collect();
    let of_other = || Ok::<_, Problem>(tx.rows("customer_identities")?.with("customer_id", other.id));
    let shared = theirs.iter().filter(|identity| identity.shared);
    for identity in shared {
        let twice = of_other()?.with("kind", identity.kind.as_str());
        twice.with("value", identity.value.as_str()).delete().await?;
    }
    let own = tx.rows("customer_identities")?.with("customer_id", kept.id);
    let after = own.largest("position").await?.map_or(0, |last| last.saturating_add(1));
    of_other()?.add("position", after).await?;
    of_other()?.set([("customer_id", kept.id.into())]).await?;
    Ok(theirs)
}

/// What the merge writes into the kept row.
struct United {
    /// Field → value, of those that the merge changes.
    fields: Map<String, Value>,
    row: store::ActiveModel,
}

impl United {
    async fn of(tx: &WriteTx, kept: &Model, other: &Model) -> Result<Self, Problem> {
        let mut united = Self {
            fields: Map::new(),
            row: kept.clone().into_active_model(),
        };
        macro_rules! fill {
            ($($field:ident),* $(,)?) => {$(
                if kept.$field.is_none() && other.$field.is_some() {
                    united.fields.insert(stringify!($field).to_owned(), json!(other.$field));
                    united.row.$field = Set(other.$field.clone());
                }
            )*};
        }
        fill!(company, tax_id, address, owner_id, notes, language, need);
        macro_rules! take {
            ($($field:ident: $value:expr),* $(,)?) => {$(
                let value = $value;
                if value != kept.$field {
                    united.fields.insert(stringify!($field).to_owned(), json!(value));
                    united.row.$field = Set(value);
                }
            )*};
        }
        let known = identities::of(tx, kept.record_id()).await?;
        take! {
            name: kept.given_name().or(other.given_name()).unwrap_or(&kept.name).to_owned(),
            tags: tags(&kept.tags, &other.tags),
            custom: custom(&kept.custom, &other.custom),
            // Who asked one of us to be left alone has asked both.
            do_not_contact: kept.do_not_contact || other.do_not_contact,
            last_contact_at: kept.last_contact_at.max(other.last_contact_at),
            phone: known.phones.first().map(|phone| phone.as_str().to_owned()),
            email: known.emails.first().cloned(),
        }
        Ok(united)
    }

    async fn save(self, tx: &WriteTx, before: Model) -> Result<Model, Problem> {
        let version = before.version;
        let mut row = self.row;
        row.version = Set(version + 1);
        row.updated_at = Set(tx.now());
        let kept = tx.update(row).await?;
        changes::announce(tx, &kept).await?;
        Ok(kept)
    }
}

fn tags(own: &Value, others: &Value) -> Value {
    let mut all: Vec<&Value> = Vec::new();
    for tag in own.as_array().into_iter().chain(others.as_array()).flatten() {
        if !all.contains(&tag) {
            all.push(tag);
        }
    }
    json!(all)
}

fn custom(own: &Value, others: &Value) -> Value {
    let mut all = others.as_object().cloned().unwrap_or_default();
    all.extend(own.as_object().cloned().unwrap_or_default());
    Value::Object(all)
}

/// What stood in the other record and stands in the kept one no more: the timeline tells it.
fn losses(kept: &Model, other: &Model, united: &United) -> Map<String, Value> {
    let (ours, theirs) = (fields(kept), fields(other));
    theirs
        .into_iter()
        .filter(|(field, _)| !UNITED.contains(&field.as_str()))
        .filter_map(|(field, value)| {
            let now = united.fields.get(&field).or_else(|| ours.get(&field));
            let lost = match (&value, now) {
                (Value::Object(values), Some(Value::Object(now))) => differing(values, now),
                _ if now == Some(&value) => Value::Null,
                _ => value,
            };
            let empty = lost.is_null() || lost == json!({}) || lost == json!(false);
            (!empty).then_some((field, lost))
        })
        .collect()
}

/// Fields that hold what both had.
const UNITED: [&str; 5] = ["tags", "phone", "email", "do_not_contact", "last_contact_at"];

fn differing(values: &Map<String, Value>, now: &Map<String, Value>) -> Value {
    let differing = values.iter().filter(|(key, value)| now.get(*key) != Some(*value));
    Value::Object(differing.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// What a record says of its person, by the names of the columns.
fn fields(customer: &Model) -> Map<String, Value> {
    let fields = json!({
        "name": customer.name, "company": customer.company, "tax_id": customer.tax_id, "address": customer.address,
        "status": customer.status, "source": customer.source, "owner_id": customer.owner_id, "notes": customer.notes,
        "language": customer.language, "need": customer.need, "not_customer": customer.not_customer,
        "custom": customer.custom, "blocked": customer.blocked, "created_at": customer.created_at,
        "tags": customer.tags, "phone": customer.phone, "email": customer.email,
        "do_not_contact": customer.do_not_contact, "last_contact_at": customer.last_contact_at,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

async fn record(
    tx: &WriteTx,
    kept: &Model,
    other: &Model,
    united: &United,
    theirs: Vec<Identity>,
) -> Result<merges::Model, Problem> {
    let all = fields(kept);
    let before: Map<String, Value> = united
        .fields
        .keys()
        .map(|field| (field.clone(), all.get(field).cloned().unwrap_or_default()))
        .collect();
    let row = merges::ActiveModel {
        kept_id: Set(kept.id),
        other_id: Set(other.id),
        kept_before: Set(Value::Object(before)),
        kept_after: Set(Value::Object(united.fields.clone())),
        identities: Set(serde_json::to_value(theirs).map_err(|_| Problem::internal())?),
        merged_by_id: Set(tx.scope().person().map(UserId::get)),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(tx.insert(row).await?)
}

/// Everything that happened with the other customer happened with the kept one. What came over is noted. Once more is
/// the same as once.
pub(super) async fn move_history(tx: &WriteTx, merge: &merges::Model) -> Result<(), Problem> {
    for Place { table, link, .. } in PLACES.iter().filter(|place| place.merge == OnMerge::Move) {
        let super::places::Link::Column(column) = *link else {
            continue;
        };
        let rows = tx.rows(table)?.with(column, merge.other_id);
        let noted = [("merge_id", merge.id.into()), ("place", (*table).into())];
        rows.note_in("customer_merge_moves", "row_id", noted).await?;
        rows.set([(column, merge.kept_id.into())]).await?;
    }
    Ok(())
}

/// The other row is gone from lists and search, and says where its person is now.
async fn close(tx: &WriteTx, other: Model, kept: &Model) -> Result<Model, Problem> {
    lookup::unindex(tx, &[other.id]).await?;
    let mut change = Change::of(other);
    let now = tx.now();
    let row = change.row();
    row.deleted_at = Set(Some(now));
    row.merged_into_id = Set(Some(kept.id));
    let (other, _) = change.write(tx, "customer.merged_away").await?;
    Ok(other)
}

async fn tell(
    tx: &WriteTx,
    kept: &Model,
    other: &Model,
    record: &merges::Model,
    lost: Map<String, Value>,
) -> Result<(), Problem> {
    let mut data = changes::by_name(tx).await?;
    data.insert("action".to_owned(), "merged".into());
    data.insert("merge_id".to_owned(), record.id.into());
    data.insert("other_id".to_owned(), other.id.into());
    data.insert("not_taken".to_owned(), Value::Object(lost));
    timeline::put(
        tx,
        timeline::Entry {
            customer_id: kept.record_id(),
            kind: "change",
            ref_id: merged_event(record.id),
            title: format!("מיזוג: {}", other.name),
            ts: tx.now(),
            data: Value::Object(data),
        },
    )
    .await?;
    tx.audit(AuditEntry {
        action: "customer.merged",
        record_type: "customer",
        record_id: Some(kept.id),
        changes: json!({ "other_id": other.id, "merge_id": record.id }),
    })
    .await?;
    Ok(())
}

/// The merge on the timeline of the kept customer.
pub(super) fn merged_event(merge: i64) -> String {
    format!("merge:{merge}")
}

/// The first phone and e-mail, as they stand in the customer's own row.
pub(super) async fn first_contacts(tx: &WriteTx, id: CustomerId) -> Result<(Option<String>, Option<String>), Problem> {
    let known = identities::of(tx, id).await?;
    let phone = known.phones.first().map(|phone| phone.as_str().to_owned());
    Ok((phone, known.emails.first().cloned()))
}
