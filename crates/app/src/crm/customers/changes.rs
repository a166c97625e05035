//! One change of a customer: what was, what is, and everyone who is told.

use kernel::{Actor, Phone, Problem, Scope};
use platform::{
    db::{AuditEntry, WriteTx},
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Map, Value, json};

use super::{
    lookup,
    model::Fields,
    store::{ActiveModel, Model},
};
use crate::timeline;

/// A change being made. Only what differs is written.
pub struct Change {
    before: Model,
    row: ActiveModel,
    /// Field → `{from, to}`.
    differences: Map<String, Value>,
    reindex: bool,
}

impl Change {
    pub fn of(before: Model) -> Self {
        Self {
            row: before.clone().into_active_model(),
            before,
            differences: Map::new(),
            reindex: false,
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

    /// As [`Change::save`], and leaves the timeline to the caller, who gets what differed.
    pub async fn write(mut self, tx: &WriteTx, action: &'static str) -> Result<(Model, Map<String, Value>), Problem> {
        if self.differences.is_empty() {
            return Ok((self.before, self.differences));
        }
        self.row.version = Set(self.before.version + 1);
        self.row.updated_at = Set(tx.now());
        let after = tx.update(self.row).await?;
        if self.reindex {
            lookup::index(tx, &after).await?;
        }
        announce(tx, &after).await?;
        let differences = without_bodies(self.differences);
        tx.audit(AuditEntry {
            action,
            record_type: "customer",
            record_id: Some(after.id),
            changes: Value::Object(differences.clone()),
        })
        .await?;
        Ok((after, differences))
    }
}

/// A note's text goes neither into the audit log nor into the timeline.
fn without_bodies(mut differences: Map<String, Value>) -> Map<String, Value> {
    if let Some(notes) = differences.get_mut("notes") {
        *notes = json!({ "changed": true });
    }
    differences
}

async fn remember(tx: &WriteTx, after: &Model, differences: Map<String, Value>) -> Result<(), Problem> {
    let title = differences.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut data = by(tx.scope());
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
        Actor::Agent { call } => ("agent", Some(call.get())),
        Actor::Provider(_) => ("provider", None),
        Actor::Job(_) => ("job", None),
    };
    let mut by = Map::new();
    by.insert("by".to_owned(), kind.into());
    if let Some(id) = id {
        let member = if kind == "agent" { "call_id" } else { "user_id" };
        by.insert(member.to_owned(), id.into());
    }
    by
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
            "updated_at": customer.updated_at,
        }),
    })
    .await?;
    Ok(())
}
