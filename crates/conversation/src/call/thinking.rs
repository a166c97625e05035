//! The model's side: generations, streamed text, tools, and the script that takes over when there is no model.

use contracts::llm::{Delta, Message, Prompt, ToolCall};

use super::{
    Call, Effect, Exit, GenerationId, Mind, ToolOutcome, Transfer, chunker::Chunker, mouth::Purpose, turn::ToolNote,
    waiting::Waiting, words,
};
use crate::{
    script::{Reply, Step},
    sentences::Key,
    tools::{self, Tool},
};

/// One answer that a model is giving.
#[derive(Debug)]
pub struct Generation {
    pub id: GenerationId,
    chunker: Chunker,
    text: String,
    tools: Vec<Running>,
    finished: bool,
    round: u32,
}

#[derive(Debug)]
struct Running {
    call: ToolCall,
    outcome: Option<ToolOutcome>,
}

/// Tool calls of one generation.
const MOST_TOOL_CALLS: usize = 8;
/// Answers without a word in a row, before the script takes over.
const MOST_EMPTY: u32 = 2;

impl Generation {
    const fn new(id: GenerationId, round: u32) -> Self {
        Self {
            id,
            chunker: Chunker::new(),
            text: String::new(),
            tools: Vec::new(),
            finished: false,
            round,
        }
    }

    pub fn runs_tools(&self) -> bool {
        self.tools.iter().any(|running| running.outcome.is_none())
    }

    /// The tool that is being waited for.
    pub fn running_tool(&self) -> Option<&str> {
        self.tools
            .iter()
            .find(|running| running.outcome.is_none())
            .map(|running| running.call.name.as_str())
    }
}

impl Call {
    pub(super) fn think(&mut self) {
        self.think_in_round(0);
    }

    fn think_in_round(&mut self, round: u32) {
        if self.over_budget() {
            self.script_takes_over();
            return;
        }
        self.open_turn();
        self.last_generation += 1;
        let generation = self.last_generation;
        self.generation = Some(Generation::new(generation, round));
        self.waiting.get_or_insert(Waiting::since(self.now));
        self.out.push(Effect::Think {
            generation,
            prompt: Prompt {
                system: self.config.system_prompt.clone(),
                messages: self.history.clone(),
                tools: self.config.tools.clone(),
                max_tokens: self.config.limits.answer_tokens,
            },
        });
    }

    fn over_budget(&self) -> bool {
        let limits = &self.config.limits;
        self.tokens >= limits.tokens || limits.cost_micros.is_some_and(|most| self.cost_micros >= most)
    }

    /// Stops the model. Tools that were asked for still end, and are remembered.
    pub(super) fn cancel_thinking(&mut self) -> bool {
        let Some(generation) = self.generation.take() else {
            return false;
        };
        if !generation.finished {
            self.out.push(Effect::CancelThinking {
                generation: generation.id,
            });
        }
        if !generation.tools.is_empty() {
            self.remember_tools(String::new(), generation.tools);
        }
        true
    }

    pub(super) fn model_said(&mut self, id: GenerationId, delta: Delta) {
        if let Delta::Usage {
            input_tokens,
            output_tokens,
        } = delta
        {
            self.spend(input_tokens, output_tokens);
            return;
        }
        let Some(generation) = self
            .generation
            .as_mut()
            .filter(|generation| generation.id == id && !generation.finished)
        else {
            return;
        };
        match delta {
            Delta::Text(text) => {
                generation.text.push_str(&text);
                let mut sentences = Vec::new();
                generation.chunker.push(&text, &mut sentences);
                self.sign_of_engine();
                self.say_sentences(sentences);
            }
            Delta::ToolCall(call) => {
                self.sign_of_engine();
                self.tool_asked(call);
            }
            Delta::Usage { .. } => {}
        }
    }

    fn spend(&mut self, input_tokens: u32, output_tokens: u32) {
        let price = self.config.limits.price;
        self.tokens += u64::from(input_tokens) + u64::from(output_tokens);
        let input = u64::from(input_tokens).saturating_mul(price.input_micros_per_1k) / 1_000;
        let output = u64::from(output_tokens).saturating_mul(price.output_micros_per_1k) / 1_000;
        self.cost_micros = self.cost_micros.saturating_add(input).saturating_add(output);
    }

    fn say_sentences(&mut self, sentences: Vec<String>) {
        for sentence in sentences {
            let most = self.config.limits.answer_chars;
            let now = self.now;
            let turn = self.open_turn();
            turn.sentence(now);
            if turn.chars >= most {
                self.enough_said();
                return;
            }
            turn.chars += sentence.chars().count();
            turn.promised |= words::promises_callback(&sentence);
            let line = self.config.voice.free(sentence);
            self.say(line, Purpose::Answer);
        }
    }

    /// A model that does not stop is stopped.
    fn enough_said(&mut self) {
        if let Some(generation) = self.generation.as_mut().filter(|generation| !generation.finished) {
            generation.finished = true;
            self.out.push(Effect::CancelThinking {
                generation: generation.id,
            });
        }
        self.settle_generation();
    }

    fn tool_asked(&mut self, call: ToolCall) {
        let Some(generation) = &mut self.generation else { return };
        if generation.tools.len() >= MOST_TOOL_CALLS {
            return;
        }
        // The zone matters only where the tool runs; here it is enough that the call can be read.
        let outcome = match tools::parse(&call, chrono_tz::UTC) {
            Err(why) => Some(ToolOutcome {
                ok: false,
                content: why,
                summary: String::new(),
            }),
            Ok(Tool::EndCall { .. }) => Some(done("the call ends after your last words")),
            Ok(Tool::TransferToPerson { .. }) if self.config.transfer == Transfer::Impossible => {
                self.wants_person = true;
                Some(ToolOutcome {
                    ok: false,
                    content: "nobody can take the call now: say so, take a message and promise a call back".to_owned(),
                    summary: String::new(),
                })
            }
            Ok(Tool::SaveContact(contact)) => {
                // Should the script take over, it does not ask for this again.
                self.script.knows(contact.name, contact.need);
                None
            }
            Ok(_) => None,
        };
        if outcome.is_none() {
            self.out.push(Effect::RunTool(call.clone()));
        }
        if let Some(outcome) = &outcome {
            self.note_tool(&call, outcome);
        }
        if let Some(generation) = &mut self.generation {
            generation.tools.push(Running { call, outcome });
        }
    }

    fn note_tool(&mut self, call: &ToolCall, outcome: &ToolOutcome) {
        self.open_turn().record.tools.push(ToolNote {
            id: call.id.clone(),
            name: call.name.clone(),
            summary: outcome.summary.clone(),
            ok: outcome.ok,
        });
    }

    pub(super) fn tool_done(&mut self, id: &str, outcome: ToolOutcome) {
        self.sign_of_engine();
        let running = self
            .generation
            .as_mut()
            .and_then(|generation| {
                generation
                    .tools
                    .iter_mut()
                    .find(|running| running.call.id == id && running.outcome.is_none())
            })
            .map(|running| {
                running.outcome = Some(outcome.clone());
                running.call.clone()
            });
        match running {
            Some(call) => {
                self.note_tool(&call, &outcome);
                self.settle_generation();
            }
            None => self.late_tool(id, outcome),
        }
    }

    /// A tool of the script, or of an answer that was interrupted.
    fn late_tool(&mut self, id: &str, outcome: ToolOutcome) {
        let note = self
            .turn
            .as_mut()
            .and_then(|turn| turn.record.tools.iter_mut().find(|note| note.id == id));
        if let Some(note) = note {
            note.ok = outcome.ok;
            note.summary = outcome.summary;
        }
    }

    pub(super) fn model_done(&mut self, id: GenerationId) {
        let Some(generation) = self
            .generation
            .as_mut()
            .filter(|generation| generation.id == id && !generation.finished)
        else {
            return;
        };
        generation.finished = true;
        let mut sentences = Vec::new();
        generation.chunker.finish(&mut sentences);
        self.sign_of_engine();
        self.say_sentences(sentences);
        self.settle_generation();
    }

    pub(super) fn model_failed(&mut self, id: GenerationId) {
        let Some(generation) = self.generation.as_ref().filter(|generation| generation.id == id) else {
            return;
        };
        if generation.finished {
            return;
        }
        self.sign_of_engine();
        self.generation = None;
        self.script_takes_over();
    }

    /// Goes on when both the text and the tools of a generation are complete.
    fn settle_generation(&mut self) {
        let complete = self
            .generation
            .as_ref()
            .is_some_and(|generation| generation.finished && !generation.runs_tools());
        if !complete {
            return;
        }
        let Some(generation) = self.generation.take() else {
            return;
        };
        if generation.tools.is_empty() {
            self.answer_complete();
        } else {
            self.after_tools(generation);
        }
    }

    fn answer_complete(&mut self) {
        let said_something = self.turn.as_ref().is_some_and(|turn| turn.chars > 0);
        if said_something {
            self.empty_answers = 0;
            return;
        }
        self.empty_answers += 1;
        if self.empty_answers >= MOST_EMPTY {
            self.script_takes_over();
        } else {
            self.say_fixed(Key::ModelFailed);
        }
    }

    fn after_tools(&mut self, generation: Generation) {
        let Generation { text, tools, round, .. } = generation;
        let succeeded = |name: &str| {
            tools
                .iter()
                .any(|running| running.call.name == name && running.outcome.as_ref().is_some_and(|outcome| outcome.ok))
        };
        let (transfers, ends) = (succeeded(tools::TRANSFER_TO_PERSON), succeeded(tools::END_CALL));
        let reason = tools
            .iter()
            .find(|running| running.call.name == tools::TRANSFER_TO_PERSON)
            .and_then(|running| running.call.arguments.get("reason")?.as_str())
            .unwrap_or_default()
            .to_owned();
        self.remember_tools(text, tools);
        let silent = self.turn.as_ref().is_none_or(|turn| turn.chars == 0);
        if transfers {
            self.wants_person = true;
            self.farewell(Exit::Transfer { reason }, &[Key::Transferring]);
        } else if ends {
            self.farewell(Exit::Over, if silent { &[Key::Goodbye] } else { &[] });
        } else if round + 1 < self.config.limits.tool_rounds {
            self.think_in_round(round + 1);
        } else if silent {
            self.say_fixed(Key::WillCheck);
        }
    }

    /// A round goes into the conversation whole, since models refuse calls without results.
    fn remember_tools(&mut self, text: String, tools: Vec<Running>) {
        let (calls, outcomes): (Vec<_>, Vec<_>) =
            tools.into_iter().map(|running| (running.call, running.outcome)).unzip();
        let results: Vec<_> = calls
            .iter()
            .zip(outcomes)
            .map(|(call, outcome)| Message::ToolResult {
                call_id: call.id.clone(),
                content: outcome.map_or_else(
                    || "it was started and the answer interrupted".to_owned(),
                    |outcome| outcome.content,
                ),
            })
            .collect();
        self.history.push(Message::Assistant {
            text,
            tool_calls: calls,
        });
        self.history.extend(results);
    }

    /// Tools that do not come back are given up, so that the model can say so.
    pub(super) fn give_up_tools(&mut self) {
        let Some(generation) = &mut self.generation else { return };
        for running in generation.tools.iter_mut().filter(|running| running.outcome.is_none()) {
            running.outcome = Some(ToolOutcome {
                ok: false,
                content: "it took too long; it may still happen".to_owned(),
                summary: String::new(),
            });
        }
        self.sign_of_engine();
        self.settle_generation();
    }

    /// The model is of no use: the fixed questions go on from what is known.
    pub(super) fn script_takes_over(&mut self) {
        self.cancel_thinking();
        self.say_fixed(Key::VoiceFailed);
        if self.mind == Mind::Script && self.script.step() != Step::Start {
            if let Some(question) = self.script.question() {
                self.ask(question);
            }
            return;
        }
        self.mind = Mind::Script;
        if let Some(text) = self.answering.take() {
            self.script.overheard(&text);
        }
        self.script_before = None;
        let reply = self.script.begin();
        self.follow(reply);
    }

    /// Carries out what the script wants.
    pub(super) fn follow(&mut self, reply: Reply) {
        for tool in reply.tools {
            self.run_own_tool(&tool);
        }
        if reply.over {
            self.wants_callback = true;
            self.farewell(Exit::Over, &reply.say);
            return;
        }
        for key in reply.say {
            self.ask(key);
        }
    }

    fn ask(&mut self, key: Key) {
        if key == Key::AskHiddenNumber {
            self.number_asked();
        }
        self.say_fixed(key);
    }

    /// A tool of the script's own: it is run and shown like one of the model's.
    pub(super) fn run_own_tool(&mut self, tool: &Tool) {
        self.last_own_tool += 1;
        let call = tools::call(format!("own-{}", self.last_own_tool), tool);
        self.open_turn().record.tools.push(ToolNote {
            id: call.id.clone(),
            name: call.name.clone(),
            summary: String::new(),
            ok: false,
        });
        self.out.push(Effect::RunTool(call));
    }
}

fn done(content: &str) -> ToolOutcome {
    ToolOutcome {
        ok: true,
        content: content.to_owned(),
        summary: String::new(),
    }
}
