//! vCard 2.1, 3.0 and 4.0, as phones and Google Contacts write them.

use std::{iter::Peekable, ops::ControlFlow, str::Lines};

use encoding_rs::Encoding;

use super::{BETWEEN_VALUES, Row, Visit};

/// What is read of a card, under the names of our own fields.
pub const COLUMNS: [&str; 7] = ["name", "phone", "email", "company", "address", "notes", "tags"];

/// Values of one property beyond these are not looked at.
const MOST_VALUES: usize = 20;

pub fn is_card(text: &str) -> bool {
    text.trim_start()
        .get(.."BEGIN:VCARD".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"))
}

/// Every card as a row. One that is not ended is taken up to where it breaks off.
pub fn each(text: &str, visit: &mut Visit<'_>) {
    let mut number = 0;
    let mut card: Option<Card> = None;
    for line in (Unfolded {
        rest: text.lines().peekable(),
    }) {
        let Some(property) = Property::read(&line) else {
            continue;
        };
        let begins = property.is("BEGIN");
        if begins || property.is("END") {
            if let Some(done) = card.take() {
                number += 1;
                if visit(done.row(number)) == ControlFlow::Break(()) {
                    return;
                }
            }
            card = begins.then(Card::default);
        } else if let Some(card) = &mut card {
            card.take(&property);
        }
    }
    if let Some(card) = card {
        let _ = visit(card.row(number + 1));
    }
}

/// The lines of a text with those that were folded in one piece again.
struct Unfolded<'t> {
    rest: Peekable<Lines<'t>>,
}

impl Iterator for Unfolded<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = Line::default();
        line.add(self.rest.next()?);
        while let Some(next) = self.rest.next_if(|next| line.goes_on_with(next)) {
            line.go_on_with(next);
        }
        Some(line.text)
    }
}

/// A line that is being put together.
#[derive(Default)]
struct Line {
    text: String,
    /// Whether its value is in quoted-printable, as stands before the first colon; none until that has come.
    quoted: Option<bool>,
}

impl Line {
    fn add(&mut self, more: &str) {
        let head = self.text.len();
        self.text.push_str(more);
        if let (None, Some(colon)) = (self.quoted, more.find(':')) {
            let head = self.text.get(..head + colon).unwrap_or_default();
            self.quoted = Some(head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
        }
    }

    /// In quoted-printable a line that ends in `=` goes on.
    fn is_cut(&self) -> bool {
        self.quoted == Some(true) && self.text.ends_with('=')
    }

    fn goes_on_with(&self, next: &str) -> bool {
        next.starts_with([' ', '\t']) || self.is_cut()
    }

    fn go_on_with(&mut self, next: &str) {
        if self.is_cut() {
            self.text.pop();
            self.add(next.trim_start());
        } else {
            self.add(next.get(1..).unwrap_or_default());
        }
    }
}

/// One line: `group.NAME;PARAMETER=…:value`.
struct Property<'l> {
    name: String,
    parameters: Vec<String>,
    value: &'l str,
}

impl<'l> Property<'l> {
    fn read(line: &'l str) -> Option<Self> {
        let colon = outside_quotes(line, ':')?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let mut parts = head.split(';').map(|part| part.trim().to_ascii_uppercase());
        let name = parts.next()?;
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        Some(Self {
            name,
            parameters: parts.collect(),
            value,
        })
    }

    fn is(&self, name: &str) -> bool {
        self.name == name
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let of = |parameter: &'_ String| parameter.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
        let found = self.parameters.iter().find(|parameter| of(parameter))?;
        found.get(name.len() + 1..)
    }

    /// The value as text, escapes still in it.
    fn decoded(&self) -> String {
        let quoted = self
            .parameters
            .iter()
            .any(|parameter| parameter.contains("QUOTED-PRINTABLE"));
        if !quoted {
            return self.value.to_owned();
        }
        let bytes = unquoted(self.value);
        let charset = self.parameter("CHARSET").unwrap_or("UTF-8");
        let encoding = Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
        encoding.decode_without_bom_handling(&bytes).0.into_owned()
    }

    /// The parts between semicolons, unescaped.
    fn parts(&self) -> Vec<String> {
        split(&self.decoded(), ';').iter().map(|part| unescaped(part)).collect()
    }

    fn text(&self) -> String {
        unescaped(&self.decoded())
    }
}

/// Where a character stands outside of double quotes.
fn outside_quotes(line: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    line.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == wanted && !quoted).then_some(at)
    })
}

fn unquoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'=').then(|| after.get(..2)).flatten();
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = match byte {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    bytes
}

/// Splits where the character is not escaped by a backslash.
fn split(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == at && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = c == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => {}
            },
            c => plain.push(c),
        }
    }
    plain.trim().to_owned()
}

#[derive(Default)]
struct Card {
    formatted: String,
    structured: String,
    nickname: String,
    phones: Vec<String>,
    emails: Vec<String>,
    company: String,
    address: String,
    notes: String,
    tags: Vec<String>,
}

impl Card {
    fn take(&mut self, property: &Property<'_>) {
        match property.name.as_str() {
            "FN" => first(&mut self.formatted, property.text()),
            "N" => first(&mut self.structured, person(&property.parts())),
            "NICKNAME" => first(&mut self.nickname, property.text()),
            "TEL" => more(&mut self.phones, number(&property.text())),
            "EMAIL" => more(
                &mut self.emails,
                property.text().trim_start_matches("mailto:").to_owned(),
            ),
            "ORG" => first(&mut self.company, joined(property.parts(), " – ")),
            "ADR" => first(&mut self.address, joined(property.parts(), ", ")),
            "NOTE" => first(&mut self.notes, property.text()),
            "CATEGORIES" => {
                for category in split(&property.decoded(), ',') {
                    more(&mut self.tags, unescaped(&category));
                }
            }
            _ => {}
        }
    }

    fn row(self, number: u64) -> Row {
        let names = [self.formatted, self.structured, self.nickname];
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let between = format!(" {BETWEEN_VALUES} ");
        let cells = vec![
            name,
            self.phones.join(&between),
            self.emails.join(&between),
            self.company,
            self.address,
            self.notes,
            self.tags.join(&between),
        ];
        Row { number, cells }
    }
}

fn first(place: &mut String, value: String) {
    if place.is_empty() {
        *place = value;
    }
}

fn more(list: &mut Vec<String>, value: String) {
    if !value.is_empty() && list.len() < MOST_VALUES && !list.contains(&value) {
        list.push(value);
    }
}

fn joined(parts: Vec<String>, between: &str) -> String {
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(between)
}

/// `Family;Given;Additional;Prefix;Suffix` as a person is called.
fn person(parts: &[String]) -> String {
    let order = [3, 1, 2, 0, 4];
    let said = order.iter().filter_map(|at| parts.get(*at).cloned()).collect();
    joined(said, " ")
}

/// Without the scheme and what follows the number in a `tel:` address.
fn number(text: &str) -> String {
    let bare = text.trim().trim_start_matches("tel:");
    bare.split(';').next().unwrap_or_default().trim().to_owned()
}
