//! Follows TwiML, verb after verb, as the document «TwiML for Programmable Voice» tells it.

use std::time::Duration;

use tokio::sync::mpsc;

use super::{
    Plan, dial, gather,
    line::{Break, Flow, Line},
    play, record, stream,
};
use crate::{
    report::{CallReport, Pace},
    twilio::{
        desk::Order,
        post::Expect,
        sign::Fields,
        twiml::{self, Callback, Document, Method, Verb},
    },
};

/// Twilio, too, ends calls that run in circles.
const MOST_DOCUMENTS: usize = 200;
/// Orders from the REST API that may wait for a call.
const ORDERS: usize = 8;

/// Where the next document comes from.
#[derive(Clone, Debug)]
pub struct Fetch {
    pub what: String,
    pub reference: String,
    pub method: Method,
    pub fields: Fields,
}

/// What a verb leads to.
pub enum After {
    /// The next verb of the document.
    Next,
    Fetch(Fetch),
}

/// Places the call and lives it to its end.
pub async fn place(plan: Plan) -> (CallReport, Pace) {
    let (send, orders) = mpsc::channel(ORDERS);
    let desk = plan.desk.clone();
    if let Some(desk) = &desk {
        desk.open(&plan.parties, send).await;
    }
    let mut line = Line::new(plan, orders);
    let ended = live(&mut line).await;
    finish(&mut line, &ended).await;
    if let Some(desk) = &desk {
        desk.close(&line.plan.parties, final_status(&line, &ended), line.seconds())
            .await;
    }
    match ended {
        Break::CallerHungUp => "the caller hung up",
        Break::Done => "TwiML ended",
        Break::Failed => "an error at Twilio",
        Break::Ordered(_) => "the REST API ended it",
    }
    .clone_into(&mut line.report.ended);
    line.report.finish(&line.tape);
    (line.report, line.pace)
}

async fn live(line: &mut Line) -> Break {
    let mut document = if let Some(twiml) = line.plan.paths.twiml.clone() {
        read(line, &twiml)
    } else {
        let fetch = Fetch {
            what: "incoming_call".to_owned(),
            reference: line.plan.paths.incoming.clone(),
            method: Method::Post,
            fields: line.plan.parties.call("ringing"),
        };
        fetch_document(line, fetch).await
    };
    for _ in 0..MOST_DOCUMENTS {
        let followed = match document {
            Ok(document) => follow(line, document.verbs).await,
            Err(broken) => Err(broken),
        };
        document = match followed {
            Ok(After::Next) => return Break::Done,
            Ok(After::Fetch(fetch)) => fetch_document(line, fetch).await,
            Err(Break::Ordered(Order::Twiml(twiml))) => {
                line.note("REST: other TwiML");
                read(line, &twiml)
            }
            Err(Break::Ordered(Order::Url(reference))) => {
                line.note("REST: redirected");
                let fields = line.plan.parties.call("in-progress");
                let fetch = Fetch {
                    what: "redirect".to_owned(),
                    reference,
                    method: Method::Post,
                    fields,
                };
                fetch_document(line, fetch).await
            }
            Err(broken) => return broken,
        };
    }
    line.note("too many documents");
    Break::Failed
}

/// The callbacks after the end.
async fn finish(line: &mut Line, ended: &Break) {
    line.report.duration_ms = line.now_us() / 1_000;
    line.catch_up().await;
    let Some(path) = line.plan.paths.status.clone() else {
        return;
    };
    let status = final_status(line, ended);
    let fields = line.plan.parties.status(status, line.seconds(), 0, &line.timestamp());
    line.base = line.plan.poster.manner().public_base.clone();
    line.tell("call_status", &path, Method::Post, &fields).await;
}

/// A call that never got TwiML has failed in Twilio's eyes.
fn final_status(line: &Line, ended: &Break) -> &'static str {
    if *ended == Break::Failed && line.report.path.is_empty() {
        "failed"
    } else {
        "completed"
    }
}

pub async fn fetch_document(line: &mut Line, fetch: Fetch) -> Flow<Document> {
    let answer = line
        .ask(
            &fetch.what,
            &fetch.reference,
            fetch.method,
            &fetch.fields,
            Expect::Twiml,
        )
        .await;
    line.catch_up().await;
    match answer {
        Ok((body, base)) => {
            line.base = base;
            read(line, &body)
        }
        Err(trouble) => {
            line.trouble(trouble);
            Err(Break::Failed)
        }
    }
}

fn read(line: &mut Line, xml: &str) -> Flow<Document> {
    match twiml::parse(xml) {
        Ok(document) => {
            for warning in &document.warnings {
                line.trouble(warning.clone());
            }
            Ok(document)
        }
        Err(trouble) => {
            line.trouble(trouble);
            Err(Break::Failed)
        }
    }
}

/// Follows the verbs until one leads elsewhere.
pub async fn follow(line: &mut Line, verbs: Vec<Verb>) -> Flow<After> {
    for verb in verbs {
        match one(line, verb).await? {
            After::Next => {}
            elsewhere @ After::Fetch(_) => return Ok(elsewhere),
        }
    }
    Ok(After::Next)
}

async fn one(line: &mut Line, verb: Verb) -> Flow<After> {
    match verb {
        Verb::Play { .. } | Verb::Say { .. } | Verb::Pause { .. } => prompt(line, verb).await.map(|()| After::Next),
        Verb::Record(verb) => record::record(line, verb).await,
        Verb::Connect { callback, stream } => stream::connect(line, callback, stream).await,
        Verb::Dial(verb) => Box::pin(dial::dial(line, verb)).await,
        Verb::Gather(verb) => gather::gather(line, verb).await,
        Verb::Redirect { url, method } => {
            line.note(format!("Redirect {url}"));
            let fields = line.plan.parties.call("in-progress");
            Ok(After::Fetch(Fetch {
                what: "redirect".to_owned(),
                reference: url,
                method,
                fields,
            }))
        }
        Verb::Hangup => {
            line.note("Hangup");
            Err(Break::Done)
        }
        Verb::Reject { reason } => {
            line.note(format!("Reject {reason}"));
            Err(Break::Done)
        }
    }
}

/// The verbs that only make the caller listen or wait.
pub async fn prompt(line: &mut Line, verb: Verb) -> Flow {
    match verb {
        Verb::Play { url, times } => play::play(line, &url, times).await,
        Verb::Say { text, language, .. } => play::say(line, &text, language.as_deref()).await,
        Verb::Pause { seconds } => {
            line.note(format!("Pause {seconds} s"));
            line.wait(Duration::from_secs(seconds)).await
        }
        _ => Ok(()),
    }
}

/// Where a verb with an action goes on: there with these fields, or without one at the next verb.
pub fn action(what: &str, callback: &Callback, fields: Fields) -> After {
    callback.action.clone().map_or(After::Next, |reference| {
        After::Fetch(Fetch {
            what: what.to_owned(),
            reference,
            method: callback.method,
            fields,
        })
    })
}

/// The caller has hung up: Twilio still asks for the action, but follows nothing any more.
pub async fn last_action(line: &mut Line, after: After) {
    if let After::Fetch(fetch) = after
        && let Err(trouble) = line
            .ask(
                &fetch.what,
                &fetch.reference,
                fetch.method,
                &fetch.fields,
                Expect::Twiml,
            )
            .await
    {
        line.trouble(trouble);
    }
}
