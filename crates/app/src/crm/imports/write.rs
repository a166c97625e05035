//! Writes a batch of rows: those with a phone that somebody has change that customer, the others make new ones.

use std::collections::{HashMap, HashSet, VecDeque};

use kernel::{Phone, Problem};
use platform::db::{ReadTx, WriteTx};
use sea_orm::ActiveValue::Set;
use serde_json::{Map, Value, json};

use super::{
    person::{Draft, RowError, of_new},
    store::{self, row},
};
use crate::{
    crm::customers::{
        batch::{self, Edited, New},
        identities::{self, Known},
        model::{Contacts, Fields, Status},
        store as customers,
    },
    timeline,
};

/// How many phones or e-mails a customer has at most.
const MOST_CONTACTS: usize = 20;

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub created: i64,
    pub updated: i64,
    pub errors: Vec<RowError>,
}

/// Writes the drafts as rows of this import. In a dry run nothing is written and the figures are what they would be, as
/// far as each row can tell by itself.
///
/// An error means that the transaction must not be committed; another try may succeed.
pub async fn write(tx: &WriteTx, import: &store::Model, drafts: Vec<Draft>) -> Result<Written, Problem> {
    let mut written = Written::default();
    let mut rest = VecDeque::from(drafts);
    while !rest.is_empty() {
        let group = take_group(&mut rest);
        let sorted = sort(tx, group, &mut written).await?;
        for draft in sorted.later.into_iter().rev() {
            rest.push_front(draft);
        }
        if import.dry_run {
            written.created += count(sorted.new.len());
            written.updated += count(sorted.known.len());
            continue;
        }
        let mut told = Told::of(tx, import);
        written.created += create(tx, import, sorted.new, &mut told).await?;
        written.updated += Box::pin(update(tx, import, sorted.known, &mut told)).await?;
        told.write(tx).await?;
    }
    Ok(written)
}

/// As many rows as have no phone in common: of two with the same, the second finds what the first has made.
fn take_group(rest: &mut VecDeque<Draft>) -> Vec<Draft> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut group = Vec::new();
    while let Some(draft) = rest.pop_front() {
        if draft.phones().iter().any(|phone| taken.contains(phone.as_str())) {
            rest.push_front(draft);
            break;
        }
        taken.extend(draft.phones().iter().map(|phone| phone.as_str().to_owned()));
        group.push(draft);
    }
    group
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A group by what is to be done.
#[derive(Default)]
struct Sorted {
    new: Vec<Draft>,
    /// With the id of the customer who has one of its phones.
    known: Vec<(Draft, i64)>,
    /// Rows about a customer whom an earlier row changes, too.
    later: Vec<Draft>,
}

/// A row with phones of two customers is an error.
async fn sort(tx: &ReadTx, group: Vec<Draft>, written: &mut Written) -> Result<Sorted, Problem> {
    let phones: Vec<&Phone> = group.iter().flat_map(Draft::phones).collect();
    let owners = if phones.is_empty() {
        HashMap::new()
    } else {
        customers::by_phones(tx, &phones).await?
    };
    let (mut sorted, mut seen) = (Sorted::default(), HashSet::new());
    for draft in group {
        let of: HashSet<i64> = draft
            .phones()
            .iter()
            .filter_map(|phone| Some(owners.get(phone.as_str())?.id))
            .collect();
        match (of.len(), of.iter().next().copied()) {
            (_, None) => sorted.new.push(draft),
            (1, Some(id)) if seen.insert(id) => sorted.known.push((draft, id)),
            (1, Some(_)) => sorted.later.push(draft),
            _ => written.errors.push(of_several(draft)),
        }
    }
    Ok(sorted)
}

fn of_several(draft: Draft) -> RowError {
    RowError {
        row: draft.row,
        field: "phone".to_owned(),
        code: "duplicate_phone".to_owned(),
        message: "its phones are those of several customers".to_owned(),
        cells: draft.cells,
    }
}

async fn create(tx: &WriteTx, import: &store::Model, drafts: Vec<Draft>, told: &mut Told) -> Result<i64, Problem> {
    let status = import.new_status.as_deref().and_then(Status::parse);
    let new = drafts.into_iter().map(|draft| New {
        name: draft.name,
        fields: of_new(draft.fields, status.as_ref()),
    });
    let made = batch::create(tx, new.collect()).await?;
    for customer in &made {
        told.created(customer);
    }
    Ok(count(made.len()))
}

async fn update(
    tx: &WriteTx,
    import: &store::Model,
    drafts: Vec<(Draft, i64)>,
    told: &mut Told,
) -> Result<i64, Problem> {
    let ids: Vec<i64> = drafts.iter().map(|(_, id)| *id).collect();
    let before = batch::locked(tx, &ids).await?;
    let mut before: HashMap<i64, customers::Model> = before.into_iter().map(|row| (row.id, row)).collect();
    let mut known = identities::of_many(tx, &ids).await?;
    let mut rows = 0;
    for (draft, id) in drafts {
        // Locked now; one that was deleted since it was found fails the batch, which is then tried again.
        let before = before
            .remove(&id)
            .filter(|row| row.deleted_at.is_none())
            .ok_or_else(|| Problem::conflict("already_exists", "a customer was deleted at the same moment"))?;
        let known = known.remove(&id).unwrap_or_default();
        let fields = merged(&before, &known, draft.fields, import.overwrite);
        let edited = batch::edit(tx, before, &known, fields).await?;
        told.updated(&edited);
        rows += 1;
    }
    Ok(rows)
}

/// What a row changes in a customer that is there: empty fields are filled, and with `overwrite` full ones replaced;
/// phones, e-mails and tags are added to in either case.
fn merged(before: &customers::Model, known: &Known, said: Fields, overwrite: bool) -> Fields {
    let may = |is_empty: bool| overwrite || is_empty;
    let text = |now: &Option<String>, said: Option<Option<String>>| said.filter(|_| may(now.is_none()));
    let own = before.custom.as_object().cloned().unwrap_or_default();
    Fields {
        name: said.name.filter(|_| may(before.given_name().is_none())),
        phones: added(&known.phones, &said.phones),
        emails: added(&known.emails, &said.emails),
        company: text(&before.company, said.company),
        tax_id: text(&before.tax_id, said.tax_id),
        address: text(&before.address, said.address),
        status: said.status.filter(|_| may(before.status == Status::New.as_str())),
        source: said.source.filter(|_| overwrite),
        owner_id: said.owner_id.filter(|_| may(before.owner_id.is_none())),
        tags: said.tags.map(|tags| with_tags(&before.tags, tags)),
        notes: text(&before.notes, said.notes),
        custom: said.custom.map(|said| with_own(own, said, overwrite)),
        // who asked not to be contacted stays so, unless the file is to have the last word
        do_not_contact: said.do_not_contact.filter(|flag| overwrite || *flag),
        language: text(&before.language, said.language),
    }
}

fn added<T: Clone + PartialEq>(known: &[T], said: &Contacts<T>) -> Contacts<T> {
    let said = said.all.as_deref().unwrap_or_default();
    let mut all = known.to_vec();
    for one in said.iter().filter(|one| !known.contains(one)) {
        if all.len() < MOST_CONTACTS {
            all.push(one.clone());
        }
    }
    Contacts {
        first: None,
        all: Some(all),
    }
}

/// The tags of a customer and these, each once.
pub fn with_tags(now: &Value, more: Vec<String>) -> Vec<String> {
    let mut tags: Vec<String> = serde_json::from_value(now.clone()).unwrap_or_default();
    for tag in more {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn with_own(mut own: Map<String, Value>, said: Map<String, Value>, overwrite: bool) -> Map<String, Value> {
    for (key, value) in said {
        if overwrite || !own.contains_key(&key) {
            own.insert(key, value);
        }
    }
    own
}

/// What is remembered of a group: for the timeline, and for undoing it.
struct Told {
    import_id: i64,
    title: String,
    by: Option<i64>,
    ts: chrono::DateTime<chrono::Utc>,
    events: Vec<timeline::Entry>,
    rows: Vec<row::ActiveModel>,
}

impl Told {
    fn of(tx: &WriteTx, import: &store::Model) -> Self {
        Self {
            import_id: import.id,
            title: import.file_name.clone(),
            by: import.created_by_id,
            ts: tx.now(),
            events: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn created(&mut self, customer: &customers::Model) {
        self.note(customer, "created", None, &Map::new());
    }

    /// Nothing is told of a customer in whom nothing changed.
    fn updated(&mut self, edited: &Edited) {
        if !edited.differences.is_empty() {
            let differences = Value::Object(edited.differences.clone());
            self.note(&edited.after, "updated", Some(differences), &edited.told());
        }
    }

    fn note(
        &mut self,
        customer: &customers::Model,
        action: &str,
        differences: Option<Value>,
        told: &Map<String, Value>,
    ) {
        self.events.push(timeline::Entry {
            customer_id: customer.record_id(),
            kind: "import",
            ref_id: event(self.import_id, customer.id),
            title: self.title.clone(),
            ts: self.ts,
            data: json!({
                "import_id": self.import_id, "action": action, "changes": told, "by": "user", "user_id": self.by,
            }),
        });
        self.rows.push(row::ActiveModel {
            import_id: Set(self.import_id),
            customer_id: Set(customer.id),
            differences: Set(differences),
            version: Set(customer.version),
            ..Default::default()
        });
    }

    async fn write(self, tx: &WriteTx) -> Result<(), Problem> {
        if self.rows.is_empty() {
            return Ok(());
        }
        tx.insert_all(self.rows).await?;
        timeline::put_all(tx, self.events).await
    }
}

/// The identity of what the timeline says of an import and a customer.
pub fn event(import: i64, customer: i64) -> String {
    format!("{import}:{customer}")
}
