//! A deal as the API shows it: without the amount where the actor may not see it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Problem, Scope};
use platform::db::ReadTx;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::store::Model;
use crate::crm::customers;

/// Something that a customer may buy.
#[derive(Serialize, ToSchema)]
#[schema(as = Deal)]
pub struct DealView {
    pub id: i64,
    pub business_id: i64,
    pub title: String,
    pub customer_id: Option<i64>,
    /// Null without a customer, and while nobody has said a name.
    pub customer_name: Option<String>,
    pub pipeline_id: i64,
    pub stage_id: i64,
    /// Orders the deals of a stage, the smallest on top.
    pub position: i64,
    /// In the currency's smallest unit. Absent for another's deal where agents do not see money.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub amount_minor: Option<Option<i64>>,
    /// ISO 4217.
    pub currency: String,
    /// A day such as `2026-11-30`.
    #[schema(format = Date)]
    pub expected_close: Option<String>,
    pub owner_id: Option<i64>,
    /// `open`, `won` or `lost`.
    pub status: String,
    pub lost_reason: Option<String>,
    /// Since when it is in this stage.
    pub stage_since: DateTime<Utc>,
    /// When it was won or lost.
    pub closed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Whether the actor may know what a deal of this owner is worth: their own, and nobody's, always.
pub fn sees_amount(scope: &Scope, owner: Option<i64>) -> bool {
    scope.sees_money() || owner.is_none() || owner == scope.actor().user_id().map(i64::from)
}

/// Takes out of what the timeline says of a deal what the actor may not know.
pub fn hide_amount(scope: &Scope, data: String) -> String {
    let Ok(Value::Object(mut members)) = serde_json::from_str(&data) else {
        return data;
    };
    let owner = members.get("owner_id").and_then(Value::as_i64);
    if sees_amount(scope, owner) {
        return data;
    }
    members.remove("amount_minor");
    Value::Object(members).to_string()
}

impl DealView {
    pub fn new(scope: &Scope, deal: Model, names: &HashMap<i64, String>) -> Self {
        Self {
            customer_name: deal.customer_id.and_then(|id| names.get(&id).cloned()),
            amount_minor: sees_amount(scope, deal.owner_id).then_some(deal.amount_minor),
            id: deal.id,
            business_id: deal.business_id,
            title: deal.title,
            customer_id: deal.customer_id,
            pipeline_id: deal.pipeline_id,
            stage_id: deal.stage_id,
            position: deal.position,
            currency: deal.currency,
            expected_close: deal.expected_close,
            owner_id: deal.owner_id,
            status: deal.status,
            lost_reason: deal.lost_reason,
            stage_since: deal.stage_since,
            closed_at: deal.closed_at,
            created_at: deal.created_at,
            updated_at: deal.updated_at,
        }
    }

    pub async fn of(tx: &ReadTx, deal: Model) -> Result<Self, Problem> {
        let names = customers::store::names(tx, deal.customer_id).await?;
        Ok(Self::new(tx.scope(), deal, &names))
    }
}
