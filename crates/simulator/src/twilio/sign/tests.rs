use super::*;

type Pairs = &'static [(&'static str, &'static str)];

/// `RequestValidator("12345").compute_signature(url, fields)` of Twilio's Python library 9.13.
const VECTORS: &[(&str, Pairs, &str)] = &[
    (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        &[
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ],
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    ),
    (
        "https://example.com:8443/webhook/incoming_call",
        &[
            ("To", "+97231234567"),
            ("From", "anonymous"),
            ("CallSid", "CA1"),
            ("CallerName", "דנה כהן & בניה"),
        ],
        "z/pPZvoou4zjmkUSmb/hww0PW9k=",
    ),
    (
        "http://127.0.0.1:5000/webhook/call_status",
        &[("B", "2"), ("B", "1"), ("B", "2"), ("A", ""), ("a", "x")],
        "tbuZcodRZacUTsUwA7mcPTVMW6k=",
    ),
    ("wss://example.com/ws/twilio-media", &[], "WBxAF43rvp6g9F8Szu06yA8pv+8="),
];

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn signatures_are_those_of_twilios_library() {
    for (url, pairs, expected) in VECTORS {
        assert_eq!(signature("12345", url, &fields(pairs)), *expected, "{url}");
    }
}

#[test]
fn one_changed_byte_changes_the_signature() {
    let (url, pairs, expected) = VECTORS[0];
    assert_ne!(signature("12346", url, &fields(pairs)), expected);
    assert_ne!(
        signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=3", &fields(pairs)),
        expected
    );
    assert_ne!(signature("12345", url, &fields(&pairs[1..])), expected);
}
