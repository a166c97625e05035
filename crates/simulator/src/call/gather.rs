//! `<Gather>`: keys while a prompt is heard, or after it.

use std::time::Duration;

use super::{
    Step,
    follow::{After, action, prompt},
    line::{Flow, Line},
};
use crate::twilio::{forms::with, twiml::Gather};

/// A person takes this long to find a key.
const KEY: Duration = Duration::from_millis(400);

pub async fn gather(line: &mut Line, verb: Gather) -> Flow<After> {
    line.note("Gather");
    for one in verb.prompts {
        prompt(line, one).await?;
    }
    let mut digits = String::new();
    if let Some(Step::Press(keys)) = line.steps.front().cloned() {
        line.steps.pop_front();
        for key in keys.chars() {
            line.wait(KEY).await?;
            if verb.finish_on_key.contains(key) {
                break;
            }
            digits.push(key);
            if Some(digits.chars().count()) == verb.num_digits {
                break;
            }
        }
    }
    if digits.is_empty() {
        line.wait(Duration::from_secs(verb.timeout_seconds)).await?;
        if !verb.action_on_empty {
            return Ok(After::Next);
        }
    }
    let fields = with(
        line.plan.parties.call("in-progress"),
        [
            ("Digits", digits),
            ("FinishedOnKey", String::new()),
            ("msg", "Gather End".to_owned()),
        ],
    );
    // Without an action the same document is asked for again.
    let callback = crate::twilio::twiml::Callback {
        action: verb.callback.action.or_else(|| Some(line.base.to_string())),
        method: verb.callback.method,
    };
    Ok(action("gather", &callback, fields))
}
