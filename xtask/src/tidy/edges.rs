//! Who may import whom: crates, and subjects inside `app`.

use super::{
    Findings,
    source::{Source, line_of},
};

/// Our crates, and the ones of ours that each may use. What is not listed may use none.
const CRATES: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("depset", &[]),
    ("calendar", &["kernel"]),
    ("contracts", &["kernel"]),
    ("conversation", &["kernel", "contracts"]),
    ("migration", &[]),
    ("platform", &["kernel", "contracts", "migration"]),
    ("providers", &["kernel", "contracts"]),
    ("app", &["kernel", "calendar", "contracts", "conversation", "platform"]),
    ("simulator", &["kernel", "contracts", "conversation"]),
    (
        "agentlocator",
        &[
            "kernel",
            "calendar",
            "contracts",
            "conversation",
            "platform",
            "providers",
            "app",
            "migration",
            "simulator",
        ],
    ),
    (
        "testkit",
        &[
            "kernel",
            "calendar",
            "contracts",
            "platform",
            "app",
            "agentlocator",
            "simulator",
        ],
    ),
    ("xtask", &["agentlocator", "contracts", "conversation", "providers"]),
    (
        "benches",
        &["agentlocator", "simulator", "kernel", "platform", "app", "migration"],
    ),
    ("fuzz", &["app", "contracts", "providers"]),
];

/// Subjects of `app` from the outside in: each may use those of lower layers. `api` gives everyone its guards.
const LAYERS: &[&[&str]] = &[
    &["api"],
    &["exports", "stats"],
    &["channels"],
    &["conversations"],
    &["threads"],
    &["calls"],
    &["crm", "billing"],
    &["messages"],
    &["timeline", "notifications"],
    &["accounts"],
    &["mail"],
];

pub fn of_crates(tree: &[Source], findings: &mut Findings) {
    for manifest in tree.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        let Some(name) = manifest.path.rsplit('/').nth(1) else {
            continue;
        };
        let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
            if manifest.path.starts_with("crates/") {
                findings.error(format!(
                    "{}: a new crate: say in xtask/src/tidy/edges.rs whom it may use",
                    manifest.path
                ));
            }
            continue;
        };
        for used in dependencies(&manifest.text) {
            let ours = CRATES.iter().any(|(known, _)| *known == used);
            if ours && !allowed.contains(&used) {
                findings.error(format!("{}: {name} may not use {used}", manifest.path));
            }
        }
    }
}

/// Names under `[dependencies]`; tests may use what they like.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
}

pub fn of_subjects(tree: &[Source], findings: &mut Findings) {
    for file in tree.iter().filter(|file| file.is_rust() && !file.is_test()) {
        let Some(inside) = file.path.strip_prefix("crates/app/src/") else {
            continue;
        };
        let subject = inside.split(['/', '.']).next().unwrap_or_default();
        let Some(own) = layer(subject) else { continue };
        let code = file.code();
        for (at, used) in crate_paths(&code) {
            let Some(other) = layer(&used) else { continue };
            if other <= own && used != subject && used != "api" {
                let line = line_of(&code, at);
                findings.error(format!("{}:{line}: {subject} may not use {used}", file.path));
            }
        }
    }
}

fn layer(subject: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&subject))
}

/// The first name of every `crate::…` path, groups (`crate::{a, b::c}`) included.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = code.get(at + "crate::".len()..).unwrap_or_default();
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_names(group).into_iter().map(|name| (at, name))),
            None => found.push((at, first_name(rest))),
        }
    }
    found
}

fn group_names(group: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut names = vec![String::new()];
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ => {
                if let Some(name) = names.last_mut() {
                    name.push(c);
                }
            }
        }
    }
    names.iter().map(|name| first_name(name.trim_start())).collect()
}

fn first_name(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        let file = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        of_subjects(&[file], &mut findings);
        findings.errors
    }

    #[test]
    fn a_lower_subject_does_not_use_a_higher_one() {
        let text = "use crate::{AppState, api::{guarded, public}, calls::live};\n";
        assert_eq!(findings("crates/app/src/crm/tasks/http.rs", text).len(), 1);
        assert!(findings("crates/app/src/channels/voice/door.rs", text).is_empty());
        assert_eq!(
            findings("crates/app/src/crm/mod.rs", "fn f() { crate::channels::voice::go() }").len(),
            1
        );
        assert_eq!(
            findings("crates/app/src/timeline/mod.rs", "use crate::crm::customers;\n").len(),
            1
        );
    }

    #[test]
    fn names_of_dependencies_are_read() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\nkernel.workspace = true\napp = { path = \"..\" }\n[dev-dependencies]\ntestkit.workspace = true\n";
        assert_eq!(dependencies(manifest).collect::<Vec<_>>(), ["kernel", "app"]);
    }
}
