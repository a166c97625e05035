//! What columns are usually called, in Hebrew and English, by people and by programs that export contacts.

use super::target::Target;
use crate::crm::search;

/// Headings by field. Compared without points, marks and case, so that «דוא״ל» and «דוא"ל» are one.
const HEADINGS: &[(Target, &str)] = &[
    (
        Target::Name,
        "שם|שם מלא|שם הלקוח|שם לקוח|לקוח|איש קשר|שם איש קשר|name|full name|customer|customer name|client\
         |client name|contact|contact name|display name|file as|fn",
    ),
    (Target::FirstName, "שם פרטי|first name|firstname|given name|forename"),
    (
        Target::LastName,
        "שם משפחה|משפחה|last name|lastname|family name|surname",
    ),
    (
        Target::Phone,
        "טלפון|טל|נייד|טלפון נייד|מספר טלפון|מס טלפון|מספר נייד|סלולרי|טלפון סלולרי|סלולארי|פלאפון\
         |פלאפון נייד|טלפון בבית|טלפון בית|טלפון בעבודה|טלפון עבודה|טלפון נוסף|טלפונים נוספים|נייד נוסף\
         |וואטסאפ|ווטסאפ|phone|phones|phone number|mobile|mobile phone|cell|cell phone|cellphone|tel\
         |telephone|home phone|business phone|work phone|primary phone|other phone|other phones|whatsapp\
         |phone 1 value|phone 2 value|phone 3 value|phone 4 value",
    ),
    (
        Target::Email,
        "דואל|דוא ל|מייל|אימייל|אי מייל|דואר אלקטרוני|כתובת מייל|כתובת אימייל|כתובת דואל|מיילים נוספים\
         |email|e mail|mail|email address|e mail address|emails|other emails|e mail 1 value\
         |e mail 2 value|e mail 3 value",
    ),
    (
        Target::Company,
        "חברה|שם חברה|שם החברה|עסק|שם העסק|שם עסק|ארגון|מקום עבודה|company|company name|organization\
         |organisation|organization name|organization 1 name|business|business name",
    ),
    (
        Target::TaxId,
        "חפ|ח פ|עמ|ע מ|חפ עמ|חפ עוסק מורשה|עוסק מורשה|עוסק|מספר עוסק|מספר חברה|תז|ת ז|תעודת זהות\
         |מספר זהות|מספר תעודת זהות|חפ תז|תז חפ|ח פ ת ז|ע מ ת ז|tax id|vat|vat number|vat id|company number|company id\
         |id number",
    ),
    (
        Target::Address,
        "כתובת|כתובת מלאה|רחוב|מען|כתובת למשלוח|address|full address|street|street address|home address\
         |business address|business street|home street|address 1 formatted|location",
    ),
    (Target::City, "עיר|יישוב|ישוב|city|town|home city|business city"),
    (Target::Status, "סטטוס|מצב|שלב|סטטוס לקוח|status|stage|lead status"),
    (
        Target::Source,
        "מקור|מקור הגעה|מקור הליד|איך הגיע|source|lead source|origin",
    ),
    (
        Target::Owner,
        "אחראי|אחראית|אחראי לקוח|סוכן|נציג|איש מכירות|מטפל|בטיפול|owner|assigned to|account owner|agent\
         |salesperson",
    ),
    (
        Target::Tags,
        "תגיות|תגית|תוויות|תווית|קבוצה|קבוצות|קטגוריה|קטגוריות|סיווג|tags|tag|labels|label|group|groups\
         |group membership|categories|category",
    ),
    (
        Target::Notes,
        "הערות|הערה|תיאור|פרטים|פרטים נוספים|מידע נוסף|notes|note|comment|comments|remarks|description\
         |details",
    ),
    (Target::Language, "שפה|language"),
    (
        Target::DoNotContact,
        "לא ליצור קשר|ללא דיוור|לא לדיוור|הסרה מדיוור|do not contact|unsubscribed|opt out",
    ),
];

/// What a column with this heading holds, if that is known.
pub fn recognise(heading: &str) -> Option<Target> {
    if let Some(target) = Target::parse(heading.trim()) {
        return Some(target);
    }
    let heading = key(heading);
    let found = HEADINGS
        .iter()
        .find(|(_, names)| names.split('|').any(|name| key(name) == heading));
    if let Some((target, _)) = found {
        return Some(target.clone());
    }
    // «טלפון 2», «Phone 3»
    let bare = heading.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    (bare.len() < heading.len() && !bare.is_empty())
        .then(|| recognise(bare))
        .flatten()
        .filter(Target::takes_several)
}

/// A heading without what is written differently by everyone: folded letters and digits, one blank between words.
fn key(heading: &str) -> String {
    let folded = search::fold(heading);
    let spaced: String = folded
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '״' | '׳' | '’' | '”' | '`'))
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
