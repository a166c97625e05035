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
    "crates/app/src/channels/whatsapp/door.rs",
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
    (
        "crates/platform/src/db/audit/chain.rs",
        "where every chain of the audit log ends",
    ),
    (
        "crates/agentlocator/src/commands/bench/seed.rs",
        "made-up data to measure on",
    ),
    ("crates/platform/src/db/audit/verify.rs", "checking the audit log"),
    ("crates/app/src/accounts/api_keys/identify.rs", "the key of a request"),
    (
        "crates/app/src/accounts/resets/actions.rs",
        "a password by a mailed link",
    ),
    ("crates/app/src/accounts/resets/jobs.rs", "who has forgotten a password"),
    (
        "crates/app/src/accounts/totp/actions.rs",
        "second factors, as a part of sign-in",
    ),
    ("crates/app/src/accounts/sessions/actions.rs", "sign-in"),
    ("crates/app/src/accounts/sessions/caller.rs", "the session of a request"),
    (
        "crates/app/src/accounts/sessions/known.rs",
        "where somebody signed in before, whoever it is",
    ),
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
    (
        "crates/app/src/threads/sweep.rs",
        "uploads and statuses of all businesses that nobody waits for",
    ),
    ("crates/app/src/calls/directory.rs", "routing calls to businesses"),
    (
        "crates/app/src/channels/whatsapp/door.rs",
        "what webhooks brought, before it is known whose it is",
    ),
    ("crates/app/src/api/listeners.rs", "sessions of sockets"),
    ("crates/app/src/api/admin.rs", "the platform's jobs, for an admin"),
    (
        "crates/app/src/accounts/defaults/http.rs",
        "what the platform gives to every business",
    ),
    (
        "crates/app/src/accounts/impersonation/mod.rs",
        "an admin acts in another business",
    ),
    (
        "crates/app/src/accounts/users/invitations.rs",
        "an invitation's address names no business",
    ),
    ("crates/app/src/crm/tasks/alarms.rs", "whose alarms are due"),
    (
        "crates/app/src/stats/digest.rs",
        "which businesses have just closed or are about to open",
    ),
    ("crates/app/src/notifications/store.rs", "old notifications"),
    ("crates/app/src/notifications/given_up.rs", "jobs that were given up"),
    ("crates/app/src/notifications/push/keys.rs", "the server's own keys"),
    (
        "crates/app/src/notifications/push/http.rs",
        "a browser that changed hands",
    ),
    (
        "crates/app/src/crm/imports/sweep.rs",
        "imports of all businesses that can not be undone any more",
    ),
    (
        "crates/app/src/exports/jobs.rs",
        "archives of all businesses whose day is over",
    ),
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
            for needle in [".system(", ".system_read(", ".system_rows("] {
                report(
                    needle,
                    "not among the files that may look across businesses (xtask/src/tidy/doors.rs)",
                );
            }
        }
    }
}
