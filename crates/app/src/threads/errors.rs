//! Why a message did not go, in words for the business. Codes are the carriers' own.

use contracts::whatsapp::Carrier;

const WINDOW: &str = "עברו יותר מ־24 שעות מההודעה האחרונה של הלקוח, ואפשר לשלוח רק תבנית מאושרת";
const RECIPIENT: &str = "המספר אינו מקבל הודעות וואטסאפ";
const LIMIT: &str = "נשלחו יותר מדי הודעות בזמן קצר";
const ACCOUNT: &str = "חשבון הוואטסאפ של העסק חסום או שאינו מחובר כראוי";
const POLICY: &str = "וואטסאפ לא אישרה את ההודעה לפי המדיניות שלה";
const TEMPLATE: &str = "התבנית אינה מאושרת או שחסרים בה ערכים";
const MEDIA: &str = "הקובץ לא התקבל בוואטסאפ";
const UNSURE: &str = "לא התקבלה תשובה מוואטסאפ";
const OTHER: &str = "וואטסאפ לא קיבלה את ההודעה";

/// For the log: every try was in vain.
pub const GIVEN_UP: &str = "it was not taken, however often it was tried";

/// Our own code for a carrier that could not even be asked.
pub const NOT_HERE: &str = "not_usable";
/// Our own code for a window that had closed before the carrier was asked.
pub const CLOSED: &str = "outside_window";

/// A sentence for a code.
pub fn explain(carrier: Carrier, code: Option<&str>) -> &'static str {
    match (code, carrier) {
        (None, _) => OTHER,
        (Some(NOT_HERE), _) => ACCOUNT,
        (Some(CLOSED), _) => WINDOW,
        (Some(code), carrier) => of_carrier(carrier, code),
    }
}

fn of_carrier(carrier: Carrier, code: &str) -> &'static str {
    match carrier {
        Carrier::Twilio => twilio(code),
        Carrier::Meta => meta(code),
        Carrier::Baileys => baileys(code),
    }
}

fn twilio(code: &str) -> &'static str {
    match code {
        "63016" => WINDOW,
        "63018" | "20429" => LIMIT,
        "63014" | "21211" | "21614" | "63024" | "63003" => RECIPIENT,
        "20003" | "63051" | "63007" => ACCOUNT,
        "63012" => UNSURE,
        "63005" | "63019" | "12300" => MEDIA,
        _ => OTHER,
    }
}

fn meta(code: &str) -> &'static str {
    match code.parse::<u32>().unwrap_or_default() {
        131_047 => WINDOW,
        4 | 80_007 | 130_429 | 131_056 => LIMIT,
        131_026 | 131_021 | 131_030 | 131_050 => RECIPIENT,
        131_048 | 131_049 | 130_472 | 368 => POLICY,
        3 | 10 | 190 | 200..=299 | 131_005 | 131_031 | 131_042 | 131_045 | 133_010 => ACCOUNT,
        132_000..=132_016 | 132_068 | 132_069 => TEMPLATE,
        131_052 | 131_053 => MEDIA,
        _ => OTHER,
    }
}

fn baileys(code: &str) -> &'static str {
    match code {
        "not_on_whatsapp" => RECIPIENT,
        "463" => POLICY,
        "not_connected" | "logged_out" => ACCOUNT,
        _ => OTHER,
    }
}
