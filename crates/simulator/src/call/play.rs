//! `<Play>` and `<Say>`: the caller listens.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use reqwest::header;
use url::Url;

use super::{
    line::{Break, Flow, Line},
    tape::Side,
};
use crate::{
    audio::{RATE_HZ, decode, duration_ms, tone_speech},
    report::Played,
    twilio::{
        post::LIMIT,
        trouble::{CONTENT_TYPE, HTTP_RETRIEVAL, Trouble},
    },
};

/// What Twilio plays, after «Play: supported audio file types».
const PLAYABLE: &[&str] = &[
    "audio/mpeg",
    "audio/wav",
    "audio/wave",
    "audio/x-wav",
    "audio/aiff",
    "audio/x-aifc",
    "audio/x-aiff",
    "audio/x-gsm",
    "audio/gsm",
    "audio/ulaw",
    "audio/basic",
];

pub async fn play(line: &mut Line, url: &str, times: u32) -> Flow {
    line.note(format!("Play {url}"));
    let samples = match fetch(line, url).await {
        Ok(samples) => samples,
        Err(trouble) => {
            line.trouble(trouble);
            return Err(Break::Failed);
        }
    };
    for _ in 0..times.clamp(1, 100) {
        listen(line, &samples, false).await?;
    }
    Ok(())
}

/// Twilio's own voices are not simulated; the text is hummed, so that it takes about its time.
pub async fn say(line: &mut Line, text: &str, language: Option<&str>) -> Flow {
    line.note(format!("Say [{}] {text}", language.unwrap_or("en-US")));
    listen(line, &tone_speech(text, RATE_HZ), true).await
}

async fn listen(line: &mut Line, samples: &[i16], hummed: bool) -> Flow {
    let begun_us = line.now_us();
    line.hear(Side::Agent, begun_us, samples);
    line.greeted = true;
    if line.plan.options.skip_play {
        return Ok(());
    }
    let waited = line.wait(Duration::from_millis(duration_ms(samples.len()))).await;
    if waited.is_err() {
        let now_us = line.now_us();
        line.tape.cut(Side::Agent, now_us);
    } else if !hummed {
        line.report.played_ms += duration_ms(samples.len());
    }
    waited
}

async fn fetch(line: &mut Line, url: &str) -> Result<Arc<[i16]>, Trouble> {
    let failed = |message: String| Trouble::new(HTTP_RETRIEVAL, format!("<Play> {url}: {message}"));
    let parsed = Url::parse(url).map_err(|error| failed(error.to_string()))?;
    let reached = line.poster().reach(&parsed);
    let begun = std::time::Instant::now();
    let answer = line
        .poster()
        .http()
        .get(reached)
        .timeout(LIMIT)
        .send()
        .await
        .map_err(|e| failed(e.to_string()))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(failed(format!("answered {status}")));
    }
    let content_type = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase())
        .ok_or_else(|| failed("no content type".to_owned()))?;
    if !PLAYABLE.contains(&content_type.as_str()) {
        return Err(Trouble::new(
            CONTENT_TYPE,
            format!("<Play> {url}: content type {content_type}"),
        ));
    }
    let bytes = answer.bytes().await.map_err(|error| failed(error.to_string()))?;
    let took_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let size = bytes.len();
    let decoded = decoded(bytes).await.map_err(|error| failed(format!("{error:#}")))?;
    line.report.plays.push(Played {
        url: url.to_owned(),
        content_type,
        bytes: size,
        took_ms,
        audio_ms: duration_ms(decoded.len()),
        level_dbfs: crate::audio::rms_dbfs(&decoded),
    });
    Ok(decoded)
}

/// Files that were decoded already, by their content: a thousand calls hear the same greeting.
static HEARD: LazyLock<Mutex<HashMap<Bytes, Arc<[i16]>>>> = LazyLock::new(Mutex::default);
const MOST_HEARD: usize = 32;

async fn decoded(file: Bytes) -> anyhow::Result<Arc<[i16]>> {
    let heard = || HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(samples) = heard().get(&file) {
        return Ok(Arc::clone(samples));
    }
    // Away from the tasks that must send a frame every 20 ms.
    let read = file.clone();
    let samples: Arc<[i16]> = tokio::task::spawn_blocking(move || decode(&read))
        .await??
        .samples
        .into();
    let mut heard = heard();
    if heard.len() >= MOST_HEARD {
        heard.clear();
    }
    heard.insert(file, Arc::clone(&samples));
    Ok(samples)
}
