//! Templates: how their places are filled, and which there are.

use std::collections::BTreeMap;

use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Order};
use serde_json::Value;

use super::store::{TemplateUse, template};

const MOST_TEMPLATES: u64 = 200;

/// A piece of a template's text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    /// `{0}`: the place in the list, from 0.
    Index(usize),
    /// `{{1}}` or `{{name}}`: the name; a number counts from 1.
    Name(&'t str),
}

/// Braces that are no place are text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        if let Some((piece, after)) = place(from) {
            pieces.push(piece);
            rest = after;
        } else {
            let (brace, after) = from.split_at(1);
            pieces.push(Piece::Text(brace));
            rest = after;
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn place(from: &str) -> Option<(Piece<'_>, &str)> {
    if let Some(inside) = from.strip_prefix("{{") {
        let (name, after) = inside.split_once("}}")?;
        let name = name.trim();
        return is_name(name).then_some((Piece::Name(name), after));
    }
    let (number, after) = from.strip_prefix('{')?.split_once('}')?;
    let number = number.trim().parse().ok()?;
    Some((Piece::Index(number), after))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The values of places, by name; a list's are `1`, `2`, ….
pub fn values(given: Option<&Value>) -> Result<BTreeMap<String, String>, Problem> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    };
    let wrong = || Problem::invalid("variables", "wrong_type", "is a list of texts, or an object of them");
    match given {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Array(list)) => list
            .iter()
            .enumerate()
            .map(|(at, value)| Ok(((at + 1).to_string(), text(value).ok_or_else(wrong)?)))
            .collect(),
        Some(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| Ok((name.clone(), text(value).ok_or_else(wrong)?)))
            .collect(),
        Some(_) => Err(wrong()),
    }
}

/// A text with its places filled, and the values in the order in which they first appear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub text: String,
    pub variables: Vec<(String, String)>,
}

/// 422 `missing_variable` for a place without a value.
pub fn fill(body: &str, values: &BTreeMap<String, String>) -> Result<Filled, Problem> {
    let mut text = String::with_capacity(body.len());
    let mut variables: Vec<(String, String)> = Vec::new();
    // An object may name the places as they stand in the text: `{"0": …, "1": …}`.
    let first = usize::from(!values.contains_key("0"));
    for piece in pieces(body) {
        let (name, key) = match piece {
            Piece::Text(plain) => {
                text.push_str(plain);
                continue;
            }
            Piece::Name(name) => (name.to_owned(), name.to_owned()),
            Piece::Index(index) => (
                index.saturating_add(1).to_string(),
                index.saturating_add(first).to_string(),
            ),
        };
        let value = values.get(&key).ok_or_else(|| {
            let message = format!("has no value for {name}");
            Problem::invalid("variables", "missing_variable", message)
        })?;
        text.push_str(value);
        if !variables.iter().any(|(known, _)| *known == name) {
            variables.push((name, value.clone()));
        }
    }
    Ok(Filled { text, variables })
}

/// The stored template of a name: in this language, else the first of that name.
pub async fn by_name(tx: &ReadTx, name: &str, language: &str) -> Result<Option<template::Model>, Problem> {
    let all = tx
        .find::<template::Entity>()
        .filter(template::Column::Name.eq(name))
        .order_by(template::Column::Id, Order::Asc)
        .all()
        .await?;
    let exact = all
        .iter()
        .position(|template| template.language == language)
        .unwrap_or(0);
    Ok(all.into_iter().nth(exact))
}

/// What may be sent outside the window.
pub async fn names(tx: &ReadTx) -> Result<Vec<String>, Problem> {
    let all = tx
        .find::<template::Entity>()
        .order_by(template::Column::Name, Order::Asc)
        .limit(MOST_TEMPLATES)
        .all()
        .await?;
    let mut names: Vec<String> = all.into_iter().map(|template| template.name).collect();
    names.dedup();
    Ok(names)
}

impl TemplateUse {
    pub fn of(template: template::Model, filled: &Filled) -> Self {
        Self {
            name: template.name,
            language: template.language,
            twilio_content_sid: template.twilio_content_sid,
            meta_name: template.meta_name,
            variables: filled.variables.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn filled(body: &str, given: &Value) -> Result<String, Problem> {
        fill(body, &values(Some(given))?).map(|filled| filled.text)
    }

    #[test]
    fn places_are_filled_from_lists_and_objects() {
        assert_eq!(
            filled("שלום {0}, {1}", &json!(["דנה", 5])).as_deref(),
            Ok("שלום דנה, 5")
        );
        assert_eq!(
            filled("שלום {{1}}, {{2}}", &json!(["דנה", "x"])).as_deref(),
            Ok("שלום דנה, x")
        );
        assert_eq!(
            filled("שלום {{name}}", &json!({ "name": "דנה" })).as_deref(),
            Ok("שלום דנה")
        );
        assert_eq!(
            filled("שלום {0}, {1}", &json!({ "0": "דנה", "1": "x" })).as_deref(),
            Ok("שלום דנה, x")
        );
    }

    #[test]
    fn a_missing_value_is_told() {
        let problem = filled("{0} {1}", &json!(["one"])).expect_err("a refusal");
        assert_eq!(
            (problem.status, problem.errors[0].code.as_str()),
            (422, "missing_variable")
        );
    }

    #[test]
    fn a_stray_brace_is_text() {
        for body in ["{", "a { b", "{{", "}", "{x}", "{{ }}", "{{a b}}"] {
            assert_eq!(filled(body, &json!([])).as_deref(), Ok(body));
        }
    }

    proptest! {
        #[test]
        fn no_text_fails_for_its_braces(body in "[{} a0-9א]{0,40}") {
            let values = (0..100).map(|n| (n.to_string(), "v".to_owned())).collect();
            if let Err(problem) = fill(&body, &values) {
                prop_assert_eq!(problem.status, 422);
            }
        }
    }
}
