//! The fields of a Twilio webhook, however they came: as a form, in the query, or as JSON.
//!
//! Reading happens here; whether they may be believed is decided in [`super::signature`], which alone hands them on.

use url::form_urlencoded;

/// More fields than Twilio ever sends (its largest callbacks have about 40).
const MAX_FIELDS: usize = 256;

/// Names and values in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

/// The body is not what its content type says, or has too many fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Form {
    /// `a=1&b=2`, with `+` for a space and `%XX`.
    pub fn from_urlencoded(text: &[u8]) -> Result<Self, Unreadable> {
        let mut fields = Vec::with_capacity(24);
        for (name, value) in form_urlencoded::parse(text) {
            if fields.len() == MAX_FIELDS {
                return Err(Unreadable);
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }

    /// The scalar members of a JSON object.
    pub fn from_json(text: &[u8]) -> Result<Self, Unreadable> {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(text).map_err(|_| Unreadable)?;
        if object.len() > MAX_FIELDS {
            return Err(Unreadable);
        }
        let fields = object.into_iter().filter_map(|(name, value)| match value {
            serde_json::Value::String(text) => Some((name, text)),
            serde_json::Value::Number(number) => Some((name, number.to_string())),
            serde_json::Value::Bool(yes) => Some((name, yes.to_string())),
            _ => None,
        });
        Ok(Self(fields.collect()))
    }

    /// The field's first value, unless it is blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    /// Without U+0000, which means nothing here and which no database keeps. What was signed has it, so this comes after
    /// the signature was checked.
    #[must_use]
    pub fn clean(mut self) -> Self {
        for (name, value) in &mut self.0 {
            name.retain(|c| c != '\0');
            value.retain(|c| c != '\0');
        }
        self
    }

    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plus_is_a_space_and_percent_is_a_byte() {
        let form = Form::from_urlencoded(b"From=%2B972501234567&CallerName=%D7%93%D7%A0%D7%94+L&Empty=");
        let form = form.expect("readable");
        assert_eq!(form.get("From"), Some("+972501234567"));
        assert_eq!(form.get("CallerName"), Some("דנה L"));
        assert_eq!(form.get("Empty"), None);
        assert_eq!(form.get("Missing"), None);
    }

    #[test]
    fn json_brings_its_scalars() {
        let form = Form::from_json(br#"{"CallSid":"CA1","CallDuration":12,"x":{}}"#).expect("readable");
        assert_eq!(form.get("CallSid"), Some("CA1"));
        assert_eq!(form.number("CallDuration"), Some(12));
        assert_eq!(Form::from_json(b"[1]"), Err(Unreadable));
    }

    #[test]
    fn what_no_database_keeps_is_left_out() {
        let form = Form::from_urlencoded(b"CallSid=CA%001&From%00=%00")
            .expect("readable")
            .clean();
        assert_eq!((form.get("CallSid"), form.get("From")), (Some("CA1"), None));
    }

    #[test]
    fn too_many_fields_are_refused() {
        let body = "a=1&".repeat(MAX_FIELDS + 1);
        assert_eq!(Form::from_urlencoded(body.as_bytes()), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::from_urlencoded(&body);
            let _ = Form::from_json(&body);
        }
    }
}
