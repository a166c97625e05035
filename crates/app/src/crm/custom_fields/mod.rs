//! Fields that a business adds to its customers: what they are, and which values they take.

pub mod http;
pub mod model;
pub mod store;

use kernel::Problem;
use platform::{db::ReadTx, http::fields::Faults};
use serde_json::{Map, Value};

/// What a customer's own fields are after something was said about some of them. `null` empties one.
///
/// 422 for a field that the business does not have, one that is archived, and a value of the wrong type. A value that
/// stays as it was is always taken, so that a form may send back what it was given.
pub async fn applied(
    tx: &ReadTx,
    current: &Map<String, Value>,
    said: Map<String, Value>,
) -> Result<Map<String, Value>, Problem> {
    let mut after = current.clone();
    if said.is_empty() {
        return Ok(after);
    }
    let fields = store::by_key(tx, model::CUSTOMER).await?;
    let mut faults = Faults::default();
    for (key, value) in said {
        if current.get(&key) == Some(&value) {
            continue;
        }
        if value.is_null() {
            after.remove(&key);
            continue;
        }
        let name = || format!("custom.{}", key.escape_default());
        match fields.get(&key) {
            None => faults.add(&name(), "unknown_field", "there is no such field"),
            Some(field) if field.archived => faults.add(&name(), "archived_field", "is archived"),
            Some(field) => match field.read(&value) {
                Some(value) => {
                    after.insert(key, value);
                }
                None => faults.add(&name(), "invalid_value", field.wants()),
            },
        }
    }
    faults.done()?;
    Ok(after)
}
