//! Paths that documents name exist.

use std::path::Path;

use super::{
    Findings,
    source::{Source, has_ending, line_of},
};

/// First folders of paths that a document may name in backticks.
const ROOTS: &[&str] = &[
    "crates/", "web/", "e2e/", "docs/", "checks/", "scripts/", "xtask/", "benches/", "fuzz/", ".ci/", ".github/",
];

pub fn check(root: &Path, tree: &[Source], findings: &mut Findings) {
    for file in tree.iter().filter(|file| has_ending(&file.path, "md")) {
        for (at, named) in in_backticks(&file.text) {
            let is_path = ROOTS.iter().any(|root| named.starts_with(root));
            let is_pattern = named.contains(['<', '*', '…', '{', ' ']);
            let path = named.split([':', '#']).next().unwrap_or_default();
            if is_path && !is_pattern && !root.join(path).exists() && !is_generated(path) {
                findings.error(format!(
                    "{}:{}: there is no {named}",
                    file.path,
                    line_of(&file.text, at)
                ));
            }
        }
        for (at, target) in links(&file.text) {
            let beside = Path::new(&file.path).parent().unwrap_or(Path::new("")).join(target);
            if !root.join(beside).exists() {
                findings.error(format!(
                    "{}:{}: the link to {target} leads nowhere",
                    file.path,
                    line_of(&file.text, at)
                ));
            }
        }
    }
}

/// Exists after a build only.
fn is_generated(path: &str) -> bool {
    path.starts_with("web/dist") || path.contains("node_modules")
}

fn in_backticks(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let mut inside = false;
        let mut from = at;
        for piece in line.split('`') {
            if inside {
                found.push((from, piece));
            }
            from += piece.len() + 1;
            inside = !inside;
        }
        at += line.len();
    }
    found
}

/// Targets of Markdown links to files of the repository.
fn links(text: &str) -> Vec<(usize, &str)> {
    text.match_indices("](")
        .filter_map(|(at, open)| {
            let target = text.get(at + open.len()..)?.split(')').next()?;
            let target = target.split('#').next()?;
            let outside = target.contains("://") || target.starts_with("mailto:") || target.is_empty();
            (!outside).then_some((at, target))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_paths_and_links_are_found() {
        let text = "See `crates/kernel` and [it](docs/a.md#b), not [that](https://x.example/).\n";
        assert_eq!(in_backticks(text), [(5, "crates/kernel")]);
        assert_eq!(
            links(text).iter().map(|(_, target)| *target).collect::<Vec<_>>(),
            ["docs/a.md"]
        );
    }
}
