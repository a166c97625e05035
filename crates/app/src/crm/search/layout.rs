//! What was meant by a text that was typed while the keyboard was set to the other language.

/// A key of an English keyboard, and what stands on it in Hebrew (SI 1452).
const KEYS: [(char, char); 31] = [
    ('q', '/'),
    ('w', '\''),
    ('e', 'ק'),
    ('r', 'ר'),
    ('t', 'א'),
    ('y', 'ט'),
    ('u', 'ו'),
    ('i', 'ן'),
    ('o', 'ם'),
    ('p', 'פ'),
    ('a', 'ש'),
    ('s', 'ד'),
    ('d', 'ג'),
    ('f', 'כ'),
    ('g', 'ע'),
    ('h', 'י'),
    ('j', 'ח'),
    ('k', 'ל'),
    ('l', 'ך'),
    (';', 'ף'),
    ('\'', ','),
    ('z', 'ז'),
    ('x', 'ס'),
    ('c', 'ב'),
    ('v', 'ה'),
    ('b', 'נ'),
    ('n', 'מ'),
    ('m', 'צ'),
    (',', 'ת'),
    ('.', 'ץ'),
    ('/', '.'),
];

/// The same keys in the other language. `None` for a text in both, or in neither.
pub fn other(text: &str) -> Option<String> {
    let english = text.chars().any(|c| c.is_ascii_alphabetic());
    let hebrew = text.chars().any(|c| ('א'..='ת').contains(&c));
    let key = |c: char| match (english, hebrew) {
        (true, false) => KEYS
            .iter()
            .find(|(key, _)| *key == c.to_ascii_lowercase())
            .map(|key| key.1),
        _ => KEYS.iter().find(|(_, own)| *own == c).map(|key| key.0),
    };
    (english != hebrew).then(|| text.trim().chars().map(|c| key(c).unwrap_or(c)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_keys_in_the_other_language_are_read() {
        for (typed, meant) in [
            ("tcbr", "אבנר"),
            ("Tcbr fvi", "אבנר כהן"),
            ("c, ", "בת"),
            ("גשמש", "dana"),
            ("'ןךד", "wils"),
        ] {
            assert_eq!(other(typed).as_deref(), Some(meant), "{typed}");
        }
        for typed in ["", "050-1234567", "אבנר x", "!"] {
            assert_eq!(other(typed), None, "{typed}");
        }
    }
}
