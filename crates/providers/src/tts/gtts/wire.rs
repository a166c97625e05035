//! The query of `translate_tts`, as the gTTS project documents it.

use url::Url;

/// Google Translate's code of a language: Hebrew is still `iw` there.
pub(super) fn language(tag: &str) -> String {
    let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    match primary.as_str() {
        "he" => "iw".to_owned(),
        _ => primary,
    }
}

pub(super) fn write_query(url: &mut Url, text: &str, language: &str) {
    url.query_pairs_mut()
        .append_pair("ie", "UTF-8")
        .append_pair("client", "tw-ob")
        .append_pair("tl", language)
        .append_pair("total", "1")
        .append_pair("idx", "0")
        .append_pair("textlen", &text.chars().count().to_string())
        .append_pair("q", text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_escaped_and_counted() {
        let mut url: Url = "https://translate.google.com/translate_tts".parse().unwrap();
        write_query(&mut url, "א&ב", &language("he-IL"));
        assert_eq!(
            url.query(),
            Some("ie=UTF-8&client=tw-ob&tl=iw&total=1&idx=0&textlen=3&q=%D7%90%26%D7%91")
        );
    }
}
