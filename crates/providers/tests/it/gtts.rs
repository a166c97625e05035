use bytes::Bytes;
use providers::tts::gtts::Gtts;
use url::Url;

use crate::{
    conformance::tts::{Subject, conforms, speech, spoken},
    http,
    stand_in::{Reply, StandIn},
};

/// A second of a tone at 24 kHz, as the endpoint sends it.
static SECOND: &[u8] = include_bytes!("../fixtures/tone-24khz.mp3");

fn engine(base: Url) -> Gtts {
    Gtts::new(http(), base)
}

#[tokio::test]
async fn it_conforms() {
    conforms(Subject {
        make: engine,
        content_type: "audio/mpeg",
        good: Bytes::from_static(SECOND),
    })
    .await;
}

#[tokio::test]
async fn it_asks_for_hebrew_by_the_code_that_is_known_there() {
    let server = StandIn::answering(Reply::ok("audio/mpeg", SECOND)).await;
    spoken(&engine(server.base.clone()), speech("שלום")).await.unwrap();
    let uri = server.seen()[0].uri.clone();
    assert_eq!(uri.path(), "/translate_tts");
    let query: Vec<(String, String)> = url::form_urlencoded::parse(uri.query().unwrap().as_bytes())
        .into_owned()
        .collect();
    assert!(query.contains(&("tl".to_owned(), "iw".to_owned())));
    assert!(query.contains(&("q".to_owned(), "שלום".to_owned())));
}

#[tokio::test]
async fn a_long_sentence_is_asked_for_in_pieces_and_heard_in_order() {
    let server = StandIn::answering(Reply::ok("audio/mpeg", SECOND)).await;
    let text = "המשפט הזה נאמר הרבה פעמים. ".repeat(12);
    let samples = spoken(&engine(server.base.clone()), speech(&text)).await.unwrap();
    let asked: Vec<String> = server
        .seen()
        .iter()
        .map(|seen| {
            let query = seen.uri.query().unwrap_or_default().to_owned();
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == "q")
                .unwrap()
                .1
                .into_owned()
        })
        .collect();
    assert!(asked.len() > 3);
    assert!(
        asked
            .iter()
            .all(|piece| piece.chars().count() <= 100 && piece.ends_with('.'))
    );
    assert!(samples.len() > 7_000 * asked.len());
}

#[tokio::test]
async fn a_short_overload_is_waited_out() {
    let overloaded = Reply::status(503, "text/html", "later");
    let server = StandIn::answering_in_turn(vec![overloaded, Reply::ok("audio/mpeg", SECOND)]).await;
    assert!(spoken(&engine(server.base.clone()), speech("שלום")).await.is_ok());
    assert_eq!(server.seen().len(), 2);
}
