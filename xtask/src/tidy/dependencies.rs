//! Crates that must not come into the tree, by the lock file. `deny.toml` says the same and more, where cargo-deny is.

use super::{Findings, source::Source};

const BANNED: &[(&str, &str)] = &[
    ("openssl", "TLS is rustls with aws-lc-rs"),
    ("openssl-sys", "TLS is rustls with aws-lc-rs"),
    ("native-tls", "TLS is rustls with aws-lc-rs"),
    ("curl", "HTTP is reqwest"),
    ("curl-sys", "HTTP is reqwest"),
];

pub fn check(tree: &[Source], findings: &mut Findings) {
    let Some(lock) = tree.iter().find(|file| file.path == "Cargo.lock") else {
        findings.error("Cargo.lock: is missing".to_owned());
        return;
    };
    for name in lock
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
    {
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            findings.error(format!("Cargo.lock: {name} is banned: {why}"));
        }
    }
    let sources = lock.text.lines().filter_map(|line| line.strip_prefix("source = "));
    for source in sources.filter(|source| !source.contains("registry+https://github.com/rust-lang/")) {
        findings.error(format!("Cargo.lock: a crate from elsewhere: {source}"));
    }
}
