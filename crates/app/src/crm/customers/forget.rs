//! Forgetting a person, as privacy law asks for it: everything personal is erased, everywhere.
//!
//! What stays is a row without a person in it, to which calls and statistics refer, and an entry in the audit log.

use kernel::{CustomerId, Phone, Problem};
use platform::{
    db::{AuditEntry, Traces, WriteTx},
    jobs::Enqueue,
    outbox::{Event, Room},
};
use sea_orm::{ColumnTrait, Value};
use serde_json::json;

use super::{
    identities,
    jobs::EraseFiles,
    lookup,
    merge::merged_event,
    merges,
    places::{
        Blank, ERASED, FILES, NO_NUMBER, NUMBERS, OnForget, PLACES, Place, TYPED, UNLINKED_CALLS, UNLINKED_TASKS,
    },
    store::{self, Entity, Model},
};
use crate::{crm::search::tokens, notifications};

const MAX_REASON_CHARS: usize = 300;
/// Files that one job erases.
const FILES_AT_ONCE: usize = 100;
/// The pages of the web app of which people were told: whose id stands in the link, and what is around it.
const PAGES: [(&str, &str, &str); 5] = [
    ("customer_id", "/crm/customers/", ""),
    ("customer_id", "/crm/customers/", "?tab=notes"),
    ("call_id", "/calls/", ""),
    ("task_id", "/tasks?task=", ""),
    ("thread_id", "/inbox?thread=", ""),
];

/// All by which a person is known here.
struct Person {
    id: i64,
    /// The customer and all who went up in them.
    ids: Vec<i64>,
    phones: Vec<String>,
    /// E-mails and other addresses.
    addresses: Vec<String>,
    names: Vec<String>,
}

/// Erases a person, with all the records that were merged into theirs. Deleted ones, too. The files of their calls are
/// erased by a job right after.
///
/// 409 `call_running` while a call of theirs runs; 410 for one who was merged: the kept record is to be forgotten.
pub async fn forget(tx: &WriteTx, id: CustomerId, reason: &str) -> Result<(), Problem> {
    let person = Person::gather(tx, id).await?;
    person.refuse_running(tx).await?;
    person.adopt(tx).await?;
    let traces = person.traces(tx).await?;
    let files = person.files(tx).await?;
    person.erase_numbers(tx).await?;
    person.erase_merges_of_others(tx).await?;
    person.erase_words(tx, &traces).await?;
    for place in PLACES {
        erase(tx, place, &person.ids).await?;
    }
    person.erase_typed(tx).await?;
    let mut blank = vec![("deleted_at", tx.now().into()), ("forgotten_at", tx.now().into())];
    blank.extend(blanks(tx, TOMBSTONE));
    tx.rows("customers")?
        .with_any("id", person.ids.iter().copied())
        .set(blank)
        .await?;
    notifications::take_back(tx, &traces.links).await?;
    tx.erase_traces(&traces).await?;
    for keys in files.chunks(FILES_AT_ONCE) {
        let job = EraseFiles { keys: keys.to_vec() };
        tx.enqueue(&job, Enqueue::default()).await?;
    }
    person.tell(tx, reason, files.len()).await
}

/// What is written over the customer's own row. Owner, status and times are not about the person.
const TOMBSTONE: &[(&str, Blank)] = &[
    ("name", Blank::Text(ERASED)),
    ("company", Blank::Null),
    ("tax_id", Blank::Null),
    ("address", Blank::Null),
    ("source", Blank::Text("forgotten")),
    ("tags", Blank::List),
    ("notes", Blank::Null),
    ("custom", Blank::Object),
    ("language", Blank::Null),
    ("need", Blank::Null),
    ("phone", Blank::Null),
    ("email", Blank::Null),
    ("blocked", Blank::Flag(false)),
];

fn blanks(tx: &WriteTx, columns: &[(&'static str, Blank)]) -> Vec<(&'static str, Value)> {
    columns
        .iter()
        .map(|(column, blank)| (*column, blank.value(tx)))
        .collect()
}

async fn erase(tx: &WriteTx, place: &Place, customers: &[i64]) -> Result<(), Problem> {
    let rows = place.rows(tx, customers)?;
    match place.forget {
        OnForget::Keep => {}
        OnForget::Delete => {
            rows.delete().await?;
        }
        OnForget::Overwrite(columns) => {
            rows.set(blanks(tx, columns)).await?;
        }
    }
    Ok(())
}

impl Person {
    async fn gather(tx: &WriteTx, id: CustomerId) -> Result<Self, Problem> {
        let first = tx.find::<Entity>().by_id(id).lock().one().await?;
        let first = first.ok_or_else(Problem::not_found)?;
        if first.merged_into_id.is_some() {
            return Err(store::why_not(tx, id).await?);
        }
        if first.forgotten_at.is_some() {
            return Err(Problem::not_found());
        }
        let mut rows = vec![first];
        let mut looked = 0;
        while let Some(row) = rows.get(looked) {
            let merged = store::Column::MergedIntoId.eq(row.id);
            let more = tx.find::<Entity>().filter(merged).lock().all().await?;
            rows.extend(more);
            looked += 1;
        }
        Self::known_by(tx, rows).await
    }

    async fn known_by(tx: &WriteTx, rows: Vec<Model>) -> Result<Self, Problem> {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let known = tx
            .find::<identities::Entity>()
            .filter(identities::Column::CustomerId.is_in(ids.iter().copied()))
            .all()
            .await?;
        let (mut phones, mut addresses) = (Vec::new(), Vec::new());
        let identities = known.into_iter().map(|row| (row.kind, row.value));
        let of_rows = rows.iter().flat_map(|row| {
            let phone = row.phone.clone().map(|phone| ("phone".to_owned(), phone));
            phone
                .into_iter()
                .chain(row.email.clone().map(|email| ("email".to_owned(), email)))
        });
        for (kind, value) in identities.chain(of_rows) {
            let list = if kind == "phone" { &mut phones } else { &mut addresses };
            if !list.contains(&value) {
                list.push(value);
            }
        }
        Ok(Self {
            id: ids.first().copied().unwrap_or_default(),
            ids,
            phones,
            addresses,
            names: rows
                .iter()
                .filter_map(|row| row.given_name().map(str::to_owned))
                .collect(),
        })
    }

    /// What is said now would be written down again.
    async fn refuse_running(&self, tx: &WriteTx) -> Result<(), Problem> {
        let (table, column) = UNLINKED_CALLS;
        let linked = tx.rows(table)?.with_any(column, self.ids.iter().copied());
        let mut running = linked.without("ended_at").exist().await?;
        for number in ["from_number", "to_number"] {
            let of_number = tx.rows(table)?.with_any(number, self.phones.iter().cloned());
            running |= of_number.without("ended_at").exist().await?;
        }
        if running {
            return Err(Problem::conflict(
                "call_running",
                "a call with this customer runs; try again after it",
            ));
        }
        Ok(())
    }

    /// Calls by number, and the work that came of them, though nobody has linked them.
    async fn adopt(&self, tx: &WriteTx) -> Result<(), Problem> {
        let (calls, column) = UNLINKED_CALLS;
        for number in ["from_number", "to_number"] {
            let rows = tx.rows(calls)?.with_any(number, self.phones.iter().cloned());
            rows.without(column).set([(column, self.id.into())]).await?;
        }
        let (tasks, column) = UNLINKED_TASKS;
        let calls = tx.rows(calls)?.with_any("customer_id", self.ids.iter().copied());
        let rows = tx.rows(tasks)?.among("call_id", &calls, "id");
        rows.without(column).set([(column, self.id.into())]).await?;
        Ok(())
    }

    async fn traces(&self, tx: &WriteTx) -> Result<Traces, Problem> {
        let mut members = vec![("customer_id", self.ids.clone())];
        for (member, table) in [
            ("call_id", "calls"),
            ("task_id", "tasks"),
            ("recording_id", "recordings"),
            ("merge_id", "customer_merges"),
            ("note_id", "customer_notes"),
            ("thread_id", "threads"),
            ("message_id", "messages"),
            ("file_id", "message_files"),
        ] {
            let mut ids = Vec::new();
            for place in PLACES.iter().filter(|place| place.table == table) {
                ids.extend(place.rows(tx, &self.ids)?.ids().await?);
            }
            members.push((member, ids));
        }
        let links = PAGES.iter().flat_map(|(of, page, part)| {
            let ids = members.iter().filter(move |(member, _)| member == of);
            ids.flat_map(move |(_, ids)| ids.iter().map(move |id| format!("{page}{id}{part}")))
        });
        let links = links.collect();
        let paths = self
            .ids
            .iter()
            .flat_map(|id| ["/api/crm/customers", "/api/customers"].map(|path| format!("{path}/{id}")));
        Ok(Traces {
            values: self.values(),
            names: self.names.clone(),
            links,
            members,
            paths: paths.collect(),
        })
    }

    /// Phones in both forms in which people write them, and addresses.
    fn values(&self) -> Vec<String> {
        let national = self
            .phones
            .iter()
            .filter_map(|phone| Some(format!("0{}", phone.strip_prefix("+972")?)));
        let phones = self.phones.iter().cloned().chain(national);
        phones.chain(self.addresses.iter().cloned()).collect()
    }

    async fn files(&self, tx: &WriteTx) -> Result<Vec<String>, Problem> {
        let mut keys = Vec::new();
        for (table, column) in FILES {
            if let Some(place) = Place::of(table) {
                keys.extend(place.rows(tx, &self.ids)?.texts(column).await?);
            }
        }
        Ok(keys)
    }

    /// Whoever the call is linked to; and of their own calls any number, for they may have had another one then.
    async fn erase_numbers(&self, tx: &WriteTx) -> Result<(), Problem> {
        for (table, column) in NUMBERS {
            tx.rows(table)?
                .with_any(column, self.phones.iter().cloned())
                .set([(*column, NO_NUMBER.into())])
                .await?;
        }
        for (direction, number) in [("in", "from_number"), ("out", "to_number")] {
            tx.rows("calls")?
                .with_any("customer_id", self.ids.iter().copied())
                .with("direction", direction)
                .set([(number, NO_NUMBER.into())])
                .await?;
        }
        Ok(())
    }

    /// A merge that was undone stands on another customer's timeline, too.
    async fn erase_merges_of_others(&self, tx: &WriteTx) -> Result<(), Problem> {
        let of_theirs = merges::Column::OtherId.is_in(self.ids.iter().copied());
        let merges = tx.find::<merges::Entity>().filter(of_theirs).all().await?;
        for merge in merges {
            tx.rows("customer_merge_moves")?
                .with("merge_id", merge.id)
                .delete()
                .await?;
            tx.rows("timeline_events")?
                .with("kind", "change")
                .with("ref_id", merged_event(merge.id))
                .delete()
                .await?;
        }
        Ok(())
    }

    /// What they, their tasks, notes and calls are found by.
    async fn erase_words(&self, tx: &WriteTx, traces: &Traces) -> Result<(), Problem> {
        lookup::unindex(tx, &self.ids).await?;
        for (member, ids) in &traces.members {
            let kind = match *member {
                "call_id" => tokens::Kind::Call,
                "task_id" => tokens::Kind::Task,
                "note_id" => tokens::Kind::Note,
                "message_id" => tokens::Kind::Message,
                _ => continue,
            };
            tokens::erase(tx, kind, ids).await?;
        }
        Ok(())
    }

    async fn erase_typed(&self, tx: &WriteTx) -> Result<(), Problem> {
        let names = self.names.iter().map(|name| json!(name).to_string());
        let mut texts = self.values();
        texts.extend(names);
        for (table, column) in TYPED {
            let rows = tx.rows(table)?.mentioning(column, &texts);
            rows.set([(*column, Value::from(json!({})))]).await?;
        }
        Ok(())
    }

    async fn tell(&self, tx: &WriteTx, reason: &str, files: usize) -> Result<(), Problem> {
        tx.emit(Event {
            room: Room::Business,
            name: "customer:updated",
            payload: json!({ "customer_id": self.id, "deleted": true, "forgotten": true }),
        })
        .await?;
        tx.audit(AuditEntry {
            action: "customer.forgotten",
            record_type: "customer",
            record_id: Some(self.id),
            changes: json!({
                "reason": self.without_names(reason),
                "merged": self.ids.get(1..).unwrap_or_default(),
                "files": files,
            }),
        })
        .await?;
        Ok(())
    }

    /// The reason stays in the audit log, so it must not name whom it is about.
    fn without_names(&self, reason: &str) -> String {
        let words = self.names.iter().flat_map(|name| name.split_whitespace());
        let spoken = self.names.iter().map(String::as_str).chain(words);
        let values = self.values();
        let clean = spoken
            .chain(values.iter().map(String::as_str))
            .filter(|text| !text.is_empty())
            .fold(reason.to_owned(), |reason, text| reason.replace(text, "…"));
        let phoneless = clean.split_whitespace().map(|word| match Phone::parse(word) {
            Ok(phone) if self.phones.iter().any(|own| own == phone.as_str()) => "…",
            _ => word,
        });
        phoneless
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(MAX_REASON_CHARS)
            .collect()
    }
}
