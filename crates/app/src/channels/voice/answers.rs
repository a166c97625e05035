//! Which answer fits: the mode of a call, and the TwiML for each situation.
//!
//! Pure: the business, the settings and the time come in, verbs go out.

use std::iter;

use chrono::{DateTime, Utc};
use contracts::tts::Gender;
use conversation::sentences::{self, Key};
use url::Url;

use super::{
    links::{Links, Spoken, What},
    twiml::{self, Twiml, Verb, absolute},
};
use crate::calls::{directory::VoiceBusiness, hours::WhileKept, model::Mode};

/// How long a person's phone rings.
pub const RING_SECONDS: u32 = 20;
/// How long a person has to press 1.
const PRESS_SECONDS: u32 = 8;
/// A message's length when no business is known.
const USUAL_MESSAGE_SECONDS: u32 = 30;

/// Where the outside reaches us, if it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin {
    http: String,
    socket: String,
}

impl PublicOrigin {
    /// `https` anywhere, `http` on loopback only.
    pub fn of(configured: Option<&Url>) -> Option<Self> {
        let url = configured?;
        let usable = match url.scheme() {
            "https" => url.host_str().is_some(),
            "http" => url.host().is_some_and(|host| match host {
                url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
                url::Host::Ipv4(address) => address.is_loopback(),
                url::Host::Ipv6(address) => address.is_loopback(),
            }),
            _ => false,
        };
        usable.then(|| {
            let http = url.as_str().trim_end_matches('/').to_owned();
            Self {
                socket: super::signature::socket_origin(&http),
                http,
            }
        })
    }

    pub fn url(&self, path: &str) -> String {
        absolute(&self.http, path)
    }

    pub fn media_socket(&self) -> String {
        absolute(&self.socket, twiml::MEDIA_SOCKET)
    }
}

/// Why a call is not answered as its business would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    NoPublicUrl,
    Draining,
    TooManyCalls,
    NotBuilt,
}

impl Reason {
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoPublicUrl => "no_public_url",
            Self::Draining => "draining",
            Self::TooManyCalls => "too_many_calls",
            Self::NotBuilt => "turn_based_not_available",
        }
    }
}

/// The mode that the business wants now.
pub fn wanted_mode(business: &VoiceBusiness, server_mode: &str, now: DateTime<Utc>) -> Mode {
    if business.calendar.is_kept(now) {
        match business.while_kept {
            WhileKept::Agent => Mode::Realtime,
            WhileKept::Message | WhileKept::Closed => Mode::Voicemail,
        }
    } else if business.calendar.is_open(now) {
        business
            .call_mode
            .or_else(|| Mode::parse(server_mode))
            .unwrap_or(Mode::Realtime)
    } else {
        business.after_hours_mode
    }
}

/// Speaks for one business; without one, for the server.
#[derive(Clone, Copy)]
pub struct Speaker<'a> {
    pub origin: Option<&'a PublicOrigin>,
    pub links: &'a Links,
    pub business: Option<&'a VoiceBusiness>,
    pub now: DateTime<Utc>,
}

impl Speaker<'_> {
    fn language(&self) -> &str {
        self.business.map_or(sentences::LANGUAGE, |business| &business.language)
    }

    fn message_seconds(&self) -> u32 {
        self.business
            .map_or(USUAL_MESSAGE_SECONDS, |business| business.voicemail_seconds)
    }

    /// The words of a fixed sentence, as the business has them.
    fn wording(&self, key: Key) -> (String, String) {
        let own = self.business.and_then(|business| business.sentences.get(key.name()));
        if let Some(text) = own {
            return (self.language().to_owned(), text.clone());
        }
        let gender = self
            .business
            .map_or_else(Default::default, |business| business.agent_gender);
        (
            sentences::LANGUAGE.to_owned(),
            sentences::get(key, gender).text.to_owned(),
        )
    }

    /// A sentence in the phone company's voice, which needs nothing of ours.
    pub fn say(&self, key: Key) -> Verb {
        let (language, text) = self.wording(key);
        Verb::Say { language, text }
    }

    /// A sentence in the agent's voice where it can be fetched.
    pub fn speak(&self, key: Key) -> Verb {
        let Some(origin) = self.origin else {
            return self.say(key);
        };
        match self.business {
            Some(business) if business.sentences.contains_key(key.name()) => {
                self.fetched(origin, business, What::Sentence(key))
            }
            _ => self.clip(origin, key),
        }
    }

    fn clip(&self, origin: &PublicOrigin, key: Key) -> Verb {
        let ending = match self.business.map(|business| business.agent_gender) {
            Some(Gender::Masculine) => "_he_m.mp3",
            _ => "_he.mp3",
        };
        Verb::Play(origin.url(&format!("/static/tts/{}{ending}", key.name())))
    }

    fn fetched(&self, origin: &PublicOrigin, business: &VoiceBusiness, what: What) -> Verb {
        let spoken = Spoken {
            business: business.id,
            what,
        };
        let token = self.links.speech_token(&spoken, self.now);
        Verb::Play(origin.url(&format!("/media/tts/{token}")))
    }

    pub fn greeting(&self) -> Verb {
        let own = self
            .business
            .and_then(|business| Some((business, business.greeting_text.as_deref()?)));
        match (self.origin, own) {
            (Some(origin), Some((business, _))) => self.fetched(origin, business, What::Greeting),
            (Some(origin), None) => self.clip(origin, Key::Greeting),
            (None, Some((business, text))) => Verb::Say {
                language: business.language.clone(),
                text: text.to_owned(),
            },
            (None, None) => self.say(Key::Greeting),
        }
    }

    /// Greeting, that it is closed if it is, then a message after the tone.
    pub fn voicemail(&self) -> Twiml {
        let closed = self
            .business
            .is_some_and(|business| !business.calendar.is_open(self.now));
        let closed = closed.then(|| self.speak(Key::AfterHours));
        let message = [self.speak(Key::AfterTone), Verb::Pause { seconds: 1 }, self.record()];
        Twiml::new(iter::once(self.greeting()).chain(closed).chain(message))
    }

    fn record(&self) -> Verb {
        Verb::Record {
            max_seconds: self.message_seconds(),
        }
    }

    /// An apology, then a message after the tone.
    pub fn fallback(&self) -> Twiml {
        Twiml::new([self.speak(Key::Fallback), Verb::Pause { seconds: 1 }, self.record()])
    }

    /// Nobody came to the phone: a message instead.
    pub fn nobody_available(&self) -> Twiml {
        Twiml::new([
            self.speak(Key::NobodyAvailable),
            Verb::Pause { seconds: 1 },
            self.record(),
        ])
    }

    /// The recording did not arrive: once more.
    pub fn record_again(&self) -> Twiml {
        Twiml::new([
            self.speak(Key::RecordingMissing),
            Verb::Pause { seconds: 1 },
            self.record(),
        ])
    }

    pub fn thanks(&self) -> Twiml {
        Twiml::new([self.speak(Key::ThanksMessage), Verb::Hangup])
    }

    /// One sentence and the end.
    pub fn one_sentence(&self, key: Key) -> Twiml {
        Twiml::new([self.say(key), Verb::Hangup])
    }

    /// Greeting, then the conversation.
    pub fn realtime(&self, origin: &PublicOrigin, call_sid: &str) -> Twiml {
        Twiml::new([
            self.greeting(),
            Verb::Stream {
                url: origin.media_socket(),
                token: self.links.media_token(call_sid, self.now),
            },
        ])
    }

    /// Rings a person, whom `whisper` tells who calls.
    pub fn dial(&self, number: &str, call_id: i64) -> Twiml {
        Twiml::new([Verb::Dial {
            number: number.to_owned(),
            caller_id: self
                .business
                .and_then(|business| business.caller_id())
                .map(ToOwned::to_owned),
            ring_seconds: RING_SECONDS,
            whisper: Some(format!("{}?call={call_id}", twiml::WHISPER)),
            action: format!("{}?call={call_id}", twiml::DIAL_ENDED),
        }])
    }

    /// Says who calls and why, and asks for a 1. What is in front of the sentence comes from people and is said as it
    /// is.
    pub fn ask_for_one(&self, about: &str, action: String) -> Twiml {
        let (language, sentence) = self.wording(Key::TakeOverWhisper);
        let text = in_a_row(&[about, &sentence]);
        Twiml::new([
            Verb::GatherDigit {
                action,
                wait_seconds: PRESS_SECONDS,
                language,
                text,
            },
            Verb::Hangup,
        ])
    }

    /// Puts the caller into the room in which a person waits.
    pub fn bridge(&self, room: &str, call_id: i64) -> Twiml {
        let action = format!("{}?call={call_id}", twiml::DIAL_ENDED);
        Twiml::new([Verb::Conference {
            room: room.to_owned(),
            action: Some(self.origin.map_or_else(|| action.clone(), |origin| origin.url(&action))),
        }])
    }
}

/// Sentences one after the other, each with one mark at its end, whether or not it came with one.
pub fn in_a_row<S: AsRef<str>>(sentences: &[S]) -> String {
    let ended = sentences
        .iter()
        .map(|sentence| sentence.as_ref().trim())
        .filter(|sentence| !sentence.is_empty())
        .map(|sentence| {
            if sentence.ends_with(['.', '?', '!', '…']) {
                sentence.to_owned()
            } else {
                format!("{}.", sentence.trim_end_matches([',', ';', ':', ' ']))
            }
        });
    ended.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Option<PublicOrigin> {
        PublicOrigin::of(Some(&url.parse().expect("a url")))
    }

    #[test]
    fn https_is_reached_anywhere_and_http_on_loopback_only() {
        let https = origin("https://voice.example.com").expect("usable");
        assert_eq!(https.media_socket(), "wss://voice.example.com/ws/twilio-media");
        assert_eq!(https.url("/static/x.mp3"), "https://voice.example.com/static/x.mp3");
        let local = origin("http://127.0.0.1:5000").expect("usable");
        assert_eq!(local.media_socket(), "ws://127.0.0.1:5000/ws/twilio-media");
        assert_eq!(origin("http://voice.example.com"), None);
        assert_eq!(PublicOrigin::of(None), None);
    }

    #[test]
    fn each_sentence_ends_once() {
        for (parts, said) in [
            (["דנה לוי", "רוצה תור."], "דנה לוי. רוצה תור."),
            (["דחוף!", " אפשר היום?  "], "דחוף! אפשר היום?"),
            (["", "לחצו אחת."], "לחצו אחת."),
            (["צריך תור,", ""], "צריך תור."),
        ] {
            assert_eq!(in_a_row(&parts), said);
        }
    }
}
