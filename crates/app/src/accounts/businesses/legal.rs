//! What the law wants to see of a business on its documents.

use kernel::tax_id;
use platform::http::fields::{Faults, Lines};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const DEALER_TYPES: &[&str] = &["licensed", "exempt", "company"];

/// Legal data; without it no document is issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BusinessLegal)]
#[serde(deny_unknown_fields)]
pub struct Legal {
    /// As registered.
    pub name: String,
    /// Israeli id or company number with its check digit; nine digits in answers.
    pub tax_id: String,
    /// `licensed`, `exempt` or `company`.
    pub dealer_type: String,
    pub address: String,
}

impl Legal {
    /// Everything checked; `None` (and a fault each) when something is not right.
    pub fn checked(self, faults: &mut Faults) -> Option<Self> {
        let mut text = |field: &str, text: &str, most: usize| {
            let read = faults.text(field, text, most, Lines::One);
            if read.is_none() && text.trim().is_empty() {
                faults.add(field, "required", "is required");
            }
            read
        };
        let name = text("legal.name", &self.name, 200);
        let address = text("legal.address", &self.address, 300);
        let number = tax_id(&self.tax_id);
        if number.is_none() {
            let message = "is not an Israeli id or company number: its check digit is wrong";
            faults.add("legal.tax_id", "invalid_tax_id", message);
        }
        if !DEALER_TYPES.contains(&self.dealer_type.as_str()) {
            let message = format!("is one of {}", DEALER_TYPES.join(", "));
            faults.add("legal.dealer_type", "unknown_value", message);
            return None;
        }
        Some(Self {
            name: name?,
            tax_id: number?,
            dealer_type: self.dealer_type,
            address: address?,
        })
    }
}
