//! What no linter checks. Each check gives lines of the form `path:line: what is wrong`.

mod dependencies;
mod doors;
mod edges;
mod names;
mod paths;
mod sizes;
mod source;

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::Context;
use source::Source;

use crate::say;

/// What the checks found.
#[derive(Default)]
pub struct Findings {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    pub fn error(&mut self, line: String) {
        self.errors.push(line);
    }

    pub fn warn(&mut self, line: String) {
        self.warnings.push(line);
    }
}

pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let tree = tree(root)?;
    let mut findings = Findings::default();
    edges::of_crates(&tree, &mut findings);
    edges::of_subjects(&tree, &mut findings);
    doors::check(&tree, &mut findings);
    names::check(&tree, &mut findings);
    paths::check(root, &tree, &mut findings);
    sizes::check(&tree, &mut findings);
    dependencies::check(&tree, &mut findings);
    for line in &findings.warnings {
        say(&format!("warning: {line}"));
    }
    for line in &findings.errors {
        say(&format!("error: {line}"));
    }
    if findings.errors.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("tidy: {} error(s)", findings.errors.len()));
    Ok(ExitCode::FAILURE)
}

/// Every text file that is in the repository or would be added to it.
fn tree(root: &Path) -> anyhow::Result<Vec<Source>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("git can not be run")?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
    paths.sort_unstable();
    paths.dedup();
    // A file that is listed and gone, or is not text, is left out.
    Ok(paths.into_iter().filter_map(|path| Source::read(root, path)).collect())
}
