//! A call as the records know it becomes a call as the conversation begins it.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use contracts::audio::RATE_HZ;
use conversation::{
    call::{Adaptive, Call, Caller, Command, Config, Greeting, Hearing, Limits, Timing, Transfer, TurnId, Voice},
    prompt::{self, Briefing},
    sentences::{self, Fixed, Key},
    tools,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    LIVE_RECORDINGS,
    driver::{Facts, Opening},
    office::Office,
    recording::Recording,
    wire::Start,
};
use crate::{AppState, calls::live::LiveCall, channels::voice::speech};

/// Longest hint for a recogniser, in characters.
const HINT_CHARS: usize = 200;

pub async fn of(
    app: &AppState,
    start: Start,
    live: LiveCall,
    commands: mpsc::Receiver<Command>,
    drain: CancellationToken,
) -> Opening {
    let now = app.clock.now();
    let (greeting, before) = greeting(app, &live).await;
    let config = config(app, &live, greeting, now);
    let name = format!("{}.{}", live.call_sid, now.timestamp_millis());
    let facts = Facts {
        call_sid: live.call_sid.clone(),
        business_id: live.business.id.get(),
        language: live.business.language.clone(),
        hint: hint(&live),
    };
    Opening {
        call: Call::new(config, Box::new(Adaptive::default())),
        facts,
        stream_sid: start.stream_sid,
        recording: Some(Recording::begin(
            &app.settings.data_dir.join(LIVE_RECORDINGS),
            &name,
            before,
        )),
        studio: app.media.studio.clone(),
        desk: Arc::new(Office::new(app.clone(), live)),
        commands,
        drain,
    }
}

fn config(app: &AppState, live: &LiveCall, greeting: Greeting, now: DateTime<Utc>) -> Config {
    let business = &live.business;
    let engines = &app.media.studio.engines;
    let voice = Voice {
        gender: business.agent_gender,
        language: business.language.clone(),
        name: None,
        wording: business.sentences.clone(),
    };
    let opening = opening_words(live, now);
    let someone = business.transfer_to.is_some() || !business.call_out_order.is_empty();
    let transfer = if someone && !live.closed && !live.test {
        Transfer::Possible
    } else {
        Transfer::Impossible
    };
    Config {
        greeting,
        caller: Caller {
            name: live
                .customer
                .as_ref()
                .map(|customer| customer.name.clone())
                .filter(|name| is_name(name)),
            hidden: live.caller_hidden && live.customer.is_none() && !live.test,
        },
        engines: conversation::call::Engines {
            recogniser: !engines.stt.is_empty(),
            model: !engines.llm.is_empty(),
        },
        transfer,
        system_prompt: prompt::system(&briefing(live, now, &opening, transfer)),
        tools: tools::specs(),
        opening,
        voice,
        hearing: Hearing::default(),
        timing: Timing::default(),
        limits: Limits {
            call_ms: u64::from(business.max_call_seconds) * 1_000,
            tokens: u64::from(business.max_call_tokens),
            ..Limits::default()
        },
        turns_before: TurnId::try_from(live.turns_before).unwrap_or(0),
        began: now.with_timezone(&business.zone),
    }
}

/// A customer made from a call without a name is called by its phone; that is nobody's name.
fn is_name(name: &str) -> bool {
    name.chars().any(char::is_alphabetic)
}

/// The first words, and their sound where the caller has heard them before this stream: mu-law.
async fn greeting(app: &AppState, live: &LiveCall) -> (Greeting, Bytes) {
    let own = speech::own_greeting(app, &live.business).map(ToOwned::to_owned);
    if !live.greeting_played && live.turns_before == 0 {
        return (Greeting::Spoken(own), Bytes::new());
    }
    let sound = if live.greeting_played {
        speech::greeting_sound(app, &live.business).await
    } else {
        Bytes::new()
    };
    let length_ms = u64::try_from(sound.len()).unwrap_or(0) * 1_000 / u64::from(RATE_HZ);
    let usual = || {
        sentences::get(Key::Greeting, live.business.agent_gender)
            .text
            .to_owned()
    };
    let text = own.unwrap_or_else(usual);
    (Greeting::Played { text, length_ms }, sound)
}

fn opening_words(live: &LiveCall, now: DateTime<Utc>) -> Vec<Fixed> {
    live.after_hours.as_ref().map_or_else(Vec::new, |next| {
        let now = now.with_timezone(&next.zone).naive_local();
        sentences::opening(now, next.local().naive_local(), live.business.agent_gender)
    })
}

fn briefing(live: &LiveCall, now: DateTime<Utc>, opening: &[Fixed], transfer: Transfer) -> Briefing {
    let business = &live.business;
    let local = now.with_timezone(&business.zone);
    Briefing {
        business: business.name.clone(),
        agent_name: business.agent_name.clone(),
        agent_gender: business.agent_gender,
        language: business.language.clone(),
        house_rules: business.agent_prompt.clone(),
        facts: business
            .facts
            .iter()
            .map(|(topic, text)| (topic.clone(), text.clone()))
            .collect(),
        hours: business.calendar.in_words(now),
        now: local.format("%A %Y-%m-%d %H:%M").to_string(),
        caller_name: live
            .customer
            .as_ref()
            .map(|customer| customer.name.clone())
            .filter(|name| is_name(name)),
        caller_hidden: live.caller_hidden && live.customer.is_none() && !live.test,
        opens: live.closed.then(|| sentences::joined_text(opening)),
        transfer_possible: transfer == Transfer::Possible,
    }
}

/// Names that a recogniser would otherwise spell in its own way.
fn hint(live: &LiveCall) -> Option<String> {
    let business = &live.business;
    let words = [Some(business.name.as_str()), business.agent_name.as_deref()]
        .into_iter()
        .flatten()
        .chain(business.facts.keys().map(String::as_str));
    let hint = words.collect::<Vec<_>>().join(", ");
    (!hint.is_empty()).then(|| hint.chars().take(HINT_CHARS).collect())
}
