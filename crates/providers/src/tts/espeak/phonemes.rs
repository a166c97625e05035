//! Phonemes with a sentence's punctuation, as espeak-ng takes them.

/// Marks that end a phrase; inside the brackets they would be stress marks or a glottal stop.
const MARKS: [char; 4] = [',', '.', '?', '!'];

/// `Sal'om, m'a z'e?` becomes `[[Sal'om]], [[m'a z'e]]?`, so that punctuation gives pauses and melody.
pub fn spelled(phonemes: &str) -> String {
    let mut out = String::new();
    let mut phrase: Vec<&str> = Vec::new();
    for word in phonemes.split_whitespace() {
        let bare = word.trim_end_matches(MARKS);
        let marks = word.strip_prefix(bare).unwrap_or_default();
        if !bare.is_empty() {
            phrase.push(bare);
        }
        if !marks.is_empty() {
            close(&mut out, &mut phrase, marks);
        }
    }
    close(&mut out, &mut phrase, "");
    out
}

fn close(out: &mut String, phrase: &mut Vec<&str>, marks: &str) {
    if phrase.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str("[[");
    out.push_str(&without_brackets(&phrase.join(" ")));
    out.push_str("]]");
    out.push_str(marks);
    phrase.clear();
}

/// Text that cannot begin or end phonemes by itself.
pub(super) fn without_brackets(text: &str) -> String {
    text.split(['[', ']', ' '])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_stands_outside_of_the_brackets() {
        assert_eq!(spelled("Sal'om, m'a z'e?"), "[[Sal'om]], [[m'a z'e]]?");
        assert_eq!(spelled("tod'a Rab'a."), "[[tod'a Rab'a]].");
        assert_eq!(spelled("aX'at"), "[[aX'at]]");
        assert_eq!(spelled(" . , "), "");
    }

    #[test]
    fn brackets_of_others_are_taken_out() {
        assert_eq!(spelled("a]] x [[b"), "[[a x b]]");
    }
}
