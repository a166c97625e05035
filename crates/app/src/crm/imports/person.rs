//! One row of a file as a customer: checked by the rules of the form in which people write customers.

use std::collections::HashSet;

use kernel::{FieldError, Phone};
use platform::http::fields::Mentioned;
use serde_json::{Map, Value};

use super::{
    file::{BETWEEN_VALUES, Row},
    mapping::{OwnFields, Owners},
    target::Target,
};
use crate::crm::{
    custom_fields::model::yes_or_no,
    customers::{
        body::CustomerBody,
        model::{Fields, Status},
        store::IMPORTED,
    },
    exports::table::SOURCES,
};

const MOST_TAGS: usize = 50;
/// Further ones of the same row are not told.
const MOST_ERRORS: usize = 20;
/// Of a row that is not taken, the beginning of each cell is kept, and so much in all.
const SHOWN_CELL_CHARS: usize = 100;
const SHOWN_ROW_CHARS: usize = 2_000;

/// A row that can be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub row: u64,
    /// The customer's name: the row's, else its company, phone or e-mail.
    pub name: String,
    /// What the row says; `fields.name` is only there when the row has a name of its own.
    pub fields: Fields,
    /// What the row holds, as far as it is shown.
    pub cells: Vec<String>,
}

impl Draft {
    pub fn phones(&self) -> &[Phone] {
        self.fields.phones.all.as_deref().unwrap_or_default()
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    pub row: u64,
    pub field: String,
    pub code: String,
    pub message: String,
    /// What the row holds, as far as it is shown; with the first error of a row.
    pub cells: Vec<String>,
}

/// Reads rows by the places of their fields.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub fields: Vec<(usize, Target)>,
    pub owners: Owners,
    pub own: OwnFields,
}

impl Plan {
    pub fn read(&self, row: &Row) -> Result<Draft, Vec<RowError>> {
        let said = Said::of(row, &self.fields);
        let mut faults = Vec::new();
        let body = self.body(&said, &mut faults);
        let checked = body.checked();
        let fields = match checked {
            Ok(fields) if faults.is_empty() => fields,
            Ok(_) => return Err(in_row(row, faults)),
            Err(problem) => {
                faults.extend(problem.errors);
                return Err(in_row(row, faults));
            }
        };
        let name = name(&fields).ok_or_else(|| {
            let error = fault("name", "name_required", "neither a name nor a phone, e-mail or company");
            in_row(row, vec![error])
        })?;
        Ok(Draft {
            row: row.number,
            name,
            fields,
            cells: shown(row),
        })
    }

    fn body(&self, said: &Said, faults: &mut Vec<FieldError>) -> CustomerBody {
        let text = |target: Target| -> Mentioned<String> { said.text(&target).map(Some) };
        CustomerBody {
            name: said.name().map(Some),
            phones: several(said.values(&Target::Phone, is_between_phones, phone)),
            emails: several(said.values(&Target::Email, is_between_emails, str::to_owned)),
            company: text(Target::Company),
            tax_id: text(Target::TaxId),
            address: said.address().map(Some),
            status: said.text(&Target::Status).map(|text| Some(status(&text))),
            source: said.text(&Target::Source).map(|text| Some(source(&text))),
            owner_id: said.text(&Target::Owner).map(|text| self.owner(&text, faults)),
            tags: several(said.tags()),
            notes: text(Target::Notes),
            custom: self.custom(said, faults).map(Some),
            do_not_contact: said.text(&Target::DoNotContact).map(|text| flag(&text, faults)),
            language: text(Target::Language),
            ..CustomerBody::default()
        }
    }

    fn custom(&self, said: &Said, faults: &mut Vec<FieldError>) -> Option<Map<String, Value>> {
        let mut own = Map::new();
        for (key, cell) in said.custom() {
            let name = || Target::Custom(key.to_owned()).to_string();
            match self.own.get(key).filter(|field| !field.archived) {
                None => faults.push(fault(&name(), "unknown_field", "there is no such field")),
                Some(field) => match field.read_cell(cell) {
                    Some(value) => {
                        own.insert(key.to_owned(), value);
                    }
                    None => faults.push(fault(&name(), "invalid_value", &field.wants())),
                },
            }
        }
        (!own.is_empty()).then_some(own)
    }

    fn owner(&self, said: &str, faults: &mut Vec<FieldError>) -> Option<i64> {
        let found = self.owners.find(said);
        if found.is_none() {
            faults.push(fault("owner", "unknown_user", "is no name or e-mail of a user"));
        }
        found
    }
}

fn name(fields: &Fields) -> Option<String> {
    let company = fields.company.clone().flatten();
    let phone = || Some(fields.phones.all.as_ref()?.first()?.as_str().to_owned());
    let email = || fields.emails.all.as_ref()?.first().cloned();
    fields.name.clone().or(company).or_else(phone).or_else(email)
}

/// What is said of every new customer whose row does not say it.
pub fn of_new(mut fields: Fields, status: Option<&Status>) -> Fields {
    fields.source.get_or_insert_with(|| IMPORTED.to_owned());
    fields.status = fields.status.or_else(|| status.cloned());
    fields
}

fn shown(row: &Row) -> Vec<String> {
    let mut left = SHOWN_ROW_CHARS;
    let cells = row.cells.iter().map(|cell| {
        let cell: String = cell.chars().take(SHOWN_CELL_CHARS.min(left)).collect();
        left -= cell.chars().count();
        cell
    });
    cells.collect()
}

fn fault(field: &str, code: &str, message: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// `phones[0]` is a matter of the form; a row's field is `phone`, and what is wrong with it is said once, however many
/// parts of the cell have it.
fn in_row(row: &Row, faults: Vec<FieldError>) -> Vec<RowError> {
    let plain = |field: &str| match field.split('[').next().unwrap_or(field) {
        "phones" => "phone".to_owned(),
        "emails" => "email".to_owned(),
        field => field.to_owned(),
    };
    let errors = faults.into_iter().map(|fault| RowError {
        row: row.number,
        field: plain(&fault.field),
        code: fault.code,
        message: fault.message,
        cells: Vec::new(),
    });
    let mut said = HashSet::new();
    let mut errors: Vec<RowError> = errors
        .filter(|error| said.insert((error.field.clone(), error.code.clone())))
        .take(MOST_ERRORS)
        .collect();
    if let Some(first) = errors.first_mut() {
        first.cells = shown(row);
    }
    errors
}

/// What a row says, by field.
struct Said<'r>(Vec<(&'r Target, &'r str)>);

impl<'r> Said<'r> {
    fn of(row: &'r Row, fields: &'r [(usize, Target)]) -> Self {
        let said = fields.iter().filter_map(|(at, target)| {
            let cell = row.cells.get(*at)?.trim();
            (!cell.is_empty()).then_some((target, cell))
        });
        Self(said.collect())
    }

    fn cells(&self, target: &Target) -> impl Iterator<Item = &'r str> {
        self.0
            .iter()
            .filter(move |(of, _)| *of == target)
            .map(|(_, cell)| *cell)
    }

    /// The cells of a field, below one another.
    fn text(&self, target: &Target) -> Option<String> {
        let cells: Vec<&str> = self.cells(target).collect();
        (!cells.is_empty()).then(|| cells.join("\n"))
    }

    fn name(&self) -> Option<String> {
        let whole = self.cells(&Target::Name).next().map(str::to_owned);
        whole
            .or_else(|| {
                let parts = self.cells(&Target::FirstName).chain(self.cells(&Target::LastName));
                let name = parts.collect::<Vec<_>>().join(" ");
                (!name.is_empty()).then_some(name)
            })
            .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Street and town in one line.
    fn address(&self) -> Option<String> {
        let mut parts: Vec<&str> = self.cells(&Target::Address).collect();
        for city in self.cells(&Target::City) {
            if !parts.iter().any(|part| part.contains(city)) {
                parts.push(city);
            }
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn values(&self, target: &Target, is_between: fn(char) -> bool, read: fn(&str) -> String) -> Vec<String> {
        let mut values = Vec::new();
        let cells = self.cells(target).flat_map(|cell| cell.split(BETWEEN_VALUES));
        for value in cells.flat_map(|cell| cell.split(is_between)).map(str::trim) {
            let value = if value.is_empty() { continue } else { read(value) };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    fn tags(&self) -> Vec<String> {
        // Google marks its own groups so
        let mut tags = self.values(&Target::Tags, is_between_tags, str::to_owned);
        tags.retain(|tag| !tag.starts_with('*'));
        tags.truncate(MOST_TAGS);
        tags
    }

    fn custom(&self) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.0.iter().filter_map(|(target, cell)| match target {
            Target::Custom(key) => Some((key.as_str(), *cell)),
            _ => None,
        })
    }
}

fn several(values: Vec<String>) -> Mentioned<Vec<String>> {
    (!values.is_empty()).then_some(Some(values))
}

const fn is_between_phones(c: char) -> bool {
    matches!(c, ',' | ';' | '/' | '|' | '\n' | '\r')
}

const fn is_between_emails(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | ' ' | '\n' | '\r')
}

const fn is_between_tags(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '\n' | '\r')
}

/// A phone whose leading zero a spreadsheet has eaten gets it back.
fn phone(text: &str) -> String {
    let bare = text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let local = match text.len() {
        9 => text.starts_with(['5', '7']),
        8 => text.starts_with(['2', '3', '4', '8', '9']),
        _ => false,
    };
    if bare && local {
        format!("0{text}")
    } else {
        text.to_owned()
    }
}

/// The code of a status that is written as screens show it.
fn status(text: &str) -> String {
    let shown = match text.trim() {
        "חדש" | "חדשה" | "ליד" | "ליד חדש" => Status::New,
        "נוצר קשר" => Status::Contacted,
        "רלוונטי" | "רלוונטית" => Status::Qualified,
        "לקוח פעיל" | "לקוחה פעילה" | "פעיל" | "פעילה" | "לקוח" | "לקוחה" => {
            Status::Customer
        }
        "לא פעיל" | "לא פעילה" => Status::Inactive,
        other => return other.to_lowercase(),
    };
    shown.as_str().to_owned()
}

/// The code of a source that is written as screens show it; any other is kept as it is.
fn source(text: &str) -> String {
    let known = SOURCES.iter().find(|(_, word)| *word == text.trim());
    known.map_or(text, |(code, _)| code).to_owned()
}

fn flag(text: &str, faults: &mut Vec<FieldError>) -> Option<bool> {
    let said = yes_or_no(text);
    if said.is_none() {
        faults.push(fault("do_not_contact", "wrong_type", "is yes or no"));
    }
    said
}
