//! Files and functions that have grown too long to read at once.

use super::{
    Findings,
    source::{Source, has_ending},
};

const LOOK_TWICE_LINES: usize = 500;
const TOO_LONG_LINES: usize = 900;
const LONGEST_FUNCTION_LINES: usize = 70;

pub fn check(tree: &[Source], findings: &mut Findings) {
    for file in tree.iter().filter(|file| is_written_by_hand(&file.path)) {
        let lines = file.text.lines().count();
        if lines > TOO_LONG_LINES {
            findings.error(format!("{}: {lines} lines; split it", file.path));
        } else if lines > LOOK_TWICE_LINES {
            findings.warn(format!("{}: {lines} lines; does it still hold one thing?", file.path));
        }
        if file.is_rust() && !file.is_test() {
            functions(file, findings);
        }
    }
}

fn is_written_by_hand(path: &str) -> bool {
    ["rs", "ts", "tsx", "mjs"].iter().any(|ending| has_ending(path, ending))
        && !path.contains(".gen.")
        && !path.starts_with("crates/migration/")
}

/// Counts from a line that begins a function to the line that closes it at the same indent.
fn functions(file: &Source, findings: &mut Findings) {
    let code = file.code();
    let lines: Vec<&str> = code.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if !begins_function(line.trim_start()) {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let Some(length) = lines.iter().skip(at).position(|line| line.trim_end() == closing) else {
            continue;
        };
        if length + 1 > LONGEST_FUNCTION_LINES {
            findings.warn(format!("{}:{}: a function of {} lines", file.path, at + 1, length + 1));
        }
    }
}

fn begins_function(line: &str) -> bool {
    let mut words = line
        .split_whitespace()
        .skip_while(|word| matches!(*word, "async" | "const" | "unsafe") || word.starts_with("pub"));
    words.next() == Some("fn")
}
