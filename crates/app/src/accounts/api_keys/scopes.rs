//! What a key may be made for. A permission that no scope names is never a key's.

use kernel::{Permission, PermissionSet, Problem};

const RESOURCES: &[&str] = &[
    "customers",
    "calls",
    "threads",
    "messages",
    "tasks",
    "deals",
    "contracts",
    "invoices",
    "payments",
    "stats",
];
const VERBS: &[&str] = &["read", "write"];
const FURTHER: &[&str] = &["messages:send"];

/// Permissions of another name than the scope that gives them.
const GIVEN_BY: &[(&str, &str)] = &[("timeline:read", "customers:read"), ("calls:work", "calls:write")];

fn is_scope(text: &str) -> bool {
    let known = |(resource, verb): (&str, &str)| RESOURCES.contains(&resource) && VERBS.contains(&verb);
    FURTHER.contains(&text) || text.split_once(':').is_some_and(known)
}

/// The scope that gives a permission. `None` for what people do only.
pub fn scope_of(permission: Permission) -> Option<&'static str> {
    let name = permission.as_str();
    let given_by = GIVEN_BY.iter().find(|(given, _)| *given == name).map(|(_, by)| *by);
    given_by.or_else(|| is_scope(name).then_some(name))
}

/// What the scopes give together.
pub fn permissions(scopes: &[String]) -> PermissionSet {
    Permission::ALL
        .iter()
        .copied()
        .filter(|permission| scope_of(*permission).is_some_and(|scope| scopes.iter().any(|own| own == scope)))
        .collect()
}

/// Known scopes, each once, in order. 422 for none and for one that is unknown.
pub fn checked(given: Vec<String>) -> Result<Vec<String>, Problem> {
    if given.is_empty() {
        return Err(Problem::invalid("scopes", "empty", "name one scope or more"));
    }
    if let Some(at) = given.iter().position(|scope| !is_scope(scope)) {
        let field = format!("scopes[{at}]");
        return Err(Problem::invalid(&field, "unknown_scope", "there is no such scope"));
    }
    let mut scopes = given;
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_known_by_name() {
        let scopes = |given: &[&str]| checked(given.iter().map(|scope| (*scope).to_owned()).collect());
        assert_eq!(
            scopes(&["tasks:write", "calls:read", "tasks:write"]).ok(),
            Some(vec!["calls:read".into(), "tasks:write".into()])
        );
        assert!(scopes(&["messages:send"]).is_ok());
        for wrong in [
            &[][..],
            &["tasks"],
            &["tasks:send"],
            &["users:read"],
            &["tasks:read", ""],
        ] {
            assert_eq!(scopes(wrong).map_err(|problem| problem.status), Err(422), "{wrong:?}");
        }
    }

    #[test]
    fn no_key_administers() {
        let all: Vec<String> = RESOURCES
            .iter()
            .flat_map(|resource| VERBS.iter().map(move |verb| format!("{resource}:{verb}")))
            .collect();
        let most = permissions(&all);
        for never in [
            Permission::OwnSession,
            Permission::OwnAccount,
            Permission::UsersRead,
            Permission::UsersReset,
            Permission::SettingsWrite,
            Permission::ApiKeysManage,
            Permission::AuditRead,
        ] {
            assert!(!most.contains(never), "{}", never.as_str());
        }
        assert!(most.contains(Permission::TimelineRead) && most.contains(Permission::CallsWork));
        assert!(!permissions(&["tasks:write".to_owned()]).contains(Permission::TasksRead));
    }
}
