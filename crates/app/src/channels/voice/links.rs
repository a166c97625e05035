//! Tokens in addresses that we hand to Twilio: they name what they are for, run out, and can not be guessed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use conversation::sentences::Key;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{BusinessId, ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Ends are rounded to this, so that a delivery repeated meanwhile gets the very same answer.
const STEP_SECONDS: i64 = 300;
/// Bytes of the code that are kept: 128 bits.
const CODE_BYTES: usize = 16;

/// The keys, each derived from `SECRET_KEY` for one purpose.
pub struct Links {
    media: Hmac<Sha256>,
    speech: Hmac<Sha256>,
}

/// Something that can be fetched as sound: what a business says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    pub business: BusinessId,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The greeting that the business wrote itself.
    Greeting,
    /// A fixed sentence, in the business's own wording if it has one.
    Sentence(Key),
}

impl Links {
    pub fn new(secret: &SecretString) -> Self {
        Self {
            media: derive(secret, "media socket"),
            speech: derive(secret, "spoken replies"),
        }
    }

    /// Lets one call's media socket in, for five to ten minutes.
    pub fn media_token(&self, call_sid: &str, now: DateTime<Utc>) -> String {
        let until = until(now);
        format!("{until:x}.{}", code(&self.media, &[call_sid, &until.to_string()]))
    }

    pub fn admits(&self, call_sid: &str, token: &str, now: DateTime<Utc>) -> bool {
        let Some((until, given)) = token.split_once('.') else {
            return false;
        };
        let Ok(until) = i64::from_str_radix(until, 16) else {
            return false;
        };
        let expected = code(&self.media, &[call_sid, &until.to_string()]);
        same(&expected, given) && until > now.timestamp()
    }

    /// The token of `/media/tts/{token}`.
    pub fn speech_token(&self, spoken: &Spoken, now: DateTime<Utc>) -> String {
        let what = match spoken.what {
            What::Greeting => "",
            What::Sentence(key) => key.name(),
        };
        let name = format!("{}~{what}", spoken.business);
        let until = until(now);
        let code = code(&self.speech, &[&name, &until.to_string()]);
        format!("{}.{until:x}.{code}", URL_SAFE_NO_PAD.encode(name))
    }

    /// What a token is for; `None` when it is not ours or has run out.
    pub fn spoken(&self, token: &str, now: DateTime<Utc>) -> Option<Spoken> {
        let mut parts = token.split('.');
        let (name, until, given) = (parts.next()?, parts.next()?, parts.next()?);
        let until = i64::from_str_radix(until, 16).ok()?;
        let name = String::from_utf8(URL_SAFE_NO_PAD.decode(name).ok()?).ok()?;
        let expected = code(&self.speech, &[&name, &until.to_string()]);
        if !same(&expected, given) || until <= now.timestamp() {
            return None;
        }
        read_name(&name)
    }
}

fn read_name(name: &str) -> Option<Spoken> {
    let (business, what) = name.split_once('~')?;
    Some(Spoken {
        business: BusinessId::new(business.parse().ok()?),
        what: match what {
            "" => What::Greeting,
            key => What::Sentence(Key::from_name(key)?),
        },
    })
}

fn until(now: DateTime<Utc>) -> i64 {
    (now.timestamp().div_euclid(STEP_SECONDS) + 2) * STEP_SECONDS
}

fn derive(secret: &SecretString, purpose: &str) -> Hmac<Sha256> {
    let root = keyed(secret.expose_secret().as_bytes());
    keyed(&root.chain_update(purpose.as_bytes()).finalize().into_bytes())
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
}

/// Each part's length goes in, so that no two lists of parts are the same text.
fn code(key: &Hmac<Sha256>, parts: &[&str]) -> String {
    let mut mac = key.clone();
    for part in parts {
        mac.update(&part.len().to_be_bytes());
        mac.update(part.as_bytes());
    }
    let code = mac.finalize().into_bytes();
    URL_SAFE_NO_PAD.encode(code.get(..CODE_BYTES).unwrap_or(&code))
}

fn same(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn links() -> Links {
        Links::new(&SecretString::from("0123456789abcdef0123456789abcdef"))
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_123, 0).expect("a time")
    }

    #[test]
    fn a_media_token_is_for_one_call_and_a_short_while() {
        let token = links().media_token("CA1", now());
        assert!(links().admits("CA1", &token, now() + TimeDelta::seconds(300)));
        assert!(!links().admits("CA1", &token, now() + TimeDelta::seconds(601)));
        assert!(!links().admits("CA2", &token, now()));
        assert!(!Links::new(&SecretString::from("another")).admits("CA1", &token, now()));
    }

    #[test]
    fn repeated_at_once_it_is_the_same() {
        assert_eq!(
            links().media_token("CA1", now()),
            links().media_token("CA1", now() + TimeDelta::seconds(2))
        );
    }

    #[test]
    fn a_spoken_token_says_what_it_is_for() {
        for spoken in [
            Spoken {
                business: BusinessId::new(7),
                what: What::Sentence(Key::ThanksMessage),
            },
            Spoken {
                business: BusinessId::new(8),
                what: What::Greeting,
            },
        ] {
            let token = links().speech_token(&spoken, now());
            assert_eq!(links().spoken(&token, now()), Some(spoken));
            assert_eq!(links().spoken(&token, now() + TimeDelta::seconds(601)), None);
            assert_eq!(links().spoken(&format!("{token}x"), now()), None);
        }
    }

    proptest! {
        #[test]
        fn what_nobody_gave_out_is_nothing(token in "\\PC{0,60}") {
            prop_assert_eq!(links().spoken(&token, now()), None);
            prop_assert!(!links().admits("CA1", &token, now()));
        }
    }
}
