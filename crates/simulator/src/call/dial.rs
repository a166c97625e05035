//! `<Dial>`: somebody else is rung, perhaps asked to accept, and talked to.

use std::time::Duration;

use tokio::{sync::mpsc, time::Instant};

use super::{
    Answering, DialResult, Plan, Step,
    follow::{After, Fetch, action, fetch_document, follow, last_action},
    line::{Break, Flow, Line},
    plan::Paths,
};
use crate::{
    report::Dialled,
    twilio::{
        forms::{Parties, with},
        sids::sid,
        trouble::{INVALID_NUMBER, Trouble},
        twiml::{Dial, Number},
    },
};

/// What became of the ringing.
struct Rung {
    result: DialResult,
    call_sid: String,
    talked: Duration,
}

pub async fn dial(line: &mut Line, verb: Dial) -> Flow<After> {
    let Some(number) = verb.numbers.first().cloned().filter(|number| !number.number.is_empty()) else {
        line.trouble(Trouble::new(INVALID_NUMBER, "<Dial> without a number"));
        return Err(Break::Failed);
    };
    line.note(format!("Dial {} for up to {} s", number.number, verb.ring_seconds));
    let begun = Instant::now();
    let (rung, ended) = ring(line, &verb, &number).await;
    line.report.dials.push(Dialled {
        number: number.number.clone(),
        result: rung.result.word().to_owned(),
        talked_ms: u64::try_from(rung.talked.as_millis()).unwrap_or(u64::MAX),
    });
    line.note(format!(
        "Dial ended: {} after {} ms",
        rung.result.word(),
        begun.elapsed().as_millis()
    ));
    let status = if ended == Err(Break::CallerHungUp) {
        "completed"
    } else {
        "in-progress"
    };
    let talked = rung.result == DialResult::Answered;
    let mut fields = with(
        line.plan.parties.call(status),
        [
            ("DialCallSid", rung.call_sid),
            ("DialCallStatus", rung.result.word().to_owned()),
            ("DialBridged", talked.to_string()),
        ],
    );
    if talked {
        fields.push(("DialCallDuration".to_owned(), rung.talked.as_secs().to_string()));
    }
    let after = action("dial_ended", &verb.callback, fields);
    if ended == Err(Break::CallerHungUp) {
        last_action(line, after).await;
        return Err(Break::CallerHungUp);
    }
    ended.map(|()| after)
}

async fn ring(line: &mut Line, verb: &Dial, number: &Number) -> (Rung, Flow) {
    let dialled = line.plan.dialled.clone();
    let mut rung = Rung {
        result: DialResult::NoAnswer,
        call_sid: sid("CA"),
        talked: Duration::ZERO,
    };
    let limit = Duration::from_secs(verb.ring_seconds);
    let unanswered = dialled.result == DialResult::NoAnswer || dialled.after > limit;
    let parties = Parties {
        call_sid: rung.call_sid.clone(),
        from: verb.caller_id.clone().unwrap_or_else(|| line.plan.parties.from.clone()),
        to: number.number.clone(),
        forwarded_from: None,
        direction: "outbound-dial",
        account_sid: line.plan.parties.account_sid.clone(),
    };
    report(line, number, &parties, "ringing").await;
    if let Err(broken) = line.wait(if unanswered { limit } else { dialled.after }).await {
        return (rung, Err(broken));
    }
    rung.result = if unanswered {
        DialResult::NoAnswer
    } else {
        dialled.result
    };
    if rung.result == DialResult::Answered && number.url.is_some() && !accepts(line, number, &parties, &dialled).await {
        rung.result = DialResult::NoAnswer;
    }
    let ended = if rung.result == DialResult::Answered {
        report(line, number, &parties, "in-progress").await;
        let begun = Instant::now();
        let talk = dialled.talk.min(Duration::from_secs(verb.time_limit_seconds));
        let ended = line.wait(talk).await;
        rung.talked = begun.elapsed();
        ended
    } else {
        Ok(())
    };
    report(line, number, &parties, rung.result.word()).await;
    (rung, ended)
}

/// The TwiML for the one who answered: it connects both by running out, and does not by hanging up.
async fn accepts(line: &mut Line, number: &Number, parties: &Parties, dialled: &Answering) -> bool {
    let Some(reference) = number.url.clone() else {
        return true;
    };
    let (_orders, receive) = mpsc::channel(1);
    let plan = Plan {
        parties: parties.clone(),
        steps: [Step::Press(dialled.press.clone())]
            .into_iter()
            .filter(|_| !dialled.press.is_empty())
            .collect(),
        paths: Paths {
            status: None,
            ..Paths::default()
        },
        drop_after: None,
        ..line.plan.clone()
    };
    let parent = line.plan.parties.call_sid.clone();
    let mut child = Line::new(plan, receive);
    child.base = line.base.clone();
    let fields = with(parties.call("in-progress"), [("ParentCallSid", parent)]);
    let mut fetch = Fetch {
        what: "dial_whisper".to_owned(),
        reference,
        method: number.method,
        fields,
    };
    let accepted = loop {
        let followed = match fetch_document(&mut child, fetch).await {
            Ok(document) => follow(&mut child, document.verbs).await,
            Err(broken) => Err(broken),
        };
        match followed {
            Ok(After::Next) => break true,
            Ok(After::Fetch(next)) => fetch = next,
            Err(_) => break false,
        }
    };
    line.report.webhooks.append(&mut child.report.webhooks);
    line.report.errors.append(&mut child.report.errors);
    for followed in child.report.path {
        line.note(format!("the one dialled: {}", followed.verb));
    }
    accepted
}

async fn report(line: &mut Line, number: &Number, parties: &Parties, status: &str) {
    let Some(path) = number.status_callback.clone() else {
        return;
    };
    // Only `completed` is sent unless more is asked for.
    let event = match status {
        "ringing" => "ringing",
        "in-progress" => "answered",
        _ => "completed",
    };
    let asked = number.status_events.iter().any(|wanted| wanted == event);
    if !asked && (event != "completed" || !number.status_events.is_empty()) {
        return;
    }
    let fields = with(
        parties.status(status, 0, 0, &line.timestamp()),
        [("ParentCallSid", line.plan.parties.call_sid.clone())],
    );
    line.tell("dial_status", &path, number.status_method, &fields).await;
}
