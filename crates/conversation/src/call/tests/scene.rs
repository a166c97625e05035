//! A call in virtual time: a caller who speaks when the scene says so, engines with delays, and a line that returns marks.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contracts::{
    llm::{Delta, Message, Prompt, ToolCall},
    tts::Speech,
};
use serde_json::{Value, json};

use crate::call::*;

/// What a stand-in model answers to one request.
#[derive(Clone)]
pub enum Answer {
    Text(&'static str),
    Tool(&'static str, Value),
    TextAndTool(&'static str, &'static str, Value),
    Fails,
    Never,
    Empty,
}

/// What a stand-in recogniser makes of one utterance.
#[derive(Clone, Copy)]
pub enum Ear {
    Text(&'static str),
    Fails,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Works,
    Fails,
    Never,
}

pub struct Scene {
    pub call: Call,
    pub now: Ms,
    pub log: Vec<(Ms, Effect)>,
    pub ears: VecDeque<Ear>,
    pub answers: VecDeque<Answer>,
    pub voice: Speaks,
    /// Free text has no voice, fixed sentences have their clips.
    pub only_clips: bool,
    pub stt_ms: Ms,
    pub llm_ms: Ms,
    pub tts_ms: Ms,
    pub tool_ms: Ms,
    pub tool_ok: bool,
    pub marks: bool,
    speaking: Vec<(Ms, Ms)>,
    line: Vec<(Ms, Input)>,
    line_free_at: Ms,
}

pub const GREETING: &str = "שלום, כאן המענה הדיגיטלי.";
pub const MS_PER_CHAR: Ms = 60;

pub fn config() -> Config {
    Config {
        voice: Voice {
            language: "he-IL".to_owned(),
            ..Default::default()
        },
        greeting: Greeting::Played {
            text: GREETING.to_owned(),
            length_ms: 0,
        },
        caller: Caller::default(),
        engines: Engines {
            recogniser: true,
            model: true,
        },
        transfer: Transfer::Possible,
        opening: Vec::new(),
        system_prompt: "prompt".to_owned(),
        tools: crate::tools::specs(),
        hearing: Hearing::default(),
        timing: Timing::default(),
        limits: Limits::default(),
        turns_before: 0,
        began: began(),
    }
}

/// A Sunday before dawn.
pub fn began() -> DateTime<Tz> {
    "2026-11-22T01:19:00Z"
        .parse::<DateTime<Utc>>()
        .expect("a time")
        .with_timezone(&chrono_tz::Asia::Jerusalem)
}

pub fn scripted() -> Config {
    Config {
        engines: Engines {
            recogniser: true,
            model: false,
        },
        ..config()
    }
}

impl Scene {
    pub fn new(config: Config) -> Self {
        let mut scene = Self {
            call: Call::new(config, Box::new(Adaptive::default())),
            now: 0,
            log: Vec::new(),
            ears: VecDeque::new(),
            answers: VecDeque::new(),
            voice: Speaks::Works,
            only_clips: false,
            stt_ms: 200,
            llm_ms: 300,
            tts_ms: 100,
            tool_ms: 50,
            tool_ok: true,
            marks: true,
            speaking: Vec::new(),
            line: Vec::new(),
            line_free_at: 0,
        };
        scene.give(Input::Begin);
        scene
    }

    /// The caller will speak for a while, and the recogniser hear this.
    pub fn says(&mut self, after_ms: Ms, for_ms: Ms, heard: Ear) -> &mut Self {
        self.makes_noise(after_ms, for_ms);
        self.ears.push_back(heard);
        self
    }

    pub fn makes_noise(&mut self, after_ms: Ms, for_ms: Ms) -> &mut Self {
        let from = self.now + after_ms;
        self.speaking.push((from, from + for_ms));
        self
    }

    pub fn give(&mut self, input: Input) {
        for effect in self.call.step(input, self.now) {
            self.log.push((self.now, effect.clone()));
            self.carry_out(effect);
        }
    }

    fn later(&mut self, after_ms: Ms, input: Input) {
        self.line.push((self.now + after_ms, input));
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Recognise { utterance, .. } => match self.ears.pop_front().unwrap_or(Ear::Text("")) {
                Ear::Text(text) => {
                    let text = text.to_owned();
                    self.later(self.stt_ms, Input::Recognised { utterance, text });
                }
                Ear::Fails => self.later(self.stt_ms, Input::NotRecognised { utterance }),
                Ear::Never => {}
            },
            Effect::Think { generation, .. } => self.think(generation),
            Effect::CancelThinking { generation } => self.line.retain(|(_, input)| {
                !matches!(input, Input::Model { generation: id, .. } | Input::ModelDone { generation: id } if *id == generation)
            }),
            Effect::RunTool(call) => {
                let outcome = ToolOutcome {
                    ok: self.tool_ok,
                    content: "ok".to_owned(),
                    summary: "done".to_owned(),
                };
                self.later(self.tool_ms, Input::ToolDone { id: call.id, outcome });
            }
            Effect::Say { speech, line } => self.speak(speech, &line),
            Effect::Clear => self.clear(),
            _ => {}
        }
    }

    fn think(&mut self, generation: u32) {
        let answer = self.answers.pop_front().unwrap_or(Answer::Text("בסדר."));
        let text = |text: &str| Input::Model {
            generation,
            delta: Delta::Text(text.to_owned()),
        };
        let tool = |name: &str, arguments: &Value| Input::Model {
            generation,
            delta: Delta::ToolCall(ToolCall {
                id: format!("call-{generation}"),
                name: name.to_owned(),
                arguments: arguments.clone(),
            }),
        };
        let at = self.llm_ms;
        match answer {
            Answer::Never => return,
            Answer::Fails => return self.later(at, Input::ModelFailed { generation }),
            Answer::Empty => {}
            Answer::Text(words) => {
                for (n, word) in (0_u64..).zip(words.split_inclusive(' ')) {
                    self.later(at + n * 5, text(word));
                }
            }
            Answer::Tool(name, arguments) => self.later(at, tool(name, &arguments)),
            Answer::TextAndTool(words, name, arguments) => {
                self.later(at, text(words));
                self.later(at + 10, tool(name, &arguments));
            }
        }
        self.later(
            at + 500,
            Input::Model {
                generation,
                delta: Delta::Usage {
                    input_tokens: 100,
                    output_tokens: 20,
                },
            },
        );
        self.later(at + 500, Input::ModelDone { generation });
    }

    fn speak(&mut self, speech: u32, line: &Speech) {
        let voice = if self.only_clips && line.clip.is_none() {
            Speaks::Fails
        } else {
            self.voice
        };
        match voice {
            Speaks::Works => {}
            Speaks::Fails => return self.later(self.tts_ms, Input::SpeechFailed { speech }),
            Speaks::Never => return,
        }
        let start = (self.now + self.tts_ms).max(self.line_free_at);
        let chars = Ms::try_from(line.text.chars().count()).expect("a sentence");
        let length_ms = chars * MS_PER_CHAR;
        self.line.push((start, Input::SpeechStarted { speech }));
        self.line.push((start, Input::SpeechMade { speech, length_ms }));
        if self.marks {
            for at in (500..length_ms).step_by(500) {
                let place = Place::At(at);
                self.line.push((start + at, Input::Mark(Mark { speech, place })));
            }
            let place = Place::End;
            self.line.push((start + length_ms, Input::Mark(Mark { speech, place })));
        }
        self.line_free_at = start + length_ms;
    }

    /// The phone company drops its audio, and returns every mark of it at once.
    fn clear(&mut self) {
        self.line_free_at = self.now;
        let now = self.now;
        for (at, input) in &mut self.line {
            if matches!(input, Input::Mark(_)) {
                *at = (now + 40).min(*at);
            }
        }
        // Audio that was on its way when the clear left.
        for (at, input) in &mut self.line {
            if matches!(input, Input::SpeechStarted { .. } | Input::SpeechMade { .. }) {
                *at = (*at).min(now + 10);
            }
        }
    }

    /// Lets time pass, a frame at a time.
    pub fn run(&mut self, ms: Ms) -> &mut Self {
        let until = self.now + ms;
        while self.now < until && !self.call.is_over() {
            self.now += FRAME_MS;
            let now = self.now;
            let mut due: Vec<_> = self.line.extract_if(.., |(at, _)| *at <= now).collect();
            due.sort_by_key(|(at, _)| *at);
            for (_, input) in due {
                self.give(input);
            }
            let voice = self.speaking.iter().any(|(from, to)| (*from..*to).contains(&now));
            self.give(Input::Frame(if voice { LOUD } else { QUIET }));
        }
        self
    }

    pub fn said(&self) -> Vec<String> {
        self.log
            .iter()
            .filter_map(|(_, effect)| match effect {
                Effect::Say { line, .. } => Some(line.text.clone()),
                _ => None,
            })
            .collect()
    }

    /// Without the greeting that was played before them.
    pub fn turns(&self) -> Vec<TurnRecord> {
        let mut turns = self.all_turns();
        turns.retain(|turn| turn.agent_text != GREETING);
        turns
    }

    pub fn all_turns(&self) -> Vec<TurnRecord> {
        self.log
            .iter()
            .filter_map(|(_, effect)| match effect {
                Effect::SaveTurn(turn) => Some(turn.clone()),
                _ => None,
            })
            .collect()
    }

    pub fn left(&self) -> Option<Leaving> {
        self.log.iter().find_map(|(_, effect)| match effect {
            Effect::Leave(leaving) => Some(leaving.clone()),
            _ => None,
        })
    }

    pub fn tools(&self) -> Vec<ToolCall> {
        self.log
            .iter()
            .filter_map(|(_, effect)| match effect {
                Effect::RunTool(call) => Some(call.clone()),
                _ => None,
            })
            .collect()
    }

    pub fn when(&self, wanted: impl Fn(&Effect) -> bool) -> Option<Ms> {
        self.log.iter().find(|(_, effect)| wanted(effect)).map(|(at, _)| *at)
    }

    pub fn count(&self, wanted: impl Fn(&Effect) -> bool) -> usize {
        self.log.iter().filter(|(_, effect)| wanted(effect)).count()
    }

    pub fn last_prompt(&self) -> Vec<Message> {
        self.log
            .iter()
            .rev()
            .find_map(|(_, effect)| match effect {
                Effect::Think {
                    prompt: Prompt { messages, .. },
                    ..
                } => Some(messages.clone()),
                _ => None,
            })
            .unwrap_or_default()
    }
}

pub const LOUD: Frame = Frame {
    speech: 0.9,
    level_db: -20.0,
};
pub const QUIET: Frame = Frame {
    speech: 0.2,
    level_db: -65.0,
};

pub fn no_arguments() -> Value {
    json!({})
}
