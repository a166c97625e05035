//! The conversation without a model: name, need, when to call back, goodbye.
//!
//! It works without a recogniser too. Then an answer is audio only; that somebody listens to it is seen to after the
//! call. What is said of a hidden number is [`crate::call`]'s, with or without a model.

use crate::{
    sentences::Key,
    tools::{Contact, Tool},
};

/// Where the script stands: the question that was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Start,
    Name,
    Need,
    /// A hidden caller's number.
    Number,
    Callback,
    Done,
}

/// What the caller answered.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    Text(&'a str),
    /// It is in the recording only.
    Audio,
}

/// What to do next.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub say: Vec<Key>,
    pub tools: Vec<Tool>,
    pub over: bool,
}

#[derive(Clone, Debug)]
pub struct Script {
    step: Step,
    name: Option<String>,
    need: Option<String>,
    ask_number: bool,
    /// Somebody has to listen to the recording.
    audio: bool,
}

/// Longest part of an answer that goes into a task's title, in characters.
const TITLE_CHARS: usize = 80;

impl Script {
    pub const fn new(name: Option<String>, ask_number: bool) -> Self {
        Self {
            step: Step::Start,
            name,
            need: None,
            ask_number,
            audio: false,
        }
    }

    pub const fn step(&self) -> Step {
        self.step
    }

    /// What a model learned before the script took over from it.
    pub fn knows(&mut self, name: Option<String>, need: Option<String>) {
        self.name = name.or_else(|| self.name.take());
        self.need = need.or_else(|| self.need.take());
    }

    /// What the caller said last, when a model could not answer it: a name that is introduced as one, else the need.
    pub fn overheard(&mut self, text: &str) {
        let introduced = NAME_LEADS.iter().take(SURE_LEADS).any(|lead| text.contains(lead));
        if introduced && self.name.is_none() {
            // «My name is Dana and I need …» is more than a name; the question for the need follows in any case.
            let name = text.split([',', '.', '!']).map(bare_name).find(|name| is_short(name));
            self.name = name.or_else(|| Some(bare_name(text)).filter(|name| is_short(name)));
        }
        let says_more = text.split_whitespace().count() > 1;
        if !introduced && says_more && self.need.is_none() {
            self.need = Some(text.trim().to_owned());
        }
    }

    /// The number was given, or will not be.
    pub const fn number_is_settled(&mut self) {
        self.ask_number = false;
    }

    /// The first question that has no answer yet.
    pub fn begin(&mut self) -> Reply {
        self.ask_next()
    }

    /// The question that stands, for a caller who did not answer.
    pub const fn question(&self) -> Option<Key> {
        match self.step {
            Step::Name => Some(Key::AskName),
            Step::Need => Some(Key::AskNeed),
            Step::Number => Some(Key::AskHiddenNumber),
            Step::Callback => Some(Key::AskCallbackTime),
            Step::Start | Step::Done => None,
        }
    }

    /// Takes the answer to the question that stands.
    pub fn answer(&mut self, answer: Answer<'_>) -> Reply {
        self.audio |= matches!(answer, Answer::Audio);
        let mut reply = Reply::default();
        match self.step {
            Step::Name => self.take_name(answer, &mut reply),
            Step::Need => self.take_need(answer, &mut reply),
            Step::Number => self.ask_number = false,
            Step::Callback => return self.finish(answer),
            Step::Start | Step::Done => {}
        }
        let next = self.ask_next();
        reply.say.extend(next.say);
        reply.tools.extend(next.tools);
        reply.over = next.over;
        reply
    }

    fn take_name(&mut self, answer: Answer<'_>, reply: &mut Reply) {
        let name = match answer {
            Answer::Text(text) => bare_name(text),
            Answer::Audio => String::new(),
        };
        reply.say.push(Key::NiceToMeet);
        if !name.is_empty() {
            reply.tools.push(Tool::SaveContact(Contact {
                name: Some(name.clone()),
                ..Contact::default()
            }));
        }
        // An empty name still counts as asked.
        self.name = Some(name);
    }

    fn take_need(&mut self, answer: Answer<'_>, reply: &mut Reply) {
        let need = match answer {
            Answer::Text(text) => text.trim().to_owned(),
            Answer::Audio => String::new(),
        };
        reply.say.push(Key::Understood);
        if !need.is_empty() {
            reply.tools.push(Tool::SaveContact(Contact {
                need: Some(need.clone()),
                ..Contact::default()
            }));
        }
        self.need = Some(need);
    }

    fn ask_next(&mut self) -> Reply {
        self.step = if self.name.is_none() {
            Step::Name
        } else if self.need.is_none() {
            Step::Need
        } else if self.ask_number {
            Step::Number
        } else {
            Step::Callback
        };
        Reply {
            say: self.question().into_iter().collect(),
            ..Reply::default()
        }
    }

    fn finish(&mut self, answer: Answer<'_>) -> Reply {
        let when = match answer {
            Answer::Text(text) => text.trim(),
            Answer::Audio => "",
        };
        self.step = Step::Done;
        Reply {
            say: vec![Key::WillCallBack, Key::Goodbye],
            tools: self.task(when).into_iter().collect(),
            over: true,
        }
    }

    /// To call back, with what is known. Without a word of the matter there is only the recording to listen to.
    fn task(&self, when: &str) -> Option<Tool> {
        let need = self.need.as_deref().filter(|need| !need.is_empty())?;
        let mut title = "לחזור".to_owned();
        for (lead, part) in [
            ("אל ", self.name.as_deref().unwrap_or_default()),
            ("– ", need),
            ("– ", when),
        ] {
            if !part.is_empty() {
                title.push(' ');
                title.push_str(lead);
                title.extend(part.chars().take(TITLE_CHARS));
            }
        }
        Some(Tool::CreateTask { title, due_at: None })
    }

    /// The caller left something that is in the recording only.
    pub const fn has_audio(&self) -> bool {
        self.audio
    }
}

const NAME_LEADS: &[&str] = &[
    "קוראים לי",
    "השם שלי הוא",
    "השם שלי",
    "שמי",
    "מדברת",
    "מדבר",
    "זאת",
    "זה",
    "אני",
    "היי",
    "שלום",
    "כן",
    "my name is",
    "i am",
    "i'm",
    "this is",
    "it's",
    "меня зовут",
    "اسمي",
];

/// The leads among them after which nothing but a name follows.
const SURE_LEADS: usize = 4;

/// A name has few words.
fn is_short(name: &str) -> bool {
    (1..=4).contains(&name.split_whitespace().count()) && !NAME_LEADS.contains(&name)
}

/// The name without the words that people put around it: «שלום, קוראים לי דנה» is «דנה».
fn bare_name(text: &str) -> String {
    let edge = |c: char| c.is_whitespace() || matches!(c, ',' | '.' | '!' | '?' | ':' | '-' | '–');
    let mut name = text.trim_matches(edge);
    while let Some(rest) = NAME_LEADS.iter().find_map(|lead| without_lead(name, lead)) {
        name = rest.trim_matches(edge);
    }
    name.chars().take(TITLE_CHARS).collect()
}

/// The text after the lead, when whole words stand there and something follows.
fn without_lead<'a>(text: &'a str, lead: &str) -> Option<&'a str> {
    let head = text.get(..lead.len())?;
    let rest = text.get(lead.len()..)?;
    let apart = rest.starts_with(|c: char| !c.is_alphanumeric());
    (head.to_lowercase() == lead && apart && rest.chars().any(char::is_alphanumeric)).then_some(rest)
}

#[cfg(test)]
mod tests;
