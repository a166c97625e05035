use serde_json::{Value, json};

use super::*;
use crate::lines;

const TOOLS: [&str; 5] = [
    "save_contact",
    "create_task",
    "lookup_business_fact",
    "transfer_to_person",
    "end_call",
];

fn ask(messages: &[Value]) -> Answer {
    let tools: Vec<_> = TOOLS
        .iter()
        .map(|name| json!({"type": "function", "function": {"name": name}}))
        .collect();
    answer(&serde_json::from_value(json!({"model": "m", "messages": messages, "tools": tools})).unwrap())
}

fn line(key: &str) -> Value {
    json!({"role": "user", "content": lines::find(key).unwrap().text})
}

fn tool_calls(answer: &Answer) -> Value {
    let calls: Vec<_> = answer
        .calls
        .iter()
        .map(|(name, arguments)| json!({"id": "c", "type": "function", "function": {"name": name, "arguments": arguments.to_string()}}))
        .collect();
    json!({"role": "assistant", "content": null, "tool_calls": calls})
}

fn done() -> Value {
    json!({"role": "tool", "tool_call_id": "c", "content": "{\"ok\":true}"})
}

#[test]
fn a_conversation_gets_name_and_need_and_ends() {
    let mut talk = vec![json!({"role": "system", "content": "…"}), line("hello")];
    let first = ask(&talk);
    assert!(first.text.ends_with(ASK_NAME) && first.calls.is_empty());
    talk.extend([json!({"role": "assistant", "content": first.text}), line("name")]);
    let name = ask(&talk);
    assert_eq!(name.calls, [("save_contact", json!({"name": "דנה כהן"}))]);
    talk.extend([tool_calls(&name), done()]);
    assert_eq!(ask(&talk).text, ASK_NEED);
    talk.extend([json!({"role": "assistant", "content": ASK_NEED}), line("need")]);
    let need = ask(&talk);
    assert_eq!(need.calls[0].0, "save_contact");
    assert_eq!(
        need.calls[1],
        (
            "create_task",
            json!({"title": "לחזור אל דנה כהן: אני צריכה הצעת מחיר לשיפוץ של מטבח"})
        )
    );
    talk.extend([tool_calls(&need), done(), done()]);
    assert_eq!(ask(&talk).text, NOTED);
    talk.extend([json!({"role": "assistant", "content": NOTED}), line("wait")]);
    assert_eq!(ask(&talk).text, GO_ON);
    talk.extend([json!({"role": "assistant", "content": GO_ON}), line("no")]);
    let bye = ask(&talk);
    assert_eq!((bye.text.as_str(), bye.calls[0].0), (GOODBYE, "end_call"));
}

#[test]
fn a_bare_name_counts_once_it_was_asked_for() {
    let talk = [
        json!({"role": "assistant", "content": ASK_NAME}),
        json!({"role": "user", "content": "רות לוי."}),
    ];
    assert_eq!(ask(&talk).calls, [("save_contact", json!({"name": "רות לוי"}))]);
    assert_eq!(ask(&talk[1..]).calls, []);
}

#[test]
fn who_asks_for_a_person_is_handed_over_in_the_same_answer() {
    let asked = ask(&[line("person")]);
    assert_eq!(
        (asked.text.as_str(), asked.calls[0].0),
        (TRANSFER, "transfer_to_person")
    );
    let nobody = json!({"role": "tool", "tool_call_id": "c", "content": "error: nobody can be reached"});
    assert_eq!(ask(&[line("person"), tool_calls(&asked), nobody]).text, NOBODY);
}

#[test]
fn an_answer_to_a_question_is_only_what_the_business_said() {
    let name = json!({"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "function",
        "function": {"name": "save_contact", "arguments": "{\"name\":\"דנה\"}"}}]});
    let asked = ask(&[name.clone(), done(), line("price")]);
    assert_eq!(asked.calls[0].0, "lookup_business_fact");
    let after = |content: &str| {
        ask(&[
            name.clone(),
            done(),
            line("price"),
            tool_calls(&asked),
            json!({"role": "tool", "tool_call_id": "c", "content": content}),
        ])
        .text
    };
    assert_eq!(after("ביקור עולה מאה שקלים"), "ביקור עולה מאה שקלים");
    assert_eq!(after("nothing is known"), UNKNOWN);
}

#[test]
fn minutes_are_json_about_the_transcript() {
    let transcript = format!(
        "caller: {}\nagent: {ASK_NEED}\ncaller: {}",
        lines::find("name").unwrap().text,
        lines::find("need").unwrap().text
    );
    let request = json!({"model": "m", "messages": [{"role": "system", "content": "json"}, {"role": "user", "content": transcript}]});
    let minutes: Value = serde_json::from_str(&answer(&serde_json::from_value(request).unwrap()).text).unwrap();
    assert_eq!(minutes["name"], "דנה כהן");
    assert_eq!(minutes["need"], "אני צריכה הצעת מחיר לשיפוץ של מטבח");
    assert!(minutes["summary"].as_str().unwrap().contains("דנה כהן"));
}

#[test]
fn every_sentence_it_says_has_its_phonemes() {
    for said in [
        HELLO,
        ASK_NAME,
        ASK_NEED,
        NOTED,
        NOTED_SHORT,
        TRANSFER,
        NOBODY,
        UNKNOWN,
        GO_ON,
        GOODBYE,
        AGAIN,
        MOMENT,
    ] {
        for sentence in said.split_inclusive(['.', '?']) {
            let known = super::super::voice::SENTENCES
                .iter()
                .any(|(text, _)| *text == sentence.trim());
            assert!(known, "{sentence}");
        }
    }
}
