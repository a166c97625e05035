//! `GET /api/deals/forecast`: what the open deals may bring, by the month in which they are expected to close.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::Uri};
use chrono::{Datelike, Months, NaiveDate};
use kernel::Problem;
use platform::{
    db::{Find, ReadTx},
    http::{ApiError, list::from_query},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, IntoSimpleExpr, JoinType, QuerySelect, RelationDef,
    sea_query::{Expr, ExprTrait, Func},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    filter::Filter,
    model::Status,
    pipelines::store::stage,
    store::{Column, Entity},
};
use crate::{
    AppState,
    accounts::{businesses::hours::Office, sessions::Caller},
};

const USUAL_MONTHS: u32 = 12;
const MOST_MONTHS: u32 = 60;

/// A sum in one currency, in its smallest unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DealForecastAmount)]
pub struct ForecastAmount {
    pub currency: String,
    pub amount_minor: i64,
    /// Each amount times how likely its deal is to be won, by its stage.
    pub weighted_minor: i64,
}

/// The deals of one month, or of none.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = DealForecastSum)]
pub struct Expected {
    pub deals: i64,
    /// By currency. Absent where the actor does not see money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sums: Option<Vec<ForecastAmount>>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DealForecastMonth)]
struct MonthView {
    /// `2026-11`
    month: String,
    #[serde(flatten)]
    expected: Expected,
}

/// The open deals, each counted once.
#[derive(Serialize, ToSchema)]
#[schema(as = DealForecast)]
pub(super) struct Forecast {
    /// Every month from the first to the last, empty ones too.
    months: Vec<MonthView>,
    /// Expected before the first month, and still open.
    overdue: Expected,
    /// Expected after the last month.
    later: Expected,
    /// Nobody said when.
    undated: Expected,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ForecastParams {
    /// The first month, `2026-11`; this one when it is not said.
    from: Option<String>,
    /// How many months, 1 to 60, usually 12.
    months: Option<String>,
}

impl ForecastParams {
    fn months(&self, today: NaiveDate) -> Result<Vec<String>, Problem> {
        let first = match self.from.as_deref() {
            None => today.with_day(1),
            Some(month) => format!("{month}-01").parse::<NaiveDate>().ok(),
        };
        let wrong = || Problem::invalid("from", "invalid_month", "is a month such as 2026-11");
        let first = first
            .filter(|first| (1970..=2200).contains(&first.year()))
            .ok_or_else(wrong)?;
        let many = match self.months.as_deref().map(str::parse::<u32>) {
            None => USUAL_MONTHS,
            Some(Ok(many)) if (1..=MOST_MONTHS).contains(&many) => many,
            Some(_) => return Err(Problem::invalid("months", "out_of_range", "is from 1 to 60")),
        };
        let months = (0..many).filter_map(|month| first.checked_add_months(Months::new(month)));
        Ok(months.map(|month| month.format("%Y-%m").to_string()).collect())
    }
}

/// What the open deals may bring, month by month. The filters are those of the list.
#[utoipa::path(get, path = "/api/deals/forecast", params(Filter, ForecastParams),
    responses((status = 200, body = Forecast), (status = 422)))]
pub(super) async fn deal_forecast(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Forecast>, ApiError> {
    let query = uri.query().unwrap_or_default();
    let filter: Filter = from_query(query)?;
    let params: ForecastParams = from_query(query)?;
    let scope = caller.for_create(filter.business()?)?;
    let tx = app.db.read(&scope).await?;
    let zone = Office::of_scope(&tx).await?.zone();
    let months = params.months(tx.now().with_timezone(&zone).date_naive())?;
    let open = filter.find(&tx)?.filter(Column::Status.eq(Status::Open.as_str()));
    let rows = rows(open).await?;
    Ok(Json(placed(&tx, &rows, &months)))
}

#[derive(FromQueryResult)]
struct Row {
    month: Option<String>,
    currency: String,
    deals: i64,
    amount_minor: i64,
    /// Times percent.
    weighted: i64,
}

/// A sum as a whole number: PostgreSQL makes a decimal one of it, and none of no rows.
pub(super) fn whole(sum: impl IntoSimpleExpr) -> Expr {
    Func::coalesce([sum.into_simple_expr().cast_as("BIGINT"), Expr::val(0_i64)]).into()
}

async fn rows(open: Find<'_, Entity>) -> Result<Vec<Row>, Problem> {
    let stages: RelationDef = Entity::belongs_to(stage::Entity)
        .from(Column::StageId)
        .to(stage::Column::Id)
        .into();
    let month = Expr::cust("substr(expected_close, 1, 7)");
    let weighted = Column::AmountMinor
        .into_simple_expr()
        .mul(Expr::col((stage::Entity, stage::Column::Probability)));
    Ok(open
        .map(|select| {
            select
                .join(JoinType::InnerJoin, stages)
                .select_only()
                .column_as(month.clone(), "month")
                .column(Column::Currency)
                .column_as(Column::Id.count(), "deals")
                .column_as(whole(Column::AmountMinor.sum()), "amount_minor")
                .column_as(whole(Func::sum(weighted)), "weighted")
                .group_by(month)
                .group_by(Column::Currency)
        })
        .order_by(Column::Currency, sea_orm::Order::Asc)
        .all_as()
        .await?)
}

fn placed(tx: &ReadTx, rows: &[Row], months: &[String]) -> Forecast {
    let nothing = Expected {
        deals: 0,
        sums: tx.scope().sees_money().then(Vec::new),
    };
    let mut of_month: BTreeMap<&str, Expected> = months.iter().map(|month| (month.as_str(), nothing.clone())).collect();
    let (mut overdue, mut later, mut undated) = (nothing.clone(), nothing.clone(), nothing.clone());
    let (first, last) = (months.first(), months.last());
    for row in rows {
        let place = match &row.month {
            None => &mut undated,
            Some(month) if Some(month) < first => &mut overdue,
            Some(month) if Some(month) > last => &mut later,
            Some(month) => of_month.entry(month).or_insert_with(|| nothing.clone()),
        };
        add(place, row);
    }
    let months = of_month.into_iter().map(|(month, expected)| MonthView {
        month: month.to_owned(),
        expected,
    });
    Forecast {
        months: months.collect(),
        overdue,
        later,
        undated,
    }
}

fn add(place: &mut Expected, row: &Row) {
    place.deals += row.deals;
    let Some(sums) = place.sums.as_mut().filter(|_| row.amount_minor != 0) else {
        return;
    };
    let weighted = (row.weighted + 50) / 100;
    match sums.iter_mut().find(|sum| sum.currency == row.currency) {
        Some(sum) => {
            sum.amount_minor += row.amount_minor;
            sum.weighted_minor += weighted;
        }
        None => sums.push(ForecastAmount {
            currency: row.currency.clone(),
            amount_minor: row.amount_minor,
            weighted_minor: weighted,
        }),
    }
}
