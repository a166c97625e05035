//! What a push says: the shape of Declarative Web Push, which browsers without it hand to the page's service worker.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::push::{Message, Urgency};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use crate::notifications::{Kind, store::Model};

/// A phone that was off for longer has its notifications in the app.
const TTL_SECONDS: u32 = 24 * 3600;
/// A caller who is handed over does not wait.
const HANDOVER_TTL_SECONDS: u32 = 120;
/// A lock screen shows about as much.
const LONGEST_TITLE: usize = 120;
/// Bytes of a hash; a topic has at most 32 characters.
const TOPIC_BYTES: usize = 18;

/// A short title and ids; never what somebody wrote or said.
pub fn message(one: &Model, others: usize, base: Option<&Url>) -> Message {
    let topic = topic(one);
    let body = json!({
        "web_push": 8030,
        "notification": {
            "title": title(&one.title, others),
            "lang": "he",
            "dir": "rtl",
            "navigate": navigate(base, &one.link),
            "tag": topic,
            "data": { "id": one.id, "kind": one.kind, "others": others },
        },
    });
    let kind = Kind::parse(&one.kind);
    Message {
        payload: body.to_string().into_bytes(),
        ttl_seconds: match kind {
            Some(Kind::Handover) => HANDOVER_TTL_SECONDS,
            _ => TTL_SECONDS,
        },
        topic: Some(topic),
        urgency: match kind {
            Some(Kind::TaskDue | Kind::MissedCall | Kind::Handover | Kind::Message | Kind::Test) => Urgency::High,
            _ => Urgency::Normal,
        },
    }
}

fn title(title: &str, others: usize) -> String {
    let short: String = title.chars().take(LONGEST_TITLE).collect();
    match others {
        0 => short,
        others => format!("{short} ועוד {others}"),
    }
}

/// Where a tap leads. Safari wants a whole address.
fn navigate(base: Option<&Url>, link: &str) -> String {
    base.and_then(|base| base.join(link).ok())
        .map_or_else(|| link.to_owned(), String::from)
}

/// The same thing pushed again takes the place of the first push.
fn topic(one: &Model) -> String {
    let hash = Sha256::digest(format!("{}:{}", one.kind, one.ref_id));
    URL_SAFE_NO_PAD.encode(hash.get(..TOPIC_BYTES).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(title: &str) -> Model {
        Model {
            id: 7,
            business_id: 1,
            user_id: 2,
            kind: "task_due".to_owned(),
            title: title.to_owned(),
            link: "/tasks?task=3".to_owned(),
            ref_id: "3-1".to_owned(),
            on_screen: true,
            created_at: chrono::DateTime::UNIX_EPOCH,
            read_at: None,
        }
    }

    #[test]
    fn the_longest_title_fits_and_an_address_is_whole() {
        let base = "https://agent.example.com".parse().expect("a URL");
        let message = message(&one(&"🏠".repeat(300)), 9_999, Some(&base));
        assert!(
            message.payload.len() < contracts::push::MOST_BYTES,
            "{}",
            message.payload.len()
        );
        assert!(message.topic.as_ref().is_some_and(|topic| topic.len() <= 32));
        let said: serde_json::Value = serde_json::from_slice(&message.payload).expect("JSON");
        assert_eq!(said["web_push"], 8030);
        assert_eq!(
            said["notification"]["navigate"],
            "https://agent.example.com/tasks?task=3"
        );
    }

    #[test]
    fn the_same_thing_has_the_same_topic() {
        let topic = |ref_id: &str| {
            topic(&Model {
                ref_id: ref_id.to_owned(),
                ..one("x")
            })
        };
        assert_eq!(topic("3-1"), topic("3-1"));
        assert_ne!(topic("3-1"), topic("3-2"));
    }
}
