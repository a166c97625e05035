//! Which customers are meant: by their ids, or by the filters of their list.

use kernel::Problem;
use platform::db::{Find, ReadTx};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::crm::customers::{
    filter::Filter,
    store::{self, Column, Entity},
};

/// More ids are refused; a filter has no such limit.
const MOST_IDS: usize = 100_000;
/// Ids in one query: both databases bind some 32,000 values at most.
const IDS_AT_ONCE: usize = 10_000;

/// The customers of a bulk edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// In ascending order, each once.
    Ids(Vec<i64>),
    /// The query parameters of the list, as texts.
    Filter(Map<String, Value>),
}

impl Selection {
    /// 422 unless exactly one of both is there, and for a filter that the list would refuse.
    pub fn read(ids: Option<Vec<i64>>, filter: Option<Map<String, Value>>) -> Result<Self, Problem> {
        match (ids, filter) {
            (Some(mut ids), None) => {
                ids.sort_unstable();
                ids.dedup();
                if ids.is_empty() || ids.len() > MOST_IDS {
                    return Err(Problem::invalid("ids", "too_many", "are 1 to 100,000 ids"));
                }
                Ok(Self::Ids(ids))
            }
            (None, Some(filter)) => {
                let texts = filter
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, as_text(value)?)));
                Ok(Self::Filter(texts.collect()))
            }
            (None, None) => Err(Problem::missing("ids")),
            (Some(_), Some(_)) => Err(Problem::invalid("filter", "one_of", "give ids or a filter, not both")),
        }
    }

    /// How many customers there are of it now.
    pub async fn count(&self, tx: &ReadTx) -> Result<u64, Problem> {
        match self {
            Self::Filter(filter) => Ok(matching(tx, filter)?.count().await?),
            Self::Ids(ids) => {
                let mut found = 0;
                for some in ids.chunks(IDS_AT_ONCE) {
                    found += among(tx, some).count().await?;
                }
                Ok(found)
            }
        }
    }

    /// Its customers after the id `last` and up to `max`, in the order of their ids, as far as one query looks; and the
    /// id up to which it looked, if there is more to look at after these.
    pub fn after<'t>(&self, tx: &'t ReadTx, last: i64, max: i64, most: usize) -> Result<Option<Next<'t>>, Problem> {
        match self {
            Self::Filter(filter) => {
                let find = matching(tx, filter)?
                    .filter(Column::Id.gt(last))
                    .filter(Column::Id.lte(max))
                    .limit(u64::try_from(most).unwrap_or(u64::MAX));
                Ok(Some(Next { find, through: None }))
            }
            Self::Ids(ids) => {
                let from = ids.partition_point(|id| *id <= last);
                let some: Vec<i64> = ids.iter().skip(from).take(most).copied().collect();
                let through = some.last().copied();
                Ok(through.map(|_| Next {
                    find: among(tx, &some),
                    through,
                }))
            }
        }
    }
}

/// One piece of a selection.
pub struct Next<'t> {
    pub find: Find<'t, Entity>,
    /// All up to this id are looked at, found or not.
    pub through: Option<i64>,
}

fn as_text(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

fn matching<'t>(tx: &'t ReadTx, filter: &Map<String, Value>) -> Result<Find<'t, Entity>, Problem> {
    let filter = Filter::deserialize(Value::Object(filter.clone()))
        .map_err(|err| Problem::invalid("filter", "invalid", err.to_string()))?;
    filter.find(tx)
}

fn among<'t>(tx: &'t ReadTx, ids: &[i64]) -> Find<'t, Entity> {
    store::visible(tx).filter(Column::Id.is_in(ids.iter().copied()))
}
