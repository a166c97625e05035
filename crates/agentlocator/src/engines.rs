//! The registry of engines: which are configured, in the order in which a call tries them.
//!
//! The scripted flow is no engine: it is what the conversation does when no language model answers.

use std::sync::Arc;

use app::Engines;
use contracts::{Fault, llm::LanguageModel, mail::Mailer, stt::SpeechToText, telephony::Telephony, tts::TextToSpeech};
use providers::{
    Http,
    llm::openai::{self as llm_openai, OpenAiLlm},
    mail::smtp::{self, Smtp},
    stt::openai::{self as stt_openai, OpenAiStt},
    telephony::twilio::{self, Twilio},
    tts::{
        espeak::Espeak,
        gtts::Gtts,
        openai::{self as tts_openai, OpenAiTts},
    },
};

use crate::config::{EngineSettings, Settings};

/// The program of the embedded voice, found on the path.
const ESPEAK: &str = "espeak-ng";

/// One set of connections for all providers.
pub fn http() -> Result<Http, Fault> {
    Http::new(platform::http::request_id::current)
}

pub fn engines(http: &Http, settings: &EngineSettings) -> Engines {
    Engines {
        stt: in_order(&settings.stt_order, |name| stt(http, settings, name)),
        llm: in_order(&settings.llm_order, |name| llm(http, settings, name)),
        tts: in_order(&settings.tts_order, |name| tts(http, settings, name)),
    }
}

fn in_order<E: ?Sized>(order: &[String], engine: impl Fn(&str) -> Option<Arc<E>>) -> Vec<Arc<E>> {
    order.iter().filter_map(|name| engine(name)).collect()
}

fn stt(http: &Http, settings: &EngineSettings, name: &str) -> Option<Arc<dyn SpeechToText>> {
    match name {
        "openai" if settings.stt.usable => Some(Arc::new(OpenAiStt::new(
            http.clone(),
            stt_openai::Settings {
                base: settings.stt.base_url.clone(),
                key: settings.openai_api_key.clone(),
                model: settings.stt.model.clone(),
            },
        ))),
        _ => None,
    }
}

fn llm(http: &Http, settings: &EngineSettings, name: &str) -> Option<Arc<dyn LanguageModel>> {
    match name {
        "openai" if settings.llm.usable => Some(Arc::new(OpenAiLlm::new(
            http.clone(),
            llm_openai::Settings {
                base: settings.llm.base_url.clone(),
                key: settings.openai_api_key.clone(),
                model: settings.llm.model.clone(),
            },
        ))),
        _ => None,
    }
}

fn tts(http: &Http, settings: &EngineSettings, name: &str) -> Option<Arc<dyn TextToSpeech>> {
    match name {
        "openai" if settings.tts.usable => Some(Arc::new(OpenAiTts::new(
            http.clone(),
            tts_openai::Settings {
                base: settings.tts.base_url.clone(),
                key: settings.openai_api_key.clone(),
                model: settings.tts.model.clone(),
                voice: Some(settings.tts_voice.clone()).filter(|voice| !voice.is_empty()),
            },
        ))),
        "gtts" => Some(Arc::new(Gtts::new(http.clone(), settings.gtts_base_url.clone()))),
        "espeak" => Some(Arc::new(Espeak::new(ESPEAK))),
        _ => None,
    }
}

/// `None` without the account's sid and token.
pub fn telephony(http: &Http, settings: &Settings) -> Option<Arc<dyn Telephony>> {
    Some(Arc::new(Twilio::new(
        http.clone(),
        twilio::Settings {
            base: settings.twilio.api_base.clone(),
            account_sid: settings.twilio.account_sid.clone()?,
            auth_token: settings.twilio.auth_token.clone()?,
        },
    )))
}

/// `None` without `SMTP_URL`: then no mail is sent.
pub fn mail(settings: &Settings) -> anyhow::Result<Option<Arc<dyn Mailer>>> {
    let Some(mail) = &settings.mail else {
        return Ok(None);
    };
    let from = smtp::sender(&mail.from).map_err(|why| anyhow::anyhow!("MAIL_FROM {why}"))?;
    let server = mail.server.clone();
    Ok(Some(Arc::new(Smtp::new(smtp::Settings { server, from }))))
}
