//! Lists to choose from that a business makes: sources of leads.

use platform::http::fields::{Faults, Lines};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

const MOST_CHOICES: usize = 50;

/// A value of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BusinessChoice)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What records hold: small letters, digits and `_`, at most 40.
    pub key: String,
    /// What people read.
    pub name: String,
}

impl Choice {
    /// What a row holds; nothing for what does not read.
    pub fn read(stored: &Value) -> Vec<Self> {
        Vec::deserialize(stored).unwrap_or_default()
    }

    /// The choices tidied, with a fault for each that can not be.
    pub fn checked(faults: &mut Faults, field: &str, given: Vec<Self>) -> Vec<Self> {
        if given.len() > MOST_CHOICES {
            faults.add(field, "too_many", format!("has more than {MOST_CHOICES} entries"));
            return Vec::new();
        }
        let mut kept: Vec<Self> = Vec::new();
        for (at, choice) in given.into_iter().enumerate() {
            let key = choice.key.trim().to_owned();
            let sound = (1..=40).contains(&key.len())
                && key
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !sound {
                let message = "is made of small letters, digits and _";
                faults.add(&format!("{field}[{at}].key"), "invalid_key", message);
            } else if kept.iter().any(|other| other.key == key) {
                faults.add(&format!("{field}[{at}].key"), "duplicate", "stands there already");
            }
            let name_field = format!("{field}[{at}].name");
            match faults.text(&name_field, &choice.name, 60, Lines::One) {
                Some(name) => kept.push(Self { key, name }),
                None if choice.name.trim().is_empty() => faults.add(&name_field, "required", "is required"),
                None => {}
            }
        }
        kept
    }
}
