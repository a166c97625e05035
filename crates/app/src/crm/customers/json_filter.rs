//! Conditions on what customers hold as JSON: tags and a business's own fields.

use kernel::Problem;
use sea_orm::{
    Condition, DbBackend, Value,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;

use super::model::is_key;

/// Tags in one filter at most.
const MOST_TAGS: usize = 20;

/// Customers with all of these tags, which stand with commas between.
pub fn has_tags(backend: DbBackend, tags: &str) -> Condition {
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    tags.take(MOST_TAGS)
        .map(|tag| has_tag(backend, tag))
        .fold(Condition::all(), Condition::add)
}

fn has_tag(backend: DbBackend, tag: &str) -> Expr {
    match backend {
        DbBackend::Postgres => Expr::cust_with_values("customers.tags @> $1", [Value::from(json!([tag]))]),
        _ => Expr::cust_with_values(
            "EXISTS (SELECT 1 FROM json_each(customers.tags) AS tag WHERE tag.value = ?)",
            [tag],
        ),
    }
}

/// What `custom.{key}`, `custom.{key}.from` and `custom.{key}.to` ask for. 422 for what can be no key.
pub fn custom(backend: DbBackend, name: &str, wanted: &str) -> Result<Expr, Problem> {
    let (key, bound) = name.split_once('.').unwrap_or((name, ""));
    if !is_key(key) || wanted.contains('\0') || wanted.len() > 400 {
        return Err(Problem::invalid(
            "custom",
            "invalid_filter",
            "is custom.{key}, custom.{key}.from or custom.{key}.to",
        ));
    }
    match bound {
        "" => Ok(custom_is(key, wanted)),
        "from" => Ok(custom_side(backend, key, wanted, ExprTrait::gte)),
        "to" => Ok(custom_side(backend, key, wanted, ExprTrait::lt)),
        _ => Err(Problem::invalid(
            "custom",
            "invalid_filter",
            "has the ends .from and .to only",
        )),
    }
}

/// Text, number, boolean: each as JSON writes it.
fn custom_is(key: &str, wanted: &str) -> Expr {
    let mut forms = vec![json!(wanted).to_string()];
    let plain = wanted.trim();
    if serde_json::from_str::<serde_json::Value>(plain).is_ok_and(|value| value.is_number() || value.is_boolean()) {
        forms.push(plain.to_owned());
    }
    Expr::cust(format!("CAST(customers.custom->'{key}' AS TEXT)")).is_in(forms)
}

/// Numbers are compared as numbers, dates as their texts.
fn custom_side(backend: DbBackend, key: &str, wanted: &str, compare: fn(Expr, Value) -> Expr) -> Expr {
    let Some(number) = wanted.trim().parse::<f64>().ok().filter(|number| number.is_finite()) else {
        return compare(Expr::cust(format!("customers.custom->>'{key}'")), wanted.into());
    };
    let as_number = match backend {
        DbBackend::Postgres => format!(
            "CASE WHEN jsonb_typeof(customers.custom->'{key}') = 'number' \
             THEN CAST(customers.custom->>'{key}' AS DOUBLE PRECISION) END"
        ),
        _ => format!(
            "CASE WHEN json_type(customers.custom, '$.{key}') IN ('integer', 'real') \
             THEN CAST(customers.custom->>'{key}' AS REAL) END"
        ),
    };
    compare(Expr::cust(as_number), number.into())
}
