//! One change of a customer: what was, what is, and everyone who is told.

use kernel::{Actor, Phone, Problem, Scope};
use platform::{
    db::{AuditEntry, ReadTx, WriteTx},
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Map, Value, json};

use super::{
    lookup,
    model::Fields,
    store::{ActiveModel, Model},
    words,
};
use crate::{accounts::users, timeline};

/// A change being made. Only what differs is written.
pub struct Change {
    before: Model,
    row: ActiveModel,
    /// Field → `{from, to}`.
    differences: Map<String, Value>,
    reindex: bool,
    touched: bool,
}

impl Change {
    pub fn of(before: Model) -> Self {
        Self {
            row: before.clone().into_active_model(),
            before,
            differences: Map::new(),
            reindex: false,
            touched: false,
        }
    }

    fn differs(&mut self, field: &str, from: &Value, to: &Value) -> bool {
        if from == to {
            return false;
        }
        self.differences
            .insert(field.to_owned(), json!({ "from": from, "to": to }));
        true
    }

    pub fn name(&mut self, name: &str) {
        if self.differs("name", &json!(self.before.name), &json!(name)) {
            self.row.name = Set(name.to_owned());
            self.reindex = true;
        }
    }

    pub fn need(&mut self, need: &str) {
        if self.differs("need", &json!(self.before.need), &json!(need)) {
            self.row.need = Set(Some(need.to_owned()));
        }
    }

    pub fn phones(&mut self, from: &[Phone], to: &[Phone]) {
        if self.differs("phones", &json!(from), &json!(to)) {
            let first = to.first().map(|phone| phone.as_str().to_owned());
            if self.before.given_name().is_none() {
                // still called by the phone
                self.row.name = Set(first.clone().unwrap_or_else(|| self.before.name.clone()));
            }
            self.row.phone = Set(first);
        }
    }

    pub fn emails(&mut self, from: &[String], to: &[String]) {
        if self.differs("emails", &json!(from), &json!(to)) {
            self.row.email = Set(to.first().cloned());
        }
    }

    pub fn not_customer(&mut self, reason: Option<&'static str>) {
        if self.differs("not_customer", &json!(self.before.not_customer), &json!(reason)) {
            self.row.not_customer = Set(reason.map(str::to_owned));
        }
    }

    pub fn blocked(&mut self, blocked: bool) {
        if self.differs("blocked", &json!(self.before.blocked), &json!(blocked)) {
            self.row.blocked = Set(blocked);
        }
    }

    /// The row is written though no field differs (it was deleted, merged, restored).
    pub fn row(&mut self) -> &mut ActiveModel {
        self.touched = true;
        &mut self.row
    }

    /// Everything that a form may change, except phones and e-mails.
    pub fn fields(&mut self, fields: Fields) {
        macro_rules! take {
            ($($field:ident: $value:expr),* $(,)?) => {$(
                if let Some(value) = $value {
                    if self.differs(stringify!($field), &json!(self.before.$field), &json!(value)) {
                        self.row.$field = Set(value);
                    }
                }
            )*};
        }
        if let Some(name) = &fields.name {
            self.name(name);
        }
        self.reindex |= fields
            .company
            .as_ref()
            .is_some_and(|company| *company != self.before.company);
        take! {
            company: fields.company,
            tax_id: fields.tax_id,
            address: fields.address,
            status: fields.status.map(|status| status.as_str().to_owned()),
            source: fields.source,
            owner_id: fields.owner_id,
            tags: fields.tags.map(Value::from),
            notes: fields.notes,
            custom: fields.custom.map(Value::Object),
            do_not_contact: fields.do_not_contact,
            language: fields.language,
        }
    }

    /// Writes what differs, and tells timeline, screens and audit.
    pub async fn save(self, tx: &WriteTx, action: &'static str) -> Result<Model, Problem> {
        let (after, differences) = self.write(tx, action).await?;
        if !differences.is_empty() {
            remember(tx, &after, differences).await?;
        }
        Ok(after)
    }

    /// Writes what differs and tells nobody: for many customers at once, of whom one word is said in the end. Gives field
    /// → `{from, to}` with the texts in them; nothing of it when nothing differs.
    pub(super) async fn write_untold(mut self, tx: &WriteTx) -> Result<(Model, Map<String, Value>), Problem> {
        if self.differences.is_empty() {
            return Ok((self.before, self.differences));
        }
        self.row.version = Set(self.before.version + 1);
        self.row.updated_at = Set(tx.now());
        let after = tx.update(self.row).await?;
        if self.reindex {
            lookup::index(tx, &after).await?;
        }
        Ok((after, self.differences))
    }

    /// As [`Change::save`], and leaves the timeline to the caller, who gets what differed.
    pub async fn write(mut self, tx: &WriteTx, action: &'static str) -> Result<(Model, Map<String, Value>), Problem> {
        if self.differences.is_empty() && !self.touched {
            return Ok((self.before, self.differences));
        }
        self.row.version = Set(self.before.version + 1);
        self.row.updated_at = Set(tx.now());
        let after = tx.update(self.row).await?;
        if self.reindex {
            lookup::index(tx, &after).await?;
        }
        announce(tx, &after).await?;
        tx.audit(AuditEntry {
            action,
            record_type: "customer",
            record_id: Some(after.id),
            changes: Value::Object(without_persons(&self.differences)),
        })
        .await?;
        Ok((after, without_bodies(self.differences)))
    }
}

/// Fields whose values say nothing about who the customer is.
const IMPERSONAL: [&str; 6] = [
    "status",
    "owner_id",
    "do_not_contact",
    "not_customer",
    "blocked",
    "language",
];

/// For the audit log, which is never rewritten and so must not hold what may have to be erased: of what is personal
/// only that it changed.
fn without_persons(differences: &Map<String, Value>) -> Map<String, Value> {
    differences
        .iter()
        .map(|(field, difference)| {
            let open = IMPERSONAL.contains(&field.as_str());
            let told = if open {
                difference.clone()
            } else {
                json!({ "changed": true })
            };
            (field.clone(), told)
        })
        .collect()
}

/// A long text does not go into the timeline a second time.
pub(super) fn without_bodies(mut differences: Map<String, Value>) -> Map<String, Value> {
    if let Some(notes) = differences.get_mut("notes") {
        *notes = json!({ "changed": true });
    }
    differences
}

async fn remember(tx: &WriteTx, after: &Model, differences: Map<String, Value>) -> Result<(), Problem> {
    let title = words::title(&differences);
    let mut data = by_name(tx).await?;
    data.insert("words".to_owned(), words::sentences(&differences).into());
    data.insert("changes".to_owned(), Value::Object(differences));
    timeline::put(
        tx,
        timeline::Entry {
            customer_id: after.record_id(),
            kind: "change",
            ref_id: format!("customer:{}:{}", after.id, after.version),
            title,
            ts: after.updated_at,
            data: Value::Object(data),
        },
    )
    .await
}

/// Who did it, as the timeline's data say.
pub fn by(scope: &Scope) -> Map<String, Value> {
    let (kind, id) = match scope.actor() {
        Actor::User { id, .. } => ("user", Some(id.get())),
        Actor::ApiKey { id, .. } => ("api_key", Some(*id)),
        Actor::Agent { call } => ("agent", Some(call.get())),
        Actor::Provider(_) => ("provider", None),
        Actor::Job(_) => ("job", None),
    };
    let mut by = Map::new();
    by.insert("by".to_owned(), kind.into());
    if let Some(id) = id {
        let member = match kind {
            "agent" => "call_id",
            "api_key" => "api_key_id",
            _ => "user_id",
        };
        by.insert(member.to_owned(), id.into());
    }
    by
}

/// As [`by`], with the person's name (`user_name`).
pub async fn by_name(tx: &ReadTx) -> Result<Map<String, Value>, Problem> {
    let mut by = by(tx.scope());
    if let Some(id) = tx.scope().actor().user_id() {
        let user = tx.find::<users::store::Entity>().by_id(id).one().await?;
        by.extend(user.map(|user| ("user_name".to_owned(), Value::from(user.name))));
    }
    Ok(by)
}

/// `customer:updated` to the open screens of the business.
pub async fn announce(tx: &WriteTx, customer: &Model) -> Result<(), Problem> {
    tx.emit(Event {
        room: Room::Business,
        name: "customer:updated",
        payload: json!({
            "customer_id": customer.id,
            "name": customer.name,
            "phone": customer.phone,
            "status": customer.status,
            "owner_id": customer.owner_id,
            "not_customer": customer.not_customer,
            "blocked": customer.blocked,
            "deleted": customer.deleted_at.is_some(),
            "merged_into": customer.merged_into_id,
            "updated_at": customer.updated_at,
        }),
    })
    .await?;
    Ok(())
}
