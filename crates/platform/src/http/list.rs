//! The one implementation of every list: pages, cursors, order, totals.

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use kernel::Problem;
use sea_orm::{
    ColumnTrait, ColumnType, Condition, EntityTrait, ModelTrait, Order, QueryOrder, Value,
    sea_query::{Expr, NullOrdering},
};
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::db::{Find, Owned};

const DEFAULT_LIMIT: u64 = 25;
const LARGEST_LIMIT: u64 = 100;

/// A list as the API answers it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listed<T> {
    pub results: Vec<T>,
    pub page: u64,
    pub pages: u64,
    /// Above 10,000 it may be 5 seconds old.
    pub total: u64,
    pub limit: u64,
    /// Give it back as `cursor` for what follows; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Listed<T> {
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            results: self.results.into_iter().map(view).collect(),
            page: self.page,
            pages: self.pages,
            total: self.total,
            limit: self.limit,
            next_cursor: self.next_cursor,
        }
    }
}

/// `page`, `limit`, `cursor` and `sort` of a request.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    pub page: u64,
    pub limit: u64,
    cursor: Option<Cursor>,
    sort: Option<String>,
}

/// The query parameters of [`Paging`], for the OpenAPI description.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PagingParams {
    /// From 1.
    pub page: Option<String>,
    /// 1 to 100; a larger one counts as 100.
    pub limit: Option<String>,
    /// `next_cursor` of the answer before.
    pub cursor: Option<String>,
    /// A field to order by, with `-` for descending.
    pub sort: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let params: PagingParams = from_query(query)?;
        Ok(Self::read(params)?)
    }
}

/// Reads a query string. Unknown parameters are ignored, of a repeated one the last counts.
pub fn from_query<T: serde::de::DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|_| Problem::malformed("invalid_query", "the query string can not be read"))?;
    let map: serde_json::Map<String, serde_json::Value> = pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, value.into()))
        .collect();
    T::deserialize(serde_json::Value::Object(map)).map_err(|err| Problem::new(422, "invalid", err.to_string()))
}

/// An id in a query string; 422 when it is not one.
pub fn id_param(name: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    text.map(|text| {
        text.parse::<i64>()
            .map_err(|_| Problem::invalid(name, "wrong_type", "an id is a number"))
    })
    .transpose()
}

impl Paging {
    /// The order that is asked for, with `-` for descending; a cursor has its own.
    pub fn order(&self) -> Option<&str> {
        let of_cursor = self.cursor.as_ref().map(|cursor| cursor.sort.as_str());
        of_cursor.or(self.sort.as_deref())
    }

    fn read(params: PagingParams) -> Result<Self, Problem> {
        let number = |text: Option<String>, default: u64| match text {
            None => Ok(default),
            Some(text) => match text.parse::<u64>() {
                Ok(number) if number >= 1 => Ok(number),
                _ => Err(Problem::malformed(
                    "invalid_paging",
                    "page and limit are numbers from 1",
                )),
            },
        };
        let cursor = params.cursor.as_deref().map(Cursor::decode).transpose()?;
        Ok(Self {
            page: number(params.page, 1)?,
            limit: number(params.limit, DEFAULT_LIMIT)?.min(LARGEST_LIMIT),
            cursor,
            sort: params.sort,
        })
    }
}

/// A field that a list may be ordered by.
pub struct Sort<E: EntityTrait> {
    pub name: &'static str,
    pub column: E::Column,
}

/// Where a list goes on: the order, and the last row's value and id.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cursor {
    sort: String,
    value: CursorValue,
    id: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum CursorValue {
    Null,
    Int(i64),
    Text(String),
    Time(DateTime<Utc>),
}

impl Cursor {
    fn decode(text: &str) -> Result<Self, Problem> {
        URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| Problem::malformed("invalid_cursor", "this cursor is not ours"))
    }

    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl CursorValue {
    fn of(value: Value) -> Self {
        match value {
            Value::BigInt(Some(number)) => Self::Int(number),
            Value::Int(Some(number)) => Self::Int(number.into()),
            Value::Bool(Some(flag)) => Self::Int(flag.into()),
            Value::String(Some(text)) => Self::Text(text),
            Value::ChronoDateTimeUtc(Some(time)) => Self::Time(time),
            _ => Self::Null,
        }
    }

    /// Whether the value can be compared with the column: a cursor comes from outside.
    fn fits<C: ColumnTrait>(&self, column: &C) -> bool {
        let of_column = column.def().get_column_type().clone();
        match self {
            Self::Null => nullable(column),
            Self::Int(_) => matches!(of_column, ColumnType::BigInteger | ColumnType::Integer),
            Self::Text(text) => matches!(of_column, ColumnType::String(_) | ColumnType::Text) && !text.contains('\0'),
            // Both databases know these years.
            Self::Time(time) => {
                matches!(of_column, ColumnType::TimestampWithTimeZone) && (1..=9999).contains(&time.year())
            }
        }
    }

    fn value(&self) -> Option<Value> {
        match self {
            Self::Null => None,
            Self::Int(number) => Some((*number).into()),
            Self::Text(text) => Some(text.as_str().into()),
            Self::Time(time) => Some((*time).into()),
        }
    }
}

struct Ordering<E: EntityTrait> {
    name: String,
    column: E::Column,
    descending: bool,
}

fn ordering<E: EntityTrait>(wanted: &str, sorts: &[Sort<E>]) -> Result<Ordering<E>, Problem> {
    let (name, descending) = match wanted.strip_prefix('-') {
        Some(name) => (name, true),
        None => (wanted, false),
    };
    let sort = sorts
        .iter()
        .find(|sort| sort.name == name)
        .ok_or_else(|| Problem::malformed("invalid_sort", format!("this list has no order by {name}")))?;
    Ok(Ordering {
        name: wanted.to_owned(),
        column: sort.column,
        descending,
    })
}

/// The rows after the cursor, empty values last in either direction.
fn after<E: EntityTrait>(order: &Ordering<E>, id: E::Column, cursor: &Cursor) -> Condition {
    let further = |column: E::Column, value: Value| {
        if order.descending {
            column.lt(value)
        } else {
            column.gt(value)
        }
    };
    let later_id = further(id, cursor.id.into());
    match cursor.value.value() {
        None => Condition::all().add(order.column.is_null()).add(later_id),
        Some(value) if nullable(&order.column) => Condition::any()
            .add(further(order.column, value.clone()))
            .add(Condition::all().add(order.column.eq(value)).add(later_id))
            .add(order.column.is_null()),
        Some(value) => {
            // One comparison of pairs, which both databases answer from the index at any depth.
            let row = Expr::tuple([order.column.into_expr(), id.into_expr()]);
            let last = Expr::tuple([Expr::val(value), Expr::val(cursor.id)]);
            Condition::all().add(if order.descending {
                sea_orm::ExprTrait::lt(row, last)
            } else {
                sea_orm::ExprTrait::gt(row, last)
            })
        }
    }
}

fn nullable<C: ColumnTrait>(column: &C) -> bool {
    column.def().is_null()
}

/// Answers a list. `find` has the filters; `sorts` are the orders that may be asked for, `default` the usual one
/// (`-created_at`); `id` decides between equal rows.
pub async fn list<E>(
    find: Find<'_, E>,
    paging: &Paging,
    sorts: &[Sort<E>],
    default: &str,
    id: E::Column,
) -> Result<Listed<E::Model>, Problem>
where
    E: Owned,
    E::Model: Send + Sync,
{
    let wanted = match (&paging.cursor, &paging.sort) {
        (Some(cursor), None) => cursor.sort.as_str(),
        (Some(cursor), Some(sort)) if *sort != cursor.sort => {
            return Err(Problem::malformed(
                "invalid_cursor",
                "this cursor belongs to another order",
            ));
        }
        (_, Some(sort)) => sort.as_str(),
        (None, None) => default,
    };
    let order = ordering(wanted, sorts)?;
    let total = find.clone().total().await?;
    let mut rows = sorted(find, &order, id)
        .offset(match &paging.cursor {
            Some(_) => 0,
            None => (paging.page - 1).saturating_mul(paging.limit).min(MOST_ROWS),
        })
        .limit(paging.limit + 1);
    if let Some(cursor) = &paging.cursor {
        if !cursor.value.fits(&order.column) {
            return Err(Problem::malformed("invalid_cursor", "this cursor is not ours"));
        }
        rows = rows.filter(after(&order, id, cursor));
    }
    let mut results = rows.all().await?;
    let more = u64::try_from(results.len()).unwrap_or(u64::MAX) > paging.limit;
    results.truncate(usize::try_from(paging.limit).unwrap_or(usize::MAX));
    let next_cursor = results.last().filter(|_| more).map(|last| {
        Cursor {
            sort: order.name.clone(),
            value: CursorValue::of(last.get(order.column)),
            id: match last.get(id) {
                Value::BigInt(Some(id)) => id,
                _ => 0,
            },
        }
        .encode()
    });
    Ok(Listed {
        results,
        page: paging.page,
        pages: total.div_ceil(paging.limit),
        total,
        limit: paging.limit,
        next_cursor,
    })
}

/// An offset beyond this is the end of any list (both databases count rows in 63 bits).
const MOST_ROWS: u64 = 1 << 62;

fn sorted<'t, E>(find: Find<'t, E>, order: &Ordering<E>, id: E::Column) -> Find<'t, E>
where
    E: Owned,
    E::Model: Send + Sync,
{
    let direction = if order.descending { Order::Desc } else { Order::Asc };
    let column = order.column;
    let find = if nullable(&column) {
        let direction = direction.clone();
        find.map(|select| select.order_by_with_nulls(column, direction, NullOrdering::Last))
    } else {
        find.order_by(column, direction.clone())
    };
    find.order_by(id, direction)
}
