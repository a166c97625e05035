//! `<Record>`: the caller leaves a message, and Twilio's API has it afterwards.

use std::time::Duration;

use super::{
    Step,
    follow::{After, Fetch, action, last_action},
    line::{Break, Flow, Line},
    tape::Side,
};
use crate::{
    audio::{duration_ms, samples_in},
    report::RecordingMade,
    twilio::{
        forms::{Recording, with},
        sids::sid,
        trouble::{HTTP_RETRIEVAL, Trouble},
        twiml::{Method, Record},
    },
};

const BEEP_MS: u64 = 400;
const BEFORE_SPEAKING_MS: u64 = 500;
const BETWEEN_LINES_MS: u64 = 700;

/// What was recorded and why it ended.
struct Message {
    samples: Vec<i16>,
    /// The key that ended it, `hangup`, or nothing.
    ended_by: String,
    text: Vec<String>,
}

pub async fn record(line: &mut Line, verb: Record) -> Flow<After> {
    line.note(format!("Record up to {} s", verb.max_seconds));
    if verb.play_beep {
        line.wait(Duration::from_millis(BEEP_MS)).await?;
    }
    let begun_us = line.now_us();
    let started = line.timestamp();
    let mut message = compose(line, &verb);
    line.hear(Side::Caller, begun_us, &message.samples);
    let spoken = line
        .wait(Duration::from_millis(duration_ms(message.samples.len())))
        .await;
    if let Err(broken) = &spoken {
        let now_us = line.now_us();
        line.tape.cut(Side::Caller, now_us);
        message.samples.truncate(samples_in((now_us - begun_us) / 1_000));
        if *broken == Break::CallerHungUp {
            "hangup".clone_into(&mut message.ended_by);
        }
    }
    let ended = match spoken {
        Ok(()) if message.ended_by == "hangup" => Err(Break::CallerHungUp),
        other => other,
    };
    let status = if ended.is_ok() { "in-progress" } else { "completed" };
    if let Err(Break::Ordered(_)) = ended {
        store(line, &message).await;
        return ended.map(|()| After::Next);
    }
    // Silence only: Twilio does not ask for the action then.
    if message.text.is_empty() && message.ended_by.is_empty() {
        return ended.map(|()| After::Next);
    }
    let recording = store(line, &message).await;
    let after = action(
        "handle_recording",
        &verb.callback,
        fields(line, &recording, &message, status),
    );
    report_later(line, &verb, &recording, &started);
    match ended {
        Ok(()) => Ok(after),
        Err(broken) => {
            last_action(line, after).await;
            Err(broken)
        }
    }
}

/// What the caller says into this recording.
fn compose(line: &mut Line, verb: &Record) -> Message {
    let most = samples_in(verb.max_seconds * 1_000);
    let mut message = Message {
        samples: vec![0; samples_in(BEFORE_SPEAKING_MS)],
        ended_by: String::new(),
        text: Vec::new(),
    };
    while let Some(step) = line.steps.pop_front() {
        match step {
            Step::Say(what) | Step::BargeIn { what, .. } => {
                message.samples.extend(what.samples());
                message
                    .samples
                    .resize(message.samples.len() + samples_in(BETWEEN_LINES_MS), 0);
                message.text.push(what.text.to_string());
            }
            Step::Silence { ms } => message.samples.resize(message.samples.len() + samples_in(ms), 0),
            Step::Press(keys) => {
                if let Some(key) = keys.chars().find(|key| verb.finish_on_key.contains(*key)) {
                    message.ended_by = key.to_string();
                    break;
                }
            }
        }
        if message.samples.len() >= most {
            break;
        }
    }
    if message.ended_by.is_empty() && line.plan.options.hang_up_in_recording {
        "hangup".clone_into(&mut message.ended_by);
    } else if message.ended_by.is_empty() {
        message
            .samples
            .resize(message.samples.len() + samples_in(verb.timeout_seconds * 1_000), 0);
    }
    message.samples.truncate(most);
    message
}

fn fields(line: &Line, recording: &Recording, message: &Message, status: &str) -> crate::twilio::sign::Fields {
    with(
        line.plan.parties.call(status),
        [
            ("RecordingSid", recording.sid.clone()),
            ("RecordingUrl", recording.url.clone()),
            ("RecordingDuration", recording.seconds.to_string()),
            ("Digits", message.ended_by.clone()),
        ],
    )
}

/// Gives the recording to the API's stand-in.
async fn store(line: &mut Line, message: &Message) -> Recording {
    let recording_sid = sid("RE");
    let duration_ms = duration_ms(message.samples.len());
    let parties = &line.plan.parties;
    let url = match &line.plan.desk {
        Some(desk) => desk.keep(parties, &recording_sid, &message.samples).await,
        None => Err(anyhow::anyhow!("no stand-in of Twilio's API keeps recordings")),
    };
    let url = url.unwrap_or_else(|error| {
        line.trouble(Trouble::new(
            HTTP_RETRIEVAL,
            format!("the recording is not kept: {error:#}"),
        ));
        format!(
            "https://api.twilio.com/2010-04-01/Accounts/{}/Recordings/{recording_sid}",
            line.plan.parties.account_sid
        )
    });
    line.report.recordings.push(RecordingMade {
        recording_sid: recording_sid.clone(),
        url: url.clone(),
        duration_ms,
        text: message.text.clone(),
        level_dbfs: crate::audio::rms_dbfs(&message.samples),
    });
    Recording {
        sid: recording_sid,
        url,
        seconds: duration_ms.div_ceil(1_000),
    }
}

/// Twilio reports the finished recording after it has asked for the action.
fn report_later(line: &mut Line, verb: &Record, recording: &Recording, started: &str) {
    let asked = verb.status_callback.clone().map(|path| (path, verb.status_method));
    let Some((reference, method)) = asked.or_else(|| {
        line.plan
            .paths
            .recording_status
            .clone()
            .map(|path| (path, Method::Post))
    }) else {
        return;
    };
    let fields = line.plan.parties.recording(recording, "completed", started);
    line.later.push(Fetch {
        what: "recording_status".to_owned(),
        reference,
        method,
        fields,
    });
}
