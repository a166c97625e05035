//! Everything about a business's time, no IO: opening hours, the Hebrew calendar and its holidays, Sabbath by the
//! sun, and rules of recurrence.
//!
//! [`BusinessTime`] answers what the product asks: is it open, when does it open, when is work due, may something
//! leave by itself now. It is built from [`Settings`], passes over what does not read in them, and never panics;
//! what is wrong with settings that a person wrote, [`Settings::faults`] says by field.
//!
//! Searches end after [`HORIZON_DAYS`]; moments outside the years 1800–2400 have no answer.

mod business_time;
mod hebrew;
mod holidays;
mod hours;
mod observance;
mod repeat;
mod settings;
mod sun;
mod words;
mod zone;

pub use business_time::{BusinessTime, DayPlan, HORIZON_DAYS, Opening, Snooze};
pub use hebrew::{HebrewDate, HebrewMonth};
pub use holidays::{Holiday, HolidayRule};
pub use hours::Hours;
pub use observance::Observance;
pub use repeat::{Repeat, RepeatError};
pub use settings::{FixedTimes, Settings, Shabbat, SpecialDay};
pub use sun::City;
pub use words::{Language, moment};
