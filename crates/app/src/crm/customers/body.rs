//! A customer as a client writes it, and the check of all of it at once.

use kernel::Problem;
use platform::http::fields::{Faults, Lines, Mentioned, mentioned};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{model::Fields, values};

/// A customer as a client writes it. In an update what is not mentioned stays, and `null` empties.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerBody {
    /// Required when a customer is created; never blank.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub name: Mentioned<String>,
    /// The first phone. Any usual form; national ones are Israel's.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub phone: Mentioned<String>,
    /// All phones, the first one first.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<Vec<String>>)]
    pub phones: Mentioned<Vec<String>>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub email: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<Vec<String>>)]
    pub emails: Mentioned<Vec<String>>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub company: Mentioned<String>,
    /// An Israeli id or company number with its check digit.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub tax_id: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub address: Mentioned<String>,
    /// `new`, `contacted`, `qualified`, `customer`, `inactive`, or one of the business's own.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub status: Mentioned<String>,
    /// Where the customer came from: `manual`, `call`, …
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub source: Mentioned<String>,
    /// The user who looks after the customer.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub owner_id: Mentioned<i64>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Mentioned<Vec<String>>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub notes: Mentioned<String>,
    /// The business's own fields by their keys, of the types that `/api/custom_fields` says. What is not mentioned stays,
    /// `null` empties.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<Object>)]
    pub custom: Mentioned<Map<String, Value>>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<bool>)]
    pub do_not_contact: Mentioned<bool>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub language: Mentioned<String>,
    /// When an admin creates a customer: for which business.
    pub business_id: Option<i64>,
}

impl CustomerBody {
    /// For a new customer: 400 `name_required` without a name.
    pub fn for_creation(self) -> Result<(String, Fields), Problem> {
        let fields = self.checked()?;
        match fields.name.clone() {
            Some(name) => Ok((name, fields)),
            None => Err(name_required()),
        }
    }

    /// For an update: 400 `name_required` for a name that is mentioned and blank.
    pub fn checked(self) -> Result<Fields, Problem> {
        if self
            .name
            .as_ref()
            .is_some_and(|name| name.as_ref().is_none_or(|name| name.trim().is_empty()))
        {
            return Err(name_required());
        }
        let mut faults = Faults::default();
        let fields = Fields {
            name: faults
                .optional_text("name", self.name, values::MAX_NAME_CHARS, Lines::One)
                .flatten(),
            phones: values::phones(&mut faults, self.phone, self.phones),
            emails: values::emails(&mut faults, self.email, self.emails),
            company: faults.optional_text("company", self.company, values::MAX_NAME_CHARS, Lines::One),
            tax_id: self.tax_id.map(|id| id.and_then(|id| values::tax_id(&mut faults, &id))),
            address: faults.optional_text("address", self.address, values::MAX_ADDRESS_CHARS, Lines::Many),
            status: self
                .status
                .and_then(|status| values::status(&mut faults, status.as_deref())),
            source: values::source(&mut faults, self.source),
            owner_id: self.owner_id,
            tags: self
                .tags
                .map(|tags| values::tags(&mut faults, tags.unwrap_or_default())),
            notes: faults.optional_text("notes", self.notes, values::MAX_NOTES_CHARS, Lines::Many),
            custom: self
                .custom
                .map(|custom| values::custom(&mut faults, custom.unwrap_or_default())),
            do_not_contact: self.do_not_contact.map(Option::unwrap_or_default),
            language: self
                .language
                .map(|language| language.and_then(|language| values::language(&mut faults, &language))),
        };
        faults.done()?;
        Ok(fields)
    }
}

fn name_required() -> Problem {
    let mut problem = Problem::missing("name");
    problem.code = "name_required";
    problem
}
