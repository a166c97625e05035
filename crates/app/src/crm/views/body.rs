//! A view as a client writes it, and the check of it.

use kernel::Problem;
use platform::http::fields::{Faults, Lines, Mentioned, has_nul, mentioned};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

const MAX_NAME_CHARS: usize = 60;
const MOST_FILTERS: usize = 50;
const MOST_COLUMNS: usize = 100;
const MAX_FILTER_CHARS: usize = 400;
const MAX_KEY_CHARS: usize = 60;

/// Of which list a view is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewEntity {
    Customers,
    Calls,
    Tasks,
    Deals,
    Threads,
    Appointments,
    Invoices,
    Contracts,
    Payments,
}

impl ViewEntity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Calls => "calls",
            Self::Tasks => "tasks",
            Self::Deals => "deals",
            Self::Threads => "threads",
            Self::Appointments => "appointments",
            Self::Invoices => "invoices",
            Self::Contracts => "contracts",
            Self::Payments => "payments",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    #[default]
    Comfortable,
    Compact,
}

impl Density {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => "compact",
        }
    }
}

/// A view as a client writes it. In an update what is not mentioned stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ViewBody {
    /// Required when it is created.
    pub name: Option<String>,
    /// Required when it is created; it stays.
    pub entity: Option<ViewEntity>,
    /// Everybody of the business sees it.
    pub shared: Option<bool>,
    /// Query parameters of the list: texts, numbers, booleans, or lists of them.
    #[schema(value_type = Option<Object>)]
    pub filters: Option<Map<String, Value>>,
    /// As the list's `sort`.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub sort: Mentioned<String>,
    pub columns: Option<Vec<String>>,
    pub density: Option<Density>,
    pub position: Option<i32>,
}

/// A checked [`ViewBody`].
#[derive(Debug, Default)]
pub struct Fields {
    pub name: Option<String>,
    pub shared: Option<bool>,
    pub filters: Option<Map<String, Value>>,
    pub sort: Mentioned<String>,
    pub columns: Option<Vec<String>>,
    pub density: Option<Density>,
    pub position: Option<i32>,
}

impl ViewBody {
    pub fn checked(self) -> Result<Fields, Problem> {
        let mut faults = Faults::default();
        let name = self
            .name
            .map(|name| faults.text("name", &name, MAX_NAME_CHARS, Lines::One));
        if let Some(filters) = &self.filters {
            check_filters(&mut faults, filters);
        }
        let sort = self.sort.map(|sort| sort.filter(|sort| !sort.is_empty()));
        if let Some(Some(sort)) = &sort
            && !is_word(sort.strip_prefix('-').unwrap_or(sort))
        {
            faults.add("sort", "invalid_sort", "is a field, with - for descending");
        }
        if let Some(columns) = &self.columns
            && (columns.len() > MOST_COLUMNS || !columns.iter().all(|column| is_word(column)))
        {
            faults.add(
                "columns",
                "invalid_columns",
                format!("are names of fields, {MOST_COLUMNS} at most"),
            );
        }
        faults.done()?;
        if matches!(name, Some(None)) {
            return Err(Problem::missing("name"));
        }
        Ok(Fields {
            name: name.flatten(),
            shared: self.shared,
            filters: self.filters,
            sort,
            columns: self.columns,
            density: self.density,
            position: self.position,
        })
    }
}

/// The name of a field, also `custom.{key}`.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_KEY_CHARS
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.'))
}

fn check_filters(faults: &mut Faults, filters: &Map<String, Value>) {
    if filters.len() > MOST_FILTERS {
        faults.add("filters", "too_many", format!("are more than {MOST_FILTERS}"));
        return;
    }
    for (name, value) in filters {
        let sound = match value {
            Value::Array(values) => values.len() <= MOST_FILTERS && values.iter().all(is_plain),
            value => is_plain(value),
        };
        if !sound || !is_word(name) {
            faults.add(
                &format!("filters.{}", name.escape_default()),
                "invalid_filter",
                "is not a text, a number, a boolean or a list of them",
            );
        }
    }
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().count() <= MAX_FILTER_CHARS && !has_nul(value),
        Value::Number(_) | Value::Bool(_) => true,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Result<Fields, Problem> {
        serde_json::from_value::<ViewBody>(body)
            .expect("the right types")
            .checked()
    }

    #[test]
    fn a_view_is_read_and_what_is_wrong_in_it_told() {
        let view = read(
            json!({"name": " חדשים ", "entity": "customers", "filters": {"status": "new", "tags": ["a"]},
            "sort": "-created_at", "columns": ["name", "custom.budget"], "density": "compact"}),
        )
        .expect("a view");
        assert_eq!(view.name.as_deref(), Some("חדשים"));
        assert_eq!(read(json!({"name": " "})).expect_err("blank").status, 400);
        for wrong in [
            json!({"name": "x".repeat(61)}),
            json!({"sort": "name; drop"}),
            json!({"columns": ["A"]}),
            json!({"filters": {"q": {"a": 1}}}),
            json!({"filters": {"q": null}}),
            json!({"filters": {"Q": "x"}}),
            json!({"filters": {"q": "x".repeat(401)}}),
            json!({"filters": {"q": ["a", ["b"]]}}),
        ] {
            assert_eq!(read(wrong.clone()).expect_err("a fault").status, 422, "{wrong}");
        }
    }
}
