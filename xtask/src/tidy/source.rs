//! A text file of the repository, and Rust code without its comments and strings.

use std::{fs, path::Path};

pub struct Source {
    /// From the repository's root, with slashes.
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn read(root: &Path, path: &str) -> Option<Self> {
        let text = fs::read_to_string(root.join(path)).ok()?;
        Some(Self {
            path: path.to_owned(),
            text,
        })
    }

    pub fn is_rust(&self) -> bool {
        has_ending(&self.path, "rs")
    }

    /// Rust that only tests see.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.starts_with("crates/testkit/")
            || self.path.contains("/test_")
    }

    /// The code with comments and the contents of strings blanked, line by line as it was; tests at the end of the
    /// file are left out.
    pub fn code(&self) -> String {
        let code = blank(&self.text);
        match code.find("#[cfg(test)]\nmod tests {") {
            Some(at) => code
                .chars()
                .take(code.get(..at).map_or(0, |head| head.chars().count()))
                .collect(),
            None => code,
        }
    }
}

pub fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == ending)
}

/// Which line the byte stands in, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

enum In {
    Code,
    Line,
    /// How deep.
    Block(usize),
    Text,
    /// How many `#`.
    Raw(usize),
}

fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = In::Code;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (next, eaten, kept) = step(&inside, rest, c);
        for eaten in rest.chars().take(eaten) {
            out.push(if kept || eaten == '\n' { eaten } else { ' ' });
        }
        rest = rest
            .get(rest.chars().take(eaten).map(char::len_utf8).sum()..)
            .unwrap_or_default();
        inside = next;
    }
    out
}

/// What the text is inside of next, how many characters that took, and whether they are code.
fn step(inside: &In, rest: &str, c: char) -> (In, usize, bool) {
    match inside {
        In::Code => match c {
            '/' if rest.starts_with("//") => (In::Line, 2, false),
            '/' if rest.starts_with("/*") => (In::Block(1), 2, false),
            '"' => (In::Text, 1, true),
            'r' if raw_start(rest).is_some() => {
                let hashes = raw_start(rest).unwrap_or_default();
                (In::Raw(hashes), hashes + 2, false)
            }
            '\'' if rest.starts_with("'\"'") => (In::Code, 3, true),
            _ => (In::Code, 1, true),
        },
        In::Line => (if c == '\n' { In::Code } else { In::Line }, 1, false),
        In::Block(depth) => match c {
            '*' if rest.starts_with("*/") => (if *depth == 1 { In::Code } else { In::Block(depth - 1) }, 2, false),
            '/' if rest.starts_with("/*") => (In::Block(depth + 1), 2, false),
            _ => (In::Block(*depth), 1, false),
        },
        In::Text => match c {
            '\\' => (In::Text, 2, false),
            '"' => (In::Code, 1, true),
            _ => (In::Text, 1, false),
        },
        In::Raw(hashes) => {
            let end = format!("\"{}", "#".repeat(*hashes));
            if rest.starts_with(&end) {
                (In::Code, end.len(), false)
            } else {
                (In::Raw(*hashes), 1, false)
            }
        }
    }
}

fn raw_start(rest: &str) -> Option<usize> {
    let hashes = rest.chars().skip(1).take_while(|c| *c == '#').count();
    (rest.chars().nth(hashes + 1) == Some('"')).then_some(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source {
            path: "a.rs".to_owned(),
            text: text.to_owned(),
        }
        .code()
    }

    #[test]
    fn comments_and_strings_are_blank_and_lines_stay() {
        let text = "let a = \"x // y\"; // crate::b\n/* crate::c\n*/ let d = r#\"crate::e\"#;\n";
        let blank = code(text);
        assert!(!blank.contains("crate::"), "{blank}");
        assert_eq!(blank.lines().count(), 3);
        assert!(blank.contains("let a = \""));
        assert!(blank.contains("let d ="));
    }

    #[test]
    fn tests_at_the_end_are_no_code() {
        assert!(!code("fn a() {}\n#[cfg(test)]\nmod tests {\n crate::b }\n").contains("crate::b"));
    }
}
