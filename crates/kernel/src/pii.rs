//! Personal data that must not reach a log by accident.

use std::fmt;

/// A value about a person. Prints as `[redacted]`; take it out with [`Pii::expose`] where it is really needed.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    pub const fn expose(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A phone as a log may show it: `+972*****567`.
pub fn mask_phone(phone: &str) -> String {
    let chars: Vec<char> = phone.chars().collect();
    let (head, tail) = (4.min(chars.len() / 3), 3.min(chars.len() / 3));
    chars
        .iter()
        .enumerate()
        .map(|(at, c)| if at < head || at >= chars.len() - tail { *c } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_phone_keeps_prefix_and_last_digits() {
        assert_eq!(mask_phone("+972501234567"), "+972******567");
        assert_eq!(mask_phone(""), "");
        assert_eq!(mask_phone("ab"), "**");
    }
}
