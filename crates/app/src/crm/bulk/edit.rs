//! What is done to each customer of a bulk edit.

use kernel::Problem;
use platform::http::fields::Faults;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::crm::{
    customers::{body::CustomerBody, model::Fields, store::Model, values},
    imports::with_tags,
};

/// What is one customer's own is not written into many.
const NOT_IN_BULK: [&str; 7] = ["name", "phone", "phones", "email", "emails", "tax_id", "business_id"];

/// The same for every customer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    #[serde(default)]
    pub set: Map<String, Value>,
    #[serde(default)]
    pub add_tags: Vec<String>,
    #[serde(default)]
    pub remove_tags: Vec<String>,
    #[serde(default)]
    pub delete: bool,
}

impl Edit {
    /// 422 for what customers do not have, what is not written into many, and nothing at all.
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        for field in NOT_IN_BULK.into_iter().filter(|field| self.set.contains_key(*field)) {
            let message = "is not written into many customers";
            faults.add(&format!("set.{field}"), "not_in_bulk", message);
        }
        self.add_tags = values::tags(&mut faults, self.add_tags);
        self.remove_tags = values::tags(&mut faults, self.remove_tags);
        faults.done()?;
        self.fields()?;
        let changes = !(self.set.is_empty() && self.add_tags.is_empty() && self.remove_tags.is_empty());
        match (changes, self.delete) {
            (false, false) => Err(Problem::missing("set")),
            (true, true) => Err(Problem::invalid(
                "delete",
                "one_of",
                "nothing else is done with what is deleted",
            )),
            _ => Ok(self),
        }
    }

    /// What `set` says, as the form of one customer reads it.
    pub fn fields(&self) -> Result<Fields, Problem> {
        let body = CustomerBody::deserialize(Value::Object(self.set.clone()))
            .map_err(|err| Problem::invalid("set", "invalid", err.to_string()))?;
        body.checked()
    }

    /// The fields for one customer: tags and the business's own fields are added to what is there.
    pub fn of(&self, said: &Fields, customer: &Model) -> Fields {
        let mut fields = said.clone();
        if let Some(own) = fields.custom.take() {
            let mut all = customer.custom.as_object().cloned().unwrap_or_default();
            all.extend(own);
            fields.custom = Some(all);
        }
        if !(self.add_tags.is_empty() && self.remove_tags.is_empty()) {
            let now = match &fields.tags {
                Some(tags) => Value::from(tags.clone()),
                None => customer.tags.clone(),
            };
            let mut tags = with_tags(&now, self.add_tags.clone());
            tags.retain(|tag| !self.remove_tags.contains(tag));
            fields.tags = Some(tags);
        }
        fields
    }
}
