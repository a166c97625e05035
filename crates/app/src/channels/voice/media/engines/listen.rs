//! From an utterance to text.

use contracts::stt::{SpeechToText, Utterance};
use conversation::call::UtteranceId;
use tokio::time::Instant;

use super::{
    Line, Told,
    health::{Kind, order},
    within,
};

/// Asks the recognisers in their order, all of them within one deadline.
pub async fn recognise(line: Line, utterance: UtteranceId, what: Utterance) {
    let told = match hear(&line, what).await {
        Some(text) => Told::Recognised { utterance, text },
        None => Told::NotRecognised { utterance },
    };
    line.tell(told).await;
}

async fn hear(line: &Line, what: Utterance) -> Option<String> {
    let studio = &line.studio;
    let until = Instant::now() + studio.deadlines.recognition;
    for engine in order(
        &studio.health,
        Kind::Recogniser,
        &studio.engines.stt,
        SpeechToText::name,
    ) {
        let left = until.saturating_duration_since(Instant::now());
        let deadline = studio.deadlines.recogniser.min(left);
        match within(deadline, engine.transcribe(what.clone())).await {
            Ok(transcript) => {
                studio.health.succeeded(Kind::Recogniser, engine.name());
                return Some(transcript.text);
            }
            Err(why) => studio.failed(Kind::Recogniser, engine.name(), &why),
        }
    }
    None
}
