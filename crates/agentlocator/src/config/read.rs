//! Where settings come from, and looking one up by any of its names.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    Report,
    table::{self, Entry},
    value,
};

/// Names and values, as the process was given them. An empty value counts as unset.
#[derive(Clone, Debug, Default)]
pub struct Variables(BTreeMap<String, String>);

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into().trim().to_owned()))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }
}

impl Variables {
    /// The environment; outside production, what it leaves unset is taken from `.env`.
    pub fn of_process() -> Result<Self, Report> {
        let environment: Self = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        environment.with_file(Path::new(".env"))
    }

    /// Adds what stands in the file and is not set yet. The file is for development: in production it is not read,
    /// and it cannot itself choose production.
    pub fn with_file(mut self, file: &Path) -> Result<Self, Report> {
        if self.is_production() || !file.exists() {
            return Ok(self);
        }
        let mut report = Report::default();
        let lines = dotenvy::from_path_iter(file).map_err(|why| unreadable(file, &why))?;
        let mut from_file = BTreeMap::new();
        for line in lines {
            match line {
                Ok((name, value)) => drop(from_file.insert(name, value)),
                Err(why) => report.add(file.display().to_string(), first_line(&why)),
            }
        }
        let from_file: Self = from_file.into_iter().collect();
        if from_file.is_production() {
            report.add(
                file.display().to_string(),
                "chooses production, but this file is read in development only: set APP_ENV in the environment",
            );
        }
        if !report.is_empty() {
            return Err(report);
        }
        for (name, value) in from_file.0 {
            self.0.entry(name).or_insert(value);
        }
        Ok(self)
    }

    pub(crate) fn is_production(&self) -> bool {
        ["APP_ENV", "FLASK_ENV"]
            .iter()
            .find_map(|name| self.0.get(*name))
            .is_some_and(|text| value::app_env(text).is_ok_and(super::AppEnv::is_production))
    }

    /// The value of a setting under the first of its names that is set.
    pub fn get(&self, entry: &Entry) -> Option<(&'static str, &str)> {
        std::iter::once(&entry.name).chain(entry.aliases).find_map(|name| {
            let value = self.0.get(*name)?;
            // Shells set HOST to the machine's name, which is no public address.
            let counts = *name != "HOST" || value.contains("://");
            counts.then_some((*name, value.as_str()))
        })
    }

    /// Variables that are no setting but look like a misspelt one, with the setting they look like.
    pub fn lookalikes(&self) -> Vec<(&str, &'static Entry)> {
        let known: BTreeSet<&str> = table::entries()
            .flat_map(|entry| std::iter::once(&entry.name).chain(entry.aliases))
            .copied()
            .collect();
        self.0
            .keys()
            .filter(|name| !known.contains(name.as_str()))
            .filter_map(|name| Some((name.as_str(), similar(name)?)))
            .collect()
    }
}

/// The setting whose name is one or two slips of the finger away. Short names are left alone: `PATH` is not `PORT`.
fn similar(name: &str) -> Option<&'static Entry> {
    const SHORTEST: usize = 8;
    let normal = name.to_ascii_uppercase().replace('-', "_");
    table::entries()
        .filter(|entry| entry.name.len() >= SHORTEST)
        .map(|entry| (distance(&normal, entry.name), entry))
        .filter(|(slips, _)| *slips <= 2)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, entry)| entry)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((to, up_left), up) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            let slip = usize::from(from != *to);
            next.push((up_left + slip).min(up + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn unreadable(file: &Path, why: &dotenvy::Error) -> Report {
    let mut report = Report::default();
    report.add(file.display().to_string(), first_line(why));
    report
}

/// A parser's message may repeat the line, which may hold a secret; only its kind is told.
fn first_line(why: &dotenvy::Error) -> String {
    match why {
        dotenvy::Error::LineParse(_, at) => format!("cannot be read: a line has a mistake near its character {at}"),
        dotenvy::Error::Io(why) => format!("cannot be read: {why}"),
        _ => "cannot be read".to_owned(),
    }
}
