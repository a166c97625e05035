//! Cuts a model's streamed text into sentences that can be spoken one by one, and takes out what can not be spoken.

/// The first piece may end at a comma from this length on, so that speech starts early.
const FIRST_CLAUSE_CHARS: usize = 36;
/// A piece is cut at a blank here, whatever the model writes.
const LONGEST_CHARS: usize = 220;

/// Collects deltas and gives sentences.
#[derive(Debug, Default)]
pub struct Chunker {
    buffer: String,
    gave_one: bool,
}

impl Chunker {
    pub const fn new() -> Self {
        Self {
            buffer: String::new(),
            gave_one: false,
        }
    }

    /// Takes a delta and appends the sentences that it completed.
    pub fn push(&mut self, delta: &str, sentences: &mut Vec<String>) {
        self.buffer.push_str(delta);
        while let Some(end) = self.boundary() {
            let rest = self.buffer.split_off(end);
            let piece = std::mem::replace(&mut self.buffer, rest);
            self.give(&piece, sentences);
        }
    }

    /// The text is over: gives what is left.
    pub fn finish(&mut self, sentences: &mut Vec<String>) {
        let piece = std::mem::take(&mut self.buffer);
        self.give(&piece, sentences);
    }

    fn give(&mut self, piece: &str, sentences: &mut Vec<String>) {
        let spoken = speakable(piece);
        if spoken.chars().any(char::is_alphanumeric) {
            self.gave_one = true;
            sentences.push(spoken);
        }
    }

    /// The byte after the first finished sentence.
    fn boundary(&self) -> Option<usize> {
        let mut chars = self.buffer.char_indices().enumerate().peekable();
        let mut last_blank = None;
        let mut previous = ' ';
        while let Some((count, (at, c))) = chars.next() {
            let end = at + c.len_utf8();
            let next = chars.peek().map(|(_, (_, next))| *next);
            if ends_sentence(previous, c, next) || (!self.gave_one && ends_clause(count, c, next)) {
                return Some(end);
            }
            if c.is_whitespace() {
                last_blank = Some(end);
            }
            if count >= LONGEST_CHARS {
                return Some(last_blank.unwrap_or(end));
            }
            previous = c;
        }
        None
    }
}

/// A stop counts only when what follows is known: «3.5», «10:30» and «a.m.» go on.
fn ends_sentence(previous: char, c: char, next: Option<char>) -> bool {
    match c {
        '\n' => true,
        '!' | '?' | '…' | '؟' => next.is_some_and(|next| !matches!(next, '!' | '?' | '"' | '”' | '״')),
        '.' => next.is_some_and(char::is_whitespace) && !lone_letter(previous),
        ':' | ';' => next.is_some_and(char::is_whitespace) && !previous.is_ascii_digit(),
        _ => false,
    }
}

const fn lone_letter(previous: char) -> bool {
    previous.is_ascii_uppercase()
}

fn ends_clause(count: usize, c: char, next: Option<char>) -> bool {
    matches!(c, ',' | '–' | '—') && count >= FIRST_CLAUSE_CHARS && next.is_some_and(char::is_whitespace)
}

/// The text without what a voice would spell out: markdown, addresses, pictures, control marks.
pub fn speakable(text: &str) -> String {
    let mut spoken = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if word.contains("://") || word.starts_with("www.") {
            continue;
        }
        let start = spoken.len();
        if !spoken.is_empty() {
            spoken.push(' ');
        }
        let before = spoken.len();
        spoken.extend(word.chars().filter(|c| is_spoken(*c)));
        if spoken.len() == before {
            spoken.truncate(start);
        }
    }
    spoken
}

fn is_spoken(c: char) -> bool {
    if c.is_control()
        || matches!(
            c,
            '*' | '_' | '#' | '`' | '~' | '|' | '<' | '>' | '{' | '}' | '[' | ']' | '\\' | '^'
        )
    {
        return false;
    }
    // Pictures, private use, direction marks, replacement.
    !matches!(u32::from(c),
        0x200B..=0x200F | 0x202A..=0x202E | 0x2066..=0x2069 | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFFD
        | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1F000..=0x1FAFF | 0xF_0000..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunks(deltas: &[&str]) -> Vec<String> {
        let (mut chunker, mut sentences) = (Chunker::default(), Vec::new());
        for delta in deltas {
            chunker.push(delta, &mut sentences);
        }
        chunker.finish(&mut sentences);
        sentences
    }

    #[test]
    fn sentences_come_out_as_soon_as_they_are_whole() {
        let (mut chunker, mut sentences) = (Chunker::default(), Vec::new());
        chunker.push("שלום, מה שלו", &mut sentences);
        assert!(sentences.is_empty());
        chunker.push("מכם? אשמח ", &mut sentences);
        assert_eq!(sentences, ["שלום, מה שלומכם?"]);
        chunker.push("לעזור", &mut sentences);
        chunker.finish(&mut sentences);
        assert_eq!(sentences, ["שלום, מה שלומכם?", "אשמח לעזור"]);
    }

    #[test]
    fn numbers_and_hours_are_not_cut() {
        assert_eq!(
            chunks(&["זה עולה 3.5 שקלים. מ-10:30 ועד 12:00."]),
            ["זה עולה 3.5 שקלים.", "מ-10:30 ועד 12:00."]
        );
    }

    #[test]
    fn the_first_clause_may_end_at_a_comma_and_later_ones_not() {
        let text =
            "אנחנו פתוחים מיום ראשון ועד יום חמישי, משעה תשע ועד שש. בימי שישי אנחנו פתוחים מתשע עד אחת, ובשבת סגור.";
        assert_eq!(chunks(&[text]).len(), 3);
    }

    #[test]
    fn what_can_not_be_spoken_is_left_out() {
        assert_eq!(chunks(&["**שלום** 😀 ראו https://x.co/a _כאן_."]), ["שלום ראו כאן."]);
        assert_eq!(chunks(&["😀 … ***"]), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_piece_is_endless(deltas in prop::collection::vec("[א-ת a-z.,!?0-9\n]{0,40}", 0..30)) {
            let whole: String = deltas.concat();
            let pieces = chunks(&deltas.iter().map(String::as_str).collect::<Vec<_>>());
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&whole), letters(&pieces.concat()));
            for piece in &pieces {
                prop_assert!(piece.chars().count() <= LONGEST_CHARS + 1);
            }
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,300}") {
            let _ = chunks(&[&text]);
        }
    }
}
