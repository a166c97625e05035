//! A letter as it came, and what a reader would see of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and bodies as they were sent.
    pub raw: String,
}

impl Letter {
    /// A header, unfolded and decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.raw.split_once("\r\n\r\n")?;
        header(head, name)
    }

    /// The decoded body of a part, `text/plain` or `text/html`.
    pub fn part(&self, kind: &str) -> Option<String> {
        let content = self.header("Content-Type")?;
        let (_, boundary) = content.split_once("boundary=")?;
        let boundary = boundary.split(';').next()?.trim_matches('"');
        self.raw.split(&format!("--{boundary}")).find_map(|part| {
            let (head, body) = part.split_once("\r\n\r\n")?;
            let is_kind = header(head, "Content-Type")?.starts_with(kind);
            let encoding = header(head, "Content-Transfer-Encoding").unwrap_or_default();
            is_kind.then(|| decoded(&encoding, body.trim_end_matches("\r\n")))?
        })
    }

    /// The first web address in the text.
    pub fn link(&self) -> Option<String> {
        let text = self.part("text/plain")?;
        let at = text.find("http")?;
        text.get(at..)?.split_whitespace().next().map(str::to_owned)
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| words(value.trim()))
    })
}

/// Encoded words of a header (RFC 2047): `=?utf-8?b?…?=`; the space between two of them is nothing.
fn words(value: &str) -> String {
    let joined = value.replace("?= =?", "?==?");
    let mut out = String::new();
    let mut rest = joined.as_str();
    while let Some((before, after)) = rest.split_once("=?") {
        out.push_str(before);
        let mut parts = after.splitn(4, '?');
        let (_, kind, text, tail) = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(kind), Some(text), Some(tail)) = (kind, text, tail) else {
            break;
        };
        let word = match kind {
            "b" | "B" => decoded("base64", text),
            _ => decoded("quoted-printable", &text.replace('_', " ")),
        };
        out.push_str(&word.unwrap_or_default());
        rest = tail.strip_prefix('=').unwrap_or(tail);
    }
    out + rest
}

fn decoded(encoding: &str, body: &str) -> Option<String> {
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "base64" => STANDARD.decode(body.replace(['\r', '\n'], "")).ok()?,
        "quoted-printable" => quoted(&body.replace("=\r\n", "")),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8(bytes).ok()
}

fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits: String = rest.by_ref().take(2).map(char::from).collect();
            out.extend(u8::from_str_radix(&digits, 16).ok());
        } else {
            out.push(byte);
        }
    }
    out
}
