//! Records that went up in another one: what their person is called and found by besides.

use std::collections::HashMap;

use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Order};

use super::store::{Column, Entity, LONGEST_CHAIN, Model};

/// Further records are not looked at.
const MOST_RECORDS: u64 = 1_000;

/// By customer, those who went up in them, and in those, the oldest first. Who was merged into nobody's is left out.
pub async fn of_many(tx: &ReadTx, customers: &[i64]) -> Result<HashMap<i64, Vec<Model>>, Problem> {
    let mut kept_by: HashMap<i64, i64> = customers.iter().map(|id| (*id, *id)).collect();
    let mut found: HashMap<i64, Vec<Model>> = HashMap::new();
    let mut looked_at = customers.to_vec();
    for _ in 0..LONGEST_CHAIN {
        if looked_at.is_empty() {
            break;
        }
        let merged = tx
            .find::<Entity>()
            .filter(Column::MergedIntoId.is_in(std::mem::take(&mut looked_at)))
            .filter(Column::ForgottenAt.is_null())
            .order_by(Column::Id, Order::Asc)
            .limit(MOST_RECORDS)
            .all()
            .await?;
        for row in merged {
            let kept = row.merged_into_id.and_then(|into| kept_by.get(&into).copied());
            let Some(kept) = kept.filter(|_| !kept_by.contains_key(&row.id)) else {
                continue;
            };
            kept_by.insert(row.id, kept);
            looked_at.push(row.id);
            found.entry(kept).or_default().push(row);
        }
    }
    Ok(found)
}

/// What the person was called there, and is not called now.
pub fn names(now: &Model, former: &[Model]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in former.iter().filter_map(Model::given_name) {
        if name != now.name && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
