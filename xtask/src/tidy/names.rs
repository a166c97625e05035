//! Names that say nothing, and text that belongs to one machine.

use super::{
    Findings,
    source::{Source, has_ending, line_of},
};

/// A file or folder of these holds whatever nobody found a place for.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "manager", "service", "misc",
];

/// Hosts of package registries and folders of one machine. Written in two halves, or this file would find itself.
const OF_ONE_MACHINE: &[(&str, &str)] = &[
    ("registry.npm", "js.org"),
    ("registry.yarn", "pkg.com"),
    ("static.crates", ".io"),
    ("index.crates", ".io"),
    ("files.python", "hosted.org"),
    ("deb.debian", ".org"),
    ("/wor", "k/"),
    ("/root", "/"),
    ("/Users", "/"),
    ("/home", "/"),
];

pub fn check(tree: &[Source], findings: &mut Findings) {
    for file in tree {
        let is_code = ["rs", "ts", "tsx"].iter().any(|ending| has_ending(&file.path, ending));
        for part in file.path.split('/').filter(|_| is_code) {
            let stem = part.split('.').next().unwrap_or_default();
            if EMPTY_NAMES.contains(&stem) {
                findings.error(format!("{}: «{stem}» says nothing about what is inside", file.path));
            }
        }
        if has_ending(&file.path, "lock") {
            // It names where packages come from; that is its work.
            continue;
        }
        for (a, b) in OF_ONE_MACHINE {
            for (at, found) in file.text.match_indices(&format!("{a}{b}")) {
                if begins_a_path(&file.text, at, found) {
                    findings.error(format!(
                        "{}:{}: {found} belongs to one machine",
                        file.path,
                        line_of(&file.text, at)
                    ));
                }
            }
        }
    }
}

/// Inside a longer path or a URL's path it is somebody else's.
fn begins_a_path(text: &str, at: usize, found: &str) -> bool {
    if !found.starts_with('/') {
        return true;
    }
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '/' | '}' | '-' | '_' | '$' | ')'))
}
