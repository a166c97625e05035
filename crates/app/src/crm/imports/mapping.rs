//! Which column fills which field.

use std::collections::{BTreeMap, HashMap};

use kernel::Problem;
use platform::http::fields::Faults;
use serde_json::{Map, Value};

use super::{file::File, headings, target::Target};
use crate::crm::{custom_fields, search::fold};

/// The business's own fields by their keys.
pub type OwnFields = HashMap<String, custom_fields::store::Model>;

/// Columns by name, with the field that each fills. What is not named is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(BTreeMap<String, Target>);

impl Mapping {
    /// What the columns' names say by themselves, the labels of the business's own fields among them. A field that takes
    /// one column gets the first.
    pub fn suggested(columns: &[String], own: &OwnFields) -> Self {
        let mut taken: Vec<Target> = Vec::new();
        let mut mapping = BTreeMap::new();
        for column in columns {
            if let Some(target) = headings::recognise(column).or_else(|| labelled(column, own))
                && (target.takes_several() || !taken.contains(&target))
            {
                taken.push(target.clone());
                mapping.insert(column.clone(), target);
            }
        }
        Self(mapping)
    }

    /// Reads `{"column": "field" | null}` and checks it against the file. 422 for a column that is not there, an unknown
    /// field, a field that two columns would fill, and when nothing says who a row is about.
    pub fn read(text: &str, file: &File, own: &OwnFields) -> Result<Self, Problem> {
        let said: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| Problem::invalid("mapping", "invalid_json", "is not an object of columns and fields"))?;
        let mut faults = Faults::default();
        let mut mapping = BTreeMap::new();
        for (column, field) in said {
            let name = format!("mapping.{}", column.escape_default());
            if !file.columns().contains(&column) {
                faults.add(&name, "unknown_column", "the file has no such column");
                continue;
            }
            match &field {
                Value::Null => {}
                Value::String(field) if field.is_empty() => {}
                Value::String(field) => match Target::parse(field).filter(|target| is_known(target, own)) {
                    Some(target) if !target.takes_several() && mapping.values().any(|other| *other == target) => {
                        faults.add(&name, "field_taken", "another column fills this field");
                    }
                    Some(target) => {
                        mapping.insert(column, target);
                    }
                    None => faults.add(&name, "unknown_field", "customers have no such field"),
                },
                _ => faults.add(&name, "wrong_type", "is a field's name or null"),
            }
        }
        faults.done()?;
        Self(mapping).usable()
    }

    /// 422 `nobody_named` when no column says who a row is about.
    pub fn usable(self) -> Result<Self, Problem> {
        if self.0.values().any(Target::names_somebody) {
            return Ok(self);
        }
        Err(Problem::invalid(
            "mapping",
            "nobody_named",
            "a column must hold names, phones, e-mails or companies",
        ))
    }

    pub fn to_json(&self) -> Value {
        let fields = self.0.iter();
        fields
            .map(|(column, target)| (column.clone(), Value::from(target.to_string())))
            .collect::<Map<_, _>>()
            .into()
    }

    /// As [`Mapping::to_json`] wrote it.
    pub fn from_json(value: &Value) -> Self {
        let fields = value.as_object().into_iter().flatten();
        Self(
            fields
                .filter_map(|(column, field)| Some((column.clone(), Target::parse(field.as_str()?)?)))
                .collect(),
        )
    }

    pub fn of(&self, column: &str) -> Option<&Target> {
        self.0.get(column)
    }

    /// The fields by the places of their columns, in the file's order.
    pub fn placed(&self, columns: &[String]) -> Vec<(usize, Target)> {
        let columns = columns.iter().enumerate();
        columns
            .filter_map(|(at, column)| Some((at, self.0.get(column)?.clone())))
            .collect()
    }
}

/// The field that has the column's name as its label.
fn labelled(column: &str, own: &OwnFields) -> Option<Target> {
    let wanted = fold(column.trim());
    let mut found = own
        .values()
        .filter(|field| !field.archived && fold(field.label.trim()) == wanted);
    let field = found.next().filter(|_| !wanted.is_empty())?;
    found.next().is_none().then(|| Target::Custom(field.key.clone()))
}

fn is_known(target: &Target, own: &OwnFields) -> bool {
    match target {
        Target::Custom(key) => own.get(key).is_some_and(|field| !field.archived),
        _ => true,
    }
}

/// The people whom a cell may name as owner, by e-mail and by name.
#[derive(Clone, Debug, Default)]
pub struct Owners(HashMap<String, i64>);

impl Owners {
    /// `(id, name, e-mail)` of each; a name that two have names nobody.
    pub fn of(people: impl IntoIterator<Item = (i64, String, String)>) -> Self {
        let mut owners: HashMap<String, i64> = HashMap::new();
        let mut twice = Vec::new();
        for (id, name, email) in people {
            owners.insert(email.to_lowercase(), id);
            let name = name.trim().to_lowercase();
            if owners.insert(name.clone(), id).is_some_and(|other| other != id) {
                twice.push(name);
            }
        }
        for name in twice {
            owners.remove(&name);
        }
        Self(owners)
    }

    pub fn find(&self, said: &str) -> Option<i64> {
        self.0.get(&said.trim().to_lowercase()).copied()
    }
}
