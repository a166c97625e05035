//! What a business says in its own words, as sound that Twilio can fetch.
//!
//! Spoken by the first engine that can, kept in memory by text and voice. The address is a token of
//! [`super::links`].

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use contracts::{
    audio::RATE_HZ,
    tts::{Gender, Speech},
};
use conversation::sentences;
use futures::StreamExt;
use kernel::Problem;
use moka::future::Cache;
use platform::http::{
    ApiError, ApiJson,
    fields::{Faults, Lines},
    list::{from_query, id_param},
    range::ranged,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::links::{Spoken, What};
use crate::{
    App, AppState,
    accounts::{businesses::settings::LONGEST_TEXT, sessions::Caller},
    calls::directory::VoiceBusiness,
};

/// One engine may take this long for a sentence; Twilio waits 15 s for all of them.
const PER_ENGINE: Duration = Duration::from_secs(5);
/// Bytes of sound that are kept.
const MOST_KEPT: u64 = 32 * 1024 * 1024;
/// A greeting that nobody heard for a day is spoken anew.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Before the sound of a sentence.
const WAV_HEADER_BYTES: usize = 44;
/// A sentence longer than this is cut.
const LONGEST_SAMPLES: usize = 120 * 8_000;

/// Sentences spoken lately, by text and voice.
pub struct Rendered(Cache<RenderedKey, Bytes>);

impl Default for Rendered {
    fn default() -> Self {
        let size = |_: &RenderedKey, wav: &Bytes| u32::try_from(wav.len()).unwrap_or(u32::MAX);
        Self(
            Cache::builder()
                .max_capacity(MOST_KEPT)
                .weigher(size)
                .time_to_idle(KEPT)
                .build(),
        )
    }
}

/// A business's own greeting as its callers hear it. Without a model the fixed questions follow at once, so that a
/// question at its end is left out.
pub fn own_greeting<'b>(app: &App, business: &'b VoiceBusiness) -> Option<&'b str> {
    let text = business.greeting_text.as_deref()?;
    let questions_follow = app.engines.llm.is_empty() || app.engines.stt.is_empty();
    Some(if questions_follow {
        sentences::before_question(text)
    } else {
        text
    })
}

/// The greeting that a caller has just heard, in mu-law; nothing of one that was spoken by another process.
pub async fn greeting_sound(app: &App, business: &VoiceBusiness) -> Bytes {
    let usual = sentences::get(sentences::Key::Greeting, business.agent_gender).clip;
    let Some(speech) = speech(app, business, What::Greeting) else {
        return Bytes::from_static(usual);
    };
    let wav = app.voice.rendered.0.get(&key(&speech)).await;
    let samples = wav
        .as_deref()
        .and_then(|wav| wav.get(WAV_HEADER_BYTES..))
        .unwrap_or_default();
    let samples = samples
        .as_chunks::<2>()
        .0
        .iter()
        .map(|sample| audio_codec_algorithms::encode_ulaw(i16::from_le_bytes(*sample)));
    samples.collect()
}

/// What a business says at this place, as an engine takes it.
fn speech(app: &App, business: &VoiceBusiness, what: What) -> Option<Speech> {
    let What::Sentence(key) = what else {
        let text = own_greeting(app, business)?.to_owned();
        return Some(greeting(business, text, business.agent_gender));
    };
    let own = business.sentences.get(key.name());
    let mut speech = sentences::get(key, business.agent_gender).speech(business.agent_gender, own.map(String::as_str));
    if own.is_some() {
        speech.language.clone_from(&business.language);
    }
    Some(speech)
}

/// A greeting of the business's own. The embedded voice can not read it well enough: it says the usual one.
fn greeting(business: &VoiceBusiness, text: String, gender: Gender) -> Speech {
    let usual = sentences::get(sentences::Key::Greeting, gender);
    Speech {
        text,
        phonemes: Some(usual.phonemes.to_owned()),
        language: business.language.clone(),
        gender,
        clip: Some(usual.clip),
        voice: None,
    }
}

/// By what it is kept.
type RenderedKey = (String, String, Gender);

fn key(speech: &Speech) -> RenderedKey {
    (speech.text.clone(), speech.language.clone(), speech.gender)
}

async fn render(app: &App, speech: Speech) -> Option<Bytes> {
    let key = key(&speech);
    if let Some(wav) = app.voice.rendered.0.get(&key).await {
        return Some(wav);
    }
    for engine in &app.engines.tts {
        let spoken = tokio::time::timeout(PER_ENGINE, collect(engine.as_ref(), speech.clone())).await;
        match spoken {
            Ok(Ok(samples)) if !samples.is_empty() => {
                let wav = wav(&samples)?;
                app.voice.rendered.0.insert(key, wav.clone()).await;
                return Some(wav);
            }
            Ok(Err(fault)) => tracing::warn!(
                engine = engine.name(),
                fault = fault.word(),
                "a sentence was not spoken"
            ),
            Ok(Ok(_)) | Err(_) => tracing::warn!(engine = engine.name(), "a sentence was not spoken in time"),
        }
    }
    let samples: Vec<i16> = speech.clip?.iter().map(|code| mu_law(*code)).collect();
    wav(&samples)
}

async fn collect(engine: &dyn contracts::tts::TextToSpeech, speech: Speech) -> Result<Vec<i16>, contracts::Fault> {
    let mut pieces = engine.speak(speech).await?;
    let mut samples = Vec::new();
    while let Some(piece) = pieces.next().await {
        samples.extend_from_slice(&piece?.0);
        if samples.len() > LONGEST_SAMPLES {
            break;
        }
    }
    Ok(samples)
}

fn mu_law(code: u8) -> i16 {
    audio_codec_algorithms::decode_ulaw(code)
}

fn wav(samples: &[i16]) -> Option<Bytes> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = std::io::Cursor::new(Vec::with_capacity(44 + samples.len() * 2));
    let mut writer = hound::WavWriter::new(&mut file, spec).ok()?;
    for sample in samples {
        writer.write_sample(*sample).ok()?;
    }
    writer.finalize().ok()?;
    Some(file.into_inner().into())
}

/// Begins to speak what Twilio will fetch in a moment.
pub fn prepare(app: &AppState, business: &Arc<VoiceBusiness>) {
    if business.greeting_text.is_none() {
        return;
    }
    let (app, business) = (app.clone(), business.clone());
    tokio::spawn(async move {
        if let Some(speech) = speech(&app, &business, What::Greeting) {
            render(&app, speech).await;
        }
    });
}

/// A sentence in the business's own words.
#[utoipa::path(get, path = "/media/tts/{token}", params(("token" = String, Path)),
    responses((status = 200, content_type = "audio/wav"), (status = 206, content_type = "audio/wav"), (status = 404), (status = 416)))]
pub async fn media(State(app): State<AppState>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let Some(Spoken { business, what }) = app.voice.links.spoken(&token, app.clock.now()) else {
        return ApiError::from(Problem::not_found()).into_response();
    };
    let Ok(Some(business)) = app.calls.directory.by_id(&app.db, business).await else {
        return ApiError::from(Problem::not_found()).into_response();
    };
    let rendered = match speech(&app, &business, what) {
        Some(speech) => render(&app, speech).await,
        None => None,
    };
    match rendered {
        Some(wav) => ranged(wav, "audio/wav", &headers),
        None => ApiError::from(Problem::not_found()).into_response(),
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = GreetingPreview)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    text: Option<String>,
    /// `feminine` or `masculine`; without it, the business's own.
    agent_gender: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Of {
    /// For an admin: in which business.
    business_id: Option<String>,
}

/// A greeting as callers would hear it; nothing is kept of it. While only the basic voice speaks, that is the usual one.
#[utoipa::path(post, path = "/api/voice/preview", params(Of), request_body = Preview,
    responses((status = 200, content_type = "audio/wav"), (status = 422), (status = 503)))]
pub async fn preview(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    ApiJson(wanted): ApiJson<Preview>,
) -> Result<Response, ApiError> {
    let of: Of = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_create(id_param("business_id", of.business_id.as_deref())?)?;
    let mut faults = Faults::default();
    let text = wanted.text.ok_or_else(|| Problem::missing("text"))?;
    let text = faults.text("text", &text, LONGEST_TEXT, Lines::Many);
    let gender = match wanted.agent_gender.as_deref() {
        None => None,
        Some("feminine") => Some(Gender::Feminine),
        Some("masculine") => Some(Gender::Masculine),
        Some(_) => {
            faults.add("agent_gender", "unknown_value", "is feminine or masculine");
            None
        }
    };
    faults.done()?;
    let text = text.ok_or_else(|| Problem::missing("text"))?;
    let business = app.calls.directory.by_id(&app.db, scope.business()?).await?;
    let business = business.ok_or_else(Problem::not_found)?;
    let wav = render(&app, greeting(&business, text, gender.unwrap_or(business.agent_gender))).await;
    let wav = wav.ok_or_else(|| Problem::new(503, "provider_unavailable", "no voice could speak it"))?;
    Ok(([(CONTENT_TYPE, "audio/wav")], wav).into_response())
}
