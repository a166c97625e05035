//! Made-up people, the same for the same seed.

/// What one customer is called, and when they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub company: Option<String>,
    /// E.164, another one for each number.
    pub phone: String,
    pub email: Option<String>,
    pub status: &'static str,
}

/// Numbers that look random (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64, number: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `sides`.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.roll() % sides.max(1)
    }

    /// One of these, the first ones more often, as it is with names.
    fn favourite<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let many = u64::try_from(of.len()).unwrap_or(1);
        let at = self.below(many).min(self.below(many));
        of.get(usize::try_from(at).unwrap_or_default())
            .copied()
            .unwrap_or_default()
    }

    fn any<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let at = self.below(u64::try_from(of.len()).unwrap_or(1));
        of.get(usize::try_from(at).unwrap_or_default())
            .copied()
            .unwrap_or_default()
    }
}

/// The customer of this number.
pub fn person(seed: u64, number: u64) -> Person {
    let mut dice = Dice::new(seed, number);
    let first = dice.favourite(FIRST);
    let last = match dice.below(10) {
        0..=5 => dice.favourite(LAST).to_owned(),
        _ => format!("{}{}", dice.any(LAST_BEGINNINGS), dice.any(LAST_ENDINGS)),
    };
    let company = (dice.below(7) == 0).then(|| format!("{} {}", dice.any(TRADES), last));
    let email = (dice.below(3) == 0).then(|| format!("c{number}@example.com"));
    let status = match dice.below(10) {
        0..=4 => "new",
        5 | 6 => "contacted",
        7 => "qualified",
        8 => "customer",
        _ => "inactive",
    };
    Person {
        name: format!("{first} {last}"),
        company,
        phone: format!("+9725{:08}", scattered(number)),
        email,
        status,
    }
}

/// Another one of a hundred million for each number below that: 48,271 and 10⁸ have no common divisor.
const fn scattered(number: u64) -> u64 {
    number.wrapping_mul(48_271) % 100_000_000
}

/// What a task is called.
pub fn errand(seed: u64, number: u64) -> String {
    let mut dice = Dice::new(seed ^ 1, number);
    format!("{} {}", dice.any(ERRANDS), dice.any(MATTERS))
}

/// What somebody noted.
pub fn remark(seed: u64, number: u64) -> String {
    let mut dice = Dice::new(seed ^ 2, number);
    let (one, other) = (dice.any(REMARKS), dice.any(MATTERS));
    format!("{one} {other} {}", dice.any(REMARKS))
}

#[rustfmt::skip]
const FIRST: &[&str] = &[
    "דוד", "משה", "יוסף", "דנה", "רות", "נועה", "מיכל", "אברהם", "שרה", "יעל", "אורי", "איתי", "תמר", "שירה", "רחל",
    "יעקב", "חיים", "אסתר", "מרים", "לאה", "עומר", "אלון", "גיא", "רון", "טל", "ליאור", "שלמה", "נתן", "אליהו", "דניאל",
    "מאיה", "אביגיל", "הדס", "עדי", "ענת", "אורית", "גלית", "סיגל", "רונית", "אילנה", "בוריס", "סבטלנה", "אולגה", "ולדימיר",
    "אחמד", "מוחמד", "פאטמה", "סמיר", "נור", "ליאן", "עמית", "רועי", "ניר", "אסף", "ערן", "ברק", "שי", "ירון", "צבי",
    "בנימין", "מנחם", "שמואל", "יצחק", "אהרון", "פנחס", "זהבה", "ציפורה", "חנה", "נעמי", "דבורה", "שולמית", "ברכה",
    "גאולה", "כרמית", "לימור", "קרן", "אורלי", "מורן", "הילה", "נטע", "אגם", "לביא", "אריאל", "איתמר", "יהונתן", "עידו",
];

#[rustfmt::skip]
const LAST: &[&str] = &[
    "כהן", "לוי", "מזרחי", "פרץ", "ביטון", "דהן", "אברהם", "פרידמן", "מלכה", "אזולאי", "כץ", "יוסף", "דוד", "עמר", "אוחיון",
    "חדד", "גבאי", "בן דוד", "אדרי", "לוין", "טל", "קליין", "חן", "שפירא", "חזן", "משה", "אשכנזי", "אוחנה", "סגל", "סויסה",
    "גולן", "שמעון", "וקנין", "יצחק", "גרינברג", "ישראלי", "רוזן", "אלבז", "הררי", "ששון", "ברוך", "שרון", "אהרון", "עזרא",
    "שלום", "יעקב", "מימון", "נחום", "חיים", "אליהו", "בכר", "דיין", "אבוטבול", "זוהר", "שטרן", "וייס", "ברגר", "פלדמן",
    "חאג׳ יחיא", "אבו חמד", "מסארווה", "נסאר", "ח׳ורי", "סלימאן", "איבנוב", "פטרוב", "קוזלוב", "סמירנוב", "הלוי", "הכהן",
    "בר", "לב", "צור", "אור", "שגב", "נוי", "שחר", "אלון", "ארבל", "תמיר", "גפן", "רימון", "זיו", "כרמי", "שקד", "אבידן",
];

#[rustfmt::skip]
const LAST_BEGINNINGS: &[&str] = &[
    "ברק", "גולד", "זילבר", "רוזנ", "שוורצ", "גרינ", "ליבר", "הירש", "לנד", "שטיינ", "ויינ", "אייזנ", "קירש", "בלומ", "פיינ",
    "רבינ", "אברמ", "יעקב", "מנדל", "שלומ", "חיימ", "דוידוב", "מאיר", "נתנ", "סמואל", "אלמל", "בוחב", "אלקי", "טולד", "סעד",
    "זגור", "אסול", "מרצי", "בנבנ", "קדוש", "עזול", "שבת", "חמיאל", "צרפ", "אביט", "גוטמ", "הופמ", "קאופמ", "נוימ", "ליפ",
];

#[rustfmt::skip]
const LAST_ENDINGS: &[&str] = &[
    "שטיין", "ברג", "מן", "וביץ", "בסקי", "פלד", "בלום", "הולץ", "טל", "אנו", "אלי", "יאן", "שוילי", "דזה", "ובסקי", "זון",
    "סון", "הרט", "אוב", "אייב", "וצקי", "קר", "נר", "לר", "צקי", "אל", "ית", "ון", "ני", "אש", "תאן", "רמן", "גר", "דלר",
];

#[rustfmt::skip]
const TRADES: &[&str] = &[
    "מוסך", "מספרת", "קייטרינג", "שיפוצי", "גינון", "עורכי דין", "מאפיית", "חשמל", "אינסטלציה", "נגריית", "סטודיו", "הובלות",
];

#[rustfmt::skip]
const ERRANDS: &[&str] = &[
    "להתקשר בעניין", "לשלוח הצעת מחיר על", "לתאם", "לבדוק", "לאשר", "לחזור עם תשובה על", "להזמין", "לסכם",
];

#[rustfmt::skip]
const MATTERS: &[&str] = &[
    "מטבח חדש", "תיקון מזגן", "ביטוח דירה", "פגישת ייעוץ", "הובלה לחיפה", "ריצוף האמבטיה", "חשבון החשמל", "ארון קיר",
    "גינה", "צביעת הסלון", "דלתות פנים", "תעודת אחריות", "מסירת המפתחות", "החלפת צנרת", "מרפסת שמש", "תכנון תאורה",
];

#[rustfmt::skip]
const REMARKS: &[&str] = &[
    "ביקש שנחזור אליו בבוקר.", "מעדיפה וואטסאפ.", "הגיע בהמלצה של שכן.", "שאל על", "מתלבטת לגבי", "קבענו מדידה.",
    "חוזר מחופשה בשבוע הבא.", "צריך חניה למשאית.", "המחיר נראה לו גבוה.", "רוצה להתחיל אחרי החגים.",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_one_others() {
        assert_eq!(person(1, 7), person(1, 7));
        let names = |seed| (0..100).map(|n| person(seed, n).name).collect::<Vec<_>>();
        assert_ne!(names(1), names(2));
    }

    #[test]
    fn no_two_customers_share_a_phone() {
        let phones: BTreeSet<String> = (1..20_000).map(|n| person(1, n).phone).collect();
        assert_eq!(phones.len(), 19_999);
        assert!(phones.iter().all(|phone| phone.len() == 13));
    }
}
