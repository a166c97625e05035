//! The filters of the deals' list, board and reports.

use kernel::Problem;
use platform::{
    db::{Find, ReadTx},
    http::{
        fields::{Faults, text_param, time_param},
        list,
    },
};
use sea_orm::{ColumnTrait, Condition, sea_query::LikeExpr};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    model::{MAX_REASON_CHARS, Status, a_day},
    store::{self, Column, Entity},
};
use crate::crm::customers;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words of the title, or of the customer's name.
    q: Option<String>,
    customer_id: Option<String>,
    pub pipeline_id: Option<String>,
    stage_id: Option<String>,
    /// `open`, `won` or `lost`.
    status: Option<String>,
    /// A user's id, or `none`.
    owner_id: Option<String>,
    /// Expected to close on this day or later.
    expected_from: Option<String>,
    /// Expected to close on this day or earlier.
    expected_to: Option<String>,
    /// Won or lost at or after this time, or on this day or later (UTC).
    closed_from: Option<String>,
    /// Won or lost before this time or day.
    closed_to: Option<String>,
    lost_reason: Option<String>,
    /// `true`: only what statistics count: not the deals of those who are marked as no customer.
    counted: Option<String>,
    /// For an admin: only this business.
    pub business_id: Option<String>,
}

impl Filter {
    /// The deals that are meant, as far as the actor may see them.
    pub fn find<'t>(&self, tx: &'t ReadTx) -> Result<Find<'t, Entity>, Problem> {
        let mut find = store::visible(tx).filter(self.whose(tx)?).filter(self.what()?);
        find = find.filter(self.when()?);
        match platform::http::fields::flag_param("counted", self.counted.as_deref())? {
            Some(true) => Ok(find.filter(counted(tx))),
            _ => Ok(find),
        }
    }

    pub fn business(&self) -> Result<Option<i64>, Problem> {
        list::id_param("business_id", self.business_id.as_deref())
    }

    fn whose(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        if let Some(customer) = list::id_param("customer_id", self.customer_id.as_deref())? {
            all = all.add(Column::CustomerId.eq(customer));
        }
        match self.owner_id.as_deref() {
            Some("none") => all = all.add(Column::OwnerId.is_null()),
            owner => {
                if let Some(owner) = list::id_param("owner_id", owner)? {
                    all = all.add(Column::OwnerId.eq(owner));
                }
            }
        }
        if let Some(text) = self.q.as_deref() {
            all = all.add(matching(tx, text_param("q", text)?));
        }
        Ok(all)
    }

    fn what(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        for (name, text, column) in [
            ("pipeline_id", &self.pipeline_id, Column::PipelineId),
            ("stage_id", &self.stage_id, Column::StageId),
        ] {
            if let Some(id) = list::id_param(name, text.as_deref())? {
                all = all.add(column.eq(id));
            }
        }
        if let Some(status) = &self.status {
            let status = Status::parse(status)
                .ok_or_else(|| Problem::invalid("status", "unknown_status", "is open, won or lost"))?;
            all = all.add(Column::Status.eq(status.as_str()));
        }
        if let Some(reason) = &self.lost_reason {
            let reason = text_param("lost_reason", reason)?;
            let reason: String = reason.chars().take(MAX_REASON_CHARS).collect();
            all = all.add(Column::LostReason.eq(reason));
        }
        Ok(all)
    }

    fn when(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        if let Some(day) = day_param("expected_from", self.expected_from.as_deref())? {
            all = all.add(Column::ExpectedClose.gte(day));
        }
        if let Some(day) = day_param("expected_to", self.expected_to.as_deref())? {
            all = all.add(Column::ExpectedClose.lte(day));
        }
        if let Some(from) = time_param("closed_from", self.closed_from.as_deref())? {
            all = all.add(Column::ClosedAt.gte(from));
        }
        if let Some(to) = time_param("closed_to", self.closed_to.as_deref())? {
            all = all.add(Column::ClosedAt.lt(to));
        }
        Ok(all)
    }
}

/// A day in a query string.
pub fn day_param(name: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    let mut faults = Faults::default();
    let day = text.and_then(|text| a_day(&mut faults, name, text));
    faults.done()?;
    Ok(day)
}

/// A word anywhere in the title, or a customer who is called so.
fn matching(tx: &ReadTx, text: &str) -> Condition {
    let mut all = Condition::all();
    for word in text.split_whitespace().take(10) {
        let word = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        all = all.add(Column::Title.like(LikeExpr::new(format!("%{word}%")).escape('\\')));
    }
    let called = customers::store::visible_ids(tx, customers::lookup::condition(tx, text));
    Condition::any().add(all).add(Column::CustomerId.in_subquery(called))
}

/// Not the deals of those who are marked as no customer.
pub fn counted(tx: &ReadTx) -> Condition {
    Condition::any()
        .add(Column::CustomerId.is_null())
        .add(Column::CustomerId.not_in_subquery(customers::store::not_customers(tx)))
}
