//! Keys by which programs act in a business, within scopes.

pub mod actions;
pub mod http;
pub mod identify;
pub mod scopes;
pub mod store;

/// How every key begins, so that one that leaked is found by who looks for such things.
const BEGINNING: &str = "alk_";
/// So much of a key's random part is kept in the clear, to find its row by and to show.
const PREFIX_CHARS: usize = 12;

/// Whether a bearer token is a key of ours, good or not.
pub fn is_key(token: &str) -> bool {
    token.starts_with(BEGINNING)
}

/// What a key's row is found by.
fn prefix(token: &str) -> Option<&str> {
    token.strip_prefix(BEGINNING)?.get(..PREFIX_CHARS)
}
