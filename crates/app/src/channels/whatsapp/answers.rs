//! What the business says to a message by itself, as its policy is: nothing, that it is closed, the agent's answer, or a
//! draft of it.
//!
//! The model is asked with no transaction open; before anything is said it is looked again whether it still is the last
//! word: whoever has written meanwhile, the other side or a person of the business, makes an answer void.

use std::{sync::Arc, time::Duration};

use calendar::Language;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::llm::{Delta, LanguageModel, Message, Prompt, ToolCall};
use conversation::{
    chat::{self, Decision},
    prompt::{self, Briefing},
    tools,
};
use futures::StreamExt;
use kernel::{CustomerId, Module, Problem, Scope};
use platform::{
    db::{ReadTx, WriteTx},
    jobs::{Job, JobContext, Outcome, Pause},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, Order};
use serde::{Deserialize, Serialize};

use crate::{
    App, AppState,
    accounts::businesses::{self, hours::Office, whatsapp::AnswerPolicy},
    calls::directory::VoiceBusiness,
    conversations::tools::{Around, Place, run},
    crm::customers,
    threads::{
        dispatch,
        model::Source,
        outgoing::{self, Content, Draft, To},
        store::{self, file, message, thread},
        work,
    },
};

/// What was written longer ago is old: no machine answers it.
const STALE_AFTER: TimeDelta = TimeDelta::minutes(15);
/// Messages that the model reads.
const REMEMBERED: u64 = 30;
/// Times that the model may use tools before it must answer.
const MOST_ROUNDS: usize = 4;
const MAX_TOKENS: u32 = 700;
/// For one answer of a model, whole.
const PATIENCE: Duration = Duration::from_secs(40);

/// Answers a thread, if this message is still the last word in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub thread_id: i64,
    pub message_id: i64,
}

impl Job<AppState> for Answer {
    const KIND: &'static str = "whatsapp.answer";
    const MAX_ATTEMPTS: u32 = 3;
    const CONCURRENCY: usize = 8;
    const TIME_LIMIT: Duration = Duration::from_secs(240);
    const PAUSE: Pause = Pause::ModuleOff(Module::Whatsapp);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match Box::pin(self.work(&app, &ctx)).await {
            Err(problem) if problem.status == 404 => Outcome::Done,
            result => result.into(),
        }
    }
}

/// What is answered, and by whom.
struct Asked {
    business: Arc<VoiceBusiness>,
    customer: customers::store::Model,
    policy: AnswerPolicy,
}

impl Answer {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<(), Problem> {
        let scope = ctx.scope();
        let Some(business) = app.calls.directory.by_id(&app.db, scope.business()?).await? else {
            return Ok(());
        };
        let tx = app.db.read(scope).await?;
        let asked = self.asked(&tx, business).await?;
        tx.done().await?;
        let Some(asked) = asked else { return Ok(()) };
        match asked.policy {
            AnswerPolicy::Off => Ok(()),
            AnswerPolicy::Hours => Box::pin(self.say_closed(app, scope, &asked)).await,
            AnswerPolicy::Ai | AnswerPolicy::Suggest => Box::pin(self.think(app, scope, &asked)).await,
        }
    }

    /// `None` when nothing is to be said.
    async fn asked(&self, tx: &ReadTx, business: Arc<VoiceBusiness>) -> Result<Option<Asked>, Problem> {
        let row = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
        let choices = businesses::whatsapp::Choices::of(&row);
        let thread = tx.get::<thread::Entity>(self.thread_id).await?;
        let message = tx.get::<message::Entity>(self.message_id).await?;
        let Some(policy) = policy(&row, choices.answer_policy, tx.now()) else {
            return Ok(None);
        };
        if !self.is_last_word(&thread) || tx.now() - message.at > STALE_AFTER {
            return Ok(None);
        }
        let Some(customer) = thread.customer_id else {
            return Ok(None); // people of the business itself
        };
        let customer = tx.get::<customers::store::Entity>(CustomerId::new(customer)).await?;
        if customer.blocked || customer.do_not_contact {
            return Ok(None);
        }
        if let Some(paired_at) = choices.paired_at {
            // On a private phone, those who wrote before it was linked are nobody's business.
            let newcomer = thread.first_inbound_at.is_none_or(|first| first >= paired_at);
            let known = customer.created_at < paired_at || customer.status == "customer";
            if !newcomer && !known {
                return Ok(None);
            }
        }
        Ok(Some(Asked {
            business,
            customer,
            policy,
        }))
    }

    fn is_last_word(&self, thread: &thread::Model) -> bool {
        thread.bot
            && thread.last_inbound_id == Some(self.message_id)
            && thread.last_outgoing_id.is_none_or(|sent| sent < self.message_id)
    }

    fn draft(&self, text: String, source: Source, once: String) -> Draft {
        Draft {
            to: To::Thread(self.thread_id),
            content: Content::Text(text),
            source,
            carrier: None,
            reply_to: None,
            after_message_id: Some(self.message_id),
            once: Some(once),
            despite_opt_out: false,
        }
    }

    /// Once for each time that the business is closed.
    async fn say_closed(&self, app: &AppState, scope: &Scope, asked: &Asked) -> Result<(), Problem> {
        let now = app.clock.now();
        let calendar = &asked.business.calendar;
        if calendar.is_open(now) {
            return Ok(());
        }
        let next = calendar.next_opening(now);
        let own = asked.business.whatsapp.away_text.clone();
        let usual = || match &next {
            Some(next) => format!(
                "תודה שכתבתם אלינו. אנחנו סגורים כעת ונחזור {}.",
                next.words(now, Language::He)
            ),
            None => "תודה שכתבתם אלינו. אנחנו סגורים כעת ונחזור אליכם בהקדם.".to_owned(),
        };
        let until = next.as_ref().map_or(0, |next| next.at.timestamp());
        let once = format!("closed:{}:{until}", self.thread_id);
        let draft = self.draft(own.unwrap_or_else(usual), Source::Agent, once);
        Box::pin(self.say(app, scope, draft)).await
    }

    async fn say(&self, app: &AppState, scope: &Scope, draft: Draft) -> Result<(), Problem> {
        let tx = app.db.write(scope).await?;
        let thread = store::locked(&tx, self.thread_id).await?;
        if !self.is_last_word(&thread) {
            return Ok(());
        }
        let message = match outgoing::queue(&tx, &app.whatsapp.settings, draft).await {
            Ok(message) => message,
            // Nothing can be sent to them now; a person sees the message all the same.
            Err(problem) if problem.status == 409 || problem.status == 501 => return Ok(()),
            Err(problem) => return Err(problem),
        };
        tx.commit().await?;
        Box::pin(dispatch::run(app, scope, message.id)).await?;
        Ok(())
    }

    async fn think(&self, app: &AppState, scope: &Scope, asked: &Asked) -> Result<(), Problem> {
        let tx = app.db.read(scope).await?;
        let messages = history(&tx, self.thread_id).await?;
        tx.done().await?;
        let around = Around {
            app,
            scope,
            business: &asked.business,
            place: Place::Thread(self.thread_id),
            customer: Some(asked.customer.record_id()),
        };
        let prompt = Prompt {
            system: prompt::chat(&briefing(app, asked)),
            messages,
            tools: tools::specs_in_writing(),
            max_tokens: MAX_TOKENS,
        };
        let Some(decision) = Box::pin(decide(app, around, prompt, asked.policy)).await else {
            tracing::warn!(thread_id = self.thread_id, "no model answered: a person must");
            return Ok(());
        };
        Box::pin(self.act(app, scope, asked, decision)).await
    }

    async fn act(&self, app: &AppState, scope: &Scope, asked: &Asked, decision: Decision) -> Result<(), Problem> {
        let once = format!("answer:{}:{}", self.thread_id, self.message_id);
        match (decision, asked.policy) {
            (Decision::Reply(text) | Decision::HandOver { reply: Some(text), .. }, AnswerPolicy::Suggest) => {
                self.suggest(app, scope, text).await
            }
            (Decision::Nothing, _) | (Decision::HandOver { .. }, AnswerPolicy::Suggest) => Ok(()),
            (Decision::Reply(text), _) => Box::pin(self.say(app, scope, self.draft(text, Source::Agent, once))).await,
            (Decision::HandOver { reply, reason }, _) => {
                if let Some(text) = reply {
                    Box::pin(self.say(app, scope, self.draft(text, Source::Agent, once))).await?;
                }
                let tx = app.db.write(scope).await?;
                let thread = store::locked(&tx, self.thread_id).await?;
                if thread.bot && thread.last_inbound_id == Some(self.message_id) {
                    work::give_to_person(&tx, self.thread_id, reason.word(), reason.sentence()).await?;
                    tx.commit().await?;
                }
                Ok(())
            }
        }
    }

    /// For a person to send, or not.
    async fn suggest(&self, app: &AppState, scope: &Scope, text: String) -> Result<(), Problem> {
        let tx = app.db.write(scope).await?;
        let thread = store::locked(&tx, self.thread_id).await?;
        if !self.is_last_word(&thread) {
            return Ok(());
        }
        self.keep_draft(&tx, thread, text).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn keep_draft(&self, tx: &WriteTx, thread: thread::Model, text: String) -> Result<(), Problem> {
        let mut row = thread.into_active_model();
        row.draft = Set(Some(text));
        row.draft_of_id = Set(Some(self.message_id));
        row.updated_at = Set(tx.now());
        let thread = tx.update(row).await?;
        crate::threads::tell_changed(tx, &thread).await
    }
}

/// How messages are answered now: while a Sabbath or holiday is kept, as the business says for that.
fn policy(business: &businesses::store::Model, usual: AnswerPolicy, now: DateTime<Utc>) -> Option<AnswerPolicy> {
    let rests = usual != AnswerPolicy::Off && Office::of(business).holds_back(now).is_some();
    match business.shabbat_mode.as_str() {
        "closed" if rests => None,
        "message" if rests => Some(AnswerPolicy::Hours),
        _ => Some(usual),
    }
}

/// What was written, the last thirty messages, oldest first.
async fn history(tx: &ReadTx, thread: i64) -> Result<Vec<Message>, Problem> {
    let mut last = tx
        .find::<message::Entity>()
        .filter(message::Column::ThreadId.eq(thread))
        .filter(message::Column::DeletedAt.is_null())
        .order_by(message::Column::Id, Order::Desc)
        .limit(REMEMBERED)
        .all()
        .await?;
    last.reverse();
    let files = tx
        .find::<file::Entity>()
        .filter(file::Column::MessageId.is_in(last.iter().filter(|one| one.has_files).map(|one| one.id)))
        .all()
        .await?;
    Ok(last
        .iter()
        .map(|message| {
            let heard = files.iter().find(|file| file.message_id == message.id);
            let heard = heard.and_then(|file| file.transcript.as_deref());
            let text = message.text.as_deref().or(heard);
            let text = text.map_or_else(|| format!("[{}]", message.kind), str::to_owned);
            if message.is_out() {
                Message::Assistant {
                    text,
                    tool_calls: Vec::new(),
                }
            } else {
                Message::User(text)
            }
        })
        .collect())
}

fn briefing(app: &App, asked: &Asked) -> Briefing {
    let business = &asked.business;
    let now = app.clock.now();
    let facts = business.facts.iter().map(|(topic, text)| (topic.clone(), text.clone()));
    Briefing {
        business: business.name.clone(),
        agent_name: business.agent_name.clone(),
        agent_gender: business.agent_gender,
        language: business.language.clone(),
        house_rules: business.agent_prompt.clone(),
        facts: facts.collect(),
        hours: business.calendar.in_words(now),
        now: now
            .with_timezone(&business.zone)
            .format("%A %Y-%m-%d %H:%M")
            .to_string(),
        caller_name: asked.customer.given_name().map(str::to_owned),
        caller_hidden: false,
        opens: business
            .calendar
            .next_opening(now)
            .map(|next| next.words(now, Language::He)),
        transfer_possible: true,
    }
}

/// Lets the model use tools until it decides; the models in their order. `None` when none answers.
async fn decide(app: &App, around: Around<'_>, prompt: Prompt, policy: AnswerPolicy) -> Option<Decision> {
    for engine in &app.engines.llm {
        match Box::pin(converse(&**engine, around, prompt.clone(), policy)).await {
            Ok(decision) => return Some(decision),
            Err(why) => tracing::warn!(engine = engine.name(), why, "a model did not answer a message"),
        }
    }
    None
}

async fn converse(
    engine: &dyn LanguageModel,
    around: Around<'_>,
    mut prompt: Prompt,
    policy: AnswerPolicy,
) -> Result<Decision, String> {
    for _ in 0..MOST_ROUNDS {
        let (text, calls) = tokio::time::timeout(PATIENCE, answer(engine, prompt.clone()))
            .await
            .map_err(|_| "it took too long".to_owned())??;
        if calls.is_empty() {
            return Ok(chat::read(&text));
        }
        prompt.messages.push(Message::Assistant {
            text,
            tool_calls: calls.clone(),
        });
        for call in calls {
            let looks = call.name == tools::LOOKUP_BUSINESS_FACT;
            let content = if looks || policy == AnswerPolicy::Ai {
                Box::pin(run(around, &call)).await.content
            } else {
                // A draft does nothing by itself.
                "a person will do it".to_owned()
            };
            prompt.messages.push(Message::ToolResult {
                call_id: call.id,
                content,
            });
        }
    }
    Err("it only used tools".to_owned())
}

/// One whole answer.
async fn answer(engine: &dyn LanguageModel, prompt: Prompt) -> Result<(String, Vec<ToolCall>), String> {
    let mut deltas = engine.answer(prompt).await.map_err(|fault| fault.to_string())?;
    let (mut text, mut calls) = (String::new(), Vec::new());
    while let Some(delta) = deltas.next().await {
        match delta.map_err(|fault| fault.to_string())? {
            Delta::Text(more) => text.push_str(&more),
            Delta::ToolCall(call) => calls.push(call),
            Delta::Usage { .. } => {}
        }
    }
    Ok((text, calls))
}
