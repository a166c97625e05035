//! A caller who wants to be called back: that it is so, and when, is kept whatever a model makes of it.

use chrono::{Duration, Utc};

use super::{Call, words};
use crate::{
    script::Step,
    tools::{Contact, Tool},
    wishes::{self, Wish},
};

impl Call {
    /// Takes from the caller's words that they want to be called back, and when.
    pub(super) fn callback_heard(&mut self, text: &str) {
        let asked = words::asks_for_callback(text);
        let expected = !self.callback_noted && (self.wants_callback || self.script.step() == Step::Callback);
        self.wants_callback |= asked;
        if !asked && !expected {
            return;
        }
        let said_at = Duration::milliseconds(i64::try_from(self.now).unwrap_or(0));
        let now = self.config.began + said_at;
        let Some(Wish { at, words }) = wishes::when(text, now.naive_local()) else {
            return;
        };
        let Some(at) = at.and_local_timezone(now.timezone()).earliest() else {
            return;
        };
        self.callback_noted = true;
        self.run_own_tool(&Tool::SaveContact(Contact {
            callback_at: Some(at.with_timezone(&Utc)),
            callback_words: Some(words),
            ..Contact::default()
        }));
    }
}
