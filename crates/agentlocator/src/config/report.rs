//! What is wrong with the settings, all of it at once.

use std::fmt;

/// Everything that keeps the server from starting with these settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    problems: Vec<(String, String)>,
}

impl Report {
    pub fn add(&mut self, name: impl Into<String>, what: impl Into<String>) {
        self.problems.push((name.into(), what.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The names of the settings that the report is about.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().map(|(name, _)| name.as_str())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.names().map(str::len).max().unwrap_or(0);
        writeln!(f, "The settings have {} problem(s):", self.problems.len())?;
        for (name, what) in &self.problems {
            writeln!(f, "  {name:width$}  {what}")?;
        }
        f.write_str("All settings and their meaning stand in .env.example.")
    }
}

impl std::error::Error for Report {}
