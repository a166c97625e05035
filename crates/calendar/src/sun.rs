//! When the sun sets in Israel's cities.
//!
//! The formula is that of NOAA's solar calculator (Meeus, *Astronomical Algorithms*, low precision), at sea level with
//! the usual 0.833° for refraction and the sun's radius. It is good to well under two minutes at these latitudes.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

macro_rules! cities {
    ($($name:ident $he:literal $en:literal $latitude:literal $longitude:literal,)*) => {
        /// A city whose sunset counts. In JSON its name in snake_case, for example `tel_aviv`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum City {
            #[default]
            $($name,)*
        }

        impl City {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub const fn name_he(self) -> &'static str {
                match self {
                    $(Self::$name => $he,)*
                }
            }

            pub const fn name_en(self) -> &'static str {
                match self {
                    $(Self::$name => $en,)*
                }
            }

            /// Degrees north and east.
            const fn place(self) -> (f64, f64) {
                match self {
                    $(Self::$name => ($latitude, $longitude),)*
                }
            }
        }
    };
}

cities! {
    Jerusalem "ירושלים" "Jerusalem" 31.7683 35.2137,
    TelAviv "תל אביב" "Tel Aviv" 32.0853 34.7818,
    Haifa "חיפה" "Haifa" 32.7940 34.9896,
    BeerSheva "באר שבע" "Beer Sheva" 31.2530 34.7915,
    Eilat "אילת" "Eilat" 29.5577 34.9519,
    Ashdod "אשדוד" "Ashdod" 31.8044 34.6553,
    Ashkelon "אשקלון" "Ashkelon" 31.6688 34.5743,
    Netanya "נתניה" "Netanya" 32.3215 34.8532,
    Tiberias "טבריה" "Tiberias" 32.7922 35.5312,
    Safed "צפת" "Safed" 32.9646 35.4960,
    KiryatShmona "קריית שמונה" "Kiryat Shmona" 33.2079 35.5702,
    Nahariya "נהריה" "Nahariya" 33.0085 35.0981,
    Karmiel "כרמיאל" "Karmiel" 32.9171 35.3050,
    Nazareth "נצרת" "Nazareth" 32.6996 35.3035,
    Afula "עפולה" "Afula" 32.6078 35.2897,
    Hadera "חדרה" "Hadera" 32.4340 34.9196,
    Herzliya "הרצליה" "Herzliya" 32.1624 34.8447,
    KfarSaba "כפר סבא" "Kfar Saba" 32.1782 34.9076,
    PetahTikva "פתח תקווה" "Petah Tikva" 32.0840 34.8878,
    BneiBrak "בני ברק" "Bnei Brak" 32.0849 34.8352,
    RamatGan "רמת גן" "Ramat Gan" 32.0684 34.8248,
    Holon "חולון" "Holon" 32.0158 34.7874,
    RishonLezion "ראשון לציון" "Rishon Lezion" 31.9730 34.7925,
    Rehovot "רחובות" "Rehovot" 31.8928 34.8113,
    Modiin "מודיעין" "Modiin" 31.8980 35.0104,
    BeitShemesh "בית שמש" "Beit Shemesh" 31.7470 34.9881,
    Ariel "אריאל" "Ariel" 32.1046 35.1745,
    Dimona "דימונה" "Dimona" 31.0700 35.0330,
}

impl City {
    /// The sunset of that day, to the second.
    pub fn sunset(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let (latitude, longitude) = self.place();
        let midnight = day.and_time(NaiveTime::MIN).and_utc();
        // Julian day of that midnight.
        let julian = f64::from(day.num_days_from_ce()) + 1_721_424.5;
        let mut minutes = 15.0 * 60.0;
        // The sun moves on until it sets: from a guess to the minute, and to the second.
        for _ in 0..2 {
            minutes = sunset_minutes(latitude, longitude, julian + minutes / 1_440.0);
        }
        let since_midnight = std::time::Duration::try_from_secs_f64((minutes * 60.0).round()).ok()?;
        midnight.checked_add_signed(TimeDelta::from_std(since_midnight).ok()?)
    }
}

/// Minutes after midnight UTC at which the sun sets, where it stands as at `julian_day`.
fn sunset_minutes(latitude: f64, longitude: f64, julian_day: f64) -> f64 {
    let sun = Sun::at(julian_day);
    let latitude = latitude.to_radians();
    let horizon = 90.833_f64.to_radians().cos() / (latitude.cos() * sun.declination.cos());
    let hour_angle = (horizon - latitude.tan() * sun.declination.tan()).acos().to_degrees();
    720.0 + 4.0 * (hour_angle - longitude) - sun.equation_of_time_minutes
}

struct Sun {
    /// Radians.
    declination: f64,
    equation_of_time_minutes: f64,
}

#[expect(clippy::unreadable_literal, reason = "written as in the source of the formula")]
impl Sun {
    fn at(julian_day: f64) -> Self {
        let century = (julian_day - 2451545.0) / 36525.0;
        let mean_longitude = (280.46646 + century * (36000.76983 + 0.0003032 * century))
            .rem_euclid(360.0)
            .to_radians();
        let anomaly = (357.52911 + century * (35999.05029 - 0.0001537 * century)).to_radians();
        let eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century);
        let center = anomaly.sin() * (1.914602 - century * (0.004817 + 0.000014 * century))
            + (2.0 * anomaly).sin() * (0.019993 - 0.000101 * century)
            + (3.0 * anomaly).sin() * 0.000289;
        let node = (125.04 - 1934.136 * century).to_radians();
        let longitude = mean_longitude + (center - 0.00569 - 0.00478 * node.sin()).to_radians();
        let seconds = 21.448 - century * (46.815 + century * (0.00059 - century * 0.001813));
        let obliquity = (23.0 + (26.0 + seconds / 60.0) / 60.0 + 0.00256 * node.cos()).to_radians();
        let y = (obliquity / 2.0).tan().powi(2);
        let equation = y * (2.0 * mean_longitude).sin() - 2.0 * eccentricity * anomaly.sin()
            + 4.0 * eccentricity * y * anomaly.sin() * (2.0 * mean_longitude).cos()
            - 0.5 * y * y * (4.0 * mean_longitude).sin()
            - 1.25 * eccentricity * eccentricity * (2.0 * anomaly).sin();
        Self {
            declination: (obliquity.sin() * longitude.sin()).asin(),
            equation_of_time_minutes: 4.0 * equation.to_degrees(),
        }
    }
}
