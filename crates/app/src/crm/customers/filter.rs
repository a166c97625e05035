//! The filters of the customers' list.

use std::collections::BTreeMap;

use kernel::{Phone, Problem};
use platform::db::{Find, ReadTx};
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    identities::Kind,
    json_filter, lookup,
    model::Status,
    store::{self, Column, Entity},
    values,
};
use crate::crm::search::Chunk;
use platform::http::fields::{flag_param, text_param, time_param};

/// Conditions on a business's own fields, and statuses, in one filter at most.
const MOST_OF_A_KIND: usize = 20;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words of the name or company by their beginnings, a phone by its last four digits or more, an e-mail.
    pub q: Option<String>,
    /// One status or several, with commas between.
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
    /// Customers with this tag, or with all of these, with commas between.
    pub tags: Option<String>,
    pub company: Option<String>,
    /// An Israeli id or company number, with or without leading zeros.
    pub tax_id: Option<String>,
    pub language: Option<String>,
    pub do_not_contact: Option<String>,
    pub updated_from: Option<String>,
    pub updated_to: Option<String>,
    /// There was contact at or after this time, or on this day or later (UTC).
    pub last_contact_from: Option<String>,
    /// The last contact was before this time or day, or there was none.
    pub last_contact_to: Option<String>,
    /// `true`: only new leads, as statistics count them: nobody whom an import brought.
    pub counted: Option<String>,
    /// `true`: only deleted ones that may be restored.
    pub deleted: Option<String>,
    /// For an admin: only this business.
    pub business_id: Option<String>,
    /// `custom.{key}=`, and for numbers and dates `custom.{key}.from=` and `custom.{key}.to=` (not included).
    #[serde(flatten)]
    #[param(ignore)]
    pub others: BTreeMap<String, String>,
}

impl Filter {
    /// The customers that are meant, as far as the actor may see them.
    pub fn find<'t>(&self, tx: &'t ReadTx) -> Result<Find<'t, Entity>, Problem> {
        let typed = self.q.as_deref().map(|query| lookup::condition(tx, query));
        self.find_having(tx, typed.unwrap_or_else(Condition::all))
    }

    /// As [`Filter::find`], with these in place of what was typed as `q`.
    pub fn find_meant<'t>(&self, tx: &'t ReadTx, chunks: &[Chunk]) -> Result<Find<'t, Entity>, Problem> {
        self.find_having(tx, lookup::having(tx, chunks))
    }

    fn find_having<'t>(&self, tx: &'t ReadTx, words: Condition) -> Result<Find<'t, Entity>, Problem> {
        let find = if self.only_deleted()? {
            store::deleted(tx)
        } else {
            store::visible(tx)
        };
        Ok(find.filter(self.condition(tx)?).filter(words))
    }

    fn only_deleted(&self) -> Result<bool, Problem> {
        Ok(flag_param("deleted", self.deleted.as_deref())?.unwrap_or_default())
    }

    /// Everything but `q`, `business_id` and `deleted`.
    fn condition(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        all = match flag_param("not_customer", self.not_customer.as_deref())? {
            Some(true) => all.add(Column::NotCustomer.is_not_null()),
            None if self.only_deleted()? => all,
            _ => all.add(Column::NotCustomer.is_null()),
        };
        if flag_param("counted", self.counted.as_deref())? == Some(true) {
            all = all.add(store::counted());
        }
        Ok(all.add(self.who(tx)?).add(self.what(tx)?).add(self.when()?))
    }

    /// By phone, address, number.
    fn who(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        let mut all = Condition::all();
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
        if let Some(id) = &self.tax_id {
            let id: String = text_param("tax_id", id)?.chars().filter(char::is_ascii_digit).collect();
            all = all.add(Column::TaxId.eq(format!("{id:0>9}")));
        }
        if let Some(company) = &self.company {
            all = all.add(Column::Company.eq(text_param("company", company)?));
        }
        Ok(all)
    }

    /// By what is said of them.
    fn what(&self, tx: &ReadTx) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        if let Some(statuses) = &self.status {
            let statuses: Result<Vec<Status>, Problem> = statuses.split(',').map(|text| status(text.trim())).collect();
            let statuses = few("status", statuses?)?;
            all = match statuses.as_slice() {
                [one] => all.add(Column::Status.eq(one.as_str())),
                several => all.add(Column::Status.is_in(several.iter().map(Status::as_str))),
            };
        }
        if let Some(owner) = &self.owner_id {
            all = all.add(owner_is(owner)?);
        }
        if let Some(source) = &self.source {
            all = all.add(Column::Source.eq(text_param("source", source)?));
        }
        if let Some(language) = &self.language {
            all = all.add(Column::Language.eq(text_param("language", language)?));
        }
        if let Some(flag) = flag_param("do_not_contact", self.do_not_contact.as_deref())? {
            all = all.add(Column::DoNotContact.eq(flag));
        }
        if let Some(blocked) = flag_param("blocked", self.blocked.as_deref())? {
            // without a bound value, so that the index of blocked customers is seen to fit
            let is_blocked = Column::Blocked.into_expr();
            all = all.add(if blocked { is_blocked } else { is_blocked.not() });
        }
        if let Some(tags) = &self.tags {
            all = all.add(json_filter::has_tags(tx.backend(), text_param("tags", tags)?));
        }
        let own = self.others.iter();
        let own = own.filter_map(|(name, wanted)| Some((name.strip_prefix("custom.")?, wanted)));
        for (key, wanted) in few("custom", own.collect())? {
            all = all.add(json_filter::custom(tx.backend(), key, wanted)?);
        }
        Ok(all)
    }

    fn when(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        for (name, text, column) in [
            ("created_from", &self.created_from, Column::CreatedAt),
            ("updated_from", &self.updated_from, Column::UpdatedAt),
            ("last_contact_from", &self.last_contact_from, Column::LastContactAt),
        ] {
            if let Some(from) = time_param(name, text.as_deref())? {
                all = all.add(column.gte(from));
            }
        }
        for (name, text, column) in [
            ("created_to", &self.created_to, Column::CreatedAt),
            ("updated_to", &self.updated_to, Column::UpdatedAt),
        ] {
            if let Some(to) = time_param(name, text.as_deref())? {
                all = all.add(column.lt(to));
            }
        }
        if let Some(to) = time_param("last_contact_to", self.last_contact_to.as_deref())? {
            let before = Column::LastContactAt.lt(to);
            all = all.add(Condition::any().add(before).add(Column::LastContactAt.is_null()));
        }
        Ok(all)
    }
}

/// 422 for more than anybody asks for: each of them is one more part of the query.
fn few<T>(name: &str, all: Vec<T>) -> Result<Vec<T>, Problem> {
    if all.len() > MOST_OF_A_KIND {
        return Err(Problem::invalid(name, "too_many", "are 20 at most"));
    }
    Ok(all)
}

fn status(text: &str) -> Result<Status, Problem> {
    Status::parse(text).ok_or_else(|| Problem::invalid("status", "unknown_status", "there is no such status"))
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
