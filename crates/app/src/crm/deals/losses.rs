//! `GET /api/deals/losses`: why deals were lost, the commonest reason first.

use axum::{Json, extract::State, http::Uri};
use kernel::Problem;
use platform::{
    db::Find,
    http::{ApiError, list::from_query},
};
use sea_orm::{ColumnTrait, FromQueryResult, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    board::Amount,
    filter::Filter,
    forecast::whole,
    model::Status,
    store::{Column, Entity},
};
use crate::{AppState, accounts::sessions::Caller};

/// Rarer reasons are not told apart any more.
const MOST_REASONS: usize = 100;

/// One reason, with how often it was given.
#[derive(Serialize, ToSchema)]
#[schema(as = DealLossReason)]
struct LossView {
    /// Null where it is not known any more.
    reason: Option<String>,
    deals: i64,
    /// What was lost, by currency. Absent where the actor does not see money.
    #[serde(skip_serializing_if = "Option::is_none")]
    sums: Option<Vec<Amount>>,
}

/// The lost deals that the filters mean.
#[derive(Serialize, ToSchema)]
#[schema(as = DealLosses)]
pub(super) struct Losses {
    deals: i64,
    /// The commonest first.
    reasons: Vec<LossView>,
}

/// Why deals were lost. `closed_from` and `closed_to` say when; the other filters are those of the list.
#[utoipa::path(get, path = "/api/deals/losses", params(Filter), responses((status = 200, body = Losses), (status = 422)))]
pub(super) async fn deal_losses(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Losses>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_create(filter.business()?)?;
    let tx = app.db.read(&scope).await?;
    let lost = filter.find(&tx)?.filter(Column::Status.eq(Status::Lost.as_str()));
    let rows = rows(lost).await?;
    Ok(Json(gathered(rows, scope.sees_money())))
}

#[derive(FromQueryResult)]
struct Row {
    reason: Option<String>,
    currency: String,
    deals: i64,
    amount_minor: i64,
}

async fn rows(lost: Find<'_, Entity>) -> Result<Vec<Row>, Problem> {
    Ok(lost
        .map(|select| {
            select
                .select_only()
                .column_as(Column::LostReason, "reason")
                .column(Column::Currency)
                .column_as(Column::Id.count(), "deals")
                .column_as(whole(Column::AmountMinor.sum()), "amount_minor")
                .group_by(Column::LostReason)
                .group_by(Column::Currency)
        })
        .all_as()
        .await?)
}

fn gathered(rows: Vec<Row>, money: bool) -> Losses {
    let mut reasons: Vec<LossView> = Vec::new();
    let deals = rows.iter().map(|row| row.deals).sum();
    for row in rows {
        let amount = (row.amount_minor != 0).then_some(Amount {
            currency: row.currency,
            amount_minor: row.amount_minor,
        });
        match reasons.iter_mut().find(|known| known.reason == row.reason) {
            Some(known) => {
                known.deals += row.deals;
                known.sums.iter_mut().for_each(|sums| sums.extend(amount.clone()));
            }
            None => reasons.push(LossView {
                reason: row.reason,
                deals: row.deals,
                sums: money.then(|| amount.into_iter().collect()),
            }),
        }
    }
    reasons.sort_by(|one, other| other.deals.cmp(&one.deals).then_with(|| one.reason.cmp(&other.reason)));
    reasons.truncate(MOST_REASONS);
    for known in &mut reasons {
        known
            .sums
            .iter_mut()
            .for_each(|sums| sums.sort_by(|one, other| one.currency.cmp(&other.currency)));
    }
    Losses { deals, reasons }
}
