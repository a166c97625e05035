//! Where a person has signed in before: others who try their e-mail address over and over do not lock them out there.
//!
//! A browser keeps a mark for each of the last people who signed in with it. A mark lets nobody in; tries with it are
//! counted by themselves. Where a program has no mark, its network is known by the person's earlier sessions.

use std::net::IpAddr;

use axum_extra::extract::CookieJar;
use chrono::TimeDelta;
use kernel::Problem;
use platform::{db::DbError, http::client_address::one_caller, seal::Sealer};
use sea_orm::{FromQueryResult, Statement};

use super::tokens;
use crate::{App, accounts::users::actions::LONGEST_EMAIL};

/// The cookie in which a browser keeps its marks, the newest first, with dots between them.
pub const COOKIE: &str = "known_device";
/// As long as browsers keep a cookie at most.
pub const LASTS: TimeDelta = TimeDelta::days(400);
/// People whom one browser is known by.
const MOST: usize = 5;
/// A person's latest sessions, among whose networks one is looked for.
const LATEST: i64 = 50;

/// What the browser has in its cookie.
pub fn marks(jar: &CookieJar) -> String {
    jar.get(COOKIE)
        .map(|cookie| cookie.value().to_owned())
        .unwrap_or_default()
}

fn each(marks: &str) -> impl Iterator<Item = &str> {
    marks.split('.').filter(|mark| !mark.is_empty()).take(MOST)
}

fn is_of(sealer: &Sealer, mark: &str, email: &str) -> bool {
    mark.split_once('-')
        .is_some_and(|(own, code)| sealer.fits(email, own, code))
}

/// The mark of the person with this address among those of a browser.
fn mark_of<'a>(sealer: &Sealer, marks: &'a str, email: &str) -> Option<&'a str> {
    each(marks).find(|mark| is_of(sealer, mark, email))
}

/// A browser's marks after the person with this address has signed in.
pub fn with_mark_of(sealer: &Sealer, marks: &str, email: &str) -> String {
    let new = || {
        let own = tokens::random();
        format!("{own}-{}", sealer.fingerprint(email, &own))
    };
    let own = mark_of(sealer, marks, email).map_or_else(new, str::to_owned);
    let others = each(marks).filter(|mark| *mark != own).take(MOST - 1);
    std::iter::once(own.as_str())
        .chain(others)
        .collect::<Vec<_>>()
        .join(".")
}

/// Counts a try to sign in as this address: 429 when there were too many, from a browser or network in which the person
/// has signed in before its own, from elsewhere those of everybody together.
pub async fn may_try(app: &App, email: &str, marks: &str, from: Option<&str>) -> Result<(), Problem> {
    let email = email.trim().to_lowercase();
    if let Some(mark) = mark_of(&app.seals.devices, marks, &email) {
        return app.limits.sign_in_from(&email, mark);
    }
    let Err(refused) = app.limits.sign_in_as(&email) else {
        return Ok(());
    };
    let from = from.and_then(|text| text.parse().ok()).map(one_caller);
    match from {
        Some(from) if signed_in_from(app, &email, from).await? => app.limits.sign_in_from(&email, &from.to_string()),
        _ => Err(refused),
    }
}

#[derive(FromQueryResult)]
struct Came {
    ip: Option<String>,
}

async fn signed_in_from(app: &App, email: &str, network: IpAddr) -> Result<bool, DbError> {
    if !is_possible(email) {
        return Ok(false);
    }
    let statement = Statement::from_sql_and_values(
        app.db.backend(),
        "SELECT s.ip FROM sessions s JOIN users u ON u.business_id = s.business_id AND u.id = s.user_id \
         WHERE u.email = $1 ORDER BY s.id DESC LIMIT $2",
        [email.into(), LATEST.into()],
    );
    let rows: Vec<Came> = app.db.system_rows("where somebody signed in before", statement).await?;
    let mut before = rows.iter().filter_map(|row| row.ip.as_deref()?.parse().ok());
    Ok(before.any(|address| one_caller(address) == network))
}

/// Whether somebody could have this address: others are not looked for.
pub fn is_possible(email: &str) -> bool {
    email.len() <= LONGEST_EMAIL && !email.contains('\0')
}

#[cfg(test)]
mod tests {
    use platform::keys::MasterKeys;

    use super::*;

    #[test]
    fn a_browser_is_known_by_those_who_signed_in_and_by_nobody_else() {
        let sealer = Sealer::new(&MasterKeys::new("a key".into(), Vec::new()), "devices");
        let marks = with_mark_of(&sealer, "", "dana@example.com");
        let both = with_mark_of(&sealer, &marks, "noa@example.com");
        assert!(
            mark_of(&sealer, &both, "dana@example.com").is_some()
                && mark_of(&sealer, &both, "noa@example.com").is_some()
        );
        assert_eq!(mark_of(&sealer, &marks, "noa@example.com"), None);
        assert_eq!(
            with_mark_of(&sealer, &marks, "dana@example.com"),
            marks,
            "the same as before"
        );
        let elsewhere = with_mark_of(&sealer, "", "dana@example.com");
        assert_ne!(elsewhere, marks, "each browser has its own");
        let other = Sealer::new(&MasterKeys::new("another".into(), Vec::new()), "devices");
        assert_eq!(mark_of(&other, &both, "dana@example.com"), None);
        for rubbish in ["...", "-", "a-b.c", "x"] {
            assert_eq!(mark_of(&sealer, rubbish, "dana@example.com"), None, "{rubbish}");
        }
    }

    #[test]
    fn a_browser_keeps_the_last_few() {
        let sealer = Sealer::new(&MasterKeys::new("a key".into(), Vec::new()), "devices");
        let marks = (0..20).fold(String::new(), |marks, n| {
            with_mark_of(&sealer, &marks, &format!("{n}@example.com"))
        });
        let known: Vec<i32> = (0..20)
            .filter(|n| mark_of(&sealer, &marks, &format!("{n}@example.com")).is_some())
            .collect();
        assert_eq!(known, [15, 16, 17, 18, 19]);
    }
}
