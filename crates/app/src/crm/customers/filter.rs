//! The filters of the customers' list.

use kernel::{Phone, Problem};
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{identities::Kind, lookup, model::Status, store::Column, values};
use platform::http::fields::{flag_param, text_param, time_param};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words of the name or company by their beginnings, a phone by its last four digits or more, an e-mail.
    pub q: Option<String>,
    /// `new`, `contacted`, `qualified`, `customer` or `inactive`.
    pub status: Option<String>,
    /// A user's id, or `none`.
    pub owner_id: Option<String>,
    pub source: Option<String>,
    /// A whole phone in any usual form.
    pub phone: Option<String>,
    pub email: Option<String>,
    /// Made at or after this time, or on this day or later (UTC).
    pub created_from: Option<String>,
    /// Made before this time or day.
    pub created_to: Option<String>,
    /// `true`: only those marked as no customer. They are left out otherwise.
    pub not_customer: Option<String>,
    pub blocked: Option<String>,
    /// For an admin: only this business.
    pub business_id: Option<String>,
}

impl Filter {
    /// Everything but `business_id`.
    pub fn condition(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        all = match flag_param("not_customer", self.not_customer.as_deref())? {
            Some(true) => all.add(Column::NotCustomer.is_not_null()),
            _ => all.add(Column::NotCustomer.is_null()),
        };
        if let Some(status) = &self.status {
            let status = Status::parse(status)
                .ok_or_else(|| Problem::invalid("status", "unknown_status", "there is no such status"))?;
            all = all.add(Column::Status.eq(status.as_str()));
        }
        if let Some(owner) = &self.owner_id {
            all = all.add(owner_is(owner)?);
        }
        if let Some(source) = &self.source {
            all = all.add(Column::Source.eq(text_param("source", source)?));
        }
        if let Some(phone) = &self.phone {
            let phone =
                Phone::parse(phone).map_err(|_| Problem::invalid("phone", "invalid_phone", "is not a phone number"))?;
            all = all.add(lookup::known_as(tx, Kind::Phone, phone.as_str()));
        }
        if let Some(email) = &self.email {
            let email = values::email(email)
                .ok_or_else(|| Problem::invalid("email", "invalid_email", "is not an e-mail address"))?;
            all = all.add(lookup::known_as(tx, Kind::Email, &email));
        }
        if let Some(from) = time_param("created_from", self.created_from.as_deref())? {
            all = all.add(Column::CreatedAt.gte(from));
        }
        if let Some(to) = time_param("created_to", self.created_to.as_deref())? {
            all = all.add(Column::CreatedAt.lt(to));
        }
        if let Some(blocked) = flag_param("blocked", self.blocked.as_deref())? {
            // without a bound value, so that the index of blocked customers is seen to fit
            let is_blocked = Column::Blocked.into_expr();
            all = all.add(if blocked { is_blocked } else { is_blocked.not() });
        }
        if let Some(query) = &self.q {
            all = all.add(lookup::condition(tx, query));
        }
        Ok(all)
    }
}

fn owner_is(owner: &str) -> Result<sea_orm::sea_query::Expr, Problem> {
    if owner == "none" {
        return Ok(Column::OwnerId.is_null());
    }
    let id: i64 = owner
        .parse()
        .map_err(|_| Problem::invalid("owner_id", "wrong_type", "is a user's id or none"))?;
    Ok(Column::OwnerId.eq(id))
}
