//! A business's time as its settings have it: what people and alarms wait for.

use std::ops::Deref;

use calendar::{BusinessTime, Settings};
use chrono_tz::Tz;
use kernel::Problem;
use platform::db::ReadTx;
use serde_json::json;

use super::store;

/// The zone of a business whose own does not read.
const USUAL_ZONE: Tz = chrono_tz::Asia::Jerusalem;

/// When a business is open, when work is due, and when nothing leaves by itself.
pub struct Office(BusinessTime);

impl Deref for Office {
    type Target = BusinessTime;

    fn deref(&self) -> &BusinessTime {
        &self.0
    }
}

impl From<BusinessTime> for Office {
    fn from(time: BusinessTime) -> Self {
        Self(time)
    }
}

impl Office {
    pub fn of(business: &store::Model) -> Self {
        Self(BusinessTime::new(&settings(business), zone(business)))
    }

    /// Of the business that the transaction is for.
    pub async fn of_scope(tx: &ReadTx) -> Result<Self, Problem> {
        let id = tx.scope().business()?;
        Ok(Self::of(&tx.get::<store::Entity>(id).await?))
    }
}

/// The business's time zone.
pub fn zone(business: &store::Model) -> Tz {
    business.timezone.parse().unwrap_or(USUAL_ZONE)
}

/// What the business says of its time. What does not read is left at its default.
pub fn settings(business: &store::Model) -> Settings {
    let part = |name: &str, value: &serde_json::Value| {
        serde_json::from_value::<Settings>(json!({ name: value })).unwrap_or_default()
    };
    Settings {
        hours: part("hours", &business.hours).hours,
        holidays: part("holidays", &business.holidays).holidays,
        holiday_rules: part("holiday_rules", &business.holiday_rules).holiday_rules,
        half_day_ends: business.half_day_ends.clone(),
        shabbat: business
            .shabbat
            .as_ref()
            .map(|shabbat| part("shabbat", shabbat).shabbat)
            .unwrap_or_default(),
    }
}
