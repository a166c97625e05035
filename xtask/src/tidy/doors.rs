//! Where a `Scope` may be minted, and which files may ask for a transaction over all businesses.

use super::{
    Findings,
    source::{Source, line_of},
};

/// The session, the verified webhook, the job runner.
const MINT: &[&str] = &[
    "crates/app/src/accounts/sessions/actions.rs",
    "crates/app/src/accounts/sessions/caller.rs",
    "crates/app/src/channels/voice/door.rs",
    "crates/platform/src/jobs/runner.rs",
];

/// Files that look across businesses, each with its reason.
const SYSTEM: &[(&str, &str)] = &[
    ("crates/platform/src/db/mod.rs", "where it is made"),
    ("crates/platform/src/jobs/store.rs", "claiming jobs"),
    ("crates/platform/src/jobs/schedule.rs", "claiming jobs"),
    (
        "crates/platform/src/http/idempotency.rs",
        "answers kept for a repeated request",
    ),
    ("crates/platform/src/outbox/store.rs", "publishing events"),
    ("crates/app/src/accounts/sessions/actions.rs", "sign-in"),
    ("crates/app/src/accounts/sessions/caller.rs", "the session of a request"),
    ("crates/app/src/accounts/setup/mod.rs", "the first owner"),
    ("crates/app/src/accounts/businesses/model.rs", "the first business"),
    (
        "crates/app/src/accounts/users/actions.rs",
        "people made on the command line",
    ),
    (
        "crates/app/src/calls/admission.rs",
        "the call of a media socket's token",
    ),
    (
        "crates/app/src/calls/jobs/orphans.rs",
        "calls of all businesses that nobody ends",
    ),
    (
        "crates/app/src/channels/voice/media/rescue.rs",
        "recordings that a stopped process left",
    ),
    ("crates/app/src/calls/directory.rs", "routing calls to businesses"),
    ("crates/app/src/api/listeners.rs", "sessions of sockets"),
];

pub fn check(tree: &[Source], findings: &mut Findings) {
    for file in tree
        .iter()
        .filter(|file| file.is_rust() && !file.is_test() && !file.path.starts_with("xtask/"))
    {
        let code = file.code();
        let mut report = |needle: &str, what: &str| {
            for (at, _) in code.match_indices(needle) {
                findings.error(format!("{}:{}: {what}", file.path, line_of(&code, at)));
            }
        };
        if !MINT.contains(&file.path.as_str()) {
            report(
                "Scope::mint(",
                "a scope is minted at three doors only (xtask/src/tidy/doors.rs)",
            );
        }
        if !SYSTEM.iter().any(|(path, _)| *path == file.path) {
            for needle in [".system(", ".system_read("] {
                report(
                    needle,
                    "not among the files that may look across businesses (xtask/src/tidy/doors.rs)",
                );
            }
        }
    }
}
