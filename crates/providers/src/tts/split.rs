//! Text cut into pieces that an engine takes at once, at the ends of sentences where there is one.

/// Pieces of at most `most` characters, none empty, in order.
pub(super) fn split(text: &str, most: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = piece_end(rest, most);
        let (piece, after) = rest.split_at(end);
        let piece = piece.trim();
        if piece.chars().any(char::is_alphanumeric) {
            pieces.push(piece.to_owned());
        }
        rest = after.trim_start();
    }
    pieces
}

/// Where the first piece ends: after the last sentence that fits, else clause, else word, else at the limit.
fn piece_end(text: &str, most: usize) -> usize {
    let limit = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    if limit == text.len() {
        return limit;
    }
    let (fits, _) = text.split_at(limit);
    let after_last = |marks: &[char]| {
        fits.char_indices()
            .filter(|(_, character)| marks.contains(character))
            .map(|(at, character)| at + character.len_utf8())
            .next_back()
    };
    after_last(&['.', '?', '!', '\n', ';', ':'])
        .or_else(|| after_last(&[',', '–', '—']))
        .or_else(|| fits.rfind(char::is_whitespace))
        .filter(|end| *end > 0)
        .unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_stay_whole_where_they_fit() {
        assert_eq!(split("שלום. מה שלומך היום?", 12), ["שלום.", "מה שלומך", "היום?"]);
        assert_eq!(split("  ", 10), Vec::<String>::new());
        assert_eq!(split("... !", 2), Vec::<String>::new());
    }

    #[test]
    fn no_piece_is_too_long_and_nothing_is_lost() {
        let text = "אבגדהוז ".repeat(100) + &"x".repeat(300);
        for most in [1, 7, 100] {
            let pieces = split(&text, most);
            assert!(pieces.iter().all(|piece| piece.chars().count() <= most));
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&pieces.concat()), letters(&text));
        }
    }
}
