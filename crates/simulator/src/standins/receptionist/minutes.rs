//! What is written after the call: one JSON object about a transcript, when no tools were given.

use serde_json::json;

use super::{
    super::chat::Message,
    understand::{Wish, name_in, wish},
};

/// The transcript's lines begin with these words.
const CALLER: &[&str] = &["caller:", "Caller:", "user:", "לקוח:"];

pub(super) fn write(messages: &[Message]) -> String {
    let transcript = messages
        .iter()
        .rfind(|message| message.role == "user")
        .map(Message::text)
        .unwrap_or_default();
    let said: Vec<&str> = transcript
        .lines()
        .filter_map(|line| CALLER.iter().find_map(|word| line.trim().strip_prefix(word)))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let name = said.iter().find_map(|line| name_in(line));
    let need = said
        .iter()
        .find(|line| wish(line) == Wish::Other && name_in(line).is_none() && line.split_whitespace().count() > 2)
        .map(|line| line.trim_end_matches(['.', '?', '!']).to_owned());
    let person = said.iter().any(|line| wish(line) == Wish::Person);
    let who = name.as_deref().unwrap_or("לקוח/ה");
    let summary = match (&need, person) {
        (Some(need), _) => format!("התקבלה פנייה מאת {who}: {need}."),
        (None, true) => format!("התקבלה פנייה מאת {who}, עם בקשה לדבר עם נציג."),
        (None, false) if said.is_empty() => "בשיחה לא נאמר דבר.".to_owned(),
        (None, false) => format!("התקבלה פנייה מאת {who}."),
    };
    json!({
        "summary": summary,
        "name": name,
        "need": need,
        "urgency": if person { "high" } else { "normal" },
        "callback_at": null,
        "sentiment": "neutral",
        "suggested_tasks": if said.is_empty() { Vec::new() } else { vec![format!("לחזור אל {who}")] },
    })
    .to_string()
}
