//! The lines. A new one needs its file under `assets/lines/`; the ignored test `clips_are_spoken_anew` writes it.

use super::Line;

macro_rules! lines {
    ($($key:literal $text:literal $phonemes:literal;)*) => {
        pub const LINES: &[Line] = &[$(Line {
            key: $key,
            text: $text,
            phonemes: $phonemes,
            clip: include_bytes!(concat!("../../assets/lines/", $key, ".ulaw")),
        }),*];
    };
}

lines! {
    "hello" "שלום" "Sal'om.";
    "name" "שלום, קוראים לי דנה כהן." "Sal'om, koR'im li d'ana k'ohen.";
    "name_man" "שמי יוסי לוי." "Sm'i j'osi lev'i.";
    "need" "אני צריכה הצעת מחיר לשיפוץ של מטבח." "an'i tsRiX'a hatsa'at meX'iR leSip'uts Sel mitb'aX.";
    "need_car" "יש לי רעש מוזר במנוע ואני רוצה להביא את הרכב לבדיקה." "jeS li R'aaS muz'aR baman'oa, ve'an'i Rots'e lehav'i et haR'eXev livdik'a.";
    "need_flat" "אני מחפש דירה להשכרה בתל אביב." "an'i meXap'es diR'a lehaskaR'a betel av'iv.";
    "when" "אפשר לחזור אליי מחר בבוקר." "efS'aR laXz'oR el'ai maX'aR bab'okeR.";
    "yes" "כן, נכון." "ken, naX'on.";
    "no" "לא, תודה, זה הכול." "lo, tod'a, ze hak'ol.";
    "number" "המספר שלי הוא אפס חמש אפס, אחת שתיים שלוש, ארבע חמש שש שבע." "hamisp'aR Sel'i hu 'efes XameS 'efes, aX'at St'aim Sal'oS, aRb'a XameS SeS S'eva.";
    "price" "כמה זה עולה בערך?" "k'ama ze ol'e be'eReX?";
    "hours" "באיזה שעות אתם פתוחים?" "be'eize Sa'ot at'em ptuX'im?";
    "person" "אני רוצה לדבר עם נציג בבקשה." "an'i Rots'e ledab'eR im nats'ig bevakaS'a.";
    "callback" "תחזרו אליי בבקשה כשתוכלו." "taXzeR'u el'ai bevakaS'a keSetuXl'u.";
    "wait" "רגע, רגע, יש לי שאלה אחרת." "R'ega, R'ega, jeS li Se'ela aX'eRet.";
    "cough" "אהמ" "'ehm";
    "bye" "תודה רבה, להתראות." "tod'a Rab'a, lehitRa'ot.";
}
