//! Customers as a table: its headings in Hebrew and English, and a row for each.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kernel::Problem;
use platform::db::{Find, ReadTx};
use sea_orm::{ColumnTrait, Order};
use serde_json::Value;

use crate::{
    accounts::{businesses, users},
    crm::customers::{
        identities::{self, Known},
        store::{Column, Entity, Model},
    },
};

/// Customers that are read at a time.
pub const AT_ONCE: u64 = 500;
/// Between several phones, addresses or tags; an import takes them apart again.
const BETWEEN: &str = " ::: ";

/// In which language headings and words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    He,
    En,
}

impl Lang {
    /// `he` (usual) or `en`; 422 for another.
    pub fn read(text: Option<&str>) -> Result<Self, Problem> {
        match text {
            None | Some("he") => Ok(Self::He),
            Some("en") => Ok(Self::En),
            Some(_) => Err(Problem::invalid("lang", "unknown_value", "is he or en")),
        }
    }

    pub const fn of<'t>(self, he: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::He => he,
            Self::En => en,
        }
    }
}

/// Where customers come from, as screens say it.
pub const SOURCES: [(&str, &str); 5] = [
    ("manual", "הוספה ידנית"),
    ("call", "שיחה"),
    ("whatsapp", "WhatsApp"),
    ("import", "ייבוא"),
    ("api", "ממשק"),
];

const HEADINGS: [(&str, &str); 19] = [
    ("מספר", "ID"),
    ("שם", "Name"),
    ("טלפון", "Phone"),
    ("טלפונים נוספים", "Other phones"),
    ("דוא\"ל", "Email"),
    ("מיילים נוספים", "Other emails"),
    ("חברה", "Company"),
    ("ח.פ / ת.ז", "Tax ID"),
    ("כתובת", "Address"),
    ("סטטוס", "Status"),
    ("מקור", "Source"),
    ("אחראי", "Owner"),
    ("תגיות", "Tags"),
    ("הערות", "Notes"),
    ("לא ליצור קשר", "Do not contact"),
    ("שפה", "Language"),
    ("שדות נוספים", "More fields"),
    ("נוצר", "Created"),
    ("קשר אחרון", "Last contact"),
];

/// The headings, as many as a row has cells.
pub fn headings(lang: Lang) -> [&'static str; 19] {
    HEADINGS.map(|(he, en)| lang.of(he, en))
}

/// What all rows of one business have in common.
#[derive(Clone)]
pub struct Words {
    pub lang: Lang,
    pub zone: Tz,
    owners: HashMap<i64, String>,
}

impl Words {
    pub async fn of(tx: &ReadTx, lang: Lang) -> Result<Self, Problem> {
        let business = tx.find::<businesses::store::Entity>().one().await?;
        let zone = business.and_then(|business| business.timezone.parse().ok());
        let users = tx.find::<users::store::Entity>().all().await?;
        Ok(Self {
            lang,
            zone: zone.unwrap_or(chrono_tz::Asia::Jerusalem),
            owners: users.into_iter().map(|user| (user.id, user.name)).collect(),
        })
    }

    pub fn person(&self, id: Option<i64>) -> &str {
        id.and_then(|id| self.owners.get(&id)).map_or("", String::as_str)
    }

    /// A time as the business's clock shows it.
    pub fn time(&self, at: Option<DateTime<Utc>>) -> String {
        at.map_or_else(String::new, |at| {
            at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string()
        })
    }

    fn status(&self, code: &str) -> String {
        let word = match code {
            "new" => ("חדש", "new"),
            "contacted" => ("נוצר קשר", "contacted"),
            "qualified" => ("רלוונטי", "qualified"),
            "customer" => ("לקוח פעיל", "customer"),
            "inactive" => ("לא פעיל", "inactive"),
            other => (other, other),
        };
        self.lang.of(word.0, word.1).to_owned()
    }

    fn source(&self, code: &str) -> String {
        let known = SOURCES.iter().find(|(known, _)| *known == code);
        known
            .filter(|_| self.lang == Lang::He)
            .map_or(code, |(_, word)| word)
            .to_owned()
    }

    pub fn row(&self, customer: Model, known: &Known) -> Vec<String> {
        let phones = known.phones.iter().skip(1).map(kernel::Phone::as_str);
        let emails = known.emails.iter().skip(1).map(String::as_str);
        let refused = if customer.do_not_contact {
            self.lang.of("כן", "yes")
        } else {
            ""
        };
        vec![
            customer.id.to_string(),
            customer.name,
            customer.phone.unwrap_or_default(),
            phones.collect::<Vec<_>>().join(BETWEEN),
            customer.email.unwrap_or_default(),
            emails.collect::<Vec<_>>().join(BETWEEN),
            customer.company.unwrap_or_default(),
            customer.tax_id.unwrap_or_default(),
            customer.address.unwrap_or_default(),
            self.status(&customer.status),
            self.source(&customer.source),
            self.person(customer.owner_id).to_owned(),
            texts(&customer.tags).join(BETWEEN),
            customer.notes.unwrap_or_default(),
            refused.to_owned(),
            customer.language.unwrap_or_default(),
            own(&customer.custom),
            self.time(Some(customer.created_at)),
            self.time(customer.last_contact_at),
        ]
    }
}

fn texts(value: &Value) -> Vec<String> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

/// The business's own fields in one cell, a line for each.
fn own(custom: &Value) -> String {
    let fields = custom.as_object().into_iter().flatten();
    let lines = fields.map(|(key, value)| match value {
        Value::String(text) => format!("{key}: {text}"),
        other => format!("{key}: {other}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The next rows of these customers, newest first, after the one with the id `last`; with the id of their last.
pub async fn next(
    tx: &ReadTx,
    customers: Find<'_, Entity>,
    words: &Words,
    last: Option<i64>,
) -> Result<(Vec<Vec<String>>, Option<i64>), Problem> {
    let customers = match last {
        Some(last) => customers.filter(Column::Id.lt(last)),
        None => customers,
    };
    let found = customers.order_by(Column::Id, Order::Desc).limit(AT_ONCE).all().await?;
    let ids: Vec<i64> = found.iter().map(|customer| customer.id).collect();
    let mut known = identities::of_many(tx, &ids).await?;
    let last = ids.last().copied();
    let rows = found.into_iter().map(|customer| {
        let known = known.remove(&customer.id).unwrap_or_default();
        words.row(customer, &known)
    });
    Ok((rows.collect(), last))
}
