//! Every operation of the OpenAPI document, asked by everybody: a stranger, each role, another business, an admin, a
//! business whose module is off, a business that was closed. Each must be answered as the permission table says, and a
//! route that no rule here names fails the test.

mod records;
mod rules;

use std::collections::BTreeSet;

use kernel::{Permission, Role};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, Person, TestApp};

use records::{MARK, Records};
use rules::{PUBLIC, RULES, Record, Rule, SIGNED};

/// An operation of the document.
#[derive(Debug)]
struct Operation {
    /// `GET /api/crm/customers/{id}`
    name: String,
    permission: Option<Permission>,
    module: Option<String>,
    auth: Option<String>,
    /// Whether it takes `?business_id=`.
    names_business: bool,
    /// Whether it is about what belongs to a person alone.
    in_person: bool,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(app::api::document()).expect("a document");
    let paths = document["paths"].as_object().expect("paths").clone();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("an item") {
            let text = |key: &str| operation[key].as_str().map(str::to_owned);
            let permission = text("x-permission").map(|name| {
                let known = Permission::ALL.iter().find(|permission| permission.as_str() == name);
                *known.unwrap_or_else(|| panic!("{path}: unknown permission {name}"))
            });
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            found.push(Operation {
                name: format!("{} {path}", method.to_uppercase()),
                permission,
                module: text("x-module"),
                auth: text("x-auth"),
                names_business: parameters.iter().any(|parameter| parameter["name"] == "business_id"),
                in_person: operation["x-in-person"] == true,
            });
        }
    }
    found
}

fn rule(operation: &Operation) -> &'static Rule {
    RULES
        .iter()
        .find(|rule| rule.operation == operation.name)
        .unwrap_or_else(|| panic!("{} has no rule in tests/it/isolation/rules.rs", operation.name))
}

#[test]
fn every_operation_is_either_guarded_with_a_rule_or_openly_public() {
    let mut missing = Vec::new();
    for operation in operations() {
        let name = operation.name.as_str();
        let ruled = RULES.iter().any(|rule| rule.operation == name);
        let open = PUBLIC
            .iter()
            .any(|(public, how)| *public == name && operation.auth.as_deref() == Some(*how));
        match (&operation.permission, &operation.auth) {
            (Some(_), None) if ruled => {}
            (None, Some(_)) if open => {}
            _ => missing.push(format!("{operation:?}")),
        }
    }
    assert!(
        missing.is_empty(),
        "no rule, or not the one that the route says:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_rule_belongs_to_an_operation() {
    let known: BTreeSet<String> = operations().into_iter().map(|operation| operation.name).collect();
    for name in RULES
        .iter()
        .map(|rule| rule.operation)
        .chain(PUBLIC.iter().map(|(name, _)| *name))
    {
        assert!(known.contains(name), "{name} is not in the document any more");
    }
}

/// Where a person's own things are: how they sign in, where they are signed in and reached, what acts in their name.
const OWN: [&str; 4] = ["/api/auth/", "/auth/", "/api/push/", "/api/api_keys"];
/// Under these addresses, what says who is signed in now.
const SAID_TO_ALL: [&str; 2] = ["GET /api/auth/me", "GET /auth/me"];

#[test]
fn what_is_a_person_s_own_is_marked_as_such() {
    let mut marked = 0;
    for (operation, ..) in guarded() {
        let own = OWN.iter().any(|own| {
            let (_, path) = operation.name.split_once(' ').expect("method and path");
            path.starts_with(own)
        });
        let own = own && !SAID_TO_ALL.contains(&operation.name.as_str());
        assert_eq!(operation.in_person, own, "{}", operation.name);
        marked += usize::from(own);
    }
    assert!(marked >= 17, "{marked}");
}

fn guarded() -> impl Iterator<Item = (Operation, &'static Rule, Permission)> {
    operations().into_iter().filter_map(|operation| {
        let permission = operation.permission?;
        let rule = rule(&operation);
        Some((operation, rule, permission))
    })
}

/// Scopes of a key, and all that it may with them.
const KEYS: &[(&[&str], &[Permission])] = &[
    (&["tasks:read"], &[Permission::TasksRead]),
    (
        &["customers:read", "tasks:write"],
        &[
            Permission::CustomersRead,
            Permission::TimelineRead,
            Permission::TasksWrite,
        ],
    ),
    (
        &["calls:read", "calls:write"],
        &[Permission::CallsRead, Permission::CallsWork],
    ),
    (&["messages:send"], &[Permission::MessagesSend]),
];
/// What only people can do (claiming a call, passing it to oneself), a key is refused though its scope names it.
const AS_NOBODY: &[u16] = &[400, 403, 422];
/// What a business may let its agents see.
const LIMITS: [(&str, bool); 4] = [
    ("all", false),
    ("own_and_unassigned", false),
    ("all", true),
    ("own_and_unassigned", true),
];

/// Records that belong to somebody.
const SEEN_BY_OWNER: [Record; 7] = [
    Record::Customer,
    Record::Task,
    Record::Call,
    Record::Deal,
    Record::Thread,
    Record::Message,
    Record::File,
];

async fn limit(owner: &Client, business: i64, visibility: &str, money: bool) {
    let change = json!({ "agent_visibility": visibility, "agents_see_money": money });
    owner
        .patch(&format!("/api/businesses/{business}/settings"), change)
        .await
        .ok();
}

/// Asks for the operation with the ids of these records.
async fn ask(client: &Client, rule: &Rule, records: &Records, query: &str) -> Answer {
    ask_naming(client, rule, records, records, query).await
}

/// Asks for the operation on one's records, naming some in the body.
async fn ask_naming(client: &Client, rule: &Rule, on: &Records, naming: &Records, query: &str) -> Answer {
    let (method, path) = rule.operation.split_once(' ').expect("method and path");
    let path = format!("{}{query}", on.fill(path, rule.record));
    let request = client.request(Method::from_bytes(method.as_bytes()).expect("a method"), &path);
    let request = match (rule.body, rule.upload) {
        (Some(body), _) => request.json(&body(naming, records::number())),
        (None, Some(file)) => request.multipart(records::upload("x.csv", file(records::number()))),
        (None, None) => request,
    };
    client.send(request).await
}

#[track_caller]
fn expect(rule: &Rule, who: &str, answer: &Answer, allowed: &[u16]) {
    let status = answer.status.as_u16();
    assert!(
        allowed.contains(&status),
        "{who}: {} → {status}, not {allowed:?}: {}",
        rule.operation,
        answer.text()
    );
}

testkit::on_both_databases! {
    async fn a_stranger_is_answered_401(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let liar = app.client.with_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.");
        for (_, rule, _) in guarded() {
            ask(&app.client, rule, &a, "").await.problem(401, "unauthorized");
            ask(&liar, rule, &a, "").await.problem(401, "unauthorized");
        }
        app.leaves_jobs();
    }

    async fn each_role_may_what_the_table_says(app: &TestApp) {
        for (visibility, money) in LIMITS {
            // Anew each time: the sweep ends its sessions.
            limit(&app.sign_in(&app.a.owner).await, app.a.id, visibility, money).await;
            let a = Records::make(app, &app.a).await;
            for person in [&app.a.agent, &app.a.manager, &app.a.owner, &app.admin] {
                let client = app.sign_in(person).await;
                for (_, rule, permission) in guarded() {
                    let answer = ask(&client, rule, &a, "").await;
                    let may = person.role.permissions().contains(permission);
                    let who = format!("{} under {visibility}, {money}", person.role.as_str());
                    expect(rule, &who, &answer, if may { rule.answers } else { &[403] });
                }
            }
        }
        app.leaves_jobs();
    }

    async fn an_agent_sees_other_peoples_records_only_where_all_are_seen(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let manager = app.sign_in(&app.a.manager).await;
        for (visibility, money) in LIMITS {
            let a = Records::make(app, &app.a).await;
            a.give_to(&owner, &app.a.owner).await;
            limit(&owner, app.a.id, visibility, money).await;
            let hidden = visibility != "all";
            for (_, rule, permission) in guarded() {
                let Some(theirs) = rule.record.filter(|record| SEEN_BY_OWNER.contains(record)) else {
                    let answer = ask(&agent, rule, &a, "").await;
                    let own = Role::Agent.permissions().contains(permission);
                    let refused = hidden && own && rule.names_records;
                    assert!(!hidden || !answer.text().contains(&a.marked()), "{}: {}", rule.operation, answer.text());
                    if refused {
                        expect(rule, "an agent naming another's record", &answer, &[404, 422]);
                    }
                    continue;
                };
                let may = Role::Agent.permissions().contains(permission);
                if hidden {
                    // What the role may do to nobody's record is refused before it is looked whose it is.
                    let allowed: &[u16] = if may { &[404] } else { &[403, 404] };
                    expect(rule, &format!("an agent, another's {theirs:?}"), &ask(&agent, rule, &a, "").await, allowed);
                } else if rule.operation.starts_with("GET") {
                    let allowed = if may { rule.answers } else { &[403] };
                    expect(rule, "an agent who sees all", &ask(&agent, rule, &a, "").await, allowed);
                }
                if rule.operation.starts_with("GET") {
                    expect(rule, "a manager", &ask(&manager, rule, &a, "").await, rule.answers);
                }
            }
        }
        app.leaves_jobs();
    }

    async fn who_acts_as_a_person_leaves_alone_what_is_theirs(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let admin = app.sign_in(&app.admin).await;
        for user in [Some(app.a.owner.id), Some(app.a.agent.id), None] {
            let wanted = json!({ "business_id": app.a.id, "user_id": user, "reason": "help" });
            let me = admin.post("/api/admin/impersonate", wanted).await.ok();
            for (_, rule, permission) in guarded().filter(|(operation, ..)| operation.in_person) {
                ask(&admin, rule, &a, "").await.problem(403, "impersonating");
                let held = me["permissions"].as_array().expect("permissions");
                assert!(!held.contains(&json!(permission.as_str())), "{}", permission.as_str());
            }
            admin.delete("/api/admin/impersonate").await.status(204);
        }
        app.leaves_jobs();
    }

    async fn who_acts_no_more_changes_nothing_before_they_know(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let admin = app.sign_in(&app.admin).await;
        let wanted = json!({ "business_id": app.b.id, "reason": "help" });
        admin.post("/api/admin/impersonate", wanted).await.ok();
        app.sql("UPDATE sessions SET acting_until = $1 WHERE acting_until IS NOT NULL", vec![app.state.clock.now().into()]).await;
        let before = a.as_seen_by(&app.sign_in(&app.a.owner).await).await;
        let write = |operation: &Operation| !operation.name.starts_with("GET ") && operation.permission != Some(Permission::Impersonate);
        for (_, rule, _) in guarded().filter(|(operation, ..)| write(operation)) {
            ask(&admin, rule, &a, "").await.problem(409, "impersonation_ended");
        }
        assert_eq!(a.as_seen_by(&app.sign_in(&app.a.owner).await).await, before);
        app.leaves_jobs();
    }

    async fn a_key_with_a_narrower_scope_may_what_its_scopes_say(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let b = Records::make(app, &app.b).await;
        for (scopes, gives) in KEYS {
            let key = json!({ "name": "Narrow", "scopes": scopes });
            let key = app.sign_in(&app.a.owner).await.post("/api/api_keys", key).await.ok();
            let client = app.client.with_token(key["secret"].as_str().expect("a secret"));
            for (operation, rule, permission) in guarded() {
                let may = gives.contains(&permission);
                let answer = ask(&client, rule, &a, "").await;
                let who = format!("a key for {scopes:?}");
                let allowed = if may { [rule.answers, AS_NOBODY].concat() } else { vec![403] };
                expect(rule, &who, &answer, &allowed);
                if rule.record.is_some() {
                    expect(rule, &who, &ask(&client, rule, &b, "").await, &[404]);
                }
                if operation.names_business && may {
                    let query = format!("?business_id={}", b.business);
                    expect(rule, &who, &ask(&client, rule, &a, &query).await, &[404]);
                }
            }
        }
        app.leaves_jobs();
    }

    async fn another_business_sees_and_changes_nothing(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let b = Records::make(app, &app.b).await;
        let before = a.as_seen_by(&app.sign_in(&app.a.owner).await).await;
        for person in [&app.b.owner, &app.b.agent] {
            let client = app.sign_in(person).await;
            for (operation, rule, _) in guarded() {
                foreign(&client, &operation, rule, &a, &b).await;
            }
        }
        let after = a.as_seen_by(&app.sign_in(&app.a.owner).await).await;
        assert_eq!(before, after, "another business changed something");
        app.leaves_jobs();
    }

    async fn a_module_that_is_off_is_closed_to_all_but_the_admin(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let owner = app.sign_in(&app.a.owner).await;
        let stranger = app.sign_in(&app.b.owner).await;
        records::switch_modules(app, &app.a, false).await;
        for (operation, rule, _) in guarded().filter(|(operation, _, _)| operation.module.is_some()) {
            let answer = ask(&owner, rule, &a, "").await;
            expect(rule, "owner, module off", &answer, &[403]);
            assert_eq!(answer.status(403)["error"], "module_disabled", "{}", operation.name);
            if rule.record.is_some() {
                expect(rule, "another's owner, module off", &ask(&stranger, rule, &a, "").await, &[404]);
            }
        }
        app.leaves_jobs();
    }

    async fn a_closed_business_and_a_dismissed_person_are_out_at_once(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        records::dismiss(app, &app.a.agent).await;
        for (_, rule, _) in guarded() {
            expect(rule, "a dismissed agent", &ask(&agent, rule, &a, "").await, &[401]);
        }
        records::close(app, &app.a).await;
        for (_, rule, _) in guarded() {
            expect(rule, "owner of a closed business", &ask(&owner, rule, &a, "").await, &[401]);
        }
        sign_in_is_refused(app, &app.a.owner).await;
        app.leaves_jobs();
    }

    async fn a_webhook_without_its_signature_is_refused(app: &TestApp) {
        let fields = [("CallSid", "CA1"), ("To", app.a.number.as_str()), ("From", "+972501234567")];
        for (name, _) in PUBLIC.iter().filter(|(_, how)| *how == SIGNED) {
            let (method, path) = name.split_once(' ').expect("method and path");
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            for signature in [None, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA="), Some("")] {
                let mut request = app.client.request(method.clone(), path);
                request = if method == Method::GET { request.query(&fields) } else { request.form(&fields) };
                if let Some(signature) = signature {
                    request = request.header("X-Twilio-Signature", signature);
                }
                assert_eq!(app.client.send(request).await.status, 403, "{name} {signature:?}");
            }
        }
        let owner = app.sign_in(&app.a.owner).await;
        assert_eq!(owner.get("/api/crm/calls").await.ok()["total"], 0);
    }

    async fn an_id_that_is_no_number_is_not_found(app: &TestApp) {
        let a = Records::make(app, &app.a).await;
        let (owner, admin) = (app.sign_in(&app.a.owner).await, app.sign_in(&app.admin).await);
        for (_, rule, permission) in guarded().filter(|(_, rule, _)| rule.record.is_some()) {
            let owner = if Role::Owner.permissions().contains(permission) { &owner } else { &admin };
            for id in ["0", "-1", "x", "1e3", "99999999999999999999"] {
                let on = Records::with_id(id);
                expect(rule, id, &ask_naming(owner, rule, &on, &a, "").await, &[404]);
            }
        }
        app.leaves_jobs();
    }
}

/// A foreign business's person asks for A's records, for A's lists, and names A's records in own requests.
async fn foreign(client: &Client, operation: &Operation, rule: &Rule, a: &Records, b: &Records) {
    let answer = ask(client, rule, a, "").await;
    if rule.record.is_some() {
        expect(rule, "another business", &answer, &[404]);
    }
    if rule.record == Some(Record::Call) {
        let by_sid = Records {
            call: a.call_sid.clone(),
            ..b.clone()
        };
        expect(
            rule,
            "another business, by CallSid",
            &ask(client, rule, &by_sid, "").await,
            &[404],
        );
    }
    if rule.names_records {
        let named = ask_naming(client, rule, b, a, "").await;
        expect(rule, "naming another business's record", &named, &[403, 404, 422]);
    }
    assert!(
        !answer.text().contains(MARK),
        "{} shows another business's data: {}",
        operation.name,
        answer.text()
    );
    if operation.names_business {
        let query = format!("?business_id={}", a.business);
        expect(
            rule,
            "another business's list",
            &ask(client, rule, b, &query).await,
            &[404],
        );
    }
}

async fn sign_in_is_refused(app: &TestApp, person: &Person) {
    let credentials: Value = json!({ "email": person.email, "password": testkit::PASSWORD });
    app.client.post("/api/auth/token", credentials).await.status(401);
}
