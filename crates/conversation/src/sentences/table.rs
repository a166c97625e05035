//! The table of fixed sentences: what is written and how it sounds.
//!
//! Phonemes are those of espeak-ng's `he` voice. Stress stands right before the stressed vowel (`Sal'om`); `S` is שׁ,
//! `X` is ח and כ without dagesh, `R` is ר, `ts` is צ, `j` is consonantal י. `,` `.` `?` after a word are the pauses of the
//! written sentence. There is no glottal stop: א and ע inside a word are heard as two vowels in a row.
//!
//! A sentence stands twice where the speaker's gender changes it. Callers are addressed in the plural. A new sentence
//! needs its two files under `assets/clips/` to exist (empty is enough to compile); `cargo run -p xtask -- clips` fills them.

use contracts::tts::Gender;

use super::Fixed;

/// The masculine form if there is one, else the only form.
macro_rules! masculine {
    ([$_text:literal $_phonemes:literal] [$text:literal $phonemes:literal]) => {
        ($text, $phonemes)
    };
    ([$text:literal $phonemes:literal]) => {
        ($text, $phonemes)
    };
}

macro_rules! sentences {
    ($($(#[$doc:meta])* $key:ident $name:literal [$($feminine:literal)*] $([$($masculine:literal)*])?;)*) => {
        /// The name of a fixed sentence, or of a word that sentences are composed of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Key { $($(#[$doc])* $key),* }

        impl Key {
            pub const ALL: &'static [Self] = &[$(Self::$key),*];

            /// As settings and files call it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$key => $name),* }
            }
        }

        pub(super) const fn find(key: Key, gender: Gender) -> Fixed {
            match (key, gender) {
                $(
                    (Key::$key, Gender::Feminine) => {
                        const FORM: (&str, &str) = masculine!([$($feminine)*]);
                        Fixed {
                            key,
                            text: FORM.0,
                            phonemes: FORM.1,
                            clip: include_bytes!(concat!("../../assets/clips/feminine/", $name, ".ulaw")),
                        }
                    }
                    (Key::$key, Gender::Masculine) => {
                        const FORM: (&str, &str) = masculine!([$($feminine)*] $([$($masculine)*])?);
                        Fixed {
                            key,
                            text: FORM.0,
                            phonemes: FORM.1,
                            clip: include_bytes!(concat!("../../assets/clips/masculine/", $name, ".ulaw")),
                        }
                    }
                )*
            }
        }
    };
}

sentences! {
    // ---- the beginning -------------------------------------------------------------------------------------------
    /// Says at once that it is digital. Without the business's name: a fixed sentence cannot know it.
    Greeting "greeting"
        ["שלום, כאן המענה הדיגיטלי. אשמח לעזור לכם." "Sal'om, k'an hamaan'e hadigit'ali. esm'aX laaz'oR laX'em."];
    RecordingNotice "recording_notice"
        ["לידיעתכם, השיחה מוקלטת." "lidiatX'em, hasiX'a mukl'etet."];

    // ---- questions -----------------------------------------------------------------------------------------------
    AskName "ask_name"
        ["איך קוראים לכם, בבקשה?" "'eX koR'im laX'em, bevakaS'a?"];
    AskNeed "ask_need"
        ["במה אפשר לעזור?" "bam'e efS'aR laaz'oR?"];
    AskDetails "ask_details"
        ["אפשר לספר לי בכמה מילים, במה מדובר?" "efS'aR lesap'eR l'i bek'ama mil'im, bam'e medub'aR?"];
    AskCallbackNumber "ask_callback_number"
        ["לאיזה מספר לחזור אליכם?" "le'ejze misp'aR laXz'oR aleX'em?"];
    /// For a caller whose number is hidden.
    AskHiddenNumber "ask_hidden_number"
        ["המספר שלכם חסוי. לאיזה מספר לחזור אליכם?" "hamisp'aR SelaX'em Xas'uj. le'ejze misp'aR laXz'oR aleX'em?"];
    AskCallbackTime "ask_callback_time"
        ["מתי נוח לכם שנחזור אליכם?" "mat'aj n'oaX laX'em SenaXz'oR aleX'em?"];
    /// Stands before the digits that are read back.
    ReadBack "read_back"
        ["המספר שרשמתי הוא:" "hamisp'aR SeRaS'amti h'u,"];
    ConfirmNumber "confirm_number"
        ["האם זה נכון?" "ha'im z'e naX'on?"];
    NumberUnclear "number_unclear"
        ["לא הבנתי את המספר. אפשר לומר אותו ספרה אחר ספרה, או להקיש אותו?"
         "l'o hev'anti et hamisp'aR. efS'aR lom'aR ot'o sifR'a aX'aR sifR'a, 'o lehak'iS ot'o?"];

    // ---- short answers -------------------------------------------------------------------------------------------
    Thanks "thanks"
        ["תודה רבה." "tod'a Rab'a."];
    NiceToMeet "nice_to_meet"
        ["נעים מאוד." "na'im me'od."];
    Understood "understood"
        ["הבנתי." "hev'anti."];
    AllRight "all_right"
        ["בסדר גמור." "bes'edeR gam'uR."];
    /// The name, need or number is written down and somebody will call.
    WillCallBack "will_call_back"
        ["רשמתי. נחזור אליכם בהקדם." "RaS'amti. naXz'oR aleX'em behekd'em."];
    /// A question without an answer among the business's facts.
    WillCheck "will_check"
        ["אין לי תשובה על זה כרגע. אבדוק, ונחזור אליכם." "'ejn l'i tSuv'a al z'e kaR'ega. evd'ok, venaXz'oR aleX'em."];

    // ---- while the caller waits ----------------------------------------------------------------------------------
    FillerChecking "filler_checking"
        ["רגע, אני בודקת." "R'ega, an'i bod'eket."]
        ["רגע, אני בודק." "R'ega, an'i bod'ek."];
    FillerMoment "filler_moment"
        ["רק רגע." "R'ak R'ega."];
    FillerNoting "filler_noting"
        ["רגע, אני רושמת." "R'ega, an'i RoS'emet."]
        ["רגע, אני רושם." "R'ega, an'i RoS'em."];
    FillerPatience "filler_patience"
        ["עוד רגע. תודה על הסבלנות." "'od R'ega. tod'a al hasavlan'ut."];

    // ---- silence -------------------------------------------------------------------------------------------------
    RepromptFirst "reprompt_first"
        ["לא שמעתי אתכם. במה אפשר לעזור?" "l'o Sam'ati etX'em. bam'e efS'aR laaz'oR?"];
    RepromptSecond "reprompt_second"
        ["אתם עדיין על הקו?" "at'em ad'ajin al hak'av?"];
    GoodbyeSilence "goodbye_silence"
        ["לא שמעתי תשובה, אז נסיים כאן. אפשר להתקשר שוב בכל עת. להתראות."
         "l'o Sam'ati tSuv'a, 'az nesaj'em k'an. efS'aR lehitkaS'eR S'uv beX'ol 'et. lehitRa'ot."];
    Goodbye "goodbye"
        ["תודה שהתקשרתם. להתראות." "tod'a SehitkaS'aRtem. lehitRa'ot."];
    GoodbyeLongCall "goodbye_long_call"
        ["הגענו לסוף הזמן של השיחה. נחזור אליכם. להתראות." "hig'anu les'of hazm'an Sel hasiX'a. naXz'oR aleX'em. lehitRa'ot."];

    // ---- apologies -----------------------------------------------------------------------------------------------
    DidNotHear "did_not_hear"
        ["סליחה, לא שמעתי. אפשר לחזור על זה?" "sliX'a, l'o Sam'ati. efS'aR laXz'oR al z'e?"];
    RecordingMissing "recording_missing"
        ["סליחה, ההקלטה לא התקבלה. אפשר לומר את זה שוב?" "sliX'a, hahaklat'a l'o hitkabl'a. efS'aR lom'aR et z'e S'uv?"];
    DownloadFailed "download_failed"
        ["סליחה, לא הצלחתי להאזין להקלטה. אפשר לומר את זה שוב?" "sliX'a, l'o hitsl'aXti lehaaz'in lahaklat'a. efS'aR lom'aR et z'e S'uv?"];
    EmptyTranscript "empty_transcript"
        ["סליחה, לא הבנתי. אפשר לומר את זה שוב, לאט יותר?" "sliX'a, l'o hev'anti. efS'aR lom'aR et z'e S'uv, le'at jot'eR?"];
    ModelFailed "model_failed"
        ["סליחה, יש לי תקלה קטנה. אפשר לחזור על זה?" "sliX'a, j'eS l'i takal'a ktan'a. efS'aR laXz'oR al z'e?"];
    VoiceFailed "voice_failed"
        ["סליחה, הייתה תקלה. אני ממשיכה." "sliX'a, hajt'a takal'a. an'i mamSiX'a."]
        ["סליחה, הייתה תקלה. אני ממשיך." "sliX'a, hajt'a takal'a. an'i mamS'iX."];

    // ---- a person ------------------------------------------------------------------------------------------------
    Transferring "transferring"
        ["אני מעבירה אתכם לנציג. רק רגע." "an'i maaviR'a etX'em lenats'ig. R'ak R'ega."]
        ["אני מעביר אתכם לנציג. רק רגע." "an'i maav'iR etX'em lenats'ig. R'ak R'ega."];
    NobodyAvailable "nobody_available"
        ["כרגע אין נציג פנוי. אפשר להשאיר הודעה, ונחזור אליכם."
         "kaR'ega 'ejn nats'ig pan'uj. efS'aR lehaS'iR hoda'a, venaXz'oR aleX'em."];
    /// Whispered to the person who is asked to take the call over.
    TakeOverWhisper "take_over_whisper"
        ["שיחה מועברת אליכם מהמענה הדיגיטלי. לקבלת השיחה, הקישו אחת."
         "siX'a muav'eRet aleX'em mehamaan'e hadigit'ali. lekabal'at hasiX'a, hak'iSu aX'at."];

    // ---- closed, busy, blocked -----------------------------------------------------------------------------------
    AfterHours "after_hours"
        ["אנחנו סגורים עכשיו." "an'aXnu sguR'im aXS'av."];
    /// Stands before the words of `opening`.
    OpenAgain "open_again"
        ["נפתח שוב" "nift'aX S'uv"];
    AfterHoursMessage "after_hours_message"
        ["אפשר להשאיר לי שם והודעה, ונחזור אליכם כשנפתח." "efS'aR lehaS'iR l'i S'em vehoda'a, venaXz'oR aleX'em kSenift'aX."];
    Blocked "blocked"
        ["לא ניתן להשלים את השיחה. תודה ושלום." "l'o nit'an lehaSl'im et hasiX'a. tod'a veSal'om."];
    Unavailable "unavailable"
        ["המספר שהתקשרתם אליו אינו זמין כרגע. להתראות." "hamisp'aR SehitkaS'aRtem el'av ejn'o zam'in kaR'ega. lehitRa'ot."];
    TooBusy "too_busy"
        ["כל הקווים תפוסים כרגע. אנא השאירו הודעה לאחר הצליל, ונחזור אליכם."
         "k'ol hakav'im tfus'im kaR'ega. 'ana haS'iRu hoda'a leaX'aR hatsl'il, venaXz'oR aleX'em."];

    // ---- recording a message -------------------------------------------------------------------------------------
    Voicemail "voicemail"
        ["שלום, כאן המענה הדיגיטלי. אנחנו לא זמינים כעת. אנא השאירו שם, מספר והודעה לאחר הצליל, ונחזור אליכם."
         "Sal'om, k'an hamaan'e hadigit'ali. an'aXnu l'o zmin'im ka'et. 'ana haS'iRu S'em, misp'aR vehoda'a leaX'aR hatsl'il, venaXz'oR aleX'em."];
    AfterTone "after_tone"
        ["אנא השאירו הודעה לאחר הצליל." "'ana haS'iRu hoda'a leaX'aR hatsl'il."];
    ThanksMessage "thanks_message"
        ["תודה, ההודעה התקבלה. נחזור אליכם בהקדם. להתראות." "tod'a, hahoda'a hitkabl'a. naXz'oR aleX'em behekd'em. lehitRa'ot."];
    /// When something of ours broke: no silence, a message instead.
    Fallback "fallback"
        ["סליחה, יש לנו תקלה. אנא השאירו הודעה לאחר הצליל, ונחזור אליכם."
         "sliX'a, j'eS l'anu takal'a. 'ana haS'iRu hoda'a leaX'aR hatsl'il, venaXz'oR aleX'em."];

    // ---- days ----------------------------------------------------------------------------------------------------
    Today "today" ["היום" "haj'om"];
    Tomorrow "tomorrow" ["מחר" "maX'aR"];
    OnSunday "on_sunday" ["ביום ראשון" "bej'om RiS'on"];
    OnMonday "on_monday" ["ביום שני" "bej'om Sen'i"];
    OnTuesday "on_tuesday" ["ביום שלישי" "bej'om SliS'i"];
    OnWednesday "on_wednesday" ["ביום רביעי" "bej'om Revi'i"];
    OnThursday "on_thursday" ["ביום חמישי" "bej'om XamiS'i"];
    OnFriday "on_friday" ["ביום שישי" "bej'om SiS'i"];
    OnSaturday "on_saturday" ["בשבת" "beSab'at"];
    OfNextWeek "of_next_week" ["בשבוע הבא" "baSav'ua hab'a"];

    // ---- hours ---------------------------------------------------------------------------------------------------
    AtHour "at_hour" ["בשעה" "beSa'a"];
    AndQuarter "and_quarter" ["ורבע" "vaR'eva"];
    AndHalf "and_half" ["וחצי" "vaX'etsi"];
    InTheMorning "in_the_morning" ["בבוקר" "bab'okeR"];
    AtNoon "at_noon" ["בצהריים" "batsohoR'ajim"];
    InTheAfternoon "in_the_afternoon" ["אחר הצהריים" "aX'aR hatsohoR'ajim"];
    InTheEvening "in_the_evening" ["בערב" "ba'eRev"];
    AtNight "at_night" ["בלילה" "bal'ajla"];

    // ---- numbers, in the feminine form that hours and digits take --------------------------------------------------
    N0 "n0" ["אפס" "'efes"];
    N1 "n1" ["אחת" "aX'at"];
    N2 "n2" ["שתיים" "St'ajim"];
    N3 "n3" ["שלוש" "Sal'oS"];
    N4 "n4" ["ארבע" "'aRba"];
    N5 "n5" ["חמש" "Xam'eS"];
    N6 "n6" ["שש" "S'eS"];
    N7 "n7" ["שבע" "S'eva"];
    N8 "n8" ["שמונה" "Sm'one"];
    N9 "n9" ["תשע" "t'eSa"];
    N10 "n10" ["עשר" "'eseR"];
    N11 "n11" ["אחת עשרה" "aX'at esR'e"];
    N12 "n12" ["שתים עשרה" "St'ejm esR'e"];
    N13 "n13" ["שלוש עשרה" "Sl'oS esR'e"];
    N14 "n14" ["ארבע עשרה" "aRb'a esR'e"];
    N15 "n15" ["חמש עשרה" "Xam'eS esR'e"];
    N16 "n16" ["שש עשרה" "S'eS esR'e"];
    N17 "n17" ["שבע עשרה" "Sv'a esR'e"];
    N18 "n18" ["שמונה עשרה" "Smon'e esR'e"];
    N19 "n19" ["תשע עשרה" "tS'a esR'e"];
    N20 "n20" ["עשרים" "esR'im"];
    N30 "n30" ["שלושים" "SloS'im"];
    N40 "n40" ["ארבעים" "aRba'im"];
    N50 "n50" ["חמישים" "XamiS'im"];
    And1 "and1" ["ואחת" "veaX'at"];
    And2 "and2" ["ושתיים" "uSt'ajim"];
    And3 "and3" ["ושלוש" "veSal'oS"];
    And4 "and4" ["וארבע" "ve'aRba"];
    And5 "and5" ["וחמש" "veXam'eS"];
    And6 "and6" ["ושש" "veS'eS"];
    And7 "and7" ["ושבע" "veS'eva"];
    And8 "and8" ["ושמונה" "uSm'one"];
    And9 "and9" ["ותשע" "vet'eSa"];
    And10 "and10" ["ועשר" "ve'eseR"];
    And20 "and20" ["ועשרים" "veesR'im"];
    Minutes "minutes" ["דקות" "dak'ot"];
}
