//! `agentlocator openapi`: the document that the routes make.

use std::process::ExitCode;

use serde_json::Value;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    super::print(&document()?)?;
    Ok(ExitCode::SUCCESS)
}

/// As `web/openapi.json` has it: indented, the same each time, with a line break at the end. Fails when two types would
/// have one name.
pub fn document() -> anyhow::Result<String> {
    let ambiguous = app::api::ambiguous_schemas();
    anyhow::ensure!(
        ambiguous.is_empty(),
        "types of different shapes have one name, say #[schema(as = ...)]: {ambiguous:?}"
    );
    let mut document = app::api::document();
    order_extensions(&mut document);
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

/// Extensions (`x-…`) come from a hash map in any order; they go last and by name.
fn order_extensions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let (mut extensions, others): (Vec<_>, Vec<_>) = std::mem::take(members)
                .into_iter()
                .partition(|(name, _)| name.starts_with("x-"));
            extensions.sort_by(|(a, _), (b, _)| a.cmp(b));
            members.extend(others.into_iter().chain(extensions));
            members.values_mut().for_each(order_extensions);
        }
        Value::Array(items) => items.iter_mut().for_each(order_extensions),
        _ => {}
    }
}
