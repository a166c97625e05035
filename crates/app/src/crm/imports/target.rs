//! The fields of a customer that a column may fill.

use std::fmt;

/// Where the cells of a column go.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    Name,
    FirstName,
    LastName,
    Phone,
    Email,
    Company,
    TaxId,
    Address,
    City,
    Status,
    Source,
    Owner,
    Tags,
    Notes,
    Language,
    DoNotContact,
    /// One of the business's own fields, by its key.
    Custom(String),
}

const PLAIN: [(&str, Target); 16] = [
    ("name", Target::Name),
    ("first_name", Target::FirstName),
    ("last_name", Target::LastName),
    ("phone", Target::Phone),
    ("email", Target::Email),
    ("company", Target::Company),
    ("tax_id", Target::TaxId),
    ("address", Target::Address),
    ("city", Target::City),
    ("status", Target::Status),
    ("source", Target::Source),
    ("owner", Target::Owner),
    ("tags", Target::Tags),
    ("notes", Target::Notes),
    ("language", Target::Language),
    ("do_not_contact", Target::DoNotContact),
];
const CUSTOM: &str = "custom.";
const LONGEST_KEY_CHARS: usize = 50;

impl Target {
    /// Reads a field's name as it stands in a mapping.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(key) = text.strip_prefix(CUSTOM) {
            let sound = !key.is_empty() && key.chars().count() <= LONGEST_KEY_CHARS && !key.contains(char::is_control);
            return sound.then(|| Self::Custom(key.to_owned()));
        }
        let found = PLAIN.iter().find(|(name, _)| *name == text);
        found.map(|(_, target)| target.clone())
    }

    /// Whether several columns may go there.
    pub const fn takes_several(&self) -> bool {
        matches!(
            self,
            Self::Phone | Self::Email | Self::Tags | Self::Notes | Self::Address
        )
    }

    /// Whether a row with this alone says who somebody is.
    pub const fn names_somebody(&self) -> bool {
        matches!(
            self,
            Self::Name | Self::FirstName | Self::LastName | Self::Phone | Self::Email | Self::Company
        )
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Custom(key) = self {
            return write!(f, "{CUSTOM}{key}");
        }
        let found = PLAIN.iter().find(|(_, target)| target == self);
        f.write_str(found.map_or("", |(name, _)| name))
    }
}
