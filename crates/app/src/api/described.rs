//! What operations have in common in the OpenAPI document: who may ask, limits, bodies, queries, repeated writes, and
//! the shape of every refusal. A handler names its own answers; these are added where they are not named.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Status, name among the document's responses, and when it is answered.
const REFUSALS: &[(u16, &str, &str)] = &[
    (
        400,
        "Malformed",
        "The query, the body or a header can not be read, or something required is missing.",
    ),
    (401, "Unauthorized", "Nobody is signed in."),
    (
        403,
        "Forbidden",
        "Not with this role, key or module, or not from this page.",
    ),
    (404, "NotFound", "There is no such record, or not for this caller."),
    (
        409,
        "Conflict",
        "It contradicts what is there, or an earlier request with this `Idempotency-Key`.",
    ),
    (410, "Gone", "It was there once."),
    (412, "Stale", "`If-Match` names another version than the present one."),
    (413, "TooLarge", "The body is too large."),
    (415, "UnsupportedMediaType", "The body is of another kind."),
    (
        416,
        "RangeNotSatisfiable",
        "The file has no such part; `Content-Range` says how long it is.",
    ),
    (
        422,
        "Invalid",
        "It can be read and does not hold; `errors` names the fields.",
    ),
    (429, "TooMany", "Too many requests, see `Retry-After`."),
    (501, "NotConfigured", "Settings are missing; `missing` names them."),
    (502, "Upstream", "A company outside did not do its part."),
    (503, "Unavailable", "The database does not answer."),
];
/// Statuses whose answer says in a header how to go on.
const TOLD_BY_HEADER: &[(u16, &str, &str)] = &[
    (401, "WWW-Authenticate", "string"),
    (429, "Retry-After", "integer"),
    (503, "Retry-After", "integer"),
];
const KEY: &str = "IdempotencyKey";
const TAG: &str = "IfMatch";
const RANGE: &str = "Range";
const METHODS: [&str; 6] = ["get", "post", "put", "patch", "delete", "head"];

/// Completes every operation of the document.
pub(super) fn complete(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").map(Value::take);
    let schemas = schemas.unwrap_or_default();
    for (path, item) in members(&mut document["paths"]) {
        for (method, operation) in members(item).filter(|(method, _)| METHODS.contains(&method.as_str())) {
            Kind::of(path, method, operation, &schemas).complete(operation);
        }
    }
    let responses = REFUSALS.iter().map(|(status, name, when)| {
        let mut answer = json!({ "description": when });
        as_problem(*status, &mut answer);
        ((*name).to_owned(), answer)
    });
    let components = &mut document["components"];
    components["responses"] = responses.collect::<Map<_, _>>().into();
    components["parameters"] = parameters();
    components["schemas"] = schemas;
    components["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": "An access token or an API key." },
        "cookie": { "type": "apiKey", "in": "cookie", "name": "access_token" },
    });
}

fn parameters() -> Value {
    json!({
        KEY: {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same request with the same key within a day is done once.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        },
        TAG: {
            "name": "If-Match", "in": "header", "required": false,
            "description": "The `ETag` of the record as it was read, or `*`; 412 when the record has changed since.",
            "schema": { "type": "string" },
        },
        RANGE: {
            "name": "Range", "in": "header", "required": false,
            "description": "A part of the content, `bytes=0-99`.",
            "schema": { "type": "string" },
        },
    })
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

/// What an operation is, as far as its refusals follow from that.
struct Kind {
    /// It asks for a signed-in caller.
    guarded: bool,
    writes: bool,
    versioned: bool,
    in_parts: bool,
    statuses: BTreeSet<u16>,
}

impl Kind {
    fn of(path: &str, method: &str, operation: &Value, schemas: &Value) -> Self {
        let guarded = operation.get("x-permission").is_some();
        let writes = !matches!(method, "get" | "head");
        let has = |place: &str, name: Option<&str>| {
            let mut all = operation["parameters"].as_array().into_iter().flatten();
            all.any(|own| own["in"] == place && name.is_none_or(|name| own["name"] == name))
        };
        let content = operation.pointer("/requestBody/content").unwrap_or(&Value::Null);
        let names_business = has("query", Some("business_id")) || named(content, schemas, "business_id");
        let rules: [(bool, &[u16]); 6] = [
            (guarded, &[401, 403, 503]),
            (path.starts_with("/api/") || path.starts_with("/auth/"), &[429]),
            (has("path", None) || names_business, &[404]),
            (has("query", None), &[400, 422]),
            (content.is_object(), &[400, 413, 415, 422]),
            (guarded && writes, &[400, 409, 413, 422]),
        ];
        let holding = rules.into_iter().filter(|(holds, _)| *holds);
        Self {
            guarded,
            writes,
            versioned: operation["responses"].get("412").is_some(),
            in_parts: operation["responses"].get("206").is_some(),
            statuses: holding.flat_map(|(_, statuses)| statuses.iter().copied()).collect(),
        }
    }

    fn complete(&self, operation: &mut Value) {
        let responses = &mut operation["responses"];
        for status in &self.statuses {
            if let Some((_, name, _)) = REFUSALS.iter().find(|(known, ..)| known == status) {
                let own = &mut responses[status.to_string()];
                if own.is_null() || bare(own) {
                    *own = json!({ "$ref": format!("#/components/responses/{name}") });
                }
            }
        }
        for (status, answer) in members(responses) {
            let status = status.parse().unwrap_or(0);
            if status >= 400 && answer.get("$ref").is_none() {
                as_problem(status, answer);
            }
        }
        let taken = [
            (self.guarded && self.writes, KEY),
            (self.versioned, TAG),
            (self.in_parts, RANGE),
        ];
        for (_, name) in taken.into_iter().filter(|(taken, _)| *taken) {
            let parameter = json!({ "$ref": format!("#/components/parameters/{name}") });
            match &mut operation["parameters"] {
                Value::Array(own) => own.push(parameter),
                none => *none = json!([parameter]),
            }
        }
        if self.guarded {
            operation["security"] = json!([{ "bearer": [] }, { "cookie": [] }]);
        }
    }
}

/// Whether the handler says no more than the status.
fn bare(answer: &Value) -> bool {
    answer["description"].as_str().is_none_or(str::is_empty) && answer.get("content").is_none()
}

/// Whether a body of one of these kinds has the member.
fn named(content: &Value, schemas: &Value, member: &str) -> bool {
    content.as_object().into_iter().flatten().any(|(_, body)| {
        let schema = &body["schema"];
        let name = schema["$ref"]
            .as_str()
            .and_then(|name| name.strip_prefix("#/components/schemas/"));
        let schema = name.map_or(schema, |name| &schemas[name]);
        schema["properties"].get(member).is_some()
    })
}

/// What a refusal has besides its description, unless the handler says otherwise.
fn as_problem(status: u16, answer: &mut Value) {
    if answer.get("content").is_none() {
        let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        answer["content"] = json!({ "application/problem+json": problem });
    }
    if let Some((_, header, kind)) = TOLD_BY_HEADER.iter().find(|(told, ..)| *told == status) {
        let headers = &mut answer["headers"];
        headers[*header] = json!({ "schema": { "type": kind } });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(operation: &Value) -> Value {
        let mut document = json!({
            "paths": { "/api/things/{id}": { "post": operation } },
            "components": { "schemas": { "Named": { "properties": { "business_id": {} } } } },
        });
        complete(&mut document);
        document["paths"]["/api/things/{id}"]["post"].take()
    }

    fn statuses(operation: &Value) -> Vec<&str> {
        operation["responses"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(status, _)| status.as_str())
            .collect()
    }

    #[test]
    fn a_guarded_write_says_how_it_may_be_refused() {
        let done = completed(&json!({
            "x-permission": "things:write",
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Named" } } } },
            "responses": { "201": {}, "409": { "description": "taken" }, "412": { "description": "" } },
        }));
        assert_eq!(
            statuses(&done),
            [
                "201", "400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "503"
            ]
        );
        let own = &done["responses"]["409"];
        assert_eq!(own["description"], "taken");
        assert!(own["content"]["application/problem+json"].is_object());
        assert_eq!(done["parameters"].as_array().map(Vec::len), Some(2));
        assert!(done["security"].is_array());
    }

    #[test]
    fn what_is_open_and_takes_nothing_is_only_limited() {
        let done = completed(&json!({ "x-auth": "none", "responses": { "200": {} } }));
        assert_eq!(statuses(&done), ["200", "429"]);
        assert!(done.get("security").is_none() && done.get("parameters").is_none());
    }
}
